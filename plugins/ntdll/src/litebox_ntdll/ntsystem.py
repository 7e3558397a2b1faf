"""What NtQuerySystemInformation and its kin tell of the processes of the run, and of handles."""

import struct
from typing import TYPE_CHECKING

from litebox_core.children import Children
from litebox_core.errors import NtError
from litebox_core.services import Clock
from litebox_core.threads import thread_of

if TYPE_CHECKING:
    from litebox_core.guest import Guest

__all__ = ["extended_handles", "handle_list", "process_list"]

_PROCESS = struct.Struct("<IIqIIQqqqHH4xQi4xQQIIQQQI4x9Q6q")
_THREAD = struct.Struct("<qqqI4xQQQiiIII4x")
_EXTENDED = struct.Struct("<QQQQQ16x")
"""What SYSTEM_EXTENDED_THREAD_INFORMATION has more: stack, start address, TEB."""
NORMAL_PRIORITY, SESSION = 8, 1
WAITING = 5


def process_list(guest: "Guest", addr: int, extended: bool = False) -> bytes:
    """SYSTEM_PROCESS_INFORMATION of all processes, for a buffer at an address: the names lie in it.

    With ``extended`` more of each thread, as far as it is one of this process.
    """
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
            + (_more(guest, one.pid, tid) if extended else b"")
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


def _more(guest: "Guest", pid: int, tid: int) -> bytes:
    """The rest of SYSTEM_EXTENDED_THREAD_INFORMATION; nothing of another process's thread."""
    process = guest.process
    thread = process.threads.get(tid) if pid == process.pid else None
    if thread is None:
        return _EXTENDED.pack(0, 0, 0, 0, 0)
    base, limit = process.memory.u64(thread.teb + 8), process.memory.u64(thread.teb + 16)
    start = thread_of(thread).start_address
    return _EXTENDED.pack(base, limit, start, start, thread.teb)


_INHERIT, _PROTECT = 2, 1
"""OBJ_INHERIT and OBJ_PROTECT_CLOSE, as handle attributes."""


def _attributes(flags: int) -> int:
    """Handle attributes from HANDLE_FLAG_INHERIT and HANDLE_FLAG_PROTECT_FROM_CLOSE."""
    return (_INHERIT if flags & 1 else 0) | (_PROTECT if flags & 2 else 0)


def handle_list(guest: "Guest") -> bytes:
    """SYSTEM_HANDLE_INFORMATION of this process; object types and addresses are the kernel's own matter."""
    process = guest.process
    rows = [
        struct.pack("<IBBHQI4x", process.pid, 0, _attributes(entry.flags), value & 0xFFFF, 0, entry.access & 0xFFFFFFFF)
        for value, entry in process.handles
    ]
    return struct.pack("<I4x", len(rows)) + b"".join(rows)


def extended_handles(guest: "Guest") -> bytes:
    """SYSTEM_HANDLE_INFORMATION_EX of this process."""
    process = guest.process
    rows = [
        struct.pack("<QQQIHHII", 0, process.pid, value, entry.access & 0xFFFFFFFF, 0, 0, _attributes(entry.flags), 0)
        for value, entry in process.handles
    ]
    return struct.pack("<QQ", len(rows), 0) + b"".join(rows)


def _other(children: Children, pid: int) -> tuple[list[tuple[int, int]], int, int, int, int]:
    """Threads, kernel and user time, handles and memory of another process; nothing of one that does not answer."""
    try:
        threads = [(tid, priority) for tid, priority in children.ask(pid, "threads")[0]["threads"]]
        times = children.ask(pid, "times")[0]
    except NtError:
        return [], 0, 0, 0, 0
    return threads, times["kernel"], times["user"], times["handles"], times["memory"]
