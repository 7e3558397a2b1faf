"""Text given by pointer and length, as the string functions take it."""

from litebox_core.errors import WinError
from litebox_core.memory import Memory
from litebox_core.nls.codepages import CodePage, codepage
from litebox_core.winerror import ERROR_INSUFFICIENT_BUFFER, ERROR_INVALID_PARAMETER

__all__ = ["ACP", "OEM", "ansi_page", "counted", "counted_units", "deliver", "page_number", "requested_page"]

ACP, OEM, MAC, THREAD_ACP, SYMBOL = 0, 1, 2, 3, 42
_DEFAULTS = {ACP: 1252, OEM: 437, MAC: 10000, THREAD_ACP: 1252}


def page_number(number: int) -> int:
    """The number of a code page that may be asked for as CP_ACP and the like."""
    return _DEFAULTS.get(number, number)


def requested_page(number: int) -> CodePage:
    """The page that a program asks for. Raises WinError(ERROR_INVALID_PARAMETER) when there is none."""
    page = codepage(_DEFAULTS.get(number, number))
    if page is None:
        raise WinError(ERROR_INVALID_PARAMETER)
    return page


def ansi_page() -> CodePage:
    """The ANSI code page."""
    return requested_page(ACP)


def counted_units(memory: Memory, addr: int, count: int, terminated: bool = False) -> bytes:
    """``count`` UTF-16 units or, where it is negative, those up to a NUL (with it if ``terminated``)."""
    if count >= 0:
        return memory.read(addr, 2 * count)
    data = memory.wstr_bytes(addr)
    return data + b"\0\0" if terminated else data


def counted(memory: Memory, addr: int, count: int, terminated: bool = False) -> str:
    """The same as text."""
    return counted_units(memory, addr, count, terminated).decode("utf-16-le", "surrogatepass")


def deliver(memory: Memory, addr: int, room: int, data: bytes, unit: int = 2) -> int:
    """Writes ``data`` to a buffer of ``room`` units and returns its units; with no room only counts.

    Raises WinError(ERROR_INSUFFICIENT_BUFFER).
    """
    count = len(data) // unit
    if room:
        if count > room:
            raise WinError(ERROR_INSUFFICIENT_BUFFER)
        memory.write(addr, data)
    return count
