"""The arithmetic behind <math.h>: Python's functions with the special values and errno of the C run-times.

Every function raises `Problem` where the run-time has something to report; the result comes with it.
"""

import math
from collections.abc import Callable

from litebox_core.crterrno import EDOM, ERANGE

from .engines.numbers import INDEFINITE_NAN, to_single

inf, nan = math.inf, math.nan


DOMAIN, SING, OVERFLOW, UNDERFLOW = 1, 2, 3, 4
"""What is reported, as <math.h> numbers it: an argument outside of the function's domain, a pole, and results that are
too large and too small."""

_ERRNO = {DOMAIN: EDOM, SING: ERANGE, OVERFLOW: ERANGE, UNDERFLOW: 0}


class Problem(Exception):
    """A result of which something is to be reported; ``errno`` is what that sets, 0 for nothing."""

    def __init__(self, kind: int, result: float) -> None:
        super().__init__(kind, result)
        self.kind, self.result = kind, result
        self.errno = _ERRNO[kind]


def domain() -> Problem:
    return Problem(DOMAIN, INDEFINITE_NAN)


def checked(function: Callable[..., float], *arguments: float) -> float:
    """Calls a function of Python's math module. Raises Problem."""
    for argument in arguments:
        if argument != argument:
            return argument
    try:
        return function(*arguments)
    except ValueError:
        raise domain() from None
    except OverflowError:
        raise Problem(OVERFLOW, inf) from None


def _odd(function: Callable[[float], float]) -> Callable[[float], float]:
    """A function whose overflow has the sign of its argument."""

    def call(x: float) -> float:
        try:
            return checked(function, x)
        except Problem as problem:
            raise Problem(problem.kind, math.copysign(problem.result, x)) from None

    return call


def _plain(function: Callable[..., float]) -> Callable[..., float]:
    return lambda *arguments: checked(function, *arguments)


def _quiet(function: Callable[[float], float]) -> Callable[[float], float]:
    """Gives a NaN back that is no longer a signalling one."""
    return lambda x: x + x if x != x else function(x)


def _logarithm(function: Callable[[float], float], pole: float = 0.0) -> Callable[[float], float]:
    def call(x: float) -> float:
        if x == pole:
            raise Problem(SING, -inf)
        return checked(function, x)

    return call


def _whole(function: Callable[[float], int]) -> Callable[[float], float]:
    """A rounding function: the sign of zero stays, what is not finite is its own result."""

    def call(x: float) -> float:
        return math.copysign(function(x), x) if math.isfinite(x) else x

    return call


def power(x: float, y: float) -> float:
    if x == 1.0 or y == 0.0:
        return 1.0
    if x != x or y != y:
        return x if x != x else y
    if x == 0.0 and y < 0.0 and math.isfinite(y):
        odd = y == int(y) and int(y) & 1
        raise Problem(SING, math.copysign(inf, x) if odd else inf)
    try:
        result = math.pow(x, y)
    except ValueError:
        raise domain() from None
    except OverflowError:
        odd = y == int(y) and int(y) & 1
        raise Problem(OVERFLOW, -inf if x < 0.0 and odd else inf) from None
    return result


def scaled(x: float, exponent: int) -> float:
    """ldexp, scalbn."""
    try:
        result = math.ldexp(x, max(min(exponent, 0x7FFFFFF), -0x7FFFFFF))
    except OverflowError:
        raise Problem(OVERFLOW, math.copysign(inf, x)) from None
    if result == 0.0 and x != 0.0:
        raise Problem(UNDERFLOW, result)
    return result


def rounded_even(x: float) -> float:
    return _whole(round)(x)


def rounded_away(x: float) -> float:
    """round: halves away from zero."""
    if not math.isfinite(x) or abs(x) >= 4503599627370496.0:
        return x
    whole = math.floor(abs(x))
    return math.copysign(whole + (abs(x) - whole >= 0.5), x)


def cube_root(x: float) -> float:
    if x == 0.0 or not math.isfinite(x):
        return x
    mantissa, exponent = math.frexp(abs(x))
    shift = exponent % 3
    mantissa, exponent = math.ldexp(mantissa, shift), (exponent - shift) // 3
    root = mantissa ** (1 / 3)
    root -= (root * root * root - mantissa) / (3 * root * root)
    return math.copysign(math.ldexp(root, exponent), x)


def logb(x: float) -> float:
    if x == 0.0:
        raise Problem(SING, -inf)
    if not math.isfinite(x):
        return abs(x)
    return float(math.frexp(x)[1] - 1)


def hyperbolic_arc_tangent(x: float) -> float:
    if abs(x) == 1.0:
        raise Problem(SING, math.copysign(inf, x))
    return checked(math.atanh, x)


def gamma(x: float) -> float:
    if x == 0.0:
        raise Problem(SING, math.copysign(inf, x))
    if x == -inf or (x < 0 and x == math.floor(x)):
        raise domain()
    return checked(math.gamma, x)


