"""Typed reads and writes of guest memory from the host, checked against the guest's own page rights."""

import struct
from bisect import bisect_right
from typing import TYPE_CHECKING, Any

from .regions import EXECUTE, READ, WRITE, Run

if TYPE_CHECKING:
    from ..nls.codepages import CodePage

_U16 = struct.Struct("<H")
_U32 = struct.Struct("<I")
_U64 = struct.Struct("<Q")
_NO_RUN: Any = type("_NoRun", (), {"start": 1, "end": 0, "bias": 0, "data": b"", "rights": 0})()

ACCESS_NAMES = {READ: "read", WRITE: "write", EXECUTE: "execute"}


class GuestFault(Exception):
    """The host touched guest memory on the guest's behalf and the guest has no right to it there.

    In an API function it becomes an access violation of the calling thread or, where Windows probes its arguments,
    STATUS_ACCESS_VIOLATION. ``access`` is READ, WRITE or EXECUTE; ``guard`` tells that a guard page was hit.
    """

    def __init__(self, addr: int, access: int, guard: bool = False) -> None:
        super().__init__(addr, access)
        self.addr, self.access, self.guard = addr, access, guard

    def __str__(self) -> str:
        return f"cannot {ACCESS_NAMES[self.access]} guest address {self.addr:#x}"


