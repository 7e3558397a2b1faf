"""What all trace sinks share, and where their output goes."""

import sys
from typing import TYPE_CHECKING, Any, TextIO

from ..config import ConfigError
from .filters import EVENTS, asked_for

if TYPE_CHECKING:
    from ..process import Process
    from .filters import Filter

FLUSH_AFTER = 0.2
"""Seconds after which what was written is handed to the system: the trace of a running program can be followed."""


class Sink:
    """A listener that writes: a plugin like any other, made for ``--trace-format NAME``.

    Offer one from a plugin by the hook ``litebox_trace_sinks``. Implement any hooks with ``@hookimpl``, write to
    ``self.stream``; :meth:`close` is called at the end of the run however it ends.
    """

    all_events = True
    """Whether events other than calls are wanted where the filters do not say (``memory`` never is)."""

    def __init__(self, stream: TextIO, process: "Process", filters: "list[Filter]") -> None:
        self.stream, self.process, self.filters = stream, process, filters
        self._events = {name: self._wants(name) for name in EVENTS}
        self._flushed = 0.0

    def _wants(self, name: str) -> bool:
        asked = asked_for(self.filters, name)
        return asked if asked is not None else self.all_events and name != "memory"

    def wants(self, event: str) -> bool:
        """Whether an event of this name (see :data:`~litebox_core.trace.filters.EVENTS`) is to be written."""
        return self._events[event]

    def event(self, name: str, now: float, details: dict[str, Any]) -> None:
        """Told of each event that happens, wanted or not; writes nothing unless a sink does."""

    def written(self, now: float) -> None:
        """Something was written at this time of the trace: hands it on from time to time."""
        if now - self._flushed > FLUSH_AFTER:
            self._flushed = now
            self.stream.flush()

    def flush(self) -> None:
        """The program is about to wait, perhaps for long: what was put off is handed to the system."""
        self.stream.flush()

    def close(self) -> None:
        """The run has ended: writes what is still to be written, and closes the file."""
        if self.stream in (sys.stdout, sys.stderr):
            self.stream.flush()
        else:
            self.stream.close()


def open_output(where: str) -> TextIO:
    """The stream of a ``--trace-output``: a file, ``-`` for standard output, ``stderr``. Raises ConfigError."""
    if where in ("-", "stdout"):
        return sys.stdout
    if where == "stderr":
        return sys.stderr
    try:
        return open(where, "w", encoding="utf-8", errors="backslashreplace", newline="\n")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigError(f"--trace-output {where}: {reason}") from None
