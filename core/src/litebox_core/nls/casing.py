"""Simple casing as Windows does it: one UTF-16 unit to one unit, the same for every locale.

What file names, registry keys and object names are compared by. Windows' table is older and smaller than Unicode's:
ß, ı and µ have no upper case, and characters beyond the BMP have no case at all.
"""

from .charmaps import charmap


def upcase(text: str) -> str:
    """`text` in upper case: RtlUpcaseUnicodeString, CharUpperW, LCMAP_UPPERCASE."""
    return text.upper() if text.isascii() else text.translate(charmap("upper"))


def downcase(text: str) -> str:
    """`text` in lower case: RtlDowncaseUnicodeString, CharLowerW, LCMAP_LOWERCASE."""
    return text.lower() if text.isascii() else text.translate(charmap("lower"))


def linguistic_upcase(text: str) -> str:
    """`text` in upper case with LCMAP_LINGUISTIC_CASING, which also knows ı, ſ, µ and the like."""
    if text.isascii():
        return text.upper()
    return text.translate({**charmap("upper"), **charmap("linguistic_upper")})


def linguistic_downcase(text: str) -> str:
    """`text` in lower case with LCMAP_LINGUISTIC_CASING."""
    if text.isascii():
        return text.lower()
    return text.translate({**charmap("lower"), **charmap("linguistic_lower")})


def upcase_unit(unit: int) -> int:
    """RtlUpcaseUnicodeChar."""
    upper = charmap("upper").get(unit, unit)
    assert isinstance(upper, int)
    return upper


def downcase_unit(unit: int) -> int:
    """RtlDowncaseUnicodeChar."""
    lower = charmap("lower").get(unit, unit)
    assert isinstance(lower, int)
    return lower


def equal_ignore_case(left: str, right: str) -> bool:
    """Whether the texts are the same file name, registry key or object name."""
    return left == right or upcase(left) == upcase(right)
