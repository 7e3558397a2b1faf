"""The base classes of services: what DLLs ask the executive for.

A plugin offers implementations through ``litebox_services``; one service can be replaced alone (a fake clock, files in
memory). Each instance belongs to one process. Methods raise NtError; the DLL's dialect turns it into what its caller
expects.
"""

from typing import TYPE_CHECKING, Any

from .objects import Waitable
from .openfiles import ConsoleDevice, File, FileInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .children import OtherThread
    from .consoles.screen import Screen
    from .engine.base import Stop
    from .guest import Guest, Steps
    from .heapentry import HeapEntry
    from .objects import O, Object
    from .process import Process
    from .sections import Section
    from .sync import Event, Mutant, Semaphore, Timer
    from .threads import Thread

__all__ = ["Clock", "Entropy", "Exceptions", "Files", "Heaps", "Sections", "Service", "Sync"]


class Service:
    """A part of the executive, for one process."""

    def __init__(self, process: "Process") -> None:
        self.process = process

    def close(self) -> None:
        """The process has ended."""


class Clock(Service):
    """All time a program sees. FILETIME values are 100 ns intervals since 1601-01-01 UTC."""

    def system_time(self) -> int:
        """Now, as a FILETIME."""
        raise NotImplementedError

    def counter(self) -> int:
        """The performance counter, in ticks of ``counter_frequency`` a second."""
        raise NotImplementedError

    counter_frequency = 10_000_000

    def uptime_ms(self) -> int:
        """Milliseconds since the system was started."""
        raise NotImplementedError

    def uptime(self) -> int:
        """The same in units of 100 ns, as precisely as it is known."""
        return self.uptime_ms() * 10_000

    def monotonic(self) -> float:
        """Seconds on the clock that wait deadlines are measured by."""
        raise NotImplementedError

    def zone(self) -> Any:
        """The time zone: an object of the executive's ``timezone`` module."""
        raise NotImplementedError

    def cpu_time(self) -> tuple[int, int]:
        """Kernel and user time of the process, in 100 ns."""
        raise NotImplementedError


class Entropy(Service):
    """Random bytes."""

    def random(self, size: int) -> bytes:
        raise NotImplementedError


class Files(Service):
    """Paths and open files. Paths are DOS paths as programs write them; the service makes them absolute."""

    sections: "Sections | None" = None
    """Who must be asked before a file is made shorter; set by the Sections service when it maps the first file."""

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
        """NtCreateFile's work: the open file and what was done (FILE_OPENED 1, FILE_CREATED 2, ...)."""
        raise NotImplementedError

    def stdio(self, number: int) -> File:
        """The file behind standard input (0), output (1) or error (2)."""
        raise NotImplementedError

    def console(self) -> "ConsoleDevice | None":
        """The console of the process; None where it has none."""
        raise NotImplementedError

    def has_terminal(self) -> bool:
        """Whether one of the standard streams is a terminal."""
        raise NotImplementedError

    def screen_file(self, buffer: "Screen") -> File:
        """An open file on a screen buffer of the process's console; with the last one the buffer goes."""
        raise NotImplementedError

    def free_console(self) -> None:
        """The process gives its console up."""
        raise NotImplementedError

    def allocate_console(self) -> None:
        """A new console for a process without one: on its terminal if it has one, else one that nobody sees."""
        raise NotImplementedError

    def pipe(self, size: int) -> tuple[File, File]:
        """An anonymous pipe that holds ``size`` bytes (0: the usual size): its reading and its writing end."""
        raise NotImplementedError

    def hand_over(self, file: File) -> "tuple[dict[str, Any], int]":
        """What a child process needs to have this open file too: data for JSON, and the descriptor to pass on.

        Raises NtError(STATUS_NOT_SUPPORTED) for a file that only this process can have.
        """
        raise NotImplementedError

    def take_over(self, what: "dict[str, Any]", fd: int) -> File:
        """The open file that the parent process handed over with :meth:`hand_over`."""
        raise NotImplementedError

    def granted_folders(self) -> "tuple[dict[str, tuple[str, bool]], dict[str, bool]]":
        """Drives (letter -> host folder, whether read-only) and visible host folders (-> whether read-only)."""
        raise NotImplementedError

    def drive_directory(self, letter: str) -> str:
        """The current directory of a drive, which paths such as ``C:name`` start from."""
        raise NotImplementedError

    def nt_path(self, path: str) -> str:
        r"""The NT path (``\??\C:\dir\a``) of a DOS path. Raises NtError."""
        raise NotImplementedError

    def full_path(self, path: str) -> str:
        """The path as GetFullPathName gives it: made absolute and cleaned, whether it exists or not."""
        raise NotImplementedError

    def find_pattern(self, pattern: str) -> str:
        """The pattern for ``File.entries`` that FindFirstFile makes of a path's last component, as it was written."""
        raise NotImplementedError

    def query(self, path: str) -> FileInfo:
        """Information without opening."""
        raise NotImplementedError

    def host_path(self, path: str) -> str:
        """The host's path of an existing guest file. Raises NtError."""
        raise NotImplementedError

    def guest_path(self, host: str) -> str | None:
        """The guest's path of a host file, or None where no mount shows it."""
        raise NotImplementedError

    @property
    def current_directory(self) -> str:
        """Absolute, with a trailing backslash."""
        raise NotImplementedError

    @current_directory.setter
    def current_directory(self, path: str) -> None:
        raise NotImplementedError

    def drives(self) -> "dict[str, int]":
        """Drive letters and their types as GetDriveType gives them."""
        raise NotImplementedError


