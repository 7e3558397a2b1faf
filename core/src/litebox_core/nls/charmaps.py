"""Maps from one UTF-16 unit to others, as LCMapStringW and FoldStringW apply them: tables for `str.translate`.

data/maps.gz has a line per map: its name, then "UNIT,RESULT+RESULT..." or, for COUNT units at distance STEP whose
results are at the same distance, "UNIT,RESULT,COUNT,STEP"; all hexadecimal.
"""

from .datafile import read_text

_lines: dict[str, str] = {}
_maps: dict[str, dict[int, int | str]] = {}


def charmap(name: str) -> dict[int, int | str]:
    """The map called `name`; do not change it.

    upper, lower                          RtlUpcaseUnicodeChar, RtlDowncaseUnicodeChar, LCMAP_UPPERCASE, LCMAP_LOWERCASE
    linguistic_upper, linguistic_lower    what LCMAP_LINGUISTIC_CASING adds to or changes in upper and lower
    hiragana, katakana, halfwidth, fullwidth    LCMAP_*
    ignore_nonspace, ignore_symbols       what LCMapStringW removes with NORM_IGNORENONSPACE, NORM_IGNORESYMBOLS
    fold_digits, ligatures                MAP_FOLDDIGITS, MAP_EXPAND_LIGATURES of FoldStringW
    """
    found = _maps.get(name)
    if found is None:
        if not _lines:
            for line in read_text("maps.gz").splitlines():
                key, _, runs = line.partition(" ")
                _lines[key] = runs
        found = _maps[name] = _parsed(_lines[name])
    return found


def _parsed(line: str) -> dict[int, int | str]:
    found: dict[int, int | str] = {}
    for run in line.split(" "):
        unit, result, *rest = run.split(",")
        first = int(unit, 16)
        if rest:
            count, step = int(rest[0], 16), int(rest[1], 16)
            target = int(result, 16)
            found.update(
                zip(range(first, first + count * step, step), range(target, target + count * step, step), strict=True)
            )
        elif "+" in result or not result:
            found[first] = "".join(chr(int(part, 16)) for part in result.split("+") if part)
        else:
            found[first] = int(result, 16)
    return found
