"""<string.h>: the bounds-checked copying and appending functions."""

from litebox_core.abi import INT, PVOID, SIZE_T
from litebox_core.crterrno import EINVAL, ERANGE, STRUNCATE
from litebox_core.dll import RETURN_ERROR
from litebox_core.guest import Guest
from litebox_core.memory import Memory
from litebox_core.memory.regions import WRITE

from .base import InvalidParameter, shared
from .chars import NARROW, WIDE, Chars

TRUNCATE = 0xFFFFFFFFFFFFFFFF


def _destination(addr: int, size: int) -> None:
    if not addr or not size:
        raise InvalidParameter(EINVAL)


def _emptied(chars: Chars, memory: Memory, addr: int, errno: int) -> InvalidParameter:
    """The error of a destination that has been emptied."""
    chars.write(memory, addr, "\0")
    return InvalidParameter(errno)


def _place(chars: Chars, memory: Memory, dest: int, size: int, start: int, source: int, count: int | None) -> int:
    """Copies at most ``count`` characters behind the first ``start`` ones of a buffer.

    As Windows does, what fits is written before the buffer is emptied.
    """
    room = size - start
    limit = room if count is None or count == TRUNCATE else min(room, count)
    text = chars.read(memory, source, limit)
    gap = (dest - source) // chars.size + start
    if 0 < gap <= len(text):
        # What is copied first is copied again: the end of the source is never reached
        memory.check(dest + start * chars.size, limit * chars.size, WRITE)
        text = (text[:gap] * (limit // gap + 1))[:limit]
    if len(text) < room:
        chars.put(memory, dest + start * chars.size, text)
        return 0
    if count == TRUNCATE:
        chars.put(memory, dest + start * chars.size, text[: room - 1])
        return STRUNCATE
    chars.write(memory, dest + start * chars.size, text)
    raise _emptied(chars, memory, dest, ERANGE)


def copy_s(chars: Chars, memory: Memory, dest: int, size: int, source: int, count: int | None = None) -> int:
    """strcpy_s and, with a count, strncpy_s."""
    if count == 0 and not dest and not size:
        return 0
    _destination(dest, size)
    if count == 0:
        chars.write(memory, dest, "\0")
        return 0
    if not source:
        raise _emptied(chars, memory, dest, EINVAL)
    return _place(chars, memory, dest, size, 0, source, count)


def append_s(chars: Chars, memory: Memory, dest: int, size: int, source: int, count: int | None = None) -> int:
    """strcat_s and, with a count, strncat_s."""
    if count == 0 and not dest and not size:
        return 0
    _destination(dest, size)
    if not source and count != 0:
        raise _emptied(chars, memory, dest, EINVAL)
    start = len(chars.read(memory, dest, size))
    if start == size:
        raise _emptied(chars, memory, dest, EINVAL)
    return 0 if count == 0 else _place(chars, memory, dest, size, start, source, count)


def _count(guest: Guest, count: int) -> int:
    """_TRUNCATE is (size_t)-1, whatever the pointer size."""
    return TRUNCATE if count == (1 << guest.bits) - 1 else count


@shared.export(fails=RETURN_ERROR)
def strcpy_s(guest: Guest, dest: PVOID, dest_size: SIZE_T, src: PVOID) -> INT:
    return copy_s(NARROW, guest.memory, dest, dest_size, src)


@shared.export(fails=RETURN_ERROR)
def wcscpy_s(guest: Guest, dest: PVOID, dest_size: SIZE_T, src: PVOID) -> INT:
    return copy_s(WIDE, guest.memory, dest, dest_size, src)


@shared.export(fails=RETURN_ERROR)
def strncpy_s(guest: Guest, strDest: PVOID, numberOfElements: SIZE_T, strSource: PVOID, count: SIZE_T) -> INT:
    return copy_s(NARROW, guest.memory, strDest, numberOfElements, strSource, _count(guest, count))


@shared.export(fails=RETURN_ERROR)
def wcsncpy_s(guest: Guest, strDest: PVOID, numberOfElements: SIZE_T, strSource: PVOID, count: SIZE_T) -> INT:
    return copy_s(WIDE, guest.memory, strDest, numberOfElements, strSource, _count(guest, count))


@shared.export(fails=RETURN_ERROR)
def strcat_s(guest: Guest, strDestination: PVOID, numberOfElements: SIZE_T, strSource: PVOID) -> INT:
    return append_s(NARROW, guest.memory, strDestination, numberOfElements, strSource)


@shared.export(fails=RETURN_ERROR)
def wcscat_s(guest: Guest, strDestination: PVOID, numberOfElements: SIZE_T, strSource: PVOID) -> INT:
    return append_s(WIDE, guest.memory, strDestination, numberOfElements, strSource)


@shared.export(fails=RETURN_ERROR)
def strncat_s(guest: Guest, strDest: PVOID, numberOfElements: SIZE_T, strSource: PVOID, count: SIZE_T) -> INT:
    return append_s(NARROW, guest.memory, strDest, numberOfElements, strSource, _count(guest, count))


@shared.export(fails=RETURN_ERROR)
def wcsncat_s(guest: Guest, strDest: PVOID, numberOfElements: SIZE_T, strSource: PVOID, count: SIZE_T) -> INT:
    return append_s(WIDE, guest.memory, strDest, numberOfElements, strSource, _count(guest, count))
