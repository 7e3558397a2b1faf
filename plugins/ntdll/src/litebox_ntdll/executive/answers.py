"""What the processes of one run ask each other: threads, modules, memory, handles, named objects.

Each answers by a socket of the host with the run's secret in its name, between two calls of its guest threads or while
they wait. A question and its answer are one packet each, JSON; descriptors go with them.
"""

import errno
import hashlib
import json
import os
import socket
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from litebox_core import ntstatus as nt
from litebox_core.children import Children
from litebox_core.errors import NtError
from litebox_core.jobs import Jobs
from litebox_core.memory import GuestFault
from litebox_core.memory.pages import allocate_pages, free_pages, protect_pages
from litebox_core.objects import HANDLE_FLAG_INHERIT, Object
from litebox_core.services import Clock, Sync
from litebox_core.threads import Thread, Threads, thread_of

from .context import Context
from .frames import Watch, serve_until
from .hosterrors import failed
from .outsiders import create_thread, first_registers, map_view, open_thread, registers_of, thread_numbers, unmap_view
from .threadcontext import unwrap, wrap
from .threads import MAXIMUM_SUSPEND_COUNT
from .unwinding import restore

if TYPE_CHECKING:
    from litebox_core.process import Process

__all__ = ["Answerer", "ask"]

PATIENCE = 5.0
"""Seconds after which a process is taken for one that does not answer."""
MAX_PACKET, MAX_MEMORY, MAX_DESCRIPTORS = 1 << 17, 1 << 14, 200


class Given(list[int]):
    """The descriptors that go with an answer."""

    def __init__(self) -> None:
        super().__init__()
        self._own: list[int] = []

    def put(self, what: dict[str, Any], fd: int) -> int:
        """Adds what ``Children.hand_over`` gave; the descriptor's number among them, -1 where there is none."""
        if fd < 0:
            return -1
        if what.get("given"):
            self._own.append(fd)
        self.append(fd)
        return len(self) - 1

    def close(self) -> None:
        """The answer has gone, or there is none: closes the descriptors that were made for it."""
        for fd in self._own:
            os.close(fd)


def _address(secret: str, pid: int) -> str:
    key = hashlib.sha256(f"{secret}:process {pid}".encode()).hexdigest()
    return f"\0litebox-process-{key[:40]}"


class Answerer:
    """Answers the questions about one process."""

    def __init__(self, process: "Process", secret: str) -> None:
        self.process = process
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            self._socket.bind(_address(secret, process.pid))
            self._socket.listen(16)
        except OSError:
            self._socket.close()
            raise
        self._socket.setblocking(False)
        self._watch = Watch(process, self._socket.fileno(), self._serve)

    def _serve(self) -> None:
        while True:
            try:
                asking, _ = self._socket.accept()
            except (BlockingIOError, OSError):
                return
            with asking:
                asking.settimeout(PATIENCE)
                credentials = asking.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
                if struct.unpack("<III", credentials)[1] == os.getuid():
                    self._answer(asking)

    def _answer(self, asking: socket.socket) -> None:
        given = Given()
        taken: list[int] = []
        answer: dict[str, Any] = {}
        try:
            data, taken, _, _ = socket.recv_fds(asking, MAX_PACKET, 4)
            question = json.loads(data)
            try:
                answer = _QUESTIONS[question["what"]](self.process, question, taken, given)
            except NtError as error:
                answer = {"status": error.status}
            except GuestFault:
                answer = {"status": nt.STATUS_PARTIAL_COPY}
            socket.send_fds(asking, [json.dumps(answer).encode()], given)
        except (OSError, ValueError, KeyError, TypeError):
            return  # whoever asks so is no litebox, or has gone
        finally:
            given.close()
            for fd in taken:
                os.close(fd)

    def close(self) -> None:
        self._watch.end()
        self._socket.close()


def ask(
    process: "Process", pid: int, what: str, given: tuple[int, ...] = (), **question: Any
) -> tuple[dict[str, Any], list[int]]:
    """The answer of another process and the descriptors that came with it.

    Raises NtError: what the other says, STATUS_NOT_SUPPORTED where it does not answer.
    """
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as made:
            _connect(process, made, pid)
            socket.send_fds(made, [json.dumps({"what": what, **question}).encode()], given)
            if not serve_until(process, made.fileno(), PATIENCE):
                raise NtError(nt.STATUS_NOT_SUPPORTED)
            data, fds, flags, _ = socket.recv_fds(made, MAX_PACKET, MAX_DESCRIPTORS)
    except OSError as error:
        raise failed(error) if error.errno == errno.EMFILE else NtError(nt.STATUS_NOT_SUPPORTED) from None
    if not data or flags & (socket.MSG_CTRUNC | socket.MSG_TRUNC):  # no room for its descriptors, or for itself
        for fd in fds:
            os.close(fd)
        raise NtError(nt.STATUS_INSUFFICIENT_RESOURCES if data else nt.STATUS_NOT_SUPPORTED)
    answer: dict[str, Any] = json.loads(data)
    if "status" in answer:
        raise NtError(answer["status"])
    return answer, fds


