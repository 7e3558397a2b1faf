"""NtCreateFile, NtOpenFile, NtReadFile, NtWriteFile and what goes with them."""

import struct
from typing import Any

import pytest

from litebox_core import ntstatus as nt
from litebox_core.abi import HANDLE

READ, WRITE, APPEND, DELETE, SYNCHRONIZE = 1, 2, 4, 0x10000, 0x100000
ALL = 0x1F01FF
OPEN, CREATE, OPEN_IF, OVERWRITE, OVERWRITE_IF = 1, 2, 3, 4, 5
SYNC, DIRECTORY, ASYNC = 0x20, 0x1, 0


def test_create_tells_what_was_done(ntos: Any) -> None:
    for disposition, status, done in (
        (OPEN, nt.STATUS_OBJECT_NAME_NOT_FOUND, None),
        (OPEN_IF, 0, 2),
        (OPEN_IF, 0, 1),
        (CREATE, nt.STATUS_OBJECT_NAME_COLLISION, None),
        (OVERWRITE, 0, 3),
        (0, 0, 0),
    ):
        got, handle = ntos.create("a.txt", disposition=disposition)
        assert got == status, disposition
        if done is not None:
            assert ntos.io.value.Information == done
            assert ntos.call.NtClose(handle) == 0


@pytest.mark.parametrize(
    "name, status",
    [
        (None, nt.STATUS_OBJECT_PATH_SYNTAX_BAD),
        ("", nt.STATUS_OBJECT_PATH_SYNTAX_BAD),
        ("a.txt", nt.STATUS_OBJECT_PATH_SYNTAX_BAD),
        ("C:\\a.txt", nt.STATUS_OBJECT_PATH_SYNTAX_BAD),
        ("\\nowhere", nt.STATUS_OBJECT_NAME_NOT_FOUND),
        ("\\nowhere\\a", nt.STATUS_OBJECT_PATH_NOT_FOUND),
        ("\\??", nt.STATUS_OBJECT_TYPE_MISMATCH),
        ("\\??\\C:\\none\\a", nt.STATUS_OBJECT_PATH_NOT_FOUND),
        ("\\??\\C:\\none", nt.STATUS_OBJECT_NAME_NOT_FOUND),
    ],
)
def test_names_that_are_no_file(ntos: Any, name: str | None, status: int) -> None:
    handle = ntos.box.new(HANDLE)
    got = ntos.call.NtOpenFile(handle, READ | SYNCHRONIZE, ntos.attributes(name), ntos.io, 7, SYNC)
    assert got == status


def test_object_attributes_are_checked(ntos: Any) -> None:
    handle = ntos.box.new(HANDLE)
    for attributes in (0, ntos.attributes("\\??\\C:\\", Length=40), ntos.attributes("\\??\\C:\\", Attributes=1)):
        status = ntos.call.NtOpenFile(handle, READ | SYNCHRONIZE, attributes, ntos.io, 7, SYNC)
        assert status == nt.STATUS_INVALID_PARAMETER
    assert ntos.call.NtOpenFile(0, READ, ntos.attributes("\\??\\C:\\"), ntos.io, 7, 0) == nt.STATUS_ACCESS_VIOLATION
    assert ntos.call.NtOpenFile(handle, READ, 0x10, ntos.io, 7, 0) == nt.STATUS_ACCESS_VIOLATION
    assert ntos.call.NtOpenFile(handle, READ, ntos.attributes("\\??\\C:\\"), 0, 7, 0) == nt.STATUS_ACCESS_VIOLATION


def test_names_relative_to_a_directory(ntos: Any) -> None:
    (ntos.folder / "d").mkdir()
    (ntos.folder / "d" / "x.txt").write_bytes(b"x")
    root = ntos.opened("d", access=READ | SYNCHRONIZE, disposition=OPEN, options=DIRECTORY | SYNC)
    handle = ntos.box.new(HANDLE)
    status = ntos.call.NtOpenFile(handle, READ | SYNCHRONIZE, ntos.attributes("x.txt", root), ntos.io, 7, SYNC)
    assert status == 0
    assert ntos.read(handle.value, 9) == (0, b"x")
    bad = ntos.attributes("\\x.txt", root)
    assert ntos.call.NtOpenFile(handle, READ, bad, ntos.io, 7, 0) == nt.STATUS_INVALID_PARAMETER
    assert ntos.call.NtOpenFile(handle, READ, ntos.attributes("x", 0x7770), ntos.io, 7, 0) == nt.STATUS_INVALID_HANDLE


