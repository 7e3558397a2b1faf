"""What a manifest says.

https://learn.microsoft.com/windows/win32/sbscs/manifest-file-schema describes the elements. As on Windows an element
that the manifest's own namespace does not have makes the manifest worthless; other namespaces are passed over.
"""

import re
import uuid
from typing import NamedTuple

from . import comclasses
from .comclasses import ComClass, Proxy, RuntimeClass, Surrogate, TypeLibrary
from .identity import Identity, ManifestError, version
from .xmltree import Element, XmlError, parse

__all__ = ["Dependency", "File", "Manifest", "read_manifest"]

ASSEMBLY = ("urn:schemas-microsoft-com:asm.v1", "urn:schemas-microsoft-com:asm.v2", "urn:schemas-microsoft-com:asm.v3")
COMPATIBILITY = "urn:schemas-microsoft-com:compatibility.v1"
RUNTIME = "urn:schemas-microsoft-com:winrt.v1"
SETTINGS = re.compile(r"http://schemas\.microsoft\.com/SMI/20\d\d/WindowsSettings")

_IN_ASSEMBLY = frozenset({
    "assemblyIdentity", "noInherit", "noInheritable", "description", "dependency", "file", "clrClass", "clrSurrogate",
    "comInterfaceExternalProxyStub", "trustInfo", "application", "memberships", "compatibility", "entryPoint",
    "configuration", "deployment", "publisherIdentity", "msix",
})  # fmt: skip
_IN_FILE = frozenset({"comClass", "comInterfaceProxyStub", "typelib", "windowClass", "hash"})
_LEVELS = {"asinvoker": 1, "highestavailable": 2, "requireadministrator": 3}
MAX_PATH = 260
_DIGITS = {"sha1": 40, "md5": 32, "sha256": 64}


class Dependency(NamedTuple):
    """An assembly that is asked for; ``optional`` where the program can do without it until it needs it."""

    identity: Identity
    optional: bool


class File(NamedTuple):
    """A file of the assembly, and what it holds. Of window classes: the name, and whether it gets the version."""

    name: str
    windows: list[tuple[str, bool]]
    classes: list[ComClass]
    proxies: list[Proxy]
    libraries: list[TypeLibrary]
    runtime: list[RuntimeClass]


class Manifest:
    """One manifest, read."""

    def __init__(self) -> None:
        self.identity: Identity | None = None
        self.dependencies: list[Dependency] = []
        self.files: list[File] = []
        self.classes: list[ComClass] = []
        """Classes of the common language runtime."""
        self.proxies: list[Proxy] = []
        """Interfaces whose proxies are in no file of the assembly."""
        self.surrogates: list[Surrogate] = []
        self.level = 0
        """ACTCTX_RUN_LEVEL_*; 0 where the manifest says nothing."""
        self.ui_access = False
        self.systems: list[tuple[uuid.UUID | None, int]] = []
        """Versions of Windows that the program knows: their GUIDs, or None and the version it was tested with."""
        self.settings: list[tuple[str, str, str]] = []
        """Namespace, name and value."""


def read_manifest(document: bytes) -> Manifest:
    """Raises ManifestError."""
    try:
        root = parse(document)
    except XmlError as error:
        raise ManifestError(str(error)) from None
    if root.name != "assembly" or root.space not in ASSEMBLY:
        raise ManifestError(f"{root.space}:{root.name} is no assembly")
    if set(root.attributes) != {"manifestVersion"} or root.attributes["manifestVersion"] != "1.0":
        raise ManifestError("attributes of assembly")
    manifest, levels = Manifest(), 0
    for child in root.children:
        if child.space == COMPATIBILITY:
            _compatibility(manifest, child)
        elif child.space not in ASSEMBLY:
            continue
        elif child.name == "assemblyIdentity":
            manifest.identity = Identity.of(child, versioned=True)
        elif child.name == "dependency":
            _dependency(manifest, child)
        elif child.name == "file":
            manifest.files.append(_file(child))
        elif child.name == "clrClass":
            manifest.classes.append(comclasses.clr_class(child))
        elif child.name == "clrSurrogate":
            manifest.surrogates.append(comclasses.surrogate(child))
        elif child.name == "comInterfaceExternalProxyStub":
            manifest.proxies.append(comclasses.proxy(child, external=True))
        elif child.name == "trustInfo":
            levels += _trust(manifest, child)
        elif child.name == "application":
            _application(manifest, child)
        elif child.name not in _IN_ASSEMBLY:
            raise ManifestError(f"{child.name} in assembly")
    if levels > 1:
        raise ManifestError("more than one requestedExecutionLevel")
    return manifest


