import struct

import pytest

from litebox_msvcrt.engines.scan import EINVAL, ENOMEM, EOF, ScanOptions, TextSource, scan_narrow, scan_wide

MSVCRT = ScanOptions()
UCRT = ScanOptions(ucrt=True)
UCRT_LEGACY = ScanOptions(ucrt=True, legacy_wide=True)


class Buffers:
    """A `Destination`: argument n lives at n * 0x10000."""

    pointer_bits = 64

    def __init__(self, *sizes: int) -> None:
        self.sizes = list(sizes)
        self.arguments: list[bytearray] = []
        self.writes = 0

    def pointer(self) -> int:
        self.arguments.append(bytearray())
        return (len(self.arguments) - 1) * 0x10000

    def size(self) -> int:
        return self.sizes.pop(0)

    def write_bytes(self, addr: int, data: bytes) -> None:
        self.writes += 1
        buffer, at = self.arguments[addr >> 16], addr & 0xFFFF
        assert at <= len(buffer)
        buffer[at : at + len(data)] = data

    def write_int(self, addr: int, bits: int, value: int) -> None:
        self.write_bytes(addr, value.to_bytes(bits // 8, "little"))

    def write_float(self, addr: int, bits: int, value: float) -> None:
        self.write_bytes(addr, struct.pack("<d" if bits == 64 else "<f", value))


def scan(options: ScanOptions, text: bytes | str, fmt: bytes | str) -> tuple[object, ...]:
    """The returned count, then each argument: integers signed, floats as such, text without its terminator."""
    target = Buffers()
    source = TextSource(text)
    result = (
        scan_narrow(source, fmt, target, options) if isinstance(fmt, bytes) else scan_wide(source, fmt, target, options)
    )
    plain = fmt if isinstance(fmt, str) else fmt.decode("latin-1")
    types = [part.lstrip("0123456789hlLwIzjt.T") for part in plain.replace("%%", "").split("%")[1:]]
    kinds = [part[0] for part in types if part and part[0] != "*"]
    values: list[object] = [result.stored]
    for kind, data in zip(kinds, target.arguments, strict=False):
        if not data:
            continue
        if kind in "diuoxXpn":
            values.append(int.from_bytes(data, "little", signed=kind in "di"))
        elif kind in "eEfFgGaA":
            values.append(struct.unpack("<d" if len(data) == 8 else "<f", data)[0])
        elif kind.lower() == "c":
            values.append(bytes(data))
        else:
            assert data[-1:] == b"\0"
            values.append(bytes(data[:-1]))
    return tuple(values)


@pytest.mark.parametrize(
    "text, fmt, expected",
    [
        (b"12 34", b"%d%d", (2, 12, 34)),
        (b"  -5", b"%d", (1, -5)),
        (b"0x1A 017 08", b"%i%i%i", (3, 26, 15, 0)),
        (b"0x1A", b"%x", (1, 26)),
        (b"-abc", b"%x", (1, 0xFFFFF544)),
        (b"0xg", b"%x", (0,)),
        (b"0x", b"%x", (EOF,)),
        (b"99999999999", b"%d", (1, 1215752191)),
        (b"-1", b"%u", (1, 0xFFFFFFFF)),
        (b"12345", b"%3d%d", (2, 123, 45)),
        (b"-12", b"%1d", (0,)),
        (b"0x12", b"%3x%x", (2, 1, 2)),
        (b"0x12", b"%1x%s", (2, 0, b"x12")),
        (b"0x12", b"%2x%s", (0,)),
        (b"", b"%d", (EOF,)),
        (b"  ", b"%d", (EOF,)),
        (b"x", b"%d", (0,)),
        (b"-", b"%d", (EOF,)),
        (b"--1", b"%d", (0,)),
        (b"1,  2", b"%d,%d", (2, 1, 2)),
        (b"1 ,2", b"%d,%d", (1, 1)),
        (b"1 ,2", b"%d ,%d", (2, 1, 2)),
        (b"70000", b"%hd", (1, 4464)),
        (b"99999999999 99999999999", b"%lld%I64d", (2, 99999999999, 99999999999)),
        (b"99999999999", b"%Id", (1, 99999999999)),
        (b"5 6", b"%*d%d", (1, 6)),
        (b"FEDCBA9876543210", b"%p", (1, 0xFEDCBA9876543210)),
        (b"5 %6", b"%d%%%d", (2, 5, 6)),
        (b"abc", b"abc%n", (0, 3)),
        (b"12 ", b"%d %n", (1, 12, 3)),
        (b"", b"%n", (0, 0)),
        (b"ab", b"abc", (EOF,)),
        (b"abc", b"abd", (0,)),
        (b"12 x", b"%d %d", (1, 12)),
        (b"12", b"%-d", (0,)),
        (b"1.5 -1.5e3", b"%lf%lf", (2, 1.5, -1500.0)),
        (b"1.5 2.5", b"%f%Lf", (2, 1.5, 2.5)),
        (b".5 5.", b"%lf%lf", (2, 0.5, 5.0)),
        (b"1e400", b"%lf", (1, float("inf"))),
        (b"1e5x", b"%lf%s", (2, 1e5, b"x")),
        (b"123.456", b"%5lf%s", (2, 123.4, b"56")),
        (b".", b"%lf", (EOF,)),
        (b"1.#INF", b"%lf%s", (2, 1.0, b"#INF")),
        (b"hello world", b"%s%s", (2, b"hello", b"world")),
        (b"hello", b"%3s%s", (2, b"hel", b"lo")),
        (b"", b"%s", (EOF,)),
        (b" abc", b"%c%2c", (2, b" ", b"ab")),
        (b" abc", b" %c", (1, b"a")),
        (b"a", b"%2c", (1, b"a")),
        (b"abc123", b"%[a-z]%d", (2, b"abc", 123)),
        (b"abc123", b"%[^0-9]%d", (2, b"abc", 123)),
        (b"]ab", b"%[]a]%s", (2, b"]a", b"b")),
        (b"b]a", b"%[^]a]", (1, b"b")),
        (b"^ab", b"%[a^]%s", (2, b"^a", b"b")),
        (b"ab-c", b"%[-a]%s", (2, b"a", b"b-c")),
        (b"a-b", b"%[a-]%s", (2, b"a-", b"b")),
        (b"zab", b"%[z-a]", (1, b"zab")),
        (b"b", b"%[a]", (0,)),
        (b"", b"%[a]", (EOF,)),
        (b"one two\nnext", b"%[^\n]%s", (2, b"one two", b"next")),
        (b"\xe9x", b"%[\xe9]", (1, b"\xe9")),
        (b"abc", b"%hs", (1, b"abc")),
    ],
)
def test_both_run_times(text: bytes, fmt: bytes, expected: tuple[object, ...]) -> None:
    assert scan(MSVCRT, text, fmt) == expected
    assert scan(UCRT, text, fmt) == expected


@pytest.mark.parametrize(
    "text, fmt, msvcrt, ucrt",
    [
        (b"300", b"%hhd", (1, 300), (1, 44)),
        # MSVCRT counts a suppressed conversion as a match; Wine's does so for %*d and %*c but not for %*s.
        (b"ab", b"%*s%s", (0,), (EOF,)),
        (b"99999999999999999999", b"%I64d", (1, 99999999999999999999 - (5 << 64)), (1, (1 << 63) - 1)),
        (b"0x7fff", b"%p%s", (2, 0, b"x7fff"), (1, 0x7FFF)),
        (b"0x1.8p3", b"%lf%s", (2, 0.0, b"x1.8p3"), (1, 12.0)),
        (b"inf", b"%lf", (0,), (1, float("inf"))),
        (b"-INFINITYx", b"%lf%s", (0,), (2, float("-inf"), b"x")),
        (b"infin ", b"%lf", (0,), (0,)),
        (b"1e+x", b"%lf%s", (2, 1.0, b"x"), (0,)),
        (b"1.5", b"%la", (0,), (1, 1.5)),
    ],
)
def test_run_times_differ(text: bytes, fmt: bytes, msvcrt: tuple[object, ...], ucrt: tuple[object, ...]) -> None:
    assert scan(MSVCRT, text, fmt) == msvcrt
    assert scan(UCRT, text, fmt) == ucrt


def test_nan() -> None:
    for text in (b"nan", b"NAN(abc)"):
        target = Buffers()
        assert scan_narrow(TextSource(text), b"%lf", target, UCRT).stored == 1
        assert target.arguments == [bytearray.fromhex("ffffffffffffff7f")]


@pytest.mark.parametrize(
    "fmt, msvcrt, ucrt, legacy",
    [
        ("%s", "abc", b"abc", "abc"),
        ("%S", b"abc", "abc", b"abc"),
        ("%ls", "abc", "abc", "abc"),
        ("%hs", b"abc", b"abc", b"abc"),
        ("%[a-c]", "abc", b"abc", "abc"),
        ("%h[a-c]", b"abc", b"abc", b"abc"),
    ],
)
def test_wide(fmt: str, msvcrt: str | bytes, ucrt: str | bytes, legacy: str | bytes) -> None:
    for options, expected in ((MSVCRT, msvcrt), (UCRT, ucrt), (UCRT_LEGACY, legacy)):
        target = Buffers()
        assert scan_wide(TextSource("abc"), fmt, target, options).stored == 1
        raw = expected if isinstance(expected, bytes) else expected.encode("utf-16-le")
        assert target.arguments == [raw + bytes(2 if isinstance(expected, str) else 1)]


def test_narrow_input_wide_argument() -> None:
    target = Buffers()
    assert scan_narrow(TextSource(b"ab c"), b"%S%lc%C", target, MSVCRT).stored == 3
    assert target.arguments == [b"a\0b\0\0\0", b" \0", b"c\0"]

    def decode(data: bytes) -> str | None:
        try:
            return data.decode("cp932")
        except UnicodeDecodeError:
            return None

    target = Buffers()
    scan_narrow(TextSource("日本".encode("cp932")), b"%ls", target, ScanOptions(narrow_to_wide=decode))
    assert target.arguments == ["日本\0".encode("utf-16-le")]


def test_wide_sets_and_space() -> None:
    target = Buffers()
    assert scan_wide(TextSource("\u3000\u4e00\u4e01x"), " %[\u4e00-\u4e02]%s", target, MSVCRT).stored == 2
    assert target.arguments == ["\u4e00\u4e01\0".encode("utf-16-le"), "x\0".encode("utf-16-le")]
    target = Buffers()
    assert scan_wide(TextSource("\ud800x"), "%s", target, MSVCRT).stored == 1
    assert target.arguments == [b"\x00\xd8x\0\0\0"]


@pytest.mark.parametrize("options", [ScanOptions(secure=True), ScanOptions(True, secure=True)])
def test_secure(options: ScanOptions) -> None:
    target = Buffers(4)
    assert scan_narrow(TextSource(b"abc"), b"%s", target, options) == (1, 0)
    assert target.arguments == [b"abc\0"]
    target = Buffers(3)
    assert scan_narrow(TextSource(b"abc"), b"%s", target, options) == (0, ENOMEM)
    assert target.arguments == [b"\0"]
    target = Buffers(2)
    assert scan_narrow(TextSource(b"abc"), b"%2c", target, options) == (1, 0)
    assert target.arguments == [b"ab"], "no terminator"
    target = Buffers(1)
    assert scan_narrow(TextSource(b"abc"), b"%2c", target, options) == (0, ENOMEM)
    target = Buffers(0)
    assert scan_narrow(TextSource(b"abc"), b"%s", target, options) == (0, ENOMEM)
    assert target.writes == 0
    target = Buffers(9)
    assert scan_narrow(TextSource(b"7 abc"), b"%d%[x]", target, options) == (1, 0)
    assert target.arguments[1] == b"\0"
    target = Buffers(9)
    assert scan_narrow(TextSource(b""), b"%s", target, options) == (EOF, 0)
    assert target.writes == 0
    target = Buffers(2)
    assert scan_narrow(TextSource(b"abc"), b"%ls", target, options) == (0, ENOMEM)
    assert target.arguments == [b"\0\0"]


def test_unknown_conversion() -> None:
    target = Buffers()
    assert scan_narrow(TextSource(b"y5"), b"%y%d", target, MSVCRT) == (1, 0)
    assert scan_narrow(TextSource(b"y5"), b"%y%d", Buffers(), UCRT) == (0, EINVAL)


def test_malformed_format() -> None:
    assert scan_narrow(TextSource(b"abc"), b"%[abc", Buffers(), MSVCRT).stored == 0
    assert scan_narrow(TextSource(b""), b"%[abc", Buffers(), UCRT).stored == EOF
    assert scan_narrow(TextSource(b"5"), b"%d%", Buffers(), UCRT) == (1, EINVAL)


def test_what_is_left_in_the_stream() -> None:
    source = TextSource(b"12abc -x")
    scan_narrow(source, b"%d", Buffers(), MSVCRT)
    assert source.getc() == ord("a")
    source = TextSource(b"-x")
    scan_narrow(source, b"%d", Buffers(), MSVCRT)
    assert source.getc() == ord("x"), "the sign is gone: one character can be pushed back"


def test_long_text_is_stored_in_chunks() -> None:
    target = Buffers()
    assert scan_narrow(TextSource(b"a" * 10000), b"%s", target, MSVCRT).stored == 1
    assert target.arguments == [b"a" * 10000 + b"\0"]
    assert target.writes > 5
    assert scan_narrow(TextSource(b"1" * 100000), b"%lf", Buffers(), MSVCRT).stored == 1
    assert scan_narrow(TextSource(b"1" * 100000), b"%d", Buffers(), MSVCRT).stored == 1
