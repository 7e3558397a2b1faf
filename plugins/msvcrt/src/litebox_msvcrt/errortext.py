"""Texts of errors: strerror, perror, and failed assertions."""

from litebox_core.abi import INT, PCSTR, PCWSTR, PVOID, SIZE_T, UINT
from litebox_core.crterrno import EINVAL
from litebox_core.dll import RETURN_ERROR
from litebox_core.guest import Guest, Steps
from litebox_core.process import DllState, Process

from .base import CrtThreads, InvalidParameter, Runtime, msvcrt, shared, ucrtbase
from .exits import abort_steps
from .streams import Streams

_TEXTS = {
    0: "No error", 1: "Operation not permitted", 2: "No such file or directory", 3: "No such process",
    4: "Interrupted function call", 5: "Input/output error", 6: "No such device or address", 7: "Arg list too long",
    8: "Exec format error", 9: "Bad file descriptor", 10: "No child processes", 11: "Resource temporarily unavailable",
    12: "Not enough space", 13: "Permission denied", 14: "Bad address", 16: "Resource device", 17: "File exists",
    18: "Improper link", 19: "No such device", 20: "Not a directory", 21: "Is a directory", 22: "Invalid argument",
    23: "Too many open files in system", 24: "Too many open files", 25: "Inappropriate I/O control operation",
    27: "File too large", 28: "No space left on device", 29: "Invalid seek", 30: "Read-only file system",
    31: "Too many links", 32: "Broken pipe", 33: "Domain error", 34: "Result too large",
    36: "Resource deadlock avoided", 38: "Filename too long", 39: "No locks available",
    40: "Function not implemented", 41: "Directory not empty", 42: "Illegal byte sequence",
}  # fmt: skip
_UCRT_TEXTS = {
    100: "address in use", 101: "address not available", 102: "address family not supported",
    103: "connection already in progress", 104: "bad message", 105: "operation canceled", 106: "connection aborted",
    107: "connection refused", 108: "connection reset", 109: "destination address required", 110: "host unreachable",
    111: "identifier removed", 112: "operation in progress", 113: "already connected",
    114: "too many symbolic link levels", 115: "message size", 116: "network down", 117: "network reset",
    118: "network unreachable", 119: "no buffer space", 120: "no message available", 121: "no link", 122: "no message",
    123: "no protocol option", 124: "no stream resources", 125: "not a stream", 126: "not connected",
    127: "state not recoverable", 128: "not a socket", 129: "not supported", 130: "operation not supported",
    132: "value too large", 133: "owner dead", 134: "protocol error", 135: "protocol not supported",
    136: "wrong protocol type", 137: "stream timeout", 138: "timed out", 139: "text file busy",
    140: "operation would block",
}  # fmt: skip
_UNKNOWN = "Unknown error"
_BUFFER = 256


def text_of(errno: int, ucrt: bool) -> str:
    """The message for an errno."""
    found = _TEXTS.get(errno)
    if found is None and ucrt:
        found = _UCRT_TEXTS.get(errno)
    return found or _UNKNOWN


class ErrorTexts(DllState):
    """The buffers in which the functions without a caller's buffer answer."""

    per_dll = True

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self.ucrt = process.state(Runtime, dll).ucrt
        self._buffers: dict[tuple[int, str], int] = {}

    def buffer(self, guest: Guest, kind: str) -> int:
        """A thread's buffer."""
        key = (guest.tid, kind)
        if key not in self._buffers:
            self._buffers[key] = self.process.heaps_allocate(2 * _BUFFER)
        return self._buffers[key]


def _current(guest: Guest) -> int:
    return guest.memory.i32(guest.state(CrtThreads).block(guest))


@shared.export(fails=0)
def strerror(guest: Guest, errnum: INT, *, texts: ErrorTexts) -> PVOID:
    addr = texts.buffer(guest, "narrow")
    guest.memory.put_cstr(addr, text_of(errnum, texts.ucrt).encode("ascii"))
    return addr


@shared.export(fails=0)
def _wcserror(guest: Guest, errnum: INT, *, texts: ErrorTexts) -> PVOID:
    addr = texts.buffer(guest, "wide")
    guest.memory.put_wstr(addr, text_of(errnum, texts.ucrt))
    return addr


@shared.export(fails=RETURN_ERROR)
def strerror_s(guest: Guest, buffer: PVOID, sizeInBytes: SIZE_T, errnum: INT, *, texts: ErrorTexts) -> INT:
    if not buffer or not sizeInBytes:
        raise InvalidParameter(EINVAL)
    data = text_of(errnum, texts.ucrt).encode("ascii")[: sizeInBytes - 1]
    guest.memory.put_cstr(buffer, data)
    return 0


