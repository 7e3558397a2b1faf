"""Access control lists and security descriptors: edges of which the programs do not tell."""

import struct

import pytest

EVERYONE = bytes((1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0))
ERROR_FILE_NOT_FOUND, ERROR_ACCESS_DENIED, ERROR_INVALID_HANDLE, ERROR_NOACCESS = 2, 5, 6, 998
ERROR_INVALID_PARAMETER, ERROR_INSUFFICIENT_BUFFER, ERROR_ALLOTTED_SPACE_EXCEEDED = 87, 122, 1344
ERROR_INVALID_ACL, ERROR_INVALID_SECURITY_DESCR, ERROR_BAD_DESCRIPTOR_FORMAT, ERROR_UNKNOWN_REVISION = (
    1336, 1338, 1361, 1305
)  # fmt: skip
OWNER, DACL, SACL, LABEL = 1, 4, 8, 0x10


@pytest.fixture
def advapi32(box):
    return box.call.advapi32


def put(box, data):
    addr = box.alloc(max(len(data), 8))
    box.memory.write(addr, data)
    return addr


def parsed(box, text):
    out = box.alloc(8)
    assert box.call.advapi32.ConvertStringSecurityDescriptorToSecurityDescriptorW(text, 1, out, 0) == 1
    return box.memory.pointer(out)


def shown(box, addr, information=0xF):
    out = box.alloc(8)
    convert = box.call.advapi32.ConvertSecurityDescriptorToStringSecurityDescriptorW
    assert convert(addr, 1, information, out, 0) == 1
    return box.memory.wstr(box.memory.pointer(out))


@pytest.fixture
def acl(box, advapi32):
    addr, everyone = box.alloc(200), put(box, EVERYONE)
    assert advapi32.InitializeAcl(addr, 200, 2) == 1
    for mask in (1, 2):
        assert advapi32.AddAccessAllowedAce(addr, 2, mask, everyone) == 1
    return addr


def masks(box, acl):
    out, found = box.alloc(8), []
    while box.call.advapi32.GetAce(acl, len(found), out):
        found.append(box.memory.u32(box.memory.pointer(out) + 4))
    return found


def test_entries_are_inserted_where_they_belong(box, advapi32, acl):
    entry = put(box, struct.pack("<BBHI", 0, 0, 20, 3) + EVERYONE)
    assert advapi32.AddAce(acl, 2, 0, entry, 20) == 1
    assert masks(box, acl) == [3, 1, 2]
    assert advapi32.AddAce(acl, 2, 1, entry, 19) == 0  # not a whole entry
    assert box.last_error == ERROR_INVALID_PARAMETER


def test_flags_that_no_entry_has(box, advapi32, acl):
    assert advapi32.AddAccessAllowedAceEx(acl, 2, 0x20, 1, put(box, EVERYONE)) == 0
    assert box.last_error == ERROR_INVALID_PARAMETER


@pytest.mark.parametrize("at, value", [(4, 100), (2, 4), (10, 0), (10, 2), (10, 0xFFFF)])
def test_lists_that_are_none(box, advapi32, acl, at, value):
    """A count, a size, the size of an entry that cannot be."""
    box.memory.put_u16(acl + at, value)
    assert advapi32.IsValidAcl(acl) == 0
    assert box.last_error == ERROR_INVALID_ACL
    assert advapi32.AddAccessAllowedAce(acl, 2, 1, put(box, EVERYONE)) == 0
    assert advapi32.DeleteAce(acl, 5) == 0
    advapi32.GetAclInformation(acl, box.alloc(12), 12, 2)
    advapi32.FindFirstFreeAce(acl, box.alloc(8))


def test_a_list_in_no_memory(box, advapi32):
    assert advapi32.IsValidAcl(0xDEAD0000) == 0
    assert advapi32.GetAce(0xDEAD0000, 0, box.alloc(8)) == 0
    assert box.last_error == ERROR_NOACCESS


def test_descriptors_in_one_piece_do_not_change(box, advapi32):
    found = parsed(box, "O:BA")
    assert advapi32.SetSecurityDescriptorOwner(found, put(box, EVERYONE), 0) == 0
    assert box.last_error == ERROR_INVALID_SECURITY_DESCR
    assert advapi32.MakeSelfRelativeSD(found, box.alloc(100), put(box, b"\x64\0\0\0")) == 0
    assert box.last_error == ERROR_BAD_DESCRIPTOR_FORMAT


def test_offsets_that_lead_nowhere(box, advapi32):
    wild = put(box, struct.pack("<BBH4I", 1, 0, 0x8014, 0x7FFFFFF0, 0, 0xFFFFFFF0, 0x10))
    assert advapi32.IsValidSecurityDescriptor(wild) == 0
    out = box.alloc(8)
    assert advapi32.ConvertSecurityDescriptorToStringSecurityDescriptorW(wild, 1, 0xF, out, 0) == 0
    assert box.call.ntdll.RtlValidRelativeSecurityDescriptor(wild, 20, 0) == 0


@pytest.mark.parametrize("text", [
    "O:BAG:SYD:PAI(A;OICI;FA;;;SY)(D;;0x1301bf;;;WD)", "D:NO_ACCESS_CONTROL", "S:(ML;;NW;;;LW)",
    "D:(OA;;CC;bf967aba-0de6-11d0-a285-00aa003049e2;;AU)", "O:S-1-5-21-1-2-3-4",
])  # fmt: skip
def test_texts_and_back(box, text):
    assert shown(box, parsed(box, text)) == text


