"""Calling a program back with texts, and giving it one: what the functions of locales share."""

from collections.abc import Iterable

from litebox_core.abi import Callback
from litebox_core.errors import WinError
from litebox_core.guest import Guest, Steps
from litebox_core.memory import Memory
from litebox_core.nls import locale
from litebox_core.nls.codepages import CodePage
from litebox_core.services import Heaps
from litebox_core.winerror import ERROR_INSUFFICIENT_BUFFER, ERROR_INVALID_PARAMETER, ERROR_NOT_ENOUGH_MEMORY

from .strings import ansi_page, requested_page

__all__ = ["ansi_page_of", "each", "encoded", "paged", "text_to"]

LOCALE_IDEFAULTANSICODEPAGE = 0x1004


def encoded(memory: Memory, text: str, wide: bool) -> bytes:
    """A text with its NUL, as UTF-16 or in the process's ANSI code page."""
    return (text + "\0").encode("utf-16-le", "surrogatepass") if wide else memory.ansi_encode(text + "\0")


def ansi_page_of(name: str, flags: int) -> CodePage:
    """The code page in which the A forms speak of a locale: its own or, with LOCALE_USE_CP_ACP, the process's."""
    number = locale.info(name, LOCALE_IDEFAULTANSICODEPAGE | locale.LOCALE_RETURN_NUMBER)
    if not number or flags & locale.LOCALE_USE_CP_ACP:
        return ansi_page()
    return requested_page(int(number))


def paged(page: CodePage, text: str) -> bytes:
    """A text with its NUL, in a code page."""
    return page.encode(text)[0] + b"\0"


def text_to(memory: Memory, target: int, room: int, data: bytes, unit: int) -> int:
    """Writes a text, NUL included, to a buffer of ``room`` units; the count of its units, all it does without room.

    What fits is there even where it fails: programs rely on it. Raises WinError.
    """
    if room < 0 or (room and not target):
        raise WinError(ERROR_INVALID_PARAMETER)
    if room:
        memory.write(target, data[: room * unit])
        if len(data) > room * unit:
            raise WinError(ERROR_INSUFFICIENT_BUFFER)
    return len(data) // unit


def each(guest: Guest, heaps: Heaps, call: Callback, rows: Iterable[tuple[tuple[bytes, ...], tuple[int, ...]]],
         before: tuple[int, ...] = ()) -> Steps[bool]:  # fmt: skip
    """Calls the guest for each row until it has enough: numbers ``before``, pointers to the row's texts, its numbers.

    Raises WinError(ERROR_NOT_ENOUGH_MEMORY).
    """
    heap = guest.process.process_heap
    for texts, numbers in rows:
        room = heaps.allocate(heap, 0, sum(map(len, texts)))
        if not room:
            raise WinError(ERROR_NOT_ENOUGH_MEMORY)
        places, at = [], room
        for text in texts:
            guest.memory.write(at, text)
            places.append(at)
            at += len(text)
        try:
            again = yield call(*before, *places, *numbers)
        finally:
            heaps.free(heap, 0, room)
        if not again & 0xFFFFFFFF:
            break
    return True
