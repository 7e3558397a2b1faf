"""utilapiset.h: pointer encoding."""

from litebox_core.abi import BOOL, DWORD, PVOID
from litebox_core.errors import WinError
from litebox_core.guest import Guest, Steps, Wait
from litebox_core.services import Clock
from litebox_core.winerror import ERROR_INVALID_PARAMETER

from .base import dll


def _rotation(guest: Guest) -> tuple[int, int]:
    cookie, bits = guest.process.cookie, guest.process.bits
    return cookie * 0x9E3779B97F4A7C15 & ((1 << bits) - 1), cookie % (bits - 1) + 1


@dll.export
def EncodePointer(guest: Guest, Ptr: PVOID) -> PVOID:
    bits = guest.process.bits
    secret, shift = _rotation(guest)
    mixed = Ptr ^ secret
    return (mixed >> shift | mixed << (bits - shift)) & ((1 << bits) - 1)


@dll.export
def DecodePointer(guest: Guest, Ptr: PVOID) -> PVOID:
    bits = guest.process.bits
    secret, shift = _rotation(guest)
    return ((Ptr << shift | Ptr >> (bits - shift)) & ((1 << bits) - 1)) ^ secret


dll.alias("EncodeSystemPointer", "EncodePointer")
dll.alias("DecodeSystemPointer", "DecodePointer")


@dll.export
def Beep(guest: Guest, dwFreq: DWORD, dwDuration: DWORD, *, clock: Clock) -> Steps[BOOL]:
    """There is no speaker: the call takes its time in silence."""
    if not 0x25 <= dwFreq <= 0x7FFF:
        raise WinError(ERROR_INVALID_PARAMETER)
    yield Wait((), clock.monotonic() + dwDuration / 1000)
    return True
