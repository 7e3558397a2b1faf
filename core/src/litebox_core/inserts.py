"""The text of a message with its inserts: FormatMessage's language."""

from .abi import ArgCursor
from .errors import WinError
from .memory import Memory
from .nls.utf16 import length, units
from .winerror import ERROR_INVALID_PARAMETER

__all__ = ["Arguments", "Formatter", "NoRoom"]

MAX_TEXT = 0xFFFF
"""Units of a whole message."""
_WHOLE_LINES = 0xFF
_BREAKS = "\r\n"
_LONGEST_FORM, _MOST_STARS = 30, 2
"""What the format between exclamation marks may have: characters, and stars."""


class NoRoom(Exception):
    """The text does not fit; what does is in the formatter's ``out``."""


class Arguments:
    """The inserts by number, from 0: slots of an array, or of a va_list, in memory."""

    def __init__(self, memory: Memory, address: int, is_array: bool) -> None:
        self.memory = memory
        self._list = 0 if is_array else address
        if address and not is_array:
            address = int.from_bytes(memory.read(address, memory.bits // 8), "little")
        self._given, self._is_array = address != 0, is_array
        self._cursor = ArgCursor(memory, address)
        self._values: list[int] = []
        self._last = -1

    def __call__(self, index: int | None, bits: int = 0) -> int:
        """The argument with this number (None: behind the last one used), taken as so many bits (0: a pointer's).

        Raises WinError without arguments.
        """
        if not self._given:
            raise WinError(ERROR_INVALID_PARAMETER)
        index = self._last + 1 if index is None else index
        self._last = max(self._last, index)
        pointer = self.memory.bits
        while len(self._values) <= index:
            wide = bits == 64 and len(self._values) == index and not self._is_array
            self._values.append(self._cursor.integer(64 if wide else pointer, False))
        return self._values[index]

    def aside(self) -> int:
        """The argument behind the last one used, which in a va_list has no number."""
        if self._list and self._given:
            return self._cursor.integer(self.memory.bits, False)
        return self(None)

    def finish(self) -> None:
        """The caller's va_list goes on behind what was used."""
        if self._list and self._given:
            self.memory.put_pointer(self._list, self._cursor.addr)


class Formatter:
    """Expands one message.

    ``arguments`` is None where inserts are to be left as they are. ``wide`` tells whether a plain ``s`` means UTF-16,
    ``room`` how many units the whole text and its NUL may have.
    """

    def __init__(
        self, memory: Memory, source: str, width: int, arguments: Arguments | None, wide: bool,
        room: int = MAX_TEXT + 2,
    ) -> None:  # fmt: skip
        self.memory, self.source, self.arguments, self.wide, self.room = memory, source, arguments, wide, room
        self.width = width
        self.out: list[str] = []
        self.size = 0
        self.column = 0
        self.space = -1
        self.line = 0
        self.at = 0

    # -- output ------------------------------------------------------------------------------------------------------

    def put(self, text: str) -> None:
        """Adds text that holds no line break of the message."""
        self.size += length(text)
        if self.size > MAX_TEXT:
            raise WinError(ERROR_INVALID_PARAMETER)
        if self.size > self.room:
            raise NoRoom
        self.out.append(text)
        self.column += len(text)

    def new_line(self) -> None:
        self.put("\r\n")
        self.column, self.space, self.line = 0, -1, len(self.out)

    # -- the message -------------------------------------------------------------------------------------------------

    def run(self) -> str:
        """The whole text. Raises NoRoom, and WinError(ERROR_INVALID_PARAMETER) for a bad insert."""
        try:
            return self._run()
        finally:
            if self.arguments is not None:
                self.arguments.finish()

    def _run(self) -> str:
        source = self.source
        while self.at < len(source):
            c = source[self.at]
            self.at += 1
            if c == "%":
                if self.at == len(source):
                    raise WinError(ERROR_INVALID_PARAMETER)
                if self._escape():
                    break
            elif c in _BREAKS:
                if c == "\r" and source[self.at : self.at + 1] == "\n":
                    self.at += 1
                self._break()
            else:
                self._text(c)
        if self.size >= self.room:
            raise NoRoom
        return "".join(self.out)

    def _break(self) -> None:
        """A line break of the message itself."""
        if self.width:
            self._text(" ")
        else:
            self.new_line()

    def _text(self, text: str) -> None:
        """Adds text, of which a line may be broken at its last spaces, or where it is full if there are none."""
        if self.width in (0, _WHOLE_LINES):
            self.put(text)
            return
        for c in text:
            if c == " ":
                self.space = len(self.out)
            self.put(c)
        if self.column < self.width:
            return
        if self.space < 0:
            self.new_line()
            return
        tail = self.out[self.space + 1 :]
        while self.space > self.line and self.out[self.space - 1] == " ":
            self.space -= 1
        del self.out[self.space :]
        self.new_line()
        for c in tail:
            self.put(c)

    def _escape(self) -> bool:
        """What follows a percent sign; True where the message ends."""
        c = self.source[self.at]
        self.at += 1
        if c == "0":
            return True
        if "1" <= c <= "9":
            self._insert(c)
        elif c == "n":
            self.new_line()
        elif c == "r":
            self.put("\r")
            self.column, self.space, self.line = 0, -1, len(self.out)
        elif c == "t":
            self.put("\t")
        elif self.arguments is None:
            self.put("%" + c)
        else:
            self.put(c)
        return False

    # -- inserts -----------------------------------------------------------------------------------------------------

    def _insert(self, digit: str) -> None:
        source, start = self.source, self.at
        number = int(digit)
        if source[self.at : self.at + 1].isdigit() and source[self.at].isascii():
            number = number * 10 + int(source[self.at])
            self.at += 1
        form = None
        if source[self.at : self.at + 1] == "!":
            end = source.find("!", self.at + 1)
            if end < 0:
                raise WinError(ERROR_INVALID_PARAMETER)
            form = source[self.at + 1 : end]
            self.at = end + 1
        if self.arguments is None:
            self.put("%" + source[start - 1 : self.at])
            return
        text = self._formatted("s" if form is None else form, number - 1)
        if self.size + length(text) >= self.room:
            if self.room > self.size:
                cut = units(text)[: 2 * (self.room - self.size - 1)]
                self.out.append(cut.decode("utf-16-le", "surrogatepass") + "\0")
            raise NoRoom
        self._text(text)

    def _formatted(self, form: str, index: int | None) -> str:
        """One insert in a printf format without its percent sign."""
        assert self.arguments is not None
        if len(form) > _LONGEST_FORM or form.count("*") > _MOST_STARS:
            raise WinError(ERROR_INVALID_PARAMETER)
        at, options = 0, ""
        while at < len(form) and form[at] in "-+ #0":
            options += form[at]
            at += 1
        width: int | None
        width, at, index = self._number(form, at, index)
        if width is not None and width < 0:
            options, width = options + "-", -width
        precision = None
        if form[at : at + 1] == ".":
            precision, at, index = self._number(form, at + 1, index)
            precision = 0 if precision is None else precision if precision >= 0 else None
        size = ""
        for known in ("I64", "I32", "ll", "I", "h", "l", "w"):
            if form.startswith(known, at):
                size, at = known, at + len(known)
                break
        kind = form[at : at + 1]
        if (width or 0) > MAX_TEXT or (precision or 0) > MAX_TEXT:
            raise WinError(ERROR_INVALID_PARAMETER)
        if kind not in _KINDS:
            return form[at:]
        body = self._body(kind, size, options, precision, width or 0, index)
        body = body.ljust(width or 0) if "-" in options else body.rjust(width or 0)
        return body + form[at + 1 :]

    def _number(self, form: str, at: int, index: int | None) -> tuple[int | None, int, int | None]:
        """A width or precision, where it ends, and the number of the next argument."""
        assert self.arguments is not None
        if form[at : at + 1] == "*":
            value = (self.arguments.aside() if index is None else self.arguments(index)) & 0xFFFFFFFF
            return value - (value >> 31 << 32), at + 1, None
        end = at
        while "0" <= form[end : end + 1] <= "9" and end - at < 9:
            end += 1
        return (int(form[at:end]) if end > at else None), end, index

    def _body(
        self, kind: str, size: str, options: str, precision: int | None, width: int, index: int | None
    ) -> str:
        assert self.arguments is not None
        if kind in ("s", "S", "c", "C"):
            wide = self.wide if kind in "sc" else not self.wide
            wide = size != "h" and (size in ("l", "w") or wide)
            value = self.arguments(index)
            return self._character_of(value, wide) if kind in "cC" else self._text_of(value, wide, precision)
        bits = _BITS.get(size, 32) or self.memory.bits
        if kind == "p":
            return f"{self.arguments(index):0{self.memory.bits // 4}X}"
        return _integer(self.arguments(index, bits) & ((1 << bits) - 1), bits, kind, options, precision, width)

    def _character_of(self, value: int, wide: bool) -> str:
        return chr(value & 0xFFFF) if wide else self.memory.ansi_decode(bytes((value & 0xFF,)))

    def _text_of(self, addr: int, wide: bool, precision: int | None) -> str:
        if not addr:
            return "(null)"[:precision]
        limit = min(precision, MAX_TEXT + 1) if precision is not None else MAX_TEXT + 1
        if wide:
            return self.memory.wstr(addr, limit)
        return self.memory.ansi_decode(self.memory.cstr(addr, limit))


_KINDS = frozenset("sScCpdiuxXo")
_BITS = {"h": 16, "I64": 64, "ll": 64, "I": 0}


def _integer(value: int, bits: int, kind: str, options: str, precision: int | None, width: int) -> str:
    """A number as printf writes it; padding with spaces is the caller's."""
    sign = ""
    if kind in ("d", "i"):
        if value >> (bits - 1):
            value, sign = (1 << bits) - value, "-"
        elif "+" in options or " " in options:
            sign = "+" if "+" in options else " "
    digits = format(value, {"x": "x", "X": "X", "o": "o"}.get(kind, "d"))
    if precision is not None:
        digits = "" if not precision and not value else digits.rjust(precision, "0")
    if "#" in options and value and kind in ("x", "X"):
        sign = "0" + kind
    elif "#" in options and kind == "o" and not digits.startswith("0"):
        digits = "0" + digits
    if "0" in options and "-" not in options and precision is None:
        digits = digits.rjust(width - len(sign), "0")
    return sign + digits
