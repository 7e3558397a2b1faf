"""stdio.h: reading characters, lines and blocks from streams."""

from litebox_core.abi import INT, PVOID, SIZE_T, WINT_T
from litebox_core.crterrno import EILSEQ, ERANGE
from litebox_core.errors import CrtError
from litebox_core.guest import Guest, Steps

from . import fastpaths
from .base import InvalidParameter, msvcrt, shared
from .engines.format import utf16
from .localetext import to_narrow, to_wide
from .multibyte import character_size
from .streams import EOF, IOEOF, IOREAD, IORW, IOWRT, WEOF, Stream, Streams
from .widetext import is_utf16, locale_of, unit_for
from .windows import ENOUGH

STDIN = 0
_AT_ONCE = 1 << 22
_LONGEST_LINE = 1 << 24
_NEWLINE = 10


def _into(guest: Guest, streams: Streams, stream: Stream, buffer: int, size: int) -> Steps[int]:
    """Reads into guest memory, in parts where it is much; the number of bytes."""
    done = 0
    while done < size:
        part = min(size - done, _AT_ONCE)
        data = yield from streams.take(guest, stream, part)
        guest.memory.write(buffer + done, data)
        done += len(data)
        if len(data) < part:
            break
    return done


@shared.export(fails=0, aliases=("_fread_nolock",))
def fread(
    guest: Guest, buffer: PVOID, size: SIZE_T, count: SIZE_T, stream: PVOID, *, streams: Streams
) -> Steps[SIZE_T]:
    if not size or not count:
        return 0
    source = streams.get(stream)
    if not buffer or size * count >> 63:
        raise InvalidParameter
    done = yield from _into(guest, streams, source, buffer, size * count)
    if source.peeks >= ENOUGH:
        streams.windows.peek(source)
    return done // size


@shared.export(fails=0)
def fread_s(
    guest: Guest, buffer: PVOID, bufferSize: SIZE_T, elementSize: SIZE_T, count: SIZE_T, stream: PVOID, *,
    streams: Streams,
) -> Steps[SIZE_T]:  # fmt: skip
    if not elementSize or not count:
        return 0
    source = streams.get(stream)
    if not buffer:
        raise InvalidParameter
    size = elementSize * count
    if size > bufferSize:
        guest.memory.fill(buffer, bufferSize)
        raise InvalidParameter(ERANGE)
    return (yield from _into(guest, streams, source, buffer, size)) // elementSize


@shared.export(aliases=("getc", "_fgetc_nolock", "_getc_nolock"), fast=fastpaths.fgetc)
def fgetc(guest: Guest, stream: PVOID, *, streams: Streams) -> Steps[INT]:
    return (yield from streams.getc_single(guest, streams.get(stream)))


@msvcrt.export
def _filbuf(guest: Guest, stream: PVOID, *, streams: Streams) -> Steps[INT]:
    """What the getc macro calls for an empty buffer, as most of them look."""
    source = streams.get(stream)
    streams.restart(source)
    return (yield from streams.getc_single(guest, source))


@shared.export(aliases=("_fgetchar",))
def getchar(guest: Guest, *, streams: Streams) -> Steps[INT]:
    return (yield from streams.getc_single(guest, streams.standard(STDIN)))


def _line(guest: Guest, streams: Streams, stream: Stream, limit: int) -> Steps[bytes]:
    """Up to ``limit`` bytes, the line end the last of them."""
    parts = []
    while limit > 0:
        if stream.at >= len(stream.data) and not (yield from streams.fill(guest, stream)):
            break
        data, at = stream.data, stream.at
        end = data.find(b"\n", at, at + limit)
        stop = end + 1 if end >= 0 else min(at + limit, len(data))
        stream.at = stop
        parts.append(data[at:stop])
        limit -= stop - at
        if end >= 0:
            break
    return parts[0] if len(parts) == 1 else b"".join(parts)


@shared.export(fails=0)
def fgets(guest: Guest, str: PVOID, numChars: INT, stream: PVOID, *, streams: Streams) -> Steps[PVOID]:
    if not numChars:
        return 0
    if not str or numChars < 0:
        raise InvalidParameter
    source = streams.get(stream)
    line = yield from _line(guest, streams, source, numChars - 1)
    if not line and numChars > 1:
        return 0
    guest.memory.write(str, line + b"\0")
    return str


@shared.export(fails=0)
def gets(guest: Guest, buffer: PVOID, *, streams: Streams) -> Steps[PVOID]:
    if not buffer:
        raise InvalidParameter
    line = yield from _line(guest, streams, streams.standard(STDIN), _LONGEST_LINE)
    if not line:
        return 0
    guest.memory.write(buffer, line.removesuffix(b"\n") + b"\0")
    return buffer


@shared.export(fails=0)
def gets_s(guest: Guest, buffer: PVOID, sizeInCharacters: SIZE_T, *, streams: Streams) -> Steps[PVOID]:
    if not buffer or not sizeInCharacters:
        raise InvalidParameter
    line = yield from _line(guest, streams, streams.standard(STDIN), min(sizeInCharacters, _LONGEST_LINE))
    if not line:
        return 0
    text = line.removesuffix(b"\n")
    if len(text) >= sizeInCharacters:
        guest.memory.write(buffer, b"\0")
        while not line.endswith(b"\n"):
            line = yield from _line(guest, streams, streams.standard(STDIN), 4096)
            if not line:
                break
        raise InvalidParameter(ERANGE)
    guest.memory.write(buffer, text + b"\0")
    return buffer


