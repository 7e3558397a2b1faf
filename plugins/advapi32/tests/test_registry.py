"""Registry functions: what a program of C has no simple way to ask, and hostile arguments."""

import time

import pytest

from litebox_core.errors import NtError
from litebox_core.regfile import CURRENT_USER
from litebox_core.registry import REG_BINARY, REG_DWORD, REG_EXPAND_SZ, REG_MULTI_SZ, REG_SZ, Registry

USER, MACHINE, CLASSES = 0xFFFFFFFF80000001, 0xFFFFFFFF80000002, 0xFFFFFFFF80000000
ALL = 0xF003F
SUCCESS, NOT_FOUND, DENIED, INVALID_HANDLE, INVALID_PARAMETER, MORE_DATA, NOACCESS = 0, 2, 5, 6, 87, 234, 998
QUOTA = 613


@pytest.fixture
def registry(box):
    return box.process.service(Registry)


@pytest.fixture
def key(box, registry):
    """A handle on a key of its own, and the key."""
    out = box.alloc(8)
    assert box.call.advapi32.RegCreateKeyExA(USER, box.alloc(b"Software\\K\0"), 0, 0, 0, ALL, 0, out, 0) == 0
    yield box.memory.u64(out), registry.open(CURRENT_USER + "\\Software\\K")
    box.call.advapi32.RegCloseKey(box.memory.u64(out))


@pytest.mark.parametrize("data", ["ab", "ab\0", "", "ab\0cd"])
def test_get_value_ends_every_text(box, key, data):
    """RegGetValue: with one NUL more, where the text has none; the size counts it."""
    handle, opened = key
    opened.set_value("v", REG_SZ, data.encode("utf-16-le"))
    room, size = box.alloc(b"\xaa" * 64), box.alloc((64).to_bytes(4, "little"))
    assert box.call.advapi32.RegGetValueW(handle, 0, box.alloc("v\0".encode("utf-16-le")), 2, 0, room, size) == 0
    expected = (data if data.endswith("\0") else data + "\0").encode("utf-16-le")
    assert box.memory.u32(size) == len(expected)
    assert box.memory.read(room, len(expected) + 2) == expected + b"\xaa\xaa"


def test_get_value_ends_a_list_twice(box, key):
    handle, opened = key
    opened.set_value("v", REG_MULTI_SZ, "a\0b".encode("utf-16-le"))
    room, size = box.alloc(64), box.alloc((64).to_bytes(4, "little"))
    assert box.call.advapi32.RegGetValueA(handle, 0, box.alloc(b"v\0"), 0x20, 0, room, size) == 0
    assert box.memory.read(room, box.memory.u32(size)) == b"a\0b\0\0"


def test_variables_are_those_of_the_program(box, key):
    handle, opened = key
    box.call.kernel32.SetEnvironmentVariableA(box.alloc(b"MINE\0"), box.alloc(b"abc\0"))
    opened.set_value("v", REG_EXPAND_SZ, "<%mine%|%other%>\0".encode("utf-16-le"))
    room, size, kind = box.alloc(64), box.alloc((64).to_bytes(4, "little")), box.alloc(4)
    assert box.call.advapi32.RegGetValueA(handle, 0, box.alloc(b"v\0"), 2, kind, room, size) == 0
    assert box.memory.read(room, box.memory.u32(size)) == b"<abc|%other%>\0"
    assert box.memory.u32(kind) == REG_SZ


