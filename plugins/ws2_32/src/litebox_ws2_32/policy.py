"""What a program's sockets may reach: nothing, the host's loopback addresses, or what the host reaches.

On loopback a socket that is bound to every address of the machine is bound to the loopback address of its family
instead, so that nobody outside the machine reaches it.
"""

from typing import TYPE_CHECKING

from litebox_core import ntstatus as nt
from litebox_core.errors import NtError, WinError
from litebox_core.winerror import WSAENETDOWN

from .base import AF_INET
from .sockaddr import Address

if TYPE_CHECKING:
    from litebox_core.process import Process

__all__ = ["bindable", "destination", "is_loopback", "only_loopback", "require_network"]

_V6_LOOPBACK = bytes(15) + b"\1"
_V4_LOOPBACK = b"\x7f\0\0\1"
_MAPPED = bytes(10) + b"\xff\xff"


def require_network(process: "Process") -> None:
    """Raises WinError(WSAENETDOWN) where the program has no network."""
    if process.options.network == "off":
        raise WinError(WSAENETDOWN)


def only_loopback(process: "Process") -> bool:
    """Whether nothing but this machine can be reached."""
    return process.options.network != "host"


def is_loopback(address: Address) -> bool:
    host = address.host
    if address.family != AF_INET and host[:12] == _MAPPED:
        host = host[12:]
    return host[0] == 127 if len(host) == 4 else host == _V6_LOOPBACK


def bindable(process: "Process", address: Address, dual: bool = False) -> Address:
    """What the host's socket is bound to for an address of the program's; ``dual``: an IPv6 socket that takes IPv4.

    Raises NtError for an address that the program has no part in.
    """
    if not only_loopback(process) or is_loopback(address):
        return address
    if address.is_any:
        if address.family == AF_INET:
            return address._replace(host=_V4_LOOPBACK)
        return address._replace(host=_MAPPED + _V4_LOOPBACK if dual else _V6_LOOPBACK)
    raise NtError(nt.STATUS_INVALID_ADDRESS_COMPONENT)


def destination(process: "Process", address: Address) -> Address:
    """Where to connect or send to. Raises NtError for what the program must not reach."""
    if not only_loopback(process) or is_loopback(address):
        return address
    raise NtError(nt.STATUS_NETWORK_UNREACHABLE)