def _connect(process: "Process", made: socket.socket, pid: int) -> None:
    """Connects; a process that has only just been started is waited for. Raises OSError."""
    children, until = process.service(Children), time.monotonic() + PATIENCE
    while True:
        try:
            made.connect(_address(children.secret, pid))
            return
        except ConnectionRefusedError:
            if pid not in children.others() or time.monotonic() > until:
                raise
            time.sleep(0.001)
            process.scheduler.outside.look(0)


# -- the questions ---------------------------------------------------------------------------------------------------

Question = dict[str, Any]


def _threads(process: "Process", question: Question, taken: list[int], given: Given) -> dict[str, Any]:
    return {"threads": [[tid, thread_of(guest).priority] for tid, guest in process.threads.items()]}


def _modules(process: "Process", question: Question, taken: list[int], given: Given) -> dict[str, Any]:
    modules = [[module.base, module.size, module.path, module.entry] for module in process.loader.modules]
    return {"modules": modules}


def _thread(process: "Process", question: Question) -> Thread:
    found = process.service(Threads).find(question["tid"])
    if found is None or found.guest is None:
        raise NtError(nt.STATUS_THREAD_IS_TERMINATING)
    return found


def _suspend(process: "Process", question: Question, taken: list[int], given: Given) -> dict[str, Any]:
    return {"count": _stop(process, _thread(process, question))}


def _stop(process: "Process", thread: Thread) -> int:
    """Suspends a thread; how often it was before. Raises NtError."""
    assert thread.guest is not None
    if thread.suspended >= MAXIMUM_SUSPEND_COUNT:
        raise NtError(nt.STATUS_SUSPEND_COUNT_EXCEEDED)
    thread.suspended += 1
    process.scheduler.suspend(thread.guest)
    return thread.suspended - 1


def _suspend_all(process: "Process", question: Question, taken: list[int], given: Given) -> dict[str, Any]:
    for guest in list(process.threads.values()):
        with suppress(NtError):  # one that cannot be suspended any deeper
            _stop(process, thread_of(guest))
    return {}


def _resume_all(process: "Process", question: Question, taken: list[int], given: Given) -> dict[str, Any]:
    handover = process.options.handover
    if handover is not None and handover.waits:
        handover.resume()
        return {}
    for guest in list(process.threads.values()):
        process.service(Threads).resume(thread_of(guest))
    return {}


def _resume(process: "Process", question: Question, taken: list[int], given: Given) -> dict[str, Any]:
    handover = process.options.handover
    if handover is not None and handover.waits:
        return {"count": handover.resume()}
    return {"count": process.service(Threads).resume(_thread(process, question))}


def _times(process: "Process", question: Question, taken: list[int], given: Given) -> dict[str, Any]:
    kernel, user = process.service(Clock).cpu_time()
    return {"kernel": kernel, "user": user, "handles": len(process.handles), "memory": process.memory.committed,
            "peb": process.blocks.peb, "debugged": process.debuggee is not None or _debugged_later(process)}


def _debugged_later(process: "Process") -> bool:
    """Whether a process that was started suspended is debugged once it begins."""
    handover = process.options.handover
    return handover is not None and handover.data["debug"] is not None


def _read(process: "Process", question: Question, taken: list[int], given: Given) -> dict[str, Any]:
    return {"data": process.memory.read(question["address"], min(question["size"], MAX_MEMORY)).hex()}


def _write(process: "Process", question: Question, taken: list[int], given: Given) -> dict[str, Any]:
    data = bytes.fromhex(question["data"])
    process.memory.check(question["address"], len(data), 2)
    process.memory.write(question["address"], data)
    return {}


def _allocate(process: "Process", question: Question, taken: list[int], given: Given) -> dict[str, Any]:
    numbers = question["address"], question["size"], question["kind"], question["protect"]
    base, size = allocate_pages(process.memory, *numbers, question.get("zero_bits", 0))
    return {"address": base, "size": size}


def _free(process: "Process", question: Question, taken: list[int], given: Given) -> dict[str, Any]:
    base, size = free_pages(process.memory, question["address"], question["size"], question["kind"])
    return {"address": base, "size": size}


def _protect(process: "Process", question: Question, taken: list[int], given: Given) -> dict[str, Any]:
    done = protect_pages(process.memory, question["address"], question["size"], question["protect"])
    return dict(zip(("address", "size", "old"), done, strict=True))


