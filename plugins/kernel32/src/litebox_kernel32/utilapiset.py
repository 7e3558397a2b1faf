"""utilapiset.h: pointer encoding."""

from litebox_core.abi import BOOL, DWORD, PVOID
from litebox_core.errors import WinError
from litebox_core.guest import Guest, Steps, Wait
from litebox_core.services import Clock
from litebox_core.winerror import ERROR_INVALID_PARAMETER

from .base import dll


@dll.export(aliases=["EncodeSystemPointer"])
def EncodePointer(guest: Guest, Ptr: PVOID) -> PVOID:
    return guest.process.encode_pointer(Ptr)


@dll.export(aliases=["DecodeSystemPointer"])
def DecodePointer(guest: Guest, Ptr: PVOID) -> PVOID:
    return guest.process.decode_pointer(Ptr)


@dll.export
def Beep(guest: Guest, dwFreq: DWORD, dwDuration: DWORD, *, clock: Clock) -> Steps[BOOL]:
    """There is no speaker: the call takes its time in silence."""
    if not 0x25 <= dwFreq <= 0x7FFF:
        raise WinError(ERROR_INVALID_PARAMETER)
    yield Wait((), clock.monotonic() + dwDuration / 1000)
    return True
