"""The guest's address space: Windows' allocation rules on top of host-shared memory."""

from .access import GuestFault
from .regions import Allocation, Run
from .space import Memory, MemoryInfo

__all__ = ["Allocation", "GuestFault", "Memory", "MemoryInfo", "Run"]