def _region(process: "Process", question: Question, taken: list[int], given: Given) -> dict[str, Any]:
    if question["address"] > process.memory.highest:
        raise NtError(nt.STATUS_INVALID_PARAMETER)
    info = process.memory.query(question["address"])
    numbers = info.base, info.allocation_base, info.allocation_protect, info.size, info.state, info.protect, info.kind
    return {"region": numbers}


def _at_exception(process: "Process", question: Question) -> Context | None:
    """The registers of a thread whose exception a debugger is being told of."""
    stopped = process.debuggee.stopped if process.debuggee is not None else None
    if stopped is None or question.get("tid", stopped[0]) != stopped[0]:
        return None
    registers: Context = stopped[1]
    return registers


def _get_context(process: "Process", question: Question, taken: list[int], given: Given) -> dict[str, Any]:
    stopped = _at_exception(process, question)
    if stopped is not None:
        return wrap(stopped)
    handover = process.options.handover
    if handover is None or not handover.waits:
        return wrap(registers_of(process, _thread(process, question)))
    main, program = next(iter(process.threads.values())), process.loader.program
    assert program is not None
    return wrap(first_registers(main, program.entry, process.blocks.peb))


def _set_context(process: "Process", question: Question, taken: list[int], given: Given) -> dict[str, Any]:
    """Lets a main thread that has not begun go on elsewhere when its modules are initialised."""
    stopped = _at_exception(process, question)
    if stopped is not None:
        stopped.take(unwrap(question))
        return {}
    handover = process.options.handover
    if handover is None or not handover.waits:
        raise NtError(nt.STATUS_NOT_SUPPORTED)
    context = unwrap(question)
    process.first_step = lambda guest: restore(guest, context)
    return {}


def _give(process: "Process", question: Question, taken: list[int], given: Given) -> dict[str, Any]:
    """Hands the object behind a handle to the one who asks; ``close`` closes the handle."""
    entry = process.handles.entry(question["handle"])
    what, fd = process.service(Children).hand_over(entry.object)
    given.put(what, fd)
    if question["close"]:
        with suppress(NtError):  # one that is protected stays
            process.handles.close(question["handle"])
    return {"object": what, "access": entry.access, "flags": entry.flags}


def _inheritable(process: "Process", question: Question, taken: list[int], given: Given) -> dict[str, Any]:
    """All that a child of this process would inherit; with each handle the number of the descriptor, or -1."""
    children, found = process.service(Children), []
    for value, entry in process.handles:
        if entry.flags & HANDLE_FLAG_INHERIT and len(given) < MAX_DESCRIPTORS:
            try:
                what, fd = children.hand_over(entry.object)
            except NtError:
                continue  # one that stays behind
            found.append([value, entry.access, entry.flags, what, given.put(what, fd)])
    return {"inheritable": found}


def _take(process: "Process", question: Question, taken: list[int], given: Given) -> dict[str, Any]:
    """Makes a handle on an object that the one who asks hands over."""
    fd = taken.pop() if taken else -1
    obj = process.service(Children).take_over(question["object"], fd)
    obj.retain()
    try:
        flags = HANDLE_FLAG_INHERIT if question["inherit"] else 0
        return {"handle": process.handles.add(obj, question["access"], flags)}
    finally:
        obj.release()


def _close(process: "Process", question: Question, taken: list[int], given: Given) -> dict[str, Any]:
    process.handles.close(question["handle"])
    return {}


def _named(process: "Process", question: Question, taken: list[int], given: Given) -> dict[str, Any]:
    """The object of a name, if it is one that several processes can have."""
    found: Object | None = process.service(Sync).own(question["name"])
    if found is None:
        return {"object": None}
    what, fd = process.service(Children).hand_over(found)
    given.put(what, fd)
    return {"object": what}


def _job(process: "Process", question: Question, taken: list[int], given: Given) -> dict[str, Any]:
    process.state(Jobs).notice(question["job"], question["message"], question["member"])
    return {}


_QUESTIONS: dict[str, Callable[["Process", Question, list[int], Given], dict[str, Any]]] = {
    "threads": _threads, "modules": _modules, "times": _times, "read": _read, "write": _write, "give": _give,
    "allocate": _allocate, "free": _free, "protect": _protect, "region": _region, "get context": _get_context,
    "set context": _set_context, "suspend": _suspend, "resume": _resume, "take": _take, "close": _close,
    "suspend all": _suspend_all, "resume all": _resume_all, "named": _named, "inheritable": _inheritable, "job": _job,
    "thread": thread_numbers, "create thread": create_thread, "open thread": open_thread, "map view": map_view,
    "unmap view": unmap_view,
}  # fmt: skip
