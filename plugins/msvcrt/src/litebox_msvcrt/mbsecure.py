"""<mbstring.h>, <wchar.h>: the bounds-checked functions of multibyte strings, and others with a length."""

from litebox_core.abi import INT, PVOID, SIZE_T, UINT, Out
from litebox_core.crterrno import EILSEQ, EINVAL, ERANGE
from litebox_core.dll import RETURN_ERROR
from litebox_core.errors import CrtError
from litebox_core.guest import Guest
from litebox_core.memory import Memory

from .base import InvalidParameter, shared
from .chars import NARROW, WIDE
from .localestate import Locale
from .mbconvert import wcsrtombs
from .mbstate import Multibyte, MultibytePage
from .mbstring import span_of
from .multibyte import to_multibyte, to_wide
from .string_secure import TRUNCATE, append_s, copy_s

FAILED = 0xFFFFFFFFFFFFFFFF


def _checked(memory: Memory, addr: int, size: int) -> bytes:
    """The string in a buffer. Raises InvalidParameter for NULL, and empties a buffer that has no NUL."""
    if not addr or not size:
        raise InvalidParameter(EINVAL)
    data = memory.cstr(addr, size)
    if len(data) == size:
        memory.fill(addr, 1)
        raise InvalidParameter(EINVAL)
    return data


# -- copying and appending -------------------------------------------------------------------------------------------


def _joined(memory: Memory, mb: MultibytePage, dest: int, size: int, before: bytes, source: int) -> int:
    """Puts a string behind another. Of both, half a character at the end is left out: CrtError(EILSEQ)."""
    if not source:
        memory.fill(dest, 1)
        raise InvalidParameter(EINVAL)
    added = memory.cstr(source)
    parts = [mb.join(mb.split(part)) for part in (before, added)]
    data = b"".join(parts)
    if len(data) >= size:
        memory.write(dest, data[:size])
        memory.fill(dest, 1)
        raise InvalidParameter(ERANGE)
    memory.put_cstr(dest, data)
    if len(data) < len(before) + len(added):
        raise CrtError(EILSEQ)
    return 0


@shared.export(fails=RETURN_ERROR)
def _mbscpy_s(
    guest: Guest, strDestination: PVOID, numberOfElements: SIZE_T, strSource: PVOID, *, mb: Multibyte
) -> INT:
    if not strDestination or not numberOfElements:
        raise InvalidParameter(EINVAL)
    return _joined(guest.memory, mb, strDestination, numberOfElements, b"", strSource)


@shared.export(fails=RETURN_ERROR)
def _mbscat_s(
    guest: Guest, strDestination: PVOID, numberOfElements: SIZE_T, strSource: PVOID, *, mb: Multibyte
) -> INT:
    before = _checked(guest.memory, strDestination, numberOfElements)
    return _joined(guest.memory, mb, strDestination, numberOfElements, before, strSource)


@shared.export(fails=RETURN_ERROR)
def _mbsnbcpy_s(
    guest: Guest, strDest: PVOID, sizeInBytes: SIZE_T, strSource: PVOID, count: SIZE_T, *, mb: Multibyte
) -> INT:
    return copy_s(NARROW, guest.memory, strDest, sizeInBytes, strSource, _whole(guest, mb, strSource, count))


@shared.export(fails=RETURN_ERROR)
def _mbsnbcat_s(
    guest: Guest, strDest: PVOID, sizeInBytes: SIZE_T, strSource: PVOID, count: SIZE_T, *, mb: Multibyte
) -> INT:
    if strDest and sizeInBytes and not strSource:
        guest.memory.fill(strDest, 1)
        raise InvalidParameter(EINVAL)
    return append_s(NARROW, guest.memory, strDest, sizeInBytes, strSource, _whole(guest, mb, strSource, count))


def _whole(guest: Guest, mb: Multibyte, source: int, count: int) -> int:
    """A count of bytes that does not end within a character."""
    if count == TRUNCATE or not source or not mb.double:
        return count
    data = guest.memory.cstr(source, count)
    return count if len(data) < count else mb.size(mb.split(data))


@shared.export(fails=RETURN_ERROR)
def _mbccpy_s(
    guest: Guest, dest: PVOID, buffSizeInBytes: SIZE_T, pCopied: Out[INT], src: PVOID, *, mb: Multibyte
) -> INT:
    memory = guest.memory
    if pCopied:
        pCopied.value = 0
    if not dest or not buffSizeInBytes:
        raise InvalidParameter(EINVAL)
    memory.fill(dest, 1)
    if not src:
        raise InvalidParameter(EINVAL)
    size = 2 if mb.is_lead(memory.u8(src)) else 1
    if size == 2 and not memory.u8(src + 1):
        if pCopied:
            pCopied.value = 1
        raise CrtError(EILSEQ)
    if size > buffSizeInBytes:
        raise InvalidParameter(ERANGE)
    memory.write(dest, memory.read(src, size))
    if pCopied:
        pCopied.value = size
    return 0


# -- changing --------------------------------------------------------------------------------------------------------


def _recase(guest: Guest, mb: Multibyte, addr: int, size: int, up: bool) -> int:
    if not addr and not size:
        return 0
    chars = mb.split(_checked(guest.memory, addr, size))
    known = {char: mb.cased(char, up) for char in set(chars)}
    guest.memory.write(addr, mb.join([known[char] for char in chars]))
    return 0


