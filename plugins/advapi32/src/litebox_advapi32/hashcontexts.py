"""MD4, MD5 and SHA-1 with contexts that lie in the program's memory, and what is made with them."""

import struct
from typing import NamedTuple

from litebox_core import hashing
from litebox_core.abi import NTSTATUS, PVOID, UINT
from litebox_core.guest import Guest
from litebox_core.hashing import BLOCK, Block
from litebox_core.memory import GuestFault
from litebox_core.ntstatus import STATUS_UNSUCCESSFUL

from .base import dll

_CHUNK = 1 << 16


class _Layout(NamedTuple):
    """Offsets in bytes of a context's parts; ``words`` is the state's length, ``big`` the order of its bytes."""

    block: Block
    start: hashing.State
    bits: int
    state: int
    left: int
    big: bool


_MD4 = _Layout(hashing.md4_block, hashing.MD_START, 16, 0, 24, False)
_MD5 = _Layout(hashing.md5_block, hashing.MD_START, 0, 8, 24, False)
_SHA = _Layout(hashing.sha1_block, hashing.SHA1_START, 44, 24, 52, True)
_DIGEST = 88
"""Where MD4_CTX and MD5_CTX take the result."""


def _words(layout: _Layout) -> str:
    return f"{len(layout.start)}I"


def _begin(guest: Guest, context: int, layout: _Layout) -> None:
    guest.memory.write(context + layout.state, struct.pack("<" + _words(layout), *layout.start))
    guest.memory.write(context + layout.bits, bytes(8))


def _length(guest: Guest, context: int, layout: _Layout) -> int:
    """The number of bytes so far. The count is one of bits; SHA_CTX has its upper half first."""
    low, high = guest.memory.u32(context + layout.bits), guest.memory.u32(context + layout.bits + 4)
    if layout.big:
        low, high = high, low
    return (high << 32 | low) >> 3


def _put_length(guest: Guest, context: int, layout: _Layout, length: int) -> None:
    bits = 8 * length & 0xFFFFFFFFFFFFFFFF
    halves = (bits >> 32, bits & 0xFFFFFFFF) if layout.big else (bits & 0xFFFFFFFF, bits >> 32)
    guest.memory.write(context + layout.bits, struct.pack("<II", *halves))


def _more(guest: Guest, context: int, layout: _Layout, data: bytes) -> None:
    memory = guest.memory
    length = _length(guest, context, layout)
    used = length % BLOCK
    state = struct.unpack("<" + _words(layout), memory.read(context + layout.state, 4 * len(layout.start)))
    data = memory.read(context + layout.left, used) + data
    whole = len(data) - len(data) % BLOCK
    for at in range(0, whole, BLOCK):
        state = layout.block(state, data[at : at + BLOCK])
    memory.write(context + layout.state, struct.pack("<" + _words(layout), *state))
    memory.write(context + layout.left, data[whole:])
    _put_length(guest, context, layout, length + len(data) - used)


def _update(guest: Guest, context: int, layout: _Layout, addr: int, size: int) -> None:
    guest.memory.check(addr, size)
    for at in range(0, size, _CHUNK):
        _more(guest, context, layout, guest.memory.read(addr + at, min(_CHUNK, size - at)))


def _end(guest: Guest, context: int, layout: _Layout) -> bytes:
    _more(guest, context, layout, hashing.padding(_length(guest, context, layout), layout.big))
    state = guest.memory.read(context + layout.state, 4 * len(layout.start))
    return state if not layout.big else struct.pack(">5I", *struct.unpack("<5I", state))


@dll.export
def MD4Init(guest: Guest, context: PVOID) -> None:
    _begin(guest, context, _MD4)


@dll.export
def MD4Update(guest: Guest, context: PVOID, data: PVOID, size: UINT) -> None:
    _update(guest, context, _MD4, data, size)


@dll.export
def MD4Final(guest: Guest, context: PVOID) -> None:
    guest.memory.write(context + _DIGEST, _end(guest, context, _MD4))


@dll.export
def MD5Init(guest: Guest, context: PVOID) -> None:
    _begin(guest, context, _MD5)


@dll.export
def MD5Update(guest: Guest, context: PVOID, data: PVOID, size: UINT) -> None:
    _update(guest, context, _MD5, data, size)


@dll.export
def MD5Final(guest: Guest, context: PVOID) -> None:
    guest.memory.write(context + _DIGEST, _end(guest, context, _MD5))


@dll.export
def A_SHAInit(guest: Guest, context: PVOID) -> None:
    _begin(guest, context, _SHA)


@dll.export
def A_SHAUpdate(guest: Guest, context: PVOID, data: PVOID, size: UINT) -> None:
    _update(guest, context, _SHA, data, size)


@dll.export
def A_SHAFinal(guest: Guest, context: PVOID, result: PVOID) -> None:
    """The context begins again."""
    guest.memory.write(result, _end(guest, context, _SHA))
    _begin(guest, context, _SHA)


# -- functions without a name ------------------------------------------------------------------------------------------


def _md4(data: bytes) -> bytes:
    made = hashing.new("md4")
    made.update(data)
    return made.digest()


@dll.export
def SystemFunction007(guest: Guest, string: PVOID, hash: PVOID) -> NTSTATUS:
    """MD4 of a UNICODE_STRING: the NT hash of a password."""
    memory, width = guest.memory, guest.bits // 8
    try:
        memory.write(hash, _md4(memory.read(memory.pointer(string + width), memory.u16(string))))
    except GuestFault:
        return STATUS_UNSUCCESSFUL
    return 0


@dll.export
def SystemFunction010(guest: Guest, unknown: PVOID, data: PVOID, hash: PVOID) -> NTSTATUS:
    """MD4 of 16 bytes."""
    guest.memory.write(hash, _md4(guest.memory.read(data, 16)))
    return 0


@dll.export
def SystemFunction011(guest: Guest, unknown: PVOID, data: PVOID, hash: PVOID) -> NTSTATUS:
    return SystemFunction010(guest, unknown, data, hash)
