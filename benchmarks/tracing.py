"""What tracing costs: one program that makes 100,000 calls, untraced and traced in each form, in one run.

``python -m benchmarks.tracing`` prints a table: seconds of the whole run, microseconds a call above the untraced one,
and the ratio to it. The rows ``off`` and ``filtered out`` differ by noise alone.
"""

import os
import subprocess
import sys
import tempfile
import time

CALLS = 100_000
ROUNDS = 3

SOURCE = """
#include <windows.h>
int main(void)
{
    LARGE_INTEGER position;
    HANDLE file = CreateFileA("calls.tmp", GENERIC_READ | GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    for (int i = 0; i < %d; i++) {
        position.QuadPart = i;
        SetFilePointerEx(file, position, &position, FILE_BEGIN);
    }
    return 0;
}
"""

ROWS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("off", ()),
    ("filtered out", ("--trace", "CreateFileA", "--trace-output", "out.txt")),
    ("summary", ("--trace", "*", "--trace-output", "summary:out.txt")),
    ("json to a file", ("--trace", "*", "--trace-output", "json:out.jsonl")),
    ("text to a file", ("--trace", "*", "--trace-output", "text:out.txt")),
    ("perfetto to a file", ("--trace", "*", "--trace-output", "perfetto:out.json")),
    ("errors only, text", ("--trace", "*,result:error", "--trace-output", "text:out.txt")),
)


def seconds(exe: str, folder: str, options: tuple[str, ...]) -> float:
    """The best of some runs."""
    taken = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-m", "litebox_core", "run", *options, exe], cwd=folder, check=True)
        taken.append(time.perf_counter() - started)
    return min(taken)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        source, exe = os.path.join(folder, "calls.c"), os.path.join(folder, "calls.exe")
        with open(source, "w", encoding="utf-8") as file:
            file.write(SOURCE % CALLS)
        subprocess.run(["x86_64-w64-mingw32-gcc", "-O1", "-o", exe, source], check=True)
        figures = [(name, seconds(exe, folder, options)) for name, options in ROWS]
    base = figures[0][1]
    print(f"{'trace':22} {'seconds':>8} {'us/call more':>13} {'ratio':>6}")
    for name, figure in figures:
        print(f"{name:22} {figure:8.2f} {(figure - base) / CALLS * 1e6:13.2f} {figure / base:6.2f}")


if __name__ == "__main__":
    main()
