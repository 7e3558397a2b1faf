"""The headers of a PE image, read and checked the way Windows checks them before it maps a file."""

import struct
from mmap import mmap
from typing import NamedTuple, TypeAlias

from .errors import BadImage, NotPE, WrongMachine

FileData: TypeAlias = bytes | mmap

PAGE = 0x1000
MAX_SECTIONS = 96
MAX_IMAGE_SIZE = 0x7700_0000
"""The largest SizeOfImage Windows maps, in bytes."""

READ, WRITE, EXECUTE = 1, 2, 4

MACHINE_I386 = 0x014C
MACHINE_AMD64 = 0x8664
MACHINE_NAMES = {
    0x014C: "x86",
    0x8664: "x64",
    0x01C0: "ARM",
    0x01C2: "ARM Thumb",
    0x01C4: "ARM Thumb-2",
    0xAA64: "ARM64",
    0xA641: "ARM64EC",
    0xA64E: "ARM64X",
    0x0200: "Itanium",
    0x0166: "MIPS",
    0x0184: "Alpha",
    0x0284: "Alpha64",
    0x01F0: "PowerPC",
    0x01A2: "SH-3",
    0x01A6: "SH-4",
    0x0EBC: "EFI byte code",
    0x5032: "RISC-V 32",
    0x5064: "RISC-V 64",
    0x6232: "LoongArch 32",
    0x6264: "LoongArch 64",
}

FILE_RELOCS_STRIPPED = 0x0001
FILE_EXECUTABLE_IMAGE = 0x0002
FILE_LARGE_ADDRESS_AWARE = 0x0020
FILE_32BIT_MACHINE = 0x0100
FILE_DLL = 0x2000

DLL_HIGH_ENTROPY_VA = 0x0020
DLL_DYNAMIC_BASE = 0x0040
DLL_NX_COMPAT = 0x0100
DLL_NO_SEH = 0x0400
DLL_GUARD_CF = 0x4000

SUBSYSTEM_NATIVE, SUBSYSTEM_WINDOWS_GUI, SUBSYSTEM_WINDOWS_CUI = 1, 2, 3
SUBSYSTEM_NAMES = {
    0: "unknown",
    1: "native",
    2: "Windows GUI",
    3: "Windows console",
    5: "OS/2 console",
    7: "POSIX console",
    8: "native Windows 9x driver",
    9: "Windows CE",
    10: "EFI application",
    11: "EFI boot driver",
    12: "EFI run-time driver",
    13: "EFI ROM",
    14: "Xbox",
    16: "Windows boot application",
    17: "Xbox code catalog",
}

SCN_CODE, SCN_INITIALIZED_DATA, SCN_UNINITIALIZED_DATA = 0x20, 0x40, 0x80
SCN_MEM_DISCARDABLE, SCN_MEM_SHARED = 0x0200_0000, 0x1000_0000
SCN_MEM_EXECUTE, SCN_MEM_READ, SCN_MEM_WRITE = 0x2000_0000, 0x4000_0000, 0x8000_0000

(
    DIR_EXPORT,
    DIR_IMPORT,
    DIR_RESOURCE,
    DIR_EXCEPTION,
    DIR_SECURITY,
    DIR_BASERELOC,
    DIR_DEBUG,
    DIR_ARCHITECTURE,
    DIR_GLOBALPTR,
    DIR_TLS,
    DIR_LOAD_CONFIG,
    DIR_BOUND_IMPORT,
    DIR_IAT,
    DIR_DELAY_IMPORT,
    DIR_COM_DESCRIPTOR,
    DIR_RESERVED,
) = range(16)

_FILE_HEADER = struct.Struct("<4sHHIIIHH")
_OPTIONAL32 = struct.Struct("<HBB9I6H4I2H6I")
_OPTIONAL64 = struct.Struct("<HBB5IQ2I6H4I2H4Q2I")
_SECTION = struct.Struct("<8s6I2HI")


class Directory(NamedTuple):
    """A data directory entry: where a table starts and how many bytes it claims. Both 0 when there is none."""

    rva: int
    size: int


