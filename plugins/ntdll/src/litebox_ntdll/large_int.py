"""Arithmetic on 64-bit integers."""

from litebox_core.abi import INT, LONG, LONGLONG, ULONG, ULONGLONG, Out
from litebox_core.guest import Guest
from litebox_core.ntstatus import STATUS_INTEGER_DIVIDE_BY_ZERO
from litebox_core.services import Exceptions

from .base import dll


def _check_divisor(guest: Guest, divisor: int) -> None:
    if not divisor:
        guest.service(Exceptions).raised(guest, STATUS_INTEGER_DIVIDE_BY_ZERO, 0, (), guest.resume_pc)


@dll.export
def RtlLargeIntegerAdd(guest: Guest, Addend1: LONGLONG, Addend2: LONGLONG) -> LONGLONG:
    return Addend1 + Addend2


@dll.export
def RtlLargeIntegerSubtract(guest: Guest, Minuend: LONGLONG, Subtrahend: LONGLONG) -> LONGLONG:
    return Minuend - Subtrahend


@dll.export
def RtlLargeIntegerNegate(guest: Guest, Subtrahend: LONGLONG) -> LONGLONG:
    return -Subtrahend


@dll.export
def RtlLargeIntegerShiftLeft(guest: Guest, LargeInteger: LONGLONG, ShiftCount: INT) -> LONGLONG:
    return LargeInteger << (ShiftCount & 63)


@dll.export
def RtlLargeIntegerShiftRight(guest: Guest, LargeInteger: ULONGLONG, ShiftCount: INT) -> LONGLONG:
    return LargeInteger >> (ShiftCount & 63)


@dll.export
def RtlLargeIntegerArithmeticShift(guest: Guest, LargeInteger: LONGLONG, ShiftCount: INT) -> LONGLONG:
    return LargeInteger >> (ShiftCount & 63)


@dll.export
def RtlLargeIntegerDivide(
    guest: Guest, Dividend: ULONGLONG, Divisor: ULONGLONG, Remainder: Out[ULONGLONG] | None
) -> ULONGLONG:
    _check_divisor(guest, Divisor)
    if Remainder is not None:
        Remainder.value = Dividend % Divisor
    return Dividend // Divisor


@dll.export
def RtlConvertLongToLargeInteger(guest: Guest, SignedInteger: LONG) -> LONGLONG:
    return SignedInteger


@dll.export
def RtlConvertUlongToLargeInteger(guest: Guest, UnsignedInteger: ULONG) -> LONGLONG:
    return UnsignedInteger


@dll.export
def RtlEnlargedIntegerMultiply(guest: Guest, Multiplicand: LONG, Multiplier: LONG) -> LONGLONG:
    return Multiplicand * Multiplier


@dll.export
def RtlEnlargedUnsignedMultiply(guest: Guest, Multiplicand: ULONG, Multiplier: ULONG) -> ULONGLONG:
    return Multiplicand * Multiplier


@dll.export
def RtlEnlargedUnsignedDivide(
    guest: Guest, Dividend: ULONGLONG, Divisor: ULONG, Remainder: Out[ULONG] | None
) -> ULONG:
    _check_divisor(guest, Divisor)
    if Remainder is not None:
        Remainder.value = Dividend % Divisor
    return Dividend // Divisor


@dll.export
def RtlExtendedIntegerMultiply(guest: Guest, Multiplicand: LONGLONG, Multiplier: LONG) -> LONGLONG:
    return Multiplicand * Multiplier


@dll.export
def RtlExtendedLargeIntegerDivide(
    guest: Guest, Dividend: ULONGLONG, Divisor: ULONG, Remainder: Out[ULONG] | None
) -> ULONGLONG:
    _check_divisor(guest, Divisor)
    if Remainder is not None:
        Remainder.value = Dividend % Divisor
    return Dividend // Divisor


@dll.export
def RtlExtendedMagicDivide(
    guest: Guest, Dividend: LONGLONG, MagicDivisor: ULONGLONG, ShiftCount: INT
) -> LONGLONG:
    """A division by a constant as a multiplication: the high half of the product, shifted, with the dividend's sign."""
    product = (abs(Dividend) * MagicDivisor >> 64) >> (ShiftCount & 63)
    return -product if Dividend < 0 else product
