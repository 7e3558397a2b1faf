"""SHLWAPI: its rooms."""

from . import pathfiles, paths, strings, textnumbers
from .base import dll

__all__ = ["dll", "pathfiles", "paths", "strings", "textnumbers"]
