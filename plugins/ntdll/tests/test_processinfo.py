"""NtQueryInformationProcess and NtSetInformationProcess."""

import struct

import pytest

from litebox_core.ntstatus import (
    STATUS_ACCESS_DENIED,
    STATUS_INFO_LENGTH_MISMATCH,
    STATUS_INVALID_HANDLE,
    STATUS_INVALID_INFO_CLASS,
    STATUS_INVALID_PARAMETER,
    STATUS_PRIVILEGE_NOT_HELD,
)

THIS, THREAD = 0xFFFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFE
SIZES = {0: 48, 2: 48, 4: 32, 7: 8, 18: 2, 20: 4, 21: 8, 26: 8, 29: 4, 31: 4, 36: 4}


def query(box, kind, size, handle=THIS):
    """The status, the length and the answer."""
    buffer, length = box.narrow(64), box.narrow(4)
    status = box.call.ntdll.NtQueryInformationProcess(handle, kind, buffer, size, length)
    return status, length, box.memory.read(buffer.addr, size)


@pytest.mark.parametrize(("kind", "size"), SIZES.items())
def test_lengths(box, kind, size):
    status, length, _ = query(box, kind, size)
    assert status == 0
    assert box.memory.u32(length.addr) == size
    assert query(box, kind, size - 1)[0] == query(box, kind, size + 1)[0] == STATUS_INFO_LENGTH_MISMATCH
    assert query(box, kind, size, 0)[0] == STATUS_INVALID_HANDLE
    assert query(box, 9999, size)[0] == STATUS_INVALID_INFO_CLASS


def test_rights(box):
    k = box.call.kernel32
    pid = k.GetCurrentProcessId()
    assert query(box, 0, 48, k.OpenProcess(0x10, 0, pid))[0] == STATUS_ACCESS_DENIED
    assert query(box, 0, 48, k.OpenProcess(0x1000, 0, pid))[0] == 0
    priority = box.narrow(2)
    box.memory.write(priority.addr, b"\0\2")
    read_only = k.OpenProcess(0x1000, 0, pid)
    assert box.call.ntdll.NtSetInformationProcess(read_only, 18, priority, 2) == STATUS_ACCESS_DENIED


def test_the_cookie_stays(box):
    first = query(box, 36, 4)[2]
    assert query(box, 36, 4)[2] == first


def test_priority_class(box):
    k, change = box.call.kernel32, box.call.ntdll.NtSetInformationProcess
    assert query(box, 18, 2)[2] == b"\0\2"
    assert k.SetPriorityClass(THIS, 0x4000) == 1
    assert query(box, 18, 2)[2] == b"\0\5"
    wanted = box.narrow(2)
    box.memory.write(wanted.addr, b"\0\3")
    assert change(THIS, 18, wanted, 2) == 0
    assert k.GetPriorityClass(THIS) == 0x80
    box.memory.write(wanted.addr, b"\0\7")
    assert change(THIS, 18, wanted, 2) == STATUS_INVALID_PARAMETER
    assert change(THIS, 18, wanted, 1) == STATUS_INFO_LENGTH_MISMATCH


def test_processors(make_box):
    box = make_box()
    box.process.options.processors = 4
    k, change, mask = box.call.kernel32, box.call.ntdll.NtSetInformationProcess, box.narrow(8)
    for value, status in ((0x10, STATUS_INVALID_PARAMETER), (0, STATUS_INVALID_PARAMETER), (6, 0)):
        box.memory.put_u64(mask.addr, value)
        assert change(THIS, 21, mask, 8) == status
    assert query(box, 21, 8)[2] == struct.pack("<Q", 6)
    process, system = box.narrow(8), box.narrow(8)
    assert k.GetProcessAffinityMask(THIS, process, system) == 1
    assert (box.memory.u64(process.addr), box.memory.u64(system.addr)) == (6, 15)
    assert k.SetThreadAffinityMask(THREAD, 2) == 6
    assert k.SetThreadAffinityMask(THREAD, 1) == 0
    assert box.last_error == 87
    assert k.SetProcessAffinityMask(THIS, 15) == 1
    assert k.SetThreadAffinityMask(THREAD, 1) == 15


@pytest.mark.parametrize("head", [0, 16])
def test_stacks_are_allocated(box, head):
    change, information = box.call.ntdll.NtSetInformationProcess, box.narrow(40)
    box.memory.write(information.addr, bytes(head) + struct.pack("<QQQ", 0x100000, 0, 0))
    assert change(THIS, 41, information, head + 23) == STATUS_INFO_LENGTH_MISMATCH
    assert change(THIS, 41, information, head + 24) == 0
    info = box.memory.query(box.memory.u64(information.addr + head + 16))
    assert (info.size, info.state, info.protect, info.kind) == (0x100000, 0x2000, 0, 0x20000)
    box.memory.put_u64(information.addr + head, 1 << 60)
    assert change(THIS, 41, information, head + 24) >= 0xC0000000


def test_what_needs_a_privilege(box):
    value = box.narrow(4)
    assert box.call.ntdll.NtSetInformationProcess(THIS, 29, value, 4) == STATUS_PRIVILEGE_NOT_HELD
    assert query(box, 29, 4)[2] == bytes(4)


def test_where_the_main_thread_begins_cannot_be_changed(box):
    value = box.narrow(8)
    assert box.call.ntdll.NtSetInformationThread(THREAD, 9, value, 8) == STATUS_INVALID_PARAMETER
    assert box.call.ntdll.NtSetInformationThread(THREAD, 7, value, 1) == 0
    assert box.call.ntdll.NtQueryInformationThread(0xDEADBEEF, 17, value, 4, 0) == STATUS_INFO_LENGTH_MISMATCH
