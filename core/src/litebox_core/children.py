"""Child processes: each is a litebox process of its own on the host, started as ``python -m litebox_core.children FD``.

The descriptor holds a :class:`Handover`: all that a child is and may see. A child never sees more than its parent.
"""

import json
import os
import select
import signal
import sys
import time
from typing import TYPE_CHECKING, Any, NoReturn

from .ntstatus import STATUS_UNSUCCESSFUL
from .objects import Waitable
from .outside import polled, tell
from .runtable import RUNNING, RunProcess, RunTable
from .services import Service
from .threads import PROCESS_ALL_ACCESS, STILL_ACTIVE, THREAD_ALL_ACCESS

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from .config import Options
    from .guest import Guest
    from .objects import Object
    from .process import Process

MAX_PROCESSES = 64
"""How many processes one run may have at a time, children of children included."""

MAIN_THREAD = 4
"""A child's main thread has its process's id and so much more."""

OUTCOMES = {
    120: 0xC0000194, 121: 0xC000007B, 122: 0xC000007B, 123: 0xC0000135, 124: 0x102, 130: 0xC000013A,
}  # fmt: skip
"""Exit codes of litebox for programs that did not come to their end, and what Windows calls that."""

_CARRIED = (
    "plugins", "uses", "overrides", "engine", "memory", "handles", "processors", "verbose", "child_processes", "trace",
    "network", "deterministic", "trace_outputs", "trace_formats", "trace_start", "trace_stop", "trace_folder",
)  # fmt: skip
# Offsets in RTL_USER_PROCESS_PARAMETERS (x64)
_NUMBERS, _TITLE, _DESKTOP, _RUNTIME = 0x88, 0xB0, 0xC0, 0xE0


class Launch:
    """What a parent says of the process that it starts.

    ``numbers`` are the nine numbers of STARTUPINFO from dwX to wShowWindow; ``handles`` the handles that it inherits:
    value, access, flags, what ``Files.hand_over`` said, and the descriptor, which is the launch's where that says
    ``given``. ``program`` is its host path.
    """

    def __init__(
        self, program: str, image: int, command_line: str, directory: str, environment: dict[str, str]
    ) -> None:
        self.program, self.command_line, self.directory = program, command_line, directory
        self.image = image
        """A descriptor of the program's file: its name may lead elsewhere a moment later."""
        self.environment = environment
        self.std = (0, 0, 0)
        self.numbers = [0] * 9
        self.title: str | None = None
        self.desktop: str | None = None
        self.runtime = b""
        """The bytes behind lpReserved2."""
        self.suspended = False
        self.parent = 0
        """The process that it is a child of, where that is not the one that starts it."""
        self.in_job = self.may_break_away = False
        """Whether it is in a job, and may start processes that are not."""
        self.debugged = False
        self.debug: socket.socket | None = None
        """The debugger's end of the connection by which a debugged process tells its events."""
        self.new_group = False
        """Whether the process leads a group of its own, and so ignores Ctrl-C."""
        self.new_console = False
        """Whether it has no part in its parent's console."""
        self.handles: list[tuple[int, int, int, dict[str, Any], int]] = []

    def close(self) -> None:
        """The process has been started, or will not be: closes the descriptors that were for it alone."""
        given, self.handles = [fd for *_, what, fd in self.handles if what.get("given")], []
        for fd in given:
            os.close(fd)


