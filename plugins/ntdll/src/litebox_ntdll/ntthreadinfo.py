"""What threads can be asked for and told: NtQueryInformationThread and NtSetInformationThread."""

import struct
from collections.abc import Callable

from litebox_core.abi import HANDLE, NTSTATUS, PVOID, ULONG, Out
from litebox_core.children import Children, OtherThread
from litebox_core.errors import NtError
from litebox_core.guest import Guest
from litebox_core.ntstatus import (
    STATUS_ACCESS_DENIED,
    STATUS_BUFFER_TOO_SMALL,
    STATUS_INFO_LENGTH_MISMATCH,
    STATUS_INVALID_INFO_CLASS,
    STATUS_INVALID_PARAMETER,
)
from litebox_core.threads import STILL_ACTIVE, Thread, base_priority, process_object

from .base import dll
from .ntattributes import also_zw
from .ntdef import counted_text
from .ntprocess import answer
from .ntthread import other_thread, thread_by

QUERY, LIMITED, SET, SET_LIMITED = 0x40, 0x800, 0x20, 0x400
"""Rights on a thread."""
(
    BASIC, TIMES, PRIORITY, BASE_PRIORITY, AFFINITY, ALIGNMENT_FAULTS, START_ADDRESS, PERFORMANCE, LAST,
    IDEAL_PROCESSOR, BOOST, PENDING, HIDDEN, CRITICAL, CYCLES, GROUP, SUSPENDED, NAME,
) = 0, 1, 2, 3, 4, 7, 9, 11, 12, 13, 14, 16, 17, 18, 23, 30, 35, 38  # fmt: skip
"""Members of THREADINFOCLASS."""
_LIMITED = frozenset((BASIC, TIMES, LAST, BOOST, CYCLES, NAME))


def _basic(thread: Thread) -> bytes:
    base = base_priority(process_object(thread.process).priority_class, thread.priority)
    return struct.pack(
        "<I4xQQQQii", thread.exit_code, 0 if thread.guest is None else thread.teb, thread.process.pid, thread.tid,
        thread.processors(), base, thread.priority,
    )  # fmt: skip


def _start_address(thread: Thread) -> bytes:
    program = thread.process.loader.program
    return struct.pack("<Q", thread.start_address or (program.entry if program is not None else 0))


_ANSWERS: dict[int, Callable[[Thread], bytes]] = {
    BASIC: _basic,
    TIMES: lambda t: struct.pack("<QQQQ", t.created, t.ended_at, 0, t.processor_time()),
    AFFINITY: lambda t: struct.pack("<Q", t.processors()),
    START_ADDRESS: _start_address,
    PERFORMANCE: lambda t: bytes(8),
    LAST: lambda t: struct.pack("<I", len(t.process.threads) == 1),
    BOOST: lambda t: struct.pack("<I", t.priority_boost_disabled),
    PENDING: lambda t: bytes(4),
    HIDDEN: lambda t: bytes([t.hidden]),
    CRITICAL: lambda t: bytes(4),
    CYCLES: lambda t: struct.pack("<QQ", t.cycles(), 0),
    GROUP: lambda t: struct.pack("<QH6x", t.processors(), 0),
    SUSPENDED: lambda t: struct.pack("<I", t.suspended),
}


def _of_other(guest: Guest, other: OtherThread, kind: int) -> bytes:
    """What is known of a thread of another process. Raises NtError."""
    if kind != BASIC:
        raise NtError(STATUS_INVALID_INFO_CLASS)
    code, pid = other.exit_code, other.process.pid
    if code != STILL_ACTIVE:
        return struct.pack("<I4xQQQQii", code, 0, pid, other.tid, 0, 0, 0)
    _, teb, processors, base, priority = guest.service(Children).ask(pid, "thread", tid=other.tid)[0]["numbers"]
    return struct.pack("<I4xQQQQii", code, teb, pid, other.tid, processors, base, priority)


