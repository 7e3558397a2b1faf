"""io.h: descriptors."""

from litebox_core.abi import INT, INT64, INTPTR, LONG, PCSTR, PCWSTR, PVOID, UINT, Out, VarArgs
from litebox_core.crterrno import EBADF, EINVAL, ENOSPC
from litebox_core.dll import RETURN_ERROR
from litebox_core.errors import CrtError
from litebox_core.guest import Guest, Steps
from litebox_core.services import Files

from .base import InvalidParameter, Runtime, shared, ucrtbase
from .descriptors import (
    ANSI,
    FDEV,
    FTEXT,
    INVALID_HANDLE,
    NO_FILE,
    NO_HANDLE,
    O_BINARY,
    O_CREAT,
    O_RDWR,
    O_TEXT,
    O_TRUNC,
    O_U8TEXT,
    O_U16TEXT,
    O_WTEXT,
    UTF8,
    Descriptor,
    Descriptors,
    encoding_of,
)
from .files import default_mode
from .opening import S_IREAD, S_IWRITE, SH_DENYNO, narrow_path, open_descriptor, path_argument

_MAX_WRITE = 1 << 22
_INT_MAX = 0x7FFFFFFF


def _open_by_name(
    guest: Guest, descriptors: Descriptors, path: str | None, flags: int, share: int, mode: int
) -> Steps[int]:
    runtime = guest.process.state(Runtime, descriptors.dll)
    name = path_argument(path)
    return (yield from open_descriptor(guest, descriptors, name, flags, share, mode, default_mode(guest, runtime)))


def _mode_of(flags: int, args: VarArgs) -> int:
    """The third argument, which is there with _O_CREAT only."""
    return args.integer(32, False) if flags & O_CREAT else S_IREAD | S_IWRITE


@shared.export
def _open(guest: Guest, filename: PCSTR | None, oflag: INT, args: VarArgs, *, descriptors: Descriptors) -> Steps[INT]:
    path = narrow_path(guest.process, filename)
    return _open_by_name(guest, descriptors, path, oflag, SH_DENYNO, _mode_of(oflag, args))


@shared.export
def _wopen(guest: Guest, filename: PCWSTR | None, oflag: INT, args: VarArgs, *, descriptors: Descriptors) -> Steps[INT]:
    return _open_by_name(guest, descriptors, filename, oflag, SH_DENYNO, _mode_of(oflag, args))


@shared.export
def _sopen(
    guest: Guest, filename: PCSTR | None, oflag: INT, shflag: INT, args: VarArgs, *, descriptors: Descriptors
) -> Steps[INT]:
    path = narrow_path(guest.process, filename)
    return _open_by_name(guest, descriptors, path, oflag, shflag, _mode_of(oflag, args))


@shared.export
def _wsopen(
    guest: Guest, filename: PCWSTR | None, oflag: INT, shflag: INT, args: VarArgs, *, descriptors: Descriptors
) -> Steps[INT]:
    return _open_by_name(guest, descriptors, filename, oflag, shflag, _mode_of(oflag, args))


def _open_secure(
    guest: Guest, descriptors: Descriptors, place: Out[INT], path: str | None, flags: int, share: int, mode: int,
    secure: bool,
) -> Steps[int]:  # fmt: skip
    if not place:
        raise InvalidParameter(EINVAL)
    place.value = -1
    if secure and flags & O_CREAT and mode & ~(S_IREAD | S_IWRITE):
        raise InvalidParameter(EINVAL)
    place.value = yield from _open_by_name(guest, descriptors, path, flags, share, mode)
    return 0


@shared.export(fails=RETURN_ERROR)
def _sopen_s(
    guest: Guest, pfh: Out[INT], filename: PCSTR | None, oflag: INT, shflag: INT, pmode: INT, *,
    descriptors: Descriptors,
) -> Steps[INT]:  # fmt: skip
    path = None if filename is None else guest.memory.ansi_decode(filename)
    return _open_secure(guest, descriptors, pfh, path, oflag, shflag, pmode, True)


@shared.export(fails=RETURN_ERROR)
def _wsopen_s(
    guest: Guest, pfh: Out[INT], filename: PCWSTR | None, oflag: INT, shflag: INT, pmode: INT, *,
    descriptors: Descriptors,
) -> Steps[INT]:  # fmt: skip
    return _open_secure(guest, descriptors, pfh, filename, oflag, shflag, pmode, True)


@ucrtbase.export(fails=RETURN_ERROR)
def _sopen_dispatch(
    guest: Guest, filename: PCSTR | None, oflag: INT, shflag: INT, pmode: INT, pfh: Out[INT], secure: INT, *,
    descriptors: Descriptors,
) -> Steps[INT]:  # fmt: skip
    path = None if filename is None else guest.memory.ansi_decode(filename)
    return _open_secure(guest, descriptors, pfh, path, oflag, shflag, pmode, bool(secure))


