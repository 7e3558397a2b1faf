"""libloaderapi.h: resources.

A resource directory is read where it lies in guest memory: a table of names and numbers that leads to a table of
names and numbers of the next level (type, name, language), at the end to the place of the bytes.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from litebox_core.abi import (
    BOOL,
    DWORD,
    HANDLE,
    HMODULE,
    LONG_PTR,
    NAME_OR_ID,
    NAME_OR_ORDINAL,
    PVOID,
    WORD,
    Annotated,
    Callback,
    CallbackMeta,
)
from litebox_core.errors import WinError
from litebox_core.guest import Guest, Steps
from litebox_core.loader import Module
from litebox_core.nls.casing import upcase
from litebox_core.pe.headers import DIR_RESOURCE
from litebox_core.services import Heaps
from litebox_core.winerror import (
    ERROR_INVALID_PARAMETER,
    ERROR_RESOURCE_DATA_NOT_FOUND,
    ERROR_RESOURCE_LANG_NOT_FOUND,
    ERROR_RESOURCE_NAME_NOT_FOUND,
    ERROR_RESOURCE_TYPE_NOT_FOUND,
)

from .base import dll
from .datafiles import DATA_BIT, DataFiles
from .libloaderapi import module_of

if TYPE_CHECKING:
    from litebox_core.memory import Memory
    from litebox_core.pe import Image

HIGH = 0x80000000
LANG_NEUTRAL, LANG_ENGLISH_US, LANG_ENGLISH = 0, 0x409, 0x9
MAXIMUM_ENTRIES = 65536
_LONGEST_NUMBER = 1000

Key = str | int
EnumTypes = Annotated[Callback, CallbackMeta([HMODULE, PVOID, LONG_PTR], BOOL)]
EnumNames = Annotated[Callback, CallbackMeta([HMODULE, PVOID, PVOID, LONG_PTR], BOOL)]
EnumLanguages = Annotated[Callback, CallbackMeta([HMODULE, PVOID, PVOID, WORD, LONG_PTR], BOOL)]


class Directory:
    """The resource directory of a module."""

    def __init__(self, memory: "Memory", base: int, root: int, image: "Image | None", flat: bool) -> None:
        self.memory, self.base, self.root = memory, base, root
        self._image, self._flat = image, flat

    def address(self, rva: int) -> int:
        """Where an RVA lies: in a file mapped as it is, not where the image would have it."""
        if not self._flat or self._image is None:
            return self.base + rva
        for piece in self._image.pieces:
            if piece.rva <= rva < piece.rva + piece.file_size:
                return self.base + piece.file_offset + rva - piece.rva
        return self.base + rva

    def entries(self, table: int) -> Iterator[tuple[Key, int]]:
        """Keys and offsets of one table: names first, then numbers."""
        memory = self.memory
        names, numbers = memory.u16(table + 12), memory.u16(table + 14)
        for i in range(min(names + numbers, MAXIMUM_ENTRIES)):
            key, offset = memory.u32(table + 16 + 8 * i), memory.u32(table + 20 + 8 * i)
            if key & HIGH:
                text = self.root + (key & ~HIGH)
                yield memory.read(text + 2, 2 * memory.u16(text)).decode("utf-16-le", "surrogatepass"), offset
            else:
                yield key & 0xFFFF, offset

    def below(self, table: int, key: Key, error: int) -> int:
        """The table or leaf behind a key. Raises WinError(error)."""
        for found, offset in self.entries(table):
            if found == key:
                return self.root + (offset & ~HIGH)
        raise WinError(error)

    def names(self, kind: Key) -> int:
        return self.below(self.root, kind, ERROR_RESOURCE_TYPE_NOT_FOUND)

    def languages(self, kind: Key, name: Key) -> int:
        return self.below(self.names(kind), name, ERROR_RESOURCE_NAME_NOT_FOUND)

    def find(self, kind: Key, name: Key, language: int) -> int:
        """Address of the data entry, in this language or the next best."""
        neutral = language & 0x3FF
        wishes: list[Key] = [language]
        if language == LANG_NEUTRAL:
            wishes += [LANG_ENGLISH_US, LANG_ENGLISH]
        elif neutral != language:
            wishes += [neutral, LANG_NEUTRAL]
        first, places = 0, dict[Key, int]()
        for key, offset in self.entries(self.languages(kind, name)):  # one by one: their names may be long, and many
            first = first or self.root + offset
            if key in wishes:
                places[key] = self.root + offset
        for wish in wishes:
            if wish in places:
                return places[wish]
        if language != LANG_NEUTRAL or not first:
            raise WinError(ERROR_RESOURCE_LANG_NOT_FOUND)
        return first


def directory_of(guest: Guest, data: DataFiles, handle: int) -> Directory:
    """The resources of a module or data file. Raises WinError(ERROR_RESOURCE_DATA_NOT_FOUND) where it has none."""
    image = data.image(handle)
    flat = image is not None and bool(handle & DATA_BIT)
    base = handle & ~3
    if image is None:
        module: Module = module_of(guest, handle)
        image, base = module.image, module.base
    rva = image.directories[DIR_RESOURCE].rva if image is not None else 0
    if not rva:
        raise WinError(ERROR_RESOURCE_DATA_NOT_FOUND)
    made = Directory(guest.memory, base, 0, image, flat)
    made.root = made.address(rva)
    return made


def resource_key(name: Key) -> Key:
    """What a name stands for: ``#123`` is a number, text is in upper case."""
    if isinstance(name, int):
        return name
    if name.startswith("#") and name[1:].isascii() and name[1:].isdigit() and len(name) <= _LONGEST_NUMBER:
        return int(name[1:]) & 0xFFFF
    return upcase(name)


