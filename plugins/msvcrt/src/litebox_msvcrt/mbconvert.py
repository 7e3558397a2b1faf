"""<stdlib.h>, <wchar.h>: multibyte characters and strings to wide ones and back."""

from litebox_core.abi import INT, PVOID, SIZE_T, WCHAR, WINT_T, Out
from litebox_core.crterrno import EILSEQ, EINVAL, ERANGE, STRUNCATE
from litebox_core.dll import RETURN_ERROR
from litebox_core.errors import CrtError
from litebox_core.guest import Guest

from .base import InvalidParameter, shared
from .chars import WIDE
from .localestate import Locale, LocaleInfo
from .multibyte import UTF8, character_size, page_of, to_multibyte, to_wide, whole_characters

TRUNCATE = 0xFFFFFFFFFFFFFFFF
INT_MAX = 0x7FFFFFFF
WEOF = 0xFFFF


# -- one character -----------------------------------------------------------------------------------------------


def _one(guest: Guest, pwc: Out[WCHAR], s: int, n: int, info: LocaleInfo) -> int:
    """mbtowc: the size of the first character, 0 for NUL."""
    if not s or not n:
        return 0
    lead = guest.memory.u8(s)
    if not lead:
        if pwc:
            pwc.value = 0
        return 0
    size = character_size(lead, info)
    if not size or size > n:
        raise CrtError(EILSEQ)
    data = guest.memory.cstr(s, size)
    text = to_wide(data, info)
    if len(data) != size or len(text) != 1:
        raise CrtError(EILSEQ)
    if pwc:
        pwc.value = ord(text)
    return size


@shared.export(fails=-1)
def mbtowc(guest: Guest, wchar: Out[WCHAR], mbchar: PVOID, count: SIZE_T, *, locales: Locale) -> INT:
    return _one(guest, wchar, mbchar, count, locales.current(guest))


@shared.export(fails=-1)
def _mbtowc_l(guest: Guest, wchar: Out[WCHAR], mbchar: PVOID, count: SIZE_T, locale: PVOID, *, locales: Locale) -> INT:
    return _one(guest, wchar, mbchar, count, locales.of(guest, locale))


@shared.export(fails=-1)
def mblen(guest: Guest, mbstr: PVOID, count: SIZE_T, *, locales: Locale) -> INT:
    return _one(guest, Out(guest.memory, 0), mbstr, count, locales.current(guest))


@shared.export(fails=-1)
def _mblen_l(guest: Guest, mbstr: PVOID, count: SIZE_T, locale: PVOID, *, locales: Locale) -> INT:
    return _one(guest, Out(guest.memory, 0), mbstr, count, locales.of(guest, locale))


def _put_one(guest: Guest, mbchar: int, wchar: int, info: LocaleInfo) -> int:
    if not mbchar:
        return 0
    try:
        data = to_multibyte(chr(wchar), info)
    except CrtError:
        page = page_of(info)
        if page is not None and page.number != UTF8:
            guest.memory.write(mbchar, page.encode(chr(wchar))[0])
        raise
    guest.memory.write(mbchar, data)
    return len(data)


@shared.export(fails=-1)
def wctomb(guest: Guest, mbchar: PVOID, wchar: WCHAR, *, locales: Locale) -> INT:
    return _put_one(guest, mbchar, wchar, locales.current(guest))


@shared.export(fails=-1)
def _wctomb_l(guest: Guest, mbchar: PVOID, wchar: WCHAR, locale: PVOID, *, locales: Locale) -> INT:
    return _put_one(guest, mbchar, wchar, locales.of(guest, locale))


def _put_one_s(guest: Guest, retval: Out[INT], mbchar: int, size: int, wchar: int, info: LocaleInfo) -> int:
    if not mbchar and size:
        if retval:
            retval.value = 0
        return 0
    if retval:
        retval.value = -1
    if size > INT_MAX:
        raise InvalidParameter(EINVAL)
    try:
        data = to_multibyte(chr(wchar), info)
    except CrtError:
        if mbchar:
            guest.memory.fill(mbchar, size)
        raise
    if not mbchar or len(data) > size:
        if mbchar and size:
            guest.memory.fill(mbchar, size)
        raise InvalidParameter(ERANGE)
    guest.memory.write(mbchar, data)
    if retval:
        retval.value = len(data)
    return 0


@shared.export(fails=RETURN_ERROR)
def wctomb_s(
    guest: Guest, pRetValue: Out[INT], mbchar: PVOID, sizeInBytes: SIZE_T, wchar: WCHAR, *, locales: Locale
) -> INT:
    return _put_one_s(guest, pRetValue, mbchar, sizeInBytes, wchar, locales.current(guest))


