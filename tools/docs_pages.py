"""Pages of the documentation that are made from the code, each time the site is built (a hook of mkdocs).

``support/``: for each DLL of the packages in plugins/, what it exports and how complete it is, from the declarations.
``commands.md``: the help of every command.
"""

import html
import os
import re
from collections.abc import Iterator
from typing import Any

import click
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from litebox_core import signatures
from litebox_core.cli.listing import counts, support
from litebox_core.cli.main import cli
from litebox_core.config import Options
from litebox_core.dll import Dll, Export
from litebox_core.plugins import Plugins

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_MARKS = {"real": "real", "partial": "**partial**", "stub": "*stub*"}


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Puts the pages of the DLLs into the navigation."""
    for entry in config.nav or []:
        if "Support" in entry:
            entry["Support"] = ["support/index.md", *(f"support/{name}.md" for name in our_dlls())]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the pages that are made."""
    for path, text in pages().items():
        files.append(File.generated(config, path, content=text))
    return files


def pages() -> dict[str, str]:
    """All pages that are made, by path."""
    dlls = our_dlls()
    made = {f"support/{name}.md": dll_page(name, dll, distribution) for name, (dll, distribution) in dlls.items()}
    return {**made, "support/index.md": index_page(dlls), "commands.md": commands_page()}


def our_dlls() -> dict[str, tuple[Dll, str]]:
    """The DLLs of the packages in plugins/, with the name of their distribution; all must be installed."""
    packages = filter(_has_dlls, os.listdir(os.path.join(ROOT, "plugins")))
    wanted = {f"litebox-{name.replace('_', '-')}" for name in packages}
    plugins = Plugins(Options())
    found: dict[str, tuple[Dll, str]] = {}
    for name, candidates in sorted(plugins.candidates.items()):
        if any(candidate.distribution in wanted for candidate in candidates):
            choice = plugins.choose(name + ".dll")
            assert choice is not None
            found[name] = (choice.dll, candidates[0].distribution)
    missing = wanted - {distribution for _, distribution in found.values()}
    if missing:
        raise SystemExit(f"not installed, so there is nothing to describe: {', '.join(sorted(missing))}")
    return found


def _has_dlls(package: str) -> bool:
    """Whether a package in plugins/ offers DLLs: an engine does not."""
    with open(os.path.join(ROOT, "plugins", package, "pyproject.toml"), encoding="utf-8") as file:
        return '[project.entry-points."litebox.dll"]' in file.read()


def index_page(dlls: dict[str, tuple[Dll, str]]) -> str:
    lines = ["# Support", "", "What each DLL exports, from its declarations. **Real** functions do what Microsoft "
             "documents; **partial** ones all but what their note says; the others that the DLL is known to export are "
             "typed stubs: traced, counted, answered with an error.", "",
             "| DLL | package | real | partial | stubs |", "|---|---|--:|--:|--:|"]  # fmt: skip
    for name, (dll, distribution) in dlls.items():
        number = counts(dll)
        stubs = number["stub"] + len(known_besides(name, dll))
        cells = f"`{distribution}` | {number['real']} | {number['partial']} | {stubs}"
        lines.append(f"| [{name}]({name}.md) | {cells} |")
    others = [name for name in signatures.dlls() if name not in dlls]
    lines += ["", f"{len(others)} more have no package and are answered by typed stubs alone: "
              + ", ".join(f"`{name}`" for name in others) + ".", "",
              "On the command line: `litebox dlls`, `litebox exports DLL`, and `litebox inspect app.exe` for what one "
              "program needs."]  # fmt: skip
    return "\n".join([*lines, ""])


def known_besides(name: str, dll: Dll) -> list[str]:
    """What Windows' DLL exports and this one does not declare."""
    return sorted(set(signatures.names(name)) - set(dll.exports)) if name in signatures.dlls() else []


def dll_page(name: str, dll: Dll, distribution: str) -> str:
    number = counts(dll)
    missing = known_besides(name, dll)
    said = f"{number['real']} real, {number['partial']} partial, {number['stub'] + len(missing)} stubs"
    lines = [f"# {name}", "", f"`{distribution}`: {said}. [What the words mean](index.md)."]
    rooms: dict[str, list[Export]] = {}
    for title in sorted(dll.exports):
        export = dll.exports[title]
        rooms.setdefault("" if export.kind == "stub" else export.module, []).append(export)
    for room in sorted(rooms, key=lambda room: (not room, room)):
        lines += ["", f"## {room or 'Data, forwards and stubs'}", ""]
        lines += ["| function | prototype | support |", "|---|---|---|"]
        lines += [row(export) for export in rooms[room]]
    if missing:
        names = ", ".join(plain(title) for title in missing)
        lines += ["", "## Known, and answered by typed stubs", "", f"<p data-search-exclude>{names}</p>"]
    return "\n".join([*lines, ""])


def row(export: Export) -> str:
    ordinal = f" @{export.ordinal}" if export.ordinal is not None else ""
    prototype = str(export.signature) if export.signature is not None else export.kind
    note = f"forwards to {export.forward}" if export.forward else export.partial
    words = _MARKS[support(export)] + (f": {plain(note)}" if note else "")
    shown = f"<code>{html.escape(prototype).replace('|', '&#124;')}</code>"
    return f"| {plain(export.name)}{ordinal} | {shown} | {words} |"


def plain(text: str) -> str:
    """Text that is neither Markdown nor HTML, on one line and inside a table."""
    return re.sub(r"([\\`*_\[\]#|])", r"\\\1", html.escape(" ".join(text.split()), quote=False))


def commands_page() -> str:
    lines = ["# Command line", "", "`litebox COMMAND --help`, all of it."]
    context = click.Context(cli, info_name="litebox", terminal_width=100, max_content_width=100)
    for name, command in commands(context):
        inner = click.Context(command, info_name=name, terminal_width=100, max_content_width=100)
        lines += ["", f"## {name}", "", "```text", command.get_help(inner), "```"]
    return "\n".join([*lines, ""])


def commands(context: click.Context) -> Iterator[tuple[str, Any]]:
    """Every command of litebox itself, and those inside groups, with the words that call it."""
    assert isinstance(cli, click.Group)
    for name in sorted(type(cli).modules):  # type: ignore[attr-defined]
        command = cli.get_command(context, name)
        assert command is not None
        yield f"litebox {name}", command
        if isinstance(command, click.Group):
            for inner in sorted(command.commands):
                yield f"litebox {name} {inner}", command.commands[inner]
