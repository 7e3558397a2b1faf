"""``litebox inspect``: what a program is made of, what it needs, and who provides that."""

import json
import os
from typing import TYPE_CHECKING, Any

import click

from . import codes

if TYPE_CHECKING:
    from .. import pe
    from ..dispatch import Entry
    from ..loader import Module
    from ..pe.imports import DelayImportedDll, ImportedDll
    from ..process import Process

NOWHERE = "nowhere to be had"


@click.command(
    "inspect",
    short_help="Show what a program is made of, and who answers its imports.",
    epilog="""\b
Examples:
  litebox inspect app.exe
  litebox inspect app.exe --plugins kernel32,msvcrt      what this selection would leave unanswered
  litebox inspect app.exe --json | jq .verdict

\b
Each imported function is
  real      implemented by the plugin named         partial   implemented but for what the note says
  overlay   replaced by an override                 native    in a DLL file that runs in the sandbox too
  stub      answered with an error, and traced      missing   nowhere to be had

\b
Exit codes: 0, or
   2 usage   121 not a Windows program   122 wrong processor   127 file not found""",
)
@click.option("--plugins", metavar="LIST", help="Who would answer under this selection, as for litebox run.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.argument("app")
def inspect_command(app: str, plugins: str | None, as_json: bool) -> None:
    """Show headers, sections and imports of APP, and whether all it imports is there."""
    from .. import pe
    from ..loader.mapping import read_image_file
    from .run import fail

    path = os.path.abspath(app)
    name = os.path.basename(path)
    try:
        image = pe.parse(read_image_file(path, name), name)
    except pe.WrongMachine as error:
        fail(codes.WRONG_MACHINE, str(error))
    except pe.ImageError as error:
        fail(codes.NOT_PE, str(error))
    except OSError as error:
        fail(codes.NOT_FOUND, f"{printable(path)}: {error.strerror}")
    report = inspect_image(image, path, plugins)
    click.echo(json.dumps(report, indent=2) if as_json else "\n".join(text(report)))


def inspect_image(image: "pe.Image", path: str, selection: str | None) -> dict[str, Any]:
    """``pe.inspect.describe`` of the image, its imports with who answers each of them, and a verdict."""
    from ..engine.base import EngineError
    from ..errors import NtError
    from ..pe.inspect import describe
    from ..plugins import PluginError
    from ..process import Process
    from .listing import load_plugins
    from .run import fail

    report = describe(image)
    found = load_plugins(selection)
    found.options.cwd = os.getcwd()
    found.options.program = path
    try:
        with Process(found.options, found) as process:
            process.start(None)
            guest_path = process.files().guest_path(path)
            process.loader.program_folder = (guest_path or "").rpartition("\\")[0]
            report["imports"], report["delay_imports"] = answers(process, image)
    except (PluginError, EngineError) as error:
        fail(codes.USAGE, str(error))
    except NtError as error:
        fail(codes.LIMIT, f"{image.name}: {error}")
    report["verdict"] = verdict(image, report)
    return report


def answers(process: "Process", image: "pe.Image") -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """A row for each DLL of the import table and of the delay-import table; empty for a table that is damaged."""
    from ..pe import ImageError
    from ..pe.imports import delay_imports, imports

    tables: list[list[dict[str, Any]]] = []
    rows: list[tuple[dict[str, Any], int]] = []
    for read in (imports, delay_imports):
        try:
            dlls: list[ImportedDll] | list[DelayImportedDll] = read(image)
        except ImageError:
            dlls = []
        tables.append([_dll(process, dll, rows) for dll in dlls])
    entries = {entry.address: entry for entry in process.dispatcher.every_entry()}
    for row, address in rows:
        row.update(_status(process, address, entries.get(address)))
    return tables[0], tables[1]


def _dll(
    process: "Process", dll: "ImportedDll | DelayImportedDll", rows: "list[tuple[dict[str, Any], int]]"
) -> dict[str, Any]:
    """The row of one DLL; ``rows`` takes each function's row and the address that it would be bound to."""
    from ..errors import NtError
    from ..loader import MissingImport
    from ..ntstatus import STATUS_DLL_NOT_FOUND
    from ..pe import ImageError

    row: dict[str, Any] = {"dll": dll.name, "host": None, "source": None, "problem": None, "functions": []}
    module: Module | None = None
    try:
        module = process.loader.load_now(dll.name, None)
    except MissingImport as error:
        row["problem"] = str(error)
    except (NtError, ImageError) as error:
        nowhere = isinstance(error, NtError) and error.status == STATUS_DLL_NOT_FOUND
        row["problem"] = NOWHERE if nowhere else str(error)
    if module is not None:
        row["source"] = source(process, module)
        if module.name.lower() != process.loader.file_name(dll.name).rpartition("\\")[2].lower():
            row["host"] = module.name
    for function in dll.functions:
        key = function.name if function.name is not None else function.ordinal
        assert key is not None
        address = process.loader.bind(dll.name, module, key) if module is not None else 0
        item: dict[str, Any] = {"name": function.name, "ordinal": function.ordinal}
        row["functions"].append(item)
        rows.append((item, address))
    return row


def _status(process: "Process", address: int, entry: "Entry | None") -> dict[str, Any]:
    """Status, module that answers, and note of a function that is bound to this address."""
    if not address:
        return {"status": "missing", "by": None, "note": ""}
    module = process.loader.modules.at(address)
    if entry is not None:
        by = module.name if module is not None else f"{entry.dll}.dll"
        return {"status": entry.kind, "by": by, "note": entry.export.partial, "answered_as": entry.export.name}
    if module is not None and module.native:
        return {"status": "native", "by": module.name, "note": ""}
    return {"status": "real", "by": module.name if module is not None else None, "note": ""}


def source(process: "Process", module: "Module") -> str:
    """Who answers for a module: a distribution, signature data, or the path of a file."""
    from ..errors import NtError

    if module.native:
        return module.host_path or module.path
    try:
        choice = process.plugins.choose(module.name.lower())
    except NtError:
        choice = None
    return choice.source if choice is not None else "signature data"


def verdict(image: "pe.Image", report: dict[str, Any]) -> str:
    """One line: whether the program starts, and what it will miss."""
    functions = [(row, function) for row in report["imports"] for function in row["functions"]]
    total = len(functions)
    missing = [row for row in report["imports"] if row["problem"]]
    if image.bits != 64:
        return "cannot start: a 32-bit program; only 64-bit ones run so far"
    if image.is_managed:
        return "cannot start: a .NET program needs the common language runtime"
    if any("import" in problem for problem in report["problems"]):
        return "cannot start: its import table is damaged"
    if missing:
        reasons = [f"{printable(row['dll'])} is {NOWHERE}" if row["problem"] == NOWHERE else printable(row["problem"])
                   for row in missing]  # fmt: skip
        return f"cannot start: {some(reasons, '; ')}"
    lost = [f"{printable(row['dll'])} has no {label(f)}" for row, f in functions if f["status"] == "missing"]
    if lost:
        return f"cannot start: {some(lost, '; ')}"
    stubs = [label(function) for _, function in functions if function["status"] == "stub"]
    late = [printable(row["dll"]) for row in report["delay_imports"] if row["problem"]]
    more = f"; {some(late, ', ')} (loaded on demand) {'are' if len(late) > 1 else 'is'} not to be had" if late else ""
    what = "is loaded" if image.is_dll else "starts"
    if stubs:
        count = "1 function is a stub" if len(stubs) == 1 else f"{len(stubs)} functions are stubs"
        return f"{what}, but {count}: {some(stubs, ', ')}{more}"
    few = {0: "it imports nothing", 1: "its only import is answered"}
    answered = few.get(total, f"all {total} imports are answered")
    return f"{'loads' if image.is_dll else 'runs'}: {answered}{more}"


def some(items: list[str], separator: str, limit: int = 12) -> str:
    """The first items and how many more there are."""
    rest = len(items) - limit
    return separator.join(items[:limit]) + (f"{separator}and {rest} more" if rest > 0 else "")


def label(function: dict[str, Any]) -> str:
    name = function["name"]
    return printable(name) if name is not None else f"#{function['ordinal']}"


def printable(value: object) -> str:
    from ..pe.errors import printable

    return printable(str(value), 400)


def text(report: dict[str, Any]) -> list[str]:
    """The report for people."""
    headers, guess = report["headers"], report["toolchain"]
    base = headers["image_base"]
    bits = {64: "x64", 32: "x86"}[headers["bits"]]
    name = printable(report["name"])
    lines = [f"{name}: {bits} {headers['kind']}, {headers['subsystem']}, {report['file_size']} bytes"]
    entry = f"{base + headers['entry_rva']:#x}" if headers["entry_rva"] else "none"
    lines.append(f"  image base {base:#x}, size {headers['size_of_image']:#x}, entry point {entry}")
    made_by = printable(guess["guess"])
    lines.append(f"  made by {made_by}, linker {headers['linker_version']}, timestamp {headers['timestamp']}")
    lines.append(f"  for Windows {headers['subsystem_version']} and later; {' '.join(headers['characteristics'])}")
    if headers["dll_characteristics"]:
        lines.append(f"  {' '.join(headers['dll_characteristics'])}")
    version = report["version"]
    if version is not None and version["file_version"]:
        lines.append(f"  file version {version['file_version']}")
    lines += ["", "sections"]
    for row in report["sections"]:
        start = base + row["rva"]
        end = start + (row["virtual_size"] or row["raw_size"])
        shared = " shared" if row["shared"] else ""
        lines.append(f"  {printable(row['name']):<8} {start:#x}-{end:#x} {row['rights']}{shared}")
    if report["directories"]:
        lines += ["", "directories"]
        lines += [f"  {name:<20} {row['rva']:#x} {row['size']} bytes" for name, row in report["directories"].items()]
    for title, key in (("imports", "imports"), ("delay imports", "delay_imports")):
        if report[key]:
            lines += ["", title]
            lines += [line for row in report[key] for line in _dll_text(row)]
    if report["exports"] is not None and report["exports"]["names"]:
        functions, names = report["exports"]["functions"], report["exports"]["names"]
        lines += ["", f"exports {functions} functions, {names} of them by name"]
    if report["tls"] is not None:
        callbacks = ", ".join(report["tls"]["callbacks"]) or "none"
        size = report["tls"]["template_size"] + report["tls"]["zero_fill"]
        lines += ["", f"thread-local storage: {size} bytes for each thread; callbacks: {callbacks}"]
    if report["overlay"]:
        lines += ["", f"{report['overlay']} bytes follow the image"]
    lines += ["", *map(printable, report["problems"])] if report["problems"] else []
    return [*lines, "", report["verdict"]]


def _dll_text(row: dict[str, Any]) -> list[str]:
    host = f" ({row['host']})" if row["host"] else ""
    who = printable(row["source"]) if row["source"] else f"missing: {printable(row['problem'])}"
    lines = [f"  {printable(row['dll'])}{host}: {who}"]
    for function in row["functions"]:
        name = label(function)
        known = function.get("answered_as")
        if function["name"] is None and known and not known.startswith("#"):
            name = f"{name} {known}"
        by = function["by"]
        elsewhere = f" in {by}" if by and by.lower() not in ((row["host"] or "").lower(), row["dll"].lower()) else ""
        note = f": {function['note']}" if function["note"] else ""
        lines.append(f"    {function['status']:<8} {name}{elsewhere}{note}")
    return lines
