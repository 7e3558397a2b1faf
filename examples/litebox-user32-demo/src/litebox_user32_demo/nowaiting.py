"""An overlay: sleeping takes no time. For programs that wait more than they work."""

from litebox_core.abi import BOOL, DWORD
from litebox_core.dll import Dll, Original
from litebox_core.guest import Guest, Steps

kernel32 = Dll("kernel32")


@kernel32.export
def Sleep(guest: Guest, dwMilliseconds: DWORD, *, original: Original) -> Steps[None]:
    yield from original(guest, 0)  # other threads still get their turn


@kernel32.export
def SleepEx(guest: Guest, dwMilliseconds: DWORD, bAlertable: BOOL, *, original: Original) -> Steps[DWORD]:
    result: DWORD = yield from original(guest, 0, bAlertable)
    return result


overlay = [kernel32, Dll("kernelbase", like=kernel32)]
