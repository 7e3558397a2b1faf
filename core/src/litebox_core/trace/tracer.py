"""From marshallers' reports to calls, and from calls to those who listen."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from ..abi.marshal import TraceHooks
from ..hookspecs import hookimpl
from .call import Call
from .filters import Filter

if TYPE_CHECKING:
    from ..dispatch import Entry
    from ..guest import Guest
    from ..process import Process

_PLACES = 1 << 16


def _without_arguments(function: Callable[[], Any]) -> Callable[[Call], Any]:
    return lambda call: function()


class Bound:
    """A start or stop condition: a number of calls, or a pattern of a function whose first call counts."""

    def __init__(self, text: str) -> None:
        self.count = int(text) if text.isascii() and text.isdigit() else None
        self.function = Filter(text) if self.count is None else None

    def selects(self, entry: "Entry") -> bool:
        return self.function is not None and self.function(entry)


class _Selection(NamedTuple):
    """What the names of an export decide of its calls, once for all of them."""

    filters: list[Filter]
    """Those that select it, conditions aside."""
    starts: bool
    stops: bool


class Tracer(TraceHooks):
    """Turns marshallers' reports into calls of the trace hooks, for the calls that the filters let through."""

    def __init__(
        self, process: "Process", filters: "list[str] | list[Filter]", start: str | None = None, stop: str | None = None
    ) -> None:
        self.process = process
        self.filters = [f if isinstance(f, Filter) else Filter(f) for f in filters]
        self.count = 0
        """Calls so far that the filters select."""
        self.reported = 0
        """Those of them that listeners were told of."""
        self.begun = process.monotonic()
        self.main_tid = 0
        self.start = Bound(start) if start else None
        self.stop = Bound(stop) if stop else None
        self.on = self.start is None
        self.over = False
        self._judges = any(f.judges_results for f in self.filters)
        self._conditional = any(f.conditions for f in self.filters) or self.start is not None or self.stop is not None
        self._open: dict[int, list[Call]] = {}
        self._places: dict[int, str] = {}
        self._selections: dict[Entry, _Selection] = {}
        self._revision = -1
        self._enter: list[Callable[[Call], Any]] = []
        self._exit: list[Callable[[Call], Any]] = []
        self._now = process.monotonic

    # -- who listens ---------------------------------------------------------------------------------------------

    def of(self, entry: "Entry") -> "Tracer | None":
        """Who listens to this export."""
        found = self._selections[entry] = _Selection(
            [f for f in self.filters if f(entry)],
            self.start is not None and self.start.selects(entry),
            self.stop is not None and self.stop.selects(entry),
        )
        return self if found.filters or found.starts or found.stops else None

    def _listeners(self, hook: Any) -> list[Callable[[Call], Any]]:
        """The functions behind a hook, to be called without pluggy's way around; the hook itself if it is wrapped."""
        implementations = hook.get_hookimpls()
        if any(i.hookwrapper or getattr(i, "wrapper", False) for i in implementations):
            return [lambda call: hook(call=call)]
        return [i.function if i.argnames else _without_arguments(i.function) for i in reversed(implementations)]

    def _refresh(self) -> None:
        hook = self.process.plugins.manager.hook
        self._enter, self._exit = self._listeners(hook.litebox_call_enter), self._listeners(hook.litebox_call_exit)
        self._revision = self.process.plugins.manager.revision

    # -- calls ---------------------------------------------------------------------------------------------------

    def enter(self, guest: "Guest", export: Any, values: tuple[Any, ...], sp: int) -> Call | None:
        if self.process.plugins.manager.revision != self._revision:
            self._refresh()
        self.count += 1
        call = Call(self, guest, export, self.count, values, sp)
        if self._conditional and not self._passes(call):
            return None
        around = self._open.get(guest.tid)
        if around is None:
            around = self._open[guest.tid] = []
            self.main_tid = self.main_tid or next(iter(self.process.threads), guest.tid)
        call.depth = len(around)
        around.append(call)
        call.time = self._now() - self.begun
        if self._judges:
            call.shown = False
            return call
        self.reported += 1
        for listener in self._enter:
            listener(call)
        return call

    def _passes(self, call: Call) -> bool:
        """Whether a call that begins passes the conditions; turns tracing on and off where it is time to."""
        if self.over:
            return False
        selection = self._selections[call.entry]
        if self.on:
            if self.stop is not None and self.stop.count is not None and self.reported >= self.stop.count:
                self.over = True
                return False
            self.over = selection.stops  # this one is still told
        elif self.start is not None:
            self.on = selection.starts if self.start.count is None else self.count > self.start.count
            if not self.on:
                return False
        return selection.starts or selection.stops or any(f.begins(call) for f in selection.filters)

    def leave(self, guest: "Guest", call: Call | None, result: Any, error: BaseException | None) -> None:
        if call is None:
            return
        call.result, call.error = result, error
        call.finished = error is None or isinstance(error, Exception)
        call.duration = self._now() - self.begun - call.time
        around = self._open.get(guest.tid)
        if around and around[-1] is call:
            around.pop()
        elif around and call in around:
            around.remove(call)
        self._tell(call)

    def _tell(self, call: Call) -> None:
        call.waited = call.guest.waited - call.waited
        if not call.shown:
            if not any(f.begins(call) and f.ended(call) for f in self._selections[call.entry].filters):
                return
            call.shown = True
            self.reported += 1
            for listener in self._enter:
                listener(call)
        for listener in self._exit:
            listener(call)

    def _abandon(self, tid: int) -> None:
        """Tells of the calls of a thread that will never return."""
        now = self._now() - self.begun
        for call in reversed(self._open.pop(tid, [])):
            call.duration = now - call.time
            self._tell(call)

    def close(self) -> None:
        """The run has ended: calls in progress are told as they stand."""
        for tid in list(self._open):
            self._abandon(tid)

    # -- places --------------------------------------------------------------------------------------------------

    def place(self, address: int) -> str:
        """An address as ``module+0x1234``, or as a number outside all modules."""
        made = self._places.get(address)
        if made is None:
            module = self.process.loader.modules.at(address)
            made = hex(address) if module is None else f"{module.name}+{address - module.base:#x}"
            if len(self._places) < _PLACES:
                self._places[address] = made
        return made

    # -- events --------------------------------------------------------------------------------------------------

    def now(self) -> float:
        """Seconds since tracing began."""
        return self._now() - self.begun

    @hookimpl
    def litebox_thread_exit(self, guest: "Guest") -> None:
        self._abandon(guest.tid)

    @hookimpl
    def litebox_module_load(self) -> None:
        self._places.clear()

    @hookimpl
    def litebox_module_unload(self) -> None:
        self._places.clear()
