"""Putting images into guest memory: files with their relocations, and the images that stand for plugin DLLs."""

import mmap
import os
import stat
import struct
from typing import TYPE_CHECKING, Any

from .. import pe
from ..dispatch import STUB_SIZE, Entry, stub_code
from ..errors import NtError
from ..memory import Memory
from ..memory.regions import (
    MEM_IMAGE,
    PAGE_EXECUTE_READ,
    PAGE_EXECUTE_READWRITE,
    PAGE_EXECUTE_WRITECOPY,
    PAGE_NOACCESS,
    PAGE_READONLY,
    PAGE_READWRITE,
    Allocation,
)
from ..memory.space import page_up
from .modules import Module

if TYPE_CHECKING:
    from ..config import Options
    from ..plugins import Choice
    from ..process import Process

PLUGIN_BASES, PLUGIN_BASES_LOW = 0x7FFB_0000_0000, 0x6000_0000
IMAGES = 0x1_8000_0000
IMAGE_LOW = 0x10000

_PROTECTIONS = {
    0: PAGE_NOACCESS,
    pe.READ: PAGE_READONLY,
    pe.READ | pe.WRITE: PAGE_READWRITE,
    pe.READ | pe.EXECUTE: PAGE_EXECUTE_READ,
    pe.READ | pe.WRITE | pe.EXECUTE: PAGE_EXECUTE_READWRITE,
}


def read_image_file(host_path: str, name: str) -> Any:
    """The file's bytes as a read-only mapping. Raises pe.NotPE for an empty file and what is no file, and OSError."""
    mode = os.stat(host_path).st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):  # opening a pipe would wait for somebody to write to it
        raise pe.NotPE(name, "file", "it is a pipe or a device", "is it a Windows program?")
    with open(host_path, "rb") as file:
        try:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except ValueError:
            raise pe.NotPE(name, "file", "it is empty", "is it a Windows program?") from None


def read_program(options: "Options") -> pe.Image:
    """The image of the program that the options name. Raises pe.ImageError for what cannot be run, and OSError."""
    name = os.path.basename(options.program)
    source = options.program if options.handover is None else options.handover.image
    image = pe.parse(read_image_file(source, name), name)
    if image.bits != 64:
        raise pe.WrongMachine(name, "Machine", "a 32-bit program; only 64-bit ones run so far", "use a 64-bit edition")
    if image.is_dll:
        raise pe.NotPE(name, "Characteristics", "a DLL, not a program", "run a program that uses it")
    if image.entry_rva >= image.mapped_size:
        raise image.bad("AddressOfEntryPoint", f"0x{image.entry_rva:x} is outside the image")
    return image


def plugin_bases(memory: Memory) -> int:
    """Where the images of plugin DLLs begin: as high as Windows' own, but where a program takes only low addresses."""
    return PLUGIN_BASES if memory.highest > PLUGIN_BASES else PLUGIN_BASES_LOW


def map_image(process: "Process", image: pe.Image, relocate: bool = True) -> tuple[Allocation, int]:
    """Maps an image at its preferred base or elsewhere, relocated if so wished; gives its allocation and base.

    Raises pe.ImageError where it cannot be relocated or its relocations are bad.
    """
    memory = process.memory
    size = image.mapped_size
    base = image.image_base
    fits = base % 0x10000 == 0 and IMAGE_LOW <= base <= memory.highest - size and memory.is_free(base, size)
    try:
        if not fits:
            base = memory.find_free(size, low=IMAGES if memory.highest > IMAGES else IMAGE_LOW)
        allocation = memory.reserve(size, base, PAGE_EXECUTE_WRITECOPY, MEM_IMAGE)
    except NtError:
        remedy = "free memory or use a smaller program"
        raise pe.BadImage(image.name, "SizeOfImage", f"no room for {size} bytes", remedy) from None
    data = allocation.backing.data
    for piece in image.pieces:
        if piece.file_size:
            data[piece.rva : piece.rva + piece.file_size] = image.data[
                piece.file_offset : piece.file_offset + piece.file_size
            ]
    if relocate and base != image.image_base:
        from ..pe.relocs import apply_relocations

        try:
            with memoryview(data) as view:
                apply_relocations(image, view[:size], base - image.image_base)
        except pe.ImageError:
            memory.detach(allocation)
            raise
    return allocation, base


def protect_image(process: "Process", allocation: Allocation, pieces: "list[pe.Piece]") -> None:
    """Gives the pieces of a mapped image their rights; before, only the host can touch it."""
    for piece in pieces:
        if piece.size:
            start = allocation.base + piece.rva
            process.memory.commit(allocation, start, start + piece.size, _PROTECTIONS[piece.protection])


def map_plugin(process: "Process", choice: "Choice", name: str) -> Module:
    """Builds and maps the image of a DLL that a plugin implements, or of one that is stubbed."""
    from .pluginimage import plugin_image

    dll, memory = choice.dll, process.memory
    base = memory.find_free(0x200000, low=plugin_bases(memory))
    built = plugin_image(process, choice, name, base)
    image = built.image
    allocation = memory.reserve(len(image), base, PAGE_EXECUTE_WRITECOPY, MEM_IMAGE)
    allocation.backing.data[: len(image)] = image
    protect_image(process, allocation, built.pieces)
    module = Module(f"C:\\Windows\\System32\\{name}", base, len(image))
    module.dll, module.allocation = dll, allocation
    module.stubbed, module.over = choice.kind == "stub", choice.over
    module.contents = lambda: image
    module.addresses, module.ordinals = built.addresses, built.ordinals
    module.exceptions = built.exceptions
    allocation.owner = module
    process.dispatcher.add_block(built.stubs())
    for title, initialize in built.data:
        initialize(process, module.addresses[title])
    for hook in dll.load_hooks:
        hook(process, base)
    return module


class StubArea:
    """Executable memory for stubs of functions that no image exports, made one by one as programs import them."""

    def __init__(self, process: "Process") -> None:
        self.process = process
        self._next = self._end = 0

    def place(self, entry: Entry, floats: bool = False) -> int:
        """Address of a new stub for the entry."""
        process = self.process
        index = process.dispatcher.add(entry)
        code, resume = stub_code(index, process.bits, floats, trap=process.engine.trap)
        address = self.raw(code)
        process.dispatcher.place(index, address, address + resume)
        return address

    def raw(self, code: bytes) -> int:
        """Places machine code that belongs to no export."""
        memory, area = self.process.memory, max(0x10000, page_up(len(code)))
        if self._next + len(code) > self._end:
            self._next = memory.find_free(area, low=plugin_bases(memory))
            self._allocation = memory.reserve(area, self._next, PAGE_EXECUTE_READ)
            self._end = self._next + area
            memory.commit(self._allocation, self._next, self._end, PAGE_EXECUTE_READ)
        address = self._next
        offset = address - self._allocation.base
        self._allocation.backing.data[offset : offset + len(code)] = code
        self.process.engine.code_changed(address, len(code))
        self._next += -(-len(code) // STUB_SIZE) * STUB_SIZE
        return address


def put_pointer(process: "Process", allocation: Allocation, addr: int, value: int) -> None:
    """Writes into an image whatever its rights are, as the Windows loader does."""
    offset = addr - allocation.base + allocation.offset
    struct.pack_into("<Q" if process.bits == 64 else "<I", allocation.backing.data, offset, value)
