"""The sections of an activation context's data: tables that programs may read, laid out as in Microsoft's SDK.

A section of strings has keys that are found by their hash, one of GUIDs has GUIDs as keys. Offsets are from the
beginning of the section but where it is said that they are from the beginning of an entry's data.
"""

import struct
import uuid
from collections.abc import Callable, Iterable
from typing import NamedTuple

from ..nls.casing import upcase
from .assemblies import Assembly
from .comclasses import ComClass, Proxy

__all__ = ["Entry", "Section", "build"]

(ASSEMBLY_INFORMATION, DLL_REDIRECTION, WINDOW_CLASS_REDIRECTION, COM_SERVER_REDIRECTION, COM_INTERFACE_REDIRECTION,
 COM_TYPE_LIBRARY_REDIRECTION, COM_PROGID_REDIRECTION) = range(1, 8)  # fmt: skip
CLR_SURROGATES, WINRT_ACTIVATABLE_CLASSES = 9, 12

STRING_MAGIC, GUID_MAGIC = 0x64487353, 0x64487347
_CASE_INSENSITIVE, _PSEUDOKEY_ORDER, _GUID_ORDER = 1, 2, 1
_HASH_X65599 = 1
_STRING_HEADER, _GUID_HEADER = 44, 40
_PATH_OMITS_ASSEMBLY_ROOT = 2
_WIN32_FILE = 2
_NO_GUID = b"\0" * 16

Data = bytes | Callable[[int], bytes]
"""The data of an entry, or what makes it from the offset at which it will lie."""


class Entry(NamedTuple):
    """Where an entry's data is, and the number of its assembly."""

    offset: int
    length: int
    roster: int


class Section(NamedTuple):
    """One section: its bytes, its entries by key (text in upper case, or GUID), and what lies in it for all of them."""

    data: bytes
    entries: dict[str | uuid.UUID, Entry]
    globals: tuple[int, int] | None


class _Writer:
    """A section being written; what entries share comes right behind the header."""

    def __init__(self, header: int) -> None:
        self.begin = header + -header % 8
        self.data = bytearray(self.begin)

    def place(self, data: bytes) -> int:
        """Puts bytes at the end; their offset."""
        self.data += b"\0" * (-len(self.data) % 8)
        offset = len(self.data)
        self.data += data
        return offset

    def text(self, text: str) -> tuple[int, int]:
        """Puts a text and its NUL at the end: length in bytes, and offset."""
        data = _units(text)
        return len(data), self.place(data + b"\0\0")


def _units(text: str) -> bytes:
    return text.encode("utf-16-le", "surrogatepass")


def pseudokey(text: str) -> int:
    """The hash by which texts are ordered, of the text in upper case."""
    value = 0
    data = _units(upcase(text))
    for (unit,) in struct.iter_unpack("<H", data):
        value = (value * 65599 + unit) & 0xFFFFFFFF
    return value


def _strings(
    writer: _Writer, items: Iterable[tuple[str, Data, int]], shared: tuple[int, int] | None = None
) -> Section | None:
    first: dict[str | uuid.UUID, tuple[str, Data, int]] = {}
    for item in items:
        first.setdefault(upcase(item[0]), item)
    if not first:
        return None
    chosen = sorted(first.items(), key=lambda pair: pseudokey(pair[1][0]))
    table = writer.place(b"\0" * 24 * len(chosen))
    entries: dict[str | uuid.UUID, Entry] = {}
    for index, (key, (text, data, roster)) in enumerate(chosen):
        key_length, key_offset = writer.text(text)
        entry = entries[key] = _put(writer, data, roster)
        row = (pseudokey(text), key_offset, key_length, *entry)
        struct.pack_into("<6I", writer.data, table + 24 * index, *row)
    begin, size = shared or (0, 0)
    header = (STRING_MAGIC, _STRING_HEADER, 1, 1, _CASE_INSENSITIVE | _PSEUDOKEY_ORDER, len(chosen), table,
              _HASH_X65599, 0, begin, size)  # fmt: skip
    struct.pack_into("<11I", writer.data, 0, *header)
    return Section(bytes(writer.data), entries, shared)


def _guids(
    writer: _Writer, items: Iterable[tuple[tuple[uuid.UUID, ...], Data, int]], shared: tuple[int, int] | None = None
) -> Section | None:
    """Items may be found by more than one GUID."""
    entries: dict[str | uuid.UUID, Entry] = {}
    for keys, data, roster in items:
        if keys[0] not in entries:
            entry = _put(writer, data, roster)
            for key in keys:
                entries[key] = entry
    if not entries:
        return None
    rows = sorted((key.bytes_le, entry) for key, entry in entries.items() if isinstance(key, uuid.UUID))
    table = writer.place(b"".join(key + struct.pack("<3I", *entry) for key, entry in rows))
    begin, size = shared or (0, 0)
    header = (GUID_MAGIC, _GUID_HEADER, 1, 1, _GUID_ORDER, len(rows), table, 0, begin, size)
    struct.pack_into("<10I", writer.data, 0, *header)
    return Section(bytes(writer.data), entries, shared)


