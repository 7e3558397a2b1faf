"""ntdll's C functions on narrow strings. Casing is that of ASCII."""

from litebox_core.abi import INT, PCSTR, PVOID, SIZE_T, InOut
from litebox_core.guest import Guest

from .base import dll
from .crtmem import EINVAL, ERANGE
from .rtlstr import first_difference

TRUNCATE = 0xFFFFFFFFFFFFFFFF
STRUNCATE = 80


def sign_of(left: bytes, right: bytes) -> int:
    """How two byte strings compare as unsigned characters: the difference of the first that differ."""
    if left == right:
        return 0
    shorter = min(len(left), len(right))
    at = first_difference(left, right, shorter)
    return (left[at] if at < len(left) else 0) - (right[at] if at < len(right) else 0)


def three_way(left: bytes, right: bytes) -> int:
    return (left > right) - (left < right)


@dll.export
def strlen(guest: Guest, str: PCSTR) -> SIZE_T:
    return len(str)


@dll.export
def strnlen(guest: Guest, str: PVOID, numberOfElements: SIZE_T) -> SIZE_T:
    return len(guest.memory.cstr(str, numberOfElements))


@dll.export
def strcmp(guest: Guest, string1: PCSTR, string2: PCSTR) -> INT:
    return three_way(string1, string2)


@dll.export
def strncmp(guest: Guest, string1: PVOID, string2: PVOID, count: SIZE_T) -> INT:
    return three_way(guest.memory.cstr(string1, count), guest.memory.cstr(string2, count))


@dll.export(aliases=["_strcmpi"])
def _stricmp(guest: Guest, string1: PCSTR, string2: PCSTR) -> INT:
    return sign_of(string1.lower(), string2.lower())


@dll.export
def _strnicmp(guest: Guest, string1: PVOID, string2: PVOID, count: SIZE_T) -> INT:
    return sign_of(guest.memory.cstr(string1, count).lower(), guest.memory.cstr(string2, count).lower())


@dll.export
def strcpy(guest: Guest, dest: PVOID, src: PCSTR) -> PVOID:
    guest.memory.put_cstr(dest, src)
    return dest


@dll.export
def strcat(guest: Guest, dest: PVOID, src: PCSTR) -> PVOID:
    guest.memory.put_cstr(dest + len(guest.memory.cstr(dest)), src)
    return dest


@dll.export
def strncpy(guest: Guest, dest: PVOID, src: PVOID, count: SIZE_T) -> PVOID:
    data = guest.memory.cstr(src, count)
    guest.memory.write(dest, data)
    guest.memory.fill(dest + len(data), count - len(data))
    return dest


@dll.export
def strncat(guest: Guest, dest: PVOID, src: PVOID, count: SIZE_T) -> PVOID:
    guest.memory.put_cstr(dest + len(guest.memory.cstr(dest)), guest.memory.cstr(src, count))
    return dest


@dll.export
def strchr(guest: Guest, str: PVOID, c: INT) -> PVOID:
    data = guest.memory.cstr(str) + b"\0"
    found = data.find(c & 0xFF)
    return str + found if found >= 0 else 0


@dll.export
def strrchr(guest: Guest, str: PVOID, c: INT) -> PVOID:
    data = guest.memory.cstr(str) + b"\0"
    found = data.rfind(c & 0xFF)
    return str + found if found >= 0 else 0


@dll.export
def strstr(guest: Guest, str: PVOID, strSearch: PCSTR) -> PVOID:
    found = guest.memory.cstr(str).find(strSearch)
    return str + found if found >= 0 else 0


def span(data: bytes, members: bytes, inside: bool) -> int:
    """How many bytes at the start are members of a set, or are not."""
    rest = data.lstrip(members) if inside else None
    if rest is not None:
        return len(data) - len(rest)
    marked = data.translate(bytes(byte in members for byte in range(256)))
    found = marked.find(1)
    return len(data) if found < 0 else found


@dll.export
def strspn(guest: Guest, str: PCSTR, strCharSet: PCSTR) -> SIZE_T:
    return span(str, strCharSet, True)


@dll.export
def strcspn(guest: Guest, str: PCSTR, strCharSet: PCSTR) -> SIZE_T:
    return span(str, strCharSet, False)


@dll.export
def strpbrk(guest: Guest, str: PVOID, strCharSet: PCSTR) -> PVOID:
    data = guest.memory.cstr(str)
    at = span(data, strCharSet, False)
    return str + at if at < len(data) else 0


@dll.export
def _strlwr(guest: Guest, str: PVOID) -> PVOID:
    guest.memory.write(str, guest.memory.cstr(str).lower())
    return str


@dll.export
def _strupr(guest: Guest, str: PVOID) -> PVOID:
    guest.memory.write(str, guest.memory.cstr(str).upper())
    return str


