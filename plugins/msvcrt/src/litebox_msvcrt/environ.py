"""The environment as the C run-times keep it: ``_environ`` and ``_wenviron``, kept in step with the process's own."""

from litebox_core.nls.casing import upcase
from litebox_core.process import DllState, Process
from litebox_core.services import Heaps

from .base import Runtime

_BLOCK, _SIZE = 0x80, 0x3F0
"""Where RTL_USER_PROCESS_PARAMETERS has the environment block and its size."""


class CrtEnvironment(DllState):
    """The tables of one run-time. ``narrow`` and ``wide`` are the addresses of the variables that point to them."""

    per_dll = True

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        runtime = process.state(Runtime, dll)
        self.narrow = runtime.variable("_environ")
        self.wide = runtime.variable("_wenviron")
        self._memory, self._heaps = process.memory, process.service(Heaps)
        self._rooms: dict[int, int] = {}
        self._own_block = 0
        self.initial_narrow = self.initial_wide = 0

    # -- tables ------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Makes the narrow table from the process's environment, if there is none yet."""
        if not self._memory.pointer(self.narrow):
            self.initial_narrow = self._build(self.narrow, False)

    def start_wide(self) -> None:
        """The same for the wide table."""
        if not self._memory.pointer(self.wide):
            self.initial_wide = self._build(self.wide, True)

    def _build(self, variable: int, wide: bool) -> int:
        # Names such as "=C:" belong to the command interpreter, not to programs.
        entries = [e for e in self._process_entries() if not e.startswith("=")]
        strings = [self._string(entry, wide) for entry in entries]
        return self._set_table(variable, strings)

    def _string(self, text: str, wide: bool) -> int:
        data = text.encode("utf-16-le", "surrogatepass") + b"\0\0" if wide else self._memory.ansi_encode(text) + b"\0"
        addr = self._heaps.allocate(self.process.process_heap, 0, len(data))
        if addr:
            self._memory.write(addr, data)
        return addr

    def _set_table(self, variable: int, strings: list[int]) -> int:
        """Stores the pointers, in place where they fit."""
        memory, width = self._memory, self._memory.bits // 8
        old = memory.pointer(variable)
        count = len(strings) + 1
        if not old or self._rooms.get(old, 0) < count:
            heap = self.process.process_heap
            room = count + 16
            table = self._heaps.allocate(heap, 0, room * width)
            if not table:
                return 0
            if self._rooms.pop(old, 0):
                self._heaps.free(heap, 0, old)
            self._rooms[table] = room
            memory.put_pointer(variable, table)
            old = table
        memory.write(old, b"".join(s.to_bytes(width, "little") for s in strings) + bytes(width))
        return old

    def _pointers(self, variable: int) -> list[int]:
        memory, width, found = self._memory, self._memory.bits // 8, []
        at = memory.pointer(variable)
        while at and (pointer := memory.pointer(at)):
            found.append(pointer)
            at += width
        return found

    # -- variables ---------------------------------------------------------------------------------------------------

    def find(self, name: bytes) -> int:
        """The address of a variable's narrow value, or 0."""
        self.start()
        wanted, memory = name.upper() + b"=", self._memory
        for pointer in self._pointers(self.narrow):
            if memory.cstr(pointer, len(wanted)).upper() == wanted:
                return pointer + len(wanted)
        return 0

    def find_wide(self, name: str) -> int:
        """The address of a variable's wide value, or 0."""
        self.start_wide()
        wanted, memory = upcase(name) + "=", self._memory
        for pointer in self._pointers(self.wide):
            entry = memory.wstr(pointer)
            if upcase(entry[: len(wanted)]) == wanted:
                return pointer + 2 * len(wanted)
        return 0

    def set(self, name: str, value: str) -> bool:
        """Sets a variable or, with an empty value, removes it: in the tables and in the process. False: no memory."""
        for variable, wide in ((self.narrow, False), (self.wide, True)):
            if self._memory.pointer(variable) and not self._set_in(variable, name, value, wide):
                return False
        return self._set_in_process(name, value)

    def _set_in(self, variable: int, name: str, value: str, wide: bool) -> bool:
        memory, wanted = self._memory, upcase(name) + "="
        pointers = self._pointers(variable)
        index = len(pointers)
        for i, pointer in enumerate(pointers):
            entry = memory.wstr(pointer) if wide else memory.ansi_decode(memory.cstr(pointer))
            if upcase(entry[: len(wanted)]) == wanted:
                index = i
                break
        if value:
            made = self._string(f"{name}={value}", wide)
            if not made:
                return False
            pointers[index : index + 1] = [made]
        else:
            del pointers[index : index + 1]
        return bool(self._set_table(variable, pointers))

    # -- the process's block -----------------------------------------------------------------------------------------

    def _process_entries(self) -> list[str]:
        memory, found = self._memory, []
        at = memory.u64(self.process.blocks.parameters + _BLOCK)
        while data := memory.wstr_bytes(at):
            found.append(data.decode("utf-16-le", "surrogatepass"))
            at += len(data) + 2
        return found

    def _set_in_process(self, name: str, value: str) -> bool:
        wanted = upcase(name)
        kept, place = [], 0
        for entry in self._process_entries():
            known = upcase(entry[:1] + entry[1:].partition("=")[0])
            if known == wanted:
                continue
            kept.append(entry)
            if known < wanted:
                place = len(kept)
        if value:
            kept.insert(place, f"{name}={value}")
        data = ("\0".join(kept) + "\0\0").encode("utf-16-le", "surrogatepass")
        heap, parameters = self.process.process_heap, self.process.blocks.parameters
        block = self._heaps.allocate(heap, 0, len(data))
        if not block:
            return False
        self._memory.write(block, data)
        if self._memory.u64(parameters + _BLOCK) == self._own_block:
            self._heaps.free(heap, 0, self._own_block)
        self._own_block = block
        self._memory.put_u64(parameters + _BLOCK, block)
        self._memory.put_u64(parameters + _SIZE, len(data))
        return True
