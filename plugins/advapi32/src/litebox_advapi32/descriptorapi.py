"""securitybaseapi.h, sddl.h: security descriptors, and whom they let in."""

from litebox_core.abi import BOOL, DWORD, HANDLE, PCWSTR, PVOID, WORD, InOut, Out
from litebox_core.errors import WinError, win32_of
from litebox_core.guest import Guest
from litebox_core.memory.regions import WRITE
from litebox_core.security import accesscheck, descriptors, sddl
from litebox_core.security.descriptors import DACL, GROUP, OWNER, SACL
from litebox_core.winerror import (
    ERROR_BAD_DESCRIPTOR_FORMAT,
    ERROR_INSUFFICIENT_BUFFER,
    ERROR_INVALID_PARAMETER,
    ERROR_INVALID_SECURITY_DESCR,
    ERROR_UNKNOWN_REVISION,
)

from .base import dll
from .memory import given, text


@dll.export(probes=True)
def InitializeSecurityDescriptor(guest: Guest, pSecurityDescriptor: PVOID, dwRevision: DWORD) -> BOOL:
    descriptors.initialize(guest.memory, pSecurityDescriptor, dwRevision)
    return True


@dll.export
def IsValidSecurityDescriptor(guest: Guest, pSecurityDescriptor: PVOID) -> BOOL:
    if not descriptors.valid_at(guest.memory, pSecurityDescriptor):
        raise WinError(ERROR_INVALID_SECURITY_DESCR)
    return True


@dll.export
def GetSecurityDescriptorLength(guest: Guest, pSecurityDescriptor: PVOID) -> DWORD:
    return descriptors.length_at(guest.memory, pSecurityDescriptor)


@dll.export(probes=True)
def SetSecurityDescriptorDacl(
    guest: Guest, pSecurityDescriptor: PVOID, bDaclPresent: BOOL, pDacl: PVOID, bDaclDefaulted: BOOL
) -> BOOL:
    descriptors.put_acl(guest.memory, pSecurityDescriptor, DACL, bool(bDaclPresent), pDacl, bool(bDaclDefaulted))
    return True


@dll.export(probes=True)
def SetSecurityDescriptorSacl(
    guest: Guest, pSecurityDescriptor: PVOID, bSaclPresent: BOOL, pSacl: PVOID, bSaclDefaulted: BOOL
) -> BOOL:
    descriptors.put_acl(guest.memory, pSecurityDescriptor, SACL, bool(bSaclPresent), pSacl, bool(bSaclDefaulted))
    return True


@dll.export(probes=True)
def SetSecurityDescriptorOwner(guest: Guest, pSecurityDescriptor: PVOID, pOwner: PVOID, bOwnerDefaulted: BOOL) -> BOOL:
    descriptors.put_sid(guest.memory, pSecurityDescriptor, OWNER, pOwner, bool(bOwnerDefaulted))
    return True


@dll.export(probes=True)
def SetSecurityDescriptorGroup(guest: Guest, pSecurityDescriptor: PVOID, pGroup: PVOID, bGroupDefaulted: BOOL) -> BOOL:
    descriptors.put_sid(guest.memory, pSecurityDescriptor, GROUP, pGroup, bool(bGroupDefaulted))
    return True


@dll.export(probes=True)
def SetSecurityDescriptorControl(
    guest: Guest, pSecurityDescriptor: PVOID, ControlBitsOfInterest: WORD, ControlBitsToSet: WORD
) -> BOOL:
    descriptors.set_control(guest.memory, pSecurityDescriptor, ControlBitsOfInterest, ControlBitsToSet)
    return True


def _give_acl(guest: Guest, addr: int, part: int, present: Out[int], acl: Out[int], defaulted: Out[int]) -> bool:
    there, where, by_default = descriptors.acl_of(guest.memory, addr, part)
    present.value = there
    if there:
        acl.value, defaulted.value = where, by_default
    return True