@dll.export(probes=True, partial="the usual classes; of threads of other processes the basic one")
def NtQueryInformationThread(
    guest: Guest, ThreadHandle: HANDLE, ThreadInformationClass: ULONG, ThreadInformation: PVOID,
    ThreadInformationLength: ULONG, ReturnLength: Out[ULONG] | None,
) -> NTSTATUS:  # fmt: skip
    asked, handles = ThreadInformationClass, guest.process.handles
    if asked not in _ANSWERS and asked != NAME:
        raise NtError(STATUS_INVALID_INFO_CLASS)
    if asked == HIDDEN and ThreadInformationLength != 1:
        raise NtError(STATUS_INFO_LENGTH_MISMATCH)
    other = other_thread(guest, ThreadHandle, 0)
    thread = thread_by(guest, ThreadHandle) if other is None else None
    if ThreadHandle not in handles.pseudo:
        have = handles.entry(ThreadHandle).access
        if not have & (QUERY | (LIMITED if asked in _LIMITED else 0)):
            raise NtError(STATUS_ACCESS_DENIED)
    if thread is None:
        assert other is not None
        data = _of_other(guest, other, asked)
        return answer(guest, data, ThreadInformation, ThreadInformationLength, ReturnLength, True)
    if asked != NAME:
        data = _ANSWERS[asked](thread)
        return answer(guest, data, ThreadInformation, ThreadInformationLength, ReturnLength, asked == BASIC)
    text = thread.description.encode("utf-16-le", "surrogatepass")
    if ReturnLength is not None:
        ReturnLength.value = 16 + len(text)
    if ThreadInformationLength < 16 + len(text):
        raise NtError(STATUS_BUFFER_TOO_SMALL)
    guest.memory.write(
        ThreadInformation, struct.pack("<HHIQ", len(text), len(text), 0, ThreadInformation + 16) + text
    )
    return 0


# -- telling ---------------------------------------------------------------------------------------------------------


def _set_priority(thread: Thread, data: bytes) -> None:
    """The priority itself, from 1 to 31; those above 15 are for real-time processes."""
    wanted = int.from_bytes(data, "little", signed=True)
    if not 1 <= wanted <= 31:
        raise NtError(STATUS_INVALID_PARAMETER)
    thread.set_priority(wanted - base_priority(process_object(thread.process).priority_class, 0))


def _set_base_priority(thread: Thread, data: bytes) -> None:
    wanted = int.from_bytes(data, "little", signed=True)
    if not (-2 <= wanted <= 2 or abs(wanted) in (15, 16)):
        raise NtError(STATUS_INVALID_PARAMETER)
    thread.set_priority(max(-15, min(15, wanted)))


def _set_boost(thread: Thread, data: bytes) -> None:
    thread.priority_boost_disabled = any(data)


def _set_hidden(thread: Thread, data: bytes) -> None:
    thread.hidden = True


def _set_ideal(thread: Thread, data: bytes) -> None:
    if int.from_bytes(data, "little") > 64:
        raise NtError(STATUS_INVALID_PARAMETER)


def _refuse(thread: Thread, data: bytes) -> None:
    raise NtError(STATUS_INVALID_PARAMETER)


_SETTERS: dict[int, tuple[int, Callable[[Thread, bytes], None]]] = {
    PRIORITY: (4, _set_priority),
    BASE_PRIORITY: (4, _set_base_priority),
    AFFINITY: (8, lambda thread, data: thread.set_affinity(int.from_bytes(data, "little"))),
    GROUP: (16, lambda thread, data: thread.set_affinity(int.from_bytes(data[:8], "little"), exact=True)),
    IDEAL_PROCESSOR: (4, _set_ideal),
    BOOST: (4, _set_boost),
    HIDDEN: (0, _set_hidden),
    ALIGNMENT_FAULTS: (1, lambda thread, data: None),  # they are always dealt with by the processor
    START_ADDRESS: (8, _refuse),
}


@dll.export(probes=True, partial="the usual classes")
def NtSetInformationThread(
    guest: Guest, ThreadHandle: HANDLE, ThreadInformationClass: ULONG, ThreadInformation: PVOID,
    ThreadInformationLength: ULONG,
) -> NTSTATUS:  # fmt: skip
    if ThreadInformationClass == NAME:
        if ThreadInformationLength != 16:
            raise NtError(STATUS_INFO_LENGTH_MISMATCH)
        text = counted_text(guest.memory, ThreadInformation)
        _to_set(guest, ThreadHandle, SET | SET_LIMITED).description = text
        return 0
    found = _SETTERS.get(ThreadInformationClass)
    if found is None:
        raise NtError(STATUS_INVALID_INFO_CLASS)
    size, setter = found
    if ThreadInformationLength != size:
        raise NtError(STATUS_INFO_LENGTH_MISMATCH)
    data = guest.memory.read(ThreadInformation, size)
    setter(_to_set(guest, ThreadHandle, SET), data)
    return 0


def _to_set(guest: Guest, handle: int, access: int) -> Thread:
    thread, handles = thread_by(guest, handle), guest.process.handles
    if handle not in handles.pseudo and not handles.entry(handle).access & access:
        raise NtError(STATUS_ACCESS_DENIED)
    return thread


also_zw(__name__)
