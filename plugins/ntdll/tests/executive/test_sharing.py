"""Which open files of one inode can be together: the whole table, and byte-range locks."""

import pytest

from litebox_core.errors import NtError
from litebox_core.ntstatus import (
    STATUS_FILE_LOCK_CONFLICT,
    STATUS_RANGE_NOT_LOCKED,
    STATUS_SHARING_VIOLATION,
)

from .support import READ, WRITE, drive, status_of

ACCESS = (READ, WRITE, READ | WRITE, 0x10000, 0x80, 0x20, 0x4)
# A bit for each first access, first sharing, second access, second sharing: 1 where the second is refused. Measured
TABLE = """
    ffffffff00ffffaaffffff00aaffffaaffff00ffaaaaaaaaff00aaaaffffffaa00ffffaaffffaa00aaffffaaffaa00ffaaaaaaaaaa00aaaa
    ffffffff00ffffccffffff00ccffffccffff00ffccccccccff00ccccffffffcc00ffffccffffcc00ccffffccffcc00ffcccccccccc00cccc
    ffffffff00ffffeeffffff00eeffffeeffff00ffeeeeeeeeff00eeeeffffffee00ffffeeffffee00eeffffeeffee00ffeeeeeeeeee00eeee
    ffffffff00fffff0ffffff00f0fffff0ffff00fff0f0f0f0ff00f0f0fffffff000fffff0fffff000f0fffff0fff000fff0f0f0f0f000f0f0
    0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000
    ffffffff00ffffaaffffff00aaffffaaffff00ffaaaaaaaaff00aaaaffffffaa00ffffaaffffaa00aaffffaaffaa00ffaaaaaaaaaa00aaaa
    ffffffff00ffffccffffff00ccffffccffff00ffccccccccff00ccccffffffcc00ffffccffffcc00ccffffccffcc00ffcccccccccc00cccc
"""


def test_share_modes(files):
    drive(files.open("f", WRITE, 7, 2, 0)[0].write(None, b"x"))
    for file in list(files.opened):
        file.release()
    bits = bin(int("1" + "".join(TABLE.split()), 16))[3:]
    wanted = iter(bits)
    for first in ACCESS:
        for share in range(8):
            held, _ = files.open("f", first, share, 1, 0)
            for second in ACCESS:
                for other in range(8):
                    try:
                        files.open("f", second, other, 1, 0)[0].release()
                        refused = "0"
                    except NtError as error:
                        assert error.status == STATUS_SHARING_VIOLATION
                        refused = "1"
                    assert refused == next(wanted), (hex(first), share, hex(second), other)
            held.release()
    assert not files.opened
    assert not files.nodes


def test_names_of_one_file_share(files, tmp_path):
    held, _ = files.open("f", READ, 1, 2, 0)
    held.link(files.full_path("g"), False)
    assert status_of(files.open, "g", WRITE, 7, 1, 0) == STATUS_SHARING_VIOLATION


@pytest.fixture
def pair(files):
    a, _ = files.open("f", READ | WRITE, 7, 2, 0)
    b, _ = files.open("f", READ | WRITE, 7, 1, 0)
    drive(a.write(None, b"hello"))
    return a, b


def test_exclusive_lock(pair):
    a, b = pair
    assert a.lock(0, 2, True)
    assert not a.lock(0, 2, True)
    assert not a.lock(1, 1, False)
    assert not b.lock(1, 5, True)
    assert b.lock(2, 2, True)
    assert drive(a.read(None, 2, 0)) == b"he"
    drive(a.write(None, b"HE", 0))
    assert status_of(drive, b.read(None, 1, 0)) == STATUS_FILE_LOCK_CONFLICT
    assert status_of(drive, b.write(None, b"x", 1)) == STATUS_FILE_LOCK_CONFLICT
    assert drive(b.read(None, 2, 2)) == b"ll"
    assert status_of(a.unlock, 0, 1) == STATUS_RANGE_NOT_LOCKED
    assert status_of(b.unlock, 0, 2) == STATUS_RANGE_NOT_LOCKED
    a.unlock(0, 2)
    assert drive(b.read(None, 1, 0)) == b"H"


def test_shared_lock_forbids_writing_even_to_its_owner(pair):
    a, b = pair
    assert a.lock(0, 2, False)
    assert b.lock(0, 2, False)
    assert not b.lock(0, 2, True)
    assert drive(b.read(None, 1, 0)) == b"h"
    assert status_of(drive, a.write(None, b"x", 0)) == STATUS_FILE_LOCK_CONFLICT


def test_closing_gives_locks_back(pair):
    a, b = pair
    assert a.lock(0, 2**62, True)
    a.release()
    assert b.lock(0, 1, True)


def test_locks_are_bounded(pair):
    a, _ = pair
    with pytest.raises(NtError):
        for i in range(5000):
            a.lock(2 * i, 1, True)
