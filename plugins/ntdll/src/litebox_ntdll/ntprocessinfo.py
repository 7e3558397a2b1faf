"""What processes can be asked for and told: NtQueryInformationProcess and NtSetInformationProcess."""

import struct
from collections.abc import Callable

from litebox_core import pe
from litebox_core.abi import HANDLE, NTSTATUS, PVOID, ULONG, Out
from litebox_core.children import Children, OtherProcess
from litebox_core.devices import device_path
from litebox_core.errors import NtError
from litebox_core.guest import Guest
from litebox_core.loader.mapping import read_image_file
from litebox_core.memory.regions import MEM_PRIVATE, PAGE_READWRITE
from litebox_core.ntstatus import (
    STATUS_ACCESS_DENIED,
    STATUS_INFO_LENGTH_MISMATCH,
    STATUS_INVALID_IMAGE_FORMAT,
    STATUS_INVALID_INFO_CLASS,
    STATUS_INVALID_PARAMETER,
    STATUS_PORT_NOT_SET,
    STATUS_PRIVILEGE_NOT_HELD,
    STATUS_PROCESS_IS_TERMINATING,
)
from litebox_core.process import DllState, Process
from litebox_core.services import Clock, Entropy
from litebox_core.threads import Threads, process_object

from .base import dll
from .imageinfo import image_information
from .memorycounts import VM_COUNTERS_SIZE, vm_counters
from .ntattributes import also_zw
from .ntprocess import answer, other_process

QUERY, LIMITED, SET = 0x400, 0x1000, 0x200
"""Rights on a process."""
(
    BASIC, IO_COUNTERS, VM_COUNTERS, TIMES, DEBUG_PORT, HARD_ERROR_MODE, PRIORITY_CLASS, HANDLE_COUNT, AFFINITY, WOW64,
    IMAGE_NAME, BREAK_ON_TERMINATION, DEBUG_OBJECT, DEBUG_FLAGS, EXECUTE_FLAGS, COOKIE, IMAGE_INFORMATION,
    STACK_ALLOCATION, IMAGE_NAME_WIN32,
) = 0, 2, 3, 4, 7, 12, 18, 20, 21, 26, 27, 29, 30, 31, 34, 36, 37, 41, 43  # fmt: skip
"""Members of PROCESSINFOCLASS."""
_NAMES = (IMAGE_NAME, IMAGE_NAME_WIN32)
_NEVER_EXECUTES_DATA = 0xD
"""Data is not executed, permanently, and there is no thunk emulation: so it is in 64-bit processes."""
_BASE_PRIORITY = 8
_PRIORITY_CLASSES = {0x40: 1, 0x20: 2, 0x80: 3, 0x100: 4, 0x4000: 5, 0x8000: 6}
"""The system calls' numbers of what SetPriorityClass takes."""
_DEBUGGED = (1 << 64) - 1


class Cookie(DllState):
    """The number by which a process hides pointers from those who do not know it."""

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self.value = process.service(Entropy).random(4)


def _basic(guest: Guest) -> bytes:
    process = guest.process
    parent = 0 if process.options.handover is None else process.options.handover.parent
    this = process_object(process)
    numbers = this.exit_code, process.blocks.peb, this.processors(), _BASE_PRIORITY, process.pid, parent
    return struct.pack("<I4xQQI4xQQ", *numbers)


def _times(guest: Guest) -> bytes:
    return struct.pack("<QQQQ", guest.service(Threads).process_created(), 0, *guest.service(Clock).cpu_time())


def _debug_port(guest: Guest) -> bytes:
    return struct.pack("<Q", _DEBUGGED if guest.process.debuggee is not None else 0)


def _image(guest: Guest) -> bytes:
    program = guest.process.loader.program
    if program is None or program.image is None:
        raise NtError(STATUS_INVALID_INFO_CLASS)
    return image_information(program.image, program.base)


def _number(value: int) -> Callable[[Guest], bytes]:
    return lambda guest: struct.pack("<I", value)


