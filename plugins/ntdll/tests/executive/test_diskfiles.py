"""Opening, reading, changing, deleting and renaming files on the host."""

import os
import time

import pytest

from litebox_core import ntstatus as nt
from litebox_ntdll.executive.files import DiskFiles

from .support import DELETE, READ, WRITE, drive, make_process, status_of

OPEN, CREATE, OPEN_IF, OVERWRITE, OVERWRITE_IF, SUPERSEDE = 1, 2, 3, 4, 5, 0
DIR, NON_DIR, DELETE_ON_CLOSE, REPARSE = 0x1, 0x40, 0x1000, 0x200000
READONLY, HIDDEN, SYSTEM, ARCHIVE, NORMAL = 1, 2, 4, 0x20, 0x80


@pytest.fixture
def cwd(tmp_path):
    return tmp_path / "cwd"


@pytest.fixture
def make(files):
    """Makes a file and closes it."""

    def make(path, data=b"hello", attributes=0):
        file, _ = files.open(path, WRITE, 0, OVERWRITE_IF, NON_DIR, attributes)
        drive(file.write(None, data))
        file.release()

    return make


@pytest.fixture
def tree(files, make):
    for folder in ("d", "full"):
        files.open(folder, READ, 7, CREATE, DIR)[0].release()
    make("f")
    make("full\\x")
    make("ro", attributes=READONLY)
    make("hid", attributes=HIDDEN)
    return files


# Measured with NtCreateFile
@pytest.mark.parametrize(
    ("path", "access", "disposition", "options", "status"),
    [
        ("none", READ, OPEN, 0, nt.STATUS_OBJECT_NAME_NOT_FOUND),
        ("none\\x", READ, OPEN, 0, nt.STATUS_OBJECT_PATH_NOT_FOUND),
        ("f\\x", READ, OPEN, 0, nt.STATUS_OBJECT_PATH_NOT_FOUND),
        ("f\\x", WRITE, CREATE, 0, nt.STATUS_OBJECT_PATH_NOT_FOUND),
        ("d", READ, OPEN, NON_DIR, nt.STATUS_FILE_IS_A_DIRECTORY),
        ("f", READ, OPEN, DIR, nt.STATUS_NOT_A_DIRECTORY),
        ("f", READ, OPEN_IF, DIR, nt.STATUS_NOT_A_DIRECTORY),
        ("f", READ, CREATE, 0, nt.STATUS_OBJECT_NAME_COLLISION),
        ("d", READ, CREATE, DIR, nt.STATUS_OBJECT_NAME_COLLISION),
        ("f", READ, CREATE, DIR, nt.STATUS_OBJECT_NAME_COLLISION),
        ("d", WRITE, OVERWRITE, 0, nt.STATUS_OBJECT_NAME_COLLISION),
        ("d", WRITE, OVERWRITE_IF, 0, nt.STATUS_OBJECT_NAME_COLLISION),
        ("d", WRITE, SUPERSEDE, 0, nt.STATUS_OBJECT_NAME_COLLISION),
        ("d", WRITE, OVERWRITE_IF, NON_DIR, nt.STATUS_FILE_IS_A_DIRECTORY),
        ("f\\", READ, OPEN, 0, nt.STATUS_OBJECT_NAME_INVALID),
        ("new\\", WRITE, CREATE, 0, nt.STATUS_OBJECT_NAME_INVALID),
        ("d\\", READ, OPEN, NON_DIR, nt.STATUS_FILE_IS_A_DIRECTORY),
        ("a*b", READ, OPEN, 0, nt.STATUS_OBJECT_NAME_INVALID),
        ("a<b", WRITE, CREATE, 0, nt.STATUS_OBJECT_NAME_INVALID),
        ("a*b\\c", READ, OPEN, 0, nt.STATUS_OBJECT_NAME_INVALID),
        ("none\\a*b", READ, OPEN, 0, nt.STATUS_OBJECT_NAME_INVALID),
        ("full:stream", READ, OPEN, 0, nt.STATUS_OBJECT_NAME_INVALID),
        ("ro", WRITE, OPEN, 0, nt.STATUS_ACCESS_DENIED),
        ("ro", 4, OPEN, 0, nt.STATUS_ACCESS_DENIED),
        ("ro", READ, OVERWRITE_IF, 0, nt.STATUS_ACCESS_DENIED),
        ("ro", 0x10000000, OPEN, 0, nt.STATUS_ACCESS_DENIED),
        ("ro", DELETE, OPEN, DELETE_ON_CLOSE, nt.STATUS_CANNOT_DELETE),
        ("hid", WRITE, OVERWRITE_IF, 0, nt.STATUS_ACCESS_DENIED),
        ("hid", WRITE, SUPERSEDE, 0, nt.STATUS_ACCESS_DENIED),
        ("f", READ, OPEN, DELETE_ON_CLOSE, nt.STATUS_INVALID_PARAMETER),
        ("f", READ, OPEN, DIR | NON_DIR, nt.STATUS_INVALID_PARAMETER),
        ("f", READ, 6, 0, nt.STATUS_INVALID_PARAMETER),
        ("zz", READ, OVERWRITE_IF, DIR, nt.STATUS_INVALID_PARAMETER),
        ("f", 1, OPEN, 0x20, nt.STATUS_INVALID_PARAMETER),
        ("zz", WRITE, OVERWRITE, 0, nt.STATUS_OBJECT_NAME_NOT_FOUND),
        ("Q:\\x", READ, OPEN, 0, nt.STATUS_OBJECT_PATH_NOT_FOUND),
        ("\\\\server\\share\\x", READ, OPEN, 0, nt.STATUS_BAD_NETWORK_PATH),
        ("\\\\.\\nosuch", READ, OPEN, 0, nt.STATUS_OBJECT_NAME_NOT_FOUND),
        ("\\\\.\\nosuch\\x", READ, OPEN, 0, nt.STATUS_OBJECT_PATH_NOT_FOUND),
        ("\\\\.\\C:", READ, OPEN, 0, nt.STATUS_ACCESS_DENIED),
        ("COM1", READ, OPEN, 0, nt.STATUS_OBJECT_NAME_NOT_FOUND),
        ("\\\\?\\C:\\a/b", READ, OPEN, 0, nt.STATUS_OBJECT_NAME_INVALID),
        ("\\\\?\\C:\\Windows\\..\\Users", READ, OPEN, 0, nt.STATUS_OBJECT_NAME_INVALID),
        ("\\\\?\\C:\\Windows\\\\Temp", READ, OPEN, 0, nt.STATUS_OBJECT_NAME_INVALID),
        ("C:\\" + "a" * 256, READ, OPEN, 0, nt.STATUS_OBJECT_NAME_INVALID),
        ("C:\\" + "a\\" * 140, READ, OPEN, 0, nt.STATUS_OBJECT_PATH_NOT_FOUND),
        ("C:\\" + "\U0001f600" * 100, READ, OPEN, 0, nt.STATUS_OBJECT_NAME_NOT_FOUND),
        ("", READ, OPEN, 0, nt.STATUS_OBJECT_NAME_INVALID),
    ],
)
def test_refusals(tree, path, access, disposition, options, status):
    assert status_of(tree.open, path, access, 7, disposition, options) == status
    assert not tree.opened and not tree.nodes


