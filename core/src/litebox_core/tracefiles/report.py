"""``litebox trace report``: a recorded trace as one page for people, without anything from the network.

Every text that the traced program could choose is escaped for where it stands; the page allows only its own script
and style to be used by a content security policy besides.
"""

import base64
import hashlib
import json
from collections.abc import Iterable
from datetime import datetime, timezone
from html import escape
from importlib import resources
from typing import TextIO

from .. import __version__
from ..escapes import escaped
from .calltable import call_table
from .records import Event, Trace, program_name
from .show import duration_text
from .stats import COLUMNS, FunctionStat, Stats
from .timeline import LEGEND, lane_svg, ticks
from .touched import Thing

ROWS = 500
"""The most rows of a table."""
LANES = 60
"""The most threads in the timeline."""
TEXT = 300
"""Longer texts are cut in tables."""

Cell = tuple[str, str]
"""Markup of a cell, and its attributes."""


def write_report(trace: Trace, out: TextIO, *, calls: int = 20_000) -> None:
    """Writes the page. At most ``calls`` calls are in its table; everything else counts all of them."""
    stats = Stats(trace)
    style, script = page_file("report.css"), page_file("report.js")
    rows, note = call_table(trace, stats, calls)
    policy = f"default-src 'none'; style-src '{digest(style)}'; script-src '{digest(script)}'; img-src data:"
    data = json.dumps(rows, separators=(",", ":"))
    for char in "<>&":  # nothing in a script element may look like its end
        data = data.replace(char, f"\\u{ord(char):04x}")
    out.write(
        "<!doctype html>\n"
        '<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer"><link rel="icon" href="data:,">\n'
        f"<title>{escape(stats.title)} - litebox trace</title>\n<style>{style}</style></head>\n<body>\n"
    )
    out.writelines(header(trace, stats))
    out.write("<main>\n")
    for part in (timeline, functions, errors, stubs, files, keys, sockets, exceptions, modules):
        out.writelines(part(stats))
    out.writelines(calls_section(note))
    out.write(
        f"</main>\n<footer>Made by litebox {escape(__version__)} from a JSON trace of schema 1.</footer>\n"
        f'<script type="application/json" id="data">{data}</script>\n<script>{script}</script>\n</body></html>\n'
    )


def page_file(name: str) -> str:
    return (resources.files(__package__) / "page" / name).read_text(encoding="utf-8")


def digest(text: str) -> str:
    """A text as a content security policy names it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


# -- small pieces ------------------------------------------------------------------------------------------------


def safe(text: object, limit: int = TEXT) -> str:
    """Any text as markup: one line, printable, escaped and cut."""
    shown = str(text)
    if len(shown) > limit:
        shown = f"{shown[:limit]}...(+{len(shown) - limit})"
    return escape(escaped(shown))


def text(value: object) -> Cell:
    return safe(value), ' class="text"'


def label(value: object) -> Cell:
    return safe(value), ""


def number(value: float, shown: str | None = None, mark: str = "") -> Cell:
    """A number; ``mark`` is a class it gets when it is not 0."""
    kind = f"number {mark}" if mark and value else "number"
    if shown is None:
        shown = f"{value:,}" if value or not mark else ""
    return shown, f' class="{kind}" data-sort="{value}"'


def seconds(value: float) -> Cell:
    return number(value, duration_text(value) if value else "")


def link(shown: str, search: str, *, errors: bool = False, stubs: bool = False) -> Cell:
    """A button that looks for calls in the table of all of them."""
    flags = (' data-errors="1"' if errors else "") + (' data-stubs="1"' if stubs else "")
    return f'<button class="link" data-search="{safe(search)}"{flags}>{safe(shown)}</button>', ' class="text"'


def bar(share: float) -> Cell:
    return (
        f'<svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect width="{max(0.5, 100 * share):.1f}" height="1"/></svg>',
        f' data-sort="{share:.6f}"',
    )


def counted(counts: "Iterable[tuple[str, int]]", most: int = 6) -> str:
    """``ReadFile 3, CloseHandle`` as plain text."""
    rows = list(counts)
    shown = [name if count == 1 else f"{name} {count:,}" for name, count in rows[:most]]
    return ", ".join(shown) + (f" and {len(rows) - most} more" if len(rows) > most else "")


def table(heads: "list[str]", rows: "list[list[Cell]]", left_out: int = 0) -> Iterable[str]:
    """A table that can be sorted; heads that begin with # are for numbers."""
    yield '<div class="scroll"><table class="sortable"><thead><tr>'
    for head in heads:
        kind = ' class="number"' if head.startswith("#") else ""
        yield f'<th scope="col"{kind}>{escape(head.lstrip("#"))}</th>'
    yield "</tr></thead><tbody>\n"
    for row in rows:
        yield "<tr>" + "".join(f"<td{attributes}>{markup}</td>" for markup, attributes in row) + "</tr>\n"
    yield "</tbody></table></div>\n"
    if left_out:
        yield f'<p class="note">{left_out:,} more rows are left out.</p>\n'


