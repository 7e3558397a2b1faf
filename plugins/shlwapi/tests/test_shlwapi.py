"""SHLWAPI: what the program tests/programs/c/pathwords.c does not show: NULL, no room, and A beside W."""

import pytest

from litebox_core.abi import INT, LONGLONG

MAX_PATH = 260
INVALID_PARAMETER, TOO_LONG, NOT_FOUND = 87, 206, 2


@pytest.fixture
def shlwapi(box):
    return box.call.shlwapi


def test_without_a_path(box, shlwapi):
    for name in (
        "PathFileExistsW", "PathIsDirectoryW", "PathRemoveFileSpecA", "PathStripToRootW", "PathIsFileSpecW",
        "PathAddBackslashW", "PathFindNextComponentA", "PathSkipRootW", "PathUnquoteSpacesA",
    ):  # fmt: skip
        assert getattr(shlwapi, name)(0) == 0, name
    assert shlwapi.PathIsPrefixA(0, 0) == 0
    assert shlwapi.PathIsRelativeW(0) == 1
    assert shlwapi.PathGetDriveNumberW(0) == -1
    assert shlwapi.PathCanonicalizeW(0, "a") == 0
    assert box.last_error == INVALID_PARAMETER


def test_a_missing_file_says_why(box, shlwapi):
    assert shlwapi.PathFileExistsW("none.txt") == 0
    assert box.last_error == NOT_FOUND
    assert shlwapi.PathFileExistsA(b".") == 1


def test_the_usual_extension(box, shlwapi):
    path = box.wide(MAX_PATH)
    box.memory.put_wstr(path.addr, "tool")
    assert shlwapi.PathAddExtensionW(path, 0) == 1  # NULL stands for ".exe"
    assert path.text == "tool.exe"
    assert shlwapi.PathAddExtensionW(path, 0) == 0


def test_paths_that_do_not_fit(box, shlwapi):
    path = box.wide(MAX_PATH + 10)
    long = "x" * (MAX_PATH - 2)
    box.memory.put_wstr(path.addr, long)
    assert shlwapi.PathAppendW(path, "y") == 0
    assert (box.last_error, path.text) == (TOO_LONG, "")
    box.memory.put_wstr(path.addr, long + "y")
    assert shlwapi.PathAddBackslashW(path) == 0
    assert shlwapi.PathQuoteSpacesW(path) == 0
    assert shlwapi.PathCombineW(path, long, "yy") == 0
    assert box.last_error == TOO_LONG


def test_places_count_characters_of_their_form(box, shlwapi):
    wide, narrow = box.alloc("é😀\\ü.txt"), box.alloc("é\\ü.txt".encode("cp1252"))
    assert shlwapi.PathFindFileNameW(wide) - wide == 2 * 4
    assert shlwapi.PathFindExtensionW(wide) - wide == 2 * 5
    assert shlwapi.PathFindFileNameA(narrow) - narrow == 2
    assert shlwapi.StrChrA(narrow, 0xFC) - narrow == 2
    assert shlwapi.StrChrIW(wide, ord("Ü")) - wide == 2 * 4
    assert shlwapi.StrRChrW(wide, wide + 2, ord("ü")) == 0


def test_climbing_out_of_relative_paths(box, shlwapi):
    path = box.wide(MAX_PATH)
    for given, made in (("..\\..\\..\\a", "..\\..\\..\\a"), ("a\\b\\..\\..\\..\\c", "\\c"), ("\\\\s\\..\\x", "\\\\x")):
        assert shlwapi.PathCanonicalizeW(path, given) == 1
        assert path.text == made


def test_numbers_that_are_too_large(box, shlwapi):
    number, large = box.new(INT, 7), box.new(LONGLONG, 7)
    assert shlwapi.StrToIntExW("4294967297", 0, number) == 1
    assert number.value == 1
    assert shlwapi.StrToInt64ExW("9" * 5000, 0, large) == 1
    assert shlwapi.StrToIntExW("x", 0, number) == 0
    assert number.value == 1
    assert shlwapi.StrToIntExW("0x10", 0, number) == 1
    assert number.value == 0


def test_patterns_take_no_time(shlwapi):
    assert shlwapi.PathMatchSpecW("a" * 3000, "*a" * 300 + "b") == 0
    assert shlwapi.PathMatchSpecW("a" * 3000, "*a" * 300) == 1


def test_sizes_are_cut_to_the_buffer(box, shlwapi):
    text = box.narrow(5)
    assert shlwapi.StrFormatByteSizeA(123456, text, 5) == text.addr
    assert text.text == b"120 "
    assert shlwapi.StrFormatByteSizeA(123456, text, 0) == 0
    wide = box.wide(20)
    assert shlwapi.StrFormatKBSizeW(1234567, wide, 20) == wide.addr
    assert wide.text == "1,206 KB"
