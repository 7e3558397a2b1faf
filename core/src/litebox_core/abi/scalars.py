"""Scalar Windows types: how wide a value is, how it travels, how a trace shows it.

Every type is an alias such as ``DWORD = Annotated[int, Scalar(...)]``: a type checker sees ``int``, the
marshaller sees the :class:`Scalar`.
"""

from collections.abc import Callable, Mapping
from typing import Annotated

__all__ = [
    "ACCESS_MASK",
    "ATOM",
    "BOOL",
    "BOOLEAN",
    "BYTE",
    "CCHAR",
    "CHAR",
    "DOUBLE",
    "DWORD",
    "DWORD64",
    "DWORDLONG",
    "FLOAT",
    "HANDLE",
    "HKEY",
    "HLOCAL",
    "HMODULE",
    "HRESULT",
    "INT",
    "INT64",
    "INTPTR",
    "LANGID",
    "LCID",
    "LCTYPE",
    "LONG",
    "LONGLONG",
    "LONG_PTR",
    "LPARAM",
    "NTSTATUS",
    "PTRDIFF_T",
    "PVOID",
    "SHORT",
    "SIZE_T",
    "SOCKET",
    "TIME64_T",
    "UCHAR",
    "UINT",
    "UINT64",
    "UINTPTR",
    "ULONG",
    "ULONG64",
    "ULONGLONG",
    "ULONG_PTR",
    "USHORT",
    "WCHAR",
    "WCHAR_T",
    "WINT_T",
    "WORD",
    "WPARAM",
    "Scalar",
    "enum",
    "flags",
]  # fmt: skip


def decimal_or_hex(value: int) -> str:
    """How plain numbers are shown."""
    return str(value) if -1024 < value < 1024 else hex(value)


class Scalar:
    """A number passed by value.

    ``size`` is its width in bytes, or 0 for the width of a pointer; ``kind`` is one of ``"u"`` (unsigned),
    ``"i"`` (signed) and ``"f"`` (floating point); ``show`` makes the trace text of a value.
    """

    __slots__ = ("kind", "name", "show", "size")

    def __init__(self, name: str, size: int, kind: str, show: Callable[[int], str] = decimal_or_hex) -> None:
        self.name, self.size, self.kind, self.show = name, size, kind, show

    def width(self, bits: int) -> int:
        """Width in bytes in a process of ``bits`` (32 or 64)."""
        return self.size or bits // 8

    def code(self, bits: int) -> str:
        """The :mod:`struct` format character of the value in memory."""
        if self.kind == "f":
            return "d" if self.size == 8 else "f"
        code = {1: "b", 2: "h", 4: "i", 8: "q"}[self.width(bits)]
        return code if self.kind == "i" else code.upper()

    def __repr__(self) -> str:
        return self.name


def _bool_text(value: int) -> str:
    return {0: "FALSE", 1: "TRUE"}.get(value, str(value))


def _status_text(value: int) -> str:
    from ..errors import status_name

    value &= 0xFFFFFFFF
    return status_name(value) or hex(value)


def _handle_text(value: int) -> str:
    return {0: "NULL", -1 & 0xFFFFFFFFFFFFFFFF: "INVALID_HANDLE_VALUE"}.get(value, hex(value))


def _float_text(value: float) -> str:
    return repr(value)


BYTE = Annotated[int, Scalar("BYTE", 1, "u")]
UCHAR = BYTE
BOOLEAN = BYTE
CHAR = Annotated[int, Scalar("CHAR", 1, "i")]
CCHAR = CHAR
WORD = Annotated[int, Scalar("WORD", 2, "u")]
USHORT = WORD
ATOM = WORD
LANGID = WORD
WCHAR = WORD
WCHAR_T = WORD
WINT_T = WORD
SHORT = Annotated[int, Scalar("SHORT", 2, "i")]
DWORD = Annotated[int, Scalar("DWORD", 4, "u")]
UINT = DWORD
ULONG = DWORD
LCID = DWORD
LCTYPE = DWORD
ACCESS_MASK = DWORD
INT = Annotated[int, Scalar("INT", 4, "i")]
LONG = INT
BOOL = Annotated[int, Scalar("BOOL", 4, "i", _bool_text)]
HRESULT = Annotated[int, Scalar("HRESULT", 4, "u", hex)]
NTSTATUS = Annotated[int, Scalar("NTSTATUS", 4, "u", _status_text)]
ULONGLONG = Annotated[int, Scalar("ULONGLONG", 8, "u")]
DWORD64 = ULONGLONG
DWORDLONG = ULONGLONG
UINT64 = ULONGLONG
ULONG64 = ULONGLONG
LONGLONG = Annotated[int, Scalar("LONGLONG", 8, "i")]
INT64 = LONGLONG
TIME64_T = LONGLONG
SIZE_T = Annotated[int, Scalar("SIZE_T", 0, "u")]
ULONG_PTR = SIZE_T
UINTPTR = SIZE_T
WPARAM = SIZE_T
LONG_PTR = Annotated[int, Scalar("LONG_PTR", 0, "i")]
LPARAM = LONG_PTR
INTPTR = LONG_PTR
PTRDIFF_T = LONG_PTR
PVOID = Annotated[int, Scalar("PVOID", 0, "u", lambda value: hex(value) if value else "NULL")]
HANDLE = Annotated[int, Scalar("HANDLE", 0, "u", _handle_text)]
HMODULE = PVOID
HLOCAL = PVOID
HKEY = HANDLE
SOCKET = HANDLE
FLOAT = Annotated[float, Scalar("FLOAT", 4, "f", _float_text)]
DOUBLE = Annotated[float, Scalar("DOUBLE", 8, "f", _float_text)]


def enum(members: Mapping[str, int], size: int = 4) -> Scalar:
    """A scalar whose values have names: ``Disposition = Annotated[int, enum({"CREATE_NEW": 1})]``."""
    names = {value: name for name, value in members.items()}
    return Scalar("enum", size, "u", lambda value: names.get(value) or hex(value))


def flags(members: Mapping[str, int], size: int = 4) -> Scalar:
    """A scalar made of bits with names; bits without one are shown as a hexadecimal rest."""

    def show(value: int) -> str:
        parts, rest = [], value
        for name, bits in members.items():
            if bits and rest & bits == bits:
                parts.append(name)
                rest &= ~bits
        if rest or not parts:
            parts.append(hex(rest))
        return "|".join(parts)

    return Scalar("flags", size, "u", show)
