"""Casing and character types: the whole tables by the checksum of the measurement, then what programs rely on."""

import zlib
from array import array

import pytest

from litebox_core.nls import casing, ctype, utf16
from litebox_core.nls.charmaps import charmap


def checksum(units: list[int]) -> str:
    return f"{zlib.crc32(array('H', units).tobytes()):08x}"


def test_whole_casing() -> None:
    assert checksum([casing.upcase_unit(unit) for unit in range(65536)]) == "accbe9b5"
    assert checksum([casing.downcase_unit(unit) for unit in range(65536)]) == "11d3db0a"


@pytest.mark.parametrize(("number", "expected"), [(1, "02af0eec"), (2, "c857c4c9"), (4, "652b3200")])
def test_whole_ctype(number: int, expected: str) -> None:
    assert checksum(list(ctype.table(number))) == expected


@pytest.mark.parametrize(
    ("text", "upper", "why"),
    [
        ("readme.txt", "README.TXT", "ASCII"),
        ("straße", "STRAßE", "ß has no upper case of one unit"),
        ("ıſµ", "ıſµ", "upper cases that would not come back"),
        ("éÿж", "ÉŸЖ", "beyond Latin-1"),
        ("ᾀ", "ᾈ", "title case stands for upper case"),
        ("ǆǅ", "Ǆǅ", "and has none itself"),
        ("𐐨", "𐐨", "no casing beyond the BMP"),
        ("\ud801", "\ud801", "a lone surrogate stays"),
    ],
)
def test_upcase(text: str, upper: str, why: str) -> None:
    assert casing.upcase(text) == upper, why


def test_casing_keeps_the_length_and_is_stable() -> None:
    everything = "".join(map(chr, [*range(0xD800), *range(0xE000, 0x10000)]))
    upper = casing.upcase(everything)
    assert len(upper) == len(everything)
    assert casing.upcase(upper) == upper
    assert casing.upcase(casing.downcase(upper)) == upper


def test_linguistic_casing() -> None:
    assert casing.linguistic_upcase("ıſµ") == "ISΜ"
    assert casing.linguistic_downcase("İẞ") == "iß"
    assert casing.linguistic_upcase("é") == "É"


def test_equal_ignore_case() -> None:
    assert casing.equal_ignore_case("Ünïcode.TXT", "üNÏcode.txt")
    assert not casing.equal_ignore_case("STRASSE", "straße")
    assert not casing.equal_ignore_case("ı", "I")


@pytest.mark.parametrize(
    ("name", "text", "mapped"),
    [
        ("katakana", "ひらがな", "ヒラガナ"),
        ("hiragana", "カタカナ", "かたかな"),
        ("halfwidth", "ＡＢカ", "ABｶ"),
        ("fullwidth", "AB ", "ＡＢ　"),
        ("fold_digits", "²٣", "23"),
        ("ligatures", "Æﬁß", "AEfiss"),
    ],
)
def test_maps(name: str, text: str, mapped: str) -> None:
    assert text.translate(charmap(name)) == mapped


def test_string_types() -> None:
    found = array("H", ctype.string_types(ctype.CT_CTYPE1, utf16.units("aA1 é")))
    assert found[0] == ctype.C1_LOWER | ctype.C1_XDIGIT | ctype.C1_ALPHA | ctype.C1_DEFINED
    assert found[2] == ctype.C1_DIGIT | ctype.C1_XDIGIT | ctype.C1_DEFINED
    assert found[3] == ctype.C1_SPACE | ctype.C1_BLANK | ctype.C1_DEFINED
    assert found[4] == ctype.C1_LOWER | ctype.C1_ALPHA | ctype.C1_DEFINED
    with pytest.raises(KeyError):
        ctype.table(3)


@pytest.mark.parametrize(
    ("byte", "flags"),
    [(0, 0x20), (8, 0x20), (9, 0x28), (10, 0x28), (13, 0x28), (14, 0x20), (0x20, 0x48), (0x21, 0x10), (0x30, 0x84),
     (0x41, 0x81), (0x47, 0x01), (0x61, 0x82), (0x7A, 0x02), (0x7E, 0x10), (0x7F, 0x20), (0x80, 0), (0xE9, 0)],
)  # fmt: skip
def test_c_locale(byte: int, flags: int) -> None:
    assert ctype.c_locale_type(byte) == flags


@pytest.mark.parametrize(
    ("text", "length", "units"),
    [("ab", 2, "61006200"), ("é", 1, "e900"), ("😀", 2, "3dd800de"), ("\ud800x", 2, "00d87800")],
)
def test_utf16(text: str, length: int, units: str) -> None:
    assert utf16.length(text) == length
    assert utf16.units(text).hex() == units
    assert utf16.text(bytes.fromhex(units)) == text


def test_halves_that_meet_are_joined() -> None:
    assert utf16.joined("\ud83d" + "\ude00") == "😀"
    assert utf16.text(b"a\0b") == "a"
