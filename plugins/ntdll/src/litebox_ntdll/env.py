"""Environment blocks: NAME=value strings in guest memory, one NUL after each and one more at the end."""

from litebox_core import environment
from litebox_core.abi import BOOLEAN, NTSTATUS, PVOID, SIZE_T, ULONG, In, InOut, Out
from litebox_core.errors import NtError
from litebox_core.guest import Guest
from litebox_core.memory import Memory
from litebox_core.nls import casing
from litebox_core.ntstatus import (
    STATUS_BUFFER_TOO_SMALL,
    STATUS_INVALID_PARAMETER,
    STATUS_SUCCESS,
    STATUS_VARIABLE_NOT_FOUND,
)
from litebox_core.services import Heaps

from .base import dll
from .ntdef import UNICODE_STRING, allocate, counted, counted_text, put_length, units

PEB_PARAMETERS = {64: 0x20, 32: 0x10}
PARAMETERS_ENVIRONMENT = {64: 0x80, 32: 0x48}
PARAMETERS_ENVIRONMENT_SIZE = {64: 0x3F0, 32: 0x290}


def environment_slot(guest: Guest) -> int:
    """Where the process parameters point to the process's environment."""
    parameters = guest.memory.pointer(guest.process.blocks.peb + PEB_PARAMETERS[guest.bits])
    return parameters + PARAMETERS_ENVIRONMENT[guest.bits]


def strings(memory: Memory, block: int) -> list[str]:
    """The strings of a block. Raises GuestFault."""
    found: list[str] = []
    while block:
        data = memory.wstr_bytes(block)
        if not data:
            break
        found.append(data.decode("utf-16-le", "surrogatepass"))
        block += len(data) + 2
    return found


def packed(rows: list[str]) -> bytes:
    return units("".join(row + "\0" for row in rows) + "\0") if rows else b"\0\0\0\0"


def split(row: str) -> tuple[str, str]:
    """Name and value; a name may begin with ``=``."""
    at = row.find("=", 1)
    return (row, "") if at < 0 else (row[:at], row[at + 1 :])


def lookup(memory: Memory, block: int, name: str) -> str | None:
    """A variable's value. Raises GuestFault."""
    wanted = casing.upcase(name)
    for row in strings(memory, block):
        at = row.find("=", 1)
        if at == len(name) and casing.upcase(row[:at]) == wanted:
            return row[at + 1 :]
    return None


def _use(guest: Guest, block: int, size: int) -> None:
    """Makes a block the process's environment."""
    slot = environment_slot(guest)
    guest.memory.put_pointer(slot, block)
    parameters = slot - PARAMETERS_ENVIRONMENT[guest.bits]
    guest.memory.put_pointer(parameters + PARAMETERS_ENVIRONMENT_SIZE[guest.bits], size)


@dll.export
def RtlCreateEnvironment(
    guest: Guest, CloneCurrentEnvironment: BOOLEAN, Environment: Out[PVOID], *, heaps: Heaps
) -> NTSTATUS:
    rows = strings(guest.memory, guest.memory.pointer(environment_slot(guest))) if CloneCurrentEnvironment else []
    data = packed(rows)
    block = allocate(heaps, len(data))
    guest.memory.write(block, data)
    Environment.value = block
    return STATUS_SUCCESS


@dll.export
def RtlDestroyEnvironment(guest: Guest, Environment: PVOID, *, heaps: Heaps) -> NTSTATUS:
    if not heaps.free(heaps.process_heap, 0, Environment):
        raise NtError(STATUS_INVALID_PARAMETER)
    return STATUS_SUCCESS


@dll.export
def RtlSetCurrentEnvironment(
    guest: Guest, NewEnvironment: PVOID, OldEnvironment: Out[PVOID] | None, *, heaps: Heaps
) -> None:
    old = guest.memory.pointer(environment_slot(guest))
    _use(guest, NewEnvironment, len(packed(strings(guest.memory, NewEnvironment))))
    if OldEnvironment is not None:
        OldEnvironment.value = old
    else:
        heaps.free(heaps.process_heap, 0, old)


