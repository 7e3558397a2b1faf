"""jobapi.h, jobapi2.h and the job objects of winbase.h."""

from litebox_core.abi import BOOL, DWORD, HANDLE, INT, PCWSTR, PVOID, UINT, Out
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.jobinfo import ASSIGN_PROCESS, INTO_JOB, QUERY, SET_ATTRIBUTES, TERMINATE, change, query
from litebox_core.jobs import Job, Jobs
from litebox_core.services import Clock, Sync
from litebox_core.winerror import ERROR_MORE_DATA

from .base import dll
from .objectnames import checked, new_handle, open_named
from .targets import target


@dll.export(partial="a child's own children are not counted and not ended, but limited")
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
    guest.state(Jobs).assign(job, target(guest, hProcess, INTO_JOB))
    return True


@dll.export
def IsProcessInJob(guest: Guest, ProcessHandle: HANDLE, JobHandle: HANDLE, Result: Out[BOOL]) -> BOOL:
    other = target(guest, ProcessHandle)
    Result.value = guest.state(Jobs).is_inside(guest, JobHandle, QUERY, other)
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
    job = guest.state(Jobs).of_handle(guest, hJob, QUERY)
    data, complete = query(job, JobObjectInformationClass, cbJobObjectInformationLength, clock.cpu_time())
    guest.memory.write(lpJobObjectInformation, data)
    if lpReturnLength is not None:
        lpReturnLength.value = len(data)
    if not complete:
        raise WinError(ERROR_MORE_DATA)
    return True


@dll.export(partial="limits of processor, priority and working set are kept and not enforced")
def SetInformationJobObject(
    guest: Guest, hJob: HANDLE, JobObjectInformationClass: INT, lpJobObjectInformation: PVOID,
    cbJobObjectInformationLength: DWORD,
) -> BOOL:  # fmt: skip
    job = guest.process.handles.get(hJob, Job, SET_ATTRIBUTES, guest)
    change(job, JobObjectInformationClass, lpJobObjectInformation, cbJobObjectInformationLength, guest.process)
    return True
