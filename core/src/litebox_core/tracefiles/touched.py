"""What a recorded program touched: files, registry keys and sockets, found by names in arguments and by handles."""

import re
from collections import Counter
from typing import Any

from .records import CallRecord
from .roles import named_like_a_handle
from .wording import value_text

_PATH = re.compile(
    r"(lp|psz|pwsz)?(existing|new|old|replaced|replacement|backup|src|dst|from|to|symlink|target)?"
    r"(file|path|dir|directory|folder|root)?(name|path|file|spec|dir|directory)\Z",
    re.IGNORECASE,
)
_NOT_PATHS = re.compile(r"(lp)?(mode|volumename|filesystemname|pipename)", re.IGNORECASE)
_ROOTS = {
    0x80000000: "HKEY_CLASSES_ROOT", 0x80000001: "HKEY_CURRENT_USER", 0x80000002: "HKEY_LOCAL_MACHINE",
    0x80000003: "HKEY_USERS", 0x80000004: "HKEY_PERFORMANCE_DATA", 0x80000005: "HKEY_CURRENT_CONFIG",
}  # fmt: skip
_HEX = re.compile(r"0x[0-9a-fA-F]{1,16}\Z")
_CLOSING = ("close", "fclose", "_close", "closehandle", "closesocket", "regclosekey", "ntclose", "findclose")
_KEY_ARGUMENTS = ("hkey", "keyhandle")
_FILE, _KEY, _SOCKET = "file", "key", "socket"


