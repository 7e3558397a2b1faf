"""printf for both C run-times and both widths.

Text is a `str` throughout: one character per byte in the narrow functions (latin-1), one character per UTF-16 code
unit in the wide functions, so that lone surrogates and unpaired halves pass through unchanged and precision counts
what Windows counts. `units` and `utf16` convert wide text from and to guest memory.
"""

from collections.abc import Callable
from typing import Protocol

from .decimals import Rounding
from .formatfloat import FloatStyle, float_text
from .formatparse import MAX_POSITIONS, STAR, Conversion, Dialect, parse

INT_MAX = 0x7FFF_FFFF

# Bits of the `options` argument of UCRT's __stdio_common_v*printf* functions that change the text.
UCRT_LEGACY_WIDE_SPECIFIERS = 0x04
UCRT_LEGACY_MSVCRT_COMPATIBILITY = 0x08
UCRT_LEGACY_THREE_DIGIT_EXPONENTS = 0x10
UCRT_STANDARD_ROUNDING = 0x20

_LONG_RUN = 4096


class FormatError(Exception):
    """Base of what can end a formatting call early."""


class InvalidFormat(FormatError):
    """The run-time calls the invalid parameter handler and returns -1 (EINVAL)."""


class EncodingError(FormatError):
    """A character has no form in the other width: the call returns -1 (EILSEQ)."""


class OutputTooLong(FormatError):
    """The text is longer than `FormatOptions.maximum`, or its length does not fit an int."""


class ArgSource(Protocol):
    """The arguments of one call, in order, and the guest memory they point to."""

    @property
    def pointer_bits(self) -> int:
        """32 or 64."""

    def integer(self, bits: int, signed: bool) -> int:
        """The next integer argument, truncated to `bits` (8, 16, 32 or 64). Up to 32 bits fill one int slot."""

    def double(self) -> float:
        """The next double argument."""

    def pointer(self) -> int:
        """The next pointer argument."""

    def read_cstr(self, addr: int, limit: int | None) -> bytes:
        """The bytes at `addr` up to a NUL, reading no more than `limit` bytes."""

    def read_wstr(self, addr: int, limit: int | None) -> str:
        """The UTF-16 code units at `addr` (see `units`) up to a NUL, reading no more than `limit` units."""

    def read_bytes(self, addr: int, size: int) -> bytes:
        """`size` bytes at `addr`, for the counted strings of ``%Z``."""

    def write_int(self, addr: int, bits: int, value: int) -> None:
        """Store what ``%n`` counted."""


def units(data: bytes) -> str:
    """UTF-16-LE bytes as a `str` of code units: characters beyond U+FFFF stay two surrogates."""
    text = data.decode("utf-16-le", "surrogatepass")
    if text.isascii() or max(text, default="") < "\U00010000":
        return text
    return "".join([chr(data[i] | data[i + 1] << 8) for i in range(0, len(data) - 1, 2)])


def utf16(text: str) -> bytes:
    """The inverse of `units`; accepts characters beyond U+FFFF, too."""
    return text.encode("utf-16-le", "surrogatepass")


def latin_to_narrow(unit: int) -> bytes | None:
    """The C locale: code units up to 0xFF are bytes, all others have no narrow form."""
    return bytes((unit,)) if unit < 256 else None


def latin_to_wide(data: bytes) -> str | None:
    """The C locale: each byte is the code unit of the same value."""
    return data.decode("latin-1")


