"""winbase.h: private initialisation files."""

from collections.abc import Callable

from litebox_core.abi import BOOL, DWORD, INT, PCSTR, PCWSTR, PVOID, UINT, Annotated, Len, WideBuffer
from litebox_core.errors import NtError, WinError
from litebox_core.guest import Guest, Steps
from litebox_core.ntstatus import STATUS_END_OF_FILE
from litebox_core.openfiles import File
from litebox_core.services import Files
from litebox_core.winerror import (
    ERROR_ACCESS_DENIED,
    ERROR_BAD_LENGTH,
    ERROR_FILE_NOT_FOUND,
    ERROR_INVALID_DATA,
    ERROR_INVALID_PARAMETER,
    ERROR_MORE_DATA,
    ERROR_NOT_ENOUGH_MEMORY,
    ERROR_SUCCESS,
)

from .base import dll
from .initext import IniFile

GENERIC_READ, GENERIC_WRITE, SYNCHRONIZE = 0x80000000, 0x40000000, 0x100000
FILE_OPEN, FILE_OPEN_IF = 1, 3
SHARE_READ_WRITE, SHARE_ALL = 3, 7
SYNCHRONOUS_FILE = 0x60
MAX_SIZE = 1 << 24
WIN_INI = "win.ini"


def _path(files: Files, name: str) -> str:
    """Names without a folder are in the Windows folder."""
    return name if "\\" in name or "/" in name or name[1:2] == ":" else "C:\\windows\\" + name


def _read(guest: Guest, files: Files, name: str) -> Steps[IniFile | None]:
    """The file; None where there is none that can be read."""
    try:
        access = GENERIC_READ | SYNCHRONIZE
        file, _ = files.open(_path(files, name), access, SHARE_ALL, FILE_OPEN, SYNCHRONOUS_FILE)
    except NtError:
        return None
    file.retain()
    try:
        return IniFile((yield from _contents(guest, file)), guest.memory)
    finally:
        file.release()


def _contents(guest: Guest, file: File) -> Steps[bytes]:
    try:
        return (yield from file.read(guest, min(file.info().size, MAX_SIZE), 0))
    except NtError as error:
        if error.status != STATUS_END_OF_FILE:
            raise
        return b""


def _change(guest: Guest, files: Files, name: str, change: Callable[[IniFile], None]) -> Steps[bool]:
    """Changes a file, which is made where it is missing. Raises WinError and NtError."""
    if not name:
        raise WinError(ERROR_ACCESS_DENIED)
    access = GENERIC_READ | GENERIC_WRITE | SYNCHRONIZE
    file, _ = files.open(_path(files, name), access, SHARE_READ_WRITE, FILE_OPEN_IF, SYNCHRONOUS_FILE, 0x80)
    file.retain()
    try:
        if file.info().size > MAX_SIZE:
            raise WinError(ERROR_NOT_ENOUGH_MEMORY)  # not to cut it off
        before = yield from _contents(guest, file)
        ini = IniFile(before, guest.memory)
        change(ini)
        after = ini.data()
        if after != before:
            yield from file.write(guest, after, 0)
            file.set_size(len(after))
    finally:
        file.release()
    return True


def _put_list(buffer: WideBuffer, size: int, texts: list[str]) -> int:
    """Texts one behind the other, with a NUL more at the end; the length without that. Cut where it does not fit."""
    if not size:
        return 0
    unit, memory = buffer.unit, buffer.memory
    data = buffer.encode("".join(text + "\0" for text in texts))
    room = size * unit
    if len(data) + unit < room or not data:
        memory.write(buffer.addr, data + bytes(unit))
        return len(data) // unit
    kept = max(size - 2, 0)
    memory.write(buffer.addr, (data[: kept * unit] + bytes(2 * unit))[:room])
    return kept


def _put(buffer: WideBuffer, size: int, text: str) -> int:
    """A text, cut where it does not fit; its length as it is there."""
    if not size:
        return 0
    unit = buffer.unit
    data = buffer.encode(text)[: (size - 1) * unit]
    buffer.memory.write(buffer.addr, data + bytes(unit))
    return len(data) // unit


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] in "\"'" and value[-1] == value[0] else value


# -- reading ---------------------------------------------------------------------------------------------------------


@dll.export
def GetPrivateProfileStringW(
    guest: Guest, lpAppName: PCWSTR | None, lpKeyName: PCWSTR | None, lpDefault: PCWSTR | None,
    lpReturnedString: Annotated[WideBuffer, Len("nSize")], nSize: DWORD, lpFileName: PCWSTR | None, *, files: Files,
) -> Steps[DWORD]:  # fmt: skip
    file = yield from _read(guest, files, WIN_INI if lpFileName is None else lpFileName)
    if lpAppName is None or lpKeyName is None:
        names = [] if file is None else (
            file.sections() if lpAppName is None else [key for _, key, _ in file.entries(lpAppName)])  # fmt: skip
        return _put_list(lpReturnedString, nSize, names)
    value = None if file is None else file.get(lpAppName, lpKeyName)
    text = (lpDefault or "").rstrip(" ") if value is None else _unquoted(value)
    count = _put(lpReturnedString, nSize, text)
    if value is None:
        guest.last_error = ERROR_FILE_NOT_FOUND
    elif count < lpReturnedString.units(text):
        guest.last_error = ERROR_MORE_DATA
    return count


