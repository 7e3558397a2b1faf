"""The window station and the desktop."""

ERROR_INVALID_HANDLE, ERROR_INVALID_PARAMETER, ERROR_BUFFER_OVERFLOW, ERROR_INSUFFICIENT_BUFFER = 6, 87, 111, 122
UOI_FLAGS, UOI_NAME, UOI_TYPE = 1, 2, 3


def test_a_station_that_can_be_seen(box):
    call, out, needed = box.call.user32, box.alloc(b"\xee" * 64), box.alloc(4)
    station = call.GetProcessWindowStation()
    assert station and station == call.GetProcessWindowStation()
    assert call.GetUserObjectInformationW(station, UOI_FLAGS, out, 12, needed) == 1
    assert (box.memory.u32(out + 8), box.memory.u32(needed)) == (1, 12)
    assert call.GetUserObjectInformationA(station, UOI_FLAGS, out, 11, 0) == 0
    assert box.last_error == ERROR_BUFFER_OVERFLOW
    assert box.call.kernel32.CloseHandle(station) == 0


def test_names(box):
    call, out, needed = box.call.user32, box.alloc(64), box.alloc(4)
    station, desktop = call.GetProcessWindowStation(), call.GetThreadDesktop(box.guest.tid)
    assert call.GetUserObjectInformationA(station, UOI_NAME, out, 64, needed) == 1
    assert (box.memory.cstr(out), box.memory.u32(needed)) == (b"WinSta0", 8)
    assert call.GetUserObjectInformationW(station, UOI_TYPE, out, 64, needed) == 1
    assert (box.memory.wstr(out), box.memory.u32(needed)) == ("WindowStation", 28)
    assert call.GetUserObjectInformationA(desktop, UOI_NAME, out, 64, needed) == 1
    assert (box.memory.cstr(out), box.memory.u32(needed)) == (b"Default", 8)
    assert call.GetUserObjectInformationA(desktop, UOI_NAME, out, 7, needed) == 0
    assert box.last_error == ERROR_INSUFFICIENT_BUFFER


def test_what_there_is_not(box):
    call, out = box.call.user32, box.alloc(64)
    assert call.GetUserObjectInformationA(0x7777, UOI_FLAGS, out, 12, 0) == 0
    assert box.last_error == ERROR_INVALID_HANDLE
    assert call.GetUserObjectInformationA(call.GetProcessWindowStation(), 77, out, 12, 0) == 0
    assert box.last_error == ERROR_INVALID_PARAMETER
    assert call.GetThreadDesktop(0x99999) == 0
    assert box.last_error == ERROR_INVALID_PARAMETER
