"""``litebox trace diff``: where two runs part, and which calls were added and gone."""

from collections import Counter
from collections.abc import Iterator
from typing import TextIO

from ..escapes import escaped
from .records import program_name
from .sequence import align
from .show import BOLD, CYAN, DIM, OFF
from .stable import Item, Side

RED, GREEN = "\x1b[31m", "\x1b[32m"
LINE = 1000
"""Longer lines are cut."""
Op = tuple[str, int, int, int, int]
"""As difflib's opcodes: ``equal`` or ``change``, and the piece of a and of b."""


class ThreadDiff:
    """How the steps of one thread differ. ``first`` is the index of the first step that does, None if none does.

    Up to there, the very same objects are meant; behind it, objects of the same origin count as equal, for nobody can
    say which handle is which once the calls are not the same.
    """

    def __init__(self, name: str, a: list[Item], b: list[Item]) -> None:
        self.name, self.a, self.b = name, a, b
        self.exact = True
        self.first: int | None = None
        self.ops: list[Op] = []
        same = 0
        for x, y in zip(a, b, strict=False):
            if x.exact != y.exact:
                break
            same += 1
        if same == len(a) == len(b):
            return
        self.first = same
        self.ops = [("equal", 0, same, 0, same)] if same else []
        skip = same
        if same < min(len(a), len(b)) and a[same].shape == b[same].shape:  # the same call of another object
            skip += 1
            self.ops.append(("change", same, skip, same, skip))
        pairs, self.exact = align([x.shape for x in a[skip:]], [y.shape for y in b[skip:]])
        i = j = skip
        for next_i, next_j in [*((x + skip, y + skip) for x, y in pairs), (len(a), len(b))]:
            if next_i > i or next_j > j:
                self._add("change", i, next_i, j, next_j)
            if next_i < len(a) or next_j < len(b):
                self._add("equal", next_i, next_i + 1, next_j, next_j + 1)
            i, j = next_i + 1, next_j + 1

    def _add(self, tag: str, i: int, next_i: int, j: int, next_j: int) -> None:
        if self.ops and self.ops[-1][0] == tag:
            _, i, _, j, _ = self.ops.pop()
        self.ops.append((tag, i, next_i, j, next_j))

    def gone(self) -> Iterator[Item]:
        """Steps of a alone."""
        for tag, i, next_i, _, _ in self.ops:
            if tag == "change":
                yield from self.a[i:next_i]

    def added(self) -> Iterator[Item]:
        """Steps of b alone."""
        for tag, _, _, j, next_j in self.ops:
            if tag == "change":
                yield from self.b[j:next_j]

    def hunks(self, context: int) -> list[list[Op]]:
        """Changes with so many equal steps around them; changes that are near to each other are together."""
        found: list[list[Op]] = []
        for index, (tag, i, next_i, j, next_j) in enumerate(self.ops):
            if tag == "change":
                if not found:
                    found.append([])
                found[-1].append((tag, i, next_i, j, next_j))
                continue
            first, last = index == 0, index == len(self.ops) - 1
            if not first:
                end = min(next_i, i + context) if last or next_i - i > 2 * context else next_i
                found[-1].append((tag, i, end, j, j + end - i))
            if not last and (first or next_i - i > 2 * context):
                start = max(i, next_i - context)
                found.append([(tag, start, next_i, next_j - (next_i - start), next_j)])
        return found


class Comparison:
    """Two traces, thread by thread: how threads take turns makes no difference."""

    def __init__(self, a: Side, b: Side) -> None:
        self.a, self.b = a, b
        names = [*a.threads, *(name for name in b.threads if name not in a.threads)]
        self.threads = [ThreadDiff(name, a.threads.get(name, []), b.threads.get(name, [])) for name in names]
        self.exit_codes = (a.trace.exit_code, b.trace.exit_code)

    @property
    def same(self) -> bool:
        return all(thread.first is None for thread in self.threads) and self.exit_codes[0] == self.exit_codes[1]

    def changed(self) -> list[ThreadDiff]:
        """Threads that differ, the one that does so earliest (in the time of a) first."""

        def moment(thread: ThreadDiff) -> float:
            assert thread.first is not None
            items = thread.a[thread.first :] or thread.b[thread.first :]
            return float(items[0].event.get("t") or 0)

        return sorted((thread for thread in self.threads if thread.first is not None), key=moment)


