"""Texts that nobody would write, for what formats, finds and compares: no failure, no hours, no gigabytes."""

import struct
import time

import pytest

from litebox_core.winerror import ERROR_INVALID_PARAMETER, ERROR_NOT_ENOUGH_MEMORY
from litebox_kernel32.resources import resource_key

ENGLISH = 0x409
FIND_FROMSTART, FIND_ENDSWITH = 0x400000, 0x200000


@pytest.fixture(autouse=True)
def seconds():
    """What one test may take."""
    began = time.monotonic()
    yield
    assert time.monotonic() - began < 30


@pytest.mark.parametrize(
    ("number", "result"),
    [
        ("9" * 5000 + ".999", "1" + "0" * 5000 + ".00"),
        ("1" * 5000 + ".995", "1" * 4999 + "2.00"),
        ("1" + "9" * 5000 + ".5", "1" + "9" * 5000 + ".50"),
        (".999", "1.00"),
        (".994", "0.99"),
        (".", "0.00"),
        ("", "0.00"),
    ],
)
def test_numbers_of_any_length_are_rounded(box, number, result):
    form = box.alloc(struct.pack("<III4xQQI4x", 2, 1, 0, box.alloc("."), box.alloc(","), 1))
    room = box.wide(6000)
    assert box.call.kernel32.GetNumberFormatW(ENGLISH, 0, number, form, room, 6000) == len(result) + 1
    assert room.text == result


def test_separators_that_are_long(box):
    form = box.alloc(struct.pack("<III4xQQI4x", 0, 1, 1, box.alloc("."), box.alloc("," * 1_000_000), 1))
    assert box.call.kernel32.GetNumberFormatW(ENGLISH, 0, "1" * 1_000_000, form, 0, 0) == 0
    assert box.last_error == ERROR_INVALID_PARAMETER


def test_dates_of_many_fields(box):
    date = box.alloc(struct.pack("<8H", 2024, 2, 0, 29, 0, 0, 0, 0))
    assert box.call.kernel32.GetDateFormatW(ENGLISH, 0, date, "d " * 100_000, 0, 0) == 300_001
    room = box.wide(100)
    assert box.call.kernel32.GetDateFormatW(ENGLISH, 0, date, "d MMMM, yy 'of' yyyy", room, 100) == 24
    assert room.text == "29 February, 24 of 2024"


@pytest.mark.parametrize(("text", "value"), [("a" * 20_000, "a" * 10_000 + "b"), ("\u0301" * 20_000, "ab")])
def test_texts_that_nearly_hold_what_is_looked_for(box, text, value):
    find = box.call.kernel32.FindNLSStringEx
    assert find(None, FIND_FROMSTART, text, len(text), value, len(value), 0, 0, 0, 0) == -1
    assert box.last_error == ERROR_NOT_ENOUGH_MEMORY


def test_what_is_looked_for_at_the_end_of_a_long_text(box):
    text = "The quick brown fox jumps over the lazy dog. " * 2000 + "Ende\u0301 x"
    find = box.call.kernel32.FindNLSStringEx
    assert find(None, FIND_FROMSTART, text, len(text), "end\u00e9", 4, 0, 0, 0, 0) == -1
    assert find(None, FIND_FROMSTART | 1, text, len(text), "end\u00e9", 4, 0, 0, 0, 0) == 90000


@pytest.mark.parametrize("year", ["9" * 5000, "\u00b2", "\u0661", ""])
def test_years_that_are_none(box, year):
    assert box.call.kernel32.SetCalendarInfoW(ENGLISH, 1, 0x30, year) == 0
    assert box.last_error == ERROR_INVALID_PARAMETER


def test_years_with_many_zeros(box):
    assert box.call.kernel32.SetCalendarInfoW(ENGLISH, 1, 0x30, "0" * 5000 + "2050") == 1


def test_groups_that_are_no_numbers(box):
    room = box.wide(50)
    assert box.call.kernel32.SetLocaleInfoW(ENGLISH, 0x10, "\u00b2;0") == 1
    assert box.call.kernel32.GetNumberFormatW(ENGLISH, 0, "1234567", 0, room, 50) == 11
    assert room.text == "1234567.00"


@pytest.mark.parametrize("name", ["#" + "9" * 5000, "#\u00b2", "#"])
def test_names_of_resources_that_are_nearly_numbers(name):
    assert resource_key(name) == name


def test_widths_that_are_nearly_numbers(box):
    """FORMAT_MESSAGE_FROM_STRING, FORMAT_MESSAGE_ARGUMENT_ARRAY"""
    room, values = box.wide(50), box.alloc((5).to_bytes(8, "little"))
    assert box.call.kernel32.FormatMessageW(0x2400, "%1!\u00b2d!", 0, 0, room, 50, values) > 0
