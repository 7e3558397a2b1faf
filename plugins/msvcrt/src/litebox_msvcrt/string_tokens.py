"""<string.h>: splitting strings into tokens; the plain functions keep their place per thread."""

from litebox_core.abi import PVOID, Out
from litebox_core.crterrno import EINVAL
from litebox_core.guest import Guest
from litebox_core.memory import Memory
from litebox_core.process import DllState, Process

from .base import InvalidParameter, msvcrt, shared, ucrtbase
from .chars import NARROW, WIDE, Chars
from .string_search import span, span_without

FIRST_LOOK = 128
"""Characters that are read at first: what is behind a token is read again for the next one."""


class Tokens(DllState):
    """Where each thread's strtok and wcstok go on."""

    per_dll = True

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self.places: dict[tuple[int, int], int] = {}


def next_token(chars: Chars, memory: Memory, addr: int, delimiters: int) -> tuple[int, int]:
    """The address of the next token, which is cut off, or 0; and where to go on."""
    among = chars.read(memory, delimiters)
    limit = FIRST_LOOK
    while True:
        text = chars.read(memory, addr, limit)
        start = span(text, among)
        end = start + span_without(text[start:], among)
        if end < len(text) or len(text) < limit:
            break
        limit *= 8
    if start == len(text):
        return 0, addr + start * chars.size
    if end < len(text):
        chars.write(memory, addr + end * chars.size, "\0")
        return addr + start * chars.size, addr + (end + 1) * chars.size
    return addr + start * chars.size, addr + end * chars.size


def _thread_token(chars: Chars, guest: Guest, tokens: Tokens, string: int, delimiters: int) -> int:
    key = (guest.tid, chars.size)
    string = string or tokens.places.get(key, 0)
    if not string:
        return 0
    token, tokens.places[key] = next_token(chars, guest.memory, string, delimiters)
    return token


def _context_token(chars: Chars, guest: Guest, string: int, delimiters: int, context: Out[PVOID]) -> int:
    if not context or not delimiters or not (string or context.value):
        raise InvalidParameter(EINVAL)
    token, context.value = next_token(chars, guest.memory, string or context.value, delimiters)
    return token


@shared.export(fails=0)
def strtok(guest: Guest, strToken: PVOID, strDelimit: PVOID, *, tokens: Tokens) -> PVOID:
    return _thread_token(NARROW, guest, tokens, strToken, strDelimit)


@shared.export(fails=0)
def strtok_s(guest: Guest, str: PVOID, delimiters: PVOID, context: Out[PVOID]) -> PVOID:
    return _context_token(NARROW, guest, str, delimiters, context)


@shared.export(fails=0)
def wcstok_s(guest: Guest, str: PVOID, delimiters: PVOID, context: Out[PVOID]) -> PVOID:
    return _context_token(WIDE, guest, str, delimiters, context)


@msvcrt.export(name="wcstok", fails=0)
def _wcstok(guest: Guest, strToken: PVOID, strDelimit: PVOID, *, tokens: Tokens) -> PVOID:
    return _thread_token(WIDE, guest, tokens, strToken, strDelimit)


@ucrtbase.export(fails=0)
def wcstok(guest: Guest, strToken: PVOID, strDelimit: PVOID, context: Out[PVOID], *, tokens: Tokens) -> PVOID:
    if context:
        return _context_token(WIDE, guest, strToken, strDelimit, context)
    return _thread_token(WIDE, guest, tokens, strToken, strDelimit)
