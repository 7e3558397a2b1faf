"""The time zone: local times, and the system's time zone information."""

import struct

from litebox_core.abi import LONGLONG, NTSTATUS, PVOID, In, Out
from litebox_core.guest import Guest
from litebox_core.ntstatus import STATUS_SUCCESS
from litebox_core.services import Clock

from .base import dll
from .ntdef import units
from .time import fields_of


@dll.export
def RtlSystemTimeToLocalTime(
    guest: Guest, SystemTime: In[LONGLONG], LocalTime: Out[LONGLONG], *, clock: Clock
) -> NTSTATUS:
    """With the difference of now, as Windows does it, not of the time that is converted."""
    LocalTime.value = SystemTime.value + clock.zone().offset(clock.system_time())
    return STATUS_SUCCESS


@dll.export
def RtlLocalTimeToSystemTime(
    guest: Guest, LocalTime: In[LONGLONG], SystemTime: Out[LONGLONG], *, clock: Clock
) -> NTSTATUS:
    SystemTime.value = LocalTime.value - clock.zone().offset(clock.system_time())
    return STATUS_SUCCESS


def information(clock: Clock) -> bytes:
    """RTL_TIME_ZONE_INFORMATION of this year; its dates are TIME_FIELDS."""
    rules = clock.zone().year(fields_of(clock.system_time()).Year)

    def date(rule: object) -> bytes:
        year, month, weekday, week, hour, minute, second, millisecond = rule.systemtime()  # type: ignore[attr-defined]
        return struct.pack("<8h", year, month, week, hour, minute, second, millisecond, weekday)

    return b"".join((
        struct.pack("<i", rules.bias),
        units(rules.standard_name).ljust(64, b"\0")[:64], date(rules.standard_rule),
        struct.pack("<i", rules.standard_bias),
        units(rules.daylight_name).ljust(64, b"\0")[:64], date(rules.daylight_rule),
        struct.pack("<i", rules.daylight_bias),
    ))  # fmt: skip


def dynamic_information(clock: Clock) -> bytes:
    """RTL_DYNAMIC_TIME_ZONE_INFORMATION of this year."""
    key = units(clock.zone().key_name)[:254].ljust(256, b"\0")
    return information(clock) + key + b"\0\0\0\0"


@dll.export
def RtlQueryTimeZoneInformation(guest: Guest, TimeZoneInformation: PVOID, *, clock: Clock) -> NTSTATUS:
    guest.memory.write(TimeZoneInformation, information(clock))
    return STATUS_SUCCESS


@dll.export
def RtlQueryDynamicTimeZoneInformation(guest: Guest, TimeZoneInformation: PVOID, *, clock: Clock) -> NTSTATUS:
    guest.memory.write(TimeZoneInformation, dynamic_information(clock))
    return STATUS_SUCCESS