dll.ansi(GetPrivateProfileStringW)


@dll.export
def GetProfileStringW(
    guest: Guest, lpAppName: PCWSTR | None, lpKeyName: PCWSTR | None, lpDefault: PCWSTR | None,
    lpReturnedString: Annotated[WideBuffer, Len("nSize")], nSize: DWORD, *, files: Files,
) -> Steps[DWORD]:  # fmt: skip
    return GetPrivateProfileStringW(guest, lpAppName, lpKeyName, lpDefault, lpReturnedString, nSize, None, files=files)


dll.ansi(GetProfileStringW)


def _number(text: str) -> int:
    """What the digits at the beginning say, in decimal or, behind 0x, in hexadecimal."""
    text, sign = text.strip(), 1
    if text[:1] in ("-", "+"):
        text, sign = text[1:], -1 if text[0] == "-" else 1
    base = 16 if text[:2].lower() == "0x" else 10
    digits = text[2:] if base == 16 else text
    value = 0
    for digit in digits:
        at = "0123456789abcdef"[:base].find(digit.lower())
        if at < 0:
            break
        value = value * base + at & 0xFFFFFFFF
    return sign * value & 0xFFFFFFFF


@dll.export
def GetPrivateProfileIntW(
    guest: Guest, lpAppName: PCWSTR | None, lpKeyName: PCWSTR | None, nDefault: INT, lpFileName: PCWSTR | None, *,
    files: Files,
) -> Steps[UINT]:  # fmt: skip
    file = yield from _read(guest, files, WIN_INI if lpFileName is None else lpFileName)
    if lpAppName is None or lpKeyName is None:
        return nDefault & 0xFFFFFFFF if file is None and lpFileName is not None else 0  # a list of names is no number
    value = None if file is None else file.get(lpAppName, lpKeyName)
    return nDefault & 0xFFFFFFFF if not value else _number(_unquoted(value))


dll.ansi(GetPrivateProfileIntW)


@dll.export
def GetProfileIntW(
    guest: Guest, lpAppName: PCWSTR | None, lpKeyName: PCWSTR | None, nDefault: INT, *, files: Files
) -> Steps[UINT]:
    return GetPrivateProfileIntW(guest, lpAppName, lpKeyName, nDefault, None, files=files)


dll.ansi(GetProfileIntW)


@dll.export
def GetPrivateProfileSectionW(
    guest: Guest, lpAppName: PCWSTR | None, lpReturnedString: Annotated[WideBuffer, Len("nSize")], nSize: DWORD,
    lpFileName: PCWSTR | None, *, files: Files,
) -> Steps[DWORD]:  # fmt: skip
    if lpAppName is None or not lpReturnedString:
        raise WinError(ERROR_INVALID_PARAMETER)
    file = yield from _read(guest, files, WIN_INI if lpFileName is None else lpFileName)
    rows = None if file is None else file.rows(lpAppName)
    guest.last_error = ERROR_FILE_NOT_FOUND if rows is None else ERROR_SUCCESS
    return _put_list(lpReturnedString, nSize, rows or [])


dll.ansi(GetPrivateProfileSectionW)


@dll.export
def GetProfileSectionW(
    guest: Guest, lpAppName: PCWSTR | None, lpReturnedString: Annotated[WideBuffer, Len("nSize")], nSize: DWORD, *,
    files: Files,
) -> Steps[DWORD]:  # fmt: skip
    return GetPrivateProfileSectionW(guest, lpAppName, lpReturnedString, nSize, None, files=files)


dll.ansi(GetProfileSectionW)


@dll.export
def GetPrivateProfileSectionNamesW(
    guest: Guest, lpszReturnBuffer: Annotated[WideBuffer, Len("nSize")], nSize: DWORD, lpFileName: PCWSTR | None, *,
    files: Files,
) -> Steps[DWORD]:  # fmt: skip
    file = yield from _read(guest, files, WIN_INI if lpFileName is None else lpFileName)
    return _put_list(lpszReturnBuffer, nSize, [] if file is None else file.sections())


dll.ansi(GetPrivateProfileSectionNamesW)


# -- writing ---------------------------------------------------------------------------------------------------------


@dll.export
def WritePrivateProfileStringW(
    guest: Guest, lpAppName: PCWSTR | None, lpKeyName: PCWSTR | None, lpString: PCWSTR | None,
    lpFileName: PCWSTR | None, *, files: Files,
) -> Steps[BOOL]:  # fmt: skip
    if lpAppName is None:
        raise WinError(ERROR_FILE_NOT_FOUND)  # nothing is kept back that could be written out
    name = WIN_INI if lpFileName is None else lpFileName
    return _change(guest, files, name, lambda ini: ini.put(lpAppName, lpKeyName, lpString))


