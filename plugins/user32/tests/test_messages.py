"""Messages of threads without windows, and waiting for them."""

import os

import pytest

WAIT_FAILED, WAIT_TIMEOUT = 0xFFFFFFFF, 258
ERROR_INVALID_HANDLE, ERROR_INVALID_PARAMETER, ERROR_INVALID_WINDOW_HANDLE = 6, 87, 1400
ERROR_INVALID_THREAD_ID, ERROR_NOT_ENOUGH_QUOTA = 1444, 1816
WM_QUIT, WM_TIMER, WM_USER = 0x12, 0x113, 0x400
QS_POSTMESSAGE, QS_TIMER, QS_ALLINPUT = 8, 0x10, 0x4FF
MWMO_WAITALL, MWMO_INPUTAVAILABLE = 1, 4
PM_REMOVE, PM_QS_INPUT = 1, 7 << 16


def post(box, message, wparam=0, lparam=0):
    return box.call.user32.PostThreadMessageW(box.guest.tid, message, wparam, lparam)


def taken(box, low=0, high=0, flags=PM_REMOVE, window=0):
    """Message, wParam and lParam of the next message; None without one."""
    out = box.alloc(48)
    if not box.call.user32.PeekMessageW(out, window, low, high, flags):
        return None
    return box.memory.u32(out + 8), box.memory.u64(out + 16), box.memory.u64(out + 24)


def test_between_threads(run_exe):
    done = run_exe(os.path.join(os.path.dirname(__file__), "threads.exe"))
    assert done.exit_code == 0, done


def test_order_and_filters(box):
    assert taken(box) is None
    for number in range(3):
        assert post(box, WM_USER + number, number, 7)
    assert taken(box, WM_USER + 1, WM_USER + 1) == (WM_USER + 1, 1, 7)
    assert taken(box, WM_USER + 5, WM_USER + 9) is None
    assert taken(box, flags=PM_REMOVE | PM_QS_INPUT) is None
    assert taken(box, flags=0) == taken(box) == (WM_USER, 0, 7)
    assert taken(box, window=(1 << 64) - 1) == (WM_USER + 2, 2, 7)
    assert taken(box) is None
    assert taken(box, window=0x999) is None
    assert box.last_error == ERROR_INVALID_WINDOW_HANDLE
    assert box.call.user32.GetMessageA(box.alloc(48), 0x999, 0, 0) == -1


def test_quit_comes_last_and_passes_filters(box):
    box.call.user32.PostQuitMessage(7)
    post(box, WM_USER)
    out = box.alloc(48)
    assert box.call.user32.GetMessageW(out, 0, WM_USER, WM_USER) == 1
    assert box.call.user32.GetMessageA(out, 0, WM_USER, WM_USER) == 0
    assert (box.memory.u32(out + 8), box.memory.u64(out + 16)) == (WM_QUIT, 7)
    assert taken(box) is None


def test_threads_that_have_no_queue(box):
    for thread in (0, 0xFFFF1):
        assert box.call.user32.PostThreadMessageA(thread, WM_USER, 0, 0) == 0
        assert box.last_error == ERROR_INVALID_THREAD_ID


def test_a_queue_that_is_full(box, monkeypatch):
    monkeypatch.setattr("litebox_user32.queues.MAXIMUM_MESSAGES", 2)
    assert post(box, WM_USER) == post(box, WM_USER) == 1
    assert post(box, WM_USER) == 0
    assert box.last_error == ERROR_NOT_ENOUGH_QUOTA
    assert taken(box)
    assert post(box, WM_USER) == 1


def test_what_is_new(box):
    call = box.call.user32
    post(box, WM_USER)
    assert call.GetQueueStatus(QS_ALLINPUT) == 0x80008
    assert call.GetQueueStatus(QS_ALLINPUT) == 0x80000
    assert call.MsgWaitForMultipleObjects(0, 0, 0, 0, QS_ALLINPUT) == WAIT_TIMEOUT
    assert call.MsgWaitForMultipleObjectsEx(0, 0, 0, QS_ALLINPUT, MWMO_INPUTAVAILABLE) == 0
    post(box, WM_USER)
    assert call.MsgWaitForMultipleObjects(0, 0, 0, 0, QS_TIMER) == WAIT_TIMEOUT
    assert call.MsgWaitForMultipleObjects(0, 0, 0, 0, QS_POSTMESSAGE) == 0
    assert call.MsgWaitForMultipleObjects(0, 0, 0, 0, QS_POSTMESSAGE) == 0
    assert taken(box)
    assert call.MsgWaitForMultipleObjects(0, 0, 0, 0, QS_POSTMESSAGE) == WAIT_TIMEOUT


def test_waiting_for_objects(box):
    call = box.call.user32
    clear, is_set = box.call.kernel32.CreateEventA(0, 1, 0, 0), box.call.kernel32.CreateEventA(0, 1, 1, 0)
    both = box.alloc(clear.to_bytes(8, "little") + is_set.to_bytes(8, "little"))
    assert call.MsgWaitForMultipleObjects(2, both, 0, 0, QS_ALLINPUT) == 1
    assert call.MsgWaitForMultipleObjects(1, both + 8, 1, 0, QS_ALLINPUT) == WAIT_TIMEOUT
    post(box, WM_USER)
    assert call.MsgWaitForMultipleObjects(1, both + 8, 1, 0, QS_ALLINPUT) == 0
    assert call.MsgWaitForMultipleObjectsEx(2, both, 0, QS_ALLINPUT, MWMO_WAITALL) == WAIT_TIMEOUT
    assert call.MsgWaitForMultipleObjects(1, both, 0, 0, QS_ALLINPUT) == 1
    box.call.kernel32.CloseHandle(clear)
    box.call.kernel32.CloseHandle(is_set)


@pytest.mark.parametrize(
    ("count", "flags", "error"),
    [(64, 0, ERROR_INVALID_PARAMETER), (0xFFFFFFFF, 0, ERROR_INVALID_PARAMETER), (0, 0x80, ERROR_INVALID_PARAMETER),
     (1, 0, ERROR_INVALID_HANDLE)],
)  # fmt: skip
def test_waits_that_cannot_be(box, count, flags, error):
    handles = box.alloc((0x7777).to_bytes(8, "little") * 64)
    assert box.call.user32.MsgWaitForMultipleObjectsEx(count, handles, 0, QS_ALLINPUT, flags) == WAIT_FAILED
    assert box.last_error == error


def test_timers(box):
    call = box.call.user32
    timer = call.SetTimer(0, 5, 1, 0)
    assert timer not in (0, 5)
    assert call.SetTimer(0, timer, 12, 0) == timer
    assert call.MsgWaitForMultipleObjects(0, 0, 0, 10_000, QS_ALLINPUT) == 0
    assert call.GetQueueStatus(QS_TIMER) == 0x100010
    assert taken(box) == (WM_TIMER, timer, 0)
    assert call.KillTimer(0, timer) == 1
    assert call.KillTimer(0, timer) == 0
    assert call.SetTimer(0x999, 1, 10, 0) == 0
    assert box.last_error == ERROR_INVALID_WINDOW_HANDLE


def test_extra_information(box):
    call = box.call.user32
    assert call.SetMessageExtraInfo(5) == 0
    assert call.GetMessageExtraInfo() == 5
