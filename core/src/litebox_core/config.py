"""What a run was asked to be: command-line flags over environment variables over ``litebox.toml``.

Environment: ``LITEBOX_PLUGINS``, ``LITEBOX_ENGINE``, ``LITEBOX_CONFIG``, ``LITEBOX_C`` (the folder behind drive C:).
"""

import os
import sys
from typing import TYPE_CHECKING, Any

from .selection import USES, PluginError, parse_selection

if TYPE_CHECKING:
    from .children import Handover
    from .regfile import Change

FILE_NAME = "litebox.toml"

NETWORKS = ("off", "loopback", "host")
"""What sockets reach: nothing, the host's loopback addresses alone, or what the host reaches."""


class ConfigError(PluginError):
    """litebox.toml, a flag or a variable says something that cannot be done."""


class Mount:
    """A host folder that the guest sees: as drive ``letter``, or at its own path on Z: when the letter is empty."""

    __slots__ = ("folder", "letter", "read_only")

    def __init__(self, letter: str, folder: str, read_only: bool = False) -> None:
        self.letter, self.folder, self.read_only = letter, folder, read_only

    def __repr__(self) -> str:
        return f"Mount({self.letter!r}, {self.folder!r}, {self.read_only})"


class Options:
    """The settings of one process. Sizes are in bytes, times in seconds; None stands for no limit."""

    def __init__(self) -> None:
        self.plugins: dict[str, str] | None = None
        """DLL -> use, and ``@service`` and ``+overlay``; None: every installed plugin is real."""
        self.uses: dict[str, str] = {}
        """Uses of single DLLs that do not make the selection a closed list (``[dll.X] use``, ``--stub``)."""
        self.overrides: dict[str, Any] = {}
        """``"kernel32.GetTickCount64"`` -> ``"module:function"`` or a function."""
        self.overlays: list[Any] = []
        """Overlays made in Python: Dll objects with the functions to lay over those of the DLL of that name."""
        self.extra_plugins: list[Any] = []
        """Plugin objects to register beside the installed ones."""
        self.engine = "unicorn"
        self.environment: dict[str, str] = {}
        """Variables added to, or replacing, those of the guest's environment."""
        self.clean_environment = False
        self.mounts: list[Mount] = []
        self.drive_c: str | None = None
        self.cwd: str = os.getcwd()
        """Host folder in which the program starts; visible to it read-write."""
        self.program = ""
        self.arguments: list[str] = []
        self.stdin: Any = 0
        self.stdout: Any = 1
        self.stderr: Any = 2
        self.timeout: float | None = None
        self.deterministic: int | None = None
        """The seed of a deterministic run; None: time and chance are the host's."""
        self.minidump = ""
        """Host file that gets a minidump when the program crashes."""
        self.registry: list[Change] = []
        """What registry files (``litebox_core.regfile``) add to the registry with which a run begins."""
        self.registry_file = ""
        """Host file that gets what the run changes in the registry."""
        self.memory = 4 << 30
        self.handles = 1 << 16
        self.processors = 1
        """How many the program is told of, at most 64."""
        self.verbose = 0
        self.network = "off"
        """What its sockets reach: one of :data:`NETWORKS`."""
        self.child_processes = True
        """Whether it may start other Windows programs that it sees."""
        self.forks = False
        """Whether the host's process is litebox's alone, and so can be forked for a child process."""
        self.handover: Handover | None = None
        """For a child process: what its parent gave it."""
        self.trace: list[str] = []
        self.trace_formats: list[str] = []
        self.trace_outputs: list[str] = []
        """``[FORMAT:]WHERE``; WHERE is a file, ``-`` or ``stderr``."""
        self.trace_folder = ""
        """Where relative file names in them start; empty: the host's current folder."""
        self.trace_start: str | None = None
        self.trace_stop: str | None = None
        """A number of calls, or the function whose first call begins or ends the trace."""

    @property
    def traced(self) -> bool:
        """Whether any tracing is asked for."""
        return bool(self.trace or self.trace_outputs or self.trace_formats or self.trace_start or self.trace_stop)

    def read_file(self, path: str) -> None:
        """Takes over a litebox.toml. Raises ConfigError naming file, place and remedy."""
        if sys.version_info >= (3, 11):
            import tomllib
        else:
            import tomli as tomllib
        try:
            with open(path, "rb") as file:
                data = tomllib.load(file)
        except OSError as error:
            raise ConfigError(f"{path}: {error.strerror}") from None
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"{path}: {error}") from None
        except UnicodeDecodeError:
            raise ConfigError(f"{path}: it is not UTF-8 text: save it as UTF-8") from None
        except RecursionError:
            raise ConfigError(f"{path}: it is nested too deeply") from None
        folder = os.path.dirname(os.path.abspath(path))
        known = {"run", "dll", "mounts", "env"}
        for table in data:
            if table not in known:
                raise ConfigError(f"{path}: [{table}] is no table of litebox.toml: {', '.join(sorted(known))} are")
        _Tables(self, path, folder).read(data)

    def read_environment(self, environ: "os._Environ[str] | dict[str, str]") -> None:
        """Takes over LITEBOX_* variables."""
        if environ.get("LITEBOX_PLUGINS"):
            self.plugins = parse_selection(environ["LITEBOX_PLUGINS"], "LITEBOX_PLUGINS")
        self.engine = environ.get("LITEBOX_ENGINE") or self.engine
        self.drive_c = environ.get("LITEBOX_C") or self.drive_c


