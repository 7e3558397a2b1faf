import random

import pytest

from litebox_msvcrt.engines.search import bsearch, lfind, qsort


def sort(values: list[int]) -> tuple[list[int], int]:
    """The sorted list and how many comparisons it took."""
    generator = qsort(len(values))
    comparisons = 0
    try:
        i, j = next(generator)
        while True:
            comparisons += 1
            i, j = generator.send(values[i] - values[j])
    except StopIteration as stop:
        return [values[index] for index in stop.value], comparisons


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7, 8, 9, 64, 100, 1000])
def test_sorts(count: int) -> None:
    random.seed(count)
    for values in (
        [random.randrange(1000) for _ in range(count)],
        list(range(count)),
        list(range(count, 0, -1)),
        [5] * count,
        [index % 2 for index in range(count)],
    ):
        result, comparisons = sort(values)
        assert result == sorted(values)
        assert comparisons <= count * max(count, 1).bit_length()


def test_stable_and_cheap_when_sorted() -> None:
    assert sort(list(range(1024)))[1] == 1023
    generator = qsort(5)
    next(generator)
    try:
        while True:
            generator.send(0)
    except StopIteration as stop:
        assert stop.value == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("answer", [1, -1, None])
def test_inconsistent_comparison(answer: int | None) -> None:
    random.seed(1)
    generator = qsort(500)
    calls = 1
    next(generator)
    try:
        while True:
            calls += 1
            assert calls < 500 * 10
            generator.send(answer if answer is not None else random.choice((-1, 0, 1)))
    except StopIteration as stop:
        assert sorted(stop.value) == list(range(500))


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
