"""File names: legality, 8.3 names, wildcards and the host's spelling."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litebox_ntdll.executive.names import (
    find_pattern,
    guest_name,
    host_name,
    is_legal_8dot3,
    is_legal_name,
    matcher,
    short_name,
    upcase,
)

# Measured: RtlIsNameLegalDOS8Dot3
LEGAL_8DOT3 = [
    ("a", True, False),
    ("A.B", True, False),
    ("12345678.123", True, False),
    ("123456789", False, False),
    ("a.1234", False, False),
    (".", True, False),
    ("..", True, False),
    (".a", False, False),
    ("a.", False, False),
    ("a..b", False, False),
    ("a.b.c", False, False),
    ("a b", True, True),
    ("a b.c", True, True),
    (" a", False, False),
    ("a ", False, False),
    ("a .b", False, False),
    ("a. b", True, True),
    ("a.b ", False, False),
    ("", True, False),
    ("a+b", False, False),
    ("a,b", False, False),
    ("a[b", False, False),
    ("a;b", False, False),
    ("a=b", False, False),
    ("a~1", True, False),
    ("a'b", True, False),
    ("lower.txt", True, False),
    ("...", False, False),
    ('a"b', False, False),
    ("a*", False, False),
    ("a?", False, False),
]


@pytest.mark.parametrize(("name", "legal", "spaces"), LEGAL_8DOT3)
def test_8dot3(name, legal, spaces):
    assert is_legal_8dot3(name) == (legal, spaces)


def test_short_names():
    taken: dict[str, str] = {}
    made = []
    for name in ("Program Files", "Program Files (x86)", "ProgramData", "program.longer", "Program 5", "a.b.c"):
        made.append(short_name(name, taken))
        taken[made[-1]] = name
    assert made[:4] == ["PROGRA~1", "PROGRA~2", "PROGRA~3", "PROGRA~1.LON"]
    assert made[4] == "PROGRA~4"
    assert made[5][2:6].isalnum() and made[5].endswith("~1.C")
    assert all(is_legal_8dot3(name) == (True, False) for name in made)
    assert short_name("PLAIN.TXT", {}) == ""


def test_short_names_never_repeat():
    taken: dict[str, str] = {}
    for i in range(2000):
        short = short_name(f"a long name {i}", taken)
        assert short and short not in taken and is_legal_8dot3(short)[0]
        taken[short] = "x"


NAMES = ["a", "b.txt", "file.txt", "file.tx", "file.c", "noext", "two.dots.txt", "ab", "abc", "abcd.e", ".hid", "a.b.c"]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*", NAMES),
        ("*.*", NAMES),
        ("*.", ["a", "noext", "ab", "abc"]),
        ("ab*.", ["ab", "abc"]),
        ("?", ["a"]),
        ("??", ["a", "ab"]),
        ("file.???", ["file.txt", "file.tx", "file.c"]),
        ("file.t?", ["file.tx"]),
        ("*.c", ["file.c", "a.b.c"]),
        ("*.t*", ["b.txt", "file.txt", "file.tx", "two.dots.txt"]),
        ("a.*", ["a", "a.b.c"]),
        ("no*.*", ["noext"]),
        ("FILE.TXT", ["file.txt"]),
        ("file.txt.", ["file.txt"]),
        ("f*t", ["file.txt"]),
        ("*d*.t?t", ["two.dots.txt"]),
        ("????????.???", [n for n in NAMES if n not in ("two.dots.txt", "a.b.c")]),
        ("nothing", []),
    ],
)
def test_find(pattern, found):
    matches = matcher(find_pattern(pattern))
    assert [name for name in NAMES if matches(upcase(name))] == found


@pytest.mark.parametrize(
    ("pattern", "name", "matches"),
    [
        ("<.txt", "two.dots.txt", True), ("<", "a.b", False), ("<", "ab", True), ("<.", "a.b.", True),
        ("a>>>", "ab", True), ("a>>>", "abcd", True), ("a>>>", "abcde", False), ("a>.b", "a.b", True),
        ('a"', "a", True), ('a"', "a.", True), ('a"b', "a.b", True), ('a"b', "ab", False), ("a?", "a", False),
        ("", "x", True), ("É*", "état", True),
    ],
)  # fmt: skip
def test_dos_wildcards(pattern, name, matches):
    assert matcher(pattern)(upcase(name)) is matches


def test_matching_is_not_exponential():
    start = time.perf_counter()
    assert not matcher("*a" * 300)("A" * 254 + "B")
    assert not matcher("x" * 5000)("X" * 255)
    assert time.perf_counter() - start < 2


@given(st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=40))
def test_host_names_and_back(name):
    shown = guest_name(name)
    if shown is not None:
        assert host_name(shown) == name


def test_host_spelling():
    assert guest_name("a:b?") == "a\uf03ab\uf03f"
    assert guest_name(b"\xff.txt".decode("utf-8", "surrogateescape")) == "\uf0ff.txt"
    assert guest_name("own\uf03a") is None
    assert host_name("x\uf02f") == "x\uf02f"  # never a separator
    with pytest.raises(ValueError):
        host_name("\ud800")


def test_legal_names():
    assert is_legal_name("a" * 255) and not is_legal_name("a" * 256)
    assert is_legal_name("\U0001f600" * 127) and not is_legal_name("\U0001f600" * 128)
    assert not any(is_legal_name(n) for n in ("", ".", "..", "a/b", "a\\b", "a:b", "a*", "a\x01"))
