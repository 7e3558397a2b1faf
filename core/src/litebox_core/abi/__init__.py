"""The types an API function is declared with: the signature is the prototype.

``from litebox_core.abi import DWORD, HANDLE, PCWSTR, Out`` and so on; :mod:`~litebox_core.abi.scalars` lists the
numbers, :mod:`~litebox_core.abi.pointers` what points into guest memory, :mod:`~litebox_core.abi.structs` structures.
"""

from typing import Annotated

from . import scalars
from .pointers import (
    NAME_OR_ID,
    NAME_OR_ORDINAL,
    PCSTR,
    PCWSTR,
    AnsiBuffer,
    ArgCursor,
    Buffer,
    Callback,
    CallbackMeta,
    In,
    InOut,
    Len,
    Out,
    Ptr,
    TextBuffer,
    VaList,
    VarArgs,
    WideBuffer,
)
from .scalars import *  # noqa: F403
from .signature import MayWait, Param, Signature, prototype
from .structs import Array, Bytes, Struct, WideChars

__all__ = [
    *scalars.__all__, "Annotated", "AnsiBuffer", "ArgCursor", "Array", "Buffer", "Bytes", "Callback", "CallbackMeta",
    "In", "InOut", "Len", "MayWait", "NAME_OR_ID", "NAME_OR_ORDINAL", "Out", "PCSTR", "PCWSTR", "Param", "Ptr",
    "Signature", "Struct", "TextBuffer", "VaList", "VarArgs", "WideBuffer", "WideChars", "prototype",
]  # fmt: skip
