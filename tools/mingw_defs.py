"""Reads the module-definition (.def) files of mingw-w64: what a DLL exports, and the x86 byte counts."""

import re
import subprocess
from pathlib import Path
from typing import NamedTuple


class Def(NamedTuple):
    """One exported name."""

    name: str
    x86_bytes: int | None  # of the @N, if there is one
    fastcall: bool
    data: bool
    ordinal: int | None


def read(path: Path, include: Path, machine: str) -> dict[str, Def]:
    """The exports that a .def or .def.in file lists for `machine`, "I386" or "X64"."""
    text = path.read_text(encoding="latin-1")
    if path.suffix == ".in":
        macro = {"I386": "__i386__", "X64": "__x86_64__"}[machine]
        command = ["cpp", "-P", "-undef", "-w", "-x", "c", f"-DDEF_{machine}", f"-D{macro}"]
        command += [f"-I{include}", f"-I{path.parent}", str(path)]
        text = subprocess.run(command, capture_output=True, check=True, encoding="latin-1").stdout
    exports: dict[str, Def] = {}
    inside = False
    for raw in text.splitlines():
        line = raw.split(";")[0].strip()
        if line.upper() == "EXPORTS":
            inside = True
        elif inside and line:
            entry = parse(line)
            if entry is not None and (entry.name not in exports or exports[entry.name].x86_bytes is None):
                exports[entry.name] = entry
    return exports


def parse(line: str) -> Def | None:
    """One line under EXPORTS; None if it names no export, which only damaged lines do."""
    words = line.replace("==", " == ").split()
    name = words[0]
    if "==" in words:  # "name in the import library == name in the DLL"
        name = words[words.index("==") + 1]
    elif len(words) > 1 and words[1] == "=":
        words[1:3] = []
    name = name.split("=")[0].strip('"')
    flags = words[1:]
    ordinal = next((int(word[1:]) for word in flags if re.fullmatch(r"@\d+", word)), None)
    if name.startswith("?"):  # a decorated C++ name is the exported name
        return Def(name, None, False, "DATA" in flags, ordinal)
    plain = re.fullmatch(r"(@?)([^@]+)(?:@(\d+))?", name)
    if plain is None:
        return None
    fastcall, name = plain[1] == "@", plain[2]
    size = None if plain[3] is None else int(plain[3])
    if size is not None and (size % 4 or size >= 256):  # NdrTypeFlags@60029
        size = None
    return Def(name, size, fastcall, "DATA" in flags and size is None, ordinal)
