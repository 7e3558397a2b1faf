"""Known folders: where programs keep settings, caches and documents."""

from typing import NamedTuple

from litebox_core.abi import BOOL, DWORD, HANDLE, HRESULT, INT, PVOID, Out
from litebox_core.errors import NtError, WinError
from litebox_core.guest import Guest
from litebox_core.openfiles import File
from litebox_core.services import Heaps
from litebox_core.winerror import ERROR_FILE_NOT_FOUND

from .base import dll

KF_FLAG_CREATE, KF_FLAG_DONT_VERIFY = 0x8000, 0x4000
CSIDL_FLAG_CREATE, CSIDL_FLAG_DONT_VERIFY = 0x8000, 0x4000
S_OK, S_FALSE = 0, 1
E_INVALIDARG, E_OUTOFMEMORY, NOT_FOUND = 0x80070057, 0x8007000E, 0x80070002
MAX_PATH = 260
_READ, _SHARE, _OPEN, _CREATE_IF, _DIRECTORY = 0x80, 7, 1, 3, 1


_WINDOWS = "Microsoft\\Windows"
_START = _WINDOWS + "\\Start Menu"
_STARTUP = _START + "\\Programs\\Startup"


class Folder(NamedTuple):
    """One of them: its FOLDERID, its CSIDL, and where it is, from what a variable of the environment says."""

    name: str
    id: str
    csidl: int | None
    variable: str
    below: str


