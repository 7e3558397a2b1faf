"""ntdll: importing this module declares every export."""

from .base import dll

__all__ = ["dll"]
