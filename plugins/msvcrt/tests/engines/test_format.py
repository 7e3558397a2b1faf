import math
import tracemalloc

import pytest
from engine_arguments import Arguments, from_bits

from litebox_msvcrt.engines.format import (
    EncodingError,
    FormatOptions,
    InvalidFormat,
    OutputTooLong,
    format_narrow,
    format_narrow_bounded,
    format_wide,
    format_wide_bounded,
    units,
    utf16,
)

MSVCRT = FormatOptions()
UCRT = FormatOptions(ucrt=True)
UCRT_LEGACY = FormatOptions(ucrt=True, legacy_wide=True)
UCRT_EVEN = FormatOptions(ucrt=True, standard_rounding=True)

inf = math.inf
nan = math.nan
IND = from_bits(0xFFF8_0000_0000_0000)
SNAN = from_bits(0x7FF0_0000_0000_0001)


def narrow(options: FormatOptions, fmt: bytes, *args: object) -> bytes:
    return format_narrow(fmt, Arguments(*args), options)


@pytest.mark.parametrize(
    "fmt, args, expected",
    [
        (b"", (), b""),
        (b"plain\x80\xff", (), b"plain\x80\xff"),
        (b"%d", (-1,), b"-1"),
        (b"%d", (0x123456789ABCDEF0,), b"-1698898192"),
        (b"%5d|%-5d|%05d|", (-1, -1, -1), b"   -1|-1   |-0001|"),
        (b"%+d% d%+ d", (1, 1, 1), b"+1 1+1"),
        (b"%.3d|%.0d|%5.0d|%.d", (-1, 0, 0, 0), b"-001||     |"),
        (b"%08.3d|%-08d|%0-5d|", (-1, 1, 1), b"    -001|1       |1    |"),
        (b"%+.d|% .0d|", (0, 0), b"+| |"),
        (b"%#x %#X %#o %#x", (255, 255, 8, 0), b"0xff 0XFF 010 0"),
        (b"%#010x|%#10x|%-#10x|", (255, 255, 255), b"0x000000ff|      0xff|0xff      |"),
        (b"%#.0x|%#.0o|%#.5x|%#.3o", (0, 0, 8, 8), b"|0|0x00008|010"),
        (b"%u %+u", (-1, -1), b"4294967295 4294967295"),
        (b"%hd %hu", (0x18000, -1), b"-32768 65535"),
        (b"%lld %I64d %I64u", (-1, -1, -1), b"-1 -1 18446744073709551615"),
        (b"%ld %I32d %I32u", (-1 << 33, 1 << 32, -1), b"0 0 4294967295"),
        (b"%Id %Ix %zu %jd %tx", (-1, -1, -1, -1, -1), b"-1 ffffffffffffffff 18446744073709551615 -1 " + b"f" * 16),
        (b"%*d|%*d|%-*d|%0*d|", (5, 42, -5, 42, 5, 42, -5, 42), b"   42|42   |42   |42   |"),
        (b"%.*d|%.*d|%.*s|%.*s|%.*f", (3, 4, -3, 4, 2, b"abc", -1, b"abc", -5, 1.5), b"004|4|ab|abc|1.500000"),
        (b"%p", (0x1234ABCD,), b"000000001234ABCD"),
        (
            b"%20p|%-20p|%020p|%#p|%#p",
            (1, 1, 1, 1, 0),
            b"    0000000000000001|0000000000000001    |    0000000000000001|0X0000000000000001|0000000000000000",
        ),
        (b"%.3p", (0xFEDCBA9876543210,), b"FEDCBA9876543210"),
        (b"%s|%5s|%-5s|%.2s|%05s|%5.2s|", (b"abc",) * 6, b"abc|  abc|abc  |ab|00abc|   ab|"),
        (b"%s|%.2s|%8s|%S|%ls", (None,) * 5, b"(null)|(n|  (null)|(null)|(null)"),
        (b"%hs %hS", (b"abc", b"def"), b"abc def"),
        (b"%S %ls %ws %.2S", ("abc", "def", "ghi", "jkl"), b"abc def ghi jk"),
        (b"%lls", (b"abc",), b"abc"),
        (b"%c|%5c|%-5c|%05c|%c", (65, 66, 67, 68, 0), b"A|    B|C    |0000D|\0"),
        (b"%c%hc%C%lc%wc", (0x141, 0x142, 0xE9, 66, 67), b"AB\xe9BC"),
        (b"%.0c%.3c", (65, 66), b"AB"),
        (b"a%Cb", (0x20AC,), b"ab"),
        (b"%%|%5%|%-%|%l%", (), b"%|%|%|%"),
        (b"%y%!%\x80%'d", (), b"y!\x80'd"),
        (b"%5-d|%..5d|%l#x", (), b"-d|.5d|#x"),
        (b"%I|%I3d|%Is|%I48d", (), b"I|I3d|Is|I48d"),
        (b"%", (), b""),
        (b"%-5.3l", (), b""),
    ],
)
def test_both_run_times(fmt: bytes, args: tuple[object, ...], expected: bytes) -> None:
    assert narrow(MSVCRT, fmt, *args) == expected
    assert narrow(UCRT, fmt, *args) == expected


