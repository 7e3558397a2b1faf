"""Acting for somebody else: nobody does."""

from litebox_core.abi import BOOL, HANDLE
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.objects import Object
from litebox_core.pipes import PipeFile
from litebox_core.winerror import ERROR_CANNOT_IMPERSONATE, ERROR_INVALID_FUNCTION

from .base import dll


@dll.export(partial="always refused")
def ImpersonateNamedPipeClient(guest: Guest, hNamedPipe: HANDLE) -> BOOL:
    obj = guest.process.handles.get(hNamedPipe, Object, 0, guest)
    raise WinError(ERROR_CANNOT_IMPERSONATE if isinstance(obj, PipeFile) else ERROR_INVALID_FUNCTION)


@dll.export
def RevertToSelf(guest: Guest) -> BOOL:
    """No thread is ever another than itself."""
    return True
