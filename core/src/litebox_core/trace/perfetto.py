"""``--trace-format perfetto``: the Chrome trace-event form, which ui.perfetto.dev and chrome://tracing open."""

import json
from typing import TYPE_CHECKING, Any, TextIO

from ..hookspecs import hookimpl
from .sink import Sink

if TYPE_CHECKING:
    from ..process import Process
    from .call import Call
    from .filters import Filter


class PerfettoSink(Sink):
    """Threads are tracks, calls are slices on them, waits slices inside, other events are instants."""

    def __init__(self, stream: TextIO, process: "Process", filters: "list[Filter]") -> None:
        super().__init__(stream, process, filters)
        self._first = True
        stream.write('{"displayTimeUnit":"ns","traceEvents":[\n')
        name = process.options.program.rpartition("/")[2] or "litebox"
        self._write({"name": "process_name", "ph": "M", "pid": process.pid, "tid": 0, "args": {"name": name}})

    def _write(self, event: dict[str, Any]) -> None:
        self.stream.write(("" if self._first else ",\n") + json.dumps(event))
        self._first = False

    @hookimpl
    def litebox_call_exit(self, call: "Call") -> None:
        start, length = call.time * 1e6, call.duration * 1e6
        arguments: dict[str, Any] = dict(call.arguments())
        if call.finished:
            arguments["result"] = call.result_text()
            arguments.update((f"out {name}", value) for name, value in call.outs().items())
        if call.error_name:
            arguments["error"] = call.error_name
        arguments.update(kind=call.kind, caller=call.caller)
        place = {"ph": "X", "pid": self.process.pid, "tid": call.guest.tid, "ts": round(start, 3)}
        self._write({**place, "name": call.name, "cat": call.category, "dur": round(length, 3), "args": arguments})
        if call.waited > 0:
            waited = min(call.waited * 1e6, length)
            at = round(start + length - waited, 3)
            self._write({**place, "name": "waiting", "cat": "wait", "ts": at, "dur": round(waited, 3)})
        self.written(call.time + call.duration)

    def event(self, name: str, now: float, details: dict[str, Any]) -> None:
        """Called by the tracer for each event that happens."""
        tid = details.get("tid", 0)
        if name == "thread_start":
            title = details["name"] or f"thread {tid}"
            self._write({
                "name": "thread_name", "ph": "M", "pid": self.process.pid, "tid": tid, "args": {"name": title},
            })  # fmt: skip
        if self.wants(name):
            self._write({
                "name": name, "cat": "event", "ph": "i", "s": "t" if tid else "p", "pid": self.process.pid, "tid": tid,
                "ts": round(now * 1e6, 3), "args": details,
            })  # fmt: skip

    def close(self) -> None:
        self.stream.write("\n]}\n")
        super().close()
