"""Modules of a process, and the loader lists in which the guest finds them."""

import struct
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ..dll import Dll, Export
    from ..memory import Allocation
    from ..pe import Image
    from ..pe.exports import Exports
    from ..process import Process

LDR_ENTRY_SIZE = 0x138
LDR_DATA_SIZE = 0x58
LDR_FULL_NAME, LDR_BASE_NAME = 0x48, 0x58
LDRP_IMAGE_DLL = 0x4
LDRP_ENTRY_PROCESSED = 0x4000
LDRP_PROCESS_ATTACH_CALLED = 0x80000
PINNED = 0xFFFF


class Module:
    """One loaded image: the program, a native DLL, or the image that stands for a plugin DLL."""

    not_in_snapshots = frozenset({"addresses", "contents", "ordinals"})
    """They do not change once it is mapped."""

    def __init__(self, path: str, base: int, size: int) -> None:
        self.path, self.base, self.size = path, base, size
        """``path`` is the guest's full path."""
        self.name = path.rpartition("\\")[2]
        self.entry = 0
        """Address of the entry point; 0 for none."""
        self.references = 0
        """Modules that import it and LoadLibrary calls; PINNED for what stays to the end."""
        self.image: Image | None = None
        self.exports: Exports | None = None
        self.dll: Dll | None = None
        """The declarations behind a plugin DLL's image; None for a native one."""
        self.contents: Callable[[], bytes] | None = None
        """Makes the file that a plugin DLL's image would come from; its layout is that of memory."""
        self.stubbed = False
        """Whether all its functions are stubs: no plugin, or stubbed by choice."""
        self.over: Mapping[str, Export] = {}
        """What is laid over its functions."""
        self.addresses: Mapping[str, int] = {}
        self.ordinals: Mapping[int, int] = {}
        """Where a plugin DLL's exports are, by name and by the ordinals that it gives."""
        self.exceptions = (0, 0)
        """RVA and size of a plugin DLL's function table."""
        self.allocation: Allocation | None = None
        self.dependencies: list[Module] = []
        self.tls_index: int | None = None
        self.tls_callbacks: list[int] = []
        self.initialized = False
        self.thread_calls = True
        self.ldr = 0
        """Guest address of its LDR_DATA_TABLE_ENTRY."""
        self.host_path = ""

    @property
    def native(self) -> bool:
        return self.dll is None

    def __contains__(self, addr: int) -> bool:
        return self.base <= addr < self.base + self.size

    def __repr__(self) -> str:
        return f"<Module {self.name} at {self.base:#x}>"


class Unloaded(NamedTuple):
    """A module that is there no more: ``number`` counts from 0, stamp and checksum are those of its headers."""

    number: int
    base: int
    size: int
    stamp: int
    checksum: int
    name: str


class ModuleList:
    """All modules in load order, mirrored in the three lists of PEB_LDR_DATA."""

    def __init__(self, process: "Process") -> None:
        self.process, self.memory = process, process.memory
        self._modules: list[Module] = []
        self._by_name: dict[str, Module] = {}
        self.in_order: list[Module] = []
        """Those that were initialised, in that order."""
        self.head = process.heaps_allocate(LDR_DATA_SIZE)
        links = b"".join(struct.pack("<QQ", self.head + at, self.head + at) for at in (0x10, 0x20, 0x30))
        self.memory.write(self.head, struct.pack("<IIQ", LDR_DATA_SIZE, 1, 0) + links)

    def __iter__(self) -> Iterator[Module]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)

    def by_name(self, name: str) -> Module | None:
        """By file name with extension, in any case."""
        return self._by_name.get(name.lower())

    def by_path(self, path: str) -> Module | None:
        lower = path.lower()
        return next((m for m in self._modules if m.path.lower() == lower), None)

    def by_base(self, base: int) -> Module | None:
        return next((m for m in self._modules if m.base == base), None)

    def at(self, addr: int) -> Module | None:
        """The module whose image holds the address."""
        for module in self._modules:
            if module.base <= addr < module.base + module.size:
                return module
        return None

    def add(self, module: Module, first: bool = False) -> None:
        """Enters a module into the lists, at the end or, as Windows has the program, ``first``."""
        memory = self.memory
        path, name = (text.encode("utf-16-le", "surrogatepass") for text in (module.path, module.name))
        text_addr = self.process.heaps_allocate(len(path) + 2)
        memory.write(text_addr, path + b"\0\0")
        module.ldr = entry = self.process.heaps_allocate(LDR_ENTRY_SIZE)
        data = bytearray(LDR_ENTRY_SIZE)
        image = module.image
        struct.pack_into("<QQI4x", data, 0x30, module.base, module.entry, module.size)
        struct.pack_into("<HHIQ", data, 0x48, len(path), len(path) + 2, 0, text_addr)
        struct.pack_into("<HHIQ", data, 0x58, len(name), len(name) + 2, 0, text_addr + len(path) - len(name))
        is_dll = image is None or image.is_dll
        flags = (LDRP_IMAGE_DLL if is_dll else 0) | LDRP_ENTRY_PROCESSED
        struct.pack_into("<IHh", data, 0x68, flags, PINNED if not is_dll else 1, -1)
        struct.pack_into("<QQ", data, 0x70, entry + 0x70, entry + 0x70)
        struct.pack_into("<I", data, 0x80, image.timestamp if image is not None else 0)
        struct.pack_into("<Q", data, 0xF8, image.image_base if image is not None else module.base)
        memory.write(entry, bytes(data))
        for head, link in ((self.head + 0x10, entry), (self.head + 0x20, entry + 0x10)):
            self._link(memory.u64(head) if first else head, link)
        memory.write(entry + 0x20, struct.pack("<QQ", entry + 0x20, entry + 0x20))
        self._modules.append(module)
        self._by_name.setdefault(module.name.lower(), module)

    def initialized(self, module: Module) -> None:
        """Enters a module into the list in order of initialisation."""
        module.initialized = True
        self.in_order.append(module)
        if module.image is None or module.image.is_dll:
            self._link(self.head + 0x30, module.ldr + 0x20)
            flags = self.memory.u32(module.ldr + 0x68)
            self.memory.put_u32(module.ldr + 0x68, flags | LDRP_PROCESS_ATTACH_CALLED)

    def remove(self, module: Module) -> None:
        self._modules.remove(module)
        if module in self.in_order:
            self.in_order.remove(module)
        if self._by_name.get(module.name.lower()) is module:
            del self._by_name[module.name.lower()]
        for at in (0, 0x10, 0x20):
            self._unlink(module.ldr + at)

    def _link(self, head: int, link: int) -> None:
        """Enters ``link`` before ``head``."""
        memory = self.memory
        last = memory.u64(head + 8)
        memory.write(link, struct.pack("<QQ", head, last))
        memory.put_u64(last, link)
        memory.put_u64(head + 8, link)

    def _unlink(self, link: int) -> None:
        memory = self.memory
        following, previous = memory.u64(link), memory.u64(link + 8)
        memory.put_u64(previous, following)
        memory.put_u64(following + 8, previous)
