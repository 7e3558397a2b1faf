"""stdio.h and io.h: names for temporary files, and temporary files."""

from litebox_core.abi import INT, PCSTR, PCWSTR, PVOID, SIZE_T, Out
from litebox_core.crterrno import EEXIST, EINVAL, ENOENT, ENOMEM, ERANGE
from litebox_core.dll import RETURN_ERROR
from litebox_core.errors import CrtError, NtError
from litebox_core.guest import Guest, Steps
from litebox_core.process import DllState, Process
from litebox_core.services import Files

from .base import InvalidParameter, Runtime, shared
from .descriptors import O_BINARY, O_CREAT, O_EXCL, O_RDWR, O_TEMPORARY
from .environ import CrtEnvironment
from .malloc import CrtHeap
from .opening import S_IREAD, S_IWRITE, SH_DENYNO, open_descriptor
from .streams import IORW, Streams

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_NAME_ROOM = 64
_TRIES = 32767


def _base36(number: int) -> str:
    text = ""
    while True:
        number, digit = divmod(number, 36)
        text = _DIGITS[digit] + text
        if not number:
            return text


def _exists(guest: Guest, path: str) -> bool:
    try:
        guest.service(Files).query(path)
    except NtError:
        return False
    return True


class TemporaryNames(DllState):
    """What tmpnam has given out."""

    per_dll = True

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self.ucrt = process.state(Runtime, dll).ucrt
        self.environment = process.state(CrtEnvironment, dll)
        self._number = 0
        self._buffers: dict[bool, int] = {}

    def directory(self, guest: Guest) -> str:
        """The directory for temporary files."""
        for variable in ("TMP", "TEMP"):
            addr = self.environment.find_wide(variable)
            if addr:
                path = guest.memory.wstr(addr)
                return path if path.endswith("\\") else path + "\\"
        return ".\\"

    def next(self, guest: Guest, directory: str | None = None) -> str:
        """A name that no file has: for MSVCRT in the root of the drive, for the UCRT in the temporary directory.

        Raises CrtError(ENOENT) when all are used up.
        """
        if directory is None:
            directory = self.directory(guest) if self.ucrt else "\\"
        prefix = f"{directory}s{_base36(guest.process.pid)}."
        for _ in range(_TRIES):
            path = prefix + (_base36(self._number) if self._number else "")
            self._number += 1
            if not _exists(guest, path):
                return path
        raise CrtError(ENOENT)

    def buffer(self, wide: bool) -> int:
        if wide not in self._buffers:
            self._buffers[wide] = self.process.heaps_allocate(1024)
        return self._buffers[wide]


@shared.export(fails=0)
def tmpnam(guest: Guest, str: PVOID, *, names: TemporaryNames) -> PVOID:
    addr = str or names.buffer(False)
    guest.memory.put_cstr(addr, guest.memory.ansi_encode(names.next(guest)))
    return addr


@shared.export(fails=0)
def _wtmpnam(guest: Guest, str: PVOID, *, names: TemporaryNames) -> PVOID:
    addr = str or names.buffer(True)
    guest.memory.put_wstr(addr, names.next(guest))
    return addr


@shared.export(fails=RETURN_ERROR)
def tmpnam_s(guest: Guest, str: PVOID, sizeInChars: SIZE_T, *, names: TemporaryNames) -> INT:
    if not str:
        raise InvalidParameter(EINVAL)
    data = guest.memory.ansi_encode(names.next(guest))
    if len(data) >= sizeInChars:
        if sizeInChars:
            guest.memory.put_cstr(str, b"")
        raise InvalidParameter(ERANGE)
    guest.memory.put_cstr(str, data)
    return 0


@shared.export(fails=RETURN_ERROR)
def _wtmpnam_s(guest: Guest, str: PVOID, sizeInChars: SIZE_T, *, names: TemporaryNames) -> INT:
    if not str:
        raise InvalidParameter(EINVAL)
    text = names.next(guest)
    if len(text) >= sizeInChars:
        if sizeInChars:
            guest.memory.put_wstr(str, "")
        raise InvalidParameter(ERANGE)
    guest.memory.put_wstr(str, text)
    return 0


def _temporary(guest: Guest, folder: str | None, prefix: str | None, names: TemporaryNames) -> str:
    """_tempnam: in TMP's directory, else in ``folder``, else in the current one."""
    addr = names.environment.find_wide("TMP")
    candidates = [guest.memory.wstr(addr) if addr else "", folder or "", "."]
    place = next(p for p in candidates if p and (p == "." or _exists(guest, p.rstrip("\\/") or p)))
    joint = "" if place.endswith(("\\", "/")) else "\\"
    number = guest.process.pid
    while True:
        path = f"{place}{joint}{prefix or ''}{number}"
        if not _exists(guest, path):
            return path
        number += 1


def _on_heap(guest: Guest, heap: CrtHeap, data: bytes) -> int:
    addr = heap.allocate(len(data))
    if not addr:
        raise CrtError(ENOMEM)
    guest.memory.write(addr, data)
    return addr


