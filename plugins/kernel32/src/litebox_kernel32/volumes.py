"""fileapi.h: drives and volumes."""

from litebox_core.abi import BOOL, DWORD, HANDLE, PCWSTR, PVOID, UINT, ULONGLONG, Annotated, Len, Out, WideBuffer
from litebox_core.errors import NtError, WinError
from litebox_core.guest import Guest
from litebox_core.objects import Object
from litebox_core.openfiles import VolumeInfo
from litebox_core.services import Files
from litebox_core.winerror import (
    ERROR_BAD_LENGTH,
    ERROR_BAD_PATHNAME,
    ERROR_DIR_NOT_ROOT,
    ERROR_FILE_NOT_FOUND,
    ERROR_FILENAME_EXCED_RANGE,
    ERROR_INSUFFICIENT_BUFFER,
    ERROR_INVALID_NAME,
    ERROR_INVALID_PARAMETER,
    ERROR_MORE_DATA,
    ERROR_NO_MORE_FILES,
    ERROR_NOT_A_REPARSE_POINT,
    ERROR_PATH_NOT_FOUND,
)

from .base import dll
from .fileinfo import queried
from .handles import add_handle, file_of
from .opening import FILE_BACKUP, FILE_DIRECTORY_FILE, FILE_READ_ATTRIBUTES, opened
from .paths import device_name, volume_name

DRIVE_NO_ROOT_DIR = 1


@dll.export
def GetLogicalDrives(guest: Guest, *, files: Files) -> DWORD:
    return sum(1 << ord(letter) - ord("A") for letter in files.drives())


@dll.export
def GetLogicalDriveStringsW(
    guest: Guest, nBufferLength: DWORD, lpBuffer: Annotated[WideBuffer, Len("nBufferLength")], *, files: Files
) -> DWORD:
    return lpBuffer.fit("".join(f"{letter}:\\\0" for letter in sorted(files.drives())))


dll.ansi(GetLogicalDriveStringsW)


@dll.export
def GetDriveTypeW(guest: Guest, lpRootPathName: PCWSTR | None, *, files: Files) -> UINT:
    path = lpRootPathName if lpRootPathName is not None else files.current_directory[:3]
    if not path:
        return DRIVE_NO_ROOT_DIR
    letter = _letter_of_volume(files, path)
    if letter is None:
        try:
            full = files.full_path(path if path[1:] != ":" else path + "\\")
        except NtError:
            return DRIVE_NO_ROOT_DIR
        if len(full) > 3 or full[1:2] != ":":
            return DRIVE_NO_ROOT_DIR
        letter = full[0].upper()
    return files.drives().get(letter, DRIVE_NO_ROOT_DIR)


dll.ansi(GetDriveTypeW)


def _letter_of_volume(files: Files, path: str) -> str | None:
    """The drive behind a volume GUID path."""
    wanted = path.lower().rstrip("\\") + "\\"
    return next((letter for letter in files.drives() if volume_name(letter).lower() == wanted), None)


def _volume(files: Files, root: str | None) -> VolumeInfo:
    """The volume of a root directory, of the current drive for None. Raises NtError and WinError."""
    if root == "":
        raise WinError(ERROR_PATH_NOT_FOUND)
    path = root if root else files.current_directory[:3]
    letter = _letter_of_volume(files, path)
    if letter is not None:
        path = letter + ":\\"
    with opened(files, path, FILE_READ_ATTRIBUTES, FILE_DIRECTORY_FILE | FILE_BACKUP) as directory:
        return directory.volume()


# -- disk space ------------------------------------------------------------------------------------------------------