@dll.export(probes=True)
def GetSecurityDescriptorDacl(
    guest: Guest, pSecurityDescriptor: PVOID, lpbDaclPresent: Out[BOOL], pDacl: Out[PVOID], lpbDaclDefaulted: Out[BOOL]
) -> BOOL:
    return _give_acl(guest, pSecurityDescriptor, DACL, lpbDaclPresent, pDacl, lpbDaclDefaulted)


@dll.export(probes=True)
def GetSecurityDescriptorSacl(
    guest: Guest, pSecurityDescriptor: PVOID, lpbSaclPresent: Out[BOOL], pSacl: Out[PVOID], lpbSaclDefaulted: Out[BOOL]
) -> BOOL:
    return _give_acl(guest, pSecurityDescriptor, SACL, lpbSaclPresent, pSacl, lpbSaclDefaulted)


@dll.export(probes=True)
def GetSecurityDescriptorOwner(
    guest: Guest, pSecurityDescriptor: PVOID, pOwner: Out[PVOID], lpbOwnerDefaulted: Out[BOOL]
) -> BOOL:
    pOwner.value, by_default = descriptors.sid_of(guest.memory, pSecurityDescriptor, OWNER)
    lpbOwnerDefaulted.value = by_default
    return True


@dll.export(probes=True)
def GetSecurityDescriptorGroup(
    guest: Guest, pSecurityDescriptor: PVOID, pGroup: Out[PVOID], lpbGroupDefaulted: Out[BOOL]
) -> BOOL:
    pGroup.value, by_default = descriptors.sid_of(guest.memory, pSecurityDescriptor, GROUP)
    lpbGroupDefaulted.value = by_default
    return True


@dll.export(probes=True)
def GetSecurityDescriptorControl(
    guest: Guest, pSecurityDescriptor: PVOID, pControl: Out[WORD], lpdwRevision: Out[DWORD]
) -> BOOL:
    lpdwRevision.value = guest.memory.u8(pSecurityDescriptor)
    pControl.value = descriptors.control_at(guest.memory, pSecurityDescriptor)[1]
    return True


@dll.export(probes=True)
def MakeSelfRelativeSD(
    guest: Guest, pAbsoluteSecurityDescriptor: PVOID, pSelfRelativeSecurityDescriptor: PVOID,
    lpdwBufferLength: InOut[DWORD],
) -> BOOL:  # fmt: skip
    memory, source = guest.memory, pAbsoluteSecurityDescriptor
    if descriptors.control_at(memory, source)[1] & descriptors.SELF_RELATIVE:
        raise WinError(ERROR_BAD_DESCRIPTOR_FORMAT)
    room = lpdwBufferLength.value
    needed = descriptors.to_relative(memory, source, pSelfRelativeSecurityDescriptor, room)
    if room < needed:
        lpdwBufferLength.value = needed
        raise WinError(ERROR_INSUFFICIENT_BUFFER)
    return True


@dll.export(probes=True)
def MakeAbsoluteSD(
    guest: Guest, pSelfRelativeSecurityDescriptor: PVOID, pAbsoluteSecurityDescriptor: PVOID,
    lpdwAbsoluteSecurityDescriptorSize: InOut[DWORD], pDacl: PVOID, lpdwDaclSize: InOut[DWORD], pSacl: PVOID,
    lpdwSaclSize: InOut[DWORD], pOwner: PVOID, lpdwOwnerSize: InOut[DWORD], pPrimaryGroup: PVOID,
    lpdwPrimaryGroupSize: InOut[DWORD],
) -> BOOL:  # fmt: skip
    sizes = {DACL: lpdwDaclSize, SACL: lpdwSaclSize, OWNER: lpdwOwnerSize, GROUP: lpdwPrimaryGroupSize}
    addresses = {DACL: pDacl, SACL: pSacl, OWNER: pOwner, GROUP: pPrimaryGroup}
    places = {part: (addresses[part], size.value) for part, size in sizes.items()}
    needed, fits = descriptors.to_absolute(
        guest.memory, pSelfRelativeSecurityDescriptor, places, pAbsoluteSecurityDescriptor,
        lpdwAbsoluteSecurityDescriptorSize.value,
    )  # fmt: skip
    if not fits:
        lpdwAbsoluteSecurityDescriptorSize.value = needed[-1]
        for part, size in sizes.items():
            size.value = needed[part]
        raise WinError(ERROR_INSUFFICIENT_BUFFER)
    return True


