"""Images of plugin DLLs: made once for as long as they are the same, and never shared where somebody watches."""

import pytest

from litebox_core.abi import DWORD
from litebox_core.dll import Dll
from litebox_core.guest import Guest
from litebox_core.testing import make_options
from litebox_core.trace import start_tracing


def twice(guest: Guest, number: DWORD) -> DWORD:
    return 2 * number


@pytest.fixture
def tool() -> Dll:
    dll = Dll("tool")
    dll.export(name="Twice")(twice)
    return dll


def image(dll: Dll):
    (found,) = dll.images.values()
    return found


def test_the_next_process_has_the_same_image(make_lab, tool):
    first, second = make_lab(tool), make_lab(tool)
    assert first.call.tool.Twice(4) == 8
    made = image(tool)
    assert second.call.tool.Twice(5) == 10
    assert image(tool) is made
    assert first.address("tool", "Twice") == second.address("tool", "Twice")
    module = second.process.loader.modules.by_name("tool.dll")
    assert module.contents() == second.memory.read(module.base, module.size)


def test_calls_are_counted_in_each_process(make_lab, tool):
    first, second = make_lab(tool, tool="stub"), make_lab(tool, tool="stub")
    first.call.tool.Twice(4)
    for lab, calls in ((first, 1), (second, 0)):
        lab.address("tool", "Twice")
        (entry,) = [e for e in lab.process.dispatcher.every_entry() if e.name == "tool!Twice"]
        assert entry.calls == calls


def test_a_function_that_comes_later_is_in_the_next_image(make_lab, tool):
    make_lab(tool).call.tool.Twice(1)
    tool.export(name="More")(twice)
    assert make_lab(tool).call.tool.More(3) == 6


def test_who_watches_has_an_image_of_his_own(make_lab, make_box, tool, tmp_path):
    options = make_options(str(tmp_path))
    options.trace, options.trace_outputs = ["tool!*"], [f"json:{tmp_path / 'trace'}"]
    box = make_box(options)
    box.process.plugins.add(tool)
    tracing = start_tracing(box.process)
    box.call.tool.Twice(1)
    tracing.close()
    assert tool.images == {}


def test_few_are_kept(make_lab, tool):
    """Each process has the DLL under an index of its own."""
    for count in range(8):
        lab = make_lab(tool)
        for _ in range(count):
            lab.process.loader.stubs.place(next(lab.process.dispatcher.every_entry()))
        assert lab.call.tool.Twice(count) == 2 * count
    assert 1 < len(tool.images) < 8


@pytest.mark.parametrize("size", [1, 64, 65, 1000, 0x10000, 0x10001])
def test_machine_code_is_placed_whole(lab, size):
    """Whatever comes before and after it."""
    place = lab.process.loader.stubs.raw
    parts = [bytes([number]) * size for number in (1, 2, 3)]
    for address, part in [(place(part), part) for part in parts]:
        assert lab.memory.read(address, size) == part