_FOLDERS = (
    Folder("Profile", "5e6c858f-0e22-4760-9afe-ea3317b67173", 0x28, "USERPROFILE", ""),
    Folder("RoamingAppData", "3eb685db-65f9-4cf6-a03a-e3ef65729f3d", 0x1a, "APPDATA", ""),
    Folder("LocalAppData", "f1b32785-6fba-4fcf-9d55-7b8e7f157091", 0x1c, "LOCALAPPDATA", ""),
    Folder("LocalAppDataLow", "a520a1a4-1780-4ff6-bd18-167343c5af16", None, "USERPROFILE", "AppData\\LocalLow"),
    Folder("Desktop", "b4bfcc3a-db2c-424c-b029-7fe99a87c641", 0x10, "USERPROFILE", "Desktop"),
    Folder("Documents", "fdd39ad0-238f-46af-adb4-6c85480369c7", 0x5, "USERPROFILE", "Documents"),
    Folder("Downloads", "374de290-123f-4565-9164-39c4925e467b", None, "USERPROFILE", "Downloads"),
    Folder("Music", "4bd8d571-6d19-48d3-be97-422220080e43", 0xd, "USERPROFILE", "Music"),
    Folder("Pictures", "33e28130-4e1e-4676-835a-98395c3bc3bb", 0x27, "USERPROFILE", "Pictures"),
    Folder("Videos", "18989b1d-99b5-455b-841c-ab7c74e4ddfc", 0xe, "USERPROFILE", "Videos"),
    Folder("Favorites", "1777f761-68ad-4d8a-87bd-30b759fa33dd", 0x6, "USERPROFILE", "Favorites"),
    Folder("Links", "bfb9d5e0-c6a9-404c-b2b2-ae6db6af4968", None, "USERPROFILE", "Links"),
    Folder("Contacts", "56784854-c6cb-462b-8169-88e350acb882", None, "USERPROFILE", "Contacts"),
    Folder("SavedGames", "4c5c32ff-bb9d-43b0-b5b4-2d72e54eaaa4", None, "USERPROFILE", "Saved Games"),
    Folder("Programs", "a77f5d77-2e2b-44c3-a6a2-aba601054a51", 0x2, "APPDATA", _START + "\\Programs"),
    Folder("Startup", "b97d20bb-f46a-4c97-ba10-5e3608430854", 0x7, "APPDATA", _STARTUP),
    Folder("StartMenu", "625b53c3-ab48-4ec1-ba1f-a1ef4146fc19", 0xb, "APPDATA", _START),
    Folder("Recent", "ae50c081-ebd2-438a-8655-8a092e34987a", 0x8, "APPDATA", _WINDOWS + "\\Recent"),
    Folder("SendTo", "8983036c-27c0-404b-8f08-102d10dcfd74", 0x9, "APPDATA", _WINDOWS + "\\SendTo"),
    Folder("Templates", "a63293e8-664e-48db-a079-df759e0509f7", 0x15, "APPDATA", _WINDOWS + "\\Templates"),
    Folder("InternetCache", "352481e8-33be-4251-ba85-6007caedcf9d", 0x20, "LOCALAPPDATA", _WINDOWS + "\\INetCache"),
    Folder("Cookies", "2b0f765d-c0e9-4171-908e-08a611b84ff6", 0x21, "LOCALAPPDATA", _WINDOWS + "\\INetCookies"),
    Folder("History", "d9dc8a3b-b784-432e-a781-5a1130a75963", 0x22, "LOCALAPPDATA", _WINDOWS + "\\History"),
    Folder("UserProgramFiles", "5cd7aee2-2219-4a67-b85d-6c9ce15660cb", None, "LOCALAPPDATA", "Programs"),
    Folder("ProgramData", "62ab5d82-fdc1-4dc3-a9dd-070d1d495d97", 0x23, "ProgramData", ""),
    Folder("CommonStartMenu", "a4115719-d62e-491d-aa7c-e74b8be3b067", 0x16, "ProgramData", _START),
    Folder("CommonPrograms", "0139d44e-6afe-49f2-8690-3dafcae6ffb8", 0x17, "ProgramData", _START + "\\Programs"),
    Folder("CommonStartup", "82a5ea35-d9cd-47c5-9629-e15d2f714e6e", 0x18, "ProgramData", _STARTUP),
    Folder("CommonTemplates", "b94237e7-57ac-4347-9151-b08c6c32d1f7", 0x2d, "ProgramData", _WINDOWS + "\\Templates"),
    Folder("Public", "dfdf76a2-c82a-4d63-906a-5644ac457385", None, "PUBLIC", ""),
    Folder("PublicDesktop", "c4aa340d-f20f-4863-afef-f87ef2e6ba25", 0x19, "PUBLIC", "Desktop"),
    Folder("PublicDocuments", "ed4824af-dce4-45a8-81e2-fc7965083634", 0x2e, "PUBLIC", "Documents"),
    Folder("PublicDownloads", "3d644c9b-1fb8-4f30-9b45-f670235f79c0", None, "PUBLIC", "Downloads"),
    Folder("PublicMusic", "3214fab5-9757-4298-bb61-92a9deaa44ff", 0x35, "PUBLIC", "Music"),
    Folder("PublicPictures", "b6ebfb86-6907-413c-9af7-4fc2abf07cc5", 0x36, "PUBLIC", "Pictures"),
    Folder("PublicVideos", "2400183a-6185-49fb-a2d8-4a392a602ba3", 0x37, "PUBLIC", "Videos"),
    Folder("UserProfiles", "0762d272-c50a-4bb0-a382-697dcd729b80", None, "SystemDrive", "\\Users"),
    Folder("Windows", "f38bf404-1d43-42f2-9305-67de0b28fc23", 0x24, "SystemRoot", ""),
    Folder("System", "1ac14e77-02e7-4e5d-b744-2eb1ae5198b7", 0x25, "SystemRoot", "system32"),
    Folder("SystemX86", "d65231b0-b2f1-4857-a4ce-a8e7c6ea7d27", 0x29, "SystemRoot", "SysWOW64"),
    Folder("Fonts", "fd228cb7-ae11-4ae3-864c-16f3910ab8fe", 0x14, "SystemRoot", "Fonts"),
    Folder("ResourceDir", "8ad10c31-2adb-4296-a8f7-e4701232c972", 0x38, "SystemRoot", "resources"),
    Folder("ProgramFiles", "905e63b6-c1bf-494e-b29c-65b732d3d21a", 0x26, "ProgramFiles", ""),
    Folder("ProgramFilesX64", "6d809377-6af0-444b-8957-a3773f02200e", None, "ProgramFiles", ""),
    Folder("ProgramFilesX86", "7c5a40ef-a0fb-4bfc-874a-c0f2e0b9fa8e", 0x2a, "ProgramFiles(x86)", ""),
    Folder("ProgramFilesCommon", "f7f1ed05-9f6d-47a2-aaae-29d317c6f066", 0x2b, "CommonProgramFiles", ""),
    Folder("ProgramFilesCommonX64", "6365d5a7-0f0d-45e5-87f6-0da56b6a4f7d", None, "CommonProgramFiles", ""),
    Folder("ProgramFilesCommonX86", "de974d24-d9c6-4d3e-bf91-f4455120b917", 0x2c, "CommonProgramFiles(x86)", ""),
)
_BY_ID = {folder.id: folder for folder in _FOLDERS}
_BY_CSIDL = {folder.csidl: folder for folder in _FOLDERS if folder.csidl is not None}
_BY_CSIDL[0] = _BY_CSIDL[0x10]  # CSIDL_DESKTOP, whose folder is that of CSIDL_DESKTOPDIRECTORY


def _path(guest: Guest, folder: Folder) -> str:
    return "\\".join(filter(None, (guest.process.environment_variable(folder.variable).rstrip("\\"), folder.below)))


def _open(guest: Guest, path: str, disposition: int) -> File:
    return guest.process.files().open(f"\\??\\{path}", _READ, _SHARE, disposition, _DIRECTORY)[0]