@shared.export(fails=RETURN_ERROR)
def _wctomb_s_l(
    guest: Guest,
    pRetValue: Out[INT],
    mbchar: PVOID,
    sizeInBytes: SIZE_T,
    wchar: WCHAR,
    locale: PVOID,
    *,
    locales: Locale,
) -> INT:
    return _put_one_s(guest, pRetValue, mbchar, sizeInBytes, wchar, locales.of(guest, locale))


@shared.export
def btowc(guest: Guest, c: INT, *, locales: Locale) -> WINT_T:
    unit = locales.current(guest).unit_of(c & 0xFF) if c != -1 else None
    return WEOF if unit is None else unit


@shared.export
def wctob(guest: Guest, wchar: WINT_T, *, locales: Locale) -> INT:
    if wchar == WEOF:
        return -1
    try:
        data = to_multibyte(chr(wchar), locales.current(guest))
    except CrtError:
        return -1
    return data[0] - (data[0] >> 7 << 8) if len(data) == 1 else -1


# -- strings -----------------------------------------------------------------------------------------------------


def _string_to_wide(guest: Guest, dest: int, source: int, count: int, info: LocaleInfo) -> int:
    """mbstowcs: the units written, or needed, without the NUL."""
    if (dest and count > INT_MAX) or not source:
        raise InvalidParameter(EINVAL)
    if not dest:
        return len(to_wide(guest.memory.cstr(source), info))
    if not count:
        return 0
    data = guest.memory.cstr(source, count * info.mb_cur_max)
    text = to_wide(whole_characters(data, count, info) if info.mb_cur_max == 1 else data, info)
    if len(text) < count:
        WIDE.put(guest.memory, dest, text)
        return len(text)
    WIDE.write(guest.memory, dest, text[:count])
    return count


@shared.export(fails=-1)
def mbstowcs(guest: Guest, wcstr: PVOID, mbstr: PVOID, count: SIZE_T, *, locales: Locale) -> SIZE_T:
    return _string_to_wide(guest, wcstr, mbstr, count, locales.current(guest))


@shared.export(fails=-1)
def _mbstowcs_l(guest: Guest, wcstr: PVOID, mbstr: PVOID, count: SIZE_T, locale: PVOID, *, locales: Locale) -> SIZE_T:
    return _string_to_wide(guest, wcstr, mbstr, count, locales.of(guest, locale))


def _needed(text: str, info: LocaleInfo) -> int:
    """The bytes that text becomes; in the C locale nobody looks at the characters."""
    return len(to_multibyte(text, info)) if info.code_page else len(text)


def _string_to_multibyte(guest: Guest, dest: int, source: int, count: int, info: LocaleInfo) -> int:
    """wcstombs: the bytes written, or needed, without the NUL."""
    if (dest and count > INT_MAX) or not source:
        raise InvalidParameter(EINVAL)
    if not dest:
        return _needed(WIDE.read(guest.memory, source), info)
    if not count:
        return 0
    data = to_multibyte(WIDE.read(guest.memory, source, count), info)
    if len(data) < count:
        guest.memory.put_cstr(dest, data)
        return len(data)
    data = whole_characters(data, count, info)
    guest.memory.write(dest, data)
    return len(data)


@shared.export(fails=-1)
def wcstombs(guest: Guest, mbstr: PVOID, wcstr: PVOID, count: SIZE_T, *, locales: Locale) -> SIZE_T:
    return _string_to_multibyte(guest, mbstr, wcstr, count, locales.current(guest))


@shared.export(fails=-1)
def _wcstombs_l(guest: Guest, mbstr: PVOID, wcstr: PVOID, count: SIZE_T, locale: PVOID, *, locales: Locale) -> SIZE_T:
    return _string_to_multibyte(guest, mbstr, wcstr, count, locales.of(guest, locale))


def _begin_s(guest: Guest, retval: Out[SIZE_T], dest: int, size: int, source: int, unit: int) -> None:
    """What the bounds-checked conversions ask of their parameters."""
    if retval:
        retval.value = 0
    if (dest == 0) != (size == 0):
        raise InvalidParameter(EINVAL)
    if dest:
        guest.memory.fill(dest, unit)
    if not source:
        raise InvalidParameter(EINVAL)


def _end_s(guest: Guest, retval: Out[SIZE_T], dest: int, unit: int, needed: int, size: int, truncate: bool) -> int:
    """Reports the units written, or ERANGE; ``needed`` counts the NUL."""
    if dest and needed > size and not truncate:
        guest.memory.fill(dest, unit)
        raise InvalidParameter(ERANGE)
    if retval:
        retval.value = min(needed, size) if dest else needed
    return STRUNCATE if dest and needed > size else 0


