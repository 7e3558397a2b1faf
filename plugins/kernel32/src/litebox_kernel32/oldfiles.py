"""winbase.h: the file functions of 16-bit Windows: _lopen and its kin, OpenFile."""

from litebox_core.abi import BYTE, INT, LONG, PCSTR, PVOID, UINT, WORD, Annotated, Bytes, Out, Struct
from litebox_core.errors import NtError, WinError, win32_of
from litebox_core.guest import Guest, Steps
from litebox_core.ntstatus import STATUS_END_OF_FILE
from litebox_core.services import Files
from litebox_core.winerror import ERROR_BUFFER_OVERFLOW, ERROR_FILE_NOT_FOUND, ERROR_INVALID_PARAMETER

from .base import dll
from .fileapi import moved
from .handles import FILE_READ_DATA, FILE_WRITE_DATA, add_handle, file_of
from .opening import DELETE, FILE_NON_DIRECTORY_FILE, FILE_OPEN, FILE_OVERWRITE_IF, open_path, opened
from .paths import searched

HFILE = INT
HFILE_ERROR = -1

_ACCESS = {0: 0x120089, 1: 0x120116, 2: 0x12019F}
"""OF_READ, OF_WRITE, OF_READWRITE."""
_SHARE = {0x00: 3, 0x10: 0, 0x20: 1, 0x30: 2, 0x40: 3}
"""OF_SHARE_COMPAT, _EXCLUSIVE, _DENY_WRITE, _DENY_READ, _DENY_NONE."""


def _opened(guest: Guest, files: Files, path: str, mode: int, disposition: int, attributes: int = 0) -> int:
    access = _ACCESS.get(mode & 3)
    if access is None:
        raise WinError(ERROR_INVALID_PARAMETER)
    share = _SHARE.get(mode & 0x70, 3)
    file = open_path(files, path, access, FILE_NON_DIRECTORY_FILE, disposition, share, attributes)
    try:
        return add_handle(guest.process, file, file.access)
    finally:
        file.release()


@dll.export(fails=HFILE_ERROR)
def _lopen(guest: Guest, lpPathName: PCSTR, iReadWrite: INT, *, files: Files) -> HFILE:
    return _opened(guest, files, guest.memory.ansi_decode(lpPathName), iReadWrite, FILE_OPEN)


@dll.export(fails=HFILE_ERROR)
def _lcreat(guest: Guest, lpPathName: PCSTR, iAttribute: INT, *, files: Files) -> HFILE:
    path = guest.memory.ansi_decode(lpPathName)
    return _opened(guest, files, path, 2, FILE_OVERWRITE_IF, iAttribute & 7 or 0x80)


@dll.export(fails=HFILE_ERROR)
def _lclose(guest: Guest, hFile: HFILE) -> HFILE:
    guest.process.handles.close(hFile)
    return 0


@dll.export(fails=HFILE_ERROR)
def _llseek(guest: Guest, hFile: HFILE, lOffset: LONG, iOrigin: INT) -> LONG:
    return moved(guest, hFile, lOffset, iOrigin)


@dll.export(fails=HFILE_ERROR)
def _lread(guest: Guest, hFile: HFILE, lpBuffer: PVOID, uBytes: UINT) -> Steps[INT]:
    file = file_of(guest, hFile, FILE_READ_DATA)
    try:
        data = yield from file.read(guest, uBytes)
    except NtError as error:
        if error.status != STATUS_END_OF_FILE:
            raise
        return 0
    guest.memory.write(lpBuffer, data)
    return len(data)


@dll.export(fails=HFILE_ERROR)
def _lwrite(guest: Guest, hFile: HFILE, lpBuffer: PVOID, uBytes: UINT) -> Steps[INT]:
    file = file_of(guest, hFile, FILE_WRITE_DATA)
    if not uBytes:
        file.set_size(file.position or 0)
        return 0
    return (yield from file.write(guest, guest.memory.read(lpBuffer, uBytes)))


@dll.export(fails=HFILE_ERROR)
def _hread(guest: Guest, hFile: HFILE, lpBuffer: PVOID, lBytes: LONG) -> Steps[LONG]:
    return _lread(guest, hFile, lpBuffer, lBytes & 0xFFFFFFFF)


@dll.export(fails=HFILE_ERROR)
def _hwrite(guest: Guest, hFile: HFILE, lpBuffer: PVOID, lBytes: LONG) -> Steps[LONG]:
    return _lwrite(guest, hFile, lpBuffer, lBytes & 0xFFFFFFFF)


# -- OpenFile --------------------------------------------------------------------------------------------------------

OF_PARSE, OF_DELETE, OF_CREATE, OF_EXIST, OF_REOPEN = 0x100, 0x200, 0x1000, 0x4000, 0x8000
_PATH_ROOM = 128


class OFSTRUCT(Struct):
    cBytes: BYTE
    fFixedDisk: BYTE
    nErrCode: WORD
    Reserved1: WORD
    Reserved2: WORD
    szPathName: Annotated[bytes, Bytes(_PATH_ROOM)]


@dll.export(fails=HFILE_ERROR)
def OpenFile(
    guest: Guest, lpFileName: PCSTR | None, lpReOpenBuff: Out[OFSTRUCT], uStyle: UINT, *, files: Files,
) -> HFILE:  # fmt: skip
    if not lpReOpenBuff:
        raise WinError(ERROR_INVALID_PARAMETER)
    memory = guest.memory
    block = OFSTRUCT()  # type: ignore[call-arg]
    block.cBytes, block.fFixedDisk = OFSTRUCT.sizeof(guest.bits), 1
    try:
        if uStyle & OF_REOPEN:
            path = memory.ansi_decode(lpReOpenBuff.value.szPathName.partition(b"\0")[0])
        else:
            path = _found(guest, files, lpFileName, uStyle)
        block.szPathName = memory.ansi_encode(path)
        if len(block.szPathName) >= _PATH_ROOM:
            raise WinError(ERROR_BUFFER_OVERFLOW)
        lpReOpenBuff.value = block
        return _open_file(guest, files, path, uStyle)
    except (NtError, WinError) as error:
        code = error.code if isinstance(error, WinError) else win32_of(error.status)
        memory.put_u16(lpReOpenBuff.addr + 2, code)
        raise


def _found(guest: Guest, files: Files, name: bytes | None, style: int) -> str:
    """The full path that OpenFile is about. Raises NtError and WinError."""
    if not name:
        raise WinError(ERROR_FILE_NOT_FOUND)
    text = guest.memory.ansi_decode(name)
    if style & (OF_PARSE | OF_CREATE):
        return files.full_path(text)
    return searched(guest, files, None, text, "")


def _open_file(guest: Guest, files: Files, path: str, style: int) -> int:
    if style & OF_PARSE:
        return 0
    if style & OF_DELETE:
        with opened(files, path, DELETE, FILE_NON_DIRECTORY_FILE) as file:
            file.set_delete(True)
        return 1
    mode, disposition = (2, FILE_OVERWRITE_IF) if style & OF_CREATE else (style, FILE_OPEN)
    handle = _opened(guest, files, path, mode, disposition)
    if style & OF_EXIST:
        guest.process.handles.close(handle)
        return 1
    return handle

