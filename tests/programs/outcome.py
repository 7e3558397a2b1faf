"""What a run of a program left: exit status, standard output and files, in a form that can be kept and compared."""

import os
import subprocess
import sys
from typing import Any

from catalogue import Case, Program

LACKS = 77
"""The exit status of a program that says what the processor does not have."""


def litebox(program: Program, exe: str) -> list[str]:
    """The command that runs a program's file with the engine and the network that it needs."""
    options = ["--engine", program.engine] if program.engine else []
    options += ["--network", program.network] if program.network else []
    return [sys.executable, "-m", "litebox_core", "run", *options, exe]


def lacking(outcome: dict[str, Any]) -> str:
    """What this machine's processor does not have for a program; empty where it has everything."""
    return outcome["stdout"][0].strip() if outcome["exit"] == LACKS else ""


def run(command: list[str], folder: str, case: Case, env: "dict[str, str] | None" = None) -> dict[str, Any]:
    """Runs a command line in an empty folder. Raises TimeoutExpired."""
    completed = subprocess.run(
        [*command, *case.args],
        input=case.stdin,
        capture_output=True,
        cwd=folder,
        env={**os.environ, **(env or {}), **case.env},
        timeout=120,
        check=False,
    )
    return {
        "args": list(case.args),
        "exit": completed.returncode,
        "stdout": lines(completed.stdout),
        "files": files(folder),
        "stderr": completed.stderr.decode("utf-8", "replace"),
    }


def lines(data: bytes) -> list[str]:
    return data.decode("utf-8", "backslashreplace").split("\n")


def files(folder: str) -> dict[str, list[str]]:
    """Every file below the folder with its content, and every empty folder."""
    found: dict[str, list[str]] = {}
    for base, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        if not folders and not names and base != folder:
            found[os.path.relpath(base, folder) + "/"] = []
        for name in names:
            path = os.path.join(base, name)
            with open(path, "rb") as file:
                found[os.path.relpath(path, folder)] = lines(file.read())
    return dict(sorted(found.items()))


def comparable(outcome: dict[str, Any]) -> dict[str, Any]:
    """What two runs must have in common: all but what went to standard error, where Wine writes too."""
    return {key: value for key, value in outcome.items() if key != "stderr"}
