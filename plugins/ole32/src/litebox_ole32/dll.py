"""OLE32, COMBASE, OLEAUT32 and RPCRT4: their rooms."""

from . import apartments, automation, identifiers, taskmemory, uuids
from .base import combase, dll, oleaut32, rpcrt4

_NOT_IN_COMBASE = frozenset(["CoInitialize", "OleInitialize", "OleUninitialize"])

combase.include(dll, only=[name for name in dll.exports if name not in _NOT_IN_COMBASE])

__all__ = ["apartments", "automation", "combase", "dll", "identifiers", "oleaut32", "rpcrt4", "taskmemory", "uuids"]
