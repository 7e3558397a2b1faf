"""Turn the measurements of probe_locales.c into core/src/litebox_core/nls/data/locales.gz.

Usage: gen_locales.py MEASURED
"""

import gzip
import sys
from pathlib import Path

OUTPUT = Path(__file__).parent.parent / "core/src/litebox_core/nls/data/locales.gz"
FONT_SIGNATURE = "58"


def main() -> None:
    lines = []
    for line in Path(sys.argv[1]).read_text("utf-8").split("\n"):
        fields = line.rstrip("\r").split("\t")
        if fields[0] == "locale" or (fields[0] == "info" and fields[2] != FONT_SIGNATURE):
            lines.append("\t".join(fields))
    OUTPUT.write_bytes(gzip.compress("".join(line + "\n" for line in lines).encode("utf-8"), 9, mtime=0))
    print(f"{OUTPUT.name}: {len(lines)} lines, {OUTPUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