def test_what_was_done(tree):
    done = []
    for disposition in (SUPERSEDE, SUPERSEDE, OPEN, OPEN_IF, OVERWRITE, OVERWRITE_IF):
        file, action = tree.open("n", WRITE, 7, disposition, 0)
        file.release()
        done.append(action)
    assert done == [2, 0, 1, 1, 3, 3]
    assert tree.open("D\\", READ, 7, OPEN, DIR)[1] == 1
    assert tree.open("d2\\", READ, 7, CREATE, DIR)[1] == 2
    assert tree.open("hid::$data", READ, 7, OPEN, 0)[1] == 1
    assert tree.open("ro", DELETE | 0x100, 7, OPEN, 0)[1] == 1
    assert tree.open("hid", WRITE, 7, OVERWRITE_IF, 0, HIDDEN)[1] == 3


def test_root_directory_of_a_name(tree):
    folder, _ = tree.open("full", READ, 7, OPEN, DIR)
    file, _ = tree.open("x", READ, 7, OPEN, 0, root=folder)
    assert file.path.endswith("\\full\\x")
    assert status_of(tree.open, "\\x", READ, 7, OPEN, 0, 0, 0, folder) == nt.STATUS_OBJECT_PATH_SYNTAX_BAD
    assert status_of(tree.open, "..\\f", READ, 7, OPEN, 0, 0, 0, folder) == nt.STATUS_OBJECT_NAME_INVALID


def test_limit_of_open_files(tmp_path):
    files = DiskFiles(make_process(tmp_path, handles=3))
    for i in range(3):
        files.open(f"f{i}", WRITE, 7, CREATE, 0)
    assert status_of(files.open, "f3", WRITE, 7, CREATE, 0) == nt.STATUS_TOO_MANY_OPENED_FILES
    assert not (tmp_path / "f3").exists()
    files.close()
    assert not files.opened


