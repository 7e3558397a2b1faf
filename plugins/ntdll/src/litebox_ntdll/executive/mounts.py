"""Drives: the host folders a program may see, and how guest paths are resolved within them.

A drive is a view of a host folder. Of a *sparse* drive (``Z:``, the host's own tree) only granted folders are visible;
the folders above them appear as empty read-only directories with nothing but the way to the granted one.

Resolution never leaves the grants. The parent folder is opened once (``O_PATH``), and the host is asked where that
descriptor really is (``/proc/self/fd``), so links and ``..`` in whatever form are judged by their outcome and not by
their spelling. The last component is then used relative to that descriptor with ``O_NOFOLLOW``: exchanging a folder for
a link meanwhile leads nowhere else. A link whose target lies outside is STATUS_ACCESS_DENIED.

Names match exactly if they can (one look), else without regard to case; among several the first in sorted order.
"""

import os
from collections.abc import Callable
from errno import ENAMETOOLONG
from stat import S_ISLNK

from litebox_core import ntstatus as nt
from litebox_core.errors import NtError

from .hosterrors import failed
from .names import guest_name, host_name, is_legal_8dot3, is_legal_name, short_name, upcase

__all__ = ["DRIVE_FIXED", "DRIVE_NO_ROOT_DIR", "Drive", "Mounts", "Place", "listing"]

DRIVE_NO_ROOT_DIR = 1
DRIVE_FIXED = 3

MAX_COMPONENTS = 4096
_MAX_LINKS = 16
_MAX_FOLDERS = 256

O_PATH = getattr(os, "O_PATH", 0)
_FOLDER = O_PATH | os.O_DIRECTORY | os.O_CLOEXEC


class Drive:
    """A drive letter: the host folder that is its root; ``sparse`` where the root itself is not granted."""

    __slots__ = ("letter", "make", "read_only", "root", "sparse")

    def __init__(self, letter: str, root: str, sparse: bool = False, read_only: bool = False) -> None:
        self.letter, self.root, self.sparse, self.read_only = letter, root, sparse, read_only
        self.make: Callable[[], str] | None = None
        """Makes the folder when the drive is first used; ``root`` is empty until then."""


class Place:
    """Where a guest path leads: a name in an open host folder. A context manager; leaving it closes the folder.

    ``name`` is the host's name, empty for the root of a drive (then ``folder`` is the root itself). ``stat`` is None
    where nothing of that name exists. ``host`` is the folder's path on the host; ``virtual`` a folder that is only a
    way to a granted one.
    """

    __slots__ = ("folder", "host", "name", "read_only", "stat", "virtual")

    def __init__(self, folder: int, host: str, read_only: bool, virtual: bool, name: str = "") -> None:
        self.folder, self.host, self.name = folder, host, name
        self.read_only, self.virtual = read_only, virtual
        self.stat: os.stat_result | None = None

    def __enter__(self) -> "Place":
        return self

    def __exit__(self, *args: object) -> None:
        os.close(self.folder)

    @property
    def host_path(self) -> str:
        """The host's path, true at the time of the look-up."""
        return os.path.join(self.host, self.name) if self.name else self.host

    @property
    def entry(self) -> str:
        """The name to use relative to ``folder``."""
        return self.name or "."

    def look(self) -> None:
        try:
            self.stat = os.stat(self.entry, dir_fd=self.folder, follow_symlinks=False)
        except FileNotFoundError:
            self.stat = None
        except OSError as error:
            if error.errno != ENAMETOOLONG:
                raise failed(error) from error
            self.stat = None

    def reopen(self, flags: int, mode: int = 0o666) -> int:
        """Opens the place on the host. Raises OSError."""
        return os.open(
            self.entry, flags | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY, mode, dir_fd=self.folder
        )


