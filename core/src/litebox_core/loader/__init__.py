"""The loader: modules, their images in guest memory, and the bindings between them."""

from .linker import Loader, MissingImport
from .modules import Module

__all__ = ["Loader", "MissingImport", "Module"]
