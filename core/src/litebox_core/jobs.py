"""Job objects: processes that are limited, counted and ended together.

A job belongs to the process that made it. Its members are the processes that were put into it, and the children that
those of them start that this process knows: its own.
"""

import os
import struct
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from .children import Children, OtherProcess
from .completion import CompletionPort, Packet
from .errors import NtError
from .joblimits import Allowance
from .ntstatus import STATUS_ACCESS_DENIED, STATUS_QUOTA_EXCEEDED
from .objects import Waitable
from .scheduler import ProcessExit
from .winerror import ERROR_NOT_ENOUGH_QUOTA

if TYPE_CHECKING:
    from .guest import Guest
    from .process import Process
    from .runtable import RunTable

__all__ = ["Job", "Jobs"]

LIMIT_PROCESS_TIME, LIMIT_JOB_TIME, LIMIT_PROCESS_MEMORY, LIMIT_JOB_MEMORY = 0x2, 0x4, 0x100, 0x200
LIMIT_ACTIVE_PROCESS, LIMIT_BREAKAWAY_OK, LIMIT_SILENT_BREAKAWAY_OK, LIMIT_KILL_ON_JOB_CLOSE = 8, 0x800, 0x1000, 0x2000
BREAKAWAY = LIMIT_BREAKAWAY_OK | LIMIT_SILENT_BREAKAWAY_OK
MSG_END_OF_JOB_TIME, MSG_END_OF_PROCESS_TIME = 1, 2
MSG_ACTIVE_PROCESS_LIMIT, MSG_ACTIVE_PROCESS_ZERO, MSG_NEW_PROCESS, MSG_EXIT_PROCESS, MSG_ABNORMAL = 3, 4, 6, 7, 8
_ABNORMAL = frozenset([0xC0000005, 0xC0000017, 0xC000001D, 0xC0000025, 0xC0000026, 0xC000008C, 0xC0000094, 0xC00000FD,
                       0xC000013A])  # fmt: skip


class Member(Waitable):
    """Tells a job of the end of one of its processes."""

    def __init__(self, job: "Job", process: OtherProcess) -> None:
        super().__init__()
        self.job, self.process = job, process
        self.descriptor = process.descriptor

    def signaled(self, guest: "Guest") -> bool:
        return False

    def wake(self) -> None:
        if self.process.look():
            self.job.ended(self.process)


