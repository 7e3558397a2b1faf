"""<float.h>, <fenv.h>: the floating point environment, which is the thread's MXCSR register."""

import struct

from litebox_core.abi import INT, PVOID, UINT, ULONG, Out
from litebox_core.crterrno import EINVAL
from litebox_core.dll import RETURN_ERROR
from litebox_core.guest import Guest, GuestCall, Steps

from .base import InvalidParameter, Runtime, shared, ucrtbase

# The run-time's names of exceptions, as status flags and as masks
EM_INEXACT, EM_UNDERFLOW, EM_OVERFLOW, EM_ZERODIVIDE, EM_INVALID, EM_DENORMAL = 1, 2, 4, 8, 0x10, 0x80000
MCW_EM, MCW_RC, MCW_DN = 0x8001F, 0x300, 0x3000000

_EXCEPTIONS = ((EM_INVALID, 1), (EM_DENORMAL, 2), (EM_ZERODIVIDE, 4), (EM_OVERFLOW, 8), (EM_UNDERFLOW, 0x10),
               (EM_INEXACT, 0x20))  # fmt: skip
"""The flag of each exception in MXCSR; its mask is 7 bits higher."""

_DAZ, _FTZ = 0x40, 0x8000
_DENORMALS = {0: 0, _DAZ | _FTZ: 0x1000000, _DAZ: 0x2000000, _FTZ: 0x3000000}
_DEFAULT_MXCSR = 0x1F80
_STATUS = 0x3F

_STORE = b"\x0f\xae\x19\xc3"  # stmxcsr [rcx]; ret
_LOAD = b"\x0f\xae\x11\xc3"  # ldmxcsr [rcx]; ret


def _read(guest: Guest, runtime: Runtime) -> Steps[int]:
    slot = runtime.variable(f"mxcsr{guest.tid}", 16)
    yield GuestCall(guest.process.code(_STORE), (slot,))
    return guest.memory.u32(slot)


def _write(guest: Guest, runtime: Runtime, value: int) -> Steps[None]:
    slot = runtime.variable(f"mxcsr{guest.tid}", 16)
    guest.memory.put_u32(slot, value)
    yield GuestCall(guest.process.code(_LOAD), (slot,))


def control_word(mxcsr: int) -> int:
    """What _controlfp says of an MXCSR."""
    masks = sum(flag for flag, bit in _EXCEPTIONS if mxcsr & bit << 7)
    return masks | (mxcsr >> 13 & 3) << 8 | _DENORMALS[mxcsr & (_DAZ | _FTZ)]


def status_word(mxcsr: int) -> int:
    """What _statusfp says of an MXCSR."""
    return sum(flag for flag, bit in _EXCEPTIONS if mxcsr & bit)


def _from_words(control: int, status: int) -> int:
    mxcsr = sum(bit << 7 for flag, bit in _EXCEPTIONS if control & flag)
    mxcsr |= sum(bit for flag, bit in _EXCEPTIONS if status & flag)
    denormals = next(bits for bits, word in _DENORMALS.items() if word == control & MCW_DN)
    return mxcsr | (control >> 8 & 3) << 13 | denormals


def _control(guest: Guest, runtime: Runtime, new: int, mask: int) -> Steps[int]:
    """Changes the bits in ``mask``; the control word after it."""
    mxcsr = yield from _read(guest, runtime)
    before = control_word(mxcsr)
    word = (before & ~mask | new & mask) & (MCW_EM | MCW_RC | MCW_DN)
    if word != before:
        yield from _write(guest, runtime, _from_words(word, status_word(mxcsr)))
    return word


@shared.export
def _control87(guest: Guest, new: UINT, mask: UINT, *, runtime: Runtime) -> Steps[UINT]:
    return (yield from _control(guest, runtime, new, mask))


@shared.export
def _controlfp(guest: Guest, new: UINT, mask: UINT, *, runtime: Runtime) -> Steps[UINT]:
    return (yield from _control(guest, runtime, new, mask & ~EM_DENORMAL))


@shared.export(fails=RETURN_ERROR)
def _controlfp_s(
    guest: Guest, currentControl: Out[UINT], newControl: UINT, mask: UINT, *, runtime: Runtime
) -> Steps[INT]:
    mask &= ~EM_DENORMAL
    if newControl & mask & ~(MCW_EM | MCW_RC | MCW_DN | 0x70000):
        if currentControl:
            currentControl.value = yield from _control(guest, runtime, 0, 0)
        raise InvalidParameter(EINVAL)
    word = yield from _control(guest, runtime, newControl, mask)
    if currentControl:
        currentControl.value = word
    return 0


