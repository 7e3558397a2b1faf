"""Code pages: every page against the measured tables, then the rules that are more than a table."""

import time
import zlib
from pathlib import Path

import pytest

from litebox_core.nls.codepages import CodePage, NoTranslation, codepage, codepages
from litebox_core.nls.pagebase import (
    MB_COMPOSITE,
    MB_ERR_INVALID_CHARS,
    MB_USEGLYPHCHARS,
    WC_COMPOSITECHECK,
    WC_DEFAULTCHAR,
    WC_DISCARDNS,
    WC_ERR_INVALID_CHARS,
    WC_NO_BEST_FIT_CHARS,
)

MEASURED = [
    line.split("\t")
    for line in (Path(__file__).parent / "codepages.tsv").read_text().splitlines()
    if not line.startswith("#")
]


def page(number: int) -> CodePage:
    found = codepage(number)
    assert found is not None
    return found


def decoded(cp: CodePage) -> dict[int, str]:
    leads = [byte for byte in range(256) if cp.is_lead_byte(byte)]
    codes = {byte: bytes((byte,)) for byte in range(256) if byte not in leads}
    codes |= {lead << 8 | trail: bytes((lead, trail)) for lead in leads for trail in range(1, 256)}
    result = {}
    for code, data in codes.items():
        result[code] = cp.decode(data)
        if code > 0xFF and result[code] == cp.unicode_default_char:
            try:
                cp.decode(data, MB_ERR_INVALID_CHARS)
            except NoTranslation:
                result[code] = "\ufffe"
    return result


@pytest.mark.parametrize(("number", "decoding", "best", "exact"), MEASURED, ids=[row[0] for row in MEASURED])
def test_whole_page(number: str, decoding: str, best: str, exact: str) -> None:
    cp = page(int(number))
    table = "".join(f"{code:x} {ord(unit):x};" for code, unit in sorted(decoded(cp).items()))
    assert f"{zlib.crc32(table.encode()):08x}" == decoding
    for expected, flags in ((best, 0), (exact, WC_NO_BEST_FIT_CHARS)):
        rows = []
        for unit in range(65536):
            data, used = cp.encode(chr(unit), flags)
            if not used:
                rows.append(f"{unit:x} {data.hex()};")
        assert f"{zlib.crc32(''.join(rows).encode()):08x}" == expected


@pytest.mark.parametrize(
    ("number", "data", "text", "why"),
    [
        (1252, b"\x81\x8d\x80", "\x81\x8d€", "undefined bytes are C1 controls"),
        (874, b"\xdb", "\uf8c1", "some undefined bytes are in the private use area"),
        (20127, b"\xc1", "A", "ASCII drops the eighth bit"),
        (932, b"\x83\x41\xb1\\~", "アｱ\\~", "Shift-JIS: 5C is the backslash"),
        (932, b"A\x81", "A・", "a lead byte at the end stands alone"),
        (932, b"A\x81\0B", "A・\0B", "a lead byte does not take a NUL with it"),
        (932, b"\x81\x20B", "・B", "but it does take any other byte, valid or not"),
        (936, b"\x80\xb0\xa1", "€啊", "page 936 has the euro at 80"),
        (950, b"\xc6\xa1", "\uf6b1", "ETEN extensions are private use"),
        (20932, b"\xa2\x2f\xa4\xa2", "˘あ", "JIS X 0212 takes two bytes, not EUC's three"),
        (65001, b"\xe2\x82A", "\ufffdA", "one U+FFFD for a sequence cut short"),
        (65001, b"\xe2\x82", "\ufffd", "also at the end"),
        (65001, b"\xc0\xaf", "\ufffd\ufffd", "C0 begins nothing"),
        (65001, b"\xed\xa0\x80", "\ufffd\ufffd", "a surrogate: its first two bytes count as one"),
        (65001, b"\xe0\x80A", "\ufffdA", "overlong"),
        (65001, b"\xf0\x80\x80\xff", "\ufffd\ufffd\ufffd", "overlong"),
        (65001, b"\xf4\x90\x80\x80", "\ufffd\ufffd\ufffd", "above U+10FFFF"),
        (65001, b"\xf8\x80\x80\x80\x80", "\ufffd" * 5, "F8 begins nothing"),
        (65001, b"\xf0\x9f\x98\x80", "😀", "an astral character is one character of str"),
        (65001, b"\xf0\x90A", "\ufffdA", "as Unicode says; Wine 8 loses the A here"),
        (65000, b"+AGkA-A", "iA", "bits that remain are dropped"),
        (65000, b"+AAE!", "\x01!", "any byte that is not Base64 ends the shift"),
        (65000, b"+-+--", "++-", "+- is a plus sign"),
        (65000, b"+\x80+", "\x80", "bytes above 7F pass"),
        (65000, b"+2AA-", "\ud800", "a lone surrogate passes"),
        (54936, b"\x94\x39\xfc\x36", "😀", "four bytes"),
    ],
)  # fmt: skip
def test_decode(number: int, data: bytes, text: str, why: str) -> None:
    assert page(number).decode(data) == text, why


