"""Reading recorded JSON traces, schema 1.

>>> from litebox_core.tracefiles.records import Trace
>>> trace = Trace([
...     {"event": "start", "schema": 1, "t": 0.0, "pid": 32, "program": "app.exe"},
...     {"event": "call", "n": 1, "t": 0.001, "dur": 0.0, "pid": 32, "tid": 36, "depth": 0, "dll": "kernel32",
...      "function": "CloseHandle", "args": {"hObject": "0x44"}, "result": "TRUE", "error": None},
... ])
>>> [call.result for call in trace.calls("Close*", hObject=0x44)]
['TRUE']
"""

import json
import ntpath
import os
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from functools import cached_property
from sys import intern
from typing import IO, Any, NoReturn

from ..pe.errors import printable
from .wording import call_line

SCHEMA = 1
"""The version of the format that is read and, by the json sink, written."""
LINE_LIMIT = 64 << 20
"""The longest line in bytes that is read; a longer one is taken for garbage."""

Event = dict[str, Any]
"""One line of a trace: its ``event`` says which kind it is."""
Source = str | os.PathLike[str] | IO[bytes] | IO[str]


class TraceFileError(Exception):
    """A file that is not a trace, is damaged, or is of a schema of another version. ``str()`` is one line."""


class CallRecord:
    """One recorded call.

    ``args``, ``out`` and ``result`` hold text, numbers, ``"0x.."`` for pointers and handles, and names of constants
    (``"TRUE"``, ``"GENERIC_READ"``); NULL is None. Times are seconds since the start of the process.
    """

    __slots__ = ("_event", "args", "depth", "dll", "dur", "function", "kind", "n", "pid", "t", "tid")

    def __init__(self, event: Event) -> None:
        self._event = event
        self.n: int = event["n"]
        """The order in which the calls of a process began, from 1."""
        self.t: float = event["t"]
        self.dur: float = event.get("dur") or 0.0
        self.pid: int = event["pid"]
        self.tid: int = event["tid"]
        self.depth: int = event.get("depth") or 0
        self.dll: str = event["dll"]
        self.function: str = event["function"]
        self.kind: str = event.get("kind") or "real"
        self.args: dict[str, Any] = event.get("args") or {}

    @property
    def name(self) -> str:
        """``dll!function``."""
        return f"{self.dll}!{self.function}"

    @property
    def category(self) -> str:
        return self._event.get("category") or "other"

    @property
    def raw(self) -> list[str]:
        """The argument registers and stack slots as they were, in hex."""
        return self._event.get("raw") or []

    @property
    def ins(self) -> dict[str, Any]:
        """What its in-parameters pointed to, by their names."""
        return self._event.get("in") or {}

    @property
    def out(self) -> dict[str, Any]:
        """What the call wrote through its out-parameters, by their names."""
        return self._event.get("out") or {}

    @property
    def result(self) -> Any:
        return self._event.get("result")

    @property
    def error(self) -> str | None:
        """Last error or status by name, of a call that failed; else None."""
        return self._event.get("error")

    @property
    def caller(self) -> str:
        """Module and offset that it returns to, such as ``app.exe+0x1234``."""
        return self._event.get("from") or ""

    @property
    def waited(self) -> float:
        """Seconds of ``dur`` in which the thread was blocked."""
        return self._event.get("waited") or 0.0

    @property
    def unfinished(self) -> bool:
        """It had not returned when the trace ended."""
        return bool(self._event.get("unfinished"))

    @property
    def event(self) -> Event:
        """The whole line."""
        return self._event

    @property
    def text(self) -> str:
        """One line as the text sink writes it, without its indentation."""
        return call_line(self._event)

    def has(self, **args: Any) -> bool:
        """Whether all these arguments were given. Numbers also equal hex texts, True and False also BOOL names."""
        return all(name in self.args and same_value(self.args[name], wanted) for name, wanted in args.items())

    def answered(self, wanted: Any) -> bool:
        """Whether that was the result, compared as :meth:`has` does."""
        return same_value(self.result, wanted)

    def __repr__(self) -> str:
        return f"<call {self.n} {self.text}>"


def same_value(recorded: Any, wanted: Any) -> bool:
    """Whether a recorded value is the wanted one, which may be a number for a hex text or a bool for a BOOL."""
    if isinstance(recorded, str) and not isinstance(wanted, str):
        if isinstance(wanted, bool):
            return recorded == str(wanted).upper()
        if isinstance(wanted, int) and recorded.startswith("0x"):
            try:
                return int(recorded, 16) == wanted
            except ValueError:
                return False
    return bool(recorded == wanted)