def test_bytes(files, cwd):
    file, _ = files.open("f", READ | WRITE | 0x100000, 7, CREATE, 0x20)
    assert drive(file.write(None, b"hello")) == 5
    assert file.position == 5
    assert status_of(drive, file.read(None, 1)) == nt.STATUS_END_OF_FILE
    assert drive(file.read(None, 0)) == b""
    assert drive(file.read(None, 1 << 60, 1)) == b"ello"
    assert file.position == 5
    assert drive(file.write(None, b"!", 0xFFFFFFFFFFFFFFFF)) == 1
    drive(file.write(None, b"?", 0xFFFFFFFFFFFFFFFE))
    assert (cwd / "f").read_bytes() == b"hello!?"
    for offset in (0xFFFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFD, 1 << 63):
        assert status_of(drive, file.read(None, 5, offset)) == nt.STATUS_INVALID_PARAMETER
    assert status_of(drive, file.write(None, b"12345", 0x7FFFFFFFFFFFFFFF)) == nt.STATUS_INVALID_PARAMETER
    assert status_of(drive, file.write(None, b"12345", 1 << 60)) == nt.STATUS_DISK_FULL
    assert status_of(file.set_size, 1 << 62) == nt.STATUS_DISK_FULL
    assert status_of(file.set_size, 1 << 63) == nt.STATUS_INVALID_PARAMETER
    for position in ((1 << 63) - 1, (1 << 63) - 5000):
        file.position = position
        assert status_of(drive, file.read(None, 5000)) == nt.STATUS_END_OF_FILE
        assert status_of(drive, file.write(None, b"x" * 5000)) in (nt.STATUS_INVALID_PARAMETER, nt.STATUS_DISK_FULL)
    for position in (-1, 1 << 63, 1 << 80):
        file.position = position
        assert status_of(drive, file.read(None, 5)) == nt.STATUS_INVALID_PARAMETER
        assert status_of(drive, file.write(None, b"x")) == nt.STATUS_INVALID_PARAMETER
    assert status_of(file.lock, (1 << 64) - 1, 2, True) == nt.STATUS_INVALID_LOCK_RANGE
    assert file.lock((1 << 64) - 1, 1, True)
    file.unlock((1 << 64) - 1, 1)
    file.set_size(2)
    file.set_size(4)
    file.flush()
    assert (cwd / "f").read_bytes() == b"he\0\0"
    assert status_of(drive, files.open(".", READ, 7, OPEN, DIR)[0].read(None, 1)) == nt.STATUS_INVALID_DEVICE_REQUEST


def test_asynchronous_files_keep_their_pointer(files):
    file, _ = files.open("f", READ | WRITE, 7, CREATE, 0)
    assert drive(file.write(None, b"hello", 0)) == 5
    assert drive(file.read(None, 2, 1)) == b"el"
    assert file.position == 0


def test_append_only(files, make, cwd):
    make("f")
    file, _ = files.open("f", 4, 7, OPEN, 0)
    drive(file.write(None, b" world", 0))
    assert (cwd / "f").read_bytes() == b"hello world"


def test_attributes(files, make, cwd):
    make("f")
    file, _ = files.open("f", 0x180, 7, OPEN, 0)
    assert file.info().attributes == ARCHIVE
    for attributes, shown in ((NORMAL, NORMAL), (READONLY, READONLY), (HIDDEN | SYSTEM, 6), (READONLY | HIDDEN, 3),
                              (READONLY | SYSTEM, 5), (ARCHIVE, ARCHIVE), (0x800000, NORMAL)):  # fmt: skip
        file.set_attributes(attributes)
        assert file.info().attributes == shown == files.query("f").attributes
        assert bool(os.stat(cwd / "f").st_mode & 0o200) is not bool(shown & READONLY)
    assert status_of(file.set_attributes, 0x10) == nt.STATUS_INVALID_PARAMETER
    folder, _ = files.open("d", 0x180, 7, CREATE, DIR, HIDDEN)
    assert folder.info().attributes == 0x12
    folder.set_attributes(READONLY)
    assert folder.info().attributes == 0x11
    make("d\\inside")
    assert (cwd / "d" / "inside").exists()


def test_attributes_where_the_host_cannot_keep_them(files, make, monkeypatch):
    def refuse(*args, **more):
        raise OSError(95, "not supported")

    monkeypatch.setattr(os, "setxattr", refuse)
    make("f", attributes=HIDDEN)
    assert files.query("f").attributes == HIDDEN | ARCHIVE
    file, _ = files.open("f", DELETE, 7, OPEN, DELETE_ON_CLOSE)
    file.release()
    make("f")
    assert files.query("f").attributes == ARCHIVE


