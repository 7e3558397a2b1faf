"""<math.h>, <float.h>: floating point functions."""

import math
import struct
from collections.abc import Callable
from functools import partial

from litebox_core.abi import DOUBLE, FLOAT, INT, LONG, LONGLONG, PCSTR, PVOID, MayWait, Out
from litebox_core.crterrno import EDOM
from litebox_core.guest import Guest

from . import realmath
from .base import Runtime, shared, ucrtbase
from .conversion import typed
from .engines.numbers import INDEFINITE_NAN, nan_named
from .errnovalue import set_errno
from .matherr import told
from .realmath import OVERFLOW, Problem

Function = Callable[..., float]


def evaluate(guest: Guest, function: Function, *arguments: float) -> float:
    """The result of a function of `realmath`, errno set where it says so."""
    try:
        return function(*arguments)
    except Problem as problem:
        if problem.errno:
            set_errno(guest, problem.errno)
        return problem.result


def _unary(function: Function, kind: object) -> Callable[..., float]:
    def call(guest: Guest, x: float) -> float:
        return evaluate(guest, function, x)

    return typed(call, x=kind, returns=kind)


def _binary(function: Function, kind: object) -> Callable[..., float]:
    def call(guest: Guest, x: float, y: float) -> float:
        return evaluate(guest, function, x, y)

    return typed(call, x=kind, y=kind, returns=kind)


LATE: dict[object, object] = {DOUBLE: MayWait[DOUBLE], FLOAT: MayWait[FLOAT]}


def _unary_told(name: str, function: Function, kind: object) -> Callable[..., float]:
    def call(guest: Guest, x: float, *, runtime: Runtime) -> float:
        try:
            return function(x)
        except Problem as problem:
            return told(guest, runtime, problem, name, x)

    return typed(call, x=kind, returns=LATE[kind])


def _binary_told(name: str, function: Function, kind: object) -> Callable[..., float]:
    def call(guest: Guest, x: float, y: float, *, runtime: Runtime) -> float:
        try:
            return function(x, y)
        except Problem as problem:
            return told(guest, runtime, problem, name, x, y)

    return typed(call, x=kind, y=kind, returns=LATE[kind])


BINARY: dict[str, Function] = {
    "atan2": math.atan2,
    "fmod": lambda x, y: realmath.checked(math.fmod, x, y),
    "pow": realmath.power,
}


def _declare_both(told_form: Callable[..., Callable[..., float]], name: str, function: Function) -> None:
    """A function of both run-times and its ``float`` form, of whose errors the program's handler is told."""
    wide, narrow = function, realmath.single(function)
    if name in realmath.VANISHING:
        wide, narrow = realmath.vanishing(wide), realmath.vanishing(narrow, realmath.NORMAL_SINGLE)
    shared.export(name=name)(told_form(name, wide, DOUBLE))
    if name != "fabs":
        shared.export(name=name + "f")(told_form(name + "f", narrow, FLOAT))


_function: Function
for _name, _function in realmath.UNARY.items():
    _declare_both(_unary_told, _name, _function)
for _name, _function in BINARY.items():
    _declare_both(_binary_told, _name, _function)
for _name, _function in realmath.C99_UNARY.items():
    ucrtbase.export(name=_name, aliases=(_name + "l",))(_unary(_function, DOUBLE))
    ucrtbase.export(name=_name + "f")(_unary(realmath.single(_function), FLOAT))
for _name, _function in realmath.C99_BINARY.items():
    ucrtbase.export(name=_name, aliases=(_name + "l",))(_binary(_function, DOUBLE))
    if _name != "nextafter":
        ucrtbase.export(name=_name + "f")(_binary(realmath.single(_function), FLOAT))


# -- parts of a number -------------------------------------------------------------------------------------------


@shared.export
def frexp(guest: Guest, x: DOUBLE, expptr: Out[INT]) -> DOUBLE:
    if not math.isfinite(x):
        expptr.value = -1
        set_errno(guest, EDOM)
        return x
    mantissa, expptr.value = math.frexp(x)
    return mantissa


def _scaled(guest: Guest, runtime: Runtime, function: Function, x: float, exp: int) -> float:
    try:
        return function(x, exp)
    except Problem as problem:
        return told(guest, runtime, problem, "ldexp", x, exp)


@shared.export
def ldexp(guest: Guest, x: DOUBLE, exp: INT, *, runtime: Runtime) -> MayWait[DOUBLE]:
    return _scaled(guest, runtime, realmath.scaled, x, exp)


@shared.export
def modf(guest: Guest, x: DOUBLE, intptr: Out[DOUBLE]) -> DOUBLE:
    fraction, intptr.value = math.modf(x)
    return fraction


@shared.export
def modff(guest: Guest, x: FLOAT, intptr: Out[FLOAT]) -> FLOAT:
    fraction, intptr.value = math.modf(x)
    return fraction


