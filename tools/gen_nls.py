"""Turn the measurements of probe_nls.c into maps.gz, ctype.gz and sort.gz under core/src/litebox_core/nls/data.

Usage: gen_nls.py FOLDER      (of the measurements)
"""

import gzip
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

DATA = Path(__file__).parent.parent / "core/src/litebox_core/nls/data"
UNITS = 65536

# Not kept: "title" and "traditional" (the measured Windows has none), "simplified" (it has compatibility characters
# only), and the foldings that are Unicode's normalization forms.
KEPT = (
    "linguistic_upper", "linguistic_lower", "hiragana", "katakana", "halfwidth", "fullwidth", "ignore_nonspace",
    "ignore_symbols", "fold_digits", "ligatures",
)  # fmt: skip


def put(name: str, text: str) -> None:
    (DATA / name).write_bytes(gzip.compress(text.encode("ascii"), 9, mtime=0))
    print(f"{name}: {len(text)} characters, {(DATA / name).stat().st_size} bytes")


def map_runs(pairs: dict[int, tuple[int, ...]]) -> Iterator[str]:
    """ "UNIT,RESULT+RESULT..." and "UNIT,RESULT,COUNT,STEP" for runs in which both grow by STEP."""
    keys = sorted(pairs)
    at = 0
    while at < len(keys):
        first = keys[at]
        if len(pairs[first]) != 1:
            yield f"{first:x},{'+'.join(f'{unit:x}' for unit in pairs[first])}"
            at += 1
            continue
        count = 1
        step = keys[at + 1] - first if at + 1 < len(keys) else 1
        target = pairs[first][0]
        while (
            step <= 2
            and at + count < len(keys)
            and keys[at + count] == first + count * step
            and pairs[keys[at + count]] == (target + count * step,)
        ):
            count += 1
        yield f"{first:x},{target:x}" + (f",{count:x},{step:x}" if count > 1 else "")
        at += count


def maps(folder: Path) -> str:
    found: dict[str, dict[int, tuple[int, ...]]] = {"upper": {}, "lower": {}}
    casing = struct.unpack(f"<{2 * UNITS}H", (folder / "casing.bin").read_bytes())
    for name, row in (("upper", casing[:UNITS]), ("lower", casing[UNITS:])):
        found[name] = {unit: (target,) for unit, target in enumerate(row) if target != unit}
    for line in (folder / "maps.txt").read_text().splitlines():
        name, unit, *result = line.split()
        if name in KEPT and not 0xD800 <= int(unit, 16) < 0xE000:
            found.setdefault(name, {})[int(unit, 16)] = tuple(int(target, 16) for target in result)
    for name, base in (("linguistic_upper", "upper"), ("linguistic_lower", "lower")):
        found[name] = {unit: to for unit, to in found[name].items() if found[base].get(unit) != to}
    return "".join(f"{name} {' '.join(map_runs(pairs))}\n" for name, pairs in found.items())


def ctype(folder: Path) -> str:
    types = struct.unpack(f"<{3 * UNITS}H", (folder / "ctype.bin").read_bytes())
    lines = []
    for kind in range(3):
        row = types[kind * UNITS : (kind + 1) * UNITS]
        starts = [unit for unit in range(UNITS) if unit == 0 or row[unit] != row[unit - 1]]
        ends = [*starts[1:], UNITS]
        runs = zip(starts, ends, strict=True)
        lines.append(" ".join(f"{row[a]:x}" + (f",{b - a:x}" if b - a > 1 else "") for a, b in runs))
    return "\n".join(lines) + "\n"


def main() -> None:
    folder = Path(sys.argv[1])
    put("maps.gz", maps(folder))
    put("ctype.gz", ctype(folder))


if __name__ == "__main__":
    main()
