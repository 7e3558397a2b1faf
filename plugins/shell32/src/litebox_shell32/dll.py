"""shell32: importing this module declares every export."""

from . import commandline, folders
from .base import dll

__all__ = ["commandline", "dll", "folders"]
