"""winbase.h: who the user is, and the names of accounts."""

from typing import Annotated

from litebox_core.abi import BOOL, DWORD, PCWSTR, PVOID, InOut, Len, Out, WideBuffer
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.security import sids
from litebox_core.security.accounts import Account, Accounts
from litebox_core.security.identity import Identity
from litebox_core.winerror import (
    ERROR_INSUFFICIENT_BUFFER,
    ERROR_INVALID_PARAMETER,
    ERROR_NONE_MAPPED,
    RPC_S_SERVER_UNAVAILABLE,
)

from .base import dll

__all__ = ["accounts_of", "local_system"]


def accounts_of(guest: Guest, system: str | None) -> Accounts:
    """The accounts of a system of that name: there is this one. Raises WinError(RPC_S_SERVER_UNAVAILABLE)."""
    found = guest.process.state(Identity).accounts
    if system and system.lstrip("\\").upper() not in (found.machine.name.upper(), ".", "LOCALHOST"):
        raise WinError(RPC_S_SERVER_UNAVAILABLE)
    return found


def local_system(guest: Guest, system: str | None) -> None:
    """Raises WinError(RPC_S_SERVER_UNAVAILABLE) for another system than this one."""
    accounts_of(guest, system)


@dll.export(probes=True)
def GetUserNameW(guest: Guest, lpBuffer: PVOID, pcbBuffer: InOut[DWORD]) -> BOOL:
    name = guest.process.state(Identity).accounts.user.name.encode("utf-16-le", "surrogatepass") + b"\0\0"
    return _stored(guest, lpBuffer, pcbBuffer, name, 2)


@dll.export(probes=True)
def GetUserNameA(guest: Guest, lpBuffer: PVOID, pcbBuffer: InOut[DWORD]) -> BOOL:
    name = guest.memory.ansi_encode(guest.process.state(Identity).accounts.user.name) + b"\0"
    return _stored(guest, lpBuffer, pcbBuffer, name, 1)


def _stored(guest: Guest, addr: int, size: InOut[int], data: bytes, unit: int) -> bool:
    room, size.value = size.value, len(data) // unit
    if room < len(data) // unit:
        raise WinError(ERROR_INSUFFICIENT_BUFFER)
    guest.memory.write(addr, data)
    return True


def _names(
    guest: Guest, account: Account, name: int, name_size: InOut[int], domain: int, domain_size: InOut[int], narrow: bool
) -> bool:
    """Stores both names or, where one does not fit, the sizes that are needed. NULL takes the place of a room."""
    unit, encode = (1, guest.memory.ansi_encode) if narrow else (2, _wide)
    both = ((name, name_size, encode(account.name)), (domain, domain_size, encode(account.domain)))
    fits = all(len(data) // unit < size.value for _, size, data in both)
    for addr, size, data in both:
        length = len(data) // unit
        if length < size.value:
            if addr:
                guest.memory.write(addr, data + bytes(unit))
            size.value = length
        else:
            size.value = length + 1
    if not fits:
        raise WinError(ERROR_INSUFFICIENT_BUFFER)
    return True


def _wide(text: str) -> bytes:
    return text.encode("utf-16-le", "surrogatepass")


def _account_of(guest: Guest, system: str | None, addr: int) -> Account:
    accounts = accounts_of(guest, system)
    found = accounts.of(sids.read(guest.memory, addr))
    if found is None:
        raise WinError(ERROR_NONE_MAPPED)
    return found


@dll.export(probes=True)
def LookupAccountSidW(
    guest: Guest, lpSystemName: PCWSTR | None, Sid: PVOID, Name: PVOID, cchName: InOut[DWORD],
    ReferencedDomainName: PVOID, cchReferencedDomainName: InOut[DWORD], peUse: Out[DWORD],
) -> BOOL:  # fmt: skip
    account = _account_of(guest, lpSystemName, Sid)
    _names(guest, account, Name, cchName, ReferencedDomainName, cchReferencedDomainName, False)
    peUse.value = account.use
    return True


@dll.export(probes=True)
def LookupAccountSidA(
    guest: Guest, lpSystemName: PVOID, Sid: PVOID, Name: PVOID, cchName: InOut[DWORD], ReferencedDomainName: PVOID,
    cchReferencedDomainName: InOut[DWORD], peUse: Out[DWORD],
) -> BOOL:  # fmt: skip
    system = guest.memory.ansi_decode(guest.memory.cstr(lpSystemName)) if lpSystemName else None
    account = _account_of(guest, system, Sid)
    _names(guest, account, Name, cchName, ReferencedDomainName, cchReferencedDomainName, True)
    peUse.value = account.use
    return True


@dll.export(probes=True)
def LookupAccountNameW(
    guest: Guest, lpSystemName: PCWSTR | None, lpAccountName: PCWSTR | None, Sid: PVOID, cbSid: InOut[DWORD],
    ReferencedDomainName: Annotated[WideBuffer, Len("cchReferencedDomainName")],
    cchReferencedDomainName: InOut[DWORD], peUse: Out[DWORD],
) -> BOOL:  # fmt: skip
    """Without a name: the domain of the accounts, which here is the machine."""
    if not cbSid or not cchReferencedDomainName:
        raise WinError(ERROR_INVALID_PARAMETER)
    accounts = accounts_of(guest, lpSystemName)
    found = accounts.named(lpAccountName) if lpAccountName else accounts.machine
    if found is None:
        cbSid.value = cchReferencedDomainName.value = 0
        raise WinError(ERROR_NONE_MAPPED)
    room, count = cchReferencedDomainName.value, ReferencedDomainName.units(found.domain)
    if cbSid.value < len(found.sid) or room <= count or not ReferencedDomainName:
        cbSid.value, cchReferencedDomainName.value = len(found.sid), count + 1
        raise WinError(ERROR_INSUFFICIENT_BUFFER)
    guest.memory.write(Sid, found.sid)
    ReferencedDomainName.put(found.domain)
    cbSid.value, cchReferencedDomainName.value, peUse.value = len(found.sid), count, found.use
    return True


dll.ansi(LookupAccountNameW)