@pytest.mark.parametrize("handle", [0, 4, 0x7FFFFFFF, 0x80000008, 0xFFFFFFFFFFFFFFFF])
def test_what_is_no_key(box, handle):
    advapi32, out, name = box.call.advapi32, box.alloc(64), box.alloc(b"x\0")
    for status in (
        advapi32.RegOpenKeyExA(handle, name, 0, ALL, out),
        advapi32.RegCreateKeyExA(handle, name, 0, 0, 0, ALL, 0, out, 0),
        advapi32.RegQueryValueExA(handle, name, 0, 0, 0, 0), advapi32.RegSetValueExA(handle, name, 0, 1, out, 1),
        advapi32.RegEnumKeyExA(handle, 0, out, out + 16, 0, 0, 0, 0), advapi32.RegDeleteKeyA(handle, name),
        advapi32.RegDeleteValueA(handle, name), advapi32.RegCloseKey(handle), advapi32.RegFlushKey(handle),
        advapi32.RegQueryInfoKeyA(handle, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    ):  # fmt: skip
        assert status == INVALID_HANDLE


def test_bad_pointers_are_errors(box, key):
    handle, opened = key
    advapi32, name, bad = box.call.advapi32, box.alloc(b"v\0"), 0x10000
    opened.set_value("v", REG_DWORD, b"1234")
    size = box.alloc((64).to_bytes(4, "little"))
    assert advapi32.RegQueryValueExA(handle, name, 0, 0, bad, size) == NOACCESS
    assert advapi32.RegQueryValueExA(handle, name, 0, bad, 0, 0) == NOACCESS
    assert advapi32.RegQueryValueExA(handle, bad, 0, 0, 0, 0) == NOACCESS
    assert advapi32.RegSetValueExA(handle, name, 0, REG_BINARY, bad, 16) == NOACCESS
    assert advapi32.RegSetValueExA(handle, name, 0, REG_BINARY, box.alloc(8), 0xFFFFFFFF) == NOACCESS
    assert advapi32.RegEnumValueA(handle, 0, bad, size, 0, 0, 0, 0) == NOACCESS
    assert advapi32.RegOpenKeyExA(handle, name, 0, ALL, bad) == NOACCESS
    assert opened.value("v").data == b"1234"


def test_names_have_limits(box, key):
    handle, _ = key
    advapi32, out = box.call.advapi32, box.alloc(8)

    def create(name: bytes) -> int:
        status = advapi32.RegCreateKeyExA(handle, box.alloc(name + b"\0"), 0, 0, 0, ALL, 0, out, 0)
        if not status:
            advapi32.RegCloseKey(box.memory.u64(out))
        return status

    assert create(b"n" * 255) == SUCCESS
    assert create(b"n" * 256) != SUCCESS
    assert create(b"\\".join([b"d"] * 500)) == SUCCESS
    assert create(b"\\".join([b"e"] * 600)) == INVALID_PARAMETER
    assert advapi32.RegSetValueExA(handle, box.alloc(b"v" * 16383 + b"\0"), 0, 1, out, 1) == SUCCESS
    assert advapi32.RegSetValueExA(handle, box.alloc(b"v" * 16384 + b"\0"), 0, 1, out, 1) == INVALID_PARAMETER


def test_the_registry_has_a_limit_of_size(box, key):
    handle, _ = key
    box.process.options.memory = 1 << 20
    data = box.alloc(1 << 18)
    statuses = [
        box.call.advapi32.RegSetValueExA(handle, box.alloc(b"%d\0" % number), 0, REG_BINARY, data, 1 << 18)
        for number in range(5)
    ]
    assert statuses[0] == SUCCESS
    assert statuses[-1] == 613  # ERROR_REGISTRY_QUOTA_LIMIT


def test_links_that_lead_to_each_other(box, key, registry):
    """The walk ends."""
    _, opened = key
    for name, other in (("a", "b"), ("b", "a")):
        link = registry.create(name, opened, 2)[0]
        link.set_value("SymbolicLinkValue", 6, f"{CURRENT_USER}\\Software\\K\\{other}".encode("utf-16-le"))
    with pytest.raises(NtError):
        registry.open("a\\x", opened)


def test_programs_of_32_bits_have_a_view_of_their_own(box, registry):
    advapi32, out, view = box.call.advapi32, box.alloc(8), 0x200
    made = box.alloc(b"SOFTWARE\\Mine\0")
    assert advapi32.RegCreateKeyExA(MACHINE, made, 0, 0, 0, ALL | view, 0, out, 0) == 0
    advapi32.RegCloseKey(box.memory.u64(out))
    assert advapi32.RegOpenKeyExA(MACHINE, made, 0, ALL, out) == NOT_FOUND
    assert registry.open("\\REGISTRY\\MACHINE\\SOFTWARE\\Wow6432Node\\Mine").info().name == "Mine"
    assert advapi32.RegDeleteKeyExA(MACHINE, made, view, 0) == SUCCESS


def test_places_of_hives_are_not_for_programs(box):
    advapi32, out = box.call.advapi32, box.alloc(8)
    assert advapi32.RegCreateKeyExA(MACHINE, box.alloc(b"MINE\0"), 0, 0, 0, ALL, 0, out, 0) == INVALID_PARAMETER
    assert advapi32.RegDeleteKeyA(MACHINE, box.alloc(b"SAM\0")) == DENIED


def test_an_override_takes_the_place_of_a_root(box, key):
    handle, opened = key
    advapi32, out = box.call.advapi32, box.alloc(8)
    opened.set_value("here", REG_SZ, b"")
    assert advapi32.RegOverridePredefKey(CLASSES, handle) == 0
    assert advapi32.RegQueryValueExA(CLASSES, box.alloc(b"here\0"), 0, 0, 0, 0) == SUCCESS
    assert advapi32.RegOverridePredefKey(CLASSES, 0) == 0
    assert advapi32.RegQueryValueExA(CLASSES, box.alloc(b"here\0"), 0, 0, 0, 0) == NOT_FOUND
    assert advapi32.RegOverridePredefKey(handle, handle) == INVALID_HANDLE
    assert out


def test_absurd_paths_take_no_time(box, key):
    """Half a million keys that are not there; and none of them is made."""
    handle, opened = key
    path, out = box.memory.allocate(1 << 21), box.alloc(8)
    box.memory.write(path, ("a\\" * 500_000).encode("utf-16-le"))
    began = time.monotonic()
    assert box.call.advapi32.RegCreateKeyW(handle, path, out) == INVALID_PARAMETER
    assert box.call.advapi32.RegOpenKeyW(handle, path, out) != SUCCESS
    assert time.monotonic() - began < 5
    assert opened.subkeys() == []


def test_absurd_values_are_refused(box, key):
    handle, opened = key
    size = 65 << 20
    data = box.memory.allocate(size)
    for function in (box.call.advapi32.RegSetValueExA, box.call.advapi32.RegSetValueExW):
        assert function(handle, box.alloc("v"), 0, REG_SZ, data, size) == QUOTA
    assert opened.values() == []


def test_classes_of_keys_count(box, key):
    """They are as large as the program likes, and are kept for each key."""
    box.process.options.memory = 1 << 20
    name, out = box.alloc("c" * 30000), box.alloc(8)
    statuses = [
        box.call.advapi32.RegCreateKeyExW(key[0], box.alloc(f"k{n}"), 0, name, 0, ALL, 0, out, 0) for n in range(30)
    ]
    assert statuses[0] == SUCCESS
    assert statuses[-1] == QUOTA


def test_descriptors_of_absurd_length_take_no_time(box):
    for part in ("O:BA", "(A;;;;;WD)"):
        source = box.alloc("D:" + part * (1_000_000 // len(part)))
        began = time.monotonic()
        convert = box.call.advapi32.ConvertStringSecurityDescriptorToSecurityDescriptorW
        convert(source, 1, box.alloc(8), 0)
        assert time.monotonic() - began < 10
