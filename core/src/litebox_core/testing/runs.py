"""Running whole programs, under litebox and under Wine."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from ..api import Result, run_command
from .settings import Settings

COMPILER = "x86_64-w64-mingw32-gcc"


class Runner:
    """``run_exe``: runs a program to its end in a folder. With ``leaks`` each run must leave nothing open."""

    def __init__(self, folder: str, settings: Settings | None = None, *, leaks: bool = False) -> None:
        self.folder, self.settings = folder, settings or Settings("Runner")
        self._leaks = leaks

    def __call__(
        self, path: "str | os.PathLike[str]", *args: str, stdin: bytes = b"",
        files: "Mapping[str, bytes | str] | None" = None, env: Mapping[str, str] | None = None,
        plugins: str | None = None, override: Mapping[str, Any] | None = None, engine: str | None = None,
        deterministic: int | None = None, trace: str | None = None, options: Sequence[str] = (),
        after: Sequence[str] = (), timeout: float = 120, leaks: bool = False, **uses: str,
    ) -> Result:  # fmt: skip
        """What the program left behind.

        ``files`` are put into the folder first, ``env`` is added to the environment of litebox, ``plugins``,
        ``override``, ``engine``, ``deterministic`` and ``uses`` are as for ``@pytest.mark.litebox`` and go before
        it, ``trace`` is a filter, ``options`` are further words for ``litebox run``, ``after`` such that stand behind
        the program. After ``timeout`` seconds of the host subprocess.TimeoutExpired is raised. With ``leaks`` the
        result can tell by :meth:`~litebox_core.api.Result.leaks` what the program left open.

        Raises PluginError, in one line, for settings of wrong grammar.
        """
        for name, content in (files or {}).items():
            place = os.path.join(self.folder, name)
            os.makedirs(os.path.dirname(place), exist_ok=True)
            with open(place, "wb") as file:
                file.write(content.encode() if isinstance(content, str) else content)
        own = Settings(
            "run_exe", plugins=plugins, override=override, engine=engine, deterministic=deterministic, uses=uses
        )
        settings = own.over(self.settings)
        words = settings.words()
        environ = {**os.environ, **(env or {})}
        found = [*settings.python_path(), environ.get("PYTHONPATH", "")]
        if found[0]:
            environ["PYTHONPATH"] = os.pathsep.join(filter(None, found))
        filters = [trace] if trace is not None else []
        if leaks or self._leaks:
            filters.append("event:exit")
        words += [*options, os.fspath(path), *after, *args]
        finished = run_command(words, self.folder, filters, stdin, environ=environ, limit=timeout)
        if self._leaks:
            from .traces import assert_no_leaks

            assert_no_leaks(finished)
        return finished


class GuestRun:
    """A test program: ``run()`` under litebox, ``wine()`` under Wine, ``check()`` that it passes its own assertions."""

    def __init__(self, exe: str, run: Runner, folder: str) -> None:
        self.exe, self._run, self.folder = exe, run, folder

    def run(self, *args: str, **how: Any) -> Result:
        """Under litebox; keywords as for ``run_exe``."""
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

    def check(self, *args: str, **how: Any) -> Result:
        """Runs the program, which exits with 0 when all its assertions hold."""
        finished = self.run(*args, **how)
        assert finished.exit_code == 0, repr(finished)
        return finished


def program(folder: str, source: str) -> str:
    """The built program of a source file: the committed one, or one built now. Skips where neither can be had."""
    for base in (folder, os.path.join(folder, "programs")):
        path = os.path.join(base, source)
        if os.path.exists(path):
            exe = os.path.splitext(path)[0] + ".exe"
            if os.path.exists(exe):
                return exe
            if shutil.which(COMPILER) is None:
                pytest.skip(f"{source} is not built and {COMPILER} is not installed")
            built = os.path.join(build_folder(), os.path.basename(exe))
            subprocess.run([COMPILER, "-O1", "-o", built, path], check=True)
            return built
    raise FileNotFoundError(f"{source}: not in {folder} nor in its programs folder")


def build_folder() -> str:
    """A folder for programs built during the tests."""
    path = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "litebox-tests")
    os.makedirs(path, exist_ok=True)
    return path
