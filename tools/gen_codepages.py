"""Turn the measurements of probe_codepages.c into core/src/litebox_core/nls/data/codepages.gz.

Usage: gen_codepages.py MEASURED [OUTPUT]

The file holds, per page, what differs from one of Python's codecs; `litebox_core.nls.codepages` explains the lines.
Pages Python has and the measured Windows lacks are described in EXTRA: without best-fit mappings.
"""

import gzip
import struct
import sys
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

CPINFOEX_SIZE = 4 + 2 + 12 + 2 + 4 + 520
NO_UNIT = 0xFFFE

CODECS = {
    10000: "mac_roman", 10001: "cp932", 10002: "cp950", 10003: "euc_kr", 10004: "mac_arabic", 10005: "cp862",
    10006: "mac_greek", 10007: "mac_cyrillic", 10008: "gb2312", 10010: "mac_romanian", 10017: "mac_cyrillic",
    10021: "cp874", 10029: "mac_latin2", 10079: "mac_iceland", 10081: "mac_turkish", 10082: "mac_croatian",
    20127: "ascii", 20866: "koi8_r", 20932: "euc_jp", 20949: "euc_kr", 21866: "koi8_u", 37: "cp037", 708: "iso8859_6",
    936: "gbk", 1361: "johab", **{28590 + part: f"iso8859_{part}" for part in range(1, 16) if part != 12},
}  # fmt: skip

# number: (codec, default character, name)
EXTRA = {
    858: ("cp858", 0x3F, "OEM Multilingual Latin 1 + Euro"),
    1140: ("cp1140", 0x6F, "IBM EBCDIC US Canada with Euro"),
    20273: ("cp273", 0x6F, "IBM EBCDIC Germany"),
    20424: ("cp424", 0x6F, "IBM EBCDIC Hebrew"),
    38598: ("iso8859_8", 0x3F, "ISO 8859-8 Hebrew: Logical Ordering"),
}

# Where Windows' own name is known to differ from "KIND - REST" of the measured name.
NAMES = {850: "OEM - Multilingual Latin I", 858: "OEM - Multilingual Latin I + Euro", 1250: "ANSI - Central Europe",
         1252: "ANSI - Latin I", 852: "OEM - Latin II"}  # fmt: skip


def full_name(number: int, name: str) -> str:
    """CPINFOEXW.CodePageName: the measured Windows leaves the number and the punctuation out."""
    for kind in ("ANSI/OEM", "ANSI", "OEM", "MAC", "Mac", "IBM EBCDIC"):
        if name.startswith(kind + " "):
            name = f"{kind.upper()} - {name[len(kind) + 1 :]}"
            break
    return f"{number:<5} ({NAMES.get(number, name)})"


def codec_unit(codec: str, code: bytes) -> int:
    """What Python's codec makes of one character, NO_UNIT if nothing."""
    if codec == "euc_jp" and len(code) == 2 and code[0] != 0x8E and code[1] < 0x80:
        code = bytes((0x8F, code[0], code[1] | 0x80))  # code page 20932 writes JIS X 0212 in two bytes
    try:
        text = code.decode(codec)
    except UnicodeDecodeError:
        return NO_UNIT
    return ord(text) if len(text) == 1 else NO_UNIT


def runs(pairs: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int, int]]:
    """(first key, count, first value) for keys and values that grow together."""
    first = count = value = 0
    for key, target in pairs:
        if count and key == first + count and target == value + count:
            count += 1
            continue
        if count:
            yield first, count, value
        first, count, value = key, 1, target
    if count:
        yield first, count, value


def put_runs(tag: str, pairs: Iterable[tuple[int, int]]) -> Iterator[str]:
    line: list[str] = []
    for first, count, value in runs(pairs):
        line.append(f"{first:x},{value:x}" + (f",{count:x}" if count > 1 else ""))
    if line:
        yield f"{tag} {' '.join(line)}"


class Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, size: int) -> bytes:
        self.at += size
        return self.data[self.at - size : self.at]

    def units(self, count: int) -> tuple[int, ...]:
        return struct.unpack(f"<{count}H", self.take(2 * count))


