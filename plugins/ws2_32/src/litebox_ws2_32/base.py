"""The Dll object that the rooms of WS2_32 export their functions into, and how they report errors."""

from litebox_core.dll import RETURN_ERROR, Dll, Export, Win32
from litebox_core.errors import NtError, WinError, wsa_of
from litebox_core.guest import Guest
from litebox_core.memory import GuestFault
from litebox_core.process import DllState, Process
from litebox_core.winerror import WSAEFAULT, WSAEOPNOTSUPP, WSANOTINITIALISED

SOCKET_ERROR = -1
INVALID_SOCKET = -1
AF_INET, AF_INET6 = 2, 23


class Sockets(Win32):
    """Windows Sockets error codes, kept where WSAGetLastError and GetLastError both look."""

    def code(self, export: Export, error: Exception) -> int:
        if isinstance(error, NtError):
            return export.translate.get(error.status) or wsa_of(error.status)
        if isinstance(error, GuestFault):
            return WSAEFAULT
        return super().code(export, error)

    def stubbed(self, guest: Guest, returns: str) -> int:
        if returns in ("i32", "u32", "handle"):
            guest.last_error = WSAEOPNOTSUPP
            return 0xFFFF_FFFF_FFFF_FFFF  # SOCKET_ERROR, INVALID_SOCKET
        return super().stubbed(guest, returns)


dll = Dll("ws2_32", dialect=Sockets(), fails=SOCKET_ERROR)


class Winsock(DllState):
    """How often a process has started Windows Sockets, and the memory its threads get answers in."""

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self.startups = 0
        self.handles: set[int] = set()
        """Handles of sockets, which the last WSACleanup closes."""
        self.open_types: dict[int, int] = {}
        """SO_OPENTYPE by thread."""
        self._blocks: dict[tuple[int, str], int] = {}

    def require(self) -> None:
        """Raises WinError(WSANOTINITIALISED) before WSAStartup and after the last WSACleanup."""
        if not self.startups:
            raise WinError(WSANOTINITIALISED)

    def close_sockets(self) -> None:
        """The last WSACleanup ends what sockets the process has."""
        from .sockets import Socket

        handles = self.process.handles
        for value in self.handles:
            try:
                handles.get(value, Socket)
                handles.close(value)
            except NtError:
                continue
        self.handles.clear()

    def block(self, guest: Guest, purpose: str, size: int) -> int:
        """Address of the calling thread's memory for this purpose; the same ``size`` each time."""
        key = (guest.tid, purpose)
        addr = self._blocks.get(key)
        if addr is None:
            addr = self._blocks[key] = self.process.heaps_allocate(size)
        return addr


def done(guest: Guest, result: int = 0) -> int:
    """What most functions answer that have done well: they leave no error behind."""
    guest.last_error = 0
    return result


__all__ = [
    "AF_INET", "AF_INET6", "INVALID_SOCKET", "RETURN_ERROR", "SOCKET_ERROR", "Winsock", "dll", "done",
]  # fmt: skip
