"""The assemblies of an activation context: the manifest it is made from, and all that this asks for.

An assembly is looked for where the program is, as ``NAME.DLL`` (with the manifest as resource 1) or
``NAME.manifest``, there or in a folder NAME, and first in the folder of a language. Nothing is installed side by side
in Windows' own folder; what Windows itself brings is known by name (``SYSTEM``) and has no files here.
"""

import os
from typing import TYPE_CHECKING, NamedTuple

from .. import pe
from ..errors import NtError
from ..loader.mapping import read_image_file
from ..ntstatus import (
    STATUS_ACCESS_DENIED,
    STATUS_OBJECT_NAME_NOT_FOUND,
    STATUS_RESOURCE_DATA_NOT_FOUND,
    STATUS_RESOURCE_NAME_NOT_FOUND,
    STATUS_RESOURCE_TYPE_NOT_FOUND,
    STATUS_SXS_CANT_GEN_ACTCTX,
)
from .identity import NO_LANGUAGE, Identity, ManifestError, version
from .manifest import Manifest, read_manifest
from .xmltree import MAXIMUM_SIZE

if TYPE_CHECKING:
    from ..services import Files

__all__ = ["Assembly", "file_manifest", "gather", "resource_manifest"]

RT_MANIFEST = 24
CREATEPROCESS_MANIFEST_RESOURCE_ID, ISOLATIONAWARE_MANIFEST_RESOURCE_ID = 1, 2
MAXIMUM_ASSEMBLIES, MAXIMUM_DEPENDENCIES = 128, 1024
WINDOWS = "C:\\Windows\\WinSxS"
SYSTEM = {
    ("microsoft.windows.common-controls", "6595b64144ccf1df"): "6.0.0.0",
    ("microsoft.windows.gdiplus", "6595b64144ccf1df"): "1.1.0.0",
}
"""What every Windows has installed: names and tokens of assemblies, and the version they are compatible with."""
SYSTEM_BUILD = "19041.1"
"""What follows the major and minor version of these."""


class Assembly(NamedTuple):
    """One assembly. ``written`` is the FILETIME of its manifest, ``folder`` where its files are, None for the first."""

    manifest: Manifest
    identity: Identity | None
    path: str
    written: int
    folder: str | None
    size: int


def resource_manifest(image: pe.Image, name: int | str) -> bytes:
    """The manifest in a module's resources. Raises NtError, STATUS_RESOURCE_*_NOT_FOUND."""
    from ..pe.resources import find_resource, resource_data, resources

    try:
        found = find_resource(image, RT_MANIFEST, name)
        if found is None:
            kinds = {resource.type for resource in resources(image)}
            if not kinds:
                raise NtError(STATUS_RESOURCE_DATA_NOT_FOUND)
            raise NtError(STATUS_RESOURCE_NAME_NOT_FOUND if RT_MANIFEST in kinds else STATUS_RESOURCE_TYPE_NOT_FOUND)
        return resource_data(image, found)
    except pe.ImageError:
        raise NtError(STATUS_RESOURCE_DATA_NOT_FOUND) from None


def file_manifest(files: "Files", path: str, resource: int | str | None = None) -> bytes:
    """The manifest that a file is or, as a program or DLL, has in its resources: that of the name, or the usual one.

    Raises NtError.
    """
    try:
        contents = read_image_file(files.host_path(path), path)
    except pe.NotPE:
        raise NtError(STATUS_SXS_CANT_GEN_ACTCTX) from None
    except FileNotFoundError:
        raise NtError(STATUS_OBJECT_NAME_NOT_FOUND) from None
    except OSError:
        raise NtError(STATUS_ACCESS_DENIED) from None
    if resource is None and contents[:2] != b"MZ":
        if len(contents) > MAXIMUM_SIZE:
            raise NtError(STATUS_SXS_CANT_GEN_ACTCTX)
        return bytes(contents)
    try:
        image = pe.parse(contents, path)
    except pe.ImageError:
        raise NtError(STATUS_SXS_CANT_GEN_ACTCTX) from None
    if resource is None:
        resource = ISOLATIONAWARE_MANIFEST_RESOURCE_ID if image.is_dll else CREATEPROCESS_MANIFEST_RESOURCE_ID
    return resource_manifest(image, resource)


