"""Running a process step by step: until a call, an address, an event; registers, breakpoints, hooked addresses.

>>> import litebox_core
>>> process = litebox_core.load("samples/ls.exe", ["docs"], stdout=None)
>>> debugger = process.debugger
>>> stop = debugger.until(call="FindFirstFile*")
>>> stop.reason, stop.call.name, stop.call.values[0]
('call', 'kernel32!FindFirstFileA', b'docs\\\\*')
>>> stop.registers["rip"] == debugger.address_of("kernel32!FindFirstFileA")
True
>>> debugger.finish().registers["rax"] != 0
True
>>> debugger.until().reason, process.exit_code
('exit', 0)
>>> process.close()
"""

from collections.abc import Callable, Iterator, MutableMapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from .abi.marshal import decoder
from .config import ConfigError
from .engine.base import SPILL_ARGUMENTS, SPILL_XMM0
from .hookspecs import hookimpl
from .memory import GuestFault
from .scheduler import Paused, ProcessExit, Restored
from .stubs import stub_arguments
from .trace.call import Call
from .trace.filters import EVENTS, Filter
from .trace.tracer import Tracer

if TYPE_CHECKING:
    from .dispatch import Entry
    from .engine import Stop
    from .guest import Guest
    from .loader import Module
    from .process import Process
    from .trace.events import ExceptionEvent

__all__ = ["Debugger", "Registers", "Stopped"]

_HOME = ("rcx", "rdx", "r8", "r9")
_EVENTS = tuple(name for name in EVENTS if name not in ("start", "exit", "memory"))
"""Events to stop at: a run ends at the exit anyway, and memory events are for traces alone."""


class Registers(MutableMapping[str, int]):
    """The registers of a thread that stands still: the integer ones, ``rip``, ``eflags``, and ``xmm0`` to ``xmm15``."""

    def __init__(self, guest: "Guest") -> None:
        self.guest = guest

    def _all(self) -> dict[str, int]:
        if self.guest.thread is None:
            raise ValueError(f"thread {self.guest.tid} has ended")
        return self.guest.process.engine.regs(self.guest.thread)

    def _vector(self, name: str) -> int | None:
        """The number of an XMM register."""
        number = name[3:]
        return int(number) if name.startswith("xmm") and number.isdigit() and int(number) < 16 else None

    def __getitem__(self, name: str) -> int:
        values, vector = self._all(), self._vector(name)
        if vector is None:
            return values[name]
        assert self.guest.thread is not None
        return self.guest.process.engine.xmm(self.guest.thread, vector)

    def __setitem__(self, name: str, value: int) -> None:
        if name not in self._all() and self._vector(name) is None:
            raise KeyError(name)
        assert self.guest.thread is not None
        self.guest.process.engine.set_regs(self.guest.thread, {name: value})

    def __delitem__(self, name: str) -> None:
        raise TypeError("registers cannot be deleted")

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def __repr__(self) -> str:
        return " ".join(f"{name}={value:#x}" for name, value in self._all().items())


class Stopped:
    """Where and why a process stands still.

    ``reason`` is ``call``, ``address``, ``breakpoint``, ``event``, ``step``, ``return``, ``exit`` or, where a snapshot
    was taken in a hook and restored, ``hook``; ``guest`` the thread that caused it and ``address`` where it stands
    (None and 0 at the exit); ``call`` the call that is about to be made; ``event`` the name of what happened and
    ``details`` what is known of it.
    """

    __slots__ = ("address", "call", "details", "event", "guest", "reason")

    def __init__(
        self, reason: str, guest: "Guest | None", call: Call | None = None, event: str = "", **details: Any
    ) -> None:
        self.reason, self.guest, self.call, self.event, self.details = reason, guest, call, event, details
        self.address = guest.thread.pc if guest is not None and guest.thread is not None else 0

    @property
    def registers(self) -> Registers:
        """Those of the thread. Raises ValueError at the exit."""
        if self.guest is None:
            raise ValueError("the process has ended: there are no registers")
        return Registers(self.guest)

    def __repr__(self) -> str:
        what = self.call.name if self.call is not None else self.event
        return f"<Stopped: {self.reason}{f' {what}' if what else ''} at {self.address:#x}>"


class _Goal:
    """What a run is to stop at."""

    def __init__(
        self,
        calls: Filter | None = None,
        addresses: frozenset[int] = frozenset(),
        events: frozenset[str] = frozenset(),
        guest: "Guest | None" = None,
        above: int = 0,
        reason: str = "address",
    ) -> None:
        self.calls, self.addresses, self.events, self.reason = calls, addresses, events, reason
        self.guest, self.above = guest, above
        """Only this thread counts, and only with a stack pointer above that one."""


