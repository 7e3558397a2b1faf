"""NtQuerySystemInformation and its kin: what the system tells of itself."""

import struct
from collections.abc import Callable

from litebox_core import processors
from litebox_core.abi import INT, NTSTATUS, PVOID, ULONG, Out
from litebox_core.errors import NtError
from litebox_core.guest import Guest
from litebox_core.ntstatus import (
    STATUS_BUFFER_TOO_SMALL,
    STATUS_INFO_LENGTH_MISMATCH,
    STATUS_INVALID_INFO_CLASS,
    STATUS_INVALID_PARAMETER,
    STATUS_NOT_IMPLEMENTED,
    STATUS_PRIVILEGE_NOT_HELD,
    STATUS_UNSUCCESSFUL,
)
from litebox_core.objects import Waitable
from litebox_core.services import Clock

from .base import dll
from .memorycounts import performance
from .ntattributes import also_zw
from .ntsystem import extended_handles, handle_list, process_list
from .timezone import dynamic_information, information

TICK = 156250
"""Length of a clock interrupt's period, in 100 ns."""
PROCESSOR_INTEL, PROCESSOR_AMD64 = 0, 9
_NOTE = "what a sandboxed process may know: its own handles, no kernel modules, no firmware, the use of memory"

Make = Callable[[Guest, int, int], bytes]
"""Makes the answer, for a buffer at an address and of a size."""


def _basic(guest: Guest, addr: int, length: int) -> bytes:
    pages, count = guest.memory.limit >> 12, guest.process.options.processors
    data = struct.pack("<7I4x", 0, TICK, 0x1000, pages, 1, pages, 0x10000)
    return data + struct.pack("<QQQB7x", 0x10000, guest.memory.highest, (1 << count) - 1, count)


_FEATURE_BITS = 0x13DFE
"""KF_*: what every x64 processor has, from time stamps, CMOV and MMX to SSE2."""


def _processor(architecture: int) -> Make:
    def make(guest: Guest, addr: int, length: int) -> bytes:
        return struct.pack("<HHHHI", architecture, 6, 0x0F0B, guest.process.options.processors, _FEATURE_BITS)

    return make


def _time_of_day(guest: Guest, addr: int, length: int) -> bytes:
    clock = guest.service(Clock)
    now = clock.system_time()
    data = struct.pack("<qqqIIQQ", now - clock.uptime_ms() * 10_000, now, -clock.zone().offset(now), 0, 0, 0, 0)
    return data[:length] if length <= len(data) else data


