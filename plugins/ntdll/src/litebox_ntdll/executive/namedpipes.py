r"""The named pipes of a process, by name: ``\\.\pipe\x``, ``\Device\NamedPipe\x``."""

import time
from typing import TYPE_CHECKING

from litebox_core import ntstatus as nt
from litebox_core import pipes
from litebox_core.children import Children
from litebox_core.errors import NtError
from litebox_core.guest import Wait
from litebox_core.openfiles import File
from litebox_core.pipes import Pipes, PipeShape
from litebox_core.requests import AsyncFile, Request

from .paths import split_nt
from .pipeends import LISTENING, ClientEnd, Instance, PipeEnd, PipeHandle, ServerEnd
from .pipequeues import Load

if TYPE_CHECKING:
    from litebox_core.guest import Guest, Steps
    from litebox_core.process import Process

    from .pipehost import Listener

__all__ = ["NamedPipe", "NamedPipes", "is_pipe_device"]

FILE_OPEN, FILE_CREATE, FILE_OPEN_IF = 1, 2, 3
FILE_OPENED, FILE_CREATED = 1, 2
FILE_SHARE_READ, FILE_SHARE_WRITE = 1, 2
FILE_READ_DATA, FILE_WRITE_DATA = 1, 2
MAXIMUM_ALLOWED = 0x2000000
MAX_INSTANCES = 1024
DEFAULT_TIMEOUT = -500_000
INBOUND, OUTBOUND, FULL_DUPLEX = 0, 1, 2
PATIENCE = 5.0
"""Seconds that the end of the process waits for others to take what was written for them."""
_ROOTS = ("PIPE", "NAMEDPIPE")


def is_pipe_device(device: str) -> bool:
    """Whether the device of a DOS path is that of the named pipes."""
    return device.upper() in _ROOTS


class NamedPipe:
    """All instances of one name; without a name there is one."""

    def __init__(self, owner: "NamedPipes", name: str, share: int, shape: PipeShape) -> None:
        self.owner, self.name, self.share, self.shape = owner, name, share & 3, shape
        self.instances: list[Instance] = []
        self.waits: list[Request] = []
        self.pid = owner.process.pid
        self.listener: Listener | None = None
        self.order = 0
        """Counts the times that an instance began to listen."""

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
        """An instance takes clients now, or there is none any more."""
        if self.instances and self.free() is None:
            return
        waits, self.waits = self.waits, []
        for wait in waits:
            wait.finish(0 if self.instances else nt.STATUS_OBJECT_NAME_NOT_FOUND)

    def arrival(self, guest: "Guest | None" = None) -> Request:
        """Ends when an instance listens."""
        request = Request(PipeRoot(self.owner, True, 0, 0), guest, f"an instance of the named pipe {self.name}")
        self.waits.append(request)
        request.withdraw = lambda: self.waits.remove(request) if request in self.waits else None
        self.listening()
        return request

    def free(self) -> Instance | None:
        """The instance that has listened for longest; None where none does."""
        listening = [instance for instance in self.instances if instance.state == LISTENING]
        return min(listening, key=lambda instance: instance.since, default=None)

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
            if self.listener is not None:
                self.listener.close()
                self.listener = None
            self.listening()


class PipeRoot(PipeHandle):
    """The device itself or, with a backslash at the end, the directory of all pipes."""

    def __init__(self, owner: "NamedPipes", directory: bool, access: int, options: int) -> None:
        super().__init__()
        self.owner, self.directory, self.access, self.options = owner, directory, access, options
        self.path = "\\Device\\NamedPipe" + ("\\" if directory else "")

    def start_read(self, guest: "Guest | None", size: int) -> Request:
        raise NtError(nt.STATUS_INVALID_PARAMETER)

    def start_write(self, guest: "Guest | None", data: bytes) -> Request:
        raise NtError(nt.STATUS_INVALID_PARAMETER)

    def start_flush(self, guest: "Guest | None") -> Request:
        raise NtError(nt.STATUS_INVALID_PARAMETER)

    def start_control(self, guest: "Guest | None", code: int, data: bytes, room: int) -> Request:
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
        self.load = Load()
        self._shared = process.options.handover is not None
        """Whether there are other processes."""
        self._serving = False

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
            if name and self._shared:
                self._share(made)
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
        if name.upper() not in self._pipes and self.process.service(Children).secret:
            from .remotepipes import connected_to

            return connected_to(self.process, name, access, options)
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
        deadline = None
        pipe = self._pipes.get(name.upper())
        if pipe is not None:
            request, default = pipe.arrival(guest), pipe.shape.timeout
            closing = request.cancel
        else:
            secret = self.process.service(Children).secret
            if not secret:
                raise NtError(nt.STATUS_OBJECT_NAME_NOT_FOUND)
            from .remotepipes import RemoteEnd, connected

            end = RemoteEnd(self.process, connected(secret, name), 0, 0, "")
            request, default = end.start_wait(guest), DEFAULT_TIMEOUT
            closing = end.destroyed
        ticks = default if timeout is None else timeout
        if ticks < 0:
            deadline = self.process.monotonic() - ticks / 1e7
        try:
            if request.status is None and (yield Wait((request,), deadline)) is None:
                raise NtError(nt.STATUS_IO_TIMEOUT)
            if request.status:
                raise NtError(request.status)
        finally:
            closing()

    # -- other processes ---------------------------------------------------------------------------------------------

    def share(self) -> None:
        """From now on other processes of the run can open the pipes of this one."""
        if not self._shared:
            self._shared = True
            for pipe in list(self._pipes.values()):
                self._share(pipe)

    def _share(self, pipe: NamedPipe) -> None:
        from .pipehost import Listener

        pipe.listener = Listener(self.process, pipe, self.process.service(Children).secret)

    def serve(self) -> None:
        """Answers the other processes' connections."""
        if self._shared and not self._serving:
            from .pipehost import Hosts

            self._serving = True
            self.process.state(Hosts).serve()
            self._serving = False

    def close(self) -> None:
        if self._shared:
            from .pipehost import Hosts

            until = time.monotonic() + PATIENCE
            for connection in list(self.process.state(Hosts).connections):
                connection.leave(until - time.monotonic())


def below(root: PipeRoot, name: str) -> str:
    """The pipe that a name below the root means. Raises NtError(STATUS_OBJECT_NAME_INVALID)."""
    if not root.directory and "\\" in name:
        raise NtError(nt.STATUS_OBJECT_NAME_INVALID)
    return "\\" + name if name else ("\\" if root.directory else "")
