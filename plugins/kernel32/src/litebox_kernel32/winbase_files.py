"""winbase.h: copying, moving, linking and replacing files."""

from collections.abc import Iterator
from contextlib import contextmanager

from litebox_core.abi import (
    BOOL,
    DWORD,
    HANDLE,
    LONGLONG,
    PCWSTR,
    PVOID,
    Annotated,
    Buffer,
    Callback,
    CallbackMeta,
    Len,
    Out,
)
from litebox_core.errors import NtError, WinError
from litebox_core.guest import Guest, Steps
from litebox_core.ntstatus import (
    STATUS_END_OF_FILE,
    STATUS_NOT_SAME_DEVICE,
    STATUS_OBJECT_NAME_COLLISION,
    STATUS_SHARING_VIOLATION,
)
from litebox_core.openfiles import File
from litebox_core.services import Files
from litebox_core.winerror import (
    ERROR_ACCESS_DENIED,
    ERROR_BAD_EXE_FORMAT,
    ERROR_FILE_EXISTS,
    ERROR_INVALID_PARAMETER,
    ERROR_PATH_NOT_FOUND,
    ERROR_REQUEST_ABORTED,
)

from .base import dll
from .handles import add_handle
from .opening import (
    DELETE,
    FILE_BACKUP,
    FILE_CREATE,
    FILE_NON_DIRECTORY_FILE,
    FILE_OPEN_REPARSE_POINT,
    FILE_OVERWRITE_IF,
    FILE_READ_ATTRIBUTES,
    FILE_WRITE_ATTRIBUTES,
    open_path,
    opened,
)
from .shortnames import is_8dot3
from .strings import OEM, requested_page

_CHUNK = 1 << 20
FILE_GENERIC_READ, FILE_GENERIC_WRITE = 0x120089, 0x120116
FILE_SHARE_READ, FILE_SHARE_DELETE = 1, 4
COPY_FILE_FAIL_IF_EXISTS, COPY_FILE_OPEN_SOURCE_FOR_WRITE = 0x1, 0x4
_COPY_FLAGS = 0xFFFF
PROGRESS_CONTINUE, PROGRESS_CANCEL, PROGRESS_STOP, PROGRESS_QUIET = range(4)
CALLBACK_CHUNK_FINISHED, CALLBACK_STREAM_SWITCH = 0, 1
_COPIED_ATTRIBUTES = 0x3127

Progress = Annotated[
    Callback,
    CallbackMeta([LONGLONG, LONGLONG, LONGLONG, LONGLONG, DWORD, DWORD, HANDLE, HANDLE, PVOID], DWORD),
]


class _Copy:
    """One copy and who is told of it."""

    def __init__(
        self, guest: Guest, source: File, target: File, progress: Callback | None, data: int, cancel: int
    ) -> None:
        self.guest, self.source, self.target = guest, source, target
        self.progress, self.data, self.cancel = progress, data, cancel
        self.size = source.info().size
        self.done = 0
        self.stopped = False

    def run(self) -> Steps[None]:
        """Copies all bytes. Raises WinError(ERROR_REQUEST_ABORTED) when told to stop."""
        yield from self._tell(CALLBACK_STREAM_SWITCH)
        while True:
            try:
                data = yield from self.source.read(self.guest, _CHUNK)
            except NtError as error:
                if error.status != STATUS_END_OF_FILE:
                    raise
                return
            yield from self.target.write(self.guest, data)
            self.done += len(data)
            yield from self._tell(CALLBACK_CHUNK_FINISHED)
            if self.cancel and self.guest.memory.u32(self.cancel):
                raise WinError(ERROR_REQUEST_ABORTED)

    def _tell(self, reason: int) -> Steps[None]:
        if self.progress is None or not self.progress:
            return
        process = self.guest.process
        source, target = add_handle(process, self.source, 0x80), add_handle(process, self.target, 0x80)
        answer = yield self.progress(
            self.size, self.done, self.size, self.done, 1, reason, source, target, self.data
        )  # fmt: skip
        for handle in (source, target):
            process.handles.close(handle)
        if answer == PROGRESS_QUIET:
            self.progress = None
        elif answer != PROGRESS_CONTINUE:
            self.stopped = answer == PROGRESS_STOP
            raise WinError(ERROR_REQUEST_ABORTED)


