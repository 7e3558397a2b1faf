"""UTF-16 and the `str` that stands for it: see the package's page for the convention."""


def length(text: str) -> int:
    """How many UTF-16 units `text` takes: what Windows calls its length."""
    if text.isascii():
        return len(text)
    return len(text.encode("utf-16-le", "surrogatepass")) >> 1


def units(text: str) -> bytes:
    """The UTF-16 units of `text`, little-endian, two bytes each, without a terminator."""
    return text.encode("utf-16-le", "surrogatepass")


def text(data: bytes) -> str:
    """The text of little-endian UTF-16 units; an odd last byte is left out."""
    if len(data) & 1:
        data = data[:-1]
    return data.decode("utf-16-le", "surrogatepass")


def joined(text: str) -> str:
    """`text` with surrogates that have become neighbours (by concatenation) made one character."""
    if text.isascii() or not has_surrogates(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def has_surrogates(text: str) -> bool:
    """Whether `text` holds surrogates."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False
