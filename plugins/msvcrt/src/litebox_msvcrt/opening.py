"""Opening files by name: what the ``_open`` and ``fopen`` families share."""

from litebox_core.crterrno import EBADF, EINVAL
from litebox_core.errors import CrtError, NtError
from litebox_core.guest import Guest, Steps
from litebox_core.openfiles import File
from litebox_core.process import Process
from litebox_core.services import Files

from .base import InvalidParameter
from .descriptors import (
    DEVICE_DISK,
    DEVICE_PIPE,
    FDEV,
    FPIPE,
    FTEXT,
    O_ACCMODE,
    O_APPEND,
    O_BINARY,
    O_CREAT,
    O_EXCL,
    O_NOINHERIT,
    O_OBTAIN_DIR,
    O_RANDOM,
    O_RDONLY,
    O_RDWR,
    O_SEQUENTIAL,
    O_SHORT_LIVED,
    O_TEMPORARY,
    O_TEXT,
    O_TRUNC,
    O_U8TEXT,
    O_U16TEXT,
    O_UNICODE,
    O_WRONLY,
    O_WTEXT,
    UTF8,
    UTF16,
    Descriptor,
    Descriptors,
    encoding_of,
    state_flags,
)

SH_COMPAT, SH_DENYRW, SH_DENYWR, SH_DENYRD, SH_DENYNO, SH_SECURE = 0, 0x10, 0x20, 0x30, 0x40, 0x80
S_IREAD, S_IWRITE = 0x100, 0x80

GENERIC_READ, GENERIC_WRITE, SYNCHRONIZE, FILE_READ_ATTRIBUTES, DELETE = 0x80000000, 0x40000000, 0x100000, 0x80, 0x10000
SHARE_READ, SHARE_WRITE, SHARE_DELETE = 1, 2, 4
FILE_OPEN, FILE_CREATE, FILE_OPEN_IF, FILE_OVERWRITE, FILE_OVERWRITE_IF = 1, 2, 3, 4, 5
SEQUENTIAL_ONLY, SYNCHRONOUS, NON_DIRECTORY, RANDOM_ACCESS, DELETE_ON_CLOSE, FOR_BACKUP = (
    0x4, 0x20, 0x40, 0x800, 0x1000, 0x4000,
)  # fmt: skip
ATTRIBUTE_READONLY, ATTRIBUTE_NORMAL, ATTRIBUTE_TEMPORARY = 0x1, 0x80, 0x100
HANDLE_INHERIT = 1

_ACCESS = {O_RDONLY: GENERIC_READ, O_WRONLY: GENERIC_WRITE, O_RDWR: GENERIC_READ | GENERIC_WRITE}
_SHARE = {
    SH_COMPAT: SHARE_READ | SHARE_WRITE, SH_DENYRW: 0, SH_DENYWR: SHARE_READ, SH_DENYRD: SHARE_WRITE,
    SH_DENYNO: SHARE_READ | SHARE_WRITE,
}  # fmt: skip
_DISPOSITION = {
    0: FILE_OPEN, O_EXCL: FILE_OPEN, O_CREAT: FILE_OPEN_IF, O_CREAT | O_EXCL: FILE_CREATE,
    O_CREAT | O_TRUNC | O_EXCL: FILE_CREATE, O_TRUNC: FILE_OVERWRITE, O_TRUNC | O_EXCL: FILE_OVERWRITE,
    O_CREAT | O_TRUNC: FILE_OVERWRITE_IF,
}  # fmt: skip
_BOMS = ((b"\xef\xbb\xbf", O_U8TEXT), (b"\xff\xfe", O_U16TEXT))


def open_descriptor(
    guest: Guest, descriptors: Descriptors, path: str, flags: int, share: int, mode: int, default_mode: int
) -> Steps[int]:
    """Opens a file and returns its number. ``default_mode`` is ``_fmode``. Raises NtError and CrtError."""
    process = guest.process
    access = flags & O_ACCMODE
    if access == O_ACCMODE:
        raise InvalidParameter(EINVAL)
    if share == SH_SECURE:
        sharing = SHARE_READ if access == O_RDONLY else 0
    elif share in _SHARE:
        sharing = _SHARE[share]
    else:
        raise InvalidParameter(EINVAL)
    if not flags & (O_BINARY | O_TEXT | O_UNICODE) and not default_mode & O_BINARY:
        flags |= O_TEXT | default_mode & O_UNICODE
    rights = _ACCESS[access] | SYNCHRONIZE | FILE_READ_ATTRIBUTES
    attributes, options = ATTRIBUTE_NORMAL, SYNCHRONOUS
    options |= FOR_BACKUP if flags & O_OBTAIN_DIR else NON_DIRECTORY
    if flags & O_CREAT and not mode & ~descriptors.umask & S_IWRITE:
        attributes = ATTRIBUTE_READONLY
    if flags & O_TEMPORARY:
        options |= DELETE_ON_CLOSE
        rights |= DELETE
        sharing |= SHARE_DELETE
    if flags & O_SHORT_LIVED:
        attributes |= ATTRIBUTE_TEMPORARY
    if flags & O_SEQUENTIAL:
        options |= SEQUENTIAL_ONLY
    elif flags & O_RANDOM:
        options |= RANDOM_ACCESS
    disposition = _DISPOSITION[flags & (O_CREAT | O_TRUNC | O_EXCL)]
    if flags & O_UNICODE and access == O_WRONLY and not flags & O_TRUNC:
        rights |= GENERIC_READ  # to see whether there is a byte order mark
    files = process.service(Files)
    file, _ = files.open(path, rights, sharing, disposition, options, attributes)
    handle = process.handles.add(file, file.access, 0 if flags & O_NOINHERIT else HANDLE_INHERIT)
    kind = {DEVICE_DISK: 0, DEVICE_PIPE: FPIPE}.get(file.device_type, FDEV)
    descriptor = Descriptor(handle, kind | state_flags(flags), encoding_of(flags))
    try:
        if not kind and flags & O_UNICODE:
            yield from _choose_encoding(guest, file, descriptor, flags)
        elif not kind and flags & O_TEXT and access == O_RDWR:
            yield from _strip_ctrl_z(guest, file)
        return descriptors.add(descriptor)
    except (NtError, CrtError):
        process.handles.close(handle)
        raise


