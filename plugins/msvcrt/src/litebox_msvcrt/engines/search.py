"""qsort, bsearch and their linear relatives as generators: they yield what to compare and are sent the result.

Nothing here touches the array; the caller calls the guest's comparison function, and swaps elements when told to.
"""

from collections.abc import Callable, Generator

_SHORT = 8
"""So many elements are sorted by looking for the greatest again and again."""


def qsort(count: int, swap: Callable[[int, int], None]) -> Generator[tuple[int, int], int, None]:
    """Sort `count` elements. Yields ``(i, j)`` and is sent ``compare(element i, element j)``; calls ``swap(i, j)``.

    The comparisons and the order of equal elements are those of Microsoft's run-times: quicksort around the median of
    the first, the middle and the last element, the smaller part first.
    """
    parts = [(0, count - 1)]
    while parts:
        low, high = parts.pop()
        while high - low >= _SHORT:
            upper_end, lower_begin = yield from _partition(low, high, swap)
            first, second = (low, upper_end), (lower_begin, high)
            if upper_end - low < high - lower_begin:
                first, second = second, first
            # The part that is put off is the greater one; one without two elements is in order
            if second[0] >= second[1]:
                if first[0] >= first[1]:
                    break
                second = first
            elif first[0] < first[1]:
                parts.append(first)
            low, high = second
        else:
            yield from _select(low, high, swap)


def _select(low: int, high: int, swap: Callable[[int, int], None]) -> Generator[tuple[int, int], int, None]:
    while high > low:
        greatest = low
        for at in range(low + 1, high + 1):
            if (yield at, greatest) > 0:
                greatest = at
        swap(greatest, high)
        high -= 1


def _partition(
    low: int, high: int, swap: Callable[[int, int], None]
) -> Generator[tuple[int, int], int, tuple[int, int]]:
    """Where the lower part ends and the upper part begins; what lies between is in its place.

    A comparison function that contradicts itself moves no index out of the part.
    """
    middle = low + (high - low + 1) // 2
    for one, other in ((low, middle), (low, high), (middle, high)):
        if (yield one, other) > 0:
            swap(one, other)
    up, down = low, high
    while True:
        if middle > up:
            up += 1
            while up < middle and (yield up, middle) <= 0:
                up += 1
        if middle <= up:
            up += 1
            while up <= high and (yield up, middle) <= 0:
                up += 1
        down -= 1
        while down > middle and (yield down, middle) > 0:
            down -= 1
        if down < up:
            break
        swap(up, down)
        if middle == down:
            middle = up
    down += 1
    if middle < down:
        down -= 1
        while down > middle and (yield down, middle) == 0:
            down -= 1
    if middle >= down:
        down -= 1
        while down > low and (yield down, middle) == 0:
            down -= 1
    return down, up


def bsearch(count: int) -> Generator[int, int, int | None]:
    """Search `count` sorted elements. Yields i and is sent ``compare(key, element i)``. Returns the index of an element
    that is equal, or None. Among several equal elements the choice is Windows'."""
    low, high = 0, count - 1
    number = count
    while low <= high:
        half = number // 2
        if not half:
            return low if number and (yield low) == 0 else None
        middle = low + (half if number & 1 else half - 1)
        result = yield middle
        if result == 0:
            return middle
        if result < 0:
            high = middle - 1
            number = half if number & 1 else half - 1
        else:
            low = middle + 1
            number = half
    return None


def lfind(count: int) -> Generator[int, int, int | None]:
    """_lfind and _lsearch: the first i of `count` for which ``compare(key, element i)`` is 0."""
    for index in range(count):
        if (yield index) == 0:
            return index
    return None