@pytest.mark.parametrize(
    ("number", "data", "why"),
    [
        (874, b"\xdb", "byte without a character"),
        (932, b"\xa0", "same in a double byte page"),
        (932, b"A\x81", "lead byte at the end"),
        (932, b"\x81\x20", "no such pair"),
        (65001, b"\xed\xa0\x80", "surrogate"),
        (54936, b"\x81", "lead byte at the end"),
    ],
)
def test_decode_errors(number: int, data: bytes, why: str) -> None:
    page(number).decode(data)
    with pytest.raises(NoTranslation):
        page(number).decode(data, MB_ERR_INVALID_CHARS)


def test_bytes_that_are_valid_though_undefined() -> None:
    assert page(1252).decode(b"\x81", MB_ERR_INVALID_CHARS) == "\x81"
    assert page(932).decode(b"\x81\x45", MB_ERR_INVALID_CHARS) == "・", "the default character itself"


@pytest.mark.parametrize(
    ("number", "flags", "data", "text"),
    [
        (437, MB_USEGLYPHCHARS, b"\x01\x02\x7f", "☺☻⌂"),
        (1252, MB_USEGLYPHCHARS, b"\x01", "\x01"),
        (1252, MB_COMPOSITE, b"\xe9", "e\u0301"),
        (1252, MB_COMPOSITE, b"\xc1\xc3\x80\xa0", "A\u0301A\u0303€\xa0"),
        (437, MB_COMPOSITE | MB_USEGLYPHCHARS, b"\x01\x82", "☺e\u0301"),
        (932, MB_COMPOSITE, b"\x83\x4b", "カ\u3099"),
    ],
)
def test_decode_flags(number: int, flags: int, data: bytes, text: str) -> None:
    assert page(number).decode(data, flags) == text


