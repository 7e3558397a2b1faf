"""The loader's functions."""

import struct
from typing import Any

from litebox_core import ntstatus as nt
from litebox_core.abi import PVOID, ULONG
from litebox_core.loader.modules import Module
from litebox_ntdll.ntdef import UNICODE_STRING


def string(box: Any, text: str | bytes) -> int:
    size = len(text) * (2 if isinstance(text, str) else 1)
    return int(box.alloc(UNICODE_STRING(Length=size, MaximumLength=size + 2, Buffer=box.alloc(text))))


def test_finding_modules_and_functions(box: Any) -> None:
    call, base, address = box.call.ntdll, box.new(PVOID), box.new(PVOID)
    assert call.LdrGetDllHandle(0, 0, string(box, "NTDLL"), base) == 0
    assert base.value == box.call.kernel32.GetModuleHandleW("ntdll.dll")
    assert call.LdrGetDllHandle(0, 0, string(box, "nothing.dll"), base) == nt.STATUS_DLL_NOT_FOUND
    assert call.LdrGetProcedureAddress(base.value, string(box, b"NtClose"), 0, address) == 0
    assert address.value == box.call.kernel32.GetProcAddress(base.value, b"NtClose")
    missing = call.LdrGetProcedureAddress(base.value, string(box, b"NoSuchThing"), 0, address)
    assert missing == nt.STATUS_ENTRYPOINT_NOT_FOUND
    assert call.LdrGetProcedureAddress(0x1000, string(box, b"NtClose"), 0, address) == nt.STATUS_DLL_NOT_FOUND


def test_entries_and_headers(box: Any) -> None:
    call, out, size = box.call.ntdll, box.new(PVOID), box.new(ULONG)
    base = box.call.kernel32.GetModuleHandleW("ntdll.dll")
    assert call.LdrFindEntryForAddress(base + 0x1000, out) == 0
    assert box.memory.pointer(out.value + 0x30) == base
    assert call.LdrFindEntryForAddress(0x10, out) == nt.STATUS_NO_MORE_ENTRIES
    assert call.RtlPcToFileHeader(base + 0x20, out) == out.value == base
    assert call.RtlPcToFileHeader(0x10, out) == out.value == 0
    headers = call.RtlImageNtHeader(base)
    assert box.memory.read(headers, 4) == b"PE\0\0"
    assert call.RtlImageNtHeader(0x10) == 0
    exports = call.RtlImageDirectoryEntryToData(base, 1, 0, size)
    assert base < exports < base + 0x1000000
    assert size.value >= 40
    section = call.RtlImageRvaToSection(headers, base, exports - base)
    start, extent = struct.unpack("<8xII", box.memory.read(section, 16))[::-1]
    assert start <= exports - base < start + extent or start == exports - base


def test_references(box: Any) -> None:
    call, base = box.call.ntdll, box.new(PVOID)
    assert call.LdrGetDllHandleEx(3, 0, 0, string(box, "ntdll"), base) == nt.STATUS_INVALID_PARAMETER
    assert call.LdrGetDllHandleEx(0, 0, 0, string(box, "ntdll"), base) == 0
    assert call.LdrAddRefDll(1, base.value) == 0
    assert call.LdrAddRefDll(2, base.value) == nt.STATUS_INVALID_PARAMETER
    name = box.alloc(UNICODE_STRING(Length=0, MaximumLength=200, Buffer=box.alloc(200)))
    assert call.LdrGetDllFullName(base.value, name) == 0
    assert box.memory.wstr(box.memory.pointer(name + 8)).lower() == "c:\\windows\\system32\\ntdll.dll"
    short = box.alloc(UNICODE_STRING(Length=0, MaximumLength=4, Buffer=box.alloc(200)))
    assert call.LdrGetDllFullName(base.value, short) == nt.STATUS_BUFFER_TOO_SMALL
    assert box.memory.u16(short) == 4
    assert call.LdrUnloadDll(0x10) == nt.STATUS_DLL_NOT_FOUND


def test_sscanf(box: Any) -> None:
    number, text = box.new(ULONG), box.alloc(16)
    assert box.call.ntdll.sscanf(b"12 ab", b"%d %s", number, text) == 2
    assert (number.value, box.memory.cstr(text)) == (12, b"ab")
    assert box.call.ntdll.sscanf(b"", b"%d", number) == -1


def test_unloaded_modules(box: Any) -> None:
    """An array of 64 in which the newest takes the place of the oldest; what was unloaded before it was asked for."""
    call, size, count, trace = box.call.ntdll, box.new(PVOID), box.new(PVOID), box.new(PVOID)
    loader, tell = box.process.loader, box.process.plugins.manager.hook.litebox_module_unload

    def unload(number: int) -> None:
        module = Module(f"C:\\lab\\gone{number}.dll", 0x10000000 + (number << 16), 0x3000)
        loader._remember(module)
        tell(process=box.process, module=module)

    def entry(at: int) -> tuple[int, int, int, str]:
        base, length, sequence, _, _, name = struct.unpack("<QQIII64s", box.memory.read(array + at * 0x68, 92))
        return base, length, sequence, name.decode("utf-16-le").rstrip("\0")

    unload(0)
    call.RtlGetUnloadEventTraceEx(size, count, trace)
    array = call.RtlGetUnloadEventTrace()
    assert (box.memory.u32(size.value), box.memory.u32(count.value)) == (0x68, 64)
    assert box.memory.u64(trace.value) == array
    assert entry(0) == (0x10000000, 0x3000, 0, "gone0.dll") and entry(1) == (0, 0, 0, "")
    for number in range(1, 66):
        unload(number)
    assert entry(0)[2:] == (64, "gone64.dll") and entry(2)[2:] == (2, "gone2.dll") and entry(63)[2] == 63
    unload(66)
    assert entry(2)[2] == 66
