"""DbgPrint and its kin: text for a debugger, which gets it as an exception."""

from litebox_core.abi import NTSTATUS, PCSTR, ULONG, ArgCursor, VaList, VarArgs
from litebox_core.guest import Guest, Steps
from litebox_core.ntstatus import STATUS_BUFFER_OVERFLOW
from litebox_core.services import Exceptions

from .base import dll
from .crtprintf import text_of

DBG_PRINTEXCEPTION_C = 0x40010006
PEB_BEING_DEBUGGED = 2
MOST = 512
"""Bytes of one text, its prefix included."""
SHOWN = 1
"""The levels that are shown, a bit each: errors."""


def _print(guest: Guest, exceptions: Exceptions, prefix: bytes, format: bytes, args: ArgCursor) -> Steps[int]:
    """Shows a text where somebody is there to see it. Raises NtError for a bad format."""
    if not guest.memory.u8(guest.process.blocks.peb + PEB_BEING_DEBUGGED):
        return 0
    text, length = text_of(format, args, MOST, False)
    data = (prefix + text)[:MOST] + b"\0"
    frame = guest.frames[-1]
    frame.floor = frame.floor - len(data) & ~15
    guest.memory.write(frame.floor, data)
    yield from exceptions.shown(guest, DBG_PRINTEXCEPTION_C, (len(data), frame.floor))
    return STATUS_BUFFER_OVERFLOW if len(prefix) + length > MOST else 0


def _shown(level: int) -> bool:
    """Whether a level, up to 31 its number and else a mask, is one of those that are shown."""
    return bool((1 << level if level < 32 else level) & SHOWN)


@dll.export
def DbgPrint(guest: Guest, Format: PCSTR, args: VarArgs, *, exceptions: Exceptions) -> Steps[NTSTATUS]:
    return (yield from _print(guest, exceptions, b"", Format, args))


@dll.export(partial="of every component errors are shown, and no more")
def DbgPrintEx(
    guest: Guest, ComponentId: ULONG, Level: ULONG, Format: PCSTR, args: VarArgs, *, exceptions: Exceptions
) -> Steps[NTSTATUS]:
    if not _shown(Level):
        return 0
    return (yield from _print(guest, exceptions, b"", Format, args))


@dll.export(partial="as DbgPrintEx")
def vDbgPrintEx(
    guest: Guest, ComponentId: ULONG, Level: ULONG, Format: PCSTR, arglist: VaList, *, exceptions: Exceptions
) -> Steps[NTSTATUS]:
    if not _shown(Level):
        return 0
    return (yield from _print(guest, exceptions, b"", Format, arglist))


@dll.export(partial="as DbgPrintEx")
def vDbgPrintExWithPrefix(
    guest: Guest, Prefix: PCSTR, ComponentId: ULONG, Level: ULONG, Format: PCSTR, arglist: VaList, *,
    exceptions: Exceptions,
) -> Steps[NTSTATUS]:  # fmt: skip
    if not _shown(Level):
        return 0
    return (yield from _print(guest, exceptions, Prefix, Format, arglist))
