"""Calls in words that are the same in another run: addresses and handles are named after where they came from.

A handle or pointer that a call returned or wrote is called after that call (``CreateFileW#2`` is from the second one of
its thread) until another call gives the same number out; what lies in a module is called after the module, and what
remains, such as the stack, is ``<address>`` or ``<handle>``. Times, process and thread IDs are left out.
Flags and statuses that are written in hex keep their values: the signature data tells them from handles.
"""

import re
from bisect import bisect_right
from typing import Any

from ..escapes import escaped
from .matching import RecordFilter
from .records import Clocks, Event, Trace, program_name
from .roles import named_like_a_handle, roles
from .wording import KINDS, value_text

VARYING = frozenset((
    "gettickcount", "gettickcount64", "queryperformancecounter", "getsystemtime", "getlocaltime",
    "getsystemtimeasfiletime", "getsystemtimepreciseasfiletime", "ntquerysystemtime",
    "ntqueryperformancecounter", "rtlqueryperformancecounter", "queryinterrupttime",
    "queryunbiasedinterrupttime", "timegettime", "time", "_time32", "_time64", "_ftime", "_ftime32",
    "_ftime64", "clock", "_getsystime", "getprocesstimes", "getthreadtimes", "querythreadcycletime",
    "queryprocesscycletime", "getcurrentprocessid", "getcurrentthreadid", "_getpid", "getpid", "rand_s",
    "rtlgenrandom", "systemfunction036", "bcryptgenrandom", "cryptgenrandom", "processprng", "uuidcreate",
    "cocreateguid", "getdiskfreespacea", "getdiskfreespacew", "getdiskfreespaceexa", "getdiskfreespaceexw",
))  # fmt: skip
"""Functions whose answer is another one in each run: clocks, IDs, random numbers and the room on a disk."""

_HEX = re.compile(r"0x[0-9a-fA-F]{1,16}\Z")
_ORDINAL = re.compile("\0[^\0]*\0")
"""What tells objects of one origin apart, between two characters that no printable text has."""
_SMALL = 0x10000
"""Lower values are no addresses."""


class Item:
    """One step of a thread: a call, or an exception."""

    __slots__ = ("event", "exact", "shape")

    def __init__(self, event: Event, exact: str) -> None:
        self.event = event
        self.exact = exact
        self.shape = _ORDINAL.sub("", exact)
        """The same without saying which one of several objects of one origin is meant."""

    @property
    def text(self) -> str:
        """For people."""
        return self.exact.replace("\0", "")

    @property
    def place(self) -> str:
        """Where it stands in its trace."""
        return f"call {self.event['n']}" if self.event["event"] == "call" else "an exception"


