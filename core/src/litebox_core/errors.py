"""The errors an API function raises, and the translation between their dialects.

An API function fails by raising `NtError`, `WinError` or `CrtError`; the DLL it belongs to decides whether the guest
sees an NTSTATUS, a Win32 last-error, a Windows Sockets error or an errno. All codes are unsigned integers.

The table from NTSTATUS to Win32 error is that of ntdll's RtlNtStatusToDosError, kept in data/status_to_win32.tsv and
read on first use, as are the names of the codes.
"""

from functools import cache
from os.path import dirname, join
from types import ModuleType

ERROR_MR_MID_NOT_FOUND = 317
STATUS_UNSUCCESSFUL = 0xC0000001

_CUSTOMER = 0x20000000
_N_BIT = 0x10000000
# Upper halves of the statuses that carry a Win32 error in their lower half: FACILITY_NTWIN32, as error and as HRESULT,
# and FACILITY_DEBUGGER as an error.
_CARRIES_WIN32 = (0xC007, 0x8007, 0xC001)


class WinError(Exception):
    """A Win32 error, `code`: what GetLastError reports after the call. Windows Sockets errors are Win32 errors too."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code & 0xFFFFFFFF

    def __str__(self) -> str:
        number = str(self.code) if self.code < 0x10000 else f"0x{self.code:08X}"
        name = win32_name(self.code)
        return f"{name} ({number})" if name else f"Win32 error {number}"


class NtError(Exception):
    """An NTSTATUS, `status`: what a native function returns."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status & 0xFFFFFFFF

    def __str__(self) -> str:
        name = status_name(self.status)
        return f"{name} (0x{self.status:08X})" if name else f"NTSTATUS 0x{self.status:08X}"


class CrtError(Exception):
    """A C runtime error, `errno`, in the numbering of the Microsoft C runtime.

    ``dos`` is what ``_doserrno`` tells with it: a Win32 error; None where the function leaves that alone.
    """

    def __init__(self, errno: int, dos: int | None = None) -> None:
        super().__init__(errno)
        self.errno, self.dos = errno, dos

    def __str__(self) -> str:
        name = errno_name(self.errno)
        return f"{name} ({self.errno})" if name else f"errno {self.errno}"


def win32_of(status: int) -> int:
    """The Win32 error of an NTSTATUS, as RtlNtStatusToDosError answers: ERROR_MR_MID_NOT_FOUND if there is none."""
    status &= 0xFFFFFFFF
    if status & _CUSTOMER:
        return status
    if status >> 28 == 0xD:
        status &= ~_N_BIT
    code = _status_table().get(status)
    if code is None:
        code = status & 0xFFFF if status >> 16 in _CARRIES_WIN32 else ERROR_MR_MID_NOT_FOUND
    return code


def status_of(code: int) -> int:
    """The NTSTATUS that says best what a Win32 error says: STATUS_UNSUCCESSFUL if none does.

    Several statuses may share one Win32 error. Windows has no such function; this one prefers the status of the same
    name, then the one the system itself reports most often.
    """
    code &= 0xFFFFFFFF
    if code & _CUSTOMER:
        return code
    return _inverse_table().get(code, STATUS_UNSUCCESSFUL)


def wsa_of(status: int) -> int:
    """The Windows Sockets error of an NTSTATUS; where sockets have no word of their own, the Win32 error."""
    status &= 0xFFFFFFFF
    code = _wsa_table().get(status)
    return win32_of(status) if code is None else code


def sockets_word(status: int) -> int | None:
    """The Windows Sockets error of an NTSTATUS; None where sockets have no word of their own."""
    return _wsa_table().get(status & 0xFFFFFFFF)


def errno_of(code: int) -> int:
    """The errno to which the C runtime maps a Win32 error: EINVAL if it is none it knows, 0 for 0."""
    if code == 0:
        return 0
    errno = _ERRNO_OF.get(code)
    if errno is None:
        if 19 <= code <= 36:  # ERROR_WRITE_PROTECT .. ERROR_SHARING_BUFFER_EXCEEDED
            return _EACCES
        if 188 <= code <= 202:  # ERROR_INVALID_STARTING_CODESEG .. ERROR_INFLOOP_IN_RELOC_CHAIN
            return _ENOEXEC
        return _EINVAL
    return errno


