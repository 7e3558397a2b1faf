"""Locks in the program's memory, as far as one thread can tell."""

import struct

import pytest

from litebox_core.winerror import ERROR_INVALID_PARAMETER, ERROR_TIMEOUT


def section(box, addr):
    return struct.unpack("<qiiQQQ", box.memory.read(addr, 40))


def test_critical_section_layout(box):
    k = box.call.kernel32
    cs = box.alloc(40)
    k.InitializeCriticalSectionAndSpinCount(cs, 4000)
    assert section(box, cs) == (-1, -1, 0, 0, 0, 4000)
    k.EnterCriticalSection(cs)
    k.EnterCriticalSection(cs)
    assert section(box, cs) == (-1, -2, 2, box.guest.tid, 0, 4000)
    k.LeaveCriticalSection(cs)
    assert k.TryEnterCriticalSection(cs) == 1
    k.LeaveCriticalSection(cs)
    k.LeaveCriticalSection(cs)
    assert section(box, cs) == (-1, -1, 0, 0, 0, 4000)
    k.DeleteCriticalSection(cs)
    assert box.memory.read(cs, 40) == bytes(40)


def test_critical_section_of_another_thread_is_not_entered(box):
    k = box.call.kernel32
    cs = box.alloc(40)
    k.InitializeCriticalSection(cs)
    box.memory.write(cs + 8, struct.pack("<iiQ", -2, 1, box.guest.tid + 4))
    assert k.TryEnterCriticalSection(cs) == 0


def test_srw_lock_values(box):
    k = box.call.kernel32
    lock = box.alloc(8)
    k.AcquireSRWLockShared(lock)
    assert k.TryAcquireSRWLockShared(lock) == 1
    assert box.memory.u64(lock) == 0x21
    assert k.TryAcquireSRWLockExclusive(lock) == 0
    k.ReleaseSRWLockShared(lock)
    k.ReleaseSRWLockShared(lock)
    assert box.memory.u64(lock) == 0
    k.AcquireSRWLockExclusive(lock)
    assert box.memory.u64(lock) == 1
    assert k.TryAcquireSRWLockShared(lock) == 0
    k.ReleaseSRWLockExclusive(lock)
    assert box.memory.u64(lock) == 0


def test_condition_variable_times_out_and_takes_the_lock_back(box):
    k = box.call.kernel32
    cs, variable = box.alloc(40), box.alloc(8)
    k.InitializeCriticalSection(cs)
    k.EnterCriticalSection(cs)
    assert k.SleepConditionVariableCS(variable, cs, 1) == 0
    assert box.last_error == ERROR_TIMEOUT
    assert section(box, cs)[1:4] == (-2, 1, box.guest.tid)


@pytest.mark.parametrize("size", [0, 3, 16])
def test_wait_on_address_sizes(box, size):
    assert box.call.kernelbase.WaitOnAddress(box.alloc(16), box.alloc(16), size, 0) == 0
    assert box.last_error == ERROR_INVALID_PARAMETER


def test_wait_on_address(box):
    k = box.call.kernelbase
    value, compare = box.alloc(8), box.alloc(8)
    assert k.WaitOnAddress(value, compare, 4, 1) == 0
    assert box.last_error == ERROR_TIMEOUT
    box.memory.put_u32(value, 1)
    assert k.WaitOnAddress(value, compare, 4, 0xFFFFFFFF) == 1


def test_init_once(box):
    k = box.call.kernel32
    once, pending, context = box.alloc(8), box.alloc(4), box.alloc(8)
    assert k.InitOnceBeginInitialize(once, 1, pending, context) == 0  # INIT_ONCE_CHECK_ONLY
    assert k.InitOnceBeginInitialize(once, 0, pending, context) == 1
    assert box.memory.u32(pending) == 1
    assert k.InitOnceComplete(once, 0, 0x1232) == 0  # the low two bits are not the caller's
    assert box.last_error == ERROR_INVALID_PARAMETER
    assert k.InitOnceComplete(once, 0, 0x1230) == 1
    assert k.InitOnceBeginInitialize(once, 0, pending, context) == 1
    assert (box.memory.u32(pending), box.memory.u64(context)) == (0, 0x1230)


def test_slist(box):
    k = box.call.kernel32
    head, first, second = box.alloc(16), box.alloc(16), box.alloc(16)
    k.InitializeSListHead(head)
    assert k.InterlockedPopEntrySList(head) == 0
    assert k.InterlockedPushEntrySList(head, first) == 0
    assert k.InterlockedPushEntrySList(head, second) == first
    assert k.QueryDepthSList(head) == 2
    assert k.InterlockedPopEntrySList(head) == second
    assert k.InterlockedFlushSList(head) == first
    assert k.QueryDepthSList(head) == 0


def test_encoded_pointer(box):
    k = box.call.kernel32
    secret = k.EncodePointer(0x1234_5678)
    assert secret != 0x1234_5678
    assert k.DecodePointer(secret) == 0x1234_5678


def test_tls(box):
    k = box.call.kernel32
    indices = [k.TlsAlloc() for _ in range(70)]
    assert len(set(indices)) == 70
    assert 0 not in indices
    for index in indices:
        assert k.TlsGetValue(index) == 0
        assert box.last_error == 0
        assert k.TlsSetValue(index, index + 1) == 1
    assert [k.TlsGetValue(i) for i in indices] == [i + 1 for i in indices]
    assert box.memory.u64(box.guest.teb + 0x1480 + 8 * indices[0]) == indices[0] + 1
    for index in indices:
        assert k.TlsFree(index) == 1
    assert k.TlsFree(indices[0]) == 0
    assert box.last_error == ERROR_INVALID_PARAMETER
    assert k.TlsGetValue(64 + 1024) == 0
    assert box.last_error == ERROR_INVALID_PARAMETER


def test_fls(box):
    k = box.call.kernel32
    index = k.FlsAlloc(0)
    assert index not in (0, 0xFFFFFFFF)
    assert k.FlsSetValue(index, 5) == 1
    assert k.FlsGetValue(index) == 5
    assert k.FlsFree(index) == 1
    assert k.FlsSetValue(0, 5) == 0
    assert box.last_error == ERROR_INVALID_PARAMETER
    assert k.FlsFree(0) == 0
