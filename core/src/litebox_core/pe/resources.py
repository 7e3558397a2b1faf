"""The resource directory: a tree of type, name and language whose leaves are bytes."""

import struct
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from .headers import DIR_RESOURCE
from .image import Image

MAX_RESOURCES = 65536
"""The most entries visited at all levels together. Hostile directories share subtrees: a small file looks huge."""
MAX_NAME = 1024
"""The longest name of a type or resource, in UTF-16 units."""

RT_VERSION, RT_MANIFEST = 16, 24
TYPE_NAMES = {
    1: "CURSOR",
    2: "BITMAP",
    3: "ICON",
    4: "MENU",
    5: "DIALOG",
    6: "STRING",
    7: "FONTDIR",
    8: "FONT",
    9: "ACCELERATOR",
    10: "RCDATA",
    11: "MESSAGETABLE",
    12: "GROUP_CURSOR",
    14: "GROUP_ICON",
    16: "VERSION",
    17: "DLGINCLUDE",
    19: "PLUGPLAY",
    20: "VXD",
    21: "ANICURSOR",
    22: "ANIICON",
    23: "HTML",
    24: "MANIFEST",
}

Key: TypeAlias = int | str
"""A resource's type or name: a number, or a text that Windows compares without regard to case."""

_DIRECTORY = struct.Struct("<2I4H")
_ENTRY = struct.Struct("<2I")
_DATA = struct.Struct("<4I")
_HIGH = 0x8000_0000


class Resource(NamedTuple):
    """One resource in one language: `size` bytes at `rva`."""

    type: Key
    name: Key
    language: int
    rva: int
    size: int
    codepage: int


def resources(image: Image) -> Iterator[Resource]:
    """Every resource in the order of the tree. Raises BadImage where the tree leaves the image or does not end."""
    budget = [MAX_RESOURCES]
    root = image.directories[DIR_RESOURCE].rva
    if root == 0:
        return
    for kind, types in _entries(image, root, 0, "resource types", budget):
        place = f"resources of type {kind}"
        for name, names in _entries(image, root, _subdirectory(image, types, place), place, budget):
            place = f"resource {kind}/{name}"
            for language, leaf in _entries(image, root, _subdirectory(image, names, place), place, budget):
                yield _leaf(image, root, kind, name, language, leaf, place)


def find_resource(image: Image, kind: Key, name: Key, language: int | None = None) -> Resource | None:
    """One resource by type and name, and language unless any will do (the first is taken then); None when missing.

    Text keys are compared without regard to case. Raises BadImage as `resources()` does, for what it looks at.
    """
    root = image.directories[DIR_RESOURCE].rva
    if root == 0:
        return None
    budget = [MAX_RESOURCES]
    offset = 0
    found: list[tuple[Key, int]] = []
    for wanted in (kind, name, language):
        place = f"resource {kind}/{name}"
        for key, target in _entries(image, root, offset, place, budget):
            if wanted is None or _same(key, wanted):
                found.append((key, target))
                break
        else:
            return None
        if len(found) < 3:
            offset = _subdirectory(image, target, place)
    (kind, _), (name, _), (key, leaf) = found
    return _leaf(image, root, kind, name, key, leaf, place)


def resource_data(image: Image, resource: Resource) -> bytes:
    """The bytes of a resource. Raises BadImage when they lie outside the image."""
    return image.at(resource.rva, resource.size, f"resource {resource.type}/{resource.name}")


def _same(key: Key, wanted: Key) -> bool:
    if isinstance(key, str) and isinstance(wanted, str):
        return key.upper() == wanted.upper()
    return key == wanted


def _entries(image: Image, root: int, offset: int, place: str, budget: list[int]) -> Iterator[tuple[Key, int]]:
    """(key, target) of every entry of one directory. The high bit of the target says that it is a directory."""
    rva = root + offset
    _, _, _, _, named, numbered = image.unpack(_DIRECTORY, rva, place)
    count = named + numbered
    budget[0] -= count
    if budget[0] < 0:
        raise image.bad(place, f"more than {MAX_RESOURCES} entries in all")
    table = image.at(rva + _DIRECTORY.size, count * _ENTRY.size, place)
    for identifier, target in _ENTRY.iter_unpack(table):
        if identifier & _HIGH:
            start = root + (identifier & ~_HIGH)
            length = int.from_bytes(image.at(start, 2, f"{place}, a name"), "little")
            if length > MAX_NAME:
                raise image.bad(place, f"a name at rva 0x{start:x} is longer than {MAX_NAME} characters")
            text = image.at(start + 2, 2 * length, f"{place}, a name")
            yield text.decode("utf-16-le", "replace"), target
        else:
            yield identifier & 0xFFFF, target


def _subdirectory(image: Image, target: int, place: str) -> int:
    if not target & _HIGH:
        raise image.bad(place, "there is data where a directory of languages or names should be")
    return target & ~_HIGH


def _leaf(image: Image, root: int, kind: Key, name: Key, language: Key, target: int, place: str) -> Resource:
    if target & _HIGH:
        raise image.bad(place, "the tree is deeper than type, name and language")
    rva, size, codepage, _ = image.unpack(_DATA, root + target, place)
    return Resource(kind, name, language if isinstance(language, int) else 0, rva, size, codepage)
