"""Turn the measurements of probe_locales.c into core/src/litebox_core/nls/data/locales.gz.

Usage: gen_locales.py MEASURED
"""

import gzip
import sys
from pathlib import Path

OUTPUT = Path(__file__).parent.parent / "core/src/litebox_core/nls/data/locales.gz"
FONT_SIGNATURE = "58"
UNSPECIFIED = "1000"


def main() -> None:
    lcids: dict[str, str] = {}
    infos: dict[str, dict[str, str]] = {}
    for line in Path(sys.argv[1]).read_text("utf-8").split("\n"):
        fields = line.rstrip("\r").split("\t")
        if fields[0] == "locale":
            lcids[fields[1]] = fields[2]
        elif fields[0] == "info" and fields[2] != FONT_SIGNATURE:
            infos.setdefault(fields[1], {})[f"{fields[3]} {fields[2]}"] = fields[4]
    columns = sorted(infos["en-US"])
    lines = ["\t".join(columns)]
    for name, lcid in lcids.items():
        row = [name, lcid]
        if lcid != UNSPECIFIED:
            if sorted(infos[name]) != columns:
                sys.exit(f"{name} tells other things than en-US")
            row += [infos[name][column] for column in columns]
        lines.append("\t".join(row))
    OUTPUT.write_bytes(gzip.compress("".join(line + "\n" for line in lines).encode("utf-8"), 9, mtime=0))
    print(f"{OUTPUT.name}: {len(lines)} lines, {OUTPUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
