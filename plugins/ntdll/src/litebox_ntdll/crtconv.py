"""ntdll's C functions between numbers and text, and on single characters."""

from bisect import bisect_right

from litebox_core.abi import DOUBLE, INT, INT64, LONG, PVOID, SIZE_T, UINT64, ULONG, WCHAR, InOut
from litebox_core.guest import Guest
from litebox_core.nls import casing, codepages

from .base import dll
from .crtmem import EINVAL, ERANGE

_SPACES = frozenset((9, 10, 11, 12, 13, 32))
_WIDE_SPACES = _SPACES | {0x85, 0xA0}
_ZEROES = (
    0x660, 0x6F0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xC66, 0xCE6, 0xD66, 0xE50, 0xED0, 0xF20, 0x1040, 0x17E0, 0x1810,
    0xFF10,
)  # fmt: skip
"""The zeroes of the scripts whose digits wide functions read."""


def number_text(value: int, radix: int, signed: bool, bits: int) -> bytes:
    """A number as _itoa writes it: with a sign in base ten only."""
    negative = signed and radix == 10 and value < 0
    if radix == 10:
        return b"%d" % (value if negative else value & (1 << bits) - 1)
    value &= (1 << bits) - 1
    text = ""
    while True:
        value, digit = divmod(value, radix)
        text = chr(digit + 0x30 if digit < 10 else (digit + 0x57) & 0x7F) + text
        if not value:
            return text.encode()


def _put(guest: Guest, addr: int, text: bytes, unit: int) -> None:
    guest.memory.write(addr, (text + b"\0") if unit == 1 else (text + b"\0").decode().encode("utf-16-le"))


def _declare(name: str, kind: object, bits: int, signed: bool, unit: int) -> None:
    """One function of the _itoa family and, for it, the one with a size."""

    def convert(guest: Guest, value: kind, buffer: PVOID, radix: INT) -> PVOID:  # type: ignore[valid-type]
        _put(guest, buffer, number_text(value, radix, signed, bits) if radix >= 2 else b"", unit)
        return buffer

    def convert_s(guest: Guest, value: kind, buffer: PVOID, size: SIZE_T, radix: INT) -> INT:  # type: ignore[valid-type]
        if not buffer or not size:
            return EINVAL
        _put(guest, buffer, b"", unit)
        if not 2 <= radix <= 36:
            return EINVAL
        text = number_text(value, radix, signed, bits)
        if len(text) >= size:
            return ERANGE
        _put(guest, buffer, text, unit)
        return 0

    dll.export(name=name)(convert)
    dll.export(name=name + "_s")(convert_s)


for _unit, _last in ((1, "a"), (2, "w")):
    _declare("_ito" + _last, INT, 32, True, _unit)
    _declare("_lto" + _last, LONG, 32, True, _unit)
    _declare("_ulto" + _last, ULONG, 32, False, _unit)
    _declare("_i64to" + _last, INT64, 64, True, _unit)
    _declare("_ui64to" + _last, UINT64, 64, False, _unit)


# -- text to numbers -------------------------------------------------------------------------------------------------


def _cells(guest: Guest, addr: int, unit: int) -> "list[int]":
    from array import array

    if unit == 1:
        return list(guest.memory.cstr(addr))
    return [_plain(cell) for cell in array("H", guest.memory.wstr_bytes(addr))]


def _plain(unit: int) -> int:
    """A digit or space of any script as that of ASCII; other units as they are."""
    if unit < 0x80:
        return unit
    if unit in _WIDE_SPACES:
        return 0x20
    zero = _ZEROES[bisect_right(_ZEROES, unit) - 1]
    return 0x30 + unit - zero if zero <= unit < zero + 10 else unit


def _digit(code: int) -> int:
    if 0x30 <= code <= 0x39:
        return code - 0x30
    if 0x41 <= code <= 0x5A:
        return code - 0x37
    if 0x61 <= code <= 0x7A:
        return code - 0x57
    return 99


def scan(cells: "list[int]", base: int) -> tuple[int, bool, int]:
    """Magnitude, sign and the number of characters used (0: there is no number)."""
    at, end = 0, len(cells)
    while at < end and cells[at] in _SPACES:
        at += 1
    negative = at < end and cells[at] == 0x2D
    if at < end and cells[at] in (0x2B, 0x2D):
        at += 1
    prefixed = at + 1 < end and cells[at] == 0x30 and cells[at + 1] in (0x78, 0x58)
    if base == 0:
        base = 16 if prefixed else 8 if at < end and cells[at] == 0x30 else 10
    if base == 16 and prefixed:
        at += 2
    start, value = at, 0
    while at < end and _digit(cells[at]) < base:
        value = min(value * base + _digit(cells[at]), 1 << 80)
        at += 1
    return value, negative, at if at > start else 0


