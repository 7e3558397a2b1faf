"""``python -m benchmarks``: measures litebox, and beside it Wine and the same C built for Linux, and prints a table.

Every number is the best of several runs, which all took turns; read ratios, not numbers.
"""

import argparse
import functools
import json
import os
import sys
import tempfile

from . import compression
from .runners import FOLDER, Results, Runner, engines, linux, measure, repeated, run, wine


def inside(script: str, arguments: list[str], folder: str) -> Results:
    """What a script that measures litebox from within printed."""
    errors = run([sys.executable, os.path.join(FOLDER, script), *arguments], folder)[2]
    found: Results = json.loads(errors.strip().splitlines()[-1])
    return found


def amount(nanoseconds: float) -> str:
    for size, unit in ((1e9, "s"), (1e6, "ms"), (1e3, "us")):
        if nanoseconds >= size:
            return f"{nanoseconds / size:.3g} {unit}"
    return f"{nanoseconds:.3g} ns"


def table(runners: list[Runner], stages: Results) -> str:
    """A column for each who ran the programs, and how many times longer litebox's engines took than the others."""
    by_name = {runner.name: runner.results for runner in runners}
    others = [name for name in ("wine", "linux") if name in by_name]
    ratios = [(engine, other) for engine in ("litebox", "native") if engine in by_name for other in others]
    lines = [f"{'':24}" + "".join(f"{name:>10}" for name in by_name) + "".join(f"{e}/{o}".rjust(15) for e, o in ratios)]
    for row in dict.fromkeys(row for results in by_name.values() for row in results):
        known = {who: results[row] for who, results in by_name.items() if row in results}
        line = f"{row:24}" + "".join(f"{amount(known[who]) if who in known else '':>10}" for who in by_name)
        for engine, other in ratios:
            line += f"{known[engine] / known[other]:>15.3g}" if engine in known and other in known else " " * 15
        lines.append(line.rstrip())
    lines.append("\nuntil hello runs, milliseconds")
    lines += [f"  {stage:32}{value:8.1f}" for stage, value in stages.items()]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=9, help="rounds, in each of which everybody runs once (9)")
    parser.add_argument("--compress", action="append", default=[], metavar="COMMAND",
                        help="a program for Windows that compresses the file whose name is added")  # fmt: skip
    parser.add_argument("--json", metavar="FILE", help="write all numbers there, in nanoseconds")
    parser.add_argument("--alone", action="store_true", help="litebox only")
    options = parser.parse_args()
    hello = os.path.join(FOLDER, "programs", "hello.exe")
    with tempfile.TemporaryDirectory() as folder:
        run([sys.executable, "-m", "litebox_core", "run", hello], folder)
        runners = engines(hello)
        if not options.alone:
            runners += [runner for runner in (wine(), linux(folder)) if runner is not None]
        measure(runners, folder, folder, options.repeats)
        for command in options.compress:
            compression.measure(command, runners, folder, options.repeats)
        repeated(runners[0], 2, functools.partial(inside, "dispatch.py", [], folder))
        stages = Runner("stages", [])
        repeated(stages, options.repeats, functools.partial(inside, "stages.py", [hello], folder))
    print(table(runners, stages.results))
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump({runner.name: runner.results for runner in (*runners, stages)}, file, indent=1)
            file.write("\n")


if __name__ == "__main__":
    main()
