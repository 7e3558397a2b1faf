"""KERNEL32 and KERNELBASE: every room, and the two doors."""

from litebox_core.dll import Dll

from . import (
)
from .base import dll

kernelbase = Dll("kernelbase", like=dll)

__all__ = ["dll", "kernelbase"]
