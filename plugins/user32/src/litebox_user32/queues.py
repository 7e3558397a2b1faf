"""The message queues of threads that have no windows: posted messages, WM_QUIT and timers."""

from litebox_core.abi import DWORD, HANDLE, LONG, LPARAM, UINT, WPARAM, Struct
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.objects import Waitable
from litebox_core.process import DllState, Process
from litebox_core.services import Clock
from litebox_core.threads import Thread, thread_of
from litebox_core.winerror import ERROR_NOT_ENOUGH_QUOTA

WM_QUIT, WM_TIMER = 0x12, 0x113
QS_POSTMESSAGE, QS_TIMER, QS_ALLPOSTMESSAGE = 0x8, 0x10, 0x100
POSTED = QS_POSTMESSAGE | QS_ALLPOSTMESSAGE
MAXIMUM_MESSAGES = MAXIMUM_TIMERS = 10_000


class MSG(Struct):
    hwnd: HANDLE
    message: UINT
    wParam: WPARAM
    lParam: LPARAM
    time: DWORD
    x: LONG
    y: LONG


class UserTimer:
    """A timer without a window: it stays due until its message is taken."""

    def __init__(self, due: float, period: float, routine: int) -> None:
        self.due, self.period, self.routine = due, period, routine
        self.told = False
        """Whether the queue has reported that it is due."""


class Queue:
    """The messages of one thread."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.posted: list[MSG] = []
        self.quit: int | None = None
        """The exit code, when PostQuitMessage was called."""
        self.timers: dict[int, UserTimer] = {}
        self.changed = 0
        """The QS_ bits of what came since somebody looked."""
        self.awaited: list[Input] = []
        self.last_time = 0
        self.extra = 0
        self._next_timer = 0x7FFF

    def _came(self, bits: int) -> None:
        self.changed |= bits
        for waitable in list(self.awaited):
            waitable.wake()

    def _message(self, message: int, wparam: int, lparam: int) -> MSG:
        time = self.clock.uptime_ms() & 0xFFFFFFFF
        return MSG(hwnd=0, message=message, wParam=wparam, lParam=lparam, time=time, x=0, y=0)

    def post(self, message: int, wparam: int, lparam: int) -> None:
        """Raises WinError(ERROR_NOT_ENOUGH_QUOTA)."""
        if len(self.posted) >= MAXIMUM_MESSAGES:
            raise WinError(ERROR_NOT_ENOUGH_QUOTA)
        self.posted.append(self._message(message, wparam, lparam))
        self._came(POSTED)

    def post_quit(self, code: int) -> None:
        self.quit = code
        self._came(POSTED)

    def set_timer(self, number: int, milliseconds: int, routine: int) -> int:
        """Starts a timer, one that there is anew; its number. Raises WinError(ERROR_NOT_ENOUGH_QUOTA)."""
        if number not in self.timers:
            if len(self.timers) >= MAXIMUM_TIMERS:
                raise WinError(ERROR_NOT_ENOUGH_QUOTA)
            while self._next_timer in self.timers:
                self._next_timer -= 1
            number = self._next_timer
            self._next_timer = self._next_timer - 1 or 0x7FFF
        self.timers[number] = UserTimer(self.clock.monotonic() + milliseconds / 1000, milliseconds / 1000, routine)
        return number

    def next_due(self) -> float | None:
        """When the next timer becomes due that is not due yet."""
        return min((timer.due for timer in self.timers.values() if not timer.told), default=None)

    def status(self) -> int:
        """The QS_ bits of what is there."""
        now, bits = self.clock.monotonic(), 0
        for timer in self.timers.values():
            if timer.due <= now:
                bits |= QS_TIMER
                if not timer.told:
                    timer.told = True
                    self.changed |= QS_TIMER
        return bits | (POSTED if self.posted or self.quit is not None else 0)

    def seen(self, bits: int) -> None:
        self.status()
        self.changed &= ~bits

    def find(self, low: int, high: int, kinds: int, remove: bool) -> MSG | None:
        """The next message from ``low`` to ``high``; WM_QUIT comes after posted messages, and passes every filter."""
        self.seen(kinds | (QS_ALLPOSTMESSAGE if kinds & QS_POSTMESSAGE else 0))
        found = None
        if kinds & QS_POSTMESSAGE:
            found = self._find_posted(low, high, remove)
        if found is None and kinds & QS_TIMER and low <= WM_TIMER <= high:
            found = self._find_timer(remove)
        if found is not None:
            self.last_time = found.time
        return found

    def _find_posted(self, low: int, high: int, remove: bool) -> MSG | None:
        for index, message in enumerate(self.posted):
            if low <= message.message <= high:
                return self.posted.pop(index) if remove else message
        if self.quit is None:
            return None
        message = self._message(WM_QUIT, self.quit & 0xFFFFFFFFFFFFFFFF, 0)
        if remove:
            self.quit = None
        return message

    def _find_timer(self, remove: bool) -> MSG | None:
        now = self.clock.monotonic()
        due = [(timer.due, number) for number, timer in self.timers.items() if timer.due <= now]
        if not due:
            return None
        _, number = min(due)
        timer = self.timers[number]
        if remove:
            timer.due, timer.told = now + timer.period, False
        return self._message(WM_TIMER, number, timer.routine)


class Input(Waitable):
    """What one wait waits for in its thread's queue: new messages or, with ``unread``, any."""

    type_name = "MessageQueue"

    def __init__(self, queue: Queue, mask: int, unread: bool) -> None:
        super().__init__()
        self.queue, self.mask, self.unread = queue, mask, unread

    def signaled(self, guest: Guest) -> bool:
        there = self.queue.status()
        return bool((there if self.unread else self.queue.changed) & self.mask)


class Queues(DllState):
    """The queues of a process, by thread id."""

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self.by_thread: dict[int, Queue] = {}

    def own(self, guest: Guest) -> Queue:
        """The queue of this thread, made at its first call."""
        found = self.by_thread.get(guest.tid)
        if found is None:
            found = self.by_thread[guest.tid] = Queue(self.process.service(Clock))
            thread_of(guest).at_end[self._ended] = None
        return found

    def _ended(self, thread: Thread) -> None:
        self.by_thread.pop(thread.tid, None)
