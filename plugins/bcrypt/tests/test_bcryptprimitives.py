"""ProcessPrng and BCryptGenRandom."""

from litebox_core.ntstatus import STATUS_INVALID_HANDLE, STATUS_INVALID_PARAMETER


def test_fills_the_buffer(box):
    addr = box.alloc(64)
    assert box.call.bcryptprimitives.ProcessPrng(addr, 32) == 1
    assert box.memory.read(addr, 32) != bytes(32)
    assert box.memory.read(addr + 32, 32) == bytes(32)


def test_two_calls_differ(box):
    first, second = box.alloc(16), box.alloc(16)
    box.call.bcryptprimitives.ProcessPrng(first, 16)
    box.call.bcryptprimitives.ProcessPrng(second, 16)
    assert box.memory.read(first, 16) != box.memory.read(second, 16)


def test_no_bytes_are_none(box):
    assert box.call.bcryptprimitives.ProcessPrng(0, 0) == 1


def test_gen_random_from_the_system(box):
    addr = box.alloc(64)
    assert box.call.bcrypt.BCryptGenRandom(0, addr, 32, 2) == 0
    assert box.memory.read(addr, 32) != bytes(32)
    assert box.memory.read(addr + 32, 32) == bytes(32)


def test_gen_random_wants_a_generator(box):
    addr = box.alloc(16)
    assert box.call.bcrypt.BCryptGenRandom(0, addr, 16, 0) == STATUS_INVALID_HANDLE
    assert box.call.bcrypt.BCryptGenRandom(0x1234, addr, 16, 0) == STATUS_INVALID_HANDLE
    assert box.call.bcrypt.BCryptGenRandom(0x81, addr, 16, 2) == STATUS_INVALID_PARAMETER
    assert box.call.bcrypt.BCryptGenRandom(0, 0, 16, 2) == STATUS_INVALID_PARAMETER
    assert box.memory.read(addr, 16) == bytes(16)