def copied(
    guest: Guest, files: Files, source_path: str | None, target_path: str | None, fail_if_exists: bool,
    progress: Callback | None = None, data: int = 0, cancel: int = 0,
) -> Steps[bool]:  # fmt: skip
    """Copies a file. Raises NtError, WinError."""
    if not source_path or not target_path:
        raise WinError(ERROR_PATH_NOT_FOUND)
    with _source(files, source_path) as source:
        info = source.info()
        disposition = FILE_CREATE if fail_if_exists else FILE_OVERWRITE_IF
        try:
            target = open_path(files, target_path, FILE_GENERIC_WRITE, FILE_NON_DIRECTORY_FILE, disposition, 3, 0x20)
        except NtError as error:
            if error.status == STATUS_OBJECT_NAME_COLLISION:
                raise WinError(ERROR_FILE_EXISTS) from None
            raise
        copy = _Copy(guest, source, target, progress, data, cancel)
        try:
            yield from copy.run()
            target.set_times(0, 0, info.written)
            target.set_attributes(info.attributes & _COPIED_ATTRIBUTES or 0x80)
        except (NtError, WinError):
            if not copy.stopped:
                _remove(files, target_path)
            raise
        finally:
            target.release()
    return True


@contextmanager
def _source(files: Files, path: str) -> Iterator[File]:
    """The file to copy: nobody may write to it meanwhile, unless somebody has it open for writing already."""
    try:
        share = FILE_SHARE_READ | FILE_SHARE_DELETE
        file = open_path(files, path, FILE_GENERIC_READ, FILE_NON_DIRECTORY_FILE, share=share)
    except NtError as error:
        if error.status != STATUS_SHARING_VIOLATION:
            raise
        file = open_path(files, path, FILE_GENERIC_READ, FILE_NON_DIRECTORY_FILE)
    try:
        yield file
    finally:
        file.release()


def _remove(files: Files, path: str) -> None:
    """Deletes what was copied so far, if nobody else holds it."""
    try:
        with opened(files, path, DELETE, FILE_NON_DIRECTORY_FILE) as file:
            file.set_delete(True)
    except NtError:
        return


@dll.export
def CopyFileW(
    guest: Guest, lpExistingFileName: PCWSTR | None, lpNewFileName: PCWSTR | None, bFailIfExists: BOOL, *, files: Files
) -> Steps[BOOL]:
    return copied(guest, files, lpExistingFileName, lpNewFileName, bool(bFailIfExists))


dll.ansi(CopyFileW)


@dll.export
def CopyFileExW(
    guest: Guest, lpExistingFileName: PCWSTR | None, lpNewFileName: PCWSTR | None, lpProgressRoutine: Progress,
    lpData: PVOID, pbCancel: PVOID, dwCopyFlags: DWORD, *, files: Files,
) -> Steps[BOOL]:  # fmt: skip
    if dwCopyFlags & ~_COPY_FLAGS:
        raise WinError(ERROR_INVALID_PARAMETER)
    fail = bool(dwCopyFlags & COPY_FILE_FAIL_IF_EXISTS)
    return copied(guest, files, lpExistingFileName, lpNewFileName, fail, lpProgressRoutine, lpData, pbCancel)


dll.ansi(CopyFileExW)


# -- moving ----------------------------------------------------------------------------------------------------------

