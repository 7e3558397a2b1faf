"""winuser.h: texts between the OEM code page and the ANSI code page or UTF-16."""

from litebox_core.abi import BOOL, DWORD, PVOID
from litebox_core.guest import Guest
from litebox_core.nls.codepages import codepage
from litebox_core.nls.pagebase import CodePage

from .base import dll
from .chars import OEM


def _oem() -> CodePage:
    page = codepage(OEM)
    assert page is not None
    return page


def _from_oem(guest: Guest, source: int, target: int, count: int | None, wide: bool) -> bool:
    """``count`` bytes, or those up to a NUL with it."""
    if not source or not target:
        return False
    memory = guest.memory
    text = _oem().decode(memory.cstr(source) + b"\0" if count is None else memory.read(source, count))
    memory.write(target, text.encode("utf-16-le", "surrogatepass") if wide else memory.ansi_encode(text))
    return True


def _to_oem(guest: Guest, source: int, target: int, count: int | None, wide: bool) -> bool:
    if not source or not target:
        return False
    memory = guest.memory
    if wide:
        data = memory.wstr_bytes(source) + b"\0\0" if count is None else memory.read(source, 2 * count)
        text = data.decode("utf-16-le", "surrogatepass")
    else:
        text = memory.ansi_decode(memory.cstr(source) + b"\0" if count is None else memory.read(source, count))
    memory.write(target, _oem().encode(text)[0])
    return True


@dll.export
def OemToCharA(guest: Guest, pSrc: PVOID, pDst: PVOID) -> BOOL:
    return _from_oem(guest, pSrc, pDst, None, False)


@dll.export
def OemToCharW(guest: Guest, pSrc: PVOID, pDst: PVOID) -> BOOL:
    return _from_oem(guest, pSrc, pDst, None, True)


@dll.export
def OemToCharBuffA(guest: Guest, lpszSrc: PVOID, lpszDst: PVOID, cchDstLength: DWORD) -> BOOL:
    return _from_oem(guest, lpszSrc, lpszDst, cchDstLength, False)


@dll.export
def OemToCharBuffW(guest: Guest, lpszSrc: PVOID, lpszDst: PVOID, cchDstLength: DWORD) -> BOOL:
    return _from_oem(guest, lpszSrc, lpszDst, cchDstLength, True)


@dll.export
def CharToOemA(guest: Guest, pSrc: PVOID, pDst: PVOID) -> BOOL:
    return _to_oem(guest, pSrc, pDst, None, False)


@dll.export
def CharToOemW(guest: Guest, pSrc: PVOID, pDst: PVOID) -> BOOL:
    return _to_oem(guest, pSrc, pDst, None, True)


@dll.export
def CharToOemBuffA(guest: Guest, lpszSrc: PVOID, lpszDst: PVOID, cchDstLength: DWORD) -> BOOL:
    return _to_oem(guest, lpszSrc, lpszDst, cchDstLength, False)


@dll.export
def CharToOemBuffW(guest: Guest, lpszSrc: PVOID, lpszDst: PVOID, cchDstLength: DWORD) -> BOOL:
    return _to_oem(guest, lpszSrc, lpszDst, cchDstLength, True)
