"""Process handles: this process, or another one of the run, which is asked."""

from contextlib import suppress
from typing import Any

from litebox_core.children import Children, OtherProcess, OtherThread
from litebox_core.errors import NtError, WinError
from litebox_core.guest import Guest
from litebox_core.ntstatus import STATUS_OBJECT_TYPE_MISMATCH
from litebox_core.objects import HANDLE_FLAG_INHERIT, Waitable, granted
from litebox_core.remotethreads import open_thread
from litebox_core.threads import ProcessObject
from litebox_core.winerror import ERROR_PARTIAL_COPY

from .handles import add_handle

__all__ = ["asked", "copy_from_other", "copy_to_other", "image_path", "modules_of", "program_path", "target",
           "thread_elsewhere"]  # fmt: skip

_PIECE = 1 << 14


def program_path(guest: Guest) -> str:
    """The DOS path of the program that this process runs."""
    program = guest.process.loader.program
    return program.path if program is not None else "C:\\litebox.exe"


def target(guest: Guest, handle: int, access: int = 0) -> OtherProcess | None:
    """The process behind a handle; None for this one. Raises NtError."""
    found = guest.process.handles.get(handle, Waitable, access, guest)
    if isinstance(found, OtherProcess):
        return found
    if not isinstance(found, ProcessObject):
        raise NtError(STATUS_OBJECT_TYPE_MISMATCH)
    return None


def asked(guest: Guest, other: OtherProcess, what: str, **question: Any) -> dict[str, Any]:
    """The answer of another process. Raises NtError."""
    return guest.service(Children).ask(other.pid, what, **question)[0]


def image_path(guest: Guest, handle: int) -> str:
    """The DOS path of a process's program. Raises NtError."""
    other = target(guest, handle)
    return program_path(guest) if other is None else other.path


def modules_of(guest: Guest, handle: int) -> list[tuple[int, int, str, int]]:
    """Base, size, path and entry point of a process's modules, the program first. Raises NtError, WinError."""
    other = target(guest, handle)
    if other is None:
        loader = guest.process.loader
        modules = sorted(loader.modules, key=lambda m: m is not loader.program)
        return [(m.base, m.size, m.path, m.entry) for m in modules]
    try:
        return [(*row,) for row in asked(guest, other, "modules")["modules"]]
    except NtError:
        raise WinError(ERROR_PARTIAL_COPY) from None


def thread_elsewhere(guest: Guest, tid: int) -> OtherThread | None:
    """The thread of this id in another process of the run."""
    children = guest.service(Children)
    for pid in children.others():
        try:
            rows = children.ask(pid, "threads")[0]["threads"]
        except NtError:
            continue
        process = children.find(pid) if any(row[0] == tid for row in rows) else None
        if process is not None:
            with suppress(NtError):  # it has ended meanwhile
                return open_thread(children, process, tid)
    return None


# -- handles of two processes ----------------------------------------------------------------------------------------


def copy_from_other(
    guest: Guest, other: OtherProcess, source: int, access: int | None, inherit: bool, close: bool
) -> int:
    """A handle of this process on what a handle of another one refers to; ``access`` None: the same. Raises NtError."""
    children = guest.service(Children)
    answer, fds = children.ask(other.pid, "give", handle=source, close=close)
    obj = children.take_over(answer["object"], fds[0] if fds else -1)
    return add_handle(guest.process, obj, answer["access"] if access is None else granted(access, obj.generic), inherit)


def copy_to_other(
    guest: Guest, other: OtherProcess, source: int, access: int | None, inherit: bool
) -> int:
    """A handle of another process on what a handle of this one refers to; its value there. Raises NtError."""
    import os

    children, handles = guest.service(Children), guest.process.handles
    if source in handles.pseudo:
        obj = handles.pseudo[source](guest)
        has = obj.generic[3]
    else:
        entry = handles.entry(source)
        obj, has = entry.object, entry.access
    what, fd = children.hand_over(obj)
    try:
        given = (fd,) if fd >= 0 else ()
        answer, _ = children.ask(
            other.pid, "take", given, object=what, access=has if access is None else granted(access, obj.generic),
            inherit=HANDLE_FLAG_INHERIT if inherit else 0,
        )  # fmt: skip
    finally:
        if what.get("given"):
            os.close(fd)
    return int(answer["handle"])


# -- memory of other processes ---------------------------------------------------------------------------------------


def read_other(guest: Guest, other: OtherProcess, address: int, size: int) -> bytes:
    """Raises NtError(STATUS_PARTIAL_COPY) where it cannot be read."""
    parts = []
    for at in range(address, address + size, _PIECE):
        piece = asked(guest, other, "read", address=at, size=min(_PIECE, address + size - at))["data"]
        parts.append(bytes.fromhex(piece))
    return b"".join(parts)


def write_other(guest: Guest, other: OtherProcess, address: int, data: bytes) -> None:
    """Raises NtError(STATUS_PARTIAL_COPY) where it cannot be written."""
    for at in range(0, len(data), _PIECE):
        asked(guest, other, "write", address=address + at, data=data[at : at + _PIECE].hex())
