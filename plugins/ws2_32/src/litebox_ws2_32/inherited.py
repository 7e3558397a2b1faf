"""Sockets on their way to another process of the run."""

import socket as host
from typing import TYPE_CHECKING, Any

from litebox_core.children import Children
from litebox_core.errors import NtError

from .sockaddr import Address
from .sockets import Socket

if TYPE_CHECKING:
    from litebox_core.process import Process

__all__ = ["described", "give", "take"]

_FLAGS = (
    "listening", "connecting", "connected", "was_connected", "shut_read", "shut_write", "nonblocking", "dual",
    "options", "receive_timeout", "send_timeout",
)  # fmt: skip


def _plain(address: Address | None) -> "list[Any] | None":
    return None if address is None else [address.family, address.host.hex(), *address[2:]]


def _address(plain: "list[Any] | None") -> Address | None:
    return None if plain is None else Address(plain[0], bytes.fromhex(plain[1]), *plain[2:])


def described(one: Socket) -> dict[str, Any]:
    """What another process must know of a socket besides its descriptor, for JSON."""
    return {
        "taker": f"{__name__}:take", "family": one.family, "type": one.kind, "protocol": one.protocol,
        "local": _plain(one.local), "peer": _plain(one.peer), "state": {name: getattr(one, name) for name in _FLAGS},
        "settings": [[level, name, value] for (level, name), value in one.settings.items()],
    }  # fmt: skip


def take(process: "Process", what: dict[str, Any], fd: int) -> Socket:
    """The socket that another process handed over. Both have it; what one changes of its state the other learns not."""
    one = Socket(process, what["family"], what["type"], what["protocol"], host.socket(fileno=fd))
    one.local, one.peer = _address(what["local"]), _address(what["peer"])
    for name in _FLAGS:
        setattr(one, name, what["state"][name])
    one.settings = {(level, name): value for level, name, value in what["settings"]}
    if one.connecting:
        one.watch()
    return one


def give(process: "Process", one: Socket, pid: int, access: int) -> int:
    """Gives another process of the run a handle on the socket; the handle. Raises NtError."""
    children = process.service(Children)
    what, fd = children.hand_over(one)
    answer, _ = children.ask(pid, "take", (fd,), object=what, access=access, inherit=0)
    handle = answer["handle"]
    if not isinstance(handle, int):
        raise NtError(0xC0000001)
    return handle
