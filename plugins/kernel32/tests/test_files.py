"""Files: opening, bytes, the file pointer, information, directories, copying and moving."""

import os

import pytest

from litebox_core.abi import DWORD, HANDLE, LONGLONG
from litebox_core.winerror import (
    ERROR_ACCESS_DENIED,
    ERROR_ALREADY_EXISTS,
    ERROR_BAD_LENGTH,
    ERROR_DIR_NOT_EMPTY,
    ERROR_DIRECTORY,
    ERROR_FILE_EXISTS,
    ERROR_FILE_NOT_FOUND,
    ERROR_HANDLE_EOF,
    ERROR_INVALID_HANDLE,
    ERROR_INVALID_NAME,
    ERROR_INVALID_PARAMETER,
    ERROR_INVALID_USER_BUFFER,
    ERROR_LOCK_VIOLATION,
    ERROR_NEGATIVE_SEEK,
    ERROR_NO_MORE_FILES,
    ERROR_NOACCESS,
    ERROR_PATH_NOT_FOUND,
    ERROR_SHARING_VIOLATION,
)

GENERIC_READ, GENERIC_WRITE = 0x80000000, 0x40000000
CREATE_NEW, CREATE_ALWAYS, OPEN_EXISTING, OPEN_ALWAYS, TRUNCATE_EXISTING = 1, 2, 3, 4, 5
INVALID = (1 << 64) - 1
POISON = 0xDEADBEEF


@pytest.fixture
def k32(box):
    return box.call.kernel32


def create(box, name, disposition=CREATE_ALWAYS, access=GENERIC_READ | GENERIC_WRITE, share=0, flags=0):
    return box.call.kernel32.CreateFileW(name, access, share, 0, disposition, flags, 0)


def write(box, handle, data, overlapped=0):
    written = box.new(DWORD, 99)
    ok = box.call.kernel32.WriteFile(handle, data, len(data), written, overlapped)
    return ok, written.value


def read(box, handle, size, overlapped=0):
    buffer, count = box.alloc(size + 1), box.new(DWORD, 99)
    ok = box.call.kernel32.ReadFile(handle, buffer, size, count, overlapped)
    return ok, box.memory.read(buffer, count.value)


def test_create_dispositions(box):
    assert create(box, "C:\\a.txt", OPEN_EXISTING) == INVALID
    assert box.last_error == ERROR_FILE_NOT_FOUND
    handle = create(box, "C:\\a.txt", CREATE_NEW)
    assert (handle != INVALID, box.last_error) == (True, 0)
    assert create(box, "C:\\a.txt", OPEN_EXISTING) == INVALID
    assert box.last_error == ERROR_SHARING_VIOLATION
    assert box.call.kernel32.CloseHandle(handle) == 1
    assert create(box, "C:\\a.txt", CREATE_NEW) == INVALID
    assert box.last_error == ERROR_FILE_EXISTS
    for disposition in (OPEN_ALWAYS, CREATE_ALWAYS):
        box.call.kernel32.CloseHandle(create(box, "C:\\a.txt", disposition))
        create(box, "C:\\a.txt", disposition, share=7)
        assert box.last_error == ERROR_SHARING_VIOLATION or box.last_error == ERROR_ALREADY_EXISTS


def test_create_errors(box):
    for name, error in (("", ERROR_PATH_NOT_FOUND), (0, ERROR_PATH_NOT_FOUND), ("C:\\none\\x", ERROR_PATH_NOT_FOUND)):
        assert create(box, name) == INVALID
        assert box.last_error == error
    assert create(box, "C:\\x", 9) == INVALID
    assert box.last_error == ERROR_INVALID_PARAMETER
    assert create(box, "C:\\Windows", OPEN_EXISTING) == INVALID
    assert box.last_error == ERROR_ACCESS_DENIED


def test_read_write_and_pointer(box, k32):
    handle = create(box, "C:\\p.bin")
    assert write(box, handle, b"0123456789") == (1, 10)
    assert k32.SetFilePointer(handle, 3, 0, 0) == 3
    assert read(box, handle, 4) == (1, b"3456")
    assert k32.SetFilePointer(handle, -2, 0, 1) == 5
    assert k32.SetFilePointer(handle, -2, 0, 2) == 8
    assert read(box, handle, 9) == (1, b"89")
    assert read(box, handle, 9) == (1, b"")
    assert k32.SetFilePointer(handle, -1, 0, 0) == 0xFFFFFFFF
    assert box.last_error == ERROR_NEGATIVE_SEEK
    assert k32.SetFilePointer(handle, 0, 0, 7) == 0xFFFFFFFF
    assert box.last_error == ERROR_INVALID_PARAMETER
    size = box.new(LONGLONG)
    assert k32.GetFileSizeEx(handle, size) == 1
    assert size.value == 10
    k32.SetFilePointer(handle, 4, 0, 0)
    assert k32.SetEndOfFile(handle) == 1
    assert k32.GetFileSize(handle, 0) == 4


