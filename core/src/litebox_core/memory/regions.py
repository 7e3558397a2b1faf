"""Allocations and the runs of pages they are made of, and the constants that describe them."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mmap import mmap

    from ..engine.base import Backing

PAGE = 0x1000
GRANULARITY = 0x10000

MEM_COMMIT = 0x1000
MEM_RESERVE = 0x2000
MEM_DECOMMIT = 0x4000
MEM_RELEASE = 0x8000
MEM_FREE = 0x10000
MEM_PRIVATE = 0x20000
MEM_MAPPED = 0x40000
MEM_RESET = 0x80000
MEM_TOP_DOWN = 0x100000
MEM_WRITE_WATCH = 0x200000
MEM_PHYSICAL = 0x400000
MEM_RESET_UNDO = 0x1000000
MEM_IMAGE = 0x1000000
MEM_LARGE_PAGES = 0x20000000

PAGE_NOACCESS = 0x01
PAGE_READONLY = 0x02
PAGE_READWRITE = 0x04
PAGE_WRITECOPY = 0x08
PAGE_EXECUTE = 0x10
PAGE_EXECUTE_READ = 0x20
PAGE_EXECUTE_READWRITE = 0x40
PAGE_EXECUTE_WRITECOPY = 0x80
PAGE_GUARD = 0x100
UNWRITTEN = 1 << 28
"""Beside a run's protection: its pages are watched and have not been written to. The guest never sees it."""
PAGE_NOCACHE = 0x200
PAGE_WRITECOMBINE = 0x400
PAGE_TARGETS_INVALID = 0x40000000

READ, WRITE, EXECUTE = 1, 2, 4

RIGHTS = {
    PAGE_NOACCESS: 0,
    PAGE_READONLY: READ,
    PAGE_READWRITE: READ | WRITE,
    PAGE_WRITECOPY: READ | WRITE,
    PAGE_EXECUTE: READ | EXECUTE,
    PAGE_EXECUTE_READ: READ | EXECUTE,
    PAGE_EXECUTE_READWRITE: READ | WRITE | EXECUTE,
    PAGE_EXECUTE_WRITECOPY: READ | WRITE | EXECUTE,
}
"""What each page protection allows. Processors cannot execute without reading, and Windows does not pretend so."""


class Allocation:
    """What one VirtualAlloc reservation, mapped view or image holds: ``[base, end)`` and its host memory."""

    __slots__ = (
        "backing", "base", "end", "kind", "offset", "owner", "placeholder", "protect", "replaced", "runs", "written"
    )  # fmt: skip

    def __init__(self, base: int, size: int, protect: int, kind: int, backing: "Backing", offset: int = 0) -> None:
        self.base, self.end = base, base + size
        self.protect, self.kind = protect, kind
        self.backing, self.offset = backing, offset
        self.runs: list[Run] = []
        self.owner: object = None
        """Whatever the creator hangs on it: the section behind a view, the module of an image."""
        self.placeholder = self.replaced = False
        """Whether it is one, without any memory behind it (:mod:`.placeholders`), or has taken the place of one."""
        self.written: set[int] | None = None
        """Addresses of pages written to, where writes are watched (MEM_WRITE_WATCH); else None."""


class Run:
    """Committed pages ``[start, end)`` of one allocation that share one protection."""

    __slots__ = ("allocation", "bias", "data", "end", "protect", "rights", "start")

    def __init__(self, allocation: Allocation, start: int, end: int, protect: int) -> None:
        self.allocation, self.start, self.end = allocation, start, end
        self.data: mmap = allocation.backing.data
        self.bias = allocation.base - allocation.offset
        self.set_protect(protect)

    def set_protect(self, protect: int) -> None:
        self.protect = protect
        self.rights = 0 if protect & PAGE_GUARD else RIGHTS[protect & 0xFF]
        if protect & UNWRITTEN:
            self.rights &= ~WRITE
