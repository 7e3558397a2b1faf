"""What the host's errors mean to Windows: an errno as an NTSTATUS, which every dialect can say."""

import errno

from litebox_core import ntstatus as nt
from litebox_core.errors import NtError

__all__ = ["STATUS_WOULD_BLOCK", "failed", "status_of"]

STATUS_WOULD_BLOCK = nt.STATUS_DEVICE_NOT_READY
"""WSAEWOULDBLOCK."""

_STATUSES = {
    errno.EACCES: nt.STATUS_ACCESS_DENIED,
    errno.EPERM: nt.STATUS_ACCESS_DENIED,
    errno.EADDRINUSE: nt.STATUS_ADDRESS_ALREADY_EXISTS,
    errno.EADDRNOTAVAIL: nt.STATUS_INVALID_ADDRESS_COMPONENT,
    errno.ENODEV: nt.STATUS_INVALID_ADDRESS_COMPONENT,
    errno.EAGAIN: STATUS_WOULD_BLOCK,
    errno.ECONNABORTED: nt.STATUS_CONNECTION_ABORTED,
    errno.EPIPE: nt.STATUS_CONNECTION_ABORTED,
    errno.ECONNREFUSED: nt.STATUS_CONNECTION_REFUSED,
    errno.ECONNRESET: nt.STATUS_CONNECTION_RESET,
    errno.EHOSTUNREACH: nt.STATUS_HOST_UNREACHABLE,
    errno.EHOSTDOWN: nt.STATUS_HOST_UNREACHABLE,
    errno.ENETUNREACH: nt.STATUS_NETWORK_UNREACHABLE,
    errno.ENETDOWN: nt.STATUS_UNEXPECTED_NETWORK_ERROR,
    errno.EISCONN: nt.STATUS_CONNECTION_ACTIVE,
    errno.ENOTCONN: nt.STATUS_INVALID_CONNECTION,
    errno.EMFILE: nt.STATUS_TOO_MANY_OPENED_FILES,
    errno.ENFILE: nt.STATUS_TOO_MANY_OPENED_FILES,
    errno.EMSGSIZE: nt.STATUS_INVALID_BUFFER_SIZE,
    errno.ENOBUFS: nt.STATUS_INSUFFICIENT_RESOURCES,
    errno.ENOMEM: nt.STATUS_INSUFFICIENT_RESOURCES,
    errno.ETIMEDOUT: nt.STATUS_IO_TIMEOUT,
    errno.EOPNOTSUPP: nt.STATUS_NOT_SUPPORTED,
    errno.EAFNOSUPPORT: nt.STATUS_INVALID_ADDRESS_COMPONENT,
}


def status_of(number: int) -> int:
    """The NTSTATUS of an errno."""
    return _STATUSES.get(number, nt.STATUS_INVALID_PARAMETER)


def failed(error: OSError) -> NtError:
    return NtError(status_of(error.errno or 0))
