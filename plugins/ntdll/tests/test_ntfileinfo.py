"""NtQueryInformationFile, NtSetInformationFile, NtQueryDirectoryFile, NtQueryVolumeInformationFile."""

import struct
from typing import Any

import pytest

from litebox_core import ntstatus as nt
from litebox_ntdll.ntdef import UNICODE_STRING

READ, SYNCHRONIZE, ALL = 1, 0x100000, 0x1F01FF
OPEN, DIRECTORY, SYNC = 1, 0x1, 0x20


@pytest.mark.parametrize(
    "kind, size",
    [(4, 40), (5, 24), (6, 8), (7, 4), (8, 4), (14, 8), (16, 4), (17, 4), (34, 56), (35, 8), (54, 12), (59, 24)],
)
def test_sizes_are_exact(ntos: Any, kind: int, size: int) -> None:
    handle = ntos.opened("a.txt")
    assert ntos.query(handle, kind, size - 1)[0] == nt.STATUS_INFO_LENGTH_MISMATCH
    assert ntos.io.value.Information == 0x55
    assert ntos.query(handle, kind, size)[0] == 0
    assert ntos.io.value.Information == size
    assert ntos.query(handle, kind, size + 8)[0] == 0
    assert ntos.io.value.Information == size


def test_classes_that_are_none(ntos: Any) -> None:
    handle = ntos.opened("a.txt")
    for kind in (0, 76, 0x7FFFFFFF):
        assert ntos.query(handle, kind, 100)[0] == nt.STATUS_INVALID_INFO_CLASS
        assert ntos.set(handle, kind, bytes(100)) == nt.STATUS_INVALID_INFO_CLASS


def test_standard_and_all(ntos: Any) -> None:
    handle = ntos.opened("a.txt")
    assert ntos.write(handle, b"hello") == 0
    _, data = ntos.query(handle, 5, 24)
    allocated, size, links, deleted, directory = struct.unpack("<QQIBBxx", data)
    assert allocated >= 5
    assert (size, links, deleted, directory) == (5, 1, 0, 0)
    status, data = ntos.query(handle, 18, 104)
    assert status == nt.STATUS_BUFFER_OVERFLOW
    assert ntos.io.value.Information == 104
    status, data = ntos.query(handle, 18, 600)
    length = struct.unpack_from("<I", data, 96)[0]
    name = data[100 : 100 + length].decode("utf-16-le")
    assert status == 0
    assert (ntos.io.value.Information, "C:" + name) == (100 + length, ntos.path("a.txt")[4:].replace("Z:", "C:"))
    assert struct.unpack_from("<QI", data, 80) == (5, 0x20)


def test_names_that_do_not_fit(ntos: Any) -> None:
    handle = ntos.opened("a.txt")
    assert ntos.query(handle, 9, 7)[0] == nt.STATUS_INFO_LENGTH_MISMATCH
    status, data = ntos.query(handle, 9, 8)
    assert (status, ntos.io.value.Information) == (nt.STATUS_BUFFER_OVERFLOW, 8)
    assert struct.unpack_from("<I", data)[0] > 4
    assert data[4:] == "\\".encode("utf-16-le") + ntos.path("a.txt")[7].encode("utf-16-le")


def test_the_end_of_a_file(ntos: Any) -> None:
    handle = ntos.opened("a.txt")
    assert ntos.set(handle, 20, struct.pack("<q", 10)) == 0
    assert (ntos.folder / "a.txt").stat().st_size == 10
    assert ntos.set(handle, 20, struct.pack("<q", -1)) == nt.STATUS_INVALID_PARAMETER
    assert ntos.set(handle, 20, bytes(8), 7) == nt.STATUS_INFO_LENGTH_MISMATCH
    assert ntos.set(handle, 14, struct.pack("<q", 4)) == 0
    assert ntos.query(handle, 14, 8)[1] == struct.pack("<q", 4)
    assert ntos.set(handle, 14, struct.pack("<q", -1)) == nt.STATUS_INVALID_PARAMETER
    only = ntos.opened("a.txt", access=READ | SYNCHRONIZE, disposition=OPEN)
    assert ntos.set(only, 20, bytes(8)) == nt.STATUS_ACCESS_DENIED


def test_attributes_and_times(ntos: Any) -> None:
    handle = ntos.opened("a.txt")
    time = 132000000000000000
    assert ntos.set(handle, 4, struct.pack("<qqqqI4x", time, 0, time, 0, 2)) == 0
    created, accessed, written, _, attributes = struct.unpack("<QQQQI4x", ntos.query(handle, 4, 40)[1])
    assert (created, written, attributes) == (time, time, 2)
    assert accessed != time
    assert ntos.set(handle, 4, struct.pack("<qqqqI4x", 0, 0, 0, 0, 0x10)) == nt.STATUS_INVALID_PARAMETER


def rename(name: str, replace: bool = False, root: int = 0) -> bytes:
    data = name.encode("utf-16-le")
    return struct.pack("<QQI", replace, root, len(data)) + data


