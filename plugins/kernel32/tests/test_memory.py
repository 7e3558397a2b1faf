"""Pages, file mappings, movable memory, atoms."""

import struct

from litebox_core.abi import DWORD
from litebox_core.winerror import (
    ERROR_ACCESS_DENIED,
    ERROR_ALREADY_EXISTS,
    ERROR_FILE_NOT_FOUND,
    ERROR_INVALID_ADDRESS,
    ERROR_INVALID_HANDLE,
    ERROR_INVALID_PARAMETER,
    ERROR_MAPPED_ALIGNMENT,
    ERROR_NOT_LOCKED,
    ERROR_USER_MAPPED_FILE,
)

MEM_COMMIT, MEM_RESERVE, MEM_DECOMMIT, MEM_RELEASE = 0x1000, 0x2000, 0x4000, 0x8000
NOWHERE = 0xFFFFFFFFFFFFFFFF


def test_pages(box):
    k = box.call.kernel32
    addr = k.VirtualAlloc(0, 0x3000, MEM_RESERVE, 4)
    assert addr % 0x10000 == 0
    assert k.VirtualAlloc(addr + 0x1000, 0x1000, MEM_COMMIT, 4) == addr + 0x1000
    old, info = box.new(DWORD), box.alloc(48)
    assert k.VirtualProtect(addr + 0x1000, 1, 2, old) == 1
    assert old.value == 4
    assert k.VirtualQuery(addr + 0x1000, info, 48) == 48
    base, allocation, _, _, size, state, protect, kind = struct.unpack("<QQIIQIII4x", box.memory.read(info, 48))
    assert (base, allocation, size, state, protect, kind) == (addr + 0x1000, addr, 0x1000, MEM_COMMIT, 2, 0x20000)
    assert k.VirtualFree(addr, 0x1000, MEM_RELEASE | MEM_DECOMMIT) == 0
    assert box.last_error == ERROR_INVALID_PARAMETER
    assert k.VirtualFree(addr, 0, MEM_RELEASE) == 1
    assert k.VirtualFree(addr, 0, MEM_RELEASE) == 0
    assert box.last_error == ERROR_INVALID_ADDRESS
    assert k.VirtualAlloc(0, 0, MEM_COMMIT, 4) == 0
    assert k.VirtualAlloc(0, 0x1000, MEM_COMMIT, 0) == 0
    assert box.last_error == ERROR_INVALID_PARAMETER


def test_views_of_one_section_share_their_pages(box):
    k = box.call.kernel32
    section = k.CreateFileMappingW(NOWHERE, 0, 4, 0, 0x20000, "pages")
    assert box.last_error == 0
    first, second = (k.MapViewOfFile(section, 2, 0, 0, 0) for _ in range(2))
    copy = k.MapViewOfFile(section, 1, 0, 0x10000, 0x10000)
    box.memory.put_u32(first + 0x10000, 77)
    box.memory.put_u32(copy, 5)
    assert box.memory.u32(second + 0x10000) == 77
    assert k.MapViewOfFile(section, 4, 0, 0x1000, 0) == 0
    assert box.last_error == ERROR_MAPPED_ALIGNMENT
    again = k.CreateFileMappingW(NOWHERE, 0, 4, 0, 0x20000, "pages")
    assert box.last_error == ERROR_ALREADY_EXISTS
    assert again != section
    assert k.UnmapViewOfFile(first) == 1
    assert k.UnmapViewOfFile(first) == 0
    assert box.last_error == ERROR_INVALID_ADDRESS


def test_read_only_section_has_no_writable_views(box):
    k = box.call.kernel32
    section = k.CreateFileMappingW(NOWHERE, 0, 2, 0, 0x1000, 0)
    assert k.MapViewOfFile(section, 2, 0, 0, 0) == 0
    assert box.last_error == ERROR_ACCESS_DENIED
    view = k.MapViewOfFile(section, 4, 0, 0, 0)
    assert k.VirtualProtect(view, 0x1000, 4, box.new(DWORD)) == 0
    assert box.last_error == ERROR_INVALID_PARAMETER


def test_mapped_file_is_shared_and_keeps_its_length(box):
    k = box.call.kernel32
    name = "C:\\mapped.bin"
    file = k.CreateFileW(name, 0xC0000000, 3, 0, 2, 0, 0)
    section = k.CreateFileMappingW(file, 0, 4, 0, 5000, 0)
    view = k.MapViewOfFile(section, 2, 0, 0, 0)
    box.memory.write(view + 4096, b"tail")
    done, text = box.new(DWORD), box.alloc(8)
    k.SetFilePointer(file, 4096, 0, 0)
    assert k.ReadFile(file, text, 4, done, 0) == 1
    assert box.memory.read(text, 4) == b"tail"
    k.SetFilePointer(file, 10, 0, 0)
    assert k.SetEndOfFile(file) == 0
    assert box.last_error == ERROR_USER_MAPPED_FILE
    assert k.UnmapViewOfFile(view) == 1
    assert k.CloseHandle(section) == 1
    assert k.SetEndOfFile(file) == 1
    assert k.CloseHandle(file) == 1
    assert k.DeleteFileW(name) == 1


def test_movable_memory(box):
    k = box.call.kernel32
    handle = k.GlobalAlloc(2, 100)
    addr = k.GlobalLock(handle)
    assert addr not in (0, handle)
    assert k.GlobalHandle(addr) == handle
    assert k.GlobalFlags(handle) == 1
    assert k.GlobalSize(handle) == 100
    assert k.GlobalUnlock(handle) == 0
    assert box.last_error == 0
    assert k.GlobalUnlock(handle) == 0
    assert box.last_error == ERROR_NOT_LOCKED
    assert k.GlobalReAlloc(handle, 0, 2) == handle
    assert k.GlobalFlags(handle) == 0x4000
    assert k.GlobalFree(handle) == 0
    assert k.GlobalLock(handle) == 0
    assert box.last_error == ERROR_INVALID_HANDLE
    fixed = k.LocalAlloc(0x40, 16)
    assert k.LocalLock(fixed) == fixed
    assert box.memory.read(fixed, 16) == bytes(16)
    assert k.LocalFree(fixed) == 0


def test_atoms(box):
    k = box.call.kernel32
    atom = k.GlobalAddAtomW("Größe")
    assert atom >= 0xC000
    assert k.GlobalAddAtomW("GRÖSSE") != atom
    assert k.GlobalFindAtomW("gRÖßE") == atom
    name = box.wide(32)
    assert k.GlobalGetAtomNameW(atom, name, 32) == 5
    assert name.text == "Größe"
    assert k.GlobalAddAtomW("#123") == 123
    assert k.GlobalGetAtomNameW(123, name, 32) == 4
    assert name.text == "#123"
    assert k.GlobalDeleteAtom(atom) == 0
    assert k.GlobalFindAtomW("Größe") == 0
    assert box.last_error == ERROR_FILE_NOT_FOUND
    assert k.AddAtomW(0xC000) == 0
    assert box.last_error == ERROR_INVALID_PARAMETER
