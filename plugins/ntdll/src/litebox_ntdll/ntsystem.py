"""What NtQuerySystemInformation and its kin tell of the processes of the run."""

import struct
from typing import TYPE_CHECKING

from litebox_core.children import Children
from litebox_core.errors import NtError
from litebox_core.services import Clock
from litebox_core.threads import thread_of

if TYPE_CHECKING:
    from litebox_core.guest import Guest

__all__ = ["process_list"]

_PROCESS = struct.Struct("<IIqIIQqqqHH4xQi4xQQIIQQQI4x9Q6q")
_THREAD = struct.Struct("<qqqI4xQQQiiIII4x")
NORMAL_PRIORITY, SESSION = 8, 1
WAITING = 5


def process_list(guest: "Guest", addr: int) -> bytes:
    """SYSTEM_PROCESS_INFORMATION of all processes, for a buffer at an address: the names lie in it."""
    process, children = guest.process, guest.service(Children)
    parts: list[bytes] = []
    at = addr
    running = children.processes()
    for number, one in enumerate(running):
        if one.pid == process.pid:
            threads = [(tid, thread_of(other).priority) for tid, other in process.threads.items()]
            kernel, user = guest.service(Clock).cpu_time()
            handles, used = len(process.handles), process.memory.committed
        else:
            threads, kernel, user, handles, used = _other(children, one.pid)
        name = one.name.encode("utf-16-le", "surrogatepass")
        rows = b"".join(
            _THREAD.pack(
                0, 0, one.created, 0, 0, one.pid, tid, NORMAL_PRIORITY + priority, NORMAL_PRIORITY, 0, WAITING, 0
            )
            for tid, priority in threads
        )
        text = at + _PROCESS.size + len(rows)
        size = _PROCESS.size + len(rows) + (len(name) + 2 + 7 & ~7)
        head = _PROCESS.pack(
            size if number < len(running) - 1 else 0, len(threads), used, 0, len(threads), 0, one.created, user,
            kernel, len(name), len(name) + 2, text, NORMAL_PRIORITY, one.pid, one.parent, handles, SESSION, one.pid,
            used, used, 0, used, used, 0, 0, 0, 0, used, used, used, 0, 0, 0, 0, 0, 0,
        )  # fmt: skip
        parts.append((head + rows + name).ljust(size, b"\0"))
        at += size
    return b"".join(parts)


def _other(children: Children, pid: int) -> tuple[list[tuple[int, int]], int, int, int, int]:
    """Threads, kernel and user time, handles and memory of another process; nothing of one that does not answer."""
    try:
        threads = [(tid, priority) for tid, priority in children.ask(pid, "threads")[0]["threads"]]
        times = children.ask(pid, "times")[0]
    except NtError:
        return [], 0, 0, 0, 0
    return threads, times["kernel"], times["user"], times["handles"], times["memory"]