@ucrtbase.export(fails=RETURN_ERROR)
def _wsopen_dispatch(
    guest: Guest, filename: PCWSTR | None, oflag: INT, shflag: INT, pmode: INT, pfh: Out[INT], secure: INT, *,
    descriptors: Descriptors,
) -> Steps[INT]:  # fmt: skip
    return _open_secure(guest, descriptors, pfh, filename, oflag, shflag, pmode, bool(secure))


@shared.export
def _creat(guest: Guest, filename: PCSTR | None, pmode: INT, *, descriptors: Descriptors) -> Steps[INT]:
    path = narrow_path(guest.process, filename)
    return _open_by_name(guest, descriptors, path, O_CREAT | O_TRUNC | O_RDWR, SH_DENYNO, pmode)


@shared.export
def _wcreat(guest: Guest, filename: PCWSTR | None, pmode: INT, *, descriptors: Descriptors) -> Steps[INT]:
    return _open_by_name(guest, descriptors, filename, O_CREAT | O_TRUNC | O_RDWR, SH_DENYNO, pmode)


@shared.export
def _close(guest: Guest, fd: INT, *, descriptors: Descriptors) -> INT:
    descriptors.close(fd)
    return 0


# -- reading and writing ---------------------------------------------------------------------------------------------


@shared.export
def _read(guest: Guest, fd: INT, buffer: PVOID, count: UINT, *, descriptors: Descriptors) -> Steps[INT]:
    descriptor = descriptors.get(fd)
    if count > _INT_MAX or (not buffer and count):
        raise InvalidParameter(EINVAL)
    if descriptor.text and descriptor.encoding != ANSI and count & 1:
        raise InvalidParameter(EINVAL)
    chunk = yield from descriptors.read(guest, descriptor, count)
    if chunk.raw is not chunk.data and descriptor.encoding != UTF8:
        # Text is translated in the caller's buffer: bytes that were dropped show behind it
        guest.memory.write(buffer, chunk.raw[:count])
    guest.memory.write(buffer, chunk.data)
    return len(chunk.data)


@shared.export
def _write(guest: Guest, fd: INT, buffer: PVOID, count: UINT, *, descriptors: Descriptors) -> Steps[INT]:
    descriptor = descriptors.get(fd)
    if not count:
        return 0
    if not buffer or count > _INT_MAX or (descriptor.text and descriptor.encoding != ANSI and count & 1):
        raise InvalidParameter(EINVAL)
    done = yield from descriptors.write(guest, descriptor, guest.memory.read(buffer, count))
    if not done:
        raise CrtError(ENOSPC)
    return done


def _seek(descriptors: Descriptors, fd: int, offset: int, origin: int) -> int:
    descriptor = descriptors.get(fd)
    if origin not in (0, 1, 2):
        raise CrtError(EINVAL)
    return descriptors.seek(descriptor, offset, origin)


@shared.export
def _lseek(guest: Guest, fd: INT, offset: LONG, origin: INT, *, descriptors: Descriptors) -> LONG:
    return _seek(descriptors, fd, offset, origin)


@shared.export
def _lseeki64(guest: Guest, fd: INT, offset: INT64, origin: INT, *, descriptors: Descriptors) -> INT64:
    return _seek(descriptors, fd, offset, origin)


@shared.export
def _tell(guest: Guest, fd: INT, *, descriptors: Descriptors) -> LONG:
    return _seek(descriptors, fd, 0, 1)


@shared.export
def _telli64(guest: Guest, fd: INT, *, descriptors: Descriptors) -> INT64:
    return _seek(descriptors, fd, 0, 1)


@shared.export
def _eof(guest: Guest, fd: INT, *, descriptors: Descriptors) -> INT:
    file = descriptors.file(descriptors.get(fd))
    return int(file.position is not None and file.position >= file.info().size)


@shared.export
def _filelength(guest: Guest, fd: INT, *, descriptors: Descriptors) -> LONG:
    return descriptors.file(descriptors.get(fd)).info().size


@shared.export
def _filelengthi64(guest: Guest, fd: INT, *, descriptors: Descriptors) -> INT64:
    return descriptors.file(descriptors.get(fd)).info().size


def _change_size(descriptors: Descriptors, fd: int, size: int) -> None:
    descriptor = descriptors.get(fd)
    if size < 0:
        raise InvalidParameter(EINVAL)
    descriptors.writable(descriptor).set_size(size)


@shared.export
def _chsize(guest: Guest, fd: INT, size: LONG, *, descriptors: Descriptors) -> INT:
    _change_size(descriptors, fd, size)
    return 0


@shared.export(fails=RETURN_ERROR)
def _chsize_s(guest: Guest, fd: INT, size: INT64, *, descriptors: Descriptors) -> INT:
    _change_size(descriptors, fd, size)
    return 0


