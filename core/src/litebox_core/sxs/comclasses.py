"""What manifests say of COM: classes, interfaces, type libraries, and classes of other runtimes."""

import re
import uuid
from typing import NamedTuple

from .identity import ManifestError, version
from .xmltree import Element

__all__ = ["ComClass", "Proxy", "RuntimeClass", "Surrogate", "TypeLibrary", "clr_class", "com_class", "guid", "proxy",
           "runtime_class", "surrogate", "type_library"]  # fmt: skip

_GUID = re.compile(r"\{[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}")
_MODELS = {"apartment": 1, "free": 2, "": 3, "both": 4, "neutral": 5}
_RUNTIME_MODELS = {"both": 0, "sta": 1, "mta": 2}
_LIBRARY_FLAGS = {"restricted": 1, "control": 2, "hidden": 4, "hasdiskimage": 8}
_STATUS = {name: 1 << bit for bit, name in enumerate((
    "recomposeonresize", "onlyiconic", "insertnotreplace", "static", "cantlinkinside", "canlinkbyole1",
    "islinkobject", "insideout", "activatewhenvisible", "renderingisdeviceindependent", "invisibleatruntime",
    "alwaysrun", "actslikebutton", "actslikelabel", "nouiactivate", "alignable", "simpleframe", "setclientsitefirst",
    "imemode", "ignoreactivatewhenvisible", "wantstomenumerge", "supportsmultilevelundo",
))}  # fmt: skip
STATUSES = ("miscStatus", "miscStatusIcon", "miscStatusContent", "miscStatusThumbnail", "miscStatusDocPrint")
"""In the order of their bits in the flags of a class."""


class ComClass(NamedTuple):
    """A COM class. ``runtime`` is (name, version) for one of the common language runtime."""

    clsid: uuid.UUID
    library: uuid.UUID | None
    progid: str
    progids: list[str]
    model: int
    statuses: list[int | None]
    runtime: tuple[str, str] | None


class Proxy(NamedTuple):
    """An interface and where its proxy is; ``target`` is the GUID that the interface leads to."""

    iid: uuid.UUID
    target: uuid.UUID
    name: str
    library: uuid.UUID | None
    base: uuid.UUID | None
    methods: int | None


class TypeLibrary(NamedTuple):
    library: uuid.UUID
    major: int
    minor: int
    resource: int
    flags: int
    help_folder: str


class Surrogate(NamedTuple):
    clsid: uuid.UUID
    name: str
    version: str


class RuntimeClass(NamedTuple):
    """A class of the Windows Runtime."""

    name: str
    model: int


def guid(text: str) -> uuid.UUID:
    """Raises ManifestError."""
    if not _GUID.fullmatch(text):
        raise ManifestError(f"the GUID {text[:40]!r}")
    return uuid.UUID(text)


def _guid(element: Element, name: str) -> uuid.UUID | None:
    text = element.attributes.get(name)
    return guid(text) if text is not None else None


def _needed(element: Element, name: str) -> str:
    if not element.attributes.get(name):
        raise ManifestError(f"{element.name} without {name}")
    return element.attributes[name]


def _word(table: dict[str, int], element: Element, name: str) -> int:
    text = element.attributes.get(name, "").lower()
    if text not in table:
        raise ManifestError(f"{name} of {element.name}: {text[:40]!r}")
    return table[text]


def _words(table: dict[str, int], text: str) -> int:
    words = [word.strip().lower() for word in text.split(",") if word.strip()]
    return sum(table.get(word, 0) for word in dict.fromkeys(words))


def _progids(element: Element) -> list[str]:
    found = [child.text.strip() for child in element.children if child.name == "progid"]
    return [text for text in (element.attributes.get("progid", ""), *found) if text]


def com_class(element: Element) -> ComClass:
    """Raises ManifestError, as all of these do."""
    texts = [element.attributes.get(name) for name in STATUSES]
    return ComClass(
        guid(_needed(element, "clsid")), _guid(element, "tlbid"), element.attributes.get("progid", ""),
        _progids(element), _word(_MODELS, element, "threadingModel"),
        [None if text is None else _words(_STATUS, text) for text in texts], None,
    )  # fmt: skip


def clr_class(element: Element) -> ComClass:
    runtime = (_needed(element, "name"), element.attributes.get("runtimeVersion", ""))
    return ComClass(
        guid(_needed(element, "clsid")), _guid(element, "tlbid"), element.attributes.get("progid", ""),
        _progids(element), _word(_MODELS, element, "threadingModel"), [None] * len(STATUSES), runtime,
    )  # fmt: skip


def proxy(element: Element, external: bool) -> Proxy:
    iid = guid(_needed(element, "iid"))
    stub = _guid(element, "proxyStubClsid32")
    methods = element.attributes.get("numMethods")
    if methods is not None and not (methods.isascii() and methods.isdigit() and len(methods) < 10):
        raise ManifestError(f"numMethods of {element.name}")
    return Proxy(
        iid, stub if external and stub is not None else iid, element.attributes.get("name", ""),
        _guid(element, "tlbid"), _guid(element, "baseInterface"), int(methods) if methods is not None else None,
    )  # fmt: skip


def type_library(element: Element) -> TypeLibrary:
    number = version(_needed(element, "version"))
    if "helpdir" not in element.attributes:
        raise ManifestError("typelib without helpdir")
    resource = element.attributes.get("resourceid", "0")
    if not re.fullmatch("[0-9a-fA-F]{1,4}", resource):
        raise ManifestError("resourceid of typelib")
    return TypeLibrary(
        guid(_needed(element, "tlbid")), number >> 48, number >> 32 & 0xFFFF, int(resource, 16),
        _words(_LIBRARY_FLAGS, element.attributes.get("flags", "")), element.attributes["helpdir"],
    )  # fmt: skip


def surrogate(element: Element) -> Surrogate:
    text = element.attributes.get("runtimeVersion", "")
    return Surrogate(guid(_needed(element, "clsid")), _needed(element, "name"), text)


def runtime_class(element: Element) -> RuntimeClass:
    return RuntimeClass(_needed(element, "name"), _word(_RUNTIME_MODELS, element, "threadingModel"))