def test_renaming(ntos: Any) -> None:
    (ntos.folder / "taken").write_bytes(b"")
    (ntos.folder / "d").mkdir()
    handle = ntos.opened("a.txt")
    assert ntos.set(handle, 10, rename("b.txt")) == 0
    assert (ntos.folder / "b.txt").exists()
    assert ntos.set(handle, 10, rename("taken")) == nt.STATUS_OBJECT_NAME_COLLISION
    assert ntos.set(handle, 10, rename("taken", True)) == 0
    assert ntos.set(handle, 10, rename(ntos.path("d\\x"))) == 0
    assert (ntos.folder / "d" / "x").exists()
    root = ntos.opened("", access=READ | SYNCHRONIZE, disposition=OPEN, options=DIRECTORY | SYNC)
    assert ntos.set(handle, 65, rename("top", False, root)) == 0
    assert (ntos.folder / "top").exists()
    assert ntos.set(handle, 10, rename("") + bytes(4)) == nt.STATUS_INVALID_PARAMETER
    assert ntos.set(handle, 10, rename("much longer")[:24]) == nt.STATUS_INVALID_PARAMETER
    assert ntos.set(handle, 11, rename("second")) == 0
    assert (ntos.folder / "second").stat().st_nlink == 2


def test_deleting(ntos: Any) -> None:
    handle = ntos.opened("a.txt")
    assert ntos.set(handle, 13, b"\1") == 0
    assert ntos.query(handle, 5, 24)[1][20] == 1
    assert ntos.create("a.txt", disposition=OPEN)[0] == nt.STATUS_DELETE_PENDING
    assert ntos.set(handle, 13, b"\0") == 0
    assert ntos.set(handle, 64, struct.pack("<I", 1)) == 0
    assert ntos.call.NtClose(handle) == 0
    assert not (ntos.folder / "a.txt").exists()


def test_read_only_files_are_deleted_only_on_request(ntos: Any) -> None:
    handle = ntos.opened("a.txt")
    assert ntos.set(handle, 4, struct.pack("<qqqqI4x", 0, 0, 0, 0, 1)) == 0
    assert ntos.set(handle, 13, b"\1") == nt.STATUS_CANNOT_DELETE
    assert ntos.set(handle, 64, struct.pack("<I", 0x11)) == 0
    assert ntos.call.NtClose(handle) == 0
    assert not (ntos.folder / "a.txt").exists()


def test_attributes_by_name(ntos: Any) -> None:
    (ntos.folder / "a.txt").write_bytes(b"abc")
    buffer = ntos.box.alloc(56)
    assert ntos.call.NtQueryAttributesFile(ntos.attributes(ntos.path("a.txt")), buffer) == 0
    assert ntos.box.memory.u32(buffer + 32) == 0x20
    assert ntos.call.NtQueryFullAttributesFile(ntos.attributes(ntos.path("a.txt")), buffer) == 0
    assert ntos.box.memory.u64(buffer + 40) == 3
    missing = ntos.attributes(ntos.path("none"))
    assert ntos.call.NtQueryAttributesFile(missing, buffer) == nt.STATUS_OBJECT_NAME_NOT_FOUND


# -- directories -----------------------------------------------------------------------------------------------------


class Listing:
    def __init__(self, ntos: Any) -> None:
        self.ntos = ntos
        self.handle = ntos.opened("", access=READ | SYNCHRONIZE, disposition=OPEN, options=DIRECTORY | SYNC)

    def next(
        self, kind: int = 12, size: int = 4096, single: int = 0, pattern: str | None = None, restart: int = 0
    ) -> tuple[int, bytes]:
        box = self.ntos.box
        name = 0
        if pattern is not None:
            length = 2 * len(pattern)
            name = box.alloc(UNICODE_STRING(Length=length, MaximumLength=length, Buffer=box.alloc(pattern)))
        buffer = box.alloc(size)
        status = self.ntos.call.NtQueryDirectoryFile(
            self.handle, 0, 0, 0, self.ntos.io, buffer, size, kind, single, name, restart
        )
        return status, box.memory.read(buffer, min(size, self.ntos.io.value.Information))


def names(data: bytes) -> list[str]:
    found, at = [], 0
    while True:
        step, _, length = struct.unpack_from("<III", data, at)
        found.append(data[at + 12 : at + 12 + length].decode("utf-16-le"))
        if not step:
            return found
        assert step % 8 == 0
        at += step


@pytest.fixture
def listing(ntos: Any) -> Listing:
    for name in ("one.txt", "two.txt", "three.dat"):
        (ntos.folder / name).write_bytes(b"12345")
    return Listing(ntos)


def test_a_listing(listing: Listing) -> None:
    status, data = listing.next()
    assert status == 0
    assert names(data) == [".", "..", ".c", "one.txt", "three.dat", "two.txt"]
    assert listing.next()[0] == nt.STATUS_NO_MORE_FILES
    assert names(listing.next(restart=1)[1])[0] == "."