def _put(writer: _Writer, data: Data, roster: int) -> Entry:
    offset = writer.place(b"")
    made = data if isinstance(data, bytes) else data(offset)
    writer.data += made
    return Entry(offset, len(made), roster)


def _shared_texts(writer: _Writer, texts: Iterable[str]) -> tuple[dict[str, tuple[int, int]], tuple[int, int]]:
    """Texts that entries refer to: each one's length and offset, and where they lie together."""
    placed = {text: writer.text(text) for text in dict.fromkeys(texts)}
    return placed, (writer.begin, len(writer.data) - writer.begin)


# -- the sections ----------------------------------------------------------------------------------------------------


def _information(roster: list[Assembly], _: "Aliases") -> Section | None:
    def one(assembly: Assembly) -> Data:
        def made(offset: int) -> bytes:
            texts = [assembly.identity.encoded() if assembly.identity else "", assembly.path, assembly.folder or ""]
            places, at, tail = [], offset + 120, b""
            for text in texts:
                data = _units(text)
                places.append((len(data), at + len(tail) if data else 0))
                tail += data + b"\0\0" if data else b""
            (id_size, id_at), (path_size, path_at), (folder_size, folder_at) = places
            manifest = assembly.manifest
            return struct.pack(
                "<7I4xq3I4xq13I4x", 120, 0, id_size, id_at, _WIN32_FILE, path_size, path_at, assembly.written, 0, 0, 0,
                0, 0, 0, 1, 0, 0, 0, folder_size, folder_at, len(manifest.files), 0, 0, manifest.level,
                int(manifest.ui_access),
            ) + tail  # fmt: skip

        return made

    items = [(a.identity.encoded() if a.identity else "", one(a), i) for i, a in enumerate(roster, 1)]
    return _strings(_Writer(_STRING_HEADER), items)


def _dlls(roster: list[Assembly], _: "Aliases") -> Section | None:
    data = struct.pack("<5I", 20, _PATH_OMITS_ASSEMBLY_ROOT, 0, 0, 0)
    items = [(file.name, data, i) for i, a in enumerate(roster, 1) for file in a.manifest.files]
    return _strings(_Writer(_STRING_HEADER), items)


def _windows(roster: list[Assembly], _: "Aliases") -> Section | None:
    def one(name: str, module: str) -> Data:
        texts = _units(name) + b"\0\0" + _units(module) + b"\0\0"
        at = 24 + len(_units(name)) + 2  # from the beginning of the data

        def made(offset: int) -> bytes:
            sizes = (len(_units(name)), 24, len(_units(module)), offset + at)
            return struct.pack("<6I", 24, 0, *sizes) + texts

        return made

    items = []
    for i, assembly in enumerate(roster, 1):
        number = assembly.identity.version if assembly.identity else ""
        for file in assembly.manifest.files:
            for name, versioned in file.windows:
                items.append((name, one(f"{number}!{name}" if versioned else name, file.name), i))
    return _strings(_Writer(_STRING_HEADER), items)


def _classes(roster: list[Assembly]) -> list[tuple[ComClass, str, int]]:
    """All COM classes, with the file they are in and the number of their assembly."""
    found = []
    for i, assembly in enumerate(roster, 1):
        found += [(com, file.name, i) for file in assembly.manifest.files for com in file.classes]
        found += [(com, "MSCOREE.DLL", i) for com in assembly.manifest.classes]
    return found


Aliases = dict[uuid.UUID, uuid.UUID]
"""The GUIDs made for classes, by which programmatic identifiers refer to them."""


def _servers(roster: list[Assembly], aliases: Aliases) -> Section | None:
    writer, classes = _Writer(_GUID_HEADER), _classes(roster)
    names, shared = _shared_texts(writer, [*(name for _, name, _ in classes), "mscoree.dll"])
    items = []
    for com, name, i in classes:
        alias = aliases[com.clsid]
        runtime = _clr(com.runtime, names["mscoree.dll"]) if com.runtime else b""
        progid = _units(com.progid)
        flags = sum(0x100 << bit for bit, status in enumerate(com.statuses) if status is not None)
        status, icon, content, thumbnail, printing = (value or 0 for value in com.statuses)
        head = struct.pack("<3I", 120, flags, com.model) + com.clsid.bytes_le + alias.bytes_le + com.clsid.bytes_le
        head += com.library.bytes_le if com.library is not None else _NO_GUID
        head += struct.pack(
            "<11I", *names[name], len(progid), 120 + len(runtime) if progid else 0, len(runtime),
            120 if runtime else 0, status, content, thumbnail, icon, printing,
        )  # fmt: skip
        items.append(((com.clsid, alias), head + runtime + (progid + b"\0\0" if progid else b""), i))
    return _guids(writer, items, shared)


