"""scanf for both C run-times and both widths.

Input is a stream of integers, bytes or UTF-16 code units, -1 at its end; at most one is pushed back at a time. What is
converted goes to a `Destination` at once, so a long string is never held in memory.
"""

from bisect import bisect_right
from collections.abc import Callable
from typing import NamedTuple, Protocol

from .format import latin_to_narrow, latin_to_wide, utf16
from .numbers import QUIET_NAN, from_hexadecimal, is_wide_space, nan_named, to_single
from .scanparse import Directive, parse_scan

# Bits of the `options` argument of UCRT's __stdio_common_v*scanf functions.
UCRT_SECURE = 0x01
UCRT_LEGACY_WIDE_SPECIFIERS = 0x02

EOF = -1
ENOMEM = 12
EINVAL = 22
_CHUNK = 1024
_LONGEST_NUMBER = 1 << 16


class Source(Protocol):
    """Where the characters come from."""

    def getc(self) -> int:
        """The next byte or code unit, -1 at the end."""

    def ungetc(self, char: int) -> None:
        """Put back the character just read."""


class Destination(Protocol):
    """The pointer arguments of one call, and the guest memory behind them."""

    @property
    def pointer_bits(self) -> int:
        """32 or 64."""

    def pointer(self) -> int:
        """The next pointer argument."""

    def size(self) -> int:
        """The next buffer size argument (an unsigned int) of the functions ending in _s."""

    def write_int(self, addr: int, bits: int, value: int) -> None:
        """Store an integer; `value` is not negative."""

    def write_float(self, addr: int, bits: int, value: float) -> None:
        """Store a float (32) or a double (64)."""

    def write_bytes(self, addr: int, data: bytes) -> None:
        """Store bytes."""


class ScanOptions:
    """Everything a call's result depends on besides input, format and destination.

    ucrt: the Universal CRT's rules. secure: text conversions have a buffer size (the functions ending in _s).
    legacy_wide: ``%s`` in wide UCRT functions means wide text. c99_lengths: MSVCRT knows ``z``, ``j``, ``t``.
    """

    __slots__ = ("c99_lengths", "decimal_point", "legacy_wide", "narrow_to_wide", "secure", "ucrt", "wide_to_narrow")

    def __init__(
        self,
        ucrt: bool = False,
        *,
        secure: bool = False,
        legacy_wide: bool = False,
        c99_lengths: bool = True,
        decimal_point: str = ".",
        wide_to_narrow: Callable[[int], bytes | None] = latin_to_narrow,
        narrow_to_wide: Callable[[bytes], str | None] = latin_to_wide,
    ) -> None:
        self.ucrt = ucrt
        self.secure = secure
        self.legacy_wide = legacy_wide
        self.c99_lengths = c99_lengths
        self.decimal_point = decimal_point
        self.wide_to_narrow = wide_to_narrow
        self.narrow_to_wide = narrow_to_wide


class ScanResult(NamedTuple):
    """What the function returns, and errno when it is to be set."""

    stored: int
    """Conversions stored, or `EOF`."""
    errno: int = 0
    """`ENOMEM`: a buffer was too small. `EINVAL`: the format is malformed."""


def scan_narrow(source: Source, fmt: bytes, destination: Destination, options: ScanOptions) -> ScanResult:
    """scanf on bytes."""
    return _Scan(source, destination, options, False).run(fmt.decode("latin-1"))


def scan_wide(source: Source, fmt: str, destination: Destination, options: ScanOptions) -> ScanResult:
    """wscanf on UTF-16 code units."""
    return _Scan(source, destination, options, True).run(fmt)


class TextSource:
    """A `Source` over a string: the functions sscanf and swscanf."""

    def __init__(self, text: bytes | str) -> None:
        self._chars = text if isinstance(text, bytes) else memoryview(utf16(text)).cast("H")
        self._at = 0

    def getc(self) -> int:
        if self._at >= len(self._chars):
            return EOF
        self._at += 1
        return self._chars[self._at - 1]

    def ungetc(self, char: int) -> None:
        self._at -= 1


class _Mismatch(Exception):
    """The input does not fit the directive."""


class _Malformed(Exception):
    """The format cannot be read."""


class _TooSmall(Exception):
    """The buffer of a secure function is too small."""


