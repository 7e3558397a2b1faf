"""ntdll's C functions on wide strings. Casing is that of ASCII."""

from array import array

from litebox_core.abi import INT, PVOID, SIZE_T, WCHAR, InOut
from litebox_core.guest import Guest

from .base import dll
from .crtmem import EINVAL
from .crtstr import fill_s, next_token, put_s
from .rtlstr import compare_units


def _units(data: bytes) -> "array[int]":
    return array("H", data)


def fold(data: bytes) -> bytes:
    """The units in lower case, ASCII letters only."""
    return _cased(data, False)


def sign(left: bytes, right: bytes) -> int:
    """The difference of the first units that differ; a string that ends is followed by 0."""
    return compare_units(left + b"\0\0", right + b"\0\0")


@dll.export
def wcslen(guest: Guest, str: PVOID) -> SIZE_T:
    return len(guest.memory.wstr_bytes(str)) // 2


@dll.export
def wcsnlen(guest: Guest, str: PVOID, numberOfElements: SIZE_T) -> SIZE_T:
    return len(guest.memory.wstr_bytes(str, numberOfElements)) // 2


@dll.export
def wcscmp(guest: Guest, string1: PVOID, string2: PVOID) -> INT:
    difference = sign(guest.memory.wstr_bytes(string1), guest.memory.wstr_bytes(string2))
    return (difference > 0) - (difference < 0)


@dll.export
def wcsncmp(guest: Guest, string1: PVOID, string2: PVOID, count: SIZE_T) -> INT:
    return sign(guest.memory.wstr_bytes(string1, count), guest.memory.wstr_bytes(string2, count))


@dll.export
def _wcsicmp(guest: Guest, string1: PVOID, string2: PVOID) -> INT:
    return sign(fold(guest.memory.wstr_bytes(string1)), fold(guest.memory.wstr_bytes(string2)))


@dll.export
def _wcsnicmp(guest: Guest, string1: PVOID, string2: PVOID, count: SIZE_T) -> INT:
    return sign(fold(guest.memory.wstr_bytes(string1, count)), fold(guest.memory.wstr_bytes(string2, count)))


@dll.export
def wcscpy(guest: Guest, dest: PVOID, src: PVOID) -> PVOID:
    guest.memory.write(dest, guest.memory.wstr_bytes(src) + b"\0\0")
    return dest


@dll.export
def wcscat(guest: Guest, dest: PVOID, src: PVOID) -> PVOID:
    end = dest + len(guest.memory.wstr_bytes(dest))
    guest.memory.write(end, guest.memory.wstr_bytes(src) + b"\0\0")
    return dest


@dll.export
def wcsncpy(guest: Guest, dest: PVOID, src: PVOID, count: SIZE_T) -> PVOID:
    data = guest.memory.wstr_bytes(src, count)
    guest.memory.write(dest, data)
    guest.memory.fill(dest + len(data), 2 * count - len(data))
    return dest


@dll.export
def wcsncat(guest: Guest, dest: PVOID, src: PVOID, count: SIZE_T) -> PVOID:
    end = dest + len(guest.memory.wstr_bytes(dest))
    guest.memory.write(end, guest.memory.wstr_bytes(src, count) + b"\0\0")
    return dest


def _index(data: bytes, unit: int, last: bool) -> int:
    cells = _units(data)
    if last:
        return next((i for i in range(len(cells) - 1, -1, -1) if cells[i] == unit), -1)
    return next((i for i, cell in enumerate(cells) if cell == unit), -1)


@dll.export
def wcschr(guest: Guest, str: PVOID, c: WCHAR) -> PVOID:
    found = _index(guest.memory.wstr_bytes(str) + b"\0\0", c, False)
    return str + 2 * found if found >= 0 else 0


@dll.export
def wcsrchr(guest: Guest, str: PVOID, c: WCHAR) -> PVOID:
    found = _index(guest.memory.wstr_bytes(str) + b"\0\0", c, True)
    return str + 2 * found if found >= 0 else 0


@dll.export
def wcsstr(guest: Guest, str: PVOID, strSearch: PVOID) -> PVOID:
    data, wanted = guest.memory.wstr_bytes(str), guest.memory.wstr_bytes(strSearch)
    found = data.find(wanted)
    while found > 0 and found & 1:
        found = data.find(wanted, found + 1)
    return str + found if found >= 0 else 0


