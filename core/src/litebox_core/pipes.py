"""Named pipes, as every DLL sees them; the executive implements them."""

from typing import TYPE_CHECKING, NamedTuple

from .services import Service

if TYPE_CHECKING:
    from .guest import Guest, Steps
    from .openfiles import File
    from .requests import AsyncFile

__all__ = [
    "FSCTL_PIPE_DISCONNECT", "FSCTL_PIPE_GET_CONNECTION_ATTRIBUTE", "FSCTL_PIPE_GET_PIPE_ATTRIBUTE",
    "FSCTL_PIPE_IMPERSONATE", "FSCTL_PIPE_LISTEN",
    "FSCTL_PIPE_PEEK", "FSCTL_PIPE_TRANSCEIVE", "FSCTL_PIPE_WAIT", "LocalInfo", "PipeFile", "PipeShape", "Pipes",
]  # fmt: skip

FSCTL_PIPE_ASSIGN_EVENT, FSCTL_PIPE_DISCONNECT, FSCTL_PIPE_LISTEN = 0x110000, 0x110004, 0x110008
FSCTL_PIPE_PEEK, FSCTL_PIPE_QUERY_EVENT, FSCTL_PIPE_TRANSCEIVE = 0x11400C, 0x110010, 0x11C017
FSCTL_PIPE_WAIT, FSCTL_PIPE_IMPERSONATE = 0x110018, 0x11001C
FSCTL_PIPE_SET_CLIENT_PROCESS, FSCTL_PIPE_QUERY_CLIENT_PROCESS = 0x110020, 0x110024
FSCTL_PIPE_GET_PIPE_ATTRIBUTE, FSCTL_PIPE_GET_CONNECTION_ATTRIBUTE = 0x110028, 0x110030


class PipeShape(NamedTuple):
    """What the first instance of a named pipe lays down: quotas in bytes, the default timeout in 100 ns."""

    messages: bool
    read_messages: bool
    nonblocking: bool
    instances: int
    inbound: int
    outbound: int
    timeout: int


class LocalInfo(NamedTuple):
    """FILE_PIPE_LOCAL_INFORMATION."""

    messages: bool
    configuration: int
    maximum: int
    current: int
    inbound: int
    readable: int
    outbound: int
    writable: int
    state: int
    server: bool


class PipeFile:
    """What an end of a named pipe has besides being an ``AsyncFile``. Methods raise NtError."""

    def local_info(self) -> LocalInfo:
        raise NotImplementedError

    def mode(self) -> tuple[bool, bool]:
        """Whether reads end with a message, and whether calls that would have to wait fail instead."""
        raise NotImplementedError

    def set_mode(self, read_messages: bool, nonblocking: bool) -> None:
        raise NotImplementedError

    def pipe_name(self) -> str:
        r"""The name below the pipes' root, with its backslash."""
        raise NotImplementedError


class Pipes(Service):
    """The named pipes. Names are those below ``\\\\.\\pipe\\``, compared without regard to case."""

    def name_of(self, path: str, root: "File | None") -> str:
        r"""The pipe's name, such as ``\x``, of a path as ``Files.open`` takes it (``\??\pipe\x``), or below ``root``.

        Empty for one without a name. Raises NtError for what can be no pipe's.
        """
        raise NotImplementedError

    def create(
        self, guest: "Guest", name: str, access: int, share: int, disposition: int, options: int, shape: PipeShape
    ) -> "tuple[AsyncFile, int]":  # fmt: skip
        """The server end of a new instance, and what was done: FILE_OPENED (1) another of a pipe, FILE_CREATED (2).

        Raises NtError.
        """
        raise NotImplementedError

    def share(self) -> None:
        """Other processes of the run can open the pipes of this one from now on."""
        raise NotImplementedError

    def wait(self, guest: "Guest", name: str, timeout: int | None) -> "Steps[None]":
        """Waits until an instance listens: so many 100 ns (negative), for ever (0), None: the pipe's own timeout.

        Raises NtError(STATUS_IO_TIMEOUT).
        """
        raise NotImplementedError
