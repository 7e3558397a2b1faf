"""The run-time library's and the system calls' side of SIDs, lists, descriptors: not told by ADVAPI32's tests."""

import struct

import pytest

THIS_PROCESS, ALL_ACCESS = (1 << 64) - 1, 0xF01FF
STATUS_INVALID_SID, STATUS_BUFFER_OVERFLOW, STATUS_PRIVILEGE_NOT_HELD = 0xC0000078, 0x80000005, 0xC0000061
STATUS_ACCESS_VIOLATION, STATUS_BUFFER_TOO_SMALL, STATUS_GENERIC_NOT_MAPPED = 0xC0000005, 0xC0000023, 0xC00000E6
STATUS_ACCESS_DENIED, STATUS_NO_IMPERSONATION_TOKEN, STATUS_BAD_DESCRIPTOR_FORMAT = 0xC0000022, 0xC000005C, 0xC00000E7
ADMINISTRATORS = bytes((1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 32, 2, 0, 0))
KEY = (0x20019, 0x20006, 0x20019, 0xF003F)
DEBUG, SHUTDOWN = 20, 19


@pytest.fixture
def ntdll(box):
    return box.call.ntdll


def unsigned(status):
    return status & 0xFFFFFFFF


def put(box, data):
    addr = box.alloc(max(len(data), 8))
    box.memory.write(addr, data)
    return addr


def test_a_text_for_a_sid(box, ntdll):
    sid, length = put(box, ADMINISTRATORS), box.alloc(4)
    assert ntdll.RtlLengthSidAsUnicodeString(sid, length) == 0
    assert box.memory.u32(length) == 24
    string, buffer = box.alloc(16), box.alloc(40)
    for room, end in ((24, b"4\0\xcc\xcc"), (26, b"4\0\0\0")):
        box.memory.write(buffer, b"\xcc" * 40)
        box.memory.write(string, struct.pack("<HH4xQ", 0, room, buffer))
        assert ntdll.RtlConvertSidToUnicodeString(string, sid, 0) == 0
        assert box.memory.read(buffer + 22, 4) == end
    box.memory.write(string, struct.pack("<HH4xQ", 0, 23, buffer))
    assert unsigned(ntdll.RtlConvertSidToUnicodeString(string, sid, 0)) == STATUS_BUFFER_OVERFLOW
    assert ntdll.RtlConvertSidToUnicodeString(string, sid, 1) == 0
    assert box.memory.wstr(box.memory.pointer(string + 8)) == "S-1-5-32-544"
    ntdll.RtlFreeUnicodeString(string)


def test_allocating(box, ntdll):
    authority, out = put(box, bytes((0, 0, 0, 0, 0, 5))), box.alloc(8)
    assert ntdll.RtlAllocateAndInitializeSid(authority, 2, 32, 544, 9, 9, 9, 9, 9, 9, out) == 0
    sid = box.memory.pointer(out)
    assert box.memory.read(sid, 16) == ADMINISTRATORS
    assert ntdll.RtlEqualSid(sid, put(box, ADMINISTRATORS)) == 1
    assert box.memory.u32(ntdll.RtlSubAuthoritySid(sid, 1)) == 544
    assert ntdll.RtlFreeSid(sid) == 0
    assert unsigned(ntdll.RtlAllocateAndInitializeSid(authority, 9, *range(8), out)) == STATUS_INVALID_SID


def test_one_privilege(box, ntdll):
    was = box.alloc(1)
    assert ntdll.RtlAdjustPrivilege(SHUTDOWN, 1, 0, was) == 0 and box.memory.u8(was) == 0
    assert ntdll.RtlAdjustPrivilege(SHUTDOWN, 0, 0, was) == 0 and box.memory.u8(was) == 1
    assert unsigned(ntdll.RtlAdjustPrivilege(DEBUG, 1, 0, was)) == STATUS_PRIVILEGE_NOT_HELD


def test_unique_numbers(box, ntdll):
    first, second = box.alloc(8), box.alloc(8)
    assert ntdll.NtAllocateLocallyUniqueId(first) == ntdll.NtAllocateLocallyUniqueId(second) == 0
    assert box.memory.u64(first) != box.memory.u64(second)
    assert unsigned(ntdll.NtAllocateLocallyUniqueId(0)) == STATUS_ACCESS_VIOLATION