def test_single_entries_and_patterns(listing: Listing) -> None:
    assert names(listing.next(single=1, pattern="*.txt")[1]) == ["one.txt"]
    assert names(listing.next(single=1)[1]) == ["two.txt"]
    assert listing.next(single=1)[0] == nt.STATUS_NO_MORE_FILES


def test_nothing_matches(listing: Listing) -> None:
    assert listing.next(pattern="*.none")[0] == nt.STATUS_NO_SUCH_FILE


def test_buffers_too_small(listing: Listing) -> None:
    assert listing.next(size=15)[0] == nt.STATUS_INFO_LENGTH_MISMATCH
    status, data = listing.next(size=16, pattern="one.txt")
    assert status == nt.STATUS_BUFFER_OVERFLOW
    assert data == struct.pack("<III", 0, 0, 14) + "on".encode("utf-16-le")


def test_a_buffer_for_two(listing: Listing) -> None:
    assert names(listing.next(size=40, pattern="*.txt")[1]) == ["one.txt"]
    assert names(listing.next(size=40)[1]) == ["two.txt"]


@pytest.mark.parametrize(
    "kind, at, least",
    [(1, 64, 72), (2, 68, 72), (3, 94, 96), (37, 104, 112), (38, 80, 88), (60, 88, 96), (63, 114, 120)],
)
def test_row_layouts(listing: Listing, kind: int, at: int, least: int) -> None:
    assert listing.next(kind, size=least - 1)[0] == nt.STATUS_INFO_LENGTH_MISMATCH
    status, data = listing.next(kind, pattern="one.txt")
    assert status == 0
    assert data[at:].decode("utf-16-le") == "one.txt"
    assert struct.unpack_from("<Q", data, 40)[0] == 5
    assert struct.unpack_from("<II", data, 56) == (0x20, 14)


def test_a_file_is_not_listed(ntos: Any, listing: Listing) -> None:
    listing.handle = ntos.opened("one.txt", access=ALL, disposition=OPEN)
    assert listing.next()[0] == nt.STATUS_INVALID_PARAMETER
    assert listing.next(99)[0] == nt.STATUS_INVALID_INFO_CLASS


# -- volumes and control codes ---------------------------------------------------------------------------------------


def test_volumes(ntos: Any) -> None:
    handle = ntos.opened("a.txt")
    buffer = ntos.box.alloc(200)

    def ask(kind: int, size: int) -> Any:
        return ntos.call.NtQueryVolumeInformationFile(handle, ntos.io, buffer, size, kind)

    for kind, size in ((1, 24), (3, 24), (4, 8), (5, 16), (7, 32), (11, 28)):
        assert ask(kind, size - 1) == nt.STATUS_INFO_LENGTH_MISMATCH
        assert ask(kind, 200) == 0
    assert ask(5, 16) == nt.STATUS_BUFFER_OVERFLOW
    assert ask(5, 200) == 0
    assert ntos.box.memory.read(buffer + 12, 8).decode("utf-16-le") == "NTFS"
    assert ask(4, 8) == 0
    assert struct.unpack("<II", ntos.box.memory.read(buffer, 8)) == (7, 0x20)
    assert ask(0, 200) == ask(15, 200) == nt.STATUS_INVALID_INFO_CLASS


def test_control_codes(ntos: Any) -> None:
    handle = ntos.opened("a.txt")
    assert ntos.write(handle, b"0123456789") == 0
    zero = ntos.box.alloc(struct.pack("<qq", 2, 5))
    assert ntos.call.NtFsControlFile(handle, 0, 0, 0, ntos.io, 0x980C8, zero, 16, 0, 0) == 0
    assert (ntos.folder / "a.txt").read_bytes() == b"01\0\0\x0056789"
    unknown = ntos.call.NtFsControlFile(handle, 0, 0, 0, ntos.io, 0x123458, 0, 0, 0, 0)
    assert unknown == nt.STATUS_INVALID_DEVICE_REQUEST
    assert ntos.call.NtDeviceIoControlFile(handle, 0, 0, 0, ntos.io, 0x70000, 0, 0, 0, 0) == unknown
    assert ntos.call.NtFsControlFile(handle, 0, 0, 0, ntos.io, 0x900A8, 0, 0, 0, 0) == nt.STATUS_NOT_A_REPARSE_POINT
    assert ntos.call.NtCancelIoFile(handle, ntos.io) == 0


def test_peeking_into_a_pipe(ntos: Any) -> None:
    from litebox_core.abi import HANDLE

    reading, writing = ntos.box.new(HANDLE), ntos.box.new(HANDLE)
    assert ntos.box.call.kernel32.CreatePipe(reading, writing, 0, 0)
    assert ntos.write(writing.value, b"abcdef") == 0
    buffer = ntos.box.alloc(32)
    peek = ntos.call.NtFsControlFile(reading.value, 0, 0, 0, ntos.io, 0x11400C, 0, 0, buffer, 19)
    assert peek == nt.STATUS_BUFFER_OVERFLOW
    assert ntos.box.memory.read(buffer, 19) == struct.pack("<IIII", 3, 6, 0, 0) + b"abc"
    assert ntos.read(reading.value, 9) == (0, b"abcdef")
