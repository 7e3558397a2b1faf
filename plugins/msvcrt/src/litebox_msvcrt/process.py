"""<process.h>: threads and programs."""

import struct

from litebox_core.abi import HANDLE, INT, PVOID, UINT, UINTPTR, ULONG, Out
from litebox_core.crterrno import EINVAL
from litebox_core.errors import CrtError
from litebox_core.guest import Guest, Steps, Wait
from litebox_core.loader.modules import PINNED, Module
from litebox_core.process import DllState, Process
from litebox_core.services import Heaps
from litebox_core.threads import THREAD_ALL_ACCESS, Thread, Threads

from .base import InvalidParameter, Runtime, shared

CREATE_SUSPENDED = 4
STACK_SIZE_PARAM_IS_A_RESERVATION = 0x10000

_BEGIN = (
    b"\x48\x83\xec\x28\x48\x89\x4c\x24\x20"  # sub rsp, 0x28; mov [rsp + 0x20], rcx
    b"\x48\x8b\x01\x48\x8b\x49\x08\xff\xd0"  # mov rax, [rcx]; mov rcx, [rcx + 8]; call rax
    b"\x89\xc1\x48\x8b\x44\x24\x20\xff\x50\x10"  # mov ecx, eax; mov rax, [rsp + 0x20]; call [rax + 0x10]
)
"""Calls a thread's function and then _endthread or _endthreadex: the block at RCX holds function, argument and that."""


class Begun(DllState):
    """Threads that have begun: handles that _endthread closes, and the blocks they start with.

    In the UCRT a thread holds the module that its function is in.
    """

    per_dll = True

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self.handles: dict[int, int] = {}
        self.blocks: dict[int, int] = {}
        self.modules: dict[int, Module] = {}
        self._holds = process.state(Runtime, dll).ucrt

    def held(self, start: int) -> Module | None:
        """The module that a thread with this function holds, counted once more; None where nothing is to be counted."""
        module = self.process.loader.modules.at(start) if self._holds else None
        if module is None or not module.native or module.references == PINNED:
            return None
        self.process.loader.add_reference(module)
        return module

    def block(self, heaps: Heaps, start: int, argument: int, end: str) -> int:
        """What :data:`_BEGIN` starts with."""
        loader = self.process.loader
        module = loader.find(self.dll)
        assert module is not None
        addr = heaps.allocate(self.process.process_heap, 0, 24)
        self.process.memory.write(addr, struct.pack("<3Q", start, argument, loader.procedure(module, end)))
        return addr

    def end(self, guest: Guest, heaps: Heaps) -> Steps[None]:
        """Gives back what a thread has, when it ends."""
        block, module = self.blocks.pop(guest.tid, 0), self.modules.pop(guest.tid, None)
        if block:
            heaps.free(self.process.process_heap, 0, block)
        if module is not None and module.references != PINNED:
            yield from self.process.loader.unload(guest, module)


def _create(
    guest: Guest, threads: Threads, start: int, argument: int, stack: int, suspended: bool
) -> tuple[Thread, int]:
    thread = threads.create(guest, start, argument, stack if stack > 0x100000 else 0, suspended)
    return thread, guest.process.handles.add(thread, THREAD_ALL_ACCESS)


@shared.export(fails=-1)
def _beginthread(
    guest: Guest, start_address: PVOID, stack_size: UINT, arglist: PVOID, *, threads: Threads, begun: Begun,
    heaps: Heaps,
) -> UINTPTR:  # fmt: skip
    if not start_address:
        raise InvalidParameter(EINVAL)
    block = begun.block(heaps, start_address, arglist, "_endthread")
    module = begun.held(start_address)
    # It must not run before its handle is known
    thread, handle = _create(guest, threads, guest.process.code(_BEGIN), block, stack_size, True)
    begun.handles[thread.tid], begun.blocks[thread.tid] = handle, block
    if module is not None:
        begun.modules[thread.tid] = module
    threads.resume(thread)
    return handle


@shared.export(fails=0)
def _beginthreadex(
    guest: Guest, security: PVOID, stack_size: UINT, start_address: PVOID, arglist: PVOID, initflag: UINT,
    thrdaddr: Out[UINT] | None, *, threads: Threads, begun: Begun, heaps: Heaps,
) -> UINTPTR:  # fmt: skip
    if not start_address:
        raise InvalidParameter(EINVAL)
    if initflag & ~(CREATE_SUSPENDED | STACK_SIZE_PARAM_IS_A_RESERVATION):
        raise CrtError(EINVAL)
    if thrdaddr is not None:
        guest.memory.check(thrdaddr.addr, 4, 2)
    suspended, module = bool(initflag & CREATE_SUSPENDED), begun.held(start_address)
    if module is None:
        thread, handle = _create(guest, threads, start_address, arglist, stack_size, suspended)
    else:
        block = begun.block(heaps, start_address, arglist, "_endthreadex")
        thread, handle = _create(guest, threads, guest.process.code(_BEGIN), block, stack_size, True)
        begun.blocks[thread.tid], begun.modules[thread.tid] = block, module
        if not suspended:
            threads.resume(thread)
    if thrdaddr is not None:
        thrdaddr.value = thread.tid
    return handle


@shared.export
def _endthread(guest: Guest, *, threads: Threads, begun: Begun, heaps: Heaps) -> Steps[None]:
    handle = begun.handles.pop(guest.tid, 0)
    if handle:
        guest.process.handles.close(handle)
    yield from begun.end(guest, heaps)
    yield from threads.exit(guest, 0)


@shared.export
def _endthreadex(guest: Guest, retval: UINT, *, threads: Threads, begun: Begun, heaps: Heaps) -> Steps[None]:
    yield from begun.end(guest, heaps)
    yield from threads.exit(guest, retval)


@shared.export
def __threadid(guest: Guest) -> ULONG:
    return guest.tid


@shared.export
def __threadhandle(guest: Guest) -> HANDLE:
    return -2 & ((1 << guest.bits) - 1)


@shared.export
def _getpid(guest: Guest) -> INT:
    return guest.process.pid


@shared.export
def _sleep(guest: Guest, duration: ULONG) -> Steps[None]:
    yield Wait((), guest.process.monotonic() + duration / 1000)
