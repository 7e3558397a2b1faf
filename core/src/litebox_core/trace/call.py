"""One traced call, as listeners get it."""

from typing import TYPE_CHECKING, Any

from ..memory import GuestFault
from ..stubs import argument_slots, spilled
from . import values

if TYPE_CHECKING:
    from ..abi.signature import Param
    from ..dispatch import Entry
    from ..guest import Guest
    from ..process import Process
    from .tracer import Tracer


class Call:
    """One call of an export. ``result``, ``error``, ``duration`` and ``waited`` are set when it has ended.

    ``number`` counts the calls in the order in which they begin, ``time`` is in seconds since tracing began,
    ``values`` are the decoded arguments (raw integers for stubs), ``depth`` says how many calls are in progress around
    it in its thread.
    """

    __slots__ = (
        "_caller", "_return_address", "_spilled", "depth", "duration", "entry", "error", "finished", "guest", "number",
        "result", "shown", "sp", "time", "tracer", "values", "waited",
    )  # fmt: skip

    def __init__(
        self, tracer: "Tracer", guest: "Guest", entry: "Entry", number: int, values: tuple[Any, ...], sp: int
    ) -> None:
        self.tracer, self.guest, self.entry, self.number, self.values, self.sp = (
            tracer, guest, entry, number, values, sp
        )  # fmt: skip
        self.depth = 0
        self.time = 0.0
        self.duration = 0.0
        self.waited = guest.waited
        self.result: Any = None
        self.error: BaseException | None = None
        self.finished = False
        """Whether it has returned, with a result or an error."""
        self.shown = True
        """Whether listeners were told that it began."""
        self._spilled = spilled(guest) if entry.system else None
        self._return_address: int | None = None
        self._caller: str | None = None

    # -- where ---------------------------------------------------------------------------------------------------

    @property
    def process(self) -> "Process":
        return self.guest.process

    @property
    def dll(self) -> str:
        return self.entry.dll

    @property
    def function(self) -> str:
        return self.entry.export.name

    @property
    def name(self) -> str:
        """``dll!function``."""
        return self.entry.name

    @property
    def category(self) -> str:
        """Such as ``file_io``; see :mod:`litebox_core.categories`."""
        return self.entry.category

    @property
    def kind(self) -> str:
        """``real``, ``partial``, ``stub`` or ``overlay``."""
        return self.entry.kind

    @property
    def return_address(self) -> int:
        """Where the caller goes on; 0 where its stack is gone."""
        if self._return_address is None:
            try:
                self._return_address = self.guest.memory.pointer(self.sp)
            except GuestFault:
                self._return_address = 0
        return self._return_address

    @property
    def caller(self) -> str:
        """The return address as ``module+0x1234``, or as a number outside all modules."""
        if self._caller is None:
            self._caller = self.tracer.place(self.return_address)
        return self._caller

    @property
    def from_program(self) -> bool:
        """Whether the program's own image made the call, and no DLL."""
        program = self.process.loader.program
        return program is not None and self.return_address in program

    @property
    def main_thread(self) -> bool:
        """Whether the process's first thread made it."""
        return self.guest.tid == self.tracer.main_tid

    # -- what ----------------------------------------------------------------------------------------------------

    @property
    def params(self) -> "tuple[Param, ...] | None":
        signature = self.entry.export.signature
        return signature.params if signature is not None else None

    @property
    def raw(self) -> tuple[int, ...]:
        """The argument slots as the caller filled them, one for each argument; empty where its stack is gone.

        A floating-point argument in a register is not among them: its slot holds whatever the caller left there.
        """
        try:
            return argument_slots(self.entry, self.guest, self.sp, len(self.values), self._spilled)
        except GuestFault:
            return ()

    def arguments(self) -> list[tuple[str, str]]:
        """Names and texts of the arguments."""
        params = self.params
        if params is not None:
            return [(p.name, values.text(p, v)) for p, v in zip(params, self.values, strict=False)]
        data = self.entry.data
        if data is not None and data.params is not None:
            from ..stubs import typed_text

            pairs = zip(data.params, self.values, strict=False)
            return [(p.name, typed_text(self.guest.memory, p.type, v)) for p, v in pairs]
        return [(f"a{i + 1}", hex(v)) for i, v in enumerate(self.values)]

    def ins(self) -> dict[str, Any]:
        """What the pointers that the function only reads point to, by parameter."""
        return self.pointed()[0]

    def outs(self) -> dict[str, Any]:
        """What the function's pointers and buffers hold now, by parameter; of use when the call has ended.

        Numbers, texts, and structures as dicts. Buffers are cut to what the function says it wrote, if it does, and
        to the first :data:`values.SHOWN_BYTES` bytes.
        """
        return self.pointed()[1]

    def pointed(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """:meth:`ins` and :meth:`outs` in one walk over the arguments."""
        params = self.params
        if params is None or not any(p.kind in ("pointer", "buffer") for p in params):
            return {}, {}
        return values.pointed(params, self.values, self.result if self.error is None else None)

    def result_text(self) -> str:
        """The result as text; empty for none."""
        return values.result_text(self.entry.export.signature, self.result)

    @property
    def error_name(self) -> str | None:
        """The error as the DLL's callers know it (``ERROR_FILE_NOT_FOUND``, ``STATUS_...``, ``EBADF``), or None."""
        error = self.error
        if error is None or not isinstance(error, Exception):  # what ends a thread or goes elsewhere is no error
            return None
        export = self.entry.export
        name = export.dll.dialect.name(export, error)
        if name is not None:
            return name
        text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        return text.partition("\n")[0]

    def error_text(self) -> str:
        """`` !NAME``, or nothing."""
        name = self.error_name
        return f" !{name}" if name else ""

    @property
    def failed(self) -> bool:
        """Whether it ended with an error that its caller gets to see, or faulted."""
        return self.error is not None and isinstance(self.error, Exception)
