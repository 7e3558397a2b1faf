"""Forms of time, versions and the machine."""

import struct

import pytest

from litebox_core.abi import DWORD, ULONGLONG, USHORT
from litebox_core.winerror import (
    ERROR_BAD_ARGUMENTS,
    ERROR_BUFFER_OVERFLOW,
    ERROR_INSUFFICIENT_BUFFER,
    ERROR_INVALID_PARAMETER,
    ERROR_OLD_WIN_VERSION,
)


def system_time(*fields):
    return struct.pack("<8H", *fields)


@pytest.mark.parametrize(
    ("time", "fields"),
    [
        (0, (1601, 1, 1, 1, 0, 0, 0, 0)),
        (0x01BF53EB256D4000, (2000, 1, 6, 1, 0, 0, 0, 0)),
        (0x7FFF35F4F06C58F0, (30827, 12, 5, 31, 23, 59, 59, 999)),
    ],
)
def test_time_as_fields(box, time, fields):
    out, value = box.alloc(16), box.new(ULONGLONG, time)
    assert box.call.kernel32.FileTimeToSystemTime(value, out) == 1
    assert struct.unpack("<8H", box.memory.read(out, 16)) == fields


def test_negative_time_has_no_fields(box):
    assert box.call.kernel32.FileTimeToSystemTime(box.new(ULONGLONG, 1 << 63), box.alloc(16)) == 0
    assert box.last_error == ERROR_INVALID_PARAMETER


@pytest.mark.parametrize("day", [0, 30])
def test_no_such_day(box, day):
    fields = box.alloc(system_time(2023, 2, 0, day, 0, 0, 0, 0))
    assert box.call.kernel32.SystemTimeToFileTime(fields, box.alloc(8)) == 0
    assert box.last_error == ERROR_INVALID_PARAMETER


def test_dos_time(box):
    k = box.call.kernel32
    time, date, clock = box.new(ULONGLONG), box.new(USHORT), box.new(USHORT)
    assert k.DosDateTimeToFileTime(0x5A21, 0x6C32, time) == 1
    assert k.FileTimeToDosDateTime(time, date, clock) == 1
    assert (date.value, clock.value) == (0x5A21, 0x6C32)
    assert k.DosDateTimeToFileTime(0, 0, time) == 0


def zone(bias, standard, daylight, shift):
    name = bytes(64)
    return struct.pack("<i", bias) + name + standard + struct.pack("<i", 0) + name + daylight + struct.pack("<i", shift)


def test_local_time_of_a_zone(box):
    k = box.call.kernel32
    berlin = zone(-60, system_time(0, 10, 0, 5, 3, 0, 0, 0), system_time(0, 3, 0, 5, 2, 0, 0, 0), -60)
    for utc, hour in ((system_time(2024, 7, 0, 1, 12, 0, 0, 0), 14), (system_time(2024, 1, 0, 1, 12, 0, 0, 0), 13)):
        local, back = box.alloc(16), box.alloc(16)
        assert k.SystemTimeToTzSpecificLocalTime(box.alloc(berlin), box.alloc(utc), local) == 1
        assert box.memory.u16(local + 8) == hour
        assert k.TzSpecificLocalTimeToSystemTime(box.alloc(berlin), local, back) == 1
        assert box.memory.u16(back + 8) == 12


def test_version(box):
    k = box.call.kernel32
    info = box.alloc(284)
    box.memory.put_u32(info, 284)
    assert k.GetVersionExW(info) == 1
    assert struct.unpack("<5I", box.memory.read(info, 20)) == (284, 10, 0, 19045, 2)
    box.memory.put_u32(info, 100)
    assert k.GetVersionExW(info) == 0
    assert box.last_error == ERROR_INSUFFICIENT_BUFFER
    mask = k.VerSetConditionMask(0, 2, 3)
    for major, error in ((6, None), (11, ERROR_OLD_WIN_VERSION)):
        box.memory.write(info, struct.pack("<II", 284, major))
        assert k.VerifyVersionInfoW(info, 2, mask) == (error is None)
        assert error is None or box.last_error == error
    assert k.VerifyVersionInfoW(info, 0, mask) == 0
    assert box.last_error == ERROR_BAD_ARGUMENTS


def test_computer_name(box):
    k = box.call.kernel32
    size, name = box.new(DWORD, 3), box.wide(16)
    assert k.GetComputerNameW(name, size) == 0
    assert box.last_error == ERROR_BUFFER_OVERFLOW
    assert k.GetComputerNameW(name, size) == 1
    assert (name.text, size.value) == ("LITEBOX", 7)


def test_folders(box):
    k = box.call.kernel32
    folder = box.wide(64)
    assert k.GetSystemDirectoryW(folder, 64) == 19
    assert folder.text == "C:\\Windows\\system32"
    assert k.GetSystemDirectoryW(folder, 19) == 20


def test_time_since_the_start_is_one_time(box):
    """In milliseconds and in units of 100 ns, coarse and precise."""
    out = box.alloc(8)
    box.call.kernelbase.QueryInterruptTime(out)
    times = [box.memory.u64(out)]
    for name in ("QueryInterruptTimePrecise", "QueryUnbiasedInterruptTimePrecise"):
        getattr(box.call.kernelbase, name)(out)
        times.append(box.memory.u64(out))
    times.append((box.call.kernel32.GetTickCount64() + 1) * 10_000)
    assert times == sorted(times)
    assert times[-1] - times[0] < 60 * 10_000_000
