"""What the tests of system calls share."""

import struct
from pathlib import Path
from typing import Any

import pytest

from litebox_core.abi import HANDLE, PVOID, Struct
from litebox_core.services import Files
from litebox_ntdll.ntdef import UNICODE_STRING
from litebox_ntdll.objattr import OBJECT_ATTRIBUTES

ALL = 0x1F01FF
OPEN_IF, SYNC = 3, 0x20


class IO_STATUS_BLOCK(Struct):
    Status: PVOID = 0
    Information: PVOID = 0


class Nt:
    """The system calls of a box, with names and blocks built for them."""

    def __init__(self, box: Any, folder: Path) -> None:
        self.box, self.folder = box, folder
        self.call = box.call.ntdll
        self.io = box.new(IO_STATUS_BLOCK)

    def attributes(self, name: str | None, root: int = 0, **fields: Any) -> int:
        box = self.box
        string = 0
        if name is not None:
            size = 2 * len(name)
            string = box.alloc(UNICODE_STRING(Length=size, MaximumLength=size + 2, Buffer=box.alloc(name)))
        fields.setdefault("Length", OBJECT_ATTRIBUTES.sizeof(64))
        return box.alloc(OBJECT_ATTRIBUTES(ObjectName=string, RootDirectory=root, **fields))

    def path(self, name: str) -> str:
        return "\\??\\" + self.box.process.service(Files).current_directory + name

    def create(
        self, name: str, access: int = ALL, disposition: int = OPEN_IF, options: int = SYNC, share: int = 7
    ) -> tuple[int, int]:
        """Status and handle."""
        handle = self.box.new(HANDLE, 0)
        self.io.value = IO_STATUS_BLOCK(Status=0x55, Information=0x55)
        status = self.call.NtCreateFile(
            handle, access, self.attributes(self.path(name)), self.io, 0, 0x80, share, disposition, options, 0, 0
        )
        return status, handle.value

    def opened(self, name: str, **how: Any) -> int:
        status, handle = self.create(name, **how)
        assert status == 0
        return handle

    def write(self, handle: int, data: bytes, offset: int | None = None) -> int:
        at = self.box.alloc(struct.pack("<q", offset)) if offset is not None else 0
        self.io.value = IO_STATUS_BLOCK(Status=0x55, Information=0x55)
        return int(self.call.NtWriteFile(handle, 0, 0, 0, self.io, self.box.alloc(data), len(data), at, 0))

    def read(self, handle: int, size: int, offset: int | None = None) -> tuple[int, bytes]:
        at = self.box.alloc(struct.pack("<q", offset)) if offset is not None else 0
        buffer = self.box.alloc(size)
        self.io.value = IO_STATUS_BLOCK(Status=0x55, Information=0x55)
        status = self.call.NtReadFile(handle, 0, 0, 0, self.io, buffer, size, at, 0)
        return status, self.box.memory.read(buffer, self.io.value.Information) if status == 0 else b""

    def query(self, handle: int, kind: int, size: int) -> tuple[int, bytes]:
        buffer = self.box.alloc(size)
        self.io.value = IO_STATUS_BLOCK(Status=0x55, Information=0x55)
        status = self.call.NtQueryInformationFile(handle, self.io, buffer, size, kind)
        return status, self.box.memory.read(buffer, size)

    def set(self, handle: int, kind: int, data: bytes, size: int | None = None) -> int:
        length = len(data) if size is None else size
        return int(self.call.NtSetInformationFile(handle, self.io, self.box.alloc(data), length, kind))


@pytest.fixture
def ntos(box: Any, tmp_path: Path) -> Nt:
    return Nt(box, tmp_path)
