"""What is told of images and of mapped files: SECTION_IMAGE_INFORMATION, names of what is mapped."""

import struct

from litebox_core import pe
from litebox_core.abi import Out
from litebox_core.devices import device_path
from litebox_core.errors import NtError
from litebox_core.guest import Guest
from litebox_core.memory.regions import MEM_IMAGE, MEM_PRIVATE
from litebox_core.ntstatus import (
    STATUS_BUFFER_OVERFLOW,
    STATUS_CONFLICTING_ADDRESSES,
    STATUS_INFO_LENGTH_MISMATCH,
    STATUS_INVALID_ADDRESS,
)
from litebox_core.services import Sections

from .ntdef import units

__all__ = ["image_information", "mapped_name", "same_files"]

_UNICODE_STRING = 16
_NATIVE_READY, _IL_ONLY, _DYNAMICALLY_RELOCATED, _MAPPED_FLAT, _PREFER_32_BIT = 0x1, 0x2, 0x4, 0x8, 0x20
DYNAMIC_BASE = 0x40
_EXECUTABLE = 0x20000000
COM_DESCRIPTOR = 14
_COR20 = struct.Struct("<I2H8xI")
"""What IMAGE_COR20_HEADER begins with: its size, a version of the runtime, and flags."""
_IL_ONLY_CODE, _32_BIT_REQUIRED, _32_BIT_PREFERRED = 0x1, 0x2, 0x20000


def image_information(image: pe.Image, base: int | None = None) -> bytes:
    """SECTION_IMAGE_INFORMATION of an image, where it wants to be or, given a base, where it is."""
    place = image.image_base if base is None else base
    code, managed = _contains_code(image), bool(image.directories[COM_DESCRIPTOR].rva)
    flags = _managed(image) if managed else 0
    if image.dll_characteristics & DYNAMIC_BASE and code and not managed:
        flags |= _DYNAMICALLY_RELOCATED
    if image.low_alignment:
        flags |= _MAPPED_FLAT
    minor, major = image.subsystem_version[1], image.subsystem_version[0]
    return struct.pack(
        "<QI4xQQIHHHHHHHBBIII", place + image.entry_rva, 0, image.stack_reserve,
        image.stack_commit, image.subsystem, minor, major, image.os_version[0], image.os_version[1],
        image.characteristics, image.dll_characteristics, image.machine, code, flags,
        int(managed), len(image.data), image.checksum,
    )  # fmt: skip


def _contains_code(image: pe.Image) -> int:
    if image.size_of_code or image.entry_rva or image.low_alignment:
        return 1
    return int(any(section.characteristics & _EXECUTABLE for section in image.sections))


def _managed(image: pe.Image) -> int:
    """The flags of an image for the common language runtime."""
    try:
        header = image.at(image.directories[COM_DESCRIPTOR].rva, _COR20.size, "COM descriptor")
    except pe.ImageError:
        return 0
    _, major, minor, kind = _COR20.unpack(header)
    if not kind & _IL_ONLY_CODE or (major, minor) < (2, 5):
        return 0
    flags = _IL_ONLY
    if image.bits == 32 and not kind & _32_BIT_REQUIRED:
        flags |= _NATIVE_READY
    if image.bits == 32 and kind & _32_BIT_PREFERRED:
        flags |= _PREFER_32_BIT
    return flags


def _mapped(guest: Guest, addr: int) -> tuple[int, str, bool]:
    """Where the view or image at an address begins, its file, and whether it is an image. Raises NtError."""
    allocation = guest.memory.allocation_at(addr)
    if allocation is None:
        raise NtError(STATUS_INVALID_ADDRESS)
    if allocation.kind == MEM_PRIVATE:
        raise NtError(STATUS_CONFLICTING_ADDRESSES)
    section, module = guest.service(Sections).section_at(addr), guest.process.loader.modules.at(addr)
    path = section.path if section is not None else module.path if module is not None else ""
    return allocation.base, path, allocation.kind == MEM_IMAGE


def same_files(guest: Guest, first: int, second: int) -> bool:
    """Whether the image at one address is of the file that is mapped at the other. Raises NtError."""
    base, path, image = _mapped(guest, first)
    other_base, other_path, _ = _mapped(guest, second)
    return base == other_base or (image and path != "" and path.casefold() == other_path.casefold())


def mapped_name(guest: Guest, addr: int, target: int, length: int, returned: Out[int] | None) -> int:
    """MemoryMappedFilenameInformation: the file that is mapped at an address. Raises NtError."""
    section, module = guest.service(Sections).section_at(addr), guest.process.loader.modules.at(addr)
    path = section.path if section is not None else module.path if module is not None else ""
    if not path:
        raise NtError(STATUS_INVALID_ADDRESS)
    name = units(device_path(path)) + b"\0\0"
    if returned is not None:
        returned.value = _UNICODE_STRING + len(name)
    if length < _UNICODE_STRING:
        raise NtError(STATUS_INFO_LENGTH_MISMATCH)
    if length < _UNICODE_STRING + len(name):
        raise NtError(STATUS_BUFFER_OVERFLOW)
    head = struct.pack("<HH4xQ", len(name) - 2, len(name), target + _UNICODE_STRING)
    guest.memory.write(target, head + name)
    return 0