class Mounts:
    """The drives of one process and the host folders granted to it."""

    def __init__(self) -> None:
        self.drives: dict[str, Drive] = {}
        self._grants: dict[str, bool] = {}
        self._ways: dict[str, set[str]] = {}
        self._short: dict[str, dict[str, str]] = {}

    def grant(self, host: str, read_only: bool) -> str:
        """Makes a host folder visible on sparse drives; its real path. Granted twice, writing wins."""
        real = os.path.realpath(host)
        self._grants[real] = read_only and self._grants.get(real, True)
        while real != "/":
            above, name = os.path.split(real)
            self._ways.setdefault(above, set()).add(name)
            real = above
        return os.path.realpath(host)

    def add(self, letter: str, host: str, read_only: bool) -> None:
        """Mounts a host folder as a drive."""
        letter = letter.upper()
        self.drives[letter] = Drive(letter, self.grant(host, read_only), read_only=read_only)

    def add_later(self, letter: str, make: Callable[[], str]) -> None:
        """Mounts a host folder that is made when it is first needed."""
        self.drives[letter] = drive = Drive(letter, "")
        drive.make = make

    def add_sparse(self, letter: str) -> None:
        """Adds the drive that shows the host's tree as far as it is granted."""
        self.drives[letter] = Drive(letter, "/", sparse=True)

    def _settle(self, drive: Drive) -> None:
        """Makes a drive's folder, if that is still to be done."""
        if drive.make is not None:
            drive.root, drive.make = self.grant(drive.make(), read_only=False), None

    def granted_folders(self) -> tuple[dict[str, tuple[str, bool]], dict[str, bool]]:
        """See ``Files.granted_folders``."""
        for drive in self.drives.values():
            self._settle(drive)
        drives = {d.letter: (d.root, d.read_only) for d in self.drives.values() if not d.sparse}
        return drives, dict(self._grants)

    def replace_grants(self, granted: dict[str, bool]) -> None:
        """Makes exactly these host folders visible (folder -> whether read-only), and no others."""
        self._grants.clear()
        self._ways.clear()
        for folder, read_only in granted.items():
            self.grant(folder, read_only)

    def granted(self, host: str) -> bool | None:
        """Whether a real host path is granted for reading only (True) or writing too (False); None where it is not.

        The nearest grant above the path counts.
        """
        grants = self._grants
        while True:
            found = grants.get(host)
            if found is not None:
                return found
            if host == "/":
                return None
            host = host[: host.rfind("/")] or "/"

    def guest_path(self, host: str) -> str | None:
        """The guest's path of a host path, by the drive whose root is nearest; None where no drive shows it."""
        real = os.path.realpath(host)
        best: Drive | None = None
        for drive in self.drives.values():
            if not drive.root:
                continue
            below = drive.root == "/" or real == drive.root or real.startswith(drive.root + "/")
            if below and (not drive.sparse or self.granted(real) is not None) and (
                best is None or len(drive.root) > len(best.root)
            ):  # fmt: skip
                best = drive
        return None if best is None else self._guest(best, real)

    def _guest(self, drive: Drive, real: str) -> str | None:
        parts = [guest_name(part) for part in real[len(drive.root) :].split("/") if part]
        if None in parts:
            return None
        return f"{drive.letter}:\\" + "\\".join(part for part in parts if part is not None)

    # -- resolution --------------------------------------------------------------------------------------------------

    def components(self, path: str) -> list[str]:
        r"""The names in a cleaned path below a root (``\dir\a``).

        Raises NtError: STATUS_OBJECT_NAME_INVALID for a name that cannot exist.
        """
        parts = path.split("\\")
        if parts and not parts[0]:
            del parts[0]
        if parts and not parts[-1]:
            del parts[-1]
        if len(parts) > MAX_COMPONENTS:
            raise NtError(nt.STATUS_NAME_TOO_LONG)
        for part in parts:
            if not is_legal_name(part):
                raise NtError(nt.STATUS_OBJECT_NAME_INVALID)
        return parts

    def resolve(self, letter: str, path: str, follow: bool = True) -> Place:
        r"""Where ``path`` (``\dir\a``) on a drive leads. With ``follow`` a link in the last place is followed.

        Raises NtError: STATUS_OBJECT_PATH_NOT_FOUND where the folder does not exist or is none, or the drive does
        not exist; STATUS_OBJECT_NAME_INVALID; STATUS_ACCESS_DENIED for a link that leads outside.
        """
        drive = self.drives.get(letter.upper())
        if drive is None:
            raise NtError(nt.STATUS_OBJECT_PATH_NOT_FOUND)
        self._settle(drive)
        parts = self.components(path)
        try:
            names = [host_name(part) for part in parts]
        except ValueError:
            raise NtError(nt.STATUS_OBJECT_NAME_INVALID) from None
        place = self._parent(drive, names[:-1])
        try:
            if names:
                self._last(drive, place, names[-1])
            else:
                place.look()
            if follow and place.stat is not None and S_ISLNK(place.stat.st_mode):
                return self._linked(drive, place)
        except BaseException:
            os.close(place.folder)
            raise
        return place

    def _parent(self, drive: Drive, names: list[str]) -> Place:
        """The open folder that names lead to, exactly spelt or not."""
        try:
            folder = os.open(os.path.join(drive.root, *names), _FOLDER)
        except OSError:
            return self._walk(drive, names)
        try:
            return self._placed(drive, folder)
        except BaseException:
            os.close(folder)
            raise

    def _placed(self, drive: Drive, folder: int) -> Place:
        """Judges an open folder by where it really is."""
        real = os.readlink(f"/proc/self/fd/{folder}")
        read_only = self.granted(real)
        if read_only is None and not (drive.sparse and real in self._ways):
            raise NtError(nt.STATUS_OBJECT_PATH_NOT_FOUND if drive.sparse else nt.STATUS_ACCESS_DENIED)
        return Place(folder, real, drive.read_only or read_only is not False, read_only is None)

    def _walk(self, drive: Drive, names: list[str]) -> Place:
        """Finds a folder name by name without regard to case."""
        folder = -1
        try:
            folder = os.open(drive.root, _FOLDER)
            place = self._placed(drive, folder)
            for name in names:
                found = self._find(place, name)
                if found is None:
                    raise NtError(nt.STATUS_OBJECT_PATH_NOT_FOUND)
                following = os.open(found, _FOLDER, dir_fd=folder)
                os.close(folder)
                folder = following
                place = self._placed(drive, folder)
            return place
        except BaseException as error:
            if folder >= 0:
                os.close(folder)
            if isinstance(error, (FileNotFoundError, NotADirectoryError)):
                raise NtError(nt.STATUS_OBJECT_PATH_NOT_FOUND) from None
            if isinstance(error, OSError):
                raise failed(error) from error
            raise

    def _last(self, drive: Drive, place: Place, name: str) -> None:
        """Completes a place with its last component."""
        place.name = name
        if not (place.virtual and name not in self._ways.get(place.host, ())):
            place.look()
        if place.stat is None:
            found = self._find(place, name)
            if found is not None:
                place.name = found
                place.look()
        if place.virtual or place.host_path in self._grants:
            inner = self.granted(place.host_path)
            place.virtual, place.read_only = inner is None, drive.read_only or inner is not False

    def _find(self, place: Place, name: str) -> str | None:
        """The host's name that matches a name, exactly, in another case or as a short name."""
        if place.virtual:
            names = sorted(self._ways.get(place.host, ()))
        else:
            try:
                os.stat(name, dir_fd=place.folder, follow_symlinks=False)
                return name
            except FileNotFoundError:
                pass
            except OSError as error:
                if error.errno != ENAMETOOLONG:
                    raise failed(error) from error
            names = listing(place.folder)
        if name in names:
            return name
        wanted = upcase(name)
        for candidate in names:
            if len(candidate) == len(name) and upcase(candidate) == wanted:
                return candidate
        if "~" in name and is_legal_8dot3(name)[0]:
            short = self.short_names(place.host, names)
            for candidate in names:
                if short.get(candidate) == wanted:
                    return candidate
        return None

    def _linked(self, drive: Drive, place: Place) -> Place:
        """Where the link at a place leads. Closes the place."""
        try:
            target = os.path.realpath(place.host_path, strict=False)
        except OSError as error:
            raise failed(error) from error
        parent, name = os.path.split(target)
        if self.granted(target) is None or target == "/":
            raise NtError(nt.STATUS_ACCESS_DENIED)
        try:
            folder = os.open(parent, _FOLDER)
        except OSError:
            raise NtError(nt.STATUS_OBJECT_NAME_NOT_FOUND) from None
        real = os.readlink(f"/proc/self/fd/{folder}")
        if real != parent:  # it has been changed meanwhile
            os.close(folder)
            raise NtError(nt.STATUS_ACCESS_DENIED)
        linked = Place(folder, real, drive.read_only or self.granted(target) is not False, False, name)
        try:
            linked.look()
            if linked.stat is not None and S_ISLNK(linked.stat.st_mode):
                raise NtError(nt.STATUS_REPARSE_POINT_NOT_RESOLVED)
        except BaseException:
            os.close(folder)
            raise
        os.close(place.folder)
        return linked

    def visible(self, host: str, target: str, virtual: bool) -> list[str]:
        """The host names in a directory. Raises NtError."""
        if virtual:
            return sorted(self._ways.get(host, ()))
        try:
            return os.listdir(target)
        except OSError as error:
            raise failed(error) from error

    def short_names(self, host: str, names: list[str]) -> dict[str, str]:
        """The short names of the names in a host folder that need one; they stay as long as the process."""
        known = self._short.get(host)
        if known is None:
            if len(self._short) >= _MAX_FOLDERS:
                del self._short[next(iter(self._short))]
            known = self._short[host] = {}
        missing = [name for name in names if name not in known and not _is_short(name)]
        if missing:
            present = set(names)
            for gone in [name for name in known if name not in present]:
                del known[gone]
            taken = {short: name for name, short in known.items()}
            taken.update((upcase(name), name) for name in names)
            for name in sorted(missing, key=upcase):
                shown = guest_name(name)
                if shown is not None:
                    known[name] = short = short_name(shown, taken)
                    taken[short] = name
        return known

    def is_root(self, host: str) -> bool:
        """Whether a host folder is itself a grant or on the way to one: it is neither renamed nor deleted."""
        return host in self._grants or host in self._ways


def listing(folder: int) -> list[str]:
    """The names in an open folder (an O_PATH descriptor will do), sorted. Raises NtError."""
    try:
        readable = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=folder)
    except OSError as error:
        raise failed(error) from error
    try:
        return sorted(os.listdir(readable))
    except OSError as error:
        raise failed(error) from error
    finally:
        os.close(readable)


def _is_short(name: str) -> bool:
    legal, spaces = is_legal_8dot3(name)
    return legal and not spaces
