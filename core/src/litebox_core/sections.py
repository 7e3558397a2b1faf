"""Section objects as every DLL sees them: memory, of a file or of nobody else, that can be mapped."""

from .objects import Object

SECTION_QUERY, SECTION_MAP_WRITE, SECTION_MAP_READ, SECTION_MAP_EXECUTE, SECTION_EXTEND_SIZE = 1, 2, 4, 8, 0x10
SECTION_ALL_ACCESS = 0xF001F

SEC_FILE, SEC_IMAGE, SEC_RESERVE, SEC_COMMIT = 0x800000, 0x1000000, 0x4000000, 0x8000000
SEC_NOCACHE, SEC_WRITECOMBINE, SEC_LARGE_PAGES = 0x10000000, 0x40000000, 0x80000000


class Section(Object):
    """A section: ``size`` in bytes, its page protection, its SEC_* attributes, and the path of its file or ''."""

    type_name = "Section"
    generic = (0x20005, 0x20002, 0x20008, SECTION_ALL_ACCESS)

    def __init__(self, size: int, protect: int, attributes: int, path: str) -> None:
        super().__init__()
        self.size, self.protect, self.attributes, self.path = size, protect, attributes, path
