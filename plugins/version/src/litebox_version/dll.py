"""VERSION: winver.h: version resources of files."""

from litebox_core import pe
from litebox_core.abi import BOOL, DWORD, PCWSTR, PVOID, UINT, Annotated, Len, Out, WideBuffer
from litebox_core.dll import Dll
from litebox_core.errors import NtError, WinError
from litebox_core.guest import Guest
from litebox_core.loader.mapping import read_image_file
from litebox_core.nls import locale
from litebox_core.pe.resources import RT_VERSION, find_resource, resource_data
from litebox_core.services import Files
from litebox_core.winerror import (
    ERROR_BAD_PATHNAME,
    ERROR_FILE_NOT_FOUND,
    ERROR_INSUFFICIENT_BUFFER,
    ERROR_INVALID_DATA,
    ERROR_INVALID_PARAMETER,
    ERROR_RESOURCE_DATA_NOT_FOUND,
    ERROR_RESOURCE_TYPE_NOT_FOUND,
)

from .info import MARK, aligned, find, fixed_info, stored_size

VS_VERSION_INFO = 1
LOCALE_SLANGUAGE, DEFAULT_LANGUAGE = 2, 0x409
_DEFAULTS = (0, 0x400, 0x800, 0xC00)

dll = Dll("version")


def version_resource(guest: Guest, files: Files, name: str | None) -> bytes:
    """The version resource of a file, which is looked for as LoadLibrary does. Raises WinError."""
    if name is None:
        raise WinError(ERROR_INVALID_PARAMETER)
    if not name:
        raise WinError(ERROR_BAD_PATHNAME)
    loader = guest.process.loader
    loaded = loader.find(name)
    if loaded is not None and loaded.dll is not None:
        return fixed_info(loaded.dll.version)
    for path in [files.full_path(name), *loader.candidates(name)]:
        try:
            host_path = files.host_path(path)
        except NtError:
            continue
        return _of_file(host_path)
    raise WinError(ERROR_FILE_NOT_FOUND)


def _of_file(host_path: str) -> bytes:
    try:
        image = pe.parse(read_image_file(host_path, host_path), host_path)
        found = find_resource(image, RT_VERSION, VS_VERSION_INFO)
        data = resource_data(image, found) if found is not None else b""
    except FileNotFoundError:
        raise WinError(ERROR_FILE_NOT_FOUND) from None
    except (OSError, pe.ImageError):
        raise WinError(ERROR_RESOURCE_DATA_NOT_FOUND) from None
    if len(data) < 6:
        raise WinError(ERROR_RESOURCE_DATA_NOT_FOUND)
    return data


def _size(guest: Guest, files: Files, name: str | None, handle: Out[int]) -> int:
    if handle:
        handle.value = 0
    size = stored_size(len(version_resource(guest, files, name)))
    guest.last_error = 0
    return size


def _fill(guest: Guest, files: Files, name: str | None, size: int, out: int) -> int:
    data = version_resource(guest, files, name)
    if not out:
        raise WinError(ERROR_INVALID_DATA)
    whole = (data.ljust(aligned(len(data)), b"\0") + MARK).ljust(stored_size(len(data)), b"\0")
    guest.memory.write(out, whole[:size])
    guest.last_error = 0
    return True


@dll.export
def GetFileVersionInfoSizeW(
    guest: Guest, lptstrFilename: PCWSTR | None, lpdwHandle: Out[DWORD], *, files: Files
) -> DWORD:
    return _size(guest, files, lptstrFilename, lpdwHandle)


@dll.export
def GetFileVersionInfoSizeExW(
    guest: Guest, dwFlags: DWORD, lpwstrFilename: PCWSTR | None, lpdwHandle: Out[DWORD], *, files: Files
) -> DWORD:
    return _size(guest, files, lpwstrFilename, lpdwHandle)


@dll.export
def GetFileVersionInfoW(
    guest: Guest, lptstrFilename: PCWSTR | None, dwHandle: DWORD, dwLen: DWORD, lpData: PVOID, *, files: Files
) -> BOOL:
    return _fill(guest, files, lptstrFilename, dwLen, lpData)


@dll.export
def GetFileVersionInfoExW(
    guest: Guest, dwFlags: DWORD, lpwstrFilename: PCWSTR | None, dwHandle: DWORD, dwLen: DWORD, lpData: PVOID, *,
    files: Files,
) -> BOOL:  # fmt: skip
    return _fill(guest, files, lpwstrFilename, dwLen, lpData)


for _function in (GetFileVersionInfoSizeW, GetFileVersionInfoSizeExW, GetFileVersionInfoW, GetFileVersionInfoExW):
    dll.ansi(_function)


# -- values ------------------------------------------------------------------------------------------------------------


def _query(guest: Guest, block: int, path: str, buffer: Out[int], length: Out[int], ansi: bool) -> bool:
    """Raises WinError(ERROR_RESOURCE_TYPE_NOT_FOUND)."""
    memory = guest.memory
    if length:
        length.value = 0
    if not block:
        return False
    size = memory.u16(block)
    found = find(lambda offset, count: memory.read(block + offset, count), size, path)
    if found is None:
        raise WinError(ERROR_RESOURCE_TYPE_NOT_FOUND)
    value, count = block + found.value, found.value_length
    if ansi and found.text and count and found.value + 2 * count <= size:
        text = memory.read(value, 2 * count).decode("utf-16-le", "surrogatepass")
        narrow = memory.ansi_encode(text)[: 2 * count]
        value, count = block + aligned(size) + len(MARK) + found.value, len(narrow)
        memory.write(value, narrow)
    buffer.value = value
    if length:
        length.value = count
    return True


@dll.export
def VerQueryValueW(
    guest: Guest, pBlock: PVOID, lpSubBlock: PCWSTR | None, lplpBuffer: Out[PVOID], puLen: Out[UINT]
) -> BOOL:
    return _query(guest, pBlock, lpSubBlock or "", lplpBuffer, puLen, ansi=False)


@dll.export
def VerQueryValueA(
    guest: Guest, pBlock: PVOID, lpSubBlock: PVOID, lplpBuffer: Out[PVOID], puLen: Out[UINT]
) -> BOOL:  # fmt: skip
    path = guest.memory.ansi_decode(guest.memory.cstr(lpSubBlock)) if lpSubBlock else ""
    return _query(guest, pBlock, path, lplpBuffer, puLen, ansi=True)


# -- names of languages ------------------------------------------------------------------------------------------------


@dll.export
def VerLanguageNameW(
    guest: Guest, wLang: DWORD, szLang: Annotated[WideBuffer, Len("cchLang")], cchLang: DWORD
) -> DWORD:  # fmt: skip
    known = locale.name_of(DEFAULT_LANGUAGE if wLang in _DEFAULTS else wLang & 0xFFFF)
    name = locale.info(known, LOCALE_SLANGUAGE) if known is not None else None
    if not isinstance(name, str):
        raise WinError(ERROR_INVALID_PARAMETER)
    if not szLang.addr or not cchLang:
        return szLang.units(name) + 1
    if szLang.units(name) >= cchLang:
        raise WinError(ERROR_INSUFFICIENT_BUFFER)
    szLang.put(name)
    return szLang.units(name) + 1


dll.ansi(VerLanguageNameW)