@pytest.mark.parametrize(
    "fmt, args, msvcrt, ucrt",
    [
        (b"%hhd %hhu", (0x1F0, -1), b"496 65535", b"-16 255"),
        (b"%llld", (1 << 40,), b"1099511627776", b"0"),
        (b"%*5d|", (1, 7), b"              7|", b"    7|"),
        (b"%Nd %Fs", (7, b"abc"), b"7 abc", None),
        (b"%e %E %g %G", (1.0, 1e100, 1e-5, 1e300), b"1.000000e+000 1.000000E+100 1e-005 1E+300",
         b"1.000000e+00 1.000000E+100 1e-05 1E+300"),
        (b"%.20f", (0.1,), b"0.10000000000000001000", b"0.10000000000000000555"),
        (b"%.0f", (1e23,), b"99999999999999992000000", b"99999999999999991611392"),
        (b"%.30g", (0.1,), b"0.10000000000000001", b"0.100000000000000005551115123126"),
        (b"%.25e", (1 / 3,), b"3.3333333333333331000000000e-001", b"3.3333333333333331482961626e-01"),
        (b"%f %f %f %f", (inf, -inf, nan, IND), b"1.#INF00 -1.#INF00 1.#QNAN0 -1.#IND00", b"inf -inf nan -nan(ind)"),
        (b"%f %G", (SNAN, SNAN), b"1.#SNAN0 1.#SNAN", b"nan(snan) NAN(SNAN)"),
        (b"%E %G %A", (inf, IND, nan), b"1.#INF00E+000 -1.#IND 0X1.#QNAN00000000P+0", b"INF -NAN(IND) NAN"),
        (b"%g %.3g %#g", (inf, inf, inf), b"1.#INF 1.#J 1.#INF0", b"inf inf inf"),
        (b"%.0f %.1f %.2f %.3f %.4f", (inf, inf, inf, inf, nan), b"1 1.$ 1.#J 1.#IO 1.#QNB", b"inf inf inf inf nan"),
        (b"%10f|%010f|%-10f|", (inf, inf, nan), b"  1.#INF00|001.#INF00|1.#QNAN0  |",
         b"       inf|       inf|nan       |"),
        (b"%+f% f", (inf, inf), b"+1.#INF00 1.#INF00", b"+inf inf"),
        (b"%T", (), b"T", b""),
    ],
)  # fmt: skip
def test_run_times_differ(fmt: bytes, args: tuple[object, ...], msvcrt: bytes, ucrt: bytes | None) -> None:
    assert narrow(MSVCRT, fmt, *args) == msvcrt
    if ucrt is not None:
        assert narrow(UCRT, fmt, *args) == ucrt