_ANSWERS: dict[int, tuple[int, Callable[[Guest], bytes]]] = {
    BASIC: (48, _basic),
    IO_COUNTERS: (48, lambda guest: bytes(48)),
    TIMES: (32, _times),
    DEBUG_PORT: (8, _debug_port),
    HARD_ERROR_MODE: (4, _number(1)),
    PRIORITY_CLASS: (
        2, lambda guest: bytes([0, _PRIORITY_CLASSES[process_object(guest.process).priority_class]]),
    ),
    HANDLE_COUNT: (4, lambda guest: struct.pack("<I", len(guest.process.handles))),
    AFFINITY: (8, lambda guest: struct.pack("<Q", process_object(guest.process).processors())),
    WOW64: (8, lambda guest: bytes(8)),
    BREAK_ON_TERMINATION: (4, _number(0)),
    DEBUG_FLAGS: (4, lambda guest: struct.pack("<I", guest.process.debuggee is None)),
    EXECUTE_FLAGS: (4, _number(_NEVER_EXECUTES_DATA)),
    COOKIE: (4, lambda guest: guest.process.state(Cookie, "ntdll").value),
    IMAGE_INFORMATION: (64, _image),
}  # fmt: skip
"""How long the answers are, and what they are of this process; the length is checked before the handle."""


@dll.export(probes=True, partial="the usual classes; input and output are not counted")
def NtQueryInformationProcess(
    guest: Guest, ProcessHandle: HANDLE, ProcessInformationClass: ULONG, ProcessInformation: PVOID,
    ProcessInformationLength: ULONG, ReturnLength: Out[ULONG] | None,
) -> NTSTATUS:  # fmt: skip
    kind, length = ProcessInformationClass, ProcessInformationLength
    if kind in _ANSWERS:
        if length != _ANSWERS[kind][0]:
            raise NtError(STATUS_INFO_LENGTH_MISMATCH)
    elif kind == VM_COUNTERS:
        if length not in (VM_COUNTERS_SIZE, VM_COUNTERS_SIZE + 8):
            raise NtError(STATUS_INFO_LENGTH_MISMATCH)
    elif kind == DEBUG_OBJECT:
        if length != 8:
            raise NtError(STATUS_INFO_LENGTH_MISMATCH)
    elif kind not in _NAMES:
        raise NtError(STATUS_INVALID_INFO_CLASS)
    other = other_process(guest, ProcessHandle)
    handles = guest.process.handles
    if ProcessHandle not in handles.pseudo and not handles.entry(ProcessHandle).access & (QUERY | LIMITED):
        raise NtError(STATUS_ACCESS_DENIED)
    if kind in _NAMES:
        program = guest.process.loader.program
        path = other.path if other is not None else program.path if program is not None else "C:\\litebox.exe"
        return _image_name(guest, kind == IMAGE_NAME, ProcessInformation, length, ReturnLength, path)
    if other is not None:
        data = _of_other(guest, other, kind)
    elif kind == VM_COUNTERS:
        data = vm_counters(guest, length > VM_COUNTERS_SIZE)
    elif kind == DEBUG_OBJECT:
        guest.memory.put_u64(ProcessInformation, 0)
        raise NtError(STATUS_PORT_NOT_SET)
    else:
        data = _ANSWERS[kind][1](guest)
    return answer(guest, data, ProcessInformation, length, ReturnLength)


def _of_other(guest: Guest, other: OtherProcess, kind: int) -> bytes:
    """What is known of another process. Raises NtError."""
    children = guest.service(Children)
    if kind == TIMES:
        if other.look():
            return struct.pack("<QQQQ", other.created, other.ended_at, *other.cpu_time)
        times = children.ask(other.pid, "times")[0]
        return struct.pack("<QQQQ", other.created, 0, times["kernel"], times["user"])
    if kind == BASIC:
        code = other.exit_code
        parent = next((one.parent for one in children.processes() if one.pid == other.pid), 0)
        peb = 0 if other.look() else children.ask(other.pid, "times")[0]["peb"]
        everything = (1 << guest.process.options.processors) - 1
        return struct.pack("<I4xQQI4xQQ", code, peb, everything, _BASE_PRIORITY, other.pid, parent)
    if kind == HANDLE_COUNT:
        return struct.pack("<I", 0 if other.look() else children.ask(other.pid, "times")[0]["handles"])
    if kind == DEBUG_PORT:
        debugged = not other.look() and children.ask(other.pid, "times")[0]["debugged"]
        return struct.pack("<Q", _DEBUGGED if debugged else 0)
    if kind == WOW64:
        return bytes(8)
    if kind == PRIORITY_CLASS:
        return bytes([0, _PRIORITY_CLASSES[other.priority_class]])
    if kind == COOKIE:
        raise NtError(STATUS_ACCESS_DENIED)
    if kind == IMAGE_INFORMATION:
        if other.look():
            raise NtError(STATUS_PROCESS_IS_TERMINATING)
        return image_information(_image_of(guest, other.path))
    raise NtError(STATUS_INVALID_INFO_CLASS)


