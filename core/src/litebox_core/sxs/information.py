"""What a program may ask about an activation context: the structures of QueryActCtxW."""

import struct
from collections.abc import Callable

from ..errors import NtError
from ..ntstatus import STATUS_INVALID_PARAMETER, STATUS_SXS_KEY_NOT_FOUND
from .assemblies import Assembly
from .contexts import Context

__all__ = ["SUBINSTANCES", "Answer", "answer", "setting"]

(BASIC, DETAILED, ASSEMBLY_DETAILED, FILE, RUN_LEVEL, COMPATIBILITY) = range(1, 7)
SUBINSTANCES = {ASSEMBLY_DETAILED: 4, FILE: 8}
"""Classes that ask about one of several things, and the bytes that say which."""

_NO_FILE, _WIN32_FILE = 1, 2
_OS, _MAXVERSIONTESTED = 1, 3
_VALID_PATH = 2
_SHARED, _ROOT = 0x10, 1

SETTINGS = frozenset(
    f"http://schemas.microsoft.com/SMI/{year}/WindowsSettings" for year in (2005, 2011, 2013, 2016, 2017, 2019, 2020)
)

Answer = tuple[int, Callable[[int], bytes]]
"""The size of an answer, and what makes it from the address at which it will lie: it may point into itself."""


def answer(kind: int, context: Context | None, handle: int, index: tuple[int, int]) -> Answer:
    """``handle`` is what the program is told as the context's. Raises NtError(STATUS_INVALID_PARAMETER)."""
    if kind == BASIC:
        data = struct.pack("<QI4x", handle, 0)
    elif kind == DETAILED:
        return _detailed(context)
    elif kind == ASSEMBLY_DETAILED:
        return _assembly(_of_roster(context, index[0] - 1), index[0] == 1)
    elif kind == FILE:
        return _file(_of_roster(context, index[0]), index[1])
    elif kind == RUN_LEVEL:
        data = struct.pack("<3I", 0, *((0, 0) if context is None else _run_level(context)))
    elif kind == COMPATIBILITY:
        data = _compatibility(context)
    else:
        raise NtError(STATUS_INVALID_PARAMETER)
    return len(data), lambda _: data


def _of_roster(context: Context | None, index: int) -> Assembly:
    if context is None or not 0 <= index < len(context.roster):
        raise NtError(STATUS_INVALID_PARAMETER)
    return context.roster[index]


def _run_level(context: Context) -> tuple[int, int]:
    manifest = context.roster[0].manifest
    return manifest.level, int(manifest.ui_access)


def _compatibility(context: Context | None) -> bytes:
    systems = context.roster[0].manifest.systems if context is not None else []
    data = struct.pack("<I4x", len(systems))
    for guid, number in systems:
        if guid is not None:
            data += guid.bytes_le + struct.pack("<I4xQ", _OS, 0)
        else:
            data += bytes(16) + struct.pack("<I4xQ", _MAXVERSIONTESTED, number)
    return data


def _texts(head: int, *texts: str) -> tuple[int, list[int], list[int], bytes]:
    """Texts behind a structure of ``head`` bytes: the size of all, their lengths in bytes, offsets (0: none), bytes."""
    lengths, offsets, tail = [], [], b""
    for text in texts:
        data = text.encode("utf-16-le", "surrogatepass")
        lengths.append(len(data))
        offsets.append(head + len(tail) if data else 0)
        tail += data + b"\0\0" if data else b""
    return head + len(tail), lengths, offsets, tail


def _at(address: int, offset: int) -> int:
    return address + offset if offset else 0


def _detailed(context: Context | None) -> Answer:
    if context is None:
        return 64, lambda _: bytes(64)
    size, (root, folder), (root_at, folder_at), tail = _texts(64, context.roster[0].path, context.folder)
    count = len(context.roster)

    def made(address: int) -> bytes:
        head = struct.pack(
            "<9I4x3Q", 0, 1, count, _WIN32_FILE, root // 2, _NO_FILE, 0, _WIN32_FILE, folder // 2,
            _at(address, root_at), 0, _at(address, folder_at),
        )  # fmt: skip
        return head + tail

    return size, made


def _assembly(assembly: Assembly, root: bool) -> Answer:
    encoded = assembly.identity.encoded() if assembly.identity is not None else ""
    size, lengths, offsets, tail = _texts(104, encoded, assembly.path, assembly.folder or "")

    def made(address: int) -> bytes:
        identity, path, folder = (_at(address, offset) for offset in offsets)
        head = struct.pack(
            "<4Iq2Iq6I4QI4x", _ROOT if root else _SHARED, lengths[0], _WIN32_FILE, lengths[1], assembly.written,
            _NO_FILE, 0, 0, 0, 1, 0, 0, 0, lengths[2], identity, path, 0, folder, len(assembly.manifest.files),
        )  # fmt: skip
        return head + tail

    return size, made


def _file(assembly: Assembly, index: int) -> Answer:
    if not 0 <= index < len(assembly.manifest.files):
        raise NtError(STATUS_INVALID_PARAMETER)
    size, (length,), (offset,), tail = _texts(32, assembly.manifest.files[index].name)

    def made(address: int) -> bytes:
        return struct.pack("<3I4x2Q", _VALID_PATH, length, 0, _at(address, offset), 0) + tail

    return size, made


def setting(context: Context | None, space: str | None, name: str) -> str:
    """A setting of the program's manifest. Raises NtError."""
    if space is not None and space not in SETTINGS:
        raise NtError(STATUS_INVALID_PARAMETER)
    wanted = space or "http://schemas.microsoft.com/SMI/2005/WindowsSettings"
    for found_space, found, value in context.roster[0].manifest.settings if context is not None else ():
        if (found_space, found) == (wanted, name):
            return value
    raise NtError(STATUS_SXS_KEY_NOT_FOUND)
