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
_CONTAINS_CODE, _DYNAMICALLY_RELOCATED = 1, 4
DYNAMIC_BASE = 0x40
COM_DESCRIPTOR = 14


def image_information(image: pe.Image, base: int | None = None) -> bytes:
    """SECTION_IMAGE_INFORMATION of an image, where it wants to be or, given a base, where it is."""
    place = image.image_base if base is None else base
    flags = _DYNAMICALLY_RELOCATED if image.dll_characteristics & DYNAMIC_BASE else 0
    minor, major = image.subsystem_version[1], image.subsystem_version[0]
    return struct.pack(
        "<QI4xQQIHHHHHHHBBIII", place + image.entry_rva if image.entry_rva else 0, 0, image.stack_reserve,
        image.stack_commit, image.subsystem, minor, major, image.os_version[0], image.os_version[1],
        image.characteristics, image.dll_characteristics, image.machine, _contains_code(image), flags,
        int(bool(image.directories[COM_DESCRIPTOR].rva)), len(image.data), image.checksum,
    )  # fmt: skip


def _contains_code(image: pe.Image) -> int:
    return int(bool(image.size_of_code) or any(section.characteristics & 0x20000020 for section in image.sections))


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
