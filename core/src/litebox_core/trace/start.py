"""Putting tracing together from the options, before the program starts."""

import os
from typing import TYPE_CHECKING

from ..config import ConfigError
from ..outside import nothing
from .bus import EventBus
from .events import MemoryEvent
from .filters import Filter
from .sink import Sink, open_output
from .tracer import Tracer

if TYPE_CHECKING:
    from ..config import Options
    from ..process import Process

FORMATS = ("text", "calls", "json", "perfetto", "summary")
"""The sinks that come with litebox, by the name that ``--trace-format`` takes."""


def built_in(name: str) -> type[Sink]:
    """The class of one of :data:`FORMATS`."""
    if name == "text":
        from .text import TextSink

        return TextSink
    if name == "calls":
        from .text import CallsSink

        return CallsSink
    if name == "json":
        from .jsonlines import JsonSink

        return JsonSink
    if name == "summary":
        from .summary import SummarySink

        return SummarySink
    from .perfetto import PerfettoSink

    return PerfettoSink


def outputs(options: "Options", known: "set[str]") -> list[tuple[str, str]]:
    """The sinks that were asked for, as pairs of format and place.

    ``--trace-output`` is ``FORMAT:WHERE`` or ``WHERE``; those without a format take the ``--trace-format`` ones in
    order, the last one serving for the rest. A format that no output takes goes to standard error.
    """
    formats = list(options.trace_formats) or ["text"]
    made: list[tuple[str, str]] = []
    taken = 0
    for output in options.trace_outputs:
        name, colon, where = output.partition(":")
        if colon and name in known and where:
            made.append((name, where))
        else:
            made.append((formats[min(taken, len(formats) - 1)], output))
            taken += 1
    if options.trace_formats:
        made += [(name, "stderr") for name in formats[taken:]]
    elif not made:
        made.append(("text", "stderr"))
    for name, _ in made:
        if name not in known:
            raise ConfigError(f"--trace-format {name}: no such format: {', '.join(sorted(known))}")
    return made


class Tracing:
    """The tracing of one run; :meth:`close` at its end, however it ends."""

    def __init__(self, process: "Process") -> None:
        self._closed = False
        options = process.options
        filters = [Filter(text) for text in options.trace or ["*"]]
        manager = process.plugins.manager
        offered: dict[str, type[Sink]] = {}
        for offer in manager.hook.litebox_trace_sinks():
            offered.update(offer)
        self.sinks: list[Sink] = []
        for name, where in outputs(options, {*FORMATS, *offered}):
            kind = offered[name] if name in offered else built_in(name)
            if where not in ("-", "stderr"):
                where = os.path.join(options.trace_folder, where)
                if options.handover is not None:  # each process writes a file of its own
                    where += f".{process.pid}"
            self.sinks.append(kind(open_output(where), process, filters))
        self.tracer = tracer = Tracer(process, filters, options.trace_start, options.trace_stop)
        self.bus = EventBus(process, tracer, self.sinks)
        manager.register(self.bus)
        manager.register(tracer)
        for sink in self.sinks:
            manager.register(sink)
        process.dispatcher.trace_of = tracer.of
        process.scheduler.resting = self._flush
        wanted = any(sink.wants("memory") for sink in self.sinks)
        if wanted or len(manager.hook.litebox_memory.get_hookimpls()) > 1:
            hook = manager.hook.litebox_memory

            def observe(op: str, address: int, size: int, protect: int) -> None:
                hook(process=process, event=MemoryEvent(op, address, size, protect))

            process.memory.observer = observe
        self.bus.start()

    def _flush(self) -> None:
        """The program waits, perhaps for long: whoever follows its trace gets to see all of it."""
        for sink in self.sinks:
            sink.flush()

    def close(self) -> None:
        """Tells of the calls in progress, writes out what is left and stops listening."""
        if self._closed:
            return
        self._closed = True
        self.tracer.close()
        manager = self.tracer.process.plugins.manager
        for listener in (self.bus, self.tracer, *self.sinks):
            manager.unregister(listener)
        self.tracer.process.memory.observer = None
        self.tracer.process.scheduler.resting = nothing
        for sink in self.sinks:
            sink.close()

    @property
    def unmatched(self) -> str:
        """What to tell a user whose filters no call passed; empty where some did."""
        if self.tracer.reported or any(f.events for f in self.tracer.filters):
            return ""
        wanted = " ".join(repr(f.text) for f in self.tracer.filters)
        return f"--trace {wanted}: no call matched; --trace '*' shows every call"


def start_tracing(process: "Process") -> Tracing | None:
    """Puts the tracing that the options ask for in place; None where they ask for none. Raises ConfigError."""
    return Tracing(process) if process.options.traced else None