def log_gamma(x: float) -> float:
    if x <= 0 and math.isfinite(x) and x == math.floor(x):
        raise Problem(SING, inf)
    return checked(math.lgamma, x)


def remainder(x: float, y: float) -> float:
    return checked(math.remainder, x, y)


def next_after(x: float, y: float) -> float:
    if x != x or y != y:
        return x if x != x else y
    result = math.nextafter(x, y)
    if math.isinf(result) and math.isfinite(x):
        raise Problem(OVERFLOW, result)
    return result


def minimum(x: float, y: float) -> float:
    return y if x != x else x if y != y else min(x, y)


def maximum(x: float, y: float) -> float:
    return y if x != x else x if y != y else max(x, y)


def positive_difference(x: float, y: float) -> float:
    if x != x or y != y:
        return x if x != x else y
    if x <= y:
        return 0.0
    if math.isinf(x - y) and math.isfinite(x) and math.isfinite(y):
        raise Problem(OVERFLOW, inf)
    return x - y


def multiply_add(x: float, y: float, z: float) -> float:
    """fma: x * y + z with one rounding."""
    if not (math.isfinite(x) and math.isfinite(y) and math.isfinite(z)):
        result = x * y + z
        if result != result and x == x and y == y and z == z:
            raise domain()
        return result
    from fractions import Fraction

    exact = Fraction(x) * Fraction(y) + Fraction(z)
    if not exact:
        return x * y + z
    try:
        return float(exact)
    except OverflowError:
        raise Problem(OVERFLOW, inf if exact > 0 else -inf) from None


def bessel_first(order: int, x: float) -> float:
    """J of integer order by the trapezoidal rule on its integral, which converges faster than any power."""
    if x != x:
        return x
    if math.isinf(x):
        raise Problem(DOMAIN, 0.0)
    if abs(x) > 1e4:
        phase = abs(x) - (order / 2 + 0.25) * math.pi
        sign = -1.0 if x < 0 and order & 1 else 1.0
        return sign * math.sqrt(2 / (math.pi * abs(x))) * math.cos(phase)
    count = int(abs(x) + abs(order)) + 60
    angles = (math.pi * (k + 0.5) / count for k in range(count))
    return math.fsum(math.cos(order * angle - x * math.sin(angle)) for angle in angles) / count


NORMAL, NORMAL_SINGLE = 2.0**-1022, 2.0**-126
"""The smallest numbers that are not subnormal."""


def vanishing(function: Callable[..., float], smallest: float = NORMAL) -> Callable[..., float]:
    """Reports results below ``smallest``, where no argument is infinite and the first is not zero."""

    def call(*arguments: float) -> float:
        result = function(*arguments)
        if abs(result) < smallest and arguments[0] and all(map(math.isfinite, arguments)):
            raise Problem(UNDERFLOW, result)
        return result

    return call


def single(function: Callable[..., float]) -> Callable[..., float]:
    """The ``float`` form of a function."""

    def call(*arguments: float) -> float:
        wide = function(*arguments)
        result = to_single(wide)
        if math.isinf(result) and not math.isinf(wide):
            raise Problem(OVERFLOW, result)
        return result

    return call


UNARY: dict[str, Callable[[float], float]] = {
    "acos": _plain(math.acos),
    "asin": _plain(math.asin),
    "atan": math.atan,
    "ceil": _whole(math.ceil),
    "cos": _plain(math.cos),
    "cosh": _quiet(_plain(math.cosh)),
    "exp": _plain(math.exp),
    "fabs": math.fabs,
    "floor": _whole(math.floor),
    "log": _logarithm(math.log),
    "log10": _logarithm(math.log10),
    "sin": _plain(math.sin),
    "sinh": _quiet(_odd(math.sinh)),
    "sqrt": _plain(math.sqrt),
    "tan": _plain(math.tan),
    "tanh": math.tanh,
}
"""What both run-times have, for double."""

VANISHING = {"exp", "pow"}
"""The functions of both whose results can be too small."""

C99_UNARY: dict[str, Callable[[float], float]] = {
    "acosh": _plain(math.acosh),
    "asinh": math.asinh,
    "atanh": hyperbolic_arc_tangent,
    "cbrt": cube_root,
    "erf": math.erf,
    "erfc": math.erfc,
    "exp2": _plain(lambda x: math.pow(2.0, x)),
    "expm1": _plain(math.expm1),
    "lgamma": log_gamma,
    "log1p": _logarithm(math.log1p, -1.0),
    "log2": _logarithm(math.log2),
    "logb": logb,
    "nearbyint": rounded_even,
    "rint": rounded_even,
    "round": rounded_away,
    "tgamma": gamma,
    "trunc": _whole(math.trunc),
}

C99_BINARY: dict[str, Callable[[float, float], float]] = {
    "copysign": math.copysign,
    "fdim": positive_difference,
    "fmax": maximum,
    "fmin": minimum,
    "nextafter": next_after,
    "remainder": remainder,
}
