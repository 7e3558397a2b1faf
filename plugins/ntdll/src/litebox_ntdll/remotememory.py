"""Pages and views of other processes of the run, which are asked for all of it."""

import os

from litebox_core.children import Children, OtherProcess
from litebox_core.errors import NtError
from litebox_core.guest import Guest
from litebox_core.memory.pages import highest_address
from litebox_core.ntstatus import STATUS_INVALID_PARAMETER_4
from litebox_core.sections import Section

__all__ = ["allocate_in", "free_in", "highest_of_view", "map_in", "protect_in", "region_in", "unmap_in"]


def highest_of_view(zero_bits: int, base: int) -> int:
    """The highest address that ZeroBits leaves a view, 0 for any. Raises NtError, also where ``base`` is above it."""
    try:
        high = highest_address(zero_bits)
    except NtError:
        raise NtError(STATUS_INVALID_PARAMETER_4) from None
    if high and base > high:
        raise NtError(STATUS_INVALID_PARAMETER_4)
    return high


def allocate_in(
    guest: Guest, other: OtherProcess, address: int, size: int, kind: int, protect: int, zero_bits: int
) -> tuple[int, int]:
    """Reserves or commits pages; base and size. Raises NtError."""
    answer = guest.service(Children).ask(
        other.pid, "allocate", address=address, size=size, kind=kind, protect=protect, zero_bits=zero_bits
    )[0]
    return answer["address"], answer["size"]


def free_in(guest: Guest, other: OtherProcess, address: int, size: int, kind: int) -> tuple[int, int]:
    """Releases or decommits pages; base and size. Raises NtError."""
    answer = guest.service(Children).ask(other.pid, "free", address=address, size=size, kind=kind)[0]
    return answer["address"], answer["size"]


def protect_in(guest: Guest, other: OtherProcess, address: int, size: int, protect: int) -> tuple[int, int, int]:
    """Protects pages; base, size and the old protection. Raises NtError."""
    answer = guest.service(Children).ask(other.pid, "protect", address=address, size=size, protect=protect)[0]
    return answer["address"], answer["size"], answer["old"]


def region_in(guest: Guest, other: OtherProcess, address: int) -> list[int]:
    """What MEMORY_BASIC_INFORMATION tells: base, allocation base and protection, size, state, protection, type."""
    region: list[int] = guest.service(Children).ask(other.pid, "region", address=address)[0]["region"]
    return region


def map_in(
    guest: Guest, other: OtherProcess, section: Section, base: int, offset: int, size: int, protect: int, kind: int,
    high: int,
) -> tuple[int, int]:  # fmt: skip
    """Maps a section of this process in another one; base and size. Raises NtError."""
    children = guest.service(Children)
    what, fd = children.hand_over(section)
    try:
        answer, _ = children.ask(
            other.pid, "map view", (fd,) if fd >= 0 else (), section=what, address=base, offset=offset, size=size,
            protect=protect, kind=kind, high=high,
        )  # fmt: skip
    finally:
        if what.get("given"):
            os.close(fd)
    return answer["base"], answer["size"]


def unmap_in(guest: Guest, other: OtherProcess, address: int) -> None:
    guest.service(Children).ask(other.pid, "unmap view", address=address)
