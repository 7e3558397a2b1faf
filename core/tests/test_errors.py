"""The error tables: Microsoft's published pairs, RtlNtStatusToDosError's rules, and the C runtime's errno mapping."""

import pickle
import subprocess
import sys

import pytest

from litebox_core import crterrno, errors, ntstatus, winerror
from litebox_core.errors import CrtError, NtError, WinError


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (NtError(ntstatus.STATUS_INVALID_HANDLE), "STATUS_INVALID_HANDLE (0xC0000008)"),
        (NtError(ntstatus.STATUS_INVALID_HANDLE - (1 << 32)), "STATUS_INVALID_HANDLE (0xC0000008)"),
        (NtError(0xC0FFEE00), "NTSTATUS 0xC0FFEE00"),
        (WinError(winerror.ERROR_FILE_NOT_FOUND), "ERROR_FILE_NOT_FOUND (2)"),
        (WinError(winerror.WSAENOTSOCK), "WSAENOTSOCK (10038)"),
        (WinError(winerror.E_FAIL), "E_FAIL (0x80004005)"),
        (WinError(64999), "Win32 error 64999"),
        (CrtError(crterrno.EILSEQ), "EILSEQ (42)"),
        (CrtError(999), "errno 999"),
    ],
)
def test_an_error_names_itself(error: Exception, text: str) -> None:
    assert str(error) == text
    assert str(pickle.loads(pickle.dumps(error))) == text


def test_codes_are_unsigned_and_where_the_guest_expects_them() -> None:
    assert NtError(-1).status == 0xFFFFFFFF
    assert WinError(-1).code == 0xFFFFFFFF
    assert CrtError(crterrno.STRUNCATE).errno == 80
    assert (winerror.ERROR_SUCCESS, winerror.WSAEINTR, winerror.WSAEWOULDBLOCK, winerror.WSANOTINITIALISED) == (
        0,
        10004,
        10035,
        10093,
    )
    assert (ntstatus.STATUS_PENDING, ntstatus.DBG_CONTINUE) == (0x103, 0x00010002)
    assert ntstatus.STATUS_ACCESS_VIOLATION == 0xC0000005
    assert (crterrno.EPERM, crterrno.EINVAL, crterrno.ERANGE, crterrno.EWOULDBLOCK) == (1, 22, 34, 140)


