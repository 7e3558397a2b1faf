"""What other processes of the run make in this one: threads and views of sections."""

import os
from contextlib import suppress
from inspect import GEN_CREATED, getgeneratorstate
from typing import TYPE_CHECKING, Any, Protocol

from litebox_core import ntstatus as nt
from litebox_core.children import Children
from litebox_core.errors import NtError
from litebox_core.sections import Section
from litebox_core.services import Sections
from litebox_core.threads import Thread, Threads, base_priority, process_object, thread_of

from .context import RCX, RDX, Context
from .frames import Watch
from .threadcontext import context_of

if TYPE_CHECKING:
    from litebox_core.guest import Guest
    from litebox_core.process import Process

Question = dict[str, Any]


class Given(Protocol):
    def put(self, what: dict[str, Any], fd: int) -> int: ...


# -- threads ---------------------------------------------------------------------------------------------------------


def create_thread(process: "Process", question: Question, taken: list[int], given: Given) -> dict[str, Any]:
    """Starts a thread. In a process that was started suspended it runs before the main thread does."""
    main = next(iter(process.threads.values()), None)
    if main is None:
        raise NtError(nt.STATUS_PROCESS_IS_TERMINATING)
    handover = process.options.handover
    if handover is not None and handover.waits:
        _begin_without(process, main)
    end = _End(given)
    try:
        thread = process.service(Threads).create(
            main, question["start"], question["parameter"], question["stack"], question["suspended"]
        )
    except NtError:
        end.close()
        raise
    return end.watch(thread)


def open_thread(process: "Process", question: Question, taken: list[int], given: Given) -> dict[str, Any]:
    found = process.service(Threads).find(question["tid"])
    if found is None or found.guest is None:
        raise NtError(nt.STATUS_INVALID_CID)
    return _End(given).watch(found)


def thread_numbers(process: "Process", question: Question, taken: list[int], given: Given) -> dict[str, Any]:
    """What THREAD_BASIC_INFORMATION tells: exit code, TEB, processors, priorities."""
    found = process.service(Threads).find(question["tid"])
    if found is None or found.guest is None:
        raise NtError(nt.STATUS_THREAD_IS_TERMINATING)
    base = base_priority(process_object(process).priority_class, found.priority)
    return {"numbers": [found.exit_code, found.teb, found.processors(), base, found.priority]}


class _End:
    """A pipe, one end of which is given away; the thread's exit code is written into the other when it ends."""

    def __init__(self, given: Given) -> None:
        try:
            reading, self._writing = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError:
            raise NtError(nt.STATUS_TOO_MANY_OPENED_FILES) from None
        given.put({"given": True}, reading)

    def close(self) -> None:
        os.close(self._writing)

    def watch(self, thread: Thread) -> dict[str, Any]:
        """What is answered of the thread."""
        thread.at_end[self._tell] = None
        return {"tid": thread.tid, "teb": thread.teb}

    def _tell(self, ended: Thread) -> None:
        with suppress(BrokenPipeError):
            os.write(self._writing, ended.exit_code.to_bytes(4, "little"))
        self.close()


def _begin_without(process: "Process", main: "Guest") -> None:
    """Lets a process begin whose main thread stays suspended until the parent, or another, resumes it."""
    handover = process.options.handover
    assert handover is not None
    thread = thread_of(main)
    thread.suspended = 1
    process.scheduler.suspend(main)
    gate = handover.data["gate"]

    def resumed() -> None:
        watch.end()
        if os.read(gate, 1):
            process.service(Threads).resume(thread)

    watch = Watch(process, gate, resumed)
    handover.waits = False


def registers_of(process: "Process", thread: Thread) -> Context:
    """Those with which a suspended thread goes on. Raises NtError(STATUS_NOT_SUPPORTED) for one that runs."""
    guest = thread.guest
    if guest is None or not thread.suspended:
        raise NtError(nt.STATUS_NOT_SUPPORTED)
    if guest.frames and getgeneratorstate(guest.frames[0].steps) == GEN_CREATED:
        return first_registers(guest, thread.start_address, thread.parameter)
    process.scheduler.hold(guest)
    return context_of(guest)


def first_registers(guest: "Guest", start: int, parameter: int) -> Context:
    """Those of a thread that has not begun, as programs that look at one expect them."""
    context = Context()
    context.rip, context.eflags = start, 0x200
    context.regs[RCX], context.regs[RDX] = start, parameter
    context.rsp = (guest.stack_end & ~0xFFF) - 0x1028
    return context


# -- views -----------------------------------------------------------------------------------------------------------


def map_view(process: "Process", question: Question, taken: list[int], given: Given) -> dict[str, Any]:
    """Maps a section that comes with the question."""
    fd = taken.pop() if taken else -1
    section = process.service(Children).take_over(question["section"], fd)
    section.retain()
    try:
        if not isinstance(section, Section):
            raise NtError(nt.STATUS_OBJECT_TYPE_MISMATCH)
        base, size = process.service(Sections).map(
            section, question["address"], question["offset"], question["size"], question["protect"], question["kind"],
            question["high"],
        )  # fmt: skip
    finally:
        section.release()
    return {"base": base, "size": size}


def unmap_view(process: "Process", question: Question, taken: list[int], given: Given) -> dict[str, Any]:
    process.service(Sections).unmap(question["address"])
    return {}
