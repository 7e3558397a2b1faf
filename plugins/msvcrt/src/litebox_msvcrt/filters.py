"""The filters that start-up code puts around main: exceptions become signals."""

from litebox_core.abi import INT, PVOID, ULONG
from litebox_core.guest import Guest, GuestCall, Steps

from .base import Runtime, msvcrt, shared, ucrtbase
from .signals import SIG_DFL, SIG_IGN, SIGFPE, SIGILL, SIGSEGV, Signals

EXCEPTION_CONTINUE_SEARCH, EXCEPTION_CONTINUE_EXECUTION = 0, -1
_CXX_EXCEPTION = 0xE06D7363

_SIGNALS = {
    0xC0000005: (SIGSEGV, 0),  # STATUS_ACCESS_VIOLATION
    0xC000001D: (SIGILL, 0),  # STATUS_ILLEGAL_INSTRUCTION
    0xC0000096: (SIGILL, 0),  # STATUS_PRIVILEGED_INSTRUCTION
    0xC000008D: (SIGFPE, 0x82),  # STATUS_FLOAT_DENORMAL_OPERAND
    0xC000008E: (SIGFPE, 0x83),  # STATUS_FLOAT_DIVIDE_BY_ZERO
    0xC000008F: (SIGFPE, 0x86),  # STATUS_FLOAT_INEXACT_RESULT
    0xC0000090: (SIGFPE, 0x81),  # STATUS_FLOAT_INVALID_OPERATION
    0xC0000091: (SIGFPE, 0x84),  # STATUS_FLOAT_OVERFLOW
    0xC0000092: (SIGFPE, 0x8A),  # STATUS_FLOAT_STACK_CHECK
    0xC0000093: (SIGFPE, 0x85),  # STATUS_FLOAT_UNDERFLOW
}
"""Exception codes, the signal of each, and the _FPE_ code that SIGFPE's handler gets."""


@shared.export
def __pxcptinfoptrs(guest: Guest, *, runtime: Runtime) -> PVOID:
    return runtime.variable("_pxcptinfoptrs")


def _filter(guest: Guest, code: int, pointers: int, signals: Signals) -> Steps[int]:
    """Calls the handler of the exception's signal; what the filter answers."""
    number, subcode = _SIGNALS.get(code, (0, 0))
    handler = signals.get(guest, number) if number else SIG_DFL
    if handler == SIG_DFL:
        return EXCEPTION_CONTINUE_SEARCH
    if handler == SIG_IGN:
        return EXCEPTION_CONTINUE_EXECUTION
    signals.set(guest, number, SIG_DFL)
    variable = guest.process.state(Runtime, signals.dll).variable("_pxcptinfoptrs")
    before = guest.memory.pointer(variable)
    guest.memory.put_pointer(variable, pointers)
    yield GuestCall(handler, (number, subcode) if number == SIGFPE else (number,))
    guest.memory.put_pointer(variable, before)
    return EXCEPTION_CONTINUE_EXECUTION


@msvcrt.export(aliases=("__CppXcptFilter",))
def _XcptFilter(guest: Guest, xcptnum: ULONG, pxcptinfoptrs: PVOID, *, signals: Signals) -> Steps[INT]:
    return _filter(guest, xcptnum, pxcptinfoptrs, signals)


@ucrtbase.export
def _seh_filter_exe(guest: Guest, xcptnum: ULONG, pxcptinfoptrs: PVOID, *, signals: Signals) -> Steps[INT]:
    return _filter(guest, xcptnum, pxcptinfoptrs, signals)


@ucrtbase.export
def _seh_filter_dll(guest: Guest, xcptnum: ULONG, pxcptinfoptrs: PVOID, *, signals: Signals) -> Steps[INT]:
    if xcptnum != _CXX_EXCEPTION:
        return EXCEPTION_CONTINUE_SEARCH
    return (yield from _filter(guest, xcptnum, pxcptinfoptrs, signals))
