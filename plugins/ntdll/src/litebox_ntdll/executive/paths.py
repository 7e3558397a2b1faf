"""DOS paths by Windows' rules: classification, full paths, device names, NT paths. Nothing here looks at a file."""

from collections.abc import Callable

from litebox_core.errors import NtError
from litebox_core.nls.utf16 import length
from litebox_core.ntstatus import STATUS_NAME_TOO_LONG, STATUS_OBJECT_NAME_INVALID

__all__ = [
    "DRIVE_ABSOLUTE", "DRIVE_RELATIVE", "LOCAL_DEVICE", "MAX_LONG_PATH", "MAX_PATH", "RELATIVE", "ROOTED",
    "ROOT_LOCAL_DEVICE", "UNC_ABSOLUTE", "UNKNOWN", "dos_device", "dos_device_part", "full_path", "is_verbatim",
    "nt_path", "path_type", "root_length", "split_nt",
]  # fmt: skip

# RtlDetermineDosPathNameType_U's answers
UNKNOWN = 0
UNC_ABSOLUTE = 1
DRIVE_ABSOLUTE = 2
DRIVE_RELATIVE = 3
ROOTED = 4
RELATIVE = 5
LOCAL_DEVICE = 6
ROOT_LOCAL_DEVICE = 7

MAX_PATH = 260
"""Characters of a path with its terminator, where long paths are not enabled."""
MAX_LONG_PATH = 32767
"""UTF-16 units of any path with its terminator."""

_SEPARATORS = ("\\", "/")
_DEVICES = frozenset(
    ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"]
    + [name + digit for name in ("COM", "LPT") for digit in "123456789¹²³"]
)
_DEVICE_PREFIXES = ("\\??\\", "\\DosDevices\\", "\\GLOBAL??\\")


def path_type(path: str) -> int:
    """What RtlDetermineDosPathNameType_U says of a path."""
    if path.startswith(_SEPARATORS):
        if not path.startswith(_SEPARATORS, 1):
            return ROOTED
        if path[2:3] in (".", "?"):
            if path.startswith(_SEPARATORS, 3):
                return LOCAL_DEVICE
            if len(path) == 3:
                return ROOT_LOCAL_DEVICE
        return UNC_ABSOLUTE
    if path[1:2] == ":":
        return DRIVE_ABSOLUTE if path.startswith(_SEPARATORS, 2) else DRIVE_RELATIVE
    return RELATIVE


def is_verbatim(path: str) -> bool:
    r"""Whether the path (``\\?\``, ``\??\``) is taken as it is, without cleaning."""
    return path.startswith(("\\\\?\\", "\\??\\"))


def dos_device_part(path: str) -> tuple[int, int] | None:
    """Where in the path a DOS device is named (start, length); None for a path to a file.

    As up to Windows 10, the name counts in any folder and with any extension: ``C:\\dir\\nul.txt`` is NUL.
    """
    kind = path_type(path)
    if kind in (UNC_ABSOLUTE, ROOT_LOCAL_DEVICE):
        return None
    if kind == LOCAL_DEVICE:
        return (4, 3) if path[2] == "." and path[4:].upper() == "CON" else None
    start = max(path.rfind("\\"), path.rfind("/")) + 1
    if start == 0 and kind == DRIVE_RELATIVE:
        start = 2
    last = path[start:]
    if len(last) < 3 or last[0] not in "CPANLcpanl":
        return None
    for stop in ".:":
        last = last.partition(stop)[0]
    last = last.rstrip(" ")
    return (start, len(last)) if last.upper() in _DEVICES else None


def dos_device(path: str) -> str | None:
    """The DOS device that a path names, such as ``"NUL"`` (as spelt); None for a path to a file."""
    part = dos_device_part(path)
    return None if part is None else path[part[0] : part[0] + part[1]]


