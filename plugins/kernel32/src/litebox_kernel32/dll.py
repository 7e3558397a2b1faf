"""KERNEL32 and KERNELBASE: every room, and the two doors."""

from litebox_core.dll import Dll

from . import (
    errhandlingapi,  # noqa: F401
    fileapi,  # noqa: F401
    handleapi,  # noqa: F401
    processenv,  # noqa: F401
    profileapi,  # noqa: F401
)
from .base import dll

kernelbase = Dll("kernelbase", like=dll)

__all__ = ["dll", "kernelbase"]