def _text(guest: Guest, name: bytes | int) -> Key:
    return name if isinstance(name, int) else guest.memory.ansi_decode(name)


@dll.export
def FindResourceExW(
    guest: Guest, hModule: HMODULE, lpType: NAME_OR_ID, lpName: NAME_OR_ID, wLanguage: WORD, *, data: DataFiles
) -> HANDLE:
    return directory_of(guest, data, hModule).find(resource_key(lpType), resource_key(lpName), wLanguage)


@dll.export
def FindResourceW(guest: Guest, hModule: HMODULE, lpName: NAME_OR_ID, lpType: NAME_OR_ID, *, data: DataFiles) -> HANDLE:
    return directory_of(guest, data, hModule).find(resource_key(lpType), resource_key(lpName), LANG_NEUTRAL)


dll.ansi(FindResourceExW)
dll.ansi(FindResourceW)


@dll.export
def LoadResource(guest: Guest, hModule: HMODULE, hResInfo: HANDLE, *, data: DataFiles) -> HANDLE:
    if not hResInfo:
        return 0
    return directory_of(guest, data, hModule).address(guest.memory.u32(hResInfo))


@dll.export
def SizeofResource(guest: Guest, hModule: HMODULE, hResInfo: HANDLE) -> DWORD:
    return guest.memory.u32(hResInfo + 4) if hResInfo else 0


@dll.export
def LockResource(guest: Guest, hResData: HANDLE) -> PVOID:
    return hResData


@dll.export
def FreeResource(guest: Guest, hResData: HANDLE) -> BOOL:
    """Kept for 16-bit programs; FALSE is success."""
    return False


class _Texts:
    """Guest copies of names handed to a callback, given back at the end."""

    def __init__(self, guest: Guest, heaps: Heaps, wide: bool) -> None:
        self.guest, self.heaps, self.wide = guest, heaps, wide
        self.blocks: list[int] = []

    def pointer(self, key: Key) -> int:
        if isinstance(key, int):
            return key
        memory = self.guest.memory
        text = key.encode("utf-16-le", "surrogatepass") + b"\0\0" if self.wide else memory.ansi_encode(key) + b"\0"
        block = self.heaps.allocate(self.guest.process.process_heap, 0, len(text))
        memory.write(block, text)
        self.blocks.append(block)
        return block

    def free(self) -> None:
        for block in self.blocks:
            self.heaps.free(self.guest.process.process_heap, 0, block)


