"""The C run-time's memory functions while another thread has locked the process heap."""

from types import SimpleNamespace

import pytest

from litebox_core.guest import Postponed
from litebox_core.services import Heaps
from litebox_msvcrt import malloc as room

OTHER = SimpleNamespace(tid=0x7770)


@pytest.fixture
def state(box):
    """What the functions are given; the heap is locked."""
    box.call.msvcrt.malloc(1)
    heap = box.process.state(room.CrtHeap, "msvcrt")
    box.block = box.call.msvcrt.malloc(100)
    box.process.service(Heaps).lock(OTHER, heap.heap)
    return heap


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("malloc", (24,)),
        ("malloc", (100_000,)),
        ("calloc", (3, 8)),
        ("free", (None,)),
        ("realloc", (None, 50)),
        ("realloc", (0, 50)),
        ("realloc", (None, 0)),
        ("_recalloc", (None, 2, 50)),
        ("_expand", (None, 50)),
        ("operator_delete", (None,)),
    ],
)
def test_all_wait_and_have_changed_nothing(box, state, name, arguments):
    given = [box.block if argument is None else argument for argument in arguments]
    before = dict(state.heaps.heap(state.heap).sizes)
    with pytest.raises(Postponed):
        getattr(room, name)(box.guest, *given, heap=state)
    assert state.heaps.heap(state.heap).sizes == before
    state.heaps.unlock(OTHER, state.heap)
    getattr(room, name)(box.guest, *given, heap=state)


def test_operator_new_waits_as_a_pausing_function_does(box, state):
    steps = room.operator_new(box.guest, 24, heap=state)
    wait = next(steps)
    assert not wait.objects[0].signaled(box.guest)
    state.heaps.unlock(OTHER, state.heap)
    assert wait.objects[0].signaled(box.guest)
    with pytest.raises(StopIteration) as end:
        steps.send(0)
    assert state.size(end.value.value) == 24
