"""Events on their way to the sinks: the life of the process, its threads and modules, faults, exceptions, memory."""

from typing import TYPE_CHECKING, Any

from .. import __version__
from ..hookspecs import hookimpl

if TYPE_CHECKING:
    from ..engine import Stop
    from ..guest import Guest
    from ..leaks import OpenHandles
    from ..loader import Module
    from ..process import Process
    from .events import ExceptionEvent, MemoryEvent
    from .sink import Sink
    from .tracer import Tracer

_ACCESS = {1: "read", 2: "write", 4: "execute"}


class EventBus:
    """Tells every sink what the process hooks report."""

    def __init__(self, process: "Process", tracer: "Tracer", sinks: "list[Sink]") -> None:
        self.process, self.tracer = process, tracer
        self._tell = [sink.event for sink in sinks]
        self._opened: OpenHandles | None = None

    def tell(self, name: str, details: dict[str, Any]) -> None:
        now = self.tracer.now()
        for tell in self._tell:
            tell(name, now, details)

    def start(self) -> None:
        """Tracing begins: who is traced."""
        options = self.process.options
        self.tell("start", {
            "litebox": __version__, "started": round(self.process.time.wall_ns() / 1e9, 3),
            "bits": self.process.bits, "host_path": options.program, "args": options.arguments,
        })  # fmt: skip

    @hookimpl
    def litebox_process_start(self) -> None:
        from ..leaks import OpenHandles

        self._opened = OpenHandles(self.process)

    @hookimpl
    def litebox_process_exit(self, code: int) -> None:
        left = self._opened.since() if self._opened is not None else []
        self.tell("exit", {"code": code, "handles": left} if left else {"code": code})

    @hookimpl
    def litebox_thread_start(self, guest: "Guest") -> None:
        main = next(iter(self.process.threads), guest.tid) == guest.tid
        self.tell("thread_start", {"tid": guest.tid, "name": "main" if main else ""})

    @hookimpl
    def litebox_thread_exit(self, guest: "Guest", code: int) -> None:
        self.tell("thread_exit", {"tid": guest.tid, "code": code})

    @hookimpl
    def litebox_module_load(self, module: "Module") -> None:
        choice = self.process.plugins.chosen(module.name.lower())
        source = module.host_path if choice is None or module.native else choice.source
        self.tell("module_load", {
            "module": module.name, "path": module.path, "base": hex(module.base), "size": module.size, "source": source,
        })  # fmt: skip

    @hookimpl
    def litebox_module_unload(self, module: "Module") -> None:
        self.tell("module_unload", {"module": module.name, "base": hex(module.base)})

    @hookimpl
    def litebox_fault(self, guest: "Guest", stop: "Stop") -> None:
        self.tell("fault", {
            "tid": guest.tid, "why": stop.why.name, "pc": self.tracer.place(stop.pc), "address": hex(stop.addr),
            "access": _ACCESS.get(stop.access, str(stop.access)),
        })  # fmt: skip

    @hookimpl
    def litebox_exception(self, guest: "Guest", event: "ExceptionEvent") -> None:
        from ..errors import status_name

        self.tell("exception", {
            "tid": guest.tid, "stage": event.stage, "code": hex(event.code), "name": status_name(event.code),
            "address": self.tracer.place(event.address),
            "handler": self.tracer.place(event.handler) if event.handler else None,
        })  # fmt: skip

    @hookimpl
    def litebox_memory(self, event: "MemoryEvent") -> None:
        self.tell("memory", {
            "op": event.op, "address": hex(event.address), "size": event.size, "protect": hex(event.protect),
        })  # fmt: skip
