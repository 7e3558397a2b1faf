"""Escapes of texts that others chose."""

import doctest

import pytest

from litebox_core import escapes
from litebox_core.pe.errors import printable
from litebox_core.trace.values import string
from litebox_core.tracefiles.wording import value_text


def test_the_examples():
    assert doctest.testmod(escapes) == (0, 2)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain é €", "plain é €"),
        ("\n\r\t\0\x1b[2J", "\\n\\r\\t\\x00\\x1b[2J"),
        ("\x9b\ud800\u202e", "\\x9b\\ud800\\u202e"),
        ("\U000e0001", "\\U000e0001"),
    ],
)
def test_one_spelling_everywhere(text, shown):
    assert escapes.escaped(text) == printable(text) == shown
    assert escapes.quoted(text) == string(text) == value_text(text) == f'"{shown}"'


def test_quotes_and_backslashes():
    assert escapes.quoted('"\\') == string('"\\') == value_text('"\\') == '"\\"\\\\"'
    assert value_text("a" * 200) == '"' + "a" * 120 + '..."+80'
