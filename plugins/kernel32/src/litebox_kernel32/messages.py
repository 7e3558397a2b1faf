"""Message texts: those of the system and those in a module's message table."""

from os.path import dirname, join

from litebox_core.errors import WinError
from litebox_core.loader.modules import Module
from litebox_core.memory import Memory
from litebox_core.pe import ImageError
from litebox_core.pe.resources import find_resource
from litebox_core.winerror import (
    ERROR_MR_MID_NOT_FOUND,
    ERROR_RESOURCE_DATA_NOT_FOUND,
    ERROR_RESOURCE_LANG_NOT_FOUND,
    ERROR_RESOURCE_TYPE_NOT_FOUND,
)

__all__ = ["module_message", "system_message"]

RT_MESSAGETABLE = 11
MESSAGE_RESOURCE_UNICODE = 1
MAX_BLOCKS, MAX_ENTRIES = 0x10000, 0x10000
_FACILITY_WIN32 = 0x80070000
_NEUTRAL = (0, 0x400, 0x800, 0x409, 9, 0x809)
"""Languages in which the system's messages can be asked for."""

_system: dict[int, str] = {}


def system_message(number: int, language: int) -> str:
    """The system's text for an error. Raises WinError: ERROR_MR_MID_NOT_FOUND, ERROR_RESOURCE_LANG_NOT_FOUND."""
    if language not in _NEUTRAL:
        raise WinError(ERROR_RESOURCE_LANG_NOT_FOUND)
    if not _system:
        with open(join(dirname(__file__), "data", "system_messages.tsv"), encoding="ascii") as file:
            for line in file:
                code, _, text = line.rstrip("\n").partition("\t")
                _system[int(code, 0)] = text.replace("\\n", "\r\n") + "\r\n"
    known = _system.get(number)
    if known is None and number & 0xFFFF0000 == _FACILITY_WIN32:
        known = _system.get(number & 0xFFFF)
    if known is None:
        raise WinError(ERROR_MR_MID_NOT_FOUND)
    return known


def module_message(memory: Memory, module: Module, number: int, language: int) -> str | bytes:
    """The text of a message in a module's table, as bytes where it is kept in the ANSI code page. Raises WinError."""
    if module.image is None:
        raise WinError(ERROR_RESOURCE_DATA_NOT_FOUND)
    try:
        table = find_resource(module.image, RT_MESSAGETABLE, 1, language or None)
        if table is None:
            if find_resource(module.image, RT_MESSAGETABLE, 1) is not None:
                raise WinError(ERROR_RESOURCE_LANG_NOT_FOUND)
            has_resources = module.image.directories[2].rva
            raise WinError(ERROR_RESOURCE_TYPE_NOT_FOUND if has_resources else ERROR_RESOURCE_DATA_NOT_FOUND)
    except ImageError:
        raise WinError(ERROR_RESOURCE_DATA_NOT_FOUND) from None
    start = module.base + table.rva
    blocks = min(memory.u32(start), MAX_BLOCKS)
    for block in range(start + 4, start + 4 + 12 * blocks, 12):
        low, high = memory.u32(block), memory.u32(block + 4)
        if low <= number <= high:
            if number - low > MAX_ENTRIES:
                break
            return _entry(memory, start + memory.u32(block + 8), number - low)
    raise WinError(ERROR_MR_MID_NOT_FOUND)


def _entry(memory: Memory, at: int, index: int) -> str | bytes:
    for _ in range(index):
        at += memory.u16(at)
    if memory.u16(at + 2) & MESSAGE_RESOURCE_UNICODE:
        return memory.wstr(at + 4, max(memory.u16(at) - 4, 0) // 2)
    return memory.cstr(at + 4, max(memory.u16(at) - 4, 0))