def _span(guest: Guest, text: int, members: int, inside: bool) -> tuple[int, int]:
    cells = _units(guest.memory.wstr_bytes(text))
    known = frozenset(_units(guest.memory.wstr_bytes(members)))
    return next((i for i, cell in enumerate(cells) if (cell in known) != inside), len(cells)), len(cells)


@dll.export
def wcsspn(guest: Guest, str: PVOID, strCharSet: PVOID) -> SIZE_T:
    return _span(guest, str, strCharSet, True)[0]


@dll.export
def wcscspn(guest: Guest, str: PVOID, strCharSet: PVOID) -> SIZE_T:
    return _span(guest, str, strCharSet, False)[0]


@dll.export
def wcspbrk(guest: Guest, str: PVOID, strCharSet: PVOID) -> PVOID:
    at, length = _span(guest, str, strCharSet, False)
    return str + 2 * at if at < length else 0


def _cased(data: bytes, upper: bool) -> bytes:
    """ASCII letters in the other case: these functions know no others."""
    low, high, step = (0x61, 0x7A, -0x20) if upper else (0x41, 0x5A, 0x20)
    return array("H", [unit + step if low <= unit <= high else unit for unit in _units(data)]).tobytes()


@dll.export
def _wcslwr(guest: Guest, str: PVOID) -> PVOID:
    guest.memory.write(str, _cased(guest.memory.wstr_bytes(str), False))
    return str


@dll.export
def _wcsupr(guest: Guest, str: PVOID) -> PVOID:
    guest.memory.write(str, _cased(guest.memory.wstr_bytes(str), True))
    return str


def _case_s(guest: Guest, addr: int, room: int, upper: bool) -> int:
    if not addr:
        return EINVAL
    data = guest.memory.wstr_bytes(addr, room)
    if len(data) // 2 >= room:
        if room:
            guest.memory.put_u16(addr, 0)
        return EINVAL
    guest.memory.write(addr, _cased(data, upper))
    return 0


@dll.export
def _wcslwr_s(guest: Guest, str: PVOID, numberOfElements: SIZE_T) -> INT:
    return _case_s(guest, str, numberOfElements, False)


@dll.export
def _wcsupr_s(guest: Guest, str: PVOID, numberOfElements: SIZE_T) -> INT:
    return _case_s(guest, str, numberOfElements, True)


# -- with sizes ------------------------------------------------------------------------------------------------------


@dll.export
def wcscpy_s(guest: Guest, dest: PVOID, numberOfElements: SIZE_T, src: PVOID) -> INT:
    return put_s(guest, dest, numberOfElements, src, None, False, 2)


@dll.export
def wcscat_s(guest: Guest, dest: PVOID, numberOfElements: SIZE_T, src: PVOID) -> INT:
    return put_s(guest, dest, numberOfElements, src, None, True, 2)


@dll.export
def wcsncpy_s(guest: Guest, dest: PVOID, numberOfElements: SIZE_T, src: PVOID, count: SIZE_T) -> INT:
    if not count and not dest and not numberOfElements:
        return 0
    return put_s(guest, dest, numberOfElements, src, count, False, 2)


@dll.export
def wcsncat_s(guest: Guest, dest: PVOID, numberOfElements: SIZE_T, src: PVOID, count: SIZE_T) -> INT:
    if not count and not dest and not numberOfElements:
        return 0
    return put_s(guest, dest, numberOfElements, src, count, True, 2)


@dll.export
def wcstok_s(guest: Guest, str: PVOID, delim: PVOID, context: InOut[PVOID]) -> PVOID:
    return next_token(guest, str, delim, context, 2)


@dll.export
def _wcsset_s(guest: Guest, str: PVOID, numberOfElements: SIZE_T, c: WCHAR) -> INT:
    return fill_s(guest, str, numberOfElements, c.to_bytes(2, "little"), None)


@dll.export
def _wcsnset_s(guest: Guest, str: PVOID, numberOfElements: SIZE_T, c: WCHAR, count: SIZE_T) -> INT:
    return fill_s(guest, str, numberOfElements, c.to_bytes(2, "little"), count)


@dll.export
def wcstombs(guest: Guest, mbstr: PVOID, wcstr: PVOID, count: SIZE_T) -> SIZE_T:
    """In the ANSI code page."""
    data = guest.memory.ansi_encode(guest.memory.wstr(wcstr))
    if not mbstr:
        return len(data)
    guest.memory.write(mbstr, data[:count] if len(data) >= count else data + b"\0")
    return min(len(data), count)