def _wide_s(guest: Guest, retval: Out[SIZE_T], dest: int, size: int, source: int, count: int, info: LocaleInfo) -> int:
    _begin_s(guest, retval, dest, size, source, 2)
    truncate = count == TRUNCATE
    text = to_wide(guest.memory.cstr(source), info)
    if not truncate and dest:
        text = text[:count]
    if dest and (len(text) < size or truncate):
        WIDE.put(guest.memory, dest, text[: size - 1])
    return _end_s(guest, retval, dest, 2, len(text) + 1, size, truncate)


def _multibyte_s(
    guest: Guest, retval: Out[SIZE_T], dest: int, size: int, source: int, count: int, info: LocaleInfo
) -> int:
    _begin_s(guest, retval, dest, size, source, 1)
    truncate = count == TRUNCATE
    text = WIDE.read(guest.memory, source)
    if not dest:
        return _end_s(guest, retval, dest, 1, _needed(text, info) + 1, size, truncate)
    data = to_multibyte(text, info)
    if not truncate and dest:
        data = whole_characters(data, count, info)
    if dest and (len(data) < size or truncate):
        guest.memory.put_cstr(dest, whole_characters(data, size - 1, info))
    return _end_s(guest, retval, dest, 1, len(data) + 1, size, truncate)


@shared.export(fails=RETURN_ERROR)
def mbstowcs_s(
    guest: Guest, pReturnValue: Out[SIZE_T], wcstr: PVOID, sizeInWords: SIZE_T, mbstr: PVOID, count: SIZE_T, *,
    locales: Locale,
) -> INT:  # fmt: skip
    return _wide_s(guest, pReturnValue, wcstr, sizeInWords, mbstr, count, locales.current(guest))


@shared.export(fails=RETURN_ERROR)
def _mbstowcs_s_l(
    guest: Guest, pReturnValue: Out[SIZE_T], wcstr: PVOID, sizeInWords: SIZE_T, mbstr: PVOID, count: SIZE_T,
    locale: PVOID, *, locales: Locale,
) -> INT:  # fmt: skip
    return _wide_s(guest, pReturnValue, wcstr, sizeInWords, mbstr, count, locales.of(guest, locale))


@shared.export(fails=RETURN_ERROR)
def wcstombs_s(
    guest: Guest, pReturnValue: Out[SIZE_T], mbstr: PVOID, sizeInBytes: SIZE_T, wcstr: PVOID, count: SIZE_T, *,
    locales: Locale,
) -> INT:  # fmt: skip
    return _multibyte_s(guest, pReturnValue, mbstr, sizeInBytes, wcstr, count, locales.current(guest))


@shared.export(fails=RETURN_ERROR)
def _wcstombs_s_l(
    guest: Guest, pReturnValue: Out[SIZE_T], mbstr: PVOID, sizeInBytes: SIZE_T, wcstr: PVOID, count: SIZE_T,
    locale: PVOID, *, locales: Locale,
) -> INT:  # fmt: skip
    return _multibyte_s(guest, pReturnValue, mbstr, sizeInBytes, wcstr, count, locales.of(guest, locale))


# -- restartable -------------------------------------------------------------------------------------------------

INCOMPLETE = -2 & 0xFFFFFFFFFFFFFFFF
STATE_SIZE = 4
"""Of an mbstate_t: the bytes of a character that has begun; none of them is NUL."""


def _pending(guest: Guest, state: int) -> bytes:
    return guest.memory.read(state, STATE_SIZE).rstrip(b"\0") if state else b""


def _keep(guest: Guest, state: int, data: bytes) -> None:
    if state:
        guest.memory.write(state, data.ljust(STATE_SIZE, b"\0"))


def _lenient(data: bytes, info: LocaleInfo) -> str:
    """One character; what a double-byte code page does not have is its default character."""
    if info.code_page == UTF8 or not info.lead_bytes:
        return to_wide(data, info)
    page = page_of(info)
    assert page is not None
    text = page.decode(data)
    return text if len(text) == 1 else page.unicode_default_char


def _restart(guest: Guest, pwc: Out[WCHAR], s: int, n: int, state: int, info: LocaleInfo) -> int:
    """mbrtowc."""
    if not s:
        _keep(guest, state, b"")
        return 0
    pending = _pending(guest, state)
    if not n:
        return INCOMPLETE
    data = pending + guest.memory.read(s, 1)
    size = character_size(data[0], info)
    if not size:
        raise CrtError(EILSEQ)
    missing = min(size - len(data), n - 1)
    if missing > 0:
        data += guest.memory.read(s + 1, missing)
    if info.code_page == UTF8 and any(byte & 0xC0 != 0x80 for byte in data[1:]):
        _keep(guest, state, b"")
        raise CrtError(EILSEQ)
    if len(data) < size:
        _keep(guest, state, data)
        if pwc:
            pwc.value = 0
        return INCOMPLETE
    _keep(guest, state, b"")
    text = _lenient(data[:size], info)
    if len(text) != 1:
        raise CrtError(EILSEQ)
    if pwc:
        pwc.value = ord(text)
    if text == "\0":
        return 0
    # In a double-byte code page the first byte counts again when the second one comes
    return size - len(pending) if info.code_page == UTF8 else size


