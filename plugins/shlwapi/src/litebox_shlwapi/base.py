"""The Dll object, and the two alphabets that most functions of SHLWAPI exist for."""

from collections.abc import Iterator
from typing import NamedTuple

from litebox_core.dll import Dll
from litebox_core.guest import Guest
from litebox_core.memory import Memory

MAX_PATH = 260

dll = Dll("shlwapi")


class Letters(NamedTuple):
    """How one form of the functions keeps text: ``suffix`` is W or A, ``unit`` the bytes of a character."""

    suffix: str
    unit: int

    def read(self, memory: Memory, addr: int) -> str:
        """The text at an address. Raises GuestFault."""
        return memory.wstr(addr) if self.unit == 2 else memory.ansi_decode(memory.cstr(addr))

    def encode(self, memory: Memory, text: str) -> bytes:
        return text.encode("utf-16-le", "surrogatepass") if self.unit == 2 else memory.ansi_encode(text)

    def write(self, memory: Memory, addr: int, text: str) -> None:
        """Stores text and NUL. Raises GuestFault."""
        memory.write(addr, self.encode(memory, text) + b"\0" * self.unit)

    def units(self, memory: Memory, text: str) -> int:
        """How many characters of a buffer the text takes, without its NUL."""
        return len(self.encode(memory, text)) // self.unit

    def at(self, guest: Guest, addr: int, text: str, index: int) -> int:
        """The address of ``text[index]``, where ``text`` stands at ``addr``."""
        return addr + len(self.encode(guest.memory, text[:index]))


WIDE, NARROW = Letters("W", 2), Letters("A", 1)


def both() -> Iterator[Letters]:
    return iter((WIDE, NARROW))
