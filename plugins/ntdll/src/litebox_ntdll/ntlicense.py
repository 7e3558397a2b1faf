"""What the license of this Windows allows."""

from litebox_core.abi import NTSTATUS, PVOID, ULONG, Out
from litebox_core.errors import NtError
from litebox_core.guest import Guest
from litebox_core.ntstatus import (
    STATUS_BUFFER_TOO_SMALL,
    STATUS_INVALID_PARAMETER,
    STATUS_OBJECT_NAME_NOT_FOUND,
)
from litebox_core.registry import REG_DWORD, REG_SZ

from .base import dll
from .ntattributes import also_zw
from .ntdef import counted_text, units

_VALUES = {
    "Kernel-MUI-Language-Allowed": (REG_SZ, units("EMPTY\0")),
    "Kernel-MUI-Number-Allowed": (REG_DWORD, (1000).to_bytes(4, "little")),
}
"""As of Windows 10 Pro: any number of languages."""


@dll.export(probes=True, partial="the values on languages")
def NtQueryLicenseValue(
    guest: Guest, ValueName: PVOID, Type: Out[ULONG] | None, Data: PVOID, DataSize: ULONG,
    ResultDataSize: Out[ULONG] | None,
) -> NTSTATUS:  # fmt: skip
    """A value by its name; names are compared with regard to case."""
    name = counted_text(guest.memory, ValueName) if ValueName else ""
    if not name or ResultDataSize is None:
        raise NtError(STATUS_INVALID_PARAMETER)
    if name not in _VALUES:
        raise NtError(STATUS_OBJECT_NAME_NOT_FOUND)
    kind, data = _VALUES[name]
    ResultDataSize.value = len(data)
    if Type is not None:
        Type.value = kind
    if DataSize < len(data):
        raise NtError(STATUS_BUFFER_TOO_SMALL)
    guest.memory.write(Data, data)
    return 0


also_zw(__name__)
