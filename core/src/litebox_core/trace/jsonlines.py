"""``--trace-format json``: one JSON object on a line, for programs to read. Schema: docs/trace-schema.md."""

import json
from json.encoder import encode_basestring_ascii as quoted
from typing import TYPE_CHECKING, Any, TextIO

from ..hookspecs import hookimpl
from . import values
from .sink import Sink

if TYPE_CHECKING:
    from ..dispatch import Entry
    from ..process import Process
    from .call import Call
    from .filters import Filter

SCHEMA = 1
_KEPT = 200
"""Rows that are held back before they are given to the stream together."""


class JsonSink(Sink):
    """Writes a call when it has ended; one that never returns, such as ExitProcess, when its thread or the run ends."""

    def __init__(self, stream: TextIO, process: "Process", filters: "list[Filter]") -> None:
        super().__init__(stream, process, filters)
        self._writers: dict[Entry, _Row] = {}
        self._rows: list[str] = []
        self._pid = str(process.pid)

    @hookimpl
    def litebox_call_exit(self, call: "Call") -> None:
        writer = self._writers.get(call.entry)
        if writer is None:
            writer = self._writers[call.entry] = _Row(call.entry, self._pid)
        self._rows.append(writer(call))
        end = call.time + call.duration
        if len(self._rows) >= _KEPT or end - self._flushed > 0.2:
            self._hand_on()
            self.written(end)

    def _hand_on(self) -> None:
        rows, self._rows = self._rows, []
        self.stream.write("".join(rows))

    def event(self, name: str, now: float, details: dict[str, Any]) -> None:
        """Called by the tracer for each event that happens."""
        if not self.wants(name):
            return
        row: dict[str, Any] = {"event": name}
        if name == "start":
            row["schema"] = SCHEMA
        row.update(t=round(now, 6), pid=self.process.pid, **details)
        self._rows.append(json.dumps(row) + "\n")

    def flush(self) -> None:
        self._hand_on()
        super().flush()

    def close(self) -> None:
        self._hand_on()
        super().close()


class _Row:
    """Writes the calls of one export: what is the same for all of them is put together once."""

    __slots__ = ("_arguments", "_head", "_result", "_typed", "_watches")

    def __init__(self, entry: "Entry", pid: str) -> None:
        self._head = (
            f'"dll":{quoted(entry.dll)},"function":{quoted(entry.export.name)},"category":{quoted(entry.category)},'
            f'"kind":{quoted(entry.kind)},"args":{{'
        )
        signature = entry.export.signature
        self._result = values.result_encoder(signature)
        self._typed = signature is not None
        params = signature.params if signature is not None else ()
        self._watches = any(p.kind in ("pointer", "buffer") for p in params)
        self._arguments = [
            (f"{',' if i else ''}{quoted(p.name)}:", values.encoder(p)) for i, p in enumerate(params)
        ]

    def __call__(self, call: "Call") -> str:
        if self._typed:
            arguments = "".join(
                [name + encode(value) for (name, encode), value in zip(self._arguments, call.values, strict=False)]
            )
        else:
            pairs = call.arguments()
            arguments = ",".join([f"{quoted(name)}:{quoted(_unquoted(text))}" for name, text in pairs])
        tail = ""
        if self._watches:
            ins, outs = call.pointed()
            tail = (f',"in":{json.dumps(ins)}' if ins else "") + (f',"out":{json.dumps(outs)}' if outs else "")
        raw = '","'.join(map(hex, call.raw))
        result = self._result(call.result) if call.finished else "null"
        error = call.error_name
        more = (f',"waited":{call.waited:.6f}' if call.waited > 0 else "") + (
            "" if call.finished else ',"unfinished":true'
        )
        guest = call.guest
        return (
            f'{{"event":"call","n":{call.number},"t":{call.time:.6f},"dur":{call.duration:.6f},'
            f'"pid":{guest.process.pid},"tid":{guest.tid},"depth":{call.depth},{self._head}{arguments}}},'
            f'"raw":[{chr(34) + raw + chr(34) if raw else ""}]{tail},"result":{result},'
            f'"error":{quoted(error) if error else "null"},"from":{quoted(call.caller)}{more}}}\n'
        )


def _unquoted(text: str) -> str:
    """A text argument of a stub without the quotes that people see."""
    return text[1:-1] if len(text) >= 2 and text[0] in "'\"" and text[-1] == text[0] else text