def _choose_encoding(guest: Guest, file: File, descriptor: Descriptor, flags: int) -> Steps[None]:
    """Follows the byte order mark of a file that has something in it; writes one into an empty file."""
    access = flags & O_ACCMODE
    if file.info().size:
        head = b""
        if access != O_WRONLY or not flags & O_TRUNC:
            try:
                head = yield from file.read(guest, 3, 0)
            except NtError:
                head = b""
        file.position = 0
        for mark, encoding in _BOMS:
            if head.startswith(mark):
                descriptor.encoding = encoding_of(encoding)
                file.position = len(mark)
                break
        else:
            if head.startswith(b"\xfe\xff"):
                raise CrtError(EINVAL)
            if flags & O_WTEXT and not flags & (O_U8TEXT | O_U16TEXT):
                descriptor.encoding = 0
    elif access != O_RDONLY:
        mark = _BOMS[0][0] if descriptor.encoding == UTF8 else _BOMS[1][0]
        yield from file.write(guest, mark)
    elif flags & O_WTEXT:
        descriptor.encoding = UTF16 if flags & (O_U16TEXT | O_U8TEXT) else 0


def _strip_ctrl_z(guest: Guest, file: File) -> Steps[None]:
    """A text file that is opened for reading and writing loses a Ctrl-Z at its end."""
    size = file.info().size
    if size and (yield from file.read(guest, 1, size - 1)) == b"\x1a":
        file.set_size(size - 1)
    file.position = 0


class Mode:
    """What the mode string of fopen says: ``flags`` for the descriptor and ``stream`` for ``_flag``."""

    __slots__ = ("commit", "flags", "stream")

    def __init__(self, flags: int, stream: int, commit: bool) -> None:
        self.flags, self.stream, self.commit = flags, stream, commit


_ENCODINGS = {"UTF-8": O_U8TEXT, "UTF-16LE": O_U16TEXT, "UNICODE": O_WTEXT}


def parse_mode(mode: str, ucrt: bool) -> Mode:
    """Reads a mode string such as ``"r+b"`` or ``"w, ccs=UTF-8"``. Raises InvalidParameter."""
    main, comma, rest = mode.partition(",")
    main = main.lstrip(" ")
    first = main[:1]
    if first == "r":
        flags, stream = O_RDONLY, 1
    elif first == "w":
        flags, stream = O_WRONLY | O_CREAT | O_TRUNC, 2
    elif first == "a":
        flags, stream = O_WRONLY | O_CREAT | O_APPEND, 2
    else:
        raise InvalidParameter(EINVAL)
    commit = False
    for char in main[1:]:
        if char == "+":
            flags, stream = flags & ~O_ACCMODE | O_RDWR, 0x80
        elif char == "b":
            flags |= O_BINARY
        elif char == "t":
            flags |= O_TEXT
        elif char == "D":
            flags |= O_TEMPORARY
        elif char == "T":
            flags |= O_SHORT_LIVED
        elif char == "S":
            flags |= O_SEQUENTIAL
        elif char == "R":
            flags |= O_RANDOM
        elif char == "N":
            flags |= O_NOINHERIT
        elif char == "x" and ucrt and first == "w":
            flags |= O_EXCL
        elif char in "cn":
            commit = char == "c"
        elif char != " " and ucrt:
            raise InvalidParameter(EINVAL)
    if flags & O_TEXT and flags & O_BINARY:
        if ucrt:
            raise InvalidParameter(EINVAL)
        flags &= ~O_TEXT
    if comma:
        key, equals, encoding = rest.strip(" ").partition("=")
        chosen = _ENCODINGS.get(encoding.strip(" ").upper())
        if key.rstrip(" ") != "ccs" or not equals or chosen is None:
            raise InvalidParameter(EINVAL)
        flags |= chosen | O_TEXT
    return Mode(flags, stream, commit)


def check_descriptor(descriptors: Descriptors, fd: int) -> Descriptor:
    """The descriptor for fdopen. Raises InvalidParameter(EBADF)."""
    found = descriptors.find(fd)
    if found is None:
        raise InvalidParameter(EBADF)
    return found


def path_argument(path: str | None) -> str:
    """A path parameter. Raises InvalidParameter for NULL."""
    if path is None:
        raise InvalidParameter(EINVAL)
    return path


def narrow_path(process: Process, path: bytes | None) -> str:
    """A path parameter of a narrow function."""
    if path is None:
        raise InvalidParameter(EINVAL)
    return process.memory.ansi_decode(path)


__all__ = [
    "FTEXT", "SH_DENYNO", "SH_SECURE", "S_IREAD", "S_IWRITE", "Mode", "check_descriptor", "narrow_path",
    "open_descriptor", "parse_mode", "path_argument",
]  # fmt: skip
