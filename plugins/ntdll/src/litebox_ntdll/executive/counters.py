"""What events, mutants and semaphores count with: a number of this process, or one of the host for several."""

import os
import select
import struct
from contextlib import suppress

__all__ = ["Counter", "HostCounter"]

_U64 = struct.Struct("<Q")


class Counter:
    """A number of this process alone. With ``single`` one is taken at a time, else all."""

    descriptor: tuple[int, int] | None = None

    def __init__(self, value: int, single: bool) -> None:
        self.value, self.single = value, single

    def available(self) -> bool:
        return self.value > 0

    def count(self) -> int:
        return self.value

    def take(self) -> int:
        """What was taken; 0 where there is nothing, or another process was faster."""
        taken = min(self.value, 1) if self.single else self.value
        self.value -= taken
        return taken

    def add(self, count: int) -> None:
        self.value += count

    def clear(self) -> int:
        """Takes all."""
        taken, self.value = self.value, 0
        return taken

    def share(self) -> "HostCounter":
        """The same number for several processes."""
        flags = os.EFD_NONBLOCK | os.EFD_CLOEXEC | (os.EFD_SEMAPHORE if self.single else 0)
        return HostCounter(os.eventfd(self.value, flags), self.single)

    def close(self) -> None:
        """The number is not used any more."""


class HostCounter(Counter):
    """An eventfd. Whoever has it sees the same number, and nobody has to answer for it."""

    def __init__(self, fd: int, single: bool) -> None:
        super().__init__(0, single)
        self.fd = fd
        self.descriptor = (fd, select.POLLIN)

    def available(self) -> bool:
        poll = select.poll()
        poll.register(self.fd, select.POLLIN)
        return bool(poll.poll(0))

    def count(self) -> int:
        with suppress(OSError), open(f"/proc/self/fdinfo/{self.fd}", encoding="ascii") as file:
            for line in file:
                name, _, value = line.partition(":")
                if name == "eventfd-count":
                    return int(value, 16)
        return int(self.available())

    def take(self) -> int:
        try:
            return int(_U64.unpack(os.read(self.fd, 8))[0])
        except BlockingIOError:
            return 0

    def add(self, count: int) -> None:
        os.write(self.fd, _U64.pack(count))

    def clear(self) -> int:
        taken = total = self.take()
        while self.single and taken:
            taken = self.take()
            total += taken
        return total

    def share(self) -> "HostCounter":
        return self

    def close(self) -> None:
        if self.fd >= 0:
            os.close(self.fd)
            self.fd, self.descriptor = -1, None