def test_the_file_pointer(ntos: Any) -> None:
    handle = ntos.opened("a.txt")
    assert ntos.write(handle, b"hello") == 0
    assert (ntos.io.value.Status, ntos.io.value.Information) == (0, 5)
    assert ntos.write(handle, b"J", 0) == 0
    assert ntos.read(handle, 10) == (0, b"ello")
    assert ntos.read(handle, 10) == (nt.STATUS_END_OF_FILE, b"")
    assert (ntos.io.value.Status, ntos.io.value.Information) == (nt.STATUS_END_OF_FILE, 0)
    assert ntos.write(handle, b"!", -1) == 0  # at the end
    assert ntos.read(handle, 2, 4) == (0, b"o!")
    assert ntos.write(handle, b"?", -2) == 0  # at the pointer
    assert (ntos.folder / "a.txt").read_bytes() == b"Jello!?"
    assert ntos.read(handle, 1, -1)[0] == nt.STATUS_INVALID_PARAMETER
    assert ntos.read(handle, 1, -3)[0] == nt.STATUS_INVALID_PARAMETER
    assert ntos.write(handle, b"", 0) == 0


def test_asynchronous_files_have_no_pointer(ntos: Any) -> None:
    handle = ntos.opened("a.txt", options=ASYNC)
    assert ntos.write(handle, b"abc") == nt.STATUS_INVALID_PARAMETER
    assert ntos.write(handle, b"abc", 0) == 0
    assert ntos.read(handle, 2)[0] == nt.STATUS_INVALID_PARAMETER
    assert ntos.read(handle, 2, -2)[0] == nt.STATUS_INVALID_PARAMETER
    assert ntos.read(handle, 2, 1) == (0, b"bc")
    assert ntos.query(handle, 14, 8) == (0, bytes(8))


def test_append_access_writes_at_the_end(ntos: Any) -> None:
    (ntos.folder / "a.txt").write_bytes(b"12345")
    handle = ntos.opened("a.txt", access=APPEND | SYNCHRONIZE, disposition=OPEN)
    assert ntos.write(handle, b"6", 0) == 0
    assert (ntos.folder / "a.txt").read_bytes() == b"123456"
    assert ntos.read(handle, 1)[0] == nt.STATUS_ACCESS_DENIED


def test_bad_addresses_and_handles(ntos: Any) -> None:
    handle = ntos.opened("a.txt")
    call, io = ntos.call, ntos.io
    assert ntos.write(handle, b"abc") == 0
    assert call.NtReadFile(handle, 0, 0, 0, io, 0x10, 3, ntos.box.alloc(8), 0) == nt.STATUS_ACCESS_VIOLATION
    assert call.NtWriteFile(handle, 0, 0, 0, io, 0x10, 3, 0, 0) == nt.STATUS_INVALID_USER_BUFFER
    assert call.NtWriteFile(handle, 0, 0, 0, 0x10, ntos.box.alloc(4), 3, 0, 0) == nt.STATUS_ACCESS_VIOLATION
    assert call.NtWriteFile(0x7770, 0, 0, 0, io, ntos.box.alloc(4), 3, 0, 0) == nt.STATUS_INVALID_HANDLE
    assert call.NtWriteFile(handle, 0x7770, 0, 0, io, ntos.box.alloc(4), 3, 0, 0) == nt.STATUS_INVALID_HANDLE
    assert call.NtClose(handle) == 0
    assert call.NtClose(handle) == nt.STATUS_INVALID_HANDLE


def test_locks(ntos: Any) -> None:
    one, two = ntos.opened("a.txt"), ntos.opened("a.txt")
    start, size = ntos.box.alloc(struct.pack("<q", 4)), ntos.box.alloc(struct.pack("<q", 2))
    assert ntos.call.NtLockFile(one, 0, 0, 0, ntos.io, start, size, 0, 1, 1) == 0
    assert ntos.call.NtLockFile(two, 0, 0, 0, ntos.io, start, size, 0, 1, 1) == nt.STATUS_LOCK_NOT_GRANTED
    assert ntos.write(two, b"x", 5) == nt.STATUS_FILE_LOCK_CONFLICT
    assert ntos.call.NtUnlockFile(one, ntos.io, start, size, 0) == 0
    assert ntos.call.NtUnlockFile(one, ntos.io, start, size, 0) == nt.STATUS_RANGE_NOT_LOCKED


def test_delete_by_name(ntos: Any) -> None:
    (ntos.folder / "a.txt").write_bytes(b"")
    assert ntos.call.NtDeleteFile(ntos.attributes(ntos.path("a.txt"))) == 0
    assert not (ntos.folder / "a.txt").exists()
    assert ntos.call.NtDeleteFile(ntos.attributes(ntos.path("a.txt"))) == nt.STATUS_OBJECT_NAME_NOT_FOUND
