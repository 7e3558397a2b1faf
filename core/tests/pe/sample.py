"""A small program with every table the readers know, assembled by hand so that tests know where everything is."""

import struct

PAGE = 0x1000
FILE_ALIGNMENT = 0x200
TEXT, RDATA, DATA, RSRC, RELOC = 0x1000, 0x2000, 0x3000, 0x4000, 0x5000
NT_OFFSET = 0x80


class Block:
    """Bytes at a known RVA, with labels."""

    def __init__(self, rva: int) -> None:
        self.rva = rva
        self.data = bytearray()
        self.labels: dict[str, int] = {}

    @property
    def here(self) -> int:
        return self.rva + len(self.data)

    def add(self, content: bytes, label: str = "", align: int = 8) -> int:
        self.data += bytes(-len(self.data) % align)
        rva = self.here
        if label:
            self.labels[label] = rva
        self.data += content
        return rva


class Sample:
    """`data` is the file; `labels` are RVAs; `offset()` turns an RVA into a file offset."""

    def __init__(self, bits: int = 64, base: int = 0x1_4000_0000, characteristics: int = 0) -> None:
        if bits == 32:
            base &= 0xFFFF_0000
            base = base or 0x40_0000
        self.bits, self.base = bits, base
        self.pointer = "<Q" if bits == 64 else "<I"
        self.labels: dict[str, int] = {}
        self.directories = [(0, 0)] * 16
        text = Block(TEXT)
        text.add(b"\xc3" * 0x40, "entry")
        text.add(b"\xc3" * 0x40, "callback")
        rdata, data = self._rdata(text), Block(DATA)
        data.add(bytes(0x40), "cookie")
        data.add(self._pointer(text.labels["entry"]), "code_pointer", 16)
        data.add(b"\0" + self._pointer(text.labels["callback"]), "odd_pointer", 16)
        data.add(self._pointer(text.labels["callback"]) + self._pointer(0), "callbacks", 16)
        data.add(bytes(4), "tls_index")
        data.add(b"TLS template", "tls_template")
        tls = [data.labels[name] for name in ("tls_template", "tls_template", "tls_index", "callbacks")]
        tls[1] += 12
        directory = b"".join(map(self._pointer, tls)) + struct.pack("<2I", 20, 0x50_0000)
        self.directories[9] = (data.add(directory, "tls", 16), len(directory))
        config = bytearray(148 if bits == 64 else 92)
        struct.pack_into("<I", config, 0, len(config))
        cookie, flags = (88, 144) if bits == 64 else (60, 88)
        struct.pack_into(self.pointer, config, cookie, base + DATA)
        struct.pack_into("<I", config, flags, 0x100)
        if bits == 32:
            handlers = data.add(struct.pack("<2I", TEXT, TEXT + 0x40), "se_handlers")
            struct.pack_into("<2I", config, 64, base + handlers, 2)
        self.directories[10] = (data.add(bytes(config), "load_config"), len(config))
        rsrc, reloc = self._rsrc(), Block(RELOC)
        kind = 10 if bits == 64 else 3
        entries = [data.labels["code_pointer"], data.labels["odd_pointer"] + 1, data.labels["callbacks"]]
        packed = struct.pack("<4H", *[kind << 12 | rva & 0xFFF for rva in entries], 0)
        reloc.add(struct.pack("<2I", DATA, 8 + len(packed)) + packed, "reloc_block")
        self.directories[5] = (RELOC, len(reloc.data))
        self.relocated = entries
        blocks = [(b".text", text, 0x6000_0020), (b".rdata", rdata, 0x4000_0040), (b".data", data, 0xC000_0040)]
        blocks += [(b".rsrc", rsrc, 0x4000_0040), (b".reloc", reloc, 0x4200_0040)]
        for _, block, _ in blocks:
            self.labels.update(block.labels)
        self._offsets: list[tuple[int, int]] = []
        self.data = self._assemble(blocks, characteristics)

    def offset(self, place: int | str) -> int:
        """The file offset of an RVA or label."""
        rva = self.labels[place] if isinstance(place, str) else place
        start, offset = max(pair for pair in self._offsets if pair[0] <= rva)
        return offset + rva - start

    def directory_offset(self, index: int) -> int:
        """The file offset of a data directory entry."""
        return NT_OFFSET + 24 + (112 if self.bits == 64 else 96) + 8 * index

    def section_offset(self, index: int) -> int:
        """The file offset of a section header."""
        return self.directory_offset(16) + 40 * index

    def changed(self, offset: int, layout: str, *values: int | bytes) -> bytes:
        """The file with some bytes replaced."""
        data = bytearray(self.data)
        struct.pack_into(layout, data, offset, *values)
        return bytes(data)

    def _pointer(self, rva: int) -> bytes:
        return struct.pack(self.pointer, self.base + rva if rva else 0)

    def _rdata(self, text: Block) -> Block:
        block = Block(RDATA)
        self._imports(block)
        self._delay_imports(block)
        self._exports(block, text)
        if self.bits == 64:
            unwind = block.add(b"\x01\x00\x00\x00", "unwind")
            functions = struct.pack("<6I", TEXT, TEXT + 0x30, unwind, TEXT + 0x40, TEXT + 0x80, unwind)
            self.directories[3] = (block.add(functions, "pdata"), 24)
        record = b"RSDS" + bytes(range(16)) + struct.pack("<I", 7) + b"C:\\src\\hello.pdb\0"
        place = block.add(record, "codeview")
        file_offset = 0x600 + place - RDATA
        entry = struct.pack("<2I2H4I", 0, 0, 0, 0, 2, len(record), place, file_offset)
        self.directories[6] = (block.add(entry, "debug"), 28)
        return block

    def _thunks(self, block: Block, functions: list[str | int], label: str) -> int:
        thunks = []
        for function in functions:
            if isinstance(function, int):
                thunks.append(1 << (self.bits - 1) | function)
            else:
                thunks.append(block.add(struct.pack("<H", 5) + function.encode() + b"\0", align=2))
        thunks.append(0)
        return block.add(b"".join(struct.pack(self.pointer, thunk) for thunk in thunks), label)

    def _imports(self, block: Block) -> None:
        descriptors = b""
        dlls: dict[str, list[str | int]] = {"KERNEL32.dll": ["ExitProcess", "WriteFile"], "ws2_32.dll": [9, "recv"]}
        for dll, functions in dlls.items():
            name = block.add(dll.encode() + b"\0", f"{dll} name")
            lookup = self._thunks(block, functions, f"{dll} lookup")
            addresses = self._thunks(block, functions, f"{dll} addresses")
            descriptors += struct.pack("<5I", lookup, 0, 0, name, addresses)
        descriptors += bytes(20)
        self.directories[1] = (block.add(descriptors, "imports"), len(descriptors))

    def _delay_imports(self, block: Block) -> None:
        name = block.add(b"late.dll\0", "late name")
        names = self._thunks(block, ["Late", 3], "late names")
        addresses = self._thunks(block, ["Late", 3], "late addresses")
        module = block.add(bytes(8), "late module")
        descriptor = struct.pack("<8I", 1, name, module, addresses, names, 0, 0, 0) + bytes(32)
        self.directories[13] = (block.add(descriptor, "delay_imports"), len(descriptor))

    def _exports(self, block: Block, text: Block) -> None:
        own = block.add(b"hello.exe\0", "own name")
        start = block.add(bytes(40), "exports")
        functions = block.add(struct.pack("<4I", text.labels["entry"], 0, 0, text.labels["callback"]), "functions")
        names = [block.add(text + b"\0", align=1) for text in (b"alpha", b"beta", b"gamma")]
        forward = block.add(b"NTDLL.RtlZeroMemory\0", "forward", align=1)
        struct.pack_into("<I", block.data, functions + 4 - block.rva, forward)
        name_table = block.add(struct.pack("<3I", *names), "name_table")
        ordinals = block.add(struct.pack("<3H", 0, 1, 3), "ordinal_table")
        fields = (0, 0, 0, 0, own, 10, 4, 3, functions, name_table, ordinals)
        struct.pack_into("<2I2H7I", block.data, start - block.rva, *fields)
        self.directories[0] = (start, block.here - start)

    def _rsrc(self) -> Block:
        """One version resource: type 16, name 1, language 0x409."""
        block = Block(RSRC)
        data_entry = 3 * 24
        for key, target in ((16, 1 << 31 | 24), (1, 1 << 31 | 48), (0x409, data_entry)):
            block.add(struct.pack("<2I4H2I", 0, 0, 0, 0, 0, 1, key, target))
        version = version_block()
        block.add(struct.pack("<4I", RSRC + data_entry + 16, len(version), 0, 0), "data_entry")
        block.add(version, "version")
        self.directories[2] = (RSRC, len(block.data))
        return block

    def _assemble(self, blocks: list[tuple[bytes, Block, int]], characteristics: int) -> bytes:
        wide = self.bits == 64
        headers = bytearray(0x400)
        struct.pack_into("<2s58xI", headers, 0, b"MZ", NT_OFFSET)
        machine, flags = (0x8664, 0x22) if wide else (0x14C, 0x102)
        optional_size = (112 if wide else 96) + 128
        fields = [machine, len(blocks), 0x6000_0000, 0, 0, optional_size, flags | characteristics]
        struct.pack_into("<4sHHIIIHH", headers, NT_OFFSET, b"PE\0\0", *fields)
        fields = [0x20B if wide else 0x10B, 2, 40, 0x200, 0x800, 0, TEXT, TEXT, *([] if wide else [RDATA]), self.base]
        fields += [PAGE, FILE_ALIGNMENT, 6, 0, 1, 2, 6, 1, 0, RELOC + PAGE, 0x400, 0, 3, 0x160]
        fields += [0x20_0000, 0x1000, 0x10_0000, 0x1000, 0, 16]
        layout = "<HBB5IQ2I6H4I2H4Q2I" if wide else "<HBB9I6H4I2H6I"
        struct.pack_into(layout, headers, NT_OFFSET + 24, *fields)
        for index, entry in enumerate(self.directories):
            struct.pack_into("<2I", headers, self.directory_offset(index), *entry)
        body = b""
        self._offsets.append((0, 0))
        for index, (name, block, rights) in enumerate(blocks):
            raw = bytes(block.data) + bytes(-len(block.data) % FILE_ALIGNMENT)
            place = len(headers) + len(body)
            self._offsets.append((block.rva, place))
            fields = [len(block.data), block.rva, len(raw), place, 0, 0, 0, 0, rights]
            struct.pack_into("<8s6I2HI", headers, self.section_offset(index), name, *fields)
            body += raw
        return bytes(headers) + body


def version_block() -> bytes:
    """A VS_VERSIONINFO for version 1.2.3.4 with one string."""

    def block(key: str, value: bytes, length: int, is_text: int, children: bytes = b"") -> bytes:
        body = key.encode("utf-16-le") + b"\0\0"
        body += bytes(-(6 + len(body)) % 4)
        if value:
            body += value + bytes(-(6 + len(body) + len(value)) % 4)
        body += children
        return struct.pack("<3H", 6 + len(body), length, is_text) + body

    fixed = struct.pack("<13I", 0xFEEF04BD, 0x10000, 0x1_0002, 0x3_0004, 0x5_0006, 0x7_0008, 0, 0, 4, 1, 0, 0, 0)
    text = "A sample\0".encode("utf-16-le")
    item = block("FileDescription", text, len(text) // 2, 1)
    table = block("040904b0", b"", 0, 1, item)
    return block("VS_VERSION_INFO", fixed, len(fixed), 0, block("StringFileInfo", b"", 0, 1, table))
