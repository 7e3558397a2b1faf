"""<string.h>: lengths, copying and appending."""

from litebox_core.abi import PCSTR, PCWSTR, PVOID, SIZE_T
from litebox_core.guest import Guest
from litebox_core.memory import Memory
from litebox_core.nls.utf16 import length
from litebox_core.services import Heaps

from . import fastpaths
from .base import shared, ucrtbase
from .chars import NARROW, WIDE, Chars


@shared.export(fast=fastpaths.strlen)
def strlen(guest: Guest, str: PCSTR) -> SIZE_T:
    return len(str)


@shared.export(fast=fastpaths.wcslen)
def wcslen(guest: Guest, str: PCWSTR) -> SIZE_T:
    return length(str)


@shared.export
def strnlen(guest: Guest, str: PVOID, numberOfElements: SIZE_T) -> SIZE_T:
    return len(guest.memory.cstr(str, numberOfElements))


@shared.export
def wcsnlen(guest: Guest, str: PVOID, numberOfElements: SIZE_T) -> SIZE_T:
    return len(guest.memory.wstr_bytes(str, numberOfElements)) // 2


@shared.export(fast=fastpaths.strcpy)
def strcpy(guest: Guest, strDestination: PVOID, strSource: PCSTR) -> PVOID:
    guest.memory.put_cstr(strDestination, strSource)
    return strDestination


@shared.export(fast=fastpaths.wcscpy)
def wcscpy(guest: Guest, strDestination: PVOID, strSource: PCWSTR) -> PVOID:
    guest.memory.put_wstr(strDestination, strSource)
    return strDestination


@shared.export(fast=fastpaths.strcat)
def strcat(guest: Guest, strDestination: PVOID, strSource: PCSTR) -> PVOID:
    guest.memory.put_cstr(strDestination + len(guest.memory.cstr(strDestination)), strSource)
    return strDestination


@shared.export(fast=fastpaths.wcscat)
def wcscat(guest: Guest, strDestination: PVOID, strSource: PCWSTR) -> PVOID:
    guest.memory.put_wstr(strDestination + len(guest.memory.wstr_bytes(strDestination)), strSource)
    return strDestination


@shared.export(fast=fastpaths.strncpy)
def strncpy(guest: Guest, strDest: PVOID, strSource: PVOID, count: SIZE_T) -> PVOID:
    return copy_padded(NARROW, guest.memory, strDest, strSource, count)


@shared.export(fast=fastpaths.wcsncpy)
def wcsncpy(guest: Guest, strDest: PVOID, strSource: PVOID, count: SIZE_T) -> PVOID:
    return copy_padded(WIDE, guest.memory, strDest, strSource, count)


def copy_padded(chars: Chars, memory: Memory, dest: int, source: int, count: int) -> int:
    """strncpy: exactly ``count`` characters, NULs behind the end of the source."""
    text = chars.read(memory, source, count)
    chars.write(memory, dest, text)
    memory.fill(dest + len(text) * chars.size, (count - len(text)) * chars.size)
    return dest


@shared.export
def strncat(guest: Guest, strDest: PVOID, strSource: PVOID, count: SIZE_T) -> PVOID:
    return append(NARROW, guest.memory, strDest, strSource, count)


@shared.export
def wcsncat(guest: Guest, strDest: PVOID, strSource: PVOID, count: SIZE_T) -> PVOID:
    return append(WIDE, guest.memory, strDest, strSource, count)


def append(chars: Chars, memory: Memory, dest: int, source: int, count: int) -> int:
    end = dest + len(chars.read(memory, dest)) * chars.size
    chars.put(memory, end, chars.read(memory, source, count))
    return dest


@shared.export
def _strdup(guest: Guest, strSource: PCSTR | None, *, heaps: Heaps) -> PVOID:
    return duplicate(guest, heaps, None if strSource is None else strSource + b"\0")


@shared.export
def _wcsdup(guest: Guest, strSource: PCWSTR | None, *, heaps: Heaps) -> PVOID:
    return duplicate(guest, heaps, None if strSource is None else WIDE.encode(strSource) + b"\0\0")


def duplicate(guest: Guest, heaps: Heaps, data: bytes | None) -> int:
    """A block of the run-time's heap with these bytes; 0 for no bytes or no room."""
    if data is None:
        return 0
    addr = heaps.allocate(guest.process.process_heap, 0, len(data))
    if addr:
        guest.memory.write(addr, data)
    return addr


@shared.export
def __strncnt(guest: Guest, str: PVOID, count: SIZE_T) -> SIZE_T:
    return len(guest.memory.cstr(str, count))


@ucrtbase.export
def __wcsncnt(guest: Guest, str: PVOID, count: SIZE_T) -> SIZE_T:
    return len(guest.memory.wstr_bytes(str, count)) // 2
