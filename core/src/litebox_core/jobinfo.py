"""What can be asked of a job object and set on it, as every DLL sees it: the information classes and their layouts."""

import struct
from typing import TYPE_CHECKING

from .completion import CompletionPort
from .errors import NtError
from .jobs import Job
from .ntstatus import STATUS_INFO_LENGTH_MISMATCH, STATUS_INVALID_INFO_CLASS, STATUS_INVALID_PARAMETER
from .threads import PROCESS_SET_QUOTA, PROCESS_TERMINATE

if TYPE_CHECKING:
    from .process import Process

__all__ = ["ASSIGN_PROCESS", "INTO_JOB", "QUERY", "SET_ATTRIBUTES", "TERMINATE", "change", "query"]

ASSIGN_PROCESS, SET_ATTRIBUTES, QUERY, TERMINATE = 1, 2, 4, 8
"""JOB_OBJECT_*: rights on a job."""
INTO_JOB = PROCESS_TERMINATE | PROCESS_SET_QUOTA
"""Rights on a process that is put into one."""
ACCOUNTING, BASIC_LIMIT, PROCESS_LIST, UI_LIMITS, PORT, BOTH_ACCOUNTINGS, EXTENDED_LIMIT = 1, 2, 3, 4, 7, 8, 9
"""Members of JOBOBJECTINFOCLASS."""
_BASIC_FLAGS, _FLAGS = 0xFF, 0x7FFF
_SIZES = {BASIC_LIMIT: 64, EXTENDED_LIMIT: 144, UI_LIMITS: 4, PORT: 16}
_ACCOUNTING = struct.Struct("<qqqqIIII")
_LIST_HEAD = 8


def _accounting(job: Job, own_time: tuple[int, int]) -> bytes:
    kernel, user = job.ended_times
    active = job.active()
    user += job.time_of_others()
    if job.has_owner:
        kernel, user = kernel + own_time[0], user + own_time[1]
    return _ACCOUNTING.pack(user, kernel, user, kernel, 0, job.total, len(active), job.terminated)


def query(job: Job, kind: int, room: int, own_time: tuple[int, int]) -> tuple[bytes, bool]:
    """The structure of an information class, and whether it is complete: of a list of processes, what fits is.

    ``own_time``: kernel and user time of the job's owner, in units of 100 ns.
    Raises NtError: STATUS_INVALID_INFO_CLASS, and STATUS_INFO_LENGTH_MISMATCH where ``room`` is too small.
    """
    data, complete = _processes(job, room) if kind == PROCESS_LIST else (_structure(job, kind, own_time), True)
    if room < len(data):
        raise NtError(STATUS_INFO_LENGTH_MISMATCH)
    return data, complete


def _structure(job: Job, kind: int, own_time: tuple[int, int]) -> bytes:
    if kind == ACCOUNTING:
        return _accounting(job, own_time)
    if kind == BOTH_ACCOUNTINGS:
        return _accounting(job, own_time) + bytes(48)
    if kind == BASIC_LIMIT:
        return bytes(job.limits[:64])
    if kind == EXTENDED_LIMIT:
        return bytes(job.limits[:128]) + struct.pack("<QQ", *job.peaks())
    if kind == UI_LIMITS:
        return struct.pack("<I", job.ui_limits)
    raise NtError(STATUS_INVALID_INFO_CLASS)


def _processes(job: Job, room: int) -> tuple[bytes, bool]:
    """JOBOBJECT_BASIC_PROCESS_ID_LIST with as many ids as fit into ``room`` bytes, and whether these are all.

    Raises NtError(STATUS_INFO_LENGTH_MISMATCH) where not even one fits.
    """
    if room < _LIST_HEAD + 8:
        raise NtError(STATUS_INFO_LENGTH_MISMATCH)
    pids = job.active()
    fitting = pids[: (room - _LIST_HEAD) // 8]
    return struct.pack(f"<II{len(fitting)}Q", len(pids), len(fitting), *fitting), len(fitting) == len(pids)


def change(job: Job, kind: int, addr: int, size: int, process: "Process") -> None:
    """Sets limits, or the completion port that is told of what happens, from a structure of the program's.

    Raises NtError, and GuestFault for an address that leads nowhere.
    """
    wanted = _SIZES.get(kind)
    if wanted is None:
        raise NtError(STATUS_INVALID_INFO_CLASS)
    if size != wanted:
        raise NtError(STATUS_INFO_LENGTH_MISMATCH)
    data = process.memory.read(addr, size)
    if kind == PORT:
        key, handle = struct.unpack("<QQ", data)
        job.associate(process.handles.get(handle, CompletionPort, 2), key)
    elif kind == UI_LIMITS:
        job.ui_limits = int.from_bytes(data, "little")
    else:
        flags = int.from_bytes(data[16:20], "little")
        if flags & ~(_BASIC_FLAGS if kind == BASIC_LIMIT else _FLAGS):
            raise NtError(STATUS_INVALID_PARAMETER)
        job.change_limits(data[:128])
