"""Third-party programs that compress a file: the rows ``compress-NAME`` of ``python -m benchmarks --compress``.

The file is made of this Python's own library and has 50 million bytes. A program is a command such as
``minigzip.exe`` or ``"bzip2.exe -k"``, to which the name of the file is added. Linux runs the program of that name
which is installed, if there is one: another build, so only Wine's column compares the same code.
"""

import os
import shlex
import shutil
import sysconfig

from .runners import Runner, in_turns, run

SIZE = 50_000_000
NAME = "data.bin"


def sample(size: int = SIZE) -> bytes:
    """Sources and compiled modules of the standard library, over again where that is not enough."""
    parts: list[bytes] = []
    left = size
    paths = [
        os.path.join(folder, name)
        for folder, folders, names in os.walk(sysconfig.get_paths()["stdlib"])
        if not folders.sort() and "site-packages" not in folder
        for name in sorted(names)
    ]
    while left > 0:
        for path in paths:
            with open(path, "rb") as file:
                parts.append(file.read(left))
            left -= len(parts[-1])
            if not left:
                break
    return b"".join(parts)


def measure(command: str, runners: list[Runner], folder: str, rounds: int) -> None:
    """Nanoseconds for a byte, by the clock on the wall, from the start of the program to its end."""
    program, *arguments = shlex.split(command)
    stem = os.path.basename(program).removesuffix(".exe")
    own = shutil.which(stem)
    able = [runner for runner in runners if (runner.suffix and runner.name != "litebox") or (own and not runner.suffix)]
    data = sample()
    for runner in in_turns(able, rounds):
        there = os.path.join(folder, "compress")
        os.mkdir(there)
        with open(os.path.join(there, NAME), "wb") as file:
            file.write(data)
        which = os.path.abspath(program) if runner.suffix else str(own)
        seconds = run([*runner.prefix, which, *arguments, NAME], there)[0]
        made = sum(entry.stat().st_size for entry in os.scandir(there) if entry.name != NAME)
        if not 0 < made < SIZE:
            raise SystemExit(f"{program}: compressed nothing under {runner.name}")
        shutil.rmtree(there)
        runner.best(f"compress-{stem}", seconds * 1e9 / SIZE)
