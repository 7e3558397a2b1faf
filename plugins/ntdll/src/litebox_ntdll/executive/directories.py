"""What a search in a directory finds."""

import os
from typing import TYPE_CHECKING

from litebox_core.openfiles import DirectoryEntry

from . import attributes as attr
from .hosterrors import failed
from .names import guest_name, matcher, upcase

if TYPE_CHECKING:
    from .diskfiles import DiskFile

__all__ = ["snapshot"]


def snapshot(directory: "DiskFile", pattern: str) -> list[DirectoryEntry]:
    """The entries whose name or short name matches, ``.`` and ``..`` first, then by name as NTFS has them.

    The pattern may hold the wildcards of :class:`names.matcher`. Links show what they lead to; those that lead nowhere
    or outside show themselves, as reparse points.
    """
    files = directory.files
    mounts = files.mounts
    matches = matcher(pattern)
    names = mounts.visible(directory.host, directory.target, directory.virtual)
    found: list[DirectoryEntry] = []
    if not directory.is_root:
        own = directory.info()
        if matches("."):
            found.append(DirectoryEntry(".", "", own))
        if matches(".."):
            above = f"{directory.target}/.."
            found.append(DirectoryEntry("..", "", files.attributes.info(above, os.stat(above))))
    short_names = mounts.short_names(directory.host, names)
    rows = []
    for name in names:
        shown = guest_name(name)
        if shown is None:
            continue
        key = upcase(shown)
        short = short_names.get(name, "")
        if matches(key) or (short and matches(short)):
            rows.append((key, name, shown, short))
    rows.sort()
    for _, name, shown, short in rows:
        target = f"{directory.target}/{name}"
        try:
            stat = os.stat(target, follow_symlinks=False)
            follow = True
            if stat.st_mode & 0o170000 == 0o120000:
                real = os.path.realpath(os.path.join(directory.host, name))
                follow = mounts.granted(real) is not None and os.path.exists(real)
                if follow:
                    stat = os.stat(real)
            info = files.attributes.info(target, stat, follow)
        except FileNotFoundError:
            continue  # gone since the listing
        except OSError as error:
            raise failed(error) from error
        if directory.virtual and mounts.granted(os.path.join(directory.host, name)) is None:
            info.attributes |= attr.READONLY
        found.append(DirectoryEntry(shown, short, info))
    return found