class _Scan:
    def __init__(self, source: Source, destination: Destination, options: ScanOptions, wide: bool) -> None:
        self.source = source
        self.destination = destination
        self.options = options
        self.wide = wide
        self.consumed = 0
        self.count = 0
        self.skipped = False
        """Whether a conversion that is not stored has succeeded."""
        self.room = 0
        """Characters the current conversion may still read."""

    def run(self, fmt: str) -> ScanResult:
        options = self.options
        directives = parse_scan(fmt, self.wide, options.ucrt, options.legacy_wide, options.c99_lengths)
        try:
            for directive in directives:
                self.step(directive)
                self.skipped = self.skipped or directive.suppress
        except _Malformed:
            return ScanResult(self.end_of_input(), EINVAL)
        except _Mismatch:
            return ScanResult(self.end_of_input())
        except _TooSmall:
            return ScanResult(self.count, ENOMEM)
        return ScanResult(self.count)

    def end_of_input(self) -> int:
        """What a call returns that stopped early: `EOF` where nothing was stored and no input is left.

        For MSVCRT what was skipped counts as something.
        """
        if self.count or (self.skipped and not self.options.ucrt):
            return self.count
        char = self.source.getc()
        if char == EOF:
            return EOF
        self.source.ungetc(char)
        return 0

    def get(self) -> int:
        char = self.source.getc()
        if char != EOF:
            self.consumed += 1
        return char

    def back(self, char: int) -> None:
        if char != EOF:
            self.source.ungetc(char)
            self.consumed -= 1

    def next(self) -> int:
        """The next character of a conversion with a width; `EOF` when the width is used up."""
        if self.room <= 0:
            return EOF
        self.room -= 1
        return self.get()

    def unread(self, char: int) -> None:
        """Take back what `next` returned."""
        if char != EOF:
            self.room += 1
            self.back(char)

    def skip_space(self) -> None:
        while (char := self.get()) != EOF:
            if not (is_wide_space(chr(char)) if self.wide else char in b" \t\n\v\f\r"):
                self.back(char)
                break

    def step(self, directive: Directive) -> None:
        kind = directive.kind
        if kind == " ":
            self.skip_space()
            return
        if kind in ("=", "=%"):
            if kind == "=%":
                self.skip_space()
            char = self.get()
            if char != directive.literal:
                self.back(char)
                raise _Mismatch
            return
        if kind == "n":
            if not directive.suppress:
                self.store_int(self.destination.pointer(), directive.bits, self.consumed)
            return
        if not kind:
            raise _Malformed
        self.room = directive.width or 1 << 62
        if kind in "sc[":
            self.text(directive)
            return
        self.skip_space()
        if kind == "f":
            value = self.floating()
            if not directive.suppress:
                value = to_single(value) if directive.bits == 32 else value
                self.destination.write_float(self.destination.pointer(), directive.bits, value)
                self.count += 1
            return
        number = self.integer(kind)
        if not directive.suppress:
            self.store_int(self.destination.pointer(), directive.bits, number)
            self.count += 1

    def store_int(self, address: int, bits: int, value: int) -> None:
        bits = bits or self.destination.pointer_bits
        self.destination.write_int(address, bits, value & ((1 << bits) - 1))

    def integer(self, kind: str) -> int:
        base = {"d": 10, "u": 10, "i": 0, "o": 8}.get(kind, 16)
        char = self.next()
        negative = char == 0x2D
        if char in (0x2B, 0x2D):
            char = self.next()
        digits = 0
        prefixed = base in (0, 16) and (kind != "p" or self.options.ucrt)
        if char == 0x30 and prefixed:
            char = self.next()
            if char in (0x58, 0x78):
                base = 16
                char = self.next()
            else:
                digits, base = 1, base or 8
        base = base or 10
        value = 0
        mask = (1 << 64) - 1
        overflow = False
        while True:
            digit = _digit(char)
            if digit >= base:
                break
            value = value * base + digit
            digits += 1
            overflow = overflow or value > mask
            value &= mask
            char = self.next()
        self.unread(char)
        if not digits:
            raise _Mismatch
        if self.options.ucrt:
            # One 64-bit conversion for all sizes: it clamps, and the smaller ones take the low bits of the result.
            if kind in "di":
                limit = (1 << 63) - (not negative)
                value = limit if overflow else min(value, limit)
            elif overflow:
                value = mask
        return -value & mask if negative else value

    def floating(self) -> float:
        options = self.options
        char = self.next()
        negative = char == 0x2D
        if char in (0x2B, 0x2D):
            char = self.next()
        if options.ucrt and char != EOF and chr(char) in "iInN":
            value = self.named(char)
            return -value if negative else value
        text: list[str] = []
        base = 10
        if options.ucrt and char == 0x30:
            following = self.next()
            if following in (0x58, 0x78):
                base, char = 16, self.next()
            else:
                text.append("0")
                char = following
        digits = len(text)
        point = False
        while True:
            if _digit(char) < base:
                digits += 1
            elif char == ord(options.decimal_point) and not point:
                point = True
                char = 0x2E
            else:
                break
            if len(text) < _LONGEST_NUMBER:
                text.append(chr(char))
            char = self.next()
        if not digits:
            self.unread(char)
            raise _Mismatch
        exponent: list[str] = []
        if char != EOF and chr(char) in ("pP" if base == 16 else "eE"):
            char = self.next()
            if char in (0x2B, 0x2D):
                exponent.append(chr(char))
                char = self.next()
            sign = len(exponent)
            while 0x30 <= char <= 0x39:
                if len(exponent) < 32:
                    exponent.append(chr(char))
                char = self.next()
            if len(exponent) == sign:
                if options.ucrt:
                    self.unread(char)
                    raise _Mismatch
                exponent = []
        self.unread(char)
        if base == 16:
            value = from_hexadecimal("0x" + "".join(text) + ("p" + "".join(exponent) if exponent else ""))
        else:
            value = float("".join(text) + ("e" + "".join(exponent) if exponent else ""))
        return -value if negative else value

    def named(self, char: int) -> float:
        """UCRT: inf, infinity, nan, nan(...). What was read of a word that is none of them stays read."""
        if chr(char) in "iI":
            self.expect("nf")
            char = self.next()
            if char != EOF and chr(char) in "iI":
                self.expect("nity")
            else:
                self.unread(char)
            return float("inf")
        self.expect("an")
        char = self.next()
        if char != 0x28:
            self.unread(char)
            return QUIET_NAN
        name: list[str] = []
        while (char := self.next()) != 0x29:
            if char == EOF or not (chr(char).isalnum() or char == 0x5F) or char > 0x7F:
                self.unread(char)
                raise _Mismatch
            if len(name) < 8:
                name.append(chr(char))
        return nan_named("".join(name))

    def expect(self, letters: str) -> None:
        for letter in letters:
            char = self.next()
            if char == EOF or chr(char).lower() != letter:
                self.unread(char)
                raise _Mismatch

    def text(self, directive: Directive) -> None:
        kind = directive.kind
        if kind == "s":
            self.skip_space()
        elif kind == "c":
            self.room = directive.width or 1
        writer = _TextWriter(self, directive)
        any_read = False
        while (char := self.next()) != EOF:
            if kind == "s":
                wanted = not (is_wide_space(chr(char)) if self.wide else char in b" \t\n\v\f\r")
            elif kind == "[":
                place = bisect_right(directive.starts, char)
                wanted = directive.inverted != (place > 0 and char <= directive.ends[place - 1])
            else:
                wanted = True
            if not wanted:
                self.unread(char)
                break
            any_read = True
            writer.put(char)
        if not any_read:
            if char != EOF:
                writer.abandon()
            raise _Mismatch
        writer.finish()
        if not directive.suppress:
            self.count += 1