def wrapped(value: int, bits: int) -> int:
    """A number cut to some bits, with sign."""
    value &= (1 << bits) - 1
    return value - (value >> bits - 1 << bits)


def _declare_ato(name: str, kind: object, bits: int, unit: int) -> None:
    def convert(guest: Guest, str: PVOID) -> kind:  # type: ignore[valid-type]
        cells = _cells(guest, str, unit)
        at = next((i for i, code in enumerate(cells) if code not in _SPACES), len(cells))
        end = at + 1 if at < len(cells) and cells[at] in (0x2B, 0x2D) else at
        value = 0
        for code in cells[end:]:
            if not 0x30 <= code <= 0x39:
                break
            value = (value * 10 + code - 0x30) & 0xFFFFFFFFFFFFFFFF
        return wrapped(-value if cells[at : at + 1] == [0x2D] else value, bits)

    dll.export(name=name)(convert)


for _name, _kind, _bits, _unit in (
    ("atoi", INT, 32, 1), ("atol", LONG, 32, 1), ("_atoi64", INT64, 64, 1),
    ("_wtoi", INT, 32, 2), ("_wtol", LONG, 32, 2), ("_wtoi64", INT64, 64, 2),
):  # fmt: skip
    _declare_ato(_name, _kind, _bits, _unit)


def _declare_strto(name: str, kind: object, bits: int, signed: bool, unit: int) -> None:
    def convert(guest: Guest, strSource: PVOID, endptr: InOut[PVOID] | None, base: INT) -> kind:  # type: ignore[valid-type]
        value, negative, used = (0, False, 0)
        if base == 0 or 2 <= base <= 36:
            value, negative, used = scan(_cells(guest, strSource, unit), base)
        if endptr is not None:
            endptr.value = strSource + used * unit
        if signed:
            return -min(value, 1 << bits - 1) if negative else min(value, (1 << bits - 1) - 1)
        value = min(value, (1 << bits) - 1)  # the sign counts even then
        return (-value if negative else value) & (1 << bits) - 1

    dll.export(name=name)(convert)


for _name, _kind, _bits, _signed, _unit in (
    ("strtol", LONG, 32, True, 1), ("strtoul", ULONG, 32, False, 1),
    ("wcstol", LONG, 32, True, 2), ("wcstoul", ULONG, 32, False, 2),
    ("_wcstoi64", INT64, 64, True, 2), ("_wcstoui64", UINT64, 64, False, 2),
):  # fmt: skip
    _declare_strto(_name, _kind, _bits, _signed, _unit)


# -- characters ------------------------------------------------------------------------------------------------------

UPPER, LOWER, DIGIT, SPACE, PUNCT, CONTROL, BLANK, HEX = 1, 2, 4, 8, 16, 32, 64, 128
ALPHA = 0x100
LETTER = ALPHA | UPPER | LOWER


def char_type(code: int) -> int:
    """The type bits of a character in the C locale: none beyond ASCII, and ALPHA nowhere."""
    if not 0 <= code < 0x80:
        return 0
    kind = 0
    if 0x41 <= code <= 0x5A:
        kind = UPPER | (HEX if code <= 0x46 else 0)
    elif 0x61 <= code <= 0x7A:
        kind = LOWER | (HEX if code <= 0x66 else 0)
    elif 0x30 <= code <= 0x39:
        kind = DIGIT | HEX
    elif code == 0x20:
        kind = SPACE | BLANK
    elif code < 0x20 or code == 0x7F:
        kind = CONTROL | (SPACE if 9 <= code <= 13 else 0) | (BLANK if code == 9 else 0)
    else:
        kind = PUNCT
    return kind


def wide_type(code: int) -> int:
    """The type bits of a UTF-16 unit: those of Latin-1, none beyond."""
    if code < 0x80:
        kind = char_type(code)
        return kind | ALPHA if kind & (UPPER | LOWER) else kind
    if code == 0xA0:
        return SPACE | BLANK
    if code < 0xA0 or code > 0xFF:
        return CONTROL if code < 0xA0 else 0
    if code in (0xB2, 0xB3, 0xB9):
        return DIGIT | PUNCT
    if code < 0xC0 or code in (0xD7, 0xF7):
        return PUNCT
    return ALPHA | (UPPER if code < 0xDF else LOWER)


