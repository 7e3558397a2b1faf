"""Open files, and what services tell of them: what is behind the handle of a file, a directory, a pipe or a console."""

from typing import TYPE_CHECKING, Any

from .errors import NtError
from .ntstatus import STATUS_INVALID_DEVICE_REQUEST, STATUS_INVALID_FILE_FOR_SECTION, STATUS_INVALID_PARAMETER
from .objects import Waitable

if TYPE_CHECKING:

    from .completion import CompletionPort
    from .consoles.keys import Record
    from .consoles.records import Records
    from .consoles.screen import Screen
    from .consoles.screens import Screens
    from .guest import Guest, Steps
    from .requests import AsyncFile

__all__ = ["ConsoleDevice", "DirectoryEntry", "File", "FileInfo", "VolumeInfo"]


class FileInfo:
    """What is known of a file: FILETIMEs, Windows attributes, sizes in bytes, identity."""

    __slots__ = ("accessed", "allocation", "attributes", "changed", "created", "index", "links", "reparse_tag", "size",
                 "volume", "written")  # fmt: skip

    def __init__(
        self, attributes: int, size: int, created: int, accessed: int, written: int, changed: int, index: int,
        links: int, volume: int, allocation: int = 0, reparse_tag: int = 0,
    ) -> None:  # fmt: skip
        self.attributes, self.size, self.allocation = attributes, size, allocation
        self.created, self.accessed, self.written, self.changed = created, accessed, written, changed
        self.index, self.links, self.volume, self.reparse_tag = index, links, volume, reparse_tag


class DirectoryEntry:
    """One name in a directory."""

    __slots__ = ("info", "name", "short_name")

    def __init__(self, name: str, short_name: str, info: FileInfo) -> None:
        self.name, self.short_name, self.info = name, short_name, info


class VolumeInfo:
    """What is known of a file's volume. ``flags`` are FILE_CASE_PRESERVED_NAMES and the like; sizes in bytes."""

    __slots__ = ("component_length", "created", "drive", "file_system", "flags", "free_units", "label", "read_only",
                 "sector_size", "serial", "total_units", "unit_size")  # fmt: skip

    def __init__(
        self, label: str, serial: int, file_system: str, created: int, flags: int, component_length: int,
        total_units: int, free_units: int, unit_size: int, sector_size: int, read_only: bool, drive: str,
    ) -> None:  # fmt: skip
        self.label, self.serial, self.file_system, self.created = label, serial, file_system, created
        self.flags, self.component_length = flags, component_length
        self.total_units, self.free_units = total_units, free_units
        self.unit_size, self.sector_size = unit_size, sector_size
        self.read_only, self.drive = read_only, drive


class File(Waitable):
    """An open file, directory, console, pipe or device.

    ``position`` is the file pointer in bytes; None where the file has none. All operations raise NtError,
    with STATUS_INVALID_DEVICE_REQUEST those that a kind of file does not have.
    """

    type_name = "File"
    generic = (0x120089, 0x120116, 0x1200A0, 0x1F01FF)

    path = ""
    """The full DOS path, such as ``C:\\\\dir\\\\a.txt``; for a device its name."""
    device_type = 7
    """FILE_DEVICE_DISK 7, FILE_DEVICE_CONSOLE 0x50, FILE_DEVICE_NAMED_PIPE 0x11, FILE_DEVICE_NULL 0x15."""
    position: int | None = 0
    is_directory = False
    completion: "tuple[CompletionPort, int] | None" = None
    """The port that is told of overlapped operations, and the key it is told."""
    skips_completion = False
    """Whether the port is not told of what is complete when the call returns."""
    searched = False
    """Whether a program has asked for entries of the directory by its handle."""
    listed = 0
    """How many of an open directory's entries a listing by handle has given."""
    console: "ConsoleDevice | None" = None
    """The console that the file is on; ``output`` tells whether it is written to."""
    output = False
    buffer: "Screen | None" = None
    """The screen buffer of the console that it is on; None for the first one."""
    options = 0x20
    """The create options it was opened with (FILE_SYNCHRONOUS_IO_NONALERT 0x20, ...)."""
    access = 0x1F01FF
    """The access it was opened with, generic rights resolved: what a new handle on it gets."""

    def signaled(self, guest: "Guest") -> bool:
        return True

    @property
    def pending(self) -> "AsyncFile | None":
        """What has the file's requests in progress; None where nothing of it goes on behind a call's return."""
        return None

    def changes(self) -> "AsyncFile":
        """What watches a directory for changes. STATUS_INVALID_PARAMETER for what is no directory."""
        raise NtError(STATUS_INVALID_PARAMETER)

    def read(self, guest: "Guest", size: int, offset: int | None = None) -> "Steps[bytes]":
        """Up to ``size`` bytes at ``offset`` or the file pointer, which moves.

        Raises NtError(STATUS_END_OF_FILE) at the end of a disk file, STATUS_PIPE_BROKEN at that of a pipe.
        """
        raise NtError(STATUS_INVALID_DEVICE_REQUEST)

    def read_now(self, size: int, offset: int | None = None) -> bytes | None:
        """The same for a file whose reads never wait; None, and nothing was done, for one whose may."""
        return None

    def write(self, guest: "Guest", data: bytes, offset: int | None = None) -> "Steps[int]":
        """Writes and returns the number of bytes taken."""
        raise NtError(STATUS_INVALID_DEVICE_REQUEST)

    def write_now(self, data: bytes, offset: int | None = None) -> int | None:
        """The same for a file whose writes never wait; None, and nothing was done, for one whose may."""
        return None

    def peek(self, size: int) -> tuple[bytes, int]:
        """For a pipe: up to ``size`` bytes without taking them, and how many there are."""
        raise NtError(STATUS_INVALID_DEVICE_REQUEST)

    def info(self) -> FileInfo:
        raise NtError(STATUS_INVALID_DEVICE_REQUEST)

    def set_times(self, created: int, accessed: int, written: int, changed: int = 0) -> None:
        """Sets FILETIMEs; 0 leaves one alone."""
        raise NtError(STATUS_INVALID_DEVICE_REQUEST)

    def set_attributes(self, attributes: int) -> None:
        raise NtError(STATUS_INVALID_DEVICE_REQUEST)

    def set_size(self, size: int) -> None:
        """Truncates or extends."""
        raise NtError(STATUS_INVALID_DEVICE_REQUEST)

    def host_descriptor(self) -> int:
        """The host's descriptor of a regular file, for mapping it. Raises NtError(STATUS_INVALID_FILE_FOR_SECTION)."""
        raise NtError(STATUS_INVALID_FILE_FOR_SECTION)

    def set_delete(self, delete: bool) -> None:
        """Marks the file for deletion when its last handle is closed, or takes the mark away."""
        raise NtError(STATUS_INVALID_DEVICE_REQUEST)

    def rename(self, path: str, replace: bool) -> None:
        raise NtError(STATUS_INVALID_DEVICE_REQUEST)

    def link(self, path: str, replace: bool) -> None:
        """Gives the file one more name."""
        raise NtError(STATUS_INVALID_DEVICE_REQUEST)

    @property
    def delete_pending(self) -> bool:
        """Whether the file goes away with its last handle."""
        return False

    def final_path(self) -> str:
        """The DOS path in the spelling of the directories on the way, links resolved."""
        return self.path

    def volume(self) -> VolumeInfo:
        raise NtError(STATUS_INVALID_DEVICE_REQUEST)

    def flush(self) -> None:
        raise NtError(STATUS_INVALID_DEVICE_REQUEST)

    def handed_over(self) -> "tuple[dict[str, Any], int] | None":
        """For a kind of file that no executive knows: what ``Files.hand_over`` says of it; None for all others.

        The data's ``taker`` is the function that makes a file of them in the other process, as
        ``"package.module:name"``: it is called with the process, the data and the descriptor.
        """
        return None

    def lock(self, offset: int, size: int, exclusive: bool) -> bool:
        """Locks a byte range; False where another open file holds it."""
        raise NtError(STATUS_INVALID_DEVICE_REQUEST)

    def unlock(self, offset: int, size: int) -> None:
        raise NtError(STATUS_INVALID_DEVICE_REQUEST)

    def entries(self, pattern: str, restart: bool) -> "list[DirectoryEntry]":
        """The matching entries of an open directory, as it was when the search began; an empty pattern: as before."""
        raise NtError(STATUS_INVALID_DEVICE_REQUEST)


