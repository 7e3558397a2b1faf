"""stdlib.h: taking paths apart and putting them together."""

from typing import Any

from litebox_core.abi import INT, PCSTR, PCWSTR, PVOID, SIZE_T
from litebox_core.crterrno import EINVAL, ERANGE
from litebox_core.dll import RETURN_ERROR
from litebox_core.guest import Guest

from .base import InvalidParameter, shared
from .mbstate import Multibyte

MAX_DRIVE, MAX_DIR, MAX_FNAME, MAX_EXT, MAX_PATH = 3, 256, 256, 256, 260


def _split(path: str) -> tuple[str, str, str, str]:
    """Drive, directory, name and extension; their texts together are the path."""
    drive = ""
    if path.startswith("\\\\?\\") and path[5:6] == ":":
        path = path[4:]
    if path[1:2] == ":":
        drive, path = path[:2], path[2:]
    end = max(path.rfind("\\"), path.rfind("/")) + 1
    directory, name = path[:end], path[end:]
    dot = name.rfind(".")
    return (drive, directory, name, "") if dot < 0 else (drive, directory, name[:dot], name[dot:])


def _encoded(text: str | bytes) -> tuple[bytes, int]:
    if isinstance(text, bytes):
        return text, 1
    return text.encode("utf-16-le", "surrogatepass"), 2


def _parts(path: bytes | str, mb: Multibyte) -> list[tuple[bytes, int]]:
    if isinstance(path, str):
        return [_encoded(part) for part in _split(path)]
    shape = path.decode("latin-1")
    if mb.double:  # a backslash may be the second byte of a character
        shape = "".join(["x" * 2 if char > 0xFF else chr(char) for char in mb.split(path)]).ljust(len(path), "x")
    parts = _split(shape)
    at, taken = len(path) - sum(map(len, parts)), []
    for part in parts:
        taken.append((path[at : at + len(part)], 1))
        at += len(part)
    return taken


def _split_into(guest: Guest, path: bytes | str, places: tuple[int, int, int, int], mb: Multibyte) -> None:
    limits = (MAX_DRIVE, MAX_DIR, MAX_FNAME, MAX_EXT)
    for (data, unit), addr, limit in zip(_parts(path, mb), places, limits, strict=True):
        if addr:
            guest.memory.write(addr, data[: (limit - 1) * unit] + bytes(unit))


@shared.export
def _splitpath(
    guest: Guest, path: PCSTR, drive: PVOID, dir: PVOID, fname: PVOID, ext: PVOID, *, mb: Multibyte
) -> None:
    _split_into(guest, path, (drive, dir, fname, ext), mb)


@shared.export
def _wsplitpath(
    guest: Guest, path: PCWSTR, drive: PVOID, dir: PVOID, fname: PVOID, ext: PVOID, *, mb: Multibyte
) -> None:
    _split_into(guest, path, (drive, dir, fname, ext), mb)


def _split_secure(
    guest: Guest, path: bytes | str | None, places: tuple[tuple[int, int], ...], unit: int, mb: Multibyte
) -> int:
    if path is None or any(bool(addr) != bool(size) for addr, size in places):
        _clear(guest, places, unit)
        raise InvalidParameter(EINVAL)
    parts = _parts(path, mb)
    for (data, _), (addr, size) in zip(parts, places, strict=True):
        if addr and len(data) // unit >= size:
            _clear(guest, places, unit)
            raise InvalidParameter(ERANGE)
    for (data, _), (addr, _) in zip(parts, places, strict=True):
        if addr:
            guest.memory.write(addr, data + bytes(unit))
    return 0


def _clear(guest: Guest, places: tuple[tuple[int, int], ...], unit: int) -> None:
    for addr, size in places:
        if addr and size:
            guest.memory.write(addr, bytes(unit))


