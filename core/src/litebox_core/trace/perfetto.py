"""``--trace-format perfetto``: the Chrome trace-event form, which ui.perfetto.dev and chrome://tracing open."""

import json
from typing import TYPE_CHECKING, Any, TextIO

from .. import __version__
from ..hookspecs import hookimpl
from .sink import Sink

if TYPE_CHECKING:
    from ..process import Process
    from .call import Call
    from .filters import Filter

_encode = json.JSONEncoder(allow_nan=False, check_circular=False).encode


class PerfettoSink(Sink):
    """Threads are tracks, calls are slices on them, waits slices inside, other events are instants.

    Times are microseconds with three decimals. Slices of a thread always nest: a wait is drawn at the end of its call,
    and without what calls inside of it waited themselves.
    """

    def __init__(self, stream: TextIO, process: "Process", filters: "list[Filter]") -> None:
        super().__init__(stream, process, filters)
        self._first = True
        self._inner: dict[int, dict[int, tuple[float, float]]] = {}
        """By thread and depth: when the last call ended that was told there, and how long all of them waited."""
        self._threads = 0
        options = process.options
        about = {"litebox": __version__, "program": options.program, "arguments": options.arguments}
        stream.write(f'{{"displayTimeUnit":"ns","otherData":{json.dumps(about)},"traceEvents":[\n')
        self._about("process_name", 0, name=options.program.rpartition("/")[2] or "litebox")
        self._about("process_labels", 0, labels=f"litebox {__version__}, {process.bits} bits")

    def _write(self, event: dict[str, Any]) -> None:
        try:
            line = _encode(event)
        except ValueError:  # JSON has no infinity
            line = _encode(finite(event))
        self.stream.write(("" if self._first else ",\n") + line)
        self._first = False

    def _about(self, what: str, tid: int, **args: Any) -> None:
        """A metadata event: names and order of processes and threads."""
        self._write({"name": what, "ph": "M", "pid": self.process.pid, "tid": tid, "args": args})

    @hookimpl
    def litebox_call_exit(self, call: "Call") -> None:
        begin, end = call.time * 1e6, (call.time + call.duration) * 1e6
        arguments: dict[str, Any] = dict(call.arguments())
        if call.finished:
            arguments["result"] = call.result_text()
            arguments.update((f"out {name}", value) for name, value in call.outs().items())
        else:
            arguments["unfinished"] = True
        if call.error_name:
            arguments["error"] = call.error_name
        if call.waited > 0:
            arguments["waited us"] = round(call.waited * 1e6, 3)
        arguments.update(kind=call.kind, caller=call.caller, number=call.number)
        self._slice(call, call.name, call.category, begin, end, arguments)
        inner = self._inner.get(call.guest.tid)
        if inner is None:
            inner = self._inner[call.guest.tid] = {}
        last, waited_inside = inner.pop(call.depth + 1, (begin, 0.0))
        own = call.waited * 1e6 - waited_inside
        # What is left to see of a wait is what lies behind the last call inside; rounding must not bend the nesting.
        start = max(end - own, last)
        if own > 0 and end - start >= 0.001:
            self._slice(call, "waiting", "wait", start, end, {})
        if call.depth:
            waited = inner[call.depth][1] if call.depth in inner else 0.0
            inner[call.depth] = (end, waited + call.waited * 1e6)
        elif inner:
            inner.clear()
        self.written(call.time + call.duration)

    def _slice(self, call: "Call", name: str, category: str, begin: float, end: float, args: dict[str, Any]) -> None:
        start = round(begin, 3)
        self._write({
            "name": name, "cat": category, "ph": "X", "pid": self.process.pid, "tid": call.guest.tid, "ts": start,
            "dur": max(0.0, round(round(end, 3) - start, 3)), "args": args,
        })  # fmt: skip

    def event(self, name: str, now: float, details: dict[str, Any]) -> None:
        """Called by the tracer for each event that happens."""
        tid = details.get("tid", 0)
        if name == "thread_start":
            self._about("thread_name", tid, name=details["name"] or "thread")
            self._about("thread_sort_index", tid, sort_index=self._threads)
            self._threads += 1
            self._inner.pop(tid, None)
        if self.wants(name):
            title = next((str(details[key]) for key in ("module", "name", "why") if details.get(key)), "")
            self._write({
                "name": f"{name} {title}".rstrip(), "cat": "event", "ph": "i", "s": "t" if tid else "p",
                "pid": self.process.pid, "tid": tid, "ts": round(now * 1e6, 3), "args": details,
            })  # fmt: skip

    def close(self) -> None:
        self.stream.write("\n]}\n")
        super().close()


def finite(value: Any) -> Any:
    """A value with every number that JSON has no words for as a text."""
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [finite(item) for item in value]
    return repr(value) if isinstance(value, float) and value - value != 0 else value
