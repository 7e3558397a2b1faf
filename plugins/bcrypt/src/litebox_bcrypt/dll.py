"""BCRYPTPRIMITIVES: the random numbers that Rust's run-time starts with."""

from typing import Annotated

from litebox_core.abi import BOOL, SIZE_T, Buffer, Len
from litebox_core.dll import Dll
from litebox_core.guest import Guest
from litebox_core.services import Entropy

bcryptprimitives = Dll("bcryptprimitives")


@bcryptprimitives.export
def ProcessPrng(guest: Guest, pbData: Annotated[Buffer, Len("cbData")], cbData: SIZE_T, *, entropy: Entropy) -> BOOL:
    guest.memory.check(pbData.addr, cbData, 2)
    pbData.write(entropy.random(cbData))
    return True
