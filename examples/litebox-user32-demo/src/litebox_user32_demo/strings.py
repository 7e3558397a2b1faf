"""String resources and casing (winuser.h)."""

from collections.abc import Callable
from typing import Annotated

from litebox_core.abi import HMODULE, INT, PVOID, UINT, Len, WideBuffer
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.loader import Module
from litebox_core.nls import casing
from litebox_core.pe.resources import find_resource, resource_data
from litebox_core.winerror import (
    ERROR_INVALID_HANDLE,
    ERROR_RESOURCE_DATA_NOT_FOUND,
    ERROR_RESOURCE_NAME_NOT_FOUND,
)

from .base import user32

RT_STRING = 6
_TABLE = 16
"""Strings in one resource."""


def _module(guest: Guest, handle: int) -> Module:
    modules = guest.process.loader.modules
    module = modules.at(handle) if handle else guest.process.loader.program
    if module is None:
        raise WinError(ERROR_INVALID_HANDLE)
    return module


def string_resource(module: Module, number: int) -> tuple[str, int]:
    """A string of a module's tables, and the guest address of its characters. Raises WinError."""
    if module.image is None:
        raise WinError(ERROR_RESOURCE_DATA_NOT_FOUND)
    found = find_resource(module.image, RT_STRING, (number >> 4 & 0xFFF) + 1)
    if found is None:
        raise WinError(ERROR_RESOURCE_NAME_NOT_FOUND)
    data, at = resource_data(module.image, found), 0
    for _ in range(number % _TABLE):
        at += 2 + 2 * int.from_bytes(data[at : at + 2], "little")
    length = int.from_bytes(data[at : at + 2], "little")
    text = data[at + 2 : at + 2 + 2 * length]
    if len(text) < 2 * length:
        raise WinError(ERROR_RESOURCE_DATA_NOT_FOUND)
    return text.decode("utf-16-le", "surrogatepass"), module.base + found.rva + at + 2


@user32.export
def LoadStringW(
    guest: Guest, hInstance: HMODULE, uID: UINT, lpBuffer: Annotated[WideBuffer, Len("cchBufferMax")], cchBufferMax: INT
) -> INT:
    """Copies as much of the string as fits and returns its length; with cchBufferMax 0 hands out where it lies."""
    text, address = string_resource(_module(guest, hInstance), uID)
    if not cchBufferMax and lpBuffer.unit == 2:
        guest.memory.put_pointer(lpBuffer.addr, address)
        return len(text.encode("utf-16-le", "surrogatepass")) // 2
    return lpBuffer.cut(text)


user32.ansi(LoadStringW)


def _cased(guest: Guest, lpsz: int, whole: Callable[[str], str], unit: Callable[[int], int]) -> int:
    """A text changed in place, or one character, which is what a value below 0x10000 is."""
    if lpsz < 0x10000:
        return unit(lpsz)
    guest.memory.put_wstr(lpsz, whole(guest.memory.wstr(lpsz)))
    return lpsz


@user32.export
def CharUpperW(guest: Guest, lpsz: PVOID) -> PVOID:
    return _cased(guest, lpsz, casing.upcase, casing.upcase_unit)


@user32.export
def CharLowerW(guest: Guest, lpsz: PVOID) -> PVOID:
    return _cased(guest, lpsz, casing.downcase, casing.downcase_unit)
