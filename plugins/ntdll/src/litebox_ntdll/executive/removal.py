"""Removing folders in which a program may have put anything: however deep, and without following links."""

import os
from contextlib import suppress

__all__ = ["remove_tree"]

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def remove_tree(path: str) -> None:
    """Removes a folder with all that is in it, as far as the host lets it.

    Folders within folders come up to the top first: no path grows long, and no more than two of them are open at once.
    """
    try:
        top = os.open(path, _FOLDER)
    except OSError:
        return
    try:
        left = _emptied(top, top)
        while left:
            name = left.pop()
            with suppress(OSError):
                folder = os.open(name, _FOLDER, dir_fd=top)
                try:
                    left += _emptied(folder, top)
                finally:
                    os.close(folder)
                os.rmdir(name, dir_fd=top)
    finally:
        os.close(top)
    with suppress(OSError):
        os.rmdir(path)


def _emptied(folder: int, top: int) -> list[str]:
    """Removes the files of a folder and moves its folders to the top: their new names there."""
    with suppress(OSError):
        os.fchmod(folder, 0o700)
    moved: list[str] = []
    with os.scandir(folder) as entries:
        found = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
    for name, is_folder in found:
        with suppress(OSError):
            if not is_folder:
                os.unlink(name, dir_fd=folder)
                continue
            unused = f".{os.urandom(8).hex()}"
            with suppress(OSError):
                os.chmod(name, 0o700, dir_fd=folder)  # a folder must be writable to get another parent
            os.rename(name, unused, src_dir_fd=folder, dst_dir_fd=top)
            moved.append(unused)
    return moved
