"""Who may be bound where: Windows' rules for two sockets of a process that want the same address.

The host has rules of its own for all others; they are stricter about wildcards and know no exclusive use.
"""

from typing import TYPE_CHECKING

from litebox_core import ntstatus as nt
from litebox_core.errors import NtError

from .base import AF_INET, AF_INET6

if TYPE_CHECKING:
    from .sockaddr import Address
    from .sockets import Socket

__all__ = ["Bindings"]

_MAPPED = bytes(10) + b"\xff\xff"
_REUSE, _EXCLUSIVE = (0xFFFF, 4), (0xFFFF, 0xFFFFFFFB)


def _plain(address: "Address") -> "Address":
    """An IPv4 address that is written as an IPv6 one is the IPv4 address."""
    if address.family == AF_INET6 and address.host[:12] == _MAPPED:
        return address._replace(family=AF_INET, host=address.host[12:], flow=0, scope=0)
    return address


class Bindings:
    """The sockets of a process that are bound."""

    def __init__(self, process: object, dll: str = "") -> None:
        self._bound: dict[Socket, Address] = {}

    def check(self, one: "Socket", address: "Address") -> None:
        """Raises NtError where another socket is in the way."""
        if not address.port:
            return
        wanted = _plain(address)
        reuse = bool(one.settings.get(_REUSE))
        for other, local in self._bound.items():
            if other.kind != one.kind or local.port != address.port:
                continue
            taken, exclusive = _plain(local), bool(other.settings.get(_EXCLUSIVE) or one.settings.get(_EXCLUSIVE))
            same = (taken.family, taken.host) == (wanted.family, wanted.host)
            overlapping = taken.family == wanted.family and (taken.is_any or wanted.is_any)
            if not same and not (exclusive and overlapping):
                continue
            if reuse and other.settings.get(_REUSE) and not exclusive:
                continue
            raise NtError(nt.STATUS_ACCESS_DENIED if reuse else nt.STATUS_ADDRESS_ALREADY_EXISTS)

    def add(self, one: "Socket", address: "Address") -> None:
        self._bound[one] = address

    def of(self, one: "Socket") -> "Address | None":
        """Where the program has bound a socket; None: nowhere."""
        return self._bound.get(one)

    def remove(self, one: "Socket") -> None:
        self._bound.pop(one, None)
