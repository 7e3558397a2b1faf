"""Running programs from Python: ``litebox_core.run("app.exe", ["one", "two"]).text``."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .selection import written

if TYPE_CHECKING:
    from .process import Process
    from .tracefiles.records import Trace

__all__ = ["Result", "load", "run"]


class Result:
    """What a program left behind.

    ``exit_code`` is the exit status of ``litebox run``: the low 8 bits of the program's code, or one of litebox's own
    (see the exit codes in docs/exit-codes.md). ``stdout`` and ``stderr`` are bytes, ``folder`` is where it ran.
    """

    def __init__(self, exit_code: int, stdout: bytes, stderr: bytes, folder: str, trace: "Trace | None" = None) -> None:
        self.exit_code, self.stdout, self.stderr, self.folder = exit_code, stdout, stderr, folder
        self._trace = trace

    @property
    def text(self) -> str:
        """Standard output with Windows' line ends made plain."""
        return self.stdout.decode("utf-8", "replace").replace("\r\n", "\n")

    @property
    def trace(self) -> "Trace":
        """The calls and events that were traced; empty where nothing was."""
        if self._trace is None:
            from .tracefiles.records import Trace

            self._trace = Trace()
        return self._trace

    def leaks(self) -> list[str]:
        """The handles that the program, and programs that it started, left open: ``0x44 Event 'ready'``.

        Raises ValueError where the trace holds no ``exit`` event to tell it.
        """
        exits = self.trace.of_kind("exit")
        if not exits:
            raise ValueError("the trace has no exit event: trace='event:exit' records it, unless the run was cut short")
        return [handle for event in exits for handle in event.get("handles", ())]

    @property
    def files(self) -> dict[str, bytes]:
        """The files in the folder where it ran, by their path below it, as they are now."""
        found: dict[str, bytes] = {}
        for folder, _, names in os.walk(self.folder):
            for name in names:
                path = os.path.join(folder, name)
                if os.path.isfile(path) and not os.path.islink(path):
                    with open(path, "rb") as file:
                        found[os.path.relpath(path, self.folder).replace(os.sep, "/")] = file.read()
        return found

    def __repr__(self) -> str:
        return f"exit code {self.exit_code}\n{self.text}\n{self.stderr.decode('utf-8', 'replace')}"


def run(
    program: "str | os.PathLike[str]",
    args: Sequence[str] = (),
    *,
    plugins: "str | Mapping[str, str] | None" = None,
    override: Mapping[str, str] | None = None,
    mounts: Iterable[str] = (),
    env: Mapping[str, str] | None = None,
    stdin: bytes = b"",
    cwd: "str | os.PathLike[str] | None" = None,
    timeout: float | None = None,
    trace: "bool | str | Iterable[str]" = False,
    deterministic: int | None = None,
    engine: str | None = None,
    options: Sequence[str] = (),
) -> Result:
    """Runs a Windows program to its end, in a process of its own, and returns what it left behind.

    ``plugins`` is a selection as ``--plugins`` takes it (``"kernel32,ws2_32=stub"``) or a mapping of DLLs to uses,
    ``override`` maps ``"kernel32.GetTickCount64"`` to ``"package.module:name"``, ``mounts`` are written as for
    ``--mount``, ``env`` is added to the environment, ``cwd`` is the host folder where it starts (default: the current
    one), ``timeout`` is in seconds, ``trace`` is True or one or more filters, and ``options`` are further words for
    ``litebox run``. Raises ValueError for a ``timeout`` that is not positive; what is wrong otherwise is an exit code
    of litebox and a line in ``stderr``.

    >>> import litebox_core
    >>> result = litebox_core.run("samples/hello.exe", ["one"])
    >>> result.exit_code, result.text.splitlines()[1]
    (0, '  1: one')
    """
    _check_timeout(timeout)
    folder = os.path.abspath(cwd if cwd is not None else os.getcwd())
    words = run_words(options, plugins, override, mounts, env, timeout, deterministic, engine)
    filters = ["*"] if trace is True else [trace] if isinstance(trace, str) else list(trace or ())
    return run_command([*words, os.path.abspath(program), "--", *args], folder, filters, stdin)