class Handover:
    """A child's view of what its parent gave it."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data
        self.pid = os.getpid() * 4
        self.command_line: str = data["command_line"]
        self.image = f"/proc/self/fd/{data['image']}"
        """Where to read the program's file."""
        self.directory: str = data["directory"]
        self.environment: dict[str, str] = data["environment"]
        self.drives: dict[str, tuple[str, bool]] = data["drives"]
        self.granted: dict[str, bool] = data["granted"]
        self.secret: str = data["secret"]
        self.ignores_ctrl_c: bool = data["ignores_ctrl_c"]
        self.in_job: bool = data["in_job"]
        self.may_break_away: bool = data["may_break_away"]
        self.group: int = data["group"] or self.pid
        self.console: int = data["console"] or self.pid
        self.parent: int = data["parent"]
        self.waits = False
        """Whether it was started suspended, and still is."""
        self.table = RunTable(data["table"])
        self.tokens: tuple[int, int] = (data["tokens"][0], data["tokens"][1])

    def options(self) -> "Options":
        """The settings of the child."""
        from .config import Options

        options = Options()
        for name in _CARRIED:
            setattr(options, name, self.data["options"][name])
        options.program = self.data["program"]
        options.cwd = ""
        options.handover = self
        options.forks = True
        if self.data["deadline"] is not None:
            options.timeout = max(0.0, self.data["deadline"] - time.monotonic())
        return options

    def adopt(self, process: "Process") -> tuple[int, int, int]:
        """Enters the inherited handles into the handle table; the standard handles."""
        from .joblimits import Allowance

        Allowance(process, self.table)
        children = process.service(Children)
        children.begin()
        known: dict[int, Any] = {}
        for value, access, flags, what, fd in self.data["handles"]:
            file = known.get(fd) if fd >= 0 else None
            if file is None:
                file = children.take_over(what, fd)
                if fd >= 0:
                    known[fd] = file
            process.handles.put(value, file, access, flags)
        first, second, third = self.data["std"]
        return first, second, third

    def fill(self, process: "Process") -> None:
        """Enters what STARTUPINFO said into the process parameters."""
        memory, base = process.memory, process.blocks.parameters
        for index, number in enumerate(self.data["numbers"]):
            memory.put_u32(base + _NUMBERS + 4 * index, number & 0xFFFFFFFF)
        blobs = [(at, text.encode("utf-16-le", "surrogatepass"), 2) for at, text in (
            (_TITLE, self.data["title"]), (_DESKTOP, self.data["desktop"])) if text is not None]  # fmt: skip
        blobs.append((_RUNTIME, bytes.fromhex(self.data["runtime"]), 0))
        for at, blob, end in blobs:
            if blob or end:
                addr = process.heaps_allocate(len(blob) + end)
                memory.write(addr, blob)
                memory.put_u32(base + at, len(blob) | len(blob) + end << 16)
                memory.put_u64(base + at + 8, addr)

    def wait_for_start(self, process: "Process") -> None:
        """Returns when the process may run: at once, or when its parent resumes it. Others are answered meanwhile."""
        gate = self.data["gate"]
        if gate is not None:
            self.waits = True
            wait_for(process, gate, lambda: not self.waits)
            if self.waits and not os.read(gate, 1):  # its parent has ended: somebody else may resume it
                while self.waits and process.service(Children).others():
                    wait_for(process, -1, lambda: not self.waits)
                if self.waits:
                    os._exit(1)
            self.waits = False
        if self.data["debug"] is not None:
            from .debugging import Debuggee

            Debuggee(process, self.data["debug"])

    def resume(self) -> int:
        """Another than the parent lets the process start; how often it was suspended before."""
        poll = select.poll()
        poll.register(self.data["gate"], select.POLLIN)
        self.waits = False
        resumed = poll.poll(0) and os.read(self.data["gate"], 1)
        return 0 if resumed else 1  # 0: its parent has done so

    def ended(self, code: int) -> None:
        """Tells the parent the exit code."""
        from contextlib import suppress

        with suppress(BrokenPipeError):  # the parent has ended
            os.write(self.data["status"], code.to_bytes(4, "little"))
        self.table.ended(os.getpid(), code)
        os.write(self.tokens[1], b".")


def wait_for(process: "Process", fd: int, until: "Callable[[], bool]" = lambda: False) -> None:
    """Waits until a descriptor can be read, or a condition holds; what others want of the process meanwhile is done.

    Without a descriptor (-1) it comes back after a second at the latest.
    """
    while not until():
        poll, watched = polled(process.scheduler.outside.objects, fd)
        found = dict(poll.poll(None if fd >= 0 else 1000))
        tell(watched, found)
        if fd in found or fd < 0:
            return