class DiffWriter:
    """Writes a comparison like ``diff -u``. At most `limit` places are shown, 0 for all."""

    def __init__(self, out: TextIO, names: tuple[str, str], *, context: int, limit: int, colour: bool) -> None:
        self.out, self.names, self.context, self.limit, self.colour = out, names, context, limit, colour

    def write(self, found: Comparison) -> None:
        a, b = found.a, found.b
        if found.same:
            count = sum(map(len, a.threads.values()))
            self.line(f"The same: {count} steps in {len(a.threads)} threads, {exit_text(found.exit_codes[0])}.")
            return
        self.line(f"--- {self.names[0]}: {summary(a)}", BOLD)
        self.line(f"+++ {self.names[1]}: {summary(b)}", BOLD)
        changed = found.changed()
        for index, thread in enumerate(changed):
            self._thread(thread, "The first difference" if index == 0 else "Another first difference")
        for title, sign, colour, items in (
            ("Gone", "-", RED, [item for thread in changed for item in thread.gone()]),
            ("Added", "+", GREEN, [item for thread in changed for item in thread.added()]),
        ):
            self._counts(title, sign, colour, items)
        if found.exit_codes[0] != found.exit_codes[1]:
            self.line(f"\nThe first has {exit_text(found.exit_codes[0])}, the second {exit_text(found.exit_codes[1])}.")

    def _thread(self, thread: ThreadDiff, title: str) -> None:
        at = thread.first
        assert at is not None
        places = " and ".join(
            f"{items[at].place} of the {which}" if at < len(items) else f"the end of the {which}"
            for items, which in ((thread.a, "first"), (thread.b, "second"))
        )
        self.line(f"\n{title}, in {thread.name} after {at} equal steps: {places}.", BOLD)
        hunks = thread.hunks(self.context)
        shown = hunks[: self.limit] if self.limit else hunks
        for hunk in shown:
            (_, i, _, j, _), (_, _, next_i, _, next_j) = hunk[0], hunk[-1]
            self.line(f"@@ -{i + 1},{next_i - i} +{j + 1},{next_j - j} @@", CYAN)
            for tag, i, next_i, j, next_j in hunk:
                if tag == "equal":
                    self._items(" ", thread.a[i:next_i], "")
                else:
                    self._items("-", thread.a[i:next_i], RED)
                    self._items("+", thread.b[j:next_j], GREEN)
        if len(shown) < len(hunks):
            self.line(f"{len(hunks) - len(shown)} more places differ in {thread.name}: --limit 0 shows all.", DIM)
        if not thread.exact:
            self.line("The trace is very long: there may be a shorter way to turn one into the other.", DIM)

    def _items(self, sign: str, items: list[Item], colour: str) -> None:
        cap = 4 * self.limit if self.limit else len(items)
        for item in items[:cap]:
            text = item.text
            more = f"...+{len(text) - LINE}" if len(text) > LINE else ""
            self.line(f"{sign} {text[:LINE]}{more}", colour)
        if len(items) > cap:
            self.line(f"{sign} ... {len(items) - cap} more", colour)

    def _counts(self, title: str, sign: str, colour: str, items: list[Item]) -> None:
        if not items:
            return
        counts = Counter(step_name(item) for item in items)
        self.line(f"\n{title}: {len(items)}", BOLD)
        rows = counts.most_common(self.limit or None)
        for name, count in rows:
            self.line(f"{sign}{count:7} {name}", colour)
        if len(rows) < len(counts):
            self.line(f"        and {len(counts) - len(rows)} more functions", DIM)

    def line(self, text: str, colour: str = "") -> None:
        """One line, coloured from its first visible character on."""
        if self.colour and colour:
            lead = "\n" if text.startswith("\n") else ""
            text = f"{lead}{colour}{text.lstrip(chr(10))}{OFF}"
        self.out.write(text + "\n")


def step_name(item: Item) -> str:
    """What a step is counted under."""
    if item.event["event"] != "call":
        return item.text
    return f"{escaped(item.event['dll'])}!{escaped(item.event['function'])}"


def summary(side: Side) -> str:
    """Program, calls and exit code in a few words."""
    count = sum(map(len, side.threads.values()))
    program = escaped(program_name(side.trace.header)) or "?"
    cut = ", cut off" if side.trace.cut else ""
    return f"{program}, {count} steps, {exit_text(side.trace.exit_code)}{cut}"


def exit_text(code: "int | None") -> str:
    return "no exit" if code is None else f"exit code {code}"
