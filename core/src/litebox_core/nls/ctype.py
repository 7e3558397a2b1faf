"""Character types: GetStringTypeW's three tables, and the C locale's of the C runtime.

data/ctype.gz has one line per CT_CTYPE table: "TYPE[,COUNT] ..." from unit 0 on, hexadecimal.
"""

from array import array

from .datafile import read_text

CT_CTYPE1 = 1
CT_CTYPE2 = 2
CT_CTYPE3 = 4

C1_UPPER, C1_LOWER, C1_DIGIT, C1_SPACE, C1_PUNCT = 0x1, 0x2, 0x4, 0x8, 0x10
C1_CNTRL, C1_BLANK, C1_XDIGIT, C1_ALPHA, C1_DEFINED = 0x20, 0x40, 0x80, 0x100, 0x200

# The C runtime's names. Its _ALPHA (0x100) marks letters without case, so none of the C locale's.
_UPPER, _LOWER, _DIGIT, _SPACE, _PUNCT = 0x1, 0x2, 0x4, 0x8, 0x10
_CONTROL, _BLANK, _HEX = 0x20, 0x40, 0x80

_lines: list[str] = []
_tables: dict[int, "array[int]"] = {}


def table(ctype: int) -> "array[int]":
    """The 65536 types of one CT_CTYPE1, CT_CTYPE2 or CT_CTYPE3, by UTF-16 unit; do not change it.

    Raises KeyError for any other number: GetStringTypeW fails with ERROR_INVALID_PARAMETER.
    """
    at = {CT_CTYPE1: 0, CT_CTYPE2: 1, CT_CTYPE3: 2}[ctype]
    if at not in _tables:
        if not _lines:
            _lines.extend(read_text("ctype.gz").splitlines())
        _tables[at] = _parsed(_lines[at])
    return _tables[at]


def string_types(ctype: int, units: bytes) -> bytes:
    """GetStringTypeW for little-endian UTF-16 `units`: one little-endian WORD per unit."""
    types = table(ctype)
    source = array("H", units)
    found = array("H", (types[unit] for unit in source))
    return found.tobytes()


def _parsed(line: str) -> "array[int]":
    found = array("H")
    for run in line.split(" "):
        kind, _, count = run.partition(",")
        if count:
            found.extend(array("H", (int(kind, 16),)) * int(count, 16))
        else:
            found.append(int(kind, 16))
    return found


def c_locale_type(byte: int) -> int:
    """The _pctype flags of one byte (0..255) in the "C" locale; bytes from 80 on have none.

    TAB is not _BLANK in this table: isblank knows it by itself.
    """
    character = chr(byte)
    if byte > 0x7F:
        return 0
    if character in "0123456789":
        return _DIGIT | _HEX
    if character.isalpha():
        return (_UPPER if character.isupper() else _LOWER) | (_HEX if character in "abcdefABCDEF" else 0)
    if character == " ":
        return _SPACE | _BLANK
    if byte in range(9, 14):
        return _SPACE | _CONTROL
    return _PUNCT if 0x20 < byte < 0x7F else _CONTROL
