"""sysinfoapi.h and processthreadsapi.h: sets of processors, the registry's quota, tables of the firmware."""

from typing import Annotated

from litebox_core import processors
from litebox_core.abi import BOOL, DWORD, HANDLE, PVOID, Buffer, Len, Out
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.winerror import (
    ERROR_INSUFFICIENT_BUFFER,
    ERROR_INVALID_FUNCTION,
    ERROR_NOACCESS,
    ERROR_NOT_FOUND,
)

from .base import dll
from .targets import target

REGISTRY_QUOTA = 0x80000000
"""Bytes that registries may have on 64-bit Windows."""
_PROVIDERS = frozenset(int.from_bytes(name, "big") for name in (b"ACPI", b"FIRM", b"RSMB"))


# -- sets of processors ----------------------------------------------------------------------------------------------


@dll.export
def GetSystemCpuSetInformation(
    guest: Guest, Information: PVOID, BufferLength: DWORD, ReturnedLength: Out[DWORD], Process: HANDLE, Flags: DWORD
) -> BOOL:
    ReturnedLength.value = 0
    if Process:
        target(guest, Process)
    data = processors.cpu_sets(guest.process.options.processors)
    if BufferLength < len(data):
        ReturnedLength.value = len(data)
        raise WinError(ERROR_INSUFFICIENT_BUFFER)
    if not guest.memory.accessible(Information, len(data), 2):
        raise WinError(ERROR_NOACCESS)
    guest.memory.write(Information, data)
    ReturnedLength.value = len(data)
    return True


# -- the registry ----------------------------------------------------------------------------------------------------


@dll.export(partial="what is used is not counted")
def GetSystemRegistryQuota(
    guest: Guest, pdwQuotaAllowed: Out[DWORD] | None, pdwQuotaUsed: Out[DWORD] | None
) -> BOOL:
    if pdwQuotaAllowed is not None:
        pdwQuotaAllowed.value = REGISTRY_QUOTA
    if pdwQuotaUsed is not None:
        pdwQuotaUsed.value = 0
    return True


# -- firmware --------------------------------------------------------------------------------------------------------


@dll.export(partial="no provider has a table")
def GetSystemFirmwareTable(
    guest: Guest, FirmwareTableProviderSignature: DWORD, FirmwareTableID: DWORD,
    pFirmwareTableBuffer: Annotated[Buffer, Len("BufferSize")], BufferSize: DWORD,
) -> DWORD:  # fmt: skip
    known = FirmwareTableProviderSignature in _PROVIDERS
    raise WinError(ERROR_NOT_FOUND if known else ERROR_INVALID_FUNCTION)


@dll.export(partial="no provider has a table")
def EnumSystemFirmwareTables(
    guest: Guest, FirmwareTableProviderSignature: DWORD,
    pFirmwareTableEnumBuffer: Annotated[Buffer, Len("BufferSize")], BufferSize: DWORD,
) -> DWORD:  # fmt: skip
    if FirmwareTableProviderSignature not in _PROVIDERS:
        raise WinError(ERROR_INVALID_FUNCTION)
    return 0
