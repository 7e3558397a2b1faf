"""Pages."""


def test_a_part_of_an_allocation_cannot_be_released(box):
    k = box.call.kernel32
    base = k.VirtualAlloc(0, 0x4000, 0x3000, 4)
    for arguments in ((base, 0x1000, 0x8000), (base, 0x4000, 0x8000), (base + 0x1000, 0x1000, 0x8000)):
        assert k.VirtualFree(*arguments) == 0
        assert box.last_error == 87
        assert k.VirtualFreeEx(0xFFFFFFFFFFFFFFFF, *arguments) == 0
        assert box.last_error == 87
    assert k.VirtualFree(base, 0, 0x8000) == 1
