"""jobapi.h, jobapi2.h and the job objects of winbase.h."""

import struct

from litebox_core.abi import BOOL, DWORD, HANDLE, INT, PCWSTR, PVOID, UINT, Out
from litebox_core.children import OtherProcess
from litebox_core.completion import CompletionPort
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.jobs import Job, Jobs
from litebox_core.services import Clock, Sync
from litebox_core.winerror import ERROR_ACCESS_DENIED, ERROR_BAD_LENGTH, ERROR_INVALID_PARAMETER, ERROR_MORE_DATA

from .base import dll
from .objectnames import checked, new_handle, open_named
from .targets import target

ASSIGN_PROCESS, SET_ATTRIBUTES, QUERY, TERMINATE = 1, 2, 4, 8
PROCESS_TERMINATE, PROCESS_SET_QUOTA, PROCESS_QUERY_LIMITED = 1, 0x100, 0x1000
ACCOUNTING, BASIC_LIMIT, PROCESS_LIST, UI_LIMITS, PORT, BOTH_ACCOUNTINGS, EXTENDED_LIMIT = 1, 2, 3, 4, 7, 8, 9
_BASIC_FLAGS, _FLAGS = 0xFF, 0x7FFF
_ACCOUNTING = struct.Struct("<qqqqIIII")


def _job(guest: Guest, handle: int, access: int) -> Job:
    """The job of a handle, or for none that which the process is in. Raises NtError, WinError."""
    if handle:
        return guest.process.handles.get(handle, Job, access, guest)
    own = guest.state(Jobs).own
    if not own:
        raise WinError(ERROR_ACCESS_DENIED)
    return own[-1]


@dll.export(partial="memory and time limits are kept and not enforced; a child's own children are not in the job")
def CreateJobObjectW(guest: Guest, lpJobAttributes: PVOID, lpName: PCWSTR | None, *, sync: Sync) -> HANDLE:
    made = sync.named(checked(lpName), Job, lambda: Job(guest.process))
    return new_handle(guest, made, lpJobAttributes)


dll.ansi(CreateJobObjectW)


@dll.export
def OpenJobObjectW(
    guest: Guest, dwDesiredAccess: DWORD, bInheritHandle: BOOL, lpName: PCWSTR | None, *, sync: Sync
) -> HANDLE:
    return open_named(guest, sync, Job, dwDesiredAccess, bInheritHandle, lpName)


dll.ansi(OpenJobObjectW)


@dll.export
def AssignProcessToJobObject(guest: Guest, hJob: HANDLE, hProcess: HANDLE) -> BOOL:
    job = guest.process.handles.get(hJob, Job, ASSIGN_PROCESS, guest)
    other = target(guest, hProcess, PROCESS_TERMINATE | PROCESS_SET_QUOTA)
    job.assign(other)
    if other is None and job not in guest.state(Jobs).own:
        guest.state(Jobs).own.append(job)
    return True


@dll.export
def IsProcessInJob(guest: Guest, ProcessHandle: HANDLE, JobHandle: HANDLE, Result: Out[BOOL]) -> BOOL:
    other = target(guest, ProcessHandle)
    if JobHandle:
        Result.value = guest.process.handles.get(JobHandle, Job, QUERY, guest).holds(other)
    else:
        Result.value = _in_any(guest, other)
    return True


def _in_any(guest: Guest, other: OtherProcess | None) -> bool:
    jobs = guest.state(Jobs)
    return bool(jobs.own or jobs.inherited) if other is None else bool(other.jobs)


@dll.export
def TerminateJobObject(guest: Guest, hJob: HANDLE, uExitCode: UINT) -> BOOL:
    guest.process.handles.get(hJob, Job, TERMINATE, guest).terminate(uExitCode)
    return True


# -- limits and accounts ---------------------------------------------------------------------------------------------


def _accounting(job: Job, clock: Clock) -> bytes:
    kernel, user = job.ended_times
    active = job.active()
    if job.has_owner:
        mine = clock.cpu_time()
        kernel, user = kernel + mine[0], user + mine[1]
    return _ACCOUNTING.pack(user, kernel, user, kernel, 0, job.total, len(active), job.terminated)


@dll.export(partial="limits, accounts and the list of processes")
def QueryInformationJobObject(
    guest: Guest, hJob: HANDLE, JobObjectInformationClass: INT, lpJobObjectInformation: PVOID,
    cbJobObjectInformationLength: DWORD, lpReturnLength: Out[DWORD] | None, *, clock: Clock,
) -> BOOL:  # fmt: skip
    job, room = _job(guest, hJob, QUERY), cbJobObjectInformationLength
    kind = JobObjectInformationClass
    if kind == PROCESS_LIST:
        return _processes(guest, job, lpJobObjectInformation, room, lpReturnLength)
    if kind == ACCOUNTING:
        data = _accounting(job, clock)
    elif kind == BOTH_ACCOUNTINGS:
        data = _accounting(job, clock) + bytes(48)
    elif kind == BASIC_LIMIT:
        data = bytes(job.limits[:64])
    elif kind == EXTENDED_LIMIT:
        data = bytes(job.limits)
    elif kind == UI_LIMITS:
        data = struct.pack("<I", job.ui_limits)
    else:
        raise WinError(ERROR_INVALID_PARAMETER)
    if room < len(data):
        raise WinError(ERROR_BAD_LENGTH)
    guest.memory.write(lpJobObjectInformation, data)
    if lpReturnLength is not None:
        lpReturnLength.value = len(data)
    return True


def _processes(guest: Guest, job: Job, addr: int, room: int, returned: Out[int] | None) -> int:
    if room < 16:
        raise WinError(ERROR_BAD_LENGTH)
    pids = job.active()
    fitting = pids[: (room - 8) // 8]
    guest.memory.write(addr, struct.pack(f"<II{len(fitting)}Q", len(pids), len(fitting), *fitting))
    if returned is not None:
        returned.value = 8 + 8 * len(fitting)
    if len(fitting) < len(pids):
        raise WinError(ERROR_MORE_DATA)
    return True


@dll.export(partial="memory and time limits are kept and not enforced")
def SetInformationJobObject(
    guest: Guest, hJob: HANDLE, JobObjectInformationClass: INT, lpJobObjectInformation: PVOID,
    cbJobObjectInformationLength: DWORD,
) -> BOOL:  # fmt: skip
    job = guest.process.handles.get(hJob, Job, SET_ATTRIBUTES, guest)
    sizes = {BASIC_LIMIT: 64, EXTENDED_LIMIT: 144, UI_LIMITS: 4, PORT: 16}
    size = sizes.get(JobObjectInformationClass)
    if size is None:
        raise WinError(ERROR_INVALID_PARAMETER)
    if cbJobObjectInformationLength != size:
        raise WinError(ERROR_BAD_LENGTH)
    data = guest.memory.read(lpJobObjectInformation, size)
    if JobObjectInformationClass == PORT:
        key, handle = struct.unpack("<QQ", data)
        job.associate(guest.process.handles.get(handle, CompletionPort, 2, guest), key)
    elif JobObjectInformationClass == UI_LIMITS:
        job.ui_limits = int.from_bytes(data, "little")
    else:
        flags = int.from_bytes(data[16:20], "little")
        if flags & ~(_BASIC_FLAGS if JobObjectInformationClass == BASIC_LIMIT else _FLAGS):
            raise WinError(ERROR_INVALID_PARAMETER)
        job.limits[:size] = data
    return True