dll.ansi(WritePrivateProfileStringW)


@dll.export
def WriteProfileStringW(
    guest: Guest, lpAppName: PCWSTR | None, lpKeyName: PCWSTR | None, lpString: PCWSTR | None, *, files: Files
) -> Steps[BOOL]:
    return WritePrivateProfileStringW(guest, lpAppName, lpKeyName, lpString, None, files=files)


dll.ansi(WriteProfileStringW)


def _rows_at(guest: Guest, addr: int, wide: bool) -> list[str] | None:
    """A list of texts that ends with an empty one; None for NULL."""
    if not addr:
        return None
    memory, found, size = guest.memory, [], 0
    while size < MAX_SIZE:
        data = memory.wstr_bytes(addr) if wide else memory.cstr(addr)
        if not data:
            break
        found.append(data.decode("utf-16-le", "surrogatepass") if wide else memory.ansi_decode(data))
        size += len(data)
        addr += len(data) + (2 if wide else 1)
    return found


def _section_written(
    guest: Guest, files: Files, section: str | None, rows: list[str] | None, name: str | None
) -> Steps[bool]:
    if section is None:
        raise WinError(ERROR_INVALID_PARAMETER)
    return _change(guest, files, WIN_INI if name is None else name, lambda ini: ini.replace(section, rows))


@dll.export
def WritePrivateProfileSectionW(
    guest: Guest, lpAppName: PCWSTR | None, lpString: PVOID, lpFileName: PCWSTR | None, *, files: Files
) -> Steps[BOOL]:
    return _section_written(guest, files, lpAppName, _rows_at(guest, lpString, wide=True), lpFileName)


@dll.export
def WritePrivateProfileSectionA(
    guest: Guest, lpAppName: PCSTR | None, lpString: PVOID, lpFileName: PCSTR | None, *, files: Files
) -> Steps[BOOL]:
    decode = guest.memory.ansi_decode
    section, name = (None if text is None else decode(text) for text in (lpAppName, lpFileName))
    return _section_written(guest, files, section, _rows_at(guest, lpString, wide=False), name)


@dll.export
def WriteProfileSectionW(guest: Guest, lpAppName: PCWSTR | None, lpString: PVOID, *, files: Files) -> Steps[BOOL]:
    return _section_written(guest, files, lpAppName, _rows_at(guest, lpString, wide=True), None)


@dll.export
def WriteProfileSectionA(guest: Guest, lpAppName: PCSTR | None, lpString: PVOID, *, files: Files) -> Steps[BOOL]:
    section = None if lpAppName is None else guest.memory.ansi_decode(lpAppName)
    return _section_written(guest, files, section, _rows_at(guest, lpString, wide=False), None)


# -- structures ------------------------------------------------------------------------------------------------------


@dll.export
def GetPrivateProfileStructW(
    guest: Guest, lpszSection: PCWSTR | None, lpszKey: PCWSTR | None, lpStruct: PVOID, uSizeStruct: UINT,
    szFile: PCWSTR | None, *, files: Files,
) -> Steps[BOOL]:  # fmt: skip
    if lpszSection is None or lpszKey is None:
        raise WinError(ERROR_INVALID_PARAMETER)
    file = yield from _read(guest, files, WIN_INI if szFile is None else szFile)
    text = (file.get(lpszSection, lpszKey) if file is not None else None) or ""
    if len(text) != 2 * (uSizeStruct + 1):
        raise WinError(ERROR_BAD_LENGTH)
    try:
        data = bytes.fromhex(text)
    except ValueError:
        raise WinError(ERROR_INVALID_DATA) from None
    if len(data) != uSizeStruct + 1 or sum(data[:-1]) & 0xFF != data[-1]:
        raise WinError(ERROR_INVALID_DATA)
    guest.memory.write(lpStruct, data[:-1])
    return True


dll.ansi(GetPrivateProfileStructW)


@dll.export
def WritePrivateProfileStructW(
    guest: Guest, lpszSection: PCWSTR | None, lpszKey: PCWSTR | None, lpStruct: PVOID, uSizeStruct: UINT,
    szFile: PCWSTR | None, *, files: Files,
) -> Steps[BOOL]:  # fmt: skip
    if lpszSection is None or (lpszKey is not None and lpStruct and uSizeStruct > MAX_SIZE // 4):
        raise WinError(ERROR_INVALID_PARAMETER)
    text = None
    if lpszKey is not None and lpStruct:
        data = guest.memory.read(lpStruct, uSizeStruct)
        text = (data + bytes([sum(data) & 0xFF])).hex().upper()
    name = WIN_INI if szFile is None else szFile
    return _change(guest, files, name, lambda ini: ini.put(lpszSection, lpszKey, text))


dll.ansi(WritePrivateProfileStructW)
