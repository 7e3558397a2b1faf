"""processthreadsapi.h: what the process was started with."""

from litebox_core.abi import DWORD, HANDLE, PVOID, WORD, Out, Struct
from litebox_core.guest import Guest
from litebox_core.process import DllState, Process

from .base import dll


class STARTUPINFO(Struct):
    cb: DWORD
    lpReserved: PVOID
    lpDesktop: PVOID
    lpTitle: PVOID
    dwX: DWORD
    dwY: DWORD
    dwXSize: DWORD
    dwYSize: DWORD
    dwXCountChars: DWORD
    dwYCountChars: DWORD
    dwFillAttribute: DWORD
    dwFlags: DWORD
    wShowWindow: WORD
    cbReserved2: WORD
    lpReserved2: PVOID
    hStdInput: HANDLE = 0
    hStdOutput: HANDLE = 0
    hStdError: HANDLE = 0


# Offsets in RTL_USER_PROCESS_PARAMETERS (x64)
_STD_INPUT, _STARTING_X, _FLAGS, _SHOW, _TITLE, _DESKTOP, _SHELL, _RUNTIME = (
    0x20, 0x88, 0xA4, 0xA8, 0xB0, 0xC0, 0xD0, 0xE0,
)  # fmt: skip
STARTF_USESTDHANDLES = 0x100


class StartupTexts(DllState):
    """Desktop and title in the ANSI code page."""

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        memory, parameters = process.memory, process.blocks.parameters
        self.addresses = {}
        for field in (_TITLE, _DESKTOP, _SHELL):
            text = memory.ansi_encode(memory.wstr(memory.u64(parameters + field + 8))) + b"\0"
            self.addresses[field] = process.heaps_allocate(len(text))
            memory.write(self.addresses[field], text)


def _startup_info(guest: Guest, texts: dict[int, int]) -> STARTUPINFO:
    memory, parameters = guest.memory, guest.process.blocks.parameters
    numbers = [memory.u32(parameters + _STARTING_X + 4 * i) for i in range(7)]
    info = STARTUPINFO(
        cb=STARTUPINFO.sizeof(guest.bits), lpReserved=texts[_SHELL], lpDesktop=texts[_DESKTOP], lpTitle=texts[_TITLE],
        dwX=numbers[0], dwY=numbers[1], dwXSize=numbers[2], dwYSize=numbers[3], dwXCountChars=numbers[4],
        dwYCountChars=numbers[5], dwFillAttribute=numbers[6], dwFlags=memory.u32(parameters + _FLAGS),
        wShowWindow=memory.u32(parameters + _SHOW) & 0xFFFF, cbReserved2=memory.u16(parameters + _RUNTIME),
        lpReserved2=memory.u64(parameters + _RUNTIME + 8),
    )  # fmt: skip
    if info.dwFlags & STARTF_USESTDHANDLES:
        handles = (memory.u64(parameters + _STD_INPUT + 8 * i) for i in range(3))
        info.hStdInput, info.hStdOutput, info.hStdError = handles
    return info


@dll.export
def GetStartupInfoW(guest: Guest, lpStartupInfo: Out[STARTUPINFO]) -> None:
    memory, parameters = guest.memory, guest.process.blocks.parameters
    texts = {field: memory.u64(parameters + field + 8) for field in (_TITLE, _DESKTOP, _SHELL)}
    lpStartupInfo.value = _startup_info(guest, texts)


@dll.export
def GetStartupInfoA(guest: Guest, lpStartupInfo: Out[STARTUPINFO], *, texts: StartupTexts) -> None:
    lpStartupInfo.value = _startup_info(guest, texts.addresses)
