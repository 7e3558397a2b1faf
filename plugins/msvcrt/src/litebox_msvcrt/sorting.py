"""<search.h>, <stdlib.h>: sorting and searching with the guest's comparison functions."""

from collections.abc import Generator

from litebox_core.abi import INT, PVOID, SIZE_T, UINT, InOut
from litebox_core.crterrno import EINVAL
from litebox_core.guest import Guest, GuestCall, Steps
from litebox_core.memory.regions import WRITE

from . import fastpaths
from .base import InvalidParameter, shared
from .engines import search


def _constraint(holds: bool) -> None:
    if not holds:
        raise InvalidParameter(EINVAL)


def _call(compare: int, context: int | None, first: int, second: int) -> GuestCall:
    arguments = (first, second) if context is None else (context, first, second)
    return GuestCall(compare, arguments, INT, "cdecl")


def _sort(guest: Guest, base: int, num: int, width: int, compare: int, context: int | None) -> Steps[None]:
    _constraint((base != 0 or not num) and width != 0 and compare != 0)
    if num < 2:
        return
    memory = guest.memory
    memory.check(base, num * width, WRITE)

    def swap(one: int, other: int) -> None:
        if one != other:
            first, second = base + one * width, base + other * width
            data = memory.read(first, width)
            memory.write(first, memory.read(second, width))
            memory.write(second, data)

    engine = search.qsort(num, swap)
    try:
        first, second = next(engine)
        while True:
            result = yield _call(compare, context, base + first * width, base + second * width)
            first, second = engine.send(result)
    except StopIteration:
        return


@shared.export(fails=0, fast=fastpaths.qsort)
def qsort(guest: Guest, base: PVOID, num: SIZE_T, width: SIZE_T, compare: PVOID) -> Steps[None]:
    yield from _sort(guest, base, num, width, compare, None)


@shared.export(fails=0, fast=fastpaths.qsort_s)
def qsort_s(guest: Guest, base: PVOID, num: SIZE_T, width: SIZE_T, compare: PVOID, context: PVOID) -> Steps[None]:
    yield from _sort(guest, base, num, width, compare, context)


def _found(
    engine: Generator[int, int, "int | None"], key: int, base: int, width: int, compare: int, context: int | None
) -> Steps[int | None]:
    """Runs an engine that compares a key with elements; the index it finds."""
    try:
        index = next(engine)
        while True:
            index = engine.send((yield _call(compare, context, key, base + index * width)))
    except StopIteration as stop:
        found: int | None = stop.value
        return found


def _search(key: int, base: int, num: int, width: int, compare: int, context: int | None) -> Steps[int]:
    _constraint((base != 0 or not num) and width != 0 and compare != 0)
    index = yield from _found(search.bsearch(num), key, base, width, compare, context)
    return 0 if index is None else base + index * width


@shared.export(fails=0, fast=fastpaths.bsearch)
def bsearch(guest: Guest, key: PVOID, base: PVOID, num: SIZE_T, width: SIZE_T, compare: PVOID) -> Steps[PVOID]:
    return (yield from _search(key, base, num, width, compare, None))


@shared.export(fails=0, fast=fastpaths.bsearch_s)
def bsearch_s(
    guest: Guest, key: PVOID, base: PVOID, number: SIZE_T, width: SIZE_T, compare: PVOID, context: PVOID
) -> Steps[PVOID]:
    return (yield from _search(key, base, number, width, compare, context))


def _linear(
    guest: Guest, key: int, base: int, num: InOut[UINT], width: int, compare: int, context: int | None, append: bool
) -> Steps[int]:
    _constraint(key != 0 and bool(num) and (base != 0 or not num.value) and width != 0 and compare != 0)
    count = num.value
    index = yield from _found(search.lfind(count), key, base, width, compare, context)
    if index is not None:
        return base + index * width
    if not append:
        return 0
    guest.memory.write(base + count * width, guest.memory.read(key, width))
    num.value = count + 1
    return base + count * width


@shared.export(fails=0)
def _lfind(guest: Guest, key: PVOID, base: PVOID, num: InOut[UINT], width: UINT, compare: PVOID) -> Steps[PVOID]:
    return (yield from _linear(guest, key, base, num, width, compare, None, False))


@shared.export(fails=0)
def _lfind_s(
    guest: Guest, key: PVOID, base: PVOID, num: InOut[UINT], size: SIZE_T, compare: PVOID, context: PVOID
) -> Steps[PVOID]:
    return (yield from _linear(guest, key, base, num, size, compare, context, False))


@shared.export(fails=0)
def _lsearch(guest: Guest, key: PVOID, base: PVOID, num: InOut[UINT], width: UINT, compare: PVOID) -> Steps[PVOID]:
    return (yield from _linear(guest, key, base, num, width, compare, None, True))


@shared.export(fails=0)
def _lsearch_s(
    guest: Guest, key: PVOID, base: PVOID, num: InOut[UINT], size: SIZE_T, compare: PVOID, context: PVOID
) -> Steps[PVOID]:
    return (yield from _linear(guest, key, base, num, size, compare, context, True))
