"""Hostile arguments to every function of every DLL: a Windows error, a guest exception, never a failure of litebox."""

import itertools
import os
import random
import resource
import signal
import time
import zlib
from collections.abc import Iterator
from typing import Any

import pytest

from litebox_core.config import Options
from litebox_core.crash import Crash
from litebox_core.dll import Export
from litebox_core.plugins import Plugins
from litebox_core.scheduler import Deadlock, ProcessExit, ThreadExit, TimeLimit
from litebox_core.testing import Box, make_options

DLLS = (
    "ntdll", "kernel32", "kernelbase", "msvcrt", "ucrtbase", "vcruntime140", "ws2_32", "mswsock", "advapi32", "bcrypt",
    "bcryptprimitives", "shell32", "version", "winmm", "user32",
)  # fmt: skip
AREA, AREAS = 0x10000, 6
WAIT, SECONDS, MEGABYTES = 0.05, 2.0, 300
ENDINGS = (Crash, ProcessExit, ThreadExit, Deadlock, TimeLimit)
"""How a hostile call may end besides returning."""

NAN, INF = float("nan"), float("inf")
MIXTURES = 16
"""How many vectors drawn at random each function gets besides the listed ones; the draw is the same every time."""
SAMPLE = int(os.environ.get("LITEBOX_TEST_HOSTILE_SAMPLE", "25"))
"""One vector in so many is tried, others for each function. 1 tries all, which takes some minutes."""
SIZES = (0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 1 << 40)
TEXTS = (
    "a\\", "..\\", "*", "?*a", "%", "%s", "%1!9", "%999999999d", "(", "(A;", "(A;;;;;WD)", "O:", "D:", "P", "[a]\n",
    "a=1\n", "=", " ", '"', '\\"', ",", ";", "-", ".", ":", "'", "y", "d ", "0", "9", "+1", "e9", "\n", "\t", "\x7f",
    "\u0301", "\u0130", "\ufb03", "\ud800", "\udc00", "\U0001f600",
)  # fmt: skip
"""What long texts repeat: each is something that some function takes apart."""
_DESCRIPTOR = "O:BAG:BAD:(A;;FA;;;WD)S:(AU;SA;FA;;;WD)"


class Hang(BaseException):
    """A call took longer than SECONDS of the processor."""


def _hang(*_: Any) -> None:
    raise Hang


