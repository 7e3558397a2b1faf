"""``python -m benchmarks``: measures litebox, and beside it Wine and the same C built for Linux, and prints a table.

Every number is the best of several runs, all made one after the other by this command; read ratios, not numbers.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

FOLDER = os.path.dirname(os.path.abspath(__file__))
PROGRAMS = ("hello", "calls", "memory", "heap", "compute", "matrix", "processes", "threads")
WINDOWS_ONLY = ("exceptions",)
WINE_ENVIRONMENT = {"WINEDEBUG": "-all"}

Results = dict[str, float]


def wine() -> "list[str] | None":
    for command in (shutil.which("wine64"), shutil.which("wine"), "/usr/lib/wine/wine64"):
        if command and os.path.exists(command):
            return [command]
    return None


def run(command: list[str], folder: str) -> tuple[float, str, str]:
    """Seconds, standard output and standard error. Raises CalledProcessError."""
    environment = {**os.environ, **WINE_ENVIRONMENT}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    started = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return time.perf_counter() - started, done.stdout, done.stderr


def best(results: Results, name: str, value: float) -> None:
    results[name] = min(value, results.get(name, value))


def measure(prefix: list[str], suffix: str, where: str, folder: str, repeats: int) -> Results:
    """Runs the programs ``where/NAME.suffix``: nanoseconds by name."""
    results: Results = {}
    for program in (*PROGRAMS, *WINDOWS_ONLY) if suffix else PROGRAMS:
        for _ in range(repeats):
            seconds, output, _ = run([*prefix, os.path.join(where, program + suffix)], folder)
            if program == "hello":
                best(results, "process", seconds * 1e9)
            for name, value in (line.split() for line in output.splitlines() if line.count(" ") == 1):
                best(results, name, float(value))
    return results


def run_natively(litebox: list[str], program: str) -> bool:
    """Whether the native engine can be had; says why not."""
    done = subprocess.run([*litebox, "--engine", "native", program], capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stderr.strip(), file=sys.stderr)
    return not done.returncode


def measure_inside(script: str, arguments: list[str], folder: str, repeats: int) -> Results:
    results: Results = {}
    for _ in range(repeats):
        errors = run([sys.executable, os.path.join(FOLDER, script), *arguments], folder)[2]
        for name, value in json.loads(errors.strip().splitlines()[-1]).items():
            best(results, name, value)
    return results


def build_for_linux(folder: str) -> bool:
    compiler = shutil.which("gcc")
    if compiler is None:
        return False
    for program in PROGRAMS:
        source = os.path.join(FOLDER, "programs", program + ".c")
        options = ["-O1", "-fno-builtin", "-w", "-pthread", "-o", os.path.join(folder, program)]
        subprocess.run([compiler, *options, source], check=True)
    return True


def amount(nanoseconds: float) -> str:
    for size, unit in ((1e9, "s"), (1e6, "ms"), (1e3, "us")):
        if nanoseconds >= size:
            return f"{nanoseconds / size:.3g} {unit}"
    return f"{nanoseconds:.3g} ns"


def table(report: dict[str, Results]) -> str:
    """A column for each who ran the programs, and how many times longer litebox's engines took than the others."""
    columns = [name for name in ("litebox", "native", "wine", "linux") if name in report]
    others = [name for name in ("wine", "linux") if name in report]
    ratios = [(engine, other) for engine in ("litebox", "native") if engine in report for other in others]
    lines = [f"{'':24}" + "".join(f"{name:>10}" for name in columns) + "".join(f"{e}/{o}".rjust(15) for e, o in ratios)]
    for name in report["litebox"]:
        known = {who: results[name] for who, results in report.items() if name in results}
        line = f"{name:24}" + "".join(f"{amount(known[who]) if who in known else '':>10}" for who in columns)
        for engine, other in ratios:
            line += f"{known[engine] / known[other]:>15.3g}" if engine in known and other in known else " " * 15
        lines.append(line.rstrip())
    lines.append("\nuntil hello runs, milliseconds")
    lines += [f"  {stage:32}{value:8.1f}" for stage, value in report["stages"].items()]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5, help="runs of each program; the best counts (5)")
    parser.add_argument("--json", metavar="FILE", help="write all numbers there, in nanoseconds")
    parser.add_argument("--alone", action="store_true", help="litebox only")
    options = parser.parse_args()
    programs = os.path.join(FOLDER, "programs")
    report: dict[str, Results] = {}
    with tempfile.TemporaryDirectory() as folder:
        run([sys.executable, "-m", "litebox_core", "run", os.path.join(programs, "hello.exe")], folder)
        litebox = [sys.executable, "-m", "litebox_core", "run"]
        report["litebox"] = measure(litebox, ".exe", programs, folder, options.repeats)
        report["litebox"].update(measure_inside("dispatch.py", [], folder, 2))
        hello = os.path.join(programs, "hello.exe")
        if run_natively(litebox, hello):
            report["native"] = measure([*litebox, "--engine", "native"], ".exe", programs, folder, options.repeats)
        report["stages"] = measure_inside("stages.py", [hello], folder, options.repeats)
        command = wine()
        if command is not None and not options.alone:
            report["wine"] = measure(command, ".exe", programs, folder, options.repeats)
        if not options.alone and build_for_linux(folder):
            report["linux"] = measure([], "", folder, folder, options.repeats)
    print(table(report))
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(report, file, indent=1)
            file.write("\n")


if __name__ == "__main__":
    main()