# -- wide text -------------------------------------------------------------------------------------------------------


def get_wide(guest: Guest, streams: Streams, stream: Stream) -> Steps[int]:
    """One UTF-16 unit, or WEOF. Raises CrtError(EILSEQ) for bytes that are no character of the locale."""
    if not is_utf16(streams, stream):
        char = yield from streams.getc(guest, stream)
        if char == EOF:
            return WEOF
        info = locale_of(guest, streams)
        size = character_size(char, info)
        if size == 1:
            unit = info.unit_of(char)
            if unit is not None:
                return unit
        data = bytes((char,)) + (yield from streams.take(guest, stream, max(size, 1) - 1))
        if len(data) < size:
            return WEOF
        return unit_for(data, info)
    data = yield from streams.take(guest, stream, 2)
    return data[0] | data[1] << 8 if len(data) == 2 else WEOF


@shared.export(fails=WEOF, aliases=("getwc", "_fgetwc_nolock"))
def fgetwc(guest: Guest, stream: PVOID, *, streams: Streams) -> Steps[WINT_T]:
    return (yield from get_wide(guest, streams, streams.get(stream)))


@shared.export(fails=WEOF, aliases=("_fgetwchar",))
def getwchar(guest: Guest, *, streams: Streams) -> Steps[WINT_T]:
    return (yield from get_wide(guest, streams, streams.standard(STDIN)))


def _wide_line(guest: Guest, streams: Streams, stream: Stream, limit: int) -> Steps[bytes]:
    """Up to ``limit`` units as UTF-16 bytes, the line end the last of them."""
    if not is_utf16(streams, stream):
        info = locale_of(guest, streams)
        if info.mb_cur_max == 1:
            line = yield from _line(guest, streams, stream, limit)
            return utf16(line.decode("latin-1") if not info.code_page else to_wide(info.code_page)(line) or "")
        units = bytearray()
        while len(units) < 2 * limit and (char := (yield from get_wide(guest, streams, stream))) != WEOF:
            units += char.to_bytes(2, "little")
            if char == _NEWLINE:
                break
        return bytes(units)
    out = bytearray()
    while len(out) < 2 * limit:
        if stream.at >= len(stream.data) and not (yield from streams.fill(guest, stream)):
            break
        unit = yield from streams.take(guest, stream, 2)
        out += unit
        if unit == b"\n\0" or len(unit) < 2:
            break
    return bytes(out[: len(out) & ~1])


@shared.export(fails=0)
def fgetws(guest: Guest, str: PVOID, numChars: INT, stream: PVOID, *, streams: Streams) -> Steps[PVOID]:
    if not numChars:
        return 0
    if not str or numChars < 0:
        raise InvalidParameter
    line = yield from _wide_line(guest, streams, streams.get(stream), numChars - 1)
    if not line and numChars > 1:
        return 0
    guest.memory.write(str, line + b"\0\0")
    return str


@shared.export(fails=0)
def _getws(guest: Guest, buffer: PVOID, *, streams: Streams) -> Steps[PVOID]:
    if not buffer:
        raise InvalidParameter
    line = yield from _wide_line(guest, streams, streams.standard(STDIN), _LONGEST_LINE)
    if not line:
        return 0
    guest.memory.write(buffer, (line[:-2] if line.endswith(b"\n\0") else line) + b"\0\0")
    return buffer


@shared.export
def _getw(guest: Guest, stream: PVOID, *, streams: Streams) -> Steps[INT]:
    data = yield from streams.take(guest, streams.get(stream), 4)
    return int.from_bytes(data, "little", signed=True) if len(data) == 4 else EOF


# -- pushing back ----------------------------------------------------------------------------------------------------


def _push_back(streams: Streams, stream: Stream, data: bytes) -> bool:
    flags = stream.flags
    if not flags & IOREAD and not (flags & IORW and not flags & IOWRT):
        return False
    at = stream.at - len(data)
    if at >= 0:
        if stream.data[at : stream.at] != data:
            stream.data = stream.data[:at] + data + stream.data[stream.at :]
        stream.at = at
    elif stream.at >= len(stream.data):
        stream.data, stream.raw, stream.at, stream.breaks = data, b"", 0, 1
    else:
        return False
    streams.unmark(stream, IOEOF)
    streams.mark(stream, IOREAD)
    return True


@shared.export(aliases=("_ungetc_nolock",), fast=fastpaths.ungetc)
def ungetc(guest: Guest, c: INT, stream: PVOID, *, streams: Streams) -> INT:
    target = streams.get(stream)
    target.peeks += 1
    if c == EOF or not _push_back(streams, target, bytes((c & 0xFF,))):
        return EOF
    return c & 0xFF


@shared.export(fails=WEOF, aliases=("_ungetwc_nolock",))
def ungetwc(guest: Guest, c: WINT_T, stream: PVOID, *, streams: Streams) -> WINT_T:
    target = streams.get(stream)
    if c == WEOF:
        return WEOF
    if is_utf16(streams, target):
        data = c.to_bytes(2, "little")
    else:
        narrow = to_narrow(locale_of(guest, streams).code_page)(c)
        if narrow is None:
            raise CrtError(EILSEQ)
        data = narrow
    return c if _push_back(streams, target, data) else WEOF
