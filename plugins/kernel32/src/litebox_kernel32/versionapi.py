"""sysinfoapi.h: the version of Windows.

As on Windows, a program learns the true version (10.0.19045) only where its manifest names it as supported; others
are told 6.2 (6.3 where the manifest names Windows 8.1).
"""

from litebox_core import osversion, pe
from litebox_core.abi import BOOL, BYTE, DWORD, PVOID, ULONGLONG, Out
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.pe.resources import find_resource, resource_data
from litebox_core.process import DllState, Process
from litebox_core.teb import OS_VERSION
from litebox_core.winerror import (
    ERROR_BAD_ARGUMENTS,
    ERROR_INSUFFICIENT_BUFFER,
    ERROR_OLD_WIN_VERSION,
)

from .base import dll

RT_MANIFEST, CREATEPROCESS_MANIFEST = 24, 1
WINDOWS_10 = b"8e0f7a12-bfb3-4fe8-b9a5-48fd50a15a9a"
WINDOWS_8_1 = b"1f676c76-80e1-4239-95bb-83d0f6d0da78"
UNMANIFESTED, MANIFESTED_8_1 = (6, 2, 9200), (6, 3, 9600)

OSVERSIONINFOA, OSVERSIONINFOEXA = 148, 156
WIDE_CSD, NARROW_CSD = 256, 128
VERSION_FIELDS = 20
PRODUCT_UNDEFINED, PRODUCT_PROFESSIONAL = 0, 0x30


class TheVersion(DllState):
    """The version that this program is told."""

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        manifest = self._manifest().lower()
        if (not manifest and process.loader.program is None) or WINDOWS_10 in manifest:
            self.version = OS_VERSION
        else:
            self.version = MANIFESTED_8_1 if WINDOWS_8_1 in manifest else UNMANIFESTED

    def _manifest(self) -> bytes:
        program = self.process.loader.program
        if program is None or program.image is None:
            return b""
        try:
            found = find_resource(program.image, RT_MANIFEST, CREATEPROCESS_MANIFEST)
            return bytes(resource_data(program.image, found)) if found is not None else b""
        except pe.ImageError:
            return b""


@dll.export
def GetVersion(guest: Guest, *, told: TheVersion) -> DWORD:
    major, minor, build = told.version
    return build << 16 | minor << 8 | major


@dll.export
def GetVersionExW(guest: Guest, lpVersionInformation: PVOID, *, told: TheVersion) -> BOOL:
    size = guest.memory.u32(lpVersionInformation)
    if size not in (osversion.OSVERSIONINFOW, osversion.OSVERSIONINFOEXW):
        raise WinError(ERROR_INSUFFICIENT_BUFFER)
    guest.memory.write(lpVersionInformation + 4, osversion.version_info(told.version, size))
    return True


@dll.export
def GetVersionExA(guest: Guest, lpVersionInformation: PVOID, *, told: TheVersion) -> BOOL:
    size = guest.memory.u32(lpVersionInformation)
    if size not in (OSVERSIONINFOA, OSVERSIONINFOEXA):
        raise WinError(ERROR_INSUFFICIENT_BUFFER)
    wide = osversion.version_info(told.version, size + WIDE_CSD - NARROW_CSD)
    guest.memory.write(lpVersionInformation + 4, wide[:16] + bytes(NARROW_CSD) + wide[16 + WIDE_CSD :])
    return True


@dll.export
def VerSetConditionMask(guest: Guest, ConditionMask: ULONGLONG, TypeMask: DWORD, Condition: BYTE) -> ULONGLONG:
    return osversion.condition_mask(ConditionMask, TypeMask, Condition)


def _verify(told: TheVersion, wanted: bytes, types: int, mask: int) -> int:
    holds = osversion.verify(told.version, wanted, types, mask)
    if not holds:
        raise WinError(ERROR_BAD_ARGUMENTS if holds is None else ERROR_OLD_WIN_VERSION)
    return True


@dll.export
def VerifyVersionInfoW(
    guest: Guest, lpVersionInformation: PVOID, dwTypeMask: DWORD, dwlConditionMask: ULONGLONG, *, told: TheVersion
) -> BOOL:
    return _verify(
        told, guest.memory.read(lpVersionInformation, osversion.OSVERSIONINFOEXW), dwTypeMask, dwlConditionMask
    )


@dll.export
def VerifyVersionInfoA(
    guest: Guest, lpVersionInformation: PVOID, dwTypeMask: DWORD, dwlConditionMask: ULONGLONG, *, told: TheVersion
) -> BOOL:
    narrow = guest.memory.read(lpVersionInformation, OSVERSIONINFOEXA)
    wide = narrow[:VERSION_FIELDS] + bytes(WIDE_CSD) + narrow[VERSION_FIELDS + NARROW_CSD :]
    return _verify(told, wide, dwTypeMask, dwlConditionMask)


@dll.export
def GetProductInfo(
    guest: Guest, dwOSMajorVersion: DWORD, dwOSMinorVersion: DWORD, dwSpMajorVersion: DWORD, dwSpMinorVersion: DWORD,
    pdwReturnedProductType: Out[DWORD],
) -> BOOL:  # fmt: skip
    if not pdwReturnedProductType:
        return False
    known = dwOSMajorVersion >= 6
    pdwReturnedProductType.value = PRODUCT_PROFESSIONAL if known else PRODUCT_UNDEFINED
    return known
