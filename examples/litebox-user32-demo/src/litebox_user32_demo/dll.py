"""USER32: everything it exports. What is not here is answered by litebox's typed stubs."""

from . import messages, strings
from .base import user32 as dll

__all__ = ["dll", "messages", "strings"]
