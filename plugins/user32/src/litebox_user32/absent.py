"""What programs look for when they start, and may never call: windows, the clipboard and hooks, which are not here."""

from .base import dll

dll.stub(
    "there is no clipboard", "OpenClipboard", "CloseClipboard", "EmptyClipboard", "GetClipboardData",
    "SetClipboardData", "IsClipboardFormatAvailable", "EnumClipboardFormats", "CountClipboardFormats",
    "GetClipboardOwner", "GetClipboardSequenceNumber", "RegisterClipboardFormatA", "RegisterClipboardFormatW",
)  # fmt: skip
dll.stub(
    "windows are not built", "RegisterClassA", "RegisterClassW", "RegisterClassExA", "RegisterClassExW",
    "UnregisterClassA", "UnregisterClassW", "CreateWindowExA", "CreateWindowExW", "DestroyWindow", "DefWindowProcA",
    "DefWindowProcW", "ShowWindow", "FindWindowA", "FindWindowW", "EnumWindows", "GetWindowThreadProcessId",
    "SendMessageA", "SendMessageW", "PostMessageA", "PostMessageW", "SetForegroundWindow", "GetSystemMetrics",
    "GetDesktopWindow", "GetLastInputInfo", "GetKeyState", "GetAsyncKeyState", "MapVirtualKeyW",
    "SystemParametersInfoA",
    "SystemParametersInfoW", "SetWindowsHookExA", "SetWindowsHookExW", "UnhookWindowsHookEx", "CallNextHookEx",
    "GetDC", "ReleaseDC", "LoadIconA", "LoadIconW", "LoadCursorA", "LoadCursorW", "AllowSetForegroundWindow",
    "ExitWindowsEx", "WaitForInputIdle", "SendInput", "keybd_event", "GetCursorPos", "SetCursorPos",
)  # fmt: skip