def errno_from_status(status: int) -> int:
    """The errno to which the C runtime maps an NTSTATUS, by way of its Win32 error."""
    return errno_of(win32_of(status))


def status_name(status: int) -> str | None:
    """Microsoft's name of an NTSTATUS, such as "STATUS_INVALID_HANDLE"."""
    return _status_names().get(status & 0xFFFFFFFF)


def win32_name(code: int) -> str | None:
    """Microsoft's name of a Win32 or Windows Sockets error or common HRESULT, such as "ERROR_FILE_NOT_FOUND"."""
    return _win32_names().get(code & 0xFFFFFFFF)


def errno_name(errno: int) -> str | None:
    """The name of an errno of the Microsoft C runtime, such as "ENOENT"."""
    return _errno_names().get(errno)


# Win32 error to errno. What is not here is in one of the two ranges in errno_of, or EINVAL.
_EINVAL, _EACCES, _ENOEXEC = 22, 13, 8
_ERRNO_OF = {
    2: 2,  # ERROR_FILE_NOT_FOUND: ENOENT
    3: 2,  # ERROR_PATH_NOT_FOUND
    4: 24,  # ERROR_TOO_MANY_OPEN_FILES: EMFILE
    5: 13,  # ERROR_ACCESS_DENIED: EACCES
    6: 9,  # ERROR_INVALID_HANDLE: EBADF
    7: 12,  # ERROR_ARENA_TRASHED: ENOMEM
    8: 12,  # ERROR_NOT_ENOUGH_MEMORY
    9: 12,  # ERROR_INVALID_BLOCK
    10: 7,  # ERROR_BAD_ENVIRONMENT: E2BIG
    11: 8,  # ERROR_BAD_FORMAT: ENOEXEC
    15: 2,  # ERROR_INVALID_DRIVE: ENOENT
    16: 13,  # ERROR_CURRENT_DIRECTORY: EACCES
    17: 18,  # ERROR_NOT_SAME_DEVICE: EXDEV
    18: 2,  # ERROR_NO_MORE_FILES: ENOENT
    53: 2,  # ERROR_BAD_NETPATH
    65: 13,  # ERROR_NETWORK_ACCESS_DENIED: EACCES
    67: 2,  # ERROR_BAD_NET_NAME: ENOENT
    80: 17,  # ERROR_FILE_EXISTS: EEXIST
    82: 13,  # ERROR_CANNOT_MAKE: EACCES
    83: 13,  # ERROR_FAIL_I24
    89: 11,  # ERROR_NO_PROC_SLOTS: EAGAIN
    108: 13,  # ERROR_DRIVE_LOCKED: EACCES
    109: 32,  # ERROR_BROKEN_PIPE: EPIPE
    112: 28,  # ERROR_DISK_FULL: ENOSPC
    114: 9,  # ERROR_INVALID_TARGET_HANDLE: EBADF
    128: 10,  # ERROR_WAIT_NO_CHILDREN: ECHILD
    129: 10,  # ERROR_CHILD_NOT_COMPLETE
    130: 9,  # ERROR_DIRECT_ACCESS_HANDLE: EBADF
    132: 13,  # ERROR_SEEK_ON_DEVICE: EACCES
    145: 41,  # ERROR_DIR_NOT_EMPTY: ENOTEMPTY
    158: 13,  # ERROR_NOT_LOCKED: EACCES
    161: 2,  # ERROR_BAD_PATHNAME: ENOENT
    164: 11,  # ERROR_MAX_THRDS_REACHED: EAGAIN
    167: 13,  # ERROR_LOCK_FAILED: EACCES
    183: 17,  # ERROR_ALREADY_EXISTS: EEXIST
    206: 2,  # ERROR_FILENAME_EXCED_RANGE: ENOENT
    215: 11,  # ERROR_NESTING_NOT_ALLOWED: EAGAIN
    1113: 42,  # ERROR_NO_UNICODE_TRANSLATION: EILSEQ
    1816: 12,  # ERROR_NOT_ENOUGH_QUOTA: ENOMEM
}

