"""Which recorded calls are wanted: the grammar of ``--trace``, as far as a recorded trace can answer it."""

import ntpath
from fnmatch import fnmatchcase

from ..categories import NAMES
from ..config import ConfigError
from .records import Event

CONDITIONS = ("result", "thread", "from")


class RecordFilter:
    """Filters as ``--trace`` takes them, for the events of one trace, which must pass through :meth:`see` in order.

    In each text the last part that matches decides, ``-`` takes away, and all conditions must hold besides. A call is
    wanted when one of the texts wants it. Raises ConfigError for a part that means nothing in a recorded trace.
    """

    def __init__(self, texts: "list[str] | tuple[str, ...]") -> None:
        self.texts = [Parts(text) for text in texts]
        self._main: dict[int, str] = {}
        self._main_thread: dict[int, int] = {}

    def see(self, event: Event) -> None:
        """Takes note of what later questions need: the program of a process, and its first thread."""
        kind, pid = event["event"], event.get("pid", 0)
        if kind == "start":
            self._main[pid] = ntpath.basename(str(event.get("program") or "")).lower()
            self._main_thread.pop(pid, None)
        elif kind in ("thread_start", "call"):
            self._main_thread.setdefault(pid, event["tid"])

    def wants(self, call: Event) -> bool:
        """Whether a call event passes."""
        return not self.texts or any(self._passes(parts, call) for parts in self.texts)

    def _passes(self, parts: "Parts", call: Event) -> bool:
        function, dll = call["function"].lower(), call["dll"].lower()
        names = (function, f"{dll}!{function}", "@" + (call.get("category") or "other"))
        wanted = False
        for take, pattern in parts.names:
            if any(fnmatchcase(name, pattern) for name in names):
                wanted = take
        return wanted and all(
            any(self._holds(key, value, call) for value in values) == take
            for (take, key), values in parts.conditions.items()
        )

    def _holds(self, key: str, value: str, call: Event) -> bool:
        if key == "result":
            return bool(call.get("error")) if value == "error" else call.get("kind") == "stub"
        pid = call.get("pid", 0)
        if key == "thread":
            return bool(call["tid"] == (self._main_thread.get(pid) if value == "main" else int(value, 0)))
        caller = (call.get("from") or "").lower().rpartition("+")[0]
        wanted = self._main.get(pid, "") if value == "main" else value
        return fnmatchcase(caller, wanted) or fnmatchcase(caller.rpartition(".")[0], wanted)


class Parts:
    """One filter text, taken apart: ``names`` are (take, pattern) in order; ``conditions`` are by (take, key)."""

    def __init__(self, text: str) -> None:
        self.names: list[tuple[bool, str]] = []
        self.conditions: dict[tuple[bool, str], list[str]] = {}
        for part in (p.strip() for p in text.split(",")):
            if part:
                self._add(not part.startswith("-"), part.lstrip("-").lower(), f"--trace {text!r}")
        if not self.names or not self.names[0][0]:
            self.names.insert(0, (True, "*"))

    def _add(self, take: bool, part: str, where: str) -> None:
        key, colon, value = part.partition(":")
        if colon:
            if key not in CONDITIONS:
                raise ConfigError(f"{where}: {key}: is no question to a recorded trace: {', '.join(CONDITIONS)} are")
            if key == "result" and value not in ("error", "stub"):
                raise ConfigError(f"{where}: result:{value}: there are result:error and result:stub")
            if key == "thread" and value != "main" and not is_number(value):
                raise ConfigError(f"{where}: thread:{value}: write a thread ID, or thread:main")
            self.conditions.setdefault((take, key), []).append(value)
        elif "/" in part:
            raise ConfigError(f"{where}: a trace does not record the module {part}: use @CATEGORY or DLL!FUNCTION")
        else:
            if part.startswith("@") and not any(fnmatchcase(name, part[1:]) for name in NAMES):
                raise ConfigError(f"{where}: no category {part[1:]}: there are {', '.join(NAMES)}")
            self.names.append((take, part))


def is_number(text: str) -> bool:
    try:
        int(text, 0)
    except ValueError:
        return False
    return True