class Heaps(Service):
    """Heaps. Addresses are guest addresses; 0 stands for no memory."""

    def create(self, options: int, initial: int, maximum: int) -> int:
        raise NotImplementedError

    def destroy(self, heap: int) -> None:
        raise NotImplementedError

    def allocate(self, heap: int, flags: int, size: int) -> int:
        """A block of at least ``size`` bytes, 16-byte aligned on x64; 0 when there is no room."""
        raise NotImplementedError

    def reallocate(self, heap: int, flags: int, addr: int, size: int) -> int:
        raise NotImplementedError

    def free(self, heap: int, flags: int, addr: int) -> bool:
        """False for what is no block of the heap."""
        raise NotImplementedError

    def allocate_for(self, guest: "Guest", heap: int, flags: int, size: int) -> int:
        """The same for a thread, which may be given some blocks more in advance: for machine code to hand out."""
        return self.allocate(heap, flags, size)

    def free_for(self, guest: "Guest", heap: int, flags: int, addr: int) -> bool:
        """Takes back what a thread has been given."""
        return self.free(heap, flags, addr)

    def thread_ended(self, guest: "Guest") -> None:
        """A thread has ended; what it has been given in advance is free again."""

    def size(self, heap: int, flags: int, addr: int) -> int | None:
        """The size asked for; None for what is no block of the heap."""
        raise NotImplementedError

    @property
    def process_heap(self) -> int:
        """The handle of the process's own heap, which nobody can destroy."""
        raise NotImplementedError

    def handles(self) -> list[int]:
        """The handles of all heaps, the process heap first."""
        raise NotImplementedError

    def raises(self, heap: int, flags: int) -> bool:
        """Whether a failing allocation with these flags raises an exception instead of returning NULL."""
        raise NotImplementedError

    def walk(self, heap: int, previous: int) -> tuple[int, int] | None:
        """The address and size of the block behind ``previous`` (0: the first block); None behind the last."""
        raise NotImplementedError

    def entry(self, heap: int, previous: int, region: bool) -> "HeapEntry | None":
        """What comes behind the entry with the address ``previous`` in a walk through the heap; None behind the last.

        0 begins a walk. ``region`` tells the beginning of a region from a block that begins there.
        Raises NtError(STATUS_INVALID_PARAMETER) for what is no entry.
        """
        raise NotImplementedError

    def compact(self, heap: int) -> int:
        """The size of the largest block that fits into the heap as it is."""
        raise NotImplementedError

    def compatibility(self, heap: int) -> int:
        """HeapCompatibilityInformation: 2 for the low-fragmentation heap, 0 for a standard heap."""
        raise NotImplementedError

    def set_compatibility(self, heap: int, value: int) -> bool:
        """Turns a growable, serialized heap into a low-fragmentation heap (2); False for all else."""
        raise NotImplementedError

    def user(self, heap: int, addr: int) -> tuple[int, int] | None:
        """User value and flags of a block; None for a block that was allocated without them."""
        raise NotImplementedError

    def set_user(self, heap: int, addr: int, value: int, flags: int) -> bool:
        """Sets user value and flags; False for a block that was allocated without them."""
        raise NotImplementedError

    def others_ended(self, guest: "Guest") -> None:
        """The process ends, and this thread is the only one left: what others have locked is free."""

    def enter(self, guest: "Guest", heap: int, flags: int = 0) -> None:
        """Comes before what a program does with a heap. Raises Postponed while another thread has the heap locked.

        ``allocate_for`` and ``free_for`` do so themselves. With HEAP_NO_SERIALIZE among the flags, nobody waits; and
        what litebox does with a heap on its own account is never in the way of others.
        """

    def lock(self, guest: "Guest", heap: int) -> None:
        """Locks the heap for a thread, once more if it has locked it before. Raises Postponed like :meth:`enter`."""
        raise NotImplementedError

    def unlock(self, guest: "Guest", heap: int) -> bool:
        """Takes one lock back; False where this thread holds none."""
        raise NotImplementedError