def test_times(files, make):
    before = time.time_ns() // 100 + 116444736000000000 - 10_000_000
    make("f")
    file, _ = files.open("f", 0x180, 7, OPEN, 0)
    info = file.info()
    for moment in (info.created, info.accessed, info.written, info.changed):
        assert before <= moment <= before + 600_000_000
    file.set_times(0, 0, 132539328000000001)
    assert (file.info().created, file.info().accessed) == (info.created, info.accessed)
    assert file.info().written == 132539328000000001
    file.set_times(116444736000000007, 130000000000000000, 0)
    info = files.query("f")
    assert (info.created, info.accessed, info.written) == (
        116444736000000007, 130000000000000000, 132539328000000001,
    )  # fmt: skip
    assert info.attributes == ARCHIVE
    file.set_attributes(HIDDEN)
    assert files.query("f").created == 116444736000000007
    file.set_times(0, 0, (1 << 64) - 1)
    assert file.info().written == 132539328000000001
    assert status_of(file.set_times, 0, 0, 1 << 63) == nt.STATUS_INVALID_PARAMETER


def test_info(files, make):
    make("f", b"x" * 5000)
    info = files.query("f")
    assert (info.size, info.allocation, info.links) == (5000, 8192, 1)
    file, _ = files.open("f", READ, 7, OPEN, 0)
    assert file.info().index == info.index and file.info().volume == info.volume
    volume = file.volume()
    assert volume.serial == info.volume
    assert volume.file_system == "NTFS"
    assert 0 < volume.free_units <= volume.total_units


def test_delete_pending(files, make, cwd):
    make("f")
    file, _ = files.open("f", READ | DELETE, 7, OPEN, 0)
    other, _ = files.open("f", READ, 7, OPEN, 0)
    assert status_of(other.set_delete, True) == nt.STATUS_ACCESS_DENIED
    file.set_delete(True)
    assert other.delete_pending
    for disposition in (OPEN, CREATE, OVERWRITE_IF):
        assert status_of(files.open, "f", READ, 7, disposition, 0) == nt.STATUS_DELETE_PENDING
    assert status_of(files.query, "f") == nt.STATUS_DELETE_PENDING
    file.set_delete(False)
    files.open("f", READ, 7, OPEN, 0)[0].release()
    file.set_delete(True)
    file.release()
    assert (cwd / "f").exists()
    other.release()
    assert not (cwd / "f").exists()


def test_delete_on_close(files, make, cwd):
    make("f")
    file, _ = files.open("f", READ | DELETE, 7, OPEN, DELETE_ON_CLOSE)
    assert status_of(files.open, "f", READ, 3, OPEN, 0) == nt.STATUS_SHARING_VIOLATION
    other, _ = files.open("f", READ, 7, OPEN, 0)
    file.release()
    assert status_of(files.open, "f", READ, 7, OPEN, 0) == nt.STATUS_DELETE_PENDING
    other.release()
    assert not (cwd / "f").exists()


def test_what_cannot_be_deleted(tree):
    assert status_of(tree.open("full", DELETE, 7, OPEN, DIR)[0].set_delete, True) == nt.STATUS_DIRECTORY_NOT_EMPTY
    assert status_of(tree.open("ro", DELETE, 7, OPEN, 0)[0].set_delete, True) == nt.STATUS_CANNOT_DELETE
    assert status_of(tree.open(".", DELETE, 7, OPEN, DIR)[0].set_delete, True) == nt.STATUS_ACCESS_DENIED


def test_deleting_leaves_a_stranger_of_that_name_alone(files, make, cwd):
    make("f")
    file, _ = files.open("f", DELETE, 7, OPEN, DELETE_ON_CLOSE)
    os.rename(cwd / "f", cwd / "moved")
    (cwd / "f").write_bytes(b"another")
    file.release()
    assert (cwd / "f").read_bytes() == b"another"


