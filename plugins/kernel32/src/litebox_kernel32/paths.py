"""fileapi.h and processenv.h: names of files: full, long, short, final, temporary, searched for."""

from litebox_core.abi import BOOL, DWORD, HANDLE, PCWSTR, PVOID, UINT, Annotated, Len, Out, WideBuffer
from litebox_core.devices import volume_device
from litebox_core.errors import NtError, WinError
from litebox_core.guest import Guest
from litebox_core.nls import casing
from litebox_core.nls.utf16 import length
from litebox_core.ntstatus import STATUS_OBJECT_NAME_COLLISION
from litebox_core.services import Clock, Files
from litebox_core.winerror import (
    ERROR_BUFFER_OVERFLOW,
    ERROR_DIRECTORY,
    ERROR_FILE_EXISTS,
    ERROR_FILE_NOT_FOUND,
    ERROR_INVALID_FUNCTION,
    ERROR_INVALID_NAME,
    ERROR_INVALID_PARAMETER,
    ERROR_PATH_NOT_FOUND,
)

from .base import dll
from .environment import Environment
from .fileinfo import FILE_ATTRIBUTE_DIRECTORY, queried
from .handles import file_of
from .opening import FILE_BACKUP, FILE_CREATE, FILE_DIRECTORY_FILE, FILE_LIST_DIRECTORY, FILE_NON_DIRECTORY_FILE, opened
from .shortnames import is_8dot3

MAX_PATH, MAX_LONG_PATH = 260, 0x7FFF
_VERBATIM = "\\\\?\\"


@dll.export
def GetFullPathNameW(
    guest: Guest, lpFileName: PCWSTR | None, nBufferLength: DWORD,
    lpBuffer: Annotated[WideBuffer, Len("nBufferLength")], lpFilePart: Out[PVOID], *, files: Files,
) -> DWORD:  # fmt: skip
    if not lpFileName:
        raise WinError(ERROR_INVALID_NAME)
    full = files.full_path(lpFileName)
    found = lpBuffer.fit(full)
    if lpFilePart:
        folder, separator, name = full.rpartition("\\")
        at = lpBuffer.units(folder + separator) if name and not full.startswith("\\\\.\\") else -1
        lpFilePart.value = lpBuffer.addr + at * lpBuffer.unit if at >= 0 and lpBuffer and found < nBufferLength else 0
    return found


dll.ansi(GetFullPathNameW)


# -- long and short names --------------------------------------------------------------------------------------------


def _respelt(files: Files, path: str, short: bool) -> str:
    """The path with each component as the directory spells it, or its 8.3 name. Raises NtError and WinError."""
    if not path:
        raise WinError(ERROR_PATH_NOT_FOUND)
    queried(files, path)
    given, path = path, path.replace("/", "\\")
    prefix = _VERBATIM if path.startswith(_VERBATIM) else ""
    rest = path[len(prefix) :]
    root = "\\" if rest.startswith("\\") else ""
    if rest[1:2] == ":":
        root = rest[:3] if rest[2:3] == "\\" else rest[:2]
    out = prefix + root
    parts = rest[len(root) :].split("\\")
    for index, part in enumerate(parts):
        if part in ("", ".", ".."):
            out += part
        else:
            with opened(files, out or ".", FILE_LIST_DIRECTORY, FILE_DIRECTORY_FILE | FILE_BACKUP) as folder:
                entries = folder.entries(part, True)
            if not entries:
                raise WinError(ERROR_FILE_NOT_FOUND)
            entry = entries[0]
            if short:
                out += entry.short_name or part
            else:
                given_long = not is_8dot3(part) and casing.upcase(part) == casing.upcase(entry.name)
                out += part if given_long else entry.name
        if index < len(parts) - 1:
            out += "\\"
    return _with_separators(out, given) if "/" in given else out


def _with_separators(path: str, given: str) -> str:
    """The path with the separators, in order, that were given."""
    separators = iter(c for c in given if c in "\\/")
    return "".join(next(separators, c) if c == "\\" else c for c in path)


