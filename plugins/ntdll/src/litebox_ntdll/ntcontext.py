"""winnt.h: the registers of threads, and exceptions that are raised with them."""

from litebox_core.abi import BOOLEAN, HANDLE, NTSTATUS, PVOID, ULONG
from litebox_core.engine.base import SPILL_SP
from litebox_core.guest import Elsewhere, Guest, Steps
from litebox_core.ntstatus import STATUS_INVALID_PARAMETER, STATUS_NO_CALLBACK_ACTIVE
from litebox_core.services import Exceptions, Sync
from litebox_core.threads import Thread

from .base import dll
from .executive.context import CONTEXT_FULL, CONTEXT_SEGMENTS, FLAGS_AT, Context, ExceptionRecord
from .executive.exceptionframe import RECORD_AT
from .executive.exceptions import STATUS_BREAKPOINT, GuestExceptions
from .executive.unwinding import STATUS_LONGJUMP, STATUS_UNWIND_CONSOLIDATE, consolidated, jump, restore
from .executive.walking import api_caller
from .ntattributes import also_zw
from .ntthread import other_thread

THREAD_GET_CONTEXT, THREAD_SET_CONTEXT = 8, 0x10
_BEING_DEBUGGED = 2
"""In the PEB."""


@dll.export
def RtlCaptureContext(guest: Guest, ContextRecord: PVOID) -> None:
    context = api_caller(guest)
    context.flags = CONTEXT_FULL | CONTEXT_SEGMENTS
    context.write_parts(guest.memory, ContextRecord, context.flags)
    guest.memory.put_u32(ContextRecord + FLAGS_AT, context.flags)


@dll.export
def RtlRestoreContext(guest: Guest, ContextRecord: PVOID, ExceptionRecord: PVOID) -> Steps[None]:
    """Goes on with the registers of a CONTEXT, or with what the record of a longjmp or of a consolidation says."""
    memory = guest.memory
    context = Context.read_extended(memory, guest.process.engine.xstate, ContextRecord)
    code = memory.u32(ExceptionRecord) if ExceptionRecord else 0
    if code == STATUS_LONGJUMP and memory.u32(ExceptionRecord + 0x18):
        jump(memory, memory.u64(ExceptionRecord + 0x20), context)
        context.write(memory, ContextRecord)
    elif code == STATUS_UNWIND_CONSOLIDATE and memory.u32(ExceptionRecord + 0x18):
        context.rip = yield from consolidated(memory.u64(ExceptionRecord + 0x20), ExceptionRecord)
    restore(guest, context)


@dll.export
def NtContinue(guest: Guest, ContextRecord: PVOID, TestAlert: BOOLEAN, *, sync: Sync) -> Steps[NTSTATUS]:
    if TestAlert:
        yield from sync.wait(guest, (), 0, alertable=True)
    context = Context.read_extended(guest.memory, guest.process.engine.xstate, ContextRecord)
    restore(guest, context, context.flags & CONTEXT_FULL)


@dll.export
def RtlRaiseException(guest: Guest, ExceptionRecord_: PVOID, *, exceptions: Exceptions) -> None:
    context = api_caller(guest)
    record = ExceptionRecord.read(guest.memory, ExceptionRecord_)
    record.address = context.rip
    guest.memory.put_u64(ExceptionRecord_ + 16, context.rip)
    if guest.memory.read(guest.process.blocks.peb + _BEING_DEBUGGED, 1)[0]:
        _enter(guest, exceptions, record, context)
    _begin(guest, exceptions, record, context)


@dll.export
def NtRaiseException(
    guest: Guest, ExceptionRecord_: PVOID, ContextRecord: PVOID, FirstChance: BOOLEAN, *, exceptions: Exceptions
) -> NTSTATUS:
    """Raises an exception as if it had happened with the registers of a CONTEXT."""
    record = ExceptionRecord.read(guest.memory, ExceptionRecord_)
    context = Context.read_extended(guest.memory, guest.process.engine.xstate, ContextRecord)
    if not FirstChance and isinstance(exceptions, GuestExceptions):
        exceptions.crash(guest, record, context, "second chance")
    _enter(guest, exceptions, record, context)
    return 0


