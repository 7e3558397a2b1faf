"""Open files on their way to a child process."""

import os
from typing import TYPE_CHECKING, Any

from litebox_core import ntstatus as nt
from litebox_core.errors import NtError
from litebox_core.services import File

from . import pipeends
from .console import ConsoleFile
from .diskfiles import DiskFile
from .pipes import PipeEnd
from .remotepipes import RemoteEnd
from .streams import HostFile, HostStream, NullDevice, host_stream

if TYPE_CHECKING:
    from .files import DiskFiles

__all__ = ["hand_over", "take_over"]

NamedEnds = (pipeends.PipeEnd, RemoteEnd)


def hand_over(file: File) -> tuple[dict[str, Any], int]:
    """See ``Files.hand_over``. The null device has no descriptor: -1. Raises NtError(STATUS_NOT_SUPPORTED)."""
    if isinstance(file, DiskFile):
        file.share_position()
        what = {"kind": "disk", "path": file.path, "access": file.access, "share": file.share, "options": file.options}
        return what, file.fd
    if isinstance(file, NamedEnds):
        return _hand_over_pipe(file)
    if isinstance(file, PipeEnd):
        file.shared()
        return {"kind": "pipe", "reading": file.reading}, file.fd
    if isinstance(file, ConsoleFile):
        return {"kind": "console", "output": file.output}, file.fd
    if isinstance(file, NullDevice):
        return {"kind": "null"}, -1
    if isinstance(file, (HostFile, HostStream)):
        return {"kind": "host", "path": file.path}, file.fd
    raise NtError(nt.STATUS_NOT_SUPPORTED)


def take_over(files: "DiskFiles", what: dict[str, Any], fd: int) -> File:
    """See ``Files.take_over``."""
    kind = what["kind"]
    if kind == "null":
        return NullDevice()
    os.set_inheritable(fd, False)
    if kind == "named pipe":
        import socket

        return RemoteEnd(files.process, socket.socket(fileno=fd), what["access"], what["options"], what["path"])
    if kind == "pipe":
        return PipeEnd(fd, what["reading"])
    if kind == "console":
        return files.standard.console(what["output"], fd)
    if kind == "disk":
        return _disk_file(files, what, fd)
    return host_stream(fd, what["path"]) or files.standard.console(True, fd)


def _hand_over_pipe(file: pipeends.PipeEnd | RemoteEnd) -> tuple[dict[str, Any], int]:
    """An end of a named pipe: this process answers for it."""
    import socket

    from .pipehost import Connection

    ours, theirs = socket.socketpair()
    Connection(file.process, ours, file)
    what = {"kind": "named pipe", "access": file.access, "options": file.options, "path": file.path, "given": True}
    return what, theirs.detach()


def _disk_file(files: "DiskFiles", what: dict[str, Any], fd: int) -> File:
    """The file by its path; one whose name is gone keeps its bytes only."""
    stat = os.fstat(fd)
    try:
        place, path = files.place_for(what["path"])
    except NtError:
        return HostFile(fd, what["path"])
    with place:
        if place.stat is None or (place.stat.st_dev, place.stat.st_ino) != (stat.st_dev, stat.st_ino):
            return HostFile(fd, what["path"])
        file = files.opened_file(place, fd, stat, path, what["access"], what["share"], what["options"])
    file.share_position()
    return file
