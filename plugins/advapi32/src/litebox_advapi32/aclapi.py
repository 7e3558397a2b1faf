"""securitybaseapi.h: access control lists."""

import struct

from litebox_core.abi import BOOL, DWORD, PVOID, Out
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.objects import mapped
from litebox_core.security import acls
from litebox_core.winerror import ERROR_INVALID_ACL

from .base import dll

_SUCCESSFUL, _FAILED = 0x40, 0x80


@dll.export(probes=True)
def InitializeAcl(guest: Guest, pAcl: PVOID, nAclLength: DWORD, dwAclRevision: DWORD) -> BOOL:
    acls.create(guest.memory, pAcl, nAclLength, dwAclRevision)
    return True


@dll.export
def IsValidAcl(guest: Guest, pAcl: PVOID) -> BOOL:
    if not acls.valid_at(guest.memory, pAcl):
        raise WinError(ERROR_INVALID_ACL)
    return True


@dll.export(probes=True)
def FindFirstFreeAce(guest: Guest, pAcl: PVOID, pAce: Out[PVOID]) -> BOOL:
    """NULL where the list is full, and where its entries do not end within it: only that is no success."""
    pAce.value = 0
    found = acls.first_free(guest.memory, pAcl)
    if found is None:
        raise WinError(ERROR_INVALID_ACL)
    if found < pAcl + guest.memory.u16(pAcl + 2):
        pAce.value = found
    return True


@dll.export(probes=True)
def AddAce(
    guest: Guest, pAcl: PVOID, dwAceRevision: DWORD, dwStartingAceIndex: DWORD, pAceList: PVOID, nAceListLength: DWORD
) -> BOOL:
    acls.add(guest.memory, pAcl, dwAceRevision, dwStartingAceIndex, pAceList, nAceListLength)
    return True


@dll.export(probes=True)
def GetAce(guest: Guest, pAcl: PVOID, dwAceIndex: DWORD, pAce: Out[PVOID]) -> BOOL:
    pAce.value = acls.get(guest.memory, pAcl, dwAceIndex)
    return True


@dll.export(probes=True)
def DeleteAce(guest: Guest, pAcl: PVOID, dwAceIndex: DWORD) -> BOOL:
    acls.delete(guest.memory, pAcl, dwAceIndex)
    return True


@dll.export(probes=True)
def AddAccessAllowedAceEx(
    guest: Guest, pAcl: PVOID, dwAceRevision: DWORD, AceFlags: DWORD, AccessMask: DWORD, pSid: PVOID
) -> BOOL:
    acls.add_simple(guest.memory, pAcl, dwAceRevision, AceFlags, AccessMask, pSid, acls.ALLOWED)
    return True


@dll.export(probes=True)
def AddAccessAllowedAce(guest: Guest, pAcl: PVOID, dwAceRevision: DWORD, AccessMask: DWORD, pSid: PVOID) -> BOOL:
    return AddAccessAllowedAceEx(guest, pAcl, dwAceRevision, 0, AccessMask, pSid)


@dll.export(probes=True)
def AddAccessDeniedAceEx(
    guest: Guest, pAcl: PVOID, dwAceRevision: DWORD, AceFlags: DWORD, AccessMask: DWORD, pSid: PVOID
) -> BOOL:
    acls.add_simple(guest.memory, pAcl, dwAceRevision, AceFlags, AccessMask, pSid, acls.DENIED)
    return True


@dll.export(probes=True)
def AddAccessDeniedAce(guest: Guest, pAcl: PVOID, dwAceRevision: DWORD, AccessMask: DWORD, pSid: PVOID) -> BOOL:
    return AddAccessDeniedAceEx(guest, pAcl, dwAceRevision, 0, AccessMask, pSid)


@dll.export(probes=True)
def AddAuditAccessAceEx(
    guest: Guest, pAcl: PVOID, dwAceRevision: DWORD, AceFlags: DWORD, dwAccessMask: DWORD, pSid: PVOID,
    bAuditSuccess: BOOL, bAuditFailure: BOOL,
) -> BOOL:  # fmt: skip
    flags = AceFlags | (_SUCCESSFUL if bAuditSuccess else 0) | (_FAILED if bAuditFailure else 0)
    acls.add_simple(guest.memory, pAcl, dwAceRevision, flags, dwAccessMask, pSid, acls.AUDIT)
    return True


@dll.export(probes=True)
def AddAuditAccessAce(
    guest: Guest, pAcl: PVOID, dwAceRevision: DWORD, dwAccessMask: DWORD, pSid: PVOID, bAuditSuccess: BOOL,
    bAuditFailure: BOOL,
) -> BOOL:  # fmt: skip
    return AddAuditAccessAceEx(guest, pAcl, dwAceRevision, 0, dwAccessMask, pSid, bAuditSuccess, bAuditFailure)


@dll.export(probes=True)
def AddMandatoryAce(
    guest: Guest, pAcl: PVOID, dwAceRevision: DWORD, AceFlags: DWORD, MandatoryPolicy: DWORD, pLabelSid: PVOID
) -> BOOL:
    acls.add_simple(guest.memory, pAcl, dwAceRevision, AceFlags, MandatoryPolicy, pLabelSid, acls.LABEL)
    return True


@dll.export(probes=True)
def GetAclInformation(
    guest: Guest, pAcl: PVOID, pAclInformation: PVOID, nAclInformationLength: DWORD, dwAclInformationClass: DWORD
) -> BOOL:
    data = acls.information(guest.memory, pAcl, dwAclInformationClass, nAclInformationLength)
    guest.memory.write(pAclInformation, data)
    return True


@dll.export(probes=True)
def SetAclInformation(
    guest: Guest, pAcl: PVOID, pAclInformation: PVOID, nAclInformationLength: DWORD, dwAclInformationClass: DWORD
) -> BOOL:
    acls.set_revision(guest.memory, pAcl, dwAclInformationClass, pAclInformation, nAclInformationLength)
    return True


# -- masks -------------------------------------------------------------------------------------------------------------


@dll.export
def MapGenericMask(guest: Guest, AccessMask: PVOID, GenericMapping: PVOID) -> None:
    memory = guest.memory
    meanings = struct.unpack("<4I", memory.read(GenericMapping, 16))
    memory.put_u32(AccessMask, mapped(memory.u32(AccessMask), meanings))


@dll.export
def AreAllAccessesGranted(guest: Guest, GrantedAccess: DWORD, DesiredAccess: DWORD) -> BOOL:
    return not DesiredAccess & ~GrantedAccess


@dll.export
def AreAnyAccessesGranted(guest: Guest, GrantedAccess: DWORD, DesiredAccess: DWORD) -> BOOL:
    return bool(GrantedAccess & DesiredAccess)
