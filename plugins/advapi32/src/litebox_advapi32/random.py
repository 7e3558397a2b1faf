"""Random numbers, which the run-times of C, Go and Rust ask for."""

from typing import Annotated

from litebox_core.abi import BOOLEAN, ULONG, Buffer, Len
from litebox_core.guest import Guest
from litebox_core.services import Entropy

from .base import dll


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
