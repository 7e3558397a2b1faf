"""Sections: the implementation of litebox_core.services.Sections.

A section of a file that may be written shares the host's pages of that file with everybody else who reads or writes it;
one that may only be read is a private mapping, so that nothing the guest does can fault in the host. While a file is
mapped it cannot be made shorter than its mappings.
"""

import os
from typing import TYPE_CHECKING, Any

from litebox_core import sections, services
from litebox_core.engine.base import Backing
from litebox_core.errors import NtError
from litebox_core.memory.regions import (
    GRANULARITY,
    MEM_MAPPED,
    MEM_TOP_DOWN,
    PAGE_EXECUTE_READ,
    PAGE_EXECUTE_READWRITE,
    PAGE_EXECUTE_WRITECOPY,
    PAGE_NOACCESS,
    PAGE_NOCACHE,
    PAGE_READONLY,
    PAGE_READWRITE,
    PAGE_WRITECOPY,
    RIGHTS,
    Allocation,
)
from litebox_core.memory.space import page_down, page_up
from litebox_core.ntstatus import (
    STATUS_ACCESS_DENIED,
    STATUS_COMMITMENT_LIMIT,
    STATUS_INVALID_FILE_FOR_SECTION,
    STATUS_INVALID_PAGE_PROTECTION,
    STATUS_INVALID_PARAMETER_4,
    STATUS_INVALID_PARAMETER_6,
    STATUS_INVALID_VIEW_SIZE,
    STATUS_MAPPED_ALIGNMENT,
    STATUS_MAPPED_FILE_SIZE_ZERO,
    STATUS_NO_MEMORY,
    STATUS_NOT_MAPPED_VIEW,
    STATUS_PRIVILEGE_NOT_HELD,
    STATUS_SECTION_PROTECTION,
    STATUS_SECTION_TOO_BIG,
    STATUS_USER_MAPPED_FILE,
)
from litebox_core.openfiles import File
from litebox_core.sections import (
    SEC_COMMIT,
    SEC_FILE,
    SEC_IMAGE,
    SEC_LARGE_PAGES,
    SEC_NOCACHE,
    SEC_RESERVE,
    SEC_WRITECOMBINE,
)
from litebox_core.services import Files, Sync

from .hosterrors import failed
from .namespace import NamedObject

if TYPE_CHECKING:
    from litebox_core.process import Process

__all__ = ["Section", "Sections"]

FILE_READ_DATA, FILE_WRITE_DATA = 1, 2
MAXIMUM_SIZE = 1 << 46

_WRITABLE = (PAGE_READWRITE, PAGE_EXECUTE_READWRITE)
_COPIES = (PAGE_WRITECOPY, PAGE_EXECUTE_WRITECOPY)
_EXECUTABLE = (PAGE_EXECUTE_READ, PAGE_EXECUTE_READWRITE, PAGE_EXECUTE_WRITECOPY)
PROTECTIONS = (PAGE_READONLY, *_WRITABLE, *_COPIES, PAGE_EXECUTE_READ)


class Section(NamedObject, sections.Section):
    """A section and the pages that its views share."""

    def __init__(
        self, owner: "Sections", size: int, protect: int, attributes: int, path: str, backing: Backing, fd: int,
        committed: int, memory: int = -1,
    ) -> None:  # fmt: skip
        super().__init__(size, protect, attributes, path)
        self.owner, self.backing, self.fd, self.committed = owner, backing.acquire(), fd, committed
        self.memory = memory
        """The descriptor of the memory of a section without a file."""

    def destroyed(self) -> None:
        self.backing.release()
        self.owner.process.memory.committed -= self.committed
        if self.fd >= 0:
            self.owner.unused(self)
            os.close(self.fd)
            self.fd = -1
        if self.memory >= 0:
            os.close(self.memory)
            self.memory = -1


