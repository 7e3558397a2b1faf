"""Whole programs: what they print, how they end and which files they leave, compared with what they do under Wine.

The expectations are kept in ``programs/expected``, so that no Wine is needed; where it is installed, the tests named
``wine`` check that it still agrees with them.
"""

import json
import os
import sys

import pytest

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "programs")
sys.path.insert(0, FOLDER)

import wine  # noqa: E402
from catalogue import PROGRAMS  # noqa: E402
from outcome import comparable, lacking, litebox, run  # noqa: E402

GAPS: dict[str, str] = {}
"""What is known not to work, and why: these tests must fail until it does."""


def runs(gaps):
    found = []
    for program in PROGRAMS:
        marks = [pytest.mark.xfail(strict=True, reason=gaps[program.name])] if program.name in gaps else []
        for number, case in enumerate(program.cases):
            found.append(pytest.param(program, number, id=f"{program.name}-{case}", marks=marks))
    return found


def expected(program, number):
    with open(program.expected, encoding="utf-8") as file:
        return json.load(file)[number]


@pytest.mark.parametrize(("program", "number"), runs(GAPS))
def test_program(program, number, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    folder = tmp_path / "work"
    folder.mkdir()
    outcome = run(litebox(program, program.exe), str(folder), program.cases[number], {"XDG_DATA_HOME": str(home)})
    skip_without(program, outcome)
    assert comparable(outcome) == expected(program, number), outcome["stderr"]


def skip_without(program, outcome):
    """Skips the test where this machine does not have what a program needs."""
    if lacking(outcome):
        pytest.skip(f"{program.name}: {lacking(outcome)}")


WINE_RACES = {"c/threadpool": 3}
"""How often Wine is asked where its own answer depends on the moment: on a busy machine its thread of registered waits
may take an event that was set after the wait was unregistered. litebox is asked once."""


@pytest.mark.skipif(wine.command() is None, reason="Wine is not installed")
@pytest.mark.parametrize(("program", "number"), runs({}))
def test_wine_agrees(program, number, tmp_path):
    for attempt in range(WINE_RACES.get(program.name, 1)):
        folder = tmp_path / str(attempt)
        folder.mkdir()
        outcome = run([*wine.command(), program.exe], str(folder), program.cases[number], wine.ENVIRONMENT)
        skip_without(program, outcome)
        if comparable(outcome) == expected(program, number):
            break
    assert comparable(outcome) == expected(program, number), outcome["stderr"]


def test_every_program_has_its_source_and_expectations():
    for program in PROGRAMS:
        assert os.path.exists(os.path.join(FOLDER, program.source))
        assert os.path.exists(program.exe)
        if not program.cases:  # another test runs it
            continue
        with open(program.expected, encoding="utf-8") as file:
            assert [outcome["args"] for outcome in json.load(file)] == [list(case.args) for case in program.cases]
