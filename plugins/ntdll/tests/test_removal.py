"""The temporary drive of a program goes, whatever the program has put there."""

import os

from litebox_ntdll.executive.removal import remove_tree


def deep(path: str, levels: int) -> None:
    """Folders within folders, deeper than any path can say."""
    os.mkdir(path)
    at = os.open(path, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir("folder", dir_fd=at)
        inner = os.open("folder", os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = inner
    os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=at))
    os.close(at)


def test_a_tree_of_any_depth(tmp_path):
    path = str(tmp_path / "c")
    deep(path, 3000)
    remove_tree(path)
    assert not os.path.lexists(path)


def test_links_are_not_followed(tmp_path):
    kept, path = tmp_path / "kept", tmp_path / "c"
    kept.mkdir()
    (kept / "mine").write_text("mine")
    (path / "in").mkdir(parents=True)
    (path / "in" / "link").symlink_to(kept)
    (path / "file").symlink_to(kept / "mine")
    remove_tree(str(path))
    assert not path.exists()
    assert (kept / "mine").read_text() == "mine"
    (tmp_path / "c").symlink_to(kept)
    remove_tree(str(path))
    assert (kept / "mine").exists()


def test_folders_that_let_nobody_write(tmp_path):
    path = tmp_path / "c"
    (path / "a" / "b" / "c").mkdir(parents=True)
    (path / "a" / "b" / "f").write_text("")
    for folder in ("a/b/c", "a/b", "a"):
        (path / folder).chmod(0o500)
    remove_tree(str(path))
    assert not path.exists()


def test_nothing_there(tmp_path):
    remove_tree(str(tmp_path / "none"))