MOVEFILE_REPLACE_EXISTING, MOVEFILE_COPY_ALLOWED, MOVEFILE_DELAY_UNTIL_REBOOT = 1, 2, 4
MOVEFILE_WRITE_THROUGH, MOVEFILE_CREATE_HARDLINK = 8, 0x10


def _moved(guest: Guest, files: Files, source: str | None, target: str | None, flags: int) -> Steps[bool]:
    if source is None:
        raise WinError(ERROR_INVALID_PARAMETER)
    if flags & MOVEFILE_CREATE_HARDLINK:
        raise WinError(ERROR_INVALID_PARAMETER)
    if flags & MOVEFILE_DELAY_UNTIL_REBOOT:
        raise WinError(ERROR_INVALID_PARAMETER if flags & MOVEFILE_COPY_ALLOWED else ERROR_ACCESS_DENIED)
    if not target:
        raise WinError(ERROR_PATH_NOT_FOUND)
    with opened(files, source, DELETE | FILE_READ_ATTRIBUTES, FILE_BACKUP | FILE_OPEN_REPARSE_POINT) as file:
        try:
            file.rename(target, bool(flags & MOVEFILE_REPLACE_EXISTING))
            return True
        except NtError as error:
            if error.status != STATUS_NOT_SAME_DEVICE or not flags & MOVEFILE_COPY_ALLOWED or file.is_directory:
                raise
    yield from copied(guest, files, source, target, not flags & MOVEFILE_REPLACE_EXISTING)
    with opened(files, source, DELETE, FILE_NON_DIRECTORY_FILE | FILE_OPEN_REPARSE_POINT) as file:
        file.set_delete(True)
    return True


@dll.export
def MoveFileW(
    guest: Guest, lpExistingFileName: PCWSTR | None, lpNewFileName: PCWSTR | None, *, files: Files
) -> Steps[BOOL]:
    return _moved(guest, files, lpExistingFileName, lpNewFileName, MOVEFILE_COPY_ALLOWED)


dll.ansi(MoveFileW)


@dll.export(partial="MOVEFILE_DELAY_UNTIL_REBOOT is refused")
def MoveFileExW(
    guest: Guest, lpExistingFileName: PCWSTR | None, lpNewFileName: PCWSTR | None, dwFlags: DWORD, *, files: Files
) -> Steps[BOOL]:
    return _moved(guest, files, lpExistingFileName, lpNewFileName, dwFlags)


dll.ansi(MoveFileExW)


@dll.export(partial="the progress routine is not called")
def MoveFileWithProgressW(
    guest: Guest, lpExistingFileName: PCWSTR | None, lpNewFileName: PCWSTR | None, lpProgressRoutine: Progress,
    lpData: PVOID, dwFlags: DWORD, *, files: Files,
) -> Steps[BOOL]:  # fmt: skip
    return _moved(guest, files, lpExistingFileName, lpNewFileName, dwFlags)


dll.ansi(MoveFileWithProgressW)


@dll.export(partial="attributes and streams of the replaced file are not merged")
def ReplaceFileW(
    guest: Guest, lpReplacedFileName: PCWSTR | None, lpReplacementFileName: PCWSTR | None,
    lpBackupFileName: PCWSTR | None, dwReplaceFlags: DWORD, lpExclude: PVOID, lpReserved: PVOID, *, files: Files,
) -> BOOL:  # fmt: skip
    if not lpReplacedFileName or not lpReplacementFileName:
        raise WinError(ERROR_INVALID_PARAMETER)
    options = FILE_NON_DIRECTORY_FILE | FILE_OPEN_REPARSE_POINT
    access = DELETE | FILE_READ_ATTRIBUTES | FILE_WRITE_ATTRIBUTES
    with opened(files, lpReplacedFileName, access, options) as replaced:
        path, info = files.full_path(lpReplacedFileName), replaced.info()
        with opened(files, lpReplacementFileName, access | 0x3, options, share=1) as replacement:
            if info.attributes & 1:
                raise WinError(ERROR_ACCESS_DENIED)
            if lpBackupFileName:
                replaced.rename(lpBackupFileName, True)
                replacement.rename(path, False)
                return True
    with opened(files, lpReplacementFileName, access, options) as replacement:
        replacement.rename(path, True)
    return True