@dll.export
def GetDiskFreeSpaceW(
    guest: Guest, lpRootPathName: PCWSTR | None, lpSectorsPerCluster: PVOID, lpBytesPerSector: PVOID,
    lpNumberOfFreeClusters: PVOID, lpTotalNumberOfClusters: PVOID, *, files: Files,
) -> BOOL:  # fmt: skip
    volume = _volume(files, lpRootPathName)
    values = (volume.unit_size // volume.sector_size, volume.sector_size, volume.free_units, volume.total_units)
    targets = (lpSectorsPerCluster, lpBytesPerSector, lpNumberOfFreeClusters, lpTotalNumberOfClusters)
    for target, value in zip(targets, values, strict=True):
        if target:
            guest.memory.put_u32(target, min(value, 0xFFFFFFFF))
    return True


dll.ansi(GetDiskFreeSpaceW)


@dll.export
def GetDiskFreeSpaceExW(
    guest: Guest, lpDirectoryName: PCWSTR | None, lpFreeBytesAvailableToCaller: Out[ULONGLONG],
    lpTotalNumberOfBytes: Out[ULONGLONG], lpTotalNumberOfFreeBytes: Out[ULONGLONG], *, files: Files,
) -> BOOL:  # fmt: skip
    volume = _volume(files, lpDirectoryName)
    free, total = volume.free_units * volume.unit_size, volume.total_units * volume.unit_size
    for target, value in (
        (lpFreeBytesAvailableToCaller, free),
        (lpTotalNumberOfBytes, total),
        (lpTotalNumberOfFreeBytes, free),
    ):
        if target:
            target.value = value
    return True


dll.ansi(GetDiskFreeSpaceExW)


# -- volumes ---------------------------------------------------------------------------------------------------------


def _described(
    guest: Guest, volume: VolumeInfo, label: WideBuffer, serial: int, component: int, flags: int, system: WideBuffer
) -> bool:
    for buffer, text in ((label, volume.label), (system, volume.file_system)):
        if buffer and buffer.units(text) >= buffer.size:
            raise WinError(ERROR_BAD_LENGTH)
    for buffer, text in ((label, volume.label), (system, volume.file_system)):
        if buffer:
            buffer.put(text)
    for target, value in ((serial, volume.serial), (component, volume.component_length), (flags, volume.flags)):
        if target:
            guest.memory.put_u32(target, value)
    return True


@dll.export
def GetVolumeInformationW(
    guest: Guest, lpRootPathName: PCWSTR | None, lpVolumeNameBuffer: Annotated[WideBuffer, Len("nVolumeNameSize")],
    nVolumeNameSize: DWORD, lpVolumeSerialNumber: PVOID, lpMaximumComponentLength: PVOID, lpFileSystemFlags: PVOID,
    lpFileSystemNameBuffer: Annotated[WideBuffer, Len("nFileSystemNameSize")], nFileSystemNameSize: DWORD, *,
    files: Files,
) -> BOOL:  # fmt: skip
    root = lpRootPathName
    if root is not None:
        full = files.full_path(root) if root else ""
        at_root = len(root) == 2 and root[1] == ":" and len(full) == 3
        if root and not at_root and not root.endswith(("\\", "/")):
            raise WinError(ERROR_INVALID_NAME)
        if full[1:2] == ":" and len(full) > 3:
            raise WinError(ERROR_DIR_NOT_ROOT)
    return _described(
        guest, _volume(files, root), lpVolumeNameBuffer, lpVolumeSerialNumber, lpMaximumComponentLength,
        lpFileSystemFlags, lpFileSystemNameBuffer,
    )  # fmt: skip


dll.ansi(GetVolumeInformationW)


@dll.export
def GetVolumeInformationByHandleW(
    guest: Guest, hFile: HANDLE, lpVolumeNameBuffer: Annotated[WideBuffer, Len("nVolumeNameSize")],
    nVolumeNameSize: DWORD, lpVolumeSerialNumber: PVOID, lpMaximumComponentLength: PVOID, lpFileSystemFlags: PVOID,
    lpFileSystemNameBuffer: Annotated[WideBuffer, Len("nFileSystemNameSize")], nFileSystemNameSize: DWORD,
) -> BOOL:  # fmt: skip
    return _described(
        guest, file_of(guest, hFile).volume(), lpVolumeNameBuffer, lpVolumeSerialNumber, lpMaximumComponentLength,
        lpFileSystemFlags, lpFileSystemNameBuffer,
    )  # fmt: skip


@dll.export
def GetVolumePathNameW(
    guest: Guest, lpszFileName: PCWSTR | None, lpszVolumePathName: Annotated[WideBuffer, Len("cchBufferLength")],
    cchBufferLength: DWORD, *, files: Files,
) -> BOOL:  # fmt: skip
    if not lpszFileName or not lpszVolumePathName or not cchBufferLength:
        raise WinError(ERROR_INVALID_PARAMETER)
    full = files.full_path(lpszFileName)
    prefix = full[:4] if full.startswith(("\\\\?\\", "\\\\.\\")) else ""
    drive = full[len(prefix) : len(prefix) + 2]
    if drive[1:] != ":":
        raise WinError(ERROR_INVALID_NAME)
    if drive[0].upper() not in files.drives():
        raise WinError(ERROR_FILE_NOT_FOUND)
    root = prefix + drive + "\\"
    if lpszVolumePathName.units(root) >= cchBufferLength:
        raise WinError(ERROR_FILENAME_EXCED_RANGE)
    lpszVolumePathName.put(root)
    return True


dll.ansi(GetVolumePathNameW)


@dll.export
def GetVolumeNameForVolumeMountPointW(
    guest: Guest, lpszVolumeMountPoint: PCWSTR | None, lpszVolumeName: Annotated[WideBuffer, Len("cchBufferLength")],
    cchBufferLength: DWORD, *, files: Files,
) -> BOOL:  # fmt: skip
    point = lpszVolumeMountPoint or ""
    if not point.endswith("\\"):
        raise WinError(ERROR_INVALID_NAME)
    letter = _letter_of_volume(files, point)
    if letter is None:
        if point[1:2] != ":" or point[0].upper() not in files.drives():
            raise WinError(ERROR_FILE_NOT_FOUND)
        if len(point) > 3:
            raise WinError(ERROR_NOT_A_REPARSE_POINT if queried(files, point).attributes & 0x10 else ERROR_INVALID_NAME)
        letter = point[0]
    name = volume_name(letter)
    if lpszVolumeName.units(name) >= cchBufferLength:
        raise WinError(ERROR_FILENAME_EXCED_RANGE)
    lpszVolumeName.put(name)
    return True


dll.ansi(GetVolumeNameForVolumeMountPointW)


@dll.export
def GetVolumePathNamesForVolumeNameW(
    guest: Guest, lpszVolumeName: PCWSTR | None, lpszVolumePathNames: Annotated[WideBuffer, Len("cchBufferLength")],
    cchBufferLength: DWORD, lpcchReturnLength: Out[DWORD], *, files: Files,
) -> BOOL:  # fmt: skip
    if not lpszVolumeName or not lpszVolumeName.endswith("\\"):
        raise WinError(ERROR_INVALID_NAME)
    letter = _letter_of_volume(files, lpszVolumeName)
    if letter is None:
        known = lpszVolumeName.lower().startswith("\\\\?\\volume{") and len(lpszVolumeName) == 49
        raise WinError(ERROR_FILE_NOT_FOUND if known else ERROR_INVALID_NAME)
    text = letter + ":\\\0"
    if lpcchReturnLength:
        lpcchReturnLength.value = len(text) + 1
    if len(text) >= cchBufferLength:
        raise WinError(ERROR_MORE_DATA)
    lpszVolumePathNames.put(text)
    return True


dll.ansi(GetVolumePathNamesForVolumeNameW)


class VolumeSearch(Object):
    """The volumes that FindFirstVolume found and how far it is."""

    type_name = "FindVolume"

    def __init__(self, names: list[str]) -> None:
        super().__init__()
        self.names = names


@dll.export(fails=-1)
def FindFirstVolumeW(
    guest: Guest, lpszVolumeName: Annotated[WideBuffer, Len("cchBufferLength")], cchBufferLength: DWORD, *, files: Files
) -> HANDLE:
    search = VolumeSearch([volume_name(letter) for letter in sorted(files.drives())])
    _next_volume(search, lpszVolumeName)
    return add_handle(guest.process, search, 0)


dll.ansi(FindFirstVolumeW)


def _next_volume(search: VolumeSearch, buffer: WideBuffer) -> bool:
    if not search.names:
        raise WinError(ERROR_NO_MORE_FILES)
    if buffer.units(search.names[0]) >= buffer.size:
        raise WinError(ERROR_FILENAME_EXCED_RANGE)
    buffer.put(search.names.pop(0))
    return True


@dll.export
def FindNextVolumeW(
    guest: Guest, hFindVolume: HANDLE, lpszVolumeName: Annotated[WideBuffer, Len("cchBufferLength")],
    cchBufferLength: DWORD,
) -> BOOL:  # fmt: skip
    return _next_volume(guest.process.handles.get(hFindVolume, VolumeSearch), lpszVolumeName)


dll.ansi(FindNextVolumeW)


@dll.export
def FindVolumeClose(guest: Guest, hFindVolume: HANDLE) -> BOOL:
    guest.process.handles.get(hFindVolume, VolumeSearch)
    guest.process.handles.close(hFindVolume)
    return True


# -- DOS devices -----------------------------------------------------------------------------------------------------

_DEVICES = {
    "NUL": "\\Device\\Null", "CON": "\\Device\\ConDrv\\Console", "CONIN$": "\\Device\\ConDrv\\CurrentIn",
    "CONOUT$": "\\Device\\ConDrv\\CurrentOut", "PIPE": "\\Device\\NamedPipe",
}  # fmt: skip


@dll.export
def QueryDosDeviceW(
    guest: Guest, lpDeviceName: PCWSTR | None, lpTargetPath: Annotated[WideBuffer, Len("ucchMax")], ucchMax: DWORD, *,
    files: Files,
) -> DWORD:  # fmt: skip
    drives = {f"{letter}:": device_name(letter) for letter in sorted(files.drives())}
    known = {**drives, **_DEVICES}
    if lpDeviceName:
        target = known.get(lpDeviceName.upper())
        if target is None:
            raise WinError(ERROR_BAD_PATHNAME if "\\" in lpDeviceName else ERROR_FILE_NOT_FOUND)
        names = [target]
    else:
        names = list(known)
    text = "".join(name + "\0" for name in names)
    if lpTargetPath.units(text) >= ucchMax:
        raise WinError(ERROR_INSUFFICIENT_BUFFER)
    lpTargetPath.put(text)
    return lpTargetPath.units(text) + 1


dll.ansi(QueryDosDeviceW)
