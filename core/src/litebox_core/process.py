"""One Windows process: address space, threads, modules, objects, services. Nothing here is global."""

import os
import struct
import time
import weakref
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from .beginning import Beginning
from .config import Options
from .dispatch import Dispatcher, return_code
from .engine.base import Engine, Stop
from .engine.choice import make_engine
from .errors import NtError
from .guest import STACK_MARGIN, Guest, GuestCall, StackOwner, Steps
from .hosttime import HostTime
from .memory import Allocation, Memory
from .memory.regions import MEM_PRIVATE, PAGE, PAGE_GUARD, PAGE_READWRITE
from .memory.space import page_up
from .ntstatus import STATUS_NO_MEMORY
from .objects import HandleTable
from .plugins import PluginError, Plugins
from .scheduler import ProcessExit, Scheduler, ThreadExit
from .services import Entropy, Exceptions, Files, Heaps, Service
from .systemcalls import by_number, place_gate
from .teb import (
    TEB_DEALLOCATION_STACK,
    TEB_GUARANTEED_STACK,
    TEB_STACK_BASE,
    TEB_STACK_LIMIT,
    ProcessBlocks,
    SharedData,
    ThreadBlocks,
    fill_teb,
)
from .threads import ProcessObject, pseudo_handles

if TYPE_CHECKING:
    from .debugger import Debugger
    from .debugging import Debuggee
    from .deterministic import Determinism
    from .loader import Loader
    from .pe import Image
    from .serviceoffers import Offer
    from .snapshots import Snapshot

S = TypeVar("S")

_U32, _U64 = struct.Struct("<I"), struct.Struct("<Q")

STACK_TOP_ROOM = 0x1000
STACK_RESERVE, STACK_COMMIT = 0x100000, 0x10000
_SYSCALL = b"\x0f\x05"
LEAST_GUARANTEE = 0x2000
"""What a handler of a stack overflow has below the guard page that was touched, unless the thread asked for more."""


class DllState:
    """Base of state that a plugin keeps for each process and DLL; injected as a keyword-only parameter.

    With ``per_dll`` every DLL that shares the code has its own (msvcrt and ucrtbase); else a process has one.
    """

    per_dll = False

    def __init__(self, process: "Process", dll: str) -> None:
        self.process, self.dll = process, dll


