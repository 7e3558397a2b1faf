"""DLLs of many modules ("rooms") that are imported when a program first calls one of their functions.

A package that has an index (``tools/gen_rooms.py`` writes it) promises the exports of the rooms in it without importing
them. A room whose source is not what the index was made of is imported at once, as all rooms without an index are: an
index that is out of date costs time, and nothing else.
"""

import importlib
import os
import sys
from collections.abc import Callable, Mapping

from .dll import Dll, Export

__all__ = ["Index", "open_rooms"]

Index = Mapping[str, tuple[int, Mapping[str, str]]]
"""By room: the bytes of its source, and what it exports by the key of the Dll.

The exports are names between blanks, each followed by ``!`` for a stub, ``~`` for a function with floating-point
numbers by value, ``=room`` where another room has its body, ``^name`` for the machine code of that name, and
``#ordinal``, as far as they apply.
"""


def open_rooms(package: str, rooms: str, index: Index, dlls: Mapping[str, Dll], fast: object = None) -> None:
    """Imports the rooms of a package, or promises their exports in ``dlls``, named as the index names them.

    ``rooms`` are names of modules between blanks; ``fast`` has the machine code of the package's functions.
    """
    folder = os.path.dirname(sys.modules[package].__file__ or "")
    for room in rooms.split():
        size, exports = index.get(room, (-1, {}))
        if _size(os.path.join(folder, room + ".py")) != size:
            importlib.import_module(f"{package}.{room}")
            continue
        promise = _promise(f"{package}.{room}")
        for key, names in exports.items():
            dll = dlls[key]
            for row in names.split():
                if row.isidentifier():
                    _enter(dll, row, "function", room, promise)
                else:
                    _enter_marked(dll, row, room, promise, fast)


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return -2


def _promise(module: str) -> Callable[[Export], None]:
    def keep(export: Export) -> None:
        importlib.import_module(module)

    return keep


def _enter(
    dll: Dll, name: str, kind: str, module: str, promise: Callable[[Export], None], floats: bool = False
) -> Export | None:
    """Promises an export; None where a room that was imported for another one has declared it already."""
    if name in dll.exports:
        return None
    export = dll.exports[name] = Export.promised(dll, name, kind, module, floats, promise)
    return export


def _enter_marked(dll: Dll, row: str, room: str, promise: Callable[[Export], None], fast: object) -> None:
    row, _, ordinal = row.partition("#")
    row, _, code = row.partition("^")
    row, _, body = row.partition("=")
    name = row.rstrip("!~")
    stub = row.endswith("!")
    export = _enter(dll, name, "stub" if stub else "function", "" if stub else body or room, promise, row[-1] == "~")
    if export is None:
        return
    if code:
        export.fast = getattr(fast, code)
    if ordinal:
        export.ordinal = int(ordinal)
        dll.ordinals[export.ordinal] = export
