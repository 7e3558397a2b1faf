"""Access tokens: the one user, who has no special rights."""

import struct

import pytest

from litebox_core.tokens import USER

THIS_PROCESS, THIS_THREAD = (1 << 64) - 1, (1 << 64) - 2
PROCESS_TOKEN, THREAD_TOKEN, EFFECTIVE_TOKEN = (1 << 64) - 4, (1 << 64) - 5, (1 << 64) - 6
ALL_ACCESS, QUERY = 0xF01FF, 8
ERROR_ACCESS_DENIED, ERROR_INVALID_HANDLE, ERROR_INVALID_PARAMETER, ERROR_NO_TOKEN = 5, 6, 87, 1008
ERROR_NOT_ALL_ASSIGNED, ERROR_CANT_DISABLE_MANDATORY, ERROR_PRIVILEGE_NOT_HELD = 1300, 1310, 1314
ERROR_NO_SUCH_LOGON_SESSION, ERROR_INVALID_OWNER, ERROR_BAD_TOKEN_TYPE = 1312, 1307, 1349
TOKEN_GROUPS, TOKEN_PRIVILEGES, TOKEN_OWNER, TOKEN_LINKED, TOKEN_ELEVATION, TOKEN_INTEGRITY = 2, 3, 4, 19, 20, 25
DEBUG, CHANGE_NOTIFY, SHUTDOWN, ENABLED = 20, 23, 19, 2
ADMINISTRATORS = bytes((1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 32, 2, 0, 0))


@pytest.fixture
def advapi32(box):
    return box.call.advapi32


@pytest.fixture
def token(box, advapi32):
    out = box.alloc(8)
    assert advapi32.OpenProcessToken(THIS_PROCESS, ALL_ACCESS, out) == 1
    return box.memory.pointer(out)


def put(box, data):
    addr = box.alloc(max(len(data), 8))
    box.memory.write(addr, data)
    return addr


def asked(box, token, kind):
    room, size = box.alloc(1024), box.alloc(4)
    assert box.call.advapi32.GetTokenInformation(token, kind, room, 1024, size) == 1
    return box.memory.read(room, box.memory.u32(size))


def adjust(box, token, privilege, attributes):
    change = put(box, struct.pack("<IQI", 1, privilege, attributes))
    assert box.call.advapi32.AdjustTokenPrivileges(token, 0, change, 0, 0, 0) == 1
    return box.last_error


def test_nobody_is_an_administrator(box, advapi32, token):
    member = put(box, b"\xff" * 4)
    assert advapi32.CheckTokenMembership(0, put(box, ADMINISTRATORS), member) == 1
    assert box.memory.u32(member) == 0
    assert advapi32.CheckTokenMembership(0, put(box, USER), member) == 1
    assert box.memory.u32(member) == 1
    assert asked(box, token, TOKEN_ELEVATION) == bytes(4)


def test_privileges_that_a_user_lacks(box, token):
    assert adjust(box, token, DEBUG, ENABLED) == ERROR_NOT_ALL_ASSIGNED
    assert adjust(box, token, SHUTDOWN, ENABLED) == 0
    rows = dict(struct.iter_unpack("<QI", asked(box, token, TOKEN_PRIVILEGES)[4:]))
    assert rows[SHUTDOWN] == ENABLED and DEBUG not in rows


def test_the_former_state_wants_room(box, advapi32, token):
    change = put(box, struct.pack("<IQI", 1, SHUTDOWN, ENABLED))
    before, size = box.alloc(16), box.alloc(4)
    assert advapi32.AdjustTokenPrivileges(token, 0, change, 4, before, size) == 0
    assert (box.last_error, box.memory.u32(size)) == (122, 16)
    rows = dict(struct.iter_unpack("<QI", asked(box, token, TOKEN_PRIVILEGES)[4:]))
    assert rows[SHUTDOWN] == 0  # nothing was changed
    assert advapi32.AdjustTokenPrivileges(token, 0, change, 16, before, size) == 1
    assert box.memory.read(before, 16) == struct.pack("<IQI", 1, SHUTDOWN, 0)


def test_groups_that_cannot_be_disabled(box, advapi32, token):
    everyone = put(box, bytes((1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0)))
    assert advapi32.AdjustTokenGroups(token, 0, put(box, struct.pack("<QQI4x", 1, everyone, 0)), 0, 0, 0) == 0
    assert box.last_error == ERROR_CANT_DISABLE_MANDATORY


