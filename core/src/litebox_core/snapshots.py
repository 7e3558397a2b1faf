"""Snapshots of a process that stands still, and its way back to them.

A snapshot has the pages and registers (from the engine), which pages are mapped how, and what the Python objects of the
process hold: threads, handles and what is behind them, heaps, queues, the state of DLLs. Restoring touches the pages
that were written to since. What is outside of the process is not brought back: see docs/snapshots.md.

>>> import litebox_core
>>> process = litebox_core.load("samples/hello.exe", ["one"], stdout=None)
>>> stop = process.debugger.until(call="fputc")
>>> snapshot = process.snapshot()
>>> process.debugger.until().reason, process.exit_code
('exit', 0)
>>> process.restore(snapshot)
>>> process.debugger.last.reason, process.exit_code
('call', None)
>>> process.close()
"""

import weakref
from typing import TYPE_CHECKING, Any

from .children import Children
from .engine.base import Backing, EngineError
from .kept import Image, KeptSteps
from .memento import Memento, SnapshotError
from .memory.regions import EXECUTE
from .memory.space import page_up
from .memory.spans import Span, without
from .objects import Object

if TYPE_CHECKING:
    from .dispatch import Dispatcher
    from .engine.pages import Range
    from .engine.snapshots import EngineSnapshot
    from .memory import Memory
    from .process import Process

__all__ = ["Snapshot", "SnapshotError", "restore", "take"]

Mapped = dict[int, tuple[int, int, Backing, int]]
"""What an engine has mapped: by address size, rights, backing and offset."""