@pytest.mark.parametrize(
    "fmt, value, expected",
    [
        (b"%f", 0.0, b"0.000000"),
        (b"%f", -0.0, b"-0.000000"),
        (b"%f", 123456.789, b"123456.789000"),
        (b"%f", 9.9999999, b"10.000000"),
        (b"%f", 5e-324, b"0.000000"),
        (b"%.0f", 0.5, b"1"),
        (b"%.0f", 0.49999999999999994, b"0"),
        (b"%.0f", 2.5, b"3"),
        (b"%.0f", 9.5, b"10"),
        (b"%.0f", 99.5, b"100"),
        (b"%.2f", 0.125, b"0.13"),
        (b"%.2f", 1.005, b"1.00"),
        (b"%.1f", 0.15, b"0.1"),
        (b"%.1f", 99.95, b"100.0"),
        (b"%.1f", 0.05, b"0.1"),
        (b"%.1f", 0.04, b"0.0"),
        (b"%#.0f", 1.0, b"1."),
        (b"%10.2f|", -1.5, b"     -1.50|"),
        (b"%010.2f|", -1.5, b"-000001.50|"),
        (b"%-10.2f|", -1.5, b"-1.50     |"),
        (b"%+010.1f", 2.0, b"+0000002.0"),
        (b"%Lf", 2.0, b"2.000000"),
        (b"%g", 100000.0, b"100000"),
        (b"%g", 0.0, b"0"),
        (b"%#g", 0.0, b"0.00000"),
        (b"%#g", 123456.789, b"123457."),
        (b"%g", 0.0001234567, b"0.000123457"),
        (b"%.3g", 9.9999999, b"10"),
        (b"%.17g", 0.1, b"0.10000000000000001"),
        (b"%.0g", 9.5e10, b"1e+011"),
        (b"%a", 1.0, b"0x1.0000000000000p+0"),
        (b"%A", 0.1, b"0X1.999999999999AP-4"),
        (b"%.2a", -1e5, b"-0x1.87p+16"),
        (b"%.0a", 1.5, b"0x2p+0"),
        (b"%#.0a", 1.0, b"0x1.p+0"),
        (b"%a", 5e-324, b"0x0.0000000000001p-1022"),
        (b"%024a", -1.5, b"-0x0001.8000000000000p+0"),
        (b"%24a", 1.5, b"    0x1.8000000000000p+0"),
        (b"%.15a", 2.5, b"0x1.400000000000000p+1"),
        (b"%.600f", 0.5, b"0.5" + b"0" * 599),
        (b"%.2000f", 0.5, b"0.5" + b"0" * 1999),
    ],
)
def test_floats(fmt: bytes, value: float, expected: bytes) -> None:
    assert narrow(MSVCRT, fmt, value) == expected
    two_digits = FormatOptions(exponent_digits=3, ucrt=True)
    assert narrow(two_digits, fmt, value) == expected


@pytest.mark.parametrize(
    "fmt, value, expected",
    [
        (b"%.0f", 0.5, b"0"),
        (b"%.0f", 2.5, b"2"),
        (b"%.2f", 0.125, b"0.12"),
        (b"%.0e", 2.5, b"2e+00"),
        (b"%.1f", 0.35, b"0.3"),
        (b"%.0a", 1.5, b"0x2p+0"),
    ],
)
def test_standard_rounding(fmt: bytes, value: float, expected: bytes) -> None:
    assert narrow(UCRT_EVEN, fmt, value) == expected


