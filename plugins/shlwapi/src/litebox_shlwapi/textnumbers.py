"""shlwapi.h: numbers from text, and sizes as text."""

import re

from litebox_core.abi import BOOL, DWORD, INT, LONGLONG, PVOID, UINT, Annotated, Len, Out, WideBuffer
from litebox_core.abi.pointers import AnsiBuffer
from litebox_core.guest import Guest

from .base import Letters, both, dll

STIF_SUPPORT_HEX = 1
_DECIMAL = re.compile(r"[ \t\n]*([+-]?)([0-9]+)")
_HEXADECIMAL = re.compile(r"[ \t\n]*([+-]?)0[xX]([0-9a-fA-F]+)")
_UNITS = ("KB", "MB", "GB", "TB", "PB", "EB")


def _number(text: str, flags: int, bits: int) -> int | None:
    """The number that a text begins with, signed and cut to so many bits; None without one."""
    found = _HEXADECIMAL.match(text) if flags & STIF_SUPPORT_HEX else None
    base = 16 if found else 10
    found = found or _DECIMAL.match(text)
    if found is None:
        return None
    mask, digits = (1 << bits) - 1, found[2][:100]
    value = (int(digits, base) * (-1 if found[1] == "-" and base == 10 else 1)) & mask
    return value - (1 << bits) if value >> (bits - 1) else value


def _numbers(letters: Letters) -> None:
    def StrToInt(guest: Guest, pszSrc: PVOID) -> INT:
        text = letters.read(guest.memory, pszSrc) if pszSrc else ""
        return (_number(text, 0, 32) or 0) if text[:1] == "-" or text[:1].isdigit() else 0

    def StrToIntEx(guest: Guest, pszString: PVOID, dwFlags: INT, piRet: Out[INT]) -> BOOL:
        value = _number(letters.read(guest.memory, pszString), dwFlags, 32) if pszString and piRet else None
        if value is not None:
            piRet.value = value
        return value is not None

    def StrToInt64Ex(guest: Guest, pszString: PVOID, dwFlags: INT, pllRet: Out[LONGLONG]) -> BOOL:
        value = _number(letters.read(guest.memory, pszString), dwFlags, 64) if pszString and pllRet else None
        if value is not None:
            pllRet.value = value
        return value is not None

    for function in (StrToInt, StrToIntEx, StrToInt64Ex):
        dll.export(name=function.__name__ + letters.suffix)(function)


for _letters in both():
    _numbers(_letters)


def size_text(size: int) -> str:
    """A number of bytes with three digits and its unit; what does not fit into them is cut off."""
    if -1024 < size < 1024:
        return f"{size} bytes"
    sign, size = "-" if size < 0 else "", abs(size)
    unit, power = 1024, 0
    while size >= 1000 * unit and power + 1 < len(_UNITS):
        unit, power = unit * 1024, power + 1
    decimals = 2 if size < 10 * unit else 1 if size < 100 * unit else 0
    scaled = size * 10**decimals // unit
    whole, rest = divmod(scaled, 10**decimals)
    return sign + str(whole) + (f".{rest:0{decimals}}" if decimals else "") + " " + _UNITS[power]


def _put(buffer: WideBuffer, text: str) -> int:
    """Stores what fits; NULL for no room at all."""
    if not buffer.addr or not buffer.size:
        return 0
    buffer.cut(text)
    return buffer.addr


@dll.export
def StrFormatByteSizeW(
    guest: Guest, qdw: LONGLONG, pszBuf: Annotated[WideBuffer, Len("cchBuf")], cchBuf: UINT
) -> PVOID:
    return _put(pszBuf, size_text(qdw))


@dll.export
def StrFormatByteSize64A(guest: Guest, qdw: LONGLONG, pszBuf: PVOID, cchBuf: UINT) -> PVOID:
    return _put(AnsiBuffer(guest.memory, pszBuf, cchBuf), size_text(qdw))


@dll.export
def StrFormatByteSizeA(guest: Guest, dw: DWORD, pszBuf: PVOID, cchBuf: UINT) -> PVOID:
    return _put(AnsiBuffer(guest.memory, pszBuf, cchBuf), size_text(dw))


@dll.export
def StrFormatKBSizeW(guest: Guest, qdw: LONGLONG, pszBuf: Annotated[WideBuffer, Len("cchBuf")], cchBuf: UINT) -> PVOID:
    """Whole kilobytes, rounded up, with separators."""
    return _put(pszBuf, f"{-(-qdw // 1024):,} KB")


dll.ansi(StrFormatKBSizeW)
