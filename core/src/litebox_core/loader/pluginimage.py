"""What a DLL that a plugin implements looks like in guest memory: its code, its stubs, its data, its tables."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from .. import signatures
from ..dispatch import Entry, StubBlock, stub_code, system_stub_code
from ..pe.builder import DllImageBuilder, ExportEntry

if TYPE_CHECKING:
    from ..pe import Piece
    from ..plugins import Choice
    from ..process import Process

__all__ = ["PluginImage", "fast_code", "plugin_image"]

_KEPT = 4
"""Images of one DLL: a child process has the same as its parent, a program's next run as its last."""


class PluginImage:
    """The image for one base address, with stubs that have the indices from ``first`` on.

    Nothing of it belongs to a process. ``data`` says what fills the exported data once it is mapped.
    """

    __slots__ = ("_dll", "_first", "_over", "_resumes", "_system", "_titles", "addresses", "data", "exceptions",
                 "image", "ordinals", "pieces")  # fmt: skip

    def __init__(self, process: "Process", choice: "Choice", name: str, base: int, first: int) -> None:
        dll, bits, trap = choice.dll, process.bits, process.engine.trap
        self._dll, self._first, self._over = dll, first, choice.over
        self._system: set[str] = set()
        rows: list[ExportEntry] = []
        titles = self._titles = list[str]()
        after = list[int]()  # where each stub goes on, from the beginning of the export's code
        self.data: list[tuple[str, Callable[[Process, int], None]]] = []
        for title, export in dll.exports.items():
            kind, ordinal = export.kind, export.ordinal
            if kind == "forward":
                rows.append(ExportEntry(title, ordinal, "forward", target=export.forward))
            elif kind == "data":
                content = export.init if isinstance(export.init, bytes) else b""
                rows.append(ExportEntry(title, ordinal, "data", size=export.size, data=content))
                if callable(export.init):
                    self.data.append((title, export.init))
            elif kind == "code":
                rows.append(ExportEntry(title, ordinal, "code", export.machine_code[bits]))
            else:
                prefix = unwind = b""
                if title in self._over or export.fast:
                    entry = self._entry(title)
                    prefix = fast_code(process, entry)
                    unwind = entry.export.fast.get((bits, "unwind"), b"") if prefix else b""
                index = first + len(titles)
                if bits == 64 and not prefix and title.startswith(dll.system_calls):
                    self._system.add(title)
                    code, resume = system_stub_code(index)
                else:
                    floats = self._entry(title).floats if kind == "stub" or title in self._over else export.floats
                    code, resume = stub_code(index, bits, floats, 0, trap)
                rows.append(ExportEntry(title, ordinal, "code", prefix + code, framed=len(prefix), unwind=unwind))
                titles.append(title)
                after.append(len(prefix) + resume)
        built = DllImageBuilder(name, bits, base).build(rows)
        self.image: bytes = built.image
        self.pieces: list[Piece] = built.pieces
        self.exceptions = built.exceptions
        self.addresses = {row.name: base + built.rva_of(row.name) for row in rows if row.name and row.kind != "forward"}
        self.ordinals = {ordinal: self.addresses.get(export.name, 0) for ordinal, export in dll.ordinals.items()}
        self._resumes = [self.addresses[title] + resume for title, resume in zip(titles, after, strict=True)]

    def _entry(self, title: str) -> Entry:
        export = self._over.get(title) or self._dll.exports[title]
        data = signatures.find(self._dll.name, title) if export.kind == "stub" else None
        entry = Entry(export, self._dll.name, data)
        entry.system = title in self._system
        return entry

    def stubs(self) -> StubBlock:
        """The stubs, for the table of a process."""
        titles, addresses = self._titles, self.addresses
        return StubBlock(
            self._first, [addresses[title] for title in titles], self._resumes, lambda at: self._entry(titles[at])
        )


def plugin_image(process: "Process", choice: "Choice", name: str, base: int) -> PluginImage:
    """The image of a DLL for a process. Those of unchanged DLLs that nobody watches are made once."""
    first, engine = len(process.dispatcher), process.engine
    if choice.over or choice.kind != "real" or process.dispatcher.trace_of is not None:
        return PluginImage(process, choice, name, base, first)
    images, key = choice.dll.images, (name, base, first, process.bits, engine.trap, engine.codes)
    if key not in images:
        if len(images) >= _KEPT:
            del images[next(iter(images))]
        images[key] = PluginImage(process, choice, name, base, first)
    return images[key]


def fast_code(process: "Process", entry: Entry) -> bytes:
    """Machine code that answers the export without a trap; empty while somebody watches or replaces the function."""
    if entry.export.below is not None or entry.export.kind != "function":
        return b""
    fast = entry.export.fast
    variants = (fast.get((process.bits, variant)) for variant in process.engine.codes)
    code = next(filter(None, variants), b"") or fast.get(process.bits, b"")
    trace_of = process.dispatcher.trace_of
    return b"" if code and trace_of is not None and trace_of(entry) is not None else code
