"""Functions that machine code answers where it can: they answer as their declarations do, which a traced run asks."""

import random
from functools import partial

import pytest

from litebox_msvcrt import fastpaths
from litebox_msvcrt.ctype import CLASSES

WATCHED = ["msvcrt!*"]

NARROW = [*(f"is{suffix}" for suffix in CLASSES), "tolower", "toupper"]
WIDE = [*(f"isw{suffix}" for suffix in CLASSES), "towlower", "towupper"]
LONGEST = 128
"""From this length on the host answers."""


@pytest.mark.parametrize("locale", ["C", "German_Germany.1252", ".1251", "Japanese_Japan.932"])
def test_characters(both, locale):
    quick, declared = (box.call.msvcrt for box in both)
    for box in both:
        assert box.call.msvcrt.setlocale(0, box.alloc(locale.encode() + b"\0"))
    for names, characters in ((NARROW, [*range(-2, 258), 0x7FFFFFFF]), (WIDE, [*range(258), 0x410, 0xFFFF])):
        for name in names:
            for c in characters:
                assert getattr(quick, name)(c) == getattr(declared, name)(c), (name, c)


def test_letters_follow_the_locale_of_each_run_time(box):
    msvcrt, ucrt = box.call.msvcrt, box.call.ucrtbase
    german, plain = box.alloc(b"German_Germany.1252\0"), box.alloc(b"C\0")

    def flags():
        return [crt.isalpha(0x41) for _ in range(2) for crt in (msvcrt, ucrt)]

    assert flags() == [1, 1, 1, 1]
    assert msvcrt.setlocale(0, german)
    assert flags() == [0x101, 1, 0x101, 1]
    assert ucrt.setlocale(0, german)
    assert flags() == [0x101] * 4
    assert ucrt._configthreadlocale(1) == 2
    assert ucrt.setlocale(0, plain)
    assert flags() == [0x101, 1, 0x101, 1]
    assert ucrt._configthreadlocale(2) == 1
    assert flags() == [0x101] * 4


def strings(chance):
    """Two texts that are often alike at the beginning, of lengths on both sides of the limit."""
    first = bytes(chance.choice(b"ab\xe4") for _ in range(chance.choice([0, 1, 5, 17, LONGEST - 1, LONGEST, 300])))
    second = first[: chance.randrange(len(first) + 1)] + bytes(chance.choice(b"ab") for _ in range(chance.randrange(4)))
    return first, second


def test_strings(both):
    chance = random.Random(3)
    places = [(box.alloc(1024), box.alloc(1024)) for box in both]
    for _ in range(300):
        first, second = strings(chance)
        count, c, within = chance.randrange(200), chance.choice(b"abc\0"), chance.choice([0, 0, 3])
        answers = []
        for box, (one, other) in zip(both, places, strict=True):
            crt = box.call.msvcrt
            box.memory.write(one, first + bytes(700 - len(first)))
            box.memory.write(other, second + bytes(700 - len(second)))
            found = crt.memchr(one, c, count)
            copied = crt.strcpy(one + within, one) if within and len(first) > within else crt.strcpy(other + 400, one)
            answers.append((
                crt.strncmp(one, other, count), found and found - one, copied in (one + within, other + 400),
                crt.strlen(one), crt.wcslen(one), box.memory.read(one, 700), box.memory.read(other, 800),
            ))  # fmt: skip
        assert answers[0] == answers[1], (first, second, count)


def test_a_copy_of_a_text_into_itself(both):
    """Which end the host or the machine code begins at does not show: the text is read first."""
    for box in both:
        text = box.alloc(b"abcdef\0" + bytes(20))
        box.call.msvcrt.strcpy(text, text + 2)
        assert box.memory.read(text, 5) == b"cdef\0"
        box.call.msvcrt.strcpy(text + 2, text)
        assert box.memory.read(text, 7) == b"cdcdef\0"


SIZES = [*range(200), 255, 256, 257, 300, 1000, 4097]


def copiers(box):
    """memmove and memset: the functions, and each variant of their machine code that the engine can run."""
    crt, process = box.call.msvcrt, box.process
    yield crt.memmove, crt.memset
    for variant in {"native", *process.engine.codes}:
        addresses = [process.code(code[64, variant]) for code in (fastpaths.memmove, fastpaths.memset)]
        yield [partial(process.call, address) for address in addresses]