def full_path(path: str, current: str, drive_current: "Callable[[str], str]") -> str:
    """The absolute, cleaned path, as GetFullPathName gives it.

    ``current`` is the current directory and ``drive_current`` gives that of a drive letter; both absolute. Raises
    NtError: STATUS_OBJECT_NAME_INVALID for an empty path or one with a NUL, STATUS_NAME_TOO_LONG.
    """
    if not path or "\0" in path:
        raise NtError(STATUS_OBJECT_NAME_INVALID)
    if len(path) >= MAX_LONG_PATH:
        raise NtError(STATUS_NAME_TOO_LONG)
    device = dos_device(path)
    if device is not None:
        return "\\\\.\\" + device
    kind = path_type(path)
    path = path.replace("/", "\\")
    if kind == RELATIVE:
        if not path.strip(" "):
            raise NtError(STATUS_OBJECT_NAME_INVALID)
        path = _joined(current, path)
    elif kind == DRIVE_RELATIVE:
        path = _joined(drive_current(path[0]), path[2:])
    elif kind == ROOTED:
        path = current[: root_length(current)].rstrip("\\") + path
    elif kind == ROOT_LOCAL_DEVICE:
        return "\\\\.\\"
    root = root_length(path)
    if path_type(path) == LOCAL_DEVICE:
        root = 4
    cleaned = path[:root] + _clean(path[root:])
    if len(cleaned) >= MAX_LONG_PATH // 2 and length(cleaned) >= MAX_LONG_PATH:
        raise NtError(STATUS_NAME_TOO_LONG)
    return cleaned


def root_length(path: str) -> int:
    r"""How much of an absolute path is its root: ``C:\``, ``\\server\share\``, ``\\?\C:\``."""
    kind = path_type(path)
    if kind == DRIVE_ABSOLUTE:
        return 3
    if kind == UNC_ABSOLUTE:
        return _after(path, 2, 2)
    if kind == LOCAL_DEVICE:
        if path[4:8].upper() == "UNC\\":
            return _after(path, 8, 2)
        if path[5:6] == ":":
            return 7 if path.startswith(_SEPARATORS, 6) else 6
        return _after(path, 4, 1)
    return 0


def nt_path(path: str, current: str, drive_current: "Callable[[str], str]") -> str:
    r"""The NT path of a DOS path: ``\??\C:\dir\a.txt``. What RtlDosPathNameToNtPathName_U does; raises as full_path."""
    if is_verbatim(path):
        if "\0" in path:
            raise NtError(STATUS_OBJECT_NAME_INVALID)
        if len(path) >= MAX_LONG_PATH:
            raise NtError(STATUS_NAME_TOO_LONG)
        return "\\??\\" + path[4:]
    full = full_path(path, current, drive_current)
    kind = path_type(full)
    if kind == LOCAL_DEVICE:
        return "\\??\\" + full[4:]
    if kind == UNC_ABSOLUTE:
        return "\\??\\UNC" + full[1:]
    return "\\??\\" + full


def split_nt(path: str) -> tuple[str, str] | None:
    r"""The device and the rest of an NT path: ``\??\C:\dir\a`` gives ``("C:", "\\dir\\a")``; None for others."""
    for prefix in _DEVICE_PREFIXES:
        if path[: len(prefix)].upper() == prefix.upper():
            rest = path[len(prefix) :]
            device, separator, tail = rest.partition("\\")
            return device, separator + tail
    return None


def _after(path: str, start: int, parts: int) -> int:
    """The index behind the given number of components."""
    position = start
    for _ in range(parts):
        found = path.find("\\", position)
        if found < 0:
            return len(path)
        position = found + 1
    return position


def _joined(folder: str, path: str) -> str:
    return folder + path if folder.endswith("\\") else folder + "\\" + path


def _clean(path: str) -> str:
    """Without empty, ``.`` and ``..`` components and what Windows takes off their ends."""
    out: list[str] = []
    parts = path.split("\\")
    last = parts.pop()
    for part in parts:
        if part in ("", "."):
            continue
        if part == "..":
            if out:
                out.pop()
            continue
        if part[-1] == "." and part[-2:-1] != ".":
            part = part[:-1]
        out.append(part)
    if last == "..":
        if out:
            out.pop()
    elif last != ".":
        out.append(last.rstrip(" ."))
    return "\\".join(out)