@shared.export(fails=RETURN_ERROR)
def _mbsupr_s(guest: Guest, str: PVOID, numberOfElements: SIZE_T, *, mb: Multibyte) -> INT:
    return _recase(guest, mb, str, numberOfElements, True)


@shared.export(fails=RETURN_ERROR)
def _mbslwr_s(guest: Guest, str: PVOID, numberOfElements: SIZE_T, *, mb: Multibyte) -> INT:
    return _recase(guest, mb, str, numberOfElements, False)


def _set(guest: Guest, mb: Multibyte, addr: int, char: int, size: int) -> int:
    """Fills so many bytes of a string; half a character's room takes a space."""
    if not addr or (char > 0xFF and not (mb.is_lead(char >> 8) and char & 0xFF)):
        raise InvalidParameter(EINVAL)
    size = len(guest.memory.cstr(addr, size))
    unit = mb.join([char & 0xFFFF])
    data = unit * (size // len(unit))
    guest.memory.write(addr, data + b" " * (size - len(data)))
    return addr


@shared.export(fails=0)
def _mbsnbset(guest: Guest, str: PVOID, c: UINT, count: SIZE_T, *, mb: Multibyte) -> PVOID:
    return _set(guest, mb, str, c, count)


@shared.export(fails=0)
def _mbsnset(guest: Guest, str: PVOID, c: UINT, count: SIZE_T, *, mb: Multibyte) -> PVOID:
    return _set(guest, mb, str, c, mb.size(mb.read(guest.memory, str, count)) if str else 0)


@shared.export(fails=0)
def _mbstok_s(guest: Guest, strToken: PVOID, strDelimit: PVOID, context: Out[PVOID], *, mb: Multibyte) -> PVOID:
    if not strDelimit or not context or not (strToken or context.value):
        raise InvalidParameter(EINVAL)
    memory, string = guest.memory, strToken or context.value
    chars, among = mb.read(memory, string), set(mb.read(memory, strDelimit))
    start = span_of(chars, among, True)
    end = start + span_of(chars[start:], among, False)
    after = string + mb.size(chars[:end])
    if end < len(chars):
        memory.fill(after, 2 if chars[end] > 0xFF else 1)
        context.value = string + mb.size(chars[: end + 1])
    else:
        context.value = after
    return string + mb.size(chars[:start]) if start < len(chars) else 0


# -- lengths ---------------------------------------------------------------------------------------------------------


@shared.export
def _mbsnlen(guest: Guest, str: PVOID, numberOfElements: SIZE_T, *, mb: Multibyte) -> SIZE_T:
    """The characters of a string that ends within so many bytes; else that number."""
    data = guest.memory.cstr(str, numberOfElements)
    return len(mb.split(data)) if len(data) < numberOfElements else numberOfElements


# -- restartable conversions -----------------------------------------------------------------------------------------


@shared.export(fails=RETURN_ERROR)
def mbsrtowcs_s(
    guest: Guest, pReturnValue: Out[SIZE_T], wcstr: PVOID, sizeInWords: SIZE_T, mbstr: Out[PVOID], count: SIZE_T,
    mbstate: PVOID, *, locales: Locale,
) -> INT:  # fmt: skip
    memory = guest.memory
    if pReturnValue:
        pReturnValue.value = FAILED
    if not mbstr or (wcstr == 0) != (sizeInWords == 0):
        raise InvalidParameter(EINVAL)
    info, source = locales.current(guest), mbstr.value
    text = to_wide(memory.cstr(source), info)
    if not wcstr:
        if pReturnValue:
            pReturnValue.value = len(text) + 1
        return 0
    limit = min(count, sizeInWords)
    if len(text) < limit or (len(text) == limit and limit < sizeInWords):
        WIDE.put(memory, wcstr, text)
        mbstr.value = 0
        copied = len(text)
    else:
        copied = min(limit, len(text))
        # What does not fit with its NUL is emptied, after it has been read
        WIDE.put(memory, wcstr, "" if copied == sizeInWords else text[:copied])
        mbstr.value = source + len(to_multibyte(text[:copied], info))
    if pReturnValue:
        pReturnValue.value = copied + 1
    return 0


@shared.export(fails=RETURN_ERROR)
def wcsrtombs_s(
    guest: Guest, pReturnValue: Out[SIZE_T], mbstr: PVOID, sizeInBytes: SIZE_T, wcstr: Out[PVOID], count: SIZE_T,
    mbstate: PVOID, *, locales: Locale,
) -> INT:  # fmt: skip
    memory = guest.memory
    if pReturnValue:
        pReturnValue.value = FAILED
    if not wcstr or (mbstr == 0) != (sizeInBytes == 0):
        raise InvalidParameter(EINVAL)
    if not mbstr:
        needed = wcsrtombs(guest, 0, wcstr, 0, mbstate, locales=locales)
        if pReturnValue:
            pReturnValue.value = needed + 1
        return 0
    memory.fill(mbstr, 1)
    source = wcstr.value
    size = wcsrtombs(guest, mbstr, wcstr, min(count, sizeInBytes), mbstate, locales=locales)
    if size >= sizeInBytes:
        memory.fill(mbstr, 1)
        wcstr.value = source
        raise InvalidParameter(ERANGE)
    memory.fill(mbstr + size, 1)
    if pReturnValue:
        pReturnValue.value = size + 1
    return 0
