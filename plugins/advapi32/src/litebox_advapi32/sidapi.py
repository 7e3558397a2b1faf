"""securitybaseapi.h, sddl.h: security identifiers."""

from litebox_core.abi import BOOL, BYTE, DWORD, PCWSTR, PVOID, UCHAR, InOut, Out
from litebox_core.errors import NtError, WinError
from litebox_core.guest import Guest
from litebox_core.memory import GuestFault
from litebox_core.security import sids
from litebox_core.services import Heaps
from litebox_core.winerror import (
    ERROR_INSUFFICIENT_BUFFER,
    ERROR_INVALID_PARAMETER,
    ERROR_INVALID_SID,
    ERROR_NON_DOMAIN_SID,
    ERROR_SUCCESS,
)

from .base import dll
from .memory import given, text

_MOST_GIVEN = 8


@dll.export(probes=True)
def AllocateAndInitializeSid(
    guest: Guest, pIdentifierAuthority: PVOID, nSubAuthorityCount: BYTE, nSubAuthority0: DWORD, nSubAuthority1: DWORD,
    nSubAuthority2: DWORD, nSubAuthority3: DWORD, nSubAuthority4: DWORD, nSubAuthority5: DWORD, nSubAuthority6: DWORD,
    nSubAuthority7: DWORD, pSid: Out[PVOID],
) -> BOOL:  # fmt: skip
    if nSubAuthorityCount > _MOST_GIVEN:
        raise WinError(ERROR_INVALID_SID)
    parts = (nSubAuthority0, nSubAuthority1, nSubAuthority2, nSubAuthority3, nSubAuthority4, nSubAuthority5,
             nSubAuthority6, nSubAuthority7)  # fmt: skip
    authority = int.from_bytes(guest.memory.read(pIdentifierAuthority, 6), "big")
    pSid.value = given(guest, sids.sid(authority, *parts[:nSubAuthorityCount]))
    return True


@dll.export
def FreeSid(guest: Guest, pSid: PVOID, *, heaps: Heaps) -> PVOID:
    heaps.free(heaps.process_heap, 0, pSid)
    return 0


@dll.export(probes=True)
def InitializeSid(guest: Guest, Sid: PVOID, pIdentifierAuthority: PVOID, nSubAuthorityCount: BYTE) -> BOOL:
    if nSubAuthorityCount > sids.MOST_PARTS:
        raise WinError(ERROR_INVALID_PARAMETER)
    guest.memory.write(Sid, bytes((1, nSubAuthorityCount)) + guest.memory.read(pIdentifierAuthority, 6))
    return True


@dll.export
def IsValidSid(guest: Guest, pSid: PVOID) -> BOOL:
    try:
        valid = sids.valid_at(guest.memory, pSid)
    except GuestFault:
        valid = False
    if not valid:
        raise WinError(ERROR_INVALID_SID)
    return True


@dll.export
def EqualSid(guest: Guest, pSid1: PVOID, pSid2: PVOID) -> BOOL:
    """Sets last-error to ERROR_SUCCESS, whatever the answer."""
    memory = guest.memory
    equal = memory.read(pSid1, 2) == memory.read(pSid2, 2)
    length = sids.length_at(memory, pSid1)
    equal = equal and memory.read(pSid1, length) == memory.read(pSid2, length)
    guest.last_error = ERROR_SUCCESS
    return equal


@dll.export
def EqualPrefixSid(guest: Guest, pSid1: PVOID, pSid2: PVOID) -> BOOL:
    memory = guest.memory
    equal = memory.read(pSid1, 2) == memory.read(pSid2, 2)
    length = max(sids.length_at(memory, pSid1) - 4, 8)
    guest.last_error = ERROR_SUCCESS
    return equal and memory.read(pSid1, length) == memory.read(pSid2, length)


@dll.export(probes=True)
def CopySid(guest: Guest, nDestinationSidLength: DWORD, pDestinationSid: PVOID, pSourceSid: PVOID) -> BOOL:
    length = sids.length_at(guest.memory, pSourceSid)
    if nDestinationSidLength < length:
        raise WinError(ERROR_INSUFFICIENT_BUFFER)
    guest.memory.write(pDestinationSid, guest.memory.read(pSourceSid, length))
    return True


@dll.export
def GetLengthSid(guest: Guest, pSid: PVOID) -> DWORD:
    return sids.length_at(guest.memory, pSid)


@dll.export
def GetSidLengthRequired(guest: Guest, nSubAuthorityCount: UCHAR) -> DWORD:
    return sids.size_for(nSubAuthorityCount)


@dll.export
def GetSidSubAuthority(guest: Guest, pSid: PVOID, nSubAuthority: DWORD) -> PVOID:
    guest.last_error = ERROR_SUCCESS
    return pSid + 8 + 4 * nSubAuthority


