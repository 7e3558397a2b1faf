"""The timeline of the report: for each thread, when it was in calls of which kind, and when it waited, as SVG."""

from collections import Counter
from collections.abc import Callable
from html import escape

from ..escapes import escaped
from .stats import COLUMNS, ThreadStat

HEIGHT = 26
"""Of a lane, in units of the drawing."""
LEVELS = 8
"""Shares of time are drawn in so many steps."""
GROUPS = {
    "file_io": "files", "console_io": "files", "memory": "memory", "string": "text", "synchronization": "threads",
    "threading": "threads", "network": "network", "registry": "registry", "module": "process", "process": "process",
    "environment": "process", "handle": "process", "exception": "exception",
}  # fmt: skip
LEGEND = {
    "g-files": "files and console", "g-memory": "memory", "g-text": "text", "g-threads": "threads and locks",
    "g-network": "network", "g-registry": "registry", "g-process": "process, modules, handles",
    "g-exception": "handling of exceptions", "g-other": "anything else", "wait": "waiting in a call",
    "mark": "exception raised",
}  # fmt: skip
"""What the classes of the drawing mean; those that begin with g- are groups of categories."""


class Lane:
    """The time of one thread in slices: the share of each that it spent in calls, and waiting in them."""

    def __init__(self, thread: ThreadStat, duration: float, start_of: "Callable[..., float]") -> None:
        step = duration / COLUMNS if duration > 0 else 1.0
        busy, waits = Shares(step), Shares(step)
        kinds: list[Counter[str]] = [Counter() for _ in range(COLUMNS)]
        for call in thread.outermost:
            start = start_of(call.event)
            busy.add(start, call.dur, 1.0)
            if call.waited > 0 and call.dur > 0:
                waits.add(start, call.dur, min(1.0, call.waited / call.dur))
            group = GROUPS.get(call.category, "other")
            kinds[busy.slice(start)][group] += 1
        self.busy, self.waits = busy.shares(), waits.shares()
        self.groups: list[str] = []
        last = "other"
        for counts, share in zip(kinds, self.busy, strict=True):
            if counts:
                last = counts.most_common(1)[0][0]
            self.groups.append(last if share else "")

    def blocks(self) -> "list[tuple[int, int, str, int, int]]":
        """Slices that look alike, together: first, number, group, and steps of busy and of waiting share."""
        found: list[tuple[int, int, str, int, int]] = []
        for column, (share, wait, group) in enumerate(zip(self.busy, self.waits, self.groups, strict=True)):
            if not group:
                continue
            level = max(1, round(share * LEVELS))
            waiting = min(level, round(wait * LEVELS))
            if found and found[-1][0] + found[-1][1] == column and found[-1][2:] == (group, level, waiting):
                found[-1] = (found[-1][0], found[-1][1] + 1, group, level, waiting)
            else:
                found.append((column, 1, group, level, waiting))
        return found


class Shares:
    """Sums up intervals of time by slices of a fixed length, whatever the number of slices they cover."""

    def __init__(self, step: float) -> None:
        self.step = step
        self._part = [0.0] * COLUMNS
        self._rise = [0.0] * (COLUMNS + 1)

    def slice(self, time: float) -> int:
        return min(COLUMNS - 1, max(0, int(time / self.step)))

    def add(self, start: float, length: float, weight: float) -> None:
        end = start + max(length, 0.0)
        first, last = self.slice(start), self.slice(end)
        if first == last:
            self._part[first] += (end - start) / self.step * weight
            return
        self._part[first] += (first + 1 - start / self.step) * weight
        self._part[last] += (end / self.step - last) * weight
        self._rise[first + 1] += weight
        self._rise[last] -= weight

    def shares(self) -> list[float]:
        """0 to 1 for each slice."""
        found, whole = [], 0.0
        for part, rise in zip(self._part, self._rise, strict=False):
            whole += rise
            found.append(max(0.0, min(1.0, whole + part if whole + part > 1e-9 else 0.0)))
        return found


def lane_svg(thread: ThreadStat, duration: float, start_of: "Callable[..., float]", used: "set[str]") -> str:
    """The drawing of one thread; adds to ``used`` the classes that need a legend."""
    lane = Lane(thread, duration, start_of)
    scale = COLUMNS / duration if duration > 0 else 0.0
    start, end = thread.start * scale, thread.end * scale
    parts = [f'<rect class="life" x="{start:.1f}" y="{HEIGHT - 3}" width="{max(1.0, end - start):.1f}" height="3"/>']
    unit = (HEIGHT - 4) / LEVELS
    for column, count, group, level, waiting in lane.blocks():
        top = HEIGHT - 3 - level * unit
        parts.append(
            f'<rect class="g-{group}" x="{column}" y="{top:.1f}" width="{count}" height="{level * unit:.1f}"/>'
        )
        used.add(f"g-{group}")
        if waiting:
            used.add("wait")
            parts.append(
                f'<rect class="wait" x="{column}" y="{top:.1f}" width="{count}" height="{waiting * unit:.1f}"/>'
            )
    if thread.marks:
        used.add("mark")
    for time, name in thread.marks[:200]:
        parts.append(
            f'<rect class="mark" x="{min(COLUMNS - 2.0, time * scale):.1f}" y="0" width="2" height="{HEIGHT}">'
            f"<title>{escape(escaped(name)[:200])}</title></rect>"
        )
    label = escape(f"{escaped(thread.title)}: {thread.calls} calls", quote=True)
    return (
        f'<svg class="lane" viewBox="0 0 {COLUMNS} {HEIGHT}" preserveAspectRatio="none" role="img" '
        f'aria-label="{label}">{"".join(parts)}</svg>'
    )


def ticks(duration: float) -> list[tuple[float, str]]:
    """Round times for the axis, as shares of the duration and as texts."""
    from .show import duration_text

    if duration <= 0:
        return []
    step = 1e-6
    while duration / step > 8:
        for factor in (2, 2.5, 2):
            step *= factor
            if duration / step <= 8:
                break
    return [(i * step / duration, duration_text(i * step) if i else "0") for i in range(int(duration / step) + 1)]
