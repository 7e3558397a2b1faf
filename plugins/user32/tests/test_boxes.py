"""Message boxes, and the windows that are not there."""

import pytest

ERROR_INVALID_WINDOW_HANDLE, ERROR_INVALID_MSGBOX_STYLE = 1400, 1438


@pytest.mark.parametrize(
    ("style", "answer"),
    [(0, 1), (0x31, 1), (0x101, 2), (2, 3), (0x202, 5), (3, 6), (0x104, 7), (5, 4), (6, 2), (0x206, 11), (0x300, 1)],
)
def test_the_default_button(box, style, answer):
    assert box.call.user32.MessageBoxA(0, b"text\0", b"caption\0", style) == answer
    assert box.call.user32.MessageBoxExW(0, "text", 0, style, 0) == answer


def test_no_such_box(box):
    assert box.call.user32.MessageBoxW(0, "text", "caption", 7) == 0
    assert box.last_error == ERROR_INVALID_MSGBOX_STYLE


def test_it_is_written_to_standard_error(box, capfd):
    box.call.user32.MessageBoxW(0, "caf\u00e9", 0, 0)
    box.call.user32.MessageBoxA(0, 0, b"caption\0", 0)
    assert capfd.readouterr().err.split("\r\n") == ["[Error] caf\u00e9", "[caption] ", ""]


def test_no_windows(box):
    call = box.call.user32
    assert call.IsWindow(0x999) == 0
    assert box.last_error == ERROR_INVALID_WINDOW_HANDLE
    assert call.GetLastActivePopup(0x999) == 0x999
    assert box.last_error == ERROR_INVALID_WINDOW_HANDLE
    assert call.IsWindow(0) == call.GetForegroundWindow() == call.GetActiveWindow() == 0
