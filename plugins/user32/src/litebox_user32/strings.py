"""winuser.h: string resources."""

from typing import Annotated

from litebox_core.abi import HMODULE, INT, UINT, Len, WideBuffer
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.loader import Module
from litebox_core.pe import BadImage
from litebox_core.pe.headers import DIR_RESOURCE
from litebox_core.pe.resources import find_resource, resource_data
from litebox_core.winerror import (
    ERROR_RESOURCE_DATA_NOT_FOUND,
    ERROR_RESOURCE_NAME_NOT_FOUND,
)

from .base import dll

RT_STRING = 6
_TABLE = 16
"""Strings in one resource."""


def _string(module: Module | None, number: int) -> tuple[str, int]:
    """A string of a module's tables, and where it lies in the guest. Raises WinError."""
    image = module.image if module is not None else None
    if module is None or image is None or not image.directories[DIR_RESOURCE].rva:
        raise WinError(ERROR_RESOURCE_DATA_NOT_FOUND)
    try:
        found = find_resource(image, RT_STRING, (number >> 4 & 0xFFF) + 1)
        data = resource_data(image, found) if found is not None else b""
    except BadImage:
        raise WinError(ERROR_RESOURCE_DATA_NOT_FOUND) from None
    if found is None:
        raise WinError(ERROR_RESOURCE_NAME_NOT_FOUND)
    at = 0
    for _ in range(number % _TABLE):
        at += 2 + 2 * int.from_bytes(data[at : at + 2], "little")
    length = int.from_bytes(data[at : at + 2], "little")
    text = data[at + 2 : at + 2 + 2 * length]
    if not length or len(text) < 2 * length:
        raise WinError(ERROR_RESOURCE_NAME_NOT_FOUND)
    return text.decode("utf-16-le", "surrogatepass"), module.base + found.rva + at + 2


@dll.export
def LoadStringW(
    guest: Guest, hInstance: HMODULE, uID: UINT, lpBuffer: Annotated[WideBuffer, Len("cchBufferMax")], cchBufferMax: INT
) -> INT:
    """Copies as much of the string as fits and returns its length; W hands out where it lies for a size of 0."""
    loader = guest.process.loader
    text, address = _string(loader.modules.at(hInstance) if hInstance else loader.program, uID)
    if not cchBufferMax and lpBuffer.unit == 2:
        guest.memory.put_pointer(lpBuffer.addr, address)
        return lpBuffer.units(text)
    return lpBuffer.cut(text)


dll.ansi(LoadStringW)