class OtherProcess(Waitable):
    """Another process of the run. Signalled when it has ended."""

    type_name = "Process"
    generic = (0x20410, 0x20BEA, 0x121001, PROCESS_ALL_ACCESS)

    def __init__(self, pid: int, host: int, path: str, created: int) -> None:
        super().__init__()
        self.pid, self.host_pid, self.path, self.created = pid, host, path, created
        self.priority_class = 0x20
        self.ended_at = 0
        """When its end was noticed, as a FILETIME."""
        self.cpu_time = 0, 0
        """Kernel and user time that it used up to its end, in 100 ns, where that is known."""
        self.jobs: list[Any] = []
        """The job objects that it was put into by this process."""

    @property
    def exit_code(self) -> int:
        raise NotImplementedError

    def signaled(self, guest: "Guest") -> bool:
        return self.look()

    def describe(self) -> str:
        return f"the end of process {self.pid:#x}"

    def look(self) -> bool:
        """Whether the process has ended."""
        raise NotImplementedError

    def terminate(self, code: int) -> None:
        """Ends the process with this exit code."""
        raise NotImplementedError

    def resume(self) -> int:
        """Lets a process run that this one started suspended; how often it was suspended before."""
        return 0


class Stranger(OtherProcess):
    """A process of the run that another one started."""

    def __init__(self, process: RunProcess, table: RunTable) -> None:
        super().__init__(process.pid, process.host, process.path, process.created)
        self._table = table
        self._fd = os.pidfd_open(process.host) if process.state == RUNNING else -1
        self.descriptor = (self._fd, 1) if self._fd >= 0 else None

    @property
    def exit_code(self) -> int:
        if not self.look():
            return STILL_ACTIVE
        found = self._table.find(self.pid)
        return STATUS_UNSUCCESSFUL if found is None else found.exit_code

    def look(self) -> bool:
        if self._fd >= 0:
            poll = select.poll()
            poll.register(self._fd, select.POLLIN)
            if poll.poll(0):
                self.destroyed()
        return self._fd < 0

    def terminate(self, code: int) -> None:
        if not self.look():
            self._table.ended(self.host_pid, code & 0xFFFFFFFF)
            signal.pidfd_send_signal(self._fd, signal.SIGKILL)
            self.look()
            self.wake()

    def destroyed(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd, self.descriptor = -1, None


class ChildProcess(OtherProcess):
    """A process that this one started."""

    def __init__(
        self, host: Any, path: str, status: int, gate: int | None, token: int, table: RunTable, created: int
    ) -> None:  # fmt: skip
        super().__init__(host.pid * 4, host.pid, path, created)
        self.host, self._table = host, table
        self._code: int | None = None
        self._end = STILL_ACTIVE
        self._status, self._gate, self._token = status, gate, token
        self.descriptor = (status, 1)  # POLLIN
        self.thread = OtherThread(self, self.pid + MAIN_THREAD)

    @property
    def exit_code(self) -> int:
        self.look()
        return self._end

    def look(self) -> bool:
        if self.descriptor is None:
            return True
        while True:
            try:
                data = os.read(self._status, 4)
            except BlockingIOError:
                return False
            if not data:
                break
            if self._code is None:
                self._code = int.from_bytes(data, "little")
        status = self.host.wait()
        if self._code is None:
            self._code = OUTCOMES.get(status, STATUS_UNSUCCESSFUL)
            os.write(self._token, b".")
        self._end = self._code
        self.ended_at = int(time.time() * 10_000_000) + 116_444_736_000_000_000
        self.cpu_time = getattr(self.host, "cpu_time", (0, 0))
        self._table.ended(self.host_pid, self._code)
        self.descriptor = self.thread.descriptor = None
        os.close(self._status)
        self.resume()
        return True

    def resume(self) -> int:
        if self._gate is None:
            return 0
        gate, self._gate = self._gate, None
        try:
            os.write(gate, b".")
        except BrokenPipeError:
            return 1  # it has ended meanwhile
        finally:
            os.close(gate)
        return 1

    def terminate(self, code: int) -> None:
        if not self.look():
            self._table.ended(self.host_pid, code & 0xFFFFFFFF)
            self.host.kill()
            self._code = code & 0xFFFFFFFF
            self.host.wait()
            os.write(self._token, b".")
            self.look()
            self.wake()
            self.thread.wake()


class OtherThread(Waitable):
    """A thread of another process, as far as it can be seen from here. Signalled when the process has ended."""

    type_name = "Thread"
    generic = (0x20048, 0x20437, 0x121800, THREAD_ALL_ACCESS)

    def __init__(self, process: OtherProcess, tid: int) -> None:
        super().__init__()
        self.process, self.tid = process, tid
        self.descriptor = process.descriptor

    def signaled(self, guest: "Guest") -> bool:
        return self.process.look()

    @property
    def exit_code(self) -> int:
        return self.process.exit_code

    def resume(self, children: "Children") -> int:
        """Takes one suspension back; how often it was suspended before. Raises NtError."""
        return self.process.resume() or int(children.ask(self.process.pid, "resume", tid=self.tid)[0]["count"])

    def suspend(self, children: "Children") -> int:
        """Suspends it; how often it was suspended before. Raises NtError."""
        return int(children.ask(self.process.pid, "suspend", tid=self.tid)[0]["count"])


class Children(Service):
    """The child processes of a process."""

    secret = ""
    """What the processes of one run find each other by; empty while there is only one."""
    begun = False
    """Whether there ever was another one."""
    registry = -1
    """The descriptor of the file by which the processes of the run share their registry; -1 while there is only one."""

    def __init__(self, process: "Process") -> None:
        super().__init__(process)
        self.joining: list[Callable[[], None]] = []
        """Called once, before the first child is started."""

    def start(self, launch: Launch) -> ChildProcess:
        """Starts a program. Raises NtError."""
        raise NotImplementedError

    def alone(self) -> bool:
        """Whether no other process of the run is left."""
        raise NotImplementedError

    def find(self, pid: int) -> OtherProcess | None:
        """Another process of the run by its id, while it runs or somebody holds a handle on it."""
        raise NotImplementedError

    def hand_over(self, obj: "Object") -> tuple[dict[str, Any], int]:
        """What another process needs to have this object too: data for JSON, and the descriptor to pass on (or -1).

        Raises NtError(STATUS_NOT_SUPPORTED) for an object that only this process can have.
        """
        raise NotImplementedError

    def take_over(self, what: dict[str, Any], fd: int) -> "Object":
        """The object that another process handed over with :meth:`hand_over`. Raises NtError."""
        raise NotImplementedError

    def run_table(self) -> RunTable:
        """The table of the run's processes, with this one in it."""
        raise NotImplementedError

    def begin(self) -> None:
        """There is another process: this one answers its questions from now on."""
        raise NotImplementedError

    def ask(
        self, pid: int, what: str, given: tuple[int, ...] = (), **question: Any
    ) -> tuple[dict[str, Any], list[int]]:
        """Asks another process of the run; its answer and the descriptors that came with it. Raises NtError."""
        raise NotImplementedError

    def others(self) -> list[int]:
        """The ids of the other processes of the run."""
        raise NotImplementedError

    def locked(self) -> "AbstractContextManager[None]":
        """Keeps the other processes from making named objects meanwhile."""
        raise NotImplementedError

    def processes(self) -> list[RunProcess]:
        """The processes of the run that have not ended, this one included."""
        raise NotImplementedError

    def on_console(self) -> list[int]:
        """The ids of the processes that share this one's console, its own first."""
        raise NotImplementedError

    def send_event(self, event: int, group: int) -> bool:
        """Sends a console control event to the processes of a group (0: all) on this console.

        Whether this process is one of them, and has to deal with it. Raises NtError(STATUS_INVALID_PARAMETER).
        """
        raise NotImplementedError


def carried(options: "Options") -> dict[str, Any]:
    """The settings that a child has in common with its parent."""
    return {name: getattr(options, name) for name in _CARRIED}


def main() -> None:
    with open(int(sys.argv[1]), encoding="utf-8") as file:
        run_child(Handover(json.load(file)))


def run_child(handover: Handover) -> NoReturn:
    """The life of a child process."""
    from .cli.run import execute, leave

    if handover.data["host_processors"]:
        os.sched_setaffinity(0, handover.data["host_processors"])
    codes: list[int] = []
    status = execute(handover.options(), codes.append)
    handover.ended(codes[0] if codes else OUTCOMES.get(status, STATUS_UNSUCCESSFUL))
    leave(status)


if __name__ == "__main__":
    from litebox_core.children import main as begin  # as a module of its own, whose classes the others know

    begin()