def _image_of(guest: Guest, path: str) -> pe.Image:
    """The image that another process runs. Raises NtError."""
    try:
        return pe.parse(read_image_file(guest.process.files().host_path(path), path), path)
    except (OSError, pe.ImageError):
        raise NtError(STATUS_INVALID_IMAGE_FORMAT) from None


def _image_name(guest: Guest, native: bool, addr: int, length: int, returned: Out[int] | None, path: str) -> int:
    text = (device_path(path) if native else path).encode("utf-16-le", "surrogatepass")
    if returned is not None:
        returned.value = 16 + len(text) + 2
    if length < 16 + len(text) + 2:
        raise NtError(STATUS_INFO_LENGTH_MISMATCH)
    guest.memory.write(addr, struct.pack("<HHIQ", len(text), len(text) + 2, 0, addr + 16) + text + b"\0\0")
    return 0


# -- telling ---------------------------------------------------------------------------------------------------------


def _set_priority_class(guest: Guest, addr: int, data: bytes) -> None:
    """PROCESS_PRIORITY_CLASS: whether it is in the foreground, which nothing depends on, and the class."""
    known = next((ours for ours, theirs in _PRIORITY_CLASSES.items() if theirs == data[1]), None)
    if known is None:
        raise NtError(STATUS_INVALID_PARAMETER)
    process_object(guest.process).set_priority_class(known)


def _set_affinity(guest: Guest, addr: int, data: bytes) -> None:
    process_object(guest.process).set_affinity(int.from_bytes(data, "little"))


def _allocate_stack(guest: Guest, addr: int, data: bytes) -> None:
    """PROCESS_STACK_ALLOCATION_INFORMATION, or that behind a preferred node: reserves pages and says where."""
    at = len(data) - 24
    size, zero_bits, _ = struct.unpack_from("<QQQ", data, at)
    if not size or zero_bits:
        raise NtError(STATUS_INVALID_PARAMETER)
    guest.memory.check(addr + at + 16, 8, 2)
    made = guest.memory.reserve(size, None, PAGE_READWRITE, MEM_PRIVATE)
    guest.memory.put_u64(addr + at + 16, made.base)


def _refuse(guest: Guest, addr: int, data: bytes) -> None:
    raise NtError(STATUS_PRIVILEGE_NOT_HELD)  # that of debuggers


_SETTERS: dict[int, tuple[tuple[int, ...], Callable[[Guest, int, bytes], None]]] = {
    PRIORITY_CLASS: ((2,), _set_priority_class),
    AFFINITY: ((8,), _set_affinity),
    STACK_ALLOCATION: ((24, 40), _allocate_stack),
    BREAK_ON_TERMINATION: ((4,), _refuse),
}


@dll.export(probes=True, partial="priority class, processors, and the allocation of stacks; of this process")
def NtSetInformationProcess(
    guest: Guest, ProcessHandle: HANDLE, ProcessInformationClass: ULONG, ProcessInformation: PVOID,
    ProcessInformationLength: ULONG,
) -> NTSTATUS:  # fmt: skip
    found = _SETTERS.get(ProcessInformationClass)
    if found is not None and ProcessInformationLength not in found[0]:
        raise NtError(STATUS_INFO_LENGTH_MISMATCH)
    other = other_process(guest, ProcessHandle, SET)
    if other is not None and other.look():
        raise NtError(STATUS_PROCESS_IS_TERMINATING)
    if ProcessInformationClass == EXECUTE_FLAGS:
        raise NtError(STATUS_INVALID_PARAMETER)
    if found is None or other is not None:
        raise NtError(STATUS_INVALID_INFO_CLASS)
    found[1](guest, ProcessInformation, guest.memory.read(ProcessInformation, ProcessInformationLength))
    return 0


also_zw(__name__)
