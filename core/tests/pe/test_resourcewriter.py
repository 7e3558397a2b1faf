"""Changing the resources of an image file."""

import struct
from pathlib import Path

import pytest

from litebox_core import pe
from litebox_core.pe.headers import DIR_RESOURCE
from litebox_core.pe.resourcewriter import Entry, Tree, read_tree, replaced

ROOT = Path(__file__).parents[3]
WITH, WITHOUT = ROOT / "plugins/user32/tests/strings.exe", ROOT / "tests/programs/c/hello.exe"
"""A program with resources, and relocations behind them; and one without."""


def parsed(data: bytes) -> pe.Image:
    return pe.parse(data, "test.dll")


def changed(image: pe.Image, tree: Tree) -> pe.Image:
    return parsed(replaced(image, tree))


TREE: Tree = {
    10: {"NAME": {0x409: Entry(b"one", 1252), 0x407: Entry(b"zwei")}, 7: {0: Entry(bytes(9000))}},
    "OWN": {1: {0: Entry(b"")}},
}


@pytest.mark.parametrize("path", [WITH, WITHOUT])
def test_what_was_written_is_read(path: Path) -> None:
    image = parsed(path.read_bytes())
    new = changed(image, TREE)
    assert read_tree(new) == TREE
    assert [s.name for s in new.sections if s.name != ".rsrc"] == [s.name for s in image.sections if s.name != ".rsrc"]
    assert new.entry_rva == image.entry_rva
    assert new.size_of_image % new.section_alignment == 0


def test_nothing_changes_what_was_there() -> None:
    image = parsed(WITH.read_bytes())
    tree = read_tree(image)
    assert tree
    again = changed(image, tree)
    assert read_tree(again) == tree
    assert read_tree(changed(again, {})) == {}


def test_sections_behind_it_make_room() -> None:
    """The relocations stay what they are, though they lie elsewhere."""
    image = parsed(WITH.read_bytes())
    place = next(i for i, s in enumerate(image.sections) if s.rva == image.directories[DIR_RESOURCE].rva)
    behind = image.sections[place + 1 :]
    new = changed(image, {10: {1: {0: Entry(bytes(100_000))}}})
    assert behind
    for old in behind:
        section = next(s for s in new.sections if s.name == old.name)
        assert section.rva > old.rva
        size = min(old.raw_size, old.virtual_size)
        assert new.at(section.rva, size, "") == image.at(old.rva, size, "")
    assert new.directories[5].rva == new.sections[place + 1].rva  # the base relocations


def test_what_stands_behind_the_image_stays() -> None:
    image = parsed(WITH.read_bytes() + b"appended")
    assert replaced(image, TREE).endswith(b"appended")


def test_headers_without_room_are_refused() -> None:
    data = bytearray(WITHOUT.read_bytes())
    image = parsed(bytes(data))
    struct.pack_into("<I", data, image.nt_offset + 24 + 108, 2)  # NumberOfRvaAndSizes
    with pytest.raises(pe.ImageError):
        replaced(parsed(bytes(data)), TREE)
