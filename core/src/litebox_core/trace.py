"""Watching API calls: which are traced, what a call record holds, and the text sink.

A traced export gets a marshaller of its own that reports to a :class:`Tracer`; all others run as if there were no
tracing. Listeners are plugins that implement ``litebox_call_enter`` and ``litebox_call_exit``.
"""

import sys
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, TextIO

from .abi.marshal import TraceHooks
from .abi.pointers import ArgCursor, Buffer, Callback, Ptr
from .categories import NAMES, category_of
from .config import ConfigError
from .errors import NtError, WinError, win32_name
from .hookspecs import hookimpl
from .memory import GuestFault

if TYPE_CHECKING:
    from .abi.signature import Param
    from .dispatch import Entry
    from .guest import Guest
    from .process import Process


class Filter:
    """What to trace, as written on the command line: ``*,-kernel32/heapapi,Nt*File,@file_io``.

    Parts are separated by commas and the last one that matches decides; ``-`` takes away. A part is a function name, a
    ``dll!function``, a ``dll/module`` or an ``@category``, each with wildcards and in any case.
    Raises ConfigError for a category that does not exist.
    """

    def __init__(self, text: str) -> None:
        self.parts = [
            (not part.startswith("-"), part.lstrip("-").lower())
            for part in (p.strip() for p in text.split(","))
            if part
        ]
        if self.parts and not self.parts[0][0]:
            self.parts.insert(0, (True, "*"))
        for _, part in self.parts:
            if part.startswith("@") and not any(fnmatchcase(name, part[1:]) for name in NAMES):
                raise ConfigError(f"--trace {text!r}: no category {part[1:]}: there are {', '.join(NAMES)}")

    def __call__(self, entry: "Entry") -> bool:
        dll, function = entry.dll.lower(), entry.export.name.lower()
        module = entry.export.module
        names = (function, f"{dll}!{function}", f"{dll}/{module}", "@" + category(entry))
        wanted = False
        for take, pattern in self.parts:
            if any(fnmatchcase(name, pattern) for name in names):
                wanted = take
        return wanted


def category(entry: "Entry") -> str:
    """The category of an export, such as ``file_io``."""
    return category_of(entry.export.module)


class Call:
    """One traced call. ``result`` and ``error`` are set when it has ended."""

    __slots__ = ("depth", "duration", "entry", "error", "guest", "number", "result", "return_address", "time", "values")

    def __init__(self, guest: "Guest", entry: "Entry", number: int, values: tuple[Any, ...], sp: int) -> None:
        self.guest, self.entry, self.number, self.values = guest, entry, number, values
        self.depth = max(0, len(guest.frames) - 1)  # the outermost frame is the thread itself
        self.time = guest.process.monotonic()
        self.duration = 0.0
        self.return_address = guest.memory.pointer(sp)
        self.result: Any = None
        self.error: BaseException | None = None

    @property
    def params(self) -> "tuple[Param, ...] | None":
        signature = self.entry.export.signature
        return signature.params if signature is not None else None

    def arguments(self) -> list[tuple[str, str]]:
        """Names and texts of the arguments."""
        params = self.params
        if params is not None:
            return [(p.name, argument_text(p, v, self.entry)) for p, v in zip(params, self.values, strict=False)]
        data = self.entry.data
        if data is not None and data.params is not None:
            from .stubs import typed_text

            pairs = zip(data.params, self.values, strict=False)
            return [(p.name, typed_text(self.guest.memory, p.type, v)) for p, v in pairs]
        return [(f"a{i + 1}", hex(v)) for i, v in enumerate(self.values)]

    def result_text(self) -> str:
        signature = self.entry.export.signature
        if signature is not None and (signature.ret is None or isinstance(signature.ret, type)):
            text = "" if signature.ret is None else repr(self.result)
        elif signature is not None and self.result is not None and not isinstance(signature.ret, type):
            assert signature.ret is not None
            text = signature.ret.show(self.result)
        else:
            text = hex(self.result) if isinstance(self.result, int) else str(self.result)
        return text

    def error_text(self) -> str:
        error = self.error
        if error is None:
            return ""
        if isinstance(error, WinError):
            return f" !{win32_name(error.code) or error.code}"
        if isinstance(error, NtError):
            return f" !{str(error).split()[0]}"
        return f" !{type(error).__name__}: {error}" if str(error) else f" !{type(error).__name__}"