def _clr(runtime: tuple[str, str], module: tuple[int, int]) -> bytes:
    name, number = (_units(text) for text in runtime)
    at = 44 + len(name) + 2 if number else 0
    head = struct.pack("<11I", 44, 0, 2, *module, len(name), 44, len(number), at, 0, 0)
    return head + name + b"\0\0" + (number + b"\0\0" if number else b"")


def _interfaces(roster: list[Assembly], _: Aliases) -> Section | None:
    def one(proxy: Proxy) -> bytes:
        name = _units(proxy.name)
        mask = (proxy.methods is not None) | (proxy.base is not None) << 1
        library, base = (g.bytes_le if g is not None else _NO_GUID for g in (proxy.library, proxy.base))
        head = struct.pack("<2I", 68, mask) + proxy.target.bytes_le + struct.pack("<I", proxy.methods or 0)
        head += library + base + struct.pack("<2I", len(name), 68 if name else 0)
        return head + (name + b"\0\0" if name else b"")

    items = []
    for i, assembly in enumerate(roster, 1):
        inside = [proxy for file in assembly.manifest.files for proxy in file.proxies]
        items += [((proxy.iid,), one(proxy), i) for proxy in (*inside, *assembly.manifest.proxies)]
    return _guids(_Writer(_GUID_HEADER), items)


def _libraries(roster: list[Assembly], _: Aliases) -> Section | None:
    writer = _Writer(_GUID_HEADER)
    found = [(library, file.name, i) for i, assembly in enumerate(roster, 1)
             for file in assembly.manifest.files for library in file.libraries]  # fmt: skip
    names, shared = _shared_texts(writer, (name for _, name, _ in found))
    items = []
    for library, name, i in found:
        folder = _units(library.help_folder)
        data = struct.pack(
            "<4I2H2I2H", 32, 0, *names[name], library.resource, library.flags, len(folder), 32 if folder else 0,
            library.major, library.minor,
        )  # fmt: skip
        items.append(((library.library,), data + (folder + b"\0\0" if folder else b""), i))
    return _guids(writer, items, shared)


def _progids(roster: list[Assembly], aliases: Aliases) -> Section | None:
    writer = _Writer(_STRING_HEADER)
    classes = _classes(roster)
    places = {com.clsid: writer.place(aliases[com.clsid].bytes_le) for com, _, _ in classes if com.progids}
    shared = (writer.begin, len(writer.data) - writer.begin)
    items = [(text, struct.pack("<3I", 12, 0, places[com.clsid]), i) for com, _, i in classes for text in com.progids]
    return _strings(writer, items, shared)


def _surrogates(roster: list[Assembly], _: Aliases) -> Section | None:
    items = []
    for i, assembly in enumerate(roster, 1):
        for surrogate in assembly.manifest.surrogates:
            number, name = _units(surrogate.version), _units(surrogate.name)
            sizes = (40, len(number), 40 + len(number) + 2, len(name))
            data = struct.pack("<2I", 40, 0) + surrogate.clsid.bytes_le + struct.pack("<4I", *sizes)
            items.append(((surrogate.clsid,), data + number + b"\0\0" + name + b"\0\0", i))
    return _guids(_Writer(_GUID_HEADER), items)


def _runtime_classes(roster: list[Assembly], _: Aliases) -> Section | None:
    writer = _Writer(_STRING_HEADER)
    found = [(one, file.name, i) for i, assembly in enumerate(roster, 1)
             for file in assembly.manifest.files for one in file.runtime]  # fmt: skip
    names, shared = _shared_texts(writer, (name for _, name, _ in found))
    items = [(one.name, struct.pack("<5I", 20, 0, *names[name], one.model), i) for one, name, i in found]
    return _strings(writer, items, shared)


_BUILDERS = {
    ASSEMBLY_INFORMATION: _information, DLL_REDIRECTION: _dlls, WINDOW_CLASS_REDIRECTION: _windows,
    COM_SERVER_REDIRECTION: _servers, COM_INTERFACE_REDIRECTION: _interfaces,
    COM_TYPE_LIBRARY_REDIRECTION: _libraries, COM_PROGID_REDIRECTION: _progids, CLR_SURROGATES: _surrogates,
    WINRT_ACTIVATABLE_CLASSES: _runtime_classes,
}  # fmt: skip


def build(number: int, roster: list[Assembly], aliases: Aliases) -> Section | None:
    """One section; None where the assemblies have nothing for it, or there is no such section."""
    maker = _BUILDERS.get(number)
    return maker(roster, aliases) if maker is not None else None
