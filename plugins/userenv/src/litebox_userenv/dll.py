"""USERENV, SECUR32 and SSPICLI: profile folders, environments and names of the user there is."""

from typing import Annotated

from litebox_core.abi import BOOL, BOOLEAN, DWORD, HANDLE, INT, PCWSTR, PVOID, ULONG, InOut, Len, Out, WideBuffer
from litebox_core.dll import Dll
from litebox_core.environment import expand, guest_environment
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.security.identity import Identity
from litebox_core.services import Heaps
from litebox_core.tokens import Token
from litebox_core.winerror import (
    ERROR_CANT_ACCESS_DOMAIN_INFO,
    ERROR_INSUFFICIENT_BUFFER,
    ERROR_INVALID_PARAMETER,
    ERROR_MORE_DATA,
    ERROR_NONE_MAPPED,
)

TOKEN_QUERY = 8
NAME_SAM_COMPATIBLE, _NAME_FORMATS = 2, frozenset([0, 1, 3, 6, 7, 8, 9, 10, 12, 13, 14])

dll = Dll("userenv")
secur32 = Dll("secur32")
sspicli = Dll("sspicli")


def _check(guest: Guest, token: int) -> None:
    """Raises NtError where there is no such token."""
    guest.process.handles.get(token, Token, TOKEN_QUERY, guest)


# -- folders ---------------------------------------------------------------------------------------------------------


def _put(buffer: WideBuffer, size: InOut[int], path: str) -> bool:
    """The size counts the NUL, in and out."""
    if not size:
        raise WinError(ERROR_INVALID_PARAMETER)
    room, needed = size.value, buffer.units(path) + 1
    size.value = needed
    if not buffer or room < needed:
        raise WinError(ERROR_INSUFFICIENT_BUFFER)
    buffer.put(path)
    return True


def _variable(guest: Guest, name: str) -> str:
    return guest_environment(guest.process).get(name, "")


@dll.export
def GetUserProfileDirectoryW(
    guest: Guest, hToken: HANDLE, lpProfileDir: Annotated[WideBuffer, Len("lpcchSize")], lpcchSize: InOut[DWORD]
) -> BOOL:
    _check(guest, hToken)
    return _put(lpProfileDir, lpcchSize, _variable(guest, "USERPROFILE"))


@dll.export
def GetProfilesDirectoryW(
    guest: Guest, lpProfileDir: Annotated[WideBuffer, Len("lpcchSize")], lpcchSize: InOut[DWORD]
) -> BOOL:
    return _put(lpProfileDir, lpcchSize, _variable(guest, "USERPROFILE").rpartition("\\")[0])


@dll.export
def GetDefaultUserProfileDirectoryW(
    guest: Guest, lpProfileDir: Annotated[WideBuffer, Len("lpcchSize")], lpcchSize: InOut[DWORD]
) -> BOOL:
    return _put(lpProfileDir, lpcchSize, _variable(guest, "USERPROFILE").rpartition("\\")[0] + "\\Default")


@dll.export
def GetAllUsersProfileDirectoryW(
    guest: Guest, lpProfileDir: Annotated[WideBuffer, Len("lpcchSize")], lpcchSize: InOut[DWORD]
) -> BOOL:
    return _put(lpProfileDir, lpcchSize, _variable(guest, "ProgramData"))


# -- environments ----------------------------------------------------------------------------------------------------


@dll.export
def CreateEnvironmentBlock(
    guest: Guest, lpEnvironment: Out[PVOID], hToken: HANDLE, bInherit: BOOL, *, heaps: Heaps
) -> BOOL:
    """What the user's processes begin with; with ``bInherit`` what this process has now comes first."""
    if not lpEnvironment:
        raise WinError(ERROR_INVALID_PARAMETER)
    if hToken:
        _check(guest, hToken)
    variables = {name.upper(): (name, value) for name, value in guest_environment(guest.process).items()}
    if bInherit:
        variables.update((name.upper(), (name, value)) for name, value in guest.process.variables())
    lines = sorted(variables.items())
    data = "".join(f"{name}={value}\0" for _, (name, value) in lines).encode("utf-16-le", "surrogatepass") + bytes(4)
    block = heaps.allocate(guest.process.process_heap, 0, len(data))
    guest.memory.write(block, data)
    lpEnvironment.value = block
    return True


@dll.export
def DestroyEnvironmentBlock(guest: Guest, lpEnvironment: PVOID, *, heaps: Heaps) -> BOOL:
    if not lpEnvironment:
        raise WinError(ERROR_INVALID_PARAMETER)
    return heaps.free(guest.process.process_heap, 0, lpEnvironment)


@dll.export
def ExpandEnvironmentStringsForUserW(
    guest: Guest, hToken: HANDLE, lpSrc: PCWSTR | None, lpDest: Annotated[WideBuffer, Len("dwSize")], dwSize: DWORD
) -> BOOL:
    if lpSrc is None or not lpDest:
        raise WinError(ERROR_INVALID_PARAMETER)
    if hToken:
        _check(guest, hToken)
    text = expand(lpSrc, guest_environment(guest.process).items())
    if lpDest.units(text) >= dwSize:
        raise WinError(ERROR_INSUFFICIENT_BUFFER)
    lpDest.put(text)
    return True


for _function in (
    GetUserProfileDirectoryW, GetProfilesDirectoryW, GetDefaultUserProfileDirectoryW, GetAllUsersProfileDirectoryW,
    ExpandEnvironmentStringsForUserW,
):  # fmt: skip
    dll.ansi(_function)


# -- names -----------------------------------------------------------------------------------------------------------


@secur32.export(partial="the machine is in no domain: NameSamCompatible alone is known")
def GetUserNameExW(
    guest: Guest, NameFormat: INT, lpNameBuffer: Annotated[WideBuffer, Len("nSize")], nSize: InOut[ULONG]
) -> BOOLEAN:
    """The size counts the NUL where there is too little room, and does not where there is enough."""
    if NameFormat != NAME_SAM_COMPATIBLE:
        raise WinError(ERROR_NONE_MAPPED if NameFormat in _NAME_FORMATS else ERROR_INVALID_PARAMETER)
    if not nSize:
        raise WinError(ERROR_INVALID_PARAMETER)
    accounts = guest.process.state(Identity).accounts
    text = f"{accounts.user.domain}\\{accounts.user.name}"
    room, length = nSize.value, lpNameBuffer.units(text)
    if not lpNameBuffer or room <= length:
        nSize.value = length + 1
        raise WinError(ERROR_MORE_DATA)
    lpNameBuffer.put(text)
    nSize.value = length
    return True


@secur32.export
def GetComputerObjectNameW(
    guest: Guest, NameFormat: INT, lpNameBuffer: Annotated[WideBuffer, Len("nSize")], nSize: InOut[ULONG]
) -> BOOLEAN:
    """The machine is in no domain."""
    raise WinError(ERROR_CANT_ACCESS_DOMAIN_INFO)


secur32.ansi(GetUserNameExW)
secur32.ansi(GetComputerObjectNameW)
sspicli.include(secur32, only=["GetUserNameExA", "GetUserNameExW"])
