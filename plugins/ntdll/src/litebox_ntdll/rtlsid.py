"""Security identifiers: the run-time library's functions."""

from litebox_core.abi import BOOLEAN, NTSTATUS, PVOID, UCHAR, ULONG, Out
from litebox_core.errors import NtError
from litebox_core.guest import Guest
from litebox_core.memory import GuestFault
from litebox_core.ntstatus import (
    STATUS_BUFFER_OVERFLOW,
    STATUS_BUFFER_TOO_SMALL,
    STATUS_INVALID_PARAMETER,
    STATUS_INVALID_SID,
)
from litebox_core.security import sids
from litebox_core.services import Heaps

from .base import dll
from .ntdef import allocate, counted, put_counted, units

_MOST_GIVEN = 8


@dll.export(probes=True)
def RtlAllocateAndInitializeSid(
    guest: Guest, IdentifierAuthority: PVOID, SubAuthorityCount: UCHAR, SubAuthority0: ULONG, SubAuthority1: ULONG,
    SubAuthority2: ULONG, SubAuthority3: ULONG, SubAuthority4: ULONG, SubAuthority5: ULONG, SubAuthority6: ULONG,
    SubAuthority7: ULONG, Sid: Out[PVOID], *, heaps: Heaps,
) -> NTSTATUS:  # fmt: skip
    if SubAuthorityCount > _MOST_GIVEN:
        raise NtError(STATUS_INVALID_SID)
    authority = int.from_bytes(guest.memory.read(IdentifierAuthority, 6), "big")
    given = (SubAuthority0, SubAuthority1, SubAuthority2, SubAuthority3, SubAuthority4, SubAuthority5, SubAuthority6,
             SubAuthority7)  # fmt: skip
    made = sids.sid(authority, *given[:SubAuthorityCount])
    addr = allocate(heaps, len(made))
    guest.memory.write(addr, made)
    Sid.value = addr
    return 0


@dll.export
def RtlFreeSid(guest: Guest, Sid: PVOID, *, heaps: Heaps) -> PVOID:
    heaps.free(heaps.process_heap, 0, Sid)
    return 0


@dll.export(probes=True)
def RtlInitializeSid(guest: Guest, Sid: PVOID, IdentifierAuthority: PVOID, SubAuthorityCount: UCHAR) -> NTSTATUS:
    if SubAuthorityCount > sids.MOST_PARTS:
        raise NtError(STATUS_INVALID_PARAMETER)
    guest.memory.write(Sid, bytes((1, SubAuthorityCount)) + guest.memory.read(IdentifierAuthority, 6))
    return 0


@dll.export
def RtlEqualSid(guest: Guest, Sid1: PVOID, Sid2: PVOID) -> BOOLEAN:
    memory = guest.memory
    if memory.read(Sid1, 2) != memory.read(Sid2, 2):
        return False
    length = sids.length_at(memory, Sid1)
    return memory.read(Sid1, length) == memory.read(Sid2, length)


@dll.export
def RtlEqualPrefixSid(guest: Guest, Sid1: PVOID, Sid2: PVOID) -> BOOLEAN:
    """Whether all but the last sub-authority are equal."""
    memory = guest.memory
    if memory.read(Sid1, 2) != memory.read(Sid2, 2):
        return False
    length = max(sids.length_at(memory, Sid1) - 4, 8)
    return memory.read(Sid1, length) == memory.read(Sid2, length)


@dll.export(probes=True)
def RtlCopySid(guest: Guest, DestinationSidLength: ULONG, DestinationSid: PVOID, SourceSid: PVOID) -> NTSTATUS:
    length = sids.length_at(guest.memory, SourceSid)
    if DestinationSidLength < length:
        raise NtError(STATUS_BUFFER_TOO_SMALL)
    guest.memory.write(DestinationSid, guest.memory.read(SourceSid, length))
    return 0


@dll.export
def RtlValidSid(guest: Guest, Sid: PVOID) -> BOOLEAN:
    try:
        return sids.valid_at(guest.memory, Sid)
    except GuestFault:
        return False


@dll.export
def RtlLengthSid(guest: Guest, Sid: PVOID) -> ULONG:
    return sids.length_at(guest.memory, Sid)


@dll.export
def RtlLengthRequiredSid(guest: Guest, SubAuthorityCount: ULONG) -> ULONG:
    return sids.size_for(SubAuthorityCount)


@dll.export
def RtlSubAuthoritySid(guest: Guest, Sid: PVOID, SubAuthority: ULONG) -> PVOID:
    return Sid + 8 + 4 * SubAuthority


@dll.export
def RtlSubAuthorityCountSid(guest: Guest, Sid: PVOID) -> PVOID:
    return Sid + 1


@dll.export
def RtlIdentifierAuthoritySid(guest: Guest, Sid: PVOID) -> PVOID:
    return Sid + 2


@dll.export(probes=True)
def RtlConvertSidToUnicodeString(
    guest: Guest, UnicodeString: PVOID, Sid: PVOID, AllocateDestinationString: BOOLEAN, *, heaps: Heaps
) -> NTSTATUS:
    """A text that is allocated here is one that RtlFreeUnicodeString frees."""
    data, memory = units(sids.sid_text(sids.read(guest.memory, Sid))), guest.memory
    if AllocateDestinationString:
        buffer = allocate(heaps, len(data) + 2)
        put_counted(memory, UnicodeString, len(data), len(data) + 2, buffer)
    else:
        _, maximum, buffer = counted(memory, UnicodeString)
        if maximum < len(data):
            raise NtError(STATUS_BUFFER_OVERFLOW)
        memory.put_u16(UnicodeString, len(data))
        if maximum < len(data) + 2:
            memory.write(buffer, data)
            return 0
    memory.write(buffer, data + b"\0\0")
    return 0


@dll.export(probes=True)
def RtlLengthSidAsUnicodeString(guest: Guest, Sid: PVOID, StringLength: Out[ULONG]) -> NTSTATUS:
    """In bytes, without a NUL."""
    StringLength.value = 2 * len(sids.sid_text(sids.read(guest.memory, Sid)))
    return 0