# NTSTATUS names to Windows Sockets error names, where they differ from RtlNtStatusToDosError.
_WSA_OF = """
    INVALID_HANDLE OBJECT_TYPE_MISMATCH: WSAENOTSOCK
    INSUFFICIENT_RESOURCES PAGEFILE_QUOTA COMMITMENT_LIMIT WORKING_SET_QUOTA NO_MEMORY CONFLICTING_ADDRESSES
        QUOTA_EXCEEDED TOO_MANY_PAGING_FILES REMOTE_RESOURCES TOO_MANY_ADDRESSES: WSAENOBUFS
    SHARING_VIOLATION ADDRESS_ALREADY_EXISTS: WSAEADDRINUSE
    LINK_TIMEOUT IO_TIMEOUT TIMEOUT: WSAETIMEDOUT
    GRACEFUL_DISCONNECT: WSAEDISCON
    REMOTE_DISCONNECT CONNECTION_RESET LINK_FAILED CONNECTION_DISCONNECTED PORT_UNREACHABLE
        HOPLIMIT_EXCEEDED: WSAECONNRESET
    LOCAL_DISCONNECT TRANSACTION_ABORTED CONNECTION_ABORTED: WSAECONNABORTED
    BAD_NETWORK_PATH NETWORK_UNREACHABLE PROTOCOL_UNREACHABLE: WSAENETUNREACH
    HOST_UNREACHABLE: WSAEHOSTUNREACH
    CANCELLED: WSA_OPERATION_ABORTED
    REQUEST_ABORTED: WSAEINTR
    HOST_DOWN: WSAEHOSTDOWN
    BUFFER_OVERFLOW INVALID_BUFFER_SIZE: WSAEMSGSIZE
    BUFFER_TOO_SMALL ACCESS_VIOLATION DATATYPE_MISALIGNMENT_ERROR: WSAEFAULT
    DEVICE_NOT_READY REQUEST_NOT_ACCEPTED: WSAEWOULDBLOCK
    INVALID_NETWORK_RESPONSE NETWORK_BUSY NO_SUCH_DEVICE NO_SUCH_FILE OBJECT_PATH_NOT_FOUND OBJECT_NAME_NOT_FOUND
        UNEXPECTED_NETWORK_ERROR: WSAENETDOWN
    INVALID_CONNECTION: WSAENOTCONN
    REMOTE_NOT_LISTENING CONNECTION_REFUSED: WSAECONNREFUSED
    PIPE_DISCONNECTED: WSAESHUTDOWN
    INVALID_ADDRESS INVALID_ADDRESS_COMPONENT: WSAEADDRNOTAVAIL
    NOT_SUPPORTED NOT_IMPLEMENTED: WSAEOPNOTSUPP
    ACCESS_DENIED: WSAEACCES
    CONNECTION_ACTIVE: WSAEISCONN
    UNSUCCESSFUL INVALID_PARAMETER ADDRESS_CLOSED CONNECTION_INVALID ADDRESS_ALREADY_ASSOCIATED ADDRESS_NOT_ASSOCIATED
        INVALID_DEVICE_REQUEST INVALID_DEVICE_STATE: WSAEINVAL
    TOO_MANY_OPENED_FILES: WSAEMFILE
"""

