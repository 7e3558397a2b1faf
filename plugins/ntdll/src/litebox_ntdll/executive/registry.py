"""The registry service: finding keys by path, and what may be done with them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from litebox_core.children import Children
from litebox_core.errors import NtError
from litebox_core.nls.casing import upcase
from litebox_core.ntstatus import (
    STATUS_ACCESS_DENIED,
    STATUS_CANNOT_DELETE,
    STATUS_CHILD_MUST_BE_VOLATILE,
    STATUS_INVALID_PARAMETER,
    STATUS_KEY_DELETED,
    STATUS_NAME_TOO_LONG,
    STATUS_NOTIFY_CLEANUP,
    STATUS_NOTIFY_ENUM_DIR,
    STATUS_OBJECT_NAME_COLLISION,
    STATUS_OBJECT_NAME_INVALID,
    STATUS_OBJECT_NAME_NOT_FOUND,
    STATUS_OBJECT_PATH_SYNTAX_BAD,
    STATUS_REGISTRY_QUOTA_LIMIT,
)
from litebox_core.process import Process
from litebox_core.registry import (
    DEEPEST,
    REG_LINK,
    REG_OPTION_CREATE_LINK,
    REG_OPTION_OPEN_LINK,
    REG_OPTION_VOLATILE,
    Changes,
    Key,
    KeyInfo,
    Registry,
    Value,
)
from litebox_core.services import Clock

from .registrydefaults import apply, fill
from .registrysave import save
from .registryshare import SharedJournal
from .registrytree import KEY_COST, LINK_VALUE, VALUE_COST, Change, Node, Tree, target_of

__all__ = ["HostRegistry"]

LONGEST_KEY, LONGEST_VALUE = 255, 16383
"""UTF-16 units of a name."""
MOST_LINKS = 32
MOST_BYTES, MOST_CHANGES = 256 << 20, 512 << 20
"""What all keys and values may hold; and what the processes of a run may tell each other of changes to them."""


class OpenKey(Key):
    """A key that somebody has a handle on."""

    def __init__(self, registry: "HostRegistry", node: Node) -> None:
        super().__init__()
        self._registry, self.node = registry, node
        self.name = node.path
        self._watch: Watch | None = None

    def _current(self) -> Node:
        """The key as it is now. Raises NtError(STATUS_KEY_DELETED)."""
        self._registry.catch_up()
        if self.node.deleted:
            raise NtError(STATUS_KEY_DELETED)
        return self.node

    def info(self) -> KeyInfo:
        return self._current().info()

    def subkeys(self) -> Sequence[KeyInfo]:
        return [node.info() for node in self._current().sorted()]

    def values(self) -> Sequence[Value]:
        return list(self._current().values.values())

    def value(self, name: str) -> Value:
        found = self._current().values.get(upcase(name))
        if found is None:
            raise NtError(STATUS_OBJECT_NAME_NOT_FOUND)
        return found

    def set_value(self, name: str, kind: int, data: bytes) -> None:
        if len(name) > LONGEST_VALUE:
            raise NtError(STATUS_INVALID_PARAMETER)
        with self._registry.changing(self.node) as node:
            if node.link and (upcase(name) != upcase(LINK_VALUE) or kind != REG_LINK):
                raise NtError(STATUS_ACCESS_DENIED)
            old = node.values.get(upcase(name))
            grown = len(data) - len(old.data) if old is not None else len(data) + 2 * len(name) + VALUE_COST
            self._registry.reserve(grown)
            self._registry.change("set", node, name, kind, data)

    def delete_value(self, name: str) -> None:
        with self._registry.changing(self.node) as node:
            if upcase(name) not in node.values:
                raise NtError(STATUS_OBJECT_NAME_NOT_FOUND)
            self._registry.change("unset", node, name)

    def delete(self) -> None:
        self._registry.catch_up()
        if self.node.deleted:
            return
        with self._registry.changing(self.node) as node:
            if node.keys or node.fixed:
                raise NtError(STATUS_CANNOT_DELETE)
            self._registry.change("delete", node)

    def rename(self, name: str) -> None:
        _check(name)
        if "\\" in name:
            raise NtError(STATUS_INVALID_PARAMETER)
        with self._registry.changing(self.node) as node:
            parent = node.parent
            if node.fixed or parent is None:
                raise NtError(STATUS_ACCESS_DENIED)
            taken = parent.child(name)
            if taken is not None:
                raise NtError(STATUS_CANNOT_DELETE)
            self._registry.change("rename", node, name)

    def set_written(self, time: int) -> None:
        with self._registry.changing(self.node) as node:
            self._registry.change("touch", node, time=time)

    def watch(self, wanted: int, subtree: bool) -> Changes:
        node = self._current()
        if self._watch is None:
            self._watch = Watch(node, wanted, subtree)
        return self._watch.next()

    def destroyed(self) -> None:
        if self._watch is not None:
            self._watch.end()


class Watch:
    """What one open key has been asked to look out for: the first question settles it."""

    def __init__(self, node: Node, wanted: int, subtree: bool) -> None:
        self._node, self._wanted, self._subtree = node, wanted, subtree
        self._asked: list[Changes] = []
        self._unasked = False
        """Whether something has changed that nobody asked for yet."""
        node.watches.append(self._told)

    def next(self) -> Changes:
        made = Changes()
        if self._unasked:
            made.status, self._unasked = STATUS_NOTIFY_ENUM_DIR, False
        else:
            self._asked.append(made)
        return made

    def _told(self, kind: int, node: Node) -> None:
        if not kind & self._wanted or not (self._subtree or node is self._node):
            return
        asked, self._asked = self._asked, []
        self._unasked = not asked
        for one in asked:
            one.finish(STATUS_NOTIFY_ENUM_DIR)

    def end(self) -> None:
        if self._told in self._node.watches:
            self._node.watches.remove(self._told)
        asked, self._asked = self._asked, []
        for one in asked:
            one.finish(STATUS_NOTIFY_CLEANUP)


class HostRegistry(Registry):
    """A tree in memory; where the run has more than one process, a copy of it in each, kept equal."""

    def __init__(self, process: Process) -> None:
        super().__init__(process)
        self._tree = Tree()
        self._journal: SharedJournal | None = None
        children = process.service(Children)
        if children.registry < 0:
            self._begin()
            children.joining.append(self._share)
        else:
            self._share()

    def _begin(self) -> None:
        """What is there when a run begins."""
        fill(self.process, self._tree)
        now = self.process.service(Clock).system_time()
        for change in self.process.options.registry:
            apply(self._tree, change, now)

    def close(self) -> None:
        """The changes are kept, where they are to be."""
        path = self.process.options.registry_file
        if path and self.process.options.handover is None:
            self.catch_up()
            save(self.process, self._tree, path)
        if self._journal is not None:
            self._journal.close()

    def _share(self) -> None:
        """There is, or will be, another process of the run."""

        def begin() -> object:
            if not self._tree.root.keys:
                self._begin()
            return self._tree.packed()

        self._journal = SharedJournal(
            self.process.service(Children).registry, begin, self._tree.unpack, self._tree.apply
        )
        self._journal.catch_up()

    def catch_up(self) -> None:
        if self._journal is not None:
            self._journal.catch_up()

    @contextmanager
    def changing(self, node: Node) -> Iterator[Node]:
        """The key, which nobody else changes meanwhile. Raises NtError(STATUS_KEY_DELETED)."""
        if self._journal is None:
            if node.deleted:
                raise NtError(STATUS_KEY_DELETED)
            yield node
            return
        with self._journal.changing():
            if node.deleted:
                raise NtError(STATUS_KEY_DELETED)
            yield node

    def change(self, kind: str, node: Node, *details: object, time: int | None = None) -> Node:
        """Makes a change, and lets the other processes know; the node that :class:`Tree` tells of.

        Raises NtError(STATUS_REGISTRY_QUOTA_LIMIT) where they have been told of too much.
        """
        if self._journal is not None and self._journal.size > MOST_CHANGES:
            raise NtError(STATUS_REGISTRY_QUOTA_LIMIT)
        when = self.process.service(Clock).system_time() if time is None else time
        change: Change = (kind, node.names(), *details, when)
        made = self._tree.apply(change)
        if self._journal is not None:
            self._journal.write(change)
        return made

    def reserve(self, size: int) -> None:
        """Raises NtError(STATUS_REGISTRY_QUOTA_LIMIT)."""
        if self._tree.size + size > min(MOST_BYTES, self.process.options.memory):
            raise NtError(STATUS_REGISTRY_QUOTA_LIMIT)

    # -- finding -----------------------------------------------------------------------------------------------------

    def open(self, path: str, root: Key | None = None, options: int = 0) -> Key:
        self.catch_up()
        start, names = self._start(path, root)
        node, left = self._walk(start, names, bool(options & REG_OPTION_OPEN_LINK))
        if left:
            raise NtError(STATUS_OBJECT_NAME_NOT_FOUND)
        return OpenKey(self, node)

    def create(
        self, path: str, root: Key | None = None, options: int = 0, class_name: str = ""
    ) -> tuple[Key, bool]:
        self.catch_up()
        start, names = self._start(path, root)
        open_link = bool(options & (REG_OPTION_OPEN_LINK | REG_OPTION_CREATE_LINK))
        with self.changing(start):
            node, left = self._walk(start, names, open_link)
            if not left:
                if options & REG_OPTION_CREATE_LINK:
                    raise NtError(STATUS_OBJECT_NAME_COLLISION)
                return OpenKey(self, node), True
            if len(left) > 1:
                raise NtError(STATUS_OBJECT_NAME_NOT_FOUND)
            (name,) = left
            _check(name)
            volatile = bool(options & REG_OPTION_VOLATILE)
            if node.depth() <= 2:  # the places of hives
                raise NtError(STATUS_ACCESS_DENIED if node.depth() == 0 else STATUS_INVALID_PARAMETER)
            if node.volatile and not volatile:
                raise NtError(STATUS_CHILD_MUST_BE_VOLATILE)
            if node.link:
                raise NtError(STATUS_ACCESS_DENIED)
            if node.depth() >= DEEPEST:
                raise NtError(STATUS_INVALID_PARAMETER)
            self.reserve(2 * (len(name) + len(class_name)) + KEY_COST)
            link = bool(options & REG_OPTION_CREATE_LINK)
            return OpenKey(self, self.change("create", node, name, class_name, volatile, link)), False

    def _start(self, path: str, root: Key | None) -> tuple[Node, list[str]]:
        if root is not None:
            assert isinstance(root, OpenKey)
            if path.startswith("\\"):
                raise NtError(STATUS_OBJECT_PATH_SYNTAX_BAD)
            if root.node.deleted:
                raise NtError(STATUS_KEY_DELETED)
            return root.node, _parts(path)
        if not path.startswith("\\"):
            raise NtError(STATUS_OBJECT_PATH_SYNTAX_BAD)
        return self._tree.root, _parts(path)

    def _walk(self, node: Node, names: list[str], open_link: bool) -> tuple[Node, list[str]]:
        """The key that is reached, and what of the names is left where there is none of the next name."""
        links = 0
        if not names and node.link and not open_link:  # a link that was opened itself: on to where it leads
            node, names, links = self._tree.root, _target(node), 1
        while names:
            name, rest = names[0], names[1:]
            below = node.child(name)
            if below is None:
                return node, names
            if below.link and (rest or not open_link):
                links += 1
                if links > MOST_LINKS:
                    raise NtError(STATUS_NAME_TOO_LONG)
                node, names = self._tree.root, _target(below) + rest
                continue
            node, names = below, rest
        return node, []


def _target(link: Node) -> list[str]:
    names = target_of(link)
    if not names:
        raise NtError(STATUS_OBJECT_NAME_NOT_FOUND)
    return names


def _parts(path: str) -> list[str]:
    """Raises NtError: STATUS_OBJECT_NAME_INVALID for a part that is too long, and where there are too many."""
    parts = [part for part in path.split("\\") if part]
    if len(parts) > DEEPEST:
        raise NtError(STATUS_OBJECT_NAME_INVALID)
    for part in parts:
        if len(part.encode("utf-16-le", "surrogatepass")) > 2 * LONGEST_KEY:
            raise NtError(STATUS_OBJECT_NAME_INVALID)
    return parts


def _check(name: str) -> None:
    if not name or len(name.encode("utf-16-le", "surrogatepass")) > 2 * LONGEST_KEY:
        raise NtError(STATUS_INVALID_PARAMETER)