class Job(Waitable):
    """Signalled when it was ended, or its time was up; not when its processes have ended by themselves."""

    type_name = "Job"
    generic = (0x20004, 0x2000B, 0x120000, 0x1F001F)

    def __init__(self, owner: "Process") -> None:
        super().__init__()
        self.owner = owner
        self.members: list[OtherProcess] = []
        """The other processes in it, those that have ended included while somebody has a handle on them."""
        self.parent: Job | None = None
        """The job that it is nested in: its processes are in that, too."""
        self.has_owner = False
        """Whether the process that made it is in it."""
        self.limits = bytearray(144)
        """JOBOBJECT_EXTENDED_LIMIT_INFORMATION (x64)."""
        self.ui_limits = 0
        self.port: tuple[CompletionPort, int] | None = None
        self.total = self.terminated = 0
        self.ended_times = [0, 0]
        self._set = False
        self._watched: dict[int, Member] = {}
        self._time_before = 0
        """What its processes had used when their common time was limited."""
        self.id = owner.state(Jobs).enter(self)
        """As in the run's table."""

    @property
    def flags(self) -> int:
        """JOB_OBJECT_LIMIT_*."""
        return int.from_bytes(self.limits[16:20], "little")

    def signaled(self, guest: "Guest") -> bool:
        return self._set

    def active(self) -> list[int]:
        """The ids of the processes in it that have not ended."""
        for process in list(self.members):
            if process.look():
                self.ended(process)
        own = [self.owner.pid] if self.has_owner else []
        return own + [process.pid for process in self.members if not process.look()]

    def holds(self, process: OtherProcess | None) -> bool:
        """Whether a process (None: its owner) is or was in it."""
        return self.has_owner if process is None else process in self.members

    def room(self) -> bool:
        """Whether one more process may be in it."""
        limit = int.from_bytes(self.limits[40:44], "little")
        return not self.flags & LIMIT_ACTIVE_PROCESS or len(self.active()) < limit

    # -- limits --------------------------------------------------------------------------------------------------

    def change_limits(self, data: bytes) -> None:
        """Takes the beginning of a JOBOBJECT_EXTENDED_LIMIT_INFORMATION."""
        self.limits[: len(data)] = data
        self._time_before = self.owner.service(Children).run_table().job_time(self.id)
        hosts = [process.host_pid for process in self.members if not process.look()]
        for host in hosts + [os.getpid()] * self.has_owner:
            self._limit(host)

    def _limit(self, host: int) -> None:
        """Lets one of its processes know of the limits."""
        table = self.owner.service(Children).run_table()
        slot = table.slot(host)
        if slot >= 0:
            table.limit(slot, self.id, self._allowed(table))

    def _allowed(self, table: "RunTable") -> tuple[int, int, int, int, int]:
        process_time, job_time = struct.unpack_from("<QQ", self.limits)
        process_memory, job_memory = struct.unpack_from("<QQ", self.limits, 112)
        wanted = (
            (LIMIT_PROCESS_MEMORY, process_memory), (LIMIT_JOB_MEMORY, job_memory), (LIMIT_PROCESS_TIME, process_time),
            (LIMIT_JOB_TIME, job_time + self._time_before),
        )  # fmt: skip
        memory, total, time, total_time = (max(value, 1) if self.flags & flag else 0 for flag, value in wanted)
        return memory, total, time, total_time, self.flags

    def peaks(self) -> tuple[int, int]:
        """The most memory that one of its processes, and all together, have had."""
        accounts = self.owner.service(Children).run_table().accounts(self.id)
        return max((one.peak for one in accounts), default=0), max((one.job_peak for one in accounts), default=0)

    def time_of_others(self) -> int:
        """User time of its members that run and are not its owner, in 100 ns."""
        table, running = self.owner.service(Children).run_table(), [one for one in self.members if not one.look()]
        slots = [table.slot(process.host_pid) for process in running]
        return sum(table.account(slot).time for slot in slots if slot >= 0)

    # -- processes -----------------------------------------------------------------------------------------------

    def assign(self, process: OtherProcess | None) -> None:
        """Puts a process (None: its owner) into the job. Raises NtError."""
        if process is not None and process.look():
            raise NtError(STATUS_ACCESS_DENIED)
        if self.holds(process):
            return
        self._nest(process)
        if not self.room():
            self.tell(MSG_ACTIVE_PROCESS_LIMIT, 0)
            if process is not None:
                process.terminate(0xC0000044)
            raise NtError(STATUS_QUOTA_EXCEEDED)
        self.total += 1
        if process is None:
            self.has_owner = True
            if self.owner.scheduler.allowance is None:
                Allowance(self.owner, self.owner.service(Children).run_table())
            self._limit(os.getpid())
            self.tell(MSG_NEW_PROCESS, self.owner.pid)
            return
        self.members.append(process)
        process.jobs.append(self)
        member = self._watched[process.pid] = Member(self, process)
        self.owner.scheduler.outside.watch(member)
        self._limit(process.host_pid)
        self.tell(MSG_NEW_PROCESS, process.pid)

    def _nest(self, process: OtherProcess | None) -> None:
        """Sees to it that the process is in all jobs around this one. Raises NtError where it is in others."""
        state = self.owner.state(Jobs)
        jobs = state.own if process is None else process.jobs
        if self.parent is not None:
            if self.parent.holds(process):
                if jobs[-1] is not self.parent:
                    raise NtError(STATUS_ACCESS_DENIED)
            else:
                state.assign(self.parent, process)
        elif jobs:
            if self.total:
                raise NtError(STATUS_ACCESS_DENIED)  # it was made for others
            self.parent = jobs[-1]

    def ended(self, process: OtherProcess) -> None:
        """A process in it has ended."""
        member = self._watched.pop(process.pid, None)
        if member is None:
            return
        self.owner.scheduler.outside.unwatch(member)
        self.ended_times = [total + more for total, more in zip(self.ended_times, process.cpu_time, strict=True)]
        out_of_time = process.exit_code == ERROR_NOT_ENOUGH_QUOTA
        if out_of_time and self.flags & LIMIT_PROCESS_TIME:
            self.tell(MSG_END_OF_PROCESS_TIME, process.pid)
        self.tell(MSG_ABNORMAL if process.exit_code in _ABNORMAL else MSG_EXIT_PROCESS, process.pid)
        if not self.has_owner and not self._watched:
            self.tell(MSG_ACTIVE_PROCESS_ZERO, 0)
        if out_of_time and self.flags & LIMIT_JOB_TIME and not self._set:
            self.tell(MSG_END_OF_JOB_TIME, 0)
            self.terminate(ERROR_NOT_ENOUGH_QUOTA)

    def tell(self, message: int, pid: int) -> None:
        if self.port is not None:
            port, key = self.port
            port.post(Packet(key, pid, 0, message))

    def associate(self, port: CompletionPort, key: int) -> None:
        """Has a port told of what happens, and of the processes that are there."""
        self.port = port, key
        for pid in self.active():
            self.tell(MSG_NEW_PROCESS, pid)

    def terminate(self, code: int) -> None:
        """Ends all its processes. Raises ProcessExit where the owner is one of them."""
        for process in list(self.members):
            if not process.look():
                self.terminated += 1
                process.terminate(code)
                self.ended(process)
        self._set = True
        self.wake()
        if self.has_owner:
            raise ProcessExit(code)

    def handle_closed(self, last: bool) -> None:
        super().handle_closed(last)
        if last and self.flags & LIMIT_KILL_ON_JOB_CLOSE:
            self.has_owner = False
            self.terminate(0)

    def destroyed(self) -> None:
        for member in self._watched.values():
            self.owner.scheduler.outside.unwatch(member)
        self._watched.clear()


