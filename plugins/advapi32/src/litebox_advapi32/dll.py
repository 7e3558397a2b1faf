"""ADVAPI32: so far the random numbers that C, Go and Rust run-times ask it for."""

from typing import Annotated

from litebox_core.abi import BOOLEAN, ULONG, Buffer, Len
from litebox_core.dll import Dll
from litebox_core.guest import Guest
from litebox_core.services import Entropy

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
