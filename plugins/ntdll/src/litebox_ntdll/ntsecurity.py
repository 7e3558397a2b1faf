"""The security descriptors of objects, and checks of them."""

from litebox_core.abi import ACCESS_MASK, HANDLE, NTSTATUS, PVOID, ULONG, Out
from litebox_core.errors import NtError
from litebox_core.guest import Guest
from litebox_core.memory.regions import WRITE
from litebox_core.ntstatus import STATUS_BUFFER_TOO_SMALL
from litebox_core.security import accesscheck, descriptors, objectsecurity

from .base import dll
from .ntattributes import also_zw
from .ntio import probe


@dll.export(probes=True)
def NtQuerySecurityObject(
    guest: Guest, Handle: HANDLE, SecurityInformation: ULONG, SecurityDescriptor: PVOID, Length: ULONG,
    LengthNeeded: Out[ULONG],
) -> NTSTATUS:  # fmt: skip
    probe(guest, LengthNeeded.addr, 4, write=True)
    data = objectsecurity.for_handle(guest, Handle, SecurityInformation).pack()
    LengthNeeded.value = len(data)
    if Length < len(data):
        raise NtError(STATUS_BUFFER_TOO_SMALL)
    guest.memory.write(SecurityDescriptor, data)
    return 0


@dll.export(probes=True, partial="kept by the object, as long as it is open; nobody is refused because of it")
def NtSetSecurityObject(
    guest: Guest, Handle: HANDLE, SecurityInformation: ULONG, SecurityDescriptor: PVOID
) -> NTSTATUS:
    new = descriptors.load(guest.memory, SecurityDescriptor)
    objectsecurity.set_for_handle(guest, Handle, SecurityInformation, new)
    return 0


@dll.export(probes=True, partial="object ACEs and restricting SIDs are not looked at")
def NtAccessCheck(
    guest: Guest, SecurityDescriptor: PVOID, ClientToken: HANDLE, DesiredAccess: ACCESS_MASK, GenericMapping: PVOID,
    PrivilegeSet: PVOID, PrivilegeSetLength: PVOID, GrantedAccess: Out[ACCESS_MASK], AccessStatus: Out[NTSTATUS],
) -> NTSTATUS:  # fmt: skip
    for place in (GrantedAccess.addr, AccessStatus.addr, PrivilegeSetLength):
        guest.memory.check(place, 4, WRITE)
    GrantedAccess.value, AccessStatus.value = accesscheck.decide(
        guest, SecurityDescriptor, ClientToken, DesiredAccess, GenericMapping, PrivilegeSet, PrivilegeSetLength
    )
    return 0


also_zw(__name__)
