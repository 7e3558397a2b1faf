"""Ctrl-C and its kin: handlers, signals of the C run-time, groups, and the end of who does not listen."""

import os
import signal
import subprocess
import sys
import time

import pytest

from litebox_core.testing import program

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "programs")


@pytest.fixture(autouse=True)
def _listening():
    """What started the tests may ignore signals, as a shell does for what runs in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler), signal.signal(signal.SIGQUIT, signal.SIG_DFL)
    yield
    for number, handler in zip((signal.SIGINT, signal.SIGQUIT), before, strict=True):
        signal.signal(number, handler)


@pytest.fixture
def start(tmp_path):
    """Starts the program and waits until it says that it is ready."""
    running = []

    def begin(what):
        command = [sys.executable, "-m", "litebox_core", "run", program(FOLDER, "control.c"), what]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path)
        running.append(process)
        assert process.stdout.readline() == "ready\n"
        return process

    yield begin
    for process in running:
        process.kill()
        process.communicate()


def expect(process, *lines):
    for line in lines:
        assert process.stdout.readline() == line + "\n"


def test_the_latest_handler_is_asked_first(start):
    process = start("handlers")
    process.send_signal(signal.SIGINT)
    expect(process, "second handler: event 0", "first handler: event 0", "wait: 0")
    process.send_signal(signal.SIGQUIT)
    expect(process, "second handler: event 1", "first handler: event 1", "wait: 0")
    assert process.wait(60) == 8


def test_a_signal_of_the_run_time_is_caught_once(start):
    process = start("signal")
    process.send_signal(signal.SIGINT)
    expect(process, "signal 2", "wait: 0")
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 130


def test_a_program_that_computes_is_reached(start):
    process = start("busy")
    process.send_signal(signal.SIGINT)
    expect(process, "first handler: event 0")
    assert process.wait(60) == 5


def test_nobody_listens(start):
    process = start("idle")
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 130


def test_who_ignores_one_is_ended_by_three(start):
    process = start("ignore")
    for _ in range(3):
        process.send_signal(signal.SIGINT)
        time.sleep(0.1)
    assert process.wait(60) == 130


def test_who_ignores_one_is_ended_by_a_termination(start):
    process = start("ignore")
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 128 + signal.SIGTERM


@pytest.mark.parametrize(("what", "code", "output"), [
    ("self", 6, "generated: 1\nfirst handler: event 1\nwait: 0\nno such event: 0\nsignal 21\nwait: 0\n"),
    ("child", 7, "second handler: event 1\nto the child's group: 1\nchild: 0xc000013a\nto nobody: 0\n"),
])  # fmt: skip
def test_generated_events(tmp_path, what, code, output):
    command = [sys.executable, "-m", "litebox_core", "run", program(FOLDER, "control.c"), what]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=100, check=False)
    assert (done.returncode, done.stdout) == (code, output)