def _processor_times(guest: Guest, addr: int, length: int) -> bytes:
    clock, count = guest.service(Clock), guest.process.options.processors
    kernel, user = clock.cpu_time()
    up = clock.uptime_ms() * 10_000
    idle = max(up - kernel - user, 0)
    rows = [struct.pack("<qqq16xI4x", idle, idle + kernel, user, 0)]
    rows += [struct.pack("<qqq16xI4x", up, up, 0, 0)] * (count - 1)
    size = len(rows[0])
    return b"".join(rows[: length // size] if size <= length < size * count else rows)


def _time_adjustment(guest: Guest, addr: int, length: int) -> bytes:
    return struct.pack("<IIB3x", TICK, TICK, 1)


EXACT, AT_LEAST = False, True
_CLASSES: dict[int, tuple[bool, Make]] = {
    0: (EXACT, _basic),
    62: (EXACT, _basic),  # SystemEmulationBasicInformation
    114: (EXACT, _basic),  # SystemNativeBasicInformation
    1: (AT_LEAST, _processor(PROCESSOR_AMD64)),
    63: (AT_LEAST, _processor(PROCESSOR_INTEL)),  # SystemEmulationProcessorInformation
    2: (AT_LEAST, lambda guest, addr, length: performance(guest, length)),
    3: (EXACT, _time_of_day),
    5: (AT_LEAST, lambda guest, addr, length: process_list(guest, addr)),
    57: (AT_LEAST, lambda guest, addr, length: process_list(guest, addr, extended=True)),
    8: (EXACT, _processor_times),
    11: (AT_LEAST, lambda guest, addr, length: bytes(8)),  # SystemModuleInformation: there is no kernel
    16: (AT_LEAST, lambda guest, addr, length: handle_list(guest)),
    64: (AT_LEAST, lambda guest, addr, length: extended_handles(guest)),
    21: (AT_LEAST, lambda guest, addr, length: bytes(64)),  # SystemFileCacheInformation
    23: (AT_LEAST, lambda guest, addr, length: bytes(24 * guest.process.options.processors)),  # interrupts
    28: (EXACT, _time_adjustment),
    35: (AT_LEAST, lambda guest, addr, length: b"\0\1"),  # SystemKernelDebuggerInformation: none, not there
    149: (AT_LEAST, lambda guest, addr, length: bytes(3)),  # SystemKernelDebuggerInformationEx
    37: (AT_LEAST, lambda guest, addr, length: bytes(16)),  # SystemRegistryQuotaInformation
    44: (AT_LEAST, lambda guest, addr, length: information(guest.service(Clock))),
    102: (AT_LEAST, lambda guest, addr, length: dynamic_information(guest.service(Clock))),
    73: (AT_LEAST, lambda guest, addr, length: processors.logical(guest.process.options.processors)),
    58: (AT_LEAST, lambda guest, addr, length: struct.pack("<I", 64)),  # the data alignment that is best
}
_FIRMWARE, _FIRMWARE_HEAD = 76, 16
LOGICAL_PROCESSOR_EX, CPU_SETS = 107, 175


def _firmware(guest: Guest, addr: int, length: int, returned: Out[int] | None) -> int:
    """SystemFirmwareTableInformation: no provider has a table."""
    if returned is not None:
        returned.value = _FIRMWARE_HEAD if length < _FIRMWARE_HEAD else 0
    raise NtError(STATUS_INFO_LENGTH_MISMATCH if length < _FIRMWARE_HEAD else STATUS_NOT_IMPLEMENTED)


def _query(guest: Guest, kind: int, addr: int, length: int, returned: Out[int] | None) -> int:
    if kind == _FIRMWARE:
        return _firmware(guest, addr, length, returned)
    if kind in (LOGICAL_PROCESSOR_EX, CPU_SETS):
        raise NtError(STATUS_INVALID_PARAMETER)
    if kind not in _CLASSES:
        raise NtError(STATUS_INVALID_INFO_CLASS)
    at_least, make = _CLASSES[kind]
    data = make(guest, addr, length)
    if length < len(data) or (length != len(data) and not at_least):
        if returned is not None:
            returned.value = len(data)
        raise NtError(STATUS_INFO_LENGTH_MISMATCH)
    if data:
        guest.memory.write(addr, data)
    if returned is not None:
        returned.value = len(data)
    return 0


@dll.export(probes=True, partial=_NOTE)
def NtQuerySystemInformation(
    guest: Guest, SystemInformationClass: ULONG, SystemInformation: PVOID, SystemInformationLength: ULONG,
    ReturnLength: Out[ULONG] | None,
) -> NTSTATUS:  # fmt: skip
    return _query(guest, SystemInformationClass, SystemInformation, SystemInformationLength, ReturnLength)


@dll.export(probes=True, partial=_NOTE)
def RtlGetNativeSystemInformation(
    guest: Guest, SystemInformationClass: ULONG, NativeSystemInformation: PVOID, InformationLength: ULONG,
    ReturnLength: Out[ULONG] | None,
) -> NTSTATUS:  # fmt: skip
    return _query(guest, SystemInformationClass, NativeSystemInformation, InformationLength, ReturnLength)


@dll.export(probes=True, partial="processors and processor sets")
def NtQuerySystemInformationEx(
    guest: Guest, SystemInformationClass: ULONG, InputBuffer: PVOID, InputBufferLength: ULONG,
    SystemInformation: PVOID, SystemInformationLength: ULONG, ReturnLength: Out[ULONG] | None,
) -> NTSTATUS:  # fmt: skip
    count = guest.process.options.processors
    if SystemInformationClass not in (LOGICAL_PROCESSOR_EX, CPU_SETS):
        raise NtError(STATUS_INVALID_INFO_CLASS)
    if not InputBuffer:
        raise NtError(STATUS_INVALID_PARAMETER)
    if SystemInformationClass == LOGICAL_PROCESSOR_EX:
        if InputBufferLength < 4:
            raise NtError(STATUS_INVALID_PARAMETER)
        data = processors.logical_ex(count, guest.memory.u32(InputBuffer))
        if not data:
            raise NtError(STATUS_UNSUCCESSFUL)
        too_small = STATUS_INFO_LENGTH_MISMATCH
    else:
        if InputBufferLength != 8:
            raise NtError(STATUS_INVALID_PARAMETER)
        handle = guest.memory.u64(InputBuffer)
        if handle:
            guest.process.handles.get(handle, Waitable, 0, guest)
        data, too_small = processors.cpu_sets(count), STATUS_BUFFER_TOO_SMALL
    if SystemInformationLength < len(data):
        if ReturnLength is not None:
            ReturnLength.value = len(data)
        raise NtError(too_small)
    guest.memory.write(SystemInformation, data)
    if ReturnLength is not None:
        ReturnLength.value = len(data)
    return 0


@dll.export(probes=True, partial="always refused: the system is not the program's to change")
def NtSetSystemInformation(
    guest: Guest, SystemInformationClass: ULONG, SystemInformation: PVOID, SystemInformationLength: ULONG
) -> NTSTATUS:
    if SystemInformationClass != 28:  # SystemTimeAdjustmentInformation
        raise NtError(STATUS_INVALID_INFO_CLASS)
    if SystemInformationLength != 8:
        raise NtError(STATUS_INFO_LENGTH_MISMATCH)
    guest.memory.read(SystemInformation, 8)
    raise NtError(STATUS_PRIVILEGE_NOT_HELD)


# -- power -----------------------------------------------------------------------------------------------------------

_BATTERY_STATE, _PROCESSOR_POWER = 5, 11
_NOMINAL_MHZ = 1000


@dll.export(probes=True, partial="batteries, of which there is none, and processors, whose speed is not told")
def NtPowerInformation(
    guest: Guest, InformationLevel: INT, InputBuffer: PVOID, InputBufferLength: ULONG, OutputBuffer: PVOID,
    OutputBufferLength: ULONG,
) -> NTSTATUS:  # fmt: skip
    if InformationLevel == _BATTERY_STATE:
        data = struct.pack("<B31x", 1)  # on line power
    elif InformationLevel == _PROCESSOR_POWER:
        count, mhz = guest.process.options.processors, _NOMINAL_MHZ
        data = b"".join(struct.pack("<6I", i, mhz, mhz, mhz, 0, 0) for i in range(count))
    else:
        raise NtError(STATUS_NOT_IMPLEMENTED)
    if not OutputBuffer or (InputBuffer and InputBufferLength):
        raise NtError(STATUS_INVALID_PARAMETER)
    if OutputBufferLength < len(data):
        raise NtError(STATUS_BUFFER_TOO_SMALL)
    guest.memory.write(OutputBuffer, data)
    return 0


also_zw(__name__)
