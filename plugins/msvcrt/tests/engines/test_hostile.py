"""Formats and input made to hurt: only the documented exceptions come out, in linear time and bounded memory."""

import contextlib
import time

import pytest
from engine_arguments import Arguments
from hypothesis import given
from hypothesis import strategies as st

from litebox_msvcrt.engines.format import (
    FormatError,
    FormatOptions,
    format_narrow,
    format_narrow_bounded,
    format_wide_bounded,
)
from litebox_msvcrt.engines.numbers import parse_float, parse_integer, wrapped_integer
from litebox_msvcrt.engines.scan import ScanOptions, TextSource, scan_narrow, scan_wide

formats = st.text(st.sampled_from("%%%%%%%-+ #0123459.*$hlLIwzjtTFN64diouxXcCsSpnZeEfgGaAy[]^ab,"), max_size=24)
integers = st.sampled_from([0, 1, -1, 7, 1 << 31, -(1 << 31), (1 << 63) - 1, 0x20AC])


class Anything(Arguments):
    """Whatever is asked for is there."""

    def __init__(self, number: int, real: float, text: bytes) -> None:
        super().__init__()
        self.number, self.real, self.bytes = number, real, text

    def integer(self, bits: int, signed: bool) -> int:
        value = self.number & ((1 << bits) - 1)
        return value - (1 << bits) if signed and value >> (bits - 1) else value

    def double(self) -> float:
        return self.real

    def pointer(self) -> int:
        return 0x1000

    def size(self) -> int:
        return abs(self.number) & 7

    def read_cstr(self, addr: int, limit: int | None) -> bytes:
        return self.bytes.split(b"\0")[0][:limit]

    def read_wstr(self, addr: int, limit: int | None) -> str:
        return self.read_cstr(addr, limit).decode("latin-1")

    def read_bytes(self, addr: int, size: int) -> bytes:
        return bytes(size)

    def write_int(self, addr: int, bits: int, value: int) -> None:
        assert bits in (8, 16, 32, 64) and 0 <= value < 1 << bits

    def write_float(self, addr: int, bits: int, value: float) -> None:
        assert bits in (32, 64)

    def write_bytes(self, addr: int, data: bytes) -> None:
        assert len(data) < 1 << 16


@given(formats, integers, st.floats(), st.binary(max_size=9), st.booleans(), st.booleans(), st.booleans())
def test_any_format(
    fmt: str, number: int, real: float, text: bytes, ucrt: bool, positional: bool, strict: bool
) -> None:
    options = FormatOptions(ucrt, positional=positional, strict=strict, maximum=5000)
    source = Anything(number, real, text)
    narrow = fmt.encode("latin-1")
    try:
        whole = format_narrow(narrow, source, options)
    except FormatError:
        whole = None
    try:
        start, length = format_narrow_bounded(narrow, source, options, 10)
    except FormatError:
        assert whole is None
    else:
        assert len(start) == min(length, 10)
        assert whole is None or (len(whole), whole[:10]) == (length, start)
    try:
        wide, length = format_wide_bounded(fmt, source, options, 10)
        assert len(wide) == min(length, 10)
    except FormatError:
        pass


@given(formats, st.text(st.sampled_from("0123456789+-.eExXpPinfaty ab,\n%"), max_size=20), integers,
       st.booleans(), st.booleans())  # fmt: skip
def test_any_input(fmt: str, text: str, number: int, ucrt: bool, secure: bool) -> None:
    options = ScanOptions(ucrt, secure=secure)
    target = Anything(number, 0.0, b"")
    narrow = scan_narrow(TextSource(text.encode()), fmt.encode("latin-1"), target, options)
    wide = scan_wide(TextSource(text), fmt, target, options)
    assert -1 <= narrow.stored <= fmt.count("%")
    assert narrow == wide or secure or "C" in fmt or "S" in fmt or "l" in fmt or "h" in fmt


@given(st.text(st.sampled_from("0123456789+-.eEdDxXpPinfaty() "), max_size=20), st.booleans())
def test_any_number(text: str, ucrt: bool) -> None:
    found = parse_float(text, ucrt)
    assert 0 <= found.end <= len(text)
    assert parse_float(text[: found.end], ucrt)[1:] == found[1:]
    for base in (0, 2, 10, 16, 36):
        number = parse_integer(text, base, 64, True)
        assert 0 <= number.end <= len(text)
        assert -(1 << 63) <= number.value < 1 << 63


@pytest.mark.parametrize(
    "fmt",
    [b"%" * 200000, b"%-" * 100000, b"%" + b"-" * 200000 + b"d", b"%" + b"1" * 200000 + b"d", b"%." + b"1" * 200000,
     b"%*" + b"1" * 200000 + b"d", b"%" + b"l" * 200000 + b"d", b"%1$" * 60000, b"%d" * 100000],
)  # fmt: skip
def test_long_formats(fmt: bytes) -> None:
    begin = time.process_time()
    for positional in (False, True):
        options = FormatOptions(positional=positional, maximum=1 << 20)
        with contextlib.suppress(FormatError):
            format_narrow_bounded(fmt, Anything(1, 0.0, b""), options, 10)
    assert time.process_time() - begin < 5


def test_long_sets_and_numbers() -> None:
    begin = time.process_time()
    target = Anything(0, 0.0, b"")
    many = "".join(chr(0x100 + 2 * index) for index in range(20000))
    scan_wide(TextSource("\u0101" + many), f"%[^\u0101]%[{many}]", target, ScanOptions())
    scan_wide(TextSource(many * 10), f"%*[{many}]", target, ScanOptions())
    parse_float("1" * 200000 + "e" + "9" * 200000, True)
    parse_float("0x" + "f" * 200000 + "p-" + "9" * 200000, True)
    parse_integer("z" * 200000, 36, 64, False)
    wrapped_integer("9" * 200000, 32)
    assert time.process_time() - begin < 5
