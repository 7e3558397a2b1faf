"""The registry service: journals of several processes, watches, snapshots, what a run begins with."""

import marshal
import os

import pytest

from litebox_core import regfile
from litebox_core.children import Children
from litebox_core.errors import NtError
from litebox_core.ntstatus import (
    STATUS_INVALID_PARAMETER,
    STATUS_KEY_DELETED,
    STATUS_OBJECT_NAME_NOT_FOUND,
    STATUS_REGISTRY_QUOTA_LIMIT,
)
from litebox_core.regfile import CURRENT_USER
from litebox_core.registry import REG_SZ, Registry
from litebox_ntdll.executive.registrysave import changes, save
from litebox_ntdll.executive.registryshare import SharedJournal
from litebox_ntdll.executive.registrytree import Tree

SOFTWARE = CURRENT_USER + "\\Software"


@pytest.fixture
def registry(box):
    return box.process.service(Registry)


def text(value: str) -> bytes:
    return (value + "\0").encode("utf-16-le")


def some_tree() -> Tree:
    tree = Tree()
    top = tree.create(tree.root, "REGISTRY", "", False, False, 1)
    tree.create(top, "A", "kind", False, False, 2)
    return tree


def shared(fd: int, tree: Tree) -> SharedJournal:
    journal = SharedJournal(fd, tree.packed, tree.unpack, tree.apply)
    journal.catch_up()
    return journal


def change(journal: SharedJournal, tree: Tree, *what: object) -> None:
    with journal.changing():
        tree.apply(what)
        journal.write(what)


def test_all_that_share_a_journal_have_the_same_tree():
    fd = os.memfd_create("journal")
    trees = [some_tree(), Tree(), Tree()]
    journals = [shared(fd, tree) for tree in trees]
    path = ["REGISTRY", "A"]
    change(journals[1], trees[1], "set", path, "v", REG_SZ, b"one", 5)
    change(journals[2], trees[2], "create", path, "B", "", True, False, 6)
    change(journals[0], trees[0], "rename", [*path, "b"], "C", 7)
    change(journals[1], trees[1], "unset", path, "V", 8)
    change(journals[2], trees[2], "set", [*path, "c"], "\ud800", REG_SZ, bytes(70000), 9)
    for journal in journals:
        journal.catch_up()
    late = Tree()
    journals.append(shared(fd, late))
    assert len({repr(tree.packed()) for tree in (*trees, late)}) == 1
    assert len({tree.size for tree in (*trees, late)}) == 1
    for journal in journals:
        journal.close()
    os.close(fd)


def test_a_record_without_an_end_does_not_count():
    """Who wrote it was killed; the next one writes over it."""
    fd = os.memfd_create("journal")
    trees = [some_tree(), Tree()]
    journals = [shared(fd, tree) for tree in trees]
    os.pwrite(fd, b"\xff" * 11, os.fstat(fd).st_size)
    for journal, tree, name in zip(journals, trees, ("x", "y"), strict=True):
        change(journal, tree, "set", ["REGISTRY"], name, REG_SZ, b"", 5)
    journals[0].catch_up()
    assert list(trees[0].root.keys["REGISTRY"].values) == list(trees[1].root.keys["REGISTRY"].values) == ["X", "Y"]
    for journal in journals:
        journal.close()
    os.close(fd)


def test_what_is_saved_leads_from_one_tree_to_the_other(box, registry):
    key = registry.create(SOFTWARE + "\\New")[0]
    key.set_value("v", REG_SZ, text("a"))
    registry.create("Gone at the end", key, 1)
    registry.open("\\REGISTRY\\MACHINE\\SOFTWARE\\Policies").delete()
    machine = registry.open("\\REGISTRY\\MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion")
    machine.delete_value("UBR")
    machine.set_value("ProductName", REG_SZ, text("Mine"))
    from litebox_ntdll.executive.registrydefaults import fill

    first = Tree()
    fill(box.process, first)
    where = machine.info().path
    assert list(changes(first.root, registry._tree.root)) == [
        regfile.Change("\\REGISTRY\\MACHINE\\SOFTWARE\\Policies", gone=True),
        regfile.Change(where),
        regfile.Change(where, "ProductName", REG_SZ, text("Mine")),
        regfile.Change(where, "UBR", gone=True),
        regfile.Change(SOFTWARE + "\\New"),
        regfile.Change(SOFTWARE + "\\New", "v", REG_SZ, text("a")),
    ]


def test_a_watch_collects_one_change_that_nobody_asked_for(registry):
    key = registry.create(SOFTWARE + "\\W")[0]
    asked = key.watch(4, False)
    assert asked.status is None
    key.set_value("a", REG_SZ, b"")
    assert asked.status == 0x10C
    key.set_value("a", REG_SZ, b"")
    assert key.watch(4, False).status == 0x10C
    assert key.watch(4, False).status is None


def test_a_watched_tree(registry):
    key = registry.create(SOFTWARE + "\\W")[0]
    below = registry.create("x", key)[0]
    here, everywhere = registry.open(SOFTWARE + "\\W"), registry.open(SOFTWARE + "\\W")
    answers = here.watch(5, False), everywhere.watch(5, True)
    below.set_value("a", REG_SZ, b"")
    assert [answer.status for answer in answers] == [None, 0x10C]
    below.delete()
    assert answers[0].status == 0x10C


