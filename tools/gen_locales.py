"""Turn the measurements of probe_locales.c into the locale data of core/src/litebox_core/nls/data.

Usage: gen_locales.py MEASURED

The formats are described where they are read: `litebox_core.nls.locale` (locales.gz), `litebox_core.nls.localetables`
(localeinfo.gz, calendars.gz) and `litebox_core.nls.geography` (geography.gz).
"""

import gzip
import sys
from collections import Counter
from pathlib import Path

DATA = Path(__file__).parent.parent / "core/src/litebox_core/nls/data"
FIRST = 0x100
"""The character that stands for a column's first value."""
GEO_TYPES = {"4": "iso2", "5": "iso3", "c": "un", "d": "parent", "f": "currency", "10": "symbol"}
"""Of the GEOTYPEs, those that are known; the others follow from the id, or are not measured from anything."""

Columns = dict[str, dict[str, str]]


def main() -> None:
    rows = [line.rstrip("\r").split("\t") for line in Path(sys.argv[1]).read_text("utf-8").split("\n")]
    names = [row[1] for row in rows if row[0] == "locale"]
    info: Columns = {}
    calendars: Columns = {}
    regions: dict[str, dict[str, str]] = {}
    for kind, *rest in rows:
        if kind == "info":
            name, lctype, how, value = rest
            info.setdefault(f"{lctype} {how}", {})[name] = value
        elif kind in ("date", "time"):
            name, flag, value = rest
            column = info.setdefault(f"{kind} {flag}", {})
            column[name] = column[name] + "\\u000a" + value if name in column else value
        elif kind == "calendar":
            name, calendar, caltype, how, value = rest
            calendars.setdefault(f"{calendar} {caltype} {how}", {})[name] = value
        elif kind == "geo" and rest[2] in GEO_TYPES:
            regions.setdefault(f"{rest[0]}\t{rest[1]}", {})[GEO_TYPES[rest[2]]] = rest[3]
    write("locales.gz", ["\t".join(row[1:]) for row in rows if row[0] == "locale"])
    write("localeinfo.gz", table(names, info))
    write("calendars.gz", table(names, calendars))
    write("geography.gz", ["\t".join([key, *(texts.get(t, "") for t in GEO_TYPES.values())])
                           for key, texts in regions.items()])  # fmt: skip


def table(names: list[str], columns: Columns) -> list[str]:
    """One line for each column: its key, a character for each locale that says which value it has, the values."""
    lines = []
    for key, cells in columns.items():
        if key.endswith(" text") and redundant(cells, columns.get(key[:-4] + "number", {})):
            continue
        values = [value for value, _ in Counter(cells.values()).most_common()]
        place = {value: chr(FIRST + index) for index, value in enumerate(values)}
        lines.append("\t".join([key, "".join(place[cells[n]] if n in cells else " " for n in names), *values]))
    return lines


def redundant(texts: dict[str, str], numbers: dict[str, str]) -> bool:
    """Whether all texts are the numbers in decimal."""
    return texts.keys() == numbers.keys() and all(text == str(int(numbers[n], 16)) for n, text in texts.items())


def write(name: str, lines: list[str]) -> None:
    data = gzip.compress("\n".join(lines).encode("utf-8"), 9, mtime=0)
    (DATA / name).write_bytes(data)
    print(f"{name}: {len(lines)} lines, {len(data)} bytes")


if __name__ == "__main__":
    main()
