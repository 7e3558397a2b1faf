"""pathcch.h: canonical paths, joining and removing the last component."""

import pytest

from litebox_core.abi import PVOID
from litebox_core.testing import POISON

E_INVALIDARG, EXCEEDED, INSUFFICIENT = 0x80070057, 0x800700CE, 0x8007007A


def allocated(box, path, flags):
    out = box.new(PVOID, 1)
    result = box.call.kernelbase.PathAllocCanonicalize(path, flags, out)
    assert box.last_error == POISON
    if result:
        assert out.value == 0
        return result
    text = box.memory.wstr(out.value)
    assert box.call.kernel32.LocalFree(out.value) == 0
    return text


@pytest.mark.parametrize(
    ("path", "plain", "extended", "slash"),
    [
        ("", "\\", "\\", "\\"),
        ("C:", "C:", "\\\\?\\C:", "C:\\"),
        ("C:\\..", "C:\\", "\\\\?\\C:\\", "C:\\"),
        ("C:\\a\\.", "C:\\a", "\\\\?\\C:\\a", "C:\\a\\"),
        ("C:\\a\\", "C:\\a\\", "\\\\?\\C:\\a\\", "C:\\a\\"),
        ("C:\\a\\..\\b", "C:\\b", "\\\\?\\C:\\b", "C:\\b\\"),
        ("C:\\a..", "C:\\a", "\\\\?\\C:\\a..", "C:\\a\\"),
        ("C:\\a*.", "C:\\a*.", "\\\\?\\C:\\a*.", "C:\\a*.\\"),
        ("C:\\a. ", "C:\\a. ", "\\\\?\\C:\\a. ", "C:\\a. \\"),
        ("C:\\a/b", "C:\\a/b", "\\\\?\\C:\\a/b", "C:\\a/b\\"),
        ("a\\..\\..", "\\", "\\", "\\"),
        ("..\\a", "a", "a", "a\\"),
        ("C:..", "C:\\", "\\\\?\\C:..", "C:\\"),
        ("\\\\s\\h\\..\\x", "\\\\s\\x", "\\\\s\\x", "\\\\s\\x\\"),
        ("\\\\?\\C:", "C:\\", "\\\\?\\C:\\", "C:\\"),
        ("\\\\?\\UNC\\s\\h\\a\\..\\b", "\\\\s\\h\\b", "\\\\s\\h\\b", "\\\\s\\h\\b\\"),
        ("C:\\a\\\\b", "C:\\a\\\\b", "\\\\?\\C:\\a\\\\b", "C:\\a\\\\b\\"),
    ],
)
def test_canonical(box, path, plain, extended, slash):
    assert allocated(box, path, 0) == plain
    assert allocated(box, path, 0x10) == extended
    assert allocated(box, path, 0x20) == slash


def test_flags_that_exclude_each_other(box):
    bad = {flags for flags in range(0x40) if allocated(box, "C:\\a", flags) == E_INVALIDARG}
    expected = {f for f in range(0x40) if (f & 6 if not f & 1 else f & 6 == 6 or f & 0x10)}
    assert bad == expected


def test_long_paths(box):
    path = "C:\\" + "a" * 257
    assert allocated(box, path[:-1], 0) == path[:-1]
    assert allocated(box, path, 0) == EXCEEDED
    assert allocated(box, path, 1) == "\\\\?\\" + path


def test_null(box):
    assert allocated(box, 0, 0) == E_INVALIDARG
    assert box.call.kernelbase.PathAllocCanonicalize("a", 0, 0) == E_INVALIDARG


def test_canonicalize_buffer(box):
    call, out = box.call.kernelbase.PathCchCanonicalizeEx, box.wide(16)
    assert call(out, 5, "C:\\a\\b\\..", 0) == 0
    assert box.memory.wstr(out.addr) == "C:\\a"
    assert call(out, 4, "C:\\a", 0) == INSUFFICIENT
    assert call(out, 0, "C:\\a", 0) == E_INVALIDARG
    assert call(out, 0x8001, "C:\\a", 0) == E_INVALIDARG
    assert call(out, 16, 0, 0) == E_INVALIDARG


@pytest.mark.parametrize(
    ("path", "more", "result"),
    [
        ("C:\\a", "b", "C:\\a\\b"),
        ("C:\\a\\", "b", "C:\\a\\b"),
        ("C:\\a", "\\b", "C:\\b"),
        ("C:\\a", "D:\\b", "D:\\b"),
        ("C:\\a", "D:b", "D:b"),
        ("C:\\a", "", "C:\\a"),
        ("C:\\a\\b", "..\\c", "C:\\a\\c"),
        ("C:", "a", "C:\\a"),
        ("C:\\a", "\\\\s\\h", "\\\\s\\h"),
        ("\\\\s\\h", "\\b", "\\\\s\\h\\b"),
        ("\\a", "\\b", "\\b"),
        ("\\\\?\\C:\\a", "b", "C:\\a\\b"),
        (0, "b", "b"),
        ("C:\\a", 0, "C:\\a"),
        ("", "", "\\"),
    ],
)
def test_combine(box, path, more, result):
    out = box.wide(64)
    assert box.call.kernelbase.PathCchCombineEx(out, 64, path, more, 0) == 0
    assert box.memory.wstr(out.addr) == result


def test_combine_failures_empty_the_buffer(box):
    call, out = box.call.kernelbase.PathCchCombineEx, box.wide(64)
    for count, path, more, error in ((4, "C:\\a", "b", INSUFFICIENT), (64, 0, 0, E_INVALIDARG)):
        box.memory.write(out.addr, b"#\0\0\0")
        assert call(out, count, path, more, 0) == error
        assert box.memory.wstr(out.addr) == ""
    assert call(out, 0, "C:\\a", "b", 0) == E_INVALIDARG


@pytest.mark.parametrize(
    ("path", "rest"),
    [
        ("C:\\a", "C:\\"), ("C:\\a\\b", "C:\\a"), ("C:\\a\\", "C:\\a"), ("a", ""), ("a\\b", "a"), ("\\a", "\\"),
        ("\\\\s\\h\\a", "\\\\s\\h"), ("\\\\?\\C:\\a", "\\\\?\\C:\\"), ("C:\\a\\\\b", "C:\\a\\"), ("C:a", "C:"),
        ("\\\\?\\UNC\\s\\h\\a", "\\\\?\\UNC\\s\\h"),
    ],
)  # fmt: skip
def test_remove_file_spec(box, path, rest):
    out = box.alloc(64)
    box.memory.write(out, path.encode("utf-16-le") + b"\0\0")
    assert box.call.kernelbase.PathCchRemoveFileSpec(out, 32) == 0
    assert box.memory.wstr(out) == rest


@pytest.mark.parametrize("path", ["C:\\", "C:", "\\", "\\\\s\\h", "\\\\s", "\\\\?\\C:\\", ""])
def test_a_root_has_no_file_spec(box, path):
    out = box.alloc(64)
    box.memory.write(out, path.encode("utf-16-le") + b"\0\0")
    assert box.call.kernelbase.PathCchRemoveFileSpec(out, 32) == 1
    assert box.memory.wstr(out) == path


def test_remove_file_spec_without_an_end(box):
    out = box.alloc(64)
    box.memory.write(out, "C:\\a".encode("utf-16-le") + b"\0\0")
    assert box.call.kernelbase.PathCchRemoveFileSpec(out, 4) == E_INVALIDARG
    assert box.call.kernelbase.PathCchRemoveFileSpec(0, 4) == E_INVALIDARG