@shared.export(fails=-1)
def mbrtowc(
    guest: Guest, wchar: Out[WCHAR], mbchar: PVOID, count: SIZE_T, mbstate: PVOID, *, locales: Locale
) -> SIZE_T:
    return _restart(guest, wchar, mbchar, count, mbstate, locales.current(guest))


@shared.export(fails=-1)
def mbrlen(guest: Guest, str: PVOID, count: SIZE_T, mbstate: PVOID, *, locales: Locale) -> SIZE_T:
    return _restart(guest, Out(guest.memory, 0), str, count, mbstate, locales.current(guest))


@shared.export(fails=-1)
def wcrtomb(guest: Guest, mbchar: PVOID, wchar: WCHAR, mbstate: PVOID, *, locales: Locale) -> SIZE_T:
    _keep(guest, mbstate, b"")
    info = locales.current(guest)
    return _put_one(guest, mbchar, wchar, info) if mbchar else len(to_multibyte(chr(wchar), info))


@shared.export(fails=RETURN_ERROR)
def wcrtomb_s(
    guest: Guest, pReturnValue: Out[SIZE_T], mbchar: PVOID, sizeOfmbchar: SIZE_T, wchar: WCHAR, mbstate: PVOID, *,
    locales: Locale,
) -> INT:  # fmt: skip
    if (mbchar == 0) != (sizeOfmbchar == 0):
        raise InvalidParameter(EINVAL)
    _keep(guest, mbstate, b"")
    info = locales.current(guest)
    if pReturnValue:
        pReturnValue.value = -1
    if mbchar and info.mb_cur_max <= sizeOfmbchar:
        _put_one(guest, mbchar, wchar, info)
    data = to_multibyte(chr(wchar), info)
    if mbchar and len(data) > sizeOfmbchar:
        raise InvalidParameter(ERANGE)
    if mbchar:
        guest.memory.write(mbchar, data)
    if pReturnValue:
        pReturnValue.value = len(data)
    return 0


@shared.export(fails=-1)
def mbsrtowcs(
    guest: Guest, wcstr: PVOID, mbstr: Out[PVOID], count: SIZE_T, mbstate: PVOID, *, locales: Locale
) -> SIZE_T:
    if not mbstr:
        raise InvalidParameter(EINVAL)
    info, source = locales.current(guest), mbstr.value
    pending = _pending(guest, mbstate)
    limit = None if not wcstr else count * max(info.mb_cur_max, 1)
    data = guest.memory.cstr(source, limit)
    if pending and info.code_page != UTF8:
        # In a double-byte code page the first byte counts again, as for mbrtowc
        pending, data = pending[:1], data[:1] + data[2:]
    data = pending + data
    if not wcstr:
        return len(to_wide(data, info))
    data = whole_characters(data, len(data), info)
    text = to_wide(data, info)
    _keep(guest, mbstate, b"")
    if len(text) < count:
        WIDE.put(guest.memory, wcstr, text)
        mbstr.value = 0
        return len(text)
    WIDE.write(guest.memory, wcstr, text[:count])
    mbstr.value = source + len(to_multibyte(text[:count], info)) - len(pending)
    return count


@shared.export(fails=-1)
def wcsrtombs(
    guest: Guest, mbstr: PVOID, wcstr: Out[PVOID], count: SIZE_T, mbstate: PVOID, *, locales: Locale
) -> SIZE_T:
    info, source = locales.current(guest), wcstr.value
    _keep(guest, mbstate, b"")
    if not mbstr:
        return len(to_multibyte(WIDE.read(guest.memory, source), info))
    size = _string_to_multibyte(guest, mbstr, source, count, info)
    written = guest.memory.read(mbstr, size)
    ended = size < count and len(to_wide(written, info)) == len(WIDE.read(guest.memory, source, count))
    wcstr.value = 0 if ended else source + 2 * len(to_wide(written, info))
    return size


@shared.export(fails=-1)
def _mbstrlen(guest: Guest, str: PVOID, *, locales: Locale) -> SIZE_T:
    """The characters of a string in the locale's code page."""
    return string_length(guest.memory.cstr(str), locales.current(guest))


@shared.export(fails=-1)
def _mbstrnlen(guest: Guest, str: PVOID, count: SIZE_T, *, locales: Locale) -> SIZE_T:
    return string_length(guest.memory.cstr(str, count), locales.current(guest))


def string_length(data: bytes, info: LocaleInfo) -> int:
    if info.mb_cur_max == 1:
        return len(data)
    at = count = 0
    while at < len(data):
        size = character_size(data[at], info)
        if not size or at + size > len(data):
            raise CrtError(EILSEQ)
        at += size
        count += 1
    return count