for _name in ("scalbn", "scalbnl", "scalbln", "scalblnl"):
    ucrtbase.export(name=_name)(ldexp)


@ucrtbase.export(aliases=("scalblnf",))
def scalbnf(guest: Guest, x: FLOAT, exp: INT, *, runtime: Runtime) -> MayWait[FLOAT]:
    return _scaled(guest, runtime, realmath.single(realmath.scaled), x, exp)


@shared.export
def _scalb(guest: Guest, x: DOUBLE, exp: LONG, *, runtime: Runtime) -> MayWait[DOUBLE]:
    return _scaled(guest, runtime, realmath.scaled, x, exp)


@shared.export
def _scalbf(guest: Guest, x: FLOAT, exp: LONG, *, runtime: Runtime) -> MayWait[FLOAT]:
    return _scaled(guest, runtime, realmath.single(realmath.scaled), x, exp)


@shared.export
def _hypot(guest: Guest, x: DOUBLE, y: DOUBLE) -> DOUBLE:
    return evaluate(guest, _hypotenuse, x, y)


@shared.export
def _hypotf(guest: Guest, x: FLOAT, y: FLOAT) -> FLOAT:
    return evaluate(guest, realmath.single(_hypotenuse), x, y)


def _hypotenuse(x: float, y: float) -> float:
    result = math.hypot(x, y)
    if math.isinf(result) and math.isfinite(x) and math.isfinite(y):
        raise Problem(OVERFLOW, result)
    return result


ucrtbase.export(name="hypot")(_hypot)


@shared.export
def _cabs(guest: Guest, z: PVOID) -> DOUBLE:
    x, y = struct.unpack("<2d", guest.memory.read(z, 16))
    return evaluate(guest, _hypotenuse, x, y)


# -- Microsoft's names -------------------------------------------------------------------------------------------

shared.export(name="_copysign")(_binary(math.copysign, DOUBLE))
shared.export(name="_copysignf")(_binary(math.copysign, FLOAT))
shared.export(name="_nextafter")(_binary(realmath.next_after, DOUBLE))
shared.export(name="_logb")(_unary_told("_logb", realmath.logb, DOUBLE))
shared.export(name="_logbf")(_unary(realmath.logb, FLOAT))


@shared.export
def _chgsign(guest: Guest, x: DOUBLE) -> DOUBLE:
    return -x


@shared.export
def _chgsignf(guest: Guest, x: FLOAT) -> FLOAT:
    return -x


def _next_single(x: float, y: float) -> float:
    if x != x or y != y:
        return x if x != x else y
    if x == y:
        return y
    bits: int = struct.unpack("<i", struct.pack("<f", x))[0]
    if x == 0.0:
        bits = 1 if y > 0 else -0x7FFFFFFF
    else:
        bits += 1 if (y > x) == (x > 0) else -1
    result: float = struct.unpack("<f", struct.pack("<i", bits))[0]
    if math.isinf(result) and math.isfinite(x):
        raise Problem(OVERFLOW, result)
    return result


shared.export(name="_nextafterf")(_binary(_next_single, FLOAT))
ucrtbase.export(name="nextafterf")(_binary(_next_single, FLOAT))
ucrtbase.export(name="nexttoward", aliases=("nexttowardl",))(_binary(realmath.next_after, DOUBLE))


@ucrtbase.export
def nexttowardf(guest: Guest, x: FLOAT, y: DOUBLE) -> FLOAT:
    return evaluate(guest, _next_single, x, y)


# -- kinds of numbers --------------------------------------------------------------------------------------------


@shared.export
def _finite(guest: Guest, x: DOUBLE) -> INT:
    return math.isfinite(x)


@shared.export
def _finitef(guest: Guest, x: FLOAT) -> INT:
    return math.isfinite(x)


@shared.export
def _isnan(guest: Guest, x: DOUBLE) -> INT:
    return x != x


@shared.export
def _isnanf(guest: Guest, x: FLOAT) -> INT:
    return x != x


def _class_of(x: float, smallest_normal: float) -> int:
    """_FPCLASS_*."""
    negative = math.copysign(1.0, x) < 0
    if x != x:
        quiet = struct.unpack("<Q", struct.pack("<d", x))[0] >> 51 & 1
        return 0x0002 if quiet else 0x0001
    if math.isinf(x):
        return 0x0004 if negative else 0x0200
    if x == 0.0:
        return 0x0020 if negative else 0x0040
    if abs(x) < smallest_normal:
        return 0x0010 if negative else 0x0080
    return 0x0008 if negative else 0x0100


@shared.export
def _fpclass(guest: Guest, x: DOUBLE) -> INT:
    return _class_of(x, 2.0**-1022)


@shared.export
def _fpclassf(guest: Guest, x: FLOAT) -> INT:
    return _class_of(x, 2.0**-126)


