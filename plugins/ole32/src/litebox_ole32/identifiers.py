"""combaseapi.h: GUIDs of classes and interfaces, and their text."""

import uuid

from litebox_core.abi import HRESULT, INT, PCWSTR, PVOID, Annotated, Len, Out, WideBuffer
from litebox_core.guest import Guest
from litebox_core.services import Entropy, Heaps

from .base import dll
from .guids import GUID_TEXT, braced, new_block, parse_braced, random_guid, read_guid, write_guid

S_OK, E_INVALIDARG, E_OUTOFMEMORY = 0, 0x80070057, 0x8007000E
CO_E_CLASSSTRING, CO_E_IIDSTRING, REGDB_E_CLASSNOTREG = 0x800401F3, 0x800401F4, 0x80040154
_NO_CLASSES = "no class is registered"


@dll.export
def CoCreateGuid(guest: Guest, pguid: PVOID, *, entropy: Entropy) -> HRESULT:
    if not pguid:
        return E_INVALIDARG
    write_guid(guest, pguid, random_guid(entropy))
    return S_OK


@dll.export
def StringFromGUID2(
    guest: Guest, rguid: PVOID, lpsz: Annotated[WideBuffer, Len("cchMax")], cchMax: INT
) -> INT:  # fmt: skip
    """How many characters the text has, its NUL included; 0 where they do not fit."""
    text = braced(read_guid(guest, rguid))
    if cchMax <= GUID_TEXT:
        return 0
    lpsz.put(text)
    return GUID_TEXT + 1


def _text_block(guest: Guest, guid: int, out: Out[int], heaps: Heaps) -> int:
    if not out:
        return E_INVALIDARG
    block = new_block(guest, heaps, (braced(read_guid(guest, guid)) + "\0").encode("utf-16-le"))
    out.value = block
    return S_OK if block else E_OUTOFMEMORY


@dll.export
def StringFromCLSID(guest: Guest, rclsid: PVOID, lplpsz: Out[PVOID], *, heaps: Heaps) -> HRESULT:
    return _text_block(guest, rclsid, lplpsz, heaps)


@dll.export
def StringFromIID(guest: Guest, rclsid: PVOID, lplpsz: Out[PVOID], *, heaps: Heaps) -> HRESULT:
    return _text_block(guest, rclsid, lplpsz, heaps)


def _from_text(guest: Guest, text: str | None, out: int, error: int) -> int:
    """NULL stands for the GUID of zeros."""
    if not out:
        return E_INVALIDARG
    found = uuid.UUID(int=0) if text is None else parse_braced(text)
    write_guid(guest, out, found or uuid.UUID(int=0))
    return S_OK if found is not None else error


@dll.export(partial=_NO_CLASSES)
def CLSIDFromString(guest: Guest, lpsz: PCWSTR | None, pclsid: PVOID) -> HRESULT:
    return _from_text(guest, lpsz, pclsid, CO_E_CLASSSTRING)


@dll.export
def IIDFromString(guest: Guest, lpsz: PCWSTR | None, lpiid: PVOID) -> HRESULT:
    if lpsz is not None and len(lpsz) != GUID_TEXT:
        return E_INVALIDARG
    return _from_text(guest, lpsz, lpiid, CO_E_IIDSTRING)


@dll.export(partial=_NO_CLASSES)
def CLSIDFromProgID(guest: Guest, lpszProgID: PCWSTR | None, lpclsid: PVOID) -> HRESULT:
    if not lpclsid:
        return E_INVALIDARG
    write_guid(guest, lpclsid, uuid.UUID(int=0))
    return CO_E_CLASSSTRING if lpszProgID is not None else E_INVALIDARG


@dll.export(partial=_NO_CLASSES)
def ProgIDFromCLSID(guest: Guest, clsid: PVOID, lplpszProgID: Out[PVOID]) -> HRESULT:
    if not lplpszProgID:
        return E_INVALIDARG
    lplpszProgID.value = 0
    return REGDB_E_CLASSNOTREG
