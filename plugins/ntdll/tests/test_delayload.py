"""Delay-loaded functions, and the end of a process by its own hand."""

import struct

from litebox_core.abi import PVOID
from litebox_core.ntstatus import STATUS_DLL_NOT_FOUND, STATUS_INVALID_PARAMETER

HIGH = 1 << 63


def table(box, dll, *entries):
    """A descriptor that lies at the beginning of a block, with its tables; the block and where the addresses are."""
    block = box.alloc(0x400)
    names, addresses, title, functions = 0x100, 0x180, 0x200, 0x240
    box.memory.write(block, struct.pack("<8I", 1, title, 0x80, addresses, names, 0, 0, 0))
    box.memory.write(block + title, dll + b"\0")
    for index, entry in enumerate(entries):
        if isinstance(entry, bytes):
            box.memory.write(block + functions, b"\0\0" + entry + b"\0")
            entry, functions = functions, functions + len(entry) + 4
        box.memory.write(block + names + 8 * index, struct.pack("<Q", entry))
    return block, block + addresses


def test_functions_by_name(box):
    k32, ntdll = box.call.kernel32, box.call.ntdll
    block, thunks = table(box, b"kernel32.dll", b"GetTickCount", b"GetLastError")
    module = k32.GetModuleHandleW("kernel32.dll")
    for index, name in enumerate((b"GetTickCount", b"GetLastError")):
        found = k32.ResolveDelayLoadedAPI(block, block, 0, 0, thunks + 8 * index, 0)
        assert found == k32.GetProcAddress(module, name) == box.memory.u64(thunks + 8 * index)
    assert box.memory.u64(block + 0x80) == module
    assert ntdll.LdrResolveDelayLoadedAPI(block, block, 0, 0, thunks, 0) == box.memory.u64(thunks)


def test_nothing_to_be_had_and_nobody_to_ask(box):
    block, thunks = table(box, b"none-such.dll", b"Some")
    assert box.call.kernel32.ResolveDelayLoadedAPI(block, block, 0, 0, thunks, 0) == 0
    block, thunks = table(box, b"kernel32.dll", b"NoneSuch", HIGH | 60000)
    assert box.call.kernel32.ResolveDelayLoadedAPI(block, block, 0, 0, thunks, 0) == 0
    assert box.call.kernel32.ResolveDelayLoadedAPI(block, block, 0, 0, thunks + 8, 0) == 0
    assert box.memory.u64(thunks) == 0


def hook(box, note, result):
    """A function that notes its two arguments and gives the result."""
    keep = b"\x48\xb8" + struct.pack("<Q", note) + b"\x48\x89\x08\x48\x89\x50\x08"  # mov [rax], rcx; mov [rax+8], rdx
    return box.process.code(keep + b"\xb8" + struct.pack("<I", result) + b"\xc3")


def test_the_hooks_say_what_to_call(box):
    resolve = box.call.kernel32.ResolveDelayLoadedAPI
    note, other = box.alloc(16), box.alloc(16)
    of_dll, of_system = hook(box, note, 0x1234), hook(box, other, 0x5678)
    block, thunks = table(box, b"none-such.dll", b"Some")
    assert resolve(block, block, of_dll, of_system, thunks, 0) == 0x1234
    assert box.memory.u64(note) & 0xFFFFFFFF == 3  # there is no such library
    assert box.memory.u64(other) == 0
    block, thunks = table(box, b"kernel32.dll", HIGH | 60000)
    assert resolve(block, block, of_dll, 0, thunks, 0) == 0x1234
    assert box.memory.u64(note) & 0xFFFFFFFF == 4  # there is no such function
    assert resolve(block, block, 0, of_system, thunks, 0) == 0x5678
    assert box.memory.cstr(box.memory.u64(other)) == b"kernel32.dll"
    assert box.memory.u64(other + 8) == 60000
    assert box.memory.u64(thunks) == 0


def test_nobody_shuts_down(box):
    assert box.call.ntdll.RtlDllShutdownInProgress() == 0


def test_a_library_of_a_package(box):
    assert box.call.kernel32.LoadPackagedLibrary("kernel32.dll", 0) == 0
    assert box.last_error == 15700
    assert box.call.kernel32.LoadPackagedLibrary("kernel32.dll", 1) == 0
    assert box.last_error == 87


def test_who_is_told_of_modules(box):
    ntdll, cookie = box.call.ntdll, box.new(PVOID)
    assert ntdll.LdrRegisterDllNotification(1, 0x1000, 0, cookie) == STATUS_INVALID_PARAMETER
    assert ntdll.LdrRegisterDllNotification(0, 0, 0, cookie) == STATUS_INVALID_PARAMETER
    note = box.alloc(16)
    assert ntdll.LdrRegisterDllNotification(0, hook(box, note, 0), 0, cookie) == 0
    box.call.kernel32.LoadLibraryW("kernel32.dll")
    assert box.memory.u64(note) == 0  # it was there already
    box.call.kernel32.LoadLibraryW("version.dll")
    assert box.memory.u64(note) & 0xFFFFFFFF == 1
    assert ntdll.LdrUnregisterDllNotification(cookie.value) == 0
    assert ntdll.LdrUnregisterDllNotification(cookie.value) == STATUS_DLL_NOT_FOUND
