"""Wide text on streams: in the C locale's bytes, or as UTF-16 where the stream is a Unicode or a binary one."""

from litebox_core.crterrno import EILSEQ
from litebox_core.errors import CrtError

from .descriptors import ANSI, FTEXT
from .engines.format import utf16
from .localestate import Locale
from .localetext import to_narrow
from .streams import Stream, Streams


def is_utf16(streams: Streams, stream: Stream) -> bool:
    """Whether the stream's bytes are UTF-16 units: in binary mode and in the Unicode modes."""
    descriptor = streams.descriptors.find(stream.fd)
    return descriptor is not None and (not descriptor.flags & FTEXT or descriptor.encoding != ANSI)


def narrow_for(streams: Streams, stream: Stream, text: str) -> bytes:
    """The bytes that wide text becomes on a stream. Raises CrtError(EILSEQ)."""
    if is_utf16(streams, stream):
        return utf16(text)
    if text.isascii():
        return text.encode("ascii")
    convert = to_narrow(streams.process.state(Locale, streams.dll).info.code_page)
    out = bytearray()
    for char in text:
        narrow = convert(ord(char))
        if narrow is None:
            raise CrtError(EILSEQ)
        out += narrow
    return bytes(out)