def section(name: str, title: str) -> str:
    return f'<section id="{name}"><h2>{escape(title)}</h2>\n'


END = "</section>\n"


# -- sections ----------------------------------------------------------------------------------------------------


def header(trace: Trace, stats: Stats) -> Iterable[str]:
    head = trace.header
    started = head.get("started") or 0
    when = ""
    if 0 < started < 1e11:
        when = datetime.fromtimestamp(started, timezone.utc).strftime("Recorded %Y-%m-%d %H:%M:%S UTC, ")
    words = head.get("args")
    command = head.get("command_line") or " ".join(map(str, words)) if isinstance(words, list) else ""
    code = trace.exit_code
    yield f"<header><h1>{safe(stats.title)}</h1>\n"
    path = head.get("program") or head.get("host_path") or ""
    yield f'<p class="mono">{safe(path, 1000)} {safe(command, 1000)}</p>\n'
    yield f'<p class="dim">{when}litebox {safe(head.get("litebox") or "?")}</p>\n'
    if trace.cut:
        yield '<p class="warn">The recording was cut off: its last line is incomplete.</p>\n'
    count = sum(stat.count for stat in stats.functions.values())
    stubbed = sum(stat.kinds["stub"] for stat in stats.functions.values())
    tiles = [
        ("exit code", "none recorded" if code is None else str(code), "bad" if code else ""),
        ("time", duration_text(stats.duration), ""),
        ("calls", f"{count:,}", ""),
        ("functions", f"{len(stats.functions):,}", ""),
        ("failed calls", f"{stats.errors:,}", "warn" if stats.errors else ""),
        ("calls of stubs", f"{stubbed:,}", "warn" if stubbed else ""),
        ("threads", f"{len(stats.threads):,}", ""),
        ("processes", f"{len(stats.processes):,}", ""),
    ]
    yield '<div class="tiles">\n'
    for title, value, kind in tiles:
        yield f'<div class="tile {kind}"><b>{safe(value)}</b><span>{escape(title)}</span></div>\n'
    yield "</div>\n<nav>"
    for name, title in (
        ("timeline", "Timeline"), ("functions", "Calls by DLL"), ("errors", "Errors"), ("stubs", "Stubs"),
        ("files", "Files"), ("registry", "Registry"), ("sockets", "Sockets"), ("exceptions", "Exceptions"),
        ("modules", "Processes and modules"), ("all-calls", "All calls"),
    ):  # fmt: skip
        yield f'<a href="#{name}">{title}</a>'
    yield "</nav></header>\n"


def timeline(stats: Stats) -> Iterable[str]:
    yield section("timeline", "Timeline")
    yield '<div class="timeline"><div></div><svg class="axis" viewBox="0 0 100 18" preserveAspectRatio="none">'
    marks = ticks(stats.duration)
    yield "".join(f'<line x1="{100 * at:.2f}" x2="{100 * at:.2f}" y1="0" y2="18" vector-effect="non-scaling-stroke"/>'
                  for at, _ in marks)  # fmt: skip
    yield "</svg>\n"
    used: set[str] = set()
    for thread in stats.threads[:LANES]:
        process = f"process {thread.pid}, " if len(stats.processes) > 1 else ""
        yield f'<div class="name">{safe(process + thread.title)}<br>'
        yield f'<span class="dim">{thread.calls:,} calls</span></div>'
        yield lane_svg(thread, stats.duration, stats.time, used) + "\n"
    yield '<div></div><svg class="axis" aria-hidden="true">'
    yield "".join(f'<text x="{100 * at:.2f}%" y="12">{escape(shown)}</text>' for at, shown in marks if at < 0.97)
    yield "</svg></div>\n"
    if len(stats.threads) > LANES:
        yield f'<p class="note">{len(stats.threads) - LANES} more threads are not drawn.</p>\n'
    yield '<ul class="legend">'
    for name, title in LEGEND.items():
        if name in used:
            yield f'<li><svg viewBox="0 0 1 1"><rect class="{name}" width="1" height="1"/></svg>{escape(title)}</li>'
    step = duration_text(stats.duration / COLUMNS)
    yield f'</ul>\n<p class="note">How high: the share of each slice of time ({step}) spent in traced calls.'
    yield " The colour is that of the calls that were most there. Times were taken while tracing, which slows calls"
    yield " down.</p>\n"
    yield END