@shared.export(fails=RETURN_ERROR)
def _wcserror_s(guest: Guest, buffer: PVOID, sizeInWords: SIZE_T, errnum: INT, *, texts: ErrorTexts) -> INT:
    if not buffer or not sizeInWords:
        raise InvalidParameter(EINVAL)
    guest.memory.put_wstr(buffer, text_of(errnum, texts.ucrt)[: sizeInWords - 1])
    return 0


def _message(guest: Guest, prefix: str | None, ucrt: bool) -> str:
    text = text_of(_current(guest), ucrt) + "\n"
    return f"{prefix}: {text}" if prefix else text


@shared.export(fails=0)
def _strerror(guest: Guest, strErrMsg: PCSTR | None, *, texts: ErrorTexts) -> PVOID:
    prefix = strErrMsg.decode("latin-1") if strErrMsg else None
    addr = texts.buffer(guest, "narrow")
    guest.memory.put_cstr(addr, _message(guest, prefix, texts.ucrt).encode("latin-1")[-2 * _BUFFER + 1 :])
    return addr


@shared.export(fails=RETURN_ERROR)
def __wcserror_s(
    guest: Guest, buffer: PVOID, sizeInWords: SIZE_T, strErrMsg: PCWSTR | None, *, texts: ErrorTexts
) -> INT:
    if not buffer or not sizeInWords:
        raise InvalidParameter(EINVAL)
    guest.memory.put_wstr(buffer, _message(guest, strErrMsg, texts.ucrt)[: sizeInWords - 1])
    return 0


@shared.export(fails=0)
def __wcserror(guest: Guest, strErrMsg: PCWSTR | None, *, texts: ErrorTexts) -> PVOID:
    addr = texts.buffer(guest, "wide")
    guest.memory.put_wstr(addr, _message(guest, strErrMsg, texts.ucrt)[-_BUFFER + 1 :])
    return addr


@shared.export
def perror(guest: Guest, message: PCSTR | None, *, texts: ErrorTexts, streams: Streams) -> Steps[None]:
    text = text_of(_current(guest), texts.ucrt).encode("ascii") + b"\n"
    yield from streams.put(guest, streams.standard(2), message + b": " + text if message else text)


@shared.export
def _wperror(guest: Guest, message: PCWSTR | None, *, texts: ErrorTexts, streams: Streams) -> Steps[None]:
    text = _message(guest, message, texts.ucrt)
    yield from streams.put(guest, streams.standard(2), guest.memory.ansi_encode(text))


def _fill_list(process: Process, addr: int) -> None:
    for number in range(_LISTED):
        data = text_of(number, False).encode("ascii") + b"\0"
        text = process.heaps_allocate(len(data))
        process.memory.write(text, data)
        process.memory.put_pointer(addr + number * (process.bits // 8), text)


_LISTED = 44
msvcrt.data("_sys_errlist", _LISTED * 8, _fill_list)
msvcrt.data("_sys_nerr", 4, (_LISTED - 1).to_bytes(4, "little"))


@ucrtbase.export
def __sys_errlist(guest: Guest, *, runtime: Runtime) -> PVOID:
    addr = runtime.variable("_sys_errlist", _LISTED * 8)
    if not guest.memory.pointer(addr):
        _fill_list(guest.process, addr)
    return addr


@ucrtbase.export
def __sys_nerr(guest: Guest, *, runtime: Runtime) -> PVOID:
    addr = runtime.variable("_sys_nerr", 4)
    guest.memory.put_u32(addr, _LISTED - 1)
    return addr


# -- assertions ------------------------------------------------------------------------------------------------------


def _assertion(guest: Guest, message: str, file: str, line: int, streams: Streams) -> Steps[None]:
    text = f"Assertion failed: {message}, file {file}, line {line}\n"
    if streams.runtime.ucrt:
        text += "\n"
    yield from streams.put(guest, streams.standard(2), guest.memory.ansi_encode(text))
    yield from abort_steps(guest, streams.dll)


@shared.export
def _assert(guest: Guest, message: PCSTR, file: PCSTR, line: UINT, *, streams: Streams) -> Steps[None]:
    decode = guest.memory.ansi_decode
    return _assertion(guest, decode(message), decode(file), line, streams)


@shared.export
def _wassert(guest: Guest, message: PCWSTR, file: PCWSTR, line: UINT, *, streams: Streams) -> Steps[None]:
    return _assertion(guest, message, file, line, streams)
