"""Looks for inputs that make a function of a Windows program fault: ``python samples/fuzz.py --engine native``.

The program runs to the function once. From there on each input is written into its memory, the function runs until it
returns, ends the program or faults, and the process is restored.
"""

import argparse
import os
import random
import time

import litebox_core

PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "parser.exe")
ROOM = 4096
"""How many bytes the program's buffer takes."""


def changed(data: bytes, chance: random.Random) -> bytes:
    """The input with one to four bytes replaced, taken away or put in."""
    made = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(made))
        made[at : at + chance.randrange(2)] = chance.randbytes(chance.randrange(3))
        if not made:
            made += b"\0"
    return bytes(made[:ROOM])


def fuzz(engine: str, runs: int, seed: int = 1) -> "tuple[dict[int, bytes], float]":
    """The inputs that fault, by the address where they first do, and how many were tried in a second."""
    chance, faults = random.Random(seed), dict[int, bytes]()
    with litebox_core.load(PROGRAM, stdout=None, engine=engine) as process:
        debugger, memory = process.debugger, process.memory
        stop = debugger.until(address="parse")  # parse(rcx: data, rdx: size)
        data, size = stop.registers["rcx"], stop.registers["rdx"]
        first = memory.read(data, size)
        debugger.breakpoints.add(memory.pointer(stop.registers["rsp"]))  # where it returns to
        snapshot = process.snapshot()
        began = time.perf_counter()
        for _ in range(runs):
            tried = changed(first, chance)
            memory.write(data, tried)
            debugger.registers()["rdx"] = len(tried)
            stop = debugger.until(event="fault")
            if stop.reason == "event":
                faults.setdefault(stop.address, tried)
            process.restore(snapshot)
        return faults, runs / (time.perf_counter() - began)


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    words.add_argument("--engine", default="unicorn")
    words.add_argument("--runs", type=int, default=2000)
    given = words.parse_args()
    faults, speed = fuzz(given.engine, given.runs)
    for address, data in faults.items():
        print(f"{address:#x}: {data!r}")
    print(f"{len(faults)} places in {given.runs} runs, {speed:.0f} runs a second")


if __name__ == "__main__":
    main()
