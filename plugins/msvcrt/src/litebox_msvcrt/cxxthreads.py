"""What a thread keeps of its C++ exceptions: the one it handles, the catch blocks that are running."""

from typing import TYPE_CHECKING, Any

from litebox_core.guest import Guest
from litebox_core.process import DllState, Process

from .cxxdata import FuncInfo, TryBlock

if TYPE_CHECKING:
    from .cxxframes import Machinery


class Catching:
    """A catch block that is running."""

    __slots__ = ("base", "block", "establisher", "funclet", "info", "left", "object", "throw_info")

    def __init__(self, establisher: int, info: FuncInfo, block: TryBlock, funclet: int) -> None:
        self.establisher, self.info, self.block, self.funclet = establisher, info, block, funclet
        self.object = self.throw_info = self.base = 0
        """The caught C++ object, what is known of its type, and the base of the image that holds this; or 0."""
        self.left = False
        """An exception has been unwound out of it; the frame around it comes next."""


def _word(offset: int, meaning: str) -> Any:
    def get(self: "CxxThread") -> int:
        return self.memory.u64(self.block + offset)

    def put(self: "CxxThread", value: int) -> None:
        self.memory.put_u64(self.block + offset, value)

    return property(get, put, doc=meaning)


class CxxThread:
    """One thread's part. The first words of ``block`` are what ``__current_exception`` and its like point to."""

    EXCEPTION, CONTEXT, PROCESSING = 0, 8, 16

    def __init__(self, guest: Guest) -> None:
        self.memory = guest.memory
        self.block = guest.process.heaps_allocate(32)
        self.catches: list[Catching] = []
        """Outermost first."""
        self.leaving: dict[int, int] = {}
        """The state that a frame being unwound, by its establisher, has come to."""
        self.translator = 0
        self.machinery: dict[object, Machinery] = {}
        """What the frame handlers of a run-time work with in this thread, by what decides how that ends the program."""

    exception = _word(EXCEPTION, "Address of the EXCEPTION_RECORD of the exception being handled, or 0.")
    context = _word(CONTEXT, "Address of its CONTEXT.")
    processing = _word(PROCESSING, "How many exceptions are on their way while destructors run.")

    def inside(self, establisher: int, funclet: int) -> Catching | None:
        """The catch block that runs on behalf of a function's frame: the outermost one or, for the frame of one of its
        catch blocks, the one that was entered from there."""
        if not self.catches:
            return None
        own = [entry for entry in self.catches if entry.establisher == establisher]
        if funclet:
            found = [position for position, entry in enumerate(own) if entry.funclet == funclet]
            own = own[found[-1] + 1 :] if found else []
        return own[0] if own else None

    def running(self, establisher: int, funclet: int) -> Catching | None:
        """The entry of a catch block by its own frame."""
        found = [e for e in self.catches if e.establisher == establisher and e.funclet == funclet and not e.left]
        return found[-1] if found else None

    def holds(self, thrown: int) -> bool:
        """Whether a running catch block still has this object."""
        return any(entry.object == thrown and not entry.left for entry in self.catches)


class CxxThreads(DllState):
    """The threads' parts, shared by all C run-times of the process: what one throws, another may catch."""

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self._threads: dict[int, CxxThread] = {}

    def of(self, guest: Guest) -> CxxThread:
        found = self._threads.get(guest.tid)
        if found is None:
            found = self._threads[guest.tid] = CxxThread(guest)
        return found
