"""``litebox dlls`` and ``litebox exports``: what is installed, and how complete it is."""

import json
from typing import TYPE_CHECKING, Any

import click

from . import codes

if TYPE_CHECKING:
    from ..dll import Dll, Export
    from ..plugins import Plugins


def load_plugins(selection: str | None) -> "Plugins":
    """The installed plugins under a selection and litebox.toml of the current folder; ends the command on an error."""
    import os

    from ..config import FILE_NAME, Options
    from ..plugins import PluginError, Plugins
    from ..selection import parse_selection
    from .run import fail

    options = Options()
    try:
        if os.path.exists(FILE_NAME):
            options.read_file(FILE_NAME)
        options.read_environment(os.environ)
        if selection is not None:
            options.plugins = parse_selection(selection)
        return Plugins(options)
    except PluginError as error:
        fail(codes.USAGE, str(error))


@click.command(
    "dlls",
    short_help="List the DLLs, services and overlays that plugins offer.",
    epilog="\b\nExamples:\n  litebox dlls\n  litebox dlls --plugins kernel32,+frozen-clock,@clock=acme-clock --json",
)
@click.option("--plugins", metavar="LIST", help="Show what this selection would choose.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def dlls_command(plugins: str | None, as_json: bool) -> None:
    """List the DLLs that installed plugins implement, which one is chosen for each, and what lies over it.

    Behind them stand the services of the executive with their implementations, and the installed overlays.
    """
    from .. import signatures
    from ..plugins import PluginError
    from .run import fail

    found = load_plugins(plugins)
    try:
        services = [
            {"service": base.__name__.lower(), "source": offer.source}
            for base, offer in found.service_offers().items()
        ]  # fmt: skip
        chosen = found.chosen_overlays()
    except PluginError as error:
        fail(codes.USAGE, str(error))
    overlays = [
        {"overlay": name, "source": f"{o.distribution} {o.version}", "chosen": o.source in chosen}
        for name, offers in sorted(found.overlays().items()) for o in offers
    ]  # fmt: skip
    overlays += [{"overlay": source, "source": source, "chosen": True} for source in chosen if ":" in source]
    rows = [_row(found, name) for name in sorted({*found.available(), *found.named()})]
    services.sort(key=lambda row: row["service"])
    if as_json:
        click.echo(json.dumps({"dlls": rows, "services": services, "overlays": overlays}, indent=2))
        return
    for row in rows:
        click.echo(_line(row))
    click.echo("\nservices")
    for row in services:
        click.echo(f"  @{row['service']:<16} {row['source']}")
    if overlays:
        click.echo("\noverlays")
        for row in overlays:
            click.echo(f"  +{row['overlay']:<16} {'chosen' if row['chosen'] else 'not chosen':<11} {row['source']}")
    others = sorted(set(signatures.dlls()) - {row["dll"] for row in rows})
    click.echo(f"{len(others)} more are answered by typed stubs alone: {', '.join(others)}", err=True)


def _row(found: "Plugins", name: str) -> dict[str, Any]:
    """What is known of one DLL and of the choice for it."""
    from ..errors import NtError
    from ..plugins import PluginError

    offers = [f"{c.distribution} {c.version}".rstrip() for c in found.candidates.get(name, [])]
    row: dict[str, Any] = {"dll": name, "offers": offers}
    try:
        choice = found.choose(name + ".dll")
        assert choice is not None
        row["use"], row["source"] = choice.kind, choice.source
        if choice.kind in ("real", "stub"):
            row.update(counts(choice.dll))
            row["overlays"] = {function: made.source for function, made in sorted(choice.over.items())}
    except NtError:
        row["use"] = row["source"] = "off"
    except PluginError as error:
        row["use"], row["error"] = "error", str(error)
    return row


def _line(row: dict[str, Any]) -> str:
    detail = row.get("error") or row["source"]
    if row["use"] == "native":
        detail = "the file that the program finds"
    if "real" in row:
        detail += f": {row['real']} real, {row['partial']} partial, {row['stub']} stubs"
    laid: dict[str, list[str]] = {}
    for function, source in row.get("overlays", {}).items():
        laid.setdefault(source, []).append(function)
    detail += "".join(f"; {', '.join(functions)} from {source}" for source, functions in laid.items())
    if row["use"] in ("off", "native") and row["offers"]:
        detail += f" (not {', '.join(row['offers'])})"
    elif len(row["offers"]) > 1 and row["use"] != "error":
        detail += f" (not {', '.join(o for o in row['offers'] if o != row['source'])})"
    return f"{row['dll']:<18} {row['use']:<7} {detail}"


def counts(dll: "Dll") -> dict[str, int]:
    """How many exports are real, partial and stubs."""
    result = {"real": 0, "partial": 0, "stub": 0}
    for export in dll.exports.values():
        result[support(export)] += 1
    return result


def support(export: "Export") -> str:
    """``real``, ``partial`` or ``stub``."""
    if export.kind == "stub":
        return "stub"
    return "partial" if export.partial else "real"


@click.command(
    "exports",
    short_help="List the exports of a DLL and how complete they are.",
    epilog="\b\nExamples:\n  litebox exports kernel32\n  litebox exports ws2_32 --json",
)
@click.argument("dll")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def exports_command(dll: str, as_json: bool) -> None:
    """List the exports of DLL: name, ordinal, prototype and support note."""
    from .. import signatures
    from ..errors import NtError
    from ..plugins import PluginError
    from .run import fail

    name = dll.lower().removesuffix(".dll")
    try:
        choice = load_plugins(None).choose(name + ".dll")
    except PluginError as error:
        fail(codes.USAGE, str(error))
    except NtError:
        fail(codes.USAGE, f"{name} is switched off")
    rows: list[dict[str, Any]] = []
    declared = choice.dll.exports if choice is not None and choice.kind in ("real", "stub") else {}
    for title in sorted(declared):
        export = declared[title]
        rows.append({
            "name": title, "ordinal": export.ordinal, "support": support(export), "kind": export.kind,
            "signature": str(export.signature) if export.signature is not None else None,
            "note": f"forwards to {export.forward}" if export.forward else export.partial, "module": export.module,
        })  # fmt: skip
    known = set(signatures.names(name)) if name in signatures.dlls() else set()
    missing = sorted(known - set(declared))
    if not rows and not missing:
        fail(codes.USAGE, f"no plugin and no signature data for {name}; see litebox dlls")
    if as_json:
        click.echo(json.dumps({"dll": name, "exports": rows, "stubbed": missing}, indent=2))
        return
    for row in rows:
        ordinal = f"@{row['ordinal']}" if row["ordinal"] else ""
        words = ": ".join(filter(None, (row["support"], row["note"])))
        note = "" if words == "real" else f"  [{words}]"
        click.echo(f"{row['name']}{ordinal}{row['signature'] or ' (' + row['kind'] + ')'}{note}")
    click.echo(f"{len(rows)} exports; {len(missing)} more are known and answered by typed stubs", err=True)
