"""Security descriptors: the run-time library's functions."""

from litebox_core.abi import BOOLEAN, NTSTATUS, PVOID, ULONG, USHORT, InOut, Out
from litebox_core.errors import NtError
from litebox_core.guest import Guest
from litebox_core.memory import GuestFault
from litebox_core.ntstatus import STATUS_BAD_DESCRIPTOR_FORMAT, STATUS_BUFFER_TOO_SMALL
from litebox_core.security import descriptors
from litebox_core.security.descriptors import DACL, GROUP, OWNER, SACL

from .base import dll


@dll.export(probes=True)
def RtlCreateSecurityDescriptor(guest: Guest, SecurityDescriptor: PVOID, Revision: ULONG) -> NTSTATUS:
    descriptors.initialize(guest.memory, SecurityDescriptor, Revision)
    return 0


@dll.export
def RtlValidSecurityDescriptor(guest: Guest, SecurityDescriptor: PVOID) -> BOOLEAN:
    return descriptors.valid_at(guest.memory, SecurityDescriptor)


@dll.export
def RtlValidRelativeSecurityDescriptor(
    guest: Guest, SecurityDescriptorInput: PVOID, SecurityDescriptorLength: ULONG, RequiredInformation: ULONG
) -> BOOLEAN:
    try:
        return descriptors.valid_relative(
            guest.memory, SecurityDescriptorInput, SecurityDescriptorLength, RequiredInformation
        )
    except (GuestFault, NtError):
        return False


@dll.export
def RtlLengthSecurityDescriptor(guest: Guest, SecurityDescriptor: PVOID) -> ULONG:
    return descriptors.length_at(guest.memory, SecurityDescriptor)


@dll.export(probes=True)
def RtlSetDaclSecurityDescriptor(
    guest: Guest, SecurityDescriptor: PVOID, DaclPresent: BOOLEAN, Dacl: PVOID, DaclDefaulted: BOOLEAN
) -> NTSTATUS:
    descriptors.put_acl(guest.memory, SecurityDescriptor, DACL, bool(DaclPresent), Dacl, bool(DaclDefaulted))
    return 0


@dll.export(probes=True)
def RtlSetSaclSecurityDescriptor(
    guest: Guest, SecurityDescriptor: PVOID, SaclPresent: BOOLEAN, Sacl: PVOID, SaclDefaulted: BOOLEAN
) -> NTSTATUS:
    descriptors.put_acl(guest.memory, SecurityDescriptor, SACL, bool(SaclPresent), Sacl, bool(SaclDefaulted))
    return 0


@dll.export(probes=True)
def RtlSetOwnerSecurityDescriptor(
    guest: Guest, SecurityDescriptor: PVOID, Owner: PVOID, OwnerDefaulted: BOOLEAN
) -> NTSTATUS:
    descriptors.put_sid(guest.memory, SecurityDescriptor, OWNER, Owner, bool(OwnerDefaulted))
    return 0


@dll.export(probes=True)
def RtlSetGroupSecurityDescriptor(
    guest: Guest, SecurityDescriptor: PVOID, Group: PVOID, GroupDefaulted: BOOLEAN
) -> NTSTATUS:
    descriptors.put_sid(guest.memory, SecurityDescriptor, GROUP, Group, bool(GroupDefaulted))
    return 0


@dll.export(probes=True)
def RtlSetControlSecurityDescriptor(
    guest: Guest, SecurityDescriptor: PVOID, ControlBitsOfInterest: USHORT, ControlBitsToSet: USHORT
) -> NTSTATUS:
    descriptors.set_control(guest.memory, SecurityDescriptor, ControlBitsOfInterest, ControlBitsToSet)
    return 0


@dll.export(probes=True)
def RtlGetDaclSecurityDescriptor(
    guest: Guest, SecurityDescriptor: PVOID, DaclPresent: Out[BOOLEAN], Dacl: Out[PVOID], DaclDefaulted: Out[BOOLEAN]
) -> NTSTATUS:
    present, addr, defaulted = descriptors.acl_of(guest.memory, SecurityDescriptor, DACL)
    DaclPresent.value = present
    if present:
        Dacl.value, DaclDefaulted.value = addr, defaulted
    return 0


