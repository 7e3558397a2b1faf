"""wincrypt.h: CryptBinaryToString and CryptStringToBinary."""

from litebox_core.abi import BOOL, DWORD, PVOID, InOut, Out
from litebox_core.abi.pointers import AnsiBuffer, WideBuffer
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.winerror import (
    ERROR_INSUFFICIENT_BUFFER,
    ERROR_INVALID_DATA,
    ERROR_INVALID_PARAMETER,
    ERROR_MORE_DATA,
)

from . import textforms
from .base import dll

NOCRLF, NOCR, STRICT = 0x40000000, 0x80000000, 0x20000000
_MODIFIERS = NOCRLF | NOCR | STRICT
_NOTE = "Base64, HEX, HEXRAW and BINARY"


def _to_text(guest: Guest, data: int, size: int, flags: int, out: WideBuffer, length: InOut[int]) -> bool:
    """The length counts the NUL where it is asked for, and does not when the text has been stored."""
    if not data or not size or not length:
        raise WinError(ERROR_INVALID_PARAMETER)
    form = flags & ~_MODIFIERS
    content, unit = guest.memory.read(data, size), out.unit
    if form == textforms.BINARY:
        stored, end = content, b""
    else:
        newline = "" if flags & NOCRLF else "\n" if flags & NOCR else "\r\n"
        text = textforms.encode(content, form, newline)
        if text is None:
            raise WinError(ERROR_INVALID_PARAMETER)
        stored, end = out.encode(text), b"\0" * unit
    needed = (len(stored) + len(end)) // unit
    room, length.value = length.value, needed
    if not out:
        return True
    if room < needed:
        raise WinError(ERROR_MORE_DATA)
    guest.memory.write(out.addr, stored + end)
    length.value = len(stored) // unit
    return True


@dll.export(partial=_NOTE)
def CryptBinaryToStringW(
    guest: Guest, pbBinary: PVOID, cbBinary: DWORD, dwFlags: DWORD, pszString: PVOID, pcchString: InOut[DWORD]
) -> BOOL:
    return _to_text(guest, pbBinary, cbBinary, dwFlags, WideBuffer(guest.memory, pszString, 0), pcchString)


@dll.export(partial=_NOTE)
def CryptBinaryToStringA(
    guest: Guest, pbBinary: PVOID, cbBinary: DWORD, dwFlags: DWORD, pszString: PVOID, pcchString: InOut[DWORD]
) -> BOOL:
    return _to_text(guest, pbBinary, cbBinary, dwFlags, AnsiBuffer(guest.memory, pszString, 0), pcchString)


def _to_bytes(
    guest: Guest, text: str, form: int, out: int, size: InOut[int], skip: Out[int], found_form: Out[int]
) -> bool:  # fmt: skip
    if not size:
        raise WinError(ERROR_INVALID_PARAMETER)
    found = textforms.decode(text, form & ~_MODIFIERS)
    if found is None:
        raise WinError(ERROR_INVALID_DATA)
    data, skipped, kind = found
    room, size.value = size.value, len(data)
    if skip:
        skip.value = skipped
    if found_form:
        found_form.value = kind
    if not out:
        return True
    if room < len(data):
        raise WinError(ERROR_INSUFFICIENT_BUFFER)
    guest.memory.write(out, data)
    return True


@dll.export(partial=_NOTE)
def CryptStringToBinaryW(
    guest: Guest, pszString: PVOID, cchString: DWORD, dwFlags: DWORD, pbBinary: PVOID, pcbBinary: InOut[DWORD],
    pdwSkip: Out[DWORD], pdwFlags: Out[DWORD],
) -> BOOL:  # fmt: skip
    if not pszString:
        raise WinError(ERROR_INVALID_PARAMETER)
    memory = guest.memory
    raw = memory.read(pszString, 2 * cchString) if cchString else memory.wstr_bytes(pszString)
    text = raw.decode("utf-16-le", "surrogatepass").partition("\0")[0]
    return _to_bytes(guest, text, dwFlags, pbBinary, pcbBinary, pdwSkip, pdwFlags)


@dll.export(partial=_NOTE)
def CryptStringToBinaryA(
    guest: Guest, pszString: PVOID, cchString: DWORD, dwFlags: DWORD, pbBinary: PVOID, pcbBinary: InOut[DWORD],
    pdwSkip: Out[DWORD], pdwFlags: Out[DWORD],
) -> BOOL:  # fmt: skip
    if not pszString:
        raise WinError(ERROR_INVALID_PARAMETER)
    memory = guest.memory
    text = (memory.read(pszString, cchString) if cchString else memory.cstr(pszString)).decode("latin-1")
    if dwFlags & ~_MODIFIERS != textforms.BINARY:
        text = text.partition("\0")[0]
    return _to_bytes(guest, text, dwFlags, pbBinary, pcbBinary, pdwSkip, pdwFlags)
