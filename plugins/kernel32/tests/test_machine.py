"""Power, nodes, working sets, policies and hints about pages."""

import struct

import pytest

from litebox_core.abi import BYTE, DWORD, USHORT

BAD_LENGTH, NOT_SUPPORTED, INVALID_PARAMETER, SMALL = 24, 50, 87, 122
CONTINUOUS, SYSTEM, DISPLAY, PRESENT = 0x80000000, 1, 2, 4
CURRENT = 0xFFFFFFFFFFFFFFFF
E_INVALIDARG, NOT_FOUND = 0x80070057, 0x80070490


def test_mains_and_no_battery(box):
    status = box.alloc(12)
    assert box.call.kernel32.GetSystemPowerStatus(status)
    assert struct.unpack("<4BII", box.memory.read(status, 12)) == (1, 128, 255, 0, 0xFFFFFFFF, 0xFFFFFFFF)


def test_execution_states(box):
    change = box.call.kernel32.SetThreadExecutionState
    assert change(CONTINUOUS | SYSTEM | DISPLAY) == CONTINUOUS
    assert change(SYSTEM) == CONTINUOUS | SYSTEM | DISPLAY
    assert change(CONTINUOUS) == CONTINUOUS | SYSTEM | DISPLAY  # what is not continuous is not remembered
    for bad in (CONTINUOUS | PRESENT, 0x40, 0x10):
        assert change(bad) == 0
        assert box.last_error == INVALID_PARAMETER


def test_there_is_one_node(box):
    call, node, wide = box.call.kernel32, box.new(BYTE), box.new(USHORT)
    assert call.GetNumaProcessorNode(0, node)
    assert node.value == 0
    assert not call.GetNumaProcessorNode(0xFE, node)
    assert (node.value, box.last_error) == (0xFF, INVALID_PARAMETER)
    number = box.alloc(4)
    assert call.GetNumaProcessorNodeEx(number, wide)
    box.memory.write(number, b"\1\0\0\0")
    assert not call.GetNumaProcessorNodeEx(number, wide)
    assert (wide.value, box.last_error) == (0xFFFF, INVALID_PARAMETER)
    for name in ("GetNumaNodeProcessorMaskEx", "GetNumaAvailableMemoryNode", "GetNumaAvailableMemoryNodeEx"):
        room = box.alloc(16)
        assert getattr(call, name)(0, room)
        assert box.memory.u64(room)
        assert not getattr(call, name)(1, room)
        assert box.last_error == INVALID_PARAMETER
    assert call.VirtualAllocExNuma(CURRENT, 0, 0x1000, 0x3000, 4, 0xFFFFFFFF)
    assert not call.VirtualAllocExNuma(CURRENT, 0, 0x1000, 0x3000, 4, 1)
    assert box.last_error == INVALID_PARAMETER


def test_limits_of_the_working_set(box):
    call, sizes, flags = box.call.kernel32, box.alloc(16), box.new(DWORD)
    assert call.GetProcessWorkingSetSizeEx(CURRENT, sizes, sizes + 8, flags)
    assert flags.value == 2 | 8
    assert call.SetProcessWorkingSetSizeEx(CURRENT, 0x10001, 0x90000, 1)
    assert call.GetProcessWorkingSetSizeEx(CURRENT, sizes, sizes + 8, flags)
    assert struct.unpack("<QQ", box.memory.read(sizes, 16)) == (0x11000, 0x90000)
    assert flags.value == 1 | 8
    for least, most, bad in ((0x9000, 0x8000, 0), (0, 0x8000, 0), (0x1000, 0x8000, 3), (0x1000, 0x8000, 0x10)):
        assert not call.SetProcessWorkingSetSizeEx(CURRENT, least, most, bad)
        assert box.last_error == INVALID_PARAMETER


def test_pages_and_their_protection(box):
    call, block = box.call.kernel32, box.alloc(16)
    page = call.VirtualAlloc(0, 0x1000, 0x3000, 4)
    box.memory.write(block, struct.pack("<QQ", page + 5, 99))
    assert call.K32QueryWorkingSetEx(CURRENT, block, 16)
    assert struct.unpack("<QQ", box.memory.read(block, 16)) == (page + 5, 1 | 4 << 4)
    box.memory.write(block, struct.pack("<QQ", CURRENT, 99))
    assert call.K32QueryWorkingSetEx(CURRENT, block, 16)
    assert box.memory.u64(block + 8) == 0
    assert not call.K32QueryWorkingSetEx(CURRENT, block, 15)
    assert box.last_error == BAD_LENGTH