class FormatOptions:
    """Everything a call's result depends on besides format and arguments. Make one and keep it.

    ucrt: the Universal CRT's rules instead of MSVCRT's.
    positional: numbered arguments (the functions ending in _p), implies strict. strict: malformed formats raise
    `InvalidFormat` (UCRT's functions ending in _s). allow_n: ``%n`` works (MSVCRT; off in UCRT until
    `_set_printf_count_output`).
    exponent_digits: 2 or 3 (`_set_output_format`). exact_digits: all digits of a double are right, not only 17 (UCRT).
    standard_rounding, legacy_wide, msvcrt_names: UCRT option bits.
    c99_lengths: MSVCRT reads ``z``, ``j``, ``t``; Windows' own MSVCRT copies them to the output, so nothing relies on
    that. wide_to_narrow, narrow_to_wide: the locale's code page; None where there is no such character.
    maximum: characters a call may produce before `OutputTooLong`.
    """

    __slots__ = ("allow_n", "maximum", "narrow", "narrow_to_wide", "style", "wide", "wide_to_narrow")

    def __init__(
        self,
        ucrt: bool = False,
        *,
        positional: bool = False,
        strict: bool = False,
        allow_n: bool | None = None,
        exponent_digits: int | None = None,
        exact_digits: bool | None = None,
        standard_rounding: bool = False,
        legacy_wide: bool = False,
        msvcrt_names: bool = False,
        c99_lengths: bool = True,
        decimal_point: str = ".",
        wide_to_narrow: Callable[[int], bytes | None] = latin_to_narrow,
        narrow_to_wide: Callable[[bytes], str | None] = latin_to_wide,
        maximum: int = 1 << 26,
    ) -> None:
        self.narrow = Dialect(ucrt, False, positional, strict or positional, c99_lengths, legacy_wide)
        self.wide = self.narrow._replace(wide=True)
        self.allow_n = not ucrt if allow_n is None else allow_n
        exact = ucrt if exact_digits is None else exact_digits
        rounding = Rounding.EXACT_EVEN if standard_rounding else Rounding.EXACT_AWAY if exact else Rounding.MSVCRT
        digits = exponent_digits or (2 if ucrt else 3)
        self.style = FloatStyle(rounding, digits, msvcrt_names or not ucrt, decimal_point)
        self.wide_to_narrow = wide_to_narrow
        self.narrow_to_wide = narrow_to_wide
        self.maximum = maximum


def format_narrow(fmt: bytes, args: ArgSource, options: FormatOptions) -> bytes:
    """The whole text. Raises `InvalidFormat`, `EncodingError`, `OutputTooLong` and what `args` raises."""
    return _run(fmt.decode("latin-1"), args, options, options.narrow, None)[0].encode("latin-1")


def format_wide(fmt: str, args: ArgSource, options: FormatOptions) -> str:
    """Like `format_narrow` for UTF-16 code units."""
    return _run(fmt, args, options, options.wide, None)[0]


def format_narrow_bounded(fmt: bytes, args: ArgSource, options: FormatOptions, limit: int) -> tuple[bytes, int]:
    """The first `limit` bytes of the text, and the length of the whole text, most of which is never built.

    A limit above `FormatOptions.maximum` is none: raises `OutputTooLong` as `format_narrow` does.
    """
    text, length = _run(fmt.decode("latin-1"), args, options, options.narrow, limit)
    return text.encode("latin-1"), length


def format_wide_bounded(fmt: str, args: ArgSource, options: FormatOptions, limit: int) -> tuple[str, int]:
    """Like `format_narrow_bounded` for UTF-16 code units."""
    return _run(fmt, args, options, options.wide, limit)


class _Run:
    """`count` times one character: the padding of a width too large to build before it is known to be wanted."""

    __slots__ = ("char", "count")

    def __init__(self, char: str, count: int) -> None:
        self.char = char
        self.count = count

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, part: slice) -> str:
        stop: int = part.stop
        return self.char * min(self.count, stop)


_Pieces = list["str | _Run"]


def _run(fmt: str, args: ArgSource, options: FormatOptions, dialect: Dialect, limit: int | None) -> tuple[str, int]:
    steps = parse(fmt, dialect)
    if dialect.positional:
        args = _in_order(steps, args)
    out: list[str] = []
    length = 0
    if limit is not None and limit > options.maximum:
        limit = None
    room = options.maximum if limit is None else limit
    for step in steps:
        if step.__class__ is str:
            piece: str | _Pieces = step
        else:
            assert isinstance(step, Conversion)
            kind = step.type
            if kind == "n":
                _store_count(step, args, options, length, dialect)
                continue
            piece = _CONVERTERS[kind](step, args, options, dialect)
        for part in (piece,) if isinstance(piece, str) else piece:
            before = length
            length += len(part)
            if length <= room:
                out.append(part if isinstance(part, str) else part[: len(part)])
                continue
            if limit is None or length > INT_MAX:
                raise OutputTooLong(length)
            if before < room:
                out.append(part[: room - before])
    return "".join(out), length