def test_restricted_tokens(box, advapi32, token):
    users = put(box, bytes((1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 33, 2, 0, 0)))
    out = box.alloc(8)
    disabled = put(box, struct.pack("<QI4x", users, 0))
    assert advapi32.CreateRestrictedToken(token, 1, 1, disabled, 0, 0, 0, 0, out) == 1
    weaker = box.memory.pointer(out)
    assert dict(struct.iter_unpack("<QI", asked(box, weaker, TOKEN_PRIVILEGES)[4:])) == {CHANGE_NOTIFY: 3}
    assert advapi32.DuplicateToken(weaker, 2, out) == 1
    member = box.alloc(4)
    assert advapi32.CheckTokenMembership(box.memory.pointer(out), users, member) == 1
    assert box.memory.u32(member) == 0
    assert advapi32.CheckTokenMembership(0, users, member) == 1 and box.memory.u32(member) == 1
    assert advapi32.IsTokenRestricted(weaker) == 0


def test_what_only_the_system_may_change(box, advapi32, token):
    assert advapi32.SetTokenInformation(token, 12, put(box, bytes(4)), 4) == 0
    assert box.last_error == ERROR_PRIVILEGE_NOT_HELD
    high = put(box, bytes((1, 1, 0, 0, 0, 0, 0, 16, 0, 0x30, 0, 0)))
    assert advapi32.SetTokenInformation(token, TOKEN_INTEGRITY, put(box, struct.pack("<QI4x", high, 0x20)), 16) == 0
    assert box.last_error == ERROR_PRIVILEGE_NOT_HELD
    owner = put(box, struct.pack("<Q", put(box, ADMINISTRATORS)))
    assert advapi32.SetTokenInformation(token, TOKEN_OWNER, owner, 8) == 0
    assert box.last_error == ERROR_INVALID_OWNER


def test_there_is_no_other_token_of_the_user(box, advapi32, token):
    assert advapi32.GetTokenInformation(token, TOKEN_LINKED, box.alloc(8), 8, box.alloc(4)) == 0
    assert box.last_error == ERROR_NO_SUCH_LOGON_SESSION
    assert advapi32.GetTokenInformation(token, 0, box.alloc(8), 8, box.alloc(4)) == 0
    assert box.last_error == ERROR_INVALID_PARAMETER


def test_tokens_without_a_handle(box, advapi32, token):
    assert asked(box, PROCESS_TOKEN, 10) == asked(box, token, 10) == asked(box, EFFECTIVE_TOKEN, 10)
    assert advapi32.GetTokenInformation(THREAD_TOKEN, 10, box.alloc(64), 64, box.alloc(4)) == 0
    assert box.last_error == ERROR_NO_TOKEN


def test_impersonating(box, advapi32, token):
    out = box.alloc(8)
    assert advapi32.SetThreadToken(0, token) == 0
    assert box.last_error == ERROR_BAD_TOKEN_TYPE
    assert advapi32.ImpersonateLoggedOnUser(token) == 1
    assert asked(box, THREAD_TOKEN, 8) == struct.pack("<I", 2)
    assert asked(box, THREAD_TOKEN, 10) == asked(box, EFFECTIVE_TOKEN, 10) != asked(box, PROCESS_TOKEN, 10)
    assert advapi32.RevertToSelf() == 1
    assert advapi32.OpenThreadToken(THIS_THREAD, QUERY, 1, out) == 0
    assert box.last_error == ERROR_NO_TOKEN


def test_rights_on_tokens(box, advapi32):
    out = box.alloc(8)
    assert advapi32.OpenProcessToken(THIS_PROCESS, QUERY, out) == 1
    weak = box.memory.pointer(out)
    change = put(box, struct.pack("<IQI", 1, SHUTDOWN, ENABLED))
    assert advapi32.AdjustTokenPrivileges(weak, 0, change, 0, 0, 0) == 0
    assert box.last_error == ERROR_ACCESS_DENIED
    assert advapi32.DuplicateToken(weak, 2, out) == 0
    assert box.last_error == ERROR_ACCESS_DENIED
    assert advapi32.GetTokenInformation(0xDEAC, 1, 0, 0, box.alloc(4)) == 0
    assert box.last_error == ERROR_INVALID_HANDLE


def test_absurd_counts(box, advapi32, token):
    change = put(box, struct.pack("<I", 0xFFFFFFFF))
    assert advapi32.AdjustTokenPrivileges(token, 0, change, 0, 0, 0) == 0
    assert box.last_error == ERROR_INVALID_PARAMETER
    assert advapi32.PrivilegeCheck(token, put(box, struct.pack("<II", 0xFFFFFFFF, 0)), box.alloc(4)) == 0
    assert box.last_error == ERROR_INVALID_PARAMETER
