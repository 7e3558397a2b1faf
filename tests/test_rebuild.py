"""The built programs are what their sources say: a program built now does the same as the one in the repository."""

import json
import os
import sys

import pytest

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "programs")
sys.path.insert(0, FOLDER)

from catalogue import PROGRAMS, build  # noqa: E402
from outcome import comparable, lacking, litebox, run  # noqa: E402

GAPS = ("cpp/exceptions",)
"""What does not run yet: test_programs says why."""


@pytest.mark.parametrize("program", [pytest.param(p, id=p.name) for p in PROGRAMS if p.name not in GAPS])
def test_rebuilt_program_behaves_the_same(program, tmp_path):
    exe = tmp_path / os.path.basename(program.exe)
    try:
        build(program, str(exe))
    except LookupError as error:
        pytest.skip(str(error))
    if not program.cases:  # Wine cannot say what it does; other tests do
        return
    folder = tmp_path / "work"
    folder.mkdir()
    outcome = run(litebox(program, str(exe)), str(folder), program.cases[0])
    if lacking(outcome):
        pytest.skip(lacking(outcome))
    with open(program.expected, encoding="utf-8") as file:
        assert comparable(outcome) == json.load(file)[0], outcome["stderr"]
