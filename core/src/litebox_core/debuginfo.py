"""Functions and lines of code from debug information: DWARF in a program, or a PDB beside it.

It is read by the ``symbolic`` package where that is installed (``pip install litebox-core[symbols]``), for reports.
"""

import importlib
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from .pe.debug import pdb
from .pe.errors import ImageError
from .process import DllState, Process

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .loader.modules import Module
    from .pe.image import Image

__all__ = ["DebugInfo"]


class DebugInfo(DllState):
    """The debug information of one process's modules, read when it is first asked for."""

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self._read: dict[int, Any] = {}
        self._refused: type[Exception] = OSError
        """What ``symbolic`` raises for what it cannot read."""

    def find(self, module: "Module", rva: int) -> tuple[str, int, str] | None:
        """Function, distance to its beginning, and ``file:line`` (or ""); None where nothing is known."""
        if module.base not in self._read:
            self._read[module.base] = self._open(module)
        lines = self._read[module.base]
        if lines is None:
            return None
        try:
            found = lines.lookup(rva)
        except self._refused:
            return None
        if not found or not found[0].symbol:
            return None
        innermost = found[0]
        file = innermost.full_path.replace("\\", "/").rpartition("/")[2] if innermost.full_path else ""
        return innermost.symbol, rva - found[-1].sym_addr, f"{file}:{innermost.line}" if file else ""

    def _open(self, module: "Module") -> Any:
        """What ``symbolic`` finds lines in; None without it, and where there is no debug information."""
        image = module.image
        if image is None:
            return None
        try:
            archive = importlib.import_module("symbolic.debuginfo").Archive
            self._refused = importlib.import_module("symbolic.exceptions").SymbolicError
        except ImportError:
            return None
        try:
            for data, identifier in self._sources(module, image):
                for found in archive.from_bytes(data).iter_objects():
                    if "debug" in found.features and (not identifier or _same(found.debug_id, identifier)):
                        return found.make_symcache()
        except self._refused:
            return None
        return None

    def _sources(self, module: "Module", image: "Image") -> "Iterator[tuple[bytes, str]]":
        """The PDB beside the module, with the identifier that it must have, and the module itself."""
        with suppress(ImageError, OSError, ValueError):
            named = pdb(image)
            if named is not None and module.host_path:
                name = named.path.replace("\\", "/").rpartition("/")[2]
                with open(os.path.join(os.path.dirname(module.host_path), name), "rb") as file:
                    data = file.read()
                yield data, named.identifier
        yield bytes(image.data), ""


def _same(found: str, identifier: str) -> bool:
    """Whether a PDB belongs to the program: names alone say little."""
    return found.replace("-", "").upper().startswith(identifier)
