"""stdio.h: opening and closing streams, and what belongs to them."""

from litebox_core.abi import INT, PCSTR, PCWSTR, PVOID, SIZE_T, Out
from litebox_core.crterrno import EBADF, EINVAL, ENOENT
from litebox_core.dll import RETURN_ERROR
from litebox_core.errors import CrtError
from litebox_core.guest import Guest, Steps

from . import fastpaths
from .base import InvalidParameter, Runtime, shared
from .descriptors import FAPPEND, FEOFLAG, O_APPEND
from .opening import (
    S_IREAD,
    S_IWRITE,
    SH_DENYNO,
    SH_SECURE,
    check_descriptor,
    open_descriptor,
    parse_mode,
    path_argument,
)
from .streams import BUFFER_SIZE, EOF, IOEOF, IOERR, Stream, Streams

_IOFBF, _IOLBF, _IONBF = 0x0000, 0x0040, 0x0004


def default_mode(guest: Guest, runtime: Runtime) -> int:
    """The value of ``_fmode``."""
    return guest.memory.u32(runtime.variable("_fmode", 4))


def _open(guest: Guest, streams: Streams, path: str | None, mode: str | None, share: int) -> Steps[Stream]:
    if mode is None:
        raise InvalidParameter(EINVAL)
    path = path_argument(path)
    parsed = parse_mode(mode, streams.runtime.ucrt)
    if not path:
        raise InvalidParameter(EINVAL) if streams.runtime.ucrt else CrtError(ENOENT)
    default = default_mode(guest, streams.runtime)
    fd = yield from open_descriptor(guest, streams.descriptors, path, parsed.flags, share, S_IREAD | S_IWRITE, default)
    return streams.new(fd, parsed.stream)


def _narrow(guest: Guest, text: bytes | None) -> str | None:
    return None if text is None else guest.memory.ansi_decode(text)


@shared.export(fails=0)
def fopen(guest: Guest, filename: PCSTR | None, mode: PCSTR | None, *, streams: Streams) -> Steps[PVOID]:
    made = yield from _open(guest, streams, _narrow(guest, filename), _narrow(guest, mode), SH_DENYNO)
    return made.addr


@shared.export(fails=0)
def _wfopen(guest: Guest, filename: PCWSTR | None, mode: PCWSTR | None, *, streams: Streams) -> Steps[PVOID]:
    return (yield from _open(guest, streams, filename, mode, SH_DENYNO)).addr


@shared.export(fails=0)
def _fsopen(guest: Guest, filename: PCSTR | None, mode: PCSTR | None, shflag: INT, *, streams: Streams) -> Steps[PVOID]:
    made = yield from _open(guest, streams, _narrow(guest, filename), _narrow(guest, mode), shflag)
    return made.addr


@shared.export(fails=0)
def _wfsopen(
    guest: Guest, filename: PCWSTR | None, mode: PCWSTR | None, shflag: INT, *, streams: Streams
) -> Steps[PVOID]:
    return (yield from _open(guest, streams, filename, mode, shflag)).addr


def _open_into(guest: Guest, streams: Streams, place: Out[PVOID], path: str | None, mode: str | None) -> Steps[int]:
    if not place:
        raise InvalidParameter(EINVAL)
    place.value = 0
    place.value = (yield from _open(guest, streams, path, mode, SH_SECURE)).addr
    return 0


@shared.export(fails=RETURN_ERROR)
def fopen_s(
    guest: Guest, pFile: Out[PVOID], filename: PCSTR | None, mode: PCSTR | None, *, streams: Streams
) -> Steps[INT]:
    return _open_into(guest, streams, pFile, _narrow(guest, filename), _narrow(guest, mode))


@shared.export(fails=RETURN_ERROR)
def _wfopen_s(
    guest: Guest, pFile: Out[PVOID], filename: PCWSTR | None, mode: PCWSTR | None, *, streams: Streams
) -> Steps[INT]:
    return _open_into(guest, streams, pFile, filename, mode)


# -- by descriptor ---------------------------------------------------------------------------------------------------


def _open_descriptor(streams: Streams, fd: int, mode: str | None) -> int:
    if mode is None:
        raise InvalidParameter(EINVAL)
    descriptor = check_descriptor(streams.descriptors, fd)
    parsed = parse_mode(mode, streams.runtime.ucrt)
    stream = streams.new(fd, parsed.stream)
    if parsed.flags & O_APPEND:
        descriptor.flags |= FAPPEND
        streams.descriptors.changed(fd)
    return stream.addr


@shared.export(fails=0)
def _fdopen(guest: Guest, fd: INT, mode: PCSTR | None, *, streams: Streams) -> PVOID:
    return _open_descriptor(streams, fd, _narrow(guest, mode))


@shared.export(fails=0)
def _wfdopen(guest: Guest, fd: INT, mode: PCWSTR | None, *, streams: Streams) -> PVOID:
    return _open_descriptor(streams, fd, mode)


@shared.export
def _fileno(guest: Guest, stream: PVOID, *, streams: Streams) -> INT:
    found = streams.get(stream)
    number = streams.number(found)
    if number < 0 and not found.flags:
        raise CrtError(EBADF)
    return number


# -- reopening -------------------------------------------------------------------------------------------------------


