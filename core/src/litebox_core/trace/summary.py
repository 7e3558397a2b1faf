"""``--trace-format summary``: a table at exit: how often each function was called, for how long, and how it failed."""

from collections import Counter
from typing import TYPE_CHECKING, TextIO

from ..hookspecs import hookimpl
from .sink import Sink

if TYPE_CHECKING:
    from ..dispatch import Entry
    from ..process import Process
    from .call import Call
    from .filters import Filter


class SummarySink(Sink):
    """Counts calls; the functions in which most time was spent come first. Times are inclusive, in milliseconds."""

    def __init__(self, stream: TextIO, process: "Process", filters: "list[Filter]") -> None:
        super().__init__(stream, process, filters)
        self.rows: dict[Entry, list[float]] = {}
        """For each export: calls, errors, seconds inside, seconds of them waiting."""
        self.errors: Counter[str] = Counter()

    @hookimpl
    def litebox_call_exit(self, call: "Call") -> None:
        row = self.rows.get(call.entry)
        if row is None:
            row = self.rows[call.entry] = [0, 0, 0.0, 0.0]
        row[0] += 1
        row[2] += call.duration
        row[3] += call.waited
        if call.error is not None and call.failed:
            row[1] += 1
            self.errors[call.error_name or "?"] += 1

    def close(self) -> None:
        self.stream.write("\n".join(self.table()) + "\n")
        super().close()

    def table(self) -> list[str]:
        """The lines of the table."""
        lines = [f"{'calls':>9} {'errors':>7} {'ms':>10} {'waiting':>10} {'us/call':>9}  function"]
        rows = sorted(self.rows.items(), key=lambda item: (-item[1][2], item[0].name))
        for entry, (calls, errors, inside, waited) in rows:
            mark = f" [{entry.kind}]" if entry.kind in ("stub", "overlay") else ""
            lines.append(
                f"{calls:9.0f} {errors:7.0f} {inside * 1e3:10.3f} {waited * 1e3:10.3f} {inside / calls * 1e6:9.1f}"
                f"  {entry.name}{mark}"
            )
        calls, errors = sum(r[0] for r in self.rows.values()), sum(r[1] for r in self.rows.values())
        stubs = sum(r[0] for e, r in self.rows.items() if e.kind == "stub")
        total = f"{calls:9.0f} {errors:7.0f} calls and errors in {len(self.rows)} functions"
        lines.append(f"{total}, {stubs:.0f} calls of stubs")
        if self.errors:
            lines.append("  ".join(f"{name} {count}" for name, count in self.errors.most_common(8)))
        return lines
