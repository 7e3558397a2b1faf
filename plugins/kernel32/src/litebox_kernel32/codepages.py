"""winnls.h: code pages."""

from typing import Any

from litebox_core.abi import (
    BOOL,
    BYTE,
    DWORD,
    PVOID,
    UINT,
    WCHAR,
    Annotated,
    Bytes,
    Callback,
    CallbackMeta,
    Out,
    Struct,
    WideChars,
)
from litebox_core.errors import WinError
from litebox_core.guest import Guest, Steps
from litebox_core.nls.codepages import CodePage as Page
from litebox_core.nls.codepages import codepage, codepages
from litebox_core.winerror import ERROR_INVALID_FLAGS, ERROR_INVALID_PARAMETER

from .base import dll
from .strings import page_number, requested_page

CP_INSTALLED, CP_SUPPORTED = 1, 2


class CPINFO(Struct):
    MaxCharSize: UINT
    DefaultChar: Annotated[bytes, Bytes(2)]
    LeadByte: Annotated[bytes, Bytes(12)]


class CPINFOEXW(CPINFO):
    UnicodeDefaultChar: WCHAR
    CodePage: UINT
    CodePageName: Annotated[str, WideChars(260)]


class CPINFOEXA(CPINFO):
    UnicodeDefaultChar: WCHAR
    CodePage: UINT
    CodePageName: Annotated[bytes, Bytes(260)]


@dll.export
def GetACP(guest: Guest) -> UINT:
    return page_number(0)


@dll.export
def GetOEMCP(guest: Guest) -> UINT:
    return page_number(1)


@dll.export
def IsValidCodePage(guest: Guest, CodePage: UINT) -> BOOL:
    return codepage(CodePage) is not None


def _common(page: Page) -> dict[str, Any]:
    lead = b"".join(bytes(pair) for pair in page.lead_bytes)
    return {"MaxCharSize": page.max_char_size, "DefaultChar": page.default_char, "LeadByte": lead}


@dll.export
def GetCPInfo(guest: Guest, CodePage: UINT, lpCPInfo: Out[CPINFO]) -> BOOL:
    if not lpCPInfo:
        raise WinError(ERROR_INVALID_PARAMETER)
    lpCPInfo.value = CPINFO(**_common(requested_page(CodePage)))
    return True


def _extended(page: Page) -> dict[str, Any]:
    return {**_common(page), "UnicodeDefaultChar": ord(page.unicode_default_char), "CodePage": page.number}


@dll.export
def GetCPInfoExW(guest: Guest, CodePage: UINT, dwFlags: DWORD, lpCPInfoEx: Out[CPINFOEXW]) -> BOOL:
    if not lpCPInfoEx or dwFlags:
        raise WinError(ERROR_INVALID_PARAMETER)
    page = requested_page(CodePage)
    lpCPInfoEx.value = CPINFOEXW(**_extended(page), CodePageName=page.name)
    return True


@dll.export
def GetCPInfoExA(guest: Guest, CodePage: UINT, dwFlags: DWORD, lpCPInfoEx: Out[CPINFOEXA]) -> BOOL:
    if not lpCPInfoEx or dwFlags:
        raise WinError(ERROR_INVALID_PARAMETER)
    page = requested_page(CodePage)
    lpCPInfoEx.value = CPINFOEXA(**_extended(page), CodePageName=guest.memory.ansi_encode(page.name))
    return True


@dll.export
def IsDBCSLeadByteEx(guest: Guest, CodePage: UINT, TestChar: BYTE) -> BOOL:
    return requested_page(CodePage).is_lead_byte(TestChar)


@dll.export
def IsDBCSLeadByte(guest: Guest, TestChar: BYTE) -> BOOL:
    return requested_page(0).is_lead_byte(TestChar)


CodePageProc = Annotated[Callback, CallbackMeta([PVOID], BOOL)]


def _enumerated(guest: Guest, callback: Callback, flags: int, wide: bool) -> Steps[int]:
    if not callback:
        raise WinError(ERROR_INVALID_PARAMETER)
    if flags & ~(CP_INSTALLED | CP_SUPPORTED):
        raise WinError(ERROR_INVALID_FLAGS)
    text = guest.process.heaps_allocate(16)
    for number in codepages():
        guest.memory.write(text, f"{number}\0".encode("utf-16-le" if wide else "ascii"))
        if not (yield callback(text)):
            break
    return True


@dll.export
def EnumSystemCodePagesW(guest: Guest, lpCodePageEnumProc: CodePageProc, dwFlags: DWORD) -> Steps[BOOL]:
    return _enumerated(guest, lpCodePageEnumProc, dwFlags, True)


@dll.export
def EnumSystemCodePagesA(guest: Guest, lpCodePageEnumProc: CodePageProc, dwFlags: DWORD) -> Steps[BOOL]:
    return _enumerated(guest, lpCodePageEnumProc, dwFlags, False)
