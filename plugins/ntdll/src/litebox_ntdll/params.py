"""Process parameters: the block of strings with which a process is started."""

import struct

from litebox_core.abi import NTSTATUS, PVOID, ULONG, In, Out
from litebox_core.guest import Guest
from litebox_core.ntstatus import STATUS_SUCCESS
from litebox_core.services import Heaps

from .base import dll
from .env import packed, strings
from .ntdef import UNICODE_STRING, allocate, counted

NORMALIZED = 1
SIZE = 0x440
"""Bytes before the strings, on x64."""
CURRENT_DIRECTORY, DLL_PATH, IMAGE, COMMAND, ENVIRONMENT = 0x38, 0x50, 0x60, 0x70, 0x80
TITLE, DESKTOP, SHELL, RUNTIME, ENVIRONMENT_SIZE = 0xB0, 0xC0, 0xD0, 0xE0, 0x3F0
DIRECTORY_ROOM = 520
_STRINGS = (CURRENT_DIRECTORY, DLL_PATH, IMAGE, COMMAND, TITLE, DESKTOP, SHELL, RUNTIME)


def _create(guest: Guest, heaps: Heaps, given: dict[int, int], environment: int, flags: int) -> int:
    """A new block; ``given`` are UNICODE_STRING addresses by the offset of their field, 0 for none."""
    memory, own = guest.memory, guest.process.blocks.parameters
    inherited = {CURRENT_DIRECTORY: own + CURRENT_DIRECTORY, DLL_PATH: own + DLL_PATH}
    texts: dict[int, tuple[bytes, int]] = {}
    for field in _STRINGS:
        source = given.get(field) or inherited.get(field, 0)
        if not source and field == COMMAND:
            source = given[IMAGE]
        length, maximum, buffer = counted(memory, source) if source else (0, 0, 0)
        data = memory.read(buffer, length) if buffer else b""
        absent = not source and field == RUNTIME
        room = 0 if absent else max(len(data) + 2, min(maximum, 0xFFFE))
        if field == CURRENT_DIRECTORY:
            room = max(room, DIRECTORY_ROOM)
        texts[field] = (data, room)
    rows = packed(strings(memory, environment or memory.pointer(own + ENVIRONMENT)))
    size = SIZE + sum((room + 7) & ~7 for _, room in texts.values())
    total = size + len(rows)
    base = allocate(heaps, total)
    block = bytearray(total)
    struct.pack_into("<IIII", block, 0, size, size, flags & NORMALIZED, 0)
    at = SIZE
    for field, (data, room) in texts.items():
        if room:
            address = base + at if flags & NORMALIZED else at
            struct.pack_into("<HHIQ", block, field, len(data), room, 0, address)
            block[at : at + len(data)] = data
            at += (room + 7) & ~7
    block[size:] = rows
    struct.pack_into("<Q", block, ENVIRONMENT, base + size)
    struct.pack_into("<Q", block, ENVIRONMENT_SIZE, len(rows))
    memory.write(base, bytes(block))
    return base


def _addr(pointer: In[UNICODE_STRING] | None) -> int:
    return pointer.addr if pointer is not None else 0


def _declare(name: str, extended: bool) -> None:
    def create(
        guest: Guest,
        ProcessParameters: Out[PVOID],
        ImagePathName: In[UNICODE_STRING],
        DllPath: In[UNICODE_STRING] | None,
        CurrentDirectory: In[UNICODE_STRING] | None,
        CommandLine: In[UNICODE_STRING] | None,
        Environment: PVOID,
        WindowTitle: In[UNICODE_STRING] | None,
        DesktopInfo: In[UNICODE_STRING] | None,
        ShellInfo: In[UNICODE_STRING] | None,
        RuntimeData: In[UNICODE_STRING] | None,
        *,
        heaps: Heaps,
    ) -> NTSTATUS:
        given = {
            IMAGE: ImagePathName.addr, DLL_PATH: _addr(DllPath), CURRENT_DIRECTORY: _addr(CurrentDirectory),
            COMMAND: _addr(CommandLine), TITLE: _addr(WindowTitle), DESKTOP: _addr(DesktopInfo),
            SHELL: _addr(ShellInfo), RUNTIME: _addr(RuntimeData),
        }  # fmt: skip
        ProcessParameters.value = _create(guest, heaps, given, Environment, 0)
        return STATUS_SUCCESS

    def create_ex(
        guest: Guest,
        ProcessParameters: Out[PVOID],
        ImagePathName: In[UNICODE_STRING],
        DllPath: In[UNICODE_STRING] | None,
        CurrentDirectory: In[UNICODE_STRING] | None,
        CommandLine: In[UNICODE_STRING] | None,
        Environment: PVOID,
        WindowTitle: In[UNICODE_STRING] | None,
        DesktopInfo: In[UNICODE_STRING] | None,
        ShellInfo: In[UNICODE_STRING] | None,
        RuntimeData: In[UNICODE_STRING] | None,
        Flags: ULONG,
        *,
        heaps: Heaps,
    ) -> NTSTATUS:
        given = {
            IMAGE: ImagePathName.addr, DLL_PATH: _addr(DllPath), CURRENT_DIRECTORY: _addr(CurrentDirectory),
            COMMAND: _addr(CommandLine), TITLE: _addr(WindowTitle), DESKTOP: _addr(DesktopInfo),
            SHELL: _addr(ShellInfo), RUNTIME: _addr(RuntimeData),
        }  # fmt: skip
        ProcessParameters.value = _create(guest, heaps, given, Environment, Flags)
        return STATUS_SUCCESS

    dll.export(name=name, partial="64-bit processes only")(create_ex if extended else create)


_declare("RtlCreateProcessParameters", False)
_declare("RtlCreateProcessParametersEx", True)


@dll.export
def RtlDestroyProcessParameters(guest: Guest, ProcessParameters: PVOID, *, heaps: Heaps) -> None:
    heaps.free(heaps.process_heap, 0, ProcessParameters)


def _shift(guest: Guest, params: int, normalize: bool) -> int:
    """Makes the buffers of the strings addresses, or offsets into the block."""
    if params:
        memory = guest.memory
        flags = memory.u32(params + 8)
        if bool(flags & NORMALIZED) != normalize:
            for field in _STRINGS:
                buffer = memory.u64(params + field + 8)
                if buffer:
                    memory.put_u64(params + field + 8, buffer + params if normalize else buffer - params)
            memory.put_u32(params + 8, flags ^ NORMALIZED)
    return params


@dll.export(partial="64-bit processes only")
def RtlNormalizeProcessParams(guest: Guest, ProcessParameters: PVOID) -> PVOID:
    return _shift(guest, ProcessParameters, True)


@dll.export(partial="64-bit processes only")
def RtlDeNormalizeProcessParams(guest: Guest, ProcessParameters: PVOID) -> PVOID:
    return _shift(guest, ProcessParameters, False)