def test_bad_buffers(box, k32):
    handle, count = create(box, "C:\\b.bin"), box.new(DWORD, 99)
    assert k32.WriteFile(handle, 0, 0, count, 0) == 1
    assert k32.WriteFile(handle, 16, 5, count, 0) == 0
    assert (box.last_error, count.value) == (ERROR_INVALID_USER_BUFFER, 0)
    write(box, handle, b"abc")
    k32.SetFilePointer(handle, 0, 0, 0)
    assert k32.ReadFile(handle, 16, 3, count, 0) == 0
    assert box.last_error == ERROR_NOACCESS
    assert read(box, handle, 3) == (1, b"abc")


def test_access_is_checked(box, k32):
    handle = create(box, "C:\\r.bin", access=GENERIC_WRITE)
    assert read(box, handle, 1) == (0, b"")
    assert box.last_error == ERROR_ACCESS_DENIED
    assert k32.CloseHandle(handle) == 1
    handle = create(box, "C:\\r.bin", OPEN_EXISTING, GENERIC_READ)
    assert write(box, handle, b"x") == (0, 0)
    assert box.last_error == ERROR_ACCESS_DENIED
    assert read(box, 0x5554, 1) == (0, b"")
    assert box.last_error == ERROR_INVALID_HANDLE


def test_overlapped_offset(box):
    handle = create(box, "C:\\o.bin")
    write(box, handle, b"0123456789")
    overlapped = box.alloc(bytes(16) + (6).to_bytes(8, "little") + bytes(8))
    assert read(box, handle, 3, overlapped) == (1, b"678")
    assert box.memory.u64(overlapped + 8) == 3
    at_end = box.alloc(bytes(16) + (10).to_bytes(8, "little") + bytes(8))
    assert read(box, handle, 3, at_end) == (0, b"")
    assert box.last_error == ERROR_HANDLE_EOF


def test_locks(box, k32):
    first = create(box, "C:\\l.bin", share=7)
    write(box, first, b"0123456789")
    second = create(box, "C:\\l.bin", OPEN_EXISTING, share=7)
    assert k32.LockFile(first, 0, 0, 5, 0) == 1
    assert k32.LockFile(second, 4, 0, 1, 0) == 0
    assert box.last_error == ERROR_LOCK_VIOLATION
    assert k32.LockFile(second, 5, 0, 5, 0) == 1
    assert k32.UnlockFile(first, 0, 0, 5, 0) == 1


def test_attributes_and_times(box, k32):
    handle = create(box, "C:\\t.txt", flags=0x2)
    time = box.new(LONGLONG, 0x01D0000000000000)
    assert k32.SetFileTime(handle, 0, 0, time) == 1
    got = box.new(LONGLONG)
    assert k32.GetFileTime(handle, 0, 0, got) == 1
    assert got.value == time.value
    k32.CloseHandle(handle)
    assert k32.GetFileAttributesW("C:\\t.txt") == 0x22
    assert k32.SetFileAttributesW("C:\\t.txt", 0x1) == 1
    assert k32.DeleteFileW("C:\\t.txt") == 0
    assert box.last_error == ERROR_ACCESS_DENIED
    assert k32.SetFileAttributesW("C:\\t.txt", 0x80) == 1
    assert k32.DeleteFileA(b"C:\\t.txt") == 1
    assert k32.GetFileAttributesW("C:\\t.txt") == 0xFFFFFFFF
    assert box.last_error == ERROR_FILE_NOT_FOUND
    assert k32.GetFileAttributesW("C:\\*") == 0xFFFFFFFF
    assert box.last_error == ERROR_INVALID_NAME


def find_all(box, pattern):
    data = box.alloc(592)
    handle = box.call.kernel32.FindFirstFileW(pattern, data)
    if handle == INVALID:
        return box.last_error
    names = [box.memory.wstr(data + 44)]
    while box.call.kernel32.FindNextFileW(handle, data):
        names.append(box.memory.wstr(data + 44))
    assert box.last_error == ERROR_NO_MORE_FILES
    assert box.call.kernel32.FindClose(handle) == 1
    return names


def test_directories(box, k32):
    assert k32.CreateDirectoryW("C:\\d", 0) == 1
    assert k32.CreateDirectoryW("C:\\d", 0) == 0
    assert box.last_error == ERROR_ALREADY_EXISTS
    for name in ("b.txt", "A.TXT", "c.dat"):
        k32.CloseHandle(create(box, "C:\\d\\" + name))
    assert find_all(box, "C:\\d\\*") == [".", "..", "A.TXT", "b.txt", "c.dat"]
    assert find_all(box, "C:\\d\\*.txt") == ["A.TXT", "b.txt"]
    assert find_all(box, "C:\\d\\a.txt") == ["A.TXT"]
    assert find_all(box, "C:\\d\\nothing") == ERROR_FILE_NOT_FOUND
    assert find_all(box, "C:\\d\\") == ERROR_FILE_NOT_FOUND
    assert find_all(box, "C:\\none\\*") == ERROR_PATH_NOT_FOUND
    assert find_all(box, "") == ERROR_PATH_NOT_FOUND
    assert k32.RemoveDirectoryW("C:\\d") == 0
    assert box.last_error == ERROR_DIR_NOT_EMPTY
    assert k32.RemoveDirectoryW("C:\\d\\b.txt") == 0
    assert box.last_error == ERROR_DIRECTORY
    assert k32.FindClose(0x7770) == 0
    assert box.last_error == ERROR_INVALID_HANDLE


