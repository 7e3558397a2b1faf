"""Normalization forms (NormalizeString, FoldStringW) and domain names (IdnToAscii, IdnToUnicode)."""

import unicodedata
from collections.abc import Callable
from typing import Literal

from .utf16 import has_surrogates, joined, length

NORMALIZATION_C, NORMALIZATION_D, NORMALIZATION_KC, NORMALIZATION_KD = 1, 2, 5, 6
FORMS: dict[int, Literal["NFC", "NFD", "NFKC", "NFKD"]] = {
    NORMALIZATION_C: "NFC",
    NORMALIZATION_D: "NFD",
    NORMALIZATION_KC: "NFKC",
    NORMALIZATION_KD: "NFKD",
}

IDN_ALLOW_UNASSIGNED = 1
IDN_USE_STD3_ASCII_RULES = 2

_MAX_NAME = 255
_MAX_LABEL = 63
_SMALL = 64
_DOTS = str.maketrans("\u3002\uff0e\uff61", "...")


class InvalidText(ValueError):
    """Text that has no such form; `at` is the index of the offending UTF-16 unit, 0 if the whole text offends.

    NormalizeString: ERROR_NO_UNICODE_TRANSLATION. IdnToAscii, IdnToUnicode: ERROR_INVALID_NAME.
    """

    def __init__(self, message: str, at: int = 0) -> None:
        super().__init__(message)
        self.at = at


def normalized(form: int, text: str) -> str:
    """`text` in one of FORMS. Raises InvalidText for a lone surrogate, KeyError for another form."""
    name = FORMS[form]
    text = joined(text)
    if has_surrogates(text):
        at = next(index for index, character in enumerate(text) if "\ud800" <= character <= "\udfff")
        raise InvalidText("lone surrogate", length(text[:at]) + (text[at] < "\udc00"))  # where the low one should be
    return unicodedata.normalize(name, text)


def estimated(form: int, units: int) -> int:
    """How many UTF-16 units NormalizeString says to make room for, for a text of so many."""
    guess = units * (3 if form in (NORMALIZATION_C, NORMALIZATION_D) else 18)
    return guess if guess <= _SMALL else max(_SMALL, units + units // 8)


def is_normalized(form: int, text: str) -> bool:
    """Whether `text` is in one of FORMS. Raises InvalidText for a lone surrogate, KeyError for another form."""
    return normalized(form, text) == joined(text)


def precomposed(text: str) -> str:
    """FoldStringW with MAP_PRECOMPOSED."""
    return unicodedata.normalize("NFC", text)


def composite(text: str) -> str:
    """FoldStringW with MAP_COMPOSITE."""
    return unicodedata.normalize("NFD", text)


def idn_to_ascii(text: str, flags: int = 0) -> str:
    """A domain name with its non-ASCII labels as xn-- punycode (IDNA 2003). Raises InvalidText.

    A name that is not ASCII comes out in lower case, an ASCII name as it is.
    """
    name = _by_label(text, flags, _label_to_ascii)
    return name if text.isascii() else name.lower()


def idn_to_unicode(text: str, flags: int = 0) -> str:
    """An ASCII domain name with its xn-- labels decoded.

    Raises InvalidText, also for a label that is not the punycode of its own decoded form.
    """
    return _by_label(text, flags, _label_to_unicode)


def idn_prepared(text: str, flags: int = 0) -> str:
    """A domain name after nameprep, its ASCII labels as they are. Raises InvalidText."""
    return _by_label(text, flags, _label_prepared)


def _label_prepared(label: str, flags: int) -> str:
    encoded = _label_to_ascii(label, flags)  # refuses what cannot be a label
    return encoded if label.isascii() else nameprep(label, flags)


def _by_label(text: str, flags: int, convert: Callable[[str, int], str]) -> str:
    text = joined(text).translate(_DOTS)
    if len(text) > 4 * _MAX_NAME:
        raise InvalidText("name too long")
    labels = text.split(".")
    last = len(labels) - 1
    done: list[str] = []
    for index, label in enumerate(labels):
        if not label:
            if index != last or last == 0:
                raise InvalidText("empty label")
            done.append(label)
            continue
        done.append(convert(label, flags))
    name = ".".join(done)
    if length(name) > _MAX_NAME:
        raise InvalidText("name too long")
    return name


def nameprep(label: str, flags: int) -> str:
    """The label after nameprep."""
    from encodings import idna

    if has_surrogates(label):
        raise InvalidText("lone surrogate")
    try:
        label = idna.nameprep(label)
    except UnicodeError as error:
        raise InvalidText(str(error)) from None
    if not flags & IDN_ALLOW_UNASSIGNED and any(unicodedata.category(each) == "Cn" for each in label):
        raise InvalidText("unassigned character")
    return label


def _check(label: str, flags: int) -> None:
    if any(each < " " or each == "\x7f" for each in label):
        raise InvalidText("control character")
    if flags & IDN_USE_STD3_ASCII_RULES:
        allowed = all(not each.isascii() or each.isalnum() or each == "-" for each in label)
        if not allowed or label.startswith("-") or label.endswith("-"):
            raise InvalidText("not a host name")


def _label_to_ascii(label: str, flags: int) -> str:
    if label.isascii():
        _check(label, flags)
        encoded = label
    else:
        prepared = nameprep(label, flags)
        _check(prepared, flags)
        if prepared.isascii():
            encoded = prepared
        elif prepared.startswith("xn--"):
            raise InvalidText("punycode prefix on a label that is not ASCII")
        else:
            encoded = "xn--" + prepared.encode("punycode").decode("ascii")
    if not 0 < len(encoded) <= _MAX_LABEL:
        raise InvalidText("label too long")
    return encoded


def _label_to_unicode(label: str, flags: int) -> str:
    if not label.isascii():
        raise InvalidText("not ASCII")
    _check(label, flags)
    if len(label) > _MAX_LABEL:
        raise InvalidText("label too long")
    if label[:4].lower() != "xn--":
        return label
    try:
        decoded = label[4:].encode("ascii").decode("punycode")
    except UnicodeError:
        raise InvalidText("bad punycode") from None
    if decoded.isascii() or _label_to_ascii(decoded, flags).lower() != label.lower():
        raise InvalidText("not the punycode of what it stands for")
    return decoded