def _reopen(guest: Guest, streams: Streams, path: str | None, mode: str | None, addr: int, share: int) -> Steps[int]:
    if mode is None or not addr:
        raise InvalidParameter(EINVAL)
    stream = streams.get(addr)
    path = path_argument(path)
    fd = stream.fd
    if stream.flags:
        yield from streams.close(guest, stream)
    parsed = parse_mode(mode, streams.runtime.ucrt)
    default = default_mode(guest, streams.runtime)
    new = yield from open_descriptor(guest, streams.descriptors, path, parsed.flags, share, S_IREAD | S_IWRITE, default)
    if 0 <= fd <= 2 and new != fd and streams.descriptors.find(fd) is None:
        streams.descriptors.renumber(new, fd)
        new = fd
    stream.reset(new, parsed.stream)
    if new == 2:
        stream.size = 0
    streams.show(stream)
    return addr


@shared.export(fails=0)
def freopen(guest: Guest, path: PCSTR | None, mode: PCSTR | None, stream: PVOID, *, streams: Streams) -> Steps[PVOID]:
    return _reopen(guest, streams, _narrow(guest, path), _narrow(guest, mode), stream, SH_DENYNO)


@shared.export(fails=0)
def _wfreopen(
    guest: Guest, path: PCWSTR | None, mode: PCWSTR | None, stream: PVOID, *, streams: Streams
) -> Steps[PVOID]:
    return _reopen(guest, streams, path, mode, stream, SH_DENYNO)


def _reopen_into(
    guest: Guest, streams: Streams, place: Out[PVOID], path: str | None, mode: str | None, stream: int
) -> Steps[int]:
    if not place:
        raise InvalidParameter(EINVAL)
    place.value = 0
    place.value = yield from _reopen(guest, streams, path, mode, stream, SH_SECURE)
    return 0


@shared.export(fails=RETURN_ERROR)
def freopen_s(
    guest: Guest, pFile: Out[PVOID], path: PCSTR | None, mode: PCSTR | None, stream: PVOID, *, streams: Streams
) -> Steps[INT]:
    return _reopen_into(guest, streams, pFile, _narrow(guest, path), _narrow(guest, mode), stream)


@shared.export(fails=RETURN_ERROR)
def _wfreopen_s(
    guest: Guest, pFile: Out[PVOID], path: PCWSTR | None, mode: PCWSTR | None, stream: PVOID, *, streams: Streams
) -> Steps[INT]:
    return _reopen_into(guest, streams, pFile, path, mode, stream)


# -- closing ---------------------------------------------------------------------------------------------------------


@shared.export(aliases=("_fclose_nolock",))
def fclose(guest: Guest, stream: PVOID, *, streams: Streams) -> Steps[INT]:
    found = streams.get(stream)
    if not found.flags:
        return EOF
    return (yield from streams.close(guest, found))


@shared.export
def _fcloseall(guest: Guest, *, streams: Streams) -> Steps[INT]:
    count = 0
    for stream in streams:
        if stream.fd > 2 and not (yield from streams.close(guest, stream)):
            count += 1
    return count


# -- state -----------------------------------------------------------------------------------------------------------


@shared.export(fast=fastpaths.feof)
def feof(guest: Guest, stream: PVOID, *, streams: Streams) -> INT:
    return streams.get(stream).flags & IOEOF


@shared.export(fast=fastpaths.ferror)
def ferror(guest: Guest, stream: PVOID, *, streams: Streams) -> INT:
    return streams.get(stream).flags & IOERR


@shared.export
def clearerr(guest: Guest, stream: PVOID, *, streams: Streams) -> None:
    found = streams.get(stream)
    streams.unmark(found, IOEOF | IOERR)
    descriptor = streams.descriptors.find(found.fd)
    if descriptor is not None:
        descriptor.flags &= ~FEOFLAG


@shared.export(fails=RETURN_ERROR)
def clearerr_s(guest: Guest, stream: PVOID, *, streams: Streams) -> INT:
    found = streams.get(stream)
    streams.unmark(found, IOEOF | IOERR)
    return 0


@shared.export
def setvbuf(guest: Guest, stream: PVOID, buffer: PVOID, mode: INT, size: SIZE_T, *, streams: Streams) -> Steps[INT]:
    found = streams.get(stream)
    if mode not in (_IOFBF, _IOLBF, _IONBF) or (mode != _IONBF and not 2 <= size <= 0x7FFFFFFF):
        raise InvalidParameter(EINVAL)
    yield from streams.flush(guest, found)
    found.size = 0 if mode == _IONBF else min(size & ~1, 1 << 24)
    found.base = buffer or streams.windows.memory(found)
    streams.show(found)
    return 0


@shared.export
def setbuf(guest: Guest, stream: PVOID, buffer: PVOID, *, streams: Streams) -> Steps[None]:
    found = streams.get(stream)
    yield from streams.flush(guest, found)
    found.size, found.base = BUFFER_SIZE if buffer else 0, buffer
    streams.show(found)


_MIN_STREAMS, _MAX_STREAMS, _MAX_STREAMS_UCRT = 20, 2048, 8192


@shared.export
def _getmaxstdio(guest: Guest, *, runtime: Runtime) -> INT:
    return guest.memory.i32(runtime.variable("max stdio", 4)) or 512


@shared.export
def _setmaxstdio(guest: Guest, newmax: INT, *, runtime: Runtime) -> INT:
    if not _MIN_STREAMS <= newmax <= (_MAX_STREAMS_UCRT if runtime.ucrt else _MAX_STREAMS):
        raise InvalidParameter(EINVAL)
    guest.memory.put_u32(runtime.variable("max stdio", 4), newmax)
    return newmax
