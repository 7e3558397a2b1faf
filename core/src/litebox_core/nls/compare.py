"""CompareStringW, CompareStringOrdinal and LCMapStringW's sort keys, for the invariant locale and English.

A sort key is five lists of weights: primary, diacritic, case, extra (kana), special (word sort's punctuation), with 01
between them and 00 at the end; texts compare as their keys do. The weights of all UTF-16 units are measured, the rules
that join them are derived from measured keys of longer texts. Known differences to the measured Windows:

- the fifteen marks that repeat or lengthen the character before (々 ー ゝ ...) keep the weight they have alone;
- NORM_IGNORESYMBOLS removes the symbol from the ten characters that are a symbol and a mark, too;
- LINGUISTIC_IGNORECASE drops the case weights of a few characters more;
- LINGUISTIC_IGNOREDIACRITIC leaves no trace of nonspacing marks (the measured one does, which looks like an error).

There are no contractions: these locales have none.

data/sort.gz: for the units 0..FFFF the first and the second primary word (16-bit differences to the unit before, low
bytes, then high bytes), then bytes: diacritic weight, case weight, kana (8 | small | katakana << 1 | halfwidth << 2).
Then text: "x UNIT PRIMARY DIACRITIC CASE" for units with more weights, "p UNIT WEIGHT" for punctuation that word sort
looks at last, "n UNIT VALUE" for digits. 0 is no weight. A second word below 0100 is a single byte.
"""

from .casing import upcase
from .datafile import read_bytes
from .utf16 import units

NORM_IGNORECASE = 0x1
NORM_IGNORENONSPACE = 0x2
NORM_IGNORESYMBOLS = 0x4
SORT_DIGITSASNUMBERS = 0x8
LINGUISTIC_IGNORECASE = 0x10
LINGUISTIC_IGNOREDIACRITIC = 0x20
SORT_STRINGSORT = 0x1000
NORM_IGNOREKANATYPE = 0x10000
NORM_IGNOREWIDTH = 0x20000
NORM_LINGUISTIC_CASING = 0x8000000
COMPARE_FLAGS = 0x0803103F  # all of the above; another one is ERROR_INVALID_FLAGS

CSTR_LESS_THAN, CSTR_EQUAL, CSTR_GREATER_THAN = 1, 2, 3

_UNITS = 65536
_NONE = 2  # the weight that stands for "nothing special" and is left out at the end of a list
_SYMBOLS = range(0x06, 0x0D)  # first bytes of primary weights
# First bytes of the primary weights for which the LINGUISTIC_* flags do something: Latin, Greek, Cyrillic, kana, ...
_LINGUISTIC = frozenset((0x01, 0x0D, 0x0E, 0x0F, 0x10, 0x11, 0x12, 0x14, 0x22, 0x28, 0x29, 0x40))
_HEBREW = 0x28  # has diacritics but no case
_DIGITS_PER_NUMBER = 19

# What a unit contributes: primary weights (one or two bytes each), diacritic and case weights for each, kana bits.
_Element = tuple[tuple[bytes, ...], bytes, bytes, int]


class _Table:
    def __init__(self) -> None:
        data = read_bytes("sort.gz")
        self.first = _integrated(data[: 2 * _UNITS])
        self.second = _integrated(data[2 * _UNITS : 4 * _UNITS])
        self.marks, self.cases, self.kana = (data[k * _UNITS : (k + 1) * _UNITS] for k in (4, 5, 6))
        self.elements: dict[int, _Element] = {}
        self.punctuation: dict[int, int] = {}
        self.digits: dict[int, int] = {}
        for line in data[7 * _UNITS :].decode("ascii").split("\n"):
            kind, unit, *rest = line.split(" ")
            if kind == "p":
                self.punctuation[int(unit, 16)] = int(rest[0], 16)
            elif kind == "n":
                self.digits[int(unit, 16)] = int(rest[0], 16)
            else:
                primary, marks, cases = (b"" if field == "-" else bytes.fromhex(field) for field in rest)
                words = tuple(primary[at : at + 2] for at in range(0, len(primary), 2))
                self.elements[int(unit, 16)] = (words, marks, cases, self.kana[int(unit, 16)])

    def element(self, unit: int) -> _Element:
        found = self.elements.get(unit)
        if found is None:
            words = []
            if self.first[unit]:
                words.append(self.first[unit].to_bytes(2, "big"))
            if self.second[unit]:
                second = self.second[unit]
                words.append(second.to_bytes(2 if second > 0xFF else 1, "big"))
            mark, case = self.marks[unit], self.cases[unit]
            found = (tuple(words), bytes((mark,)) if mark else b"", bytes((case,)) if case else b"", self.kana[unit])
            self.elements[unit] = found
        return found


def _integrated(planes: bytes) -> list[int]:
    value = 0
    values = []
    for low, high in zip(planes[:_UNITS], planes[_UNITS:], strict=True):
        value = (value + low + (high << 8)) & 0xFFFF
        values.append(value)
    return values


_loaded: list[_Table] = []


def _table() -> _Table:
    if not _loaded:
        _loaded.append(_Table())
    return _loaded[0]