@dll.export
def RtlSetEnvironmentStrings(
    guest: Guest, NewEnvironment: PVOID, NewEnvironmentSize: SIZE_T, *, heaps: Heaps
) -> NTSTATUS:
    rows = strings(guest.memory, NewEnvironment)
    if any("=" not in row[1:] for row in rows):
        raise NtError(STATUS_INVALID_PARAMETER)
    data = packed(rows)
    block = allocate(heaps, len(data))
    guest.memory.write(block, data)
    old = guest.memory.pointer(environment_slot(guest))
    _use(guest, block, len(data))
    heaps.free(heaps.process_heap, 0, old)
    return STATUS_SUCCESS


# -- asking ----------------------------------------------------------------------------------------------------------


@dll.export
def RtlQueryEnvironmentVariable_U(
    guest: Guest, Environment: PVOID, Name: In[UNICODE_STRING], Value: InOut[UNICODE_STRING]
) -> NTSTATUS:
    memory = guest.memory
    name = counted_text(memory, Name.addr)
    _, maximum, buffer = counted(memory, Value.addr)
    value = lookup(memory, Environment or memory.pointer(environment_slot(guest)), name) if name else None
    if value is None:
        put_length(memory, Value.addr, 0)
        raise NtError(STATUS_VARIABLE_NOT_FOUND)
    data = units(value)
    put_length(memory, Value.addr, min(len(data), 0xFFFE))
    if len(data) > maximum:
        raise NtError(STATUS_BUFFER_TOO_SMALL)
    memory.write(buffer, data + b"\0\0" if len(data) + 2 <= maximum else data)
    return STATUS_SUCCESS


@dll.export
def RtlQueryEnvironmentVariable(
    guest: Guest,
    Environment: PVOID,
    Name: PVOID,
    NameLength: SIZE_T,
    Value: PVOID,
    ValueLength: SIZE_T,
    ReturnLength: Out[SIZE_T],
) -> NTSTATUS:
    memory = guest.memory
    name = memory.read(Name, 2 * NameLength).decode("utf-16-le", "surrogatepass")
    value = lookup(memory, Environment or memory.pointer(environment_slot(guest)), name) if name else None
    if value is None:
        raise NtError(STATUS_VARIABLE_NOT_FOUND)
    data = units(value)
    count = len(data) // 2
    if count > ValueLength or not Value:
        ReturnLength.value = count + 1
        raise NtError(STATUS_BUFFER_TOO_SMALL)
    memory.write(Value, data + b"\0\0" if count < ValueLength else data)
    ReturnLength.value = count
    return STATUS_SUCCESS


# -- changing --------------------------------------------------------------------------------------------------------


def _changed(rows: list[str], name: str, value: str | None) -> list[str]:
    """The strings with one variable set or, where value is None, removed. Raises NtError(STATUS_VARIABLE_NOT_FOUND)."""
    wanted = casing.upcase(name)
    for index, row in enumerate(rows):
        have = casing.upcase(split(row)[0])
        if have == wanted:
            return [*rows[:index], *([] if value is None else [f"{name}={value}"]), *rows[index + 1 :]]
    if value is None:
        raise NtError(STATUS_VARIABLE_NOT_FOUND)
    at = next((i for i, row in enumerate(rows) if casing.upcase(split(row)[0]) > wanted), len(rows))
    return [*rows[:at], f"{name}={value}", *rows[at:]]


