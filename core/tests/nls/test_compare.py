"""Sort keys and comparisons: tables measured on the referee, and what Microsoft documents of the flags."""

import random
import time

import pytest

from litebox_core.nls.compare import (
    CSTR_EQUAL,
    CSTR_GREATER_THAN,
    CSTR_LESS_THAN,
    LINGUISTIC_IGNORECASE,
    LINGUISTIC_IGNOREDIACRITIC,
    NORM_IGNORECASE,
    NORM_IGNOREKANATYPE,
    NORM_IGNORENONSPACE,
    NORM_IGNORESYMBOLS,
    NORM_IGNOREWIDTH,
    SORT_DIGITSASNUMBERS,
    SORT_STRINGSORT,
    compare,
    compare_ordinal,
    sort_key,
)


@pytest.mark.parametrize(
    ("text", "flags", "key", "why"),
    [
        ("", 0, "0101010100", "nothing"),
        ("abC", 0, "0e020e090e0a0101020212010100", "upper case is a case weight"),
        ("aé", 0, "0e020e2101020e01010100", "an accent is a diacritic weight"),
        ("ae\u0301", 0, "0e020e2101020e01010100", "composed or not"),
        ("e\u0301\u0302", 0, "0e21011e01010100", "marks add up"),
        ("\u0301a", 0, "0e02010c01010100", "a mark with nothing before it"),
        ("æß", 0, "0e020e210e910e910101010100", "expansions"),
        ("co-op", 0, "0e0a0e7c0e7c0e7e01010101fffd821200", "word sort: the hyphen comes last, with its position"),
        ("co-op", SORT_STRINGSORT, "0e0a0e7c06820e7c0e7e0101010100", "string sort: as any symbol"),
        ("a\u00ad\0b", 0, "0e020e090101010100", "soft hyphen and NUL have no weight"),
        ("カ", 0, "220a010101ff02c4ffff0100", "katakana"),
        ("かｱァ", 0, "220a22022202010101c6c6c4ff02e4c4c4ffc5c4ff0100", "hiragana, half width, small"),
        ("日本", 0, "fdff547ffdff55c80101010100", "ideographs take two words"),
        ("😀", 0, "b03fb6fc013f3f013f3f010100", "surrogates have weights of their own"),
        ("\ue001", 0, "a902430101010100", "private use takes three bytes"),
        ("012", SORT_DIGITSASNUMBERS, "0d020434fd0101010100", "a number with a leading zero"),
        ("100", SORT_DIGITSASNUMBERS, "0d02052322fe0101010100", "an odd number of digits"),
        ("12345678901234567890", SORT_DIGITSASNUMBERS, "0d021523456789ab23456789abfe0d0202fd0101010100", "19 at most"),
        ("Æé", NORM_IGNORECASE, "0e020e210e210102020e01010100", "ignore case"),
        ("Æé", NORM_IGNORENONSPACE, "0e020e210e2101011212010100", "ignore diacritics"),
        ("a b-!", NORM_IGNORESYMBOLS, "0e020e090101010100", "ignore symbols"),
    ],
)  # fmt: skip
def test_sort_key(text: str, flags: int, key: str, why: str) -> None:
    assert sort_key(text, flags).hex() == key, why


LESS = [
    ("a", "b", 0, "letters"),
    ("a", "A", 0, "lower case first"),
    ("A", "b", 0, "case counts only where all else is equal"),
    ("e", "é", 0, "no accent first"),
    ("é", "f", 0, "accents count only where letters are equal"),
    ("coop", "co-op", 0, "word sort keeps them together"),
    ("co-op", "coot", 0, "word sort looks at the hyphen last"),
    ("co-op", "coop", SORT_STRINGSORT, "string sort has symbols before letters"),
    ("z", "ア", 0, "scripts"),
    ("_a", "1", 0, "symbols before digits"),
    ("9", "a", 0, "digits before letters"),
    ("10", "9", 0, "digit by digit"),
    ("9", "10", SORT_DIGITSASNUMBERS, "as numbers"),
    ("file9.txt", "file10.txt", SORT_DIGITSASNUMBERS | NORM_IGNORECASE, "as in a list of files"),
    ("か", "が", 0, "voicing is a diacritic"),
]

EQUAL = [
    ("a", "A", NORM_IGNORECASE, "case"),
    ("a", "A", LINGUISTIC_IGNORECASE, "case"),
    ("é", "e", NORM_IGNORENONSPACE, "diacritics"),
    ("é", "e", LINGUISTIC_IGNOREDIACRITIC, "diacritics"),
    ("e\u0301", "e", LINGUISTIC_IGNOREDIACRITIC, "nonspacing marks"),
    ("a-b !", "ab", NORM_IGNORESYMBOLS, "symbols"),
    ("あ", "ア", NORM_IGNOREKANATYPE, "kana type"),
    ("ｱＡ", "アA", NORM_IGNOREWIDTH, "width"),
    ("æ", "ae", 0, "expansion"),
    ("straße", "strasse", 0, "expansion"),
    ("e\u0301", "é", 0, "composed or not"),
    ("a\u200d", "a", 0, "no weight"),
]


@pytest.mark.parametrize(("left", "right", "flags", "why"), LESS)
def test_less(left: str, right: str, flags: int, why: str) -> None:
    assert compare(left, right, flags) == CSTR_LESS_THAN, why
    assert compare(right, left, flags) == CSTR_GREATER_THAN, why


@pytest.mark.parametrize(("left", "right", "flags", "why"), EQUAL)
def test_equal(left: str, right: str, flags: int, why: str) -> None:
    assert compare(left, right, flags) == CSTR_EQUAL, why


def test_flags_make_a_difference() -> None:
    for left, right, flags, _ in EQUAL:
        if flags:
            assert compare(left, right) != CSTR_EQUAL


def test_every_key_has_five_lists_and_no_text_breaks_it() -> None:
    chance = random.Random(7)
    for _ in range(300):
        text = "".join(chr(chance.randrange(0x11000)) for _ in range(chance.randrange(20)))
        key = sort_key(text, chance.choice((0, 0x1000, 0x0803103F)))
        assert key.endswith(b"\0")
        assert key.count(b"\1") >= 4


@pytest.mark.parametrize(
    ("left", "right", "ignore_case", "result"),
    [
        ("a", "A", False, CSTR_GREATER_THAN),
        ("a", "A", True, CSTR_EQUAL),
        ("a", "_", True, CSTR_LESS_THAN),
        ("a", "_", False, CSTR_GREATER_THAN),
        ("é", "É", True, CSTR_EQUAL),
        ("ß", "ss", True, CSTR_GREATER_THAN),
        ("\uffff", "😀", False, CSTR_GREATER_THAN),
        ("ab", "abc", False, CSTR_LESS_THAN),
        ("", "", True, CSTR_EQUAL),
    ],
)
def test_ordinal(left: str, right: str, ignore_case: bool, result: int) -> None:
    assert compare_ordinal(left, right, ignore_case) == result, "ordinal is by UTF-16 units in upper case"


def test_long_texts_take_linear_time() -> None:
    start = time.perf_counter()
    sort_key("e\u0301-1カ" * 50_000, SORT_DIGITSASNUMBERS)
    assert time.perf_counter() - start < 10
