"""``--trace-format json``: one JSON object on a line for each call, for programs to read."""

import json
from typing import TYPE_CHECKING, TextIO

from .hookspecs import hookimpl

if TYPE_CHECKING:
    from .process import Process
    from .trace import Call


class JsonSink:
    """Writes a call when it has ended; one that never returns, such as ExitProcess, when the process ends.

    Fields: ``number`` in the order in which the calls began, ``thread``, ``depth``, ``dll``, ``function``, ``kind``
    (``real``, ``partial``, ``stub``, ``overlay``), ``args`` (texts by name), ``result`` and ``error`` (texts or null),
    ``returns_to`` (address), ``time`` and ``duration`` in seconds.
    """

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self._open: dict[int, Call] = {}

    @hookimpl
    def litebox_call_enter(self, call: "Call") -> None:
        self._open[call.number] = call

    @hookimpl
    def litebox_call_exit(self, call: "Call") -> None:
        self._open.pop(call.number, None)
        self._write(call)

    def _write(self, call: "Call") -> None:
        row = {
            "number": call.number,
            "thread": call.guest.tid,
            "depth": call.depth,
            "dll": call.entry.dll,
            "function": call.entry.export.name,
            "kind": call.entry.kind,
            "args": dict(call.arguments()),
            "result": call.result_text() if call.result is not None else None,
            "error": call.error_text().removeprefix(" !") or None,
            "returns_to": call.return_address,
            "time": round(call.time, 6),
            "duration": round(call.duration, 6),
        }
        self.stream.write(json.dumps(row) + "\n")

    @hookimpl
    def litebox_process_exit(self, process: "Process") -> None:
        for call in self._open.values():
            self._write(call)
        self._open.clear()
        self.stream.flush()