def _case_s(guest: Guest, addr: int, room: int, upper: bool) -> int:
    if not addr:
        return EINVAL
    data = guest.memory.cstr(addr, room)
    if len(data) >= room:
        if room:
            guest.memory.put_u8(addr, 0)
        return EINVAL
    guest.memory.write(addr, data.upper() if upper else data.lower())
    return 0


@dll.export
def _strlwr_s(guest: Guest, str: PVOID, numberOfElements: SIZE_T) -> INT:
    return _case_s(guest, str, numberOfElements, False)


@dll.export
def _strupr_s(guest: Guest, str: PVOID, numberOfElements: SIZE_T) -> INT:
    return _case_s(guest, str, numberOfElements, True)


# -- with sizes ------------------------------------------------------------------------------------------------------


def put_s(guest: Guest, dest: int, room: int, src: int, limit: int | None, keep: bool, unit: int) -> int:
    """strcpy_s, strcat_s and their n forms, for units of one or two bytes; ``limit`` is TRUNCATE for _TRUNCATE."""
    memory = guest.memory
    if not dest or not room:
        return EINVAL
    read = memory.cstr if unit == 1 else memory.wstr_bytes
    zero = b"\0" * unit
    if not src and limit != 0:
        memory.write(dest, zero)
        return EINVAL
    start = 0
    if keep:
        start = len(read(dest, room)) // unit
        if start >= room:
            memory.write(dest, zero)
            return EINVAL
    space = room - start
    truncate = limit == TRUNCATE >> (64 - guest.bits)
    wanted = space if limit is None or truncate else min(limit, space)
    data = read(src, wanted) if wanted and src else b""
    if len(data) // unit >= space:
        if truncate:
            memory.write(dest + start * unit, data[: (space - 1) * unit] + zero)
            return STRUNCATE
        memory.write(dest, zero)
        return ERANGE
    memory.write(dest + start * unit, data + zero)
    return 0


@dll.export
def strcpy_s(guest: Guest, dest: PVOID, numberOfElements: SIZE_T, src: PVOID) -> INT:
    return put_s(guest, dest, numberOfElements, src, None, False, 1)


@dll.export
def strcat_s(guest: Guest, dest: PVOID, numberOfElements: SIZE_T, src: PVOID) -> INT:
    return put_s(guest, dest, numberOfElements, src, None, True, 1)


@dll.export
def strncpy_s(guest: Guest, dest: PVOID, numberOfElements: SIZE_T, src: PVOID, count: SIZE_T) -> INT:
    if not count and not dest and not numberOfElements:
        return 0
    return put_s(guest, dest, numberOfElements, src, count, False, 1)


@dll.export
def strncat_s(guest: Guest, dest: PVOID, numberOfElements: SIZE_T, src: PVOID, count: SIZE_T) -> INT:
    if not count and not dest and not numberOfElements:
        return 0
    return put_s(guest, dest, numberOfElements, src, count, True, 1)


def next_token(guest: Guest, text: int, delimiters: int, context: InOut[PVOID], unit: int) -> int:
    """strtok_s and wcstok_s: the next token, or 0."""
    memory = guest.memory
    if not delimiters or not context or (not text and not context.value):
        return 0
    at = text or context.value
    read = memory.cstr if unit == 1 else memory.wstr_bytes
    members, data = read(delimiters), read(at)
    known = {members[i : i + unit] for i in range(0, len(members), unit)}
    cells = [data[i : i + unit] for i in range(0, len(data), unit)]
    start = next((i for i, cell in enumerate(cells) if cell not in known), len(cells))
    if start == len(cells):
        context.value = at + len(data)
        return 0
    end = next((i for i in range(start, len(cells)) if cells[i] in known), len(cells))
    if end < len(cells):
        memory.write(at + end * unit, b"\0" * unit)
        context.value = at + (end + 1) * unit
    else:
        context.value = at + end * unit
    return at + start * unit


@dll.export
def strtok_s(guest: Guest, str: PVOID, delim: PVOID, context: InOut[PVOID]) -> PVOID:
    return next_token(guest, str, delim, context, 1)


def fill_s(guest: Guest, addr: int, room: int, cell: bytes, count: int | None) -> int:
    """_strset_s and the like: sets the characters of a string. """
    memory, unit = guest.memory, len(cell)
    if not addr or not room:
        return EINVAL
    length = len((memory.cstr if unit == 1 else memory.wstr_bytes)(addr, room)) // unit
    if length >= room and (count is None or count >= room):
        memory.write(addr, b"\0" * unit)
        return EINVAL
    memory.write(addr, cell * (length if count is None else min(length, count)))
    return 0


@dll.export
def _strset_s(guest: Guest, str: PVOID, numberOfElements: SIZE_T, c: INT) -> INT:
    return fill_s(guest, str, numberOfElements, bytes((c & 0xFF,)), None)


@dll.export
def _strnset_s(guest: Guest, str: PVOID, numberOfElements: SIZE_T, c: INT, count: SIZE_T) -> INT:
    return fill_s(guest, str, numberOfElements, bytes((c & 0xFF,)), count)
