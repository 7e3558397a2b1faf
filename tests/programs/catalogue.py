"""The test programs: how each is built and which runs of it are compared."""

import os
import shutil
import subprocess
import sys
import tempfile
from typing import NamedTuple

FOLDER = os.path.dirname(os.path.abspath(__file__))


class Case(NamedTuple):
    """One run: arguments, standard input, and variables that are added to the environment."""

    args: tuple[str, ...] = ()
    stdin: bytes = b""
    env: dict[str, str] = {}  # noqa: RUF012

    def __str__(self) -> str:
        return "-".join(self.args) or "plain"


class Program(NamedTuple):
    """A source file below this folder, and its runs."""

    source: str
    cases: tuple[Case, ...] = (Case(),)
    engine: str = ""
    """The one engine that has what it needs; empty: any."""
    network: str = ""
    """What its sockets reach, as for ``--network``; empty: as without that option."""

    @property
    def name(self) -> str:
        """Such as ``c/hello``; also the name of the expectations."""
        return os.path.splitext(self.source)[0]

    @property
    def exe(self) -> str:
        return os.path.join(FOLDER, self.name + ".exe")

    @property
    def expected(self) -> str:
        return os.path.join(FOLDER, "expected", self.name.replace("/", "-") + ".json")


_HOW = ("noexcept", "uncaught", "nothing", "destructor", "thread", "often")
"""Ways in which a program with exceptions ends, besides the ordinary one."""
_SET = {"SAMPLE_VALUE": "a value"}
_LINES = b"first line\r\nsecond\n\r\nfour with a \x1a in it\r\n"

PROGRAMS = (
    Program("c/hello.c"),
    Program("c/heapthreads.c"),
    Program("c/heaplocks.c"),
    Program("c/globalmemory.c"),
    Program(
        "c/arguments.c",
        (
            Case(),
            Case(("one", "two words", "", 'quo"te', "back\\slash\\", 'both\\"', "*.none"), env=_SET),
        ),
    ),
    Program("c/files.c"),
    Program("c/streams.c"),
    Program("c/crtlocales.c"),
    Program("c/directories.c"),
    Program("c/strings.c"),
    Program("c/printf.c"),
    Program("c/matherr.c"),
    Program("c/scanf.c", (Case(stdin=b"1 2\r\n-3\n\tx7 y"), Case(stdin=b""))),
    Program("c/time.c"),
    Program("c/memory.c"),
    Program("c/threads.c"),
    Program("c/threadpool.c"),
    Program("c/poolobjects.c"),
    Program("c/fibers.c"),
    Program("c/modules.c"),
    Program("c/actctx.c"),
    Program("c/images.c"),
    Program("c/echo.c", tuple(Case((mode,), _LINES) for mode in ("text", "binary", "lines", "windows"))),
    Program(
        "c/exit.c",
        (
            *(Case(("return", code)) for code in ("0", "3", "259", "0xC0000005")),
            *(
                Case((how, "7"))
                for how in ("exit", "_exit", "process", "terminate", "thread", "other", "abort", "raise")
            ),
        ),
    ),
    Program("c/sort.c"),
    Program("c/jump.c"),
    Program("c/context.c"),
    Program("c/processor.c"),
    Program("c/watch.c"),
    Program("c/avx.c", engine="native"),
    Program("c/sockets.c"),
    Program("c/sids.c"),
    Program("c/tokens.c"),
    Program("c/descriptors.c"),
    Program("c/hashes.c"),
    Program("c/tcp.c", network="loopback"),
    Program("c/datagrams.c", network="loopback"),
    Program("c/overlapped.c", network="loopback"),
    Program("c/socketchildren.c", network="loopback"),
    Program("c/processes.c"),
    Program("c/remote.c"),
    Program("c/registry.c"),
    Program("c/folders.c"),
    Program("c/spawning.c"),
    Program("c/namedpipes.c"),
    Program("c/inherited.c"),
    Program("c/jobs.c"),
    Program("c/nestedjobs.c"),
    Program("c/debugged.c"),
    Program("c/debugevents.c"),
    Program("c/locales.c"),
    Program("c/inifiles.c"),
    Program("c/changes.c"),
    Program("c/machine.c"),
    Program("c/bytetext.c"),
    Program("c/identifiers.c"),
    Program("c/pathwords.c"),
    Program("c/resourceupdate.c"),
    Program("cpp/containers.cpp", (Case(stdin=b"one\r\ntwo"), Case(("more",)))),
    Program("cpp/exceptions.cpp"),
    Program("cpp/threads.cpp"),
    Program("cpp/filesystem.cpp"),
    Program("cpp/unwinding.cpp", (Case(), *(Case((how,)) for how in _HOW))),
    Program("msvc/throwing.cpp", (Case(), *(Case((how,)) for how in ("noexcept", "destructor", "uncaught", "many")))),
    Program("msvc/crossing.cpp"),
    Program("msvc/compact.cpp"),
    Program("msvc/casting.cpp"),
    Program("msvc/seh.cpp"),
    Program("msvc/leaving.cpp"),
    Program("msvc/replacing.cpp"),
    Program("msvc/looping.cpp", ()),  # test_hostile_unwinding.py runs it
    Program("msvc/translating.cpp", (Case(), Case(("often",)))),
    Program("rust/hello.rs"),
    Program("rust/tour.rs", (Case(stdin=b"line one\r\nrest"), Case(("a", "b c", ""), b"", _SET))),
    Program("rust/files.rs"),
    Program("rust/unwinding.rs", (Case(), Case(("main",)), Case(("often",)))),
    Program("ucrt/tour.c", (Case(stdin=b"a\r\nb\n"), Case(("x", "y z"), env=_SET))),
    Program("ucrt/threads.cpp"),
    Program("ucrt/seh.cpp"),
    Program("ucrt/overflow.cpp", ()),  # Wine dies of it
    Program("ucrt/unwinding.cpp", (Case(), *(Case((how,)) for how in _HOW))),
)


