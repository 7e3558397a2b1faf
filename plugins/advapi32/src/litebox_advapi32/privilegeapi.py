"""winbase.h: the names of privileges."""

from typing import Annotated

from litebox_core.abi import BOOL, DWORD, PCWSTR, PVOID, InOut, Len, Out, WideBuffer
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.security import privileges
from litebox_core.winerror import ERROR_INSUFFICIENT_BUFFER, ERROR_INVALID_PARAMETER, ERROR_NO_SUCH_PRIVILEGE

from .accounts import local_system
from .base import dll

_ENGLISH = 0x409


@dll.export(probes=True)
def LookupPrivilegeValueW(
    guest: Guest, lpSystemName: PCWSTR | None, lpName: PCWSTR | None, lpLuid: PVOID
) -> BOOL:
    local_system(guest, lpSystemName)
    found = privileges.value_of(lpName or "")
    if found is None:
        raise WinError(ERROR_NO_SUCH_PRIVILEGE)
    guest.memory.put_u64(lpLuid, found)
    return True


def _stored(name: str | None, buffer: WideBuffer, size: InOut[int]) -> bool:
    if name is None:
        raise WinError(ERROR_NO_SUCH_PRIVILEGE)
    count = buffer.units(name)
    if size.value <= count:
        size.value = count + 1
        raise WinError(ERROR_INSUFFICIENT_BUFFER)
    buffer.put(name)
    size.value = count
    return True


@dll.export(probes=True)
def LookupPrivilegeNameW(
    guest: Guest, lpSystemName: PCWSTR | None, lpLuid: PVOID, lpName: Annotated[WideBuffer, Len("cchName")],
    cchName: InOut[DWORD],
) -> BOOL:  # fmt: skip
    if not lpLuid or not cchName:
        raise WinError(ERROR_INVALID_PARAMETER)
    local_system(guest, lpSystemName)
    return _stored(privileges.name_of(guest.memory.u64(lpLuid)), lpName, cchName)


@dll.export(probes=True)
def LookupPrivilegeDisplayNameW(
    guest: Guest, lpSystemName: PCWSTR | None, lpName: PCWSTR,
    lpDisplayName: Annotated[WideBuffer, Len("cchDisplayName")], cchDisplayName: InOut[DWORD],
    lpLanguageId: Out[DWORD],
) -> BOOL:  # fmt: skip
    local_system(guest, lpSystemName)
    _stored(privileges.display_name(lpName), lpDisplayName, cchDisplayName)
    lpLanguageId.value = _ENGLISH
    return True


for wide in (LookupPrivilegeValueW, LookupPrivilegeNameW, LookupPrivilegeDisplayNameW):
    dll.ansi(wide)
