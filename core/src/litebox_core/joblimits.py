"""Limits of job objects on memory and time: each process holds itself to them, by numbers that all of a run share.

The numbers are in the run's table. Other members of a job are looked at as they were up to a time slice ago.
"""

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from .errors import NtError

if TYPE_CHECKING:
    from .process import Process
    from .runtable import Account, RunTable

__all__ = ["MSG_JOB_MEMORY_LIMIT", "MSG_PROCESS_MEMORY_LIMIT", "Allowance"]

MSG_PROCESS_MEMORY_LIMIT, MSG_JOB_MEMORY_LIMIT = 9, 10


def user_time() -> int:
    """This process's, in units of 100 ns."""
    return int(os.times().user * 10_000_000)


class Allowance:
    """What its jobs allow a process; its start-up does not count. Memory asks it, and the scheduler's ticker."""

    def __init__(self, process: "Process", table: "RunTable") -> None:
        self._process, self._table = process, table
        self._slot = -1
        self._began = user_time()
        process.memory.allowance = self.grants
        process.scheduler.allowance = self

    @property
    def job_flags(self) -> int | None:
        """JOB_OBJECT_LIMIT_* of the innermost job, None where the process is in none."""
        account = self._account()
        return account.flags if account is not None and account.job else None

    def _account(self) -> "Account | None":
        if self._slot < 0:
            self._slot = self._table.slot(os.getpid())
        return None if self._slot < 0 else self._table.account(self._slot)

    def grants(self, size: int) -> bool:
        """Whether so many bytes more may be committed. The job's owner hears of it when not."""
        account = self._account()
        if account is None or not account.job:
            return True
        own = self._process.memory.committed + size
        total = own + self._table.job_memory(account.job, self._slot)
        if account.process_memory and own > account.process_memory:
            return self._refused(account.job, MSG_PROCESS_MEMORY_LIMIT)
        if account.job_memory and total > account.job_memory:
            return self._refused(account.job, MSG_JOB_MEMORY_LIMIT)
        self._table.used(self._slot, own, total, user_time() - self._began)
        return True

    def _refused(self, job: int, message: int) -> bool:
        from .children import Children
        from .jobs import Jobs

        owner, process = job >> 32, self._process
        if owner == process.pid:
            process.state(Jobs).notice(job, message, process.pid)
        else:
            with suppress(NtError):  # it has ended
                process.service(Children).ask(owner, "job", job=job, message=message, member=process.pid)
        return False

    def used_up(self) -> bool:
        """Called every time slice: whether the process, or its job, has had all the time that it may have."""
        account = self._account()
        if account is None or not account.job:
            return False
        used = user_time() - self._began
        self._table.used(self._slot, self._process.memory.committed, 0, used)
        if account.process_time and used > account.process_time:
            return True
        return bool(account.job_time) and self._table.job_time(account.job) > account.job_time
