"""The environment variables with which a guest process starts."""

import os
from typing import TYPE_CHECKING

from .nls.casing import upcase

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .process import Process

_WINDOWS = {
    "ALLUSERSPROFILE": "C:\\ProgramData",
    "APPDATA": "C:\\Users\\litebox\\AppData\\Roaming",
    "CommonProgramFiles": "C:\\Program Files\\Common Files",
    "CommonProgramFiles(x86)": "C:\\Program Files (x86)\\Common Files",
    "CommonProgramW6432": "C:\\Program Files\\Common Files",
    "COMPUTERNAME": "LITEBOX",
    "ComSpec": "C:\\Windows\\system32\\cmd.exe",
    "DriverData": "C:\\Windows\\System32\\Drivers\\DriverData",
    "HOMEDRIVE": "C:",
    "HOMEPATH": "\\Users\\litebox",
    "LOCALAPPDATA": "C:\\Users\\litebox\\AppData\\Local",
    "LOGONSERVER": "\\\\LITEBOX",
    "NUMBER_OF_PROCESSORS": "1",
    "OS": "Windows_NT",
    "Path": "C:\\Windows\\system32;C:\\Windows;C:\\Windows\\System32\\Wbem",
    "PATHEXT": ".COM;.EXE;.BAT;.CMD;.VBS;.VBE;.JS;.JSE;.WSF;.WSH;.MSC",
    "PROCESSOR_ARCHITECTURE": "AMD64",
    "PROCESSOR_IDENTIFIER": "Intel64 Family 6 Model 15 Stepping 11, GenuineIntel",
    "PROCESSOR_LEVEL": "6",
    "PROCESSOR_REVISION": "0f0b",
    "ProgramData": "C:\\ProgramData",
    "ProgramFiles": "C:\\Program Files",
    "ProgramFiles(x86)": "C:\\Program Files (x86)",
    "ProgramW6432": "C:\\Program Files",
    "PUBLIC": "C:\\Users\\Public",
    "SystemDrive": "C:",
    "SystemRoot": "C:\\Windows",
    "TEMP": "C:\\Users\\litebox\\AppData\\Local\\Temp",
    "TMP": "C:\\Users\\litebox\\AppData\\Local\\Temp",
    "USERDOMAIN": "LITEBOX",
    "USERNAME": "litebox",
    "USERPROFILE": "C:\\Users\\litebox",
    "windir": "C:\\Windows",
}

_HOST_ONLY = frozenset(
    [
        "PATH",
        "HOME",
        "USER",
        "LOGNAME",
        "SHELL",
        "TMPDIR",
        "TMP",
        "TEMP",
        "PWD",
        "OLDPWD",
        "LD_LIBRARY_PATH",
        "LD_PRELOAD",
        "PYTHONPATH",
        "HOSTNAME",
    ]
)
"""Variables whose values mean nothing in the guest, or something else."""


def guest_environment(process: "Process") -> dict[str, str]:
    """Windows' standard variables, the host's own (with ``--clean-env`` not), and those given for the run."""
    options = process.options
    result = dict(_WINDOWS)
    result["NUMBER_OF_PROCESSORS"] = str(options.processors)
    upper = {name.upper(): name for name in result}

    def put(name: str, value: str) -> None:
        known = upper.setdefault(name.upper(), name)
        result[known] = value

    if not options.clean_environment:
        for name, value in os.environ.items():
            if name in _HOST_ONLY or name.startswith(("LITEBOX_", "PYTHON")) or name.upper() in upper or not name:
                continue
            put(name, value.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))
    for name, value in options.environment.items():
        put(name, value)
    return result


def expand(text: str, variables: "Iterable[tuple[str, str]]") -> str:
    """The text with each ``%NAME%`` replaced by the variable's value; names that do not exist stay as they are."""
    if "%" not in text:
        return text
    values = {upcase(name): value for name, value in variables}
    pieces: list[str] = []
    at = 0
    while True:
        start = text.find("%", at)
        end = text.find("%", start + 1) if start >= 0 else -1
        if end < 0:
            pieces.append(text[at:])
            return "".join(pieces)
        value = values.get(upcase(text[start + 1 : end]))
        if value is None:  # the second percent sign may begin a name
            pieces.append(text[at:end])
            at = end
        else:
            pieces += (text[at:start], value)
            at = end + 1
