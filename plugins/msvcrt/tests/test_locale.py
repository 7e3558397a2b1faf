"""Locales, called through the guest."""

import struct

import pytest

from litebox_core.abi import PVOID


@pytest.fixture(params=["msvcrt", "ucrtbase"])
def crt(box, request):
    """The functions of each run-time."""
    return getattr(box.call, request.param)


LC_ALL, LC_COLLATE, LC_CTYPE, LC_MONETARY, LC_NUMERIC, LC_TIME = range(6)
US = b"English_United States.1252"


def test_setlocale(box, crt):
    cstr = box.memory.cstr
    assert cstr(crt.setlocale(LC_ALL, 0)) == b"C"
    assert cstr(crt.setlocale(LC_ALL, b"")) == US
    assert cstr(crt.setlocale(LC_ALL, b"C")) == b"C"
    assert crt.setlocale(LC_ALL, b"Klingon") == 0
    assert crt.setlocale(LC_ALL, b".99999") == 0
    assert crt.setlocale(LC_ALL, b"English.x") == 0
    assert cstr(crt.setlocale(LC_ALL, 0)) == b"C"
    assert cstr(crt.setlocale(LC_CTYPE, b"german")) == b"German_Germany.1252"
    mixed = b"LC_COLLATE=C;LC_CTYPE=German_Germany.1252;LC_MONETARY=C;LC_NUMERIC=C;LC_TIME=C"
    assert cstr(crt.setlocale(LC_ALL, 0)) == mixed
    crt.setlocale(LC_ALL, b"C")
    assert cstr(crt.setlocale(LC_ALL, mixed)) == mixed
    assert box.memory.wstr(crt._wsetlocale(LC_CTYPE, "English_United Kingdom.850")) == "English_United Kingdom.850"


def test_only_the_ucrt_has_utf8_and_locale_names(box):
    assert box.call.msvcrt.setlocale(LC_ALL, b".UTF8") == 0
    assert box.memory.cstr(box.call.ucrtbase.setlocale(LC_ALL, b".UTF8")) == b"English_United States.utf8"
    assert box.call.ucrtbase.___mb_cur_max_func() == 4
    assert box.call.ucrtbase.___lc_codepage_func() == 65001
    assert box.memory.cstr(box.call.ucrtbase.setlocale(LC_ALL, b"de-DE")) == b"de-DE"
    assert box.call.msvcrt.setlocale(LC_ALL, b"de-DE") == 0


def test_characters_follow_the_locale(box, crt):
    crt.setlocale(LC_ALL, US)
    assert crt.isalpha(0xE9) and crt.toupper(0xE9) == 0xC9
    assert crt._stricmp(b"\xc9", b"\xe9") == 0
    assert crt.towupper(0xE9) == 0xC9
    assert crt.strcoll(b"a", b"B") == -1
    assert crt.___lc_codepage_func() == 1252
    crt.setlocale(LC_ALL, b"C")
    assert not crt.isalpha(0xE9) and crt.towupper(0xE9) == 0xE9
    assert crt.strcoll(b"a", b"B") == 1


def test_variables_follow_the_locale(box):
    memory, crt = box.memory, box.call.msvcrt
    page, table = box.address("msvcrt", "__lc_codepage"), box.address("msvcrt", "_pctype")
    assert memory.u32(page) == 0
    assert memory.u16(memory.u64(table) + 2 * 0xE9) == 0
    crt.setlocale(LC_ALL, b"Japanese_Japan.932")
    assert memory.u32(page) == 932
    assert memory.u32(box.address("msvcrt", "__mb_cur_max")) == 2
    assert memory.u16(memory.u64(table) + 2 * 0x81) == 0x8000
    assert crt.isleadbyte(0x81)
    assert memory.u32(crt.___lc_handle_func() + 4 * LC_CTYPE) == 0x411


def test_localeconv(box, crt):
    memory = box.memory
    addr = crt.localeconv()
    pointers = struct.unpack("<10Q8B", memory.read(addr, 88))
    assert memory.cstr(pointers[0]) == b"."
    assert [memory.cstr(p) for p in pointers[1:10]] == [b""] * 9
    assert set(pointers[10:]) == {127}
    crt.setlocale(LC_ALL, b"German_Germany.1252")
    assert crt.localeconv() == addr
    pointers = struct.unpack("<10Q8B", memory.read(addr, 88))
    assert memory.cstr(pointers[0]) == b"," and memory.cstr(pointers[1]) == b"." and memory.cstr(pointers[2]) == b"\3"
    assert memory.cstr(pointers[3]) == b"EUR" and memory.cstr(pointers[4]) == b"\x80"
    assert crt.atof(b"1,5") == 1.5


def test_locale_objects(box, crt):
    made = crt._create_locale(LC_ALL, b"German")
    assert made
    assert crt._isalpha_l(0xE9, made) and not crt.isalpha(0xE9)
    assert crt._toupper_l(0xE4, made) == 0xC4
    end = box.new(PVOID)
    assert crt._strtod_l(b"2,5", end, made) == 2.5
    crt._free_locale(made)
    assert crt._create_locale(LC_ALL, b"nowhere") == 0
    assert crt._create_locale(9, b"C") == 0
    current = crt._get_current_locale()
    assert not crt._isalpha_l(0xE9, current)