def argument_text(param: "Param", value: Any, entry: "Entry") -> str:
    """The trace text of one decoded argument; it never fails, whatever the guest passed."""
    try:
        if isinstance(value, (str, bytes)):
            return shorten(repr(value))
        if isinstance(value, Ptr):
            if not value:
                return "NULL"
            return repr(value) if value.direction == "out" else f"{value!r}:{shorten(str(value.value))}"
        if isinstance(value, (Buffer, Callback)):
            return repr(value)
        if isinstance(value, ArgCursor):
            return "..."
        if value is None:
            return "NULL"
        return param.scalar.show(value) if param.kind == "scalar" or isinstance(value, int) else repr(value)
    except GuestFault:
        return f"{value!r}:?"


def shorten(text: str, limit: int = 120) -> str:
    return text if len(text) <= limit else f"{text[: limit - 12]}...'+{len(text) - limit + 12}"


class Tracer(TraceHooks):
    """Turns marshallers' reports into calls of the trace hooks."""

    def __init__(self, process: "Process", filters: list[str]) -> None:
        self.process = process
        self.filters = [Filter(text) for text in filters]
        self.count = 0
        hook = process.plugins.manager.hook
        self._enter, self._exit = hook.litebox_call_enter, hook.litebox_call_exit

    def of(self, entry: "Entry") -> "Tracer | None":
        """Who listens to this export."""
        return self if any(f(entry) for f in self.filters) else None

    def enter(self, guest: "Guest", export: Any, values: tuple[Any, ...], sp: int) -> Call:
        self.count += 1
        call = Call(guest, export, self.count, values, sp)
        self._enter(call=call)
        return call

    def leave(self, guest: "Guest", call: Call, result: Any, error: BaseException | None) -> None:
        call.result, call.error = result, error
        call.duration = guest.process.monotonic() - call.time
        self._exit(call=call)


class TextSink:
    """One line for each call, written when it ends; a call that calls back into the guest also when it begins."""

    def __init__(self, stream: TextIO | None = None, filters: "list[str] | None" = None) -> None:
        self.stream = stream or sys.stderr
        self.filters = filters or ["*"]
        self.seen = False
        """Whether any call passed the filters."""
        self._open: list[Call] = []

    @hookimpl
    def litebox_call_enter(self, call: Call) -> None:
        self.seen = True
        if self._open:
            self._begin(self._open[-1])
        self._open.append(call)

    def _begin(self, call: Call) -> None:
        if call.number >= 0:
            arguments = ", ".join(f"{name}={text}" for name, text in call.arguments())
            self.stream.write(f"{'  ' * call.depth}{call.entry.name}({arguments}) ...\n")
            call.number = -call.number

    @hookimpl
    def litebox_call_exit(self, call: Call) -> None:
        if call in self._open:
            self._open.remove(call)
        result = call.result_text()
        answer = (f" -> {result}" if result else "") + call.error_text()
        kind = {"stub": " [stub]", "overlay": " [overlay]"}.get(call.entry.kind, "")
        indent = "  " * call.depth
        if call.number < 0:
            self.stream.write(f"{indent}... {call.entry.name}{answer}{kind}\n")
            return
        arguments = ", ".join(f"{name}={text}" for name, text in call.arguments())
        self.stream.write(f"{indent}{call.entry.name}({arguments}){answer}{kind}\n")

    @hookimpl
    def litebox_process_exit(self, process: "Process", code: int) -> None:
        self.stream.flush()
        if not self.seen:
            wanted = " ".join(map(repr, self.filters))
            print(f"litebox: --trace {wanted}: no call matched; --trace '*' shows every call", file=sys.stderr)


def start_tracing(process: "Process") -> None:
    """Puts the tracer that the options ask for in place, before the program starts."""
    options = process.options
    if not options.trace:
        return
    stream = sys.stderr
    if options.trace_output:
        try:
            stream = open(options.trace_output, "w", encoding="utf-8", errors="backslashreplace")  # noqa: SIM115
        except OSError as error:
            raise ConfigError(f"--trace-output {options.trace_output}: {error.strerror}") from None
    if options.trace_format == "json":
        from .tracejson import JsonSink

        process.plugins.manager.register(JsonSink(stream))
    else:
        process.plugins.manager.register(TextSink(stream, options.trace))
    tracer = Tracer(process, options.trace)
    process.dispatcher.trace_of = tracer.of
