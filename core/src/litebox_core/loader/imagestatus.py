"""What Windows calls a file that is no image for it."""

import struct

from ..ntstatus import (
    STATUS_INVALID_IMAGE_FORMAT,
    STATUS_INVALID_IMAGE_LE_FORMAT,
    STATUS_INVALID_IMAGE_NE_FORMAT,
    STATUS_INVALID_IMAGE_NOT_MZ,
    STATUS_INVALID_IMAGE_PROTECT,
    STATUS_INVALID_IMAGE_WIN_16,
)
from ..pe.headers import FileData

__all__ = ["image_status"]

_HEADER_AT = 0x3C
_NE_SYSTEM_AT = 0x36
"""Where a NE header says for which system the program was made."""
_NE_SYSTEMS = {2: STATUS_INVALID_IMAGE_WIN_16, 5: STATUS_INVALID_IMAGE_PROTECT}


def image_status(data: FileData) -> int:
    """Why a file cannot be mapped as an image; it was refused already."""
    if len(data) == 0:
        return STATUS_INVALID_IMAGE_FORMAT
    if data[:2] != b"MZ" or len(data) < _HEADER_AT + 4:
        return STATUS_INVALID_IMAGE_NOT_MZ
    (offset,) = struct.unpack_from("<I", data, _HEADER_AT)
    signature = bytes(data[offset : offset + 4])
    if signature[:2] == b"NE":
        system = bytes(data[offset + _NE_SYSTEM_AT : offset + _NE_SYSTEM_AT + 1])
        return _NE_SYSTEMS.get(system[0] if system else 0, STATUS_INVALID_IMAGE_NE_FORMAT)
    if signature[:2] == b"LE":
        return STATUS_INVALID_IMAGE_LE_FORMAT
    return STATUS_INVALID_IMAGE_FORMAT if signature == b"PE\0\0" else STATUS_INVALID_IMAGE_PROTECT
