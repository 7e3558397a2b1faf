"""What an engine does for a deterministic process: the guest's time stamp counter is litebox's."""

import pytest

from litebox_core.abi import ULONGLONG

RDTSC = b"\x0f\x31\x48\xc1\xe2\x20\x48\x09\xd0\xc3"  # rdtsc; shl rdx, 32; or rax, rdx; ret
RDTSCP = b"\x0f\x01\xf9\x48\xc1\xe2\x20\x48\x09\xd0\xc3"
PREFIXED = b"\x66\x48\x0f\x31\x48\xc1\xe2\x20\x48\x09\xd0\xc3"


@pytest.mark.parametrize("code", [RDTSC, RDTSCP, PREFIXED], ids=["rdtsc", "rdtscp", "prefixed"])
def test_the_time_stamp_counter_is_the_clock_of_the_process(make_box, code):
    box = make_box(deterministic=3)
    memory, process = box.memory, box.process
    addr = memory.allocate(64, 0x40)
    memory.write(addr, code)
    before = process.time.uptime_ns() * 3
    told = process.call(addr, ret=ULONGLONG)
    assert before <= told <= process.time.uptime_ns() * 3
    assert process.call(addr, ret=ULONGLONG) - told < 1_000_000  # a virtual millisecond has more


def test_without_a_seed_it_is_the_processor_s(make_box):
    box = make_box()
    addr = box.memory.allocate(64, 0x40)
    box.memory.write(addr, RDTSC)
    first, second = (box.process.call(addr, ret=ULONGLONG) for _ in range(2))
    assert 0 < first < second
