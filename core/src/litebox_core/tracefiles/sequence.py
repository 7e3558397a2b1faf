"""Aligning two long sequences: a longest common subsequence.

Lengths are computed with rows of bits in big integers (Hyyrö, "Bit-parallel LCS-length computation revisited", 2004),
and the alignment from them by halving (Hirschberg 1975): no memory beyond a few rows, and some seconds for 100,000
against 100,000 elements that have nothing but a dozen different values.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Sequence
from functools import reduce
from itertools import accumulate
from operator import or_

Pairs = list[tuple[int, int]]
DIRECT = 1 << 24
"""Up to this product of lengths all rows are kept (2 MiB of bits)."""
OFTEN = 32
"""Elements that stand in more places than this have their bits ready, at an eighth byte for each place of a."""
EXACT = 6 * 10**10
"""Up to this product of lengths the alignment is a longest one; above it, it is made piecewise."""


def align(a: Sequence[Hashable], b: Sequence[Hashable]) -> tuple[Pairs, bool]:
    """Pairs (i, j) of equal elements, rising in both; and whether no longer alignment exists for sure."""
    numbers: dict[Hashable, int] = {}
    left = [numbers.setdefault(x, len(numbers)) for x in a]
    right = [numbers.setdefault(x, len(numbers)) for x in b]
    pairs: Pairs = []
    exact = _align(list(enumerate(left)), list(enumerate(right)), pairs)
    pairs.sort()
    return pairs, exact


Items = list[tuple[int, int]]
"""Position in the whole sequence, and element."""


def _align(a: Items, b: Items, pairs: Pairs) -> bool:
    """Adds the pairs of two pieces; whether they are as many as can be."""
    a, b = _trim(a, b, pairs)
    if not a or not b:
        return True
    if len(a) * len(b) <= DIRECT:
        _backtrack(a, b, pairs)
        return True
    if len(a) * len(b) <= EXACT:
        middle = len(b) // 2
        cut = _split(a, b[:middle], b[middle:])
        return _align(a[:cut], b[:middle], pairs) & _align(a[cut:], b[middle:], pairs)
    anchors = _anchors(a, b) or [(len(a) // 2, len(b) // 2)]
    i = j = 0
    for next_i, next_j in [*anchors[:: max(1, len(anchors) // 16)], (len(a), len(b))]:
        _align(a[i:next_i], b[j:next_j], pairs)
        i, j = next_i, next_j
    return False


def _trim(a: Items, b: Items, pairs: Pairs) -> tuple[Items, Items]:
    """What is left without the common beginning and end, and without elements that the other one has not."""
    low, shorter = 0, min(len(a), len(b))
    while low < shorter and a[low][1] == b[low][1]:
        pairs.append((a[low][0], b[low][0]))
        low += 1
    high = 0
    while high < shorter - low and a[-1 - high][1] == b[-1 - high][1]:
        pairs.append((a[-1 - high][0], b[-1 - high][0]))
        high += 1
    a, b = a[low : len(a) - high], b[low : len(b) - high]
    both = {x for _, x in a} & {x for _, x in b}
    return [item for item in a if item[1] in both], [item for item in b if item[1] in both]


def _masks(a: list[int]) -> dict[int, int]:
    """For each element, a bit for each place where it stands."""
    places: dict[int, bytearray] = {}
    size = (len(a) + 7) // 8
    for place, x in enumerate(a):
        row = places.get(x)
        if row is None:
            row = places[x] = bytearray(size)
        row[place >> 3] |= 1 << (place & 7)
    return {x: int.from_bytes(row, "little") for x, row in places.items()}


def _last_row(a: list[int], b: list[int]) -> int:
    """Bit i is 0 where the longest common subsequence of a[:i+1] and b is longer than that of a[:i]."""
    seen = Counter(a)
    often = {x for x, count in seen.items() if count > OFTEN}
    masks = _masks([x if x in often else -1 for x in a])
    rare: dict[int, list[int]] = {}
    for place, x in enumerate(a):
        if x not in often:
            rare.setdefault(x, []).append(place)
    row = full = (1 << len(a)) - 1
    for x in b:
        if x in often:
            common = row & masks[x]
        elif x in rare:
            common = row & reduce(or_, [1 << place for place in rare[x]])
        else:
            continue
        row = ((row + common) | (row - common)) & full
    return row


def _split(a: Items, first: Items, second: Items) -> int:
    """Where to cut `a` so that its parts have the most in common with the parts of b."""
    elements = [x for _, x in a]
    size = len(elements)
    forward = _lengths(_last_row(elements, [x for _, x in first]), size)
    backward = _lengths(_last_row(elements[::-1], [x for _, x in reversed(second)]), size)
    return max(range(size + 1), key=lambda cut: forward[cut] + backward[size - cut])


def _lengths(row: int, size: int) -> list[int]:
    """Lengths of the longest common subsequence for each beginning of a, from a row."""
    bits = f"{row:0{size}b}"[::-1]
    return list(accumulate((bit == "0" for bit in bits), initial=0))


def _backtrack(a: Items, b: Items, pairs: Pairs) -> None:
    elements = [x for _, x in a]
    masks, full, size = _masks(elements), (1 << len(a)) - 1, (len(a) + 7) // 8
    row = full
    rows = [row.to_bytes(size, "little")]
    for _, x in b:
        common = row & masks[x]
        row = ((row + common) | (row - common)) & full
        rows.append(row.to_bytes(size, "little"))
    i, j = len(a), len(b)
    while i and j:
        byte, bit = (i - 1) >> 3, 1 << ((i - 1) & 7)
        if rows[j][byte] & bit:
            i -= 1
        elif not rows[j - 1][byte] & bit:
            j -= 1
        else:
            i, j = i - 1, j - 1
            pairs.append((a[i][0], b[j][0]))


def _anchors(a: Items, b: Items) -> Pairs:
    """Places of elements that stand once in each, as many as rise in both (patience sorting)."""
    count_a, count_b = Counter(x for _, x in a), Counter(x for _, x in b)
    place_b = {x: j for j, (_, x) in enumerate(b) if count_b[x] == 1}
    once = [(i, place_b[x]) for i, (_, x) in enumerate(a) if count_a[x] == 1 and x in place_b]
    tops: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for index, (_, j) in enumerate(once):
        pile = bisect_left(tops, j)
        before.append(ends[pile - 1] if pile else -1)
        tops[pile : pile + 1] = [j]
        ends[pile : pile + 1] = [index]
    chain: Pairs = []
    index = ends[-1] if ends else -1
    while index >= 0:
        chain.append(once[index])
        index = before[index]
    return chain[::-1]