@dll.export
def GetLongPathNameW(
    guest: Guest, lpszShortPath: PCWSTR | None, lpszLongPath: Annotated[WideBuffer, Len("cchBuffer")],
    cchBuffer: DWORD, *, files: Files,
) -> DWORD:  # fmt: skip
    if lpszShortPath is None:
        raise WinError(ERROR_INVALID_PARAMETER)
    return lpszLongPath.fit(_respelt(files, lpszShortPath, short=False))


dll.ansi(GetLongPathNameW)


@dll.export
def GetShortPathNameW(
    guest: Guest, lpszLongPath: PCWSTR | None, lpszShortPath: Annotated[WideBuffer, Len("cchBuffer")],
    cchBuffer: DWORD, *, files: Files,
) -> DWORD:  # fmt: skip
    if lpszLongPath is None:
        raise WinError(ERROR_INVALID_PARAMETER)
    return lpszShortPath.fit(_respelt(files, lpszLongPath, short=True))


dll.ansi(GetShortPathNameW)


# -- final paths -----------------------------------------------------------------------------------------------------

FILE_NAME_OPENED, VOLUME_NAME_GUID, VOLUME_NAME_NT, VOLUME_NAME_NONE = 8, 1, 2, 4


@dll.export
def GetFinalPathNameByHandleW(
    guest: Guest, hFile: HANDLE, lpszFilePath: Annotated[WideBuffer, Len("cchFilePath")], cchFilePath: DWORD,
    dwFlags: DWORD,
) -> DWORD:  # fmt: skip
    if dwFlags & ~0xF or (dwFlags & 7) not in (0, VOLUME_NAME_GUID, VOLUME_NAME_NT, VOLUME_NAME_NONE):
        raise WinError(ERROR_INVALID_PARAMETER)
    file = file_of(guest, hFile)
    file.info()
    if file.device_type != 7:
        raise WinError(ERROR_INVALID_FUNCTION)
    path = file.path if dwFlags & FILE_NAME_OPENED else file.final_path()
    drive, rest = path[:2], path[2:]
    form = dwFlags & 7
    if form == VOLUME_NAME_NONE:
        shown = rest
    elif form == VOLUME_NAME_NT:
        shown = device_name(drive) + rest
    elif form == VOLUME_NAME_GUID:
        shown = volume_name(drive) + rest[1:]
    else:
        shown = _VERBATIM + path
    return lpszFilePath.fit(shown)


dll.ansi(GetFinalPathNameByHandleW)


def device_name(drive: str) -> str:
    """The NT device of a drive such as ``C:``."""
    return volume_device(drive[0])


def volume_name(drive: str) -> str:
    """The volume GUID path of a drive such as ``C:``, with its backslash."""
    return f"\\\\?\\Volume{{4c425f78-0000-0000-0000-0000000000{ord(drive[0].upper()):02x}}}\\"


# -- temporary files -------------------------------------------------------------------------------------------------


def _temp_path(files: Files, environment: Environment) -> str:
    for name in ("TMP", "TEMP", "USERPROFILE"):
        value = environment.get(name)
        if value:
            break
    else:
        value = environment.get("SystemRoot") or "C:\\Windows"
    full = files.full_path(value)
    return full if full.endswith("\\") else full + "\\"


def _fill(buffer: WideBuffer, path: str) -> int:
    """As ``fit``; the W form makes the rest of the buffer zero, all of it where the path does not fit."""
    found = buffer.fit(path)
    if buffer.unit == 1 or not buffer or not buffer.size:
        return found
    written = found if found < buffer.size else 0
    room = min(buffer.size, MAX_LONG_PATH) - written
    buffer.memory.fill(buffer.addr + 2 * written, 2 * max(room, 1))
    return found


@dll.export
def GetTempPathW(
    guest: Guest, nBufferLength: DWORD, lpBuffer: Annotated[WideBuffer, Len("nBufferLength")], *, files: Files,
    environment: Environment,
) -> DWORD:  # fmt: skip
    return _fill(lpBuffer, _temp_path(files, environment))


dll.ansi(GetTempPathW)


@dll.export
def GetTempPath2W(
    guest: Guest, BufferLength: DWORD, Buffer: Annotated[WideBuffer, Len("BufferLength")], *, files: Files,
    environment: Environment,
) -> DWORD:  # fmt: skip
    return _fill(Buffer, _temp_path(files, environment))


dll.ansi(GetTempPath2W)