class Snapshot:
    """The process as it stood still. It can be restored any number of times, until :meth:`close`.

    Nothing that the process had then is given up while the snapshot is there: memory, open files.
    """

    def __init__(self, process: "Process", memento: Memento, engine: "EngineSnapshot", stop: Any) -> None:
        self.process = process
        self._memento = memento
        self._engine = engine
        self._stop = stop
        self._mapped = _mapped(process.memory)
        self._committed = _committed(process.memory)
        self._executable: dict[Backing, list[tuple[int, int, int]]] = {}
        """Where code may be: begin and end in the backing, and how much higher in the guest's memory."""
        for start, (size, rights, backing, offset) in self._mapped.items():
            if rights & EXECUTE:
                self._executable.setdefault(backing, []).append((offset, offset + size, start - offset))
        self._table = _Table(process.dispatcher)
        self._threads = list(process.threads.values())
        self._paused = _paused(process, memento)
        self._owned = list(process.memory.allocations())
        self._handles = {value: entry.object for value, entry in process.handles}
        self._made = _made(process)
        for backing in memento.backings:
            backing.keepers += 1
        for obj in memento.objects:
            obj.keepers += 1
        self._end = weakref.finalize(self, _give_up, process, memento, engine)
        self._end.atexit = False

    @property
    def valid(self) -> bool:
        """Whether it was not closed, and neither was the process."""
        return self._end.alive and self.process.engine.pages is not None

    def close(self) -> None:
        """Gives up what only the snapshot needs. Its process goes on as it is."""
        self._end()

    def __enter__(self) -> "Snapshot":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- the way back --------------------------------------------------------------------------------------------

    def _check(self) -> None:
        if not self.valid:
            raise SnapshotError("the snapshot was closed")
        for kept, stand, image in self._paused:
            if kept.stand != stand and image is None:
                raise SnapshotError(f"{kept.name} was paused when the snapshot was taken, and has gone on since")

    def _restore(self) -> None:
        process, memory, memento = self.process, self.process.memory, self._memento
        self._close_new(process)
        now, state_made = _mapped(memory), _made(process) != self._made
        self._unmap(memory, now)
        memento.bring_back()
        self._table.bring_back(process, state_made)
        for start, row in self._mapped.items():
            if now.get(start) != row:
                size, rights, backing, offset = row
                process.engine.map(start, backing, offset, size, rights)
        self._void_code(process.engine.restore(self._engine))

    def _restore_all(self) -> None:
        self._restore()
        moved = [row for row in self._paused if row[0].stand != row[1]]
        for kept, stand, image in moved:
            again = image.again() if image is not None else None
            if again is None:
                raise SnapshotError(f"restore: {kept.name} is not found where it was; the process cannot go on")
            (kept.steps, kept.step), kept.stand = again, stand
        if moved:
            del kept, again
            self._restore()  # what they did on their way does not count, nor what the former ones did at their end
        for blocked in self.process.scheduler.blocked.values():
            innermost = blocked.guest.frames[-1].steps
            if isinstance(innermost, KeptSteps) and innermost.step is not None:
                blocked.step = innermost.step

    def _rehearse(self) -> None:
        """Finds out which paused functions can be made anew."""
        for number, (kept, stand, image) in enumerate(self._paused):
            if image is not None and image.levels and image.again() is None:
                self._paused[number] = kept, stand, None
        self._restore()

    def _close_new(self, process: "Process") -> None:
        """Gives up what the process has that it did not have: paused functions, threads, handles, memory."""
        for guest in process.threads.values():
            for frame in reversed(guest.frames):
                if not isinstance(frame.steps, KeptSteps):
                    frame.steps.close()
            if guest not in self._threads and guest.thread is not None:
                process.engine.end_thread(guest.thread)
                guest.thread = None
        known = set(map(id, self._memento.objects))
        for value, entry in list(process.handles):
            if id(entry.object) not in known:
                entry.flags = 0
                process.handles.close(value)
        then = set(map(id, self._owned))
        for allocation in process.memory.allocations():
            owner = allocation.owner
            if id(allocation) not in then and isinstance(owner, Object) and id(owner) not in known:
                owner.release()

    def _unmap(self, memory: "Memory", now: Mapped) -> None:
        """Takes away what was not mapped so; memory that is new is given up, new pages of old memory read as zero."""
        for start, row in now.items():
            if self._mapped.get(start) != row:
                memory.engine.unmap(start, row[0])
        if now == self._mapped:
            return
        for backing, spans in _committed(memory).items():
            if backing not in self._memento.backings:
                continue
            then = self._committed.get(backing, [])
            for start, end in without(spans, then) if spans != then else ():
                backing.discard(start, end - start)
        for allocation in memory.allocations():
            if allocation.backing not in self._memento.backings:
                allocation.backing.users = 0
                if not allocation.backing.keepers:
                    allocation.backing.give_up()

    def _void_code(self, changed: "list[Range]") -> None:
        """Tells the engine which code is another one now."""
        for backing, offset, size in changed:
            for low, high, bias in self._executable.get(backing, ()):
                if low < offset + size and offset < high:
                    start, end = max(low, offset), min(high, offset + size)
                    self.process.engine.code_changed(start + bias, end - start)


class _Table:
    """The functions that can be called, as of one moment."""

    def __init__(self, dispatcher: "Dispatcher") -> None:
        self.handlers = list(dispatcher.handlers)

    def bring_back(self, process: "Process", state_made: bool) -> None:
        """Functions that are new go away; where state was made that did not exist, functions are bound to it anew."""
        dispatcher = process.dispatcher
        if len(dispatcher) != len(self.handlers):
            dispatcher.shorten(len(self.handlers))
        if state_made:
            dispatcher.handlers[:] = self.handlers


# -- taking one --------------------------------------------------------------------------------------------------


def take(process: "Process") -> Snapshot:
    """:meth:`Process.snapshot`."""
    _check_still(process, "snapshot")
    _check_alone(process, "snapshot")
    if process.exit_code is not None:
        raise SnapshotError("snapshot: the process has ended")
    debugger = process._debugger
    in_hook = None
    if debugger is not None:
        in_hook = debugger.in_hook
        process.scheduler.settle()
    with process.scheduler.as_if_stopped(in_hook):
        try:
            memento = Memento([(process, "the process")])
        except SnapshotError as error:
            raise SnapshotError(f"snapshot: {error}") from None
        stop = debugger.where(in_hook) if debugger is not None else None
        threads = [guest.thread for guest in process.threads.values() if guest.thread is not None]
        try:
            engine = process.engine.snapshot(_ranges(process.memory, memento), threads)
        except (OSError, EngineError) as error:
            raise SnapshotError(f"snapshot: {error}") from None
        snapshot = Snapshot(process, memento, engine, stop)
        snapshot._rehearse()
    return snapshot


