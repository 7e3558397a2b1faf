"""appmodel.h: names of packages. No package is installed."""

import struct

from litebox_core.abi import DWORD, LONG, PCWSTR, PVOID, InOut
from litebox_core.dll import RETURN_ERROR
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.nls.utf16 import units
from litebox_core.winerror import ERROR_INSUFFICIENT_BUFFER, ERROR_INVALID_PARAMETER, ERROR_NOT_FOUND

from .base import dll

PACKAGE_INFORMATION_FULL = 0x100
_ARCHITECTURES = {"x86": 0, "arm": 5, "x64": 9, "neutral": 11, "arm64": 12, "unknown": 0xFFFF}
_NAME = range(3, 51)
_PUBLISHER_ID = 13
_RESOURCE_ID = 30


def _version(text: str) -> int:
    """A version of four numbers as PACKAGE_VERSION. Raises WinError(ERROR_INVALID_PARAMETER)."""
    parts = text.split(".")
    if len(parts) != 4 or not all(part.isascii() and part.isdigit() and len(part) <= 5 for part in parts):
        raise WinError(ERROR_INVALID_PARAMETER)
    version = 0
    for part in parts:
        if int(part) > 0xFFFF:
            raise WinError(ERROR_INVALID_PARAMETER)
        version = version << 16 | int(part)
    return version


def _parts(full_name: str) -> tuple[int, int, str, str, str]:
    """Architecture, version, name, resource id and publisher id. Raises WinError(ERROR_INVALID_PARAMETER)."""
    parts = full_name.split("_")
    if len(parts) != 5:
        raise WinError(ERROR_INVALID_PARAMETER)
    name, version, architecture, resource, publisher = parts
    known = _ARCHITECTURES.get(architecture.lower())
    if known is None or len(name) not in _NAME or len(resource) > _RESOURCE_ID or len(publisher) != _PUBLISHER_ID:
        raise WinError(ERROR_INVALID_PARAMETER)
    return known, _version(version), name, resource, publisher


@dll.export(fails=RETURN_ERROR)
def PackageIdFromFullName(
    guest: Guest, packageFullName: PCWSTR | None, flags: DWORD, bufferLength: InOut[DWORD], buffer: PVOID
) -> LONG:
    if packageFullName is None or not bufferLength or (bufferLength.value and not buffer):
        raise WinError(ERROR_INVALID_PARAMETER)
    architecture, version, *texts = _parts(packageFullName)
    if flags & PACKAGE_INFORMATION_FULL:
        raise WinError(ERROR_NOT_FOUND)
    pointer = guest.bits // 8
    at = 16 + 4 * pointer
    addresses, blob = [], b""
    for text in texts:
        addresses.append(buffer + at + len(blob))
        blob += units(text) + b"\0\0"
    room, bufferLength.value = bufferLength.value, at + len(blob)
    if room < at + len(blob):
        raise WinError(ERROR_INSUFFICIENT_BUFFER)
    name, resource, publisher = addresses
    head = struct.pack("<IIQ", 0, architecture, version)
    head += b"".join(addr.to_bytes(pointer, "little") for addr in (name, 0, resource, publisher))
    guest.memory.write(buffer, head + blob)
    return 0
