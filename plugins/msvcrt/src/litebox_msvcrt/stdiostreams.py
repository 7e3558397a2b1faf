"""stdio.h: the standard streams, and the structure of all streams."""

from litebox_core.abi import PVOID, UINT
from litebox_core.guest import Guest
from litebox_core.process import Process

from . import fastpaths
from .base import TEB_IOB, TEB_UCRT_IOB, Runtime, msvcrt, ucrtbase
from .descriptorinfo import BLOCKS, NOWHERE, InfoTable
from .descriptors import Descriptors
from .streams import FILE_SIZE, IOB_ENTRIES, Streams


def _place_iob(process: Process, addr: int) -> None:
    process.state(Runtime, "msvcrt").place("_iob", addr)
    process.state(Streams, "msvcrt")


msvcrt.data("_iob", IOB_ENTRIES * FILE_SIZE[64], _place_iob)


def _place_info(process: Process, addr: int) -> None:
    process.state(Descriptors, "msvcrt").publish(InfoTable(process, addr))


msvcrt.data("__pioinfo", 8 * BLOCKS, _place_info)
msvcrt.data("__badioinfo", len(NOWHERE), NOWHERE)


@msvcrt.export(aliases=("__p__iob",), fast=fastpaths.__iob_func)
def __iob_func(guest: Guest, *, streams: Streams) -> PVOID:
    guest.spill[TEB_IOB : TEB_IOB + 8] = streams.iob.to_bytes(8, "little")
    return streams.iob


@ucrtbase.export(fast=fastpaths.__acrt_iob_func)
def __acrt_iob_func(guest: Guest, index: UINT, *, streams: Streams) -> PVOID:
    guest.spill[TEB_UCRT_IOB : TEB_UCRT_IOB + 8] = streams.iob.to_bytes(8, "little")
    return streams.iob + index * FILE_SIZE[guest.bits] if index < IOB_ENTRIES else 0
