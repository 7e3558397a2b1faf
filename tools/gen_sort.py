"""Turn the sort keys measured by probe_nls.c into core/src/litebox_core/nls/data/sort.gz.

Usage: gen_sort.py FOLDER      (of the measurements; the format is explained in litebox_core.nls.compare)
"""

import gzip
import sys
from pathlib import Path

OUTPUT = Path(__file__).parent.parent / "core/src/litebox_core/nls/data/sort.gz"
UNITS = 65536


def keys(path: Path) -> list[bytes]:
    found = [b"\1\1\1\1\0"] * UNITS
    for line in path.read_text().splitlines():
        unit, *key = line.split()
        if key:
            found[int(unit, 16)] = bytes.fromhex(key[0])
    return found


def parts(unit: int, key: bytes) -> tuple[bytes, bytes, bytes, bytes, bytes]:
    """Primary, diacritic, case, extra and special weights. The words 0100 and 0001 are primary weights, too."""
    at = 0
    if 0xE000 <= unit < 0xF900:
        at = 3
    else:
        while key[at] != 1 or (key[at + 1] == 0 and at < len(key) - 2):
            at += 2
    diacritic, case, extra, special = key[at + 1 : -1].split(b"\1", 3)
    return key[:at], diacritic, case, extra, special


def planes(values: list[int]) -> bytes:
    """16-bit differences to the value before, low bytes then high bytes."""
    steps = [(value - before) & 0xFFFF for before, value in zip([0, *values], values)]  # noqa: B905
    return bytes(step & 0xFF for step in steps) + bytes(step >> 8 for step in steps)


def main() -> None:
    folder = Path(sys.argv[1])
    first, second, marks, cases = [0] * UNITS, [0] * UNITS, bytearray(UNITS), bytearray(UNITS)
    kana = bytearray(UNITS)
    lines = []
    plain, string, digits = (keys(folder / f"sortkeys{kind}.txt") for kind in ("", "-stringsort", "-digits"))
    for unit in range(1, UNITS):
        if unit in (0xFE71, 0xFE77, 0xFE79, 0xFE7B, 0xFE7D, 0xFE7F):  # 0000 0100, 01, 00 and a mark: ambiguous
            lines.append(f"x {unit:x} 00000100 {plain[unit][5:7].hex()} -")
            continue
        primary, diacritic, case, extra, special = parts(unit, plain[unit])
        if special:
            primary, diacritic, case, _, _ = parts(unit, string[unit])
            lines.append(f"p {unit:x} {special[2]:x}")
        if extra:
            small, rest = extra.split(b"\xff\2")
            kind, width, _ = rest.split(b"\xff")
            kana[unit] = 8 | bool(small) | bool(kind) << 1 | bool(width) << 2
        if digits[unit] != plain[unit] and digits[unit][:2] == b"\x0d\2":
            lines.append(f"n {unit:x} {0 if digits[unit][2] == 2 else digits[unit][3] - 0x22:x}")
        if len(primary) > 4 or len(diacritic) > 1 or len(case) > 1 or (len(primary) & 1 and len(primary) != 3):
            lines.append(f"x {unit:x} {primary.hex() or '-'} {diacritic.hex() or '-'} {case.hex() or '-'}")
            continue
        first[unit] = int.from_bytes(primary[:2], "big")
        second[unit] = int.from_bytes(primary[2:], "big")
        marks[unit], cases[unit] = (diacritic or b"\0")[0], (case or b"\0")[0]
    data = planes(first) + planes(second) + marks + cases + kana + "\n".join(lines).encode("ascii")
    OUTPUT.write_bytes(gzip.compress(data, 9, mtime=0))
    print(f"{OUTPUT.name}: {OUTPUT.stat().st_size} bytes, {len(lines)} lines")


if __name__ == "__main__":
    main()