def test_wishes_of_a_process(box):
    call, data = box.call.kernel32, box.alloc(12)
    assert call.GetProcessInformation(CURRENT, 0, data, 4)
    assert box.memory.u32(data) == 5
    box.memory.put_u32(data, 2)
    assert call.SetProcessInformation(CURRENT, 0, data, 4)
    box.memory.put_u32(data, 6)
    assert not call.SetProcessInformation(CURRENT, 0, data, 4)
    assert call.GetProcessInformation(CURRENT, 0, data, 4)
    assert box.memory.u32(data) == 2
    for kind, size, error in ((0, 8, BAD_LENGTH), (99, 4, INVALID_PARAMETER)):
        assert not call.GetProcessInformation(CURRENT, kind, data, size)
        assert box.last_error == error
    box.memory.write(data, struct.pack("<3I", 1, 1, 1))
    assert call.SetProcessInformation(CURRENT, 4, data, 12)
    box.memory.write(data, struct.pack("<3I", 1, 1, 4))
    assert not call.SetProcessInformation(CURRENT, 4, data, 12)
    assert box.last_error == INVALID_PARAMETER


def test_groups_of_processors(box):
    count, groups = box.new(USHORT), box.alloc(2)
    count.value = 0
    assert not box.call.kernel32.GetProcessGroupAffinity(CURRENT, count, groups)
    assert (count.value, box.last_error) == (1, SMALL)
    box.memory.put_u16(groups, 9)
    assert box.call.kernel32.GetProcessGroupAffinity(CURRENT, count, groups)
    assert box.memory.u16(groups) == 0


def test_policies(box):
    call, data = box.call.kernel32, box.alloc(8)
    assert not call.GetProcessDEPPolicy(CURRENT, data, data)  # for 32-bit processes only
    assert box.last_error == NOT_SUPPORTED
    assert call.GetProcessMitigationPolicy(CURRENT, 0, data, 8)
    assert struct.unpack("<II", box.memory.read(data, 8)) == (1, 1)
    assert not call.GetProcessMitigationPolicy(CURRENT, 0, data, 4)
    assert box.last_error == INVALID_PARAMETER
    box.memory.put_u32(data, 1)
    assert call.SetProcessMitigationPolicy(8, data, 4)
    box.memory.put_u32(data, 77)
    assert call.GetProcessMitigationPolicy(CURRENT, 8, data, 4)
    assert box.memory.u32(data) == 1
    assert not call.SetProcessMitigationPolicy(0, data, 8)


def test_restarts_and_reports(box):
    call, flags = box.call.kernel32, box.new(DWORD)
    assert call.UnregisterApplicationRestart() == NOT_FOUND
    assert call.RegisterApplicationRestart("-again", 0) == 0
    assert call.UnregisterApplicationRestart() == 0
    assert call.RegisterApplicationRestart("x" * 1025, 0) == E_INVALIDARG
    assert call.WerSetFlags(4) == 0
    assert call.WerGetFlags(CURRENT, flags) == 0
    assert flags.value == 4
    assert call.WerSetFlags(0x1000) == E_INVALIDARG


@pytest.mark.parametrize("name", ["OfferVirtualMemory", "ReclaimVirtualMemory", "DiscardVirtualMemory"])
def test_hints_about_pages(box, name):
    more = (1,) if name.startswith("Offer") else ()
    hint = getattr(box.call.kernel32, name)
    page = box.call.kernel32.VirtualAlloc(0, 0x2000, 0x3000, 4)
    reserved = box.call.kernel32.VirtualAlloc(0, 0x1000, 0x2000, 4)
    assert hint(page, 0x2000, *more) == 0
    for address, size in ((page + 1, 0x1000), (page, 0x1001), (page, 0), (0, 0x1000), (reserved, 0x1000)):
        assert hint(address, size, *more) == INVALID_PARAMETER
    assert hint(page, (1 << 64) - 0x1000, *more) == INVALID_PARAMETER


def test_psapi_and_normaliz_lead_to_kernel32(box):
    assert box.address("psapi", "EnumProcesses")
    target = box.wide(10)
    assert box.call.normaliz.NormalizeString(1, "é", -1, target, 10) == 2
    assert target.text == "é"
