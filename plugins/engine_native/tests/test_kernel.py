"""Waiting for threads of the guest, when Python's own exceptions come between."""

import os

import pytest

from litebox_core.testing import make_options
from litebox_engine_native import engine, kernel


@pytest.fixture
def native(make_box, tmp_path):
    options = make_options(str(tmp_path))
    options.engine = "native"
    return make_box(options)


def test_a_stop_whose_report_went_astray(native, monkeypatch):
    """The wait is over, and a signal's handler raises before anybody has looked at what it returned."""
    halted = []

    class Os:
        WIFSTOPPED = staticmethod(os.WIFSTOPPED)

        @staticmethod
        def waitpid(tid, flags):
            os.waitpid(tid, flags)
            raise KeyboardInterrupt

    def stop_of(tid):
        halted.append(kernel_stop_of(tid))
        return halted[-1]

    kernel_stop_of = kernel.stop_of
    native.call.kernel32.GetTickCount()
    with monkeypatch.context() as patched:
        patched.setattr(engine, "os", Os)
        patched.setattr(kernel, "stop_of", stop_of)
        with pytest.raises(KeyboardInterrupt):
            native.call.kernel32.GetTickCount()
    assert halted == [kernel.SYSCALL_STOP]