@pytest.mark.parametrize("text, error", [
    ("D:(A;;GA;;;WD)(", ERROR_INVALID_ACL), ("D:(A;;GA;;WD)", ERROR_INVALID_ACL), ("D", ERROR_INVALID_PARAMETER),
    ("O:ZZ", 1337), ("O:", 1337), ("D:Q(A;;GA;;;WD)", ERROR_INVALID_PARAMETER), ("D:(A;;9g;;;WD)", ERROR_INVALID_ACL),
    ("D:(A;;089;;;WD)", ERROR_INVALID_ACL), ("D:(A;;GA;not a guid;;WD)", ERROR_INVALID_ACL),
    ("D:" + "(A;;GA;;;WD)" * 4000, ERROR_INVALID_ACL),
])  # fmt: skip
def test_texts_that_say_nothing(box, advapi32, text, error):
    assert advapi32.ConvertStringSecurityDescriptorToSecurityDescriptorW(text, 1, box.alloc(8), 0) == 0
    assert box.last_error == error


def test_revisions(box, advapi32):
    assert advapi32.ConvertStringSecurityDescriptorToSecurityDescriptorW("O:BA", 2, box.alloc(8), 0) == 0
    assert box.last_error == ERROR_UNKNOWN_REVISION


# -- of objects --------------------------------------------------------------------------------------------------------


def of(box, handle, information):
    room, size = box.alloc(400), box.alloc(4)
    assert box.call.advapi32.GetKernelObjectSecurity(handle, information, room, 400, size) == 1
    return shown(box, room, information | (SACL if information & LABEL else 0))


def test_an_object_keeps_what_it_is_given(box, advapi32):
    attributes = put(box, struct.pack("<I4xQI4x", 24, parsed(box, "D:P(A;;GA;;;WD)S:(ML;;NW;;;LW)"), 0))
    event = box.call.kernel32.CreateEventW(attributes, 0, 0, None)
    assert of(box, event, DACL) == "D:P(A;;0x1f0003;;;WD)"
    assert of(box, event, LABEL) == "S:(ML;;NW;;;LW)"
    assert of(box, event, OWNER) == "O:S-1-5-21-0-0-0-1000"
    assert advapi32.SetKernelObjectSecurity(event, DACL, parsed(box, "D:(A;;GR;;;BU)")) == 1
    assert of(box, event, DACL) == "D:(A;;CCRC;;;BU)"
    assert advapi32.SetKernelObjectSecurity(event, OWNER, parsed(box, "D:")) == 0
    assert box.last_error == ERROR_INVALID_SECURITY_DESCR


def test_rights_that_a_handle_lacks(box, advapi32):
    event = box.call.kernel32.CreateEventExW(0, None, 0, 0x100000)  # SYNCHRONIZE
    size = box.alloc(4)
    assert advapi32.GetKernelObjectSecurity(event, DACL, 0, 0, size) == 0
    assert box.last_error == ERROR_ACCESS_DENIED
    whole = box.call.kernel32.CreateEventW(0, 0, 0, None)
    assert advapi32.GetKernelObjectSecurity(whole, SACL, 0, 0, size) == 0
    assert box.last_error == ERROR_ACCESS_DENIED
    assert advapi32.GetKernelObjectSecurity(0xDEAC, DACL, 0, 0, size) == 0
    assert box.last_error == ERROR_INVALID_HANDLE


def test_files_and_keys_by_name(box, advapi32):
    size = box.alloc(4)
    assert advapi32.GetFileSecurityW("C:\\none.txt", OWNER, 0, 0, size) == 0
    assert box.last_error == ERROR_FILE_NOT_FOUND
    assert advapi32.GetFileSecurityW("C:\\", OWNER | DACL, 0, 0, size) == 0
    assert box.last_error == ERROR_INSUFFICIENT_BUFFER and box.memory.u32(size) > 20
    owner, whole = box.alloc(8), box.alloc(8)
    assert advapi32.GetNamedSecurityInfoW("CURRENT_USER\\Software", 4, OWNER, owner, 0, 0, 0, whole) == 0
    assert shown(box, box.memory.pointer(whole), OWNER) == "O:S-1-5-21-0-0-0-1000"
    assert advapi32.GetNamedSecurityInfoW("C:\\none.txt", 1, OWNER, owner, 0, 0, 0, whole) == ERROR_FILE_NOT_FOUND
    assert advapi32.GetNamedSecurityInfoW(None, 1, OWNER, owner, 0, 0, 0, whole) == ERROR_INVALID_PARAMETER


def test_a_token_says_what_new_objects_have(box, advapi32):
    out = box.alloc(8)
    assert advapi32.OpenProcessToken((1 << 64) - 1, 0xF01FF, out) == 1
    token, everyone = box.memory.pointer(out), box.alloc(40)
    assert advapi32.InitializeAcl(everyone, 40, 2) == 1
    assert advapi32.AddAccessAllowedAce(everyone, 2, 0x80000000, put(box, EVERYONE)) == 1
    assert advapi32.SetTokenInformation(token, 6, put(box, struct.pack("<Q", everyone)), 8) == 1
    assert of(box, box.call.kernel32.CreateEventW(0, 0, 0, None), DACL) == "D:(A;;CCRC;;;WD)"
    assert advapi32.SetTokenInformation(token, 6, put(box, bytes(8)), 8) == 1
    assert of(box, box.call.kernel32.CreateEventW(0, 0, 0, None), DACL) == ""  # no list: everybody may
    assert advapi32.SetTokenInformation(token, 6, put(box, struct.pack("<Q", put(box, bytes(8)))), 8) == 0
    assert box.last_error == ERROR_INVALID_ACL
