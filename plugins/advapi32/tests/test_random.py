"""SystemFunction036, better known as RtlGenRandom."""


def test_fills_the_buffer_and_no_more(box):
    addr = box.alloc(64)
    assert box.call.advapi32.SystemFunction036(addr, 32) == 1
    assert box.memory.read(addr, 32) != bytes(32)
    assert box.memory.read(addr + 32, 32) == bytes(32)


def test_no_bytes(box):
    assert box.call.advapi32.SystemFunction036(0, 0) == 1
