"""Providers of trace events: registering, writing, activities."""

from litebox_core.abi import LONGLONG

INVALID_HANDLE, NO_MEMORY, INVALID_PARAMETER, NO_MORE_ITEMS = 6, 8, 87, 259


def registered(box):
    handle = box.new(LONGLONG)
    assert box.call.advapi32.EventRegister(box.alloc(16), 0, 0, handle) == 0
    return handle.value


def test_registering(box):
    call = box.call.advapi32
    first, second = registered(box), registered(box)
    assert first
    assert first != second
    assert call.EventUnregister(first) == 0
    assert call.EventUnregister(first) == INVALID_HANDLE
    assert call.EventUnregister(0) == INVALID_HANDLE
    assert call.EventRegister(0, 0, 0, box.new(LONGLONG)) == INVALID_PARAMETER
    assert call.EventRegister(box.alloc(16), 0, 0, 0) == INVALID_PARAMETER


def test_there_is_an_end_to_providers(box):
    handle, guid = box.new(LONGLONG), box.alloc(16)
    answers = [box.call.advapi32.EventRegister(guid, 0, 0, handle) for _ in range(1025)]
    assert answers == [0] * 1024 + [NO_MEMORY]


def test_writing_to_nobody(box):
    call, handle, event = box.call.advapi32, registered(box), box.alloc(16)
    assert not call.EventEnabled(handle, event)
    assert not call.EventProviderEnabled(handle, 4, 0)
    assert call.EventWrite(handle, event, 0, 0) == 0
    assert call.EventWrite(handle, event, 1, 0) == INVALID_PARAMETER
    assert call.EventWrite(handle, event, 129, event) == INVALID_PARAMETER
    assert call.EventWriteTransfer(handle, event, 0, 0, 1, event) == 0
    assert call.EventWriteEx(handle, event, 0, 0, 0, 0, 1, event) == 0
    assert call.EventWriteString(handle, 4, 0, "text") == 0
    assert call.EventWriteString(handle, 4, 0, 0) == INVALID_PARAMETER
    assert call.EventWrite(handle + 1, event, 0, 0) == INVALID_HANDLE
    assert call.EventSetInformation(handle, 2, event, 4) == 0
    assert call.EventSetInformation(handle, 99, event, 4) == INVALID_PARAMETER


def test_activities(box):
    control, guid = box.call.advapi32.EventActivityIdControl, box.alloc(b"A" * 16)
    assert control(2, guid) == 0
    assert control(3, guid) == 0
    made = box.memory.read(guid, 16)
    assert made != b"A" * 16
    assert control(4, guid) == 0  # the new one in, the old one out
    assert box.memory.read(guid, 16) == b"A" * 16
    assert control(5, guid) == 0
    assert box.memory.read(guid, 16) == made
    assert control(1, guid) == 0
    assert box.memory.read(guid, 16) not in (made, b"A" * 16)
    assert control(6, guid) == INVALID_PARAMETER
    assert control(1, 0) == INVALID_PARAMETER


def test_what_ntdll_and_nobody_has(box):
    call = box.call.advapi32
    assert call.EnumDynamicTimeZoneInformation(0, box.alloc(432)) == NO_MORE_ITEMS
    assert call.LsaNtStatusToWinError(0xC0000022) == 5
    assert call.IsTextUnicode(box.alloc("plain text, and more of it"), 40, 0)
    assert not call.IsTextUnicode(box.alloc(b"plain text, and more of it"), 27, 0)