def test_a_deleted_key_answers_nothing(registry):
    key = registry.create(SOFTWARE + "\\D")[0]
    key.delete()
    key.delete()
    for ask in (key.info, key.subkeys, key.values, lambda: key.set_value("", 1, b""), lambda: key.value("")):
        with pytest.raises(NtError) as error:
            ask()
        assert error.value.status == STATUS_KEY_DELETED
    again = registry.create(SOFTWARE + "\\D")
    assert again[1] is False
    with pytest.raises(NtError):
        key.info()


def test_a_snapshot_holds_the_registry(box, registry):
    key = registry.create(SOFTWARE + "\\S")[0]
    key.set_value("v", REG_SZ, b"before")
    snapshot = box.process.snapshot()
    key.set_value("v", REG_SZ, b"after")
    registry.create("below", key)
    box.process.restore(snapshot)
    assert key.value("v").data == b"before"
    assert not key.subkeys()
    with pytest.raises(NtError) as error:
        registry.open("below", key)
    assert error.value.status == STATUS_OBJECT_NAME_NOT_FOUND


def test_it_begins_with_what_agrees_with_the_rest(box, registry):
    """The version is that of the functions, the names are those of the environment."""
    version = registry.open("\\REGISTRY\\MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion")
    info = box.alloc((276).to_bytes(4, "little") + bytes(272))
    assert box.call.ntdll.RtlGetVersion(info) == 0
    major, minor, build = (box.memory.u32(info + at) for at in (4, 8, 12))
    assert version.value("CurrentMajorVersionNumber").data == major.to_bytes(4, "little")
    assert version.value("CurrentMinorVersionNumber").data == minor.to_bytes(4, "little")
    assert version.value("CurrentBuildNumber").data == text(str(build))
    control = "\\REGISTRY\\MACHINE\\SYSTEM\\CurrentControlSet\\Control"
    name = registry.open(control + "\\ComputerName\\ComputerName").value("ComputerName")
    assert name.data == text(box.process.environment_variable("COMPUTERNAME"))
    processors = registry.open("\\REGISTRY\\MACHINE\\HARDWARE\\DESCRIPTION\\System\\CentralProcessor").subkeys()
    assert len(processors) == box.process.options.processors


def test_values_of_the_license(box):
    name = "Kernel-MUI-Number-Allowed".encode("utf-16-le")
    string = box.alloc(len(name).to_bytes(2, "little") * 2 + bytes(4) + box.alloc(name).to_bytes(8, "little"))
    kind, data, size = box.alloc(4), box.alloc(8), box.alloc(4)
    ask = box.call.ntdll.NtQueryLicenseValue
    assert ask(string, kind, data, 3, size) == 0xC0000023
    assert (box.memory.u32(kind), box.memory.u32(size), box.memory.u32(data)) == (4, 4, 0)
    assert ask(string, 0, data, 4, size) == 0
    assert box.memory.u32(data) == 1000
    assert ask(0, kind, data, 4, size) == ask(string, kind, data, 4, 0) == 0xC000000D


def test_the_deepest_tree_is_shared_and_saved(box, registry, tmp_path):
    key = registry.create(SOFTWARE + "\\Deep")[0]
    with pytest.raises(NtError) as error:
        while True:
            key = registry.create("d", key)[0]
    assert error.value.status == STATUS_INVALID_PARAMETER
    copy = Tree()
    copy.unpack(marshal.loads(marshal.dumps(registry._tree.packed())))
    assert copy.packed() == registry._tree.packed()
    assert copy.size == registry._tree.size
    path = tmp_path / "deep.reg"
    save(box.process, copy, str(path))
    assert max(change.path.count("\\") for change in regfile.read(str(path))) == 512


def test_changes_that_are_shared_have_a_limit(box, registry, monkeypatch):
    from litebox_ntdll.executive import registry as room

    box.process.service(Children).registry = os.memfd_create("journal")
    registry._share()
    monkeypatch.setattr(room, "MOST_CHANGES", registry._journal.size + 5000)
    key = registry.create(SOFTWARE + "\\J")[0]
    with pytest.raises(NtError) as error:
        for number in range(10):
            key.set_value("v", REG_SZ, bytes([number]) * 1000)
    assert error.value.status == STATUS_REGISTRY_QUOTA_LIMIT
    assert number > 3


def test_names_that_are_no_text_are_saved(box, registry, tmp_path, capfd):
    registry.create(SOFTWARE + "\\\ud800\u2028x")[0].set_value("\udc00\x85", REG_SZ, text("v"))
    registry.create(SOFTWARE + "\\New]\n[HKEY_CURRENT_USER")
    registry.open(SOFTWARE).set_value('a"=""\r\n"b', REG_SZ, text("v"))
    path = tmp_path / "names.reg"
    save(box.process, registry._tree, str(path))
    assert regfile.read(str(path)) == [
        regfile.Change(SOFTWARE),
        regfile.Change(SOFTWARE + "\\\ud800\u2028x"),
        regfile.Change(SOFTWARE + "\\\ud800\u2028x", "\udc00\x85", REG_SZ, text("v")),
    ]
    assert "2 changes are not saved" in capfd.readouterr().err


def test_nothing_is_written_through_links(box, registry, tmp_path):
    """A program that sees the folder can guess neither the name of the new file nor put a link in its place."""
    victim, path = tmp_path / "victim", tmp_path / "kept.reg"
    victim.write_text("mine")
    (tmp_path / f"kept.reg.{os.getpid()}.tmp").symlink_to(victim)
    registry.create(SOFTWARE + "\\New")
    save(box.process, registry._tree, str(path))
    assert victim.read_text() == "mine"
    assert regfile.read(str(path)) == [regfile.Change(SOFTWARE + "\\New")]
