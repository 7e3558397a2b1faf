"""New names for open files: rename and hard link."""

import os
from stat import S_ISDIR
from typing import TYPE_CHECKING

from litebox_core import ntstatus as nt
from litebox_core.errors import NtError

from . import attributes as attr
from .hosterrors import failed
from .mounts import O_PATH, Place
from .names import host_name

if TYPE_CHECKING:
    from .diskfiles import DiskFile
    from .files import DiskFiles

__all__ = ["link", "rename"]


def rename(files: "DiskFiles", file: "DiskFile", path: str, replace: bool) -> None:
    """Renames an open file; with ``replace`` over an existing one that is not open.

    Raises NtError: STATUS_OBJECT_NAME_COLLISION, STATUS_ACCESS_DENIED (a directory or a read-only or open file would be
    replaced, or a directory with open files in it is to be renamed), STATUS_NOT_SAME_DEVICE, and those of paths.
    """
    if file.read_only or not file.access & 0x10000 or files.mounts.is_root(file.host):
        raise NtError(nt.STATUS_ACCESS_DENIED)
    target, full = files.place_for(path)
    with target:
        if full[:1].upper() != file.path[:1].upper():
            raise NtError(nt.STATUS_NOT_SAME_DEVICE)
        same = _is_same(file, target)
        spelt = _spelling(full)
        if not same:
            _check_target(files, target, replace)
        if file.is_directory:
            _check_children(files, file)
            if (target.host + "/").startswith(file.host + "/"):
                raise NtError(nt.STATUS_SHARING_VIOLATION)
        folder, name = os.path.split(file.host)
        new = spelt if same or target.stat is None else target.name
        if same and os.path.join(target.host, target.name) != file.host:
            raise NtError(nt.STATUS_OBJECT_NAME_COLLISION) if not replace else NtError(nt.STATUS_ACCESS_DENIED)
        try:
            parent = os.open(folder, O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                os.rename(name, new, src_dir_fd=parent, dst_dir_fd=target.folder)
            finally:
                os.close(parent)
        except IsADirectoryError:
            raise NtError(nt.STATUS_ACCESS_DENIED) from None
        except OSError as error:
            raise failed(error) from error
        file.host = os.path.join(target.host, new)
        file.path = full


def link(files: "DiskFiles", file: "DiskFile", path: str, replace: bool) -> None:
    """Makes a hard link to an open file. Raises NtError as rename does."""
    if file.is_directory:
        raise NtError(nt.STATUS_FILE_IS_A_DIRECTORY)
    if file.read_only or file.is_link:
        raise NtError(nt.STATUS_ACCESS_DENIED)
    target, full = files.place_for(path)
    with target:
        if full[:1].upper() != file.path[:1].upper():
            raise NtError(nt.STATUS_NOT_SAME_DEVICE)
        _check_target(files, target, replace)
        try:
            if target.stat is not None:
                os.unlink(target.name, dir_fd=target.folder)
            os.link(file.target, _spelling(full), dst_dir_fd=target.folder, follow_symlinks=True)
        except OSError as error:
            raise failed(error) from error


def _is_same(file: "DiskFile", target: Place) -> bool:
    stat = target.stat
    return stat is not None and (stat.st_dev, stat.st_ino) == file.node.key


def _spelling(full: str) -> str:
    """The last component as the host shall hold it."""
    last = full.rstrip("\\").rpartition("\\")[2]
    try:
        return host_name(last)
    except ValueError:
        raise NtError(nt.STATUS_OBJECT_NAME_INVALID) from None


def _check_target(files: "DiskFiles", target: Place, replace: bool) -> None:
    stat = target.stat
    if target.read_only or target.virtual or not target.name:
        raise NtError(nt.STATUS_ACCESS_DENIED)
    if stat is None:
        return
    if not replace:
        raise NtError(nt.STATUS_OBJECT_NAME_COLLISION)
    inode = f"/proc/self/fd/{target.folder}/{target.name}"
    if (
        S_ISDIR(stat.st_mode)
        or (stat.st_dev, stat.st_ino) in files.nodes
        or files.attributes.get(inode, stat, follow=False) & attr.READONLY
    ):
        raise NtError(nt.STATUS_ACCESS_DENIED)


def _check_children(files: "DiskFiles", folder: "DiskFile") -> None:
    """Raises NtError(STATUS_ACCESS_DENIED) where a file below a directory is open."""
    below = folder.host + "/"
    if any(file.host.startswith(below) for file in files.opened):
        raise NtError(nt.STATUS_ACCESS_DENIED)
