"""The code pages that are tables.

data/codepages.gz, one group of lines per page, numbers hexadecimal:

    page NUMBER MAX-CHAR-SIZE DEFAULT-BYTE DEFAULT-UNIT LEAD-RANGES CODEC NAME     (NUMBER and SIZE decimal)
    d CODE,UNIT[,COUNT] ...   decoding that differs from Python's CODEC; COUNT codes and units in sequence
    i BYTE,0[,COUNT] ...      bytes that MB_ERR_INVALID_CHARS refuses
    g BYTE,UNIT[,COUNT] ...   MB_USEGLYPHCHARS
    e UNIT,CODE[,COUNT] ...   encoding that is not the reverse of decoding (the lowest code that decodes to the unit)
    b UNIT,CODE[,COUNT] ...   best-fit encoding, which WC_NO_BEST_FIT_CHARS switches off

FFFE stands for "nothing". Pages 858, 1140, 20273, 20424, 38598 and 54936 were not measured: they are Python's codec,
without best-fit mappings. The stateful pages 50220-50229 and 52936 and the ISCII pages 57002-57011 are missing.

`nothing` is FFFE.
"""

import codecs
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .datafile import read_text
from .pagebase import (
    MB_COMPOSITE,
    MB_ERR_INVALID_CHARS,
    MB_USEGLYPHCHARS,
    WC_COMPOSITECHECK,
    WC_DEFAULTCHAR,
    WC_DISCARDNS,
    WC_NO_BEST_FIT_CHARS,
    CodePage,
    NoTranslation,
)

if TYPE_CHECKING:
    import re

NO_UNIT = 0xFFFE
NOTHING = "\ufffe"
UNMAPPED = "\u0100"  # marks, in text that is otherwise bytes as Latin-1, a character the page lacks


class _Encoding(dict[int, str]):
    """Character -> its bytes as Latin-1 text, for str.translate."""

    def __missing__(self, character: int) -> str:
        return UNMAPPED if character < 0x10000 else UNMAPPED * 2


class _Pairs(dict[bytes, str]):
    """A byte, or a lead and a trail byte -> text; NOTHING for what the page lacks."""

    def __missing__(self, code: bytes) -> str:
        return NOTHING


def _unmapped(error: UnicodeError) -> tuple[str, int]:
    """Codec error handler: one NOTHING for the bytes that Python's codec refuses."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return NOTHING, error.end


codecs.register_error("litebox.unmapped", _unmapped)


def _runs(line: str) -> Iterator[tuple[int, int]]:
    """The (key, value) of a line's "KEY,VALUE[,COUNT] ..."."""
    for run in line.split():
        first, value, *count = (int(part, 16) for part in run.split(","))
        for step in range(count[0] if count else 1):
            yield first + step, value + step


def _composed(text: str, flags: int, table: _Encoding) -> str:
    """`text` with base characters and their marks made one character, as WC_COMPOSITECHECK asks."""
    import unicodedata

    done: list[str] = []
    for character in text:
        if not unicodedata.combining(character) or not done:
            done.append(character)
            continue
        both = unicodedata.normalize("NFC", done[-1] + character)
        if len(both) == 1:
            done[-1] = both
        elif flags & WC_DEFAULTCHAR:
            done[-1] = "\ufffe"  # in no page, so the default character
        elif not flags & WC_DISCARDNS:
            done.append(character)
    return "".join(done)


class _TablePage(CodePage):
    """What single and double byte pages share: everything but turning bytes into text."""

    def __init__(self, header: list[str], lines: dict[str, str]) -> None:
        number, size, default, unicode_default, leads, codec, name = header
        ranges = b"" if leads == "-" else bytes.fromhex(leads)
        super().__init__(int(number), name, int(size), bytes((int(default, 16),)), chr(int(unicode_default, 16)),
                         tuple(zip(ranges[::2], ranges[1::2], strict=True)))  # fmt: skip
        self._codec = codec
        self._lines = lines
        self._codes: dict[int, int] | None = None
        self._tables: dict[bool, _Encoding] = {}
        self._glyphs = {byte: chr(unit) for byte, unit in _runs(lines.get("g", ""))}

    def _decoded(self) -> Iterator[tuple[int, int]]:
        """All (code, unit) of the page; a code the page lacks has unit NO_UNIT."""
        raise NotImplementedError

    def exact(self) -> dict[int, int]:
        """UTF-16 unit -> code, without best-fit mappings."""
        if self._codes is None:
            codes: dict[int, int] = {}
            for code, unit in self._decoded():
                codes.setdefault(unit, code)
            codes.update(_runs(self._lines.get("e", "")))
            self._codes = {unit: code for unit, code in codes.items() if code != NO_UNIT and unit != NO_UNIT}
        return self._codes

    def _encoding(self, best_fit: bool) -> _Encoding:
        table = self._tables.get(best_fit)
        if table is None:
            codes = dict(self.exact())
            if best_fit:
                codes.update(_runs(self._lines.get("b", "")))
            table = _Encoding()
            for unit, code in codes.items():
                if code != NO_UNIT:
                    table[unit] = chr(code) if code < 0x100 else chr(code >> 8) + chr(code & 0xFF)
            self._tables[best_fit] = table
        return table

    def encode(self, text: str, flags: int = 0, default: bytes | None = None) -> tuple[bytes, bool]:
        table = self._encoding(not flags & WC_NO_BEST_FIT_CHARS)
        if flags & WC_COMPOSITECHECK:
            text = _composed(text, flags, table)
        latin = text.translate(table)
        used = UNMAPPED in latin
        if used:
            latin = latin.replace(UNMAPPED, (self.default_char if default is None else default).decode("latin-1"))
        return latin.encode("latin-1"), used

    def _finish(self, text: str, flags: int) -> str:
        if flags & MB_USEGLYPHCHARS and self._glyphs:
            text = text.translate(self._glyphs)
        if flags & MB_COMPOSITE and not text.isascii():
            import unicodedata

            text = unicodedata.normalize("NFD", text)
        return text


