"""What is made of the read-only parts of images, kept while their pages stay what they are: see Memory.constant."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from .access import _NO_RUN, Access
from .regions import MEM_IMAGE, WRITE, Run

if TYPE_CHECKING:
    from .space import Memory

T = TypeVar("T")
_MOST = 1 << 15
"""How much is kept; a program that asks for more makes all of it be forgotten."""


class Witness(Access):
    """Reads guest memory, and knows whether all that it read was in pages of images that nobody may write to."""

    def __init__(self, memory: "Memory") -> None:
        self._memory, self.bits = memory, memory.bits
        self.constant = True
        self._last = _NO_RUN  # every access is to be seen

    def _run(self, addr: int, size: int, right: int) -> Run | None:
        run = self._memory._run(addr, size, right)
        if run is not None and (run.rights & WRITE or run.allocation.kind != MEM_IMAGE):
            self.constant = False
        return run


def made(memory: "Memory", kept: dict[Any, Any], make: Callable[..., T], arguments: tuple[Any, ...]) -> T:
    """Makes something, and keeps it by the function that makes it and its arguments, if it may be kept."""
    witness = Witness(memory)
    found = make(witness, *arguments)
    if witness.constant:
        if len(kept) >= _MOST:
            kept.clear()
        kept[make, arguments] = found
    return found
