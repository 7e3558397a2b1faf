"""<stdlib.h>: integer arithmetic and random numbers."""

import struct

from litebox_core.abi import INT, LONGLONG, UINT, ULONG, ULONGLONG, USHORT, Out
from litebox_core.crterrno import EINVAL
from litebox_core.dll import RETURN_ERROR, Dll, Fast
from litebox_core.guest import Guest
from litebox_core.services import Entropy

from . import fastpaths
from .base import InvalidParameter, msvcrt, shared, ucrtbase


@shared.export(aliases=("labs",), fast=fastpaths.abs)
def abs(guest: Guest, n: INT) -> INT:
    return -n if n < 0 else n


@shared.export(fast=fastpaths._abs64)
def _abs64(guest: Guest, n: LONGLONG) -> LONGLONG:
    return -n if n < 0 else n


ucrtbase.export(name="llabs", fast=fastpaths._abs64)(_abs64)
ucrtbase.export(name="imaxabs", fast=fastpaths._abs64)(_abs64)

# mov r8d, edx; mov eax, ecx; cdq; idiv r8d; shl rdx, 32; mov eax, eax; or rax, rdx; ret
_DIV = bytes.fromhex("4189d0 89c8 99 41f7f8 48c1e220 89c0 4809d0 c3")
# mov rax, rdx; cqo; idiv r8; mov [rcx], rax; mov [rcx + 8], rdx; mov rax, rcx; ret
_LLDIV = bytes.fromhex("4889d0 4899 49f7f8 488901 48895108 4889c8 c3")
shared.code("div", {64: _DIV})
shared.code("ldiv", {64: _DIV})
ucrtbase.code("lldiv", {64: _LLDIV})
ucrtbase.code("imaxdiv", {64: _LLDIV})


def _rotated(value: int, shift: int, bits: int) -> int:
    """Rotated to the left; a negative shift is one to the right."""
    shift %= bits
    return (value << shift | value >> (bits - shift)) & ((1 << bits) - 1)


@shared.export
def _rotl(guest: Guest, value: UINT, shift: INT) -> UINT:
    return _rotated(value, shift, 32)


@shared.export
def _rotr(guest: Guest, value: UINT, shift: INT) -> UINT:
    return _rotated(value, -shift, 32)


@shared.export
def _lrotl(guest: Guest, value: ULONG, shift: INT) -> ULONG:
    return _rotated(value, shift, 32)


@shared.export
def _lrotr(guest: Guest, value: ULONG, shift: INT) -> ULONG:
    return _rotated(value, -shift, 32)


@shared.export
def _rotl64(guest: Guest, value: ULONGLONG, shift: INT) -> ULONGLONG:
    return _rotated(value, shift, 64)


@shared.export
def _rotr64(guest: Guest, value: ULONGLONG, shift: INT) -> ULONGLONG:
    return _rotated(value, -shift, 64)


@ucrtbase.export
def _byteswap_ushort(guest: Guest, val: USHORT) -> USHORT:
    return int.from_bytes(val.to_bytes(2, "little"), "big")


@ucrtbase.export
def _byteswap_ulong(guest: Guest, val: ULONG) -> ULONG:
    return int.from_bytes(val.to_bytes(4, "little"), "big")


@ucrtbase.export
def _byteswap_uint64(guest: Guest, val: ULONGLONG) -> ULONGLONG:
    return int.from_bytes(val.to_bytes(8, "little"), "big")


# -- random numbers ----------------------------------------------------------------------------------------------


TEB_SEED, TEB_UCRT_SEED = 0x1FF0, 0x1FF4
"""Where machine code finds the state of a thread's generator of either run-time; the first one, 1, is there as 0."""
_U32 = struct.Struct("<I")


def _declare_random(dll: Dll, slot: int, fast: Fast) -> None:
    def srand(guest: Guest, seed: UINT) -> None:
        _U32.pack_into(guest.spill, slot, seed ^ 1)

    def rand(guest: Guest) -> INT:
        before: int = _U32.unpack_from(guest.spill, slot)[0] ^ 1
        seed = (before * 214013 + 2531011) & 0xFFFFFFFF
        _U32.pack_into(guest.spill, slot, seed ^ 1)
        return seed >> 16 & 0x7FFF

    dll.export(srand)
    dll.export(fast=fast)(rand)


_declare_random(msvcrt, TEB_SEED, fastpaths.rand)
_declare_random(ucrtbase, TEB_UCRT_SEED, fastpaths.rand_of_ucrt)


@shared.export(fails=RETURN_ERROR)
def rand_s(guest: Guest, randomValue: Out[UINT], *, entropy: Entropy) -> INT:
    if not randomValue:
        raise InvalidParameter(EINVAL)
    randomValue.value = int.from_bytes(entropy.random(4), "little")
    return 0
