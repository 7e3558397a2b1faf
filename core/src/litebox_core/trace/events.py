"""What happens in a trace besides calls: the objects that ``litebox_exception`` and ``litebox_memory`` carry."""

from typing import NamedTuple

STAGES = ("raised", "handler", "unwind", "continued", "unhandled")


class ExceptionEvent(NamedTuple):
    """One stage in the life of an exception."""

    stage: str
    """``raised``; ``handler``: one is asked; ``unwind``: the stack is unwound to ``handler``; ``continued``: the
    program goes on where it was; ``unhandled``: the process ends."""
    code: int
    address: int
    handler: int = 0
    """Guest address of the handler, 0 where the stage has none."""
    first_chance: bool = True


class MemoryEvent(NamedTuple):
    """A change of the address space; ``address`` and ``size`` are in bytes, whole pages."""

    op: str
    """``reserve``, ``commit``, ``decommit``, ``protect`` or ``free``."""
    address: int
    size: int
    protect: int = 0
    """The PAGE_* protection from now on; 0 for ``decommit`` and ``free``."""