@pytest.mark.parametrize(
    "fmt, arg, msvcrt, ucrt, legacy",
    [
        ("%s", "wide", "wide", None, "wide"),
        ("%s", b"byte", None, "byte", None),
        ("%S", "wide", None, "wide", None),
        ("%S", b"byte", "byte", None, "byte"),
        ("%ls", "wide", "wide", "wide", "wide"),
        ("%ws", "wide", "wide", "wide", "wide"),
        ("%hs", b"byte", "byte", "byte", "byte"),
        ("%.2hs|", b"byte", "by|", "by|", "by|"),
        ("%c", 0x20AC, "€", "¬", "€"),
        ("%C", 0x20AC, "¬", "€", "¬"),
        ("%lc", 0xD800, "\ud800", "\ud800", "\ud800"),
        ("%ls", "\ud800x", "\ud800x", "\ud800x", "\ud800x"),
        ("%05d\u20ac", -3, "-0003€", "-0003€", "-0003€"),
        ("%s", None, "(null)", "(null)", "(null)"),
        ("%Ts", "wide", None, "wide", "wide"),
    ],
)
def test_wide(fmt: str, arg: object, msvcrt: str | None, ucrt: str | None, legacy: str | None) -> None:
    for options, expected in ((MSVCRT, msvcrt), (UCRT, ucrt), (UCRT_LEGACY, legacy)):
        if expected is not None:
            assert format_wide(fmt, Arguments(arg), options) == expected


def test_x86_pointers() -> None:
    assert format_narrow(b"%p %Ix", Arguments(0xABC, 0x1_0000_0001, pointer_bits=32), MSVCRT) == b"00000ABC 1"


def test_code_page() -> None:
    def to_narrow(unit: int) -> bytes | None:
        try:
            return chr(unit).encode("cp932")
        except UnicodeEncodeError:
            return None

    def to_wide(data: bytes) -> str | None:
        try:
            return data.decode("cp932")
        except UnicodeDecodeError:
            return None

    options = FormatOptions(wide_to_narrow=to_narrow, narrow_to_wide=to_wide)
    assert narrow(options, b"%S", "日本") == "日本".encode("cp932")
    assert narrow(options, b"%.3S|", "日本") == "日|".encode("cp932"), "only whole characters"
    assert format_wide("%.2hs|", Arguments("日本語".encode("cp932")), options) == "日本|"
    assert format_wide("%.9hs|", Arguments("日本語".encode("cp932")), options) == "日本語|"
    with pytest.raises(EncodingError):
        narrow(options, b"%ls", "\u0e01")
    with pytest.raises(EncodingError):
        format_wide("%hs", Arguments(b"\x93"), options)


def test_encoding_error_in_c_locale() -> None:
    assert narrow(MSVCRT, b"%S", "\xe9") == b"\xe9"
    with pytest.raises(EncodingError):
        narrow(UCRT, b"%S", "\u20ac")


def test_exact_digits() -> None:
    assert narrow(MSVCRT, b"%f", 803078861169.3301) == b"803078861169.330080"
    assert narrow(FormatOptions(exact_digits=True), b"%f", 803078861169.3301) == b"803078861169.330078"


def test_decimal_point() -> None:
    assert narrow(FormatOptions(ucrt=True, decimal_point=","), b"%.2f %g %e %a", 1.5, 1.5, 1.5, 1.5) == (
        b"1,50 1,5 1,500000e+00 0x1,8000000000000p+0"
    )


def test_count() -> None:
    args = Arguments(0x1000, 0x2000, 0x3000)
    assert format_narrow(b"ab%ncd%hn%lln", args, MSVCRT) == b"abcd"
    assert args.written == [(0x1000, 32, 2), (0x2000, 16, 4), (0x3000, 32, 4)]
    with pytest.raises(InvalidFormat):
        narrow(UCRT, b"%n", 0x1000)
    args = Arguments(0x1000, 0x2000)
    assert format_narrow(b"x%lln%hhn", args, FormatOptions(ucrt=True, allow_n=True)) == b"x"
    assert args.written == [(0x1000, 64, 1), (0x2000, 8, 1)]
    args = Arguments(7, 0x1000)
    assert format_narrow_bounded(b"%900d%n", args, MSVCRT, 3) == (b"   ", 900)
    assert args.written == [(0x1000, 32, 900)]


