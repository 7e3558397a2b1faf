"""Child processes as forks of the process that starts them: all that it has imported is there already.

Only a process that belongs to litebox alone (``litebox run`` and its children) is forked. The fork keeps nothing of its
parent but that: descriptors that are not handed over are closed, the parent's objects are never finished there, and it
never returns into the parent's code.
"""

import gc
import os
import signal
import sys
import warnings
from collections.abc import Collection
from typing import Any, NoReturn

__all__ = ["Forked", "fork"]

_parents: list[Any] = []
"""What belongs to the process that this one was forked from, kept from being finished."""


class Forked:
    """A forked process, as far as ``subprocess.Popen`` is like it."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._status: int | None = None
        self.cpu_time = 0, 0
        """Kernel and user time in 100 ns, when it has ended."""

    def wait(self) -> int:
        """The exit status; the negative number of the signal that ended it."""
        if self._status is None:
            _, status, usage = os.wait4(self.pid, 0)
            self.cpu_time = int(usage.ru_stime * 1e7), int(usage.ru_utime * 1e7)
            self._status = os.waitstatus_to_exitcode(status)
        return self._status

    def kill(self) -> None:
        if self._status is None:
            os.kill(self.pid, signal.SIGKILL)


def fork(
    settings: dict[str, Any], standard: tuple[int | None, int | None, int | None], passed: Collection[int],
    own_session: bool, parent: Any,
) -> Forked:  # fmt: skip
    """Starts a child with these settings of a ``Handover``. Raises OSError.

    ``standard`` are its standard streams (None: the null device), ``passed`` the descriptors that it keeps.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    with warnings.catch_warnings():
        # The other threads of this process touch nothing that the child uses
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid:
        return Forked(pid)
    try:
        _begin(standard, passed, own_session, parent)
        _run(settings)
    finally:
        os._exit(70)


def _begin(
    standard: tuple[int | None, int | None, int | None], passed: Collection[int], own_session: bool, parent: Any
) -> None:  # fmt: skip
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGTERM):
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    if own_session:
        os.setsid()
    gc.disable()
    _parents.extend((parent, sys.stdout, sys.stderr, sys.stdin))
    sources = [os.open(os.devnull, os.O_RDWR) if fd is None else os.dup(fd) for fd in standard]
    for target, source in enumerate(sources):
        os.dup2(source, target)
    keep = {0, 1, 2, *passed}
    for name in os.listdir("/proc/self/fd"):
        if int(name) not in keep:
            try:
                os.close(int(name))
            except OSError:
                continue  # that of the listing itself
    sys.stdin = open(0, closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115


def _run(settings: dict[str, Any]) -> NoReturn:
    from .children import Handover, run_child

    run_child(Handover(settings))
