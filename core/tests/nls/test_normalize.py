"""Normalization forms and domain names: measured on the referee unless a reason says otherwise."""

import pytest

from litebox_core.nls.normalize import (
    IDN_ALLOW_UNASSIGNED,
    IDN_USE_STD3_ASCII_RULES,
    NORMALIZATION_C,
    NORMALIZATION_D,
    NORMALIZATION_KC,
    NORMALIZATION_KD,
    InvalidText,
    composite,
    idn_to_ascii,
    idn_to_unicode,
    is_normalized,
    normalized,
    precomposed,
)


@pytest.mark.parametrize(
    ("form", "text", "result"),
    [
        (NORMALIZATION_C, "e\u0301ﬁ", "éﬁ"),
        (NORMALIZATION_D, "éﬁ", "e\u0301ﬁ"),
        (NORMALIZATION_KC, "e\u0301ﬁⅣ", "éfiIV"),
        (NORMALIZATION_KD, "éﬁ", "e\u0301fi"),
        (NORMALIZATION_C, "\u1100\u1161", "가"),
        (NORMALIZATION_C, "\u212b", "Å"),
    ],
)
def test_forms(form: int, text: str, result: str) -> None:
    assert normalized(form, text) == result
    assert is_normalized(form, result)
    assert not is_normalized(form, text)


def test_lone_surrogates_and_unknown_forms() -> None:
    with pytest.raises(InvalidText) as caught:
        normalized(NORMALIZATION_C, "😀\ud800")
    assert caught.value.at == 3, "counted in UTF-16 units, to where the other half should be"
    with pytest.raises(InvalidText) as caught:
        normalized(NORMALIZATION_C, "ab\udc00")
    assert caught.value.at == 2
    with pytest.raises(KeyError):
        normalized(3, "a")


def test_folds() -> None:
    assert precomposed("e\u0301") == "é"
    assert composite("é") == "e\u0301"


@pytest.mark.parametrize(
    ("text", "flags", "name"),
    [
        ("EXAMPLE.com", 0, "EXAMPLE.com"),
        ("BÜCHER.DE", 0, "xn--bcher-kva.de"),
        ("faß.de", 0, "fass.de"),
        ("a.", 0, "a."),
        ("a_b", 0, "a_b"),
        ("x" * 63, 0, "x" * 63),
        ("日本語。jp", 0, "xn--wgv71a119e.jp"),  # RFC 3490: an ideographic full stop is a dot; Wine 8 refuses it
        ("bücher.de", IDN_USE_STD3_ASCII_RULES, "xn--bcher-kva.de"),  # the rules are for ASCII; Wine 8 refuses it
    ],
)
def test_to_ascii(text: str, flags: int, name: str) -> None:
    assert idn_to_ascii(text, flags) == name


@pytest.mark.parametrize(
    ("text", "flags", "why"),
    [
        ("", 0, "empty"),
        ("a..b", 0, "empty label"),
        (".a", 0, "empty first label"),
        ("x" * 64, 0, "label above 63"),
        ("ü" * 70, 0, "label above 63 as punycode"),
        ("a." * 130, 0, "name above 255"),
        ("a_b", IDN_USE_STD3_ASCII_RULES, "not letter, digit or hyphen"),
        ("-a", IDN_USE_STD3_ASCII_RULES, "hyphen at the start"),
        ("a-", IDN_USE_STD3_ASCII_RULES, "hyphen at the end"),
        ("a\x01", 0, "control character"),
        ("\u0378", 0, "unassigned"),
        ("xn--ü", 0, "prefix on a label that is not ASCII"),
        ("\ud800", 0, "lone surrogate"),
    ],
)
def test_to_ascii_refuses(text: str, flags: int, why: str) -> None:
    with pytest.raises(InvalidText):
        idn_to_ascii(text, flags)


def test_unassigned_on_request() -> None:
    assert idn_to_ascii("\u0378", IDN_ALLOW_UNASSIGNED).startswith("xn--")


def test_to_unicode() -> None:
    assert idn_to_unicode("xn--bcher-kva.de") == "bücher.de"
    assert idn_to_unicode("www.example") == "www.example"
    for bad in ("bücher.de", "xn--a", "xn--\x7f", "a..b"):
        with pytest.raises(InvalidText):
            idn_to_unicode(bad)
