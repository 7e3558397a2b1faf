"""Open files on their way to a child process."""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

from litebox_core import ntstatus as nt
from litebox_core.children import Children, OtherProcess
from litebox_core.errors import NtError
from litebox_core.objects import Object
from litebox_core.openfiles import File
from litebox_core.services import Sections
from litebox_core.threads import ProcessObject, process_object

from . import pipeends
from .console import ConsoleFile
from .counters import HostCounter
from .diskfiles import DiskFile
from .pipes import PipeEnd
from .remotepipes import RemoteEnd
from .sections import Section
from .sections import Sections as FileSections
from .streams import HostFile, HostStream, NullDevice, host_stream
from .sync import Event, Mutant, Semaphore

if TYPE_CHECKING:
    from litebox_core.process import Process

    from .files import DiskFiles

__all__ = ["hand_over", "hand_over_object", "take_over", "take_over_object"]

MOST_HOPS = 32
"""How many processes may stand between the end of a named pipe and the one that answers for it."""
NamedEnds = (pipeends.PipeEnd, RemoteEnd)


def hand_over_object(process: "Process", obj: Object) -> tuple[dict[str, Any], int]:
    """See ``Children.hand_over``."""
    if isinstance(obj, File):
        return hand_over(obj)
    if isinstance(obj, Event):
        return {"kind": "event", "manual": obj.manual}, obj.share()
    if isinstance(obj, Semaphore):
        return {"kind": "semaphore", "maximum": obj.maximum}, obj.share()
    if isinstance(obj, Mutant):
        return {"kind": "mutant"}, obj.share()
    if isinstance(obj, Section):
        return obj.owner.hand_over(obj)
    if isinstance(obj, ProcessObject):
        return {"kind": "process", "pid": process.pid}, -1
    if isinstance(obj, OtherProcess):
        return {"kind": "process", "pid": obj.pid}, -1
    raise NtError(nt.STATUS_NOT_SUPPORTED)


def take_over_object(process: "Process", what: dict[str, Any], fd: int) -> Object:
    """See ``Children.take_over``."""
    kind = what["kind"]
    if kind == "process":
        found = process_object(process) if what["pid"] == process.pid else process.service(Children).find(what["pid"])
        if found is None:
            raise NtError(nt.STATUS_NOT_SUPPORTED)
        return found
    if fd < 0 and kind != "null":  # there was no room for it
        raise NtError(nt.STATUS_TOO_MANY_OPENED_FILES)
    if kind not in ("event", "semaphore", "mutant", "section"):
        return process.files().take_over(what, fd)
    os.set_inheritable(fd, False)
    if kind == "section":
        sections = process.service(Sections)
        assert isinstance(sections, FileSections)
        return sections.take_over(what, fd)
    counter = HostCounter(fd, single=kind == "semaphore")
    if kind == "event":
        return Event(what["manual"], False, counter)
    return Mutant(counter) if kind == "mutant" else Semaphore(0, what["maximum"], counter)


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
        fd = file.terminal
        if fd < 0:  # a console that nobody sees
            raise NtError(nt.STATUS_NOT_SUPPORTED)
        return {"kind": "console", "output": file.output}, fd
    if isinstance(file, NullDevice):
        return {"kind": "null"}, -1
    if isinstance(file, (HostFile, HostStream)):
        return {"kind": "host", "path": file.path}, file.fd
    found = file.handed_over()
    if found is not None:
        return {**found[0], "kind": "other"}, found[1]
    raise NtError(nt.STATUS_NOT_SUPPORTED)


def take_over(files: "DiskFiles", what: dict[str, Any], fd: int) -> File:
    """See ``Files.take_over``."""
    kind = what["kind"]
    if kind == "null":
        return NullDevice()
    os.set_inheritable(fd, False)
    if kind == "other":
        module, _, name = what["taker"].partition(":")
        made: File = getattr(import_module(module), name)(files.process, what, fd)
        return made
    if kind == "named pipe":
        import socket

        end = RemoteEnd(files.process, socket.socket(fileno=fd), what["access"], what["options"], what["path"])
        end.hops = what["hops"]
        return end
    if kind == "pipe":
        return PipeEnd(fd, what["reading"])
    if kind == "console":
        return files.standard.console(what["output"], fd)
    if kind == "disk":
        return _disk_file(files, what, fd)
    return host_stream(fd, what["path"]) or files.standard.console(True, fd)


def _hand_over_pipe(file: pipeends.PipeEnd | RemoteEnd) -> tuple[dict[str, Any], int]:
    """An end of a named pipe: this process answers for it, or asks the one that does. Raises NtError, OSError."""
    import socket

    from .pipehost import Connection

    hops = file.hops + 1 if isinstance(file, RemoteEnd) else 0
    if hops > MOST_HOPS:
        raise NtError(nt.STATUS_NOT_SUPPORTED)
    ours, theirs = socket.socketpair()
    Connection(file.process, ours, file)
    what = {"kind": "named pipe", "access": file.access, "options": file.options, "path": file.path, "hops": hops,
            "given": True}
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
