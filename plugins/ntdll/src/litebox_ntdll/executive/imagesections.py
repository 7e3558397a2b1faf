"""Sections of images (SEC_IMAGE): views are laid out as the loader does it, but neither relocated nor bound."""

import os
from typing import TYPE_CHECKING

from litebox_core import pe, sections
from litebox_core.errors import NtError
from litebox_core.loader.imagestatus import image_status
from litebox_core.loader.mapping import map_image, protect_image
from litebox_core.ntstatus import STATUS_INVALID_FILE_FOR_SECTION, STATUS_NO_MEMORY, STATUS_SECTION_TOO_BIG
from litebox_core.sections import SEC_FILE, SEC_IMAGE

from .hosterrors import failed
from .namespace import NamedObject

if TYPE_CHECKING:
    from litebox_core.openfiles import File
    from litebox_core.process import Process

LARGEST_FILE = 1 << 30


class ImageSection(NamedObject, sections.Section):
    """The section of an image; each view has pages of its own."""

    def __init__(self, image: pe.Image, protect: int, path: str, size: int = 0) -> None:
        super().__init__(size or image.mapped_size, protect, SEC_IMAGE | SEC_FILE, path)
        self.image = image

    def view(self, process: "Process") -> tuple[int, int]:
        """A new view: its address and size. Raises NtError."""
        try:
            allocation, base = map_image(process, self.image, relocate=False)
        except pe.ImageError:
            raise NtError(STATUS_NO_MEMORY) from None
        protect_image(process, allocation, self.image.pieces)
        allocation.owner = self
        self.retain()
        return base, allocation.end - base


def image_section(file: "File", protect: int, size: int = 0) -> ImageSection:
    """The section of a file that holds an image; ``size`` is what is asked for, 0 for all of it. Raises NtError."""
    fd = file.host_descriptor()
    try:
        length = os.fstat(fd).st_size
        data = os.pread(fd, min(length, LARGEST_FILE), 0)
    except OSError as error:
        raise failed(error) from None
    if not data:
        raise NtError(STATUS_INVALID_FILE_FOR_SECTION)
    try:
        image = pe.parse(data, file.path)
    except pe.ImageError:
        raise NtError(image_status(data)) from None
    if size > image.mapped_size:
        raise NtError(STATUS_SECTION_TOO_BIG)
    return ImageSection(image, protect, file.path, size)
