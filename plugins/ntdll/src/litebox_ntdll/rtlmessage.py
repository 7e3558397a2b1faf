"""Messages with inserts."""

from litebox_core.abi import BOOLEAN, NTSTATUS, PCWSTR, PVOID, ULONG, Out
from litebox_core.errors import NtError, WinError
from litebox_core.guest import Guest
from litebox_core.inserts import Arguments, Formatter, NoRoom
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
    formatter = Formatter(guest.memory, MessageFormat, MaximumWidth, given, not ArgumentsAreAnsi, Length // 2)
    try:
        text = formatter.run()
    except (WinError, NoRoom) as error:
        guest.memory.write(Buffer, units("".join(formatter.out)))
        status = STATUS_BUFFER_OVERFLOW if isinstance(error, NoRoom) else STATUS_INVALID_PARAMETER
        raise NtError(status) from None
    data = units(text) + b"\0\0"
    guest.memory.write(Buffer, data)
    if ReturnLength:
        ReturnLength.value = len(data)
    return 0