def set_variable(guest: Guest, heaps: Heaps, environment: int, name: str, value: str | None) -> int:
    """RtlSetEnvironmentVariable; ``environment`` is where the block's address is kept, 0 for the process's."""
    if not name or "=" in name[1:] or "\0" in name:
        raise NtError(STATUS_INVALID_PARAMETER)
    memory = guest.memory
    slot = environment or environment_slot(guest)
    old = memory.pointer(slot)
    data = packed(_changed(strings(memory, old), name, value))
    room = heaps.size(heaps.process_heap, 0, old)
    if room is not None and room >= len(data):
        memory.write(old, data)
        block = old
    else:
        block = allocate(heaps, len(data) + 256)
        memory.write(block, data)
    if environment:
        memory.put_pointer(slot, block)
    else:
        _use(guest, block, len(data))
    if block != old and room is not None:
        heaps.free(heaps.process_heap, 0, old)
    return STATUS_SUCCESS


@dll.export
def RtlSetEnvironmentVariable(
    guest: Guest,
    Environment: InOut[PVOID],
    Name: In[UNICODE_STRING],
    Value: In[UNICODE_STRING] | None,
    *,
    heaps: Heaps,
) -> NTSTATUS:
    name = counted_text(guest.memory, Name.addr)
    value = counted_text(guest.memory, Value.addr).partition("\0")[0] if Value is not None else None
    return set_variable(guest, heaps, Environment.addr, name, value)


@dll.export
def RtlSetEnvironmentVar(
    guest: Guest,
    Environment: InOut[PVOID],
    Name: PVOID,
    NameLength: SIZE_T,
    Value: PVOID,
    ValueLength: SIZE_T,
    *,
    heaps: Heaps,
) -> NTSTATUS:
    read = guest.memory.read
    name = read(Name, 2 * NameLength).decode("utf-16-le", "surrogatepass")
    value = read(Value, 2 * ValueLength).decode("utf-16-le", "surrogatepass").partition("\0")[0] if Value else None
    return set_variable(guest, heaps, Environment.addr, name, value)


# -- expanding -------------------------------------------------------------------------------------------------------


def expand(memory: Memory, block: int, text: str) -> str:
    """``%NAME%`` replaced by values; what is not set stays as it is. Raises GuestFault."""
    return environment.expand(text, map(split, strings(memory, block)) if "%" in text else ())


@dll.export
def RtlExpandEnvironmentStrings(
    guest: Guest,
    Environment: PVOID,
    Source: PVOID,
    SourceLength: SIZE_T,
    Destination: PVOID,
    DestinationLength: SIZE_T,
    ReturnLength: Out[SIZE_T] | None,
) -> NTSTATUS:
    memory = guest.memory
    source = memory.read(Source, 2 * SourceLength).decode("utf-16-le", "surrogatepass").partition("\0")[0]
    data = units(expand(memory, Environment or memory.pointer(environment_slot(guest)), source)) + b"\0\0"
    if ReturnLength is not None:
        ReturnLength.value = len(data) // 2
    if len(data) // 2 > DestinationLength:
        if DestinationLength:
            memory.write(Destination, data[: 2 * DestinationLength - 2] + b"\0\0")
        raise NtError(STATUS_BUFFER_TOO_SMALL)
    memory.write(Destination, data)
    return STATUS_SUCCESS


@dll.export
def RtlExpandEnvironmentStrings_U(
    guest: Guest,
    Environment: PVOID,
    Source: In[UNICODE_STRING],
    Destination: InOut[UNICODE_STRING],
    ReturnedLength: Out[ULONG] | None,
) -> NTSTATUS:
    memory = guest.memory
    source = counted_text(memory, Source.addr).partition("\0")[0]
    data = units(expand(memory, Environment or memory.pointer(environment_slot(guest)), source)) + b"\0\0"
    _, maximum, buffer = counted(memory, Destination.addr)
    if ReturnedLength is not None:
        ReturnedLength.value = len(data)
    fits = data if len(data) <= maximum else data[: max((maximum & ~1) - 2, 0)] + b"\0\0"
    if maximum >= 2:
        memory.write(buffer, fits)
    if len(data) > maximum:
        raise NtError(STATUS_BUFFER_TOO_SMALL)
    put_length(memory, Destination.addr, len(data) - 2)
    return STATUS_SUCCESS
