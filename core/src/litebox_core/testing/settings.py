"""What a test asks for: the keywords of ``@pytest.mark.litebox`` and the options of pytest, for boxes and for runs."""

import inspect
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..api import run_words
from ..config import Mount, Options, parse_network
from ..entrypoints import DLL_GROUP, entry_points
from ..selection import USES, PluginError, closes, is_dll, parse_selection

KEYWORDS = ("plugins", "override", "engine", "deterministic", "env", "timeout", "network")
"""What ``@pytest.mark.litebox`` takes besides names of DLLs."""


class Settings:
    """One layer of settings, laid over others by :meth:`over`. Raises PluginError, in one line, for wrong grammar.

    ``plugins`` is a selection as ``--plugins`` takes it and ``uses`` gives single DLLs a use, as ``--stub`` does.
    ``override`` maps ``"kernel32.Sleep"`` to ``"package.module:name"`` or to a function, ``engine`` is a name,
    ``deterministic`` a seed, ``env`` are variables of the guest's environment, ``timeout`` is in seconds,
    ``network`` what sockets reach.
    """

    def __init__(
        self, where: str, *, plugins: str | None = None, override: Mapping[str, Any] | None = None,
        engine: str | None = None, deterministic: int | None = None, env: Mapping[str, str] | None = None,
        timeout: float | None = None, network: str | None = None, uses: Mapping[str, Any] | None = None,
    ) -> None:  # fmt: skip
        self.plugins = None if plugins is None else _selection(where, plugins)
        self.override = dict(_overrides(where, override or {}))
        self.engine, self.deterministic, self.timeout = engine, deterministic, timeout
        self.network = network
        self.env = dict(env or {})
        self.uses = {_dll(where, name): _use(where, name, use) for name, use in (uses or {}).items()}
        for name, value, kinds in (
            ("engine", engine, (str,)), ("deterministic", deterministic, (int,)), ("timeout", timeout, (int, float)),
            ("network", network, (str,)),
        ):  # fmt: skip
            if value is not None and (not isinstance(value, kinds) or isinstance(value, bool)):
                raise PluginError(f"{where}: {name}={value!r}: write {' or '.join(kind.__name__ for kind in kinds)}")

    @classmethod
    def of(cls, where: str, keywords: Mapping[str, Any]) -> "Settings":
        """Of keywords as a marker has them: what is none of :data:`KEYWORDS` names a DLL."""
        known = {name: value for name, value in keywords.items() if name in KEYWORDS}
        return cls(where, **known, uses={name: use for name, use in keywords.items() if name not in KEYWORDS})

    def over(self, other: "Settings") -> "Settings":
        """These settings where they say something, else those of the other layer."""
        made = Settings("")
        made.plugins = self.plugins if self.plugins is not None else other.plugins
        made.uses = {**other.uses, **self.uses}
        if self.plugins is not None:  # a whole selection leaves nothing of an earlier one
            made.uses = {name: use for name, use in made.uses.items() if name in self.uses or name not in self.plugins}
        made.override = {**other.override, **self.override}
        made.engine = self.engine or other.engine
        made.deterministic = self.deterministic if self.deterministic is not None else other.deterministic
        made.timeout = self.timeout if self.timeout is not None else other.timeout
        made.network = self.network or other.network
        made.env = {**other.env, **self.env}
        return made

    def options(self, folder: str) -> Options:
        """For a process in this interpreter whose files are in ``folder``."""
        options = make_options(folder, **self.uses)
        options.plugins = self.plugins
        options.overrides = dict(self.override)
        options.engine = self.engine or ("unicorn" if self.deterministic is not None else options.engine)
        options.deterministic, options.timeout = self.deterministic, self.timeout
        options.environment = dict(self.env)
        if self.network is not None:
            options.network = parse_network(self.network, "network")
        return options

    def words(self) -> list[str]:
        """For the command line of ``litebox run``. Raises PluginError for an override that it could not import."""
        stubs: list[str] = []
        selection = dict(self.plugins or {})
        if not closes(selection) and any(use not in ("real", "stub") for use in self.uses.values()):
            everything = (entry.name.lower() for entry in entry_points(DLL_GROUP))
            selection = {**dict.fromkeys(everything, "real"), **selection}
        if closes(selection):
            selection |= self.uses
        else:
            stubs += [word for name, use in self.uses.items() if use == "stub" for word in ("--stub", name)]
        override = {
            target: source if isinstance(source, str) else _importable(target, source)
            for target, source in self.override.items()
        }
        network = [] if self.network is None else ["--network", self.network]
        return run_words(
            [*stubs, *network], selection or None, override, (), self.env, self.timeout, self.deterministic, self.engine
        )  # fmt: skip

    def python_path(self) -> list[str]:
        """Folders that another process must look for modules in, to find the functions of overrides."""
        functions = [source for source in self.override.values() if not isinstance(source, str)]
        return list(dict.fromkeys(os.path.dirname(inspect.getfile(function)) for function in functions))


