"""Numbers as text, what a program changes of the user's locale, the languages of the user interface."""

import pytest

from litebox_core.abi import DWORD
from litebox_core.winerror import ERROR_INSUFFICIENT_BUFFER, ERROR_INVALID_FLAGS, ERROR_INVALID_PARAMETER

LOCALE_SDECIMAL, LOCALE_SDATE, LOCALE_SSHORTDATE, LOCALE_SDAYNAME1 = 0xE, 0x1D, 0x1F, 0x2A
LOCALE_NOUSEROVERRIDE = 0x80000000
MUI_LANGUAGE_ID, MUI_LANGUAGE_NAME = 4, 8
EN_US, EN_IN, DE_DE, FR_FR = 0x409, 0x4009, 0x407, 0x40C


def number(box, lcid, text):
    buffer = box.alloc(200)
    return box.memory.wstr(buffer) if box.call.kernel32.GetNumberFormatW(lcid, 0, text, 0, buffer, 100) else None


def money(box, lcid, text):
    buffer = box.alloc(200)
    return box.memory.wstr(buffer) if box.call.kernel32.GetCurrencyFormatW(lcid, 0, text, 0, buffer, 100) else None


@pytest.mark.parametrize(
    ("lcid", "text", "result"),
    [(EN_US, "1234567.891", "1,234,567.89"), (EN_US, "-999999.999", "-1,000,000.00"),
     (DE_DE, "1234567", "1.234.567,00"),
     (EN_IN, "123456789", "12,34,56,789.00"), (EN_US, "007", "7.00"), (EN_US, "1 2", None), (EN_US, "+1", None)],
)  # fmt: skip
def test_numbers_in_groups(box, lcid, text, result):
    assert number(box, lcid, text) == result
    if result is None:
        assert box.last_error == ERROR_INVALID_PARAMETER


def test_money(box):
    assert money(box, EN_US, "-1234567.5") == "($1,234,567.50)"
    assert money(box, DE_DE, "1234567.5") == "1.234.567,50 \u20ac"


def info(box, lcid, lctype, room=100):
    buffer = box.alloc(200)
    count = box.call.kernel32.GetLocaleInfoW(lcid, lctype, buffer, room)
    return count, box.memory.wstr(buffer)


def test_what_a_program_changes(box):
    k32 = box.call.kernel32
    assert k32.SetLocaleInfoW(EN_US, LOCALE_SDECIMAL, "~") == 1
    assert info(box, EN_US, LOCALE_SDECIMAL) == (2, "~")
    assert info(box, EN_US, LOCALE_SDECIMAL | LOCALE_NOUSEROVERRIDE) == (2, ".")
    assert info(box, DE_DE, LOCALE_SDECIMAL) == (2, ",")
    assert number(box, EN_US, "1.5") == "1~50"
    assert k32.SetLocaleInfoW(EN_US, LOCALE_SDATE, "-") == 1
    assert info(box, EN_US, LOCALE_SSHORTDATE) == (9, "M-d-yyyy")
    assert k32.SetLocaleInfoW(EN_US, LOCALE_SDAYNAME1, "Moonday") == 0
    assert box.last_error == ERROR_INVALID_FLAGS
    assert k32.SetLocaleInfoW(EN_US, LOCALE_SDECIMAL, "much too long") == 0
    assert box.last_error == ERROR_INVALID_PARAMETER


def test_a_buffer_that_is_too_small_is_filled(box):
    assert info(box, EN_US, LOCALE_SDAYNAME1, 3) == (0, "Mon")
    assert box.last_error == ERROR_INSUFFICIENT_BUFFER


def test_languages(box):
    k32 = box.call.kernel32
    count, size = box.new(DWORD), box.new(DWORD)
    assert k32.GetUserPreferredUILanguages(MUI_LANGUAGE_NAME, count, 0, size) == 1
    assert (count.value, size.value) == (1, 7)
    buffer = box.alloc(20)
    assert k32.GetUserPreferredUILanguages(MUI_LANGUAGE_NAME, count, buffer, size) == 1
    assert box.memory.read(buffer, 14) == "en-US\0\0".encode("utf-16-le")
    size.value = 0
    assert k32.GetSystemPreferredUILanguages(MUI_LANGUAGE_ID, count, buffer, size) == 0
    assert (box.last_error, size.value) == (ERROR_INSUFFICIENT_BUFFER, 6)