class SingleBytePage(_TablePage):
    """A page with one byte per character."""

    def __init__(self, header: list[str], lines: dict[str, str]) -> None:
        super().__init__(header, lines)
        decoded = bytes(range(256)).decode(self._codec, "litebox.unmapped")
        units = list(decoded)
        for byte, unit in _runs(lines.get("d", "")):
            units[byte] = chr(unit)
        self._decoding = "".join(units)
        self._invalid = bytes(byte for byte, _ in _runs(lines.get("i", "")))
        self._ascii = self._decoding[:128].isascii() and self._decoding.startswith(bytes(range(128)).decode("ascii"))
        self._charmap: Any = None  # an EncodingMap; its type has no public name

    def _decoded(self) -> Iterator[tuple[int, int]]:
        return ((byte, ord(unit)) for byte, unit in enumerate(self._decoding))

    def decode(self, data: bytes, flags: int = 0) -> str:
        if self._ascii and not flags & MB_USEGLYPHCHARS and data.isascii():
            return data.decode("ascii")
        if flags & MB_ERR_INVALID_CHARS and self._invalid and len(data.translate(None, self._invalid)) != len(data):
            raise NoTranslation(f"invalid byte for code page {self.number}")
        text = codecs.charmap_decode(data, "strict", self._decoding)[0]
        return self._finish(text, flags) if flags & (MB_COMPOSITE | MB_USEGLYPHCHARS) else text

    def encode(self, text: str, flags: int = 0, default: bytes | None = None) -> tuple[bytes, bool]:
        if self._ascii and text.isascii():
            return text.encode("ascii"), False
        if not flags & WC_COMPOSITECHECK:
            if self._charmap is None:
                units = [NOTHING] * 256
                for unit, byte in self.exact().items():
                    units[byte] = chr(unit)
                self._charmap = codecs.charmap_build("".join(units))
            try:
                return codecs.charmap_encode(text, "strict", self._charmap)[0], False
            except UnicodeEncodeError:
                pass  # some characters are not in the page: best fit or default
        return super().encode(text, flags, default)


class DoubleBytePage(_TablePage):
    """A page with one or two bytes per character.

    A lead byte always takes the next byte with it, valid or not, but for a NUL and the end of the data: then it stands
    alone and means nothing.
    """

    def __init__(self, header: list[str], lines: dict[str, str]) -> None:
        super().__init__(header, lines)
        self._invalid = {bytes((byte,)) for byte, _ in _runs(lines.get("i", ""))}
        self._pairs: _Pairs | None = None
        self._tokens: re.Pattern[bytes] | None = None

    def _decoded(self) -> Iterator[tuple[int, int]]:
        different = dict(_runs(self._lines.get("d", "")))
        leads = [lead for first, last in self.lead_bytes for lead in range(first, last + 1)]
        codes = [byte for byte in range(256) if byte not in leads]
        codes += [lead << 8 | trail for lead in leads for trail in range(1, 256)]
        three = self._codec == "euc_jp"
        for code in codes:
            unit = different.get(code)
            if unit is None:
                if code < 0x100:
                    data = bytes((code,))
                elif three and code & 0x80 == 0 and code >> 8 != 0x8E:
                    data = bytes((0x8F, code >> 8, code & 0xFF | 0x80))  # page 20932 has JIS X 0212 in two bytes
                else:
                    data = bytes((code >> 8, code & 0xFF))
                text = data.decode(self._codec, "litebox.unmapped")
                unit = ord(text) if len(text) == 1 else NO_UNIT
            yield code, unit

    def _decoding(self) -> _Pairs:
        if self._pairs is None:
            pairs = _Pairs()
            for code, unit in self._decoded():
                if unit != NO_UNIT:
                    pairs[bytes((code,)) if code < 0x100 else bytes((code >> 8, code & 0xFF))] = chr(unit)
            self._pairs = pairs
        return self._pairs

    def decode(self, data: bytes, flags: int = 0) -> str:
        if data.isascii():
            return data.decode("ascii")
        if self._tokens is None:
            import re

            leads = b"".join(b"\\x%02x-\\x%02x" % both for both in self.lead_bytes)
            self._tokens = re.compile(b"[%s][^\\0]|." % leads, re.DOTALL)
        codes = self._tokens.findall(data)
        text = "".join(map(self._decoding().__getitem__, codes))
        if flags & MB_ERR_INVALID_CHARS and (NOTHING in text or not self._invalid.isdisjoint(codes)):
            raise NoTranslation(f"invalid bytes for code page {self.number}")
        text = text.replace(NOTHING, self.unicode_default_char)
        return self._finish(text, flags) if flags & (MB_COMPOSITE | MB_USEGLYPHCHARS) else text


def table_page(number: int) -> CodePage | None:
    """The page with this number, None if there is no such table."""
    group = _groups().get(number)
    if group is None:
        return None
    head, *rest = group.splitlines()
    header = head.split(" ", 6)
    lines = dict(line.split(" ", 1) for line in rest)
    return (DoubleBytePage if header[1] == "2" else SingleBytePage)(header, lines)


def table_numbers() -> list[int]:
    """The numbers of all table pages."""
    return list(_groups())


_index: dict[int, str] = {}


def _groups() -> dict[int, str]:
    """Page number -> its lines, read once."""
    if not _index:
        for group in read_text("codepages.gz").split("page ")[1:]:
            _index[int(group[: group.index(" ")])] = group
    return _index