@shared.export
def _commit(guest: Guest, fd: INT, *, descriptors: Descriptors) -> INT:
    descriptors.writable(descriptors.get(fd)).flush()
    return 0


_LK_UNLCK, _LK_LOCK, _LK_NBLCK, _LK_RLCK, _LK_NBRLCK = range(5)


@shared.export(partial="_LK_LOCK and _LK_RLCK do not wait for a lock that somebody else holds")
def _locking(guest: Guest, fd: INT, mode: INT, nbytes: LONG, *, descriptors: Descriptors) -> INT:
    file = descriptors.file(descriptors.get(fd))
    if nbytes < 0:
        raise InvalidParameter(EINVAL)
    position = file.position or 0
    if mode == _LK_UNLCK:
        file.unlock(position, nbytes)
    elif mode in (_LK_LOCK, _LK_NBLCK, _LK_RLCK, _LK_NBRLCK):
        if not file.lock(position, nbytes, True):
            raise CrtError(36 if mode in (_LK_LOCK, _LK_RLCK) else 13)
    else:
        raise InvalidParameter(EINVAL)
    return 0


# -- the table -------------------------------------------------------------------------------------------------------


def _copy(descriptors: Descriptors, fd: int) -> Descriptor:
    """A second descriptor on the same file."""
    source = descriptors.get(fd)
    handles = descriptors.process.handles
    entry = handles.entry(source.handle)
    made = Descriptor(handles.add(entry.object, entry.access, entry.flags & 1), source.flags, source.encoding)
    made.flags &= ~0x10
    return made


@shared.export
def _dup(guest: Guest, fd: INT, *, descriptors: Descriptors) -> INT:
    return descriptors.add(_copy(descriptors, fd))


@shared.export
def _dup2(guest: Guest, fd1: INT, fd2: INT, *, descriptors: Descriptors) -> INT:
    descriptors.get(fd1)
    if not 0 <= fd2 < 8192:
        raise InvalidParameter(EBADF)
    if fd1 == fd2:
        return 0
    made = _copy(descriptors, fd1)
    if descriptors.find(fd2) is not None:
        descriptors.close(fd2)
    descriptors.put(fd2, made)
    return 0


@shared.export
def _isatty(guest: Guest, fd: INT, *, descriptors: Descriptors) -> INT:
    return descriptors.get(fd).flags & FDEV if fd != NO_FILE else 0


_MODES = (O_TEXT, O_BINARY, O_WTEXT, O_U16TEXT, O_U8TEXT)


@shared.export
def _setmode(guest: Guest, fd: INT, mode: INT, *, descriptors: Descriptors) -> INT:
    if mode not in _MODES:
        raise InvalidParameter(EINVAL)
    descriptor = descriptors.get(fd)
    text_mode = O_TEXT if descriptor.encoding == ANSI else O_WTEXT
    old = text_mode if descriptor.text else O_BINARY
    if mode == O_BINARY:
        descriptor.flags &= ~FTEXT
    else:
        descriptor.flags |= FTEXT
    descriptor.encoding = encoding_of(mode)
    descriptors.changed(fd)
    return old


@shared.export
def _get_osfhandle(guest: Guest, fd: INT, *, descriptors: Descriptors) -> INTPTR:
    if fd == NO_FILE:
        return -2
    handle = descriptors.get(fd).handle
    return handle if handle != INVALID_HANDLE else NO_HANDLE


@shared.export
def _open_osfhandle(guest: Guest, osfhandle: INTPTR, flags: INT, *, descriptors: Descriptors) -> INT:
    return descriptors.adopt(osfhandle, flags)


@shared.export
def _pipe(guest: Guest, pfds: Out[INT], psize: UINT, textmode: INT, *, descriptors: Descriptors) -> INT:
    if not pfds:
        raise InvalidParameter(EINVAL)
    handles = guest.process.handles
    reading, writing = (handles.add(end, end.access, 1) for end in guest.service(Files).pipe(psize))
    runtime = guest.process.state(Runtime, descriptors.dll)
    if not textmode & (O_TEXT | O_BINARY) and not default_mode(guest, runtime) & O_BINARY:
        textmode |= O_TEXT
    pfds[0] = descriptors.adopt(reading, textmode)
    pfds[1] = descriptors.adopt(writing, textmode)
    return 0


@shared.export
def _umask(guest: Guest, pmode: INT, *, descriptors: Descriptors) -> INT:
    old, descriptors.umask = descriptors.umask, pmode & (S_IREAD | S_IWRITE)
    return old


@shared.export(fails=RETURN_ERROR)
def _umask_s(guest: Guest, mode: INT, pOldMode: Out[INT], *, descriptors: Descriptors) -> INT:
    if not pOldMode:
        raise InvalidParameter(EINVAL)
    pOldMode.value = descriptors.umask
    if mode & ~(S_IREAD | S_IWRITE):
        raise InvalidParameter(EINVAL)
    descriptors.umask = mode
    return 0