# -- text --------------------------------------------------------------------------------------------------------------


@dll.export(probes=True, partial="conditions and resource attributes are not understood")
def ConvertStringSecurityDescriptorToSecurityDescriptorW(
    guest: Guest, StringSecurityDescriptor: PCWSTR | None, StringSDRevision: DWORD, SecurityDescriptor: Out[PVOID],
    SecurityDescriptorSize: Out[DWORD],
) -> BOOL:  # fmt: skip
    if StringSecurityDescriptor is None or not SecurityDescriptor:
        raise WinError(ERROR_INVALID_PARAMETER)
    if StringSDRevision != descriptors.REVISION:
        raise WinError(ERROR_UNKNOWN_REVISION)
    data = sddl.parse(StringSecurityDescriptor).pack()
    SecurityDescriptor.value = given(guest, data)
    if SecurityDescriptorSize:
        SecurityDescriptorSize.value = len(data)
    return True


dll.ansi(ConvertStringSecurityDescriptorToSecurityDescriptorW)


def _to_text(
    guest: Guest, addr: int, revision: int, information: int, out: Out[int], length: Out[int], narrow: bool
) -> bool:
    if revision != descriptors.REVISION:
        raise WinError(ERROR_UNKNOWN_REVISION)
    found = sddl.text(descriptors.load(guest.memory, addr), information)
    out.value, count = text(guest, found, narrow)
    if length:
        length.value = count
    return True


@dll.export(probes=True, partial="conditions and resource attributes are not understood")
def ConvertSecurityDescriptorToStringSecurityDescriptorW(
    guest: Guest, SecurityDescriptor: PVOID, RequestedStringSDRevision: DWORD, SecurityInformation: DWORD,
    StringSecurityDescriptor: Out[PVOID], StringSecurityDescriptorLen: Out[DWORD],
) -> BOOL:  # fmt: skip
    return _to_text(
        guest, SecurityDescriptor, RequestedStringSDRevision, SecurityInformation, StringSecurityDescriptor,
        StringSecurityDescriptorLen, False,
    )  # fmt: skip


@dll.export(probes=True, partial="conditions and resource attributes are not understood")
def ConvertSecurityDescriptorToStringSecurityDescriptorA(
    guest: Guest, SecurityDescriptor: PVOID, RequestedStringSDRevision: DWORD, SecurityInformation: DWORD,
    StringSecurityDescriptor: Out[PVOID], StringSecurityDescriptorLen: Out[DWORD],
) -> BOOL:  # fmt: skip
    return _to_text(
        guest, SecurityDescriptor, RequestedStringSDRevision, SecurityInformation, StringSecurityDescriptor,
        StringSecurityDescriptorLen, True,
    )  # fmt: skip


# -- the decision ------------------------------------------------------------------------------------------------------


@dll.export(probes=True, partial="object ACEs and restricting SIDs are not looked at")
def AccessCheck(
    guest: Guest, pSecurityDescriptor: PVOID, ClientToken: HANDLE, DesiredAccess: DWORD, GenericMapping: PVOID,
    PrivilegeSet: PVOID, PrivilegeSetLength: PVOID, GrantedAccess: Out[DWORD], AccessStatus: Out[BOOL],
) -> BOOL:  # fmt: skip
    """Last-error tells why AccessStatus is FALSE."""
    for place in (GrantedAccess.addr, AccessStatus.addr, PrivilegeSetLength):
        guest.memory.check(place, 4, WRITE)
    GrantedAccess.value, status = accesscheck.decide(
        guest, pSecurityDescriptor, ClientToken, DesiredAccess, GenericMapping, PrivilegeSet, PrivilegeSetLength
    )
    AccessStatus.value = not status
    if status:
        guest.last_error = win32_of(status)
    return True
