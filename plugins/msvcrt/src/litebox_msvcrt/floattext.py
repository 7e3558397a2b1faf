"""<stdlib.h>: text from floating point numbers."""

from litebox_core.abi import DOUBLE, INT, PVOID, SIZE_T, Out
from litebox_core.crterrno import EINVAL, ERANGE
from litebox_core.dll import RETURN_ERROR
from litebox_core.guest import Guest

from .base import InvalidParameter, Runtime, shared
from .engines import numbers
from .engines.decimals import Rounding
from .localestate import Locale
from .localetext import decimal_point

CVT_SIZE = 352


def _rounding(locales: Locale) -> Rounding:
    return Rounding.EXACT_EVEN if locales.ucrt else Rounding.MSVCRT


def _cvt(guest: Guest, found: numbers.Digits, dec: Out[INT], sign: Out[INT], runtime: Runtime) -> int:
    """Puts the digits into the thread's buffer."""
    dec.value, sign.value = found.point, found.negative
    addr = runtime.variable(f"cvt{guest.tid}", CVT_SIZE)
    guest.memory.put_cstr(addr, found.digits.encode("latin-1")[: CVT_SIZE - 1])
    return addr


@shared.export(fails=0)
def _ecvt(
    guest: Guest, value: DOUBLE, count: INT, dec: Out[INT], sign: Out[INT], *, locales: Locale, runtime: Runtime
) -> PVOID:
    return _cvt(guest, numbers.ecvt(value, count, _rounding(locales)), dec, sign, runtime)


@shared.export(fails=0)
def _fcvt(
    guest: Guest, value: DOUBLE, count: INT, dec: Out[INT], sign: Out[INT], *, locales: Locale, runtime: Runtime
) -> PVOID:
    return _cvt(guest, numbers.fcvt(value, count, _rounding(locales)), dec, sign, runtime)


def _cvt_s(guest: Guest, dest: int, size: int, found: numbers.Digits, dec: Out[INT], sign: Out[INT]) -> int:
    data = found.digits.encode("latin-1")
    if len(data) >= size:
        guest.memory.put_u8(dest, 0)
        raise InvalidParameter(ERANGE)
    dec.value, sign.value = found.point, found.negative
    guest.memory.put_cstr(dest, data)
    return 0


def _cvt_parameters(guest: Guest, dest: int, size: int, dec: Out[INT], sign: Out[INT]) -> None:
    if not dest or not size:
        raise InvalidParameter(EINVAL)
    guest.memory.put_u8(dest, 0)
    if not dec or not sign:
        raise InvalidParameter(EINVAL)


@shared.export(fails=RETURN_ERROR)
def _ecvt_s(
    guest: Guest, buffer: PVOID, size: SIZE_T, value: DOUBLE, count: INT, dec: Out[INT], sign: Out[INT], *,
    locales: Locale,
) -> INT:  # fmt: skip
    _cvt_parameters(guest, buffer, size, dec, sign)
    return _cvt_s(guest, buffer, size, numbers.ecvt(value, count, _rounding(locales)), dec, sign)


@shared.export(fails=RETURN_ERROR)
def _fcvt_s(
    guest: Guest, buffer: PVOID, size: SIZE_T, value: DOUBLE, count: INT, dec: Out[INT], sign: Out[INT], *,
    locales: Locale,
) -> INT:  # fmt: skip
    _cvt_parameters(guest, buffer, size, dec, sign)
    return _cvt_s(guest, buffer, size, numbers.fcvt(value, count, _rounding(locales)), dec, sign)


def _gcvt_text(guest: Guest, value: float, digits: int, locales: Locale) -> bytes:
    point = decimal_point(locales.current(guest))
    text = numbers.gcvt(value, min(digits, CVT_SIZE), _rounding(locales), 2 if locales.ucrt else 3, point)
    return text.encode("latin-1")


@shared.export(fails=0)
def _gcvt(guest: Guest, value: DOUBLE, digits: INT, buffer: PVOID, *, locales: Locale) -> PVOID:
    if not buffer:
        raise InvalidParameter(EINVAL)
    if digits < 0:
        raise InvalidParameter(ERANGE)
    guest.memory.put_cstr(buffer, _gcvt_text(guest, value, digits, locales))
    return buffer


@shared.export(fails=RETURN_ERROR)
def _gcvt_s(guest: Guest, buffer: PVOID, sizeInBytes: SIZE_T, value: DOUBLE, digits: INT, *, locales: Locale) -> INT:
    if not buffer or not sizeInBytes or digits < 0:
        raise InvalidParameter(EINVAL)
    data = _gcvt_text(guest, value, digits, locales)
    if len(data) >= sizeInBytes or digits >= sizeInBytes:
        guest.memory.put_u8(buffer, 0)
        raise InvalidParameter(ERANGE)
    guest.memory.put_cstr(buffer, data)
    return 0