class Process:
    """A guest process. Use it as a context manager, or call :meth:`close`."""

    not_in_snapshots = frozenset({"_announced", "_debugger", "_offers", "_snapshots"})

    def __init__(self, options: Options, plugins: Plugins | None = None) -> None:
        self.options = options
        self.plugins = plugins or Plugins(options)
        self.bits = 64
        self.pid = 0x20 if options.handover is None else options.handover.pid
        self.threads: dict[int, Guest] = {}
        self.before_second_thread: list[Callable[[], None]] = []
        """What is done, once, before two threads run."""
        self.exit_code: int | None = None
        self._services: dict[type, Any] = {}
        self._offers: dict[type, Offer] | None = None
        self._states: dict[tuple[type, str], Any] = {}
        self._code: dict[bytes, int] = {}
        self._arena = self._arena_end = 0
        self._next_id = self.pid + 4
        self.time = HostTime()
        self.monotonic: Callable[[], float] = self.time.monotonic
        """Seconds on the clock of waits and traces; virtual in a deterministic run."""
        self.random_bytes: Callable[[int], bytes] = os.urandom
        """Where the process's random numbers come from."""
        self.engine: Engine
        self.engine, self.engine_choice = make_engine(options, self.plugins, self.bits)
        self.determinism: Determinism | None = None
        if options.deterministic is not None:
            from .deterministic import Determinism as Decider

            self.determinism = Decider(self, options.deterministic)
        self.memory = Memory(self.engine, self.bits, options.memory)
        self.memory.grow_stack = self._grow_stack  # type: ignore[method-assign]
        self.memory.detached = self._forget_stack  # type: ignore[method-assign]
        self.shared_data = SharedData(self)
        self.thread_blocks = ThreadBlocks(self)
        self.handles = HandleTable(options.handles)
        self.handles.pseudo = pseudo_handles(self)
        self.object: ProcessObject | None = None
        """What handles on this process refer to, made on first use."""
        self.exit_hooks: list[Callable[[Guest], Steps[None]]] = []
        """Run in the thread that ends the process, before the modules are told."""
        self.ending = False
        """Whether its other threads were ended, so that there shall be no new ones."""
        self.scheduler = Scheduler(self)
        self.dispatcher = Dispatcher(self)
        self.cookie = int.from_bytes(self.service(Entropy).random(6), "little") | 0x10
        self.loader: Loader
        self.blocks: ProcessBlocks
        self.process_heap = 0
        self.return_stub = 0
        self.debuggee: Debuggee | None = None
        """What tells the debugger of this process, where it has one."""
        self.gate = 0
        """The code that the stubs of all system calls share."""
        self._debugger: Debugger | None = None
        self._announced = False
        self._snapshots: list[weakref.ref[Snapshot]] = []
        self.first_step: Callable[[Guest], None] | None = None
        self.beginning = Beginning()
        """Leads the main thread elsewhere than to the program's entry point, where another process has said so."""
        self.has_console = False
        self.command_line = ""

    # -- services and state --------------------------------------------------------------------------------------

    def service(self, kind: type[S]) -> S:
        """The instance of a service. Raises PluginError when no installed plugin offers it."""
        found = self._services.get(kind)
        if found is None:
            if self._offers is None:
                self._offers = self.plugins.service_offers()
            offer = self._offers.get(kind)
            if offer is not None:
                implementation = offer.load()
            elif kind is Exceptions:
                from .crash import Unhandled as implementation
            else:
                raise PluginError(f"no plugin offers the service {kind.__name__}: pip install litebox-ntdll")
            found = self._services[kind] = implementation(self)
        return found  # type: ignore[no-any-return]

    def files(self) -> Files:
        return self.service(Files)

    def exceptions(self) -> Exceptions:
        return self.service(Exceptions)

    def replace_service(self, kind: type[Service], instance: Service) -> None:
        """Puts one service in place of the installed one, before the program starts."""
        self._services[kind] = instance

    def state(self, kind: type[S], dll: str = "") -> S:
        """The state object of a class, made on first use."""
        key = (kind, dll if getattr(kind, "per_dll", False) else "")
        found = self._states.get(key)
        if found is None:
            found = self._states[key] = kind(self, dll)  # type: ignore[call-arg]
        return found

    # -- small allocations ---------------------------------------------------------------------------------------

    def heaps_allocate(self, size: int) -> int:
        """Zeroed guest memory that lives as long as the process, 16-byte aligned: for structures of the system."""
        size = (size + 15) & ~15
        if self._arena + size > self._arena_end:
            room = max(page_up(size), 0x10000)
            self._arena = self.memory.allocate(room)
            self._arena_end = self._arena + room
        self._arena += size
        return self._arena - size

    def code(self, machine_code: bytes) -> int:
        """Address of a piece of machine code, placed once."""
        if machine_code not in self._code:
            self._code[machine_code] = self.loader.stubs.raw(machine_code)
        return self._code[machine_code]

    def encode_pointer(self, value: int) -> int:
        """EncodePointer: mixes a pointer with the process's secret."""
        turn, mask = self.cookie % self.bits, (1 << self.bits) - 1
        value = (value ^ self.cookie) & mask
        return value >> turn | value << (self.bits - turn) & mask

    def decode_pointer(self, value: int) -> int:
        """The reverse of :meth:`encode_pointer`."""
        turn, mask = self.cookie % self.bits, (1 << self.bits) - 1
        return (value << turn & mask | value >> (self.bits - turn)) ^ self.cookie & mask

    # -- starting ------------------------------------------------------------------------------------------------

    def start_program(self, image: "Image") -> Guest:
        """Builds the process around the program of its options and their arguments. Raises what :meth:`start` does."""
        from . import cmdline
        from .pe.errors import printable

        options = self.options
        name = self.files().guest_path(options.program) or printable(os.path.basename(options.program))
        handover = options.handover
        line = handover.command_line if handover else cmdline.join(name, options.arguments)
        return self.start(image, options.program, line)

    def start(self, image: "Image | None", host_path: str = "", command_line: str = "") -> Guest:
        """Builds the process around a program (None: no program, for calling exports from tests).

        Raises pe.ImageError, MissingImport, PluginError and NtError.
        """
        from .environment import guest_environment
        from .loader import Loader

        if image is not None and not image.characteristics & 0x20:  # LARGE_ADDRESS_AWARE: pointers may be truncated
            self.memory.highest, self.memory.search_from = 0x7FFE_FFFF, 0x20000
        files = self.files()
        guest_path = (files.guest_path(host_path) if host_path else None) or "C:\\litebox.exe"
        self.process_heap = self.service(Heaps).create(2, 0x100000, 0)
        handover = self.options.handover
        if handover is None:
            std = tuple(self.handles.add(files.stdio(number), 0x12019F) for number in range(3))
            environment = guest_environment(self)
        else:
            std, environment = handover.adopt(self), handover.environment
        self.has_console = files.console() is not None
        self.command_line = command_line
        directory = files.current_directory
        self.blocks = ProcessBlocks(self, guest_path, command_line, directory, environment, std)  # type: ignore[arg-type]
        if handover is not None:
            handover.fill(self)
        self.loader = Loader(self)
        self.memory.put_u64(self.blocks.peb + 0x18, self.loader.modules.head)
        self.return_stub = self.loader.stubs.raw(return_code(1, self.engine.trap))
        self.gate = place_gate(self)
        if image is None:
            self.beginning.begun = self.beginning.done = True
            for name in ("ntdll.dll", "kernel32.dll", "kernelbase.dll"):
                self.loader.load_now(name, None)
            guest = self.new_guest(STACK_RESERVE, STACK_COMMIT)
        else:
            module = self.loader.load_program(host_path, guest_path, image)
            self.blocks.set_image(module.base, image.subsystem, image.subsystem_version)
            guest = self.new_guest(image.stack_reserve, image.stack_commit)
            self.begin(guest, self._main(guest))
        if self.options.timeout is not None:
            self.scheduler.deadline = time.monotonic() + self.options.timeout
        return guest

    def _main(self, guest: Guest) -> Steps[int]:
        """The life of the main thread."""
        loader = self.loader
        assert loader.program is not None
        yield from self.beginning.steps(guest)
        if self.first_step is not None:
            self.first_step(guest)
        code: int = yield GuestCall(loader.program.entry, (self.blocks.peb,))
        return (yield from self.exit_steps(guest, code))

    def exit_steps(self, guest: Guest, code: int) -> Steps[int]:
        """ExitProcess: the other threads end, modules are told, the process ends."""
        self.end_others(guest, code)
        self.service(Heaps).others_ended(guest)
        yield from self.shutdown(guest)
        raise ProcessExit(code)

    def end_others(self, guest: Guest, code: int) -> None:
        """Ends all threads but one, for good: no thread is made any more."""
        self.ending = True
        for other in list(self.threads.values()):
            if other is not guest:
                self.thread_ended(other, code)

    def shutdown(self, guest: Guest) -> Steps[None]:
        """Tells the modules that the process ends, each of them once."""
        for hook in self.exit_hooks:
            yield from hook(guest)
        yield from self.loader.shutdown(guest)

    # -- threads -------------------------------------------------------------------------------------------------

    def new_id(self) -> int:
        """A process-wide unique number for a thread, a multiple of four."""
        self._next_id += 4
        return self._next_id - 4

    def new_stack(self, reserve: int, commit: int, high: int = 0) -> tuple[Allocation, int]:
        """A stack with its guard page, and the lowest address that is committed; ``high`` is the highest address that
        it may have, 0 for any. Raises NtError."""
        memory = self.memory
        reserve = page_up(max(reserve or STACK_RESERVE, commit, 0x10000))
        commit = min(page_up(max(commit, STACK_COMMIT)), reserve - 3 * PAGE)
        stack = memory.reserve(reserve, None, PAGE_READWRITE, MEM_PRIVATE, high=high)
        limit = stack.end - commit
        try:
            memory.commit(stack, limit, stack.end, PAGE_READWRITE)
            memory.commit(stack, limit - PAGE, limit, PAGE_READWRITE | PAGE_GUARD)
        except NtError:
            memory.release(stack)
            raise
        return stack, limit

    def new_guest(self, reserve: int, commit: int, high: int = 0) -> Guest:
        """A thread with stack, TEB and engine context; it does not run yet."""
        stack, limit = self.new_stack(reserve, commit, high)
        tid = self.new_id()
        teb, spill = self.thread_blocks.take()
        fill_teb(self, teb, tid, stack.end, limit, stack.base)
        guest = Guest(self, tid, teb)
        guest.spill = spill
        stack.owner = guest
        guest.stack_addr = stack.base
        sp = stack.end - STACK_TOP_ROOM
        guest.use_stack(sp)
        try:
            guest.thread = self.engine.new_thread(0, sp, teb)
        except OSError:
            guest.spill = guest.stack = memoryview(b"")
            self.thread_blocks.give(teb)
            self.memory.release(stack)
            raise NtError(STATUS_NO_MEMORY) from None
        self.threads[tid] = guest
        return guest

    def begin(self, guest: Guest, steps: "Steps[int]") -> None:
        """Makes a new thread ready to run ``steps``, its stack empty but for the room at the top."""
        self.scheduler.start(guest, steps, guest.stack_end + STACK_MARGIN - STACK_TOP_ROOM)

    def thread_ended(self, guest: Guest, code: int) -> bool:
        """A thread has ended; True when it was the last one."""
        self.plugins.manager.hook.litebox_thread_exit(guest=guest, code=code & 0xFFFFFFFF)
        guest.exit_code = code & 0xFFFFFFFF
        self.threads.pop(guest.tid, None)
        for frame in reversed(guest.frames):
            frame.steps.close()
        guest.frames.clear()
        if guest.thread is not None:
            self.engine.end_thread(guest.thread)
            guest.thread = None
        self.service(Heaps).thread_ended(guest)  # now that it takes nothing any more
        self.thread_blocks.give_rooms(guest)
        self.thread_blocks.give(guest.teb)
        stack = self.memory.allocation_at(guest.stack_addr)
        if stack is not None and stack.owner in (guest, guest.fiber):
            self.memory.release(stack)
        self.scheduler.forget(guest)
        if guest.thread_object is not None:
            guest.thread_object.ended(guest.exit_code)
        return not self.threads

    # -- faults --------------------------------------------------------------------------------------------------

    def resolve_fault(self, guest: Guest, addr: int) -> bool:
        """Handles the faults that are part of normal life: a growing stack, the first look at shared data."""
        page = addr & ~(PAGE - 1)
        if page == self.shared_data.allocation.base and not self.shared_data.live:
            self.shared_data.show()
            self.scheduler.ticker()
            return True
        return self._grow_stack(addr) or self.memory.wrote(addr)

    def _forget_stack(self, allocation: Allocation) -> None:
        """Memory is freed: no thread may go on using it as its stack without a new look."""
        for guest in self.threads.values():
            if guest.stack is allocation.backing.data:
                guest.stack_base, guest.stack_end = 1, 0

    def _grow_stack(self, addr: int) -> bool:
        """Lets a stack take its guard page and sets the next one.

        At the end of its reservation it gets the pages that it was guaranteed instead, and that is a stack overflow.
        """
        memory = self.memory
        if not memory.protection(addr) & PAGE_GUARD:
            return False
        allocation = memory.allocation_at(addr)
        if allocation is None:
            return False
        guest = self._stack_user(addr, allocation)
        if guest is None:
            return False
        page = addr & ~(PAGE - 1)
        lowest = allocation.base + PAGE  # the last page of a stack is never accessible
        (guarantee,) = _U32.unpack_from(guest.spill, TEB_GUARANTEED_STACK)
        guaranteed = page_up(min(guarantee, allocation.end - allocation.base))
        if page - PAGE - max(guaranteed, LEAST_GUARANTEE) < lowest:
            bottom = min(page, lowest)
            guest.overflow = page
            memory.commit(allocation, bottom, page + PAGE, PAGE_READWRITE)
            _U64.pack_into(guest.spill, TEB_STACK_LIMIT, bottom)
            return False
        memory.commit(allocation, page, page + PAGE, PAGE_READWRITE)
        _U64.pack_into(guest.spill, TEB_STACK_LIMIT, page)
        memory.commit(allocation, page - PAGE, page, PAGE_READWRITE | PAGE_GUARD)
        return True

    def _stack_user(self, addr: int, allocation: Allocation) -> Guest | None:
        """The thread to whose stack an address belongs: by the running thread's TEB, which programs change.

        The host's view of the TEB is read: the guest may have taken the memory away.
        """
        guest = self.scheduler.current
        if guest is not None and guest.thread is not None:
            (lowest,) = _U64.unpack_from(guest.spill, TEB_DEALLOCATION_STACK)
            (highest,) = _U64.unpack_from(guest.spill, TEB_STACK_BASE)
            if lowest <= addr < highest:
                return guest
        return allocation.owner.stack_user() if isinstance(allocation.owner, StackOwner) else None

    def privileged(self, guest: Guest) -> None:
        """A trap was executed that belongs to no stub."""
        from .engine.base import Exit

        assert guest.thread is not None
        pc = guest.thread.pc = self.engine.trap_pc(guest.thread)
        if by_number(guest, pc):
            return
        own = self.engine.trap == _SYSCALL  # a system call, which Windows programs do not make by themselves
        self.exceptions().dispatch(guest, Stop(Exit.SYSCALL if own else Exit.PRIVILEGED, pc))

    # -- running -------------------------------------------------------------------------------------------------

    @property
    def debugger(self) -> "Debugger":
        """For running it step by step."""
        if self._debugger is None:
            from .debugger import Debugger as Made

            self._debugger = Made(self)
        return self._debugger

    @property
    def has_debugger(self) -> bool:
        """Whether somebody runs it step by step."""
        return self._debugger is not None

    def run(self) -> int:
        """Runs to the end; returns the exit code, 32 bits unsigned. See :meth:`Scheduler.run` for what it raises."""
        self.announce()
        return self.finish(self.scheduler.run())

    def finish(self, code: int) -> int:
        """The program has ended with this exit code: its threads are over, and plugins are told."""
        self.exit_code = code
        for guest in list(self.threads.values()):
            self.thread_ended(guest, code)
        self.plugins.manager.hook.litebox_process_exit(process=self, code=code)
        return code

    def announce(self) -> None:
        """Tells plugins, once, that the process is about to run."""
        if not self._announced:
            self._announced = True
            hook = self.plugins.manager.hook
            hook.litebox_process_start(process=self)
            for guest in self.threads.values():
                hook.litebox_thread_start(guest=guest)

    def call(self, address: int, *args: int | float, ret: Any = None) -> Any:
        """Calls a guest function on the main thread and gives its result, decoded as ``ret``.

        For a process that was started without a program, or that stands still. Raises what :meth:`run` raises, and
        ProcessExit where the function ends the process.
        """
        guest = next(iter(self.threads.values()))
        assert guest.thread is not None
        registers = self.engine.regs(guest.thread)
        for number in range(6):  # what a callee may change
            registers[f"xmm{number}"] = self.engine.xmm(guest.thread, number)
        bring_back = self.scheduler.set_aside(guest)

        def steps() -> Steps[int]:
            raise _Returned((yield GuestCall(address, args, ret)))

        self.scheduler.start(guest, steps(), registers["rsp"])
        try:
            self.exit_code = self.scheduler.run()
        except _Returned as returned:
            self.engine.set_regs(guest.thread, registers)
            return returned.value
        finally:
            if guest.thread is not None:  # after a crash the other registers stay as they were found
                self.engine.set_regs(guest.thread, {"rsp": registers["rsp"], "rip": registers["rip"]})
                bring_back()
        raise ProcessExit(self.exit_code)

    def snapshot(self) -> "Snapshot":
        """What the process is now, for :meth:`restore`, while it stands still: not started yet, at a stop or in a hook.

        Raises SnapshotError where it has what could not be brought back.
        """
        from .snapshots import take

        made = take(self)
        self._snapshots = [known for known in self._snapshots if known() is not None]
        self._snapshots.append(weakref.ref(made))
        return made

    def restore(self, snapshot: "Snapshot") -> None:
        """Makes the process what it was, whatever has happened since; its debugger stands where it stood.

        Raises SnapshotError, and has changed nothing, where that cannot be.
        """
        from .snapshots import restore

        restore(self, snapshot)

    def environment_variable(self, name: str) -> str:
        """A variable of the guest's current environment, or an empty text."""
        return self._variable(name) or ""

    def has_variable(self, name: str) -> bool:
        """Whether the guest's current environment has a variable."""
        return self._variable(name) is not None

    def variables(self) -> Iterator[tuple[str, str]]:
        """Names and values of the guest's current environment."""
        addr = self.memory.u64(self.blocks.parameters + 0x80)
        while text := self.memory.wstr(addr):
            at = text.find("=", 1)  # a name may begin with one
            if at > 0:
                yield text[:at], text[at + 1 :]
            addr += len(text.encode("utf-16-le", "surrogatepass")) + 2

    def _variable(self, name: str) -> str | None:
        upper = name.upper()
        return next((value for known, value in self.variables() if known.upper() == upper), None)

    def close(self) -> None:
        """Gives up everything the process holds on the host."""
        for known in self._snapshots:
            if (snapshot := known()) is not None:
                snapshot.close()
        for guest in list(self.threads.values()):
            self.thread_ended(guest, 0)
            guest.spill, guest.stack = memoryview(b""), b""
        self.handles.close_all()
        for service in self._services.values():
            close = getattr(service, "close", None)
            if close is not None:
                close()
        self.scheduler.close()
        self.engine.close()

    def __enter__(self) -> "Process":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Returned(BaseException):
    """The function that :meth:`Process.call` called has returned."""

    def __init__(self, value: Any) -> None:
        super().__init__(value)
        self.value = value


__all__ = ["DllState", "Options", "Process", "ProcessExit", "ThreadExit"]
