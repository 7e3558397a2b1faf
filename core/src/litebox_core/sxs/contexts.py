"""The activation contexts of one process, as KERNEL32 and NTDLL hand them out and the loader asks them.

A context is known by the address of a block of the process heap, as large as the manifests it was made of: what a
program makes of them is paid from its own memory. 0 stands for the context of the process.
"""

import uuid
from typing import TYPE_CHECKING, NamedTuple

from ..errors import NtError
from ..nls.casing import upcase
from ..ntstatus import (
    STATUS_INVALID_PARAMETER,
    STATUS_NO_MEMORY,
    STATUS_SXS_KEY_NOT_FOUND,
    STATUS_SXS_PROCESS_DEFAULT_ALREADY_SET,
    STATUS_SXS_SECTION_NOT_FOUND,
)
from ..process import DllState, Process
from ..services import Entropy, Heaps
from .assemblies import CREATEPROCESS_MANIFEST_RESOURCE_ID, Assembly, file_manifest, gather, resource_manifest
from .sections import ASSEMBLY_INFORMATION, DLL_REDIRECTION, WINDOW_CLASS_REDIRECTION, Entry, Section, build

if TYPE_CHECKING:
    from ..guest import Guest

__all__ = ["ActivationContexts", "Context", "Found"]

MAXIMUM_CONTEXTS = MAXIMUM_DEPTH = 0x4000
OF_SYSTEM = (ASSEMBLY_INFORMATION, DLL_REDIRECTION, WINDOW_CLASS_REDIRECTION)
"""Sections that Windows' own context has, which is asked last of all and here has nothing in them."""
_BLOCK = 64
_INHERITED = -1
"""In the place of a cookie: what a thread began with it cannot deactivate."""
_TAG = b"litebox activation context".ljust(_BLOCK, b"\0")


class Context:
    """One activation context. ``folder`` is that of the program, with a backslash at the end."""

    def __init__(self, roster: list[Assembly], folder: str, handle: int) -> None:
        self.roster, self.folder, self.handle = roster, folder, handle
        self.references = 1
        self.sections: dict[int, tuple[int, Section] | None] = {}
        """What was asked for so far: guest addresses, and what lies there."""
        self.aliases: dict[uuid.UUID, uuid.UUID] = {}
        self._places: dict[str, str] | None = None

    def place(self, name: str) -> str | None:
        """The full path of a file that one of the assemblies has; None for any other."""
        if self._places is None:
            self._places = {}
            for assembly in self.roster:
                folder = (assembly.folder if assembly.folder is not None else self.folder).rstrip("\\")
                for file in assembly.manifest.files:
                    self._places.setdefault(upcase(file.name), f"{folder}\\{file.name}")
        return self._places.get(upcase(name))


class Found(NamedTuple):
    """An entry of a section: the context, the address of the section, the section and the entry."""

    context: Context
    address: int
    section: Section
    entry: Entry


class Activation(NamedTuple):
    """One level of a thread's stack. The context is None for that of the process."""

    cookie: int
    context: Context | None


