"""The host's errors as NTSTATUS codes."""

import errno

from litebox_core import ntstatus as nt
from litebox_core.errors import NtError

__all__ = ["failed"]

_STATUS = {
    errno.ENOENT: nt.STATUS_OBJECT_NAME_NOT_FOUND,
    errno.ENOTDIR: nt.STATUS_OBJECT_PATH_NOT_FOUND,
    errno.EISDIR: nt.STATUS_FILE_IS_A_DIRECTORY,
    errno.EEXIST: nt.STATUS_OBJECT_NAME_COLLISION,
    errno.EACCES: nt.STATUS_ACCESS_DENIED,
    errno.EPERM: nt.STATUS_ACCESS_DENIED,
    errno.EROFS: nt.STATUS_ACCESS_DENIED,
    errno.ETXTBSY: nt.STATUS_SHARING_VIOLATION,
    errno.EBUSY: nt.STATUS_SHARING_VIOLATION,
    errno.ENOTEMPTY: nt.STATUS_DIRECTORY_NOT_EMPTY,
    errno.ENAMETOOLONG: nt.STATUS_OBJECT_NAME_INVALID,
    errno.EILSEQ: nt.STATUS_OBJECT_NAME_INVALID,
    errno.ELOOP: nt.STATUS_REPARSE_POINT_NOT_RESOLVED,
    errno.ENOSPC: nt.STATUS_DISK_FULL,
    errno.EDQUOT: nt.STATUS_DISK_FULL,
    errno.EFBIG: nt.STATUS_DISK_FULL,
    errno.EMFILE: nt.STATUS_TOO_MANY_OPENED_FILES,
    errno.ENFILE: nt.STATUS_TOO_MANY_OPENED_FILES,
    errno.EXDEV: nt.STATUS_NOT_SAME_DEVICE,
    errno.EMLINK: nt.STATUS_TOO_MANY_LINKS,
    errno.EPIPE: nt.STATUS_PIPE_CLOSING,
    errno.EIO: nt.STATUS_IO_DEVICE_ERROR,
    errno.EINVAL: nt.STATUS_INVALID_PARAMETER,
    errno.EBADF: nt.STATUS_INVALID_DEVICE_REQUEST,
    errno.ESPIPE: nt.STATUS_INVALID_DEVICE_REQUEST,
    errno.EOPNOTSUPP: nt.STATUS_NOT_SUPPORTED,
    errno.ENOMEM: nt.STATUS_INSUFFICIENT_RESOURCES,
    errno.ENXIO: nt.STATUS_ACCESS_DENIED,
    errno.ENODEV: nt.STATUS_ACCESS_DENIED,
}


def failed(error: OSError) -> NtError:
    """The error to raise in place of the host's."""
    return NtError(_STATUS.get(error.errno or 0, nt.STATUS_UNSUCCESSFUL))