def test_rename(tree, make, cwd):
    make("a", b"A")
    make("b", b"B")
    a, _ = tree.open("a", DELETE, 7, OPEN, 0)
    assert status_of(a.rename, "b", False) == nt.STATUS_OBJECT_NAME_COLLISION
    assert status_of(a.rename, "none\\b", False) == nt.STATUS_OBJECT_PATH_NOT_FOUND
    assert status_of(a.rename, "d", True) == nt.STATUS_ACCESS_DENIED
    assert status_of(a.rename, "ro", True) == nt.STATUS_ACCESS_DENIED
    assert status_of(a.rename, "a*", True) == nt.STATUS_OBJECT_NAME_INVALID
    assert status_of(a.rename, "C:\\a", True) == nt.STATUS_NOT_SAME_DEVICE
    held, _ = tree.open("b", READ, 7, OPEN, 0)
    assert status_of(a.rename, "b", True) == nt.STATUS_ACCESS_DENIED
    held.release()
    a.rename("B", True)
    assert (cwd / "b").read_bytes() == b"A" and not (cwd / "a").exists()
    a.rename("B", False)
    assert "B" in os.listdir(cwd) and "b" not in os.listdir(cwd)
    a.rename("d\\C", False)
    assert a.final_path().endswith("\\d\\C")
    a.set_delete(True)
    a.release()
    assert not (cwd / "d" / "C").exists()


def test_rename_needs_the_access(files, make):
    make("a")
    assert status_of(files.open("a", READ, 7, OPEN, 0)[0].rename, "b", False) == nt.STATUS_ACCESS_DENIED


def test_rename_of_directories(tree, cwd):
    folder, _ = tree.open("full", DELETE, 7, OPEN, DIR)
    inside, _ = tree.open("full\\x", READ, 7, OPEN, 0)
    assert status_of(folder.rename, "full2", False) == nt.STATUS_ACCESS_DENIED
    inside.release()
    assert status_of(folder.rename, "full\\sub", False) == nt.STATUS_SHARING_VIOLATION
    assert status_of(folder.rename, "f", True) in (nt.STATUS_ACCESS_DENIED, nt.STATUS_OBJECT_PATH_NOT_FOUND)
    folder.rename("d\\moved", False)
    assert (cwd / "d" / "moved" / "x").exists()


def test_hard_links(tree, make, cwd):
    make("a", b"A")
    a, _ = tree.open("a", READ | WRITE, 7, OPEN, 0)
    a.link("b", False)
    assert a.info().links == 2
    assert (cwd / "b").read_bytes() == b"A"
    assert status_of(a.link, "f", False) == nt.STATUS_OBJECT_NAME_COLLISION
    a.link("f", True)
    assert (cwd / "f").read_bytes() == b"A"
    assert status_of(tree.open("d", READ, 7, OPEN, DIR)[0].link, "e", False) == nt.STATUS_FILE_IS_A_DIRECTORY


def test_entries(tree, make):
    make("A long name.text")
    folder, _ = tree.open(".", READ, 7, OPEN, DIR)
    found = folder.entries("*", False)
    assert [e.name for e in found] == [".", "..", "A long name.text", "d", "f", "full", "hid", "ro"]
    assert {e.name: e.info.attributes for e in found}["hid"] == HIDDEN | ARCHIVE
    assert found[2].short_name == "ALONGN~1.TEX" and found[2].info.size == 5
    make("later")
    assert "later" not in [e.name for e in folder.entries("*", False)]
    assert [e.name for e in folder.entries("L*", True)] == ["later"]
    assert [e.name for e in folder.entries("*.tex", True)] == ["A long name.text"]
    assert tree.query("ALONGN~1.TEX").size == 5
    assert status_of(tree.open("f", READ, 7, OPEN, 0)[0].entries, "*", False) == nt.STATUS_INVALID_PARAMETER


def test_names_that_differ_in_case_only_on_the_host(files, cwd):
    for name in ("Name", "nAME", "name"):
        (cwd / name).write_bytes(name.encode())
    for name, found in (("name", b"name"), ("Name", b"Name"), ("NAME", b"Name")):
        assert drive(files.open(name, READ, 7, OPEN, 0)[0].read(None, 9)) == found


def test_speed(files, make):
    make("f", b"x" * 4096)
    best = {"open": 1.0, "read": 1.0, "write": 1.0}
    file, _ = files.open("f", READ | WRITE, 7, OPEN, 0)
    for _ in range(200):
        start = time.perf_counter()
        files.open("f", READ, 7, OPEN, 0)[0].release()
        opened = time.perf_counter()
        drive(file.read(None, 4096, 0))
        read = time.perf_counter()
        drive(file.write(None, b"y" * 4096, 0))
        written = time.perf_counter()
        for name, took in (("open", opened - start), ("read", read - opened), ("write", written - read)):
            best[name] = min(best[name], took)
    assert best["open"] < 200e-6 and best["read"] < 50e-6 and best["write"] < 50e-6
