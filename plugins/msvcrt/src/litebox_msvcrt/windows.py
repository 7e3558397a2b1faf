"""Windows onto streams: parts of their buffers that are in guest memory for a while.

Machine code, and the macros of the headers, put bytes and texts into a window and take bytes out of one without a call
of the host, by ``_ptr`` and ``_cnt`` of the FILE. Whatever else is done with the stream begins by closing its window.
With a second thread in the process there are no windows any more: a stream belongs to who has locked it.
"""

import struct
from typing import TYPE_CHECKING

from litebox_core.process import Process

if TYPE_CHECKING:
    from .streams import Stream

__all__ = ["Windows"]

SIZE = 4096
ENOUGH = 8
"""So many bytes one by one make a window worth its opening, and fewer than that through it do not."""
PEEKED = 16
"""The bytes of a window that is opened for one."""
_HEAD = struct.Struct("<QiiQ")


class Windows:
    """Those of one run-time. ``IOREAD`` and ``IOWRT`` in ``_flag`` tell machine code which way a stream goes."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._open: set[Stream] = set()
        self._unused = 0
        self._wanted = len(process.threads) <= 1
        process.before_second_thread.append(self._end)

    def single(self, stream: "Stream", reading: bool) -> None:
        """One byte, or a little text, was put or taken; perhaps more such follow."""
        stream.singles += 1
        if stream.singles >= ENOUGH and self._wanted:
            left = len(stream.data) - stream.at if reading else stream.size - len(stream.out)
            if left > 0:
                self._offer(stream, min(left, SIZE), reading)

    def peek(self, stream: "Stream") -> None:
        """A block was read, and programs that look at the byte behind one, and put it back, will do so again."""
        left = len(stream.data) - stream.at
        if left > 0 and self._wanted:
            self._offer(stream, min(left, PEEKED), True)

    def memory(self, stream: "Stream") -> int:
        """Where a stream's window is, or would be."""
        if not stream.window:
            stream.window = self._process.heaps_allocate(SIZE + 1)
        return stream.window

    def _offer(self, stream: "Stream", room: int, reading: bool) -> None:
        memory, begin = self._process.memory, self.memory(stream)
        if reading:
            behind = min(stream.at, 1)  # the byte that was taken last: it may be put back
            memory.write(begin, stream.data[stream.at - behind : stream.at + room])
            begin += behind
        memory.write(stream.addr, _HEAD.pack(begin, room, 0, stream.window))
        stream.room, stream.reads = room, reading
        self._open.add(stream)

    def close(self, stream: "Stream") -> None:
        """Takes over what was done through an open window."""
        memory, room = self._process.memory, stream.room
        at, _, put_back, _ = _HEAD.unpack(memory.read(stream.addr, _HEAD.size))
        if stream.reads:
            behind = min(stream.at, 1)
            used = min(max(at - stream.window, 0), behind + room) - behind
            stream.at += used
        else:
            used = min(max(at - stream.window, 0), room)
            stream.out += memory.read(stream.window, used)
        memory.write(stream.addr, _HEAD.pack(stream.base, 0, 0, stream.base))
        stream.room = 0
        self._open.discard(stream)
        if used < ENOUGH:
            stream.singles = 0
        if not put_back:
            stream.peeks = 0
        self._unused = 0 if used or put_back else self._unused + 1
        if self._unused > ENOUGH:  # somebody watches the functions, or there is no machine code for them
            self._wanted = False

    def _end(self) -> None:
        self._wanted = False
        for stream in list(self._open):
            self.close(stream)
