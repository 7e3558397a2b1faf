"""The keys and values of the registry as a tree, and the changes that are made to it.

A change is a tuple of plain data that names its key by path: applied in the same order to equal trees, changes leave
equal trees, which is how the processes of a run share one registry.
"""

from collections.abc import Callable, Iterator
from typing import Any

from litebox_core.nls.casing import upcase
from litebox_core.registry import KeyInfo, Value

__all__ = [
    "KEY_COST", "LINK_VALUE", "NAME_CHANGED", "VALUE_CHANGED", "VALUE_COST", "Change", "Node", "Tree", "target_of",
]  # fmt: skip

NAME_CHANGED, VALUE_CHANGED = 1, 4
"""REG_NOTIFY_CHANGE_NAME and REG_NOTIFY_CHANGE_LAST_SET."""

KEY_COST, VALUE_COST = 512, 256
"""Bytes that the host needs for a key and for a value besides its texts and data."""

LINK_VALUE = "SymbolicLinkValue"
"""The name of the value in which a link has its target."""
Change = tuple[Any, ...]
"""``(kind, path, ...)``: the name of a method of :class:`Tree`, the names from the root on, and its other arguments."""


class Node:
    """One key. ``written`` is a FILETIME; who ``watches`` is called with each kind of change and its node."""

    __slots__ = ("class_name", "deleted", "fixed", "keys", "link", "name", "parent", "values", "volatile", "watches",
                 "written")  # fmt: skip

    def __init__(self, name: str, parent: "Node | None", written: int, class_name: str = "") -> None:
        self.name, self.parent, self.written, self.class_name = name, parent, written, class_name
        self.keys: dict[str, Node] = {}
        self.values: dict[str, Value] = {}
        self.volatile = self.link = self.deleted = False
        self.fixed = False
        """Whether it belongs to the system's frame, and stays."""
        self.watches: list[Callable[[int, Node], None]] = []

    def names(self) -> list[str]:
        """From the root on, without the root's own."""
        node, found = self, list[str]()
        while node.parent is not None:
            found.append(node.name)
            node = node.parent
        return found[::-1]

    def depth(self) -> int:
        node, count = self, 0
        while node.parent is not None:
            node, count = node.parent, count + 1
        return count

    @property
    def path(self) -> str:
        return "\\" + "\\".join(self.names())

    def info(self) -> KeyInfo:
        return KeyInfo(self.name, self.path, self.class_name, self.written, self.volatile, self.link)

    def child(self, name: str) -> "Node | None":
        return self.keys.get(upcase(name))

    def sorted(self) -> "list[Node]":
        """The keys below, in order of their names."""
        return [self.keys[key] for key in sorted(self.keys)]

    def all(self) -> "Iterator[Node]":
        """This one and all below."""
        left = [self]
        while left:
            node = left.pop()
            yield node
            left.extend(node.keys.values())

    def tell(self, kind: int) -> None:
        """Tells of a change here: of its values, or of which keys are below it."""
        above: Node | None = self
        while above is not None:
            for watch in list(above.watches):
                watch(kind, self)
            above = above.parent


class Tree:
    """``size`` counts the bytes of names and data, and what the host needs to keep them."""

    def __init__(self) -> None:
        self.root = Node("", None, 0)
        self.size = 0

    def find(self, names: list[str]) -> Node | None:
        node: Node | None = self.root
        for name in names:
            if node is None:
                return None
            node = node.child(name)
        return node

    def apply(self, change: Change) -> Node:
        """Makes a change to a key that is there; the key."""
        kind, names, *rest = change
        node = self.find(names)
        assert node is not None, change
        made: Node = getattr(self, kind)(node, *rest)
        return made

    # -- changes -----------------------------------------------------------------------------------------------------

    def create(self, parent: Node, name: str, class_name: str, volatile: bool, link: bool, time: int) -> Node:
        made = Node(name, parent, time, class_name)
        made.volatile, made.link = volatile, link
        parent.keys[upcase(name)] = made
        parent.written = time
        self.size += _size_of_key(made)
        parent.tell(NAME_CHANGED)
        return made

    def delete(self, node: Node, time: int) -> Node:
        """With all that is below."""
        parent = node.parent
        assert parent is not None
        del parent.keys[upcase(node.name)]
        for gone in node.all():
            gone.deleted = True
            self.size -= _size_of_key(gone) + sum(map(_size, gone.values.values()))
            for watch in list(gone.watches):
                watch(NAME_CHANGED, gone)
        parent.written = time
        parent.tell(NAME_CHANGED)
        return parent

    def rename(self, node: Node, name: str, time: int) -> Node:
        parent = node.parent
        assert parent is not None
        del parent.keys[upcase(node.name)]
        parent.keys[upcase(name)] = node
        self.size += 2 * (len(name) - len(node.name))
        node.name, node.written = name, time
        parent.tell(NAME_CHANGED)
        return node

    def set(self, node: Node, name: str, kind: int, data: bytes, time: int) -> Node:
        key = upcase(name)
        old = node.values.get(key)
        made = node.values[key] = Value(old.name if old is not None else name, kind, data)
        self.size += _size(made) - (_size(old) if old is not None else 0)
        node.written = time
        node.tell(VALUE_CHANGED)
        return node

    def unset(self, node: Node, name: str, time: int) -> Node:
        self.size -= _size(node.values.pop(upcase(name)))
        node.written = time
        node.tell(VALUE_CHANGED)
        return node

    def touch(self, node: Node, time: int) -> Node:
        node.written = time
        return node

    # -- as plain data -----------------------------------------------------------------------------------------------

    def packed(self) -> Any:
        return _packed(self.root)

    def unpack(self, packed: Any) -> None:
        """Takes over a whole tree; this one is empty."""
        self.root = _unpacked(packed)
        nodes = (node for node in self.root.all() if node is not self.root)
        self.size = sum(_size_of_key(node) + sum(map(_size, node.values.values())) for node in nodes)


def _size(value: Value) -> int:
    return 2 * len(value.name) + len(value.data) + VALUE_COST


def _size_of_key(node: Node) -> int:
    return 2 * (len(node.name) + len(node.class_name)) + KEY_COST


def _packed(root: Node) -> Any:
    """A row for each key, its depth first; those below one follow it."""
    rows, left = [], [(0, root)]
    while left:
        depth, node = left.pop()
        flags = node.volatile | node.link << 1 | node.fixed << 2
        values = [tuple(value) for value in node.values.values()]
        rows.append((depth, node.name, node.class_name, node.written, flags, values))
        left.extend((depth + 1, below) for below in reversed(node.keys.values()))
    return rows


def _unpacked(rows: Any) -> Node:
    way: list[Node] = []
    for depth, name, class_name, written, flags, values in rows:
        del way[depth:]
        node = Node(name, way[-1] if way else None, written, class_name)
        node.volatile, node.link, node.fixed = bool(flags & 1), bool(flags & 2), bool(flags & 4)
        node.values = {upcase(value[0]): Value(*value) for value in values}
        if way:
            way[-1].keys[upcase(name)] = node
        way.append(node)
    return way[0]


def target_of(link: Node) -> list[str]:
    """The names from the root on to which a link leads; none where it leads nowhere."""
    found = link.values.get(upcase(LINK_VALUE))
    path = found.data[: len(found.data) & ~1].decode("utf-16-le", "surrogatepass") if found is not None else ""
    return [part for part in path.split("\\") if part] if path.startswith("\\") else []
