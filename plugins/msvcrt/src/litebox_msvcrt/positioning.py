"""stdio.h: positions in streams."""

from litebox_core.abi import INT, INT64, LONG, LONGLONG, PVOID, InOut, Out
from litebox_core.crterrno import EINVAL
from litebox_core.errors import CrtError
from litebox_core.guest import Guest, Steps

from .base import InvalidParameter, shared
from .streams import IOERR, Streams

_LONG_MAX = 0x7FFFFFFF


def _seek(guest: Guest, streams: Streams, addr: int, offset: int, origin: int) -> Steps[int]:
    stream = streams.get(addr)
    if origin not in (0, 1, 2) or not stream.flags:
        raise InvalidParameter(EINVAL)
    return (yield from streams.seek(guest, stream, offset, origin))


@shared.export(aliases=("_fseek_nolock",))
def fseek(guest: Guest, stream: PVOID, offset: LONG, origin: INT, *, streams: Streams) -> Steps[INT]:
    return _seek(guest, streams, stream, offset, origin)


@shared.export(aliases=("_fseeki64_nolock",))
def _fseeki64(guest: Guest, stream: PVOID, offset: INT64, origin: INT, *, streams: Streams) -> Steps[INT]:
    return _seek(guest, streams, stream, offset, origin)


@shared.export(aliases=("_ftell_nolock",))
def ftell(guest: Guest, stream: PVOID, *, streams: Streams) -> LONG:
    position = streams.tell(streams.get(stream))
    if position > _LONG_MAX:
        raise CrtError(EINVAL)
    return position


@shared.export(aliases=("_ftelli64_nolock",))
def _ftelli64(guest: Guest, stream: PVOID, *, streams: Streams) -> INT64:
    return streams.tell(streams.get(stream))


@shared.export
def rewind(guest: Guest, stream: PVOID, *, streams: Streams) -> Steps[None]:
    target = streams.get(stream)
    yield from streams.seek(guest, target, 0, 0)
    streams.unmark(target, IOERR)


@shared.export
def fgetpos(guest: Guest, stream: PVOID, pos: Out[LONGLONG], *, streams: Streams) -> INT:
    target = streams.get(stream)
    if not pos:
        raise InvalidParameter(EINVAL)
    pos.value = streams.tell(target)
    return 0


@shared.export
def fsetpos(guest: Guest, stream: PVOID, pos: InOut[LONGLONG], *, streams: Streams) -> Steps[INT]:
    if not pos:
        raise InvalidParameter(EINVAL)
    return _seek(guest, streams, stream, pos.value, 0)
