"""Job objects."""

from litebox_core.abi import ACCESS_MASK, HANDLE, NTSTATUS, PVOID, ULONG, Out
from litebox_core.guest import Guest
from litebox_core.jobinfo import ASSIGN_PROCESS, INTO_JOB, QUERY, SET_ATTRIBUTES, TERMINATE, change, query
from litebox_core.jobs import Job, Jobs
from litebox_core.ntstatus import (
    STATUS_BUFFER_OVERFLOW,
    STATUS_PROCESS_IN_JOB,
    STATUS_PROCESS_NOT_IN_JOB,
)
from litebox_core.services import Clock, Sync

from .base import dll
from .ntattributes import also_zw, attributes_of, created, name_of, opened, writable
from .ntprocess import other_process


@dll.export(
    probes=True,
    partial="a child's own children are not counted and not ended, but limited",
)
def NtCreateJobObject(
    guest: Guest, JobHandle: Out[HANDLE], DesiredAccess: ACCESS_MASK, ObjectAttributes: PVOID, *, sync: Sync
) -> NTSTATUS:
    writable(guest, JobHandle)
    attributes = attributes_of(guest, ObjectAttributes)
    made = sync.named(name_of(guest, attributes), Job, lambda: Job(guest.process))
    return created(guest, JobHandle, DesiredAccess, attributes, made)


@dll.export(probes=True)
def NtOpenJobObject(
    guest: Guest, JobHandle: Out[HANDLE], DesiredAccess: ACCESS_MASK, ObjectAttributes: PVOID, *, sync: Sync
) -> NTSTATUS:
    writable(guest, JobHandle)
    return opened(guest, sync, JobHandle, DesiredAccess, ObjectAttributes, Job)


@dll.export
def NtAssignProcessToJobObject(guest: Guest, JobHandle: HANDLE, ProcessHandle: HANDLE) -> NTSTATUS:
    job = guest.process.handles.get(JobHandle, Job, ASSIGN_PROCESS, guest)
    guest.state(Jobs).assign(job, other_process(guest, ProcessHandle, INTO_JOB))
    return 0


@dll.export
def NtIsProcessInJob(guest: Guest, ProcessHandle: HANDLE, JobHandle: HANDLE) -> NTSTATUS:
    """NULL for the job: whether the process is in any."""
    other = other_process(guest, ProcessHandle)
    inside = guest.state(Jobs).is_inside(guest, JobHandle, QUERY, other)
    return STATUS_PROCESS_IN_JOB if inside else STATUS_PROCESS_NOT_IN_JOB


@dll.export
def NtTerminateJobObject(guest: Guest, JobHandle: HANDLE, ExitStatus: NTSTATUS) -> NTSTATUS:
    guest.process.handles.get(JobHandle, Job, TERMINATE, guest).terminate(ExitStatus & 0xFFFFFFFF)
    return 0


@dll.export(probes=True, partial="limits, accounts and the list of processes")
def NtQueryInformationJobObject(
    guest: Guest, JobHandle: HANDLE, JobObjectInformationClass: ULONG, JobObjectInformation: PVOID,
    JobObjectInformationLength: ULONG, ReturnLength: Out[ULONG] | None, *, clock: Clock,
) -> NTSTATUS:  # fmt: skip
    """NULL for the job: that which the process is in."""
    job = guest.state(Jobs).of_handle(guest, JobHandle, QUERY)
    data, complete = query(job, JobObjectInformationClass, JobObjectInformationLength, clock.cpu_time())
    guest.memory.write(JobObjectInformation, data)
    if ReturnLength is not None:
        ReturnLength.value = len(data)
    return 0 if complete else STATUS_BUFFER_OVERFLOW


@dll.export(probes=True, partial="limits of processor, priority and working set are kept and not enforced")
def NtSetInformationJobObject(
    guest: Guest, JobHandle: HANDLE, JobObjectInformationClass: ULONG, JobObjectInformation: PVOID,
    JobObjectInformationLength: ULONG,
) -> NTSTATUS:  # fmt: skip
    job = guest.process.handles.get(JobHandle, Job, SET_ATTRIBUTES, guest)
    change(job, JobObjectInformationClass, JobObjectInformation, JobObjectInformationLength, guest.process)
    return 0


also_zw(__name__)
