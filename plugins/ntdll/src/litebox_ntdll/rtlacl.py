"""Access control lists: the run-time library's functions."""

from litebox_core.abi import ACCESS_MASK, BOOLEAN, NTSTATUS, PVOID, ULONG, Out
from litebox_core.errors import NtError
from litebox_core.guest import Guest
from litebox_core.ntstatus import STATUS_INVALID_PARAMETER
from litebox_core.security import acls

from .base import dll

_SUCCESSFUL, _FAILED = 0x40, 0x80


@dll.export(probes=True)
def RtlCreateAcl(guest: Guest, Acl: PVOID, AclLength: ULONG, AclRevision: ULONG) -> NTSTATUS:
    acls.create(guest.memory, Acl, AclLength, AclRevision)
    return 0


@dll.export
def RtlValidAcl(guest: Guest, Acl: PVOID) -> BOOLEAN:
    return acls.valid_at(guest.memory, Acl)


@dll.export
def RtlFirstFreeAce(guest: Guest, Acl: PVOID, FirstFree: Out[PVOID]) -> BOOLEAN:
    """NULL where its entries do not end within it: only that is no success."""
    FirstFree.value = 0
    found = acls.first_free(guest.memory, Acl)
    if found is None:
        return False
    if found <= Acl + guest.memory.u16(Acl + 2):
        FirstFree.value = found
    return True


@dll.export(probes=True)
def RtlAddAce(
    guest: Guest, Acl: PVOID, AceRevision: ULONG, StartingAceIndex: ULONG, AceList: PVOID, AceListLength: ULONG
) -> NTSTATUS:
    acls.add(guest.memory, Acl, AceRevision, StartingAceIndex, AceList, AceListLength)
    return 0


@dll.export(probes=True)
def RtlGetAce(guest: Guest, Acl: PVOID, AceIndex: ULONG, Ace: Out[PVOID]) -> NTSTATUS:
    Ace.value = acls.get(guest.memory, Acl, AceIndex)
    return 0


@dll.export(probes=True)
def RtlDeleteAce(guest: Guest, Acl: PVOID, AceIndex: ULONG) -> NTSTATUS:
    acls.delete(guest.memory, Acl, AceIndex)
    return 0


@dll.export(probes=True)
def RtlAddAccessAllowedAceEx(
    guest: Guest, Acl: PVOID, AceRevision: ULONG, AceFlags: ULONG, AccessMask: ACCESS_MASK, Sid: PVOID
) -> NTSTATUS:
    acls.add_simple(guest.memory, Acl, AceRevision, AceFlags, AccessMask, Sid, acls.ALLOWED)
    return 0


@dll.export(probes=True)
def RtlAddAccessAllowedAce(
    guest: Guest, Acl: PVOID, AceRevision: ULONG, AccessMask: ACCESS_MASK, Sid: PVOID
) -> NTSTATUS:
    return RtlAddAccessAllowedAceEx(guest, Acl, AceRevision, 0, AccessMask, Sid)


@dll.export(probes=True)
def RtlAddAccessDeniedAceEx(
    guest: Guest, Acl: PVOID, AceRevision: ULONG, AceFlags: ULONG, AccessMask: ACCESS_MASK, Sid: PVOID
) -> NTSTATUS:
    acls.add_simple(guest.memory, Acl, AceRevision, AceFlags, AccessMask, Sid, acls.DENIED)
    return 0


@dll.export(probes=True)
def RtlAddAccessDeniedAce(
    guest: Guest, Acl: PVOID, AceRevision: ULONG, AccessMask: ACCESS_MASK, Sid: PVOID
) -> NTSTATUS:
    return RtlAddAccessDeniedAceEx(guest, Acl, AceRevision, 0, AccessMask, Sid)


@dll.export(probes=True)
def RtlAddAuditAccessAceEx(
    guest: Guest, Acl: PVOID, AceRevision: ULONG, AceFlags: ULONG, AccessMask: ACCESS_MASK, Sid: PVOID,
    AuditSuccess: BOOLEAN, AuditFailure: BOOLEAN,
) -> NTSTATUS:  # fmt: skip
    flags = AceFlags | (_SUCCESSFUL if AuditSuccess else 0) | (_FAILED if AuditFailure else 0)
    acls.add_simple(guest.memory, Acl, AceRevision, flags, AccessMask, Sid, acls.AUDIT)
    return 0


@dll.export(probes=True)
def RtlAddAuditAccessAce(
    guest: Guest, Acl: PVOID, AceRevision: ULONG, AccessMask: ACCESS_MASK, Sid: PVOID, AuditSuccess: BOOLEAN,
    AuditFailure: BOOLEAN,
) -> NTSTATUS:  # fmt: skip
    return RtlAddAuditAccessAceEx(guest, Acl, AceRevision, 0, AccessMask, Sid, AuditSuccess, AuditFailure)


@dll.export(probes=True)
def RtlAddMandatoryAce(
    guest: Guest, Acl: PVOID, AceRevision: ULONG, AceFlags: ULONG, AccessMask: ACCESS_MASK, AceType: ULONG, Sid: PVOID
) -> NTSTATUS:
    if AceType != acls.LABEL:
        raise NtError(STATUS_INVALID_PARAMETER)
    acls.add_simple(guest.memory, Acl, AceRevision, AceFlags, AccessMask, Sid, acls.LABEL)
    return 0


@dll.export(probes=True)
def RtlQueryInformationAcl(
    guest: Guest, Acl: PVOID, AclInformation: PVOID, AclInformationLength: ULONG, AclInformationClass: ULONG
) -> NTSTATUS:
    data = acls.information(guest.memory, Acl, AclInformationClass, AclInformationLength)
    guest.memory.write(AclInformation, data)
    return 0


@dll.export(probes=True)
def RtlSetInformationAcl(
    guest: Guest, Acl: PVOID, AclInformation: PVOID, AclInformationLength: ULONG, AclInformationClass: ULONG
) -> NTSTATUS:
    acls.set_revision(guest.memory, Acl, AclInformationClass, AclInformation, AclInformationLength)
    return 0
