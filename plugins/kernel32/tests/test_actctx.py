"""Activation contexts."""

import struct

import pytest

from litebox_core.abi import DWORD, HANDLE, SIZE_T
from litebox_core.winerror import (
    ERROR_ACCESS_DENIED,
    ERROR_FILE_NOT_FOUND,
    ERROR_INSUFFICIENT_BUFFER,
    ERROR_INVALID_PARAMETER,
    ERROR_MOD_NOT_FOUND,
    ERROR_NOT_SUPPORTED,
    ERROR_RESOURCE_DATA_NOT_FOUND,
    ERROR_SXS_CANT_GEN_ACTCTX,
    ERROR_SXS_KEY_NOT_FOUND,
    ERROR_SXS_PROCESS_DEFAULT_ALREADY_SET,
    ERROR_SXS_SECTION_NOT_FOUND,
)

INVALID = (1 << 64) - 1
SPACE = "http://schemas.microsoft.com/SMI/{}/WindowsSettings"
MANIFEST = """<assembly xmlns="urn:schemas-microsoft-com:asm.v1" manifestVersion="1.0">
<assemblyIdentity name="a" version="1.0.0.0"/><file name="a.dll"/>
<application xmlns="urn:schemas-microsoft-com:asm.v3"><windowsSettings>
<dpiAware xmlns="http://schemas.microsoft.com/SMI/2005/WindowsSettings"> true </dpiAware>
</windowsSettings></application>
</assembly>"""


def put(box, path, text):
    k32 = box.call.kernel32
    file = k32.CreateFileW(path, 0x40000000, 0, 0, 2, 0, 0)
    data = box.alloc(len(text) + 1)
    box.memory.write(data, text.encode())
    assert k32.WriteFile(file, data, len(text), box.new(DWORD), 0)
    k32.CloseHandle(file)


def request(box, source="", flags=0, size=56, resource=0, module=0):
    at, text = box.alloc(56), box.alloc(2 * len(source) + 2)
    box.memory.write(text, source.encode("utf-16-le") + b"\0\0")
    fields = (size, flags, text if source else 0, 0, 0, 0, resource, 0, module)
    box.memory.write(at, struct.pack("<IIQHH4xQQQQ", *fields))
    return at


@pytest.fixture
def context(box):
    put(box, "C:\\a.manifest", MANIFEST)
    made = box.call.kernel32.CreateActCtxW(request(box, "C:\\a.manifest"))
    assert made not in (0, INVALID)
    return made


@pytest.mark.parametrize(
    "fields, error",
    [
        ({}, ERROR_INVALID_PARAMETER),
        ({"source": "C:\\x", "size": 55}, ERROR_INVALID_PARAMETER),
        ({"source": "C:\\x", "flags": 0x100}, ERROR_INVALID_PARAMETER),
        ({"source": "C:\\x", "flags": 8}, ERROR_INVALID_PARAMETER),
        ({"source": "C:\\x", "flags": 0x40}, ERROR_NOT_SUPPORTED),
        ({"source": "C:\\x"}, ERROR_FILE_NOT_FOUND),
        ({"source": "C:\\"}, ERROR_ACCESS_DENIED),
        ({"flags": 0x80}, ERROR_SXS_CANT_GEN_ACTCTX),
        ({"flags": 0x88, "resource": 1, "module": 0x123}, ERROR_MOD_NOT_FOUND),
    ],
)
def test_what_cannot_be_made(box, fields, error):
    assert box.call.kernel32.CreateActCtxW(request(box, **fields)) == INVALID
    assert box.last_error == error


def test_no_request(box):
    assert box.call.kernel32.CreateActCtxW(0) == INVALID
    assert box.last_error == ERROR_INVALID_PARAMETER


def test_a_module_without_resources(box):
    module = box.call.kernel32.GetModuleHandleW("kernel32.dll")
    assert box.call.kernel32.CreateActCtxW(request(box, flags=0x88, resource=1, module=module)) == INVALID
    assert box.last_error == ERROR_RESOURCE_DATA_NOT_FOUND


def test_the_last_release_forgets_it(box, context):
    k32, cookie = box.call.kernel32, box.new(SIZE_T)
    k32.AddRefActCtx(context)
    k32.ReleaseActCtx(context)
    assert k32.ActivateActCtx(context, cookie)
    k32.ReleaseActCtx(context)
    assert k32.ZombifyActCtx(context)
    assert k32.DeactivateActCtx(0, cookie.value)
    assert not k32.ZombifyActCtx(context)
    assert box.last_error == ERROR_INVALID_PARAMETER
    k32.ReleaseActCtx(context)
    assert not k32.ActivateActCtx(context, cookie)
    assert box.last_error == ERROR_INVALID_PARAMETER


