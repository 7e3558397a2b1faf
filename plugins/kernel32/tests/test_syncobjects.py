"""Events, mutexes, semaphores, timers, threads and waits."""

from litebox_core.abi import DWORD, LONG, LONGLONG
from litebox_core.winerror import (
    ERROR_ACCESS_DENIED,
    ERROR_ALREADY_EXISTS,
    ERROR_FILE_NOT_FOUND,
    ERROR_INVALID_HANDLE,
    ERROR_INVALID_PARAMETER,
    ERROR_NOT_OWNER,
    ERROR_TOO_MANY_POSTS,
)

WAIT_TIMEOUT, WAIT_FAILED = 258, 0xFFFFFFFF
SYNCHRONIZE = 0x100000


def test_auto_reset_event(box):
    k = box.call.kernel32
    event = k.CreateEventW(0, 0, 1, 0)
    assert box.last_error == 0
    assert k.WaitForSingleObject(event, 0) == 0
    assert k.WaitForSingleObject(event, 0) == WAIT_TIMEOUT
    assert k.SetEvent(event) == 1
    assert k.WaitForSingleObject(event, 0xFFFFFFFF) == 0


def test_manual_reset_event(box):
    k = box.call.kernel32
    event = k.CreateEventW(0, 1, 0, 0)
    assert k.WaitForSingleObject(event, 1) == WAIT_TIMEOUT
    k.SetEvent(event)
    assert [k.WaitForSingleObject(event, 0) for _ in range(2)] == [0, 0]
    k.ResetEvent(event)
    assert k.WaitForSingleObject(event, 0) == WAIT_TIMEOUT


def test_named_objects(box):
    k = box.call.kernel32
    first = k.CreateEventW(0, 1, 0, "Local\\thing")
    second = k.CreateEventA(0, 1, 0, b"thing")
    assert box.last_error == ERROR_ALREADY_EXISTS
    k.SetEvent(second)
    assert k.WaitForSingleObject(first, 0) == 0
    assert k.CreateMutexW(0, 0, "thing") == 0
    assert box.last_error == ERROR_INVALID_HANDLE
    assert k.OpenEventW(SYNCHRONIZE, 0, "THING") == 0
    assert box.last_error == ERROR_FILE_NOT_FOUND
    third = k.OpenEventW(SYNCHRONIZE, 0, "thing")
    assert k.SetEvent(third) == 0
    assert box.last_error == ERROR_ACCESS_DENIED
    for handle in (first, second, third):
        assert k.CloseHandle(handle) == 1
    assert k.OpenEventW(SYNCHRONIZE, 0, "thing") == 0


def test_mutex(box):
    k = box.call.kernel32
    mutex = k.CreateMutexW(0, 1, 0)
    assert k.WaitForSingleObject(mutex, 0) == 0
    assert k.ReleaseMutex(mutex) == 1
    assert k.ReleaseMutex(mutex) == 1
    assert k.ReleaseMutex(mutex) == 0
    assert box.last_error == ERROR_NOT_OWNER


def test_semaphore(box):
    k = box.call.kernel32
    assert k.CreateSemaphoreW(0, 2, 1, 0) == 0
    assert box.last_error == ERROR_INVALID_PARAMETER
    semaphore, former = k.CreateSemaphoreW(0, 1, 2, 0), box.new(LONG)
    assert k.WaitForSingleObject(semaphore, 0) == 0
    assert k.WaitForSingleObject(semaphore, 0) == WAIT_TIMEOUT
    assert k.ReleaseSemaphore(semaphore, 2, former) == 1
    assert former.value == 0
    assert k.ReleaseSemaphore(semaphore, 1, 0) == 0
    assert box.last_error == ERROR_TOO_MANY_POSTS


def test_waiting_for_several(box):
    k = box.call.kernel32
    first, second = k.CreateEventW(0, 0, 0, 0), k.CreateEventW(0, 0, 1, 0)
    handles = box.alloc(first.to_bytes(8, "little") + second.to_bytes(8, "little"))
    assert k.WaitForMultipleObjects(2, handles, 1, 0) == WAIT_TIMEOUT
    assert k.WaitForMultipleObjects(2, handles, 0, 0) == 1
    k.SetEvent(first)
    k.SetEvent(second)
    assert k.WaitForMultipleObjects(2, handles, 1, 0) == 0
    assert k.WaitForMultipleObjects(0, handles, 0, 0) == WAIT_FAILED
    assert box.last_error == ERROR_INVALID_PARAMETER


def test_waiting_for_nothing(box):
    k = box.call.kernel32
    assert k.WaitForSingleObject(0, 0) == WAIT_FAILED
    assert box.last_error == ERROR_INVALID_HANDLE


def test_timer(box):
    k = box.call.kernel32
    timer = k.CreateWaitableTimerW(0, 0, 0)
    assert k.SetWaitableTimer(timer, box.new(LONGLONG, -10_000), 0, 0, 0, 0) == 1
    assert k.WaitForSingleObject(timer, 5000) == 0
    assert k.WaitForSingleObject(timer, 0) == WAIT_TIMEOUT
    assert k.SetWaitableTimer(timer, box.new(LONGLONG, -(10**9)), 0, 0, 0, 0) == 1
    assert k.CancelWaitableTimer(timer) == 1
    assert k.WaitForSingleObject(timer, 0) == WAIT_TIMEOUT


def test_thread(box):
    """A thread that calls GetTickCount and ends with what it returned."""
    k = box.call.kernel32
    start, tid, code = box.address("kernel32", "GetCurrentProcessId"), box.new(DWORD), box.new(DWORD)
    thread = k.CreateThread(0, 0, start, 0, 4, tid)  # CREATE_SUSPENDED
    assert k.GetThreadId(thread) == tid.value
    assert k.WaitForSingleObject(thread, 1) == WAIT_TIMEOUT
    assert k.GetExitCodeThread(thread, code) == 1
    assert code.value == 259
    assert k.ResumeThread(thread) == 1
    assert k.WaitForSingleObject(thread, 5000) == 0
    assert k.GetExitCodeThread(thread, code) == 1
    assert code.value == box.process.pid


def test_thread_abandons_its_mutex(box):
    k = box.call.kernel32
    mutex = k.CreateMutexW(0, 0, 0)
    wait = box.address("kernel32", "WaitForSingleObject").to_bytes(8, "little")
    # sub rsp, 40; mov edx, 0; mov rax, wait; call rax; add rsp, 40; ret
    code = box.process.code(bytes.fromhex("4883ec28ba0000000048b8") + wait + bytes.fromhex("ffd04883c428c3"))
    thread = k.CreateThread(0, 0, code, mutex, 0, 0)
    assert k.WaitForSingleObject(thread, 5000) == 0
    assert k.WaitForSingleObject(mutex, 0) == 0x80
    assert k.ReleaseMutex(mutex) == 1
    assert k.WaitForSingleObject(mutex, 0) == 0


def test_user_apc(box):
    k = box.call.kernel32
    called = box.alloc(8)
    code = box.process.code(b"\x48\xb8" + called.to_bytes(8, "little") + b"\x48\x89\x08\xc3")  # mov [called], rcx
    assert k.QueueUserAPC(code, -2, 77) == 1
    assert k.SleepEx(0, 0) == 0
    assert box.memory.u64(called) == 0
    assert k.SleepEx(10_000, 1) == 0xC0
    assert box.memory.u64(called) == 77
