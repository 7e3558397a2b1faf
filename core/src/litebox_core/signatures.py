"""What the common Windows DLLs export: prototypes, ordinals, x86 byte counts, enums and API sets, from committed data.

The data is for tracing and stubbing what nobody implements. It is read per DLL, on first use.

A type is one word:

| word | meaning |
|---|---|
| `void` | no value |
| `u8 u16 u32 u64 i8 i16 i32 i64` | integer of that width, unsigned or signed |
| `usize isize` | integer as wide as a pointer |
| `f32 f64` | floating point |
| `bool8 bool32` | BOOLEAN and BOOL |
| `handle` | any handle, as wide as a pointer |
| `ntstatus hresult win32` | 32 bits: an NTSTATUS, an HRESULT, a Win32 error |
| `enum:Name` | 32-bit enum or flags, see `enum_members`; `enum8:`, `enum16:`, `enum64:` for other widths |
| `astr wstr` | pointer to a terminated string, narrow or UTF-16; below 0x10000, an ordinal or atom in its place |
| `abuf wbuf` | pointer to characters that the function may write (only where the C prototype is known) |
| `bstr` | BSTR |
| `fn`, `fn:Name` | pointer to a function |
| `ptr` | pointer to anything |
| `ptr:X` | pointer to X: one of these words, or else the name of a struct, union or COM interface |
| `struct:Name:size` | a struct by value, of `size` bytes; `size/size` is on x64 and on x86 |

Files: `<dll>.tsv.gz` has a line per export, sorted by name: name, two letters (convention, source), ordinal, x86 byte
count, return type, parameters ("-" when unknown, else `type name` separated by commas). `enums.tsv.gz` has name,
members in hexadecimal; `api_sets.tsv.gz` has name, hosts.
"""

import zlib
from collections.abc import Iterator, Mapping
from functools import cache
from os import listdir
from os.path import dirname, join
from typing import NamedTuple

_FOLDER = join(dirname(__file__), "data", "signatures")
_SUFFIX = ".tsv.gz"
_CONVENTIONS = {
    "s": "stdcall",
    "c": "cdecl",
    "v": "vararg",
    "f": "fastcall",
    "t": "thiscall",
    "d": "data",
    "?": "unknown",
}
_SOURCES = {"w": "win32metadata", "k": "win32metadata (WDK)", "m": "mingw-w64", "d": "mingw-w64 .def", "o": "ordlookup"}


class Param(NamedTuple):
    """One parameter: Microsoft's name and a word of the type vocabulary."""

    name: str
    type: str


class Signature(NamedTuple):
    """One export of a DLL."""

    dll: str  # lower case, without ".dll"
    name: str  # "#N" for an export that has only the ordinal N
    ordinal: int | None  # where it is known to be fixed
    convention: str  # on x86: stdcall, cdecl, vararg (cdecl), fastcall, thiscall; data; unknown. x64 has only one
    ret: str  # "" if unknown
    params: tuple[Param, ...] | None  # None if unknown; without the variable ones
    x86_bytes: int | None  # of arguments that the callee takes off the x86 stack: 0 for cdecl, None if unknown
    source: str  # where the prototype is from


def dlls() -> tuple[str, ...]:
    """The DLLs there is data for, lower case, without ".dll"."""
    return tuple(sorted({name[: -len(_SUFFIX)] for name in _files() if name not in _NOT_DLLS} | _ALSO_IN.keys()))


def names(dll: str) -> Iterator[str]:
    """The exports of a DLL, sorted; none if there is no data for it."""
    return iter(_rows(_plain(dll)))