def test_listing_by_handle(box, k32):
    k32.CreateDirectoryW("C:\\h", 0)
    for name in ("x", "y"):
        k32.CloseHandle(create(box, "C:\\h\\" + name))
    handle = create(box, "C:\\h", OPEN_EXISTING, GENERIC_READ, 7, 0x2000000)
    buffer = box.alloc(0x1000)
    assert k32.GetFileInformationByHandleEx(handle, 10, buffer, 8) == 0
    assert box.last_error == ERROR_BAD_LENGTH
    names = []
    while k32.GetFileInformationByHandleEx(handle, 10, buffer, 240):
        at = buffer
        while True:
            names.append(box.memory.read(at + 104, box.memory.u32(at + 60)).decode("utf-16-le"))
            if not box.memory.u32(at):
                break
            at += box.memory.u32(at)
    assert box.last_error == ERROR_NO_MORE_FILES
    assert names == [".", "..", "x", "y"]


def test_copy_move_link(box, k32, tmp_path):
    handle = create(box, "C:\\1")
    write(box, handle, b"content")
    k32.CloseHandle(handle)
    assert k32.CopyFileW("C:\\1", "C:\\2", 1) == 1
    assert k32.CopyFileW("C:\\1", "C:\\2", 1) == 0
    assert box.last_error == ERROR_FILE_EXISTS
    assert k32.CopyFileW("C:\\1", "C:\\1", 0) == 0
    assert box.last_error == ERROR_SHARING_VIOLATION
    assert k32.MoveFileW("C:\\2", "C:\\1") == 0
    assert box.last_error == ERROR_ALREADY_EXISTS
    assert k32.MoveFileExW("C:\\2", "C:\\1", 1) == 1
    assert k32.CreateHardLinkW("C:\\3", "C:\\1", 0) == 1
    host = os.path.join(tmp_path, ".c", "3")
    assert os.stat(host).st_nlink == 2
    with open(host, "rb") as file:
        assert file.read() == b"content"


def test_duplicate_and_handle_flags(box, k32):
    handle, copy = create(box, "C:\\f"), box.new(HANDLE)
    assert k32.DuplicateHandle(INVALID, handle, INVALID, copy, 0, 1, 2) == 1
    flags = box.new(DWORD)
    assert k32.GetHandleInformation(copy.value, flags) == 1
    assert flags.value == 1
    assert box.call.kernelbase.CompareObjectHandles(handle, copy.value) == 1
    assert k32.SetHandleInformation(copy.value, 2, 2) == 1
    assert k32.CloseHandle(copy.value) == 0
    assert k32.SetHandleInformation(copy.value, 4, 0) == 0
    assert box.last_error == ERROR_INVALID_PARAMETER
    assert k32.CloseHandle(INVALID) == 1
    assert k32.CloseHandle(0) == 0
    assert box.last_error == ERROR_INVALID_HANDLE


def test_pipe(box, k32):
    reader, writer = box.new(HANDLE), box.new(HANDLE)
    assert k32.CreatePipe(reader, writer, 0, 0) == 1
    assert write(box, writer.value, b"ping") == (1, 4)
    available = box.new(DWORD)
    assert k32.PeekNamedPipe(reader.value, 0, 0, 0, available, 0) == 1
    assert available.value == 4
    assert read(box, reader.value, 2) == (1, b"pi")
    k32.CloseHandle(writer.value)
    assert read(box, reader.value, 9) == (1, b"ng")
    assert read(box, reader.value, 9) == (0, b"")
    assert box.last_error == 109
    assert k32.GetFileType(reader.value) == 3


def test_create_file_2(box):
    k = box.call.kernel32
    invalid = 0xFFFFFFFFFFFFFFFF
    h = k.CreateFile2("two.txt", 0xC0000000, 0, 1, None)
    assert h != invalid
    assert k.CloseHandle(h) == 1
    assert k.CreateFile2("two.txt", 0xC0000000, 0, 1, None) == invalid
    assert box.last_error == 80
    delete_on_close = box.alloc(b"".join(n.to_bytes(4, "little") for n in (32, 0x80, 0x4000000, 0)) + bytes(16))
    h = k.CreateFile2("two.txt", 0x80010000, 7, 3, delete_on_close)
    assert k.CloseHandle(h) == 1
    assert k.CreateFile2("two.txt", 0x80000000, 7, 3, None) == invalid
    assert box.last_error == 2
    too_short = box.alloc((31).to_bytes(4, "little") + bytes(28))
    assert k.CreateFile2("two.txt", 0x80000000, 7, 4, too_short) == invalid
    assert box.last_error == 87