def _selection(where: str, text: Any) -> dict[str, str]:
    if not isinstance(text, str):
        raise PluginError(f"{where}: plugins={text!r}: write a text such as 'kernel32,ws2_32=stub'")
    chosen = parse_selection(text, f"{where}: plugins")
    if not chosen:
        raise PluginError(f"{where}: plugins={text!r} chooses nothing")
    for name, use in chosen.items():
        if is_dll(name):
            _use(where, name, use)
    return chosen


def _dll(where: str, name: str) -> str:
    """The DLL that a keyword names; one that no plugin offers is more likely a slip."""
    known = [entry.name.lower() for entry in entry_points(DLL_GROUP)]
    if name.lower() not in known:
        raise PluginError(
            f"{where}: {name} is no keyword ({', '.join(KEYWORDS)}) and no installed DLL ({', '.join(sorted(known))})"
        )
    return name.lower()


def _use(where: str, name: str, use: Any) -> str:
    offers = [entry.distribution for entry in entry_points(DLL_GROUP) if entry.name.lower() == name.lower()]
    if not isinstance(use, str) or (use not in USES and ":" not in use and use.lower() not in map(str.lower, offers)):
        raise PluginError(f"{where}: {name}={use!r}: uses are {', '.join([*USES, *offers])} and package.module:object")
    return use


def _overrides(where: str, override: Any) -> Mapping[str, Any]:
    if not isinstance(override, Mapping):
        raise PluginError(f"{where}: override={override!r}: write {{'kernel32.Sleep': function}}")
    for target, source in override.items():
        dll, dot, function = str(target).partition(".")
        if not (dll and dot and function):
            raise PluginError(f"{where}: override of {target!r}: write DLL.FUNCTION, such as 'kernel32.Sleep'")
        if not callable(source) and not (isinstance(source, str) and ":" in source):
            raise PluginError(f"{where}: override {target}={source!r}: write a function or 'package.module:name'")
    return override


def _importable(target: str, function: Callable[..., Any]) -> str:
    """How another process imports a function, from the folder of its file."""
    name, file = getattr(function, "__qualname__", ""), inspect.getsourcefile(function)
    stem = os.path.splitext(os.path.basename(file or ""))[0]
    if not stem.isidentifier() or not name or "<" in name:
        raise PluginError(
            f"override {target}: a program runs in another process, which cannot import {name or function!r}: "
            "write a function at the top of a module, or 'package.module:name'"
        )
    return f"{stem}:{name}"


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


def each_use(where: str, args: Sequence[Any], uses: Mapping[str, Any]) -> list[dict[str, str]]:
    """The combinations that ``@pytest.mark.litebox_each(ws2_32=["real", "stub"])`` stands for. Raises PluginError."""
    if args or not uses:
        raise PluginError(f"{where}: write DLLs with their uses: litebox_each(ws2_32=['real', 'stub'])")
    made: list[dict[str, str]] = [{}]
    for name, choices in uses.items():
        if isinstance(choices, str) or not isinstance(choices, Sequence) or not choices:
            raise PluginError(f"{where}: {name}={choices!r}: write a list of uses: {name}=['real', 'stub']")
        dll = _dll(where, name)
        made = [{**before, dll: _use(where, name, use)} for before in made for use in choices]
    return made
