"""A guest's arguments and memory as plain Python values, for the tests of the engines."""

import struct

from litebox_msvcrt.engines.format import units


class Arguments:
    """An `ArgSource` over a list: ints, floats, bytes (char *), str (wchar_t *), None (NULL)."""

    def __init__(self, *values: object, pointer_bits: int = 64) -> None:
        self.pointer_bits = pointer_bits
        self.values = list(values)
        self.memory: dict[int, bytes] = {}
        self.written: list[tuple[int, int, int]] = []

    def integer(self, bits: int, signed: bool) -> int:
        value = self.values.pop(0)
        assert isinstance(value, int)
        value &= (1 << bits) - 1
        return value - (1 << bits) if signed and value >> (bits - 1) else value

    def double(self) -> float:
        value = self.values.pop(0)
        assert isinstance(value, float)
        return value

    def pointer(self) -> int:
        value = self.values.pop(0)
        if value is None:
            return 0
        if isinstance(value, int):
            return value
        address = 0x10000 * (len(self.memory) + 1)
        assert isinstance(value, bytes | str)
        self.memory[address] = value if isinstance(value, bytes) else value.encode("utf-16-le", "surrogatepass")
        return address

    def read_bytes(self, addr: int, size: int) -> bytes:
        data = self.memory[addr & ~0xFFFF][addr & 0xFFFF :][:size]
        assert len(data) == size
        return data

    def read_cstr(self, addr: int, limit: int | None) -> bytes:
        data = self.memory[addr & ~0xFFFF][addr & 0xFFFF :].split(b"\0")[0]
        return data[:limit]

    def read_wstr(self, addr: int, limit: int | None) -> str:
        return units(self.memory[addr & ~0xFFFF][addr & 0xFFFF :]).split("\0")[0][:limit]

    def write_int(self, addr: int, bits: int, value: int) -> None:
        self.written.append((addr, bits, value))


def from_bits(bits: int) -> float:
    """The double with these bits."""
    value: float = struct.unpack("<d", struct.pack("<Q", bits))[0]
    return value
