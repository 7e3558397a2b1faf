"""Functions of DLLs that are loaded when one of them is first called: what ResolveDelayLoadedAPI does."""

import struct
from typing import TYPE_CHECKING, Annotated

from ..abi import PVOID, ULONG, Callback, CallbackMeta
from ..errors import NtError, win32_of
from ..guest import Guest, Steps
from ..services import Heaps
from .mapping import put_pointer

if TYPE_CHECKING:
    from .modules import Module

__all__ = ["FailureDllCallback", "FailureSystemCallback", "resolve"]

FailureDllCallback = Annotated[Callback, CallbackMeta([ULONG, PVOID], PVOID)]
FailureSystemCallback = Annotated[Callback, CallbackMeta([PVOID, PVOID], PVOID)]

DLI_FAIL_LOAD_LIBRARY, DLI_FAIL_GET_PROCEDURE = 3, 4
_BY_ORDINAL = 1 << 63
_DESCRIPTOR = struct.Struct("<8I")
"""IMAGE_DELAYLOAD_DESCRIPTOR: attributes, and RVAs of name, module handle, addresses, names; what is bound; a stamp."""
_INFO = struct.Struct("<I4xQQQI4xQQQI4x")
"""DELAYLOAD_INFO."""
_LONGEST = 512


def resolve(
    guest: Guest, base: int, descriptor: int, thunk: int, hooks: tuple[Callback, Callback]
) -> Steps[int]:  # fmt: skip
    """Loads the DLL of a descriptor and enters one of its functions into the table at ``thunk``; its address.

    Where there is no such DLL or function the first hook that there is says what to call instead. Raises GuestFault.
    """
    memory, loader = guest.memory, guest.process.loader
    _, name_rva, handle_rva, addresses, names, _, _, _ = _DESCRIPTOR.unpack(memory.read(descriptor, _DESCRIPTOR.size))
    title = memory.cstr(base + name_rva, _LONGEST)
    entry = memory.u64(base + names + (thunk - base - addresses) // 8 * 8)
    key = entry & 0xFFFF if entry & _BY_ORDINAL else memory.cstr(base + entry + 2, _LONGEST).decode("latin-1")
    parent = loader.modules.by_base(base)
    stage, handle = DLI_FAIL_LOAD_LIBRARY, memory.u64(base + handle_rva) if handle_rva else 0
    try:
        source = loader.modules.by_base(handle) if handle else None
        if source is None:
            source = yield from loader.load(guest, title.decode("latin-1"))
            if handle_rva:
                _put(guest, parent, base + handle_rva, source.base)
        stage, handle = DLI_FAIL_GET_PROCEDURE, source.base
        address = loader.get_procedure(source, key)
    except NtError as error:
        names_at = base + entry + 2 if isinstance(key, str) else key
        info = (descriptor, thunk, base + name_rva, int(isinstance(key, str)), names_at, handle, 0)
        return (yield from _failed(guest, stage, info, win32_of(error.status), hooks))
    _put(guest, parent, thunk, address)
    return address


def _put(guest: Guest, module: "Module | None", address: int, value: int) -> None:
    """Writes into an image, be its page read-only or not, as the loader does."""
    if module is not None and module.allocation is not None and address in module and address + 8 in module:
        put_pointer(guest.process, module.allocation, address, value)
    else:
        guest.memory.put_u64(address, value)


def _failed(
    guest: Guest, stage: int, info: tuple[int, ...], error: int, hooks: tuple[Callback, Callback]
) -> Steps[int]:
    of_dll, of_system = hooks
    if of_dll:
        heaps = guest.service(Heaps)
        block = heaps.allocate(heaps.process_heap, 0, _INFO.size)
        try:
            guest.memory.write(block, _INFO.pack(_INFO.size, *info, error))
            return int((yield of_dll(stage, block)))
        finally:
            heaps.free(heaps.process_heap, 0, block)
    if of_system:
        return int((yield of_system(info[2], info[4])))
    return 0