def find(dll: str, name_or_ordinal: str | int) -> Signature | None:
    """The export of that name or ordinal, or None.

    Two export lists are known to be incomplete: a name that kernelbase or msvcrt lacks is looked for where the same
    function is exported too, so `find` may know a name that `names` does not list.
    """
    dll = _plain(dll)
    if isinstance(name_or_ordinal, int):
        name = _ordinals(dll).get(name_or_ordinal)
        return None if name is None else _signature(dll, name, _rows(dll)[name])
    row = _rows(dll).get(name_or_ordinal)
    if row is not None:
        return _signature(dll, name_or_ordinal, row)
    for other in _ALSO_IN.get(dll, ()):
        row = _rows(other).get(name_or_ordinal)
        if row is not None:
            return _signature(dll, name_or_ordinal, row)._replace(ordinal=None)
    return None


# Where else the functions of a DLL are exported
_ALSO_IN = {
    "kernelbase": ("kernel32", "advapi32", "shlwapi", "version", "userenv", "user32", "ntdll"),
    "msvcrt": ("ucrtbase",),
    "combase": ("ole32", "oleaut32"),
    "cryptbase": ("advapi32",),
    "sechost": ("advapi32",),
    "vcruntime140": ("msvcrt", "ucrtbase"),
    "vcruntime140_1": ("msvcrt", "ucrtbase"),
}


def _signature(dll: str, name: str, row: str) -> Signature:
    letters, ordinal, size, ret, params = row.split("\t")
    return Signature(
        dll,
        name,
        int(ordinal) if ordinal else None,
        _CONVENTIONS[letters[0]],
        ret,
        _params(params),
        int(size) if size else None,
        _SOURCES[letters[1]],
    )


def enum_members(type_name: str) -> Mapping[str, int] | None:
    """The members of the enum of a type: of "enum:FILE_SHARE_MODE", or of the name alone. None if there is none."""
    row = _table("enums").get(type_name.rpartition(":")[2])
    if not row:
        return None
    pairs = (member.split("=") for member in row.split(","))
    return {name: int(value, 16) for name, value in pairs}


def hosts_of_api_set(name: str) -> tuple[str, ...]:
    """The DLLs to search for the functions of an API set, in that order; () if the set is unknown.

    Of a set of unknown version ("api-ms-win-core-synch-l1-2-9") the hosts are those of the other versions of its
    contract.
    """
    plain = _plain(name)
    known = _table("api_sets").get(plain)
    if known is None:
        parts = plain.rsplit("-", 3)
        if len(parts) < 4:
            return ()
        found: dict[str, None] = {}
        for other, hosts in _table("api_sets").items():
            if other.startswith(parts[0] + "-l") and other.count("-") == plain.count("-"):
                found.update(dict.fromkeys(hosts.split()))
        return tuple(found)
    return tuple(known.split())


_NOT_DLLS = ("enums" + _SUFFIX, "api_sets" + _SUFFIX)


def is_api_set(name: str) -> bool:
    """Whether there is an API set of exactly this name, without ``.dll``."""
    return name.lower() in _table("api_sets")


def _plain(dll: str) -> str:
    dll = dll.lower()
    return dll[:-4] if dll.endswith(".dll") else dll


def _params(text: str) -> tuple[Param, ...] | None:
    if text == "-":
        return None
    if not text:
        return ()
    return tuple(Param(name, kind) for kind, name in (one.split(" ") for one in text.split(",")))


@cache
def _files() -> frozenset[str]:
    return frozenset(listdir(_FOLDER))


@cache
def _table(name: str) -> dict[str, str]:
    """A data file: the first column to the rest of the line."""
    with open(join(_FOLDER, name + _SUFFIX), "rb") as file:
        text = zlib.decompress(file.read(), 31).decode()
    return dict(line.split("\t", 1) for line in text.splitlines())


def _rows(dll: str) -> dict[str, str]:
    file = dll + _SUFFIX
    return _table(dll) if file in _files() and file not in _NOT_DLLS else {}


@cache
def _ordinals_of(dll: str) -> dict[int, str]:
    found = {}
    for name, row in _rows(dll).items():
        ordinal = row.split("\t", 2)[1]
        if ordinal:
            found[int(ordinal)] = name
    return found


def _ordinals(dll: str) -> dict[int, str]:
    return _ordinals_of(dll) if dll + _SUFFIX in _files() else {}
