"""ntdll's C functions on memory, sorting and searching."""

from litebox_core.abi import INT, PVOID, SIZE_T, UINT, Annotated, Callback, CallbackMeta
from litebox_core.guest import Guest, Steps

from .base import dll
from .rtl import PIECE, move
from .rtlstr import first_difference

Compare = Annotated[Callback, CallbackMeta([PVOID, PVOID], INT, "cdecl")]
CompareContext = Annotated[Callback, CallbackMeta([PVOID, PVOID, PVOID], INT, "cdecl")]

EINVAL, ERANGE = 22, 34
SMALL_SORT = 8
"""Arrays up to this size are sorted by selection."""


@dll.export
def memcpy(guest: Guest, dest: PVOID, src: PVOID, count: SIZE_T) -> PVOID:
    move(guest.memory, dest, src, count)
    return dest


@dll.export
def memmove(guest: Guest, dest: PVOID, src: PVOID, count: SIZE_T) -> PVOID:
    move(guest.memory, dest, src, count)
    return dest


@dll.export
def memset(guest: Guest, dest: PVOID, c: INT, count: SIZE_T) -> PVOID:
    guest.memory.fill(dest, count, c & 0xFF)
    return dest


@dll.export
def memcmp(guest: Guest, buffer1: PVOID, buffer2: PVOID, count: SIZE_T) -> INT:
    memory = guest.memory
    for at in range(0, count, PIECE):
        size = min(PIECE, count - at)
        left, right = memory.read(buffer1 + at, size), memory.read(buffer2 + at, size)
        if left != right:
            index = first_difference(left, right, size)
            return 1 if left[index] > right[index] else -1
    return 0


def find_byte(guest: Guest, addr: int, byte: int, count: int) -> int:
    """The address of the first such byte, 0 for none. Memory behind it is not touched."""
    memory = guest.memory
    while count > 0:
        size = min(count, PIECE, 0x1000 - (addr & 0xFFF))
        found = memory.read(addr, size).find(byte)
        if found >= 0:
            return addr + found
        addr += size
        count -= size
    return 0


@dll.export
def memchr(guest: Guest, buffer: PVOID, c: INT, count: SIZE_T) -> PVOID:
    return find_byte(guest, buffer, c & 0xFF, count)


@dll.export
def _memccpy(guest: Guest, dest: PVOID, src: PVOID, c: INT, count: UINT) -> PVOID:
    found = find_byte(guest, src, c & 0xFF, count)
    size = found - src + 1 if found else count
    move(guest.memory, dest, src, size)
    return dest + size if found else 0


@dll.export
def _memicmp(guest: Guest, buffer1: PVOID, buffer2: PVOID, count: SIZE_T) -> INT:
    memory = guest.memory
    for at in range(0, count, PIECE):
        size = min(PIECE, count - at)
        left, right = memory.read(buffer1 + at, size).lower(), memory.read(buffer2 + at, size).lower()
        if left != right:
            index = first_difference(left, right, size)
            return left[index] - right[index]
    return 0


@dll.export
def memcpy_s(guest: Guest, dest: PVOID, numberOfElements: SIZE_T, src: PVOID, count: SIZE_T) -> INT:
    if not count:
        return 0
    if not dest:
        return EINVAL
    if not src or numberOfElements < count:
        guest.memory.fill(dest, numberOfElements)
        return EINVAL if not src else ERANGE
    move(guest.memory, dest, src, count)
    return 0


@dll.export
def memmove_s(guest: Guest, dest: PVOID, numberOfElements: SIZE_T, src: PVOID, count: SIZE_T) -> INT:
    if not count:
        return 0
    if not dest or not src:
        return EINVAL
    if numberOfElements < count:
        return ERANGE
    move(guest.memory, dest, src, count)
    return 0


# -- sorting and searching -------------------------------------------------------------------------------------------


def _sorted(base: int, count: int, width: int, compare: Callback, context: tuple[int, ...]) -> Steps[list[int]]:
    """The addresses of the elements in order. The elements stay where they are, so that the comparator sees them."""
    order = list(range(base, base + count * width, width))
    if count <= SMALL_SORT:  # what is equal comes out in the order of Windows' own sort
        for last in range(count - 1, 0, -1):
            largest = 0
            for index in range(1, last + 1):
                if (yield compare(*context, order[index], order[largest])) > 0:
                    largest = index
            order[largest], order[last] = order[last], order[largest]
        return order
    length = 1
    while length < count:
        merged: list[int] = []
        for start in range(0, count, 2 * length):
            left, right = order[start : start + length], order[start + length : start + 2 * length]
            i = j = 0
            while i < len(left) and j < len(right):
                if (yield compare(*context, left[i], right[j])) <= 0:
                    merged.append(left[i])
                    i += 1
                else:
                    merged.append(right[j])
                    j += 1
            merged += left[i:]
            merged += right[j:]
        order = merged
        length *= 2
    return order


def _sort(
    guest: Guest, base: int, count: int, width: int, compare: Callback, context: tuple[int, ...]
) -> Steps[None]:
    if count < 2 or not width:
        return
    guest.memory.check(base, count * width)
    order = yield from _sorted(base, count, width, compare, context)
    data = guest.memory.read(base, count * width)
    guest.memory.write(base, b"".join(data[at - base : at - base + width] for at in order))


@dll.export
def qsort(guest: Guest, base: PVOID, num: SIZE_T, width: SIZE_T, compare: Compare) -> Steps[None]:
    yield from _sort(guest, base, num, width, compare, ())


@dll.export
def qsort_s(
    guest: Guest, base: PVOID, num: SIZE_T, width: SIZE_T, compare: CompareContext, context: PVOID
) -> Steps[None]:
    if (not base and num) or not width or not compare:
        return
    yield from _sort(guest, base, num, width, compare, (context,))


def _search(
    key: int, base: int, count: int, width: int, compare: Callback, context: tuple[int, ...]
) -> Steps[int]:
    low, high = 0, count
    while low < high:
        middle = (low + high) // 2
        difference = yield compare(*context, key, base + middle * width)
        if difference == 0:
            return base + middle * width
        if difference < 0:
            high = middle
        else:
            low = middle + 1
    return 0


@dll.export
def bsearch(
    guest: Guest, key: PVOID, base: PVOID, num: SIZE_T, width: SIZE_T, compare: Compare
) -> Steps[PVOID]:
    return (yield from _search(key, base, num, width, compare, ()))


@dll.export
def bsearch_s(
    guest: Guest, key: PVOID, base: PVOID, num: SIZE_T, width: SIZE_T, compare: CompareContext, context: PVOID
) -> Steps[PVOID]:
    if (not base and num) or not width or not compare:
        return 0
    return (yield from _search(key, base, num, width, compare, (context,)))


@dll.export
def _lfind(guest: Guest, key: PVOID, base: PVOID, num: PVOID, width: UINT, compare: Compare) -> Steps[PVOID]:
    for index in range(guest.memory.u32(num)):
        if (yield compare(key, base + index * width)) == 0:
            return base + index * width
    return 0
