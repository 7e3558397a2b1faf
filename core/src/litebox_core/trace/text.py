"""The text sinks: one line for each call (``text``), or a line when it begins and one when it ends (``calls``)."""

import os
from typing import TYPE_CHECKING, Any, TextIO

from ..hookspecs import hookimpl
from . import values
from .sink import Sink

if TYPE_CHECKING:
    from ..guest import Guest
    from ..process import Process
    from .call import Call
    from .filters import Filter

_PLAIN = {"name": "", "error": "", "kind": "", "event": "", "end": ""}
_COLOURS = {"name": "\x1b[36m", "error": "\x1b[31m", "kind": "\x1b[33m", "event": "\x1b[2m", "end": "\x1b[0m"}
_MARKS = {"stub": "[stub]", "overlay": "[overlay]"}


def arguments_text(call: "Call") -> str:
    return ", ".join(f"{name}={text}" for name, text in call.arguments())


def colour_wanted(stream: TextIO) -> bool:
    """Whether it is a terminal, and colours are not unwanted (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


class LineSink(Sink):
    """What both text forms share: colours on a terminal, and lines for events that a filter asks for."""

    all_events = False

    def __init__(self, stream: TextIO, process: "Process", filters: "list[Filter]") -> None:
        super().__init__(stream, process, filters)
        self.colour = _COLOURS if colour_wanted(stream) else _PLAIN

    def answer(self, call: "Call") -> str:
        """`` -> RESULT !ERROR [stub]``, and what the call handed out."""
        colour = self.colour
        result = call.result_text()
        text = f" -> {result}" if result else ""
        if call.failed:
            text += f" {colour['error']}{call.error_text()[1:]}{colour['end']}"
        elif call.finished:
            outs = {name: value for name, value in call.outs().items() if not isinstance(value, (dict, list))}
            if outs:
                text += f" ({', '.join(f'{name}={values.out_text(value)}' for name, value in outs.items())})"
        if not call.finished:
            text += " ..."
        mark = _MARKS.get(call.kind)
        return f"{text} {colour['kind']}{mark}{colour['end']}" if mark else text

    def event(self, name: str, now: float, details: dict[str, Any]) -> None:
        """Called by the tracer for each event that happens."""
        if self.wants(name):
            told = " ".join(f"{key}={value}" for key, value in details.items() if value not in (None, ""))
            self.stream.write(f"{self.colour['event']}-- {name} {told}{self.colour['end']}\n")


class TextSink(LineSink):
    """One line for each call, written when it ends; a call that causes further traced calls also when it begins."""

    def __init__(self, stream: TextIO, process: "Process", filters: "list[Filter]") -> None:
        super().__init__(stream, process, filters)
        self._open: dict[int, list[Call]] = {}
        self._begun: set[int] = set()

    @hookimpl
    def litebox_call_enter(self, call: "Call") -> None:
        around = self._open.setdefault(call.guest.tid, [])
        if around and around[-1].number not in self._begun:
            outer = around[-1]
            self._begun.add(outer.number)
            self.stream.write(f"{'  ' * outer.depth}{self._name(outer)}({arguments_text(outer)}) ...\n")
        around.append(call)

    def _name(self, call: "Call") -> str:
        return f"{self.colour['name']}{call.name}{self.colour['end']}"

    @hookimpl
    def litebox_call_exit(self, call: "Call") -> None:
        around = self._open.get(call.guest.tid)
        if around and call in around:
            around.remove(call)
        indent = "  " * call.depth
        if call.number in self._begun:
            self._begun.discard(call.number)
            self.stream.write(f"{indent}... {self._name(call)}{self.answer(call)}\n")
        else:
            self.stream.write(f"{indent}{self._name(call)}({arguments_text(call)}){self.answer(call)}\n")
        self.written(call.time + call.duration)

    @hookimpl
    def litebox_thread_exit(self, guest: "Guest") -> None:
        self._open.pop(guest.tid, None)


class CallsSink(LineSink):
    """``[seconds] [TID:main] CALL ...`` when a call begins, ``RETURN ...`` when it ends."""

    def _head(self, call: "Call", time: float) -> str:
        thread = "main" if call.main_thread else str(call.guest.tid)
        return f"[{time:.6f}] [TID:{thread}] {'  ' * call.depth}"

    @hookimpl
    def litebox_call_enter(self, call: "Call") -> None:
        name = f"{self.colour['name']}{call.name}{self.colour['end']}"
        self.stream.write(f"{self._head(call, call.time)}CALL {name}({arguments_text(call)})\n")
        self.written(call.time)

    @hookimpl
    def litebox_call_exit(self, call: "Call") -> None:
        end = call.time + call.duration
        self.stream.write(f"{self._head(call, end)}RETURN {call.name}{self.answer(call)}\n")
        self.written(end)