def _invalid(step: Conversion, args: ArgSource, options: FormatOptions, dialect: Dialect) -> str:
    raise InvalidFormat


def _store_count(step: Conversion, args: ArgSource, options: FormatOptions, length: int, dialect: Dialect) -> None:
    if not options.allow_n:
        raise InvalidFormat
    bits = step.bits or args.pointer_bits
    address = args.pointer()
    if not address and dialect.ucrt:
        raise InvalidFormat
    # MSVCRT knows only int and short here.
    args.write_int(address, bits if dialect.ucrt else min(bits, 32), length)


def _width(step: Conversion, args: ArgSource, dialect: Dialect) -> tuple[int, bool]:
    """The width and whether to align left. Reads the argument of ``*``."""
    if step.width != STAR:
        return step.width, step.left
    value = args.integer(32, True)
    left = step.left
    if value < 0:
        left = True
        value = -value & INT_MAX
    return _appended(value, step.width_digits, dialect), left


def _appended(value: int, digits: str, dialect: Dialect) -> int:
    """Digits that follow a star."""
    if digits:
        value = int(digits if dialect.ucrt else f"{value}{digits}")
        if value > INT_MAX:
            return 0
    return value


def _precision(step: Conversion, args: ArgSource) -> int:
    if step.precision != STAR:
        return step.precision
    return max(-1, args.integer(32, True))


def _padded(prefix: str, body: str | _Pieces, width: int, left: bool, zero: bool) -> str | _Pieces:
    """`body` after `prefix`, filled to `width`: zeros go between the two, spaces outside."""
    size = len(prefix) + (len(body) if isinstance(body, str) else sum(map(len, body)))
    fill = width - size
    if isinstance(body, str) and fill < _LONG_RUN:
        if fill <= 0:
            return prefix + body
        if left:
            return prefix + body + " " * fill
        if zero:
            return prefix + "0" * fill + body
        return " " * fill + prefix + body
    pieces: _Pieces = [body] if isinstance(body, str) else body
    if fill <= 0:
        return [prefix, *pieces]
    if left:
        return [prefix, *pieces, _Run(" ", fill)]
    if zero:
        return [prefix, _Run("0", fill), *pieces]
    return [_Run(" ", fill), prefix, *pieces]


def _sign(step: Conversion, negative: bool) -> str:
    return "-" if negative else "+" if step.plus else " " if step.space else ""


def _signed(step: Conversion, args: ArgSource, options: FormatOptions, dialect: Dialect) -> str | _Pieces:
    if step.width == 0 and step.precision == -1:
        value = args.integer(step.bits or args.pointer_bits, True)
        return str(value) if value < 0 or not (step.plus or step.space) else _sign(step, False) + str(value)
    width, left = _width(step, args, dialect)
    precision = _precision(step, args)
    value = args.integer(step.bits or args.pointer_bits, True)
    return _integer(step, _sign(step, value < 0), str(abs(value)), width, left, precision)


def _unsigned(step: Conversion, args: ArgSource, options: FormatOptions, dialect: Dialect) -> str | _Pieces:
    width, left = _width(step, args, dialect)
    precision = _precision(step, args)
    value = args.integer(step.bits or args.pointer_bits, False)
    prefix = ""
    kind = step.type
    if kind == "u":
        digits = str(value)
    elif kind == "o":
        digits = f"{value:o}"
        if step.alternate and (value or precision == 0):
            digits = "0" + digits if value else "0"
            if not value:
                precision = 1
    else:
        digits = f"{value:{kind}}"
        if step.alternate and value:
            prefix = "0" + kind
    return _integer(step, prefix, digits, width, left, precision)


