"""winbase.h: private initialisation files."""

from litebox_core.abi import BOOL, DWORD, INT, PCWSTR, UINT, Annotated, Len, WideBuffer
from litebox_core.errors import NtError, WinError
from litebox_core.guest import Guest, Steps
from litebox_core.memory import Memory
from litebox_core.ntstatus import STATUS_END_OF_FILE
from litebox_core.services import Files
from litebox_core.winerror import ERROR_FILE_NOT_FOUND, ERROR_MORE_DATA

from .base import dll

GENERIC_READ, GENERIC_WRITE, SYNCHRONIZE = 0x80000000, 0x40000000, 0x100000
FILE_OPEN, FILE_OVERWRITE_IF = 1, 5
SYNCHRONOUS_FILE = 0x60
MAX_SIZE = 1 << 24
_BOM = b"\xff\xfe"


class IniFile:
    """The lines of a file. Section and key names are compared without regard to case."""

    def __init__(self, data: bytes, memory: Memory) -> None:
        self.wide, self._memory = data.startswith(_BOM), memory
        text = data[2:].decode("utf-16-le", "replace") if self.wide else memory.ansi_decode(data)
        self.lines: list[str] = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")

    def _section(self, name: str) -> tuple[int, int] | None:
        """The lines of a section behind its head: the first and the one behind the last."""
        start = None
        for index, line in enumerate(self.lines):
            head = _head(line)
            if head is not None:
                if start is not None:
                    return start, index
                if head.upper() == name.strip().upper():
                    start = index + 1
        return None if start is None else (start, len(self.lines))

    def sections(self) -> list[str]:
        return [head for head in map(_head, self.lines) if head is not None]

    def entries(self, section: str) -> list[tuple[int, str, str]]:
        """Line number, key and value of the entries of a section."""
        place = self._section(section)
        if place is None:
            return []
        found = []
        for index in range(*place):
            key, equals, value = self.lines[index].partition("=")
            if equals and not key.lstrip().startswith(";"):
                found.append((index, key.strip(), value.strip()))
        return found

    def get(self, section: str, key: str) -> str | None:
        wanted = key.strip().upper()
        return next((value for _, name, value in self.entries(section) if name.upper() == wanted), None)

    def put(self, section: str, key: str | None, value: str | None) -> None:
        """Sets or (None) removes an entry; without a key the whole section goes."""
        place = self._section(section)
        if key is None or (value is None and place is None):
            if place is not None and key is None:
                del self.lines[place[0] - 1 : place[1]]
            return
        wanted = key.strip().upper()
        at = next((index for index, name, _ in self.entries(section) if name.upper() == wanted), None)
        if value is None:
            if at is not None:
                del self.lines[at]
            return
        line = f"{key.strip()}={value.strip()}"
        if at is not None:
            self.lines[at] = line
            return
        while place is None and self.lines and not self.lines[-1].strip():
            self.lines.pop()
        if place is None:
            self.lines += [f"[{section.strip()}]", line, ""]
            return
        end = place[1]
        while end > place[0] and not self.lines[end - 1].strip():
            end -= 1
        self.lines.insert(end, line)

    def data(self) -> bytes:
        text = "\r\n".join(self.lines)
        if self.wide:
            return _BOM + text.encode("utf-16-le", "surrogatepass")
        return self._memory.ansi_encode(text)


def _head(line: str) -> str | None:
    """The name of the section that a line begins."""
    line = line.strip()
    if not line.startswith("["):
        return None
    return line[1:].rpartition("]")[0] if "]" in line else line[1:]


def _path(files: Files, name: str) -> str:
    """Names without a folder are in the Windows folder."""
    return name if "\\" in name or "/" in name or name[1:2] == ":" else "C:\\windows\\" + name


def _read(guest: Guest, files: Files, name: str) -> Steps[IniFile | None]:
    """The file; None where there is none that can be read."""
    try:
        file, _ = files.open(_path(files, name), GENERIC_READ | SYNCHRONIZE, 3, FILE_OPEN, SYNCHRONOUS_FILE)
    except NtError:
        return None
    file.retain()
    try:
        data = yield from file.read(guest, min(file.info().size, MAX_SIZE), 0)
    except NtError as error:
        if error.status != STATUS_END_OF_FILE:
            raise
        data = b""
    finally:
        file.release()
    return IniFile(data, guest.memory)


def _put_list(buffer: WideBuffer, size: int, texts: list[str]) -> int:
    """Texts one behind the other, with a NUL more at the end; the length without that. Cut where it does not fit."""
    if not size:
        return 0
    unit, memory = buffer.unit, buffer.memory
    data = buffer.encode("".join(text + "\0" for text in texts))
    room = size * unit
    if len(data) + unit <= room:
        memory.write(buffer.addr, data + bytes(unit))
        return len(data) // unit
    kept = max(size - 2, 0)
    memory.write(buffer.addr, (data[: kept * unit] + bytes(2 * unit))[:room])
    return kept


