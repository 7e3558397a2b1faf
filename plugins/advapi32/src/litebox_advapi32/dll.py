"""ADVAPI32: so far the random numbers that C, Go and Rust run-times ask it for, and that nobody is impersonated."""

from typing import Annotated

from litebox_core.abi import BOOL, BOOLEAN, HANDLE, ULONG, Buffer, Len
from litebox_core.dll import Dll
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.objects import Object
from litebox_core.pipes import PipeFile
from litebox_core.services import Entropy
from litebox_core.winerror import ERROR_CANNOT_IMPERSONATE, ERROR_INVALID_FUNCTION

dll = Dll("advapi32")


@dll.export
def SystemFunction036(
    guest: Guest,
    RandomBuffer: Annotated[Buffer, Len("RandomBufferLength")],
    RandomBufferLength: ULONG,
    *,
    entropy: Entropy,
) -> BOOLEAN:
    """RtlGenRandom, under the name by which programs import it."""
    guest.memory.check(RandomBuffer.addr, RandomBufferLength, 2)
    RandomBuffer.write(entropy.random(RandomBufferLength))
    return True


# -- impersonation ---------------------------------------------------------------------------------------------------


@dll.export(partial="always refused")
def ImpersonateNamedPipeClient(guest: Guest, hNamedPipe: HANDLE) -> BOOL:
    obj = guest.process.handles.get(hNamedPipe, Object, 0, guest)
    raise WinError(ERROR_CANNOT_IMPERSONATE if isinstance(obj, PipeFile) else ERROR_INVALID_FUNCTION)


@dll.export
def RevertToSelf(guest: Guest) -> BOOL:
    """No thread is ever another than itself."""
    return True
