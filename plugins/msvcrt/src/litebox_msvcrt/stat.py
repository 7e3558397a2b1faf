"""sys/stat.h: what is known of files, in the structure of each variant."""

import struct
from typing import Any

from litebox_core.abi import INT, PCSTR, PCWSTR, PVOID
from litebox_core.crterrno import EINVAL, ENOENT, EOVERFLOW
from litebox_core.errors import CrtError, NtError
from litebox_core.guest import Guest
from litebox_core.ntstatus import STATUS_OBJECT_NAME_NOT_FOUND
from litebox_core.openfiles import FileInfo
from litebox_core.services import Files

from .base import InvalidParameter, Runtime, msvcrt, shared
from .descriptors import FDEV, FPIPE, Descriptors
from .filenames import DIRECTORY, READONLY
from .opening import narrow_path, path_argument

S_IFIFO, S_IFCHR, S_IFDIR, S_IFREG = 0x1000, 0x2000, 0x4000, 0x8000
_READ, _WRITE, _EXECUTE = 0o444, 0o222, 0o111
_EPOCH, _SECOND = 116444736000000000, 10_000_000
_PROGRAMS = (".exe", ".cmd", ".bat", ".com")
_HEAD = "<IHHhhh2xI"
_LAYOUTS = {
    (32, 32): struct.Struct(_HEAD + "iiii"),
    (64, 32): struct.Struct(_HEAD + "iqqq"),
    (32, 64): struct.Struct(_HEAD + "4xqiii4x"),
    (64, 64): struct.Struct(_HEAD + "4xqqqq"),
}
"""By the width of times and of the size."""


def _unix(filetime: int) -> int:
    return (filetime - _EPOCH) // _SECOND if filetime > _EPOCH else 0


def _store(
    guest: Guest, addr: int, layout: tuple[int, int], drive: int, mode: int, links: int, size: int,
    times: tuple[int, int, int],
) -> None:  # fmt: skip
    if layout[1] == 32 and size > 0x7FFFFFFF:
        raise CrtError(EOVERFLOW)
    if layout[0] == 32:
        times = tuple(t if t <= 0x7FFFFFFF else -1 for t in times)  # type: ignore[assignment]
    data = _LAYOUTS[layout].pack(drive, 0, mode, min(links, 0x7FFF), 0, 0, drive, size, *times)
    guest.memory.write(addr, data)


def _mode(attributes: int, path: str) -> int:
    mode = S_IFDIR | _EXECUTE if attributes & DIRECTORY else S_IFREG
    mode |= _READ if attributes & READONLY and not attributes & DIRECTORY else _READ | _WRITE
    return mode | _EXECUTE if path[-4:].lower() in _PROGRAMS else mode


def _times(info: FileInfo) -> tuple[int, int, int]:
    written = _unix(info.written)
    return _unix(info.accessed) or written, written, _unix(info.created) or written


def _by_name(guest: Guest, path: str, addr: int, layout: tuple[int, int], ucrt: bool) -> int:
    if not addr:
        raise InvalidParameter(EINVAL)
    name = path.rstrip(" ")
    if any(char in "*?" for char in path) or not name or (name[1:] == ":"):
        raise CrtError(ENOENT)
    files = guest.service(Files)
    slashed = name[-1] in "\\/" and len(name.rstrip("\\/")) > 2
    if slashed and not ucrt:
        raise NtError(STATUS_OBJECT_NAME_NOT_FOUND)
    info = files.query(path)
    if slashed and not info.attributes & DIRECTORY:
        raise NtError(STATUS_OBJECT_NAME_NOT_FOUND)
    full = files.full_path(path)
    drive = ord(full[0].upper()) - 65 if full[1:2] == ":" else 0
    _store(guest, addr, layout, drive, _mode(info.attributes, full), 1, info.size, _times(info))
    return 0


def _by_descriptor(guest: Guest, fd: int, addr: int, layout: tuple[int, int], descriptors: Descriptors) -> int:
    if not addr:
        raise InvalidParameter(EINVAL)
    descriptor = descriptors.get(fd)
    file = descriptors.file(descriptor)
    if descriptor.flags & (FDEV | FPIPE):
        kind = S_IFCHR if descriptor.flags & FDEV else S_IFIFO
        _store(guest, addr, layout, fd, kind, 1, 0, (0, 0, 0))
        return 0
    info = file.info()
    mode = _mode(info.attributes, "")
    _store(guest, addr, layout, 0, mode, info.links or 1, info.size, _times(info))
    return 0


def _family(layout: tuple[int, int], names: tuple[str, ...]) -> None:
    """stat, wstat and fstat for one structure; ``names`` are the endings of their names."""

    def stat(guest: Guest, path: PCSTR | None, buffer: PVOID, *, runtime: Runtime) -> INT:
        return _by_name(guest, narrow_path(guest.process, path), buffer, layout, runtime.ucrt)

    def wstat(guest: Guest, path: PCWSTR | None, buffer: PVOID, *, runtime: Runtime) -> INT:
        return _by_name(guest, path_argument(path), buffer, layout, runtime.ucrt)

    def fstat(guest: Guest, fd: INT, buffer: PVOID, *, descriptors: Descriptors) -> INT:
        return _by_descriptor(guest, fd, buffer, layout, descriptors)

    functions: tuple[Any, ...] = (stat, wstat, fstat)
    for ending in names:
        dll = shared if ending[:2] in ("32", "64") else msvcrt
        for function in functions:
            dll.export(name=f"_{function.__name__}{ending}")(function)


_family((32, 32), ("32",))
_family((64, 32), ("", "64i32"))
_family((32, 64), ("32i64",))
_family((64, 64), ("64", "i64"))
