"""Narrow and wide strings in guest memory, read and written in one operation each.

Text is a `str` with one character for each byte or UTF-16 unit, so that positions in it are positions in memory.
"""

from typing import AnyStr

from litebox_core.memory import Memory

PIECE = 0x1000


class Chars:
    """Strings whose characters are ``size`` bytes wide."""

    size: int
    top: int
    """The largest character."""

    def read(self, memory: Memory, addr: int, limit: int | None = None) -> str:
        """The characters up to a NUL, at most ``limit``. Raises GuestFault."""
        raise NotImplementedError

    def text(self, data: bytes) -> str:
        raise NotImplementedError

    def encode(self, text: str) -> bytes:
        raise NotImplementedError

    def char(self, value: int) -> str:
        """The character that an ``int`` argument stands for."""
        return chr(value & self.top)

    def write(self, memory: Memory, addr: int, text: str) -> None:
        """Writes characters, without a NUL."""
        memory.write(addr, self.encode(text))

    def put(self, memory: Memory, addr: int, text: str) -> None:
        """Writes characters and a NUL."""
        memory.write(addr, self.encode(text) + b"\0" * self.size)

    def fill(self, memory: Memory, addr: int, char: str, count: int) -> None:
        """Sets ``count`` characters."""
        unit = self.encode(char)
        if len(set(unit)) == 1:
            memory.fill(addr, count * self.size, unit[0])
            return
        while count > 0:
            part = min(count, 0x10000)
            memory.write(addr, unit * part)
            addr += part * self.size
            count -= part


class _Narrow(Chars):
    size, top = 1, 0xFF

    def read(self, memory: Memory, addr: int, limit: int | None = None) -> str:
        return memory.cstr(addr, limit).decode("latin-1")

    def text(self, data: bytes) -> str:
        return data.decode("latin-1")

    def encode(self, text: str) -> bytes:
        return text.encode("latin-1")


class _Wide(Chars):
    size, top = 2, 0xFFFF

    def read(self, memory: Memory, addr: int, limit: int | None = None) -> str:
        return self.text(memory.wstr_bytes(addr, limit))

    def text(self, data: bytes) -> str:
        text = data.decode("utf-16-le", "surrogatepass")
        if 2 * len(text) == len(data):
            return text
        return "".join(map(chr, memoryview(data).cast("H")))

    def encode(self, text: str) -> bytes:
        return text.encode("utf-16-le", "surrogatepass")


NARROW = _Narrow()
WIDE = _Wide()


def find_byte(memory: Memory, addr: int, count: int, byte: int) -> int:
    """Address of the first such byte, or 0; memory behind it is not touched. Raises GuestFault."""
    wanted = bytes((byte & 0xFF,))
    while count > 0:
        size = min(count, PIECE - addr % PIECE)
        at = memory.read(addr, size).find(wanted)
        if at >= 0:
            return addr + at
        addr += size
        count -= size
    return 0


def order(left: AnyStr, right: AnyStr) -> int:
    """-1, 0 or 1, by the values of the units."""
    return (left > right) - (left < right)
