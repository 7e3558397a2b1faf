"""The calls that the report's table holds: all, or where there are too many the failed ones and the first ones."""

from typing import Any

from ..escapes import escaped
from .records import CallRecord, Trace
from .stats import Stats
from .wording import answer_text, arguments_text, value_text

ERROR, STUB = 1, 2
"""Flags of a row."""
LINE = 1000
"""Arguments and answers are cut at so many characters."""


def choose(calls: "list[CallRecord]", limit: int) -> tuple[list[CallRecord], str]:
    """The calls to keep, and a sentence that says what is missing; empty when nothing is."""
    if len(calls) <= limit:
        return calls, ""
    notable = [call for call in calls if call.error or call.kind == "stub" or call.unfinished]
    kept = notable[: limit // 2]
    chosen = set(map(id, kept))
    for call in calls:
        if len(chosen) >= limit:
            break
        chosen.add(id(call))
    rows = [call for call in calls if id(call) in chosen]
    which = f"all {len(notable):,}" if len(kept) == len(notable) else f"the first {len(kept):,} of {len(notable):,}"
    return rows, (
        f"This table holds {len(rows):,} of {len(calls):,} calls: the first ones, and {which} that failed, never "
        "returned or were answered by a stub. Everything above counts all calls. Use --calls for more."
    )


def call_table(trace: Trace, stats: Stats, limit: int) -> tuple[dict[str, Any], str]:
    """What the page's script reads, and what to say of calls that are left out."""
    calls, note = choose(trace.records, limit)
    functions: dict[tuple[str, str, str], int] = {}
    threads: dict[tuple[int, int], int] = {}
    callers: dict[str, int] = {}
    names = {(thread.pid, thread.tid): thread.title for thread in stats.threads}
    rows = []
    for call in calls:
        flags = (ERROR if call.error else 0) | (STUB if call.kind == "stub" else 0)
        rows.append([
            call.n, round(stats.time(call.event), 6), round(call.dur, 6), round(call.waited, 6),
            threads.setdefault((call.pid, call.tid), len(threads)),
            functions.setdefault((call.dll, call.function, call.category), len(functions)),
            max(0, call.depth), cut(arguments_text(call.event)), cut(answer_text(call.event)), flags,
            callers.setdefault(call.caller, len(callers)), more(call),
        ])  # fmt: skip
    several = len(stats.processes) > 1
    return {
        "calls": rows,
        "functions": [[escaped(f"{dll}!{function}"), escaped(category)] for dll, function, category in functions],
        "threads": [
            (f"{pid}: " if several else "") + escaped(names.get((pid, tid), str(tid))) for pid, tid in threads
        ],
        "callers": [escaped(caller) for caller in callers],
    }, note


def more(call: CallRecord) -> str:
    """What is shown of a call on demand: structures that it read and wrote."""
    lines = [
        f"{escaped(name)} {word} {value_text(value, name)}"
        for word, values in (("was", call.ins), ("became", call.out))
        for name, value in values.items()
        if word == "was" or isinstance(value, (dict, list))
    ]
    return cut("\n".join(lines))


def cut(text: str) -> str:
    return text if len(text) <= LINE else f"{text[:LINE]}...(+{len(text) - LINE})"
