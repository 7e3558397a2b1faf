import pytest
from hypothesis import given
from hypothesis import strategies as st

from litebox_core.cmdline import Rules, Word, expand_wildcards, join, quote_argument, split, split_words


@pytest.mark.parametrize(
    "line, crt, shell",
    [
        ("x a b c", ["x", "a", "b", "c"], None),
        ('x "a b" c', ["x", "a b", "c"], None),
        ('x a"b c"d', ["x", "ab cd"], None),
        (r"x a\b \\c \ ".rstrip() + r" \\", ["x", r"a\b", r"\\c", "\\", r"\\"], None),
        (r'x "a\\" b', ["x", "a\\", "b"], None),
        (r"x a\"b c", ["x", 'a"b', "c"], None),
        (r"x a\\\"b", ["x", r"a\"b"], None),
        ('x "" b', ["x", "", "b"], None),
        ('x "a""b c" d', ["x", 'a"b c', "d"], ["x", 'a"b', "c d"]),
        ('x """a b""" c', ["x", '"a b"', "c"], ["x", '"a', 'b"', "c"]),
        ('x "a""" b', ["x", 'a"', "b"], ["x", 'a" b']),
        ('x """" a', ["x", '"', "a"], ["x", '" a']),
        ('x "a b', ["x", "a b"], None),
        ("x \t a\tb ", ["x", "a", "b"], None),
        ("x 'a b'", ["x", "'a", "b'"], None),
        ('"x y"z a', ["x yz", "a"], ["x y", "z", "a"]),
        ('x"y z" a', ["xy z", "a"], ['x"y', "z a"]),
        (r'"c:\a b\"c d', [r"c:\a b\c", "d"], ["c:\\a b\\", "c", "d"]),
        ("x", ["x"], None),
        ("", [""], None),
        ("  a", ["", "a"], None),
    ],
)
def test_split(line: str, crt: list[str], shell: list[str] | None) -> None:
    assert split(line, Rules.CRT) == crt
    assert split(line, Rules.SHELL) == (crt if shell is None else shell)


def test_quoted_words() -> None:
    assert split_words('x a "b c" d"e"', Rules.CRT) == [
        Word("x", False), Word("a", False), Word("b c", True), Word("de", True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "argument, quoted",
    [("a", "a"), ("", '""'), ("a b", '"a b"'), ('a"b', r'"a\"b"'), ("a\\", "a\\"), ("a b\\", '"a b\\\\"'),
     (r"a\"b", r'"a\\\"b"')],
)  # fmt: skip
def test_quote(argument: str, quoted: str) -> None:
    assert quote_argument(argument) == quoted


@given(st.text(st.sampled_from('ab" \\\t'), max_size=6), st.lists(st.text(st.sampled_from('ab" \\\t\n*'), max_size=8)))
def test_join_and_split(program: str, arguments: list[str]) -> None:
    program = program.replace('"', "") or "x"
    line = join(program, arguments)
    assert split(line, Rules.CRT) == [program, *arguments]
    assert split(line, Rules.SHELL) == [program, *arguments]


def test_join_rejects_a_quote_in_the_program() -> None:
    with pytest.raises(ValueError):
        join('a"b', [])


def test_wildcards() -> None:
    asked: list[str] = []

    def find(pattern: str) -> list[str]:
        asked.append(pattern)
        return {"*.c": ["b.c", "A.c", ".", ".."], "d\\?": ["x"], "c:*": ["y"]}.get(pattern, [])

    words = split_words('*.c *.c "*.c" d\\? c:* none?', Rules.CRT)
    assert expand_wildcards(words, find) == ["*.c", "A.c", "b.c", "*.c", "d\\x", "c:y", "none?"]
    assert asked == ["*.c", "d\\?", "c:*", "none?"]
    with pytest.raises(OverflowError):
        expand_wildcards(words, find, limit=2)


def test_long_lines_are_linear() -> None:
    line = "x " + "\\" * 300000 + " " + '"' * 300001 + " a" * 100000
    assert len(split(line, Rules.CRT)) == 3