@dll.export
def GetSidSubAuthorityCount(guest: Guest, pSid: PVOID) -> PVOID:
    guest.last_error = ERROR_SUCCESS
    return pSid + 1


@dll.export
def GetSidIdentifierAuthority(guest: Guest, pSid: PVOID) -> PVOID:
    guest.last_error = ERROR_SUCCESS
    return pSid + 2


# -- well-known ones and domains ---------------------------------------------------------------------------------------


def _fitted(guest: Guest, made: bytes, addr: int, room: InOut[int]) -> bool:
    """Stores a SID where it fits. Raises WinError: ERROR_INSUFFICIENT_BUFFER, with the size that is needed."""
    given_room, room.value = room.value, len(made)
    if given_room < len(made):
        raise WinError(ERROR_INSUFFICIENT_BUFFER)
    if not addr:
        raise WinError(ERROR_INVALID_PARAMETER)
    guest.memory.write(addr, made)
    return True


@dll.export(probes=True)
def CreateWellKnownSid(
    guest: Guest, WellKnownSidType: DWORD, DomainSid: PVOID, pSid: PVOID, cbSid: InOut[DWORD]
) -> BOOL:
    if not cbSid:
        raise WinError(ERROR_INVALID_PARAMETER)
    domain = sids.read(guest.memory, DomainSid) if DomainSid else None
    return _fitted(guest, sids.well_known(WellKnownSidType, domain), pSid, cbSid)


@dll.export
def IsWellKnownSid(guest: Guest, pSid: PVOID, WellKnownSidType: DWORD) -> BOOL:
    try:
        return sids.is_well_known(sids.read(guest.memory, pSid), WellKnownSidType)
    except NtError:
        return False


@dll.export(probes=True)
def GetWindowsAccountDomainSid(guest: Guest, pSid: PVOID, pDomainSid: PVOID, cbDomainSid: InOut[DWORD]) -> BOOL:
    found = sids.read(guest.memory, pSid)
    if not cbDomainSid:
        raise WinError(ERROR_INVALID_PARAMETER)
    parts = sids.parts_of(found)
    if sids.authority_of(found) != 5 or len(parts) < 4 or parts[0] != 21:
        raise WinError(ERROR_INVALID_SID)
    if cbDomainSid.value < sids.size_for(4):
        cbDomainSid.value = sids.size_for(4)
        raise WinError(ERROR_INSUFFICIENT_BUFFER if pDomainSid else ERROR_INVALID_PARAMETER)
    return _fitted(guest, sids.sid(5, *parts[:4]), pDomainSid, cbDomainSid)


@dll.export(probes=True)
def EqualDomainSid(guest: Guest, pSid1: PVOID, pSid2: PVOID, pfEqual: Out[BOOL]) -> BOOL:
    both = [sids.read(guest.memory, addr) for addr in (pSid1, pSid2)]
    if not pfEqual:
        raise WinError(ERROR_INVALID_PARAMETER)
    parts = [sids.parts_of(one) if sids.authority_of(one) == 5 else () for one in both]
    builtin = [one[:1] == (32,) for one in parts]
    if not any(builtin) and any(one[:1] != (21,) or len(one) not in (4, 5) for one in parts):
        raise WinError(ERROR_NON_DOMAIN_SID)
    pfEqual.value = all(builtin) or (not any(builtin) and parts[0][:4] == parts[1][:4])
    guest.last_error = ERROR_SUCCESS
    return True


# -- text --------------------------------------------------------------------------------------------------------------


def _to_text(guest: Guest, addr: int, out: Out[int], narrow: bool) -> bool:
    if not addr or not out:
        raise WinError(ERROR_INVALID_PARAMETER)
    out.value = text(guest, sids.sid_text(sids.read(guest.memory, addr)), narrow)[0]
    return True


@dll.export(probes=True)
def ConvertSidToStringSidW(guest: Guest, Sid: PVOID, StringSid: Out[PVOID]) -> BOOL:
    return _to_text(guest, Sid, StringSid, False)


@dll.export(probes=True)
def ConvertSidToStringSidA(guest: Guest, Sid: PVOID, StringSid: Out[PVOID]) -> BOOL:
    return _to_text(guest, Sid, StringSid, True)


@dll.export(probes=True)
def ConvertStringSidToSidW(guest: Guest, StringSid: PCWSTR | None, Sid: Out[PVOID]) -> BOOL:
    if StringSid is None or not Sid:
        raise WinError(ERROR_INVALID_PARAMETER)
    Sid.value = given(guest, sids.from_text(StringSid))
    return True


dll.ansi(ConvertStringSidToSidW)
