"""winbase.h: FormatMessage."""

from litebox_core.abi import DWORD, PVOID
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.inserts import Arguments, Formatter, NoRoom
from litebox_core.services import Heaps
from litebox_core.winerror import (
    ERROR_INSUFFICIENT_BUFFER,
    ERROR_INVALID_PARAMETER,
    ERROR_NOT_ENOUGH_MEMORY,
    ERROR_RESOURCE_DATA_NOT_FOUND,
)

from .base import dll
from .messages import module_message, system_message

ALLOCATE_BUFFER, IGNORE_INSERTS, FROM_STRING = 0x100, 0x200, 0x400
FROM_HMODULE, FROM_SYSTEM, ARGUMENT_ARRAY = 0x800, 0x1000, 0x2000
MAX_WIDTH_MASK = 0xFF
ERROR_NO_WORK_DONE = 235
MAX_NARROW = 0x7FFF
"""The most characters of a buffer of FormatMessageA, their NUL included."""


def _source(guest: Guest, flags: int, source: int, number: int, language: int, wide: bool) -> str:
    """The message before its inserts are expanded. Raises WinError."""
    memory = guest.memory
    if flags & FROM_STRING:
        return memory.wstr(source) if wide else memory.ansi_decode(memory.cstr(source))
    if flags & FROM_HMODULE:
        modules = guest.process.loader.modules
        module = modules.by_base(source & ~3) if source else guest.process.loader.program
        try:
            if module is None:
                raise WinError(ERROR_RESOURCE_DATA_NOT_FOUND)
            text = module_message(memory, module, number, language)
            return memory.ansi_decode(text) if isinstance(text, bytes) else text.partition("\0")[0]
        except WinError:
            if not flags & FROM_SYSTEM:
                raise
    return system_message(number, language)


def _delivered(guest: Guest, heaps: Heaps, data: bytes, unit: int, flags: int, buffer: int, size: int) -> int:
    """Writes the text to the caller's buffer or a new one; its length in units without the NUL. Raises WinError."""
    count = len(data) // unit
    if flags & ALLOCATE_BUFFER:
        if unit == 1 and count >= MAX_NARROW:
            raise WinError(ERROR_INVALID_PARAMETER)
        room = max(count + 1, min(size, 0x10000)) * unit
        block = heaps.allocate(guest.process.process_heap, 8, room)
        if not block:
            raise WinError(ERROR_NOT_ENOUGH_MEMORY)
        guest.memory.put_pointer(buffer, block)
        buffer = block
    elif count >= size:
        raise WinError(ERROR_INSUFFICIENT_BUFFER)
    guest.memory.write(buffer, data + b"\0" * unit)
    return count


def _formatted(
    guest: Guest, heaps: Heaps, flags: int, source: int, number: int, language: int, buffer: int, size: int,
    arguments: int, wide: bool,
) -> int:  # fmt: skip
    memory = guest.memory
    if not buffer and (wide or flags & ALLOCATE_BUFFER):
        raise WinError(ERROR_INVALID_PARAMETER if wide else ERROR_NOT_ENOUGH_MEMORY)
    if flags & ALLOCATE_BUFFER:
        memory.put_pointer(buffer, 0)
    if not flags & (FROM_STRING | FROM_HMODULE | FROM_SYSTEM) or (flags & FROM_STRING and not source):
        raise WinError(ERROR_INVALID_PARAMETER)
    if not wide and not flags & ALLOCATE_BUFFER and size > MAX_NARROW:
        raise WinError(ERROR_INVALID_PARAMETER)
    text = _source(guest, flags, source, number, language, wide)
    given = None if flags & IGNORE_INSERTS else Arguments(memory, arguments, bool(flags & ARGUMENT_ARRAY))
    in_place = wide and not flags & ALLOCATE_BUFFER
    room = (size,) if in_place else ()
    formatter = Formatter(memory, text, flags & MAX_WIDTH_MASK, given, wide, *room)
    try:
        text = formatter.run()
    except (NoRoom, WinError) as error:
        if in_place:
            memory.write(buffer, "".join(formatter.out).encode("utf-16-le", "surrogatepass"))
        if isinstance(error, NoRoom):
            if size:
                memory.put_u16(buffer + 2 * (size - 1), 0)
            raise WinError(ERROR_INSUFFICIENT_BUFFER) from None
        raise
    if not text:
        if in_place:
            memory.write(buffer, b"\0\0")
        raise WinError(ERROR_NO_WORK_DONE)
    data = text.encode("utf-16-le", "surrogatepass") if wide else memory.ansi_encode(text)
    return _delivered(guest, heaps, data, 2 if wide else 1, flags, buffer, size)


@dll.export
def FormatMessageW(
    guest: Guest, dwFlags: DWORD, lpSource: PVOID, dwMessageId: DWORD, dwLanguageId: DWORD, lpBuffer: PVOID,
    nSize: DWORD, Arguments: PVOID, *, heaps: Heaps,
) -> DWORD:  # fmt: skip
    return _formatted(
        guest, heaps, dwFlags, lpSource, dwMessageId, dwLanguageId, lpBuffer, nSize, Arguments, wide=True
    )


@dll.export
def FormatMessageA(
    guest: Guest, dwFlags: DWORD, lpSource: PVOID, dwMessageId: DWORD, dwLanguageId: DWORD, lpBuffer: PVOID,
    nSize: DWORD, Arguments: PVOID, *, heaps: Heaps,
) -> DWORD:  # fmt: skip
    return _formatted(
        guest, heaps, dwFlags, lpSource, dwMessageId, dwLanguageId, lpBuffer, nSize, Arguments, wide=False
    )
