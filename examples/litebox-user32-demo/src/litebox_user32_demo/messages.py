"""Message boxes for a process without a desktop (winuser.h)."""

from litebox_core.abi import BOOL, HANDLE, INT, PCWSTR, UINT
from litebox_core.errors import WinError
from litebox_core.guest import Guest, Steps
from litebox_core.services import Files
from litebox_core.winerror import ERROR_INVALID_MSGBOX_STYLE

from .base import user32

IDOK, IDCANCEL, IDABORT, IDRETRY, IDIGNORE, IDYES, IDNO, IDTRYAGAIN, IDCONTINUE = 1, 2, 3, 4, 5, 6, 7, 10, 11
NAMES = {
    "ok": IDOK, "cancel": IDCANCEL, "abort": IDABORT, "retry": IDRETRY, "ignore": IDIGNORE, "yes": IDYES, "no": IDNO,
    "tryagain": IDTRYAGAIN, "continue": IDCONTINUE,
}  # fmt: skip

BUTTONS = (
    (IDOK,), (IDOK, IDCANCEL), (IDABORT, IDRETRY, IDIGNORE), (IDYES, IDNO, IDCANCEL), (IDYES, IDNO),
    (IDRETRY, IDCANCEL), (IDCANCEL, IDTRYAGAIN, IDCONTINUE),
)  # fmt: skip
"""The buttons of each type of box, MB_OK to MB_CANCELTRYCONTINUE."""


@user32.export
def MessageBoxW(
    guest: Guest, hWnd: HANDLE, lpText: PCWSTR | None, lpCaption: PCWSTR | None, uType: UINT, *, files: Files
) -> Steps[INT]:
    """Writes caption and text to standard error; answers with the button that MESSAGEBOX_ANSWER names, or the default.

    ERROR_INVALID_MSGBOX_STYLE for a type of box that does not exist.
    """
    kind, default = uType & 0xF, uType >> 8 & 0xF
    if kind >= len(BUTTONS):
        raise WinError(ERROR_INVALID_MSGBOX_STYLE)
    buttons = BUTTONS[kind]
    caption = "Error" if lpCaption is None else lpCaption
    line = f"[{caption}] {lpText or ''}\r\n"
    yield from files.stdio(2).write(guest, line.encode("utf-8", "replace"))
    wanted = NAMES.get(guest.process.environment_variable("MESSAGEBOX_ANSWER").lower(), 0)
    if wanted in buttons:
        return wanted
    return buttons[default] if default < len(buttons) else buttons[0]


user32.ansi(MessageBoxW)


@user32.export
def MessageBeep(guest: Guest, uType: UINT) -> BOOL:
    """No sound card, as on a server: the call succeeds and nothing is heard."""
    return True
