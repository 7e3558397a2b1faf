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
    text = regfile.dump(changes(first.root, tree.root))
    beside = f"{path}.{os.getpid()}.tmp"
    try:
        with open(beside, "w", encoding="utf-16", newline="") as file:
            file.write(text)
        os.replace(beside, path)
    except OSError as error:
        print(f"litebox: {path}: the registry is not saved: {error.strerror}", file=sys.stderr)