class ConsoleDevice:
    """The console of a process: what all files on it have in common.

    Modes are Windows' bits (ENABLE_LINE_INPUT and so on), sizes and positions are in character cells.
    """

    input_mode: int
    output_mode: int
    input_page: int
    output_page: int
    title: str | None
    """None until a program gives it one."""

    def size(self) -> tuple[int, int]:
        """Columns and rows of the window."""
        raise NotImplementedError

    def screens(self) -> "Screens":
        """The screen buffers. The first one, and what is on it, is made when they are asked for."""
        raise NotImplementedError

    def set_page(self, page: int, output: bool) -> None:
        """Chooses a code page. Raises NtError(STATUS_INVALID_PARAMETER) for one that does not exist."""
        raise NotImplementedError

    def write_text(self, text: str, fd: int | None = None, buffer: "Screen | None" = None) -> None:
        """Writes text to a screen buffer, the first one for None. Raises NtError."""
        raise NotImplementedError

    def wait(self, guest: "Guest") -> "Steps[None]":
        """Waits until something has been typed that can be read; other threads go on meanwhile."""
        raise NotImplementedError

    def read_text(self, units: int) -> str:
        """Up to so many UTF-16 units of what was typed; waits, and is empty at the end of input."""
        raise NotImplementedError

    def read(self, size: int) -> bytes:
        """As read_text, in bytes of the input code page."""
        raise NotImplementedError

    def key_waits(self, guest: "Guest") -> bool:
        """Whether a key has been pressed that :meth:`read_key` gives at once. Lines are not edited from now on."""
        raise NotImplementedError

    def read_key(self, guest: "Guest") -> "Steps[str]":
        """One UTF-16 unit as it is typed, not echoed, Ctrl-C too; waits, and is empty at the end of input."""
        raise NotImplementedError

    def edit_line(self, guest: "Guest", text: str, wakeup: int, most: int) -> "Steps[tuple[str, int]]":
        """A line that is typed after ``text``, of ``most`` units; control characters whose bit is in ``wakeup`` end it.

        The line, and the state of the other keys (SHIFT_PRESSED and so on) at the last one.
        """
        raise NotImplementedError

    def records(self) -> "Records":
        """The input records that wait, with all that was typed until now. Lines are not edited from now on."""
        raise NotImplementedError

    def wait_for_records(self, guest: "Guest") -> "Steps[Records]":
        """Waits until there is a record."""
        raise NotImplementedError

    def add_records(self, records: "list[Record]") -> None:
        """Adds records as if they had been typed. Raises NtError(STATUS_NO_MEMORY) where too many wait."""
        raise NotImplementedError

    def discard_input(self) -> None:
        """Forgets what was typed and not read."""
        raise NotImplementedError