def functions(stats: Stats) -> Iterable[str]:
    yield section("functions", "Calls by DLL and function")
    total = max(1, sum(stat.count for stat in stats.functions.values()))
    for index, (dll, found) in enumerate(stats.dlls.items()):
        if index >= ROWS:
            yield f'<p class="note">{len(stats.dlls) - ROWS} more DLLs are left out.</p>\n'
            break
        count, failed = sum(f.count for f in found), sum(f.failed for f in found)
        some_failed = f", {failed:,} failed" if failed else ""
        yield f"<details{' open' if index < 2 else ''}><summary>{safe(dll)} "
        yield f"<span>{count:,} calls of {len(found)} functions{some_failed}</span></summary>\n"
        rows = [function_row(stat, total) for stat in found[:ROWS]]
        heads = ["function", "#calls", "", "#time", "#waiting", "#longest", "#failed", "category", "answered by"]
        yield from table(heads, rows, len(found) - len(rows))
        yield "</details>\n"
    yield '<p class="note">Times include what a call called back into.</p>\n' + END


def function_row(stat: FunctionStat, total: int) -> list[Cell]:
    kinds = counted(stat.kinds.most_common()) if len(stat.kinds) > 1 else next(iter(stat.kinds))
    return [
        link(stat.function, f"{stat.dll}!{stat.function}("), number(stat.count), bar(stat.count / total),
        seconds(stat.time), seconds(stat.waited), seconds(stat.longest), number(stat.failed, mark="bad"),
        label(stat.category), label(kinds),
    ]  # fmt: skip


def errors(stats: Stats) -> Iterable[str]:
    yield section("errors", "Errors")
    found = [(stat, name, count) for stat in stats.functions.values() for name, count in stat.errors.items()]
    if not found:
        yield "<p>No call failed.</p>\n" + END
        return
    found.sort(key=lambda row: (-row[2], row[0].dll, row[0].function, row[1]))
    yield '<p class="note">Not all of these are trouble: many programs try things to see whether they are there.</p>\n'
    rows = [
        [link(f"{s.dll}!{s.function}", f"{s.dll}!{s.function}( !{name}", errors=True), text(name), number(count)]
        for s, name, count in found[:ROWS]
    ]
    yield from table(["function", "error", "#calls"], rows, len(found) - len(rows))
    yield END


def stubs(stats: Stats) -> Iterable[str]:
    yield section("stubs", "Stubs hit")
    found = stats.stubs
    if not found:
        yield "<p>No call was answered by a stub.</p>\n" + END
        return
    yield "<p>These functions are not implemented, or were chosen to be stubs: they answered with an error.</p>\n"
    rows = [
        [
            link(f"{s.dll}!{s.function}", f"{s.dll}!{s.function}(", stubs=True), number(s.kinds["stub"]),
            text(counted(s.callers.most_common(), 4)),
        ]
        for s in found[:ROWS]
    ]  # fmt: skip
    yield from table(["function", "#calls", "called from"], rows, len(found) - len(rows))
    yield END


