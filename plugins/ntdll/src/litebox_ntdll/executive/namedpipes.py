r"""The named pipes of a process, by name: ``\\.\pipe\x``, ``\Device\NamedPipe\x``."""

from typing import TYPE_CHECKING

from litebox_core import ntstatus as nt
from litebox_core import pipes
from litebox_core.errors import NtError
from litebox_core.guest import Wait
from litebox_core.objects import Waitable
from litebox_core.pipes import Pipes, PipeShape
from litebox_core.requests import AsyncFile, Request
from litebox_core.services import File

from .paths import split_nt
from .pipeends import LISTENING, ClientEnd, Instance, PipeEnd, PipeHandle, ServerEnd

if TYPE_CHECKING:
    from litebox_core.guest import Guest, Steps
    from litebox_core.process import Process

__all__ = ["NamedPipe", "NamedPipes", "is_pipe_device"]

FILE_OPEN, FILE_CREATE, FILE_OPEN_IF = 1, 2, 3
FILE_OPENED, FILE_CREATED = 1, 2
FILE_SHARE_READ, FILE_SHARE_WRITE = 1, 2
FILE_READ_DATA, FILE_WRITE_DATA = 1, 2
MAXIMUM_ALLOWED = 0x2000000
MAX_INSTANCES = 1024
INBOUND, OUTBOUND, FULL_DUPLEX = 0, 1, 2
_ROOTS = ("PIPE", "NAMEDPIPE")


def is_pipe_device(device: str) -> bool:
    """Whether the device of a DOS path is that of the named pipes."""
    return device.upper() in _ROOTS


class NamedPipe:
    """All instances of one name; without a name there is one."""

    def __init__(self, owner: "NamedPipes", name: str, share: int, shape: PipeShape) -> None:
        self.owner, self.name, self.share, self.shape = owner, name, share & 3, shape
        self.instances: list[Instance] = []
        self.waits: list[Arrival] = []
        self.pid = owner.process.pid

    @property
    def configuration(self) -> int:
        return {FILE_SHARE_READ: OUTBOUND, FILE_SHARE_WRITE: INBOUND}.get(self.share, FULL_DUPLEX)

    def add(self, access: int, options: int, shape: PipeShape) -> ServerEnd:
        """One more instance. Raises NtError."""
        if len(self.instances) >= min(self.shape.instances, MAX_INSTANCES):
            raise NtError(nt.STATUS_INSTANCE_NOT_AVAILABLE)
        instance = Instance(self, shape)
        self.instances.append(instance)
        end = ServerEnd(instance, access, options, shape)
        self.listening()
        return end

    def listening(self) -> None:
        """An instance takes clients now."""
        for wait in list(self.waits):
            wait.wake()

    def free(self) -> Instance | None:
        """An instance that listens; those that were asked to come first."""
        found = [instance for instance in self.instances if instance.state == LISTENING]
        return next((instance for instance in found if instance.listens), found[0] if found else None)

    def connect(self, access: int, options: int, pid: int) -> ClientEnd:
        """A client end of a free instance. Raises NtError."""
        if access & MAXIMUM_ALLOWED:
            access = access & ~MAXIMUM_ALLOWED | File.generic[3]
        if (access & FILE_READ_DATA and not self.share & FILE_SHARE_READ) or (
            access & FILE_WRITE_DATA and not self.share & FILE_SHARE_WRITE
        ):
            raise NtError(nt.STATUS_ACCESS_DENIED)
        instance = self.free()
        if instance is None:
            raise NtError(nt.STATUS_PIPE_NOT_AVAILABLE)
        end = ClientEnd(instance, access, options)
        instance.client_pid = pid
        instance.connect(end)
        return end

    def forget(self, instance: Instance) -> None:
        if instance in self.instances:
            self.instances.remove(instance)
        if not self.instances:
            self.owner.forget(self)
            self.listening()


class Arrival(Waitable):
    """A wait for an instance that listens; also over when the pipe is gone."""

    def __init__(self, pipe: NamedPipe) -> None:
        super().__init__()
        self.pipe = pipe

    def signaled(self, guest: "Guest") -> bool:
        return self.pipe.free() is not None or not self.pipe.instances

    def describe(self) -> str:
        return f"an instance of the named pipe {self.pipe.name}"


class PipeRoot(PipeHandle):
    """The device itself or, with a backslash at the end, the directory of all pipes."""

    def __init__(self, owner: "NamedPipes", directory: bool, access: int, options: int) -> None:
        super().__init__()
        self.owner, self.directory, self.access, self.options = owner, directory, access, options
        self.path = "\\Device\\NamedPipe" + ("\\" if directory else "")

    def start_read(self, guest: "Guest", size: int) -> Request:
        raise NtError(nt.STATUS_INVALID_PARAMETER)

    def start_write(self, guest: "Guest", data: bytes) -> Request:
        raise NtError(nt.STATUS_INVALID_PARAMETER)

    def start_flush(self, guest: "Guest") -> Request:
        raise NtError(nt.STATUS_INVALID_PARAMETER)

    def start_control(self, guest: "Guest", code: int, data: bytes, room: int) -> Request:
        raise NtError(_ROOT_ANSWERS.get(code, nt.STATUS_NOT_SUPPORTED))

    def peek(self, size: int) -> tuple[bytes, int]:
        raise NtError(nt.STATUS_INVALID_PARAMETER)


