"""KERNEL32 and KERNELBASE: every room, and the two doors."""

from litebox_core.dll import Dll

from . import (
    codepages,
    consoleapi,
    errhandlingapi,
    fileapi,
    handleapi,
    processenv,
    profileapi,
    startup,
    stringapiset,
    winbase_strings,
)
from .base import dll

__all__ = [
    "codepages",
    "consoleapi",
    "dll",
    "errhandlingapi",
    "fileapi",
    "handleapi",
    "kernelbase",
    "processenv",
    "profileapi",
    "startup",
    "stringapiset",
    "winbase_strings",
]

kernelbase = Dll("kernelbase", like=dll)