def test_null_pointers(box, context):
    k32, keyed = box.call.kernel32, box.alloc(112)
    for call in (
        lambda: k32.ActivateActCtx(context, 0),
        lambda: k32.GetCurrentActCtx(0),
        lambda: k32.DeactivateActCtx(2, 0),
        lambda: k32.QueryActCtxW(0, 0, 0, 1, 0, 0, 0),
        lambda: k32.QueryActCtxW(0x24, 0, 0, 1, keyed, 112, 0),
        lambda: k32.QueryActCtxW(0xC, 0, 0, 1, keyed, 112, 0),
        lambda: k32.QueryActCtxW(0, 0, 0, 3, keyed, 112, 0),
        lambda: k32.QueryActCtxW(0, 0, 0, 99, keyed, 112, 0),
        lambda: k32.FindActCtxSectionStringW(0, 0, 2, 0, keyed),
        lambda: k32.FindActCtxSectionStringW(0, 0, 2, "a.dll", 0),
        lambda: k32.FindActCtxSectionStringW(0, 0, 2, "a.dll", keyed),  # its size is 0
        lambda: k32.FindActCtxSectionStringW(4, 0, 2, "a.dll", keyed),
        lambda: k32.FindActCtxSectionStringW(0, keyed, 2, "a.dll", keyed),
        lambda: k32.FindActCtxSectionGuid(0, 0, 4, 0, keyed),
        lambda: k32.QueryActCtxSettingsW(0, context, 0, 0, keyed, 10, 0),
        lambda: k32.QueryActCtxSettingsW(0, context, SPACE.format(2001), "dpiAware", keyed, 10, 0),
    ):
        assert not call()
        assert box.last_error == ERROR_INVALID_PARAMETER


def test_finding(box, context):
    k32, keyed, cookie = box.call.kernel32, box.alloc(112), box.new(SIZE_T)
    box.memory.write(keyed, struct.pack("<I", 112))
    assert not k32.FindActCtxSectionStringW(0, 0, 2, "a.dll", keyed)
    assert box.last_error == ERROR_SXS_KEY_NOT_FOUND
    assert not k32.FindActCtxSectionStringW(0, 0, 7, "A.B", keyed)
    assert box.last_error == ERROR_SXS_SECTION_NOT_FOUND
    k32.ActivateActCtx(context, cookie)
    assert k32.FindActCtxSectionStringA(1, 0, 2, b"A.DLL", keyed)
    data, base = box.memory.u64(keyed + 8), box.memory.u64(keyed + 40)
    assert base < data < base + box.memory.u32(keyed + 48)
    assert (box.memory.u64(keyed + 56), box.memory.u32(keyed + 64)) == (context, 1)
    box.memory.write(keyed, struct.pack("<I", 64) + bytes(60) + b"\xaa" * 8)
    assert k32.FindActCtxSectionStringW(0, 0, 2, "a.dll", keyed)
    assert box.memory.read(keyed + 64, 8) == b"\xaa" * 8


def test_settings(box, context):
    k32, buffer, size = box.call.kernel32, box.wide(10), box.new(SIZE_T)
    assert k32.QueryActCtxSettingsW(0, context, 0, "dpiAware", buffer, 10, size)
    assert (buffer.text, size.value) == ("true", 5)
    assert not k32.QueryActCtxSettingsW(0, context, 0, "dpiAware", buffer, 3, size)
    assert (box.last_error, size.value) == (ERROR_INSUFFICIENT_BUFFER, 5)
    assert not k32.QueryActCtxSettingsW(0, context, SPACE.format(2016), "dpiAware", buffer, 10, size)
    assert box.last_error == ERROR_SXS_KEY_NOT_FOUND


def test_the_process_has_one_default(box, context):
    k32, keyed, now = box.call.kernel32, box.alloc(112), box.new(HANDLE)
    box.memory.write(keyed, struct.pack("<I", 112))
    assert k32.CreateActCtxW(request(box, "C:\\a.manifest", 0x10)) != INVALID
    assert k32.FindActCtxSectionStringW(0, 0, 2, "a.dll", keyed)
    assert k32.GetCurrentActCtx(now)
    assert now.value == 0
    assert k32.CreateActCtxW(request(box, "C:\\a.manifest", 0x10)) == INVALID
    assert box.last_error == ERROR_SXS_PROCESS_DEFAULT_ALREADY_SET


def test_many_dependencies_are_refused_soon(box):
    identity = '<assemblyIdentity name="d{}"/>'
    one = f'<dependency optional="yes"><dependentAssembly>{identity}</dependentAssembly></dependency>'
    inside = "".join(one.format(i) for i in range(1100))
    put(box, "C:\\a.manifest", MANIFEST.replace("<file", inside + "<file", 1))
    assert box.call.kernel32.CreateActCtxW(request(box, "C:\\a.manifest")) == INVALID
    assert box.last_error == ERROR_SXS_CANT_GEN_ACTCTX
    few = "".join(one.format(i) for i in range(3))
    put(box, "C:\\a.manifest", MANIFEST.replace("<file", few + "<file", 1))
    assert box.call.kernel32.CreateActCtxW(request(box, "C:\\a.manifest")) != INVALID


def test_fibers_have_contexts_of_their_own(box, context):
    """As CreateFiber makes a stack of activations for each on Windows; Wine's fibers share that of their thread."""
    k32, cookie, now = box.call.kernel32, box.new(SIZE_T), box.new(HANDLE)
    module = k32.GetModuleHandleW("kernel32.dll")
    assert k32.ActivateActCtx(context, cookie)
    mine, note = k32.ConvertThreadToFiber(0), box.alloc(8)
    box.memory.put_u64(note, 1)
    code = b"\x48\x83\xec\x28"  # sub rsp, 28h
    for name, argument in ((b"GetCurrentActCtx", note), (b"SwitchToFiber", mine)):
        function = k32.GetProcAddress(module, name)
        code += b"\x48\xb9" + struct.pack("<Q", argument) + b"\x48\xb8" + struct.pack("<Q", function) + b"\xff\xd0"
    fiber = k32.CreateFiber(0, box.process.code(code + b"\xcc"), 0)
    k32.SwitchToFiber(fiber)
    assert box.memory.u64(note) == 0
    assert k32.GetCurrentActCtx(now)
    assert now.value == context
    k32.DeleteFiber(fiber)
    assert k32.DeactivateActCtx(0, cookie.value)