class _Tables:
    """Reads the tables of one litebox.toml."""

    def __init__(self, options: Options, path: str, folder: str) -> None:
        self.options, self.path, self.folder = options, path, folder

    def wrong(self, place: str, problem: str) -> ConfigError:
        return ConfigError(f"{self.path}: {place}: {problem}")

    def expect(self, place: str, value: Any, *kinds: type) -> Any:
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            names = {str: "a string", int: "a number", float: "a number", list: "a list", dict: "a table"}
            raise self.wrong(place, f"must be {' or '.join(sorted({names[k] for k in kinds}))}, not {value!r}")
        return value

    def read(self, data: dict[str, Any]) -> None:
        for key, value in self.expect("run", data.get("run", {}), dict).items():
            self.run(key, value)
        for name, table in self.expect("dll", data.get("dll", {}), dict).items():
            self.dll(name.lower(), self.expect(f"dll.{name}", table, dict))
        for letter, folder in self.expect("mounts", data.get("mounts", {}), dict).items():
            place = f"mounts.{letter}"
            text = f"{letter}={self.expect(place, folder, str)}"
            self.options.mounts.append(parse_mount(text, self.folder, f"{self.path}: {place}"))
        for name, value in self.expect("env", data.get("env", {}), dict).items():
            self.options.environment[name] = self.expect(f"env.{name}", value, str)

    def run(self, key: str, value: Any) -> None:
        options, place = self.options, f"run.{key}"
        if key == "plugins":
            parts = value if isinstance(value, list) else [self.expect(place, value, str)]
            text = ",".join(self.expect(place, part, str) for part in parts)
            options.plugins = parse_selection(text, f"{self.path}: {place}")
        elif key == "engine":
            options.engine = self.expect(place, value, str)
        elif key == "timeout":
            options.timeout = parse_time(str(self.expect(place, value, str, int, float)), f"{self.path}: {place}")
        elif key == "memory":
            options.memory = parse_size(str(self.expect(place, value, str, int)), f"{self.path}: {place}")
        elif key == "network":
            options.network = parse_network(self.expect(place, value, str), f"{self.path}: {place}")
        elif key == "processors":
            options.processors = parse_processors(str(self.expect(place, value, str, int)), f"{self.path}: {place}")
        elif key == "cwd":
            options.cwd = os.path.join(self.folder, os.path.expanduser(self.expect(place, value, str)))
            if not os.path.isdir(options.cwd):
                raise self.wrong(place, f"{options.cwd} is no folder")
        elif key == "registry":
            for part in value if isinstance(value, list) else [value]:
                read_registry(options, self.expect(place, part, str), self.folder, f"{self.path}: {place}")
        elif key == "trace":
            options.trace = [self.expect(place, part, str) for part in (value if isinstance(value, list) else [value])]
        else:
            known = "plugins, engine, timeout, memory, processors, network, cwd, registry and trace"
            raise self.wrong(place, f"no such setting: {known} are")

    def dll(self, name: str, table: dict[str, Any]) -> None:
        for key, value in table.items():
            place = f"dll.{name}.{key}"
            if key == "use":
                self.options.uses[name] = self.expect(place, value, str)
            elif key == "override":
                for function, target in self.expect(place, value, dict).items():
                    self.options.overrides[f"{name}.{function}"] = self.expect(f"{place}.{function}", target, str)
            else:
                raise self.wrong(place, f"no such setting: use ({', '.join(USES)} or a distribution) and override are")


