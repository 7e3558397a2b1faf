"""Starting child processes on the host."""

import fcntl
import json
import os
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from litebox_core import ntstatus as nt
from litebox_core.children import (
    MAX_PROCESSES,
    ChildProcess,
    Children,
    Launch,
    OtherProcess,
    Stranger,
    carried,
)
from litebox_core.control import SIGNALS, Control
from litebox_core.errors import NtError
from litebox_core.objects import Object
from litebox_core.pipes import Pipes
from litebox_core.registry import Registry
from litebox_core.runtable import RUNNING, RunProcess, RunTable
from litebox_core.services import Clock, Files
from litebox_core.threads import Threads

from .frames import serve_for
from .hosterrors import failed

if TYPE_CHECKING:
    from litebox_core.process import Process

    from .answers import Answerer

__all__ = ["HostChildren"]

NAMES_AT = 1 << 30
"""The byte of the run's table that is locked while a name is looked up and an object is made under it."""


class HostChildren(Children):
    """Children as processes of the host. Tokens in a pipe, common to all of one run, limit how many there are."""

    def __init__(self, process: "Process") -> None:
        super().__init__(process)
        handover = process.options.handover
        self.table: RunTable | None = None
        self._answerer: Answerer | None = None
        if handover is not None:
            self._tokens, self.secret, self.table = handover.tokens, handover.secret, handover.table
            self.registry = handover.data["registry"]
        else:
            self._tokens = os.pipe()
            os.set_blocking(self._tokens[0], False)
            os.write(self._tokens[1], b"." * (MAX_PROCESSES - 1))
        self._children: dict[int, OtherProcess] = {}

    def close(self) -> None:
        """The children go on without their parent."""
        if self._answerer is not None:
            self._answerer.close()
        if self.process.options.handover is None:
            for end in (*self._tokens, self.registry):
                if end >= 0:
                    os.close(end)

    def alone(self) -> bool:
        if self.process.options.handover is not None:
            return False
        count = bytearray(4)
        fcntl.ioctl(self._tokens[0], termios.FIONREAD, count)
        return int.from_bytes(count, "little") == MAX_PROCESSES - 1

    def find(self, pid: int) -> OtherProcess | None:
        found = self._children.get(pid)
        if found is None and self.table is not None:
            entry = self.table.find(pid)
            if entry is not None and entry.state == RUNNING:
                try:
                    found = self._children[pid] = Stranger(entry, self.table)
                except ProcessLookupError:
                    return None  # it has ended meanwhile
                except OSError as error:
                    raise failed(error) from None
        return None if found is None or (found.look() and not found.handles) else found

    def hand_over(self, obj: Object) -> tuple[dict[str, Any], int]:
        from .handing import hand_over_object

        try:
            return hand_over_object(self.process, obj)
        except OSError as error:
            raise failed(error) from None

    def take_over(self, what: dict[str, Any], fd: int) -> Object:
        from .handing import take_over_object

        try:
            return take_over_object(self.process, what, fd)
        except (OSError, NtError) as error:
            if fd >= 0:
                with suppress(OSError):
                    os.close(fd)
            raise (failed(error) if isinstance(error, OSError) else error) from None

    def begin(self) -> None:
        """There is another process: this one answers its questions from now on."""
        if self._answerer is None:
            from .answers import Answerer

            self._answerer = Answerer(self.process, self.secret)
            self.begun = True

    def ask(
        self, pid: int, what: str, given: tuple[int, ...] = (), **question: Any
    ) -> tuple[dict[str, Any], list[int]]:
        from .answers import ask

        try:
            return ask(self.process, pid, what, given, **question)
        except NtError as error:
            asked = self._children.get(pid)
            if error.status == nt.STATUS_NOT_SUPPORTED and asked is not None and asked.look():
                raise NtError(nt.STATUS_PROCESS_IS_TERMINATING) from None
            raise

    def others(self) -> list[int]:
        if self.table is None:
            return []
        return [one.pid for one in self.table.running() if one.pid != self.process.pid]

    @contextmanager
    def locked(self) -> Iterator[None]:
        if self.table is None:
            yield
            return
        while True:
            try:
                fcntl.lockf(self.table.fd, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, NAMES_AT)
                break
            except BlockingIOError:
                serve_for(self.process, 0.001)
        try:
            yield
        finally:
            fcntl.lockf(self.table.fd, fcntl.LOCK_UN, 1, NAMES_AT)

    def _myself(self) -> RunProcess:
        process = self.process
        handover, program = process.options.handover, process.loader.program
        group, console, parent = (process.pid, process.pid, 0) if handover is None else (
            handover.group, handover.console, handover.parent)  # fmt: skip
        path = program.path if program is not None else "C:\\litebox.exe"
        created = process.service(Threads).process_created()
        return RunProcess(process.pid, os.getpid(), parent, group, console, created, path)

    def processes(self) -> list[RunProcess]:
        if self.table is None:
            return [self._myself()]
        for child in self._children.values():
            child.look()
        found = self.table.running()
        return found if any(one.pid == self.process.pid for one in found) else [self._myself(), *found]

    def on_console(self) -> list[int]:
        me = self._myself()
        return [me.pid] + [one.pid for one in self.processes() if one.console == me.console and one.pid != me.pid]

    def send_event(self, event: int, group: int) -> bool:
        me = self._myself()
        there = [one for one in self.processes() if one.console == me.console and group in (0, one.group)]
        if group and not there:
            raise NtError(nt.STATUS_INVALID_PARAMETER)
        number = next(number for number, meaning in SIGNALS.items() if meaning == event)
        for one in there:
            if one.pid != me.pid:
                with suppress(ProcessLookupError):
                    os.kill(one.host, number)
        return any(one.pid == me.pid for one in there)

    def start(self, launch: Launch) -> ChildProcess:
        options = self.process.options
        if not options.child_processes:
            raise NtError(nt.STATUS_ACCESS_DENIED)
        functions = [source for source in options.overrides.values() if not isinstance(source, str)]
        if options.extra_plugins or options.overlays or functions:
            raise NtError(nt.STATUS_NOT_SUPPORTED)  # Python objects stay in their process
        for pid, child in list(self._children.items()):
            if child.look() and not child.handles:
                del self._children[pid]
        try:
            if not os.read(self._tokens[0], 1):
                raise NtError(nt.STATUS_QUOTA_EXCEEDED)
        except BlockingIOError:
            raise NtError(nt.STATUS_QUOTA_EXCEEDED) from None
        opened: list[int] = []
        try:
            self._join()
            return self._start(launch, opened)
        except (OSError, NtError) as error:
            os.write(self._tokens[1], b".")
            raise (failed(error) if isinstance(error, OSError) else error) from error
        finally:
            for fd in opened:
                os.close(fd)

    def run_table(self) -> RunTable:
        if self.table is None:
            self.table = RunTable()
            self.table.enter(self._myself())
        return self.table

    def _join(self) -> None:
        """This process becomes one of several. Raises OSError and NtError."""
        if not self.secret:
            self.secret = os.urandom(16).hex()
        self.run_table()
        self.process.service(Pipes).share()
        if self.registry < 0:
            if self.process.options.registry or self.process.options.registry_file:
                self.process.service(Registry)  # it knows what a child would not
            self.registry = os.memfd_create("litebox-registry", os.MFD_CLOEXEC)
            for join in self.joining:
                join()
        self.begin()

    def _start(self, launch: Launch, opened: list[int]) -> ChildProcess:
        """``opened`` takes the descriptors that only the child needs. Raises OSError."""
        status, theirs = os.pipe()
        opened.append(theirs)
        gate = their_gate = None
        if launch.suspended:
            try:
                their_gate, gate = os.pipe()
            except OSError:
                os.close(status)
                raise
            opened.append(their_gate)
        assert self.table is not None
        handed = (fd for *_, fd in launch.handles if fd >= 0)
        passed = {self.table.fd, self.registry, theirs, launch.image, *self._tokens, *handed}
        if their_gate is not None:
            passed.add(their_gate)
        options = self.process.options
        standard = tuple(fd if isinstance(fd, int) else None for fd in (options.stdin, options.stdout, options.stderr))
        begin = self._fork if options.forks else self._execute
        try:
            settings = self._settings(launch, theirs, their_gate)
            settings["debug"] = None
            if launch.debugged:
                import socket

                launch.debug, told = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
                settings["debug"] = told.detach()
                opened.append(settings["debug"])
                passed.add(settings["debug"])
            host = begin(settings, standard, passed, launch.new_console)
        except OSError:
            os.close(status)
            if gate is not None:
                os.close(gate)
            raise
        os.set_blocking(status, False)
        path = self.process.files().guest_path(launch.program) or ""
        created = self.process.service(Clock).system_time()
        child = ChildProcess(host, path, status, gate, self._tokens[1], self.table, created)
        self._children[child.pid] = child
        me = self._myself()
        group, console = child.pid if launch.new_group else me.group, child.pid if launch.new_console else me.console
        self.table.enter(RunProcess(child.pid, host.pid, launch.parent or me.pid, group, console, created, path))
        if launch.in_job:
            self.table.share_limits(os.getpid(), host.pid)
        return child

    def _fork(self, settings: dict[str, Any], standard: Any, passed: set[int], own_session: bool) -> Any:
        from litebox_core.forking import fork

        return fork(json.loads(json.dumps(settings)), standard, passed, own_session, self.process)

    def _execute(self, settings: dict[str, Any], standard: Any, passed: set[int], own_session: bool) -> Any:
        """Starts a fresh Python: this process is not litebox's alone."""
        import subprocess

        file = os.memfd_create("litebox-child")
        try:
            os.write(file, json.dumps(settings).encode())
            os.lseek(file, 0, os.SEEK_SET)
            streams = [subprocess.DEVNULL if fd is None else fd for fd in standard]
            return subprocess.Popen(
                [sys.executable, "-m", "litebox_core.children", str(file)],
                stdin=streams[0], stdout=streams[1], stderr=streams[2], pass_fds=sorted({file, *passed}),
                # Python looks for modules in the current folder, where the program may have put some
                cwd="/", env=_environment(), start_new_session=own_session,
            )  # fmt: skip
        finally:
            os.close(file)

    def _settings(self, launch: Launch, status: int, gate: int | None) -> dict[str, Any]:
        drives, granted = self.process.service(Files).granted_folders()
        me, control = self._myself(), self.process.state(Control)
        return {
            "table": self.table.fd if self.table else -1, "parent": launch.parent or me.pid,
            "group": 0 if launch.new_group else me.group, "console": 0 if launch.new_console else me.console,
            "in_job": launch.in_job, "may_break_away": launch.may_break_away,
            "ignores_ctrl_c": control.ignores_ctrl_c or launch.new_group,
            "program": launch.program, "image": launch.image, "command_line": launch.command_line,
            "directory": launch.directory, "environment": launch.environment,
            "std": launch.std, "numbers": launch.numbers, "title": launch.title,
            "desktop": launch.desktop, "runtime": launch.runtime.hex(), "handles": launch.handles, "status": status,
            "secret": self.secret, "registry": self.registry, "gate": gate,
            "tokens": self._tokens, "drives": drives, "granted": granted,
            "options": carried(self.process.options), "deadline": self.process.scheduler.deadline,
            "host_processors": self.process.engine.host_processors(),
        }  # fmt: skip


def _environment() -> dict[str, str]:
    """The host's environment, with the folders of Python's modules as they were meant here."""
    result = dict(os.environ)
    if result.get("PYTHONPATH"):
        result["PYTHONPATH"] = os.pathsep.join(map(os.path.abspath, result["PYTHONPATH"].split(os.pathsep)))
    return result