class ActivationContexts(DllState):
    """All contexts of a process."""

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self._contexts: dict[int, Context] = {}
        self._default: Context | None = None
        self._default_known = False
        self._cookie = 0

    # -- making and counting -----------------------------------------------------------------------------------------

    def create(self, document: bytes, path: str, folders: list[str], folder: str, as_default: bool = False) -> Context:
        """A new context from a manifest; assemblies are looked for in ``folders``. Raises NtError."""
        if as_default and self.default() is not None:
            raise NtError(STATUS_SXS_PROCESS_DEFAULT_ALREADY_SET)
        if len(self._contexts) >= MAXIMUM_CONTEXTS:
            raise NtError(STATUS_NO_MEMORY)
        roster = gather(self.process.files(), document, path, folders, "amd64")
        context = Context(roster, folder, self._block(_BLOCK + sum(assembly.size for assembly in roster)))
        self.process.memory.write(context.handle, _TAG)
        self._contexts[context.handle] = context
        if as_default:
            self._default = context
            context.references += 1
            self.process.loader.redirect = self.redirect
        return context

    def _block(self, size: int) -> int:
        heaps = self.process.service(Heaps)
        address = heaps.allocate(heaps.process_heap, 0, size)
        if not address:
            raise NtError(STATUS_NO_MEMORY)
        return address

    def _free(self, address: int) -> None:
        heaps = self.process.service(Heaps)
        heaps.free(heaps.process_heap, 0, address)

    def get(self, handle: int) -> Context | None:
        """The context of a handle, None for 0. Raises NtError(STATUS_INVALID_PARAMETER)."""
        if not handle:
            return None
        context = self._contexts.get(handle)
        if context is None:
            raise NtError(STATUS_INVALID_PARAMETER)
        return context

    def add_reference(self, handle: int) -> None:
        """Counts one use more; handles of nothing are passed over, as Windows does."""
        context = self._contexts.get(handle)
        if context is not None:
            context.references += 1

    def release(self, handle: int) -> None:
        """Counts one use less, and forgets the context with the last one."""
        context = self._contexts.get(handle)
        if context is None:
            return
        context.references -= 1
        if context.references:
            return
        del self._contexts[handle]
        for made in context.sections.values():
            if made is not None:
                self._free(made[0])
        self._free(handle)

    def default(self) -> Context | None:
        """The context of the process, from the program's manifest: in its resources, or in the file beside it.

        Where something that this asks for is missing Windows does not start the program; here it does without.
        """
        if not self._default_known:
            self._default_known = True
            program = self.process.loader.program
            made = _program_manifest(self.process) if program is not None else None
            if made is not None and program is not None:
                document, path = made
                folder = program.path.rpartition("\\")[0]
                try:
                    roster = gather(self.process.files(), document, path, [folder], "amd64", lenient=True)
                except NtError:
                    return None
                self._default = Context(roster, folder + "\\", 0)
        return self._default

    # -- the stacks of threads -----------------------------------------------------------------------------------------

    def active(self, guest: "Guest") -> Context | None:
        """What the thread has activated last; None for the context of the process."""
        stack: list[Activation] = guest.activations
        return stack[-1].context if stack else None

    def activate(self, guest: "Guest", handle: int) -> int:
        """Activates a context for the thread; the cookie that it is deactivated with. Raises NtError."""
        context = self.get(handle)
        if len(guest.activations) >= MAXIMUM_DEPTH:
            raise NtError(STATUS_NO_MEMORY)
        self.add_reference(handle)
        self._cookie += 1
        cookie = 0x1000_0000_0000_0000 | guest.tid << 32 | self._cookie & 0xFFFFFFFF
        guest.activations.append(Activation(cookie, context))
        self.process.loader.redirect = self.redirect
        return cookie

    def inherit(self, guest: "Guest", made: "Guest") -> None:
        """A new thread begins with the context that its maker has activated last."""
        context = self.active(guest)
        if context is not None:
            self.add_reference(context.handle)
            made.activations = [Activation(_INHERITED, context)]

    def above(self, guest: "Guest", cookie: int) -> int | None:
        """How many contexts were activated after that of the cookie; None where the thread has no such cookie."""
        for depth, activation in enumerate(reversed(guest.activations)):
            if activation.cookie == cookie:
                return depth
        return None

    def deactivate(self, guest: "Guest", count: int) -> None:
        """Takes the last ``count`` activations back."""
        for _ in range(count):
            context = guest.activations.pop().context
            if context is not None:
                self.release(context.handle)

    # -- looking things up ---------------------------------------------------------------------------------------------

    def section(self, context: Context, number: int) -> tuple[int, Section] | None:
        """A section of a context, put into guest memory when it is first asked for."""
        if number not in context.sections:
            if not context.aliases:
                random = self.process.service(Entropy).random
                for assembly in context.roster:
                    classes = [com for file in assembly.manifest.files for com in file.classes]
                    for com in (*classes, *assembly.manifest.classes):
                        context.aliases.setdefault(com.clsid, uuid.UUID(bytes=random(16), version=4))
            built = build(number, context.roster, context.aliases)
            if built is None:
                context.sections[number] = None
            else:
                address = self._block(len(built.data))
                self.process.memory.write(address, built.data)
                context.sections[number] = address, built
        return context.sections[number]

    def find(self, guest: "Guest", number: int, key: str | uuid.UUID) -> Found:
        """What the thread's context says of a key, or the process's. Raises NtError(STATUS_SXS_*_NOT_FOUND)."""
        problem = STATUS_SXS_KEY_NOT_FOUND if number in OF_SYSTEM else STATUS_SXS_SECTION_NOT_FOUND
        wanted = upcase(key) if isinstance(key, str) else key
        for context in dict.fromkeys((self.active(guest), self.default())):
            made = self.section(context, number) if context is not None else None
            if context is None or made is None:
                continue
            problem = STATUS_SXS_KEY_NOT_FOUND
            address, section = made
            entry = section.entries.get(wanted)
            if entry is not None:
                return Found(context, address, section, entry)
        raise NtError(problem)

    def redirect(self, name: str) -> str | None:
        """Where the contexts in force say that a DLL named without a path is; None where they say nothing."""
        guest = self.process.scheduler.current
        active = self.active(guest) if guest is not None else None
        for context in dict.fromkeys((active, self.default())):
            place = context.place(name) if context is not None else None
            if place is not None:
                return place
        return None


def _program_manifest(process: Process) -> tuple[bytes, str] | None:
    """The program's manifest, and the file it is in."""
    program = process.loader.program
    assert program is not None
    if program.image is not None:
        try:
            return resource_manifest(program.image, CREATEPROCESS_MANIFEST_RESOURCE_ID), program.path
        except NtError:
            pass
    path = program.path + ".Manifest"
    try:
        return file_manifest(process.files(), path), path
    except NtError:
        return None