def parse_mount(text: str, folder: str = "", place: str = "--mount") -> Mount:
    """``X=DIR[:ro]`` or ``DIR[:ro]``. Raises ConfigError."""
    letter, equals, path = text.partition("=")
    if not equals:
        letter, path = "", text
    read_only = path.endswith(":ro")
    path = path.removesuffix(":ro").removesuffix(":rw")
    if not path:
        raise ConfigError(f"{place}: {text!r} names no folder: write DIR, DIR:ro, X=DIR or X=DIR:ro")
    path = os.path.abspath(os.path.join(folder, os.path.expanduser(path)))
    letter = letter.strip().rstrip(":").upper()
    if letter and (len(letter) != 1 or not "A" <= letter <= "Z"):
        raise ConfigError(f"{place}: {text!r}: a drive is one letter: X=DIR or X=DIR:ro")
    if letter == "Z":
        raise ConfigError(f"{place}: Z: shows host folders at their own paths; write the folder without a letter")
    if not os.path.isdir(path):
        if letter == "C" and not os.path.exists(path):
            try:
                os.makedirs(path)
            except (OSError, ValueError) as error:
                raise ConfigError(f"{place}: {path!r} cannot be made: {error}") from None
        else:
            raise ConfigError(f"{place}: {path} is no folder")
    return Mount(letter, path, read_only)


def read_registry(options: Options, text: str, folder: str = "", place: str = "--registry") -> None:
    """Takes over a registry file, ``FILE[:rw]``. Raises ConfigError."""
    from .regfile import RegFileError, read

    kept = text.endswith(":rw")
    path = os.path.join(folder, os.path.expanduser(text.removesuffix(":rw").removesuffix(":ro")))
    if kept and options.registry_file:
        raise ConfigError(f"{place}: only one registry file can be :rw")
    try:
        if not kept or os.path.exists(path):
            options.registry += read(path)
    except RegFileError as error:
        raise ConfigError(str(error)) from None
    except (OSError, ValueError) as error:
        raise ConfigError(f"{place}: {path}: {getattr(error, 'strerror', error)}") from None
    if kept:
        options.registry_file = os.path.abspath(path)
        if not os.access(os.path.dirname(options.registry_file), os.W_OK):
            raise ConfigError(f"{place}: {path}: its folder cannot be written to")


def parse_size(text: str, place: str) -> int:
    """``512M``, ``2G``, a number of bytes. Raises ConfigError."""
    units = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
    value = text.strip().upper().removesuffix("IB").removesuffix("B")
    number, unit = (value[:-1], value[-1:]) if value[-1:] in units and value[-1:] else (value, "")
    if not number.isascii() or not number.isdigit() or int(number) == 0:
        raise ConfigError(f"{place}: {text!r} is no size: write 512M or 2G")
    return int(number) * units[unit]


def parse_network(text: str, place: str) -> str:
    """One of :data:`NETWORKS`. Raises ConfigError."""
    if text not in NETWORKS:
        raise ConfigError(f"{place}: {text!r} is no choice of a network: write {', '.join(NETWORKS)}")
    return text


def parse_processors(text: str, place: str) -> int:
    """A number from 1 to 64, or ``host`` for those that this process may use. Raises ConfigError."""
    if text == "host":
        return min(len(os.sched_getaffinity(0)), 64)
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text) <= 64:
        raise ConfigError(f"{place}: {text!r}: write a number from 1 to 64, or host")
    return int(text)


def parse_seed(text: str, place: str) -> int:
    """The seed of a deterministic run. Raises ConfigError."""
    if not (text.isascii() and text.isdigit()) or len(text) > 20 or int(text) >= 1 << 64:
        raise ConfigError(f"{place}: {text!r} is no seed: write a number from 0 to 18446744073709551615")
    return int(text)


def parse_time(text: str, place: str) -> float:
    """Seconds, or ``90s``, ``5m``, ``1h``. Raises ConfigError."""
    units = {"s": 1.0, "m": 60.0, "h": 3600.0}
    unit = units.get(text[-1:], 0.0)
    try:
        seconds = float(text[:-1]) * unit if unit else float(text)
    except ValueError:
        seconds = -1.0
    if not 0 < seconds < 1e9:
        raise ConfigError(f"{place}: {text!r} is no time: write 30, 90s or 5m")
    return seconds
