"""Assembles tools/fastpaths.s, and compiles tools/fastpaths/*.c, into the ``fastpaths.py`` of each plugin.

``python tools/gen_fastpaths.py`` needs MinGW's compiler and binutils (x86_64-w64-mingw32-gcc, -as, -objcopy, ...).
"""

import glob
import os
import re
import struct
import subprocess
import tempfile
from itertools import pairwise

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PREFIX = "x86_64-w64-mingw32-"
VARIANTS = ("native", "avx")
"""What engines may prefer (``Engine.codes``): ``dll.function.variant`` in the assembler source."""


UNWIND = "unwind"
"""The key of a function's UNWIND_INFO, beside its code."""
FLAGS = [
    "-O2", "-ffreestanding", "-fno-builtin", "-fno-stack-protector", "-fno-tree-loop-distribute-patterns",
    "-fno-tree-vectorize", "-fno-jump-tables", "-fno-ident", "-ffunction-sections", "-Wall", "-Wextra", "-Werror",
]  # fmt: skip


def assemble() -> dict[str, dict[str, bytes]]:
    """Machine code by DLL and function, or function.variant."""
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


def compiled() -> dict[str, dict[str, bytes]]:
    """The same of what is written in C, with ``function.unwind`` for those that have a frame."""
    found: dict[str, dict[str, bytes]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for source in sorted(glob.glob(os.path.join(ROOT, "tools", "fastpaths", "*.c"))):
            for dll, functions in _compiled(source, folder).items():
                found.setdefault(dll, {}).update(functions)
    return found


def _compiled(source: str, folder: str) -> dict[str, dict[str, bytes]]:
    obj, raw = os.path.join(folder, "o.o"), os.path.join(folder, "o.bin")
    subprocess.run([PREFIX + "gcc", *FLAGS, "-c", "-o", obj, source], check=True)

    def section(name: str) -> bytes:
        subprocess.run([PREFIX + "objcopy", "-O", "binary", "-j", name, obj, raw], check=True)
        with open(raw, "rb") as file:
            return file.read()

    found: dict[str, dict[str, bytes]] = {}
    listing = subprocess.run([PREFIX + "objdump", "-r", obj], check=True, capture_output=True, text=True).stdout
    for part in listing.split("RELOCATION RECORDS FOR [")[1:]:
        where = part.partition("]")[0]
        if not where.startswith(".pdata$"):
            continue
        title = where.removeprefix(".pdata$")
        end = struct.unpack("<3I", section(where))[1]
        code = bytearray(section(f".text${title}")[:end])
        for at in _jumps(listing, title):
            struct.pack_into("<i", code, at, end - at - 4)
        dll, _, function = title.partition("__")
        function = re.sub("__(native|avx)$", r".\1", function)
        functions = found.setdefault(dll, {})
        functions[function] = bytes(code)
        info = section(f".xdata${title}")
        if info[2]:  # unwind codes: it has a frame
            assert "." not in function, f"{title}: a variant with a frame"
            functions[f"{function}.{UNWIND}"] = info
    return found


def _jumps(listing: str, title: str) -> list[int]:
    """Where a function's jumps into the stub say how far that is: nothing else in it may depend on its place."""
    part = re.search(rf"FOR \[\.text\${re.escape(title)}\]:\nOFFSET.*\n((?:[0-9a-f]{{16}} .*\n)*)", listing)
    rows = [row.split() for row in part[1].splitlines()] if part else []
    assert all(kind == "IMAGE_REL_AMD64_REL32" and name == "slow" for _, kind, name in rows), (title, rows)
    return [int(at, 16) for at, _, _ in rows]


def _rows(code: bytes) -> list[str]:
    text = code.hex()
    return [f'    "{text[i : i + 96]}"' for i in range(0, len(text), 96)]


def main() -> None:
    written = compiled()
    for dll, functions in assemble().items():
        functions.update(written.get(dll, {}))
        lines = ['"""Machine code for small functions. Made by tools/gen_fastpaths.py; do not edit."""', ""]
        for name in sorted(functions):
            if "." in name:
                continue
            lines.append(f"{name} = {{64: bytes.fromhex(")
            lines += _rows(functions[name])
            for variant in (*VARIANTS, UNWIND):
                if f"{name}.{variant}" in functions:
                    lines.append(f'), (64, "{variant}"): bytes.fromhex(')
                    lines += _rows(functions[f"{name}.{variant}"])
            lines.append(")}")
        path = os.path.join(ROOT, "plugins", dll, "src", f"litebox_{dll}", "fastpaths.py")
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
