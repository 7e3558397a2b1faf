"""A recorded trace, counted: by function, error, stub and thread, for the report."""

from collections import Counter

from ..escapes import escaped
from .records import CallRecord, Clocks, Event, Trace, program_name
from .touched import Touched

COLUMNS = 1000
"""The timeline is so many slices of time wide."""


class FunctionStat:
    """Calls of one function. Times are in seconds and include what the calls called back into."""

    def __init__(self, call: CallRecord) -> None:
        self.dll, self.function, self.category = call.dll, call.function, call.category
        self.count = 0
        self.time = self.waited = self.longest = 0.0
        self.errors: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self.callers: Counter[str] = Counter()
        self.first = call.n

    @property
    def failed(self) -> int:
        return sum(self.errors.values())

    def take(self, call: CallRecord) -> None:
        self.count += 1
        self.time += call.dur
        self.waited += call.waited
        self.longest = max(self.longest, call.dur)
        self.kinds[call.kind] += 1
        if call.error:
            self.errors[call.error] += 1
        if call.kind == "stub":
            self.callers[call.caller] += 1


class ThreadStat:
    """One thread, on the clock of the first process."""

    def __init__(self, pid: int, tid: int, name: str, start: float) -> None:
        self.pid, self.tid, self.name = pid, tid, name
        self.start = self.end = start
        self.ended = False
        self.calls = self.errors = 0
        self.time = self.waited = 0.0
        self.outermost: list[CallRecord] = []
        """Its calls that were not made inside another one."""
        self.marks: list[tuple[float, str]] = []
        """Faults and exceptions, with their times."""

    @property
    def title(self) -> str:
        return f"{self.name} ({self.tid})" if self.name else f"thread {self.tid}"


class Stats:
    """Everything that the report shows of a trace."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.clocks = Clocks()
        self.functions: dict[tuple[str, str], FunctionStat] = {}
        self.threads: list[ThreadStat] = []
        self.modules: list[Event] = []
        self.processes: list[Event] = []
        self.exits: dict[int, int] = {}
        self.exceptions: list[Event] = []
        self.touched = Touched()
        self.duration = 0.0
        self._living: dict[tuple[int, int], ThreadStat] = {}
        for event in trace.events:
            self.clocks.see(event)
        self._any_exception = bool(trace.of_kind("exception"))
        for event in sorted(trace.events, key=lambda e: (self.time(e), e.get("pid", 0), e.get("n", 0))):
            if event["event"] == "call":
                self._call(CallRecord(event))
            else:
                self._event(event)
        for thread in self.threads:
            if not thread.ended:
                thread.end = self.duration

    def time(self, event: Event) -> float:
        return self.clocks.time(event)

    def _event(self, event: Event) -> None:
        kind, pid, now = event["event"], event.get("pid", 0), self.time(event)
        self.duration = max(self.duration, now)
        if kind == "start":
            self.processes.append(event)
        elif kind == "exit":
            self.exits.setdefault(pid, event.get("code") or 0)
        elif kind == "module_load":
            self.modules.append(event)
        elif kind == "thread_start":
            thread = ThreadStat(pid, event["tid"], str(event.get("name") or ""), now)
            self._living[pid, event["tid"]] = thread
            self.threads.append(thread)
        elif kind == "thread_exit":
            thread = self._thread(pid, event["tid"], now)
            thread.end, thread.ended = max(now, thread.start), True
        elif kind in ("fault", "exception"):
            if kind == "fault" and self._any_exception:
                return  # it is there a second time, as an exception
            self.exceptions.append(event)
            if event.get("stage") in ("raised", "unhandled", None):
                thread = self._thread(pid, event["tid"], now)
                thread.marks.append((now, str(event.get("name") or event.get("why") or event.get("code") or kind)))

    def _thread(self, pid: int, tid: int, now: float) -> ThreadStat:
        thread = self._living.get((pid, tid))
        if thread is None:
            thread = self._living[pid, tid] = ThreadStat(pid, tid, "", now)
            self.threads.append(thread)
        return thread

    def _call(self, call: CallRecord) -> None:
        found = self.functions.get((call.dll, call.function))
        if found is None:
            found = self.functions[call.dll, call.function] = FunctionStat(call)
        found.take(call)
        start = self.time(call.event)
        end = start + max(call.dur, 0.0)
        self.duration = max(self.duration, end)
        thread = self._thread(call.pid, call.tid, start)
        thread.calls += 1
        thread.errors += call.error is not None
        thread.start = min(thread.start, start)
        if call.depth == 0:
            thread.time += call.dur
            thread.waited += call.waited
            thread.outermost.append(call)
        self.touched.take(call)

    @property
    def dlls(self) -> dict[str, list[FunctionStat]]:
        """Functions by DLL: the DLL, and in it the function, with the most calls first."""
        found: dict[str, list[FunctionStat]] = {}
        for stat in sorted(self.functions.values(), key=lambda f: (-f.count, f.function)):
            found.setdefault(stat.dll, []).append(stat)
        return dict(sorted(found.items(), key=lambda item: (-sum(f.count for f in item[1]), item[0])))

    @property
    def errors(self) -> int:
        return sum(stat.failed for stat in self.functions.values())

    @property
    def stubs(self) -> list[FunctionStat]:
        """Functions that a stub answered, most called first."""
        found = [stat for stat in self.functions.values() if stat.kinds["stub"]]
        return sorted(found, key=lambda f: (-f.kinds["stub"], f.dll, f.function))

    @property
    def title(self) -> str:
        return escaped(program_name(self.trace.header)) or "a program"
