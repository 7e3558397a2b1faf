"""Assembles tools/fastpaths.s into the ``fastpaths.py`` of each plugin: ``python tools/gen_fastpaths.py``.

Needs MinGW's binutils (x86_64-w64-mingw32-as, -objcopy, -nm).
"""

import os
import subprocess
import tempfile
from itertools import pairwise

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PREFIX = "x86_64-w64-mingw32-"
VARIANTS = ("native", "avx")
"""What engines may prefer (``Engine.codes``): ``dll.function.variant`` in the assembler source."""


def assemble() -> dict[str, dict[str, bytes]]:
    """Machine code by DLL and function."""
    with tempfile.TemporaryDirectory() as folder:
        obj, raw = os.path.join(folder, "o.o"), os.path.join(folder, "o.bin")
        source = os.path.join(ROOT, "tools", "fastpaths.s")
        subprocess.run([PREFIX + "as", "-o", obj, source], check=True)
        subprocess.run([PREFIX + "objcopy", "-O", "binary", "-j", ".text", obj, raw], check=True)
        symbols = subprocess.run([PREFIX + "nm", "-g", "-n", obj], check=True, capture_output=True, text=True).stdout
        with open(raw, "rb") as file:
            code = file.read()
    rows = [(int(line.split()[0], 16), line.split()[2]) for line in symbols.splitlines()]
    found: dict[str, dict[str, bytes]] = {}
    for (start, name), (end, _) in pairwise(rows):
        dll, _, function = name.partition(".")
        found.setdefault(dll, {})[function] = code[start:end]
    return found


def _rows(code: bytes) -> list[str]:
    text = code.hex()
    return [f'    "{text[i : i + 96]}"' for i in range(0, len(text), 96)]


def main() -> None:
    for dll, functions in assemble().items():
        lines = ['"""Machine code for small functions. Made by tools/gen_fastpaths.py; do not edit."""', ""]
        for name in sorted(functions):
            if "." in name:
                continue
            lines.append(f"{name} = {{64: bytes.fromhex(")
            lines += _rows(functions[name])
            for variant in VARIANTS:
                if f"{name}.{variant}" in functions:
                    lines.append(f'), (64, "{variant}"): bytes.fromhex(')
                    lines += _rows(functions[f"{name}.{variant}"])
            lines.append(")}")
        path = os.path.join(ROOT, "plugins", dll, "src", f"litebox_{dll}", "fastpaths.py")
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