def program_name(start: Event) -> str:
    """File name of the program that a start event tells of, such as ``app.exe``."""
    return ntpath.basename(str(start.get("program") or start.get("host_path") or ""))


def name_matches(pattern: str, dll: str, function: str) -> bool:
    """Whether ``function`` or ``dll!function`` wildcards in any case match."""
    return fnmatchcase(f"{dll}!{function}".lower() if "!" in pattern else function.lower(), pattern.lower())


class Trace:
    """A recorded trace in memory. ``len()`` is the number of its calls; iterating gives them."""

    def __init__(self, events: Iterable[Event] = (), *, cut: bool = False) -> None:
        self.events = list(events)
        """All lines, in the order of the file: calls stand where they ended."""
        self.cut = cut
        """The last line is incomplete (and left out): the recorder was killed."""

    @property
    def header(self) -> Event:
        """The ``start`` line of the first process; empty when the trace is."""
        return next((event for event in self.events if event["event"] == "start"), {})

    def of_kind(self, *kinds: str) -> list[Event]:
        """The events of these kinds, in the order of the file."""
        return [event for event in self.events if event["event"] in kinds]

    @property
    def exit_code(self) -> int | None:
        """Exit code of the first process, or None when the trace does not tell."""
        pid = self.header.get("pid")
        for event in self.events:
            if event["event"] == "exit" and event.get("pid") == pid:
                code: int | None = event.get("code")
                return code
        return None

    @cached_property
    def records(self) -> list[CallRecord]:
        """All calls in the order in which they began."""
        found = [CallRecord(event) for event in self.events if event["event"] == "call"]
        clocks = Clocks()
        for event in self.events:
            clocks.see(event)
        if len(clocks.started) > 1:
            found.sort(key=lambda call: (clocks.time(call.event), call.pid, call.n))
        else:
            found.sort(key=lambda call: call.n)
        return found

    def calls(self, pattern: str = "*", /, **args: Any) -> list[CallRecord]:
        """Calls of a function or ``dll!function`` (wildcards, any case) with these arguments, as they began."""
        found = self.records
        if pattern != "*":
            found = [call for call in found if name_matches(pattern, call.dll, call.function)]
        return [call for call in found if call.has(**args)]

    def __iter__(self) -> Iterator[CallRecord]:
        return iter(self.records)

    def __len__(self) -> int:
        return len(self.records)

    def __bool__(self) -> bool:
        return bool(self.events)


class Clocks:
    """Puts the times of several processes, each of which counts from its own start, on one clock."""

    def __init__(self) -> None:
        self.started: dict[int, float] = {}
        """Start of each process in seconds after that of the first one."""
        self._first = 0.0

    def see(self, event: Event) -> None:
        """Takes note of a start event."""
        if event["event"] == "start":
            started = event.get("started") or 0.0
            if not self.started:
                self._first = started
            self.started[event["pid"]] = started - self._first

    def time(self, event: Event) -> float:
        """Seconds after the start of the first process."""
        return self.started.get(event.get("pid", 0), 0.0) + float(event.get("t") or 0.0)


def read(source: Source) -> Trace:
    """A whole trace, from a path or an open file. Raises TraceFileError and OSError."""
    return Reader(source).read()


def iterate(source: Source) -> Iterator[Event]:
    """The events of a trace one by one, for files that are too big to hold. Raises TraceFileError and OSError."""
    return iter(Reader(source))