def _integer(step: Conversion, prefix: str, digits: str, width: int, left: bool, precision: int) -> str | _Pieces:
    if precision < 0:
        return _padded(prefix, digits, width, left, step.zero)
    if precision == 0 and digits == "0":
        digits = ""
    missing = precision - len(digits)
    body: str | _Pieces = digits
    if missing > 0:
        body = "0" * missing + digits if missing < _LONG_RUN else [_Run("0", missing), digits]
    return _padded(prefix, body, width, left, False)


def _pointer(step: Conversion, args: ArgSource, options: FormatOptions, dialect: Dialect) -> str | _Pieces:
    width, left = _width(step, args, dialect)
    _precision(step, args)
    value = args.pointer()
    digits = f"{value:0{args.pointer_bits // 4}X}"
    return _padded("0X" if step.alternate and value else "", digits, width, left, False)


def _float(step: Conversion, args: ArgSource, options: FormatOptions, dialect: Dialect) -> str | _Pieces:
    width, left = _width(step, args, dialect)
    precision = _precision(step, args)
    found = float_text(args.double(), step.type, precision, step.alternate, options.style)
    prefix, text = _sign(step, found.negative), found.body
    if text[1:2] in ("x", "X"):
        prefix, text = prefix + text[:2], text[2:]
    body: str | _Pieces = text + found.suffix
    if found.zeros:
        if found.zeros < _LONG_RUN:
            body = text + "0" * found.zeros + found.suffix
        else:
            body = [text, _Run("0", found.zeros), found.suffix]
    return _padded(prefix, body, width, left, step.zero and found.zero_fill)


def _character(step: Conversion, args: ArgSource, options: FormatOptions, dialect: Dialect) -> str | _Pieces:
    width, left = _width(step, args, dialect)
    _precision(step, args)
    text: str | None
    if step.wide:
        unit = args.integer(16, False)
        if dialect.wide:
            text = chr(unit)
        else:
            narrow = options.wide_to_narrow(unit)
            # A character without a narrow form prints nothing at all, not even its padding.
            if narrow is None:
                return ""
            text = narrow.decode("latin-1")
    else:
        byte = args.integer(8, False)
        if not dialect.wide:
            text = chr(byte)
        else:
            text = options.narrow_to_wide(bytes((byte,)))
            if text is None:
                return ""
    return _padded("", text, width, left, step.zero)


def _string(step: Conversion, args: ArgSource, options: FormatOptions, dialect: Dialect) -> str | _Pieces:
    width, left = _width(step, args, dialect)
    precision = _precision(step, args)
    limit = None if precision < 0 else precision
    address = args.pointer()
    if not address:
        text = "(null)"[:limit]
    elif limit == 0:
        text = ""
    elif step.wide:
        text = args.read_wstr(address, limit)
        if not dialect.wide:
            text = _narrowed(text, options, limit)
    elif dialect.wide:
        text = _widened(args, address, limit, options)
    else:
        text = args.read_cstr(address, limit).decode("latin-1")
    return _padded("", text, width, left, step.zero) if width else text


def _narrowed(text: str, options: FormatOptions, limit: int | None) -> str:
    """UTF-16 as bytes: whole characters only, as many as fit in `limit` bytes."""
    if text.isascii():
        return text
    out = bytearray()
    for char in text:
        narrow = options.wide_to_narrow(ord(char))
        if narrow is None:
            raise EncodingError
        if limit is not None and len(out) + len(narrow) > limit:
            break
        out += narrow
    return out.decode("latin-1")


def _widened(args: ArgSource, address: int, limit: int | None, options: FormatOptions) -> str:
    """Bytes as UTF-16; `limit` counts characters, so multi-byte text may need more bytes than that."""
    data = args.read_cstr(address, limit)
    text = options.narrow_to_wide(data)
    incomplete = 0
    while limit is not None and len(data) >= limit and (text is None or len(text) < limit):
        # The last character may lack bytes; one that lacks more than three is no character.
        incomplete = incomplete + 1 if text is None else 0
        more = args.read_cstr(address + len(data), 1 if text is None else limit - len(text))
        if not more or incomplete > 3:
            break
        data += more
        text = options.narrow_to_wide(data)
    if text is None:
        raise EncodingError
    return text[:limit]


