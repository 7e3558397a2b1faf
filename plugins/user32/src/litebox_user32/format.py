"""winuser.h: wsprintf, a printf of its own: fewer conversions than the C runtime's, and 1024 characters at most."""

from litebox_core.abi import INT, PVOID, ArgCursor, VaList, VarArgs
from litebox_core.guest import Guest

from .base import dll

LIMIT = 1024
"""Characters of a result, NUL included; one that is longer is cut, and the function answers with this number."""
_MAXIMUM = 2 * LIMIT


class _Format:
    """One call: the format's units, and the place in it. Texts have one character for each unit."""

    def __init__(self, guest: Guest, format: str, args: ArgCursor, wide: bool) -> None:
        self.guest, self.format, self.args, self.wide, self.at = guest, format, args, wide, 0

    def peek(self, count: int = 1) -> str:
        return self.format[self.at : self.at + count]

    def took(self, word: str) -> bool:
        if self.peek(len(word)) != word:
            return False
        self.at += len(word)
        return True

    def number(self) -> int:
        """Decimal digits; more than a result can have room for are as good as the most."""
        value = 0
        while self.peek() and self.peek() in "0123456789":
            value = min(10 * value + int(self.peek()), _MAXIMUM)
            self.at += 1
        return value

    def text(self) -> str:
        """The result, as much of it as the limit makes necessary."""
        parts: list[str] = []
        length = 0
        while self.at < len(self.format) and length < LIMIT:
            here = self.format.find("%", self.at)
            if here != self.at:
                part = self.format[self.at : here if here >= 0 else len(self.format)]
                self.at += len(part)
            else:
                self.at += 1
                part = self.conversion()
            parts.append(part)
            length += len(part)
        return "".join(parts)

    def conversion(self) -> str:
        left = self.took("-")
        prefixed = self.took("#")
        zeros = self.took("0")
        width = self.number()
        precision = self.number() if self.took(".") else None
        size = next((word for word in ("I64", "I32", "I", "h", "l", "w") if self.took(word)), "")
        kind = self.peek()
        self.at += 1
        if kind in ("c", "C"):
            return self.aligned(self.character(kind, size), width, left)
        if kind in ("s", "S"):
            return self.aligned(self.string(kind, size, precision), width, left)
        if kind in ("d", "i", "u", "x", "X", "p"):
            return self.integer(kind, size, left, prefixed, zeros, width, precision)
        return kind

    def wide_argument(self, kind: str, size: str) -> bool:
        if size in ("l", "w"):
            return True
        return size != "h" and self.wide == kind.islower()

    def character(self, kind: str, size: str) -> str:
        value = self.args.integer(32, False)
        if self.wide_argument(kind, size):
            return chr(value & 0xFFFF)
        return self.guest.memory.ansi_decode(bytes((value & 0xFF,)))

    def string(self, kind: str, size: str, precision: int | None) -> str:
        addr = self.args.pointer()
        limit = LIMIT if precision is None else min(precision, LIMIT)
        if not addr:
            return "(null)"[:limit]
        if self.wide_argument(kind, size):
            return self.args.read_wstr(addr, limit)
        return self.guest.memory.ansi_decode(self.args.read_cstr(addr, limit))

    def aligned(self, text: str, width: int, left: bool) -> str:
        return text.ljust(width) if left else text.rjust(width)

    def integer(
        self, kind: str, size: str, left: bool, prefixed: bool, zeros: bool, width: int, precision: int | None
    ) -> str:
        """The prefix of ``#`` does not count as part of the width."""
        bits = self.args.pointer_bits
        if kind == "p":
            value, digits = self.args.pointer(), bits // 4
            return self.aligned(f"{value:0{digits}X}", width, left)
        large = size == "I64" or (size == "I" and bits == 64)
        value = self.args.integer(64 if large else 32, kind in "di")
        sign = "-" if value < 0 else ""
        text = format(abs(value), kind if kind in "xX" else "d")
        prefix = "0" + kind if prefixed and kind in "xX" else ""
        text = text.rjust(precision or 0, "0")
        if zeros and not left:
            text = text.rjust(width - len(sign), "0")
        text = sign + prefix + text
        return self.aligned(text, width + len(prefix), left)


def _printed_a(guest: Guest, target: int, source: int, args: ArgCursor) -> int:
    memory = guest.memory
    text = _Format(guest, memory.ansi_decode(memory.cstr(source)), args, False).text()
    return _written(guest, target, memory.ansi_encode(text), 1)


def _printed_w(guest: Guest, target: int, source: int, args: ArgCursor) -> int:
    text = _Format(guest, args.read_wstr(source), args, True).text()
    return _written(guest, target, text.encode("utf-16-le", "surrogatepass"), 2)


def _written(guest: Guest, target: int, data: bytes, unit: int) -> int:
    count = len(data) // unit
    guest.memory.write(target, data[: (LIMIT - 1) * unit] + b"\0" * unit)
    return min(count, LIMIT)


@dll.export
def wsprintfA(guest: Guest, param0: PVOID, param1: PVOID, args: VarArgs) -> INT:
    return _printed_a(guest, param0, param1, args)


@dll.export
def wsprintfW(guest: Guest, param0: PVOID, param1: PVOID, args: VarArgs) -> INT:
    return _printed_w(guest, param0, param1, args)


@dll.export
def wvsprintfA(guest: Guest, param0: PVOID, param1: PVOID, arglist: VaList) -> INT:
    return _printed_a(guest, param0, param1, arglist)


@dll.export
def wvsprintfW(guest: Guest, param0: PVOID, param1: PVOID, arglist: VaList) -> INT:
    return _printed_w(guest, param0, param1, arglist)
