"""Which recorded calls and events are wanted: the grammar of ``--trace``, asked of a recorded trace."""

from ..config import ConfigError
from ..trace.filters import Filter, asked_for
from .records import CallRecord, Event, program_name


class RecordFilter:
    """Filters as ``--trace`` takes them, for the events of one trace, which must pass through :meth:`see` in order.

    A call is wanted when one of the texts wants it; all are when there is no text. Raises ConfigError for what is no
    filter, and for ``dll/module``, which a trace does not record.
    """

    def __init__(self, texts: "list[str] | tuple[str, ...]") -> None:
        self.filters = [Filter(text) for text in texts]
        for found in self.filters:
            for _, part in found.parts:
                if "/" in part:
                    raise ConfigError(
                        f"--trace {found.text!r}: a trace does not record the module {part}: "
                        "use @CATEGORY or DLL!FUNCTION"
                    )
        self._programs: dict[int, str] = {}
        self._main_threads: dict[int, int] = {}

    def see(self, event: Event) -> None:
        """Takes note of what ``main`` means: the program of a process, and its first thread."""
        kind, pid = event["event"], event.get("pid", 0)
        if kind == "start":
            self._programs[pid] = program_name(event)
            self._main_threads.pop(pid, None)
        elif kind in ("thread_start", "call"):
            self._main_threads.setdefault(pid, event["tid"])

    def wants(self, call: Event) -> bool:
        """Whether a call event passes."""
        if not self.filters:
            return True
        record, pid = CallRecord(call), call.get("pid", 0)
        main, program = self._main_threads.get(pid), self._programs.get(pid, "")
        return any(f.record(record, main, program) for f in self.filters)

    def event(self, name: str) -> bool | None:
        """Whether events of this name are asked for, or, False, not wanted; None when no filter says so."""
        return asked_for(self.filters, name)
