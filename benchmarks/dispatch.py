"""The cost of one call of a function with four arguments: stub, trap, dispatcher, marshaller and back, in nanoseconds.

Run by ``python -m benchmarks`` in a fresh interpreter. The guest code is a loop that does nothing but call.
"""

import json
import sys
import time

from litebox_core.abi import DWORD, PVOID, SIZE_T
from litebox_core.config import Options
from litebox_core.dll import Dll
from litebox_core.guest import Guest
from litebox_core.hookspecs import hookimpl
from litebox_core.process import Process

COUNT, ROUNDS = 2_000, 40

LOOP = bytes.fromhex(
    "5356 4883ec28 4889cb 4889d6"  # push rbx; push rsi; sub rsp, 40; mov rbx, rcx; mov rsi, rdx
    "b901000000 ba02000000 41b803000000 41b904000000"  # again: mov ecx, 1; mov edx, 2; mov r8d, 3; mov r9d, 4
    "ffd6 48ffcb 75e3"  # call rsi; dec rbx; jnz again
    "4883c428 5e5b c3"  # add rsp, 40; pop rsi; pop rbx; ret
)

dll = Dll("bench")


@dll.export
def Four(guest: Guest, first: DWORD, second: PVOID, third: DWORD, fourth: SIZE_T) -> DWORD:
    return first


class Listener:
    """The least that a listener can do."""

    @hookimpl
    def litebox_call_exit(self, call: object) -> None:
        return None


def nanoseconds(trace: "str | None" = None) -> float:
    """The best of many short rounds, with a listener to what the filter selects, or with no tracing at all."""
    options = Options()
    with Process(options) as process:
        process.plugins.add(dll)
        if trace is not None:
            from litebox_core.trace import Tracer

            process.plugins.manager.register(Listener())
            process.dispatcher.trace_of = Tracer(process, [trace]).of
        process.start(None)
        module = process.loader.load_now("bench.dll", None)
        target = process.loader.procedure(module, "Four")
        loop = process.code(LOOP)
        process.call(loop, 10, target)
        rounds = []
        for _ in range(ROUNDS):
            started = time.perf_counter()
            process.call(loop, COUNT, target)
            rounds.append((time.perf_counter() - started) / COUNT * 1e9)
    return min(rounds)


if __name__ == "__main__":
    print(json.dumps({"dispatch": nanoseconds(), "dispatch-traced": nanoseconds("bench!*")}), file=sys.stderr)