def _is_directory(files: Files, path: str) -> bool:
    try:
        return bool(queried(files, path).attributes & FILE_ATTRIBUTE_DIRECTORY)
    except (NtError, WinError):
        return False


@dll.export
def GetTempFileNameW(
    guest: Guest, lpPathName: PCWSTR | None, lpPrefixString: PCWSTR | None, uUnique: UINT,
    lpTempFileName: Annotated[WideBuffer, Len("uUnique")], *, files: Files, clock: Clock,
) -> UINT:  # fmt: skip
    if lpPathName is None or not lpTempFileName:
        raise WinError(ERROR_INVALID_PARAMETER)
    if length(lpPathName) > MAX_PATH - 14:
        raise WinError(ERROR_BUFFER_OVERFLOW)
    folder = lpPathName if lpPathName.endswith(("\\", "/")) else lpPathName + "\\"
    if not lpPathName:
        folder = "\\"
    if not _is_directory(files, folder):
        raise WinError(ERROR_DIRECTORY)
    prefix = (lpPrefixString or "")[:3]
    if uUnique:
        lpTempFileName.put(f"{folder}{prefix}{uUnique & 0xFFFF:x}.tmp")
        return uUnique
    start = clock.system_time() >> 10 & 0xFFFF
    for step in range(0x10000):
        number = (start + step) & 0xFFFF or 1
        path = f"{folder}{prefix}{number:x}.tmp"
        try:
            with opened(files, path, 0x120196, FILE_NON_DIRECTORY_FILE, FILE_CREATE, 0, 0x20):
                break
        except NtError as error:
            if error.status != STATUS_OBJECT_NAME_COLLISION:
                raise
    else:
        raise WinError(ERROR_FILE_EXISTS)
    lpTempFileName.put(path)
    return number


dll.ansi(GetTempFileNameW)


# -- searching -------------------------------------------------------------------------------------------------------


def found_file(files: Files, path: str) -> str | None:
    """The full path of an existing file, None where there is none."""
    try:
        full = files.full_path(path)
        queried(files, full)
    except (NtError, WinError):
        return None
    return full


def searched(guest: Guest, files: Files, path: str | None, name: str, extension: str) -> str:
    """The full path of a file by SearchPath's rules. Raises WinError(ERROR_FILE_NOT_FOUND)."""
    last = name.replace("/", "\\").rpartition("\\")[2]
    if extension and "." not in last:
        name += extension
    relative = not (name.startswith(("\\", "/")) or name[1:2] == ":")
    if not relative or name.startswith((".\\", "..\\", "./", "../")):
        candidates = [name]
    else:
        folders = path.split(";") if path is not None else guest.process.loader.order.files()
        candidates = [folder.rstrip("\\/") + "\\" + name for folder in folders if folder]
    for candidate in candidates:
        full = found_file(files, candidate)
        if full is not None:
            return full
    raise WinError(ERROR_FILE_NOT_FOUND)


@dll.export
def SearchPathW(
    guest: Guest, lpPath: PCWSTR | None, lpFileName: PCWSTR | None, lpExtension: PCWSTR | None, nBufferLength: DWORD,
    lpBuffer: Annotated[WideBuffer, Len("nBufferLength")], lpFilePart: Out[PVOID], *, files: Files,
) -> DWORD:  # fmt: skip
    if not lpFileName:
        raise WinError(ERROR_INVALID_PARAMETER)
    full = searched(guest, files, lpPath, lpFileName, lpExtension or "")
    found = lpBuffer.fit(full)
    if lpFilePart:
        at = lpBuffer.units(full[: full.rfind("\\") + 1])
        lpFilePart.value = lpBuffer.addr + at * lpBuffer.unit if lpBuffer and found < nBufferLength else 0
    return found


dll.ansi(SearchPathW)


@dll.export
def SetSearchPathMode(guest: Guest, Flags: DWORD) -> BOOL:
    guest.process.loader.order.set_mode(Flags)
    return True


@dll.export
def NeedCurrentDirectoryForExePathW(guest: Guest, ExeName: PCWSTR, *, environment: Environment) -> DWORD:
    return "\\" in ExeName or environment.get("NoDefaultCurrentDirectoryInExePath") is None


dll.ansi(NeedCurrentDirectoryForExePathW)
