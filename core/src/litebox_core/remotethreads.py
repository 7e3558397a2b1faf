"""Threads of other processes that can be waited for: each tells its end through a pipe of the host."""

import os
import select
from typing import TYPE_CHECKING

from .children import OtherProcess, OtherThread
from .errors import NtError
from .ntstatus import STATUS_TOO_MANY_OPENED_FILES
from .threads import STILL_ACTIVE

if TYPE_CHECKING:
    from .children import Children

__all__ = ["WatchedThread", "create_thread", "open_thread"]


class WatchedThread(OtherThread):
    """A thread of another process. Signalled when the thread has ended."""

    def __init__(self, process: OtherProcess, tid: int, teb: int, end: int) -> None:
        super().__init__(process, tid)
        self.teb, self._end, self._code = teb, end, STILL_ACTIVE
        os.set_blocking(end, False)
        self.descriptor = (end, select.POLLIN)

    def describe(self) -> str:
        return f"the end of thread {self.tid:#x} of process {self.process.pid:#x}"

    def signaled(self, guest: object) -> bool:
        return self._look()

    @property
    def exit_code(self) -> int:
        self._look()
        return self._code

    def _look(self) -> bool:
        if self._end >= 0:
            try:
                data = os.read(self._end, 4)
            except BlockingIOError:
                return False
            self._code = int.from_bytes(data, "little") if data else self.process.exit_code
            self.destroyed()
        return True

    def resume(self, children: "Children") -> int:
        return int(children.ask(self.process.pid, "resume", tid=self.tid)[0]["count"])

    def destroyed(self) -> None:
        if self._end >= 0:
            os.close(self._end)
            self._end, self.descriptor = -1, None


def create_thread(
    children: "Children", process: OtherProcess, start: int, parameter: int, stack: int, suspended: bool
) -> WatchedThread:
    """Starts a thread in another process; ``stack``: bytes to reserve, 0 for as many as its program says.

    Raises NtError.
    """
    answer, fds = children.ask(
        process.pid, "create thread", start=start, parameter=parameter, stack=stack, suspended=suspended
    )
    return _watched(process, answer["tid"], answer["teb"], fds)


def open_thread(children: "Children", process: OtherProcess, tid: int) -> WatchedThread:
    """A thread that another process has. Raises NtError."""
    answer, fds = children.ask(process.pid, "open thread", tid=tid)
    return _watched(process, tid, answer["teb"], fds)


def _watched(process: OtherProcess, tid: int, teb: int, fds: list[int]) -> WatchedThread:
    if not fds:
        raise NtError(STATUS_TOO_MANY_OPENED_FILES)  # the host has no room for what came with the answer
    return WatchedThread(process, tid, teb, fds[0])
