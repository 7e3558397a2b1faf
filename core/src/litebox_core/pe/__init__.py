"""Portable Executable images: reading them safely, and building the ones that stand for plugin DLLs.

No emulator and no guest memory here: bytes in, data out. On malformed input every reader raises ImageError and
nothing else.
"""

from .errors import BadImage, ImageError, Immovable, NotPE, WrongMachine
from .headers import EXECUTE, READ, WRITE, Directory, Section
from .image import Image, Piece, layout, parse

__all__ = [
    "EXECUTE",
    "READ",
    "WRITE",
    "BadImage",
    "Directory",
    "Image",
    "ImageError",
    "Immovable",
    "NotPE",
    "Piece",
    "Section",
    "WrongMachine",
    "layout",
    "parse",
]
