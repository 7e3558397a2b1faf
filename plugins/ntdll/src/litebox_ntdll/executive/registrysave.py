"""Keeping what programs have done to the registry: a registry file that leads from the first content to the last."""

import os
import sys
from collections.abc import Iterator

from litebox_core import regfile
from litebox_core.process import Process

from .registrydefaults import fill
from .registrytree import Node, Tree

__all__ = ["changes", "save"]


def changes(before: Node | None, after: Node) -> Iterator[regfile.Change]:
    """What makes one key, and all below, of another; volatile keys and links are left out."""
    known = before.values if before is not None else {}
    values = [
        *(regfile.Change(after.path, *value) for key, value in after.values.items() if known.get(key) != value),
        *(regfile.Change(after.path, value.name, gone=True) for key, value in known.items() if key not in after.values),
    ]
    if values or before is None:
        yield regfile.Change(after.path)
    yield from values
    below = before.keys if before is not None else {}
    for key, node in below.items():
        if key not in after.keys:
            yield regfile.Change(node.path, gone=True)
    for key, node in sorted(after.keys.items()):
        if not node.volatile and not node.link:
            yield from changes(below.get(key), node)


def save(process: Process, tree: Tree, path: str) -> None:
    """Writes the file anew, or says on standard error why not; the old one stays until the new one is whole."""
    first = Tree()
    fill(process, first)
    found = list(changes(first.root, tree.root))
    kept = list(filter(regfile.writable, found))
    if len(kept) < len(found):
        lost = len(found) - len(kept)
        print(f"litebox: {path}: {lost} changes are not saved: names of keys and values have several lines",
              file=sys.stderr)  # fmt: skip
    beside = f"{path}.{os.urandom(8).hex()}.tmp"
    try:
        # Anew: a program may see the folder, and is not to say what is written to.
        with open(beside, "x", encoding="utf-16", errors="surrogatepass", newline="") as file:
            file.write(regfile.dump(kept))
        os.replace(beside, path)
    except OSError as error:
        print(f"litebox: {path}: the registry is not saved: {error.strerror}", file=sys.stderr)