class Sections(services.Sections):
    """The sections of one process and their views."""

    def __init__(self, process: "Process") -> None:
        super().__init__(process)
        self._memory = process.memory
        self._mapped: dict[tuple[int, int], list[Section]] = {}

    # -- creating ----------------------------------------------------------------------------------------------------

    def create(
        self, file: File | None, size: int, protect: int, attributes: int, name: str | None = None, access: int = 0
    ) -> tuple[sections.Section, bool]:
        if protect & 0xFF not in PROTECTIONS:
            raise NtError(STATUS_INVALID_PAGE_PROTECTION)
        if attributes & SEC_IMAGE:
            if attributes & (SEC_FILE | SEC_COMMIT | SEC_RESERVE | SEC_LARGE_PAGES | SEC_WRITECOMBINE):
                raise NtError(STATUS_INVALID_PARAMETER_6)
            return self._of_image(file, size, protect, name, access)
        if attributes & (SEC_COMMIT | SEC_RESERVE) not in (SEC_COMMIT, SEC_RESERVE) or attributes & SEC_FILE:
            raise NtError(STATUS_INVALID_PARAMETER_6)
        if attributes & SEC_LARGE_PAGES:
            if file is not None or attributes & SEC_RESERVE:
                raise NtError(STATUS_INVALID_PARAMETER_6)
            raise NtError(STATUS_PRIVILEGE_NOT_HELD)  # nobody may lock pages in memory

        def make() -> sections.Section:
            if file is None:
                return self._anonymous(size, protect, attributes)
            return self._of_file(file, size, protect, attributes, access)

        return self.process.service(Sync).named(name, sections.Section, make)

    def _of_image(
        self, file: File | None, size: int, protect: int, name: str | None, access: int
    ) -> tuple[sections.Section, bool]:
        from .imagesections import image_section

        if file is None:
            raise NtError(STATUS_INVALID_FILE_FOR_SECTION)
        if not access & FILE_READ_DATA:
            raise NtError(STATUS_ACCESS_DENIED)
        image = file
        return self.process.service(Sync).named(name, sections.Section, lambda: image_section(image, protect, size))

    def _anonymous(self, size: int, protect: int, attributes: int) -> Section:
        if not size:
            raise NtError(STATUS_INVALID_PARAMETER_4)
        if size > MAXIMUM_SIZE:
            raise NtError(STATUS_SECTION_TOO_BIG)
        size = page_up(size)
        committed = size if attributes & SEC_COMMIT else 0
        if self._memory.committed + committed > self._memory.limit:
            raise NtError(STATUS_COMMITMENT_LIMIT)
        try:
            fd = os.memfd_create("litebox-section")
        except OSError:
            raise NtError(STATUS_NO_MEMORY) from None
        try:
            os.ftruncate(fd, size)
            backing = self.process.engine.file_backing(fd, size, True)
        except (OSError, ValueError, OverflowError, MemoryError):
            os.close(fd)
            raise NtError(STATUS_NO_MEMORY) from None
        self._memory.committed += committed
        return Section(self, size, protect, attributes, "", backing, -1, committed, fd)

    # -- other processes ---------------------------------------------------------------------------------------------

    def hand_over(self, section: Section) -> tuple[dict[str, Any], int]:
        """What another process needs to have the section too."""
        what = {
            "kind": "section", "size": section.size, "protect": section.protect, "attributes": section.attributes,
            "path": section.path, "committed": section.committed, "file": section.fd >= 0,
        }  # fmt: skip
        return what, section.fd if section.fd >= 0 else section.memory

    def take_over(self, what: dict[str, Any], fd: int) -> Section:
        """The section that another process handed over; the descriptor is the section's from now on."""
        shared = not what["file"] or what["protect"] & 0xFF in _WRITABLE
        if self._memory.committed + what["committed"] > self._memory.limit:
            raise NtError(STATUS_COMMITMENT_LIMIT)
        try:
            backing = self.process.engine.file_backing(fd, page_up(what["size"]), shared)
        except (OSError, ValueError, OverflowError, MemoryError):
            raise NtError(STATUS_NO_MEMORY) from None
        self._memory.committed += what["committed"]
        numbers = what["size"], what["protect"], what["attributes"], what["path"]
        if not what["file"]:
            return Section(self, *numbers, backing, -1, what["committed"], fd)
        section = Section(self, *numbers, backing, fd, what["committed"])
        self._mapped.setdefault(self._identity(fd), []).append(section)
        self.process.service(Files).sections = self
        return section

    def _of_file(self, file: File, size: int, protect: int, attributes: int, access: int) -> Section:
        writable = protect & 0xFF in _WRITABLE
        if not access & FILE_READ_DATA or (writable and not access & FILE_WRITE_DATA):
            raise NtError(STATUS_ACCESS_DENIED)
        fd = file.host_descriptor()
        try:
            length = os.fstat(fd).st_size
            if not size:
                size = length
                if not size:
                    raise NtError(STATUS_MAPPED_FILE_SIZE_ZERO)
            if size > MAXIMUM_SIZE:
                raise NtError(STATUS_SECTION_TOO_BIG)
            if size > length:
                if not writable:
                    raise NtError(STATUS_SECTION_TOO_BIG)
                file.set_size(size)
            backing = self.process.engine.file_backing(fd, page_up(size), writable)
            kept = attributes & ~(SEC_COMMIT | SEC_RESERVE) | SEC_FILE
            section = Section(self, size, protect, kept, file.path, backing, os.dup(fd), 0)
        except OSError as error:
            raise failed(error) from None
        self._mapped.setdefault(self._identity(section.fd), []).append(section)
        self.process.service(Files).sections = self
        return section

    # -- files in use ------------------------------------------------------------------------------------------------

    @staticmethod
    def _identity(fd: int) -> tuple[int, int]:
        stat = os.fstat(fd)
        return stat.st_dev, stat.st_ino

    def unused(self, section: Section) -> None:
        """A section of a file goes away."""
        identity = self._identity(section.fd)
        users = self._mapped[identity]
        users.remove(section)
        if not users:
            del self._mapped[identity]

    def check_truncation(self, fd: int, size: int) -> None:
        if self._mapped and any(size < s.size for s in self._mapped.get(self._identity(fd), ())):
            raise NtError(STATUS_USER_MAPPED_FILE)

    # -- views -------------------------------------------------------------------------------------------------------

    def map(
        self, section: sections.Section, base: int, offset: int, size: int, protect: int, kind: int = 0,
        high: int = 0,
    ) -> tuple[int, int]:  # fmt: skip
        if section.attributes & SEC_IMAGE:
            from .imagesections import ImageSection

            assert isinstance(section, ImageSection)
            return section.view(self.process)
        assert isinstance(section, Section)
        self._check_view(section.protect & 0xFF, protect)
        if offset % GRANULARITY or base % GRANULARITY:
            raise NtError(STATUS_MAPPED_ALIGNMENT)
        if offset >= section.size or size > section.size - offset:
            raise NtError(STATUS_INVALID_VIEW_SIZE)
        size = page_up(size or section.size - offset)
        backing = section.backing
        if section.attributes & SEC_NOCACHE and protect & 0xFF != PAGE_NOACCESS:
            protect |= PAGE_NOCACHE
        if protect & 0xFF in _COPIES:
            backing, offset = self._copy(section, offset, size)
        allocation = self._memory.reserve(
            size, base or None, protect, MEM_MAPPED, backing=backing, offset=offset, high=high,
            top_down=bool(kind & MEM_TOP_DOWN),
        )  # fmt: skip
        allocation.owner = section
        section.retain()
        if not section.attributes & SEC_RESERVE:
            self._memory.commit(allocation, allocation.base, allocation.end, protect)
        return allocation.base, size

    def _check_view(self, of_section: int, of_view: int) -> None:
        if of_view & 0xFF not in RIGHTS:
            raise NtError(STATUS_INVALID_PAGE_PROTECTION)
        if of_view & 0xFF in _WRITABLE and of_section not in _WRITABLE:
            raise NtError(STATUS_SECTION_PROTECTION)
        if of_view & 0xFF in _EXECUTABLE and of_section not in _EXECUTABLE:
            raise NtError(STATUS_SECTION_PROTECTION)

    def _copy(self, section: Section, offset: int, size: int) -> tuple[Backing, int]:
        """Pages for a view whose changes nobody else sees, and the offset of the view in them."""
        if section.fd >= 0:
            return self.process.engine.file_backing(section.fd, page_up(section.size), False), offset
        backing = self.process.engine.backing(size)
        backing.data[:size] = section.backing.data[offset : offset + size]
        return backing, 0

    def _view(self, addr: int) -> Allocation:
        allocation = self._memory.allocation_at(addr)
        if allocation is None or not isinstance(allocation.owner, sections.Section):
            raise NtError(STATUS_NOT_MAPPED_VIEW)
        return allocation

    def unmap(self, addr: int) -> None:
        allocation = self._view(addr)
        section = allocation.owner
        assert isinstance(section, sections.Section)
        self._memory.detach(allocation)
        section.release()

    def flush(self, addr: int, size: int) -> tuple[int, int]:
        allocation = self._view(addr)
        section = allocation.owner
        assert isinstance(section, sections.Section)
        start = page_down(addr)
        end = page_up(addr + size) if size else allocation.end
        if end > allocation.end:
            raise NtError(STATUS_NOT_MAPPED_VIEW)
        if isinstance(section, Section) and section.fd >= 0 and section.backing is allocation.backing:
            allocation.backing.data.flush(start - allocation.base + allocation.offset, end - start)
        return start, end - start

    def section_at(self, addr: int) -> sections.Section | None:
        allocation = self._memory.allocation_at(addr)
        owner = allocation.owner if allocation is not None else None
        return owner if isinstance(owner, sections.Section) else None