@pytest.mark.parametrize(
    ("number", "flags", "text", "data", "used", "why"),
    [
        (437, 0, "’", b"'", False, "best fit"),
        (1252, 0, "Ā∞", b"A8", False, "best fit"),
        (1252, WC_NO_BEST_FIT_CHARS, "Ā∞é", b"??\xe9", True, "no best fit"),
        (1252, 0, "日x", b"?x", True, "default character"),
        (1252, 0, "😀", b"??", True, "one default character per UTF-16 unit"),
        (1252, 0, "\ud83d", b"?", True, "lone surrogate"),
        (500, 0, "日", b"\x6f", True, "EBCDIC's question mark"),
        (932, 0, "アé日", b"\x83\x41e\x93\xfa", False, "two bytes, best fit"),
        (932, 0, "😀", b"??", True, "one default character per UTF-16 unit"),
        (1252, WC_COMPOSITECHECK, "e\u0301", b"\xe9", False, "composes"),
        (1252, 0, "e\u0301", b"e\xb4", False, "without the flag, the accent has a best fit of its own"),
        (1252, WC_COMPOSITECHECK | WC_DISCARDNS, "B\u0301", b"B", False, "discards what does not compose"),
        (1252, WC_COMPOSITECHECK | WC_DEFAULTCHAR, "B\u0301", b"?", True, "replaces what does not compose"),
        (65001, 0, "é😀", b"\xc3\xa9\xf0\x9f\x98\x80", False, "UTF-8"),
        (65001, 0, "\ud800", b"\xef\xbf\xbd", False, "lone surrogate"),
        (65001, 0, "\ud83d\ud83d\ude00\udc00", b"\xef\xbf\xbd\xf0\x9f\x98\x80\xef\xbf\xbd", False, "halves that meet"),
        (65000, 0, "é-+A", b"+AOk--+-A", False, "UTF-7"),
        (65000, 0, "😀!", b"+2D3eAAAh-", False, "an exclamation mark is shifted too"),
        (65000, 0, "\0@A\\~", b"\0+AEA-A+AFwAfg-", False, "which ASCII is direct"),
        (54936, 0, "😀", b"\x94\x39\xfc\x36", False, "GB18030"),
    ],
)  # fmt: skip
def test_encode(number: int, flags: int, text: str, data: bytes, used: bool, why: str) -> None:
    assert page(number).encode(text, flags) == (data, used), why


def test_own_default_character() -> None:
    assert page(1252).encode("日é", 0, b"!") == (b"!\xe9", True)
    assert page(932).encode("😀", 0, b"\x81\x45") == (b"\x81\x45" * 2, True), "two bytes in a double byte page"


def test_lone_surrogate_is_an_error_on_request() -> None:
    for number in (65001, 54936):
        with pytest.raises(NoTranslation):
            page(number).encode("\ud800", WC_ERR_INVALID_CHARS)


def test_flags_a_page_takes() -> None:
    assert page(65000).decode_flags == page(65000).encode_flags == 0
    assert page(65001).decode_flags == page(54936).decode_flags == MB_ERR_INVALID_CHARS
    assert page(65001).encode_flags == page(54936).encode_flags == WC_ERR_INVALID_CHARS
    assert not page(1252).encode_flags & WC_ERR_INVALID_CHARS
    assert page(1252).decode_flags & MB_USEGLYPHCHARS


def test_what_cpinfoex_says() -> None:
    cp = page(932)
    assert (cp.max_char_size, cp.default_char, cp.unicode_default_char) == (2, b"?", "・")
    assert cp.lead_bytes == ((0x81, 0x9F), (0xE0, 0xFC))
    assert (cp.is_lead_byte(0x81), cp.is_lead_byte(0xA1)) == (True, False)
    assert (page(65001).max_char_size, page(65000).max_char_size) == (4, 5)
    assert page(1252).name == "1252  (ANSI - Latin I)"


def test_numbers() -> None:
    assert codepage(0) is codepage(42) is codepage(12345) is None
    numbers = codepages()
    assert numbers == sorted(set(numbers))
    assert all(page(number).number == number for number in numbers)


@pytest.mark.parametrize("text", ["plain ASCII, " * 80_000, "déjà vu, " * 120_000])
def test_a_megabyte_is_quick(text: str) -> None:
    cp = page(1252)
    data, _ = cp.encode(text)
    best = 1.0
    for _ in range(5):
        start = time.perf_counter()
        assert cp.decode(data) == text
        cp.encode(text)
        best = min(best, time.perf_counter() - start)
    assert best < 0.06


@pytest.mark.parametrize("number", [932, 1252, 65000, 65001, 54936])
def test_hostile_text_takes_linear_time(number: int) -> None:
    cp = page(number)
    start = time.perf_counter()
    cp.decode(b"\xff\x81+" * 300_000)
    cp.encode("\ud800+日" * 300_000)
    assert time.perf_counter() - start < 10
