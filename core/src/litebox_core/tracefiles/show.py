"""``litebox trace show``: a recorded trace as lines for people."""

import os
import time
from collections.abc import Iterator
from typing import IO, Any, TextIO

from ..escapes import escaped
from .matching import RecordFilter
from .records import Clocks, Event, Reader, program_name
from .wording import answer_text, arguments_text, value_text

DIM, RED, YELLOW, CYAN, BOLD, OFF = "\x1b[2m", "\x1b[31m", "\x1b[33m", "\x1b[36m", "\x1b[1m", "\x1b[0m"
POLL = 0.1
"""Seconds between looks at a file that is followed."""


class Writer:
    """Makes lines of events. ``verbose``: durations, callers and structures too."""

    def __init__(self, *, verbose: bool = False, colour: bool = False) -> None:
        self.verbose, self.colour = verbose, colour
        self._names: dict[tuple[int, int], str] = {}
        self._pids: set[int] = set()

    def see(self, event: Event) -> None:
        """Takes note of names of threads and of the number of processes; for each event, shown or not."""
        kind, pid = event["event"], event.get("pid", 0)
        if kind == "start":
            self._pids.add(pid)
        elif kind == "thread_start":
            self._names[pid, event["tid"]] = str(event.get("name") or "")

    def line(self, event: Event) -> str:
        """The line of an event, without its end."""
        kind = event["event"]
        if kind == "call":
            return self._call(event)
        text = self.paint(DIM, self._stamp(event)) + self.paint(CYAN, f"-- {event_text(event)}")
        return self.paint(RED, text) if kind in ("fault", "exception") else text

    def _call(self, call: Event) -> str:
        name = f"{self.paint(DIM, escaped(call['dll']) + '!')}{self.paint(BOLD, escaped(call['function']))}"
        answer = answer_text(call, structures=self.verbose)
        if call.get("error"):
            answer = self.paint(RED, answer)
        elif call.get("kind") == "stub" or call.get("unfinished"):
            answer = self.paint(YELLOW, answer)
        indent = "  " * min(max(call.get("depth") or 0, 0), 40)
        text = f"{self.paint(DIM, self._stamp(call))}{indent}{name}({arguments_text(call)}){answer}"
        if self.verbose:
            more = f"  # {duration_text(call.get('dur') or 0)}"
            if call.get("waited"):
                more += f", waited {duration_text(call['waited'])}"
            if call.get("from"):
                more += f", from {escaped(call['from'])}"
            text += self.paint(DIM, more)
        return text

    def _stamp(self, event: Event) -> str:
        pid, tid = event.get("pid", 0), event.get("tid")
        where = "" if tid is None else str(tid)
        if len(self._pids) > 1:
            where = f"{pid}.{where}" if where else str(pid)
        name = self._names.get((pid, tid)) if tid is not None else None
        if name:
            where += f":{escaped(name)}"
        return f"{event.get('t', 0.0):12.6f} " + (f"[{where}] " if where else "")

    def paint(self, code: str, text: str) -> str:
        return f"{code}{text}{OFF}" if self.colour and text else text


def duration_text(seconds: float) -> str:
    """A time for people: ``12 us``, ``3.4 ms``, ``1.25 s``."""
    if seconds < 0.001:
        return f"{seconds * 1e6:.0f} us"
    return f"{seconds * 1e3:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"


def event_text(event: Event) -> str:
    """What an event that is no call says, in one line."""
    kind = event["event"]

    def text(key: str) -> str:
        value = event.get(key)
        return escaped(str(value)) if value is not None else "?"

    if kind == "start":
        words = event.get("args")
        arguments = value_text(words) if isinstance(words, list) else text("command_line")
        return f"start of {escaped(program_name(event))}, process {text('pid')}, litebox {text('litebox')}: {arguments}"
    if kind == "exit":
        left = event.get("handles")
        handles = f", left open: {', '.join(escaped(str(handle)) for handle in left)}" if type(left) is list else ""
        return f"exit of process {text('pid')} with code {text('code')}{handles}"
    if kind == "thread_start":
        return f"thread {text('tid')} starts"
    if kind == "thread_exit":
        return f"thread {text('tid')} ends with code {text('code')}"
    if kind == "module_load":
        source = f", {text('source')}" if event.get("source") else ""
        return f"{text('module')} loaded at {text('base')}, {text('size')} bytes{source}: {text('path')}"
    if kind == "module_unload":
        return f"{text('module')} unloaded"
    if kind == "fault":
        return f"{text('why')} at {text('pc')}: {text('access')} of {text('address')}"
    if kind == "exception":
        handler = f", handler {text('handler')}" if event.get("handler") else ""
        name = text("name" if event.get("name") else "code")
        return f"exception {text('stage')}: {name} at {text('address')}{handler}"
    if kind == "memory":
        protect = f" {text('protect')}" if event.get("protect") else ""
        return f"memory {text('op')} {text('address')}, {text('size')} bytes{protect}"
    rest = {key: value for key, value in event.items() if key not in ("event", "t", "pid", "tid")}
    return f"{escaped(kind)} {value_text(rest)[1:-1]}".rstrip()


def show(
    reader: Reader, wanted: RecordFilter, writer: Writer, out: TextIO, *, events: bool = False, follow: bool = False
) -> int:
    """Writes the wanted part of a trace; the number of lines written. Raises TraceFileError and OSError.

    ``events``: also what is no call, where the filters do not say.
    A finished trace comes in the order in which calls began, a followed one in the order in which they ended.
    """
    count = 0
    held: list[tuple[float, int, int, int, str]] = []
    clocks = Clocks()
    try:
        for position, event in enumerate(follow_events(reader) if follow else reader):
            wanted.see(event)
            clocks.see(event)
            writer.see(event)
            if event["event"] == "call":
                if not wanted.wants(event):
                    continue
            else:
                asked = wanted.event(event["event"])
                if not (events if asked is None else asked):
                    continue
            line = writer.line(event)
            count += 1
            if follow:
                out.write(line + "\n")
                out.flush()
            else:
                held.append((clocks.time(event), event.get("pid", 0), event.get("n", 0), position, line))
    finally:  # what stands before a damaged line is worth seeing
        held.sort(key=lambda row: row[:4])
        out.writelines(line + "\n" for *_, line in held)
        out.flush()
    return count


def follow_events(reader: Reader) -> Iterator[Event]:
    """Events as they are appended, until all processes of the trace have ended. A file written anew starts over."""
    if not isinstance(reader.source, (str, os.PathLike)):
        yield from _until_exit(iter(reader))
        return
    with open(reader.source, "rb") as stream:
        yield from _until_exit(_tail(reader, stream))


def _tail(reader: Reader, stream: "IO[bytes]") -> Iterator[Event]:
    rest = b""
    while True:
        chunk = stream.readline()
        if not chunk:
            if os.fstat(stream.fileno()).st_size < stream.tell():
                stream.seek(0)
                rest, reader.line = b"", 0
            time.sleep(POLL)
            continue
        rest += chunk
        if rest.endswith(b"\n"):
            event = reader.parse(rest)
            rest = b""
            if event is not None:
                yield event


def _until_exit(events: Iterator[Event]) -> Iterator[Event]:
    living: set[Any] = set()
    for event in events:
        yield event
        if event["event"] == "start":
            living.add(event["pid"])
        elif event["event"] == "exit":
            living.discard(event["pid"])
            if not living:
                return
