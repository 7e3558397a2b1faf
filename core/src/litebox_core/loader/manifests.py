"""Whether a program's manifest has anything to say to the loader: a quick look, on the way of every program's start."""

import os

from .. import pe
from ..pe.headers import DIR_RESOURCE

__all__ = ["asks_for_assemblies"]

RT_MANIFEST, CREATEPROCESS_MANIFEST_RESOURCE_ID = 24, 1


def asks_for_assemblies(image: pe.Image, host_path: str) -> bool:
    """Whether a program's manifest, in its resources or beside it, may lead to DLLs."""
    document = _resource(image) if image.directories[DIR_RESOURCE].rva else None
    if document is None:
        return any(os.path.exists(host_path + ending) for ending in (".manifest", ".Manifest"))
    plain = document.replace(b"\0", b"")
    asked = plain.count(b"<dependentAssembly") - plain.count(b"Microsoft.Windows.Common-Controls")
    return asked > 0 or b"<file" in plain


def _resource(image: pe.Image) -> bytes | None:
    from ..pe.resources import find_resource, resource_data

    try:
        found = find_resource(image, RT_MANIFEST, CREATEPROCESS_MANIFEST_RESOURCE_ID)
        return resource_data(image, found) if found is not None else None
    except pe.ImageError:
        return None
