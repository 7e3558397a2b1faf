"""The host's signals: one that comes while another is handled takes nothing from it."""

import signal
from types import SimpleNamespace

import pytest

from litebox_core.cli.run import handle_interrupts
from litebox_core.control import SIGNALS, Terminated
from litebox_core.outside import Awakened, Outside


@pytest.fixture
def outside(monkeypatch):
    """Of a process that sleeps."""
    # What started the tests may ignore some, as a shell does for what runs in the background
    before = {number: signal.signal(number, signal.SIG_DFL) for number in (*SIGNALS, signal.SIGTERM)}
    process = SimpleNamespace(engine=SimpleNamespace(interrupt=lambda: None))
    process.scheduler = SimpleNamespace(outside=Outside(process))
    handle_interrupts(process)
    process.scheduler.outside._asleep = True
    yield process.scheduler.outside
    process.scheduler.outside.close()
    for number, handler in before.items():
        signal.signal(number, handler)


def test_a_termination_ends_the_process_though_an_interruption_comes_between(outside):
    handler = signal.getsignal(signal.SIGTERM)
    with pytest.raises(Terminated) as raised:
        handler(signal.SIGTERM, None)
    frame = raised.tb.tb_next.tb_frame  # the handler's own
    handler(signal.SIGINT, frame)  # raises nothing: Terminated is on its way
    assert list(outside.signals) == [signal.SIGTERM, signal.SIGINT]


def test_an_interruption_awakens(outside):
    handler = signal.getsignal(signal.SIGINT)
    with pytest.raises(Awakened):
        handler(signal.SIGINT, None)
    handler(signal.SIGINT, None)  # awake already
    assert list(outside.signals) == [signal.SIGINT, signal.SIGINT]


def test_a_termination_whose_exception_went_astray_is_remembered(outside):
    with pytest.raises(Terminated):
        signal.getsignal(signal.SIGTERM)(signal.SIGTERM, None)
    outside.process.state = lambda kind: kind(SimpleNamespace(options=SimpleNamespace(handover=None)))
    with pytest.raises(Terminated):
        outside.take_signals()