@dll.export(probes=True)
def RtlGetSaclSecurityDescriptor(
    guest: Guest, SecurityDescriptor: PVOID, SaclPresent: Out[BOOLEAN], Sacl: Out[PVOID], SaclDefaulted: Out[BOOLEAN]
) -> NTSTATUS:
    present, addr, defaulted = descriptors.acl_of(guest.memory, SecurityDescriptor, SACL)
    SaclPresent.value = present
    if present:
        Sacl.value, SaclDefaulted.value = addr, defaulted
    return 0


@dll.export(probes=True)
def RtlGetOwnerSecurityDescriptor(
    guest: Guest, SecurityDescriptor: PVOID, Owner: Out[PVOID], OwnerDefaulted: Out[BOOLEAN]
) -> NTSTATUS:
    Owner.value, OwnerDefaulted.value = descriptors.sid_of(guest.memory, SecurityDescriptor, OWNER)
    return 0


@dll.export(probes=True)
def RtlGetGroupSecurityDescriptor(
    guest: Guest, SecurityDescriptor: PVOID, Group: Out[PVOID], GroupDefaulted: Out[BOOLEAN]
) -> NTSTATUS:
    Group.value, GroupDefaulted.value = descriptors.sid_of(guest.memory, SecurityDescriptor, GROUP)
    return 0


@dll.export(probes=True)
def RtlGetControlSecurityDescriptor(
    guest: Guest, SecurityDescriptor: PVOID, Control: Out[USHORT], Revision: Out[ULONG]
) -> NTSTATUS:
    Revision.value = guest.memory.u8(SecurityDescriptor)
    Control.value = descriptors.control_at(guest.memory, SecurityDescriptor)[1]
    return 0


@dll.export(probes=True)
def RtlMakeSelfRelativeSD(
    guest: Guest, AbsoluteSecurityDescriptor: PVOID, SelfRelativeSecurityDescriptor: PVOID, BufferLength: InOut[ULONG]
) -> NTSTATUS:
    """Of a descriptor in either form."""
    room = BufferLength.value
    needed = descriptors.to_relative(guest.memory, AbsoluteSecurityDescriptor, SelfRelativeSecurityDescriptor, room)
    if room < needed:
        BufferLength.value = needed
        raise NtError(STATUS_BUFFER_TOO_SMALL)
    return 0


@dll.export(probes=True)
def RtlAbsoluteToSelfRelativeSD(
    guest: Guest, AbsoluteSecurityDescriptor: PVOID, SelfRelativeSecurityDescriptor: PVOID, BufferLength: InOut[ULONG]
) -> NTSTATUS:
    if descriptors.control_at(guest.memory, AbsoluteSecurityDescriptor)[1] & descriptors.SELF_RELATIVE:
        raise NtError(STATUS_BAD_DESCRIPTOR_FORMAT)
    return RtlMakeSelfRelativeSD(guest, AbsoluteSecurityDescriptor, SelfRelativeSecurityDescriptor, BufferLength)


@dll.export(probes=True)
def RtlSelfRelativeToAbsoluteSD(
    guest: Guest, SelfRelativeSecurityDescriptor: PVOID, AbsoluteSecurityDescriptor: PVOID,
    AbsoluteSecurityDescriptorSize: InOut[ULONG], Dacl: PVOID, DaclSize: InOut[ULONG], Sacl: PVOID,
    SaclSize: InOut[ULONG], Owner: PVOID, OwnerSize: InOut[ULONG], PrimaryGroup: PVOID, PrimaryGroupSize: InOut[ULONG],
) -> NTSTATUS:  # fmt: skip
    sizes = {DACL: DaclSize, SACL: SaclSize, OWNER: OwnerSize, GROUP: PrimaryGroupSize}
    addresses = {DACL: Dacl, SACL: Sacl, OWNER: Owner, GROUP: PrimaryGroup}
    places = {part: (addresses[part], size.value) for part, size in sizes.items()}
    needed, fits = descriptors.to_absolute(
        guest.memory, SelfRelativeSecurityDescriptor, places, AbsoluteSecurityDescriptor,
        AbsoluteSecurityDescriptorSize.value,
    )  # fmt: skip
    if not fits:
        AbsoluteSecurityDescriptorSize.value = needed[-1]
        for part, size in sizes.items():
            size.value = needed[part]
        raise NtError(STATUS_BUFFER_TOO_SMALL)
    return 0
