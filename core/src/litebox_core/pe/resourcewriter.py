"""Changing the resources of an image file: making the file that has others in their place."""

import struct
from collections.abc import Mapping
from typing import NamedTuple

from .headers import DIR_RESOURCE
from .image import Image
from .resources import Key, resource_data, resources

__all__ = ["Entry", "Key", "Tree", "read_tree", "replaced"]

MAXIMUM_SIZE = 1 << 29
"""The most bytes of resources that are read: those of a hostile file may all share the same."""

class Entry(NamedTuple):
    """One resource: its bytes and its code page."""

    data: bytes
    codepage: int = 0


Tree = dict[Key, dict[Key, dict[int, Entry]]]
"""Resources by type, name and language."""

_HIGH = 0x80000000
_DIRECTORY = struct.Struct("<IIHHHH")
_LINK = struct.Struct("<II")
_LEAF = struct.Struct("<IIII")
_SECTION = struct.Struct("<8sIIIIIIHHI")
DIR_SECURITY = 4
_READABLE_DATA = 0x40000040


def read_tree(image: Image) -> Tree:
    """All resources of an image, {} where it has none. Raises BadImage."""
    tree: Tree = {}
    left = MAXIMUM_SIZE
    for resource in resources(image):
        left -= resource.size
        if left < 0:
            raise image.bad("resources", f"more than {MAXIMUM_SIZE} bytes in all")
        entry = Entry(resource_data(image, resource), resource.codepage)
        tree.setdefault(resource.type, {}).setdefault(resource.name, {})[resource.language] = entry
    return tree


# -- a section -------------------------------------------------------------------------------------------------------


