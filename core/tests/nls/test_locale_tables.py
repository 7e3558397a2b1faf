"""The tables of locale data: every locale has what a locale must have, and they agree with each other."""

import pytest

from litebox_core.nls import geography, locale

SDECIMAL, SSHORTDATE, SMONTHNAME1, ILANGUAGE, SNAME = 0xE, 0x1F, 0x38, 0x1, 0x5C


def test_every_locale_is_described() -> None:
    for name in locale.names():
        assert locale.info(name, SNAME) is not None
        for lctype in (SDECIMAL, SSHORTDATE, SMONTHNAME1):
            assert locale.info(name, lctype), (name, lctype)
        assert locale.date_formats(name, 1)[0][1] == locale.info(name, SSHORTDATE)
        assert locale.time_formats(name, 0)[0] == locale.info(name, 0x1003)
        assert len(locale.font_signature(name) or b"") == 32


def test_specific_locales_stand_for_neutral_ones() -> None:
    assert (locale.specific("de"), locale.specific_lcid("de")) == ("de-DE", 0x407)
    assert (locale.specific("zh-Hant"), locale.specific_lcid("zh-Hant")) == ("zh-HK", 0xC04)
    assert locale.specific("de-CH") == "de-CH"
    assert locale.specific("xx") is None
    for name in locale.names():
        found = locale.specific(name)
        assert found is not None
        assert not locale.is_neutral(found), name


@pytest.mark.parametrize(
    ("name", "lctype", "value"),
    [("ru-RU", SMONTHNAME1, "январь"), ("ru-RU", SMONTHNAME1 | locale.LOCALE_RETURN_GENITIVE_NAMES, "января"),
     ("en-US", SMONTHNAME1 | locale.LOCALE_RETURN_GENITIVE_NAMES, "January"), ("pl-PL", SDECIMAL, ","),
     ("de-CH", 0xF, "’"), ("hi-IN", 0x10, "3;2;0"), ("xx-YY", SDECIMAL, None)],
)  # fmt: skip
def test_values(name: str, lctype: int, value: str | None) -> None:
    assert locale.info(name, lctype) == value


def test_numbers_and_texts_agree() -> None:
    for name in locale.names():
        number = locale.info(name, ILANGUAGE | locale.LOCALE_RETURN_NUMBER)
        assert locale.info(name, ILANGUAGE) == f"{number:04x}"
        if not locale.is_neutral(name):
            assert number == (locale.lcid_of(name) or 0) & 0xFFFF


def test_calendars() -> None:
    text, number = locale.calendar_info("en-US", 1, 0x30)  # CAL_ITWODIGITYEARMAX
    assert (text, number) == (str(number), number)
    assert locale.calendar_info("ja-JP", 3, 2)[0]  # the name of the Japanese calendar
    assert locale.calendar_info("en-US", 3, 2) == (None, None)


def test_geography() -> None:
    places = geography.places()
    germany = places[94]
    assert (germany.iso2, germany.iso3, germany.currency) == ("DE", "DEU", "EUR")
    assert geography.nation("de") == germany
    assert geography.nation("XYZ") is None
    assert all(place.parent in places for place in places.values() if place.id != geography.WORLD)