class Side:
    """A trace as steps of its threads, which are called by the order in which they began."""

    def __init__(self, trace: Trace, wanted: RecordFilter, *, strict: bool = False) -> None:
        self.trace, self.strict = trace, strict
        self.threads: dict[str, list[Item]] = {}
        self._processes: list[int] = []
        self._names: dict[tuple[int, int], str] = {}
        self._counts: dict[int, int] = {}
        self._objects: dict[tuple[int, int], tuple[str, str]] = {}
        self._counts_made: dict[tuple[str, str], int] = {}
        self._modules: dict[int, list[tuple[int, int, str]]] = {}
        self._program: dict[int, str] = {}
        clocks = Clocks()
        for event in trace.events:
            clocks.see(event)
        for event in sorted(trace.events, key=lambda e: (clocks.time(e), e.get("pid", 0), e.get("n", 0))):
            wanted.see(event)
            self._take(event, wanted)

    def _take(self, event: Event, wanted: RecordFilter) -> None:
        kind, pid = event["event"], event.get("pid", 0)
        if kind == "call":
            exact = self._call(event)
            if wanted.wants(event):
                self.threads[self._thread(pid, event["tid"])].append(Item(event, exact))
        elif kind == "start":
            if pid not in self._processes:
                self._processes.append(pid)
            self._program[pid] = program_name(event).lower()
        elif kind == "thread_start":
            self._names.pop((pid, event["tid"]), None)  # the number of a thread that has ended can come back
            self._thread(pid, event["tid"])
        elif kind == "exception" and event["stage"] in ("raised", "unhandled"):
            name = escaped(str(event.get("name") or event.get("code")))
            thread = self._thread(pid, event["tid"])
            self.threads[thread].append(Item(event, f"-- exception {event['stage']}: {name}"))
        elif kind == "module_load":
            base, size = number(event.get("base")), event.get("size") or 0
            if base is not None:
                modules = self._modules.setdefault(pid, [])
                modules.append((base, base + size, event["module"].lower()))
                modules.sort()
        elif kind == "module_unload":
            self._modules[pid] = [m for m in self._modules.get(pid, ()) if m[2] != event["module"].lower()]

    def _thread(self, pid: int, tid: int) -> str:
        name = self._names.get((pid, tid))
        if name is None:
            if pid not in self._processes:
                self._processes.append(pid)
            index = self._counts[pid] = self._counts.get(pid, 0) + 1
            process = self._processes.index(pid)
            name = "main" if index == 1 else f"thread {index}"
            if process:
                name = f"process {process + 1}, {name}"
            self._names[pid, tid] = name
            self.threads[name] = []
        return name

    def _call(self, call: Event) -> str:
        pid, function = call["pid"], call["function"]
        args, out, result = call.get("args") or {}, call.get("out") or {}, call.get("result")
        names = Names(self, pid, self._thread(pid, call["tid"]), roles(call["dll"], function, tuple(args)))
        text = ", ".join(f"{escaped(n)}={names.value(v, n)}" for n, v in args.items())
        given = {v for v in args.values() if isinstance(v, str)}
        names.make(result, "", given, escaped(function))
        for name, value in out.items():
            names.make(value, f"*{name}", given, escaped(function))
        text = f"{'  ' * min(call.get('depth') or 0, 40)}{escaped(call['dll'])}!{escaped(function)}({text})"
        if call.get("unfinished"):
            return text + " ..."
        if not self.strict and function.lower() in VARYING:
            text += " -> <varies>" if result is not None or out else ""
        else:
            if result is not None:
                text += f" -> {names.value(result, '')}"
            if out:
                text += " (" + ", ".join(f"{escaped(n)}={names.value(v, '*' + n)}" for n, v in out.items()) + ")"
        if call.get("error"):
            text += f" !{escaped(call['error'])}"
        return text + KINDS.get(call.get("kind") or "", "")

    def module_at(self, pid: int, address: int) -> str | None:
        """Name of the module that the address is in; ``program`` for the program itself."""
        modules = self._modules.get(pid, ())
        index = bisect_right(modules, (address, 1 << 64, "")) - 1
        if index < 0 or address >= modules[index][1]:
            return None
        module = modules[index][2]
        return "program" if module == self._program.get(pid) else escaped(module)

    def made(self, pid: int, value: int) -> tuple[str, str] | None:
        """Thread and name of the object that has this number now."""
        return self._objects.get((pid, value))

    def make(self, pid: int, value: int, thread: str, function: str) -> None:
        """A call has given out an object of this number."""
        count = self._counts_made[thread, function] = self._counts_made.get((thread, function), 0) + 1
        self._objects[pid, value] = (thread, f"{function}\0#{count}\0")


class Names:
    """The words for the values of one call. ``known`` is what :func:`roles` says of it."""

    __slots__ = ("known", "pid", "side", "thread")

    def __init__(self, side: Side, pid: int, thread: str, known: dict[str, bool]) -> None:
        self.side, self.pid, self.thread, self.known = side, pid, thread, known

    def identifies(self, value: str, name: str) -> bool:
        """Whether a hex text is a handle or an address."""
        number = int(value, 16)
        if 0x80000000 <= number < 0x100000000 or number >= (1 << 64) - 0x100:
            return False  # a status, or a handle such as INVALID_HANDLE_VALUE
        known = self.known.get(name)
        if known is not None:
            return known
        return number >= _SMALL or not name or named_like_a_handle(name)

    def make(self, value: Any, name: str, given: "set[str]", function: str) -> None:
        """Remembers that a call gave out a handle or pointer, unless it was given that itself."""
        if isinstance(value, dict):
            for key, part in value.items():
                self.make(part, f".{key}", given, function)
        elif isinstance(value, list):
            for part in value:
                self.make(part, name, given, function)
        elif isinstance(value, str) and _HEX.match(value) and value not in given and self.identifies(value, name):
            self.side.make(self.pid, int(value, 16), self.thread, function)

    def value(self, value: Any, name: str) -> str:
        """The text of a value."""
        if isinstance(value, str) and _HEX.match(value):
            return self._object(int(value, 16)) if self.identifies(value, name) else value
        if isinstance(value, dict):
            return "{" + ", ".join(f"{escaped(k)}={self.value(v, f'.{k}')}" for k, v in value.items()) + "}"
        if isinstance(value, list):
            return "[" + ", ".join(self.value(v, name) for v in value) + "]"
        return value_text(value, name.lstrip("*."), limit=1 << 30)

    def _object(self, number: int) -> str:
        module = self.side.module_at(self.pid, number)
        if module is not None:
            return f"<{module}>"
        made = self.side.made(self.pid, number)
        if made is None:
            return "<address>" if number >= _SMALL else "<handle>"
        return made[1] if made[0] == self.thread else f"{made[1]}\0 of {made[0]}\0"


def number(text: Any) -> int | None:
    """A hex text as a number; None for anything else."""
    return int(text, 16) if isinstance(text, str) and _HEX.match(text) else None
