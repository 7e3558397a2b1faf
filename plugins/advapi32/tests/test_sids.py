"""Security identifiers and accounts: edges of which the programs do not tell."""

import pytest

EVERYONE = bytes((1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0))
ERROR_INSUFFICIENT_BUFFER, ERROR_INVALID_SID, ERROR_INVALID_PARAMETER, ERROR_NONE_MAPPED = 122, 1337, 87, 1332
RPC_S_SERVER_UNAVAILABLE, ERROR_NON_DOMAIN_SID = 1722, 1258
WIN_WORLD, WIN_ACCOUNT_ADMINISTRATOR, WIN_ACCOUNT_USERS = 1, 38, 42


@pytest.fixture
def advapi32(box):
    return box.call.advapi32


def put(box, data):
    addr = box.alloc(max(len(data), 8))
    box.memory.write(addr, data)
    return addr


def made(box, text):
    out = box.alloc(8)
    assert box.call.advapi32.ConvertStringSidToSidW(text, out) == 1
    return box.memory.pointer(out)


def test_copying_into_too_little(box, advapi32):
    target = box.alloc(16)
    assert advapi32.CopySid(11, target, put(box, EVERYONE)) == 0
    assert box.last_error == ERROR_INSUFFICIENT_BUFFER
    assert box.memory.read(target, 16) == bytes(16)


def test_what_is_no_sid(box, advapi32):
    for data in (b"\x02\x01" + bytes(10), b"\x01\x10" + bytes(10)):
        assert advapi32.IsValidSid(put(box, data)) == 0
        assert box.last_error == ERROR_INVALID_SID
    assert advapi32.IsValidSid(0) == 0
    assert advapi32.IsValidSid(0xDEAD0000) == 0


@pytest.mark.parametrize("text", ["", "S", "S-1", "S-1-5--1", "S-1-281474976710656-1", "S-1-5-" + "9" * 40])
def test_texts_that_mean_no_sid(box, advapi32, text):
    assert advapi32.ConvertStringSidToSidW(text, box.alloc(8)) == 0
    assert box.last_error == ERROR_INVALID_SID


def test_a_large_authority_is_written_in_hexadecimal(box, advapi32):
    out = box.alloc(8)
    assert advapi32.ConvertSidToStringSidW(put(box, b"\x01\x01\x01\x02\x03\x04\x05\x06\x07\0\0\0"), out) == 1
    assert box.memory.wstr(box.memory.pointer(out)) == "S-1-0x010203040506-7"


def test_well_known_of_a_domain(box, advapi32):
    room, size = box.alloc(68), box.alloc(4)
    box.memory.put_u32(size, 68)
    assert advapi32.CreateWellKnownSid(WIN_ACCOUNT_USERS, made(box, "S-1-5-21-1-2-3"), room, size) == 1
    assert advapi32.IsWellKnownSid(room, WIN_ACCOUNT_USERS) == 1
    assert advapi32.IsWellKnownSid(room, WIN_WORLD) == 0
    box.memory.put_u32(size, 68)
    assert advapi32.CreateWellKnownSid(WIN_ACCOUNT_ADMINISTRATOR, 0, room, size) == 1  # of this machine
    assert box.memory.u32(room + 24) == 500
    box.memory.put_u32(size, 68)
    assert advapi32.CreateWellKnownSid(1000, 0, room, size) == 0
    assert box.last_error == ERROR_INVALID_PARAMETER


def test_domains(box, advapi32):
    equal = box.alloc(4)
    first, second, third = (made(box, f"S-1-5-21-1-2-{n}-500") for n in (3, 3, 4))
    assert advapi32.EqualDomainSid(first, second, equal) == 1 and box.memory.u32(equal) == 1
    assert advapi32.EqualDomainSid(first, third, equal) == 1 and box.memory.u32(equal) == 0
    assert advapi32.EqualDomainSid(first, put(box, EVERYONE), equal) == 0
    assert box.last_error == ERROR_NON_DOMAIN_SID


def test_accounts_that_are_none(box, advapi32):
    size, count, use = box.alloc(4), box.alloc(4), box.alloc(4)
    box.memory.put_u32(size, 68)
    box.memory.put_u32(count, 20)
    assert advapi32.LookupAccountNameW(None, "Nobody", box.alloc(68), size, box.wide(20), count, use) == 0
    assert box.last_error == ERROR_NONE_MAPPED
    assert advapi32.LookupAccountNameW("\\\\elsewhere", "Everyone", box.alloc(68), size, box.wide(20), count, use) == 0
    assert box.last_error == RPC_S_SERVER_UNAVAILABLE
    stranger = made(box, "S-1-5-21-9-9-9-1234")
    assert advapi32.LookupAccountSidW(None, stranger, box.wide(20), count, box.wide(20), count, use) == 0
    assert box.last_error == ERROR_NONE_MAPPED


def test_bad_pointers_are_errors(box, advapi32):
    assert advapi32.GetUserNameW(0, 0xDEAD0000) == 0
    assert box.last_error == 998
    assert advapi32.ConvertSidToStringSidW(0xDEAD0000, box.alloc(8)) == 0
    assert box.last_error == 998
