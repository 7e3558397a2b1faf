import random

import pytest

from litebox_msvcrt.engines.search import bsearch, lfind, qsort


def sort(values: list[int], key: int = 0) -> tuple[list[int], list[tuple[int, int]]]:
    """The sorted list and the places that were compared; with a key, by the values modulo it."""
    values, asked = list(values), []

    def swap(i: int, j: int) -> None:
        values[i], values[j] = values[j], values[i]

    generator = qsort(len(values), swap)
    try:
        i, j = next(generator)
        while True:
            asked.append((i, j))
            first, second = (values[i] % key, values[j] % key) if key else (values[i], values[j])
            i, j = generator.send(first - second)
    except StopIteration:
        return values, asked


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7, 8, 9, 10, 64, 100, 1000])
def test_sorts(count: int) -> None:
    random.seed(count)
    for values in (
        [random.randrange(1000) for _ in range(count)],
        list(range(count)),
        list(range(count, 0, -1)),
        [5] * count,
        [index % 2 for index in range(count)],
    ):
        result, asked = sort(values)
        assert result == sorted(values)
        assert len(asked) <= 28 + 2 * count * max(count, 1).bit_length()


def test_comparisons_of_few_elements() -> None:
    """The greatest is looked for, from the first on, and put last."""
    assert sort([0, 1, 2, 3])[1] == [(1, 0), (2, 1), (3, 2), (1, 0), (2, 1), (1, 0)]
    assert sort([3, 2, 1, 0])[1] == [(1, 0), (2, 0), (3, 0), (1, 0), (2, 1), (1, 0)]


def test_order_of_equal_elements() -> None:
    """As Wine has it: by the last digit, of nine elements the two that are equal change places."""
    assert sort([13, 28, 37, 46, 55, 64, 73, 82, 91], 10)[0] == [91, 82, 73, 13, 64, 55, 46, 37, 28]


@pytest.mark.parametrize("answer", [1, -1, None])
def test_inconsistent_comparison(answer: int | None) -> None:
    random.seed(1)
    moved: list[tuple[int, int]] = []
    generator = qsort(500, lambda i, j: moved.append((i, j)))
    calls = 1
    next(generator)
    try:
        while True:
            calls += 1
            assert calls < 500 * 500
            generator.send(answer if answer is not None else random.choice((-1, 0, 1)))
    except StopIteration:
        assert all(0 <= place < 500 for pair in moved for place in pair)


def find(values: list[int], key: int) -> tuple[int | None, list[int]]:
    generator = bsearch(len(values))
    seen = []
    try:
        at = next(generator)
        while True:
            seen.append(at)
            at = generator.send(key - values[at])
    except StopIteration as stop:
        return stop.value, seen


def test_bsearch() -> None:
    for count in range(40):
        values = [2 * index for index in range(count)]
        for key in range(-1, 2 * count + 1):
            index, seen = find(values, key)
            assert index == (key // 2 if key in values else None)
            assert len(seen) <= count.bit_length()
    assert find([7] * 10, 7) == (4, [4])
    assert find([7] * 9, 7) == (4, [4])


def test_lfind() -> None:
    generator = lfind(3)
    assert next(generator) == 0
    assert generator.send(1) == 1
    with pytest.raises(StopIteration) as stop:
        generator.send(0)
    assert stop.value.value == 1
    with pytest.raises(StopIteration) as stop:
        next(lfind(0))
    assert stop.value.value is None
