"""A new package for one DLL: everything it takes to build, install and test it, in a folder of its own."""

import keyword
import os
import re
import shutil
from typing import NamedTuple

from .. import signatures
from . import templates

_DLL_NAME = re.compile(r"[a-z0-9_][a-z0-9_.+-]{0,59}")
_DISTRIBUTION = re.compile(r"[a-z0-9]([a-z0-9._-]{0,58}[a-z0-9])?", re.IGNORECASE)
_DEVICES = {"con", "prn", "aux", "nul", *(f"{name}{digit}" for name in ("com", "lpt") for digit in "123456789")}


class BadName(ValueError):
    """A name that no DLL or no distribution can have; one line that says why."""


class Names(NamedTuple):
    """What a package is called: its DLL, distribution and module, and the prefix of its functions."""

    dll: str
    distribution: str
    module: str
    prefix: str


class Imports(NamedTuple):
    """What a program imports from the DLL: the functions that it names, and those of which it knows the ordinal."""

    program: str
    names: list[str]
    ordinals: list[int]


def names_of(dll: str, distribution: "str | None" = None) -> Names:
    """The names for a package of one DLL, ``litebox-NAME`` if the distribution has none yet. Raises BadName."""
    plain = dll.lower().removesuffix(".dll")
    if plain.partition(".")[0] in _DEVICES:
        raise BadName(f"{plain} is the name of a device and of no DLL")
    if not _DLL_NAME.fullmatch(plain):
        raise BadName(f"{dll!r} is no name for a DLL: letters, digits, '_', '-', '+' and '.', at most 60 of them")
    if plain.startswith(("api-ms-", "ext-ms-")):
        hosts = signatures.hosts_of_api_set(plain)
        more = f": its functions live in {', '.join(hosts)}" if hosts else ""
        raise BadName(f"{plain} is an API set and no DLL{more}")
    title = distribution or "litebox-" + re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if not _DISTRIBUTION.fullmatch(title):
        raise BadName(f"{title!r} is no name for a Python distribution: letters, digits, '-', '_' and '.'")
    module = re.sub(r"[^a-z0-9]+", "_", title.lower())
    if not module.isidentifier():
        raise BadName(f"{title!r} makes no name for a Python package: begin it with a letter")
    prefix = "".join(part[:1].upper() + part[1:] for part in re.split(r"[^a-z0-9]+", plain))
    return Names(plain, title, module, prefix if prefix[:1].isalpha() else "Dll" + prefix)


def installed(distribution: str) -> bool:
    """Whether a distribution of that name, or a module of its name, is there already."""
    from importlib import metadata
    from importlib.util import find_spec

    try:
        metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return find_spec(re.sub(r"[^a-z0-9]+", "_", distribution.lower())) is not None
    return True


def files(names: Names, imports: "Imports | None" = None) -> dict[str, str]:
    """The files of a new package, by path in its folder."""
    from .. import __version__

    major, minor = __version__.split(".")[:2]
    plain = names.dll.isidentifier() and not keyword.iskeyword(names.dll)
    fields = {
        "DLL": names.dll, "DISTRIBUTION": names.distribution, "MODULE": names.module,
        "FUNCTION": names.prefix + "Greet",
        "CORE": f">={major}.{minor},<{major}.{int(minor) + 1}", "TEST": re.sub(r"[^a-z0-9]+", "_", names.dll),
        "CALL": f"box.call.{names.dll}" if plain else f'getattr(box.call, "{names.dll}")', "TITLE": names.dll.upper(),
        "STUBS": _stubs(imports), "IMPORTS": _imports_note(names, imports),
    }  # fmt: skip

    def fill(text: str) -> str:
        return re.sub("@([A-Z]+)@", lambda match: fields[match[1]], text)

    return {fill(path): fill(text) for path, text in templates.FILES.items()}


def write(folder: str, made: dict[str, str]) -> None:
    """Writes the files of a package into a new folder. Raises FileExistsError if it is there already; after another
    OSError nothing of it is left.
    """
    parent = os.path.dirname(os.path.abspath(folder))
    if not os.path.isdir(parent):
        os.makedirs(parent)
    os.mkdir(folder)
    try:
        for path, text in made.items():
            full = os.path.join(folder, *path.split("/"))
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "x", encoding="utf-8", newline="\n") as file:
                file.write(text)
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _stubs(imports: "Imports | None") -> str:
    if imports is None or not imports.names:
        return ""
    lines = [f"    {text}," for text in (_quoted(name) for name in imports.names)]
    note = _quoted(f"{imports.program} imports it, and nobody has written it yet")
    return "\n".join(["", "", "# Write them one by one, and take their names away here.", "dll.stub(", f"    {note},",
                      *lines, ")", ""])  # fmt: skip


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _imports_note(names: Names, imports: "Imports | None") -> str:
    if imports is None:
        return ""
    count = len(imports.names)
    lines = ["", f"`{imports.program}` imports {count} function{'' if count == 1 else 's'} of it by name; `dll.py` has"
             " them as stubs: traced, counted, answered with an error."]  # fmt: skip
    if imports.ordinals:
        which = ", ".join(map(str, imports.ordinals))
        lines.append(f"It imports these by ordinal, which `dll.py` leaves to you (`@dll.export(ordinal=N)`): {which}.")
    if names.dll in signatures.dlls():
        lines.append(f"`litebox new '{names.dll}!FUNCTION'` prints the declaration of one.")
    return "\n".join([*lines, ""])