def _watch(seconds: float) -> None:
    """Has Hang raised after so much time of the processor, and after much more of the clock; 0: not any more."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, 30 * seconds)


class Attacker:
    """A box, and the arguments that it is attacked with. The box is made anew when a call has damaged it."""

    def __init__(self, folder: str) -> None:
        self.options: Options = make_options(folder)
        self.options.network = "loopback"
        self.options.stdin = os.open(os.devnull, os.O_RDWR)
        self.options.stdout = self.options.stderr = self.options.stdin
        self.box: Box | None = None

    def close(self) -> None:
        self.discard()
        os.close(self.options.stdin)

    def discard(self) -> None:
        if self.box is not None:
            self.box.close()
            self.box = None

    def prepare(self) -> Box:
        """A box whose areas of memory are there."""
        if self.box is None:
            self.box = Box(self.options)
            self.areas: list[int] = []
        memory = self.box.memory
        while len(self.areas) < AREAS or not all(memory.accessible(a, AREA, 2) for a in self.areas):
            self.areas = [memory.allocate(AREA) for _ in range(AREAS)]
            self.edge = memory.reserve(0x10000).base
            memory.commit(memory.allocation_at(self.edge), self.edge, self.edge + 0x1000, 4)
            self.edge += 0xFFF
        return self.box

    def open_handles(self, dll: str) -> None:
        """Handles of all kinds that a DLL deals with; what an attack before has closed is there again."""
        box = self.prepare()
        box.process.scheduler.deadline = None
        call = box.call.kernel32
        ends = box.alloc(16)
        call.CreatePipe(ends, ends + 8, 0, 0)
        self.handles = [
            call.CreateEventW(0, 0, 0, None),
            call.CreateFileW("attacked", 0xC0000000, 7, None, 4, 0, 0),
            *((1 << 64) - 1 - number for number in range(4)),
            1,
            call.CreateFileW(".", 0x80000000, 7, None, 3, 0x02000000, 0),
            call.CreateFileW("NUL", 0xC0000000, 7, None, 3, 0, 0),
            call.CreateFileMappingW((1 << 64) - 1, 0, 4, 0, 0x1000, None),
            call.GetStdHandle(0xFFFFFFF5),
            box.memory.u64(ends),
            box.memory.u64(ends + 8),
            call.CreateMutexW(0, 0, None),
        ]
        if dll in ("ws2_32", "mswsock"):
            self.handles[:0] = self.sockets(box)
        elif dll == "advapi32":
            self.handles[:0] = self.secured(box)
        elif dll == "bcrypt":
            self.handles[:0] = self.hashes(box)
        elif dll in ("kernel32", "kernelbase", "ntdll"):
            self.handles += self.others(box)

    def sockets(self, box: Box) -> list[int]:
        """A socket that listens, one that is connected to it, one for datagrams, and new ones."""
        call = box.call.ws2_32
        call.WSAStartup(0x202, box.alloc(408))
        made = [call.socket(2, kind, 0) for kind in (1, 1, 2, 1, 2)]
        name, size = box.alloc(b"\2\0\0\0\x7f\0\0\1" + bytes(8)), box.alloc(b"\x10\0\0\0")
        for one in (made[0], made[2]):
            call.bind(one, name, 16)
        call.listen(made[0], 5)
        call.getsockname(made[0], name, size)
        call.connect(made[1], name, 16)
        return made

    def secured(self, box: Box) -> list[int]:
        """Two keys of the registry, two tokens, a provider, hashes, a SID, and a security descriptor's address."""
        call, out = box.call.advapi32, box.alloc(8)

        def made(done: int) -> int:
            return box.memory.u64(out)

        return [
            made(call.RegCreateKeyExW(0x80000001, "Attacked", 0, None, 0, 0xF003F, 0, out, 0)),
            0x80000001,
            made(call.OpenProcessToken((1 << 64) - 1, 0xF01FF, out)),
            made(call.DuplicateToken(box.memory.u64(out), 2, out)),
            made(call.CryptAcquireContextW(out, None, None, 24, 0xF0000000)),
            made(call.CryptCreateHash(box.memory.u64(out), 0x8004, 0, 0, out)),
            made(call.ConvertStringSidToSidW("S-1-5-32-544", out)),
            made(call.ConvertStringSecurityDescriptorToSecurityDescriptorW(_DESCRIPTOR, 1, out, 0)),
            0x80000002,
        ]

    def hashes(self, box: Box) -> list[int]:
        """An algorithm, one with a key, and a hash of each."""
        call, out, made = box.call.bcrypt, box.alloc(8), []
        for flags, secret in ((0, 0), (8, 3)):
            call.BCryptOpenAlgorithmProvider(out, "SHA256", None, flags)
            made.append(box.memory.u64(out))
            call.BCryptCreateHash(made[-1], out, 0, 0, box.alloc(b"key"), secret, 0)
            made.append(box.memory.u64(out))
        return made

    def others(self, box: Box) -> list[int]:
        """What only KERNEL32 and NTDLL make."""
        call, here = box.call.kernel32, (1 << 64) - 1
        return [
            call.CreateSemaphoreW(0, 1, 2, None), call.CreateWaitableTimerW(0, 0, None), call.HeapCreate(0, 0, 0),
            call.CreateIoCompletionPort(here, 0, 0, 0), call.CreateJobObjectW(0, None), call.GetStdHandle(0xFFFFFFF6),
            call.FindFirstFileW("*", box.alloc(600)), call.FindFirstChangeNotificationW(".", 1, 1),
            call.CreateNamedPipeW("\\\\.\\pipe\\attacked", 0x40000003, 0, 5, 0, 0, 0, 0), call.GetModuleHandleW(None),
            call.CreateThreadpoolWork(box.address("kernel32", "Sleep"), 0, 0), call.GetModuleHandleW("kernel32"),
        ]  # fmt: skip

    def vectors(self, kinds: str) -> Iterator[tuple[str, list[int | float], bytes]]:
        """``(name, arguments, what the memory repeats)`` for parameters: ``p`` pointer, ``n`` number, ``f`` float."""

        def make(pointers: Any, numbers: Any, floats: Any) -> list[int | float]:
            sources = {"p": itertools.cycle(pointers), "n": itertools.cycle(numbers), "f": itertools.cycle(floats)}
            return [next(sources[kind]) for kind in kinds]

        ones = (1 << 64) - 1
        zero, text, full = b"\0", b"A", b"\xff"
        inner = self.areas[1].to_bytes(8, "little")
        yield "zeros", make([0], [0], [0.0]), zero
        yield "ones", make([ones], [ones], [NAN]), zero
        yield "small", make([1, 2, 3], [1, 2, 3, 4], [INF]), zero
        yield "pointers", make(self.areas, self.areas, [-INF]), zero
        yield "pointers to A", make(self.areas, self.areas, [3e38]), text
        yield "memory", make(self.areas, [1, 2, 3], [-3e38]), zero
        yield "memory, no numbers", make(self.areas, [0], [1.0]), zero
        yield "memory of A", make(self.areas, [0x40, 0x10, 7], [5e-324]), text
        yield "memory of ones", make(self.areas, [0, 0x20], [-0.5]), full
        yield "memory of pointers", make(self.areas, [8, 0x1000], [2.0]), inner
        yield "memory of small numbers", make(self.areas, [4, 0x100], [0.5]), b"\2\0\0\0"
        yield "edge", make([self.edge], [self.edge], [NAN, 1.0]), zero
        yield "edge and size", make([self.edge], [0x1000], [INF, NAN]), zero
        yield "handles", make(self.areas, self.handles, [1.0, INF]), zero
        for handle in self.handles:
            yield f"handle {handle:#x}", make([handle, *self.areas], [2, 0x20, 0], [-0.0]), zero
        for size in SIZES:
            yield f"size {size:#x}", make(self.areas, [size], [float(size)]), text
            yield f"size {size:#x}, first a handle", make([self.handles[1], *self.areas], [size], [0.0]), zero
        for text_of in TEXTS:
            for encoding in ("utf-16-le", "utf-8"):
                fill = text_of.encode(encoding, "surrogatepass")
                name = f"{encoding} of {text_of!r}"
                yield name, make(self.areas, [AREA // 2, 0x10, 3], [7.5]), fill
                yield f"a handle, {name}", make([self.handles[0], *self.areas], [1, AREA], [0.25]), fill
        choice = random.Random(repr(kinds))
        pointers = [0, 1, ones, self.edge, self.edge - 1, 1 << 63, *self.areas, *self.areas, *self.handles]
        numbers = [0, 1, 2, 3, 4, 5, 6, 8, 9, 12, 16, 24, 32, 48, 64, 256, 4096, 0xFFFF, ones, 1 << 63, *SIZES]
        for number in range(MIXTURES):
            fill = choice.choice([zero, zero, text, full, inner, b"\1\0\0\0\0\0\0\0", b"A\0", b"A\0=\0B\0\0\0", b"%s"])
            args = [choice.choice(pointers if kind == "p" else numbers) if kind != "f" else choice.uniform(-9, 9)
                    for kind in kinds]  # fmt: skip
            yield f"mixture {number}", args, fill


def kinds_of(export: Export) -> str:
    signature = export.signature
    assert signature is not None
    kinds = ""
    for param in signature.params:
        if param.kind == "scalar":
            handle = param.scalar.name in ("PVOID", "HANDLE") or not param.scalar.size
            kinds += "f" if param.scalar.kind == "f" else "p" if handle and "size" not in param.name.lower() else "n"
        else:
            kinds += "ppppp" if param.kind == "varargs" else "p"
    return kinds


def functions() -> dict[str, list[Export]]:
    """The functions of all DLLs by the module that holds them, each once."""
    plugins = Plugins(Options())
    seen: set[tuple[Any, bool]] = set()
    found: dict[str, list[Export]] = {}
    for name in DLLS:
        choice = plugins.choose(name + ".dll")
        assert choice is not None and choice.dll is not None, name
        for export in choice.dll.exports.values():
            if export.kind == "function" and (export.fn, export.ansi) not in seen:
                seen.add((export.fn, export.ansi))
                found.setdefault(f"{name}-{export.module}", []).append(export)
    return found


FUNCTIONS = functions()


@pytest.fixture
def attacker(tmp_path: Any) -> Iterator[Attacker]:
    made = Attacker(str(tmp_path))
    former = [(number, signal.signal(number, _hang)) for number in (signal.SIGALRM, signal.SIGPROF)]
    yield made
    _watch(0)
    for number, handler in former:
        signal.signal(number, handler)
    made.close()


def attack(attacker: Attacker, name: str, export: Export) -> list[str]:
    """Calls one function with all vectors; what went wrong."""
    failures = []
    kinds = kinds_of(export)
    attacker.open_handles(name)
    vectors, areas = list(attacker.vectors(kinds))[: None if kinds else 1], attacker.areas
    for number in range(zlib.crc32(export.name.encode()) % SAMPLE if kinds else 0, len(vectors), SAMPLE):
        box = attacker.prepare()
        if attacker.areas is not areas:
            attacker.open_handles(name)
            vectors, areas = list(attacker.vectors(kinds)), attacker.areas
        vector, args, pattern = vectors[number]
        fill = (pattern * AREA)[: AREA - 2] + b"\0\0"
        for area in attacker.areas:
            box.memory.write(area, fill)
        box.memory.write(attacker.edge, pattern[:1])
        floats = [p.scalar.size if p.kind == "scalar" and p.scalar.kind == "f" else 0 for p in export.signature.params]
        memory, problem = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, ""
        guest = box.guest
        try:
            address = box.address(name, export.name)
            box.process.scheduler.deadline = time.monotonic() + WAIT
            _watch(SECONDS)
            try:
                box.invoke(address, tuple(args), None, floats)
            finally:
                _watch(0)
        except Crash:
            guest.frames.clear()
        except (ProcessExit, ThreadExit, Deadlock, TimeLimit):
            attacker.discard()
        except (Exception, Hang) as error:
            at = error.__traceback__
            while at is not None and at.tb_next is not None:
                at = at.tb_next
            where = f"{os.path.basename(at.tb_frame.f_code.co_filename)}:{at.tb_lineno}" if at else ""
            problem = f"{type(error).__name__}: {str(error)[:80]} ({where})"
            attacker.discard()
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory) // 1024
        if grown > MEGABYTES:
            problem += f" grew by {grown} MB"
        if problem:
            failures.append(f"{export.name}, {vector}: {problem}")
        if attacker.box is not None and (len(box.process.threads) != 1 or box.process.scheduler.ready):
            attacker.discard()
    return failures


@pytest.mark.parametrize("room", sorted(FUNCTIONS))
def test_functions_survive_hostile_arguments(attacker: Attacker, room: str) -> None:
    dll = room.partition("-")[0]
    failures = [failure for export in FUNCTIONS[room] for failure in attack(attacker, dll, export)]
    assert not failures, "\n".join(failures)
