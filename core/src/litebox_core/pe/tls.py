"""The TLS directory: the template of a thread's static storage, and functions to call as threads start and end."""

import struct
from typing import NamedTuple

from .headers import DIR_TLS
from .image import Image

MAX_CALLBACKS = 4096

_DIRECTORY32 = struct.Struct("<6I")
_DIRECTORY64 = struct.Struct("<4Q2I")


class Tls(NamedTuple):
    """Static thread-local storage. All addresses in the file are absolute for the preferred base; these are RVAs.

    A thread's block is `raw_size` bytes copied from `raw_rva`, then `zero_fill` zero bytes. The module's TLS index is
    stored as 32 bits at `index_rva`. `callbacks_rva` is where the zero-terminated list of callbacks is; a program may
    change that list until it is called. An RVA of 0 means that there is none.
    """

    raw_rva: int
    raw_size: int
    zero_fill: int
    index_rva: int
    callbacks_rva: int
    callbacks: list[int]
    """Addresses of the callbacks, absolute for the preferred base, as the file lists them."""
    alignment: int
    """What the block's address is to be a multiple of, 0 when the image does not say."""
    characteristics: int
    rva: int
    """Where the directory itself is."""


def tls(image: Image) -> Tls | None:
    """The TLS directory, None when there is none. Raises BadImage when any of it lies outside the image."""
    rva = image.directories[DIR_TLS].rva
    if rva == 0:
        return None
    place = "TLS directory"
    fields = image.unpack(_DIRECTORY64 if image.bits == 64 else _DIRECTORY32, rva, place)
    start, end, index, callbacks, zero_fill, characteristics = fields
    raw_rva = 0
    if start or end:
        raw_rva = image.rva_of_va(start, f"{place}, StartAddressOfRawData")
        if not 0 <= end - start <= image.mapped_size - raw_rva:
            raise image.bad(place, f"the template from 0x{start:x} to 0x{end:x} is not in the image")
    index_rva = image.rva_of_va(index, f"{place}, AddressOfIndex") if index else 0
    if index_rva > image.mapped_size - 4:
        raise image.bad(place, f"AddressOfIndex 0x{index:x} is outside the image")
    callbacks_rva = image.rva_of_va(callbacks, f"{place}, AddressOfCallBacks") if callbacks else 0
    shift = characteristics >> 20 & 0xF
    return Tls(
        raw_rva,
        end - start,
        zero_fill,
        index_rva,
        callbacks_rva,
        _callbacks(image, callbacks_rva) if callbacks_rva else [],
        1 << (shift - 1) if 0 < shift < 15 else 0,
        characteristics,
        rva,
    )


def _callbacks(image: Image, rva: int) -> list[int]:
    width = image.bits // 8
    found: list[int] = []
    while len(found) <= MAX_CALLBACKS:
        address = int.from_bytes(image.at(rva, width, "TLS callbacks"), "little")
        if address == 0:
            return found
        found.append(address)
        rva += width
    raise image.bad("TLS callbacks", f"more than {MAX_CALLBACKS}, or no end")