def _is_there(guest: Guest, path: str, create: bool) -> bool:
    """Whether there is the directory; with ``create`` it is made, and those above it."""
    parts = path.split("\\")
    for count in range(2, len(parts)) if create else ():
        try:
            _open(guest, "\\".join(parts[:count]), _CREATE_IF).release()
        except NtError:
            break
    try:
        _open(guest, path, _CREATE_IF if create else _OPEN).release()
    except NtError:
        return False
    return True


def _guid(guest: Guest, addr: int) -> str:
    data = guest.memory.read(addr, 16)
    first, second, third = (int.from_bytes(data[a:b], "little") for a, b in ((0, 4), (4, 6), (6, 8)))
    return f"{first:08x}-{second:04x}-{third:04x}-{data[8:10].hex()}-{data[10:].hex()}"


@dll.export(partial="users other than the one there is, and flags but for DONT_VERIFY and CREATE, are not regarded")
def SHGetKnownFolderPath(
    guest: Guest, rfid: PVOID, dwFlags: DWORD, hToken: HANDLE, ppszPath: Out[PVOID], *, heaps: Heaps
) -> HRESULT:
    """The path is in a block that CoTaskMemFree frees."""
    ppszPath.value = 0
    folder = _BY_ID.get(_guid(guest, rfid))
    if folder is None:
        return NOT_FOUND
    path = _path(guest, folder)
    there = _is_there(guest, path, bool(dwFlags & KF_FLAG_CREATE))
    if not there and not dwFlags & KF_FLAG_DONT_VERIFY:
        return NOT_FOUND
    data = path.encode("utf-16-le", "surrogatepass") + b"\0\0"
    block = heaps.allocate(heaps.process_heap, 0, len(data))
    if not block:
        return E_OUTOFMEMORY
    guest.memory.write(block, data)
    ppszPath.value = block
    return S_OK


def _put(guest: Guest, buffer: int, path: str, narrow: bool) -> None:
    """Stores a path in a buffer of MAX_PATH characters."""
    memory, path = guest.memory, path[: MAX_PATH - 1]
    if narrow:
        memory.write(buffer, memory.ansi_encode(path)[: MAX_PATH - 1] + b"\0")
    else:
        memory.write(buffer, path.encode("utf-16-le", "surrogatepass") + b"\0\0")


def _folder_path(guest: Guest, csidl: int, flags: int, buffer: int, narrow: bool) -> int:
    folder = _BY_CSIDL.get(csidl & 0xFF)
    if folder is None or flags > 1:
        _put(guest, buffer, "", narrow)
        return E_INVALIDARG
    path = _path(guest, folder)
    there = _is_there(guest, path, bool(csidl & CSIDL_FLAG_CREATE))
    if not there and not csidl & CSIDL_FLAG_DONT_VERIFY:
        _put(guest, buffer, "", narrow)
        return NOT_FOUND if csidl & CSIDL_FLAG_CREATE else S_FALSE
    _put(guest, buffer, path, narrow)
    return S_OK


_NOTE = "users other than the one there is are not regarded"


@dll.export(partial=_NOTE)
def SHGetFolderPathW(guest: Guest, hwnd: HANDLE, csidl: INT, hToken: HANDLE, dwFlags: DWORD, pszPath: PVOID) -> HRESULT:
    """A buffer of MAX_PATH characters. S_FALSE where the folder is not there."""
    return _folder_path(guest, csidl, dwFlags, pszPath, False)


@dll.export(partial=_NOTE)
def SHGetFolderPathA(guest: Guest, hwnd: HANDLE, csidl: INT, hToken: HANDLE, dwFlags: DWORD, pszPath: PVOID) -> HRESULT:
    return _folder_path(guest, csidl, dwFlags, pszPath, True)


def _special(guest: Guest, buffer: int, csidl: int, create: bool, narrow: bool) -> bool:
    folder = _BY_CSIDL.get(csidl & 0xFF)
    path = _path(guest, folder) if folder is not None else ""
    if not path or not _is_there(guest, path, create):
        raise WinError(ERROR_FILE_NOT_FOUND)
    _put(guest, buffer, path, narrow)
    return True


@dll.export
def SHGetSpecialFolderPathW(guest: Guest, hwnd: HANDLE, pszPath: PVOID, csidl: INT, fCreate: BOOL) -> BOOL:
    return _special(guest, pszPath, csidl, bool(fCreate), False)


@dll.export
def SHGetSpecialFolderPathA(guest: Guest, hwnd: HANDLE, pszPath: PVOID, csidl: INT, fCreate: BOOL) -> BOOL:
    return _special(guest, pszPath, csidl, bool(fCreate), True)