def load(
    program: "str | os.PathLike[str]",
    args: Sequence[str] = (),
    *,
    plugins: "str | Mapping[str, str] | None" = None,
    override: "Mapping[str, str | Callable[..., Any]] | None" = None,
    mounts: Iterable[str] = (),
    env: Mapping[str, str] | None = None,
    stdin: Any = None,
    stdout: Any = 1,
    stderr: Any = 2,
    cwd: "str | os.PathLike[str] | None" = None,
    timeout: float | None = None,
    deterministic: int | None = None,
    engine: str | None = None,
    options: Sequence[str] = (),
) -> "Process":
    """Loads a Windows program into this interpreter; none of its code has run. Use the result as a context manager.

    The keywords are those of :func:`run`; an override may also be a function. ``stdin``, ``stdout`` and ``stderr`` are
    descriptors, binary files, or None for the NUL device. ``process.run()`` runs it to its end,
    ``process.debugger`` step by step. Raises pe.ImageError, MissingImport, PluginError, OSError, and ValueError for an
    option that does not exist.
    """
    import click

    from .cli.run import make_options, run_command
    from .loader.mapping import read_program
    from .process import Process

    _check_timeout(timeout)
    named = {target: source for target, source in (override or {}).items() if isinstance(source, str)}
    words = run_words(options, plugins, named, mounts, env, timeout, deterministic, engine)
    if cwd is not None:
        words += ["--cwd", os.fspath(cwd)]
    try:
        flags = run_command.make_context("run", [*words, "--", os.path.abspath(program)]).params
    except click.UsageError as error:
        raise ValueError(error.format_message()) from None
    made = make_options(flags.pop("app"), [*flags.pop("args"), *args], flags)
    made.overrides.update(override or {})
    made.stdin, made.stdout, made.stderr = stdin, stdout, stderr
    process = Process(made)
    try:
        process.start_program(read_program(made))
    except BaseException:
        process.close()
        raise
    return process


def _check_timeout(timeout: float | None) -> None:
    if timeout is not None and timeout <= 0:
        raise ValueError(f"timeout {timeout}: it must be positive")


def run_words(
    options: Sequence[str],
    plugins: "str | Mapping[str, str] | None",
    override: Mapping[str, str] | None,
    mounts: Iterable[str],
    env: Mapping[str, str] | None,
    timeout: float | None,
    deterministic: int | None,
    engine: str | None,
) -> list[str]:
    """The options of ``litebox run`` that say the same."""
    words = list(options)
    if plugins is not None:
        words += ["--plugins", plugins if isinstance(plugins, str) else written(plugins)]
    for target, source in (override or {}).items():
        words += ["--override", f"{target}={source}"]
    for mount in mounts:
        words += ["--mount", mount]
    if engine is not None:
        words += ["--engine", engine]
    if deterministic is not None:
        words.append(f"--deterministic={deterministic}")
    if timeout is not None:
        words += ["--timeout", f"{timeout:f}"]
    for name, value in (env or {}).items():
        words += ["--env", f"{name}={value}"]
    return words


def run_command(
    words: Sequence[str],
    folder: str,
    filters: Sequence[str] = (),
    stdin: bytes = b"",
    *,
    environ: Mapping[str, str] | None = None,
    limit: float | None = None,
) -> Result:
    """What ``litebox run`` with these words does in a host folder, with the trace that the filters ask for.

    ``environ`` is the environment of the command itself. Raises subprocess.TimeoutExpired after ``limit`` seconds.
    """
    with tempfile.TemporaryDirectory(prefix="litebox-") as scratch:
        recorded = os.path.join(scratch, "trace.jsonl")
        tracing = [word for text in filters for word in ("--trace", text)]
        if filters:
            tracing += ["--trace-output", f"json:{recorded}"]
        done = subprocess.run(
            [sys.executable, "-m", "litebox_core", "run", *tracing, *words],
            input=stdin, capture_output=True, cwd=folder, check=False, env=environ, timeout=limit,
        )  # fmt: skip
        if not os.path.exists(recorded):
            return Result(done.returncode, done.stdout, done.stderr, folder)
        from .tracefiles.records import read

        return Result(done.returncode, done.stdout, done.stderr, folder, read(recorded))
