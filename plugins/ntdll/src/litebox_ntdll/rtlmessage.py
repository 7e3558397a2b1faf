"""Messages with inserts."""

from litebox_core.abi import BOOLEAN, NTSTATUS, PCWSTR, PVOID, ULONG, Out
from litebox_core.errors import NtError, WinError
from litebox_core.guest import Guest
from litebox_core.inserts import Arguments, Formatter
from litebox_core.ntstatus import STATUS_BUFFER_OVERFLOW, STATUS_INVALID_PARAMETER

from .base import dll
from .ntdef import units


@dll.export
def RtlFormatMessage(
    guest: Guest,
    MessageFormat: PCWSTR,
    MaximumWidth: ULONG,
    IgnoreInserts: BOOLEAN,
    ArgumentsAreAnsi: BOOLEAN,
    ArgumentsAreAnArray: BOOLEAN,
    Arguments_: PVOID,
    Buffer: PVOID,
    Length: ULONG,
    ReturnLength: Out[ULONG],
) -> NTSTATUS:
    given = None if IgnoreInserts else Arguments(guest.memory, Arguments_, bool(ArgumentsAreAnArray))
    try:
        text = Formatter(guest.memory, MessageFormat, MaximumWidth, given, not ArgumentsAreAnsi).run()
    except WinError:
        raise NtError(STATUS_INVALID_PARAMETER) from None
    data = units(text) + b"\0\0"
    if len(data) > Length:
        raise NtError(STATUS_BUFFER_OVERFLOW)
    guest.memory.write(Buffer, data)
    if ReturnLength:
        ReturnLength.value = len(data)
    return 0