class Reader:
    """The checked events of a file, as they are read. ``cut`` is set when the last line is incomplete."""

    def __init__(self, source: Source) -> None:
        self.source = source
        name = source if isinstance(source, (str, os.PathLike)) else getattr(source, "name", "trace")
        self.name = printable(os.fsdecode(name) if isinstance(name, (str, os.PathLike)) else "standard input")
        self.line = 0
        self.cut = False

    def __iter__(self) -> Iterator[Event]:
        if not isinstance(self.source, (str, os.PathLike)):
            yield from self._events(self.source)
            return
        with open(self.source, "rb") as stream:
            yield from self._events(stream)

    def read(self) -> Trace:
        """All of it."""
        events = [compact(event) for event in self]
        return Trace(events, cut=self.cut)

    def _events(self, stream: "IO[bytes] | IO[str]") -> Iterator[Event]:
        while line := stream.readline(LINE_LIMIT):
            event = self.parse(line)
            if event is not None:
                yield event
        if not self.line:
            self.fail("is empty: no trace was recorded" if not self.cut else "was cut off in its first line")

    def parse(self, line: "bytes | str") -> "Event | None":
        """One line; None for an empty one and for a last one that is cut off. Raises TraceFileError."""
        data = line if isinstance(line, bytes) else line.encode("utf-8", "surrogatepass")
        if not data.strip():
            return None
        try:
            event = DECODER.decode(data.decode("utf-8"))
        except (ValueError, RecursionError) as error:
            if not data.endswith(b"\n") and len(data) < LINE_LIMIT and (self.line or data.startswith(b'{"event":"st')):
                self.cut = True
                return None
            self.line += 1
            reason = "it is nested too deeply" if isinstance(error, RecursionError) else "it is not JSON"
            if self.line == 1:
                self.fail("is not a trace of --trace-output json: its first line is not JSON")
            self.fail(f"the line is damaged: {reason}")
        self.line += 1
        self.check(event)
        checked: Event = event
        return checked

    def check(self, event: Any) -> None:
        """Raises TraceFileError unless the fields that the kind of event must have are there and of their types."""
        kind = event.get("event") if type(event) is dict else None
        if self.line == 1 and kind != "start":
            self.fail("is not a trace of --trace-output json: it does not begin with a start event")
        if type(kind) is not str:
            self.fail("the line is damaged: it is no event")
        if kind == "start" and event.get("schema") != SCHEMA:
            found = printable(json.dumps(event.get("schema")), 40)
            self.fail(f"is a trace of schema {found}; this litebox reads schema {SCHEMA}: use the one that recorded it")
        for key, types in NEEDED.get(kind, ()):
            if not is_a(event.get(key), types):
                self.fail(f"the {kind} event is damaged: {key} is {'not valid' if key in event else 'missing'}")
        for key, types in (*OPTIONAL, *CALL_OPTIONAL) if kind == "call" else OPTIONAL:
            if event.get(key) is not None and not is_a(event[key], types):
                self.fail(f"the {printable(kind, 40)} event is damaged: {key} is not valid")

    def fail(self, problem: str) -> NoReturn:
        place = f"{self.name}:{self.line}: " if self.line > 1 else f"{self.name}: "
        raise TraceFileError(place + problem)


def compact(event: Event) -> Event:
    """The event with texts that most lines repeat held once; without it, a trace would take twice the memory."""
    event = {intern(key): value for key, value in event.items()}
    for key in ("dll", "function", "category", "kind", "from"):
        if type(event.get(key)) is str:
            event[key] = intern(event[key])
    if type(event.get("args")) is dict:
        event["args"] = {intern(name): value for name, value in event["args"].items()}
    return event


def is_a(value: Any, types: tuple[type, ...]) -> bool:
    """Whether a value of JSON is of these types; numbers must be within what a machine can hold."""
    if type(value) not in types:
        return False
    return type(value) not in (int, float) or -1e18 < value < 1e19


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


DECODER = json.JSONDecoder(parse_constant=_no_constant)

_INT, _NUMBER, _TEXT = (int,), (int, float), (str,)
NEEDED: dict[str, tuple[tuple[str, tuple[type, ...]], ...]] = {
    "start": (("pid", _INT),),
    "call": (("n", _INT), ("t", _NUMBER), ("pid", _INT), ("tid", _INT), ("dll", _TEXT), ("function", _TEXT)),
    "thread_start": (("t", _NUMBER), ("pid", _INT), ("tid", _INT)),
    "thread_exit": (("t", _NUMBER), ("pid", _INT), ("tid", _INT)),
    "module_load": (("t", _NUMBER), ("pid", _INT), ("module", _TEXT)),
    "module_unload": (("t", _NUMBER), ("pid", _INT), ("module", _TEXT)),
    "fault": (("t", _NUMBER), ("pid", _INT), ("tid", _INT)),
    "exception": (("t", _NUMBER), ("pid", _INT), ("tid", _INT), ("stage", _TEXT)),
    "memory": (("t", _NUMBER), ("pid", _INT), ("op", _TEXT)),
    "exit": (("t", _NUMBER), ("pid", _INT)),
}
"""What must be there, by the kind of event; kinds that are not known are kept as they are."""
OPTIONAL: tuple[tuple[str, tuple[type, ...]], ...] = (
    ("t", _NUMBER),
    ("dur", _NUMBER),
    ("waited", _NUMBER),
    ("started", _NUMBER),
    ("depth", _INT),
    ("pid", _INT),
    ("tid", _INT),
    ("bits", _INT),
    ("size", _INT),
    ("error", _TEXT),
    ("kind", _TEXT),
    ("category", _TEXT),
    ("from", _TEXT),
    ("unfinished", (bool,)),
)
CALL_OPTIONAL: tuple[tuple[str, tuple[type, ...]], ...] = (
    ("args", (dict,)),
    ("in", (dict,)),
    ("out", (dict,)),
    ("raw", (list,)),
)
"""What must be of these types where it is there; the latter in calls."""
