"""Bytes as text: Base64 with and without headers, and hexadecimal. Pure text, no guest."""

import binascii
import re

BASE64_HEADER, BASE64, BINARY, REQUEST_HEADER, HEX, BASE64_ANY, ANY, HEX_ANY, CRL_HEADER, HEX_RAW = (
    0, 1, 2, 3, 4, 6, 7, 8, 9, 12
)  # fmt: skip
TITLES = {BASE64_HEADER: "CERTIFICATE", REQUEST_HEADER: "NEW CERTIFICATE REQUEST", CRL_HEADER: "X509 CRL"}
_LINE, _HEX_LINE = 64, 16
_HEADER = re.compile(r"-----BEGIN [^-\r\n]*-----[ \t]*\r?\n")
_FOOTER = re.compile(r"-----END [^-\r\n]*-----")
_BLANKS = re.compile(r"[ \t\r\n]+")
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2})*")


def encode(data: bytes, form: int, end: str) -> str | None:
    """The text of one form; ``end`` is put behind each line. None for a form that is not known."""
    if form == HEX_RAW:
        return data.hex() + end
    if form == HEX:
        return _hex_lines(data, end)
    if form != BASE64 and form not in TITLES:
        return None
    text = binascii.b2a_base64(data, newline=False).decode("ascii")
    if end or form in TITLES:
        text = "".join(text[at : at + _LINE] + end for at in range(0, len(text), _LINE))
    if form in TITLES:
        title = TITLES[form]
        text = f"-----BEGIN {title}-----{end}{text}-----END {title}-----{end}"
    return text


def _hex_lines(data: bytes, end: str) -> str:
    """Sixteen bytes a line, with a gap in the middle. Without line ends all is one line."""
    lines = []
    for at in range(0, len(data), _HEX_LINE):
        line = data[at : at + _HEX_LINE]
        halves = line[:8].hex(" "), line[8:].hex(" ")
        lines.append("  ".join(half for half in halves if half) if end else line.hex(" "))
    return end.join(lines) + end if end else " ".join(lines)


def decode(text: str, form: int) -> tuple[bytes, int, int] | None:
    """The bytes, how many characters were skipped before them, and the form that was found; None for bad text."""
    forms = {
        BASE64_ANY: (BASE64_HEADER, BASE64), ANY: (BASE64_HEADER, BASE64, BINARY), HEX_ANY: (HEX, HEX_RAW),
    }.get(form, (form,))  # fmt: skip
    for one in forms:
        found = _decode_one(text, one)
        if found is not None:
            return (*found, one)
    return None


def _decode_one(text: str, form: int) -> tuple[bytes, int] | None:
    if form == BINARY:
        return text.encode("latin-1", "replace"), 0
    if form in (HEX, HEX_RAW):
        digits = _BLANKS.sub("", text)
        return (bytes.fromhex(digits), 0) if digits and _HEX.fullmatch(digits) else None
    skipped = 0
    if form in TITLES:
        header = _HEADER.search(text)
        footer = _FOOTER.search(text, header.end()) if header else None
        if header is None or footer is None:
            return None
        skipped, text = header.start(), text[header.end() : footer.start()]
    elif form != BASE64:
        return None
    letters = _BLANKS.sub("", text)
    if len(letters) % 4 or not _BASE64.fullmatch(letters):
        return None
    return binascii.a2b_base64(letters), skipped
