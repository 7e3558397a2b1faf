"""processenv.h: environment, command line, standard handles, current directory."""

from litebox_core.abi import BOOL, DWORD, HANDLE, PCWSTR, PVOID, Annotated, Len, WideBuffer
from litebox_core.environment import expand
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.nls.codepages import OEM, codepage
from litebox_core.nls.utf16 import length, units
from litebox_core.process import DllState, Process
from litebox_core.services import Files, Heaps
from litebox_core.winerror import (
    ERROR_ENVVAR_NOT_FOUND,
    ERROR_FILENAME_EXCED_RANGE,
    ERROR_INSUFFICIENT_BUFFER,
    ERROR_INVALID_HANDLE,
    ERROR_INVALID_NAME,
    ERROR_INVALID_PARAMETER,
    ERROR_NOT_ENOUGH_MEMORY,
)

from .base import dll
from .environment import Environment, split
from .handles import add_handle
from .opening import FILE_BACKUP, FILE_DIRECTORY_FILE, open_path

INVALID_HANDLE_VALUE = -1
STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, STD_ERROR_HANDLE = 0xFFFFFFF6, 0xFFFFFFF5, 0xFFFFFFF4

# Offsets in RTL_USER_PROCESS_PARAMETERS (x64)
_STD_HANDLES = {STD_INPUT_HANDLE: 0x20, STD_OUTPUT_HANDLE: 0x28, STD_ERROR_HANDLE: 0x30}
_DIRECTORY, _COMMAND_LINE = 0x38, 0x70
_DIRECTORY_ROOM = 0x208

FILE_TRAVERSE, FILE_SHARE_READ_WRITE = 0x20, 3

MAX_VARIABLE = 32767
"""The longest value of a variable, in UTF-16 units with its NUL."""


# -- standard handles ------------------------------------------------------------------------------------------------


def _std_handle_slot(guest: Guest, number: int) -> int:
    offset = _STD_HANDLES.get(number)
    if offset is None:
        raise WinError(ERROR_INVALID_HANDLE)
    return guest.process.blocks.parameters + offset


@dll.export(fails=INVALID_HANDLE_VALUE)
def GetStdHandle(guest: Guest, nStdHandle: DWORD) -> HANDLE:
    return guest.memory.u64(_std_handle_slot(guest, nStdHandle))


@dll.export
def SetStdHandle(guest: Guest, nStdHandle: DWORD, hHandle: HANDLE) -> BOOL:
    guest.memory.put_u64(_std_handle_slot(guest, nStdHandle), hHandle)
    return True


@dll.export
def SetStdHandleEx(guest: Guest, nStdHandle: DWORD, hHandle: HANDLE, phPrevValue: PVOID) -> BOOL:
    slot = _std_handle_slot(guest, nStdHandle)
    if phPrevValue:
        guest.memory.put_pointer(phPrevValue, guest.memory.u64(slot))
    guest.memory.put_u64(slot, hHandle)
    return True


# -- the command line ------------------------------------------------------------------------------------------------


class CommandLine(DllState):
    """Where the command line is, and its narrow form; both as they were when the program first looked."""

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        memory = process.memory
        self.wide = memory.u64(process.blocks.parameters + _COMMAND_LINE + 8)
        data = memory.ansi_encode(memory.wstr(self.wide) if self.wide else "") + b"\0"
        self.ansi = process.heaps_allocate(len(data))
        memory.write(self.ansi, data)


@dll.export
def GetCommandLineW(guest: Guest, *, line: CommandLine) -> PVOID:
    return line.wide


@dll.export
def GetCommandLineA(guest: Guest, *, line: CommandLine) -> PVOID:
    return line.ansi


# -- environment -----------------------------------------------------------------------------------------------------


def _copied(guest: Guest, data: bytes, heaps: Heaps) -> int:
    copy = heaps.allocate(guest.process.process_heap, 0, len(data))
    if not copy:
        raise WinError(ERROR_NOT_ENOUGH_MEMORY)
    guest.memory.write(copy, data)
    return copy


@dll.export
def GetEnvironmentStringsW(guest: Guest, *, environment: Environment, heaps: Heaps) -> PVOID:
    return _copied(guest, units("".join(e + "\0" for e in environment.entries()) + "\0"), heaps)


