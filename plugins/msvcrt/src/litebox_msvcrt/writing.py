"""stdio.h: writing characters, strings and blocks to streams."""

from litebox_core.abi import INT, PCSTR, PCWSTR, PVOID, SIZE_T, WCHAR
from litebox_core.dll import Dll, Fast
from litebox_core.guest import Guest, Steps

from . import fastpaths
from .base import InvalidParameter, msvcrt, shared, ucrtbase
from .streams import EOF, STDOUT, WEOF, Streams
from .widetext import narrow_for

_BYTES = [bytes((byte,)) for byte in range(256)]


@shared.export(aliases=("_fwrite_nolock",), fails=0, fast=fastpaths.fwrite)
def fwrite(
    guest: Guest, buffer: PVOID, size: SIZE_T, count: SIZE_T, stream: PVOID, *, streams: Streams
) -> Steps[SIZE_T]:
    if not size or not count:
        return 0
    target = streams.get(stream)
    if not buffer or size * count >> 63:
        raise InvalidParameter
    done = yield from streams.put(guest, target, guest.memory.read(buffer, size * count))
    if done:
        streams.printed(guest, target)
    return done // size


@shared.export(aliases=("putc", "_fputc_nolock"), fast=fastpaths.fputc)
def fputc(guest: Guest, c: INT, stream: PVOID, *, streams: Streams) -> Steps[INT]:
    target, byte = streams.get(stream), c & 0xFF
    if streams.buffered(target, _BYTES[byte]):
        streams.windows.single(target, False)
        return byte
    done = yield from streams.put(guest, target, _BYTES[byte])
    return byte if done else EOF


@msvcrt.export
def _flsbuf(guest: Guest, c: INT, stream: PVOID, *, streams: Streams) -> Steps[INT]:
    """What the putc macro calls for a full buffer, as most of them look."""
    target, byte = streams.get(stream), c & 0xFF
    streams.restart(target)
    done = yield from streams.put(guest, target, _BYTES[byte])
    if done and target.size:
        streams.windows.single(target, False)
    return byte if done else EOF


@shared.export(aliases=("_fputchar",))
def putchar(guest: Guest, c: INT, *, streams: Streams) -> Steps[INT]:
    target, byte = streams.standard(STDOUT), c & 0xFF
    if streams.buffered(target, _BYTES[byte]):
        streams.windows.single(target, False)
        return byte
    done = yield from streams.put(guest, target, _BYTES[byte])
    return byte if done else EOF


@shared.export(fast=fastpaths.fputs)
def fputs(guest: Guest, str: PCSTR | None, stream: PVOID, *, streams: Streams) -> Steps[INT]:
    if str is None:
        raise InvalidParameter
    target = streams.get(stream)
    if not streams.buffered(target, str) and (yield from streams.put(guest, target, str)) != len(str):
        return EOF
    streams.printed(guest, target)
    return 0


def _declare_puts(dll: Dll, fast: Fast) -> None:
    def puts(guest: Guest, str: PCSTR | None, *, streams: Streams) -> Steps[INT]:
        if str is None:
            raise InvalidParameter
        target = streams.standard(STDOUT)
        if (yield from streams.put(guest, target, str + b"\n")) <= len(str):
            return EOF
        streams.printed(guest, target)
        return 0

    dll.export(fast=fast)(puts)


_declare_puts(msvcrt, fastpaths.puts)
_declare_puts(ucrtbase, fastpaths.puts_of_ucrt)


@shared.export(fails=WEOF, aliases=("putwc", "_fputwc_nolock"))
def fputwc(guest: Guest, c: WCHAR, stream: PVOID, *, streams: Streams) -> Steps[WCHAR]:
    target = streams.get(stream)
    data = narrow_for(guest, streams, target, chr(c))
    return c if (yield from streams.put(guest, target, data)) else WEOF


@shared.export(fails=WEOF, aliases=("_fputwchar",))
def putwchar(guest: Guest, c: WCHAR, *, streams: Streams) -> Steps[WCHAR]:
    target = streams.standard(STDOUT)
    data = narrow_for(guest, streams, target, chr(c))
    return c if (yield from streams.put(guest, target, data)) else WEOF


@shared.export
def fputws(guest: Guest, str: PCWSTR | None, stream: PVOID, *, streams: Streams) -> Steps[INT]:
    if str is None:
        raise InvalidParameter
    target = streams.get(stream)
    data = narrow_for(guest, streams, target, str)
    done = yield from streams.put(guest, target, data)
    return 0 if done == len(data) else EOF


@shared.export
def _putws(guest: Guest, str: PCWSTR | None, *, streams: Streams) -> Steps[INT]:
    if str is None:
        raise InvalidParameter
    target = streams.standard(STDOUT)
    data = narrow_for(guest, streams, target, str + "\n")
    done = yield from streams.put(guest, target, data)
    return 0 if done == len(data) else EOF


@shared.export
def _putw(guest: Guest, binint: INT, stream: PVOID, *, streams: Streams) -> Steps[INT]:
    data = (binint & 0xFFFFFFFF).to_bytes(4, "little")
    done = yield from streams.put(guest, streams.get(stream), data)
    return binint if done == 4 else EOF


@shared.export(aliases=("_fflush_nolock",))
def fflush(guest: Guest, stream: PVOID, *, streams: Streams) -> Steps[INT]:
    if not stream:
        result = 0
        for each in streams:
            if each.out and (yield from streams.flush(guest, each)):
                result = EOF
        return result
    target = streams.get(stream)
    if not streams.runtime.ucrt:
        target.forget_input()
    return (yield from streams.flush(guest, target))


@shared.export
def _flushall(guest: Guest, *, streams: Streams) -> Steps[INT]:
    return (yield from streams.flush_all(guest))
