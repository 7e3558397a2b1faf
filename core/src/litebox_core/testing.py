"""The test kit, a pytest plugin: call single exports, run whole programs, compare with Wine.

Fixtures: ``box`` (one process without a program; ``box.call.kernel32.lstrlenW("abc")``), ``make_box`` (the same with a
selection: ``make_box(ws2_32="stub")``), ``run_exe`` (a program run to its end) and ``guest_run`` (the program that
``@pytest.mark.guest("name.c")`` names, built with MinGW where it is installed).
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from .abi.pointers import Buffer, Ptr, TextBuffer, pointer_class
from .abi.scalars import Scalar
from .abi.structs import Struct
from .api import Result, run_command
from .config import Mount, Options
from .guest import Float32
from .plugins import Plugins
from .process import Process

if TYPE_CHECKING:
    from .tracefiles.records import CallRecord, Trace

POISON = 0xDEADBEEF
"""The last-error code before each call: a function that does not set it leaves it."""

_COMPILER = "x86_64-w64-mingw32-gcc"


class Box:
    """A process without a program. Strings passed to its functions become guest strings, ``str`` wide ones."""

    def __init__(self, options: Options, plugins: "Plugins | None" = None) -> None:
        self.process = Process(options, plugins)
        self.guest = self.process.start(None)
        self.memory = self.process.memory
        self.call = _Dlls(self)

    @property
    def last_error(self) -> int:
        return self.guest.last_error

    def alloc(self, content: "int | bytes | str | Struct") -> int:
        """Guest memory: of so many zero bytes, or holding bytes and a NUL, wide text and a NUL, or a structure."""
        if isinstance(content, int):
            return self.process.heaps_allocate(max(content, 1))
        if isinstance(content, str):
            data = content.encode("utf-16-le", "surrogatepass") + b"\0\0"
        elif isinstance(content, Struct):
            data = content.pack(self.process.bits)
        else:
            data = content + b"\0"
        addr = self.process.heaps_allocate(len(data))
        self.memory.write(addr, data)
        return addr

    def new(self, kind: Any, value: Any = None) -> Ptr[Any]:
        """A guest variable of a type from :mod:`litebox_core.abi`; pass it as a pointer, read its ``value``."""
        cls = pointer_class(Ptr, kind)
        made = cls(self.memory, self.process.heaps_allocate(cls.codec.sizeof(self.process.bits)))
        if value is not None:
            made.value = value
        return made

    def wide(self, count: int) -> "Wide":
        """A buffer for ``count`` UTF-16 units, filled with a pattern; ``text`` is what a function wrote."""
        return Wide(self, count, 2)

    def narrow(self, count: int) -> "Wide":
        return Wide(self, count, 1)

    def address(self, dll: str, function: str) -> int:
        """Address of an export. Raises LookupError when the DLL does not have it."""
        loader = self.process.loader
        module = loader.load_now(dll, None)
        address = loader.procedure(module, function) or loader.auto_stub(module, function)
        if not address:
            raise LookupError(f"{dll} has no {function}")
        return address

    def invoke(self, address: int, args: tuple[Any, ...], ret: "Scalar | None", floats: "list[int]") -> Any:
        """Calls a guest address."""
        self.guest.last_error = POISON
        values = [self._argument(arg, floats[i] if i < len(floats) else 0) for i, arg in enumerate(args)]
        return self.process.call(address, *values, ret=ret)

    def _argument(self, value: Any, float_size: int) -> "int | float":
        if float_size:
            return Float32(value) if float_size == 4 else float(value)
        if isinstance(value, (str, bytes, Struct)):
            return self.alloc(value)
        if isinstance(value, (Ptr, Buffer)):
            return value.addr
        return 0 if value is None else value if isinstance(value, float) else int(value)

    def close(self) -> None:
        self.process.close()


class Wide(TextBuffer):
    """A text buffer of a test."""

    __slots__ = ("unit_size",)

    def __init__(self, box: Box, count: int, unit: int) -> None:
        super().__init__(box.memory, box.process.heaps_allocate(count * unit + 16), count)
        self.unit_size = unit
        self.memory.write(self.addr, b"\xa5" * (count * unit + 16))

    @property
    def text(self) -> "str | bytes":
        return self.memory.wstr(self.addr) if self.unit_size == 2 else self.memory.cstr(self.addr)

    @property
    def untouched(self) -> bool:
        """Whether nothing was written."""
        return self.memory.read(self.addr, self.size * self.unit_size) == b"\xa5" * (self.size * self.unit_size)


class _Dlls:
    def __init__(self, box: Box) -> None:
        self._box = box

    def __getattr__(self, name: str) -> "_Functions":
        return _Functions(self._box, name)


class _Functions:
    def __init__(self, box: Box, dll: str) -> None:
        self._box, self._dll = box, dll

    def __getattr__(self, name: str) -> Callable[..., Any]:
        box = self._box
        address = box.address(self._dll, name)
        choice = box.process.plugins.choose(self._dll.lower() + ".dll")
        export = choice.dll.exports.get(name) if choice is not None else None
        signature = export.signature if export is not None else None
        ret = signature.ret if signature is not None and not isinstance(signature.ret, type) else None
        floats = [p.scalar.size if p.kind == "scalar" and p.scalar.kind == "f" else 0 for p in signature.params] \
            if signature is not None else []  # fmt: skip

        def call(*args: Any) -> Any:
            return box.invoke(address, args, ret, floats)

        return call

    def __getitem__(self, name: str) -> Callable[..., Any]:
        return self.__getattr__(name)


def assert_calls(trace: "Trace", *patterns: str) -> "list[CallRecord]":
    """Asserts that calls matching the patterns were made in this order, others between them allowed; gives them."""
    found: list[CallRecord] = []
    at = -1
    for pattern in patterns:
        match = next((call for call in trace.calls(pattern) if call.n > at), None)
        if match is None:
            after = f" after {found[-1].text}" if found else ""
            made = ", ".join(dict.fromkeys(call.name for call in trace.calls())) or "nothing"
            raise AssertionError(f"no call of {pattern}{after}; called were {made}")
        found.append(match)
        at = match.n
    return found


def make_options(folder: str, **selection: str) -> Options:
    """Options for a test: files in ``folder``, and a use for each DLL named."""
    options = Options()
    options.engine = os.environ.get("LITEBOX_ENGINE") or options.engine
    options.cwd = folder
    drive_c = os.path.join(folder, ".c")
    os.makedirs(drive_c, exist_ok=True)
    options.drive_c = drive_c
    options.mounts = [Mount("", folder)]
    options.uses = dict(selection)
    return options


@pytest.fixture
def make_box(tmp_path: Any) -> Iterator[Callable[..., Box]]:
    """Makes boxes: ``make_box(ws2_32="stub")``; ``make_box.options`` style settings by keyword ``options``."""
    made: list[Box] = []

    def make(options: "Options | None" = None, **selection: str) -> Box:
        box = Box(options or make_options(str(tmp_path), **selection))
        made.append(box)
        return box

    yield make
    for box in made:
        box.close()


@pytest.fixture
def box(make_box: Callable[..., Box]) -> Box:
    """A process with every installed plugin."""
    return make_box()


@pytest.fixture
def run_exe(tmp_path: Any) -> Callable[..., Result]:
    """Runs a program to its end in ``tmp_path``; returns output, exit code, trace and files as a :class:`Result`.

    ``run_exe(path, *args, stdin=b"", files={"in.txt": b"..."}, env={...}, plugins="kernel32,ws2_32=stub",
    trace="*File*", options=["--timeout", "30"])``. ``after`` are words for litebox that stand behind the program.
    """

    def run(
        path: Any, *args: str, stdin: bytes = b"", options: "list[str] | None" = None, after: "list[str] | None" = None,
        env: "dict[str, str] | None" = None, files: "dict[str, bytes | str] | None" = None,
        plugins: "str | None" = None, trace: "str | None" = None, timeout: float = 120,
    ) -> Result:  # fmt: skip
        for name, content in (files or {}).items():
            place = tmp_path / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content.encode() if isinstance(content, str) else content)
        words = list(options or [])
        words += ["--plugins", plugins] if plugins is not None else []
        words += [str(path), *(after or []), *args]
        filters = [trace] if trace is not None else []
        return run_command(
            words, str(tmp_path), filters, stdin, environ={**os.environ, **(env or {})}, limit=timeout
        )  # fmt: skip

    return run


class GuestRun:
    """A test program: ``run()`` under litebox, ``wine()`` under Wine, ``check()`` that it passes its own assertions."""

    def __init__(self, exe: str, run: Callable[..., Result], folder: str) -> None:
        self.exe, self._run, self.folder = exe, run, folder

    def run(self, *args: str, **how: Any) -> Result:
        return self._run(self.exe, *args, **how)

    def wine(self, *args: str, stdin: bytes = b"") -> Result:
        """Skips the test where Wine is not installed."""
        wine = shutil.which("wine64") or ("/usr/lib/wine/wine64" if os.path.exists("/usr/lib/wine/wine64") else None)
        if wine is None:
            pytest.skip("Wine is not installed")
        env = {**os.environ, "WINEDEBUG": "-all"}
        completed = subprocess.run(
            [wine, self.exe, *args], input=stdin, capture_output=True, cwd=self.folder, env=env, timeout=120
        )
        return Result(completed.returncode, completed.stdout, completed.stderr, self.folder)

    def compare(self, *args: str, stdin: bytes = b"") -> Result:
        """Runs the program under litebox and, where it is installed, under Wine: both must say and answer the same."""
        finished = self.run(*args, stdin=stdin)
        wine = self.wine(*args, stdin=stdin)
        same = (finished.exit_code, finished.text) == (wine.exit_code, wine.text)
        assert same, f"litebox: {finished!r}\nWine: {wine!r}"
        return finished

    def check(self, *args: str) -> Result:
        """Runs the program, which exits with 0 when all its assertions hold."""
        finished = self.run(*args)
        assert finished.exit_code == 0, repr(finished)
        return finished


@pytest.fixture
def guest_run(request: Any, run_exe: Callable[..., Result], tmp_path: Any) -> GuestRun:
    """The program of ``@pytest.mark.guest("name.c")``, which stands beside the test or in its ``programs`` folder."""
    marker = request.node.get_closest_marker("guest")
    assert marker is not None, 'guest_run needs @pytest.mark.guest("program.c")'
    return GuestRun(program(os.path.dirname(str(request.path)), marker.args[0]), run_exe, str(tmp_path))


def program(folder: str, source: str) -> str:
    """The built program of a source file: the committed one, or one built now. Skips where neither can be had."""
    for base in (folder, os.path.join(folder, "programs")):
        path = os.path.join(base, source)
        if os.path.exists(path):
            exe = os.path.splitext(path)[0] + ".exe"
            if os.path.exists(exe):
                return exe
            if shutil.which(_COMPILER) is None:
                pytest.skip(f"{source} is not built and {_COMPILER} is not installed")
            built = os.path.join(build_folder(), os.path.basename(exe))
            subprocess.run([_COMPILER, "-O1", "-o", built, path], check=True)
            return built
    raise FileNotFoundError(f"{source}: not in {folder} nor in its programs folder")


def build_folder() -> str:
    """A folder for programs built during the tests."""
    path = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "litebox-tests")
    os.makedirs(path, exist_ok=True)
    return path


def pytest_addoption(parser: Any) -> None:
    parser.addoption("--engine", metavar="NAME", help="what executes the guest code of the tests [unicorn]")


def pytest_configure(config: Any) -> None:
    engine = config.getoption("--engine")
    if engine:
        os.environ["LITEBOX_ENGINE"] = engine  # for boxes and for the commands that tests start
    config.addinivalue_line("markers", "guest(source): the test program that guest_run runs")