def sort_key(text: str, flags: int = 0) -> bytes:
    """LCMapStringW with LCMAP_SORTKEY: the key of `text`, its terminating 00 included."""
    table = _table()
    primary, marks, cases, special = bytearray(), bytearray(), bytearray(), bytearray()
    kana: list[int] = []
    case_bits = 0xFF & ~(0x18 if flags & NORM_IGNORECASE else 0) & ~(0x01 if flags & NORM_IGNOREWIDTH else 0)
    case_bits &= ~(0x20 if flags & NORM_IGNOREKANATYPE else 0)
    source = memoryview(units(text)).cast("H").tolist()
    at = 0
    while at < len(source):
        unit = source[at]
        at += 1
        if flags & SORT_DIGITSASNUMBERS and unit in table.digits:
            at = _number(table, source, at - 1, primary)
            _, unit_marks, unit_cases, _ = table.element(unit)
            marks += unit_marks or b"\2"
            cases.append((unit_cases[0] if unit_cases else _NONE) & case_bits)
            continue
        if unit in table.punctuation:
            if flags & NORM_IGNORESYMBOLS:
                continue
            if not flags & SORT_STRINGSORT:
                _, unit_marks, unit_cases, _ = table.element(unit)
                mark = _NONE if flags & LINGUISTIC_IGNOREDIACRITIC or not unit_marks else unit_marks[0]
                case = (unit_cases[0] if unit_cases and not flags & LINGUISTIC_IGNORECASE else _NONE) & case_bits
                special += (0xFFFF - len(primary) // 2 & 0xFFFF).to_bytes(2, "big")
                special += bytes((table.punctuation[unit], mark * 8 + case & 0xFF))
                continue
        words, unit_marks, unit_cases, unit_kana = table.element(unit)
        if not words:
            if unit_marks and not flags & LINGUISTIC_IGNOREDIACRITIC:
                if marks:
                    marks[-1] = (marks[-1] + unit_marks[0]) & 0xFF
                else:
                    marks.append(unit_marks[0])
            continue
        script = 0
        for index, word in enumerate(words):
            if len(word) == 1:
                primary += word
                continue
            script = word[0]
            if flags & NORM_IGNORESYMBOLS and script in _SYMBOLS:
                continue
            primary += word
            if index and words[0][0] >= 0xFD:
                continue  # an ideograph: two words, one character
            mark = unit_marks[index] if index < len(unit_marks) else _NONE
            if flags & LINGUISTIC_IGNOREDIACRITIC and script in _LINGUISTIC:
                mark = _NONE
            case = unit_cases[index] if index < len(unit_cases) else _NONE
            if flags & LINGUISTIC_IGNORECASE and script in _LINGUISTIC and script != _HEBREW:
                case = _NONE
            marks.append(mark)
            cases.append(case & case_bits)
        if unit_kana:
            kana.append(unit_kana)
    if flags & NORM_IGNORENONSPACE:
        marks.clear()
    fields = (bytes(primary), _trimmed(marks, _NONE), _trimmed(cases, _NONE), _extra(kana, flags), bytes(special))
    return b"\1".join(fields) + b"\0"


def _number(table: _Table, source: list[int], at: int, primary: bytearray) -> int:
    """Add the weights of the number that begins at `at`; return where it ends.

    0D 02, the number of its digits plus 2, the digits as packed decimals plus 22, FE less its leading zeros.
    """
    like = table.element(source[at])[1:3]
    zeros = 0
    values: list[int] = []
    while at < len(source) and len(values) < _DIGITS_PER_NUMBER:
        value = table.digits.get(source[at])
        if value is None or table.element(source[at])[1:3] != like:
            break
        if value or values:
            values.append(value)
        else:
            zeros += 1
        at += 1
    primary += bytes((0x0D, 0x02, len(values) + 2))
    padded = [0, *values] if len(values) & 1 else values
    primary += bytes((high << 4) + low + 0x22 for high, low in zip(padded[::2], padded[1::2], strict=True))
    primary.append(max(0xFE - zeros, 0x02))
    return at


def _trimmed(weights: bytearray, default: int) -> bytes:
    return bytes(weights).rstrip(bytes((default,)))


def _extra(kana: list[int], flags: int) -> bytes:
    """Small or not, hiragana or katakana, full or half width, for all kana of a text."""
    if not kana:
        return b""
    small = b"" if flags & NORM_IGNORENONSPACE else bytes(0xC4 if bits & 1 else 0xC6 for bits in kana)
    katakana = bytes(0xC4 if bits & 2 or flags & NORM_IGNOREKANATYPE else 0xE4 for bits in kana)
    half = bytes(0xC4 if bits & 4 or flags & NORM_IGNOREWIDTH else 0xC5 for bits in kana)
    return small.rstrip(b"\xc6") + b"\xff\2" + katakana.rstrip(b"\xe4") + b"\xff" + half.rstrip(b"\xc5") + b"\xff"


def compare(left: str, right: str, flags: int = 0) -> int:
    """CompareStringW: CSTR_LESS_THAN, CSTR_EQUAL or CSTR_GREATER_THAN."""
    if left == right:
        return CSTR_EQUAL
    return _result(sort_key(left, flags), sort_key(right, flags))


def compare_ordinal(left: str, right: str, ignore_case: bool = False) -> int:
    """CompareStringOrdinal: by UTF-16 units, in upper case if `ignore_case`."""
    if ignore_case:
        left, right = upcase(left), upcase(right)
    if left == right:
        return CSTR_EQUAL
    return _result(left.encode("utf-16-be", "surrogatepass"), right.encode("utf-16-be", "surrogatepass"))


def _result(left: bytes, right: bytes) -> int:
    return CSTR_EQUAL if left == right else CSTR_LESS_THAN if left < right else CSTR_GREATER_THAN
