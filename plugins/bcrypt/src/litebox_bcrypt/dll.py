"""BCRYPT and BCRYPTPRIMITIVES: so far the random numbers that run-times start with."""

from typing import Annotated

from litebox_core.abi import BOOL, HANDLE, NTSTATUS, SIZE_T, ULONG, Buffer, Len
from litebox_core.dll import NATIVE, Dll
from litebox_core.errors import NtError
from litebox_core.guest import Guest
from litebox_core.ntstatus import STATUS_INVALID_HANDLE, STATUS_INVALID_PARAMETER, STATUS_SUCCESS
from litebox_core.services import Entropy

bcrypt = Dll("bcrypt", dialect=NATIVE)
bcryptprimitives = Dll("bcryptprimitives")

BCRYPT_USE_SYSTEM_PREFERRED_RNG = 2
BCRYPT_RNG_ALG_HANDLE = 0x81


@bcryptprimitives.export
def ProcessPrng(guest: Guest, pbData: Annotated[Buffer, Len("cbData")], cbData: SIZE_T, *, entropy: Entropy) -> BOOL:
    guest.memory.check(pbData.addr, cbData, 2)
    pbData.write(entropy.random(cbData))
    return True


@bcrypt.export(partial="only the system's own generator: algorithm providers cannot be opened")
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
    elif hAlgorithm != BCRYPT_RNG_ALG_HANDLE:
        raise NtError(STATUS_INVALID_HANDLE)
    elif dwFlags & BCRYPT_USE_SYSTEM_PREFERRED_RNG:
        raise NtError(STATUS_INVALID_PARAMETER)
    if not pbBuffer:
        raise NtError(STATUS_INVALID_PARAMETER)
    guest.memory.check(pbBuffer.addr, cbBuffer, 2)
    pbBuffer.write(entropy.random(cbBuffer))
    return STATUS_SUCCESS
