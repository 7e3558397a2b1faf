"""Functions on activation contexts that KERNEL32 and NTDLL share: guest memory on one side, contexts on the other."""

import struct
import uuid
from typing import TYPE_CHECKING

from ..errors import NtError
from ..guest import Guest
from ..ntstatus import (
    STATUS_BUFFER_TOO_SMALL,
    STATUS_DLL_NOT_FOUND,
    STATUS_INVALID_PARAMETER,
    STATUS_SXS_EARLY_DEACTIVATION,
    STATUS_SXS_INVALID_DEACTIVATION,
)
from ..services import Exceptions
from .contexts import ActivationContexts, Context
from .information import BASIC, SUBINSTANCES, answer, setting

if TYPE_CHECKING:
    from ..abi import Out

__all__ = ["deactivate", "find", "guid_at", "query", "query_setting"]

FIND_ACTCTX_SECTION_KEY_RETURN_HACTCTX = 1
QUERY_ACTCTX_FLAG_USE_ACTIVE_ACTCTX = 0x4
QUERY_ACTCTX_FLAG_ACTCTX_IS_HMODULE = 0x8
QUERY_ACTCTX_FLAG_ACTCTX_IS_ADDRESS = 0x10
QUERY_ACTCTX_FLAG_NO_ADDREF = 0x80000000
_WHICH = QUERY_ACTCTX_FLAG_USE_ACTIVE_ACTCTX | QUERY_ACTCTX_FLAG_ACTCTX_IS_HMODULE | QUERY_ACTCTX_FLAG_ACTCTX_IS_ADDRESS
DEACTIVATE_ACTCTX_FLAG_FORCE_EARLY_DEACTIVATION = 1
EXCEPTION_NONCONTINUABLE = 1

_KEYED = struct.Struct("<IIQI4xQI4xQI4xQ")
"""ACTCTX_SECTION_KEYED_DATA without what comes after hActCtx."""
_ROSTER_INDEX = 64


def deactivate(guest: Guest, contexts: ActivationContexts, flags: int, cookie: int) -> None:
    """Raises NtError for flags; a cookie that is not the last one's is an exception of the program's."""
    if flags & ~DEACTIVATE_ACTCTX_FLAG_FORCE_EARLY_DEACTIVATION:
        raise NtError(STATUS_INVALID_PARAMETER)
    above = contexts.above(guest, cookie)
    if above is None:
        _raised(guest, STATUS_SXS_INVALID_DEACTIVATION)
        return
    if above and not flags:
        _raised(guest, STATUS_SXS_EARLY_DEACTIVATION)
        return
    contexts.deactivate(guest, above + 1)


def _raised(guest: Guest, status: int) -> None:
    guest.service(Exceptions).raised(guest, status, EXCEPTION_NONCONTINUABLE, (), guest.resume_pc)


def guid_at(guest: Guest, address: int) -> uuid.UUID:
    """Raises NtError(STATUS_INVALID_PARAMETER) for NULL, GuestFault."""
    if not address:
        raise NtError(STATUS_INVALID_PARAMETER)
    return uuid.UUID(bytes_le=guest.memory.read(address, 16))


def find(
    guest: Guest, contexts: ActivationContexts, flags: int, extension: int, section: int, key: str | uuid.UUID, out: int
) -> None:
    """Looks a key up and fills the ACTCTX_SECTION_KEYED_DATA at ``out``, if any. Raises NtError, GuestFault."""
    if flags & ~FIND_ACTCTX_SECTION_KEY_RETURN_HACTCTX or extension:
        raise NtError(STATUS_INVALID_PARAMETER)
    size = guest.memory.u32(out) if out else 0
    if out and size < _ROSTER_INDEX:
        raise NtError(STATUS_INVALID_PARAMETER)
    found = contexts.find(guest, section, key)
    if not out:
        return
    handle, shared = 0, found.section.globals
    if flags:
        handle = found.context.handle
        contexts.add_reference(handle)
    data = _KEYED.pack(
        size, 1, found.address + found.entry.offset, found.entry.length, found.address + shared[0] if shared else 0,
        shared[1] if shared else 0, found.address, len(found.section.data), handle,
    )  # fmt: skip
    if size >= _ROSTER_INDEX + 4:
        data += struct.pack("<I", found.entry.roster)
    guest.memory.write(out, data)


def _chosen(guest: Guest, contexts: ActivationContexts, flags: int, handle: int) -> tuple[Context | None, int]:
    """The context that a query is about, and its handle. Raises NtError."""
    which = flags & _WHICH
    if flags & ~(_WHICH | QUERY_ACTCTX_FLAG_NO_ADDREF) or which & which - 1:
        raise NtError(STATUS_INVALID_PARAMETER)
    if which == QUERY_ACTCTX_FLAG_USE_ACTIVE_ACTCTX:
        if handle:
            raise NtError(STATUS_INVALID_PARAMETER)
        context = contexts.active(guest)
    elif which:
        modules = guest.process.loader.modules
        by_base = which == QUERY_ACTCTX_FLAG_ACTCTX_IS_HMODULE
        module = modules.by_base(handle) if by_base else modules.at(handle)
        if module is None:
            raise NtError(STATUS_DLL_NOT_FOUND)
        context = None  # modules are loaded in the context of the process
    else:
        context = contexts.get(handle)
    if context is not None:
        return context, context.handle
    return contexts.default(), 0


def query(
    guest: Guest, contexts: ActivationContexts, flags: int, handle: int, instance: int, kind: int, buffer: int,
    size: int, length: "Out[int] | None",
) -> None:  # fmt: skip
    """QueryActCtxW. Raises NtError, GuestFault."""
    if length:
        length.value = 0
    if not buffer and not length:
        raise NtError(STATUS_INVALID_PARAMETER)
    context, told = _chosen(guest, contexts, flags, handle)
    index = (0, 0)
    if kind in SUBINSTANCES:
        if not instance:
            raise NtError(STATUS_INVALID_PARAMETER)
        pair = SUBINSTANCES[kind] == 8
        index = (guest.memory.u32(instance), guest.memory.u32(instance + 4) if pair else 0)
    needed, made = answer(kind, context, told, index)
    if length:
        length.value = needed
    if not buffer or size < needed:
        raise NtError(STATUS_BUFFER_TOO_SMALL)
    guest.memory.write(buffer, made(buffer))
    if length and kind in SUBINSTANCES and SUBINSTANCES[kind] == 8:
        length.value = 0  # as Windows has it
    if kind == BASIC and not flags & QUERY_ACTCTX_FLAG_NO_ADDREF:
        contexts.add_reference(told)


def query_setting(
    guest: Guest, contexts: ActivationContexts, flags: int, handle: int, space: str | None, name: str | None,
    buffer: int, size: int, length: "Out[int] | None",
) -> None:  # fmt: skip
    """QueryActCtxSettingsW; sizes are in characters. Raises NtError, GuestFault."""
    if flags or name is None:
        raise NtError(STATUS_INVALID_PARAMETER)
    context = contexts.get(handle)
    value = setting(context or contexts.default(), space, name)
    data = value.encode("utf-16-le", "surrogatepass")
    if length:
        length.value = len(data) // 2 + 1
    if not buffer or size < len(data) // 2:  # that there is no room for the NUL is not seen, and it is written
        raise NtError(STATUS_BUFFER_TOO_SMALL)
    guest.memory.write(buffer, data + b"\0\0")
