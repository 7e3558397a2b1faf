"""Version resources: finding them and reading values out of them."""

import struct

import pytest

from litebox_core.abi import DWORD, PVOID, UINT

NOT_FOUND, INVALID_DATA, INVALID_PARAMETER, SMALL, BAD_PATH, NO_TYPE = 2, 13, 87, 122, 161, 1813


def block(key, value=b"", text=False, children=b""):
    """One block of a version resource, with its children behind it."""
    head = (b"\0" * 6 + (key + "\0").encode("utf-16-le")).ljust((6 + 2 * len(key) + 5) & ~3, b"\0")
    body = head + value
    if children:
        body = body.ljust((len(body) + 3) & ~3, b"\0") + children
    count = len(value) // 2 if text else len(value)
    return struct.pack("<3H", len(body), count, text) + body[6:]


def padded(data):
    return data.ljust((len(data) + 3) & ~3, b"\0")


TABLE = block("040904b0", children=padded(block("CompanyName", "Ácme\0".encode("utf-16-le"), True)) + block("Empty"))
TRANSLATION = block("Translation", struct.pack("<2H", 0x409, 1200))
RESOURCE = block(
    "VS_VERSION_INFO", b"\x11" * 52,
    children=padded(block("StringFileInfo", children=TABLE)) + block("VarFileInfo", children=TRANSLATION),
)  # fmt: skip


@pytest.fixture
def loaded(box):
    addr = box.alloc(2 * len(RESOURCE) + 16)
    box.memory.write(addr, RESOURCE)
    return box, addr


def query(loaded, path, narrow=False):
    box, addr = loaded
    out, length = box.new(PVOID, 1), box.new(UINT, 99)
    function = box.call.version.VerQueryValueA if narrow else box.call.version.VerQueryValueW
    if not function(addr, path.encode() if narrow else path, out, length):
        assert length.value == 0
        return box.last_error
    return out.value, length.value


@pytest.mark.parametrize("path", ["\\", ""])
def test_root(loaded, path):
    addr, length = query(loaded, path)
    assert (loaded[0].memory.read(addr, length), length) == (b"\x11" * 52, 52)


@pytest.mark.parametrize(
    "path", ["\\VarFileInfo\\Translation", "VarFileInfo\\Translation", "\\\\varfileinfo\\TRANSLATION\\"]
)
def test_binary_value(loaded, path):
    for narrow in (False, True):
        addr, length = query(loaded, path, narrow)
        assert loaded[0].memory.read(addr, length) == struct.pack("<2H", 0x409, 1200)


def test_text_value(loaded):
    path = "\\StringFileInfo\\040904B0\\companyname"
    addr, length = query(loaded, path)
    assert (loaded[0].memory.wstr(addr), length) == ("Ácme", 5)
    addr, length = query(loaded, path, narrow=True)
    assert (loaded[0].memory.read(addr, length), length) == ("Ácme\0".encode("cp1252"), 5)


def test_no_value(loaded):
    assert query(loaded, "\\StringFileInfo")[1] == 0
    assert query(loaded, "\\StringFileInfo\\040904b0\\Empty")[1] == 0


@pytest.mark.parametrize("path", ["\\Nope", "\\StringFileInfo\\040904e4\\CompanyName", "\\VarFileInfo\\Translation\\x"])
def test_no_such_block(loaded, path):
    assert query(loaded, path) == NO_TYPE
    assert query(loaded, path, narrow=True) == NO_TYPE


@pytest.mark.parametrize("size", [0, 4, 7, 40, 100, len(RESOURCE) - 1])
def test_a_resource_that_was_cut(loaded, size):
    box, addr = loaded
    box.memory.write(addr, struct.pack("<H", size))
    assert query(loaded, "\\VarFileInfo\\Translation\\Deeper") == NO_TYPE


def test_no_resource_at_all(box):
    assert box.call.version.VerQueryValueW(0, "\\", box.new(PVOID), box.new(UINT)) == 0


@pytest.mark.parametrize("kind", ["A", "W"])
def test_a_system_dll(box, kind):
    def text(value):
        return value.encode() if kind == "A" else value

    call, handle = box.call.version, box.new(DWORD, 77)
    size = getattr(call, f"GetFileVersionInfoSize{kind}")(text("kernel32.dll"), handle)
    assert size > 52
    assert (handle.value, box.last_error) == (0, 0)
    assert getattr(call, f"GetFileVersionInfoSizeEx{kind}")(2, text("kernel32"), 0) == size
    data = box.alloc(size)
    assert getattr(call, f"GetFileVersionInfo{kind}")(text("kernel32.dll"), 0, size, data) == 1
    out, length = box.new(PVOID), box.new(UINT)
    assert getattr(call, f"VerQueryValue{kind}")(data, text("\\"), out, length) == 1
    assert (length.value, box.memory.u32(out.value), box.memory.u32(out.value + 8)) == (52, 0xFEEF04BD, 10 << 16)


def test_a_short_buffer_is_filled_as_far_as_it_goes(box):
    out = box.alloc(16)
    box.memory.write(out, b"\xcc" * 16)
    assert box.call.version.GetFileVersionInfoW("kernel32.dll", 0, 10, out) == 1
    assert box.memory.read(out + 10, 6) == b"\xcc" * 6
    assert box.memory.u16(out) > 10
    assert box.call.version.GetFileVersionInfoW("kernel32.dll", 0, 10, 0) == 0
    assert box.last_error == INVALID_DATA


@pytest.mark.parametrize(("name", "error"), [("nothere.exe", NOT_FOUND), (0, INVALID_PARAMETER), ("", BAD_PATH)])
def test_no_such_file(box, name, error):
    assert box.call.version.GetFileVersionInfoSizeW(name, 0) == 0
    assert box.last_error == error
    assert box.call.version.GetFileVersionInfoExW(0, name, 0, 100, box.alloc(100)) == 0
    assert box.last_error == error


@pytest.mark.parametrize(
    ("language", "name"), [(0x407, "German (Germany)"), (0x10407, "German (Germany)"), (9, "English")]
)
def test_language_names(box, language, name):
    out = box.wide(64)
    assert box.call.version.VerLanguageNameW(language, out, 64) == len(name) + 1
    assert box.memory.wstr(out.addr) == name
    assert box.call.version.VerLanguageNameA(language, 0, 0) == len(name) + 1
    assert box.call.version.VerLanguageNameW(language, out, len(name)) == 0
    assert box.last_error == SMALL


def test_no_language(box):
    assert box.call.version.VerLanguageNameW(0x4FF, box.wide(64), 64) == 0
