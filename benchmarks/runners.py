"""Who runs the programs, and in which order: in turns, so that all of them meet the machine in the same moments.

The speed of one and the same loop changes by half and more from one second to the next, on a virtual machine whose
neighbours share its processors. So every round gives each runner one run of a program before anybody gets a second one,
a round begins with another runner than the one before, and the best run of each counts.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

FOLDER = os.path.dirname(os.path.abspath(__file__))
PROGRAMS = ("hello", "calls", "memory", "heap", "library", "compute", "matrix", "processes", "threads")
WINDOWS_ONLY = ("exceptions",)
WINE_ENVIRONMENT = {"WINEDEBUG": "-all"}

Results = dict[str, float]
"""Nanoseconds by row."""


@dataclass
class Runner:
    """A column of the table: ``prefix`` comes before the path of a program, whose name ends with ``suffix``."""

    name: str
    prefix: list[str]
    suffix: str = ".exe"
    results: Results = field(default_factory=dict)

    def best(self, row: str, value: float) -> None:
        self.results[row] = min(value, self.results.get(row, value))


def run(command: list[str], folder: str) -> tuple[float, str, str]:
    """Seconds, standard output and standard error. Raises CalledProcessError."""
    environment = {**os.environ, **WINE_ENVIRONMENT}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    started = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return time.perf_counter() - started, done.stdout, done.stderr


def in_turns(runners: list[Runner], rounds: int) -> Iterator[Runner]:
    """Each runner once a round, every round beginning with the next one."""
    for number in range(rounds):
        first = number % len(runners)
        yield from runners[first:] + runners[:first]


def measure(runners: list[Runner], linux: str, folder: str, rounds: int) -> None:
    """Runs all programs; those built for Linux are in the folder ``linux``."""
    for program in (*PROGRAMS, *WINDOWS_ONLY):
        able = [r for r in runners if r.suffix or program in PROGRAMS]
        for runner in in_turns(able, rounds):
            where = os.path.join(FOLDER, "programs") if runner.suffix else linux
            seconds, output, _ = run([*runner.prefix, os.path.join(where, program + runner.suffix)], folder)
            if program == "hello":
                runner.best("process", seconds * 1e9)
            for name, value in (line.split() for line in output.splitlines() if line.count(" ") == 1):
                runner.best(name, float(value))


def wine() -> Runner | None:
    for command in (shutil.which("wine64"), shutil.which("wine"), "/usr/lib/wine/wine64"):
        if command and os.path.exists(command):
            return Runner("wine", [command])
    return None


def engines(program: str) -> list[Runner]:
    """litebox's engines; says why where the native one cannot be had."""
    litebox = [sys.executable, "-m", "litebox_core", "run"]
    native = [*litebox, "--engine", "native"]
    done = subprocess.run([*native, program], capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stderr.strip(), file=sys.stderr)
        return [Runner("litebox", litebox)]
    return [Runner("litebox", litebox), Runner("native", native)]


def linux(folder: str) -> Runner | None:
    """Builds the programs for Linux into a folder; None without a compiler."""
    compiler = shutil.which("gcc")
    if compiler is None:
        return None
    for program in PROGRAMS:
        source = os.path.join(FOLDER, "programs", program + ".c")
        options = ["-O1", "-fno-builtin", "-w", "-pthread", "-o", os.path.join(folder, program)]
        subprocess.run([compiler, *options, source], check=True)
    return Runner("linux", [], "")


def repeated(runner: Runner, rounds: int, once: Callable[[], Results]) -> None:
    """The best of several runs of something that only one runner does."""
    for _ in range(rounds):
        for name, value in once().items():
            runner.best(name, value)
