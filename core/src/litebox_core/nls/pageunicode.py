"""The code pages that hold all of Unicode: UTF-8, UTF-7 and GB18030."""

import codecs
from collections.abc import Callable

from .pagebase import MB_ERR_INVALID_CHARS, WC_ERR_INVALID_CHARS, CodePage, NoTranslation
from .utf16 import joined

REPLACEMENT = "\ufffd"
# Lead bytes whose second byte has a narrower range than 80..BF.
_NARROW_LEADS = frozenset((0xE0, 0xED, 0xF0, 0xF4))


def _replace(error: UnicodeError) -> tuple[str | bytes, int]:
    """Codec error handler: U+FFFD for each invalid sequence, cut as Windows cuts them.

    Decoding: the longest beginning of a valid sequence, as Unicode recommends, but a second byte in 80..BF that is out
    of range (ED A0: a surrogate; E0 80, F0 80: overlong; F4 90: above U+10FFFF) belongs to the sequence.
    """
    if isinstance(error, UnicodeDecodeError):
        data, start, end = error.object, error.start, error.end
        if end == start + 1 < len(data) and data[start] in _NARROW_LEADS and 0x80 <= data[end] <= 0xBF:
            end += 1
        return REPLACEMENT, end
    if isinstance(error, UnicodeEncodeError):
        return b"\xef\xbf\xbd" * (error.end - error.start), error.end
    raise error


codecs.register_error("litebox.replace", _replace)


class Utf8(CodePage):
    """Page 65001. U+FFFD stands for invalid bytes, EF BF BD for lone surrogates."""

    takes_default = False
    decode_flags = MB_ERR_INVALID_CHARS
    encode_flags = WC_ERR_INVALID_CHARS

    def __init__(self) -> None:
        super().__init__(65001, "65001 (UTF-8)", 4, b"?", REPLACEMENT)

    def decode(self, data: bytes, flags: int = 0) -> str:
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            if flags & MB_ERR_INVALID_CHARS:
                raise NoTranslation("invalid UTF-8") from None
            return data.decode("utf-8", "litebox.replace")

    def encode(self, text: str, flags: int = 0, default: bytes | None = None) -> tuple[bytes, bool]:
        try:
            return text.encode("utf-8"), False
        except UnicodeEncodeError:
            pass  # surrogates: perhaps two halves of one character
        text = joined(text)
        try:
            return text.encode("utf-8", "strict" if flags & WC_ERR_INVALID_CHARS else "litebox.replace"), False
        except UnicodeEncodeError:
            raise NoTranslation("lone surrogate") from None


class Gb18030(CodePage):
    """Page 54936. Not measured: Python's gb18030, U+FFFD and "?" for what has no counterpart."""

    takes_default = False
    decode_flags = MB_ERR_INVALID_CHARS
    encode_flags = WC_ERR_INVALID_CHARS

    def __init__(self) -> None:
        super().__init__(54936, "54936 (GB18030 Simplified Chinese)", 4, b"?", REPLACEMENT, ((0x81, 0xFE),))

    def decode(self, data: bytes, flags: int = 0) -> str:
        try:
            return data.decode("gb18030", "strict" if flags & MB_ERR_INVALID_CHARS else "replace")
        except UnicodeDecodeError:
            raise NoTranslation("invalid GB18030") from None

    def encode(self, text: str, flags: int = 0, default: bytes | None = None) -> tuple[bytes, bool]:
        text = joined(text)
        try:
            return text.encode("gb18030", "strict" if flags & WC_ERR_INVALID_CHARS else "replace"), False
        except UnicodeEncodeError:
            raise NoTranslation("lone surrogate") from None


class Utf7(CodePage):
    """Page 65000. Never fails: surrogates pass, bytes above 7F decode to the unit of the same number."""

    takes_default = False
    decode_flags = 0
    encode_flags = 0

    def __init__(self) -> None:
        super().__init__(65000, "65000 (UTF-7)", 5, b"?", REPLACEMENT)

    def decode(self, data: bytes, flags: int = 0) -> str:
        import re

        def shifted(match: re.Match[bytes]) -> bytes:
            digits = match[1]
            if not digits:
                return b"+\0" if match[2] else b""
            sextets = len(digits) * 6 // 16 * 2  # bytes of whole units; the bits that remain are dropped
            return _base64(digits)[:sextets]

        parts: list[bytes] = []
        at = 0
        for match in re.finditer(rb"\+([A-Za-z0-9+/]*)(-?)", data):
            parts += (data[at : match.start()].decode("latin-1").encode("utf-16-le"), shifted(match))
            at = match.end()
        parts.append(data[at:].decode("latin-1").encode("utf-16-le"))
        return b"".join(parts).decode("utf-16-le", "surrogatepass")

    def encode(self, text: str, flags: int = 0, default: bytes | None = None) -> tuple[bytes, bool]:
        import re
        from binascii import b2a_base64

        def shift(match: re.Match[str]) -> str:
            if match[0] == "+":
                return "+-"
            units = match[0].encode("utf-16-be", "surrogatepass")
            return "+" + b2a_base64(units, newline=False).rstrip(b"=").decode("ascii") + "-"

        return re.sub(r"\+|[^\0\t\n\r A-Za-z0-9'(),./:?+-]+", shift, text).encode("ascii"), False


def _base64(digits: bytes) -> bytes:
    """Big-endian UTF-16 in Base64 without padding -> little-endian UTF-16, incomplete units included."""
    from binascii import a2b_base64

    digits = digits[: len(digits) - (len(digits) % 4 == 1)]
    big = a2b_base64(digits + b"=" * (-len(digits) % 4))
    if len(big) & 1:
        big = big[:-1]
    swapped = bytearray(big)
    swapped[::2], swapped[1::2] = big[1::2], big[::2]
    return bytes(swapped)


UNICODE_PAGES: dict[int, Callable[[], CodePage]] = {65000: Utf7, 65001: Utf8, 54936: Gb18030}
