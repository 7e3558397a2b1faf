"""winbase.h: opening a file a second time, its streams, copies with options, and links that need a privilege."""

from litebox_core.abi import (
    BOOL,
    BOOLEAN,
    DWORD,
    HANDLE,
    HRESULT,
    INT,
    LONGLONG,
    PCWSTR,
    PVOID,
    In,
    Out,
    Struct,
)
from litebox_core.errors import NtError, WinError, win32_of
from litebox_core.guest import Guest, Steps
from litebox_core.ntstatus import STATUS_OBJECT_TYPE_MISMATCH
from litebox_core.services import Files
from litebox_core.winerror import (
    ERROR_ACCESS_DENIED,
    ERROR_ALREADY_EXISTS,
    ERROR_CALL_NOT_IMPLEMENTED,
    ERROR_HANDLE_EOF,
    ERROR_INVALID_FUNCTION,
    ERROR_INVALID_HANDLE,
    ERROR_INVALID_PARAMETER,
    ERROR_PATH_NOT_FOUND,
    ERROR_PRIVILEGE_NOT_HELD,
)

from .base import dll
from .directories import Search
from .fileapi import INVALID_HANDLE_VALUE, CreateFileW
from .handles import file_of
from .opening import FILE_OPEN_REPARSE_POINT, FILE_READ_ATTRIBUTES, opened
from .winbase_files import COPY_FILE_FAIL_IF_EXISTS, copied

OPEN_EXISTING = 3
FILE_ATTRIBUTES, FILE_FLAG_BACKUP_SEMANTICS = 0xFFFF, 0x2000000
SYMBOLIC_LINK_FLAGS, FIND_STREAM_STANDARD = 3, 0
S_OK, E_INVALIDARG, FACILITY_WIN32 = 0, 0x80070057, 0x80070000
_STREAM_NAME, _STREAM_CHARACTERS = "::$DATA", 296


@dll.export(fails=INVALID_HANDLE_VALUE, partial="the file is looked for by its name")
def ReOpenFile(
    guest: Guest, hOriginalFile: HANDLE, dwDesiredAccess: DWORD, dwShareMode: DWORD, dwFlagsAndAttributes: DWORD, *,
    files: Files,
) -> HANDLE:  # fmt: skip
    file = file_of(guest, hOriginalFile)
    if dwFlagsAndAttributes & FILE_ATTRIBUTES:
        raise WinError(ERROR_INVALID_PARAMETER)
    if file.is_directory:
        dwFlagsAndAttributes |= FILE_FLAG_BACKUP_SEMANTICS
    return CreateFileW(
        guest, file.final_path(), dwDesiredAccess, dwShareMode, 0, OPEN_EXISTING, dwFlagsAndAttributes, 0, files=files
    )


# -- streams ---------------------------------------------------------------------------------------------------------


@dll.export(fails=INVALID_HANDLE_VALUE, partial="files have one stream")
def FindFirstStreamW(
    guest: Guest, lpFileName: PCWSTR | None, InfoLevel: INT, lpFindStreamData: PVOID, dwFlags: DWORD, *, files: Files
) -> HANDLE:
    if InfoLevel != FIND_STREAM_STANDARD or dwFlags or not lpFindStreamData:
        raise WinError(ERROR_INVALID_PARAMETER)
    if not lpFileName:
        raise WinError(ERROR_PATH_NOT_FOUND)
    info = files.query(lpFileName)
    if info.attributes & 0x10:
        raise WinError(ERROR_HANDLE_EOF)
    name = _STREAM_NAME.encode("utf-16-le").ljust(2 * _STREAM_CHARACTERS, b"\0")
    guest.memory.write(lpFindStreamData, info.size.to_bytes(8, "little") + name)
    return guest.process.handles.give(Search([], True), 0)


@dll.export(translate={STATUS_OBJECT_TYPE_MISMATCH: ERROR_INVALID_HANDLE})
def FindNextStreamW(guest: Guest, hFindStream: HANDLE, lpFindStreamData: PVOID) -> BOOL:
    guest.process.handles.get(hFindStream, Search)
    raise WinError(ERROR_HANDLE_EOF)


# -- copies ----------------------------------------------------------------------------------------------------------


class COPYFILE2_EXTENDED_PARAMETERS(Struct):
    dwSize: DWORD
    dwCopyFlags: DWORD
    pfCancel: PVOID
    pProgressRoutine: PVOID
    pvCallbackContext: PVOID


