"""What a code page is: `CodePage`, its flags and its error."""

MB_PRECOMPOSED = 1
MB_COMPOSITE = 2
MB_USEGLYPHCHARS = 4
MB_ERR_INVALID_CHARS = 8
WC_DISCARDNS = 0x10
WC_SEPCHARS = 0x20
WC_DEFAULTCHAR = 0x40
WC_ERR_INVALID_CHARS = 0x80
WC_COMPOSITECHECK = 0x200
WC_NO_BEST_FIT_CHARS = 0x400


class NoTranslation(ValueError):
    """Text or bytes with no counterpart, where the flags ask for an error: ERROR_NO_UNICODE_TRANSLATION."""


class CodePage:
    """One code page.

    number                 the page's number
    name                   as in CPINFOEXW.CodePageName
    max_char_size          bytes the longest character takes
    default_char           bytes written for a character the page lacks
    unicode_default_char   text for bytes that mean nothing
    lead_bytes             ranges (first, last) of lead bytes
    decode_flags           MB_* flags the page takes; another one is ERROR_INVALID_FLAGS
    encode_flags           WC_* flags the page takes
    takes_default          False: lpDefaultChar and lpUsedDefaultChar must be NULL (ERROR_INVALID_PARAMETER)
    """

    takes_default = True
    decode_flags = MB_PRECOMPOSED | MB_COMPOSITE | MB_USEGLYPHCHARS | MB_ERR_INVALID_CHARS
    encode_flags = WC_DISCARDNS | WC_SEPCHARS | WC_DEFAULTCHAR | WC_COMPOSITECHECK | WC_NO_BEST_FIT_CHARS

    def __init__(self, number: int, name: str, max_char_size: int, default_char: bytes, unicode_default_char: str,
                 lead_bytes: tuple[tuple[int, int], ...] = ()) -> None:  # fmt: skip
        self.number = number
        self.name = name
        self.max_char_size = max_char_size
        self.default_char = default_char
        self.unicode_default_char = unicode_default_char
        self.lead_bytes = lead_bytes

    def is_lead_byte(self, byte: int) -> bool:
        return any(first <= byte <= last for first, last in self.lead_bytes)

    def decode(self, data: bytes, flags: int = 0) -> str:
        """The text of `data`. Raises NoTranslation with MB_ERR_INVALID_CHARS."""
        raise NotImplementedError

    def encode(self, text: str, flags: int = 0, default: bytes | None = None) -> tuple[bytes, bool]:
        """The bytes of `text` and whether the default character was used; `default` replaces the page's own.

        Raises NoTranslation with WC_ERR_INVALID_CHARS (UTF-8 and GB18030 only).
        """
        raise NotImplementedError