def compiler(language: str) -> "list[str] | None":
    """The command line that builds programs of this folder, without source and output; None where it is not there."""
    if language == "rust":
        # rustup's rustc may stand first and know only its own targets; the distribution's is in /usr/bin.
        for rustc in ("/usr/bin/rustc", shutil.which("rustc")):
            if rustc and os.path.exists(rustc) and _knows_windows(rustc):
                options = "--target x86_64-pc-windows-gnu -C opt-level=s -C lto -C strip=symbols"
                return [rustc, *options.split(), "--edition", "2021", "--remap-path-prefix", FOLDER + "=."]
        return None
    if language == "ucrt":
        if not _has_zig():
            return None
        return [sys.executable, "-m", "ziglang", "cc", "-target", "x86_64-windows-gnu", "-O1", "-s"]
    posix = shutil.which("x86_64-w64-mingw32-g++-posix")  # of Debian's two the one that has std::thread
    if language == "cpp" and posix:
        return [posix, "-O1", "-s", "-static", "-Wall"]
    command = shutil.which("x86_64-w64-mingw32-" + ("g++" if language == "cpp" else "gcc"))
    return [command, "-O1", "-s", "-static", "-Wall", "-Wno-format", "-Wno-unknown-pragmas"] if command else None


def _has_zig() -> bool:
    return subprocess.run([sys.executable, "-c", "import ziglang"], capture_output=True, check=False).returncode == 0


def _knows_windows(rustc: str) -> bool:
    where = [rustc, "--print", "target-libdir", "--target", "x86_64-pc-windows-gnu"]
    found = subprocess.run(where, capture_output=True, text=True, check=False)
    return found.returncode == 0 and os.path.isdir(found.stdout.strip())


MSVC = (
    "clang --target=x86_64-pc-windows-msvc -O1 -std=c++17 -fms-extensions -fexceptions -fcxx-exceptions -fno-builtin "
    "-fno-threadsafe-statics -Wall -Wno-exceptions"
)

ASYNCHRONOUS = ("msvc/translating.cpp",)
"""Compiled with exceptions of the processor as C++ exceptions, which clang before 15 cannot: with zig's."""

LINKED = ("/timestamp:0",)


def build_msvc(program: Program, output: str) -> None:
    """Builds a program for the Microsoft ABI: only the names of what it imports come from outside of its folder."""
    if not all(shutil.which(tool) for tool in ("clang", "lld-link", "llvm-dlltool")):
        raise LookupError(f"no compiler for {program.source}")
    folder = os.path.join(FOLDER, "msvc")
    with tempfile.TemporaryDirectory() as made:
        inputs = []
        for source in ("msvc/runtime.cpp", program.source):
            inputs.append(os.path.join(made, os.path.basename(source) + ".obj"))
            command = MSVC.split()
            if source in ASYNCHRONOUS:
                if not _has_zig():
                    raise LookupError(f"no compiler for {program.source}")
                command = [sys.executable, "-m", "ziglang", *command, "-fasync-exceptions"]
            subprocess.run([*command, "-c", "-o", inputs[-1], os.path.join(FOLDER, source)], check=True)
        for dll in ("vcruntime140", "vcruntime140_1", "ucrtbase", "msvcrt", "kernel32"):
            inputs.append(os.path.join(made, dll + ".lib"))
            names = os.path.join(folder, dll + ".def")
            subprocess.run(["llvm-dlltool", "-m", "i386:x86-64", "-d", names, "-l", inputs[-1]], check=True)
        options = ["/nologo", "/entry:start", "/subsystem:console", "/nodefaultlib", *LINKED, "/out:" + output]
        subprocess.run(["lld-link", *options, *inputs], check=True)


_OPTIONS = {
    **{f"c/{name}": ["-lws2_32"] for name in ("sockets", "tcp", "datagrams", "overlapped", "socketchildren")},
    "c/folders": ["-lole32"],
    "c/hashes": ["-lbcrypt"],
    "c/identifiers": ["-lole32", "-loleaut32", "-lrpcrt4", "-luuid"],
    "c/bytetext": ["-lcrypt32"],
    "c/machine": ["-lpsapi"],
    "c/pathwords": ["-lshlwapi"],
    "rust/unwinding": ["-C", "panic=unwind"],
    "cpp/unwinding": ["-w"],  # what it does is what compilers warn of
    "ucrt/unwinding": ["-w"],
    "ucrt/seh": ["-w", "-fms-extensions"],
    "ucrt/overflow": ["-w", "-fms-extensions", "-Wl,--stack,524288"],
}


def build(program: Program, output: str) -> None:
    """Builds one program. Raises LookupError without its compiler, CalledProcessError when it does not compile."""
    if program.source.startswith("msvc/"):
        build_msvc(program, output)
        return
    command = compiler(program.source.split("/")[0])
    if command is None:
        raise LookupError(f"no compiler for {program.source}")
    if program.source.startswith("ucrt/") and program.source.endswith(".cpp"):
        command = ["c++" if part == "cc" else part for part in command]
    more = _OPTIONS.get(program.name, ["-C", "panic=abort"] if program.source.startswith("rust/") else [])
    subprocess.run([*command, "-o", output, os.path.join(FOLDER, program.source), *more], check=True)


def chosen(names: list[str]) -> list[Program]:
    """The programs of these names, or all."""
    return [p for p in PROGRAMS if not names or p.name in names]
