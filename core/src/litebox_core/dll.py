"""Declaring a Windows DLL: ``dll = Dll("kernel32")`` and, above each function, ``@dll.export``."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, overload

from .abi.signature import Signature, prototype, uses_floats
from .errors import NtError, WinError, status_name, win32_name, win32_of
from .memory import GuestFault

if TYPE_CHECKING:
    from .guest import Guest, Steps
    from .loader.pluginimage import PluginImage
    from .process import Process

__all__ = ["NATIVE", "RETURN_ERROR", "WIN32", "Dialect", "Dll", "Export", "Native", "Original", "Win32"]

F = TypeVar("F", bound=Callable[..., Any])

STATUS_ACCESS_VIOLATION = 0xC0000005

RETURN_ERROR = "the error code itself"
"""``fails=RETURN_ERROR``: the function returns its error code (the registry functions)."""

Original = Callable[..., Any]
Fast = Mapping[Any, bytes]
"""Machine code by pointer size in bits, or by that and the variant that suits some engines (``Engine.codes``).

Of a function that has a frame, by pointer size and ``"unwind"``, the UNWIND_INFO is there, too.
"""
"""The type of an override's keyword-only parameter ``original``: the function that it replaces."""


class Dialect:
    """How the functions of a DLL tell their caller of an error."""

    def report(self, guest: "Guest", export: "Export", error: Exception) -> int:
        """Stores the error where this DLL's callers look for it; returns the value of the result register."""
        raise NotImplementedError

    def name(self, export: "Export", error: Exception) -> str | None:
        """What the callers of this DLL call the error, such as ``ERROR_FILE_NOT_FOUND``; None where that is no error
        that they could be told of.
        """
        return None

    def stubbed(self, guest: "Guest", returns: str) -> int:
        """What a function that nobody implements answers, by its return type in the signature data."""
        return 0


class Win32(Dialect):
    """Last-error codes, and a return value that says only that there is one."""

    def code(self, export: "Export", error: Exception) -> int:
        if isinstance(error, NtError):
            return export.translate.get(error.status) or win32_of(error.status)
        if isinstance(error, GuestFault):
            return export.translate.get(STATUS_ACCESS_VIOLATION) or win32_of(STATUS_ACCESS_VIOLATION)
        assert isinstance(error, WinError), error
        return error.code

    def report(self, guest: "Guest", export: "Export", error: Exception) -> int:
        code = self.code(export, error)
        if export.fails is RETURN_ERROR:
            return code
        guest.last_error = code
        return int(export.fails or 0)

    def name(self, export: "Export", error: Exception) -> str | None:
        if not isinstance(error, (NtError, WinError)) and not (export.probes and isinstance(error, GuestFault)):
            return None
        code = self.code(export, error)
        return win32_name(code) or str(code)

    def stubbed(self, guest: "Guest", returns: str) -> int:
        if returns == "ntstatus":
            return 0xC0000002
        if returns == "hresult":
            return 0x80004001
        guest.last_error = 120  # ERROR_CALL_NOT_IMPLEMENTED
        return 120 if returns == "win32" else 0


class Native(Dialect):
    """NTSTATUS as the return value; with ``fails=`` that value."""

    def report(self, guest: "Guest", export: "Export", error: Exception) -> int:
        if isinstance(error, NtError):
            status = export.translate.get(error.status, error.status)
        elif isinstance(error, GuestFault):
            status = STATUS_ACCESS_VIOLATION
        else:
            raise TypeError(f"{export}: a native function cannot report {error!r}")
        return status if export.fails is None else int(export.fails)

    def name(self, export: "Export", error: Exception) -> str | None:
        if isinstance(error, NtError):
            status = export.translate.get(error.status, error.status)
        elif export.probes and isinstance(error, GuestFault):
            status = STATUS_ACCESS_VIOLATION
        else:
            return None
        return status_name(status) or f"{status:#x}"

    def stubbed(self, guest: "Guest", returns: str) -> int:
        return 0xC0000002 if returns == "ntstatus" else 0