def _sorted(keys: Mapping[Key, object]) -> list[Key]:
    """Names first, then numbers, as the search for them expects."""
    texts = [key for key in keys if isinstance(key, str)]
    names = sorted(texts, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
    return [*names, *sorted(key for key in keys if isinstance(key, int))]


def _tables(tree: Tree) -> tuple[list[list[tuple[Key, int]]], list[Entry]]:
    """The directory's tables, level by level: keys, and the number of a table below or (with _HIGH) of a leaf."""
    kinds: list[tuple[Key, int]] = []
    tables = [kinds]
    leaves: list[Entry] = []
    names: list[tuple[list[tuple[Key, int]], Mapping[Key, Mapping[int, Entry]]]] = []
    for kind in _sorted(tree):
        kinds.append((kind, len(tables)))
        names.append(([], tree[kind]))
        tables.append(names[-1][0])
    for table, below in names:
        for name in _sorted(below):
            languages: list[tuple[Key, int]] = []
            table.append((name, len(tables)))
            tables.append(languages)
            for language, entry in sorted(below[name].items()):
                languages.append((language, _HIGH | len(leaves)))
                leaves.append(entry)
    return tables, leaves


def _section(tree: Tree, rva: int) -> bytes:
    """The contents of a section at an RVA that holds the tree."""
    tables, leaves = _tables(tree)
    places, at = [], 0
    for table in tables:
        places.append(at)
        at += 16 + 8 * len(table)
    first_leaf = at
    at += _LEAF.size * len(leaves)
    names: dict[str, int] = {}
    texts = bytearray()
    for table in tables:
        for key, _ in table:
            if isinstance(key, str) and key not in names:
                names[key] = at + len(texts)
                text = key.encode("utf-16-le", "surrogatepass")
                texts += struct.pack("<H", len(text) // 2) + text
    out = bytearray()
    for table in tables:
        named = sum(isinstance(key, str) for key, _ in table)
        out += _DIRECTORY.pack(0, 0, 4, 0, named, len(table) - named)
        for key, below in table:
            link = first_leaf + _LEAF.size * (below & ~_HIGH) if below & _HIGH else _HIGH | places[below]
            out += _LINK.pack(_HIGH | names[key] if isinstance(key, str) else key, link)
    place = _aligned(at + len(texts), 8)
    bodies = bytearray()
    for leaf in leaves:
        out += _LEAF.pack(rva + place + len(bodies), len(leaf.data), leaf.codepage, 0)
        bodies += leaf.data
        bodies += bytes(-len(bodies) % 8)
    return bytes(out + texts).ljust(place, b"\0") + bytes(bodies)


def _aligned(value: int, unit: int) -> int:
    return -(-value // unit) * unit


# -- a file ----------------------------------------------------------------------------------------------------------


class _File:
    """The bytes of an image file that is changed, and where its headers are."""

    def __init__(self, image: Image) -> None:
        self.image = image
        self.data = bytearray(image.data)
        (optional_size,) = struct.unpack_from("<H", self.data, image.nt_offset + 20)
        self.optional = image.nt_offset + 24
        self.table = self.optional + optional_size
        self.directories = self.optional + (112 if image.bits == 64 else 96)
        (self.directory_count,) = struct.unpack_from("<I", self.data, self.directories - 4)
        self.sections = [list(_SECTION.unpack_from(self.data, self.table + _SECTION.size * i))
                         for i in range(len(image.sections))]  # fmt: skip
        self.alignments = max(image.section_alignment, 1), max(image.file_alignment, 1)

    def insert(self, at: int, old: int, new: bytes) -> None:
        """Puts bytes in the place of ``old`` others and moves what lies behind them."""
        grown = len(new) - old
        self.data[at : at + old] = new
        for row in self.sections:
            if row[4] > at:
                row[4] += grown
        place = self.directories + 8 * DIR_SECURITY
        if self.directory_count > DIR_SECURITY:
            (offset,) = struct.unpack_from("<I", self.data, place)
            if offset > at:
                struct.pack_into("<I", self.data, place, offset + grown)

    def move(self, behind: int, by: int, except_for: int) -> None:
        """Moves what is mapped behind an RVA."""
        for index, row in enumerate(self.sections):
            if row[2] >= behind and index != except_for:
                row[2] += by
        for index in range(self.directory_count):
            place = self.directories + 8 * index
            (rva,) = struct.unpack_from("<I", self.data, place)
            if rva >= behind and index != DIR_SECURITY:
                struct.pack_into("<I", self.data, place, rva + by)

    def finish(self, rva: int, size: int, grown: int) -> bytes:
        """Writes the headers: the resources' place, and what follows from the sections."""
        for index, row in enumerate(self.sections):
            _SECTION.pack_into(self.data, self.table + _SECTION.size * index, *row)
        struct.pack_into("<H", self.data, self.image.nt_offset + 6, len(self.sections))
        end = max(row[2] + max(row[1], row[3] if not row[1] else 0) for row in self.sections)
        struct.pack_into("<I", self.data, self.optional + 56, _aligned(end, self.alignments[0]))
        struct.pack_into("<I", self.data, self.optional + 64, 0)  # the checksum is not right any more
        (data_size,) = struct.unpack_from("<I", self.data, self.optional + 8)
        struct.pack_into("<I", self.data, self.optional + 8, max(data_size + grown, 0) & 0xFFFFFFFF)
        struct.pack_into("<II", self.data, self.directories + 8 * DIR_RESOURCE, rva, size)
        return bytes(self.data)


def replaced(image: Image, tree: Tree) -> bytes:
    """The file with these resources and no others. Raises BadImage where its headers have no room for them.

    They stay in the section that they are in, from its beginning; what is behind makes room in the file and in memory.
    """
    file = _File(image)
    if file.directory_count <= DIR_RESOURCE:
        raise image.bad("optional header", "no room for a resource directory")
    root = image.directories[DIR_RESOURCE].rva
    holds = [row[2] <= root < row[2] + max(row[1], row[3]) for row in file.sections]
    index = holds.index(True) if root and True in holds else -1
    return _grown(file, index, tree) if index >= 0 else _added(file, tree)


def _grown(file: _File, index: int, tree: Tree) -> bytes:
    row = file.sections[index]
    in_memory, in_file = file.alignments
    contents = _section(tree, row[2])
    start, old = row[4], min(row[3], max(len(file.data) - row[4], 0))
    behind = _aligned(row[2] + max(row[1], 1), in_memory)
    last = all(other[2] < behind for other in file.sections)
    size = _aligned(len(contents), in_file)
    if not last:
        size = max(size, _aligned(old, in_file))
    missing = row[2] + _aligned(len(contents), in_memory) - behind
    file.insert(start, old, contents.ljust(size, b"\0"))
    if missing > 0 and not last:
        file.move(behind, missing, index)
    row[3] = size
    row[1] = len(contents) if last else max(len(contents), row[1])
    return file.finish(row[2], len(contents), size - old)


def _added(file: _File, tree: Tree) -> bytes:
    """A section of its own, behind all others."""
    image = file.image
    in_memory, in_file = file.alignments
    table_end = file.table + _SECTION.size * (len(file.sections) + 1)
    first = min((row[4] for row in file.sections if row[4]), default=image.size_of_headers)
    if table_end > min(first, image.size_of_headers):
        raise image.bad("section table", "no room for a section")
    rva = _aligned(image.size_of_image, in_memory)
    contents = _section(tree, rva)
    end = max((row[4] + row[3] for row in file.sections if row[3]), default=image.size_of_headers)
    file.data.extend(bytes(max(end - len(file.data), 0)))
    start = _aligned(end, in_file)
    body = bytes(start - end) + contents.ljust(_aligned(len(contents), in_file), b"\0")
    file.insert(end, 0, body)
    size = _aligned(len(contents), in_file)
    file.sections.append([b".rsrc", len(contents), rva, size, start, 0, 0, 0, 0, _READABLE_DATA])
    return file.finish(rva, len(contents), size)
