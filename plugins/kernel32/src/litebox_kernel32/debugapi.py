"""debugapi.h: nobody debugs the program."""

from litebox_core.abi import BOOL, HANDLE, Out
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.teb import PEB_BEING_DEBUGGED
from litebox_core.threads import ProcessObject
from litebox_core.winerror import ERROR_INVALID_PARAMETER

from .base import dll


@dll.export
def IsDebuggerPresent(guest: Guest) -> BOOL:
    return guest.memory.u8(guest.process.blocks.peb + PEB_BEING_DEBUGGED)


@dll.export
def CheckRemoteDebuggerPresent(guest: Guest, hProcess: HANDLE, pbDebuggerPresent: Out[BOOL]) -> BOOL:
    if not hProcess or not pbDebuggerPresent:
        raise WinError(ERROR_INVALID_PARAMETER)
    guest.process.handles.get(hProcess, ProcessObject, guest=guest)
    pbDebuggerPresent.value = False
    return True