def things(name: str, title: str, found: "dict[str, Thing]", none: str, details: str = "") -> Iterable[str]:
    yield section(name, title)
    if not found:
        yield f"<p>{none}</p>\n" + END
        return
    rows: list[list[Cell]] = []
    for thing in list(found.values())[:ROWS]:
        row = [text(thing.name), number(thing.count), text(counted(thing.calls.most_common()))]
        if details:
            row.append(text(", ".join(list(thing.details)[:20])))
        if name != "registry":
            row += [number(thing.read, f"{thing.read:,}" if thing.read else "")]
            row += [number(thing.written, f"{thing.written:,}" if thing.written else "")]
        row.append((safe(counted(thing.errors.most_common())), ' class="text bad"'))
        rows.append(row)
    heads = [title.lower().rstrip("s"), "#calls", "functions", *([details] if details else [])]
    heads += ["#bytes read", "#written"] if name != "registry" else []
    yield from table([*heads, "errors"], rows, len(found) - len(rows))
    yield END


def files(stats: Stats) -> Iterable[str]:
    yield from things("files", "Files", stats.touched.files, "No traced call named a file.")


def keys(stats: Stats) -> Iterable[str]:
    none = "No traced call named a registry key."
    yield from things("registry", "Registry keys", stats.touched.keys, none, "values")


def sockets(stats: Stats) -> Iterable[str]:
    none = "No traced call used a socket."
    yield from things("sockets", "Sockets", stats.touched.sockets, none, "addresses")


def exceptions(stats: Stats) -> Iterable[str]:
    yield section("exceptions", "Faults and exceptions")
    found = stats.exceptions
    if not found:
        yield "<p>None was recorded.</p>\n" + END
        return
    rows = [
        [
            number(stats.time(e), f"{stats.time(e):.6f}"), label(e["tid"]), label(e.get("stage") or e.get("why") or ""),
            text(e.get("name") or e.get("code") or ""), text(e.get("address") or e.get("pc") or ""),
            text(e.get("handler") or ""),
        ]
        for e in found[:ROWS]
    ]  # fmt: skip
    yield from table(["#seconds", "thread", "stage", "what", "at", "handler"], rows, len(found) - len(rows))
    yield END


def modules(stats: Stats) -> Iterable[str]:
    yield section("modules", "Processes and modules")
    rows = []
    for event in stats.processes[:ROWS]:
        code = stats.exits.get(event["pid"])
        words = event.get("args")
        command = " ".join(map(str, words)) if isinstance(words, list) else event.get("command_line") or ""
        rows.append([
            number(event["pid"], str(event["pid"])), text(program_name(event)), text(command),
            number(stats.time(event), f"{stats.time(event):.6f}"),
            number(int(bool(code)), "" if code is None else safe(code), "bad"),
        ])  # fmt: skip
    heads = ["#process", "program", "arguments", "#started", "#exit code"]
    yield from table(heads, rows, len(stats.processes) - len(rows))
    if stats.modules:
        yield from table(
            ["module", "address", "#size", "#loaded", "from", "path"],
            [module_row(stats, event) for event in stats.modules[:ROWS]],
            max(0, len(stats.modules) - ROWS),
        )
    yield END


def module_row(stats: Stats, event: Event) -> list[Cell]:
    size = event.get("size") or 0
    return [
        text(event["module"]), text(event.get("base") or ""), number(size),
        number(stats.time(event), f"{stats.time(event):.6f}"), label(event.get("source") or ""),
        text(event.get("path") or ""),
    ]  # fmt: skip


def calls_section(note: str) -> Iterable[str]:
    yield section("all-calls", "All calls")
    if note:
        yield f'<p class="warn">{escape(note)}</p>\n'
    yield "<noscript><p>The table of calls needs JavaScript. Everything above works without it.</p></noscript>\n"
    yield (
        '<div class="controls" id="controls" hidden>'
        '<input type="search" id="search" placeholder="Words to look for: function, argument, result" '
        'aria-label="Words to look for">'
        '<select id="thread" aria-label="Thread"><option value="">all threads</option></select>'
        '<select id="category" aria-label="Category"><option value="">all categories</option></select>'
        '<label><input type="checkbox" id="errors"> failed</label>'
        '<label><input type="checkbox" id="stubs"> stubs</label>'
        '<button id="before">&lt;</button><span id="count"></span><button id="after">&gt;</button></div>\n'
        '<div class="scroll"><table id="calls"><thead><tr><th class="number" scope="col">n</th>'
        '<th class="number" scope="col">seconds</th><th scope="col">thread</th>'
        '<th class="number" scope="col">took</th><th scope="col">call</th></tr></thead><tbody></tbody></table></div>\n'
    )
    yield END