_ROOT_ANSWERS = {
    pipes.FSCTL_PIPE_DISCONNECT: nt.STATUS_PIPE_DISCONNECTED,
    pipes.FSCTL_PIPE_LISTEN: nt.STATUS_ILLEGAL_FUNCTION,
    pipes.FSCTL_PIPE_TRANSCEIVE: nt.STATUS_PIPE_DISCONNECTED,
    pipes.FSCTL_PIPE_IMPERSONATE: nt.STATUS_ILLEGAL_FUNCTION,
    pipes.FSCTL_PIPE_QUERY_CLIENT_PROCESS: nt.STATUS_INVALID_PARAMETER,
    pipes.FSCTL_PIPE_GET_CONNECTION_ATTRIBUTE: nt.STATUS_INVALID_PARAMETER,
    pipes.FSCTL_PIPE_GET_PIPE_ATTRIBUTE: nt.STATUS_INVALID_PARAMETER,
    pipes.FSCTL_PIPE_PEEK: nt.STATUS_INVALID_PARAMETER,
}


class NamedPipes(Pipes):
    """The pipes that this process serves."""

    def __init__(self, process: "Process") -> None:
        super().__init__(process)
        self._pipes: dict[str, NamedPipe] = {}

    def find(self, name: str) -> NamedPipe:
        """Raises NtError(STATUS_OBJECT_NAME_NOT_FOUND)."""
        found = self._pipes.get(name.upper())
        if found is None:
            raise NtError(nt.STATUS_OBJECT_NAME_NOT_FOUND)
        return found

    def forget(self, pipe: NamedPipe) -> None:
        if self._pipes.get(pipe.name.upper()) is pipe:
            del self._pipes[pipe.name.upper()]

    def name_of(self, path: str, root: File | None) -> str:
        if root is not None:
            if not isinstance(root, PipeRoot):
                raise NtError(nt.STATUS_OBJECT_PATH_SYNTAX_BAD)
            name = below(root, path)
            if not root.directory and not path:
                raise NtError(nt.STATUS_OBJECT_NAME_INVALID)
            return "" if name == "\\" else name
        device, rest = split_nt(path) or ("", "")
        if not is_pipe_device(device) or rest in ("", "\\"):
            raise NtError(nt.STATUS_OBJECT_NAME_INVALID)
        return rest

    def create(
        self, guest: "Guest", name: str, access: int, share: int, disposition: int, options: int, shape: PipeShape
    ) -> tuple[AsyncFile, int]:  # fmt: skip
        if (
            disposition not in (FILE_OPEN, FILE_CREATE, FILE_OPEN_IF) or not share & 3 or share & ~7
            or not shape.instances or (shape.read_messages and not shape.messages)
        ):  # fmt: skip
            raise NtError(nt.STATUS_INVALID_PARAMETER)
        found = self._pipes.get(name.upper()) if name else None
        if found is None:
            if disposition == FILE_OPEN:
                raise NtError(nt.STATUS_OBJECT_NAME_NOT_FOUND)
            made = NamedPipe(self, name, share, shape)
            end = made.add(access, options, shape)
            if name:
                self._pipes[name.upper()] = made
            return end, FILE_CREATED
        if len(found.instances) >= found.shape.instances:
            raise NtError(nt.STATUS_INSTANCE_NOT_AVAILABLE)
        if disposition == FILE_CREATE or share & 3 != found.share:
            raise NtError(nt.STATUS_ACCESS_DENIED)
        return found.add(access, options, shape), FILE_OPENED

    def open(self, name: str, access: int, disposition: int, options: int) -> File:
        """The client end of the pipe, or the root for no name. Raises NtError."""
        if name in ("", "\\"):
            return PipeRoot(self, bool(name), access, options)
        if disposition not in (FILE_OPEN, FILE_OPEN_IF):
            raise NtError(nt.STATUS_OBJECT_NAME_COLLISION if disposition == FILE_CREATE else nt.STATUS_ACCESS_DENIED)
        return self.find(name).connect(access, options, self.process.pid)

    def open_at(self, root: File, name: str, access: int, disposition: int, options: int) -> File:
        """Opens by a name below an open handle: below the directory, or the client end of an instance without one."""
        if isinstance(root, PipeRoot):
            return self.open(below(root, name), access, disposition, options)
        if not isinstance(root, PipeEnd):
            raise NtError(nt.STATUS_OBJECT_PATH_SYNTAX_BAD)
        if name:
            raise NtError(nt.STATUS_OBJECT_NAME_INVALID)
        return root.instance.pipe.connect(access, options, self.process.pid)

    def wait(self, guest: "Guest", name: str, timeout: int | None) -> "Steps[None]":
        pipe = self.find(name)
        ticks = pipe.shape.timeout if timeout is None else timeout
        deadline = self.process.monotonic() - ticks / 1e7 if ticks < 0 else None
        arrival = Arrival(pipe)
        pipe.waits.append(arrival)
        try:
            while pipe.free() is None:
                if not pipe.instances:
                    raise NtError(nt.STATUS_OBJECT_NAME_NOT_FOUND)
                if (yield Wait((arrival,), deadline)) is None:
                    raise NtError(nt.STATUS_IO_TIMEOUT)
        finally:
            pipe.waits.remove(arrival)


def below(root: PipeRoot, name: str) -> str:
    """The pipe that a name below the root means. Raises NtError(STATUS_OBJECT_NAME_INVALID)."""
    if not root.directory and "\\" in name:
        raise NtError(nt.STATUS_OBJECT_NAME_INVALID)
    return "\\" + name if name else ("\\" if root.directory else "")
