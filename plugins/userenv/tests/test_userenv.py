"""Profile folders, environment blocks, names of the user."""

import pytest

from litebox_core.abi import DWORD, PVOID

INVALID_HANDLE, INVALID_PARAMETER, SMALL, MORE_DATA, NONE_MAPPED, NO_DOMAIN = 6, 87, 122, 234, 1332, 1351
CURRENT, TOKEN_QUERY = 0xFFFFFFFFFFFFFFFF, 8


@pytest.fixture
def token(box):
    handle = box.new(PVOID)
    assert box.call.advapi32.OpenProcessToken(CURRENT, TOKEN_QUERY, handle)
    return handle.value


def test_the_profile_folder(box, token):
    call, size, folder = box.call.userenv, box.new(DWORD, 0), box.wide(100)
    assert not call.GetUserProfileDirectoryW(token, 0, size)
    assert box.last_error == SMALL
    needed = size.value
    size.value = needed - 1
    assert not call.GetUserProfileDirectoryW(token, folder, size)
    assert folder.untouched
    assert (size.value, box.last_error) == (needed, SMALL)
    assert call.GetUserProfileDirectoryW(token, folder, size)
    assert folder.text == box.process.environment_variable("USERPROFILE")
    assert len(folder.text) == needed - 1
    assert not call.GetUserProfileDirectoryW(99, folder, size)
    assert box.last_error == INVALID_HANDLE
    assert not call.GetUserProfileDirectoryW(token, folder, 0)
    assert box.last_error == INVALID_PARAMETER


def test_other_folders(box):
    for name, end in (
        ("GetProfilesDirectoryA", b"C:\\Users"),
        ("GetDefaultUserProfileDirectoryA", b"C:\\Users\\Default"),
        ("GetAllUsersProfileDirectoryA", b"C:\\ProgramData"),
    ):
        folder = box.narrow(100)
        assert getattr(box.call.userenv, name)(folder, box.new(DWORD, 100))
        assert folder.text == end


def block_of(box, inherit, token=0):
    made = box.new(PVOID)
    assert box.call.userenv.CreateEnvironmentBlock(made, token, inherit)
    at, lines = made.value, []
    while line := box.memory.wstr(at):
        lines.append(line)
        at += 2 * len(line) + 2
    assert box.call.userenv.DestroyEnvironmentBlock(made.value)
    return lines


def test_environment_blocks(box, token):
    assert box.call.kernel32.SetEnvironmentVariableW("OF_THIS_PROCESS", "1")
    assert "OF_THIS_PROCESS=1" in block_of(box, True)
    lines = block_of(box, False, token)
    assert "OF_THIS_PROCESS=1" not in lines
    assert "SystemRoot=C:\\Windows" in lines
    assert lines == sorted(lines, key=lambda line: line.partition("=")[0].upper())
    assert not box.call.userenv.CreateEnvironmentBlock(0, 0, False)
    assert box.last_error == INVALID_PARAMETER
    assert not box.call.userenv.DestroyEnvironmentBlock(0)


def test_expanding_for_the_user(box, token):
    text = box.wide(20)
    expand = box.call.userenv.ExpandEnvironmentStringsForUserW
    assert expand(token, "%SystemRoot%\\x %NONE%", text, 20)
    assert text.text == "C:\\Windows\\x %NONE%"
    assert not expand(0, "%SystemRoot%\\x %NONE%", text, 19)
    assert box.last_error == SMALL
    assert not expand(0, 0, text, 19)
    assert box.last_error == INVALID_PARAMETER


@pytest.mark.parametrize("dll", ["secur32", "sspicli"])
def test_the_name_of_the_user(box, dll):
    ask, size, name = getattr(box.call, dll).GetUserNameExW, box.new(DWORD, 3), box.wide(100)
    assert not ask(2, name, size)
    assert box.last_error == MORE_DATA
    needed = size.value
    assert ask(2, name, size)
    assert size.value == needed - 1 == len(name.text)
    assert name.text.partition("\\")[2]
    for kind, error in ((3, NONE_MAPPED), (99, INVALID_PARAMETER)):
        assert not ask(kind, name, size)
        assert box.last_error == error
    assert not box.call.secur32.GetComputerObjectNameW(2, name, size)
    assert box.last_error == NO_DOMAIN
