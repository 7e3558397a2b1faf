"""NTDLL's characters, conversions and paths where Windows has a will of its own."""

import pytest

from litebox_core.ntstatus import (
    STATUS_BUFFER_TOO_SMALL,
    STATUS_OBJECT_NAME_INVALID,
    STATUS_SOME_NOT_MAPPED,
    STATUS_SUCCESS,
)


@pytest.mark.parametrize(
    ("function", "c", "result"),
    [
        ("isalpha", ord("A"), 0x1), ("isgraph", ord("z"), 0x2), ("isalpha", 0xE9, 0), ("isprint", ord("\t"), 0),
        ("iswalpha", ord("A"), 0x101), ("iswalpha", 0xE9, 0x102), ("iswdigit", 0xB2, 4), ("iswspace", 0xA0, 8),
        ("iswlower", 0xDF, 2), ("iswalpha", 0xD7, 0), ("iswalpha", 0x100, 0), ("iswprint", 0x80, 0),
        ("tolower", 0x141, 0x161), ("tolower", 0xC1, 0xC1),
    ],
)  # fmt: skip
def test_character_types(box, function, c, result):
    assert getattr(box.call.ntdll, function)(c) == result


@pytest.mark.parametrize(
    ("room", "status", "size"),
    [
        (1, STATUS_BUFFER_TOO_SMALL, 0), (2, STATUS_BUFFER_TOO_SMALL, 2), (4, STATUS_BUFFER_TOO_SMALL, 4),
        (6, STATUS_SUCCESS, 6), (8, STATUS_SUCCESS, 8),
    ],
)  # fmt: skip
def test_a_pair_is_halved_at_the_end_of_the_buffer(box, room, status, size):
    source, out, written = box.alloc("\U00010000\U00010000".encode()), box.alloc(b"\x55" * 8), box.alloc(4)
    assert box.call.ntdll.RtlUTF8ToUnicodeN(out, room, written, source, 8) & 0xFFFFFFFF == status
    assert box.memory.u32(written) == size
    assert box.memory.read(out, 8) == "\U00010000\U00010000".encode("utf-16-le")[:size].ljust(8, b"\x55")


def test_what_is_no_utf8_is_replaced(box):
    out, written = box.alloc(16), box.alloc(4)
    assert box.call.ntdll.RtlUTF8ToUnicodeN(out, 16, written, box.alloc(b"-\xff-"), 3) == STATUS_SOME_NOT_MAPPED
    assert box.memory.read(out, box.memory.u32(written)).decode("utf-16-le") == "-\ufffd-"


@pytest.mark.parametrize(
    ("data", "tests"),
    [("A simple string", 0x1004), ("a\u0d00\u0a00", 0x1040), ("\ufffe\u4100\u4200", 0x1080), ("\u4100\u2000", 0x1050)],
)
def test_is_text_unicode(box, data, tests):
    """Without the statistics."""
    raw, flags = data.encode("utf-16-le"), box.alloc(b"\xdd\xff\0\0")
    box.call.ntdll.RtlIsTextUnicode(box.alloc(raw), len(raw), flags)
    assert box.memory.u32(flags) == tests


@pytest.mark.parametrize(
    ("path", "result", "part"),
    [
        ("\\??\\foo/bar", "\\??\\foo/bar", "foo/bar"),
        ("\\??\\/", "\\??\\/", "/"),
        ("C:\\nul", "\\??\\nul", None),
    ],
)
def test_nt_paths(box, path, result, part):
    name, tail = box.alloc(16), box.alloc(8)
    status = box.call.ntdll.RtlDosPathNameToNtPathName_U_WithStatus(path, name, tail, 0)
    assert status == STATUS_SUCCESS
    text = box.memory.wstr(box.memory.u64(name + 8))
    assert text == result
    assert box.memory.u64(tail) == (box.memory.u64(name + 8) + 2 * text.rindex(part) if part else 0)


def test_the_prefix_alone_is_a_folder(box):
    name = box.alloc(16)
    assert box.call.ntdll.RtlDosPathNameToNtPathName_U_WithStatus("\\??\\", name, 0, 0) == STATUS_SUCCESS
    assert box.memory.wstr(box.memory.u64(name + 8))[5:] == ":\\??\\"


@pytest.mark.parametrize("path", ["C:\\missing\\nul", "C:\\con\\con"])
def test_a_device_in_a_missing_folder(box, path):
    status = box.call.ntdll.RtlDosPathNameToNtPathName_U_WithStatus(path, box.alloc(16), 0, 0)
    assert status & 0xFFFFFFFF == STATUS_OBJECT_NAME_INVALID
