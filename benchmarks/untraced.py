"""What tracing costs that is not used: calls without the tracing code, with it and off, and with it and filtered out.

``python -m benchmarks.untraced [ROUNDS]`` runs each in fresh interpreters, in turns, and prints nanoseconds a call and
the ratio to `without`: the median over the rounds, each of which compares what ran one after the other. The row
`without again` is the same as `without`: how far its ratio is from 1 is what this machine's noise does.
"""

import os
import statistics
import subprocess
import sys
from importlib.abc import MetaPathFinder
from typing import Any

ROUNDS = 25
FOLDER = os.path.dirname(os.path.abspath(__file__))
ROWS = ("without", "off", "filtered out", "without again")


class NoTracing(MetaPathFinder):
    """Lets nobody import the trace package."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        if name.split(".")[:2] == ["litebox_core", "trace"]:
            raise ImportError(f"{name}: not in this run")


def measure(row: str) -> float:
    """Nanoseconds a call, in this interpreter."""
    if row.startswith("without"):
        sys.meta_path.insert(0, NoTracing())
    sys.path.insert(0, FOLDER)
    from dispatch import nanoseconds

    from litebox_core.abi import marshal

    if row.startswith("without"):  # nor can a traced marshaller be made
        del marshal._Plan._traced
    return nanoseconds("bench!NoSuchFunction" if row == "filtered out" else None)


def main(rounds: int) -> None:
    figures: dict[str, list[float]] = {row: [] for row in ROWS}
    for number in range(rounds):
        for row in ROWS if number % 2 else reversed(ROWS):  # neither always comes first
            command = [sys.executable, os.path.abspath(__file__), "--inside", row]
            figures[row].append(float(subprocess.run(command, capture_output=True, check=True, text=True).stdout))
    print(f"{'tracing':16} {'ns/call':>8} {'ratio':>6} {'middle half':>13}")
    for row in ROWS:
        ratios = sorted(mine / base for mine, base in zip(figures[row], figures["without"], strict=True))
        low, high = ratios[rounds // 4], ratios[-1 - rounds // 4]
        print(f"{row:16} {min(figures[row]):8.0f} {statistics.median(ratios):6.3f} {low:6.3f}-{high:.3f}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--inside"]:
        print(measure(sys.argv[2]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