class Sections(Service):
    """Section objects and their views. Methods raise NtError."""

    def create(
        self, file: File | None, size: int, protect: int, attributes: int, name: str | None = None, access: int = 0
    ) -> "tuple[Section, bool]":
        """A section of a file, opened with ``access``, or of memory; and whether it existed under its name.

        ``size`` 0 is the file's; a larger one extends the file. ``attributes`` are SEC_*.
        """
        raise NotImplementedError

    def map(
        self, section: "Section", base: int, offset: int, size: int, protect: int, kind: int = 0,
        high: int = 0,
    ) -> tuple[int, int]:  # fmt: skip
        """Maps a view at ``base`` or (0) anywhere up to ``high`` (0: the highest address); its address and size.

        ``size`` 0: to the end of the section. Raises NtError.
        """
        raise NotImplementedError

    def unmap(self, addr: int) -> None:
        """Unmaps the view that holds an address. Raises NtError(STATUS_NOT_MAPPED_VIEW)."""
        raise NotImplementedError

    def flush(self, addr: int, size: int) -> tuple[int, int]:
        """Writes changed pages of a view to the file; the range that was looked at."""
        raise NotImplementedError

    def section_at(self, addr: int) -> "Section | None":
        """The section whose view holds an address."""
        raise NotImplementedError

    def check_truncation(self, fd: int, size: int) -> None:
        """Raises NtError(STATUS_USER_MAPPED_FILE) where a mapping of the host file needs more than ``size`` bytes."""
        raise NotImplementedError


class Sync(Service):
    """Synchronisation objects, the names of objects, and waits.

    Names are those of kernel32: ``Global\\x``, ``Local\\x`` or ``x``, or paths that begin with a backslash; they are
    compared with regard to case. Functions that create an object answer with it and whether it existed already under
    its name. Timeouts are in 100 ns from now, None for ever.
    """

    def resolve(self, name: str, root: "Object | None", insensitive: bool) -> str:
        """The path of an object that was named by native rules: below an open directory, or without regard to case.

        Raises NtError(STATUS_OBJECT_PATH_SYNTAX_BAD).
        """
        raise NotImplementedError

    def named(self, name: str | None, kind: "type[O]", make: "Callable[[], O]") -> "tuple[O, bool]":
        """The object of this name or, where there is none or no name, a new one.

        Raises NtError: STATUS_OBJECT_TYPE_MISMATCH, STATUS_OBJECT_PATH_NOT_FOUND, STATUS_OBJECT_NAME_INVALID.
        """
        raise NotImplementedError

    def open(self, name: str, kind: "type[O]") -> "O":
        """The object of this name. Raises NtError as ``named`` does, and STATUS_OBJECT_NAME_NOT_FOUND."""
        raise NotImplementedError

    def own(self, name: str) -> "Object | None":
        """The object of this name that this process has, where other processes can have it too."""
        raise NotImplementedError

    def event(self, manual: bool, initial: bool, name: str | None = None) -> "tuple[Event, bool]":
        raise NotImplementedError

    def mutant(self, owner: "Guest | None", name: str | None = None) -> "tuple[Mutant, bool]":
        raise NotImplementedError

    def semaphore(self, count: int, maximum: int, name: str | None = None) -> "tuple[Semaphore, bool]":
        """Raises NtError(STATUS_INVALID_PARAMETER) for counts that cannot be."""
        raise NotImplementedError

    def timer(self, manual: bool, name: str | None = None) -> "tuple[Timer, bool]":
        raise NotImplementedError

    def wait(
        self, guest: "Guest", objects: "Sequence[Waitable]", timeout: int | None, all: bool = False,
        alertable: bool = False,
    ) -> "Steps[int]":  # fmt: skip
        """Waits for objects or, without any, sleeps. The status: STATUS_WAIT_0 and following, STATUS_ABANDONED_WAIT_0
        and following, STATUS_TIMEOUT or, when APCs were run, STATUS_USER_APC.
        """
        raise NotImplementedError

    def wait_any(
        self, guest: "Guest", objects: "Sequence[Waitable]", timeout: int | None, alertable: bool = False
    ) -> "Steps[int | None]":
        """Waits for any number of objects: the index of the one that was signalled; None when the time is over or an
        APC was run. A mutex that its owner left behind is no different.
        """
        raise NotImplementedError

    def yield_now(self, guest: "Guest") -> "Steps[bool]":
        """Lets another thread run; whether there was one."""
        raise NotImplementedError


