"""stdio.h: the standard streams, and the structure of all streams."""

from litebox_core.abi import INT, PVOID, UINT, Out
from litebox_core.dll import RETURN_ERROR
from litebox_core.guest import Guest
from litebox_core.process import DllState, Process

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


class BufferPointers(DllState):
    """What takes the place of a stream's buffer for C++ libraries that look into it: one that is always empty.

    They fall back to the functions of the stream; what they keep there themselves, a character put back, is theirs.
    """

    per_dll = True

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self._words: dict[int, int] = {}

    def words(self, stream: int) -> int:
        """The address of a beginning, a position and a count of a stream."""
        addr = self._words.get(stream)
        if addr is None:
            addr = self._words[stream] = self.process.heaps_allocate(3 * 8)
        return addr


@ucrtbase.export(fails=RETURN_ERROR)
def _get_stream_buffer_pointers(
    guest: Guest, stream: PVOID, base: Out[PVOID], pointer: Out[PVOID], count: Out[PVOID], *, streams: Streams,
    pointers: BufferPointers,
) -> INT:  # fmt: skip
    """Where the stream keeps its buffer's beginning, position and count: the way of MSVCP140 into stdio."""
    streams.get(stream)
    words, width = pointers.words(stream), guest.bits // 8
    for index, out in enumerate((base, pointer, count)):
        if out:
            out.value = words + index * width
    return 0