def test_memory_is_copied_and_filled_whatever_overlaps(box):
    chance = random.Random(5)
    room = 16000
    area = box.alloc(room)
    content = bytes(chance.randrange(256) for _ in range(room))
    for memmove, memset in copiers(box):
        for size in SIZES:
            for move in (0, 1, -1, 7, -8, 15, -16, 17, 31, -33, 64, -65, size // 2, -(size // 2), size, -size):
                source = 5000 + chance.randrange(32)
                target = source + move
                box.memory.write(area, content)
                assert memmove(area + target, area + source, size) == area + target
                expected = bytearray(content)
                expected[target : target + size] = content[source : source + size]
                assert box.memory.read(area, room) == expected, (size, move, source)
            box.memory.write(area, content)
            assert memset(area + target, 0x1A5, size) == area + target
            expected = bytearray(content)
            expected[target : target + size] = b"\xa5" * size
            assert box.memory.read(area, room) == expected, size


def test_copying_and_filling_stay_within_their_bytes(box):
    """Each area ends, or begins, where no memory is."""
    memory = box.memory
    base = memory.allocate(0x3000, 0x04)
    kernel32 = box.call.kernel32
    for hole in (base, base + 0x2000):
        assert kernel32.VirtualProtect(hole, 0x1000, 1, box.alloc(8))
    first, end = base + 0x1000, base + 0x2000
    for memcpy, memset in copiers(box):
        for size in SIZES[:-1]:
            memory.write(first, bytes(range(256)) * 16)
            memcpy(end - size, first, size)
            assert memory.read(end - size, size) == (bytes(range(256)) * 4)[:size]
            memset(end - size, 7, size)
            memset(first, 9, size)
            assert (memory.read(end - size, size), memory.read(first, size)) == (b"\7" * size, b"\t" * size)


WIDE_LETTERS = [0x61, 0x62, 0xE4, 0x161, 0xD83D, 0xFFFF]


def wide(units):
    return b"".join(unit.to_bytes(2, "little") for unit in units) + b"\0\0"


def test_more_strings(both):
    chance = random.Random(7)
    places = [[box.alloc(2048) for _ in range(3)] for box in both]
    for _ in range(400):
        lengths = [chance.choice([0, 1, 2, 5, 40]) for _ in range(2)]
        first, second = ([chance.choice(WIDE_LETTERS) for _ in range(length)] for length in lengths)
        if chance.random() < 0.5:
            second = first[chance.randrange(len(first) + 1) :][: chance.randrange(4)]
        count, c = chance.randrange(50), chance.choice([*WIDE_LETTERS, 0])
        narrow = [bytes(unit & 0xFF for unit in units) + b"\0" for units in (first, second)]
        answers = []
        for box, (one, other, target) in zip(both, places, strict=True):
            crt, got = box.call.msvcrt, []
            for prefix, texts, find in (("wcs", [wide(first), wide(second)], "wcs"), ("str", narrow, "str")):
                box.memory.write(one, texts[0])
                box.memory.write(other, texts[1])
                for name in (f"{find}str", f"{prefix}pbrk"):
                    at = getattr(crt, name)(one, other)
                    got.append(at and at - one)
                got += (getattr(crt, f"{prefix}{name}")(one, other) for name in ("spn", "cspn"))
                box.memory.fill(target, 600, 0x5A)
                assert getattr(crt, f"{prefix}ncpy")(target, one, count) == target
                got.append(box.memory.read(target, 200))
                assert getattr(crt, f"{prefix}cpy")(target, one) == target
                assert getattr(crt, f"{prefix}cat")(target, other) == target
                got.append(box.memory.read(target, 600))
            box.memory.write(one, wide(first))
            box.memory.write(other, wide(second))
            got += (crt.wcscmp(one, other), crt.wcsncmp(one, other, count), crt.wcscmp(one, one))
            for at in (crt.wcschr(one, c), crt.wcsrchr(one, c)):
                got.append(at and at - one)
            answers.append(got)
        assert answers[0] == answers[1], (first, second, count, c)


@pytest.mark.parametrize("name", ["wcscpy", "wcsncpy", "strncpy"])
def test_copies_to_behind_their_own_beginning(both, name):
    for box in both:
        text = box.alloc(wide(b"abcdef") + bytes(40))
        arguments = (text + 4, text, 12) if name != "wcscpy" else (text + 4, text)
        getattr(box.call.msvcrt, name)(*arguments)
        expected = b"a\0" if name == "strncpy" else wide(b"ababcdef")
        assert box.memory.read(text + (4 if name == "strncpy" else 0), len(expected)) == expected


BY_KEY = bytes.fromhex("8b01 2b02 c3")  # mov eax, [rcx]; sub eax, [rdx]; ret
BY_KEY_IN = bytes.fromhex("ff01 8b02 412b00 c3")  # inc dword [rcx]; mov eax, [rdx]; sub eax, [r8]; ret
ALWAYS = bytes.fromhex("b801000000 c3")  # mov eax, 1; ret


@pytest.mark.parametrize("width", [4, 5, 8, 12, 24])
def test_sorting_and_searching(both, width):
    """The same order of equal elements, which depends on every comparison."""
    chance = random.Random(width)
    for count in (0, 1, 2, 3, 7, 8, 9, 10, 17, 40, 130):
        for kind in range(4):
            keys = [chance.randrange(count) if kind == 0 else chance.randrange(3) if kind == 1 else
                    at if kind == 2 else count - at for at in range(count)]  # fmt: skip
            elements = [key.to_bytes(4, "little") + bytes([at] * (width - 4)) for at, key in enumerate(keys)]
            answers = []
            for box in both:
                crt, place = box.call.msvcrt, box.alloc(b"".join(elements) + bytes(8))
                crt.qsort(place, count, width, box.process.code(BY_KEY))
                got = [box.memory.read(place, count * width + 8)]
                box.memory.write(place, b"".join(elements))
                crt.qsort_s(place, count, width, box.process.code(BY_KEY_IN), context := box.alloc(8))
                got += (box.memory.read(place, count * width + 8), box.memory.u32(context))
                for key in range(-1, count + 1, max(count // 10, 1)):
                    array = (box.alloc((key & 0xFFFFFFFF).to_bytes(4, "little")), place, count, width)
                    for at in (crt.bsearch(*array, box.process.code(BY_KEY)),
                               crt.bsearch_s(*array, box.process.code(BY_KEY_IN), context)):  # fmt: skip
                        got.append(at and at - place)
                answers.append((got, box.memory.u32(context)))
            assert answers[0] == answers[1], (count, kind)
            assert [row[:4] for row in split(answers[0][0][0][:-8], width)] == sorted(row[:4] for row in elements)


def split(data, width):
    return [data[at : at + width] for at in range(0, len(data), width)]


def test_a_comparison_that_contradicts_itself_loses_nothing(both):
    for count in (2, 9, 33, 100):
        for box in both:
            place = box.alloc(bytes(range(count)) + b"\xee")
            box.call.msvcrt.qsort(place, count, 1, box.process.code(ALWAYS))
            data = box.memory.read(place, count + 1)
            assert sorted(data[:-1]) == list(range(count)) and data[-1] == 0xEE


def test_what_cannot_be_sorted_is_the_hosts_to_refuse(box):
    crt = box.call.ucrtbase
    place, compare = box.alloc(b"cab"), box.process.code(BY_KEY)
    handler = box.process.code(bytes.fromhex("c3"))
    crt._set_invalid_parameter_handler(handler)
    for base, count, width, function in ((0, 3, 1, compare), (place, 3, 0, compare), (place, 3, 1, 0)):
        crt._set_errno(0)
        crt.qsort(base, count, width, function)
        assert box.memory.u32(crt._errno()) == 22
    crt._set_errno(0)
    crt.qsort(0, 0, 1, compare)
    assert crt.bsearch(place, 0, 0, 1, compare) == 0
    assert box.memory.u32(crt._errno()) == 0
    assert box.memory.read(place, 3) == b"cab"


NUMBERS = [
    b"", b"0", b"  12", b"\t\n\v\f\r -7x", b"+9", b"+-9", b"-", b"- 5", b"123456789", b"1234567890", b"-999999999",
    b"2147483648", b"-2147483649", b"99999999999999999999", b"0x1F", b"017", b"\xa05", b"5\xa0", b"1e5", b"x",
    b" \x855",
]  # fmt: skip


def test_decimal_numbers(both):
    for text in NUMBERS:
        for base in (10, 0, 16, 36):
            answers = []
            for box in both:
                place, end = box.alloc(text + b"\0"), box.alloc(bytes(8))
                for crt in (box.call.msvcrt, box.call.ucrtbase):
                    crt._set_errno(0)
                    got = [crt.strtol(place, end, base), box.memory.u64(end) - place, crt.atoi(place), crt.atol(place)]
                    answers.append((*got, crt.strtol(place, 0, base), box.memory.u32(crt._errno())))
            half = len(answers) // 2
            assert answers[:half] == answers[half:], (text, base)


def test_signs(both):
    for n in (0, 1, -1, 0x7FFFFFFF, -0x80000000):
        assert {box.call.msvcrt.abs(n) for box in both} == {box.call.msvcrt.labs(n) for box in both}
        assert len({box.call.ucrtbase.llabs(n << 32) for box in both}) == 1


def test_random_numbers(both):
    """Each run-time has its own, for each thread, and begins with 1."""
    for box in both:
        msvcrt, ucrt = box.call.msvcrt, box.call.ucrtbase
        first = [msvcrt.rand() for _ in range(5)]
        assert first == [41, 18467, 6334, 26500, 19169]
        assert [ucrt.rand() for _ in range(5)] == first
        msvcrt.srand(0)
        assert [msvcrt.rand() for _ in range(3)] == [38, 7719, 21238]
        ucrt.srand(1)
        msvcrt.srand(0xFFFFFFFF)
        assert [ucrt.rand() for _ in range(5)] == first
        assert msvcrt.rand() == 35


@pytest.mark.parametrize("locale", ["C", "German_Germany.1252", "Turkish_Türkiye.1254"])
def test_comparing_letters_whatever_their_case(both, locale):
    chance = random.Random(11)
    places = [(box.alloc(256), box.alloc(256)) for box in both]
    for box in both:
        box.call.msvcrt.setlocale(0, box.alloc(locale.encode("cp1254") + b"\0"))
    for _ in range(300):
        length, letters = chance.randrange(12), b"aAbBzZ@[`{iI_\x7f" * 5 + b"\xe4\xc4"
        first = [chance.choice(letters) for _ in range(length)]
        second = [c ^ 0x20 if chance.random() < 0.3 and chr(c).isalpha() else c for c in first][: chance.randrange(14)]
        count, answers = chance.randrange(14), []
        for box, (one, other) in zip(both, places, strict=True):
            crt, got = box.call.msvcrt, []
            box.memory.write(one, bytes(first) + b"\0")
            box.memory.write(other, bytes(second) + b"\0")
            got += (crt._stricmp(one, other), crt._strnicmp(one, other, count))
            box.memory.write(one, wide(first))
            box.memory.write(other, wide(second))
            got += (crt._wcsicmp(one, other), crt._wcsnicmp(one, other, count))
            answers.append(got)
        assert answers[0] == answers[1], (first, second, count)


def test_long_strings(both):
    """Engines that run code at full speed measure and compare texts of any length by machine code."""
    chance = random.Random(13)
    memory = [box.memory.allocate(0x2000, 0x04) for box in both]
    for box, base in zip(both, memory, strict=True):
        assert box.call.kernel32.VirtualProtect(base + 0x1000, 0x1000, 1, box.alloc(8))
    for length in [*range(40), 127, 128, 129, 500, 1500]:
        text = bytes(chance.choice(b"ab") for _ in range(length))
        other = bytearray(text)
        if length and chance.random() < 0.7:
            other[chance.randrange(length)] ^= 3
        answers = []
        for box, base in zip(both, memory, strict=True):
            crt, end = box.call.msvcrt, base + 0x1000
            one, two, target = end - length - 1, box.alloc(bytes(other) + b"\0"), box.alloc(2 * length + 4)
            box.memory.write(one, text + b"\0")
            got = [crt.strlen(one), crt.strcmp(one, two), crt.strcmp(two, one), crt.strncmp(one, two, length // 2 + 1),
                   crt.memcmp(one, two, length), crt.memcmp(two, one, length + 1)]  # fmt: skip
            for function, *more in ((crt.strchr,), (crt.strrchr,), (crt.memchr, length + 1)):
                for c in b"abc\0":
                    at = function(one, c, *more)
                    got.append(at and at - one)
            assert crt.strcpy(target, one) == target
            got.append(box.memory.read(target, length + 2))
            for start in (end - 2 * length - 2, target):
                box.memory.write(start, wide(text))
                got.append(crt.wcslen(start))
            odd = box.alloc(2 * length + 8) + 1
            box.memory.write(odd, wide(text))
            got.append(crt.wcslen(odd))
            answers.append(got)
        assert answers[0] == answers[1], length
