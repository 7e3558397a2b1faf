"""A trace sink: ``--trace-format csv``, one line a call: time, thread, DLL, function, result, error, microseconds."""

import csv
from typing import TYPE_CHECKING, TextIO

from litebox_core.hookspecs import hookimpl
from litebox_core.trace import Sink

if TYPE_CHECKING:
    from litebox_core.process import Process
    from litebox_core.trace import Call
    from litebox_core.trace.filters import Filter


class CsvSink(Sink):
    """Writes a call when it has ended."""

    all_events = False

    def __init__(self, stream: TextIO, process: "Process", filters: "list[Filter]") -> None:
        super().__init__(stream, process, filters)
        self.writer = csv.writer(stream, lineterminator="\n")
        self.writer.writerow(("time", "thread", "dll", "function", "result", "error", "us"))

    @hookimpl
    def litebox_call_exit(self, call: "Call") -> None:
        self.writer.writerow((
            f"{call.time:.6f}", call.guest.tid, call.dll, call.function, call.result_text(), call.error_name or "",
            f"{call.duration * 1e6:.0f}",
        ))  # fmt: skip
        self.written(call.time)


@hookimpl
def litebox_trace_sinks() -> "dict[str, type[Sink]]":
    return {"csv": CsvSink}