@dll.export(partial="COPY_FILE_FAIL_IF_EXISTS is heeded; nobody is told of progress")
def CopyFile2(
    guest: Guest, pwszExistingFileName: PCWSTR | None, pwszNewFileName: PCWSTR | None,
    pExtendedParameters: In[COPYFILE2_EXTENDED_PARAMETERS], *, files: Files,
) -> Steps[HRESULT]:  # fmt: skip
    flags = cancel = 0
    if pExtendedParameters:
        extended = pExtendedParameters.value
        if extended.dwSize < COPYFILE2_EXTENDED_PARAMETERS.sizeof(guest.bits):
            return E_INVALIDARG
        flags, cancel = extended.dwCopyFlags, extended.pfCancel
    try:
        yield from copied(
            guest, files, pwszExistingFileName, pwszNewFileName, bool(flags & COPY_FILE_FAIL_IF_EXISTS), cancel=cancel
        )
    except WinError as error:
        return FACILITY_WIN32 | error.code
    except NtError as error:
        return FACILITY_WIN32 | win32_of(error.status)
    return S_OK


# -- what is refused -------------------------------------------------------------------------------------------------


@dll.export(partial="always refused, as to users without the privilege")
def CreateSymbolicLinkW(
    guest: Guest, lpSymlinkFileName: PCWSTR | None, lpTargetFileName: PCWSTR | None, dwFlags: DWORD, *, files: Files
) -> BOOLEAN:
    if dwFlags & ~SYMBOLIC_LINK_FLAGS or not lpTargetFileName:
        raise WinError(ERROR_INVALID_PARAMETER)
    if not lpSymlinkFileName:
        raise WinError(ERROR_PATH_NOT_FOUND)
    try:
        with opened(files, lpSymlinkFileName, FILE_READ_ATTRIBUTES, FILE_OPEN_REPARSE_POINT):
            there = True
    except NtError:
        there = False
    raise WinError(ERROR_ALREADY_EXISTS if there else ERROR_PRIVILEGE_NOT_HELD)


dll.ansi(CreateSymbolicLinkW)


@dll.export(partial="always refused, as to users without the privilege")
def SetFileValidData(guest: Guest, hFile: HANDLE, ValidDataLength: LONGLONG) -> BOOL:
    file_of(guest, hFile)
    raise WinError(ERROR_PRIVILEGE_NOT_HELD)


@dll.export(partial="always refused, as to users who are no administrators")
def SetVolumeLabelW(guest: Guest, lpRootPathName: PCWSTR | None, lpVolumeName: PCWSTR | None) -> BOOL:
    raise WinError(ERROR_ACCESS_DENIED)


dll.ansi(SetVolumeLabelW)


@dll.export(fails=INVALID_HANDLE_VALUE, partial="always refused: there are no mailslots")
def CreateMailslotW(
    guest: Guest, lpName: PCWSTR | None, nMaxMessageSize: DWORD, lReadTimeout: DWORD, lpSecurityAttributes: PVOID
) -> HANDLE:
    raise WinError(ERROR_CALL_NOT_IMPLEMENTED)


dll.ansi(CreateMailslotW)


@dll.export(fails=INVALID_HANDLE_VALUE, partial="always refused: files are not found by their numbers")
def OpenFileById(
    guest: Guest, hVolumeHint: HANDLE, lpFileId: PVOID, dwDesiredAccess: DWORD, dwShareMode: DWORD,
    lpSecurityAttributes: PVOID, dwFlagsAndAttributes: DWORD,
) -> HANDLE:  # fmt: skip
    raise WinError(ERROR_CALL_NOT_IMPLEMENTED)


@dll.export
def Wow64DisableWow64FsRedirection(guest: Guest, OldValue: Out[PVOID]) -> BOOL:
    """For 32-bit programs on 64-bit Windows alone."""
    raise WinError(ERROR_INVALID_FUNCTION)


@dll.export
def Wow64RevertWow64FsRedirection(guest: Guest, OlValue: PVOID) -> BOOL:
    raise WinError(ERROR_INVALID_FUNCTION)


@dll.export
def Wow64EnableWow64FsRedirection(guest: Guest, Wow64FsEnableRedirection: BOOLEAN) -> BOOLEAN:
    raise WinError(ERROR_INVALID_FUNCTION)