def test_tokens_compared(box, ntdll):
    first, second, equal = box.alloc(8), box.alloc(8), box.alloc(1)
    assert ntdll.NtOpenProcessToken(THIS_PROCESS, ALL_ACCESS, first) == 0
    one = box.memory.pointer(first)
    assert ntdll.NtDuplicateToken(one, 0, 0, 0, 1, second) == 0
    two = box.memory.pointer(second)
    assert ntdll.NtCompareTokens(one, two, equal) == 0 and box.memory.u8(equal) == 1
    assert ntdll.NtFilterToken(one, 1, 0, 0, 0, second) == 0
    assert ntdll.NtCompareTokens(one, box.memory.pointer(second), equal) == 0 and box.memory.u8(equal) == 0


def decided(box, client, text, wanted, room=20):
    out, size = box.alloc(8), put(box, struct.pack("<I", room))
    assert box.call.advapi32.ConvertStringSecurityDescriptorToSecurityDescriptorW(text, 1, out, 0) == 1
    granted, status = box.alloc(4), box.alloc(4)
    mapping = put(box, struct.pack("<4I", *KEY))
    answer = box.call.ntdll.NtAccessCheck(
        box.memory.pointer(out), client, wanted, mapping, box.alloc(32), size, granted, status
    )
    return unsigned(answer), box.memory.u32(granted), box.memory.u32(status)


def test_the_decision(box, ntdll):
    out = box.alloc(8)
    assert box.call.advapi32.OpenProcessToken(THIS_PROCESS, ALL_ACCESS, out) == 1
    primary = box.memory.pointer(out)
    assert decided(box, primary, "O:BAG:BAD:", 1)[0] == STATUS_NO_IMPERSONATION_TOKEN
    assert box.call.advapi32.DuplicateToken(primary, 2, out) == 1
    client = box.memory.pointer(out)
    maximum = 0x2000000
    user = "S-1-5-21-0-0-0-1000"
    assert decided(box, client, "O:BAG:BAD:(A;;KR;;;WD)", maximum) == (0, 0x20019, 0)
    assert decided(box, client, "O:BAG:BAD:(A;;KR;;;BA)", 1) == (0, 0, STATUS_ACCESS_DENIED)
    assert decided(box, client, "O:BAG:BAD:(A;;KR;;;WD)(D;;CC;;;WD)", maximum) == (0, 0x20019, 0)  # the first decides
    assert decided(box, client, "O:BAG:BAD:(D;;CC;;;WD)(A;;KR;;;WD)", maximum) == (0, 0x20018, 0)
    assert decided(box, client, "O:BAG:BAD:(A;IO;KR;;;WD)", 1) == (0, 0, STATUS_ACCESS_DENIED)  # only to be inherited
    assert decided(box, client, f"O:{user}G:BAD:", 0x20000) == (0, 0x20000, 0)  # an owner may always read it
    assert decided(box, client, f"O:{user}G:BAD:(A;;CC;;;OW)", 0x20000) == (0, 0, STATUS_ACCESS_DENIED)
    assert decided(box, client, "O:BAG:BA", maximum) == (0, 0xF003F, 0)  # no list lets everybody in
    assert decided(box, client, "O:BAG:BAD:(A;;GR;;;WD)", 0x20019) == (0, 0x20019, 0)
    assert decided(box, client, "O:BAG:BA", 0x1000000) == (0, 0, STATUS_PRIVILEGE_NOT_HELD)
    assert decided(box, client, "O:BAG:BA", 0x80000000)[0] == STATUS_GENERIC_NOT_MAPPED
    assert decided(box, client, "O:BAG:BA", 1, room=19)[0] == STATUS_BUFFER_TOO_SMALL


def test_what_a_descriptor_in_one_piece_must_hold(box, ntdll):
    out = box.alloc(8)
    convert = box.call.advapi32.ConvertStringSecurityDescriptorToSecurityDescriptorW
    assert convert("O:BAD:(A;;GA;;;WD)", 1, out, 0) == 1
    found = box.memory.pointer(out)
    length = ntdll.RtlLengthSecurityDescriptor(found)
    assert ntdll.RtlValidRelativeSecurityDescriptor(found, length, 1) == 1
    assert ntdll.RtlValidRelativeSecurityDescriptor(found, length, 2) == 0  # it has no group
    assert ntdll.RtlValidRelativeSecurityDescriptor(found, length - 1, 0) == 0
    size = put(box, struct.pack("<I", 100))
    assert unsigned(ntdll.RtlAbsoluteToSelfRelativeSD(found, box.alloc(100), size)) == STATUS_BAD_DESCRIPTOR_FORMAT
    assert ntdll.RtlMakeSelfRelativeSD(found, box.alloc(100), size) == 0
