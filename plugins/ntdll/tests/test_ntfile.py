"""NtCreateFile, NtOpenFile, NtReadFile, NtWriteFile and what goes with them."""

import struct
from pathlib import Path
from typing import Any

import pytest

from litebox_core import ntstatus as nt
from litebox_core.abi import HANDLE, PVOID, Struct
from litebox_ntdll.ntdef import UNICODE_STRING
from litebox_ntdll.objattr import OBJECT_ATTRIBUTES

READ, WRITE, APPEND, DELETE, SYNCHRONIZE = 1, 2, 4, 0x10000, 0x100000
ALL = 0x1F01FF
OPEN, CREATE, OPEN_IF, OVERWRITE, OVERWRITE_IF = 1, 2, 3, 4, 5
SYNC, DIRECTORY, ASYNC = 0x20, 0x1, 0


class IO_STATUS_BLOCK(Struct):
    Status: PVOID = 0
    Information: PVOID = 0


class Nt:
    """The system calls of a box, with names and blocks built for them."""

    def __init__(self, box: Any, folder: Path) -> None:
        self.box, self.folder = box, folder
        self.call = box.call.ntdll
        self.io = box.new(IO_STATUS_BLOCK)

    def attributes(self, name: str | None, root: int = 0, **fields: Any) -> int:
        box = self.box
        string = 0
        if name is not None:
            size = 2 * len(name)
            string = box.alloc(UNICODE_STRING(Length=size, MaximumLength=size + 2, Buffer=box.alloc(name)))
        fields.setdefault("Length", OBJECT_ATTRIBUTES.sizeof(64))
        return box.alloc(OBJECT_ATTRIBUTES(ObjectName=string, RootDirectory=root, **fields))

    def path(self, name: str) -> str:
        from litebox_core.services import Files

        return "\\??\\" + self.box.process.service(Files).current_directory + name

    def create(
        self, name: str, access: int = ALL, disposition: int = OPEN_IF, options: int = SYNC, share: int = 7
    ) -> tuple[int, int]:
        """Status and handle."""
        handle = self.box.new(HANDLE, 0)
        self.io.value = IO_STATUS_BLOCK(Status=0x55, Information=0x55)
        status = self.call.NtCreateFile(
            handle, access, self.attributes(self.path(name)), self.io, 0, 0x80, share, disposition, options, 0, 0
        )
        return status, handle.value

    def opened(self, name: str, **how: Any) -> int:
        status, handle = self.create(name, **how)
        assert status == 0
        return handle

    def write(self, handle: int, data: bytes, offset: int | None = None) -> int:
        at = self.box.alloc(struct.pack("<q", offset)) if offset is not None else 0
        self.io.value = IO_STATUS_BLOCK(Status=0x55, Information=0x55)
        return int(self.call.NtWriteFile(handle, 0, 0, 0, self.io, self.box.alloc(data), len(data), at, 0))

    def read(self, handle: int, size: int, offset: int | None = None) -> tuple[int, bytes]:
        at = self.box.alloc(struct.pack("<q", offset)) if offset is not None else 0
        buffer = self.box.alloc(size)
        self.io.value = IO_STATUS_BLOCK(Status=0x55, Information=0x55)
        status = self.call.NtReadFile(handle, 0, 0, 0, self.io, buffer, size, at, 0)
        return status, self.box.memory.read(buffer, self.io.value.Information) if status == 0 else b""

    def query(self, handle: int, kind: int, size: int) -> tuple[int, bytes]:
        buffer = self.box.alloc(size)
        self.io.value = IO_STATUS_BLOCK(Status=0x55, Information=0x55)
        status = self.call.NtQueryInformationFile(handle, self.io, buffer, size, kind)
        return status, self.box.memory.read(buffer, size)

    def set(self, handle: int, kind: int, data: bytes, size: int | None = None) -> int:
        length = len(data) if size is None else size
        return int(self.call.NtSetInformationFile(handle, self.io, self.box.alloc(data), length, kind))


@pytest.fixture
def ntos(box: Any, tmp_path: Path) -> Nt:
    return Nt(box, tmp_path)


def test_create_tells_what_was_done(ntos: Nt) -> None:
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
def test_names_that_are_no_file(ntos: Nt, name: str | None, status: int) -> None:
    handle = ntos.box.new(HANDLE)
    got = ntos.call.NtOpenFile(handle, READ | SYNCHRONIZE, ntos.attributes(name), ntos.io, 7, SYNC)
    assert got == status