@dll.export(aliases=["GetEnvironmentStrings"])
def GetEnvironmentStringsA(guest: Guest, *, environment: Environment, heaps: Heaps) -> PVOID:
    oem = codepage(OEM)
    assert oem is not None
    return _copied(guest, b"".join(oem.encode(e)[0] + b"\0" for e in environment.entries()) + b"\0", heaps)


@dll.export(aliases=["FreeEnvironmentStringsA"])
def FreeEnvironmentStringsW(guest: Guest, penv: PVOID, *, heaps: Heaps) -> BOOL:
    return heaps.free(guest.process.process_heap, 0, penv)


@dll.export
def SetEnvironmentStringsW(guest: Guest, NewEnvironment: PVOID, *, environment: Environment) -> BOOL:
    entries, at = [], NewEnvironment
    while entry := guest.memory.wstr(at):
        if "=" not in entry[1:]:
            raise WinError(ERROR_INVALID_PARAMETER)
        entries.append(entry)
        at += 2 * length(entry) + 2
    environment.replace(entries)
    return True


@dll.export
def GetEnvironmentVariableW(
    guest: Guest,
    lpName: PCWSTR | None,
    lpBuffer: Annotated[WideBuffer, Len("nSize")],
    nSize: DWORD,
    *,
    environment: Environment,
) -> DWORD:
    value = environment.get(lpName) if lpName else None
    if value is None:
        raise WinError(ERROR_ENVVAR_NOT_FOUND)
    return lpBuffer.fit(value)


dll.ansi(GetEnvironmentVariableW)


@dll.export
def SetEnvironmentVariableW(
    guest: Guest, lpName: PCWSTR | None, lpValue: PCWSTR | None, *, environment: Environment
) -> BOOL:
    if not lpName or "=" in lpName[1:]:
        raise WinError(ERROR_ENVVAR_NOT_FOUND if lpName is None else ERROR_INVALID_PARAMETER)
    environment.set(lpName, lpValue)
    return True


dll.ansi(SetEnvironmentVariableW)


@dll.export
def ExpandEnvironmentStringsW(
    guest: Guest, lpSrc: PCWSTR | None, lpDst: Annotated[WideBuffer, Len("nSize")], nSize: DWORD, *,
    environment: Environment,
) -> DWORD:  # fmt: skip
    text = expand(lpSrc or "", map(split, environment.entries()))
    needed = lpDst.units(text) + 1
    if needed > nSize or not lpDst:
        if lpDst:
            lpDst.cut(text)
        guest.last_error = ERROR_INSUFFICIENT_BUFFER
    else:
        lpDst.put(text)
    return needed


dll.ansi(ExpandEnvironmentStringsW)


# -- current directory -----------------------------------------------------------------------------------------------


class CurrentDirectory(DllState):
    """The current directory as programs that read the PEB find it, with the handle on it."""

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self.handle = 0

    def show(self, files: Files) -> None:
        """Enters the current directory into the PEB."""
        process = self.process
        memory, field = process.memory, process.blocks.parameters + _DIRECTORY
        data = units(files.current_directory)
        memory.write(memory.u64(field + 8), data + b"\0\0")
        memory.write(field, len(data).to_bytes(2, "little"))
        options = FILE_DIRECTORY_FILE | FILE_BACKUP
        directory = open_path(files, files.current_directory, FILE_TRAVERSE, options, share=FILE_SHARE_READ_WRITE)
        old, self.handle = self.handle, add_handle(process, directory, directory.access)
        directory.release()
        memory.put_u64(field + 0x10, self.handle)
        if any(value == old for value, _ in process.handles):
            process.handles.close(old)


@dll.export
def GetCurrentDirectoryW(
    guest: Guest, nBufferLength: DWORD, lpBuffer: Annotated[WideBuffer, Len("nBufferLength")], *, files: Files
) -> DWORD:
    directory = files.current_directory
    return lpBuffer.fit(directory if len(directory) <= 3 else directory.rstrip("\\"))


dll.ansi(GetCurrentDirectoryW)


@dll.export
def SetCurrentDirectoryW(
    guest: Guest, lpPathName: PCWSTR | None, *, files: Files, current: CurrentDirectory
) -> BOOL:
    if not lpPathName:
        raise WinError(ERROR_INVALID_NAME)
    if length(files.full_path(lpPathName)) + 2 > _DIRECTORY_ROOM // 2:
        raise WinError(ERROR_FILENAME_EXCED_RANGE)
    files.current_directory = lpPathName
    current.show(files)
    return True


dll.ansi(SetCurrentDirectoryW)
