"""bcrypt.h: random numbers."""

from typing import Annotated

from litebox_core.abi import BOOL, HANDLE, NTSTATUS, SIZE_T, ULONG, Buffer, Len
from litebox_core.errors import NtError
from litebox_core.guest import Guest
from litebox_core.ntstatus import STATUS_INVALID_HANDLE, STATUS_INVALID_PARAMETER, STATUS_SUCCESS
from litebox_core.services import Entropy

from .base import bcrypt, bcryptprimitives
from .objects import BcryptState

BCRYPT_USE_SYSTEM_PREFERRED_RNG = 2


@bcryptprimitives.export
def ProcessPrng(guest: Guest, pbData: Annotated[Buffer, Len("cbData")], cbData: SIZE_T, *, entropy: Entropy) -> BOOL:
    guest.memory.check(pbData.addr, cbData, 2)
    pbData.write(entropy.random(cbData))
    return True


@bcrypt.export
def BCryptGenRandom(
    guest: Guest,
    hAlgorithm: HANDLE,
    pbBuffer: Annotated[Buffer, Len("cbBuffer")],
    cbBuffer: ULONG,
    dwFlags: ULONG,
    *,
    entropy: Entropy,
) -> NTSTATUS:
    if not hAlgorithm:
        if not dwFlags & BCRYPT_USE_SYSTEM_PREFERRED_RNG:
            raise NtError(STATUS_INVALID_HANDLE)
    elif guest.state(BcryptState).algorithm(hAlgorithm).algorithm.name != "RNG":
        raise NtError(STATUS_INVALID_HANDLE)
    elif dwFlags & BCRYPT_USE_SYSTEM_PREFERRED_RNG:
        raise NtError(STATUS_INVALID_PARAMETER)
    if not pbBuffer:
        raise NtError(STATUS_INVALID_PARAMETER)
    guest.memory.check(pbBuffer.addr, cbBuffer, 2)
    pbBuffer.write(entropy.random(cbBuffer))
    return STATUS_SUCCESS