class Debugger:
    """Runs a process that :meth:`Process.start` built, from stop to stop. All of its threads stand still at a stop.

    What is raised by a run of the scheduler (Crash, Deadlock, TimeLimit) is raised here too.
    """

    def __init__(self, process: "Process") -> None:
        self.process = process
        self.breakpoints: set[int] = set()
        """Addresses at which every run of this debugger stops."""
        self.last: Stopped | None = None
        self._hooks: dict[int, Callable[[Guest], object]] = {}
        self._goal: _Goal | None = None
        self._entries: dict[int, Entry] = {}
        self._decoders: dict[Entry, Callable[[Guest, int], tuple[Any, ...]]] = {}
        self._armed: frozenset[int] = frozenset()
        self._seen: tuple[Guest, int] | None = None
        """The thread and address whose hook has been called, the instruction not yet executed."""
        self.in_hook: Guest | None = None
        """The thread for which a hook is being called."""
        self._restored = False
        self._tracer = Tracer(process, [])
        self._calls = 0
        process.plugins.manager.register(_Events(self))
        process.announce()
        process.scheduler.settle()

    # -- what people ask for -------------------------------------------------------------------------------------

    def until(
        self, *, call: str | None = None, address: "int | str | None" = None, event: str | None = None
    ) -> Stopped:
        """Runs until a call of the API, an address or an event, a breakpoint, or the end of the process.

        ``call`` is a filter as ``--trace`` takes it (``"WriteFile"``, ``"ntdll!Nt*,-NtClose"``): the thread stands at
        the function's first instruction, and ``stopped.call`` has the arguments. ``address`` is a number or what
        :meth:`address_of` understands. ``event`` is one of thread_start, thread_exit, module_load, module_unload,
        fault, exception: the process stops before guest code runs again. Raises ValueError for a name that does not
        exist.
        """
        if event is not None and event not in _EVENTS:
            raise ValueError(f"event {event!r}: there are {', '.join(_EVENTS)}")
        try:
            calls = Filter(call) if call is not None else None
        except ConfigError as error:
            raise ValueError(str(error).replace("--trace", "call", 1)) from None
        addresses = frozenset() if address is None else frozenset((self.address_of(address),))
        return self._run(_Goal(calls, addresses, frozenset((event,) if event else ())))

    def step(self, guest: "Guest | None" = None) -> Stopped:
        """One instruction of a thread (the one that stopped last); the call of an API function is one.

        Raises ValueError where the thread cannot run: it waits, is suspended or has ended.
        """
        guest = self._thread(guest)
        thread, process = guest.thread, self.process
        assert thread is not None
        if self._at_trap(thread.pc):
            sp = process.engine.regs(thread)["rsp"]
            behind = frozenset((thread.pc + len(process.engine.trap),))
            return self._run(_Goal(addresses=behind, guest=guest, above=sp - 1, reason="step"))
        if not process.scheduler.is_ready(guest):
            raise ValueError(f"thread {guest.tid} cannot run now: it waits or is suspended")
        try:
            self._lead_past(guest)
        except Paused as paused:
            return self._stop(paused.why)
        except ProcessExit as exit:
            return self._ended(exit.code)
        return self._stop(Stopped("step", guest))

    def finish(self, guest: "Guest | None" = None) -> Stopped:
        """Runs until the function at whose first instruction a thread stands has returned; its result is in ``rax``."""
        guest = self._thread(guest)
        sp = Registers(guest)["rsp"]
        back = self.process.memory.pointer(sp)
        return self._run(_Goal(addresses=frozenset((back,)), guest=guest, above=sp, reason="return"))

    def hook(self, address: "int | str", function: "Callable[[Guest], object]") -> None:
        """Has ``function(guest)`` called each time before a thread executes the instruction at an address.

        It may change registers and memory; a new ``rip`` is where the thread goes on. One function for each address.
        """
        self._hooks[self.address_of(address)] = function
        self._arm()

    def unhook(self, address: "int | str") -> None:
        """Takes a hook away. Raises KeyError where there is none."""
        del self._hooks[self.address_of(address)]
        self._arm()

    def registers(self, guest: "Guest | None" = None) -> Registers:
        """The registers of a thread; of the one that stopped last where none is named."""
        return Registers(self._thread(guest))

    def address_of(self, place: "int | str") -> int:
        """A guest address: a number, ``dll!function``, ``module+0x1234``, or a symbol of the program.

        Raises ValueError for a place that is not there.
        """
        if isinstance(place, int):
            return place
        loader = self.process.loader
        name, mark, rest = place.partition("!") if "!" in place else place.partition("+")
        module = loader.find(name) if mark else loader.program
        found = 0
        if module is not None and mark == "!":
            found = loader.procedure(module, rest) or loader.auto_stub(module, rest)
        elif module is not None and mark == "+":
            try:
                found = module.base + int(rest, 0)
            except ValueError:
                raise ValueError(f"{place!r}: write module+0x1234") from None
        elif module is not None and module.image is not None:
            from .pe.debug import symbols

            rva = symbols(module.image).names.get(place)
            found = module.base + rva if rva is not None else 0
        if not found:
            raise ValueError(f"{place!r} is not there: write a number, dll!function, module+0x1234 or a symbol")
        return found

    # -- running -------------------------------------------------------------------------------------------------

    def _thread(self, guest: "Guest | None") -> "Guest":
        if guest is None and self.last is not None and self.last.guest is not None:
            guest = self.last.guest if self.last.guest.thread is not None else None
        if guest is None:
            guest = next(iter(self.process.threads.values()), None)
        if guest is None or guest.thread is None:
            raise ValueError(f"thread {guest.tid} has ended" if guest is not None else "the process has ended")
        return guest

    def _at_trap(self, pc: int) -> bool:
        """Whether the instruction is the trap of a stub."""
        process, trap = self.process, self.process.engine.trap
        ends = pc + len(trap) in process.dispatcher.resumes or pc + len(trap) == process.engine.gate_end
        return ends and process.memory.read(pc, len(trap)) == trap

    def _run(self, goal: _Goal) -> Stopped:
        process = self.process
        if process.exit_code is not None:
            raise ValueError(f"the process has ended, with exit code {process.exit_code}")
        self._goal = goal
        nobody, dispatcher = process.dispatcher.placed, process.dispatcher
        if goal.calls is not None:
            for entry in dispatcher.every_entry():
                if entry.address:
                    self._watch(entry)
            dispatcher.placed = self._placed
        self._arm()
        try:
            last = self.last
            guest = last.guest if last is not None else None
            if last is not None and guest is not None and guest.thread is not None:
                pc = guest.thread.pc
                if pc != last.address:  # somebody has set it
                    self._seen = None
                elif pc in self._armed:
                    self._lead_past(guest)
            code = process.scheduler.run()
        except Paused as paused:
            return self._stop(paused.why)
        except ProcessExit as exit:
            code = exit.code
        finally:
            self._goal, dispatcher.placed = None, nobody
            self._entries.clear()
            self._arm()
        return self._ended(code)

    def _lead_past(self, guest: "Guest") -> None:
        """Executes the instruction at which a thread stands, its hook before it, if the thread is ready to run."""
        thread, scheduler = guest.thread, self.process.scheduler
        assert thread is not None
        pc, hook = thread.pc, self._hooks.get(thread.pc)
        if hook is not None and self._seen != (guest, pc):
            self._seen = (guest, pc)
            if self._call_hook(hook, guest):
                return
        if scheduler.is_ready(guest):
            self._seen = None
            if thread.pc == pc:
                scheduler.step(guest)

    def _call_hook(self, hook: "Callable[[Guest], object]", guest: "Guest") -> bool:
        """Whether it has restored a snapshot."""
        self.in_hook, self._restored = guest, False
        try:
            hook(guest)
        finally:
            self.in_hook = None
        return self._restored

    # -- snapshots -----------------------------------------------------------------------------------------------

    def where(self, in_hook: "Guest | None") -> "tuple[Stopped | None, tuple[Guest, int] | None, int]":
        """Where the process stands, for :meth:`stand`; ``in_hook`` is the thread for which a hook is called."""
        last = Stopped("hook", in_hook) if in_hook is not None else self.last
        return last, self._seen, last.address if last is not None else 0

    def stand(self, where: "tuple[Stopped | None, tuple[Guest, int] | None, int] | None") -> None:
        """The process stands there again; None: at its beginning."""
        self._restored = True
        if where is None:
            self.last = self._seen = None
            self.process.scheduler.settle()
            return
        self.last, self._seen, address = where
        if self.last is not None:
            self.last.address = address

    def _stop(self, stop: Stopped) -> Stopped:
        if stop.guest is not None and stop.guest.thread is not None:
            stop.address = stop.guest.thread.pc
        self.last = stop
        return stop

    def _ended(self, code: int) -> Stopped:
        self.process.finish(code)
        self.last = Stopped("exit", None)
        return self.last

    # -- what engine and hooks report ----------------------------------------------------------------------------

    def _arm(self) -> None:
        """Has the engine stop where somebody wants to know of it."""
        wanted = frozenset(self._hooks)
        if self._goal is not None:
            wanted = wanted.union(self.breakpoints, self._goal.addresses, self._entries)
        if wanted != self._armed:
            self.process.engine.stop_at(wanted)
            self._armed = wanted

    def _watch(self, entry: "Entry") -> None:
        assert self._goal is not None and self._goal.calls is not None
        if entry.export.kind != "code" and self._goal.calls(entry):
            self._entries[entry.address] = entry

    def _placed(self, entry: "Entry") -> None:
        """A function has got its stub while the process runs."""
        self._watch(entry)
        self._arm()

    def reached(self, guest: "Guest", pc: int) -> None:
        """A thread stands at an address that was asked for. Raises Paused, or leads the thread past it."""
        thread = guest.thread
        assert thread is not None
        hook = self._hooks.get(pc)
        if hook is not None and self._seen != (guest, pc):
            self._seen = (guest, pc)
            try:
                restored = self._call_hook(hook, guest)
            except Exception as error:
                raise Paused(error) from error
            if restored:
                raise Restored
            if thread.pc != pc:
                self._seen = None
                return
        stop = self._wanted(guest, pc)
        if stop is not None:
            raise Paused(stop)
        self._seen = None
        self.process.scheduler.step_past(guest)

    def _wanted(self, guest: "Guest", pc: int) -> Stopped | None:
        goal = self._goal
        if goal is None:
            return None
        if pc in goal.addresses and goal.guest in (None, guest) and Registers(guest)["rsp"] > goal.above:
            return Stopped(goal.reason, guest)
        entry = self._entries.get(pc)
        if entry is not None and goal.calls is not None:
            call = self._call(guest, entry)
            if goal.calls.begins(call):
                return Stopped("call", guest, call)
        return Stopped("breakpoint", guest) if pc in self.breakpoints else None

    def _call(self, guest: "Guest", entry: "Entry") -> Call:
        """The call that a thread at the first instruction of a stub is about to make."""
        registers = Registers(guest)
        values, sp = registers._all(), registers["rsp"]
        self._calls += 1
        arguments: tuple[Any, ...] = ()
        try:
            # The stub will do the same in a moment: the callee's home space, and the spill area for XMM registers.
            home = b"".join(values[name].to_bytes(8, "little") for name in _HOME)
            if entry.system:
                guest.spill[SPILL_ARGUMENTS : SPILL_ARGUMENTS + len(home)] = home
            else:
                guest.memory.write(sp + 8, home)
            for number in range(4):
                at = SPILL_XMM0 + 8 * number
                guest.spill[at : at + 8] = (registers[f"xmm{number}"] & (1 << 64) - 1).to_bytes(8, "little")
            if not guest.stack_base <= sp <= guest.stack_end:
                guest.use_stack(sp)
            arguments = self._decoder(entry)(guest, sp)
        except GuestFault:  # a pointer that leads nowhere: the raw values must do
            with suppress(GuestFault):
                arguments = stub_arguments(entry, guest, sp)
        return Call(self._tracer, guest, entry, self._calls, arguments, sp)

    def _decoder(self, entry: "Entry") -> "Callable[[Guest, int], tuple[Any, ...]]":
        made = self._decoders.get(entry)
        if made is None:
            signature = entry.export.signature
            if signature is not None and entry.export.kind == "function":
                made = decoder(signature, self.process.bits, entry.system)
            else:
                made = partial(stub_arguments, entry)
            self._decoders[entry] = made
        return made

    def happened(self, event: str, guest: "Guest | None", details: dict[str, Any]) -> None:
        """Something that a run may have been asked to stop at."""
        if self._goal is not None and event in self._goal.events:
            scheduler = self.process.scheduler
            scheduler.pause(Stopped("event", guest or scheduler.current, None, event, **details))


class _Events:
    """The hooks behind ``until(event=...)``."""

    def __init__(self, debugger: Debugger) -> None:
        self._tell = debugger.happened

    @hookimpl
    def litebox_thread_start(self, guest: "Guest") -> None:
        self._tell("thread_start", guest, {"tid": guest.tid})

    @hookimpl
    def litebox_thread_exit(self, guest: "Guest", code: int) -> None:
        self._tell("thread_exit", guest, {"tid": guest.tid, "code": code})

    @hookimpl
    def litebox_module_load(self, module: "Module") -> None:
        self._tell("module_load", None, {"module": module})

    @hookimpl
    def litebox_module_unload(self, module: "Module") -> None:
        self._tell("module_unload", None, {"module": module})

    @hookimpl
    def litebox_fault(self, guest: "Guest", stop: "Stop") -> None:
        self._tell("fault", guest, {"stop": stop})

    @hookimpl
    def litebox_exception(self, guest: "Guest", event: "ExceptionEvent") -> None:
        self._tell("exception", guest, {"exception": event})