@shared.export(fails=0)
def _tempnam(guest: Guest, dir: PCSTR | None, prefix: PCSTR | None, *, names: TemporaryNames, heap: CrtHeap) -> PVOID:
    decode = guest.memory.ansi_decode
    path = _temporary(guest, decode(dir) if dir else None, decode(prefix) if prefix else None, names)
    return _on_heap(guest, heap, guest.memory.ansi_encode(path) + b"\0")


@shared.export(fails=0)
def _wtempnam(
    guest: Guest, dir: PCWSTR | None, prefix: PCWSTR | None, *, names: TemporaryNames, heap: CrtHeap
) -> PVOID:
    path = _temporary(guest, dir, prefix, names)
    return _on_heap(guest, heap, path.encode("utf-16-le", "surrogatepass") + b"\0\0")


def _fill_template(guest: Guest, template: str) -> str | None:
    """The template with its six X replaced by a letter and a number; None where all names exist."""
    if len(template) < 6 or not template.endswith("XXXXXX"):
        raise InvalidParameter(EINVAL)
    for letter in "abcdefghijklmnopqrstuvwxyz":
        path = f"{template[:-6]}{letter}{guest.tid % 100000:05}"
        if not _exists(guest, path):
            return path
    return None


@shared.export(fails=0)
def _mktemp(guest: Guest, nameTemplate: PVOID) -> PVOID:
    if not nameTemplate:
        raise InvalidParameter(EINVAL)
    memory = guest.memory
    path = _fill_template(guest, memory.ansi_decode(memory.cstr(nameTemplate)))
    if path is None:
        raise CrtError(EEXIST)
    memory.put_cstr(nameTemplate, memory.ansi_encode(path))
    return nameTemplate


@shared.export(fails=0)
def _wmktemp(guest: Guest, nameTemplate: PVOID) -> PVOID:
    if not nameTemplate:
        raise InvalidParameter(EINVAL)
    path = _fill_template(guest, guest.memory.wstr(nameTemplate))
    if path is None:
        raise CrtError(EEXIST)
    guest.memory.put_wstr(nameTemplate, path)
    return nameTemplate


@shared.export(fails=RETURN_ERROR)
def _mktemp_s(guest: Guest, nameTemplate: PVOID, sizeInChars: SIZE_T) -> INT:
    if not nameTemplate or not sizeInChars:
        raise InvalidParameter(EINVAL)
    data = guest.memory.cstr(nameTemplate, min(sizeInChars, 1 << 16))
    if len(data) >= sizeInChars:
        raise InvalidParameter(EINVAL)
    path = _fill_template(guest, guest.memory.ansi_decode(data))
    if path is None:
        guest.memory.put_cstr(nameTemplate, b"")
        raise CrtError(EEXIST)
    guest.memory.put_cstr(nameTemplate, guest.memory.ansi_encode(path))
    return 0


@shared.export(fails=RETURN_ERROR)
def _wmktemp_s(guest: Guest, nameTemplate: PVOID, sizeInChars: SIZE_T) -> INT:
    if not nameTemplate or not sizeInChars:
        raise InvalidParameter(EINVAL)
    text = guest.memory.wstr(nameTemplate, min(sizeInChars, 1 << 16))
    if len(text) >= sizeInChars:
        raise InvalidParameter(EINVAL)
    path = _fill_template(guest, text)
    if path is None:
        guest.memory.put_wstr(nameTemplate, "")
        raise CrtError(EEXIST)
    guest.memory.put_wstr(nameTemplate, path)
    return 0


def _open_temporary(guest: Guest, names: TemporaryNames, streams: Streams) -> Steps[int]:
    flags = O_CREAT | O_EXCL | O_RDWR | O_BINARY | O_TEMPORARY
    path, mode = names.next(guest), S_IREAD | S_IWRITE
    try:
        fd = yield from open_descriptor(guest, streams.descriptors, path, flags, SH_DENYNO, mode, 0)
    except NtError:
        # Not everybody may write to the root of the drive.
        path = names.next(guest, names.directory(guest))
        fd = yield from open_descriptor(guest, streams.descriptors, path, flags, SH_DENYNO, mode, 0)
    stream = streams.new(fd, IORW)
    stream.temporary = True
    return stream.addr


@shared.export(fails=0)
def tmpfile(guest: Guest, *, names: TemporaryNames, streams: Streams) -> Steps[PVOID]:
    return (yield from _open_temporary(guest, names, streams))


@shared.export(fails=RETURN_ERROR)
def tmpfile_s(guest: Guest, pFilePtr: Out[PVOID], *, names: TemporaryNames, streams: Streams) -> Steps[INT]:
    if not pFilePtr:
        raise InvalidParameter(EINVAL)
    pFilePtr.value = 0
    pFilePtr.value = yield from _open_temporary(guest, names, streams)
    return 0


@shared.export
def _rmtmp(guest: Guest, *, streams: Streams) -> Steps[INT]:
    count = 0
    for stream in streams:
        if stream.temporary:
            yield from streams.close(guest, stream)
            count += 1
    return count