def _enter(guest: Guest, exceptions: Exceptions, record: ExceptionRecord, context: Context) -> None:
    if record.code == STATUS_BREAKPOINT:  # as if it were behind the instruction
        context.rip -= 1
    if isinstance(exceptions, GuestExceptions):
        exceptions.enter(guest, record, context)
        raise Elsewhere
    exceptions.raised(guest, record.code, record.flags, record.params, record.address)


@dll.export
def KiUserExceptionDispatcher(
    guest: Guest, ExceptionRecord_: PVOID, ContextRecord: PVOID, *, exceptions: Exceptions
) -> None:
    """Dispatches the exception on the stack: a CONTEXT at the stack pointer, and the record behind it.

    The parameters are those of 32-bit Windows.
    """
    sp = int.from_bytes(guest.spill[SPILL_SP : SPILL_SP + 8], "little")
    context = Context.read_extended(guest.memory, guest.process.engine.xstate, sp)
    record = ExceptionRecord.read(guest.memory, sp + RECORD_AT)
    if isinstance(exceptions, GuestExceptions):
        exceptions.begin(guest, record, context, at=(sp, sp + RECORD_AT))
        raise Elsewhere
    exceptions.raised(guest, record.code, record.flags, record.params, record.address)


def _begin(guest: Guest, exceptions: Exceptions, record: ExceptionRecord, context: Context) -> None:
    if not isinstance(exceptions, GuestExceptions):
        exceptions.raised(guest, record.code, record.flags, record.params, record.address)
        return
    exceptions.begin(guest, record, context)
    raise Elsewhere


def _thread(guest: Guest, handle: int, access: int) -> Thread:
    return guest.process.handles.get(handle, Thread, access, guest)


@dll.export(probes=True)
def NtGetContextThread(guest: Guest, ThreadHandle: HANDLE, Context: PVOID, *, exceptions: Exceptions) -> NTSTATUS:
    other = other_thread(guest, ThreadHandle, THREAD_GET_CONTEXT)
    if other is None:
        exceptions.get_context(guest, _thread(guest, ThreadHandle, THREAD_GET_CONTEXT), Context)
        return 0
    exceptions.get_context_elsewhere(guest, other, Context)
    return 0


@dll.export(probes=True, partial="does not send another thread elsewhere that waits in a call")
def NtSetContextThread(guest: Guest, ThreadHandle: HANDLE, Context: PVOID, *, exceptions: Exceptions) -> NTSTATUS:
    other = other_thread(guest, ThreadHandle, THREAD_SET_CONTEXT)
    if other is None:
        exceptions.set_context(guest, _thread(guest, ThreadHandle, THREAD_SET_CONTEXT), Context)
        return 0
    exceptions.set_context_elsewhere(guest, other, Context)
    return 0


@dll.export
def NtCallbackReturn(guest: Guest, Result: PVOID, ResultLength: ULONG, Status: NTSTATUS) -> NTSTATUS:
    """Returns from what the kernel called; only the window system does that, and there is none."""
    return STATUS_NO_CALLBACK_ACTIVE


def _not_of_32_bits(guest: Guest, handle: int, access: int) -> int:
    if other_thread(guest, handle, access) is None:
        _thread(guest, handle, access)
    return STATUS_INVALID_PARAMETER


@dll.export(partial="there are no 32-bit programs")
def RtlWow64GetThreadContext(guest: Guest, ThreadHandle: HANDLE, ThreadContext: PVOID) -> NTSTATUS:
    """The 32-bit registers of a thread of a 32-bit program: no thread is one."""
    return _not_of_32_bits(guest, ThreadHandle, THREAD_GET_CONTEXT)


@dll.export(partial="there are no 32-bit programs")
def RtlWow64SetThreadContext(guest: Guest, ThreadHandle: HANDLE, ThreadContext: PVOID) -> NTSTATUS:
    return _not_of_32_bits(guest, ThreadHandle, THREAD_SET_CONTEXT)


dll.stub("there are no 32-bit programs", "RtlWow64GetCpuAreaInfo")

also_zw(__name__)