@ucrtbase.export
def _set_controlfp(guest: Guest, newControl: UINT, mask: UINT, *, runtime: Runtime) -> Steps[None]:
    yield from _control(guest, runtime, newControl, mask & ~EM_DENORMAL)


@shared.export
def _statusfp(guest: Guest, *, runtime: Runtime) -> Steps[UINT]:
    return status_word((yield from _read(guest, runtime)))


@shared.export
def _clearfp(guest: Guest, *, runtime: Runtime) -> Steps[UINT]:
    mxcsr = yield from _read(guest, runtime)
    if mxcsr & _STATUS:
        yield from _write(guest, runtime, mxcsr & ~_STATUS)
    return status_word(mxcsr)


@shared.export
def _fpreset(guest: Guest, *, runtime: Runtime) -> Steps[None]:
    yield from _write(guest, runtime, _DEFAULT_MXCSR)


# -- <fenv.h> ----------------------------------------------------------------------------------------------------

FE_ALL_EXCEPT = 0x1F


@ucrtbase.export
def fegetround(guest: Guest, *, runtime: Runtime) -> Steps[INT]:
    return (yield from _control(guest, runtime, 0, 0)) & MCW_RC


@ucrtbase.export
def __fpe_flt_rounds(guest: Guest, *, runtime: Runtime) -> Steps[INT]:
    """FLT_ROUNDS: 1 to nearest, 2 up, 3 down, 0 towards zero."""
    word = yield from _control(guest, runtime, 0, 0)
    return {0: 1, 0x100: 3, 0x200: 2}.get(word & MCW_RC, 0)


@ucrtbase.export
def fesetround(guest: Guest, round: INT, *, runtime: Runtime) -> Steps[INT]:
    if round & ~MCW_RC:
        return 1
    yield from _control(guest, runtime, round, MCW_RC)
    return 0


@ucrtbase.export
def fetestexcept(guest: Guest, excepts: INT, *, runtime: Runtime) -> Steps[INT]:
    return status_word((yield from _read(guest, runtime))) & excepts & FE_ALL_EXCEPT


@ucrtbase.export
def feclearexcept(guest: Guest, excepts: INT, *, runtime: Runtime) -> Steps[INT]:
    mxcsr = yield from _read(guest, runtime)
    yield from _write(guest, runtime, _from_words(control_word(mxcsr), status_word(mxcsr) & ~excepts))
    return 0


@ucrtbase.export
def fegetenv(guest: Guest, penv: PVOID, *, runtime: Runtime) -> Steps[INT]:
    mxcsr = yield from _read(guest, runtime)
    guest.memory.write(penv, struct.pack("<2I", control_word(mxcsr), status_word(mxcsr)))
    return 0


@ucrtbase.export
def fesetenv(guest: Guest, penv: PVOID, *, runtime: Runtime) -> Steps[INT]:
    control, status = struct.unpack("<2I", guest.memory.read(penv, 8))
    yield from _write(guest, runtime, _from_words(control, status))
    return 0


@ucrtbase.export
def feholdexcept(guest: Guest, penv: PVOID, *, runtime: Runtime) -> Steps[INT]:
    mxcsr = yield from _read(guest, runtime)
    guest.memory.write(penv, struct.pack("<2I", control_word(mxcsr), status_word(mxcsr)))
    yield from _write(guest, runtime, _from_words(control_word(mxcsr) | MCW_EM, 0))
    return 0


@ucrtbase.export
def fegetexceptflag(guest: Guest, pstatus: Out[ULONG], excepts: INT, *, runtime: Runtime) -> Steps[INT]:
    pstatus.value = status_word((yield from _read(guest, runtime))) & excepts & FE_ALL_EXCEPT
    return 0


@ucrtbase.export
def fesetexceptflag(guest: Guest, pstatus: Out[ULONG], excepts: INT, *, runtime: Runtime) -> Steps[INT]:
    mxcsr = yield from _read(guest, runtime)
    flags = excepts & FE_ALL_EXCEPT
    status = status_word(mxcsr) & ~flags | pstatus.value & flags
    yield from _write(guest, runtime, _from_words(control_word(mxcsr), status))
    return 0