@shared.export(fails=RETURN_ERROR)
def _splitpath_s(
    guest: Guest, path: PCSTR | None, drive: PVOID, driveNumberOfElements: SIZE_T, dir: PVOID,
    dirNumberOfElements: SIZE_T, fname: PVOID, nameNumberOfElements: SIZE_T, ext: PVOID, extNumberOfElements: SIZE_T,
    *, mb: Multibyte,
) -> INT:  # fmt: skip
    places = ((drive, driveNumberOfElements), (dir, dirNumberOfElements), (fname, nameNumberOfElements),
              (ext, extNumberOfElements))  # fmt: skip
    return _split_secure(guest, path, places, 1, mb)


@shared.export(fails=RETURN_ERROR)
def _wsplitpath_s(
    guest: Guest, path: PCWSTR | None, drive: PVOID, driveNumberOfElements: SIZE_T, dir: PVOID,
    dirNumberOfElements: SIZE_T, fname: PVOID, nameNumberOfElements: SIZE_T, ext: PVOID, extNumberOfElements: SIZE_T,
    *, mb: Multibyte,
) -> INT:  # fmt: skip
    places = ((drive, driveNumberOfElements), (dir, dirNumberOfElements), (fname, nameNumberOfElements),
              (ext, extNumberOfElements))  # fmt: skip
    return _split_secure(guest, path, places, 2, mb)


def _join(drive: Any, directory: Any, name: Any, extension: Any) -> Any:
    """The path, of bytes or of text; a missing backslash, colon or dot is put in."""
    kind = next((type(p) for p in (drive, directory, name, extension) if p), str)
    colon, backslash, slash, dot = (":", "\\", "/", ".") if kind is str else (b":", b"\\", b"/", b".")
    made = kind()
    if drive:
        made += drive[:1] + colon
    if directory:
        made += directory
        if directory[-1:] not in (backslash, slash):
            made += backslash
    made += name or kind()
    if extension:
        made += extension if extension[:1] == dot else dot + extension
    return made


@shared.export
def _makepath(
    guest: Guest, path: PVOID, drive: PCSTR | None, dir: PCSTR | None, fname: PCSTR | None, ext: PCSTR | None
) -> None:
    made = _join(drive, dir, fname, ext)
    guest.memory.put_cstr(path, made or b"")


@shared.export
def _wmakepath(
    guest: Guest, path: PVOID, drive: PCWSTR | None, dir: PCWSTR | None, fname: PCWSTR | None, ext: PCWSTR | None
) -> None:
    guest.memory.put_wstr(path, _join(drive, dir, fname, ext))


def _make_secure(guest: Guest, path: int, count: int, made: bytes, unit: int) -> int:
    if not path or not count:
        raise InvalidParameter(EINVAL)
    if len(made) // unit >= count:
        # What fits is written before the buffer is emptied; a drive only as a whole
        if count > 2 or made[unit : 2 * unit] != b":".ljust(unit, b"\0"):
            guest.memory.write(path, made[: (count - 1) * unit])
        guest.memory.write(path, bytes(unit))
        raise InvalidParameter(ERANGE)
    guest.memory.write(path, made + bytes(unit))
    return 0


@shared.export(fails=RETURN_ERROR)
def _makepath_s(
    guest: Guest, path: PVOID, sizeInBytes: SIZE_T, drive: PCSTR | None, dir: PCSTR | None, fname: PCSTR | None,
    ext: PCSTR | None,
) -> INT:  # fmt: skip
    return _make_secure(guest, path, sizeInBytes, _join(drive, dir, fname, ext) or b"", 1)


@shared.export(fails=RETURN_ERROR)
def _wmakepath_s(
    guest: Guest, path: PVOID, sizeInWords: SIZE_T, drive: PCWSTR | None, dir: PCWSTR | None, fname: PCWSTR | None,
    ext: PCWSTR | None,
) -> INT:  # fmt: skip
    return _make_secure(guest, path, sizeInWords, _encoded(_join(drive, dir, fname, ext))[0], 2)
