"""Writes the ``roomindex.py`` of each plugin that opens its rooms late: ``python tools/gen_rooms.py``.

To be run after a change to what a room exports; a test says so too. A room is left to be imported at once if it exports
data, machine code or forwarders, or does something when its DLL is loaded or ends.
"""

import importlib
import os
import sys
import textwrap
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any

import litebox_core.rooms
from litebox_core.dll import Dll, Export

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PACKAGES = ("litebox_ntdll", "litebox_kernel32", "litebox_msvcrt", "litebox_advapi32")


class Survey:
    """What each module of a package declares, seen while it is imported."""

    def __init__(self, package: str) -> None:
        self.package = package
        self.rooms: list[str] = []
        self.dlls: dict[str, Dll] = {}
        self.declared: list[tuple[str, Export]] = []
        self.eager: set[str] = set()
        self.fast: object = None

    def open(self, package: str, rooms: str, index: object, dlls: Mapping[str, Dll], fast: object = None) -> None:
        """Stands in for ``open_rooms``."""
        self.rooms, self.dlls, self.fast = rooms.split(), dict(dlls), fast
        for room in self.rooms:
            importlib.import_module(f"{package}.{room}")

    def take(self) -> None:
        add, on_load, on_exit = Dll._add, Dll.on_load, Dll.on_exit

        def noted_add(dll: Dll, export: Export) -> Export:
            made = add(dll, export)
            self.declared.append((self._room(sys._getframe()), made))
            return made

        def noted(hook: Callable[..., Any]) -> Callable[..., Any]:
            def call(dll: Dll, function: Any) -> Any:
                self.eager.add(self._room(sys._getframe()))
                return hook(dll, function)

            return call

        changed: Any = Dll
        changed._add, changed.on_load, changed.on_exit = noted_add, noted(on_load), noted(on_exit)
        litebox_core.rooms.open_rooms = self.open
        try:
            importlib.import_module(f"{self.package}.dll")
        finally:
            changed._add, changed.on_load, changed.on_exit = add, on_load, on_exit

    def _room(self, frame: FrameType | None) -> str:
        """The module of the package that is being imported."""
        while frame is not None:
            if frame.f_code.co_name == "<module>":
                return str(frame.f_globals["__name__"]).rpartition(".")[2]
            frame = frame.f_back
        raise LookupError("an export that no module declares")

    def index(self) -> dict[str, tuple[int, dict[str, str]]]:
        """The index, as :data:`litebox_core.rooms.Index` describes it."""
        found: dict[str, dict[str, list[str]]] = {}
        keys = {id(dll): key for key, dll in self.dlls.items()}
        for room, export in self.declared:
            if export.kind not in ("function", "stub") or (export.fast and not self._code(export)):
                self.eager.add(room)
            if id(export.dll) in keys:
                found.setdefault(room, {}).setdefault(keys[id(export.dll)], []).append(self._row(export, room))
        folder = os.path.dirname(sys.modules[self.package].__file__ or "")
        return {
            room: (os.stat(os.path.join(folder, room + ".py")).st_size, {k: " ".join(v) for k, v in names.items()})
            for room, names in sorted(found.items())
            if room in self.rooms and room not in self.eager
        }


    def _code(self, export: Export) -> str:
        """What the machine code of a function is called; empty for code that has no name."""
        return next((name for name, code in vars(self.fast).items() if code is export.fast), "")

    def _row(self, export: Export, room: str) -> str:
        row = export.name
        if export.kind == "stub":
            row += "!"
        elif export.floats:
            row += "~"
        if export.kind == "function" and export.module != room:
            row += "=" + export.module
        if export.fast:
            row += "^" + self._code(export)
        return row if export.ordinal is None else f"{row}#{export.ordinal}"


def text_of(index: dict[str, tuple[int, dict[str, str]]]) -> str:
    """The source of a ``roomindex.py``."""
    lines = [
        '"""What the rooms export that are imported when they are needed. Made by tools/gen_rooms.py; do not edit."""',
        "",
        "from litebox_core.rooms import Index",
        "",
        "INDEX: Index = {",
    ]
    for room, (size, exports) in index.items():
        lines.append(f'    "{room}": ({size}, {{')
        for key, names in exports.items():
            rows = textwrap.wrap(names, 102, break_long_words=False, break_on_hyphens=False)
            if len(names) < 90:
                lines.append(f'        "{key}": "{names}",')
                continue
            lines.append(f'        "{key}": (')
            lines += [f'            "{row} "' for row in rows]
            lines.append("        ),")
        lines.append("    }),")
    return "\n".join([*lines, "}  # fmt: skip", ""])


def survey(package: str) -> str:
    """The text of the package's index. To be asked before anything has imported the package."""
    found = Survey(package)
    found.take()
    return text_of(found.index())


def main() -> None:
    for package in PACKAGES:
        text = survey(package)
        path = os.path.join(os.path.dirname(sys.modules[package].__file__ or ""), "roomindex.py")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        print(f"{os.path.relpath(path, ROOT)}: {len(text)} characters")


if __name__ == "__main__":
    main()