def _assembly(files: "Files", document: bytes, path: str, folder: str | None) -> Assembly:
    """Raises ManifestError."""
    manifest = read_manifest(document)
    try:
        written = files.query(path).written
    except NtError:
        written = 0
    return Assembly(manifest, manifest.identity, path, written, folder, len(document))


def _exists(files: "Files", path: str) -> bool:
    try:
        return os.path.isfile(files.host_path(path))
    except NtError:
        return False


def _private(files: "Files", folders: list[str], wanted: Identity) -> Assembly | None:
    """An assembly beside the program. Raises ManifestError for one that is not what was asked for."""
    name = wanted.name
    if any(c in name for c in '\\/:*?"<>|') or any(c in wanted.language.strip("*") for c in '\\/:*?"<>|.'):
        return None
    languages = [] if wanted.language.lower() in NO_LANGUAGE else [wanted.language + "\\"]
    for folder in folders:
        for language in (*languages, ""):
            for place in (language, f"{language}{name}\\"):
                for ending, resource in ((".DLL", CREATEPROCESS_MANIFEST_RESOURCE_ID), (".manifest", None)):
                    path = f"{folder}\\{place}{name}{ending}"
                    if not _exists(files, path):
                        continue
                    try:
                        document = file_manifest(files, path, resource)
                    except NtError:
                        if resource is not None:
                            continue  # a DLL that is no assembly
                        raise ManifestError(f"{path} cannot be read") from None
                    found = _assembly(files, document, path, path.rpartition("\\")[0])
                    if found.identity is None or not found.identity.answers(wanted):
                        raise ManifestError(f"{path} is not {wanted.encoded()}")
                    return found
    return None


def _of_windows(wanted: Identity) -> Assembly | None:
    """An assembly that Windows brings."""
    compatible = SYSTEM.get((wanted.name.lower(), wanted.publicKeyToken.lower()))
    if compatible is None:
        return None
    if wanted.version and version(wanted.version) >> 32 != version(compatible) >> 32:
        return None
    number = ".".join(compatible.split(".")[:2]) + "." + SYSTEM_BUILD
    architecture = "amd64" if wanted.processorArchitecture in ("", "*") else wanted.processorArchitecture
    identity = Identity(wanted.name, "win32", number, architecture, wanted.publicKeyToken, "")
    folder = f"{architecture}_{wanted.name.lower()}_{wanted.publicKeyToken.lower()}_{number}_none"
    return Assembly(Manifest(), identity, f"{WINDOWS}\\manifests\\{folder}.manifest", 0, f"{WINDOWS}\\{folder}", 0)


def gather(
    files: "Files", document: bytes, path: str, folders: list[str], architecture: str, lenient: bool = False
) -> list[Assembly]:
    """The first assembly, and those that it and they depend on. Raises NtError(STATUS_SXS_CANT_GEN_ACTCTX).

    With ``lenient`` what cannot be had is left out.
    """
    try:
        roster = [_assembly(files, document, path, None)]
        names, asked = {""}, 0
        for assembly in roster:
            for wanted, optional in assembly.manifest.dependencies:
                asked += 1
                if asked > MAXIMUM_DEPENDENCIES:
                    raise ManifestError("too many dependencies")
                if wanted.processorArchitecture == "*":
                    wanted = wanted._replace(processorArchitecture=architecture)
                try:
                    found = _of_windows(wanted) or _private(files, folders, wanted)
                except ManifestError:
                    if not lenient:
                        raise
                    continue
                if found is None:
                    if optional or lenient:
                        continue
                    raise ManifestError(f"there is no {wanted.encoded()}")
                assert found.identity is not None
                if found.identity.encoded().lower() in names:
                    continue
                names.add(found.identity.encoded().lower())
                if len(roster) == MAXIMUM_ASSEMBLIES:
                    raise ManifestError("too many assemblies")
                roster.append(found)
    except ManifestError:
        raise NtError(STATUS_SXS_CANT_GEN_ACTCTX) from None
    return roster
