"""The environment block of a process: guest memory that the PEB points to, so programs may read it themselves."""

from typing import TYPE_CHECKING

from litebox_core.errors import WinError
from litebox_core.nls.casing import upcase
from litebox_core.process import DllState
from litebox_core.services import Heaps
from litebox_core.winerror import ERROR_NOT_ENOUGH_MEMORY

if TYPE_CHECKING:
    from litebox_core.process import Process

__all__ = ["Environment", "pack", "split"]

# Offsets in RTL_USER_PROCESS_PARAMETERS (x64)
_BLOCK, _SIZE = 0x80, 0x3F0


def split(entry: str) -> tuple[str, str]:
    """Name and value of ``NAME=value``; a name may begin with ``=``, as those of the drives' directories do."""
    name, _, value = entry[1:].partition("=")
    return entry[:1] + name, value


def pack(entries: list[str]) -> bytes:
    """The block of UTF-16 strings, each with its NUL, and one more NUL."""
    text = "\0".join(entries) + "\0\0" if entries else "\0\0"
    return text.encode("utf-16-le", "surrogatepass")


class Environment(DllState):
    """The environment that the process sees now."""

    def __init__(self, process: "Process", dll: str) -> None:
        super().__init__(process, dll)
        self._own = 0

    @property
    def address(self) -> int:
        """The guest address of the block."""
        return self.process.memory.u64(self.process.blocks.parameters + _BLOCK)

    def entries(self) -> list[str]:
        """All ``NAME=value`` strings, in the order of the block."""
        memory, at = self.process.memory, self.address
        found: list[str] = []
        while True:
            data = memory.wstr_bytes(at)
            if not data:
                return found
            found.append(data.decode("utf-16-le", "surrogatepass"))
            at += len(data) + 2

    def get(self, name: str) -> str | None:
        """The value of a variable; case does not matter."""
        wanted = upcase(name)
        for entry in self.entries():
            known, value = split(entry)
            if len(known) == len(wanted) and upcase(known) == wanted:
                return value
        return None

    def set(self, name: str, value: str | None) -> None:
        """Sets a variable or, with None, removes it. Raises WinError."""
        wanted, existed, place = upcase(name), False, 0
        kept = []
        for entry in self.entries():
            known = upcase(split(entry)[0])
            if known == wanted:
                existed = True
                name = split(entry)[0]
                continue
            kept.append(entry)
            if known < wanted:
                place = len(kept)
        if value is not None:
            kept.insert(place, f"{name}={value}")
        elif not existed:
            return
        self.replace(kept)

    def replace(self, entries: list[str]) -> None:
        """Puts another environment in place of the present one. Raises WinError."""
        process, heaps = self.process, self.process.service(Heaps)
        data = pack(entries)
        block = heaps.allocate(process.process_heap, 0, len(data))
        if not block:
            raise WinError(ERROR_NOT_ENOUGH_MEMORY)
        process.memory.write(block, data)
        old, parameters = self.address, process.blocks.parameters
        process.memory.put_u64(parameters + _BLOCK, block)
        process.memory.put_u64(parameters + _SIZE, len(data))
        if old == self._own:
            heaps.free(process.process_heap, 0, old)
        self._own = block
