"""jobapi.h, jobapi2.h and the job objects of winbase.h."""

from litebox_core.abi import BOOL, DWORD, HANDLE, INT, PCWSTR, PVOID, UINT, Out
from litebox_core.errors import NtError, WinError
from litebox_core.guest import Guest
from litebox_core.jobinfo import (
    ASSIGN_PROCESS,
    PROCESS_LIST,
    QUERY,
    SET_ATTRIBUTES,
    TERMINATE,
    change,
    processes,
    query,
    size_to_set,
)
from litebox_core.jobs import Job, Jobs
from litebox_core.ntstatus import STATUS_INFO_LENGTH_MISMATCH
from litebox_core.services import Clock, Sync
from litebox_core.winerror import ERROR_MORE_DATA

from .base import dll
from .objectnames import checked, new_handle, open_named
from .targets import target

PROCESS_TERMINATE, PROCESS_SET_QUOTA = 1, 0x100


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
    guest.state(Jobs).assign(job, target(guest, hProcess, PROCESS_TERMINATE | PROCESS_SET_QUOTA))
    return True


@dll.export
def IsProcessInJob(guest: Guest, ProcessHandle: HANDLE, JobHandle: HANDLE, Result: Out[BOOL]) -> BOOL:
    other = target(guest, ProcessHandle)
    if JobHandle:
        Result.value = guest.process.handles.get(JobHandle, Job, QUERY, guest).holds(other)
    else:
        Result.value = guest.state(Jobs).in_any(other)
    return True


@dll.export
def TerminateJobObject(guest: Guest, hJob: HANDLE, uExitCode: UINT) -> BOOL:
    guest.process.handles.get(hJob, Job, TERMINATE, guest).terminate(uExitCode)
    return True


# -- limits and accounts ---------------------------------------------------------------------------------------------


@dll.export(partial="limits, accounts and the list of processes")
def QueryInformationJobObject(
    guest: Guest, hJob: HANDLE, JobObjectInformationClass: INT, lpJobObjectInformation: PVOID,
    cbJobObjectInformationLength: DWORD, lpReturnLength: Out[DWORD] | None, *, clock: Clock,
) -> BOOL:  # fmt: skip
    job, complete = guest.state(Jobs).of_handle(guest, hJob, QUERY), True
    if JobObjectInformationClass == PROCESS_LIST:
        data, complete = processes(job, cbJobObjectInformationLength)
    else:
        data = query(job, JobObjectInformationClass, clock.cpu_time())
    if cbJobObjectInformationLength < len(data):
        raise NtError(STATUS_INFO_LENGTH_MISMATCH)
    guest.memory.write(lpJobObjectInformation, data)
    if lpReturnLength is not None:
        lpReturnLength.value = len(data)
    if not complete:
        raise WinError(ERROR_MORE_DATA)
    return True


@dll.export(partial="memory and time limits are kept and not enforced")
def SetInformationJobObject(
    guest: Guest, hJob: HANDLE, JobObjectInformationClass: INT, lpJobObjectInformation: PVOID,
    cbJobObjectInformationLength: DWORD,
) -> BOOL:  # fmt: skip
    job = guest.process.handles.get(hJob, Job, SET_ATTRIBUTES, guest)
    size_to_set(JobObjectInformationClass, cbJobObjectInformationLength)
    data = guest.memory.read(lpJobObjectInformation, cbJobObjectInformationLength)
    change(job, JobObjectInformationClass, data, guest.process.handles)
    return True
