"""ProcessPrng."""


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