def test_thread_locale(box):
    crt = box.call.ucrtbase
    assert crt._configthreadlocale(0) == 2
    assert crt._configthreadlocale(1) == 2
    assert box.memory.cstr(crt.setlocale(LC_ALL, b"")) == US
    assert crt._configthreadlocale(2) == 1
    assert box.memory.cstr(crt.setlocale(LC_ALL, 0)) == b"C"


def test_strftime_in_german(box, crt):
    crt.setlocale(LC_TIME, b"German")
    out = box.narrow(40)
    fields = box.alloc(struct.pack("<9i", 0, 0, 0, 5, 2, 124, 2, 64, 0))
    assert crt.strftime(out.addr, 40, b"%A %B", fields)
    assert out.text == b"Dienstag M\xe4rz"
    wide = box.wide(40)
    crt.wcsftime(wide.addr, 40, "%b", fields)
    assert wide.text == "Mär"


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        (b"Polish", b"Polish_Poland.1250"),
        (b"ptb", b"Portuguese_Brazil.1252"),
        (b"spanish", b"Spanish_Spain.1252"),
        (b"swiss", b"German_Switzerland.1252"),
        (b"norwegian-nynorsk", b"Norwegian-Nynorsk_Norway.1252"),
        (b"Norwegian-Nynorsk_Norway.1252", b"Norwegian-Nynorsk_Norway.1252"),
        (b"Chinese_China.936", b"Chinese (Simplified)_China.936"),
        (b"chinese-traditional", b"Chinese (Traditional)_Taiwan.950"),
        (b"french_belgium", b"French_Belgium.1252"),
        (b"English_great britain.850", b"English_United Kingdom.850"),
        (b"_Canada", b"English_Canada.1252"),
        (b"_Spain", b"Spanish_Spain.1252"),
        (b"Greek_Poland", None),
        (b"Gre", None),
    ],
)
def test_names_of_locales(box, crt, asked, name):
    found = crt.setlocale(LC_ALL, asked)
    assert (box.memory.cstr(found) if found else None) == name


def test_names_of_locales_in_the_ucrt(box):
    crt = box.call.ucrtbase
    assert box.memory.cstr(crt.setlocale(LC_ALL, b"pl-PL")) == b"pl-PL"
    assert crt.___lc_codepage_func() == 1250
    assert box.memory.cstr(crt.setlocale(LC_ALL, b"uk")) == b"English_United Kingdom.1252"
    assert crt.setlocale(LC_ALL, b"xx-YY") == 0


def test_numbers_in_a_locale(box):
    crt, out = box.call.msvcrt, box.narrow(40)
    german = crt._create_locale(LC_NUMERIC, b"German")
    half = struct.unpack("<Q", struct.pack("<d", 1.5))[0]
    assert crt._sprintf_l(out.addr, b"%.2f %d", german, half, 7) == 6
    assert out.text == b"1,50 7"
    assert crt._snprintf_s_l(out.addr, 40, 3, b"%g", 0, half) == 3 and out.text == b"1.5"
    place = box.alloc(8)
    assert crt._sscanf_l(b"2,25", b"%lf", german, place) == 1
    assert struct.unpack("<d", box.memory.read(place, 8)) == (2.25,)
    assert crt.sprintf(out.addr, b"%.1f", half) == 3 and out.text == b"1.5"
    crt.setlocale(LC_NUMERIC, b"German")
    assert crt.sprintf(out.addr, b"%.1f", half) == 3 and out.text == b"1,5"
    assert crt.sscanf(b"2,25", b"%lf", place) == 1
    assert struct.unpack("<d", box.memory.read(place, 8)) == (2.25,)


def test_numbers_in_a_thread_locale(box):
    crt, out = box.call.ucrtbase, box.narrow(40)
    half = box.alloc(struct.pack("<d", 1.5))

    def text(locale):
        assert crt.__stdio_common_vsprintf(0, out.addr, 40, b"%.1f", locale, half) == 3
        return out.text

    german = crt._create_locale(LC_ALL, b"de-DE")
    assert (text(0), text(german)) == (b"1.5", b"1,5")
    crt._configthreadlocale(1)
    crt.setlocale(LC_ALL, b"fr-FR")
    assert (text(0), text(german)) == (b"1,5", b"1,5")
    crt._configthreadlocale(2)
    assert text(0) == b"1.5"


@pytest.mark.parametrize(("dll", "between"), [("msvcrt", 16), ("ucrtbase", 8)])
def test_names_of_days_and_months(box, dll, between):
    crt = getattr(box.call, dll)
    crt.setlocale(LC_ALL, b"German")
    memory, addr = box.memory, crt._Gettnames()
    pointers = struct.unpack("<43Q", memory.read(addr, 344))
    wide = struct.unpack("<43Q", memory.read(addr + 344 + between, 344))
    assert (memory.cstr(pointers[0]), memory.cstr(pointers[28])) == (b"So.", b"M\xe4rz")
    assert (memory.wstr(wide[0]), memory.wstr(wide[28])) == ("So.", "März")
    if dll == "msvcrt":
        assert memory.u32(addr + 344) == 0x407
    else:
        assert memory.wstr(memory.u64(addr + 2 * 344 + 8)) == "de-DE"