def _put(buffer: WideBuffer, size: int, text: str) -> int:
    """A text, cut where it does not fit; its length as it is there."""
    if not size:
        return 0
    unit = buffer.unit
    data = buffer.encode(text)[: (size - 1) * unit]
    buffer.memory.write(buffer.addr, data + bytes(unit))
    return len(data) // unit


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] in "\"'" and value[-1] == value[0] else value


# -- reading ---------------------------------------------------------------------------------------------------------


@dll.export
def GetPrivateProfileStringW(
    guest: Guest, lpAppName: PCWSTR | None, lpKeyName: PCWSTR | None, lpDefault: PCWSTR | None,
    lpReturnedString: Annotated[WideBuffer, Len("nSize")], nSize: DWORD, lpFileName: PCWSTR | None, *, files: Files,
) -> Steps[DWORD]:  # fmt: skip
    file = yield from _read(guest, files, lpFileName or "win.ini")
    if lpAppName is None or lpKeyName is None:
        names = [] if file is None else (
            file.sections() if lpAppName is None else [key for _, key, _ in file.entries(lpAppName)])  # fmt: skip
        return _put_list(lpReturnedString, nSize, names)
    value = None if file is None else file.get(lpAppName, lpKeyName)
    text = (lpDefault or "").rstrip(" ") if value is None else _unquoted(value)
    count = _put(lpReturnedString, nSize, text)
    if value is None:
        guest.last_error = ERROR_FILE_NOT_FOUND
    elif count < lpReturnedString.units(text):
        guest.last_error = ERROR_MORE_DATA
    return count


dll.ansi(GetPrivateProfileStringW)


def _number(text: str) -> int:
    """What the digits at the beginning say, in decimal or, behind 0x, in hexadecimal."""
    text, sign = text.strip(), 1
    if text[:1] in ("-", "+"):
        text, sign = text[1:], -1 if text[0] == "-" else 1
    base = 16 if text[:2].lower() == "0x" else 10
    digits = text[2:] if base == 16 else text
    value = 0
    for digit in digits:
        at = "0123456789abcdef"[:base].find(digit.lower())
        if at < 0:
            break
        value = value * base + at
    return sign * value & 0xFFFFFFFF


@dll.export
def GetPrivateProfileIntW(
    guest: Guest, lpAppName: PCWSTR, lpKeyName: PCWSTR, nDefault: INT, lpFileName: PCWSTR | None, *, files: Files
) -> Steps[UINT]:
    file = yield from _read(guest, files, lpFileName or "win.ini")
    value = None if file is None else file.get(lpAppName, lpKeyName)
    return nDefault & 0xFFFFFFFF if not value else _number(_unquoted(value))


dll.ansi(GetPrivateProfileIntW)


@dll.export
def GetPrivateProfileSectionW(
    guest: Guest, lpAppName: PCWSTR, lpReturnedString: Annotated[WideBuffer, Len("nSize")], nSize: DWORD,
    lpFileName: PCWSTR | None, *, files: Files,
) -> Steps[DWORD]:  # fmt: skip
    file = yield from _read(guest, files, lpFileName or "win.ini")
    rows = [] if file is None else [f"{key}={value}" for _, key, value in file.entries(lpAppName)]
    return _put_list(lpReturnedString, nSize, rows)


dll.ansi(GetPrivateProfileSectionW)


@dll.export
def GetPrivateProfileSectionNamesW(
    guest: Guest, lpszReturnBuffer: Annotated[WideBuffer, Len("nSize")], nSize: DWORD, lpFileName: PCWSTR | None, *,
    files: Files,
) -> Steps[DWORD]:  # fmt: skip
    file = yield from _read(guest, files, lpFileName or "win.ini")
    return _put_list(lpszReturnBuffer, nSize, [] if file is None else file.sections())


dll.ansi(GetPrivateProfileSectionNamesW)


# -- writing ---------------------------------------------------------------------------------------------------------


@dll.export
def WritePrivateProfileStringW(
    guest: Guest, lpAppName: PCWSTR | None, lpKeyName: PCWSTR | None, lpString: PCWSTR | None,
    lpFileName: PCWSTR | None, *, files: Files,
) -> Steps[BOOL]:  # fmt: skip
    name = lpFileName or "win.ini"
    if lpAppName is None:
        raise WinError(ERROR_FILE_NOT_FOUND)  # nothing is kept back that could be written out
    ini = (yield from _read(guest, files, name)) or IniFile(b"", guest.memory)
    ini.put(lpAppName, lpKeyName, lpString)
    access = GENERIC_WRITE | SYNCHRONIZE
    file, _ = files.open(_path(files, name), access, 1, FILE_OVERWRITE_IF, SYNCHRONOUS_FILE, 0x80)
    file.retain()
    try:
        yield from file.write(guest, ini.data(), 0)
    finally:
        file.release()
    return True


dll.ansi(WritePrivateProfileStringW)
