"""qsort, bsearch and their linear relatives as generators: they yield what to compare and are sent the result.

Nothing here touches the array; the caller calls the guest's comparison function and moves the elements at the end.
"""

from collections.abc import Generator


def qsort(count: int) -> Generator[tuple[int, int], int, list[int]]:
    """Sort `count` elements. Yields ``(i, j)``, indexes into the array as it was given, and is sent
    ``compare(element i, element j)``. Returns the order: at each place the index of the element that belongs there.

    Merge sort: stable, at most n log2 n comparisons whatever the comparison function answers, n - 1 when the array is
    already in order.
    """
    order = list(range(count))
    spare = order[:]
    width = 1
    while width < count:
        for low in range(0, count - width, 2 * width):
            middle, high = low + width, min(low + 2 * width, count)
            if (yield order[middle - 1], order[middle]) <= 0:
                continue
            left, right = low, middle
            for to in range(low, high):
                if left == middle:
                    # What is left of the right half is where it belongs.
                    break
                if right < high and (yield order[left], order[right]) > 0:
                    spare[to] = order[right]
                    right += 1
                else:
                    spare[to] = order[left]
                    left += 1
            order[low:right] = spare[low:right]
        width *= 2
    return order


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