@pytest.mark.parametrize("module", [ntstatus, winerror, crterrno])
def test_constants_fit_in_32_bits(module: object) -> None:
    values = [value for name, value in vars(module).items() if name.isidentifier() and name[0] != "_"]
    assert len(values) > 75
    assert all(isinstance(value, int) and 0 <= value < 1 << 32 for value in values)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("STATUS_SUCCESS", "ERROR_SUCCESS"),
        ("STATUS_PENDING", "ERROR_IO_PENDING"),
        ("STATUS_BUFFER_OVERFLOW", "ERROR_MORE_DATA"),
        ("STATUS_NO_MORE_FILES", "ERROR_NO_MORE_FILES"),
        ("STATUS_NOT_IMPLEMENTED", "ERROR_INVALID_FUNCTION"),
        ("STATUS_INFO_LENGTH_MISMATCH", "ERROR_BAD_LENGTH"),
        ("STATUS_ACCESS_VIOLATION", "ERROR_NOACCESS"),
        ("STATUS_INVALID_HANDLE", "ERROR_INVALID_HANDLE"),
        ("STATUS_INVALID_PARAMETER", "ERROR_INVALID_PARAMETER"),
        ("STATUS_END_OF_FILE", "ERROR_HANDLE_EOF"),
        ("STATUS_NO_MEMORY", "ERROR_NOT_ENOUGH_MEMORY"),
        ("STATUS_ACCESS_DENIED", "ERROR_ACCESS_DENIED"),
        ("STATUS_BUFFER_TOO_SMALL", "ERROR_INSUFFICIENT_BUFFER"),
        ("STATUS_OBJECT_NAME_NOT_FOUND", "ERROR_FILE_NOT_FOUND"),
        ("STATUS_OBJECT_NAME_COLLISION", "ERROR_ALREADY_EXISTS"),
        ("STATUS_OBJECT_PATH_NOT_FOUND", "ERROR_PATH_NOT_FOUND"),
        ("STATUS_SHARING_VIOLATION", "ERROR_SHARING_VIOLATION"),
        ("STATUS_DIRECTORY_NOT_EMPTY", "ERROR_DIR_NOT_EMPTY"),
        ("STATUS_DLL_NOT_FOUND", "ERROR_MOD_NOT_FOUND"),
        ("STATUS_ENTRYPOINT_NOT_FOUND", "ERROR_PROC_NOT_FOUND"),
    ],
)
def test_win32_error_of_a_status(status: str, code: str) -> None:
    assert errors.win32_of(getattr(ntstatus, status)) == getattr(winerror, code)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (0xC0070005, 5),  # FACILITY_NTWIN32 carries a Win32 error
        (0x80070005, 5),
        (0xC0010005, 5),
        (0xC007FFFF, 0xFFFF),
        (0x40070005, 317),
        (0x00070005, 317),
        (0xD0000022, 5),  # the N bit of HRESULT_FROM_NT
        (0xD0070005, 5),
        (0x90000005, 317),
        (0xE06D7363, 0xE06D7363),  # the customer bit: nobody's business but the customer's
        (0xA0000001, 0xA0000001),
        (-1, 0xFFFFFFFF),
        (0xC0000000, 317),
        (-0x3FFFFFFF - 1 + 0x22, 5),  # as a signed number
    ],
)
def test_rules_of_rtl_nt_status_to_dos_error(status: int, code: int) -> None:
    assert errors.win32_of(status) == code


def test_status_of_prefers_the_status_of_the_same_name() -> None:
    for name, code in vars(winerror).items():
        status = getattr(ntstatus, "STATUS_" + name[6:], None)
        if name.startswith("ERROR_") and status is not None and errors.win32_of(status) == code:
            assert errors.win32_of(errors.status_of(code)) == code, name
    assert errors.status_of(winerror.ERROR_ACCESS_DENIED) == ntstatus.STATUS_ACCESS_DENIED
    assert errors.status_of(winerror.ERROR_INVALID_PARAMETER) == ntstatus.STATUS_INVALID_PARAMETER
    assert errors.status_of(winerror.ERROR_DIR_NOT_EMPTY) == ntstatus.STATUS_DIRECTORY_NOT_EMPTY


def test_status_of_a_code_without_a_status() -> None:
    assert errors.status_of(0) == 0
    assert errors.status_of(64999) == ntstatus.STATUS_UNSUCCESSFUL
    assert errors.status_of(0xE0000001) == 0xE0000001


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("ERROR_FILE_NOT_FOUND", "STATUS_OBJECT_NAME_NOT_FOUND"),
        ("ERROR_PATH_NOT_FOUND", "STATUS_OBJECT_PATH_NOT_FOUND"),
        ("ERROR_NOT_ENOUGH_MEMORY", "STATUS_NO_MEMORY"),
        ("ERROR_MORE_DATA", "STATUS_BUFFER_OVERFLOW"),
        ("ERROR_IO_PENDING", "STATUS_PENDING"),
        ("WSAENOTSOCK", "STATUS_INVALID_HANDLE"),
        ("WSAENOTCONN", "STATUS_INVALID_CONNECTION"),
    ],
)
def test_status_of_takes_the_usual_one_of_many(code: str, status: str) -> None:
    assert errors.status_of(getattr(winerror, code)) == getattr(ntstatus, status)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("STATUS_SUCCESS", "ERROR_SUCCESS"),
        ("STATUS_INVALID_HANDLE", "WSAENOTSOCK"),
        ("STATUS_ACCESS_VIOLATION", "WSAEFAULT"),
        ("STATUS_CONNECTION_REFUSED", "WSAECONNREFUSED"),
        ("STATUS_BUFFER_OVERFLOW", "WSAEMSGSIZE"),
        ("STATUS_CANCELLED", "ERROR_OPERATION_ABORTED"),
        ("STATUS_PENDING", "WSA_IO_PENDING"),
    ],
)
def test_sockets_speak_their_own_dialect(status: str, code: str) -> None:
    assert errors.wsa_of(getattr(ntstatus, status)) == getattr(winerror, code)