def test_counted_string() -> None:
    args = Arguments(0x10000, 0x20000, 0)
    args.memory = {
        0x10000: bytes.fromhex("0300 1000 00000000 0000030000000000".replace(" ", "")),
        0x20000: bytes.fromhex("0400 1000 00000000 0000040000000000".replace(" ", "")),
        0x30000: b"abcdef",
        0x40000: "xyz".encode("utf-16-le"),
    }
    assert format_narrow(b"%Z|%wZ|%Z", args, MSVCRT) == b"abc|xy|(null)"


def test_positional() -> None:
    options = FormatOptions(ucrt=True, positional=True)
    assert narrow(options, b"%2$s %1$d %2$s", 7, b"x") == b"x 7 x"
    assert narrow(options, b"%1$*2$d|%3$.*2$f", 7, 3, 1.0) == b"  7|1.000"
    assert narrow(options, b"%1$hd %1$d", 0x12345) == b"9029 74565"
    assert narrow(options, b"%d %s", 7, b"x") == b"7 x"
    for bad in (b"%1$d %d", b"%2$d", b"%1$d %1$s", b"%1$d%101$d", b"%1$*d", b"%0$d", b"%1$y", b"%y"):
        with pytest.raises(InvalidFormat):
            narrow(options, bad, 1, 2, 3)
    assert narrow(UCRT, b"%1$d", 7) == b"$d"


@pytest.mark.parametrize("fmt", [b"%y", b"%", b"%l", b"%5-d", b"%I3d", b"%-%"])
def test_strict(fmt: bytes) -> None:
    with pytest.raises(InvalidFormat):
        narrow(FormatOptions(strict=True), fmt, 1)
    assert narrow(FormatOptions(strict=True), b"%d%%", 1) == b"1%"


def test_windows_msvcrt_lengths() -> None:
    assert narrow(FormatOptions(c99_lengths=False), b"%zu %td %jd") == b"zu td jd"


@pytest.mark.parametrize(
    "fmt",
    [b"%2147483640d", b"%-2147483640d", b"%02147483640d", b"%.2147483640d", b"%.2147483600f", b"%.2147483600e",
     b"%.2147483600a", b"%#.2147483600g", b"%2147483640s"],
)  # fmt: skip
def test_huge_output_is_counted_not_built(fmt: bytes) -> None:
    arg: object = b"x" if fmt.endswith(b"s") else 1.5 if fmt[-1:] in b"efag" else 5
    tracemalloc.start()
    with pytest.raises(OutputTooLong):
        narrow(MSVCRT, fmt, arg)
    text, length = format_narrow_bounded(fmt, Arguments(arg), MSVCRT, 16)
    assert len(text) == 16
    assert 2147483600 <= length <= 2147483647
    with pytest.raises(OutputTooLong):
        format_narrow_bounded(fmt + b"%100d", Arguments(arg, 1), MSVCRT, 16)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 20


def test_overflowing_width() -> None:
    assert narrow(MSVCRT, b"%99999999999d|", 5) == b"5|"
    with pytest.raises(InvalidFormat):
        narrow(UCRT, b"%99999999999d|", 5)
    assert narrow(MSVCRT, b"%*d", -(1 << 31), 5) == b"5"


def test_bounded() -> None:
    assert format_narrow_bounded(b"%s-%s", Arguments(b"abc", b"defg"), MSVCRT, 5) == (b"abc-d", 8)
    assert format_narrow_bounded(b"%s", Arguments(b"abc"), MSVCRT, 0) == (b"", 3)
    assert format_wide_bounded("%ls%5d", Arguments("ab", 1), UCRT, 4) == ("ab  ", 7)


def test_units() -> None:
    assert units(b"a\0\x3d\xd8\x00\xde\x00\xd8") == "a\ud83d\ude00\ud800"
    assert utf16("a\ud83d\ude00\ud800") == b"a\0\x3d\xd8\x00\xde\x00\xd8"
    assert utf16("\U0001f600") == b"\x3d\xd8\x00\xde"
