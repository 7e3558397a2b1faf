"""XML that a guest supplies, as a small tree.

The parser is expat. It sees no document type, so no entity is ever expanded, and size, number and depth of elements
have limits. Namespaces are resolved here: manifests that use a prefix which they never declare are common, and Windows
reads them.
"""

import codecs
from typing import Any

__all__ = ["Element", "XmlError", "parse"]

MAXIMUM_SIZE = 2 << 20
"""Of a document, in bytes."""
MAXIMUM_ELEMENTS, MAXIMUM_DEPTH, MAXIMUM_SPACES = 32768, 64, 64


class XmlError(Exception):
    """Not XML, or more of it than is reasonable."""


class Element:
    """One element. ``space`` is its namespace: "" for none, ``?prefix`` for a prefix that nothing declares.

    ``attributes`` are those without a prefix.
    """

    __slots__ = ("attributes", "children", "name", "parts", "space")

    def __init__(self, space: str, name: str, attributes: dict[str, str]) -> None:
        self.space, self.name, self.attributes = space, name, attributes
        self.children: list[Element] = []
        self.parts: list[str] = []

    @property
    def text(self) -> str:
        return "".join(self.parts)


class _Builder:
    def __init__(self) -> None:
        self.root: Element | None = None
        self.open: list[Element] = []
        self.spaces: list[dict[str, str]] = [{"": ""}]
        self.count = 0

    def start(self, name: str, pairs: dict[str, str]) -> None:
        self.count += 1
        if self.count > MAXIMUM_ELEMENTS or len(self.open) >= MAXIMUM_DEPTH:
            raise XmlError("too many elements")
        declared = {key[6:]: value for key, value in pairs.items() if key.startswith("xmlns:") or key == "xmlns"}
        spaces = {**self.spaces[-1], **declared} if declared else self.spaces[-1]
        if len(spaces) > MAXIMUM_SPACES:
            raise XmlError("too many namespaces")
        self.spaces.append(spaces)
        prefix, colon, local = name.partition(":")
        if not colon:
            prefix, local = "", name
        attributes = {key: value for key, value in pairs.items() if ":" not in key and key != "xmlns"}
        element = Element(spaces.get(prefix, "?" + prefix), local, attributes)
        if self.open:
            self.open[-1].children.append(element)
        else:
            self.root = element
        self.open.append(element)

    def end(self, _name: str) -> None:
        self.open.pop()
        self.spaces.pop()

    def characters(self, text: str) -> None:
        self.open[-1].parts.append(text)

    def refuse(self, *_: Any) -> None:
        raise XmlError("it has a document type")


def parse(document: bytes) -> Element:
    """The root element. UTF-16 needs its byte order mark; without one a document is UTF-8. Raises XmlError."""
    from xml.parsers import expat

    if len(document) > MAXIMUM_SIZE:
        raise XmlError("too large")
    builder = _Builder()
    parser = expat.ParserCreate("UTF-8")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = builder.start, builder.end
    parser.CharacterDataHandler = builder.characters
    parser.StartDoctypeDeclHandler = builder.refuse
    try:
        parser.Parse(_utf8(document), True)
    except (expat.ExpatError, UnicodeError, ValueError) as error:
        raise XmlError(str(error)) from None
    assert builder.root is not None
    return builder.root


def _utf8(document: bytes) -> bytes:
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if document.startswith(mark):
            return document[2:].decode(encoding).encode("utf-8")
    if b"\0" in document:  # expat would see UTF-16 in it
        raise XmlError("a NUL")
    return document.removeprefix(codecs.BOM_UTF8)