def _inside(element: Element, *path: str) -> list[Element]:
    """Elements of the namespaces of manifests at the end of a path of names."""
    found = [element]
    for name in path:
        found = [child for e in found for child in e.children if child.name == name and child.space in ASSEMBLY]
    return found


def _dependency(manifest: Manifest, element: Element) -> None:
    optional = element.attributes.get("optional", "").lower() == "yes"
    for dependent in _inside(element, "dependentAssembly"):
        late = dependent.attributes.get("allowDelayedBinding", "").lower() == "true"
        for identity in _inside(dependent, "assemblyIdentity"):
            manifest.dependencies.append(Dependency(Identity.of(identity, versioned=False), optional or late))


def _file(element: Element) -> File:
    name, digest = element.attributes.get("name", ""), element.attributes.get("hash")
    if not name or len(name) > MAX_PATH:
        raise ManifestError("the name of a file")
    if digest is not None:
        wanted = _DIGITS.get(element.attributes.get("hashalg", "SHA1").lower(), len(digest))
        if len(digest) != wanted or not re.fullmatch("(?:[0-9a-fA-F]{2})*", digest):
            raise ManifestError(f"the hash of {name}")
    file = File(name, [], [], [], [], [])
    for child in element.children:
        if child.space == RUNTIME and child.name == "activatableClass":
            file.runtime.append(comclasses.runtime_class(child))
        elif child.space not in ASSEMBLY:
            continue
        elif child.name == "windowClass":
            file.windows.append((child.text.strip(), child.attributes.get("versioned", "yes").lower() != "no"))
        elif child.name == "comClass":
            file.classes.append(comclasses.com_class(child))
        elif child.name == "comInterfaceProxyStub":
            file.proxies.append(comclasses.proxy(child, external=False))
        elif child.name == "typelib":
            file.libraries.append(comclasses.type_library(child))
        elif child.name not in _IN_FILE:
            raise ManifestError(f"{child.name} in file")
    return file


def _trust(manifest: Manifest, element: Element) -> int:
    """Reads how the program wants to run; how often it says so."""
    found = _inside(element, "security", "requestedPrivileges", "requestedExecutionLevel")
    for level in found:
        manifest.level = _LEVELS.get(level.attributes.get("level", "").lower(), 0)
        if not manifest.level:
            raise ManifestError("the level of requestedExecutionLevel")
        access = level.attributes.get("uiAccess", "false").lower()
        if access not in ("true", "false"):
            raise ManifestError("uiAccess of requestedExecutionLevel")
        manifest.ui_access = access == "true"
    return len(found)


def _compatibility(manifest: Manifest, element: Element) -> None:
    if element.name != "compatibility":
        return
    for application in element.children:
        if (application.space, application.name) != (COMPATIBILITY, "application"):
            continue
        for child in application.children:
            text = child.attributes.get("Id", "")
            if child.name == "supportedOS":
                manifest.systems.append((comclasses.guid(text), 0))
            elif child.name == "maxversiontested":
                manifest.systems.append((None, version(text)))


def _application(manifest: Manifest, element: Element) -> None:
    for settings in _inside(element, "windowsSettings"):
        for child in settings.children:
            if SETTINGS.fullmatch(child.space):
                manifest.settings.append((child.space, child.name, child.text.strip()))
