"""OLE32, OLEAUT32 and RPCRT4: what the program tests/programs/c/identifiers.c does not show."""

import struct

import pytest

from litebox_core.abi import DOUBLE, PVOID

E_INVALIDARG, E_POINTER, NOT_INITIALIZED, TOO_LATE = 0x80070057, 0x80004003, 0x800401F0, 0x80010119


def test_pointers_that_must_not_be_null(box):
    ole = box.call.ole32
    assert ole.CoCreateGuid(0) == E_INVALIDARG
    assert ole.CLSIDFromString("{}", 0) == E_INVALIDARG
    assert ole.StringFromCLSID(box.alloc(16), 0) == E_INVALIDARG
    assert ole.CoCreateInstance(0, 0, 1, 0, 0) == E_POINTER
    assert box.call.rpcrt4.RpcStringFreeA(0) == 87


def test_guids_are_of_chance(box):
    made = set()
    for _ in range(20):
        addr = box.alloc(16)
        assert box.call.ole32.CoCreateGuid(addr) == 0
        data = box.memory.read(addr, 16)
        assert data[7] >> 4 == 4
        assert data[8] >> 6 == 2
        made.add(data)
    assert len(made) == 20


def test_initialising_with_what_is_reserved(box):
    assert box.call.ole32.CoInitialize(1) == E_INVALIDARG
    assert box.call.ole32.CoInitializeEx(0, 0x100) == E_INVALIDARG


def test_security_is_said_once(box):
    ole = box.call.ole32
    say = (0, 0xFFFFFFFF, 0, 0, 0, 3, 0, 0, 0)
    assert ole.CoInitializeSecurity(*say) == NOT_INITIALIZED
    assert ole.OleInitialize(0) == 0
    assert ole.CoInitializeSecurity(*say) == 0
    assert ole.CoInitializeSecurity(*say) == TOO_LATE


def test_combase_is_another_door(box):
    block = box.call.combase.CoTaskMemAlloc(8)
    assert block
    box.call.ole32.CoTaskMemFree(block)


@pytest.mark.parametrize("name", ["SysAllocStringLen", "SysAllocStringByteLen"])
def test_absurd_lengths(box, name):
    assert getattr(box.call.oleaut32, name)(0, 0xFFFFFFFF) == 0


def test_text_of_zeros(box):
    text = box.call.oleaut32.SysAllocStringLen(0, 5)
    assert box.memory.read(text - 4, 16) == struct.pack("<I", 10) + bytes(12)
    pointer = box.new(PVOID, text)
    assert box.call.oleaut32.SysReAllocStringLen(pointer, 0, 0xFFFFFFF0) == 0
    assert pointer.value == text
    assert box.call.oleaut32.SysStringLen(text) == 5


def test_dates_that_are_none(box):
    time = box.alloc(16)
    for year, month, day, hour in ((2024, 13, 1, 0), (2024, 1, 0, 0), (2024, 1, 32, 0), (2024, 1, 1, 24)):
        box.memory.write(time, struct.pack("<8H", year, month, 0, day, hour, 0, 0, 0))
        assert box.call.oleaut32.SystemTimeToVariantTime(time, box.new(DOUBLE)) == 0
    for days in (float("nan"), float("inf"), 2958466.0, -657435.0):
        assert box.call.oleaut32.VariantTimeToSystemTime(days, time) == 0
