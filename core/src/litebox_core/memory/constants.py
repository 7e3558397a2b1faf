"""What is made of the read-only parts of images, kept for as long as their pages stay what they are."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from .access import Access
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

    def _run(self, addr: int, size: int, right: int) -> Run | None:
        run = self._memory._run(addr, size, right)
        if run is not None and (run.rights & WRITE or run.allocation.kind != MEM_IMAGE):
            self.constant = False
        return run


class Constants:
    """Kept results, by the function that made them and its arguments."""

    def __init__(self, memory: "Memory") -> None:
        self._memory = memory
        self._kept: dict[tuple[Any, ...], Any] = {}
        self._changes = memory.image_changes

    def get(self, make: Callable[..., T], arguments: tuple[Any, ...]) -> T:
        if self._changes != self._memory.image_changes or len(self._kept) > _MOST:
            self._kept.clear()
            self._changes = self._memory.image_changes
        key = make, arguments
        found = self._kept.get(key, self)
        if found is self:
            witness = Witness(self._memory)
            found = make(witness, *arguments)
            if witness.constant:
                self._kept[key] = found
        return found  # type: ignore[no-any-return]
