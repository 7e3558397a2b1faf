"""stdio.h: the standard streams, and the structure of all streams."""

from litebox_core.abi import PVOID, UINT
from litebox_core.guest import Guest
from litebox_core.process import Process

from .base import Runtime, msvcrt, ucrtbase
from .streams import FILE_SIZE, IOB_ENTRIES, Streams


def _place_iob(process: Process, addr: int) -> None:
    process.state(Runtime, "msvcrt").place("_iob", addr)
    process.state(Streams, "msvcrt")


msvcrt.data("_iob", IOB_ENTRIES * FILE_SIZE[64], _place_iob)


@msvcrt.export(aliases=("__p__iob",))
def __iob_func(guest: Guest, *, streams: Streams) -> PVOID:
    return streams.iob


@ucrtbase.export
def __acrt_iob_func(guest: Guest, index: UINT, *, streams: Streams) -> PVOID:
    return streams.standard(index).addr if index < IOB_ENTRIES else 0
