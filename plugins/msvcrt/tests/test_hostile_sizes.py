"""Sizes that no buffer has: the answer is an error or a fault of the guest, and it comes at once."""

import pytest

from litebox_core.crash import Crash

PAGE_READONLY = 2


def test_a_drive_beyond_z_has_no_directory(box):
    for drive in (27, 0x7FFFFFFF, -1, -65):
        assert box.call.msvcrt._getdcwd(drive, box.alloc(300), 300) == 0


def test_strcat_s_of_overlapping_texts_stops_where_memory_ends(box):
    block = box.memory.reserve(0x10000)
    box.memory.commit(block, block.base, block.base + 0x1000, 4)
    text = block.base
    box.memory.write(text, b"A" * 64)
    with pytest.raises(Crash) as crash:
        box.call.msvcrt.strcat_s(text, 1 << 40, text + 8)
    assert crash.value.code == 0xC0000005


def test_a_width_of_two_gigabytes_is_an_error(box):
    buffer = box.alloc(64)
    assert box.call.msvcrt._snprintf(buffer, 0x7FFFFFFF, b"%2147483647d", 1) == -1
    assert box.memory.read(buffer, 1) == b"\0"


def test_qsort_of_memory_that_cannot_be_written_faults(box):
    array = box.memory.allocate(0x1000, PAGE_READONLY)
    with pytest.raises(Crash) as crash:
        box.call.msvcrt.qsort(array, 4, 4, array)
    assert crash.value.code == 0xC0000005


def test_a_file_is_no_pipe(box):
    file = box.call.kernel32.CreateFileW("file", 0xC0000000, 0, None, 2, 0, None)
    assert box.call.kernel32.PeekNamedPipe(file, 0, 0, 0, 0, 0) == 0
    assert box.last_error == 1  # ERROR_INVALID_FUNCTION
