"""Waiting for threads of the guest, when Python's own exceptions come between."""

import os
import subprocess

import pytest

from litebox_core.testing import make_options
from litebox_engine_native import engine, kernel, layout


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


def test_a_guest_whose_host_has_gone_ends(tmp_path):
    """Its parent may be killed before the guest asks to be traced: nobody would ever let it go on."""
    path = tmp_path / "loader"
    path.write_bytes(layout.loader(os.getpid() + 1))  # not the one that starts it
    path.chmod(0o700)
    ended = subprocess.run([str(path)], timeout=20, check=False, env={})
    assert ended.returncode == 0
