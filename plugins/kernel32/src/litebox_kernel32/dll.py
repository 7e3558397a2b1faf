"""KERNEL32 and KERNELBASE: every room, and the two doors."""

from litebox_core.dll import Dll

from . import profileapi
from .base import dll

__all__ = ["dll", "kernelbase", "profileapi"]

kernelbase = Dll("kernelbase", like=dll)
