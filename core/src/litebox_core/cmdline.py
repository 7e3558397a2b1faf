"""Command lines: splitting as the C run-times and CommandLineToArgvW do, quoting, and the expansion of wildcards.

A command line is a `str` (code units or bytes as latin-1).
"""

from collections.abc import Callable, Iterable, Sequence
from enum import IntEnum
from typing import NamedTuple


class Rules(IntEnum):
    """Whose rules; they differ in the program name and in ``""`` inside quotes."""

    CRT = 0
    """MSVCRT and UCRT: ``""`` inside quotes is a quote, and the quoted part goes on."""
    SHELL = 1
    """CommandLineToArgvW: ``""`` inside quotes is a quote, and the quoted part ends. A quoted program name ends at its
    second quote, whatever follows."""


class Word(NamedTuple):
    """One argument of a command line."""

    text: str
    quoted: bool
    """Some of it was in quotes: wildcards in it are not expanded."""


def split(line: str, rules: Rules) -> list[str]:
    """The arguments of a command line; the first is the program name, empty when there is none."""
    return [word.text for word in split_words(line, rules)]


def split_words(line: str, rules: Rules) -> list[Word]:
    """Like `split`, and whether each argument was quoted."""
    name, at = _shell_program(line) if rules is Rules.SHELL else _program(line)
    words = [name]
    while True:
        while line[at : at + 1] in (" ", "\t"):
            at += 1
        if at >= len(line):
            return words
        word, at = _argument(line, at, rules)
        words.append(word)


def _program(line: str) -> tuple[Word, int]:
    """The program name of the C run-times: quotes group, backslashes mean themselves."""
    out: list[str] = []
    inside = quoted = False
    at = 0
    for at, char in enumerate(line):
        if char == '"':
            inside = not inside
            quoted = True
        elif char in " \t" and not inside:
            return Word("".join(out), quoted), at
        else:
            out.append(char)
    return Word("".join(out), quoted), len(line)


def _shell_program(line: str) -> tuple[Word, int]:
    if line.startswith('"'):
        end = line.find('"', 1)
        if end < 0:
            return Word(line[1:], True), len(line)
        return Word(line[1:end], True), end + 1
    for at, char in enumerate(line):
        if char in " \t":
            return Word(line[:at], False), at
    return Word(line, False), len(line)


def _argument(line: str, at: int, rules: Rules) -> tuple[Word, int]:
    out: list[str] = []
    inside = quoted = False
    size = len(line)
    while at < size:
        char = line[at]
        if char == "\\":
            start = at
            while at < size and line[at] == "\\":
                at += 1
            count = at - start
            if line[at : at + 1] != '"':
                out.append("\\" * count)
                continue
            out.append("\\" * (count // 2))
            if count & 1:
                out.append('"')
                at += 1
            continue
        if char == '"':
            quoted = True
            if inside and line[at + 1 : at + 2] == '"':
                out.append('"')
                at += 2
                inside = rules is Rules.CRT
                continue
            inside = not inside
        elif char in " \t" and not inside:
            break
        else:
            out.append(char)
        at += 1
    return Word("".join(out), quoted), at


def quote_argument(argument: str, force: bool = False) -> str:
    """`argument` as all of the `Rules` read it back. Quotes are added where they are needed, or when `force`."""
    if argument and not force and not any(char in ' \t\n\v"' for char in argument):
        return argument
    out = ['"']
    backslashes = 0
    for char in argument:
        if char == "\\":
            backslashes += 1
            continue
        if char == '"':
            out.append("\\" * (2 * backslashes + 1))
        else:
            out.append("\\" * backslashes)
        backslashes = 0
        out.append(char)
    out.append("\\" * (2 * backslashes) + '"')
    return "".join(out)


def join(program: str, arguments: Iterable[str]) -> str:
    """A command line that all of the `Rules` split into `program` and `arguments`.

    Raises ValueError when `program` contains a quote: no command line can say that.
    """
    if '"' in program:
        raise ValueError(program)
    needs_quotes = not program or " " in program or "\t" in program
    first = f'"{program}"' if needs_quotes else program
    return " ".join([first, *map(quote_argument, arguments)])


def expand_wildcards(words: Sequence[Word], find: Callable[[str], Iterable[str]], limit: int = 1 << 16) -> list[str]:
    """The arguments with unquoted ``*`` and ``?`` replaced by the files they match, in alphabetical order.

    `find` gives the names in the pattern's folder that match its last part, as FindFirstFile does. A pattern that
    matches nothing stays. The program name is never expanded. Raises OverflowError beyond `limit` names.
    """
    out: list[str] = []
    for index, word in enumerate(words):
        text = word.text
        if index == 0 or word.quoted or not ("*" in text or "?" in text):
            out.append(text)
            continue
        start = max(text.rfind("\\"), text.rfind("/"), text.rfind(":")) + 1
        names: list[str] = []
        for name in find(text):
            if name in (".", ".."):
                continue
            if len(out) + len(names) >= limit:
                raise OverflowError(limit)
            names.append(name)
        names.sort(key=str.lower)
        out.extend([text[:start] + name for name in names] or [text])
    return out