WIN32 = Win32()
NATIVE = Native()


class Export:
    """One export of a DLL.

    One that is only promised so far has ``name``, ``dll``, ``ordinal``, ``kind``, ``module``, ``floats`` and what a
    mapped image needs beside; asking for anything else imports the module that declares it
    (:mod:`litebox_core.rooms`).

    ``kind`` is ``"function"``, ``"code"`` (machine code), ``"data"``, ``"forward"`` or ``"stub"``. ``partial`` is the
    support note: what of the documented behaviour is missing; for a stub, why it is one.
    """

    __slots__ = (
        "_floats", "_signature", "ansi", "below", "category", "dll", "fails", "fast", "fn", "forward", "init", "kind",
        "machine_code", "module", "name", "ordinal", "partial", "probes", "promise", "size", "source", "translate",
    )  # fmt: skip

    def __init__(self, dll: "Dll", name: str, kind: str = "function", ordinal: int | None = None) -> None:
        self.dll, self.name, self.kind, self.ordinal = dll, name, kind, ordinal
        self.promise: Callable[[Export], None] | None = None
        """What declares it when it is wanted; None once it is declared."""
        self._floats: bool | None = None
        self.fn: Callable[..., Any] | None = None
        self.ansi = False
        self.fails: Any = None
        self.translate: Mapping[int, int] = {}
        self.partial = ""
        self.category = ""
        """What a trace files it under, where that does not follow from ``module``."""
        self.probes = False
        self.forward = ""
        self.size = 0
        self.init: Callable[[Process, int], None] | bytes = b""
        self.machine_code: Mapping[int, bytes] = {}
        self.fast: Fast = {}
        self.module = ""
        self.below: Export | None = None
        """For a function of an overlay or an override: what it replaces."""
        self.source = ""
        """And who offers it."""
        self._signature: Signature | None = None

    @classmethod
    def promised(
        cls, dll: "Dll", name: str, kind: str, module: str, floats: bool, promise: "Callable[[Export], None]"
    ) -> "Export":
        """A function or stub that ``promise(export)`` declares when more of it is wanted than is given here."""
        made = cls.__new__(cls)
        made.dll, made.name, made.kind, made.module, made._floats = dll, name, kind, module, floats
        made.promise, made.ordinal, made.below, made.source, made.fast = promise, None, None, "", {}
        return made

    if not TYPE_CHECKING:

        def __getattr__(self, slot: str) -> Any:
            """Of a promised export, what was not given with the promise."""
            if slot == "promise" or self.promise is None:
                raise AttributeError(f"an Export has no attribute {slot!r}")
            self.promise(self)
            if self.promise is not None:
                raise TypeError(f"{self}: promised by an index, and not declared by the module that it names")
            return getattr(self, slot)

    def keep(self, declared: "Export") -> None:
        """Keeps the promise: this export is now what ``declared`` is, under its own name and in its own DLL."""
        self._take(declared)
        self.promise = None

    def turn_into_stub(self, note: str) -> None:
        """Makes it a stub that ``note`` explains; its prototype stays known."""
        promise = self.promise
        if promise is not None:

            def keep(export: Export) -> None:
                promise(export)
                export.kind, export.partial = "stub", note

            self.promise = keep
        self.kind, self.partial = "stub", note

    def copy(self, dll: "Dll", name: str, ordinal: int | None = None) -> "Export":
        """The same function, data or stub as an export of ``dll`` under ``name``."""
        if self.promise is not None:
            made = Export.promised(dll, name, self.kind, self.module, self.floats, lambda copy: copy.keep(self))
            made.fast = self.fast
        else:
            made = Export.__new__(Export)
            made.dll, made.name, made.promise = dll, name, None
            made._take(self)
        made.ordinal = ordinal
        return made

    def _take(self, other: "Export") -> None:
        """Becomes what ``other`` is, but for name, DLL and ordinal."""
        self.kind, self.fn, self.ansi, self.fails = other.kind, other.fn, other.ansi, other.fails
        self.translate, self.partial, self.probes, self.module = (
            other.translate, other.partial, other.probes, other.module
        )  # fmt: skip
        self.fast, self.category, self.forward, self.size = other.fast, other.category, other.forward, other.size
        self.init, self.machine_code, self.below, self.source = (
            other.init, other.machine_code, other.below, other.source
        )  # fmt: skip
        self._signature, self._floats = other._signature, other._floats

    @property
    def signature(self) -> Signature | None:
        """The prototype; None for what is no Python function. Raises TypeError for a bad declaration."""
        if self._signature is None and self.fn is not None:
            self._signature = prototype(self.fn, self.ansi)
        return self._signature

    @property
    def floats(self) -> bool:
        """Whether a Python function takes or returns floating-point numbers by value."""
        if self._floats is None:
            self._floats = self.fn is not None and uses_floats(self.fn)
        return self._floats

    def __str__(self) -> str:
        return f"{self.dll.name}!{self.name}"


