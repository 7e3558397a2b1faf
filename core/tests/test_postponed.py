"""Plain functions that ask to be called again after a wait."""

import json

import pytest

from litebox_core.abi import BOOL, DOUBLE, DWORD, PVOID, MayWait, Out, Struct, prototype
from litebox_core.dll import Dll
from litebox_core.errors import WinError
from litebox_core.guest import Guest, Postponed, Wait
from litebox_core.process import DllState
from litebox_core.testing import make_options
from litebox_core.trace import start_tracing

lab = Dll("lab")
CALLS = pytest.StashKey[int]()
"""How many calls the trace shows, if there is one."""


class TRIPLE(Struct):
    a: PVOID = 0
    b: PVOID = 0
    c: PVOID = 0


class Patience(DllState):
    """How often a function still has to wait."""

    left = 0

    def use(self, guest: Guest) -> None:
        if self.left:
            self.left -= 1
            raise Postponed(Wait((), guest.process.monotonic() + 0.002))


@lab.export
def Sum(guest: Guest, a: DWORD, b: DWORD, made: Out[DWORD], *, patience: Patience) -> MayWait[BOOL]:
    patience.use(guest)
    made.value = a + b
    return True


@lab.export
def Nothing(guest: Guest, *, patience: Patience) -> MayWait[None]:
    patience.use(guest)


@lab.export
def Half(guest: Guest, number: DOUBLE, *, patience: Patience) -> MayWait[DOUBLE]:
    patience.use(guest)
    return number / 2


@lab.export
def Three(guest: Guest, a: PVOID, *, patience: Patience) -> MayWait[TRIPLE]:
    patience.use(guest)
    return TRIPLE(a=a, b=a + 1, c=a + 2)


@lab.export
def Fails(guest: Guest, code: DWORD, *, patience: Patience) -> MayWait[BOOL]:
    patience.use(guest)
    raise WinError(code)


@lab.export
def Unsaid(guest: Guest, *, patience: Patience) -> BOOL:
    patience.use(guest)
    return True


@pytest.fixture(params=["untraced", "traced"])
def waiting(request, make_box, tmp_path):
    """A box and how often its functions wait."""
    options = make_options(str(tmp_path))
    if request.param == "traced":
        options.trace, options.trace_outputs = ["lab!*"], [f"json:{tmp_path / 't'}"]
    box = make_box(options)
    box.process.plugins.add(lab)
    tracing = start_tracing(box.process)
    yield box, box.process.state(Patience, "lab")
    if tracing is not None:
        tracing.close()
        records = (tmp_path / "t").read_text().splitlines()
        calls = [r for r in map(json.loads, records) if r["event"] == "call"]
        assert len(calls) == request.node.stash.get(CALLS, len(calls)), "a call that waits is one call all the same"


@pytest.mark.parametrize("times", [0, 1, 3])
def test_the_function_is_called_again(request, waiting, times):
    box, patience = waiting
    patience.left = times
    made = box.alloc(8)
    assert box.call.lab.Sum(3, 4, made) == 1
    assert box.memory.u32(made) == 7
    assert not patience.left
    request.node.stash[CALLS] = 1


def test_results_of_all_kinds(waiting):
    box, patience = waiting
    patience.left = 2
    box.call.lab.Nothing()
    assert not patience.left
    patience.left = 2
    assert box.call.lab.Half(5.0) == 2.5
    patience.left = 2
    three = box.alloc(24)
    assert box.call.lab.Three(three, 7) == three
    assert [box.memory.u64(three + at) for at in (0, 8, 16)] == [7, 8, 9]


def test_errors_are_reported_as_ever(waiting):
    box, patience = waiting
    patience.left = 2
    assert box.call.lab.Fails(87) == 0
    assert box.last_error == 87


def test_who_waits_says_so(waiting):
    box, patience = waiting
    patience.left = 1
    with pytest.raises(Postponed):
        box.call.lab.Unsaid()


def test_the_prototype_is_the_same():
    def waits(guest: Guest, a: DWORD) -> MayWait[DWORD]: ...
    def plain(guest: Guest, a: DWORD) -> DWORD: ...
    def nothing(guest: Guest) -> MayWait[None]: ...
    def structure(guest: Guest) -> MayWait[TRIPLE]: ...

    assert prototype(waits).ret is prototype(plain).ret
    assert prototype(waits).waits
    assert not prototype(plain).waits
    assert not prototype(waits).pauses
    assert prototype(nothing).ret is None
    assert prototype(structure).ret is TRIPLE
