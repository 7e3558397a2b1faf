"""mbctype.h: the table of a run-time's multibyte characters."""

from litebox_core.process import Process

from .base import Runtime, msvcrt
from .mbstate import Multibyte


def _place_types(process: Process, addr: int) -> None:
    process.state(Runtime, "msvcrt").place("_mbctype", addr)
    process.state(Multibyte, "msvcrt").show(addr)


msvcrt.data("_mbctype", 257, _place_types)