class Access:
    """The reading and writing half of :class:`~litebox_core.memory.Memory`."""

    bits: int
    ansi_code_page = 1252

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._runs: list[Run] = []
        self._last: Run = _NO_RUN

    # -- finding -------------------------------------------------------------------------------------------------

    def _run(self, addr: int, size: int, right: int) -> Run | None:
        """The run that holds all of ``[addr, addr + size)``, or None where it takes several.

        Raises GuestFault where the first byte is not accessible.
        """
        last = self._last
        if last.start <= addr and addr + size <= last.end and last.rights & right:
            return last
        index = bisect_right(self._starts, addr) - 1
        if index >= 0:
            run = self._runs[index]
            if addr < run.end:
                if not run.rights & right:
                    if self._touch(run, addr, right):
                        return self._run(addr, size, right)
                    raise GuestFault(addr, right, bool(run.protect & 0x100))
                self._last = run
                return run if addr + size <= run.end else None
        raise GuestFault(addr, right)

    def _touch(self, run: Run, addr: int, right: int) -> bool:
        """A page without the right was touched: True when that made it accessible (a stack grew)."""
        return False

    def _pieces(self, addr: int, size: int, right: int) -> list[tuple[Run, int, int]]:
        """``(run, offset into its data, length)`` covering the range. Raises GuestFault at the first bad address."""
        pieces = []
        while size > 0:
            run = self._run(addr, 1, right)
            assert run is not None
            length = min(size, run.end - addr)
            pieces.append((run, addr - run.bias, length))
            addr += length
            size -= length
        return pieces

    def check(self, addr: int, size: int, right: int = READ) -> None:
        """Raises GuestFault unless the whole range is accessible."""
        if size > 0 and self._run(addr, size, right) is None:
            self._pieces(addr, size, right)

    def accessible(self, addr: int, size: int, right: int = READ) -> bool:
        """Whether the whole range is accessible."""
        try:
            self.check(addr, size, right)
        except GuestFault:
            return False
        return True

    def allows(self, addr: int, right: int) -> bool:
        """Whether the guest can access a byte as things stand, without a fault that the host answers."""
        index = bisect_right(self._starts, addr) - 1
        return index >= 0 and addr < self._runs[index].end and bool(self._runs[index].rights & right)

    # -- bytes ---------------------------------------------------------------------------------------------------

    def read(self, addr: int, size: int) -> bytes:
        """``size`` bytes at ``addr``. Raises GuestFault."""
        if size <= 0:
            return b""
        last = self._last
        known = last.start <= addr and addr + size <= last.end and last.rights & READ
        run = last if known else self._run(addr, size, READ)
        if run is not None:
            offset = addr - run.bias
            return run.data[offset : offset + size]
        return b"".join(r.data[offset : offset + n] for r, offset, n in self._pieces(addr, size, READ))

    def write(self, addr: int, data: bytes | bytearray | memoryview) -> None:
        """Writes all bytes or, raising GuestFault, none."""
        size = len(data)
        if not size:
            return
        last = self._last
        known = last.start <= addr and addr + size <= last.end and last.rights & WRITE
        run = last if known else self._run(addr, size, WRITE)
        if run is not None:
            offset = addr - run.bias
            run.data[offset : offset + size] = data
            if run.rights & EXECUTE:
                self.code_changed(addr, size)
            return
        done = 0
        for piece, offset, length in self._pieces(addr, size, WRITE):
            piece.data[offset : offset + length] = data[done : done + length]
            if piece.rights & EXECUTE:
                self.code_changed(addr + done, length)
            done += length

    def fill(self, addr: int, size: int, byte: int = 0) -> None:
        """Sets ``size`` bytes. Raises GuestFault."""
        for run, offset, length in self._pieces(addr, size, WRITE):
            block = bytes([byte]) * min(length, 1 << 20)
            for at in range(offset, offset + length, 1 << 20):
                part = min(1 << 20, offset + length - at)
                run.data[at : at + part] = block[:part]
            if run.rights & EXECUTE:
                self.code_changed(offset + run.bias, length)

    def view(self, addr: int, size: int, right: int = READ) -> memoryview | None:
        """A view without a copy, or None where the range spans several runs. Raises GuestFault.

        It must not outlive the call in which it was made.
        """
        run = self._run(addr, size, right)
        if run is None:
            return None
        offset = addr - run.bias
        return memoryview(run.data)[offset : offset + size]

    def code_changed(self, addr: int, size: int) -> None:
        """Tells the engine that the host wrote to code."""

    # -- numbers -------------------------------------------------------------------------------------------------

    def u8(self, addr: int) -> int:
        return self.read(addr, 1)[0]

    def u16(self, addr: int) -> int:
        return int(_U16.unpack(self.read(addr, 2))[0])

    def u32(self, addr: int) -> int:
        run = self._run(addr, 4, READ)
        if run is not None:
            return int(_U32.unpack_from(run.data, addr - run.bias)[0])
        return int(_U32.unpack(self.read(addr, 4))[0])

    def u64(self, addr: int) -> int:
        last = self._last
        known = last.start <= addr and addr + 8 <= last.end and last.rights & READ
        run = last if known else self._run(addr, 8, READ)
        if run is not None:
            return int(_U64.unpack_from(run.data, addr - run.bias)[0])
        return int(_U64.unpack(self.read(addr, 8))[0])

    def i32(self, addr: int) -> int:
        value = self.u32(addr)
        return value - (value >> 31 << 32)

    def i64(self, addr: int) -> int:
        value = self.u64(addr)
        return value - (value >> 63 << 64)

    def pointer(self, addr: int) -> int:
        """A pointer-sized value."""
        return self.u64(addr) if self.bits == 64 else self.u32(addr)

    def put_u8(self, addr: int, value: int) -> None:
        self.write(addr, bytes((value & 0xFF,)))

    def put_u16(self, addr: int, value: int) -> None:
        self.write(addr, _U16.pack(value & 0xFFFF))

    def put_u32(self, addr: int, value: int) -> None:
        self.write(addr, _U32.pack(value & 0xFFFFFFFF))

    def put_u64(self, addr: int, value: int) -> None:
        self.write(addr, _U64.pack(value & 0xFFFFFFFFFFFFFFFF))

    def put_pointer(self, addr: int, value: int) -> None:
        if self.bits == 64:
            self.put_u64(addr, value)
        else:
            self.put_u32(addr, value)

    # -- text ----------------------------------------------------------------------------------------------------

    def cstr(self, addr: int, limit: int | None = None) -> bytes:
        """The bytes up to a NUL, at most ``limit`` of them. Raises GuestFault where memory ends before."""
        parts: list[bytes] = []
        left = limit if limit is not None else 1 << 62
        while left > 0:
            run = self._run(addr, 1, READ)
            assert run is not None
            offset = addr - run.bias
            end = min(run.end - run.bias, offset + left)
            found = run.data.find(b"\0", offset, end)
            if found >= 0:
                parts.append(run.data[offset:found])
                break
            parts.append(run.data[offset:end])
            left -= end - offset
            addr += end - offset
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def wstr_bytes(self, addr: int, limit: int | None = None) -> bytes:
        """UTF-16 bytes up to a NUL unit, at most ``limit`` units of them. Raises GuestFault."""
        parts: list[bytes] = []
        left = 2 * limit if limit is not None else 1 << 62
        while left > 0:
            run = self._run(addr, 2, READ)
            if run is None:  # a unit across two runs
                unit = self.read(addr, 2)
                if unit == b"\0\0":
                    break
                parts.append(unit)
                addr += 2
                left -= 2
                continue
            offset = addr - run.bias
            end = min(offset + (run.end - addr & ~1), offset + left)
            found = run.data.find(b"\0\0", offset, end)
            while found >= 0 and (found - offset) & 1:
                found = run.data.find(b"\0\0", found + 1, end)
            if found >= 0:
                parts.append(run.data[offset:found])
                break
            parts.append(run.data[offset:end])
            left -= end - offset
            addr += end - offset
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def wstr(self, addr: int, limit: int | None = None) -> str:
        """UTF-16 text up to a NUL; lone surrogates are kept. Raises GuestFault."""
        return self.wstr_bytes(addr, limit).decode("utf-16-le", "surrogatepass")

    def put_cstr(self, addr: int, data: bytes) -> None:
        self.write(addr, data + b"\0")

    def put_wstr(self, addr: int, text: str) -> None:
        self.write(addr, text.encode("utf-16-le", "surrogatepass") + b"\0\0")

    def ansi_decode(self, data: bytes) -> str:
        """Text of the process's ANSI code page."""
        if data.isascii():
            return data.decode("ascii")
        return self._ansi_page().decode(data)

    def ansi_encode(self, text: str) -> bytes:
        if text.isascii():
            return text.encode("ascii")
        return self._ansi_page().encode(text)[0]

    def _ansi_page(self) -> "CodePage":
        from ..nls.codepages import codepage

        page = codepage(self.ansi_code_page)
        assert page is not None
        return page
