"""A process with nothing but options, and how tests use what a service gives them."""

import os
from types import SimpleNamespace
from typing import Any

import pytest

from litebox_core.errors import NtError
from litebox_core.hosttime import HostTime

READ = 0x80100000
WRITE = 0x40100000
DELETE = 0x10000


def make_process(cwd: Any, **options: Any) -> Any:
    settings = {
        "mounts": [], "cwd": str(cwd), "program": "", "stdin": None, "stdout": None, "stderr": None, "drive_c": None,
        "handles": 1000, "handover": None,
    }  # fmt: skip
    settings.update(options)
    return SimpleNamespace(options=SimpleNamespace(**settings), time=HostTime(), random_bytes=os.urandom)


def drive(steps: Any) -> Any:
    """Runs a pausing function that does not pause."""
    with pytest.raises(StopIteration) as stopped:
        raise AssertionError(f"paused with {next(steps)}")
    return stopped.value.value


def status_of(function: Any, *args: Any) -> int:
    """The NTSTATUS that a call fails with."""
    with pytest.raises(NtError) as caught:
        function(*args)
    return caught.value.status
