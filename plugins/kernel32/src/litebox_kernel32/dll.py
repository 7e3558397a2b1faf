"""KERNEL32 and KERNELBASE: every room, and the two doors."""

from litebox_core.dll import Dll

from . import (
    codepages,  # noqa: F401
    consoleapi,  # noqa: F401
    errhandlingapi,  # noqa: F401
    fileapi,  # noqa: F401
    handleapi,  # noqa: F401
    processenv,  # noqa: F401
    profileapi,  # noqa: F401
    startup,  # noqa: F401
    stringapiset,  # noqa: F401
    winbase_strings,  # noqa: F401
)
from .base import dll

kernelbase = Dll("kernelbase", like=dll)

__all__ = ["dll", "kernelbase"]