class Exceptions(Service):
    """What happens to a guest thread that faults or raises an exception."""

    top_level_filter = 0
    """The guest function that SetUnhandledExceptionFilter set, or 0."""

    def __init__(self, process: "Process") -> None:
        super().__init__(process)
        self.vectored: list[tuple[int, int]] = []
        """Vectored exception handlers in the order they are asked: a handle and the guest function."""
        self.continued: list[tuple[int, int]] = []
        """Vectored continue handlers, likewise."""

    def add_vectored(self, continued: bool, first: bool, handler: int) -> int:
        """Adds a vectored handler before or behind the others; its handle."""
        handle = self.process.heaps_allocate(16)
        handlers = self.continued if continued else self.vectored
        handlers.insert(0 if first else len(handlers), (handle, handler))
        return handle

    def remove_vectored(self, continued: bool, handle: int) -> bool:
        handlers = self.continued if continued else self.vectored
        found = [entry for entry in handlers if entry[0] == handle]
        for entry in found:
            handlers.remove(entry)
        return bool(found)

    def dispatch(self, guest: "Guest", stop: "Stop") -> None:
        """A hardware exception stopped the thread: make it run its handlers, or raise Crash."""
        raise NotImplementedError

    def raised(self, guest: "Guest", code: int, flags: int, params: tuple[int, ...], address: int) -> None:
        """Software raised an exception in the middle of an API call. Does not return normally."""
        raise NotImplementedError

    def debugging_begins(self, tid: int) -> None:
        """A debugger knows of all modules now: what it expects next is the breakpoint that tells it so."""

    def shown(self, guest: "Guest", code: int, params: tuple[int, ...]) -> "Steps[None]":
        """An exception that the function which raises it handles itself: only those that see all exceptions see it."""
        return
        yield

    def unwind(
        self, guest: "Guest", frame: int, target_ip: int, record: int, result: int,
        after: "Callable[[], Steps[int]] | None" = None,
    ) -> "Steps[None]":  # fmt: skip
        """RtlUnwindEx from within an API call: leaves the stack's frames up to the one established at ``frame``.

        ``record`` is the address of the EXCEPTION_RECORD that the handlers see. The thread goes on at ``target_ip``
        with ``result`` in RAX or, with ``after``, where that says: it runs when all frames have been told, with the
        stack still in place, and whatever it calls has the target frame as its caller. Never returns; raises NtError
        where the stack has no such frame.
        """
        raise NotImplementedError

    def get_context(self, guest: "Guest", thread: "Thread", addr: int) -> None:
        """Fills the parts of a CONTEXT that its flags name with a thread's registers. Raises NtError, GuestFault."""
        raise NotImplementedError

    def set_context(self, guest: "Guest", thread: "Thread", addr: int) -> None:
        """Gives a thread the registers of a CONTEXT that its flags name. Raises NtError, GuestFault."""
        raise NotImplementedError

    def get_context_elsewhere(self, guest: "Guest", thread: "OtherThread", addr: int) -> None:
        """What :meth:`get_context` does, for a thread of another process."""
        raise NotImplementedError

    def set_context_elsewhere(self, guest: "Guest", thread: "OtherThread", addr: int) -> None:
        """What :meth:`set_context` does, for a thread of another process."""
        raise NotImplementedError


