"""Locale names and data: what Microsoft documents for the locales programs meet first."""

import pytest

from litebox_core.nls import locale

LOCALE_ILANGUAGE, LOCALE_SLIST, LOCALE_SDECIMAL, LOCALE_STHOUSAND, LOCALE_SCURRENCY = 0x1, 0xC, 0xE, 0xF, 0x14
LOCALE_SSHORTDATE, LOCALE_STIMEFORMAT, LOCALE_SDAYNAME1, LOCALE_SMONTHNAME12 = 0x1F, 0x1003, 0x2A, 0x43
LOCALE_SISO639LANGNAME, LOCALE_SISO3166CTRYNAME, LOCALE_SNAME = 0x59, 0x5A, 0x5C
LOCALE_IDEFAULTANSICODEPAGE, LOCALE_IDEFAULTCODEPAGE, LOCALE_SENGLANGUAGE = 0x1004, 0xB, 0x1001


@pytest.mark.parametrize(
    ("name", "lcid"),
    [("", 0x7F), ("en", 0x9), ("en-US", 0x409), ("EN-us", 0x409), ("de-DE", 0x407), ("fr-FR", 0x40C), ("ja-JP", 0x411),
     ("zh-Hans", 0x4), ("zh-TW", 0x404), ("sr-Latn-RS", 0x241A), ("es-ES_tradnl", 0x40A), ("de-DE_phoneb", 0x10407),
     ("xx-YY", None)],
)  # fmt: skip
def test_lcid_of(name: str, lcid: int | None) -> None:
    assert locale.lcid_of(name) == lcid


@pytest.mark.parametrize(
    ("lcid", "name"),
    [(0x7F, ""), (0x409, "en-US"), (0x9, "en"), (0x407, "de-DE"), (0x10407, "de-DE_phoneb"), (0x1000, None),
     (0x9999, None)],
)  # fmt: skip
def test_name_of(lcid: int, name: str | None) -> None:
    assert locale.name_of(lcid) == name


def test_every_locale_with_an_lcid_is_found_by_it() -> None:
    for name in locale.names():
        lcid = locale.lcid_of(name)
        assert lcid is not None
        if lcid != locale.LOCALE_CUSTOM_UNSPECIFIED:
            found = locale.name_of(lcid)
            assert found is not None
            assert locale.lcid_of(found) == lcid


@pytest.mark.parametrize(
    ("name", "lctype", "value"),
    [
        ("en-US", LOCALE_SDECIMAL, "."),
        ("en-US", LOCALE_STHOUSAND, ","),
        ("en-US", LOCALE_SLIST, ","),
        ("en-US", LOCALE_SCURRENCY, "$"),
        ("en-US", LOCALE_SSHORTDATE, "M/d/yyyy"),
        ("en-US", LOCALE_STIMEFORMAT, "h:mm:ss tt"),
        ("en-US", LOCALE_SDAYNAME1, "Monday"),
        ("en-US", LOCALE_SMONTHNAME12, "December"),
        ("en-US", LOCALE_ILANGUAGE, "0409"),
        ("en-US", LOCALE_ILANGUAGE | locale.LOCALE_RETURN_NUMBER, 0x409),
        ("en-US", LOCALE_IDEFAULTANSICODEPAGE | locale.LOCALE_RETURN_NUMBER, 1252),
        ("en-US", LOCALE_IDEFAULTCODEPAGE | locale.LOCALE_RETURN_NUMBER, 437),
        ("en-US", LOCALE_SDECIMAL | locale.LOCALE_NOUSEROVERRIDE, "."),
        ("en-US", LOCALE_SDECIMAL | locale.LOCALE_RETURN_NUMBER, None),
        ("EN-us", LOCALE_SNAME, "en-US"),
        ("de-DE", LOCALE_SDECIMAL, ","),
        ("de-DE", LOCALE_SCURRENCY, "€"),
        ("de-DE", LOCALE_SENGLANGUAGE, "German"),
        ("ja-JP", LOCALE_IDEFAULTANSICODEPAGE, "932"),
        ("", LOCALE_SISO639LANGNAME, "iv"),
        ("", LOCALE_SSHORTDATE, "MM/dd/yyyy"),
        ("en", LOCALE_SISO3166CTRYNAME, "US"),
        ("en-US", 0xFFF, None),
        ("pl-PL", LOCALE_SDECIMAL, ","),
        ("xx-YY", LOCALE_SDECIMAL, None),
    ],
)
def test_info(name: str, lctype: int, value: str | int | None) -> None:
    assert locale.info(name, lctype) == value