# Win32 errors whose best status is neither of the same name nor the lowest
_STATUS_OF = """
    ERROR_INVALID_FUNCTION: INVALID_DEVICE_REQUEST
    ERROR_FILE_NOT_FOUND: OBJECT_NAME_NOT_FOUND
    ERROR_PATH_NOT_FOUND: OBJECT_PATH_NOT_FOUND
    ERROR_TOO_MANY_OPEN_FILES: TOO_MANY_OPENED_FILES
    ERROR_NOT_ENOUGH_MEMORY: NO_MEMORY
    ERROR_OUTOFMEMORY: NO_MEMORY
    ERROR_NOT_READY: DEVICE_NOT_READY
    ERROR_BAD_LENGTH: INFO_LENGTH_MISMATCH
    ERROR_GEN_FAILURE: UNSUCCESSFUL
    ERROR_LOCK_VIOLATION: FILE_LOCK_CONFLICT
    ERROR_HANDLE_EOF: END_OF_FILE
    ERROR_FILE_EXISTS: OBJECT_NAME_COLLISION
    ERROR_BROKEN_PIPE: PIPE_BROKEN
    ERROR_SEM_TIMEOUT: IO_TIMEOUT
    ERROR_INSUFFICIENT_BUFFER: BUFFER_TOO_SMALL
    ERROR_INVALID_NAME: OBJECT_NAME_INVALID
    ERROR_MOD_NOT_FOUND: DLL_NOT_FOUND
    ERROR_PROC_NOT_FOUND: ENTRYPOINT_NOT_FOUND
    ERROR_NEGATIVE_SEEK: INVALID_PARAMETER
    ERROR_NOT_LOCKED: NOT_LOCKED
    ERROR_ALREADY_EXISTS: OBJECT_NAME_COLLISION
    ERROR_BAD_EXE_FORMAT: INVALID_IMAGE_FORMAT
    ERROR_MORE_DATA: BUFFER_OVERFLOW
    ERROR_NO_MORE_ITEMS: NO_MORE_ENTRIES
    ERROR_DIRECTORY: NOT_A_DIRECTORY
    ERROR_INVALID_ADDRESS: MEMORY_NOT_ALLOCATED
    ERROR_PIPE_CONNECTED: PIPE_CONNECTED
    ERROR_PIPE_LISTENING: PIPE_LISTENING
    ERROR_OPERATION_ABORTED: CANCELLED
    ERROR_IO_PENDING: PENDING
    ERROR_NOACCESS: ACCESS_VIOLATION
    ERROR_TIMEOUT: TIMEOUT
    ERROR_DLL_INIT_FAILED: DLL_INIT_FAILED
    WSAENOTSOCK: INVALID_HANDLE
    WSAEADDRINUSE: ADDRESS_ALREADY_EXISTS
    WSAETIMEDOUT: IO_TIMEOUT
    WSAECONNRESET: CONNECTION_RESET
    WSAECONNABORTED: CONNECTION_ABORTED
    WSAENETUNREACH: NETWORK_UNREACHABLE
    WSAEFAULT: ACCESS_VIOLATION
    WSAENOBUFS: INSUFFICIENT_RESOURCES
    WSAENETDOWN: UNEXPECTED_NETWORK_ERROR
    WSAECONNREFUSED: CONNECTION_REFUSED
    WSAEINVAL: INVALID_PARAMETER
    WSAEOPNOTSUPP: NOT_SUPPORTED
    WSAEADDRNOTAVAIL: INVALID_ADDRESS_COMPONENT
"""


@cache
def _status_table() -> dict[int, int]:
    with open(join(dirname(__file__), "data", "status_to_win32.tsv"), encoding="ascii") as file:
        rows = [line.split("\t") for line in file]
    return {int(status, 16): int(code) for status, code in rows}


@cache
def _wsa_table() -> dict[int, int]:
    from litebox_core import ntstatus, winerror

    statuses, codes = vars(ntstatus), vars(winerror)
    table = {}
    for entry in _joined(_WSA_OF):
        names, wsa = entry.split(": ")
        for name in names.split():
            table[statuses["STATUS_" + name]] = codes[wsa]
    return table


@cache
def _inverse_table() -> dict[int, int]:
    from litebox_core import ntstatus, winerror

    statuses, codes = vars(ntstatus), vars(winerror)
    inverse: dict[int, int] = {}
    # The lowest status that is an error; where there is none, the lowest
    for status, code in sorted(_status_table().items(), key=lambda row: (row[0] >> 30 != 3, row[0])):
        inverse.setdefault(code, status)
    for status, code in _wsa_table().items():
        inverse.setdefault(code, status)
    for name, code in codes.items():
        same = statuses.get("STATUS_" + name[6:]) if name.startswith("ERROR_") else None
        if same is not None and win32_of(same) == code:
            inverse[code] = same
    for entry in _joined(_STATUS_OF):
        name, best = entry.split(": ")
        inverse[codes[name]] = statuses["STATUS_" + best]
    inverse[0] = 0
    return inverse


def _joined(table: str) -> list[str]:
    """The entries of a table above, one string each; an entry may go on in a deeper indented line."""
    return table.replace("\n        ", " ").strip().split("\n    ")


@cache
def _status_names() -> dict[int, str]:
    from litebox_core import ntstatus

    return _names(ntstatus)


@cache
def _win32_names() -> dict[int, str]:
    from litebox_core import winerror

    return _names(winerror)


@cache
def _errno_names() -> dict[int, str]:
    from litebox_core import crterrno

    return _names(crterrno)


def _names(constants: ModuleType) -> dict[int, str]:
    names: dict[int, str] = {}
    for name, value in vars(constants).items():
        if name[0] != "_":
            names.setdefault(value, name)
    return names
