"""malloc.h's _resetstkoflw: what a program calls when it has handled a stack overflow."""

from litebox_core.abi import INT
from litebox_core.engine.base import SPILL_SP
from litebox_core.errors import NtError
from litebox_core.guest import Guest
from litebox_core.memory.pages import protect_pages
from litebox_core.memory.regions import PAGE, PAGE_GUARD, PAGE_READWRITE
from litebox_core.process import LEAST_GUARANTEE
from litebox_core.teb import TEB_DEALLOCATION_STACK, TEB_GUARANTEED_STACK, TEB_STACK_LIMIT

from .base import shared


@shared.export
def _resetstkoflw(guest: Guest) -> INT:
    """Sets the guard pages at the end of the stack again; 0 while the stack is still in use down there."""
    memory = guest.memory
    guaranteed = (memory.u32(guest.teb + TEB_GUARANTEED_STACK) + PAGE - 1) & ~(PAGE - 1)
    size = max(guaranteed + PAGE if guaranteed else 0, LEAST_GUARANTEE)
    start = memory.u64(guest.teb + TEB_DEALLOCATION_STACK) + PAGE
    sp = int.from_bytes(guest.spill[SPILL_SP : SPILL_SP + 8], "little")
    if sp - size < start:
        return 0
    if memory.query(start).protect & PAGE_GUARD:
        return 1
    try:
        protect_pages(memory, start, size, PAGE_READWRITE | PAGE_GUARD)
    except NtError:
        return 0
    memory.put_u64(guest.teb + TEB_STACK_LIMIT, start + size)
    return 1