class Thing:
    """A file, key or socket, and what was done to it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.calls: Counter[str] = Counter()
        """Calls by function."""
        self.errors: Counter[str] = Counter()
        self.read = 0
        """Bytes, as far as the calls tell."""
        self.written = 0
        self.details: dict[str, None] = {}
        """Names of values of a key, peers of a socket; in order."""
        self.first = 0
        """Number of the first call."""

    @property
    def count(self) -> int:
        return sum(self.calls.values())


class Touched:
    """Files, keys and sockets of a trace; give it the calls in the order in which they began."""

    def __init__(self) -> None:
        self.files: dict[str, Thing] = {}
        self.keys: dict[str, Thing] = {}
        self.sockets: dict[str, Thing] = {}
        self._open: dict[tuple[int, str], tuple[str, Thing]] = {}

    def take(self, call: CallRecord) -> None:
        """Takes note of one call."""
        function, category = call.function.lower(), call.category
        has_key = any(name.lower() in _KEY_ARGUMENTS for name in call.args)
        if category == "registry" or (function.startswith(("reg", "ntopenkey", "ntcreatekey")) and has_key):
            self._registry(call)
        elif category == "network":
            self._network(call, function)
        else:
            self._file(call, category)
        if function.startswith(_CLOSING) or function == "fclose":
            for handle in handles(call):
                self._open.pop((call.pid, handle), None)

    def _file(self, call: CallRecord, category: str) -> None:
        things = []
        if category == "file_io":
            for name, value in call.args.items():
                if is_path(name, value):
                    things.append(self._thing(self.files, value, value.lower(), call))
        if things and not call.error:
            for handle in made(call):
                self._open[call.pid, handle] = (_FILE, things[0])
        elif not things:
            things = self._known(call, _FILE)
        for thing in things:
            note(thing, call)

    def _registry(self, call: CallRecord) -> None:
        args = {name.lower(): value for name, value in call.args.items()}
        parent = next((str(args[name]) for name in _KEY_ARGUMENTS if args.get(name) is not None), "")
        known = self._open.get((call.pid, parent))
        if known is not None:
            path = known[1].name
        elif _HEX.match(parent):
            path = _ROOTS.get(int(parent, 16) & 0xFFFFFFFF, f"key {parent}")
        else:
            path = parent or "?"
        below = args.get("lpsubkey")
        if isinstance(below, str) and below and not _HEX.match(below):
            path += "\\" + below.strip("\\")
        thing = self._thing(self.keys, path, path.lower(), call)
        note(thing, call)
        value = args.get("lpvaluename") or args.get("lpvalue")
        if isinstance(value, str) and not _HEX.match(value):
            thing.details[value] = None
        if not call.error:
            for handle in made(call):
                self._open[call.pid, handle] = (_KEY, thing)

    def _network(self, call: CallRecord, function: str) -> None:
        things = self._known(call, _SOCKET)
        if function in ("socket", "accept", "wsasocketa", "wsasocketw", "wsaaccept") and not call.error:
            for handle in made(call):
                name = f"socket {handle} of call {call.n}"
                thing = self._thing(self.sockets, name, name, call)
                self._open[call.pid, handle] = (_SOCKET, thing)
                things.append(thing)
        for thing in things:
            note(thing, call)
            if function in ("connect", "bind", "sendto", "recvfrom", "accept", "wsaconnect", "listen", "getpeername"):
                for name, value in (*call.ins.items(), *call.out.items()):
                    if isinstance(value, dict) or "addr" in name.lower() or name.lower() in ("name", "to", "from"):
                        thing.details[f"{function} {value_text(value)}"] = None
        if not things:
            for name, value in call.args.items():
                if name.lower() in ("nodename", "pnodename", "pname", "servicename") and isinstance(value, str):
                    note(self._thing(self.sockets, f"name {value}", f"name {value}".lower(), call), call)
                    break

    def _known(self, call: CallRecord, kind: str) -> list[Thing]:
        found = []
        for handle in handles(call):
            known = self._open.get((call.pid, handle))
            if known is not None and known[0] == kind and known[1] not in found:
                found.append(known[1])
        return found

    @staticmethod
    def _thing(things: dict[str, Thing], name: str, key: str, call: CallRecord) -> Thing:
        thing = things.get(key)
        if thing is None:
            thing = things[key] = Thing(name)
            thing.first = call.n
        return thing


def is_path(name: str, value: Any) -> bool:
    """Whether an argument of a file function names a file."""
    if not isinstance(value, str) or not value or _HEX.match(value):
        return False
    return _PATH.match(name) is not None and not _NOT_PATHS.match(name)


def handles(call: CallRecord) -> list[str]:
    """The arguments that may identify something open: handles, FILE pointers, file descriptors."""
    found = []
    for name, value in call.args.items():
        if isinstance(value, str) and _HEX.match(value) and (named_like_a_handle(name) or name.lower() == "stream"):
            found.append(value)
        elif isinstance(value, int) and name.lower() in ("fd", "filehandle", "_filehandle", "fh"):
            found.append(f"fd {value}")
    return found


def made(call: CallRecord) -> list[str]:
    """What a call that opens something may have given out."""
    values: list[Any] = [call.result]
    values += [value for name, value in call.out.items() if named_like_a_handle(name)]
    found = [value for value in values if isinstance(value, str) and _HEX.match(value)]
    if isinstance(call.result, int) and "open" in call.function.lower() and 0 <= call.result < 1 << 31:
        found.append(f"fd {call.result}")
    return found


def note(thing: Thing, call: CallRecord) -> None:
    """Counts a call, its error and the bytes it moved."""
    thing.calls[call.function] += 1
    if call.error:
        thing.errors[call.error] += 1
        return
    function, result = call.function.lower(), call.result
    moved: Any = None
    for name, value in call.out.items():
        if name.lower() in ("lpnumberofbytesread", "lpnumberofbyteswritten", "lpnumberofbytesrecvd",
                            "lpnumberofbytessent"):  # fmt: skip
            moved = value
        elif name.lower() == "iostatusblock" and isinstance(value, dict):
            moved = value.get("Information")
    if moved is None and function in ("_read", "_write", "read", "write", "recv", "send", "recvfrom", "sendto"):
        moved = result
    if moved is None and function in ("fread", "fwrite", "fread_s"):
        size = call.args.get("size", call.args.get("elementSize"))
        moved = result * size if isinstance(result, int) and isinstance(size, int) else None
    if isinstance(moved, int) and 0 < moved < 1 << 40:
        if "write" in function or "send" in function:
            thing.written += moved
        elif "read" in function or "recv" in function:
            thing.read += moved
