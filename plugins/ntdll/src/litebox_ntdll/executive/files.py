"""The file service: paths to open files."""

import os
from stat import S_ISDIR, S_ISLNK, S_ISREG
from typing import TYPE_CHECKING, Any

from litebox_core import ntstatus as nt
from litebox_core.errors import NtError
from litebox_core.openfiles import File, FileInfo
from litebox_core.services import Files

from . import attributes as attr
from . import paths
from .console import ConsoleFile
from .diskfiles import DiskFile
from .hosterrors import failed
from .modulefiles import CHANGES, module_file
from .mounts import DRIVE_FIXED, O_PATH, Mounts, Place
from .names import find_pattern
from .pipes import make_pipe
from .privatedrive import PrivateDrive
from .sharing import WRITES, Node
from .stdio import Standard, open_device
from .streams import DEVICE_PIPE

if TYPE_CHECKING:
    from litebox_core.consoles.screen import Screen
    from litebox_core.openfiles import ConsoleDevice
    from litebox_core.process import Process

    from .changes import DirectoryWatch
    from .namedpipes import NamedPipes

__all__ = ["DiskFiles"]

# Dispositions
FILE_SUPERSEDE, FILE_OPEN, FILE_CREATE, FILE_OPEN_IF, FILE_OVERWRITE, FILE_OVERWRITE_IF = range(6)
_REPLACES = (FILE_SUPERSEDE, FILE_OVERWRITE, FILE_OVERWRITE_IF)
# What was done
SUPERSEDED, OPENED, CREATED, OVERWRITTEN = range(4)
# Options
FILE_DIRECTORY_FILE, FILE_NON_DIRECTORY_FILE, FILE_DELETE_ON_CLOSE = 0x1, 0x40, 0x1000
FILE_OPEN_BY_FILE_ID, FILE_OPEN_REPARSE_POINT, FILE_NO_INTERMEDIATE_BUFFERING = 0x2000, 0x200000, 0x8
_SYNCHRONOUS = 0x30
# Access
DELETE, SYNCHRONIZE, MAXIMUM_ALLOWED, ACCESS_SYSTEM_SECURITY = 0x10000, 0x100000, 0x2000000, 0x1000000
_LIST = 0x1
_EXECUTE = 0x20
FILE_ALL_ACCESS = 0x1F01FF
_CHANGES = 0x2 | 0x4 | 0x10 | 0x40 | 0x100 | DELETE | 0x40000 | 0x80000
"""Access that changes the file: data, extended attributes, children, attributes, deletion, security."""