class Section(NamedTuple):
    """One section header. Sizes and offsets are in bytes, as the file gives them."""

    name: str
    rva: int
    virtual_size: int
    raw_offset: int
    raw_size: int
    characteristics: int

    @property
    def readable(self) -> bool:
        return bool(self.characteristics & SCN_MEM_READ)

    @property
    def writable(self) -> bool:
        return bool(self.characteristics & SCN_MEM_WRITE)

    @property
    def executable(self) -> bool:
        return bool(self.characteristics & SCN_MEM_EXECUTE)

    @property
    def protection(self) -> int:
        """READ, WRITE and EXECUTE as bits. Memory that may be written or executed may always be read on x86."""
        rights = self.characteristics >> 28
        if rights & 8:
            return READ | WRITE | (EXECUTE if rights & 2 else 0)
        if rights & 2:
            return READ | EXECUTE
        return READ if rights & 4 else 0

    @property
    def size(self) -> int:
        """The bytes the section takes in memory, before rounding up to pages."""
        return self.virtual_size or self.raw_size


class Headers:
    """The header fields of a PE image under their usual names. Sizes are in bytes."""

    __slots__ = (
        "bits",
        "characteristics",
        "checksum",
        "data",
        "directories",
        "dll_characteristics",
        "entry_rva",
        "file_alignment",
        "heap_commit",
        "heap_reserve",
        "image_base",
        "image_version",
        "linker_version",
        "loader_flags",
        "machine",
        "mapped_size",
        "name",
        "nt_offset",
        "number_of_symbols",
        "os_version",
        "section_alignment",
        "sections",
        "size_of_code",
        "size_of_headers",
        "size_of_image",
        "size_of_initialized_data",
        "size_of_uninitialized_data",
        "stack_commit",
        "stack_reserve",
        "subsystem",
        "subsystem_version",
        "symbol_table_offset",
        "timestamp",
        "win32_version",
    )

    data: FileData
    name: str
    nt_offset: int
    machine: int
    bits: int
    timestamp: int
    symbol_table_offset: int
    number_of_symbols: int
    characteristics: int
    linker_version: tuple[int, int]
    size_of_code: int
    size_of_initialized_data: int
    size_of_uninitialized_data: int
    entry_rva: int
    image_base: int
    section_alignment: int
    file_alignment: int
    os_version: tuple[int, int]
    image_version: tuple[int, int]
    subsystem_version: tuple[int, int]
    win32_version: int
    size_of_image: int
    size_of_headers: int
    checksum: int
    subsystem: int
    dll_characteristics: int
    stack_reserve: int
    stack_commit: int
    heap_reserve: int
    heap_commit: int
    loader_flags: int
    directories: list[Directory]
    sections: list[Section]
    mapped_size: int
    """SizeOfImage rounded up to whole pages."""

    def __init__(self, data: FileData, name: str) -> None:
        """Read and check the headers of `data`. Raises NotPE, WrongMachine or BadImage; `name` is for their text."""
        self.data = data
        self.name = name
        self.nt_offset = _find_nt_headers(data, name)
        (
            _,
            self.machine,
            section_count,
            self.timestamp,
            self.symbol_table_offset,
            self.number_of_symbols,
            optional_size,
            self.characteristics,
        ) = _FILE_HEADER.unpack_from(data, self.nt_offset)
        self._check_machine()
        self._read_optional_header(self.nt_offset + 24, optional_size)
        self._check_sizes()
        self.sections = self._read_sections(self.nt_offset + 24 + optional_size, section_count)
        if self.low_alignment:
            self._check_flat_sections()
        else:
            self._check_sections()

    @property
    def is_dll(self) -> bool:
        return bool(self.characteristics & FILE_DLL)

    @property
    def relocs_stripped(self) -> bool:
        """True when the image can only be loaded at its preferred base."""
        return bool(self.characteristics & FILE_RELOCS_STRIPPED)

    @property
    def is_managed(self) -> bool:
        """True for a .NET program: it needs the common language runtime, not only Windows."""
        return self.directories[DIR_COM_DESCRIPTOR].rva != 0

    @property
    def low_alignment(self) -> bool:
        """True when sections are aligned to less than a page: Windows then maps the file flat, as one piece."""
        return self.section_alignment < PAGE

    def bad(self, place: str, problem: str) -> BadImage:
        """A BadImage about this file, to raise."""
        return BadImage(self.name, place, problem)

    def _check_machine(self) -> None:
        if self.machine in (MACHINE_I386, MACHINE_AMD64):
            return
        machine = MACHINE_NAMES.get(self.machine)
        what = f"built for {machine} processors" if machine else f"built for unknown machine 0x{self.machine:04x}"
        raise WrongMachine(self.name, "Machine", what, "litebox runs x64 and x86 programs: get one of those builds")

    def _read_optional_header(self, offset: int, size: int) -> None:
        wide = self.machine == MACHINE_AMD64
        layout = _OPTIONAL64 if wide else _OPTIONAL32
        if not self.characteristics & FILE_EXECUTABLE_IMAGE:
            problem = "not marked executable: its linker reported errors, or it is an object file"
            raise self.bad("Characteristics", problem)
        if size == 0:
            raise self.bad("SizeOfOptionalHeader", "there is none, as in an object file")
        if offset + max(size, layout.size) > len(self.data):
            raise self.bad("optional header", "the file ends inside it")
        fields = layout.unpack_from(self.data, offset)
        if fields[0] != (0x20B if wide else 0x10B):
            raise self.bad("optional header", f"magic 0x{fields[0]:x} does not belong to {MACHINE_NAMES[self.machine]}")
        self.bits = 64 if wide else 32
        self.linker_version = fields[1:3]
        self.size_of_code, self.size_of_initialized_data, self.size_of_uninitialized_data = fields[3:6]
        self.entry_rva = fields[6]
        rest = fields[8:] if wide else fields[9:]
        self.image_base, self.section_alignment, self.file_alignment = rest[:3]
        self.os_version, self.image_version, self.subsystem_version = rest[3:5], rest[5:7], rest[7:9]
        self.win32_version, self.size_of_image, self.size_of_headers, self.checksum = rest[9:13]
        self.subsystem, self.dll_characteristics = rest[13:15]
        self.stack_reserve, self.stack_commit, self.heap_reserve, self.heap_commit = rest[15:19]
        self.loader_flags, count = rest[19:21]
        count = min(count, 16)
        start = offset + layout.size
        if start + 8 * count > len(self.data):
            raise self.bad("data directories", "the file ends inside them")
        pairs = struct.unpack_from(f"<{2 * count}I", self.data, start) + (0, 0) * (16 - count)
        self.directories = [Directory(pairs[i], pairs[i + 1]) for i in range(0, 32, 2)]

    def _check_sizes(self) -> None:
        section, file = self.section_alignment, self.file_alignment
        if file == 0 or file & (file - 1):
            raise self.bad("FileAlignment", f"0x{file:x} is not a power of two")
        if section == 0 or section & (section - 1):
            raise self.bad("SectionAlignment", f"0x{section:x} is not a power of two")
        if section < file:
            raise self.bad("SectionAlignment", f"0x{section:x} is less than FileAlignment 0x{file:x}")
        if section != file and (file % 512 or section < PAGE):
            raise self.bad("FileAlignment", f"0x{file:x} does not go with SectionAlignment 0x{section:x}")
        if self.image_base % 0x10000:
            raise self.bad("ImageBase", f"0x{self.image_base:x} is not a multiple of 64 KiB")
        if not 0 < self.size_of_image <= MAX_IMAGE_SIZE:
            raise self.bad("SizeOfImage", f"0x{self.size_of_image:x} is not between 1 and 0x{MAX_IMAGE_SIZE:x}")
        self.mapped_size = -(-self.size_of_image // PAGE) * PAGE
        if self.image_base + self.mapped_size > 1 << self.bits:
            raise self.bad("ImageBase", f"0x{self.mapped_size:x} bytes do not fit at 0x{self.image_base:x}")
        if self.size_of_headers > self.size_of_image:
            problem = f"0x{self.size_of_headers:x} is more than SizeOfImage 0x{self.size_of_image:x}"
            raise self.bad("SizeOfHeaders", problem)
        if not self.low_alignment and not self.size_of_headers:
            raise self.bad("SizeOfHeaders", "it is 0")

    def _read_sections(self, offset: int, count: int) -> list[Section]:
        if count > MAX_SECTIONS:
            raise self.bad("NumberOfSections", f"{count} is more than the {MAX_SECTIONS} that Windows allows")
        if count == 0 and not self.low_alignment:
            raise self.bad("NumberOfSections", "the image has no sections")
        if offset + count * _SECTION.size > len(self.data):
            raise self.bad("section table", f"the file ends inside its {count} entries")
        table = self.data[offset : offset + count * _SECTION.size]
        return [
            Section(name.partition(b"\0")[0].decode("latin-1"), rva, size, start, length, rights)
            for name, size, rva, length, start, _, _, _, _, rights in _SECTION.iter_unpack(table)
        ]

    def _check_sections(self) -> None:
        """Sections follow one another in memory without a gap, inside the image, and have their bytes in the file."""
        round_up = self.section_alignment - 1
        following = (self.size_of_headers + round_up) & ~round_up
        length = len(self.data)
        for index, section in enumerate(self.sections):
            if section.rva != following or section.size == 0:
                place = f"section {index} {section.name!r}"
                if section.size == 0:
                    raise self.bad(place, "its size is 0")
                how = "overlaps what comes before it" if section.rva < following else "leaves a gap before it"
                raise self.bad(place, f"rva 0x{section.rva:x} {how}: 0x{following:x} is next")
            following = (section.rva + section.size + round_up) & ~round_up
            if section.rva + section.size > self.mapped_size:
                problem = f"ends at 0x{section.rva + section.size:x}, after SizeOfImage 0x{self.size_of_image:x}"
                raise self.bad(f"section {index} {section.name!r}", problem)
            if section.raw_offset and section.raw_size:
                end = section.raw_offset + min(section.raw_size, section.size)
                if end > length:
                    place = f"section {index} {section.name!r}"
                    raise self.bad(place, f"its bytes end at 0x{end:x}, after the end of the file at 0x{length:x}")

    def _check_flat_sections(self) -> None:
        """With low alignment the file is the image: every section lies in memory exactly where it lies in the file."""
        previous = 0
        for index, section in enumerate(self.sections):
            place = f"section {index} {section.name!r}"
            if section.raw_size and section.raw_offset != section.rva:
                raise self.bad(place, f"file offset 0x{section.raw_offset:x} differs from rva 0x{section.rva:x}")
            if section.virtual_size > section.raw_size:
                raise self.bad(place, "it is larger in memory than in the file, which low alignment forbids")
            if section.rva < previous:
                raise self.bad(place, f"rva 0x{section.rva:x} overlaps what comes before it")
            previous = section.rva + section.size
            if previous > min(self.mapped_size, len(self.data)):
                raise self.bad(place, f"ends at 0x{previous:x}, after the end of the image or the file")


_OTHER_FORMATS = (
    (b"\x7fELF", "a Linux (ELF) program", "run it directly"),
    (b"#!", "a script", "run it with its interpreter"),
    (b"PK\x03\x04", "a ZIP archive", "unpack it and run the .exe inside"),
    (b"MSCF", "a cabinet archive", "unpack it and run the .exe inside"),
    (b"\xd0\xcf\x11\xe0", "an OLE file, perhaps an .msi installer", "unpack it and run the .exe inside"),
    (b"\xcf\xfa\xed\xfe", "a macOS program", "get the Windows build"),
    (b"\xca\xfe\xba\xbe", "a macOS program or a Java class", "get the Windows build"),
    (b"VZ", "an EFI (TE) image", "get the Windows build"),
)


def _find_nt_headers(data: FileData, name: str) -> int:
    """The file offset of the PE signature."""
    start = data[:64]
    if start[:2] != b"MZ":
        if not start:
            raise NotPE(name, "offset 0", "the file is empty", "get a fresh copy")
        for magic, what, remedy in _OTHER_FORMATS:
            if start.startswith(magic):
                raise NotPE(name, "offset 0", f"{what}, not a Windows program", remedy)
        raise NotPE(name, "offset 0", "not a Windows program: it does not start with 'MZ'", "name a .exe or .dll file")
    if len(start) < 64:
        raise NotPE(name, "DOS header", "the file ends inside it", "get a fresh copy")
    offset: int = struct.unpack_from("<I", start, 60)[0]
    signature = data[offset : offset + 4] if offset < len(data) else b""
    if signature[:2] in (b"NE", b"LE", b"LX"):
        kind = {b"NE": "16-bit Windows", b"LE": "Windows 3 or 9x driver (LE)", b"LX": "OS/2"}[signature[:2]]
        raise NotPE(name, f"offset 0x{offset:x}", f"a {kind} program", "get a 32-bit or 64-bit Windows build")
    if signature != b"PE\0\0":
        problem = "no PE signature there: a DOS program, or a damaged file"
        raise NotPE(name, f"offset 0x{offset:x} (e_lfanew)", problem, "get a 32-bit or 64-bit Windows build")
    if offset % 4:
        raise BadImage(name, "e_lfanew", f"0x{offset:x} is not a multiple of 4")
    if offset + _FILE_HEADER.size > len(data):
        raise BadImage(name, "file header", "the file ends inside it")
    return offset