def _c99_class(x: float, smallest_normal: float) -> int:
    """FP_NAN 2, FP_INFINITE 1, FP_NORMAL -1, FP_SUBNORMAL -2, FP_ZERO 0."""
    if not math.isfinite(x):
        return 2 if x != x else 1
    return 0 if x == 0.0 else -2 if abs(x) < smallest_normal else -1


@ucrtbase.export(aliases=("_ldclass",))
def _dclass(guest: Guest, x: DOUBLE) -> INT:
    return _c99_class(x, 2.0**-1022)


@ucrtbase.export
def _fdclass(guest: Guest, x: FLOAT) -> INT:
    return _c99_class(x, 2.0**-126)


@ucrtbase.export(aliases=("_ldsign",))
def _dsign(guest: Guest, x: DOUBLE) -> INT:
    return 0x8000 if math.copysign(1.0, x) < 0 else 0


@ucrtbase.export
def _fdsign(guest: Guest, x: FLOAT) -> INT:
    return 0x8000 if math.copysign(1.0, x) < 0 else 0


@ucrtbase.export(aliases=("_ldtest",))
def _dtest(guest: Guest, px: Out[DOUBLE]) -> INT:
    return _c99_class(px.value, 2.0**-1022)


@ucrtbase.export
def _fdtest(guest: Guest, px: Out[FLOAT]) -> INT:
    return _c99_class(px.value, 2.0**-126)


# -- C99 ---------------------------------------------------------------------------------------------------------


def _integer(guest: Guest, function: Function, x: float, bits: int) -> int:
    """A rounded number as an integer; what does not fit is the smallest one and EDOM."""
    limit = 1 << (bits - 1)
    whole = function(x)
    if not math.isfinite(whole) or not -limit <= whole < limit:
        set_errno(guest, EDOM)
        return -limit
    return int(whole)


def _declare_integer(name: str, function: Function, bits: int) -> None:
    def wide(guest: Guest, x: DOUBLE) -> int:
        return _integer(guest, function, x, bits)

    def narrow(guest: Guest, x: FLOAT) -> int:
        return _integer(guest, function, x, bits)

    returns = LONG if bits == 32 else LONGLONG
    ucrtbase.export(name=name, aliases=(name + "l",))(typed(wide, returns=returns))
    ucrtbase.export(name=name + "f")(typed(narrow, returns=returns))


for _name, _function, _bits in (
    ("lrint", realmath.rounded_even, 32),
    ("llrint", realmath.rounded_even, 64),
    ("lround", realmath.rounded_away, 32),
    ("llround", realmath.rounded_away, 64),
):
    _declare_integer(_name, _function, _bits)


def _exponent(x: float) -> int:
    if x == 0.0:
        return -0x80000000
    return math.frexp(x)[1] - 1 if math.isfinite(x) else 0x7FFFFFFF


@ucrtbase.export(aliases=("ilogbl",))
def ilogb(guest: Guest, x: DOUBLE) -> INT:
    return _exponent(x)


@ucrtbase.export
def ilogbf(guest: Guest, x: FLOAT) -> INT:
    return _exponent(x)


@ucrtbase.export(aliases=("nanl",))
def nan(guest: Guest, input: PCSTR) -> DOUBLE:
    return nan_named(input.decode("latin-1"))


@ucrtbase.export
def nanf(guest: Guest, input: PCSTR) -> FLOAT:
    return nan_named(input.decode("latin-1"))


@ucrtbase.export(aliases=("fmal",))
def fma(guest: Guest, x: DOUBLE, y: DOUBLE, z: DOUBLE) -> DOUBLE:
    return evaluate(guest, realmath.multiply_add, x, y, z)


@ucrtbase.export
def fmaf(guest: Guest, x: FLOAT, y: FLOAT, z: FLOAT) -> FLOAT:
    return evaluate(guest, realmath.single(realmath.multiply_add), x, y, z)


def _quotient(guest: Guest, x: float, y: float, quo: Out[INT]) -> float:
    quo.value = 0
    if x != x or y != y:
        return x if x != x else y
    if math.isinf(x) or y == 0.0:
        set_errno(guest, EDOM)
        return INDEFINITE_NAN
    rest = math.remainder(x, y)
    if math.isfinite(y):
        from fractions import Fraction

        quotient = round(Fraction(x) / Fraction(y))
        quo.value = (abs(quotient) & 7) * (-1 if quotient < 0 else 1)
    return rest


@ucrtbase.export(aliases=("remquol",))
def remquo(guest: Guest, x: DOUBLE, y: DOUBLE, quo: Out[INT]) -> DOUBLE:
    return _quotient(guest, x, y, quo)


@ucrtbase.export
def remquof(guest: Guest, x: FLOAT, y: FLOAT, quo: Out[INT]) -> FLOAT:
    return _quotient(guest, x, y, quo)


# -- Bessel functions --------------------------------------------------------------------------------------------


for _name, _order in (("_j0", 0), ("_j1", 1)):
    shared.export(name=_name)(_unary_told(_name, partial(realmath.bessel_first, _order), DOUBLE))
