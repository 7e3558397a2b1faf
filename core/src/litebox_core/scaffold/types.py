"""The words of the type vocabulary of :mod:`litebox_core.signatures`, as types of :mod:`litebox_core.abi`.

The data knows how wide a value is, not which way a pointer goes: a pointer becomes ``Ptr[...]``, to be narrowed to
``In``, ``Out`` or ``InOut`` by who knows, or ``PVOID`` with a note where the data does not know what it points to.
"""

import keyword
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from .. import abi
from ..signatures import Param, enum_members

SCALARS = {
    "u8": "BYTE", "u16": "WORD", "u32": "DWORD", "u64": "ULONGLONG", "i8": "CHAR", "i16": "SHORT", "i32": "INT",
    "i64": "LONGLONG", "usize": "SIZE_T", "isize": "LONG_PTR", "f32": "FLOAT", "f64": "DOUBLE", "bool8": "BOOLEAN",
    "bool32": "BOOL", "handle": "HANDLE", "ntstatus": "NTSTATUS", "hresult": "HRESULT", "win32": "DWORD",
}  # fmt: skip
_POINTERS = {"astr": "PCSTR", "wstr": "PCWSTR", "abuf": "CHAR *", "wbuf": "WCHAR *", "bstr": "BSTR", "ptr": "void *"}
_COUNTS = ("u32", "i32", "usize")
_COUNT_NAME = re.compile(
    r"^(cb|u?cch|cwch)(?![a-z])|^nNumberOfBytes|^MaxBytes|([sS]ize|[lL]en|[lL]ength|[cC]ount)$|[sS]izeIn(Bytes|Words|Chars)$"
)
_BYTES_NAME = re.compile(r"^cb|bytes", re.IGNORECASE)


class Typed(NamedTuple):
    """An annotation as source text, and what it leaves unsaid ("" for nothing)."""

    text: str
    note: str = ""


class Writer:
    """Turns types into annotations and keeps what the module then needs.

    ``abi`` are the names to import from litebox_core.abi, ``enums`` the enums to spell out (name to members and
    ``"enum"`` or ``"flags"``), ``structs`` the structures that travel by value: name to the field that fills them.
    """

    def __init__(self) -> None:
        self.abi: set[str] = set()
        self.annotated = False
        self.enums: dict[str, tuple[Mapping[str, int], str]] = {}
        self.structs: dict[str, str] = {}

    def use(self, name: str) -> str:
        self.abi.add(name)
        return name

    def returned(self, kind: str) -> Typed:
        """The annotation of a result."""
        if kind == "void":
            return Typed("None")
        if not kind:
            return Typed(self.use("SIZE_T"), "the data does not know what it returns")
        scalar = self._scalar(kind)
        return Typed(scalar) if scalar else self._opaque(kind)

    def parameter(self, param: Param, following: Sequence[Param]) -> Typed:
        """The annotation of a parameter; ``following`` are those behind it, where a buffer's length may be."""
        kind = param.type
        scalar = self._scalar(kind)
        if scalar:
            return Typed(scalar)
        if kind in ("astr", "wstr"):
            return Typed(f"{self.use('PCSTR' if kind == 'astr' else 'PCWSTR')} | None")
        length = following[0] if following else None
        if kind in ("abuf", "wbuf", "ptr:u8") and length and length.type in _COUNTS and _COUNT_NAME.search(length.name):
            in_bytes = kind != "wbuf" or _BYTES_NAME.search(length.name)
            self.annotated = True
            buffer, meta = self.use("Buffer" if in_bytes else "WideBuffer"), self.use("Len")
            return Typed(f'Annotated[{buffer}, {meta}("{identifier(length.name)}")]')
        if kind.startswith("ptr:"):
            target = kind[4:]
            if target.split(":")[0] in ("ptr", "astr", "wstr", "bstr", "fn"):
                return Typed(f"{self.use('Ptr')}[{self.use('PVOID')}]", f"{spelled(target)} *")
            scalar = self._scalar(target)
            if scalar and not target.startswith("struct:"):
                return Typed(f"{self.use('Ptr')}[{scalar}]")
        if kind in ("abuf", "wbuf"):
            return Typed(f"{self.use('Ptr')}[{self.use('CHAR' if kind == 'abuf' else 'WCHAR')}]")
        return self._opaque(kind)

    def _opaque(self, kind: str) -> Typed:
        return Typed(self.use("PVOID"), "" if kind == "ptr" else spelled(kind))

    def _scalar(self, kind: str) -> str:
        """The annotation of what travels by value; "" for a pointer."""
        if kind in SCALARS:
            return self.use(SCALARS[kind])
        word, _, rest = kind.partition(":")
        if word == "struct":
            title, _, sizes = rest.partition(":")
            return self._struct(title, sizes)
        if not word.startswith("enum"):
            return ""
        size = int(word[4:] or 32) // 8
        name = _own(rest)
        members = enum_members(rest)
        if not members:
            return self.use({1: "BYTE", 2: "WORD", 4: "DWORD", 8: "ULONGLONG"}[size])
        how = "flags" if made_of_bits(rest, members) else "enum"
        self.enums[name] = (members, how)
        self.annotated = True
        return f"Annotated[int, {self.use(how)}({name}{f', {size}' if size != 4 else ''})]"

    def _struct(self, name: str, size: str) -> str:
        """The annotation of a structure by value: its fields are not in the data, its size is."""
        name = _own(name)
        on64, _, on32 = size.partition("/")
        self.use("Struct")
        if not on32 and on64 in ("1", "2", "4", "8"):
            field = self.use({"1": "BYTE", "2": "WORD", "4": "DWORD", "8": "ULONGLONG"}[on64])
        elif on32 and int(on64) == 2 * int(on32) and int(on32) % 4 == 0:
            field = f"Annotated[list[int], {self.use('Array')}({self.use('SIZE_T')}, {int(on32) // 4})]"
            self.annotated = True
        else:
            field = f"Annotated[bytes, {self.use('Bytes')}({on64})]"
            self.annotated = True
        self.structs[name] = field
        return name


def spelled(kind: str) -> str:
    """A pointer type in C's way, for a comment: ``SYSTEMTIME *`` of ``ptr:SYSTEMTIME``."""
    word, _, rest = kind.partition(":")
    if word == "ptr" and rest:
        inner = spelled(rest)
        return inner + "*" if inner.endswith("*") else f"{inner} *"
    if word == "fn":
        return rest or "pointer to a function"
    if word.startswith("enum") or word == "struct":
        return rest.partition(":")[0]
    return _POINTERS.get(word) or SCALARS.get(word) or {"void": "void"}.get(word, kind)


def made_of_bits(name: str, members: Mapping[str, int]) -> bool:
    """Whether the members of an enum are to be combined. The data does not say; names and values tell."""
    values = sorted({value for value in members.values() if value})
    if re.search(r"FLAG|ATTRIB|RIGHTS|MASK|ACCESS", name, re.IGNORECASE):
        return True
    if len(values) < 2 or values == list(range(values[0], values[0] + len(values))):
        return False
    bits = [value for value in values if value & (value - 1) == 0]
    return 2 * len(bits) >= len(values)


def _own(name: str) -> str:
    """The name of an enum or structure in the module: never one that the module imports."""
    plain = identifier(name)
    return plain + "_" if plain in abi.__all__ else plain


def identifier(name: str) -> str:
    """A name of the data as a name of Python's."""
    plain = re.sub(r"\W", "_", name)
    if not plain or plain[0].isdigit():
        plain = "_" + plain
    return plain + "_" if keyword.iskeyword(plain) else plain
