"""KERNEL32 and KERNELBASE: every room, and the two doors."""

from litebox_core.dll import Dll

from . import (
    codepages,
    consoleapi,
    directories,
    errhandlingapi,
    fileapi,
    fileinfo,
    fileinfoex,
    handleapi,
    paths,
    processenv,
    profileapi,
    startup,
    stringapiset,
    volumes,
    winbase_files,
    winbase_strings,
)
from .base import dll

__all__ = [
    "codepages",
    "consoleapi",
    "directories",
    "dll",
    "errhandlingapi",
    "fileapi",
    "fileinfo",
    "fileinfoex",
    "handleapi",
    "kernelbase",
    "paths",
    "processenv",
    "profileapi",
    "startup",
    "stringapiset",
    "volumes",
    "winbase_files",
    "winbase_strings",
]

kernelbase = Dll("kernelbase", like=dll)