def test_object_attributes_are_checked(ntos: Nt) -> None:
    handle = ntos.box.new(HANDLE)
    for attributes in (0, ntos.attributes("\\??\\C:\\", Length=40), ntos.attributes("\\??\\C:\\", Attributes=1)):
        status = ntos.call.NtOpenFile(handle, READ | SYNCHRONIZE, attributes, ntos.io, 7, SYNC)
        assert status == nt.STATUS_INVALID_PARAMETER
    assert ntos.call.NtOpenFile(0, READ, ntos.attributes("\\??\\C:\\"), ntos.io, 7, 0) == nt.STATUS_ACCESS_VIOLATION
    assert ntos.call.NtOpenFile(handle, READ, 0x10, ntos.io, 7, 0) == nt.STATUS_ACCESS_VIOLATION
    assert ntos.call.NtOpenFile(handle, READ, ntos.attributes("\\??\\C:\\"), 0, 7, 0) == nt.STATUS_ACCESS_VIOLATION


def test_names_relative_to_a_directory(ntos: Nt) -> None:
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


def test_the_file_pointer(ntos: Nt) -> None:
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


def test_asynchronous_files_have_no_pointer(ntos: Nt) -> None:
    handle = ntos.opened("a.txt", options=ASYNC)
    assert ntos.write(handle, b"abc") == nt.STATUS_INVALID_PARAMETER
    assert ntos.write(handle, b"abc", 0) == 0
    assert ntos.read(handle, 2)[0] == nt.STATUS_INVALID_PARAMETER
    assert ntos.read(handle, 2, -2)[0] == nt.STATUS_INVALID_PARAMETER
    assert ntos.read(handle, 2, 1) == (0, b"bc")
    assert ntos.query(handle, 14, 8) == (0, bytes(8))


def test_append_access_writes_at_the_end(ntos: Nt) -> None:
    (ntos.folder / "a.txt").write_bytes(b"12345")
    handle = ntos.opened("a.txt", access=APPEND | SYNCHRONIZE, disposition=OPEN)
    assert ntos.write(handle, b"6", 0) == 0
    assert (ntos.folder / "a.txt").read_bytes() == b"123456"
    assert ntos.read(handle, 1)[0] == nt.STATUS_ACCESS_DENIED


def test_bad_addresses_and_handles(ntos: Nt) -> None:
    handle = ntos.opened("a.txt")
    call, io = ntos.call, ntos.io
    assert ntos.write(handle, b"abc") == 0
    assert call.NtReadFile(handle, 0, 0, 0, io, 0x10, 3, ntos.box.alloc(8), 0) == nt.STATUS_ACCESS_VIOLATION
    assert call.NtWriteFile(handle, 0, 0, 0, io, 0x10, 3, 0, 0) == nt.STATUS_ACCESS_VIOLATION
    assert call.NtWriteFile(handle, 0, 0, 0, 0x10, ntos.box.alloc(4), 3, 0, 0) == nt.STATUS_ACCESS_VIOLATION
    assert call.NtWriteFile(0x7770, 0, 0, 0, io, ntos.box.alloc(4), 3, 0, 0) == nt.STATUS_INVALID_HANDLE
    assert call.NtWriteFile(handle, 0x7770, 0, 0, io, ntos.box.alloc(4), 3, 0, 0) == nt.STATUS_INVALID_HANDLE
    assert call.NtClose(handle) == 0
    assert call.NtClose(handle) == nt.STATUS_INVALID_HANDLE


def test_locks(ntos: Nt) -> None:
    one, two = ntos.opened("a.txt"), ntos.opened("a.txt")
    start, size = ntos.box.alloc(struct.pack("<q", 4)), ntos.box.alloc(struct.pack("<q", 2))
    assert ntos.call.NtLockFile(one, 0, 0, 0, ntos.io, start, size, 0, 1, 1) == 0
    assert ntos.call.NtLockFile(two, 0, 0, 0, ntos.io, start, size, 0, 1, 1) == nt.STATUS_LOCK_NOT_GRANTED
    assert ntos.write(two, b"x", 5) == nt.STATUS_FILE_LOCK_CONFLICT
    assert ntos.call.NtUnlockFile(one, ntos.io, start, size, 0) == 0
    assert ntos.call.NtUnlockFile(one, ntos.io, start, size, 0) == nt.STATUS_RANGE_NOT_LOCKED


def test_delete_by_name(ntos: Nt) -> None:
    (ntos.folder / "a.txt").write_bytes(b"")
    assert ntos.call.NtDeleteFile(ntos.attributes(ntos.path("a.txt"))) == 0
    assert not (ntos.folder / "a.txt").exists()
    assert ntos.call.NtDeleteFile(ntos.attributes(ntos.path("a.txt"))) == nt.STATUS_OBJECT_NAME_NOT_FOUND