def _enumerate(
    guest: Guest, directory: Directory, table: int, call: Callback, before: list[Key], handle: int, parameter: int,
    texts: _Texts,
) -> Steps[int]:  # fmt: skip
    if not call:
        raise WinError(ERROR_INVALID_PARAMETER)
    fixed = [texts.pointer(key) for key in before]
    more = 1
    try:
        for key, _ in directory.entries(table):
            more = yield call(handle, *fixed, texts.pointer(key), parameter)
            if not more:
                break
    finally:
        texts.free()
    return bool(more)


@dll.export
def EnumResourceTypesW(
    guest: Guest, hModule: HMODULE, lpEnumFunc: EnumTypes, lParam: LONG_PTR, *, data: DataFiles, heaps: Heaps
) -> Steps[BOOL]:
    directory = directory_of(guest, data, hModule)
    texts = _Texts(guest, heaps, True)
    return (yield from _enumerate(guest, directory, directory.root, lpEnumFunc, [], hModule, lParam, texts))


@dll.export
def EnumResourceTypesA(
    guest: Guest, hModule: HMODULE, lpEnumFunc: EnumTypes, lParam: LONG_PTR, *, data: DataFiles, heaps: Heaps
) -> Steps[BOOL]:
    directory = directory_of(guest, data, hModule)
    texts = _Texts(guest, heaps, False)
    return (yield from _enumerate(guest, directory, directory.root, lpEnumFunc, [], hModule, lParam, texts))


def _enumerate_names(
    guest: Guest, data: DataFiles, handle: int, kind: Key, call: Callback, parameter: int, texts: _Texts
) -> Steps[int]:
    directory = directory_of(guest, data, handle)
    table = directory.names(resource_key(kind))
    return (yield from _enumerate(guest, directory, table, call, [kind], handle, parameter, texts))


@dll.export
def EnumResourceNamesW(
    guest: Guest, hModule: HMODULE, lpType: NAME_OR_ID, lpEnumFunc: EnumNames, lParam: LONG_PTR, *, data: DataFiles,
    heaps: Heaps,
) -> Steps[BOOL]:  # fmt: skip
    texts = _Texts(guest, heaps, True)
    return (yield from _enumerate_names(guest, data, hModule, lpType, lpEnumFunc, lParam, texts))


@dll.export
def EnumResourceNamesA(
    guest: Guest, hModule: HMODULE, lpType: NAME_OR_ORDINAL, lpEnumFunc: EnumNames, lParam: LONG_PTR, *,
    data: DataFiles, heaps: Heaps,
) -> Steps[BOOL]:  # fmt: skip
    texts = _Texts(guest, heaps, False)
    return (yield from _enumerate_names(guest, data, hModule, _text(guest, lpType), lpEnumFunc, lParam, texts))


def _enumerate_languages(
    guest: Guest, data: DataFiles, handle: int, kind: Key, name: Key, call: Callback, parameter: int, texts: _Texts
) -> Steps[int]:
    directory = directory_of(guest, data, handle)
    table = directory.languages(resource_key(kind), resource_key(name))
    return (yield from _enumerate(guest, directory, table, call, [kind, name], handle, parameter, texts))


@dll.export
def EnumResourceLanguagesW(
    guest: Guest, hModule: HMODULE, lpType: NAME_OR_ID, lpName: NAME_OR_ID, lpEnumFunc: EnumLanguages,
    lParam: LONG_PTR, *, data: DataFiles, heaps: Heaps,
) -> Steps[BOOL]:  # fmt: skip
    texts = _Texts(guest, heaps, True)
    return (yield from _enumerate_languages(guest, data, hModule, lpType, lpName, lpEnumFunc, lParam, texts))


@dll.export
def EnumResourceLanguagesA(
    guest: Guest, hModule: HMODULE, lpType: NAME_OR_ORDINAL, lpName: NAME_OR_ORDINAL, lpEnumFunc: EnumLanguages,
    lParam: LONG_PTR, *, data: DataFiles, heaps: Heaps,
) -> Steps[BOOL]:  # fmt: skip
    texts = _Texts(guest, heaps, False)
    return (
        yield from _enumerate_languages(
            guest, data, hModule, _text(guest, lpType), _text(guest, lpName), lpEnumFunc, lParam, texts
        )
    )