class _TextWriter:
    """Converts the characters of one conversion to the width of the argument and stores them in chunks."""

    def __init__(self, scan: _Scan, directive: Directive) -> None:
        self.scan = scan
        self.options = scan.options
        self.destination = scan.destination
        self.suppress = directive.suppress
        self.to_wide = directive.wide
        self.terminate = directive.kind != "c"
        self.unit = 2 if directive.wide else 1
        self.pending = b""
        self.buffer = bytearray()
        self.capacity = -1
        self.address = 0
        if self.suppress:
            return
        self.start = self.address = self.destination.pointer()
        if self.options.secure:
            self.capacity = self.destination.size()
            if self.capacity == 0:
                raise _TooSmall

    def put(self, char: int) -> None:
        if self.suppress:
            return
        if self.scan.wide:
            data = char.to_bytes(2, "little") if self.to_wide else self.options.wide_to_narrow(char) or b""
        elif self.to_wide:
            self.pending += bytes((char,))
            wide = self.options.narrow_to_wide(self.pending)
            if wide is None and len(self.pending) < 4:
                return
            data = utf16(wide if wide is not None else self.pending.decode("latin-1"))
            self.pending = b""
        else:
            data = bytes((char,))
        if self.capacity >= 0:
            self.capacity -= len(data) // self.unit
            if self.capacity < self.terminate:
                self.destination.write_bytes(self.start, bytes(self.unit))
                raise _TooSmall
        self.buffer += data
        if len(self.buffer) >= _CHUNK:
            self.flush()

    def flush(self) -> None:
        self.destination.write_bytes(self.address, bytes(self.buffer))
        self.address += len(self.buffer)
        self.buffer.clear()

    def finish(self) -> None:
        if self.suppress:
            return
        if self.terminate:
            self.buffer += bytes(self.unit)
        if self.buffer:
            self.flush()

    def abandon(self) -> None:
        """Nothing matched: the secure functions leave an empty string."""
        if not self.suppress and self.options.secure:
            self.destination.write_bytes(self.start, bytes(self.unit))


def _digit(char: int) -> int:
    """The value of a hexadecimal digit, 99 for anything else."""
    if 0x30 <= char <= 0x39:
        return char - 0x30
    folded = char | 0x20
    return folded - 0x57 if 0x61 <= folded <= 0x66 else 99
