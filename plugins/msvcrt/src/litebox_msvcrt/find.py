"""io.h: the _findfirst family."""

import struct

from litebox_core.abi import INT, INTPTR, PCSTR, PCWSTR, PVOID
from litebox_core.crterrno import EINVAL
from litebox_core.errors import NtError, WinError
from litebox_core.guest import Guest
from litebox_core.ntstatus import STATUS_OBJECT_PATH_NOT_FOUND
from litebox_core.openfiles import DirectoryEntry
from litebox_core.process import DllState, Process
from litebox_core.services import Files
from litebox_core.winerror import ERROR_FILE_NOT_FOUND, ERROR_NO_MORE_FILES

from .base import InvalidParameter, msvcrt, shared
from .filenames import FILE_DIRECTORY, FILE_LIST_DIRECTORY, FOR_BACKUP, opened
from .opening import narrow_path, path_argument

_NAME_CHARACTERS = 260
_EPOCH, _SECOND = 116444736000000000, 10_000_000
_NORMAL = 0x80
_LAYOUTS = {
    (32, 32): struct.Struct("<IiiiI"),
    (64, 32): struct.Struct("<I4xqqqI"),
    (32, 64): struct.Struct("<Iiiiq"),
    (64, 64): struct.Struct("<I4xqqqq"),
}
"""What stands before the name, by the width of times and of the size."""


class Searches(DllState):
    """The searches in progress: what is left of each, by handle."""

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self._open: dict[int, list[DirectoryEntry]] = {}
        self._next = 0x10000

    def begin(self, entries: list[DirectoryEntry]) -> int:
        handle = self._next
        self._next += 0x10
        self._open[handle] = entries
        return handle

    def get(self, handle: int) -> list[DirectoryEntry]:
        """The entries that are left, the next one last. Raises InvalidParameter."""
        found = self._open.get(handle)
        if found is None:
            raise InvalidParameter(EINVAL)
        return found

    def end(self, handle: int) -> None:
        self.get(handle)
        del self._open[handle]


def _time(filetime: int, bits: int) -> int:
    if filetime < _EPOCH:
        return -1
    seconds = (filetime - _EPOCH) // _SECOND
    return seconds if bits == 64 or seconds <= 0x7FFFFFFF else -1


def _store(guest: Guest, addr: int, entry: DirectoryEntry, layout: tuple[int, int], wide: bool) -> None:
    info, codec = entry.info, _LAYOUTS[layout]
    size = info.size if layout[1] == 64 else info.size & 0xFFFFFFFF
    times = (_time(t, layout[0]) for t in (info.created, info.accessed, info.written))
    attributes = 0 if info.attributes == _NORMAL else info.attributes
    if wide:
        name = entry.name.encode("utf-16-le", "surrogatepass")[: 2 * _NAME_CHARACTERS - 2] + b"\0\0"
    else:
        name = guest.memory.ansi_encode(entry.name)[: _NAME_CHARACTERS - 1] + b"\0"
    guest.memory.write(addr, codec.pack(attributes, *times, size) + name)


def _first(guest: Guest, path: str, addr: int, layout: tuple[int, int], wide: bool, searches: Searches) -> int:
    if not addr:
        raise InvalidParameter(EINVAL)
    files = guest.service(Files)
    start = max(path.rfind("\\"), path.rfind("/"), path.rfind(":")) + 1
    if start == len(path):
        raise NtError(STATUS_OBJECT_PATH_NOT_FOUND)
    pattern = files.find_pattern(path[start:])
    with opened(guest, path[:start] or ".", FILE_LIST_DIRECTORY, FILE_DIRECTORY | FOR_BACKUP) as directory:
        entries = list(directory.entries(pattern, True))
    if not entries:
        raise WinError(ERROR_FILE_NOT_FOUND)
    entries.reverse()
    _store(guest, addr, entries.pop(), layout, wide)
    return searches.begin(entries)


def _next(guest: Guest, handle: int, addr: int, layout: tuple[int, int], wide: bool, searches: Searches) -> int:
    entries = searches.get(handle)
    if not addr:
        raise InvalidParameter(EINVAL)
    if not entries:
        raise WinError(ERROR_NO_MORE_FILES)
    _store(guest, addr, entries.pop(), layout, wide)
    return 0


def _family(layout: tuple[int, int], names: tuple[str, ...]) -> None:
    """findfirst and findnext, narrow and wide, for one structure; ``names`` are the endings of their names."""

    def findfirst(guest: Guest, filespec: PCSTR | None, fileinfo: PVOID, *, searches: Searches) -> INTPTR:
        return _first(guest, narrow_path(guest.process, filespec), fileinfo, layout, False, searches)

    def wfindfirst(guest: Guest, filespec: PCWSTR | None, fileinfo: PVOID, *, searches: Searches) -> INTPTR:
        return _first(guest, path_argument(filespec), fileinfo, layout, True, searches)

    def findnext(guest: Guest, handle: INTPTR, fileinfo: PVOID, *, searches: Searches) -> INT:
        return _next(guest, handle, fileinfo, layout, False, searches)

    def wfindnext(guest: Guest, handle: INTPTR, fileinfo: PVOID, *, searches: Searches) -> INT:
        return _next(guest, handle, fileinfo, layout, True, searches)

    for ending in names:
        dll = shared if ending[:2] in ("32", "64") else msvcrt
        for first in (findfirst, wfindfirst):
            dll.export(name=f"_{first.__name__}{ending}")(first)
        for following in (findnext, wfindnext):
            dll.export(name=f"_{following.__name__}{ending}")(following)


_family((32, 32), ("32",))
_family((64, 32), ("", "64i32"))
_family((32, 64), ("32i64",))
_family((64, 64), ("64", "i64"))


@shared.export
def _findclose(guest: Guest, handle: INTPTR, *, searches: Searches) -> INT:
    searches.end(handle)
    return 0
