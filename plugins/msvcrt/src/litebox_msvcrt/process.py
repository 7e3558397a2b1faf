"""<process.h>: threads and programs."""

import struct

from litebox_core.abi import HANDLE, INT, PVOID, UINT, UINTPTR, ULONG, Out
from litebox_core.crterrno import EINVAL
from litebox_core.errors import CrtError
from litebox_core.guest import Guest, Steps, Wait
from litebox_core.process import DllState, Process
from litebox_core.services import Heaps
from litebox_core.threads import THREAD_ALL_ACCESS, Thread, Threads

from .base import InvalidParameter, shared

CREATE_SUSPENDED = 4
STACK_SIZE_PARAM_IS_A_RESERVATION = 0x10000

_BEGIN = (
    b"\x48\x83\xec\x28\x48\x89\x4c\x24\x20"  # sub rsp, 0x28; mov [rsp + 0x20], rcx
    b"\x48\x8b\x01\x48\x8b\x49\x08\xff\xd0"  # mov rax, [rcx]; mov rcx, [rcx + 8]; call rax
    b"\x48\x8b\x44\x24\x20\xff\x50\x10"  # mov rax, [rsp + 0x20]; call [rax + 0x10]
)
"""Calls a thread's function and then _endthread: the block at RCX holds function, argument and _endthread."""


class Begun(DllState):
    """The threads of _beginthread: their own handles, which _endthread closes, and the blocks they start with."""

    per_dll = True

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self.handles: dict[int, int] = {}
        self.blocks: dict[int, int] = {}

    def end_thread(self) -> int:
        """Address of the run-time's _endthread."""
        loader = self.process.loader
        module = loader.find(self.dll)
        assert module is not None
        return loader.procedure(module, "_endthread")


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
    block = heaps.allocate(guest.process.process_heap, 0, 24)
    guest.memory.write(block, struct.pack("<3Q", start_address, arglist, begun.end_thread()))
    # It must not run before its handle is known
    thread, handle = _create(guest, threads, guest.process.code(_BEGIN), block, stack_size, True)
    begun.handles[thread.tid], begun.blocks[thread.tid] = handle, block
    threads.resume(thread)
    return handle


@shared.export(fails=0)
def _beginthreadex(
    guest: Guest, security: PVOID, stack_size: UINT, start_address: PVOID, arglist: PVOID, initflag: UINT,
    thrdaddr: Out[UINT] | None, *, threads: Threads,
) -> UINTPTR:  # fmt: skip
    if not start_address:
        raise InvalidParameter(EINVAL)
    if initflag & ~(CREATE_SUSPENDED | STACK_SIZE_PARAM_IS_A_RESERVATION):
        raise CrtError(EINVAL)
    if thrdaddr is not None:
        guest.memory.check(thrdaddr.addr, 4, 2)
    thread, handle = _create(guest, threads, start_address, arglist, stack_size, bool(initflag & CREATE_SUSPENDED))
    if thrdaddr is not None:
        thrdaddr.value = thread.tid
    return handle


@shared.export
def _endthread(guest: Guest, *, threads: Threads, begun: Begun, heaps: Heaps) -> Steps[None]:
    handle, block = begun.handles.pop(guest.tid, 0), begun.blocks.pop(guest.tid, 0)
    if handle:
        guest.process.handles.close(handle)
    if block:
        heaps.free(guest.process.process_heap, 0, block)
    yield from threads.exit(guest, 0)


@shared.export
def _endthreadex(guest: Guest, retval: UINT, *, threads: Threads) -> Steps[None]:
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