dll.ansi(ReplaceFileW)


# -- links -----------------------------------------------------------------------------------------------------------


@dll.export
def CreateHardLinkW(
    guest: Guest, lpFileName: PCWSTR | None, lpExistingFileName: PCWSTR | None, lpSecurityAttributes: PVOID, *,
    files: Files,
) -> BOOL:  # fmt: skip
    if not lpFileName or not lpExistingFileName:
        raise WinError(ERROR_INVALID_PARAMETER)
    with opened(files, lpExistingFileName, FILE_WRITE_ATTRIBUTES, FILE_BACKUP | FILE_OPEN_REPARSE_POINT) as file:
        file.link(lpFileName, False)
    return True


dll.ansi(CreateHardLinkW)


# -- programs --------------------------------------------------------------------------------------------------------

SCS_32BIT_BINARY, SCS_DOS_BINARY, SCS_64BIT_BINARY = 0, 1, 6
_MACHINES = {0x14C: SCS_32BIT_BINARY, 0x8664: SCS_64BIT_BINARY, 0xAA64: SCS_64BIT_BINARY, 0x1C4: SCS_32BIT_BINARY}


@dll.export
def GetBinaryTypeW(
    guest: Guest, lpApplicationName: PCWSTR | None, lpBinaryType: Out[DWORD], *, files: Files
) -> Steps[BOOL]:
    with opened(files, lpApplicationName, FILE_GENERIC_READ, FILE_NON_DIRECTORY_FILE) as file:
        head = yield from _read(guest, file, 0, 64)
        if head[:2] != b"MZ":
            raise WinError(ERROR_BAD_EXE_FORMAT)
        header = yield from _read(guest, file, int.from_bytes(head[60:64].ljust(4, b"\0"), "little"), 24)
        kind = SCS_DOS_BINARY
        if header[:4] == b"PE\0\0":
            machine, characteristics = int.from_bytes(header[4:6], "little"), int.from_bytes(header[22:24], "little")
            if machine not in _MACHINES or characteristics & 0x2000:  # IMAGE_FILE_DLL
                raise WinError(ERROR_BAD_EXE_FORMAT)
            kind = _MACHINES[machine]
        if lpBinaryType:
            lpBinaryType.value = kind
    return True


dll.ansi(GetBinaryTypeW)


def _read(guest: Guest, file: File, offset: int, size: int) -> Steps[bytes]:
    try:
        return (yield from file.read(guest, size, offset))
    except NtError as error:
        if error.status == STATUS_END_OF_FILE:
            return b""
        raise


# -- 8.3 names -------------------------------------------------------------------------------------------------------

@dll.export
def CheckNameLegalDOS8Dot3W(
    guest: Guest, lpName: PCWSTR | None, lpOemName: Annotated[Buffer, Len("OemNameSize")], OemNameSize: DWORD,
    pbNameContainsSpaces: PVOID, pbNameLegal: PVOID,
) -> BOOL:  # fmt: skip
    if lpName is None or not pbNameLegal or (lpOemName and not OemNameSize):
        raise WinError(ERROR_INVALID_PARAMETER)
    legal = is_8dot3(lpName) and len(lpName) <= 12
    guest.memory.put_u32(pbNameLegal, legal)
    if pbNameContainsSpaces:
        guest.memory.put_u32(pbNameContainsSpaces, legal and " " in lpName)
    if lpOemName:
        oem = requested_page(OEM).encode(lpName.upper())[0] + b"\0"
        if len(oem) <= OemNameSize:
            lpOemName.write(oem)
    return True


dll.ansi(CheckNameLegalDOS8Dot3W)
