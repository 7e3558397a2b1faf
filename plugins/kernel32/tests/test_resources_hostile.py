"""Resource directories and updates that are to cost the host much."""

import shutil
import struct
import tracemalloc
from pathlib import Path

import pytest

from litebox_core.errors import WinError
from litebox_core.winerror import ERROR_NOT_ENOUGH_MEMORY, ERROR_RESOURCE_LANG_NOT_FOUND
from litebox_kernel32 import resourceupdate
from litebox_kernel32.resources import Directory

SAMPLE = Path(__file__).parents[3] / "samples" / "hello.exe"
HIGH, RT_RCDATA = 0x80000000, 10


def table(*rows: tuple[int, int], named: int = 0) -> bytes:
    body = b"".join(struct.pack("<II", *row) for row in rows)
    return struct.pack("<IIHHHH", 0, 0, 0, 0, named, len(rows) - named) + body


def test_names_that_all_entries_share(box):
    """Of 30000 languages each has the same name of 30000 characters: they are not all kept."""
    top, names, languages, text = 0, 0x40, 0x80, 0x80000
    root = box.memory.allocate(0x100000)
    box.memory.write(root + top, table((1, HIGH | names)))
    box.memory.write(root + names, table((1, HIGH | languages)))
    box.memory.write(root + languages, table(*[(HIGH | text, 0x70000)] * 30000, named=30000))
    box.memory.write(root + text, struct.pack("<H", 30000) + "n".encode("utf-16-le") * 30000)
    directory = Directory(box.memory, root, root, None, False)
    tracemalloc.start()
    try:
        assert directory.find(1, 1, 0) == root + 0x70000
        with pytest.raises(WinError) as error:
            directory.find(1, 1, 0x409)
        assert tracemalloc.get_traced_memory()[1] < 10 << 20
    finally:
        tracemalloc.stop()
    assert error.value.code == ERROR_RESOURCE_LANG_NOT_FOUND


def test_the_language_that_fits_best(box):
    root = box.memory.allocate(0x10000)
    box.memory.write(root, table((1, HIGH | 0x40)))
    box.memory.write(root + 0x40, table((1, HIGH | 0x80)))
    box.memory.write(root + 0x80, table((7, 0x100), (0x407, 0x110), (9, 0x120), (0, 0x130)))
    find = Directory(box.memory, root, root, None, False).find
    for language, place in ((0x407, 0x110), (0x807, 0x100), (0x409, 0x120), (0x40C, 0x130), (0, 0x130)):
        assert find(1, 1, language) == root + place
    box.memory.write(root + 0x80, table((7, 0x100), (0x407, 0x110), (9, 0x120)))
    assert find(1, 1, 0) == root + 0x120
    box.memory.write(root + 0x80, table((7, 0x100), (0x407, 0x110)))
    assert find(1, 1, 0) == root + 0x100


def test_updates_have_a_limit_in_all(box, tmp_path, monkeypatch):
    """Each may be large; what they hold together counts."""
    shutil.copy(SAMPLE, tmp_path / "a.exe")
    update = box.call.kernel32.BeginUpdateResourceW("a.exe", 1)
    assert update, box.last_error
    monkeypatch.setattr(resourceupdate, "MAXIMUM_FILE", 1 << 20)
    data = box.alloc(1 << 18)
    done = [box.call.kernel32.UpdateResourceW(update, RT_RCDATA, n, 0, data, 1 << 18) for n in range(1, 6)]
    assert done == [1, 1, 1, 0, 0]
    assert box.last_error == ERROR_NOT_ENOUGH_MEMORY
    assert box.call.kernel32.EndUpdateResourceW(update, 1) == 1
