"""Opening files a second time, their streams, CopyFile2, and what users without privileges are refused."""

import struct

import pytest

INVALID = 0xFFFFFFFFFFFFFFFF
FILE_NOT_FOUND, ACCESS_DENIED, INVALID_HANDLE, SHARING, EOF, EXISTS, INVALID_PARAMETER = 2, 5, 6, 32, 38, 80, 87
NOT_IMPLEMENTED, ALREADY, NO_PRIVILEGE = 120, 183, 1314
READ, WRITE, ALL = 0x80000000, 0x40000000, 7


@pytest.fixture
def file(box):
    handle = box.call.kernel32.CreateFileW("a.txt", READ | WRITE, ALL, 0, 2, 0, 0)
    assert box.call.kernel32.WriteFile(handle, box.alloc(b"hello"), 5, box.alloc(4), 0)
    return handle


def test_opening_again(box, file):
    call = box.call.kernel32
    again = call.ReOpenFile(file, READ, ALL, 0)
    assert again not in (INVALID, file)
    assert call.GetFileSize(again, 0) == 5
    assert call.ReOpenFile(file, READ, 0, 0) == INVALID
    assert box.last_error == SHARING
    assert call.ReOpenFile(file, READ, ALL, 0x80) == INVALID
    assert box.last_error == INVALID_PARAMETER
    assert call.ReOpenFile(99, READ, ALL, 0) == INVALID
    assert box.last_error == INVALID_HANDLE


def test_the_stream_of_a_file(box, file):
    call, data = box.call.kernel32, box.alloc(600)
    search = call.FindFirstStreamW("a.txt", 0, data, 0)
    assert search != INVALID
    assert (box.memory.u64(data), box.memory.wstr(data + 8)) == (5, "::$DATA")
    assert not call.FindNextStreamW(search, data)
    assert box.last_error == EOF
    assert call.FindClose(search)
    assert not call.FindNextStreamW(file, data)
    assert box.last_error == INVALID_HANDLE
    for path, level, error in ((".", 0, EOF), ("none", 0, FILE_NOT_FOUND), ("a.txt", 1, INVALID_PARAMETER)):
        assert call.FindFirstStreamW(path, level, data, 0) == INVALID
        assert box.last_error == error


def test_copying_with_options(box, file):
    copy = box.call.kernel32.CopyFile2
    assert copy("a.txt", "b.txt", 0) == 0
    once = box.alloc(struct.pack("<IIQQQ", 32, 1, 0, 0, 0))
    assert copy("a.txt", "b.txt", once) == 0x80070000 | EXISTS
    assert copy("none", "c.txt", once) == 0x80070000 | FILE_NOT_FOUND
    assert copy("a.txt", "c.txt", box.alloc(struct.pack("<IIQQQ", 8, 0, 0, 0, 0))) == 0x80070000 | INVALID_PARAMETER
    assert box.call.kernel32.GetFileAttributesW("c.txt") == 0xFFFFFFFF


def test_what_needs_a_privilege(box, file):
    call = box.call.kernel32
    for link, target, flags, error in (
        ("l", "a.txt", 2, NO_PRIVILEGE), ("a.txt", "l", 0, ALREADY), ("l", "a.txt", 4, INVALID_PARAMETER),
    ):  # fmt: skip
        assert not call.CreateSymbolicLinkW(link, target, flags)
        assert box.last_error == error
    assert call.GetFileAttributesW("l") == 0xFFFFFFFF
    assert not call.SetFileValidData(file, 5)
    assert box.last_error == NO_PRIVILEGE
    assert not call.SetVolumeLabelW("C:\\", "name")
    assert box.last_error == ACCESS_DENIED


def test_handles_of_what_there_is_not(box):
    assert box.call.kernel32.CreateMailslotA(b"\\\\.\\mailslot\\m", 0, 0, 0) == INVALID
    assert box.last_error == NOT_IMPLEMENTED
    assert box.call.kernel32.OpenFileById(0, 0, READ, ALL, 0, 0) == INVALID
    assert box.last_error == NOT_IMPLEMENTED
    assert not box.call.kernel32.Wow64DisableWow64FsRedirection(box.alloc(8))
    assert box.last_error == 1
