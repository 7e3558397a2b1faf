"""oleauto.h: BSTRs (wide text with its length in bytes before it), plain variants, dates."""

import datetime
import struct

from litebox_core.abi import DOUBLE, HRESULT, INT, PCWSTR, PVOID, UINT, Out, Ptr
from litebox_core.guest import Guest
from litebox_core.services import Heaps

from .base import oleaut32

S_OK, DISP_E_BADVARTYPE, E_INVALIDARG = 0, 0x80020008, 0x80070057
VT_BSTR, VT_BYREF, LAST_PLAIN_TYPE = 8, 0x4000, 23
_SIMPLE = frozenset([0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 14, 16, 17, 18, 19, 20, 21, 22, 23])
"""The types of variants that own nothing: numbers, dates, truth and errors."""
_MAXIMUM = 0x7FFFFFF0
HEAP_ZERO_MEMORY = 8
_FIRST_DAY = datetime.datetime(1899, 12, 30)
_SYSTEMTIME = struct.Struct("<8H")


def _new(guest: Guest, heaps: Heaps, data: bytes, size: int | None = None) -> int:
    """A BSTR of these bytes, or of so many zeros; 0 without memory."""
    size = len(data) if size is None else size
    block = heaps.allocate(guest.process.process_heap, HEAP_ZERO_MEMORY, guest.bits // 8 + size + 2)
    if not block:
        return 0
    start = block + guest.bits // 8
    guest.memory.write(start - 4, struct.pack("<I", size) + data)
    return start


def _length(guest: Guest, text: int) -> int:
    return guest.memory.u32(text - 4) if text else 0


def _free(guest: Guest, heaps: Heaps, text: int) -> None:
    if text:
        heaps.free(guest.process.process_heap, 0, text - guest.bits // 8)


def _copied(guest: Guest, heaps: Heaps, source: int, size: int) -> int:
    """A BSTR of so many bytes from an address, of zeros from NULL. Raises GuestFault."""
    if size > min(_MAXIMUM, guest.memory.limit):
        return 0
    return _new(guest, heaps, guest.memory.read(source, size) if source else b"", size)


@oleaut32.export(ordinal=2)
def SysAllocString(guest: Guest, psz: PCWSTR | None, *, heaps: Heaps) -> PVOID:
    return 0 if psz is None else _new(guest, heaps, psz.encode("utf-16-le", "surrogatepass"))


@oleaut32.export(ordinal=4)
def SysAllocStringLen(guest: Guest, strIn: PVOID, ui: UINT, *, heaps: Heaps) -> PVOID:
    return _copied(guest, heaps, strIn, 2 * ui)


@oleaut32.export(ordinal=150)
def SysAllocStringByteLen(guest: Guest, psz: PVOID, len: UINT, *, heaps: Heaps) -> PVOID:
    return _copied(guest, heaps, psz, len)


@oleaut32.export(ordinal=3)
def SysReAllocString(guest: Guest, pbstr: Ptr[PVOID], psz: PCWSTR | None, *, heaps: Heaps) -> INT:
    made = 0 if psz is None else _new(guest, heaps, psz.encode("utf-16-le", "surrogatepass"))
    if psz is not None and not made:
        return False
    _free(guest, heaps, pbstr.value)
    pbstr.value = made
    return True


@oleaut32.export(ordinal=5)
def SysReAllocStringLen(guest: Guest, pbstr: Ptr[PVOID], psz: PVOID, len: UINT, *, heaps: Heaps) -> INT:
    made = _copied(guest, heaps, psz, 2 * len)
    if not made:
        return False
    _free(guest, heaps, pbstr.value)
    pbstr.value = made
    return True


@oleaut32.export(ordinal=6)
def SysFreeString(guest: Guest, bstrString: PVOID, *, heaps: Heaps) -> None:
    _free(guest, heaps, bstrString)


@oleaut32.export(ordinal=7)
def SysStringLen(guest: Guest, pbstr: PVOID) -> UINT:
    return _length(guest, pbstr) // 2


@oleaut32.export(ordinal=149)
def SysStringByteLen(guest: Guest, bstr: PVOID) -> UINT:
    return _length(guest, bstr)


# -- variants --------------------------------------------------------------------------------------------------------


@oleaut32.export(ordinal=8)
def VariantInit(guest: Guest, pvarg: PVOID) -> None:
    guest.memory.put_u16(pvarg, 0)


@oleaut32.export(ordinal=9, partial="numbers and text: objects, arrays and records are refused")
def VariantClear(guest: Guest, pvarg: PVOID, *, heaps: Heaps) -> HRESULT:
    kind = guest.memory.u16(pvarg)
    if kind == VT_BSTR:
        _free(guest, heaps, guest.memory.pointer(pvarg + 8))
    elif kind not in _SIMPLE and not kind & VT_BYREF:
        return DISP_E_BADVARTYPE
    guest.memory.put_u16(pvarg, 0)
    return S_OK


# -- dates: days since 30 December 1899, the fraction being the time of day ------------------------------------------


@oleaut32.export(ordinal=184)
def SystemTimeToVariantTime(guest: Guest, lpSystemTime: PVOID, pvtime: Out[DOUBLE]) -> INT:
    """Milliseconds do not count; years 0 to 29 are of the 21st century, 30 to 99 of the 20th.

    Days behind the end of a month are those of the next.
    """
    year, month, _, day, hour, minute, second, _ = _SYSTEMTIME.unpack(guest.memory.read(lpSystemTime, 16))
    if year < 100:
        year += 2000 if year < 30 else 1900
    if not 1 <= day <= 31:
        return False
    try:
        date = datetime.datetime(year, month, 1, hour, minute, second) + datetime.timedelta(days=day - 1)
    except (ValueError, OverflowError):
        return False
    past = date - _FIRST_DAY
    fraction = past.seconds / 86400
    pvtime.value = past.days - fraction if past.days < 0 else past.days + fraction
    return True


@oleaut32.export(ordinal=185)
def VariantTimeToSystemTime(guest: Guest, vtime: DOUBLE, lpSystemTime: PVOID) -> INT:
    if not -657435 < vtime < 2958466:
        return False
    days = int(vtime)
    try:
        date = _FIRST_DAY + datetime.timedelta(days=days, seconds=round(abs(vtime - days) * 86400))
    except OverflowError:
        return False
    data = _SYSTEMTIME.pack(
        date.year, date.month, date.isoweekday() % 7, date.day, date.hour, date.minute, date.second, 0
    )  # fmt: skip
    guest.memory.write(lpSystemTime, data)
    return True
