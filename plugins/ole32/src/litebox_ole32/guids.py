"""GUIDs, their text, and blocks of the process heap that hold text."""

import uuid

from litebox_core.guest import Guest
from litebox_core.services import Entropy, Heaps

GUID_TEXT = 38
"""The characters of a GUID's text in braces."""


def read_guid(guest: Guest, addr: int) -> uuid.UUID:
    """Raises GuestFault."""
    return uuid.UUID(bytes_le=guest.memory.read(addr, 16))


def write_guid(guest: Guest, addr: int, value: uuid.UUID) -> None:
    guest.memory.write(addr, value.bytes_le)


def braced(value: uuid.UUID) -> str:
    return f"{{{value}}}".upper()


def parse(text: str) -> uuid.UUID | None:
    """A GUID of the form 8-4-4-4-12; None for anything else."""
    parts = text.split("-")
    if [len(part) for part in parts] != [8, 4, 4, 4, 12]:
        return None
    digits = "".join(parts)
    if not digits.isascii() or not digits.isalnum():
        return None
    try:
        return uuid.UUID(hex=digits)
    except ValueError:
        return None


def parse_braced(text: str) -> uuid.UUID | None:
    return parse(text[1:-1]) if text[:1] == "{" and text[-1:] == "}" else None


def random_guid(entropy: Entropy) -> uuid.UUID:
    return uuid.UUID(bytes=entropy.random(16), version=4)


def new_block(guest: Guest, heaps: Heaps, data: bytes) -> int:
    """A block of the process heap that holds these bytes; 0 without memory."""
    block = heaps.allocate(guest.process.process_heap, 0, len(data))
    if block:
        guest.memory.write(block, data)
    return block
