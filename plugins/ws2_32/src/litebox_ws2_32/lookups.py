"""Finding the addresses of names, without the guest's structures.

Numbers, ``localhost`` and the machine's own name are known without asking anybody; all else only where the program may
reach what the host reaches.
"""

import socket as host
from typing import TYPE_CHECKING

from litebox_core.errors import WinError
from litebox_core.guest import Wait
from litebox_core.objects import Waitable
from litebox_core.winerror import WSAHOST_NOT_FOUND, WSANO_DATA, WSATRY_AGAIN

from . import internet, policy, sockaddr
from .base import AF_INET, AF_INET6
from .sockaddr import Address

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Thread

    from litebox_core.guest import Guest, Steps
    from litebox_core.process import Process

__all__ = ["Answer", "Asking", "find", "host_name", "literal", "loopbacks", "name_of"]

_LONGEST = 255
MOST_QUESTIONS = 64
"""How many may be asked at a time; a program that begins more is told to try again."""
_ERRORS = {host.EAI_AGAIN: WSATRY_AGAIN, host.EAI_NODATA: WSANO_DATA}


def host_name(process: "Process") -> str:
    """The machine's own name."""
    return process.environment_variable("COMPUTERNAME") or "litebox"


def loopbacks(family: int) -> list[Address]:
    """The loopback addresses of a family, or of both (0), IPv6 first."""
    found = [Address(AF_INET6, bytes(15) + b"\1", 0), Address(AF_INET, b"\x7f\0\0\1", 0)]
    return [one for one in found if family in (0, one.family)]


def literal(text: str) -> Address | None:
    """The address that a text writes out; ``[IPv6]`` and ``[IPv6]:port`` as well."""
    v4 = internet.ipv4(text)
    if v4 is not None and text[:1].isdigit():
        return Address(AF_INET, v4, 0)
    v6 = internet.ipv6_endpoint(text)
    return Address(AF_INET6, v6[0], 0, 0, v6[1]) if v6 is not None else None


class Answer:
    """Addresses, and the name that they go by in the end."""

    def __init__(self, addresses: list[Address], name: str) -> None:
        self.addresses, self.name = addresses, name


class Lookups:
    """The host's threads that ask for a process."""

    not_in_snapshots = frozenset({"threads"})

    def __init__(self, process: object, dll: str = "") -> None:
        self.threads: list[Thread] = []


class Asking(Waitable):
    """A question that a thread of the host puts to the resolver, which may take its time."""

    type_name = "Lookup"
    not_in_snapshots = frozenset({"_ends"})

    def __init__(self, process: "Process", ask: "Callable[[], Answer]") -> None:
        super().__init__()
        import threading

        self.answer: Answer | None = None
        self.error = 0
        self._ask = ask
        threads = process.state(Lookups).threads
        threads[:] = [thread for thread in threads if thread.is_alive()]
        if len(threads) >= MOST_QUESTIONS:
            raise WinError(WSATRY_AGAIN)
        try:
            self._ends = host.socketpair()
        except OSError:
            raise WinError(WSATRY_AGAIN) from None
        self.descriptor = (self._ends[0].fileno(), 1)
        self.done: Callable[[], None] | None = None
        """Called when the answer is there, where no thread waits for it."""
        self._process = process
        threads.append(threading.Thread(target=self._run, name="litebox-lookup", daemon=True))
        threads[-1].start()

    def _run(self) -> None:
        try:
            self.answer = self._ask()
        except OSError as error:
            self.error = _ERRORS.get(error.errno or 0, WSAHOST_NOT_FOUND)
        except UnicodeError:
            self.error = WSAHOST_NOT_FOUND
        self._ends[1].close()

    def signaled(self, guest: "Guest") -> bool:
        return self.answer is not None or self.error != 0

    def watch(self, done: "Callable[[], None]") -> None:
        """Has ``done`` called when the answer is there."""
        self.done = done
        self._process.scheduler.outside.watch(self)
        self._process.scheduler.watch_outside()

    def wake(self) -> None:
        done, self.done = self.done, None
        if done is not None:
            self._process.scheduler.outside.unwatch(self)
            done()
        super().wake()

    def describe(self) -> str:
        return "the addresses of a name"

    def result(self) -> Answer:
        """Raises WinError."""
        if self.answer is None:
            raise WinError(self.error)
        return self.answer


def known(process: "Process", name: str, family: int) -> Answer | None:
    """What is known without asking. Raises WinError where nobody may be asked."""
    own = host_name(process)
    plain = name.rstrip(".").lower()
    if plain == "localhost" or plain.endswith(".localhost"):
        return Answer(loopbacks(family), name)
    if not plain or plain == own.lower():
        return Answer(_own(process, family), own)
    if process.options.network != "host" or len(plain) > _LONGEST:
        raise WinError(WSAHOST_NOT_FOUND)
    return None


def _own(process: "Process", family: int) -> list[Address]:
    """The machine's own addresses: the one that leads out, else loopback."""
    if policy.only_loopback(process):
        return loopbacks(family)[-1:] if family != 0 else loopbacks(AF_INET)
    from .ioctls import way_out

    found = [way_out(number) for number in (AF_INET6, AF_INET) if family in (0, number)]
    out = [address for address in found if address is not None]
    return out or loopbacks(family or AF_INET)


def find(guest: "Guest", name: str, family: int) -> "Steps[Answer]":
    """The addresses of a name; other threads go on meanwhile. Raises WinError."""
    found = known(guest.process, name, family)
    if found is None:
        asking = ask(guest.process, name, family)
        yield Wait((asking,))
        found = asking.result()
    if not found.addresses:
        raise WinError(WSANO_DATA)
    return found


def ask(process: "Process", name: str, family: int) -> Asking:
    """Asks the host's resolver."""

    def question() -> Answer:
        rows = host.getaddrinfo(
            name, None, sockaddr.HOST_FAMILIES.get(family, host.AF_UNSPEC), host.SOCK_STREAM, flags=host.AI_CANONNAME
        )
        addresses = [sockaddr.from_host(row[4]) for row in rows if row[0] in (host.AF_INET, host.AF_INET6)]
        return Answer(list(dict.fromkeys(addresses)), rows[0][3] or name)

    return Asking(process, question)


def name_of(guest: "Guest", address: Address) -> "Steps[str | None]":
    """The name of an address; None where it has none that may be asked for."""
    process = guest.process
    if policy.is_loopback(address) or address.is_any:
        return host_name(process)
    if policy.only_loopback(process):
        return None

    def question() -> Answer:
        return Answer([], host.getnameinfo(address.for_host(), host.NI_NAMEREQD)[0])

    asking = Asking(process, question)
    yield Wait((asking,))
    return asking.answer.name if asking.answer is not None else None