@pytest.mark.parametrize(
    ("code", "errno"),
    [
        (0, 0),
        (winerror.ERROR_FILE_NOT_FOUND, crterrno.ENOENT),
        (winerror.ERROR_TOO_MANY_OPEN_FILES, crterrno.EMFILE),
        (winerror.ERROR_ACCESS_DENIED, crterrno.EACCES),
        (winerror.ERROR_INVALID_HANDLE, crterrno.EBADF),
        (winerror.ERROR_NOT_SAME_DEVICE, crterrno.EXDEV),
        (winerror.ERROR_NO_MORE_FILES, crterrno.ENOENT),
        (winerror.ERROR_WRITE_PROTECT, crterrno.EACCES),
        (winerror.ERROR_SHARING_VIOLATION, crterrno.EACCES),
        (winerror.ERROR_SHARING_BUFFER_EXCEEDED, crterrno.EACCES),
        (37, crterrno.EINVAL),
        (winerror.ERROR_FILE_EXISTS, crterrno.EEXIST),
        (winerror.ERROR_BROKEN_PIPE, crterrno.EPIPE),
        (winerror.ERROR_DISK_FULL, crterrno.ENOSPC),
        (winerror.ERROR_WAIT_NO_CHILDREN, crterrno.ECHILD),
        (winerror.ERROR_DIR_NOT_EMPTY, crterrno.ENOTEMPTY),
        (winerror.ERROR_ALREADY_EXISTS, crterrno.EEXIST),
        (187, crterrno.EINVAL),
        (winerror.ERROR_INVALID_STARTING_CODESEG, crterrno.ENOEXEC),
        (winerror.ERROR_BAD_EXE_FORMAT, crterrno.ENOEXEC),
        (winerror.ERROR_INFLOOP_IN_RELOC_CHAIN, crterrno.ENOEXEC),
        (203, crterrno.EINVAL),
        (winerror.ERROR_NOT_ENOUGH_QUOTA, crterrno.ENOMEM),
        (winerror.WSAENOTSOCK, crterrno.EINVAL),
    ],
)
def test_errno_of_a_win32_error(code: int, errno: int) -> None:
    assert errors.errno_of(code) == errno


def test_errno_of_a_status_goes_by_its_win32_error() -> None:
    assert errors.errno_from_status(0) == 0
    assert errors.errno_from_status(ntstatus.STATUS_INVALID_HANDLE) == crterrno.EBADF
    assert errors.errno_from_status(ntstatus.STATUS_OBJECT_NAME_COLLISION) == crterrno.EEXIST
    assert errors.errno_from_status(0xC0FFEE00) == crterrno.EINVAL


def test_names() -> None:
    assert errors.status_name(0) == "STATUS_SUCCESS"
    assert errors.status_name(0x102) == "STATUS_TIMEOUT"
    assert errors.status_name(0xC0FFEE00) is None
    assert errors.win32_name(0) == "ERROR_SUCCESS"
    assert errors.win32_name(1) == "ERROR_INVALID_FUNCTION"
    assert errors.win32_name(997) == "ERROR_IO_PENDING"
    assert errors.win32_name(64999) is None
    assert errors.errno_name(2) == "ENOENT"
    assert errors.errno_name(0) is None


def test_importing_errors_reads_no_table() -> None:
    code = "import sys, litebox_core.errors as e; print([m for m in sys.modules if m.startswith('litebox_core.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['litebox_core.errors']"