class Jobs:
    """The jobs that a process is in, as far as it knows."""

    def __init__(self, process: "Process", dll: str = "") -> None:
        self.process = process
        self.made = 0
        self.all: WeakValueDictionary[int, Job] = WeakValueDictionary()
        """Those that the process made, by their ids."""
        self.own: list[Job] = []
        """Jobs that the process put itself into."""

    @property
    def inherited(self) -> bool:
        """Whether another process has put it into a job."""
        handover, allowance = self.process.options.handover, self.process.scheduler.allowance
        if handover is None:
            return False
        return handover.in_job or (allowance is not None and allowance.job_flags is not None)

    @property
    def may_break_away(self) -> bool:
        handover, allowance = self.process.options.handover, self.process.scheduler.allowance
        flags = (allowance.job_flags if allowance is not None else None) or 0
        return bool(flags & BREAKAWAY) or (handover is not None and handover.may_break_away)

    def enter(self, job: Job) -> int:
        """Gives a new job its id."""
        self.made += 1
        number = self.process.pid << 32 | self.made
        self.all[number] = job
        return number

    def notice(self, job: int, message: int, pid: int) -> None:
        """Something happened to a process of a job that this process made."""
        found = self.all.get(job)
        if found is not None:
            found.tell(message, pid)

    def of_handle(self, guest: "Guest", handle: int, access: int) -> Job:
        """The job of a handle, or for none that which the process is in. Raises NtError."""
        if handle:
            return guest.process.handles.get(handle, Job, access, guest)
        if not self.own:
            raise NtError(STATUS_ACCESS_DENIED)
        return self.own[-1]

    def assign(self, job: Job, process: OtherProcess | None) -> None:
        """Puts a process (None: this one) into a job. Raises NtError."""
        job.assign(process)
        if process is None and job not in self.own:
            self.own.append(job)

    def is_inside(self, guest: "Guest", handle: int, access: int, process: OtherProcess | None) -> bool:
        """Whether a process (None: this one) is in the job of a handle, or for none in some job. Raises NtError."""
        if handle:
            return guest.process.handles.get(handle, Job, access, guest).holds(process)
        return bool(self.own or self.inherited) if process is None else bool(process.jobs)
