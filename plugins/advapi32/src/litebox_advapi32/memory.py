"""Memory that functions hand to their caller: blocks that LocalFree frees."""

from litebox_core.errors import NtError
from litebox_core.guest import Guest
from litebox_core.ntstatus import STATUS_NO_MEMORY
from litebox_core.services import Heaps

__all__ = ["given", "text"]


def given(guest: Guest, data: bytes, size: int = 0) -> int:
    """The address of a new block that holds ``data`` and is at least ``size`` bytes long. Raises NtError."""
    heaps = guest.service(Heaps)
    addr = heaps.allocate(heaps.process_heap, 0, max(len(data), size, 1))
    if not addr:
        raise NtError(STATUS_NO_MEMORY)
    guest.memory.write(addr, data)
    return addr


def text(guest: Guest, value: str, narrow: bool) -> tuple[int, int]:
    """The address of a new text, and its length in characters with its NUL. Raises NtError."""
    if narrow:
        data = guest.memory.ansi_encode(value) + b"\0"
        return given(guest, data), len(data)
    data = value.encode("utf-16-le", "surrogatepass") + b"\0\0"
    return given(guest, data), len(data) // 2
