"""Everything a plugin can hook into, on one page.

A plugin is a module or object that an entry point of group ``litebox.plugin`` names; it implements hooks by functions
marked with :data:`hookimpl`. Hooks observe; to change what a function does, use an override. A plugin may leave out
parameters that it does not need. (DLLs are not hooks: they are :class:`litebox_core.dll.Dll` objects named by entry
points of group ``litebox.dll``.)
"""

from typing import TYPE_CHECKING

from pluggy import HookimplMarker, HookspecMarker

if TYPE_CHECKING:
    import click

    from .dll import Dll
    from .engine import Engine, Stop
    from .guest import Guest
    from .loader import Module
    from .process import Process
    from .services import Service
    from .trace import Call, ExceptionEvent, MemoryEvent, Sink

hookspec = HookspecMarker("litebox")
hookimpl = HookimplMarker("litebox")


@hookspec
def litebox_dlls() -> "list[Dll]":  # type: ignore[empty-body]
    """DLLs offered by this plugin object itself, for plugins made at run time; entry points are the usual way."""


@hookspec
def litebox_services() -> "dict[type[Service], type[Service] | str]":  # type: ignore[empty-body]
    """Service implementations by the base class they implement. The last plugin registered wins.

    An implementation given as ``"package.module:Class"`` is imported when a process first needs it.
    """


@hookspec
def litebox_engines() -> "dict[str, type[Engine]]":  # type: ignore[empty-body]
    """Engines by the name that ``--engine`` takes."""


@hookspec
def litebox_trace_sinks() -> "dict[str, type[Sink]]":  # type: ignore[empty-body]
    """Trace sinks by the name that ``--trace-format`` takes."""


@hookspec
def litebox_commands() -> "list[click.Command]":  # type: ignore[empty-body]
    """More commands for the ``litebox`` command line."""


@hookspec(firstresult=True)
def litebox_resolve(process: "Process", dll: str, function: "str | int") -> "int | None":
    """An import that nothing provides: a guest address to bind it to, or None. Asked once for each such import."""


@hookspec
def litebox_process_start(process: "Process") -> None:
    """The program is mapped and bound; none of its code has run."""


@hookspec
def litebox_process_exit(process: "Process", code: int) -> None:
    """The process has ended with this exit code (32 bits, unsigned)."""


@hookspec
def litebox_thread_start(guest: "Guest") -> None:
    """A guest thread is about to run its first instruction."""


@hookspec
def litebox_thread_exit(guest: "Guest", code: int) -> None:
    """A guest thread has ended."""


@hookspec
def litebox_module_load(process: "Process", module: "Module") -> None:
    """A module was mapped and entered into the loader lists."""


@hookspec
def litebox_module_unload(process: "Process", module: "Module") -> None:
    """A module is about to be unmapped."""


@hookspec
def litebox_fault(guest: "Guest", stop: "Stop") -> None:
    """A guest thread raised a hardware exception, before any handler sees it."""


@hookspec
def litebox_exception(guest: "Guest", event: "ExceptionEvent") -> None:
    """An exception of the guest was raised, a handler is asked, the stack is unwound, the program goes on, or ends."""


@hookspec
def litebox_memory(process: "Process", event: "MemoryEvent") -> None:
    """Pages were reserved, committed, protected or freed. Called only in a run that is traced."""


@hookspec
def litebox_call_enter(call: "Call") -> None:
    """A traced API call begins. Only calls that pass the trace filter are seen."""


@hookspec
def litebox_call_exit(call: "Call") -> None:
    """A traced API call has ended: ``call.result``, ``call.error`` and out-values are set."""