class DiskFiles(Files):
    """Files on mounted host folders, the standard streams and the devices every program expects."""

    def __init__(self, process: "Process") -> None:
        super().__init__(process)
        options = process.options
        self.attributes = attr.Attributes()
        self.mounts = Mounts()
        self.nodes: dict[tuple[int, int], Node] = {}
        self.opened: set[DiskFile] = set()
        self.watches: list[DirectoryWatch] = []
        self.limit: int = options.handles
        handed_c = None if options.handover is None else options.handover.drives["C"][0]
        self._private = PrivateDrive(self.mounts, options.drive_c if handed_c is None else handed_c)
        self.mounts.add_sparse("Z")
        handover = options.handover
        if handover is not None:
            for letter, (folder, read_only) in handover.drives.items():
                self.mounts.add(letter, folder, read_only)
            self.mounts.replace_grants(handover.granted)
        elif options.program:
            self.mounts.grant(os.path.dirname(os.path.abspath(options.program)), read_only=True)
        if options.cwd:
            self.mounts.grant(options.cwd, read_only=False)
        for mount in options.mounts:
            if mount.letter:
                self.mounts.add(mount.letter, mount.folder, mount.read_only)
            else:
                self.mounts.grant(mount.folder, mount.read_only)
        self.standard = Standard(options.stdin, options.stdout, options.stderr)
        start = self.mounts.guest_path(options.cwd) if options.cwd else handover.directory if handover else None
        self._current = _with_backslash(start or "C:\\")
        self._drive_current: dict[str, str] = {self._current[0].upper(): self._current}
        self._current_file: File | None = None

    def close(self) -> None:
        if self._current_file is not None:
            self._current_file.release()
            self._current_file = None
        for file in list(self.opened):
            file.destroyed()
        self.standard.close()
        self._private.close()

    # -- paths -------------------------------------------------------------------------------------------------------

    def full_path(self, path: str) -> str:
        return paths.full_path(path, self._current, self.drive_directory)

    def drive_directory(self, letter: str) -> str:
        """The current directory of a drive, which paths such as ``C:name`` start from."""
        return self._drive_current.get(letter.upper(), letter.upper() + ":\\")

    def nt_path(self, path: str) -> str:
        r"""The NT path (``\??\C:\dir\a``) of a DOS path. Raises NtError."""
        return paths.nt_path(path, self._current, self.drive_directory)

    @property
    def current_directory(self) -> str:
        return self._current

    @current_directory.setter
    def current_directory(self, path: str) -> None:
        full = self.full_path(path)
        file, _ = self.open(full, SYNCHRONIZE | 0x20, 3, FILE_OPEN, FILE_DIRECTORY_FILE | 0x20)
        if self._current_file is not None:
            self._current_file.release()
        self._current_file = file
        self._current = _with_backslash(full)
        if full[1:2] == ":":
            self._drive_current[full[0].upper()] = self._current

    def find_pattern(self, pattern: str) -> str:
        return find_pattern(pattern)

    def drives(self) -> dict[str, int]:
        return dict.fromkeys(sorted(self.mounts.drives), DRIVE_FIXED)

    def host_path(self, path: str) -> str:
        letter, rest = self._located(path, None)
        with self.mounts.resolve(letter, rest) as place:
            if place.stat is None:
                raise NtError(nt.STATUS_OBJECT_NAME_NOT_FOUND)
            return place.host_path

    def guest_path(self, host: str) -> str | None:
        return self.mounts.guest_path(host)

    def query(self, path: str) -> FileInfo:
        letter, rest = self._located(path, None)
        with self.mounts.resolve(letter, rest) as place:
            stat = place.stat
            if stat is None:
                raise NtError(nt.STATUS_OBJECT_NAME_NOT_FOUND)
            if rest.endswith("\\") and place.name and not S_ISDIR(stat.st_mode):
                raise NtError(nt.STATUS_OBJECT_NAME_INVALID)
            node = self.nodes.get((stat.st_dev, stat.st_ino)) if self.nodes else None
            if node is not None and node.delete_pending:
                raise NtError(nt.STATUS_DELETE_PENDING)
            info = self.attributes.info(f"/proc/self/fd/{place.folder}/{place.entry}", stat, False)
            if place.virtual:
                info.attributes |= attr.READONLY
            return info

    def _device(self, path: str, root: File | None) -> tuple[str, str, str]:
        """The device a path is on, the rest of the path, and the full DOS path."""
        if root is not None:
            if path.startswith("\\"):
                raise NtError(nt.STATUS_OBJECT_PATH_SYNTAX_BAD)
            path = "\\??\\" + _with_backslash(root.path) + path if path else "\\??\\" + root.path
        name = self.nt_path(path)
        split = paths.split_nt(name)
        if split is None:
            raise NtError(nt.STATUS_OBJECT_PATH_SYNTAX_BAD)
        device, rest = split
        return device, rest, name[4:]

    def _located(self, path: str, root: File | None) -> tuple[str, str]:
        """Drive letter and path below it. Raises NtError for what is on no drive."""
        device, rest, _ = self._device(path, root)
        self._check_drive(path, device, rest)
        return device[0], rest

    def _check_drive(self, path: str, device: str, rest: str) -> None:
        if len(device) == 2 and device[1] == ":" and device[0].isalpha():
            if device[0].upper() not in self.mounts.drives:
                raise NtError(nt.STATUS_OBJECT_PATH_NOT_FOUND)
            if not rest:
                raise NtError(nt.STATUS_ACCESS_DENIED)  # the volume itself
            if (
                len(rest) > paths.MAX_PATH - 3
                and not paths.is_verbatim(path)
                and not getattr(self.process, "long_paths", False)
            ):
                raise NtError(nt.STATUS_OBJECT_PATH_NOT_FOUND)
            return
        upper = device.upper()
        if upper == "UNC":
            raise NtError(nt.STATUS_BAD_NETWORK_PATH)
        if not device:
            raise NtError(nt.STATUS_OBJECT_NAME_INVALID)
        raise NtError(nt.STATUS_OBJECT_PATH_NOT_FOUND if rest else nt.STATUS_OBJECT_NAME_NOT_FOUND)

    # -- opening -----------------------------------------------------------------------------------------------------

    def stdio(self, number: int) -> File:
        return self.standard[number]

    def console(self) -> "ConsoleDevice | None":
        return self.standard.terminal

    def has_terminal(self) -> bool:
        return any(isinstance(self.standard[number], ConsoleFile) for number in range(3))

    def screen_file(self, buffer: "Screen") -> File:
        return ConsoleFile(self.standard, True, -1, buffer)

    def free_console(self) -> None:
        self.standard.free()

    def allocate_console(self) -> None:
        self.standard.allocate()

    def pipe(self, size: int) -> tuple[File, File]:
        return make_pipe(size)

    def open(
        self,
        path: str,
        access: int,
        share: int,
        disposition: int,
        options: int,
        attributes: int = 0,
        size: int = 0,
        root: File | None = None,
    ) -> tuple[File, int]:
        if (
            not 0 <= disposition <= FILE_OVERWRITE_IF
            or share & ~7
            or (options & FILE_DIRECTORY_FILE and options & FILE_NON_DIRECTORY_FILE)
            or (options & FILE_DIRECTORY_FILE and disposition in _REPLACES)
            or (options & _SYNCHRONOUS and not access & (SYNCHRONIZE | MAXIMUM_ALLOWED | 0xF0000000))
        ):
            raise NtError(nt.STATUS_INVALID_PARAMETER)
        if options & FILE_OPEN_BY_FILE_ID:
            raise NtError(nt.STATUS_NOT_SUPPORTED)
        if root is not None and root.device_type == DEVICE_PIPE:
            return self._pipes().open_at(root, path, _specific(access), disposition, options), OPENED
        device, rest, full = self._device(path, root)
        if len(device) > 2 and device.upper() in ("PIPE", "NAMEDPIPE"):
            return self._pipes().open(rest, _specific(access), disposition, options), OPENED
        if not rest or device.upper() == "CONDRV":
            opened = open_device(self.standard, device + rest, access, disposition)
            if opened is not None:
                return opened, OPENED
        self._check_drive(path, device, rest)
        if len(self.opened) >= self.limit:
            raise NtError(nt.STATUS_TOO_MANY_OPENED_FILES)
        if rest[-7:].upper() == "::$DATA":
            rest = rest[:-7]
        access = _specific(access)
        with self.mounts.resolve(device[0], rest, follow=not options & FILE_OPEN_REPARSE_POINT) as place:
            wants_directory = rest.endswith("\\") and bool(place.name)
            if place.stat is None:
                return self._create(place, full, access, share, disposition, options, attributes, size, wants_directory)
            return self._open(place, full, access, share, disposition, options, attributes, wants_directory)

    def _create(
        self, place: Place, path: str, access: int, share: int, disposition: int, options: int, attributes: int,
        size: int, wants_directory: bool,
    ) -> tuple[File, int]:  # fmt: skip
        if disposition in (FILE_OPEN, FILE_OVERWRITE):
            image = module_file(self.process, path) if disposition == FILE_OPEN else -1
            if image < 0:
                raise NtError(nt.STATUS_OBJECT_NAME_NOT_FOUND)
            if access & CHANGES or options & FILE_DELETE_ON_CLOSE:
                os.close(image)
                raise NtError(nt.STATUS_ACCESS_DENIED)
            return self.opened_file(place, image, os.fstat(image), path, access, share, options), OPENED
        directory = bool(options & FILE_DIRECTORY_FILE)
        if wants_directory and not directory:
            raise NtError(nt.STATUS_OBJECT_NAME_INVALID)
        if place.read_only or place.virtual:
            raise NtError(nt.STATUS_ACCESS_DENIED)
        if options & FILE_DELETE_ON_CLOSE and attributes & attr.READONLY:
            raise NtError(nt.STATUS_CANNOT_DELETE)
        if directory and attributes & attr.TEMPORARY:
            raise NtError(nt.STATUS_INVALID_PARAMETER)
        if access & MAXIMUM_ALLOWED:
            access = access & ~MAXIMUM_ALLOWED | FILE_ALL_ACCESS
        if options & FILE_DELETE_ON_CLOSE and not access & DELETE:
            raise NtError(nt.STATUS_INVALID_PARAMETER)
        try:
            if directory:
                os.mkdir(place.name, dir_fd=place.folder)
                fd = place.reopen(_directory_flags(access))
            else:
                fd = place.reopen(_file_flags(access) & ~O_PATH | os.O_CREAT | os.O_EXCL)
        except OSError as error:
            raise failed(error) from error
        try:
            stat = os.fstat(fd)
            wanted = attributes if directory else attributes | attr.ARCHIVE
            self.attributes.forget((stat.st_dev, stat.st_ino))
            if wanted & ~attr.NORMAL != (0 if directory else attr.ARCHIVE):
                self.attributes.set(f"/proc/self/fd/{fd}", stat, wanted)
        except BaseException:
            os.close(fd)
            raise
        file = self.opened_file(place, fd, stat, path, access, share, options)
        self.changed()
        return file, CREATED

    def _open(
        self, place: Place, path: str, access: int, share: int, disposition: int, options: int, attributes: int,
        wants_directory: bool,
    ) -> tuple[File, int]:  # fmt: skip
        stat = place.stat
        assert stat is not None
        directory = S_ISDIR(stat.st_mode)
        link = S_ISLNK(stat.st_mode)
        node = self.nodes.get((stat.st_dev, stat.st_ino))
        if node is not None and node.delete_pending:
            raise NtError(nt.STATUS_DELETE_PENDING)
        if disposition == FILE_CREATE:
            raise NtError(nt.STATUS_OBJECT_NAME_COLLISION)
        if not (directory or link or S_ISREG(stat.st_mode)):
            raise NtError(nt.STATUS_ACCESS_DENIED)
        if directory and options & FILE_NON_DIRECTORY_FILE:
            raise NtError(nt.STATUS_FILE_IS_A_DIRECTORY)
        if not directory and options & FILE_DIRECTORY_FILE and not (link and os.path.isdir(place.host_path)):
            raise NtError(nt.STATUS_NOT_A_DIRECTORY)
        if wants_directory and not directory and not link:
            raise NtError(nt.STATUS_OBJECT_NAME_INVALID)
        replaces = disposition in _REPLACES
        if replaces and (directory or link):
            raise NtError(nt.STATUS_OBJECT_NAME_COLLISION if directory else nt.STATUS_ACCESS_DENIED)
        inode = f"/proc/self/fd/{place.folder}/{place.entry}"
        read_only = place.read_only
        # Attributes matter only where the file is to be changed
        present = 0
        if not link and (replaces or access & (WRITES | MAXIMUM_ALLOWED) or options & FILE_DELETE_ON_CLOSE):
            present = self.attributes.get(inode, stat, follow=False)
        marked = bool(present & attr.READONLY) and not directory
        if access & MAXIMUM_ALLOWED:
            withheld = _CHANGES if read_only else WRITES if marked else 0
            access = access & ~MAXIMUM_ALLOWED | FILE_ALL_ACCESS & ~withheld
        if (access & _CHANGES and read_only) or (marked and (replaces or access & WRITES)):
            raise NtError(nt.STATUS_ACCESS_DENIED)
        if replaces and (read_only or present & (attr.HIDDEN | attr.SYSTEM) & ~attributes):
            raise NtError(nt.STATUS_ACCESS_DENIED)
        if options & FILE_DELETE_ON_CLOSE:
            if not access & DELETE:
                raise NtError(nt.STATUS_INVALID_PARAMETER)
            if present & attr.READONLY:
                raise NtError(nt.STATUS_CANNOT_DELETE)
        if node is not None:
            node.check_share(access | (0x2 if replaces else 0), share)
        try:
            if link:
                fd = place.reopen(O_PATH)
            elif directory:
                fd = place.reopen(_directory_flags(access))
            else:
                flags = _file_flags(access)
                if replaces:
                    flags = flags & ~(O_PATH | os.O_WRONLY | os.O_RDWR) | os.O_RDWR
                fd = place.reopen(flags)
        except OSError as error:
            raise failed(error) from error
        try:
            now = os.fstat(fd)
            if (now.st_dev, now.st_ino) != (stat.st_dev, stat.st_ino):  # exchanged meanwhile
                raise NtError(nt.STATUS_SHARING_VIOLATION)
            if replaces:
                self._empty(fd, now, attributes, disposition == FILE_SUPERSEDE)
        except OSError as error:
            os.close(fd)
            raise failed(error) from error
        except BaseException:
            os.close(fd)
            raise
        file = self.opened_file(place, fd, now, path, access, share, options)
        return file, (SUPERSEDED if disposition == FILE_SUPERSEDE else OVERWRITTEN) if replaces else OPENED

    def _empty(self, fd: int, stat: os.stat_result, attributes: int, supersede: bool) -> None:
        """Overwrites: no bytes, the given attributes. Raises OSError."""
        if stat.st_size:
            if self.sections is not None:
                self.sections.check_truncation(fd, 0)
            os.ftruncate(fd, 0)
        else:
            os.utime(fd)
        target = f"/proc/self/fd/{fd}"
        created = None
        if supersede:
            created = attr.filetime(self.process.time.wall_ns())
        wanted = attributes & ~attr.NORMAL | attr.ARCHIVE
        if supersede or wanted != self.attributes.get(target, stat):
            self.attributes.set(target, stat, wanted, created)

    def opened_file(
        self, place: Place, fd: int, stat: os.stat_result, path: str, access: int, share: int, options: int
    ) -> DiskFile:
        """The open file for a descriptor, which is the file's from now on."""
        key = (stat.st_dev, stat.st_ino)
        node = self.nodes.get(key)
        if node is None:
            node = self.nodes[key] = Node(key)
        node.opened(access, share)
        file = DiskFile(self, fd, node, stat, place, path, access, share, options)
        self.opened.add(file)
        file.delete_on_close = bool(options & FILE_DELETE_ON_CLOSE)
        return file

    def _pipes(self) -> "NamedPipes":
        from litebox_core.pipes import Pipes

        return self.process.service(Pipes)  # type: ignore[return-value]

    # -- child processes ---------------------------------------------------------------------------------------------

    def hand_over(self, file: File) -> tuple[dict[str, Any], int]:
        from .handing import hand_over

        return hand_over(file)

    def take_over(self, what: dict[str, Any], fd: int) -> File:
        from .handing import take_over

        return take_over(self, what, fd)

    def granted_folders(self) -> tuple[dict[str, tuple[str, bool]], dict[str, bool]]:
        return self.mounts.granted_folders()

    # -- what open files ask for -------------------------------------------------------------------------------------

    def forget(self, node: Node) -> None:
        """No open file is left of a node."""
        self.nodes.pop(node.key, None)

    def remove(self, file: DiskFile) -> None:
        """Removes the name of a file marked for deletion, if it is still that file's.

        As in Windows, nobody is told where that fails: the last handle is closed already.
        """
        folder, name = os.path.split(file.host)
        try:
            parent = os.open(folder, O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError:
            return
        try:
            stat = os.stat(name, dir_fd=parent, follow_symlinks=False)
            if (stat.st_dev, stat.st_ino) == file.node.key and os.readlink(f"/proc/self/fd/{parent}") == folder:
                if file.is_directory:
                    os.rmdir(name, dir_fd=parent)
                else:
                    os.unlink(name, dir_fd=parent)
                self.changed()
                self.attributes.forget(file.node.key)
        except OSError:
            return
        finally:
            os.close(parent)

    def changed(self) -> None:
        """This process has changed a directory: who watches it hears of it now, not when the host is looked at next."""
        for watch in self.watches:
            watch.look()

    def closed(self, file: DiskFile) -> None:
        """The host's descriptor of a file is closed."""
        self.opened.discard(file)

    def rename(self, file: DiskFile, path: str, replace: bool) -> None:
        """Gives an open file another name. Raises NtError."""
        from .renaming import rename

        rename(self, file, path, replace)
        self.changed()

    def link(self, file: DiskFile, path: str, replace: bool) -> None:
        """Gives an open file one more name. Raises NtError."""
        from .renaming import link

        link(self, file, path, replace)

    def place_for(self, path: str, root: File | None = None) -> tuple[Place, str]:
        """Where a new name would be, and its full DOS path; the last link is not followed. Raises NtError."""
        device, rest, full = self._device(path, root)
        self._check_drive(path, device, rest)
        return self.mounts.resolve(device[0], rest, follow=False), full


def _with_backslash(path: str) -> str:
    return path if path.endswith("\\") else path + "\\"


def _specific(access: int) -> int:
    """Generic rights resolved to those of files."""
    if access & 0xF0000000:
        read, write, execute, everything = File.generic
        if access & 0x80000000:
            access |= read
        if access & 0x40000000:
            access |= write
        if access & 0x20000000:
            access |= execute
        if access & 0x10000000:
            access |= everything
        access &= 0x0FFFFFFF
    return access


def _file_flags(access: int) -> int:
    if access & WRITES:
        return os.O_RDWR if access & (_LIST | _EXECUTE) else os.O_WRONLY
    return os.O_RDONLY if access & (_LIST | _EXECUTE) else O_PATH


def _directory_flags(access: int) -> int:
    return os.O_DIRECTORY | (os.O_RDONLY if access & _LIST else O_PATH)
