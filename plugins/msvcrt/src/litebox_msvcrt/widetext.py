"""Wide text on streams: in the C locale's bytes, or as UTF-16 where the stream is a Unicode or a binary one."""

from litebox_core.crterrno import EILSEQ
from litebox_core.errors import CrtError
from litebox_core.guest import Guest

from .descriptors import ANSI, FTEXT
from .engines.format import utf16
from .localestate import Locale, LocaleInfo
from .localetext import to_narrow, to_wide
from .multibyte import UTF8
from .streams import Stream, Streams


def is_utf16(streams: Streams, stream: Stream) -> bool:
    """Whether the stream's bytes are UTF-16 units: in binary mode and in the Unicode modes."""
    descriptor = streams.descriptors.find(stream.fd)
    return descriptor is not None and (not descriptor.flags & FTEXT or descriptor.encoding != ANSI)


def locale_of(guest: Guest, streams: Streams) -> LocaleInfo:
    """The locale that wide text of streams goes by."""
    return guest.process.state(Locale, streams.dll).current(guest)


def unit_for(data: bytes, info: LocaleInfo) -> int:
    """The UTF-16 unit of one character's bytes. Raises CrtError(EILSEQ)."""
    if info.code_page == UTF8:
        try:
            text: str | None = data.decode("utf-8")
        except UnicodeDecodeError:
            raise CrtError(EILSEQ) from None
    else:
        text = to_wide(info.code_page)(data)
    if not text or ord(text[0]) > 0xFFFF:
        raise CrtError(EILSEQ)
    return ord(text[0])


def narrow_for(guest: Guest, streams: Streams, stream: Stream, text: str) -> bytes:
    """The bytes that wide text becomes on a stream. Raises CrtError(EILSEQ)."""
    if is_utf16(streams, stream):
        return utf16(text)
    if text.isascii():
        return text.encode("ascii")
    convert = to_narrow(locale_of(guest, streams).code_page)
    out = bytearray()
    for char in text:
        narrow = convert(ord(char))
        if narrow is None:
            raise CrtError(EILSEQ)
        out += narrow
    return bytes(out)