def _counted(step: Conversion, args: ArgSource, options: FormatOptions, dialect: Dialect) -> str | _Pieces:
    """``%Z``: a pointer to an ANSI_STRING or UNICODE_STRING."""
    width, left = _width(step, args, dialect)
    precision = _precision(step, args)
    address = args.pointer()
    buffer = 0
    if address:
        pointer_size = args.pointer_bits // 8
        header = args.read_bytes(address, 2 * pointer_size)
        buffer = int.from_bytes(header[pointer_size:], "little")
    if not buffer:
        text = "(null)"
    else:
        data = args.read_bytes(buffer, int.from_bytes(header[:2], "little"))
        if step.wide:
            text = units(data[: len(data) & ~1])
            if not dialect.wide:
                text = _narrowed(text, options, None)
        elif dialect.wide:
            text = options.narrow_to_wide(data) or ""
        else:
            text = data.decode("latin-1")
    return _padded("", text if precision < 0 else text[:precision], width, left, step.zero)


_Converter = Callable[[Conversion, ArgSource, FormatOptions, Dialect], "str | _Pieces"]
_CONVERTERS: dict[str, _Converter] = {
    "": _invalid,
    **dict.fromkeys("di", _signed),
    **dict.fromkeys("uoxX", _unsigned),
    **dict.fromkeys("eEfFgGaA", _float),
    **dict.fromkeys("cC", _character),
    **dict.fromkeys("sS", _string),
    "p": _pointer,
    "Z": _counted,
}


class _Positional:
    """Numbered arguments, read once in their order and handed out in the order of the format."""

    def __init__(self, source: ArgSource, values: list[int | float], order: list[int]) -> None:
        self.pointer_bits = source.pointer_bits
        self.read_cstr = source.read_cstr
        self.read_wstr = source.read_wstr
        self.read_bytes = source.read_bytes
        self.write_int = source.write_int
        self._values = values
        self._order = iter(order)

    def integer(self, bits: int, signed: bool) -> int:
        value = int(self._values[next(self._order)])
        value &= (1 << bits) - 1
        return value - (1 << bits) if signed and value >> (bits - 1) else value

    def double(self) -> float:
        return float(self._values[next(self._order)])

    def pointer(self) -> int:
        return int(self._values[next(self._order)])


def _in_order(steps: tuple[str | Conversion, ...], args: ArgSource) -> ArgSource:
    """`args` for a format with numbered arguments; `args` itself where the format has none."""
    kinds: dict[int, int] = {}
    order: list[int] = []
    numbered = 0
    conversions = [step for step in steps if isinstance(step, Conversion)]
    for step in conversions:
        wanted = []
        if step.width == STAR:
            wanted.append((step.width_position, 32))
        if step.precision == STAR:
            wanted.append((step.precision_position, 32))
        if step.type in "pnsSZ":
            wanted.append((step.position, -2))
        elif step.type in "eEfFgGaA":
            wanted.append((step.position, -1))
        else:
            wanted.append((step.position, max(step.bits or args.pointer_bits, 32) if step.type not in "cC" else 32))
        for position, kind in wanted:
            numbered += position > 0
            if position > MAX_POSITIONS or kinds.setdefault(position, kind) != kind:
                if position == 0:
                    continue
                raise InvalidFormat
            order.append(position - 1)
    if not numbered:
        return args
    if 0 in kinds or len(kinds) != max(kinds):
        # Mixed with arguments in order, or a number is missing: nobody knows the type of that argument.
        raise InvalidFormat
    values: list[int | float] = []
    for position in range(1, len(kinds) + 1):
        kind = kinds[position]
        values.append(args.double() if kind == -1 else args.pointer() if kind == -2 else args.integer(kind, False))
    return _Positional(args, values, order)
