"""Which compiler and linker made an image: a guess, with what it rests on."""

import struct
from typing import NamedTuple

from .headers import DIR_COM_DESCRIPTOR
from .image import Image

_SEARCH_LIMIT = 256 << 20

# (section names of which one suffices, who writes them), the more telling first
_SECTION_MARKS = (
    (("UPX0", "UPX1"), "packed with UPX"),
    ((".MPRESS1", ".MPRESS2"), "packed with MPRESS"),
    ((".aspack", ".adata"), "packed with ASPack"),
    ((".vmp0", ".vmp1"), "packed with VMProtect"),
    ((".themida",), "packed with Themida"),
    ((".ndata",), "NSIS installer"),
)


class RichEntry(NamedTuple):
    """One line of the Rich header: a Microsoft tool's product number and build, and how many objects it made."""

    product: int
    build: int
    objects: int


class Toolchain(NamedTuple):
    """`guess` is one phrase, "unknown" when nothing speaks; `evidence` says what speaks for it."""

    guess: str
    evidence: list[str]


def rich_header(image: Image) -> list[RichEntry]:
    """The entries of the Rich header, none when it is missing or malformed."""
    stub = image.data[0x40 : min(image.nt_offset, 0x1000)]
    end = stub.rfind(b"Rich")
    if end < 0 or end % 4 or end + 8 > len(stub):
        return []
    (key,) = struct.unpack_from("<I", stub, end + 4)
    words = [word ^ key for (word,) in struct.iter_unpack("<I", stub[:end])]
    start = len(words) - 1
    while start >= 0 and words[start] != 0x536E6144:  # DanS
        start -= 1
    if start < 0:
        return []
    pairs = words[start + 4 :]
    return [
        RichEntry(pairs[i] >> 16, pairs[i] & 0xFFFF, pairs[i + 1]) for i in range(0, len(pairs) - len(pairs) % 2, 2)
    ]


def toolchain(image: Image, dlls: list[str], section_names: list[str]) -> Toolchain:
    """What made `image`. `dlls` are the names of imported DLLs, `section_names` are names in full."""
    evidence: list[str] = []
    major, minor = image.linker_version
    linker = f"linker version {major}.{minor}"
    names = set(section_names)
    packer = next((who for marks, who in _SECTION_MARKS if names.intersection(marks)), None)
    if packer:
        return Toolchain(packer, [f"sections {', '.join(sorted(names))}"])
    if image.directories[DIR_COM_DESCRIPTOR].rva:
        return Toolchain(".NET", ["it has a common language runtime header"])
    go = _go(image, names, evidence)
    if go:
        return Toolchain(go, evidence)
    base = _base(image, dlls, names, linker, evidence)
    language = _language(image, names, evidence)
    if language:
        return Toolchain(f"{language} ({base})" if base else language, evidence)
    return Toolchain(base or "unknown", evidence or [linker])


def _find(image: Image, needle: bytes) -> int:
    return image.data.find(needle, 0, min(len(image.data), _SEARCH_LIMIT))


def _go(image: Image, names: set[str], evidence: list[str]) -> str | None:
    at = _find(image, b"\xff Go buildinf:")
    if at >= 0:
        evidence.append("Go build information")
        header = image.data[at : at + 33 + 64]
        # Since Go 1.18 the version follows the 32-byte header, with its length in front.
        if len(header) > 33 and header[15] & 2 and header[33:35] == b"go":
            return f"Go {header[35 : 33 + header[32]].decode('ascii', 'replace')}"
        return "Go"
    if image.linker_version == (3, 0) and ".symtab" in names:
        evidence.append("linker version 3.0 and a .symtab section")
        return "Go"
    return None


def _language(image: Image, names: set[str], evidence: list[str]) -> str | None:
    """The language, where it is not C or C++."""
    if (
        _find(image, b"/rustc/") >= 0
        or _find(image, b"library/std/src/") >= 0
        or _find(image, b"library\\std\\src") >= 0
    ):
        evidence.append("paths of Rust's standard library")
        return "Rust"
    if _find(image, b"stg_ap_") >= 0 or _find(image, b"GHC.Internal.") >= 0 or _find(image, b"rts/win32") >= 0:
        evidence.append("names of GHC's run-time system")
        return "Haskell"
    if _find(image, b"Dart_Initialize") >= 0:
        evidence.append("exports or names of the Dart VM")
        return "Dart"
    if _find(image, b"caml_startup") >= 0 or _find(image, b"OCAMLRUNPARAM") >= 0:
        evidence.append("names of OCaml's run-time system")
        return "OCaml"
    if _find(image, b"NimMain") >= 0:
        evidence.append("names of Nim's run-time system")
        return "Nim"
    if names.intersection((".itext", ".didata", "CODE")) or image.linker_version == (2, 25):
        for maker in ("Embarcadero", "Borland"):
            if _find(image, maker.encode()) >= 0:
                evidence.append(f"the name {maker}")
                return "Delphi"
    if _find(image, b"FPC 3.") >= 0:
        evidence.append("the text 'FPC 3.'")
        return "Free Pascal"
    return None


def _base(image: Image, dlls: list[str], names: set[str], linker: str, evidence: list[str]) -> str | None:
    """The C toolchain underneath."""
    at = _find(image, b"GCC: (")
    gnu_linker = image.linker_version[0] == 2
    runtime = _find(image, b"Mingw-w64 runtime failure") >= 0
    if at >= 0 and gnu_linker:
        text = image.data[at : at + 64].partition(b"\0")[0].decode("latin-1")
        evidence += [text, linker]
        return f"MinGW GCC {text.rpartition(') ')[2]}"
    if runtime and gnu_linker:
        evidence += ["the MinGW-w64 run-time", linker]
        return "MinGW GCC"
    if runtime:
        evidence += ["the MinGW-w64 run-time", f"{linker}, as LLVM's lld writes it"]
        return "MinGW clang, or zig cc"
    if rich_header(image):
        evidence += ["a Rich header", linker]
        return "MSVC"
    visual = [dll for dll in dlls if dll.lower().startswith(("vcruntime", "msvcp", "ucrtbase", "api-ms-win-crt"))]
    if visual:
        evidence += [f"imports {visual[0]}", linker, "no Rich header"]
        return "clang with the MSVC run-time"
    if image.linker_version[0] >= 9 and ".gfids" in names | {s.name for s in image.sections}:
        evidence.append(linker)
        return "MSVC"
    if image.linker_version == (14, 0):
        evidence += [linker, "no Rich header"]
        return "LLVM lld"
    return None
