"""Static thread-local storage (``__declspec(thread)``): the vector at GS:[0x58], and each module's block."""

from typing import TYPE_CHECKING

from ..teb import TEB_TLS_VECTOR

if TYPE_CHECKING:
    from ..guest import Guest
    from ..pe.tls import Tls
    from ..process import Process
    from .modules import Module


class StaticTls:
    """The TLS directories of all modules, by index."""

    def __init__(self, process: "Process") -> None:
        self.process = process
        self._slots: list[tuple[Module, Tls] | None] = []
        self._vectors: dict[int, int] = {}
        """TEB -> number of entries its vector has room for."""

    def add(self, module: "Module") -> None:
        """Gives a module with a TLS directory its index."""
        from ..pe.tls import tls

        assert module.image is not None and module.allocation is not None
        directory = tls(module.image)
        if directory is None:
            return
        free = next((i for i, slot in enumerate(self._slots) if slot is None), None)
        index = len(self._slots) if free is None else free
        if free is None:
            self._slots.append((module, directory))
        else:
            self._slots[index] = (module, directory)
        module.tls_index = index
        delta = module.base - module.image.image_base
        module.tls_callbacks = [callback + delta if callback >= module.image.image_base else module.base + callback
                                for callback in directory.callbacks]  # fmt: skip
        if directory.index_rva:
            offset = directory.index_rva
            module.allocation.backing.data[offset : offset + 4] = index.to_bytes(4, "little")

    def remove(self, module: "Module") -> None:
        if module.tls_index is not None:
            self._slots[module.tls_index] = None

    def extend(self, guest: "Guest") -> None:
        """Makes every thread's vector hold a block for each module."""
        for thread in {guest, *self.process.threads.values()}:
            self.fill(thread)

    def fill(self, guest: "Guest") -> None:
        """Makes a thread's vector hold a block for each module."""
        memory, blocks = self.process.memory, self.process.thread_blocks
        count = len(self._slots)
        if not count:
            return
        width = memory.bits // 8
        vector = memory.pointer(guest.teb + TEB_TLS_VECTOR)
        room = self._vectors.get(guest.teb, 0) if vector else 0  # a new thread may stand where another one ended
        if count > room:
            new = blocks.room(guest, (count + 8) * width)
            old = memory.read(vector, room * width) if vector else b""
            memory.write(new, old.ljust((count + 8) * width, b"\0"))
            self._vectors[guest.teb] = count + 8
            memory.put_pointer(guest.teb + TEB_TLS_VECTOR, new)
            vector = new
        for index, slot in enumerate(self._slots):
            if slot is None or memory.pointer(vector + index * width):
                continue
            module, directory = slot
            size = directory.raw_size + directory.zero_fill
            block = blocks.room(guest, max(size, 1) + 16)
            memory.write(block, memory.read(module.base + directory.raw_rva, directory.raw_size))
            memory.put_pointer(vector + index * width, block)
