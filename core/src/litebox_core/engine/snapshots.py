"""Snapshots as engines take them: what memory holds, the registers of threads, what is counted."""

from collections.abc import Iterable
from typing import Any

from .base import Engine, GuestThread, Stop
from .pages import Pages, PageSnapshot, Range

__all__ = ["EngineSnapshot", "bring_back", "drop", "take"]


class SavedThread:
    """One thread as it stood still."""

    __slots__ = ("pc", "saved", "stop", "teb", "thread", "watches", "why")

    def __init__(self, engine: Engine, thread: GuestThread) -> None:
        self.thread, self.teb = thread, thread.teb
        self.saved: Any = engine.save(thread)
        self.watches = tuple(engine.watched(thread))
        self.pc, self.why, self.stop = thread.pc, thread.why, _copy(thread.stop)


class EngineSnapshot:
    """What :meth:`Engine.snapshot` gives."""

    __slots__ = ("counted", "pages", "threads")

    def __init__(self, pages: PageSnapshot, threads: list[SavedThread], counted: Any) -> None:
        self.pages, self.threads, self.counted = pages, threads, counted


def take(engine: Engine, ranges: Iterable[Range], threads: Iterable[GuestThread]) -> EngineSnapshot:
    """:meth:`Engine.snapshot`."""
    if engine.pages is None:
        engine.pages = Pages(engine)
    saved = [SavedThread(engine, thread) for thread in threads]
    return EngineSnapshot(engine.pages.take(ranges), saved, engine.counted())


def bring_back(engine: Engine, snapshot: EngineSnapshot) -> list[Range]:
    """:meth:`Engine.restore`."""
    assert engine.pages is not None
    changed = engine.pages.bring_back(snapshot.pages)
    for entry in snapshot.threads:
        thread = entry.thread
        thread.teb = entry.teb
        engine.load(thread, entry.saved)
        if tuple(engine.watched(thread)) != entry.watches:
            engine.watch(thread, entry.watches)
        thread.pc, thread.why, thread.stop = entry.pc, entry.why, _copy(entry.stop)
    engine.set_counted(snapshot.counted)
    return changed


def drop(engine: Engine, snapshot: EngineSnapshot) -> None:
    """:meth:`Engine.forget_snapshot`."""
    assert engine.pages is not None
    engine.pages.drop(snapshot.pages)
    for entry in snapshot.threads:
        engine.forget(entry.saved)


def _copy(stop: Stop | None) -> Stop | None:
    if stop is None:
        return None
    made = Stop(stop.why, stop.pc, stop.addr, stop.access)
    made.stale = stop.stale
    return made