class Dll:
    """The exports of one DLL.

    ``dialect`` says how its functions report errors, ``fails`` what they return then where the declaration does not
    say; ``version`` is the file version the guest sees; ``category`` is what traces file its functions under, where
    that does not follow from the module that declares one (:mod:`litebox_core.categories`). Functions whose names
    begin with one of ``system_calls`` are entered as the system calls of Windows are.
    """

    def __init__(
        self,
        name: str,
        *,
        dialect: Dialect = WIN32,
        fails: Any = None,
        version: tuple[int, int, int, int] = (10, 0, 19041, 1),
        like: "Dll | None" = None,
        convention: str = "stdcall",
        category: str = "",
        system_calls: tuple[str, ...] = (),
    ) -> None:
        self.system_calls = system_calls
        self.name, self.dialect, self.fails, self.version = name, dialect, fails, version
        self.convention, self.category = convention, category
        self.exports: dict[str, Export] = {}
        self._declared: dict[Callable[..., Any], Export] = {}
        """By function, under its first name: what ``ansi`` looks up."""
        self.ordinals: dict[int, Export] = {}
        self.load_hooks: list[Callable[[Process, int], None]] = []
        self.exit_hooks: list[Callable[[Guest], Steps[None]]] = []
        self.images: dict[Any, PluginImage] = {}
        """Images of it that may be used again (:mod:`litebox_core.loader.pluginimage`)."""
        if like is not None:
            self.include(like)

    # -- declaring -----------------------------------------------------------------------------------------------

    def _add(self, export: Export) -> Export:
        known = self.exports.get(export.name)
        if known is not None and known.promise is not None and export.promise is None:
            known.keep(export)  # images know it already
            return known
        if known is not None:
            raise ValueError(f"{self.name}: {export.name} is exported twice")
        if export.ordinal is not None and self.ordinals.setdefault(export.ordinal, export) is not export:
            raise ValueError(f"{self.name}: ordinal {export.ordinal} is given twice")
        self.exports[export.name] = export
        self.images.clear()
        return export

    @overload
    def export(self, fn: F) -> F: ...

    @overload
    def export(
        self,
        fn: None = None,
        *,
        name: str | None = None,
        ordinal: int | None = None,
        fails: Any = None,
        translate: Mapping[int, int] | None = None,
        partial: str = "",
        probes: bool = False,
        fast: Fast | None = None,
        category: str = "",
        aliases: Iterable[str] = (),
    ) -> Callable[[F], F]: ...

    def export(
        self,
        fn: F | None = None,
        *,
        name: str | None = None,
        ordinal: int | None = None,
        fails: Any = None,
        translate: Mapping[int, int] | None = None,
        partial: str = "",
        probes: bool = False,
        fast: Fast | None = None,
        category: str = "",
        aliases: Iterable[str] = (),
    ) -> Any:
        """Exports a function under its own name or ``name``.

        ``fails`` is what it returns on an error, ``translate`` maps statuses to the codes that this function reports
        instead of the usual ones, ``probes`` makes bad pointers an error instead of an access violation, ``category``
        is what traces file it under.

        ``fast`` is machine code, by pointer size in bits, that the guest runs instead of the function while nobody
        watches or replaces it: it returns by itself or, for a case that it leaves to the function, runs on into the
        stub that follows, with the argument registers as they were.
        """

        def declare(function: F) -> F:
            for title in (name or function.__name__, *aliases):
                made = Export(self, title, "function", ordinal if title == (name or function.__name__) else None)
                made.fn, made.partial, made.probes = function, partial, probes
                made.fails = self.fails if fails is None else fails
                made.translate, made.fast = translate or {}, fast or {}
                made.category = category
                made.module = function.__module__.rpartition(".")[2]
                self._declared.setdefault(function, self._add(made))
            return function

        return declare if fn is None else declare(fn)

    def ansi(
        self, function: Callable[..., Any], name: str | None = None, partial: str = "", ordinal: int | None = None
    ) -> None:
        """Exports the A form of a W function: the same body, narrow strings decoded and encoded at the border."""
        wide = self._declared[function]
        made = Export(self, name or wide.name.removesuffix("W") + "A", ordinal=ordinal)
        made.fn, made.ansi, made.fails, made.translate = function, True, wide.fails, wide.translate
        made.partial, made.probes, made.module = partial or wide.partial, wide.probes, wide.module
        made.category = wide.category
        self._add(made)

    def alias(self, name: str, target: str, ordinal: int | None = None) -> None:
        """Exports one more name for something already exported."""
        source = self.exports[target]
        self._add(source.copy(source.dll, name, ordinal))

    def forward(self, name: str, target: str, ordinal: int | None = None) -> None:
        """Exports ``name`` as a forwarder to ``"dll.function"``."""
        made = Export(self, name, "forward", ordinal)
        made.forward = target
        self._add(made)

    def data(self, name: str, size: int, init: "Callable[[Process, int], None] | bytes" = b"") -> None:
        """Exports ``size`` bytes of data, initialised from bytes or by ``init(process, address)``."""
        made = Export(self, name, "data")
        made.size, made.init = size, init
        self._add(made)

    def code(self, name: str, machine_code: Mapping[int, bytes], partial: str = "") -> None:
        """Exports machine code, given for each pointer size in bits: for functions with a convention of their own."""
        made = Export(self, name, "code")
        made.machine_code, made.partial = machine_code, partial
        self._add(made)

    def stub(self, note: str, *names: str) -> None:
        """Exports typed stubs: known to exist, not implemented, ``note`` says why."""
        for name in names:
            made = Export(self, name, "stub")
            made.partial = note
            self._add(made)

    def include(self, other: "Dll", only: Iterable[str] | None = None) -> None:
        """Exports what another Dll exports as well (kernelbase and kernel32 are two doors to one room)."""
        for export in [other.exports[n] for n in only] if only is not None else list(other.exports.values()):
            if export.name not in self.exports or (export.promise is None and self.unkept(export.name)):
                self._add(export.copy(self, export.name))

    def unkept(self, name: str) -> bool:
        """Whether ``name`` is only promised, or not exported at all."""
        export = self.exports.get(name)
        return export is None or export.promise is not None

    def on_load(self, hook: "Callable[[Process, int], None]") -> "Callable[[Process, int], None]":
        """Registers ``hook(process, image_base)``, called when the image has been mapped."""
        self.load_hooks.append(hook)
        return hook

    def on_exit(self, hook: "Callable[[Guest], Steps[None]]") -> "Callable[[Guest], Steps[None]]":
        """Registers ``hook(guest)``, run by ExitProcess where native DLLs get DLL_PROCESS_DETACH."""
        self.exit_hooks.append(hook)
        return hook

    def __repr__(self) -> str:
        return f"<Dll {self.name}: {len(self.exports)} exports>"