_CLASSES = {
    "isalnum": LETTER | DIGIT, "isalpha": LETTER, "iscntrl": CONTROL, "isdigit": DIGIT,
    "isgraph": LETTER | DIGIT | PUNCT, "islower": LOWER, "isprint": LETTER | DIGIT | PUNCT | BLANK, "ispunct": PUNCT,
    "isspace": SPACE, "isupper": UPPER, "isxdigit": HEX,
}  # fmt: skip


_NARROW_ONLY = ("iscntrl", "ispunct", "isupper")


def _declare_class(name: str, mask: int) -> None:
    exclude = CONTROL if name == "isprint" else 0

    def narrow(guest: Guest, c: INT) -> INT:
        kind = char_type(c)
        return 0 if kind & exclude else kind & mask

    def wide(guest: Guest, c: WCHAR) -> INT:
        kind = wide_type(c)
        return 0 if kind & exclude else kind & mask

    dll.export(name=name)(narrow)
    if name not in _NARROW_ONLY:
        dll.export(name=name.replace("is", "isw", 1))(wide)


for _name, _mask in _CLASSES.items():
    _declare_class(_name, _mask)


@dll.export
def iswctype(guest: Guest, c: WCHAR, desc: INT) -> INT:
    return wide_type(c) & desc


@dll.export(aliases=["iswascii"])
def __isascii(guest: Guest, c: INT) -> INT:
    return int(0 <= c < 0x80)


@dll.export
def __toascii(guest: Guest, c: INT) -> INT:
    return c & 0x7F


@dll.export
def __iscsym(guest: Guest, c: INT) -> INT:
    return int(c == 0x5F or char_type(c) & (LETTER | DIGIT) != 0)


@dll.export
def __iscsymf(guest: Guest, c: INT) -> INT:
    return int(c == 0x5F or char_type(c) & LETTER != 0)


_upper_bytes: list[int] = []


@dll.export
def toupper(guest: Guest, c: INT) -> INT:
    """In the ANSI code page; only the low byte counts."""
    if not _upper_bytes:
        page = codepages.codepage(codepages.ANSI)
        assert page is not None
        for byte in range(256):
            data, defaulted = page.encode(casing.upcase(page.decode(bytes((byte,)))))
            _upper_bytes.append(byte if defaulted or len(data) != 1 else data[0])
    return _upper_bytes[c & 0xFF]


@dll.export
def tolower(guest: Guest, c: INT) -> INT:
    return c + 0x20 if 0x41 <= c & 0xFF <= 0x5A else c


@dll.export
def _toupper(guest: Guest, c: INT) -> INT:
    return c - 0x20


@dll.export
def _tolower(guest: Guest, c: INT) -> INT:
    return c + 0x20


@dll.export
def towupper(guest: Guest, c: WCHAR) -> WCHAR:
    return casing.upcase_unit(c)


@dll.export
def towlower(guest: Guest, c: WCHAR) -> WCHAR:
    return casing.downcase_unit(c) if c < 0x100 else c


@dll.export(aliases=["labs"])
def abs(guest: Guest, n: INT) -> INT:
    return -n if n < 0 else n


# -- floating point --------------------------------------------------------------------------------------------------


def _declare_math(name: str) -> None:
    def function(guest: Guest, x: DOUBLE) -> DOUBLE:
        import math

        try:
            if name in ("ceil", "floor") and (math.isinf(x) or math.isnan(x) or x == 0):
                return x
            result = float(getattr(math, name)(x))
            return math.copysign(result, x) if name in ("ceil", "floor") and result == 0 else result
        except ValueError:
            return -math.inf if name == "log" and x == 0 else math.nan
        except OverflowError:
            return math.inf

    dll.export(name=name)(function)


for _name in ("atan", "ceil", "cos", "fabs", "floor", "log", "sin", "sqrt", "tan"):
    _declare_math(_name)


@dll.export
def atan2(guest: Guest, y: DOUBLE, x: DOUBLE) -> DOUBLE:
    import math

    return math.atan2(y, x)


@dll.export
def pow(guest: Guest, x: DOUBLE, y: DOUBLE) -> DOUBLE:
    import math

    try:
        return math.pow(x, y)
    except OverflowError:
        odd = y == math.floor(y) and y % 2 == 1
        return -math.inf if x < 0 and odd else math.inf
    except ValueError:
        if x == 0:
            odd = y == math.floor(y) and y % 2 == 1
            return math.copysign(math.inf, x) if odd else math.inf
        return math.nan
