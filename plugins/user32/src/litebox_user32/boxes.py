"""winuser.h: message boxes for a process without a screen."""

from litebox_core.abi import BOOL, HANDLE, INT, PCWSTR, UINT, WORD
from litebox_core.errors import WinError
from litebox_core.guest import Guest, Steps
from litebox_core.services import Files
from litebox_core.winerror import ERROR_INVALID_MSGBOX_STYLE

from .base import dll

IDOK, IDCANCEL, IDABORT, IDRETRY, IDIGNORE, IDYES, IDNO, IDTRYAGAIN, IDCONTINUE = 1, 2, 3, 4, 5, 6, 7, 10, 11
BUTTONS = (
    (IDOK,), (IDOK, IDCANCEL), (IDABORT, IDRETRY, IDIGNORE), (IDYES, IDNO, IDCANCEL), (IDYES, IDNO),
    (IDRETRY, IDCANCEL), (IDCANCEL, IDTRYAGAIN, IDCONTINUE),
)  # fmt: skip
"""The buttons of each type of box, MB_OK to MB_CANCELTRYCONTINUE."""
NOTE = "written to standard error; the default button is taken"


def _shown(guest: Guest, files: Files, text: str | None, caption: str | None, style: int) -> Steps[int]:
    kind, default = style & 0xF, style >> 8 & 0xF
    if kind >= len(BUTTONS):
        raise WinError(ERROR_INVALID_MSGBOX_STYLE)
    line = f"[{'Error' if caption is None else caption}] {text or ''}\r\n"
    yield from files.stdio(2).write(guest, line.encode("utf-8", "replace"))
    buttons = BUTTONS[kind]
    return buttons[default] if default < len(buttons) else buttons[0]


@dll.export(partial=NOTE)
def MessageBoxW(
    guest: Guest, hWnd: HANDLE, lpText: PCWSTR | None, lpCaption: PCWSTR | None, uType: UINT, *, files: Files
) -> Steps[INT]:
    return _shown(guest, files, lpText, lpCaption, uType)


@dll.export(partial=NOTE)
def MessageBoxExW(
    guest: Guest, hWnd: HANDLE, lpText: PCWSTR | None, lpCaption: PCWSTR | None, uType: UINT, wLanguageId: WORD, *,
    files: Files,
) -> Steps[INT]:  # fmt: skip
    return _shown(guest, files, lpText, lpCaption, uType)


dll.ansi(MessageBoxW)
dll.ansi(MessageBoxExW)


@dll.export
def MessageBeep(guest: Guest, uType: UINT) -> BOOL:
    """Nothing is heard, as on a computer without a sound card."""
    return True