def page(number: int, reader: Reader) -> Iterator[str]:
    info = struct.unpack("<I2s12sHI520s", reader.take(CPINFOEX_SIZE))
    size, default, lead_ranges, unicode_default, _, wide_name = info
    name = wide_name.decode("utf-16-le").split("\0")[0]
    if number in (65000, 65001):
        return
    codec = CODECS.get(number, f"cp{number}")
    single, single_invalid = reader.units(256), reader.take(256)
    glyph, _composite = reader.units(256), reader.units(1024)
    decode: dict[int, int] = {}
    lead_bytes = [byte for byte in range(256) if single[byte] == NO_UNIT]
    for byte in range(256):
        if byte not in lead_bytes:
            decode[byte] = single[byte]
    for lead in lead_bytes:
        assert reader.take(1)[0] == lead
        pairs, invalid, count = reader.units(256), reader.take(256), reader.take(256)
        assert count == b"\2" + b"\1" * 255, "a lead byte before NUL stands alone, all others take their trail byte"
        for trail in range(1, 256):
            assert not invalid[trail] or pairs[trail] == unicode_default
            decode[lead << 8 | trail] = NO_UNIT if invalid[trail] else pairs[trail]
    best, exact = reader.take(65536 * 4), reader.take(65536 * 4)

    leads = lead_ranges.rstrip(bytes(1)).hex() or "-"
    yield f"page {number} {size} {default[0]:x} {unicode_default:x} {leads} {codec} {full_name(number, name)}"
    yield from put_runs("d", (
        (code, unit) for code, unit in decode.items()
        if unit != codec_unit(codec, bytes((code >> 8, code & 255)) if code >> 8 else bytes((code,)))
    ))  # fmt: skip
    yield from put_runs("i", ((byte, 0) for byte in range(256) if single_invalid[byte] and byte not in lead_bytes))
    glyphs = [(byte, glyph[byte]) for byte in range(256) if byte not in lead_bytes and glyph[byte] != single[byte]]
    yield from put_runs("g", glyphs)
    inverse: dict[int, int] = {}
    for code, unit in decode.items():
        inverse.setdefault(unit, code)
    inverse.pop(NO_UNIT, None)

    def code_of(rows: bytes, unit: int) -> int:
        length, first, second, used = rows[4 * unit : 4 * unit + 4]
        if used or not length:
            return NO_UNIT
        return first << 8 | second if length == 2 else first

    corrected, fitted = [], []
    for unit in range(65536):
        exact_code, best_code = code_of(exact, unit), code_of(best, unit)
        if exact_code != inverse.get(unit, NO_UNIT):
            corrected.append((unit, exact_code))
        if best_code != exact_code:
            fitted.append((unit, best_code))
    yield from put_runs("e", corrected)
    yield from put_runs("b", fitted)
    checksums.append((number, decoded_checksum(decode), encoded_checksum(best), encoded_checksum(exact)))


def decoded_checksum(decode: dict[int, int]) -> int:
    """The CRC-32 of "CODE UNIT;" for all codes, in ascending order; FFFE for what is invalid."""
    return zlib.crc32("".join(f"{code:x} {unit:x};" for code, unit in sorted(decode.items())).encode())


def encoded_checksum(rows: bytes) -> int:
    """The CRC-32 of "UNIT BYTES;" for all units that have bytes, in ascending order."""
    coded = [(unit, rows[4 * unit : 4 * unit + 4]) for unit in range(65536)]
    return zlib.crc32("".join(f"{unit:x} {row[1 : 1 + row[0]].hex()};" for unit, row in coded if not row[3]).encode())


checksums: list[tuple[int, int, int, int]] = []


def pages(data: bytes) -> Iterator[str]:
    reader = Reader(data)
    while reader.at < len(data):
        (number,) = struct.unpack("<I", reader.take(4))
        yield from page(number, reader)
    for number, (codec, default, name) in EXTRA.items():
        yield f"page {number} 1 {default:x} 3f - {codec} {full_name(number, name)}"


def main() -> None:
    measured = Path(sys.argv[1]).read_bytes()
    default = Path(__file__).parent.parent / "core/src/litebox_core/nls/data/codepages.gz"
    output = Path(sys.argv[2]) if len(sys.argv) > 2 else default
    text = "\n".join(pages(measured)) + "\n"
    output.write_bytes(gzip.compress(text.encode("ascii"), 9, mtime=0))
    rows = ["# page, CRC-32 of all it decodes, of all it encodes with and without best fit: see tools/gen_codepages.py"]
    rows += ["\t".join((str(number), *(f"{value:08x}" for value in values))) for number, *values in checksums]
    (Path(__file__).parent.parent / "core/tests/nls/codepages.tsv").write_text("\n".join(rows) + "\n")
    print(f"{output}: {len(text)} characters, {output.stat().st_size} bytes")


if __name__ == "__main__":
    main()
