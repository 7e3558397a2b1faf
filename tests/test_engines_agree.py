"""Both engines show the same: a deterministic run of one thread has the same output and the same trace on each.

What may differ is time, which unicorn counts in blocks of instructions and a processor does not, and where code of the
engine's own kind answers (``Engine.code``).
"""

import json
import os
import subprocess
import sys

import pytest

from litebox_core.tracefiles.stable import VARYING

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "programs"))

from catalogue import PROGRAMS

TIMES = ("t", "dur", "waited")
ONE_THREAD_ONLY = "the program starts a second thread"


def run(folder, engine, program, case):
    """A run in an empty folder, which has the same path each time."""
    trace, work = os.path.join(folder, f"{engine}.jsonl"), os.path.join(folder, "work")
    os.mkdir(work)
    words = ["--engine", engine, "--deterministic", "1", "--trace", "*", "-o", f"json:{trace}", "--timeout", "100"]
    for name, value in case.env.items():
        words += ["--env", f"{name}={value}"]
    done = subprocess.run(
        [sys.executable, "-m", "litebox_core", "run", *words, program, *case.args],
        input=case.stdin, cwd=work, capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    os.rename(work, os.path.join(folder, engine))
    with open(trace, encoding="utf-8") as file:
        return done, [json.loads(line) for line in file]


def settled(records):
    """The records without what a clock has to do with, and without what registers held by chance."""
    for record in records:
        for name in TIMES:
            record.pop(name, None)
        record.pop("raw", None)
        if record.get("function", "").lower() in VARYING:
            for name in ("args", "out", "result"):
                record.pop(name, None)
        yield record


THE_PROCESSORS = ("c/processor", "c/avx")
"""Programs that ask what the processor is: that is what an engine differs in."""
CASES = [
    (program, case)
    for program in PROGRAMS
    for case in program.cases[:1]
    if program.name not in THE_PROCESSORS and not program.network  # the host decides when something comes
]


@pytest.mark.parametrize(("program", "case"), CASES, ids=[program.name for program, _ in CASES])
def test_same_output_and_same_trace(program, case, tmp_path):
    folder = str(tmp_path)
    native, theirs = run(folder, "native", program.exe, case)
    if native.returncode == 2 and ONE_THREAD_ONLY in native.stderr.decode():
        return
    if any(record.get("function", "").startswith("CreateProcess") for record in theirs):
        return  # its children may have threads; tests/test_programs.py runs it on each engine
    unicorn, ours = run(folder, "unicorn", program.exe, case)
    assert (native.returncode, native.stdout, native.stderr) == (unicorn.returncode, unicorn.stdout, unicorn.stderr)
    assert list(settled(theirs)) == list(settled(ours))


def test_enough_of_them_are_compared():
    names = {program.name for program, _ in CASES}
    assert {"c/hello", "c/files", "c/printf", "cpp/exceptions", "msvc/seh", "ucrt/tour", "rust/tour"} <= names