def _ranges(memory: "Memory", memento: Memento) -> "list[Range]":
    """The memory to be kept: committed pages, and sections that are not mapped."""
    ranges = [
        (run.allocation.backing, run.start - run.bias, run.end - run.start)
        for run in memory.runs()
        if not run.allocation.backing.outside
    ]
    mapped = {backing for backing, _, _ in ranges}
    rest = [backing for backing in memento.backings - mapped if not backing.outside]
    return [*ranges, *((backing, 0, page_up(backing.size)) for backing in rest)]


def restore(process: "Process", snapshot: Snapshot) -> None:
    """:meth:`Process.restore`."""
    if snapshot.process is not process:
        raise SnapshotError("restore: the snapshot is one of another process")
    _check_still(process, "restore")
    _check_alone(process, "restore")
    if process._debugger is not None and process._debugger.in_hook is None:
        process.scheduler.settle()
    try:
        snapshot._check()
    except SnapshotError as error:
        raise SnapshotError(f"restore: {error}") from None
    snapshot._restore_all()
    if process._debugger is not None:
        process._debugger.stand(snapshot._stop)


def _check_still(process: "Process", what: str) -> None:
    if process.scheduler.running and (process._debugger is None or process._debugger.in_hook is None):
        raise SnapshotError(f"{what}: the process runs; it must stand still, at a stop or in a hook of its debugger")


def _check_alone(process: "Process", what: str) -> None:
    children = process._services.get(Children)
    if process.options.handover is not None or (children is not None and children.begun):
        raise SnapshotError(f"{what}: another process of the same run is or was there")


def _paused(process: "Process", memento: Memento) -> list[tuple[KeptSteps, int, Image | None]]:
    """All paused functions, where they stand, and the way there: of those that may be made anew.

    These are what threads begin with, and what waits: calling them again does nothing outside of the process.
    """
    exact = process.determinism is not None
    harmless: set[int] = set()
    for guest in process.threads.values():
        if guest.frames:
            harmless.add(id(guest.frames[0].steps))
            if guest.tid in process.scheduler.blocked:
                harmless.add(id(guest.frames[-1].steps))
    return [
        (kept, kept.stand, Image.of(kept.steps, exact) if id(kept) in harmless else None) for kept in memento.paused
    ]


def _made(process: "Process") -> frozenset[int]:
    """Which services and state objects there are."""
    return frozenset(map(id, (*process._services.values(), *process._states.values())))


def _give_up(process: "Process", memento: Memento, engine: "EngineSnapshot") -> None:
    if process.engine.pages is not None:
        process.engine.forget_snapshot(engine)
    for backing in memento.backings:
        backing.keepers -= 1
        if backing.users <= 0 and not backing.keepers:
            backing.give_up()
    for obj in memento.objects:
        obj.keepers -= 1
        if obj.references <= 0 and not obj.keepers:
            obj.destroyed()


def _mapped(memory: "Memory") -> Mapped:
    return {
        run.start: (run.end - run.start, run.rights, run.allocation.backing, run.start - run.bias)
        for run in memory.runs()
        if run.rights
    }


def _committed(memory: "Memory") -> dict[Backing, list[Span]]:
    spans: dict[Backing, list[Span]] = {}
    for run in memory.runs():
        if not run.allocation.backing.outside:
            spans.setdefault(run.allocation.backing, []).append((run.start - run.bias, run.end - run.bias))
    for found in spans.values():
        found.sort()
    return spans
