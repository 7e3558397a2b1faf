"""Which calls and events are traced: the grammar of ``--trace``."""

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from ..categories import NAMES
from ..config import ConfigError

if TYPE_CHECKING:
    from ..dispatch import Entry
    from .call import Call

EVENTS = (
    "start", "exit", "thread_start", "thread_exit", "module_load", "module_unload", "fault", "exception", "memory",
)  # fmt: skip
"""What else than calls happens in a trace; ``event:NAME`` in a filter."""

RESULTS = ("error", "stub")


def asked_for(filters: "list[Filter]", event: str) -> bool | None:
    """Whether any filter asks for events of this name, or, False, all that say anything want none; None: none says."""
    said = [answer for answer in (f.event(event) for f in filters) if answer is not None]
    return any(said) if said else None


class Filter:
    """What to trace, as written on the command line: ``*,-kernel32/heapapi,Nt*File,@file_io,result:error``.

    Parts are separated by commas. Those that name functions (a name, ``dll!function``, ``dll/module``, ``@category``,
    each with wildcards and in any case) are read from left to right and the last one that matches decides; ``-`` takes
    away. ``event:NAME`` names events. ``result:error``, ``result:stub``, ``thread:main``, ``thread:NUMBER``,
    ``from:main`` and ``from:MODULE`` are conditions on top: of one kind any may hold, of each kind one must.
    Raises ConfigError for a category, event or condition that does not exist.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.parts: list[tuple[bool, str]] = []
        self.events: list[tuple[bool, str]] = []
        self.conditions: dict[str, list[str]] = {}
        for part in (p.strip() for p in text.split(",")):
            if part:
                self._part(not part.startswith("-"), part.lstrip("-").lower())
        if (self.parts and not self.parts[0][0]) or (not self.parts and (self.conditions or not self.events)):
            self.parts.insert(0, (True, "*"))
        self.judges_results = "result" in self.conditions
        """Whether a call can be judged only when it has ended."""

    def _part(self, take: bool, part: str) -> None:
        kind, colon, value = part.partition(":")
        if not colon:
            if part.startswith("@") and not any(fnmatchcase(name, part[1:]) for name in NAMES):
                raise ConfigError(f"--trace {self.text!r}: no category {part[1:]}: there are {', '.join(NAMES)}")
            self.parts.append((take, part))
        elif kind == "event":
            if not any(fnmatchcase(name, value) for name in EVENTS):
                raise ConfigError(f"--trace {self.text!r}: no event {value}: there are {', '.join(EVENTS)}")
            self.events.append((take, value))
        elif kind in ("result", "thread", "from") and take and value:
            if kind == "result" and value not in RESULTS:
                raise ConfigError(f"--trace {self.text!r}: result:{value}: results are {' and '.join(RESULTS)}")
            if kind == "thread" and value != "main":
                try:
                    value = str(int(value, 0))
                except ValueError:
                    raise ConfigError(f"--trace {self.text!r}: thread:{value}: write main or a number") from None
            self.conditions.setdefault(kind, []).append(value)
        else:
            raise ConfigError(
                f"--trace {self.text!r}: {part!r} is no condition: write result:error, result:stub, thread:main, "
                "from:main, from:MODULE or event:NAME, without a minus"
            )

    def __call__(self, entry: "Entry") -> bool:
        """Whether calls of this export can pass."""
        return self.selects(entry.dll, entry.export.name, entry.export.module, entry.category)

    def selects(self, dll: str, function: str, module: str, category: str) -> bool:
        """The same for a function known by its names alone."""
        dll, function = dll.lower(), function.lower()
        names = (function, f"{dll}!{function}", f"{dll}/{module}", "@" + category)
        wanted = False
        for take, pattern in self.parts:
            if any(fnmatchcase(name, pattern) for name in names):
                wanted = take
        return wanted

    def begins(self, call: "Call") -> bool:
        """Whether a call that begins meets the conditions that can be judged by then."""
        for kind, values in self.conditions.items():
            if kind == "thread" and not self._thread(values, call.guest.tid, call.main_thread):
                return False
            if kind == "from" and not self._from(values, call.caller, call.from_program):
                return False
        return True

    def ended(self, call: "Call") -> bool:
        """Whether a call that has ended meets the conditions on its result."""
        wanted = self.conditions.get("result")
        return wanted is None or (call.error is not None and "error" in wanted) or call.kind in wanted

    def record(self, record: Any, main_thread: int | None, program: str) -> bool:
        """Whether a recorded call passes: the same judgement from what a JSON trace tells of a call.

        ``main_thread`` and ``program`` (file name) say what ``main`` means; ``dll/module`` parts match nothing.
        """
        if not self.selects(record.dll, record.function, "", record.category):
            return False
        for kind, values in self.conditions.items():
            if kind == "thread" and not self._thread(values, record.tid, record.tid == main_thread):
                return False
            caller = (record.caller or "").partition("+")[0]
            if kind == "from" and not self._from(values, caller, caller.lower() == program.lower()):
                return False
            if kind == "result" and not ((record.error and "error" in values) or record.kind in values):
                return False
        return True

    @staticmethod
    def _thread(values: list[str], tid: int, main: bool) -> bool:
        return str(tid) in values or (main and "main" in values)

    @staticmethod
    def _from(values: list[str], caller: str, program: bool) -> bool:
        module = caller.rpartition("+")[0].lower() or caller.lower()
        names = (module, module.removesuffix(".dll").removesuffix(".exe"))
        return (program and "main" in values) or any(fnmatchcase(name, v) for v in values for name in names)

    def event(self, name: str) -> bool | None:
        """Whether this filter asks for (or, False, wants no) events of this name; None where it says nothing."""
        wanted = None
        for take, pattern in self.events:
            if fnmatchcase(name, pattern):
                wanted = take
        return wanted
