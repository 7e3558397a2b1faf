"""Strings of a multibyte code page: functions with lengths, with a `_locale_t`, and in the order of a locale."""

import pytest

from litebox_core.crterrno import EILSEQ, ERANGE

LC_ALL = 0


@pytest.fixture
def mb(box):
    """MSVCRT, whose functions go on after an invalid parameter."""
    return box.call.msvcrt


def test_secure_copies_leave_half_characters_out(box, mb):
    mb._setmbcp(932)
    out = box.alloc(b"a\x81\0" + bytes(13))
    assert mb._mbscat_s(out, 8, box.alloc(b"R\0")) == EILSEQ
    assert box.memory.cstr(out) == b"aR"
    assert mb._mbscpy_s(out, 8, box.alloc(b"b\x82\xa0\0")) == 0
    assert box.memory.cstr(out) == b"b\x82\xa0"
    assert mb._mbscpy_s(out, 3, box.alloc(b"xyz\0")) == ERANGE
    assert box.memory.read(out, 3) == b"\0yz"
    assert mb._mbsnbcpy_s(out, 8, box.alloc(b"a\x82\xa0\0"), 2) == 0
    assert box.memory.cstr(out) == b"a"


def test_one_character(box, mb):
    mb._setmbcp(932)
    out, copied = box.alloc(8), box.alloc(4)
    assert mb._mbccpy_s(out, 2, copied, box.alloc(b"\x82\xa0\0")) == 0
    assert (box.memory.read(out, 2), box.memory.u32(copied)) == (b"\x82\xa0", 2)
    assert mb._mbccpy_s(out, 1, copied, box.alloc(b"\x82\xa0\0")) == ERANGE
    assert (box.memory.u8(out), box.memory.u32(copied)) == (0, 0)
    assert mb._mbccpy_s(out, 2, copied, box.alloc(b"\x82\0")) == EILSEQ


def test_tokens_and_lengths(box, mb):
    mb._setmbcp(932)
    text, context = box.alloc(b"\x83,\x2c\x82\xa0,b\0"), box.alloc(8)
    comma = box.alloc(b",\0")
    assert mb._mbstok_s(text, comma, context) == text
    assert box.memory.cstr(text) == b"\x83,"
    assert mb._mbstok_s(0, comma, context) == text + 3
    assert mb._mbstok_s(0, comma, context) == text + 6
    assert mb._mbstok_s(0, comma, context) == 0
    assert mb._mbsnlen(box.alloc(b"\x82\xa0x\0"), 10) == 2
    assert mb._mbsnlen(box.alloc(b"\x82\xa0x\0"), 2) == 2


def test_locale_objects(box, mb):
    japanese = mb._create_locale(LC_ALL, b"Japanese_Japan.932")
    text = box.alloc(b"\x82\xa0\0")
    assert (mb._mbslen(text), mb._mbslen_l(text, japanese)) == (2, 1)
    assert (mb._ismbblead(0x82), mb._ismbblead_l(0x82, japanese)) == (0, 1)
    assert mb._mbctombb_l(0x8340, japanese) == 0xA7
    assert mb._mbctombb_l(0x8396, japanese) == 0xB9
    assert mb._mbscmp_l(text, box.alloc(b"\x82\xa1\0"), japanese) == -1


def test_collation(box, mb):
    upper, lower, other = (box.alloc(text) for text in (b"B\0", b"b\0", b"c\0"))
    assert mb._mbscoll(upper, lower) == -1
    assert mb._mbsicoll(upper, lower) == 0
    english = mb._create_locale(LC_ALL, b"English")
    assert mb._mbscoll_l(upper, lower, english) == 1
    assert mb._mbsnbicoll_l(upper, other, 1, english) == -1
    assert mb._mbsnbcoll(upper, 0, 0) == 0


def test_restartable_with_a_length(box, mb):
    mb.setlocale(LC_ALL, b"Japanese_Japan.932")
    data = box.alloc(b"\x82\xa0\x82\xa1\0")
    place, count, out = box.alloc(data.to_bytes(8, "little")), box.alloc(8), box.alloc(16)
    assert mb.mbsrtowcs_s(count, 0, 0, place, 6, 0) == 0
    assert (box.memory.u64(count), box.memory.u64(place)) == (3, data)
    assert mb.mbsrtowcs_s(count, out, 3, place, 6, 0) == 0
    assert (box.memory.wstr(out), box.memory.u64(place)) == ("あぃ", 0)
    box.memory.put_u64(place, data)
    assert mb.mbsrtowcs_s(count, out, 2, place, 6, 0) == 0
    assert (box.memory.wstr(out), box.memory.u64(place)) == ("", data + 4)


def test_paths_in_a_double_byte_page(box, mb):
    path, parts = b"c:\\\x83\x5c.bin", [box.alloc(260) for _ in range(4)]
    mb._splitpath(path, *parts)
    assert [box.memory.cstr(part) for part in parts] == [b"c:", b"\\\x83\\", b"", b".bin"]
    mb._setmbcp(932)
    mb._splitpath(path, *parts)
    assert [box.memory.cstr(part) for part in parts] == [b"c:", b"\\", b"\x83\x5c", b".bin"]
