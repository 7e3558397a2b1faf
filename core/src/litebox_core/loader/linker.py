"""Finding DLLs, binding imports, and initialising modules in Windows' order."""

import os
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from .. import pe, signatures
from ..errors import NtError
from ..guest import Guest, GuestCall, Steps
from ..memory import GuestFault
from ..memory.regions import EXECUTE
from ..ntstatus import (
    STATUS_ACCESS_VIOLATION,
    STATUS_CONFLICTING_ADDRESSES,
    STATUS_DLL_INIT_FAILED,
    STATUS_DLL_NOT_FOUND,
    STATUS_INVALID_IMAGE_FORMAT,
)
from .manifests import asks_for_assemblies
from .mapping import map_image, map_plugin, protect_image, put_pointer, read_image_file
from .modules import PINNED, Module, ModuleList, Unloaded
from .procedures import Procedures
from .searchorder import SearchOrder
from .tls import StaticTls

if TYPE_CHECKING:
    from ..plugins import Choice
    from ..process import Process
    from .notifications import DllNotifications

DLL_PROCESS_DETACH, DLL_PROCESS_ATTACH, DLL_THREAD_ATTACH, DLL_THREAD_DETACH = range(4)
UNLOADED = 64
"""How many modules a process remembers that it has unloaded."""
DONT_RESOLVE_DLL_REFERENCES = 1
_EXECUTE_AND_WAIT, _SHARE_READ_DELETE, _FILE_OPEN, _A_FILE = 0x100020, 5, 1, 0x60
"""How the file of a DLL is opened: FILE_EXECUTE and SYNCHRONIZE, shared with readers, as a file that is there."""


class MissingImport(Exception):
    """A DLL or function that the program cannot start without is nowhere to be had."""


class Loader(Procedures):
    """The modules of one process."""

    def __init__(self, process: "Process") -> None:
        super().__init__(process)
        self.modules = ModuleList(process)
        self.told: DllNotifications | None = None
        """Who is told of modules that come and go; made by ``notifications``."""
        self.tls = StaticTls(process)
        self.program: Module | None = None
        self._fresh: list[Module] = []
        """Native modules mapped and not yet initialised, dependencies first."""
        self.program_folder = ""
        """The guest folder in which DLLs are looked for first."""
        self.shutting_down = False
        """Whether the modules are being told that the process ends: none is taken out any more."""
        self.unloaded: deque[Unloaded] = deque(maxlen=UNLOADED)
        """The last modules that were taken out, the newest at the end."""
        self.search_path: list[str] = []
        self.dll_directory: str | None = None
        self.order = SearchOrder(process)
        self.redirect: Callable[[str], str | None] | None = None
        """Where a DLL without a path is: set once there are activation contexts that may say so (``sxs.contexts``)."""

    def notifications(self) -> "DllNotifications":
        """Whom the program wants to be told of modules that come and go."""
        if self.told is None:
            from .notifications import DllNotifications as Notifications

            self.told = Notifications(self.process)
        return self.told

    # -- names ---------------------------------------------------------------------------------------------------

    @staticmethod
    def file_name(name: str) -> str:
        """The name with the extension the loader adds: ``.dll`` where there is no dot, none after a final dot."""
        leaf = name.replace("/", "\\").rpartition("\\")[2]
        if leaf.endswith("."):
            return name.rstrip(".")
        return name if "." in leaf else name + ".dll"

    def find(self, name: str) -> Module | None:
        """A loaded module by name or path, in any case, with or without ``.dll``; API sets lead to their hosts."""
        full = self.file_name(name).replace("/", "\\")
        if "\\" in full:
            return self.modules.by_path(full) or self._by_file(full)
        if self.redirect is not None:
            elsewhere = self._redirected(full)
            if elsewhere is not None:
                return self.modules.by_path(elsewhere) or self._by_file(elsewhere)
        for host in self._hosts(full):
            module = self.modules.by_name(host)
            if module is not None:
                return module
        return self.modules.by_name(full)

    def _redirected(self, file_name: str) -> str | None:
        """The full path that a manifest gives a DLL; None for one that is not there, or that a plugin answers for."""
        assert self.redirect is not None
        path = self.redirect(file_name)
        if path is None:
            return None
        choice = self.process.plugins.choose(file_name.lower())
        if choice is not None and choice.kind in ("real", "stub"):
            return None
        try:
            self.process.files().host_path(path)
        except NtError:
            return None
        return path

    def _by_file(self, guest_path: str) -> Module | None:
        """A loaded module by another name of its file: a short one, another link."""
        try:
            return self._same_file(self.process.files().host_path(guest_path))
        except NtError:
            return None

    def _same_file(self, host_path: str) -> Module | None:
        """The module that was loaded from a file of the host."""
        try:
            wanted = os.stat(host_path)
        except OSError:
            return None
        for module in self.modules:
            if module.host_path:
                with suppress(OSError):
                    if os.path.samestat(os.stat(module.host_path), wanted):
                        return module
        return None

    def _hosts(self, file_name: str) -> tuple[str, ...]:
        lower = file_name.lower()
        if lower.startswith(("api-", "ext-")):
            return tuple(f"{host}.dll" for host in signatures.hosts_of_api_set(lower.removesuffix(".dll")))
        return ()

    # -- loading -------------------------------------------------------------------------------------------------

    def load_program(self, host_path: str, guest_path: str, image: pe.Image) -> Module:
        """Maps the program and everything it imports. Raises pe.ImageError and MissingImport."""
        for name in ("ntdll.dll", "kernel32.dll", "kernelbase.dll"):
            self.load_now(name, None)
        self.program_folder = guest_path.rpartition("\\")[0]
        module = self.program = self._map_native(host_path, guest_path, image, first=True)
        if asks_for_assemblies(image, host_path):
            from ..sxs.contexts import ActivationContexts

            self.redirect = self.process.state(ActivationContexts).redirect
        self._link(module)
        self._fresh.append(module)
        for loaded in self.modules:
            loaded.references = PINNED
        return module

    def _map_native(self, host_path: str, guest_path: str, image: pe.Image, first: bool = False) -> Module:
        from ..pe.exports import Exports

        movable = image.is_dll or not image.relocs_stripped  # a program that is loaded is data, wherever it lies
        allocation, base = map_image(self.process, image, relocate=first or movable)
        module = Module(guest_path, base, image.mapped_size)
        module.image, module.allocation, module.host_path = image, allocation, host_path
        module.entry = base + image.entry_rva if image.entry_rva else 0
        module.exports = Exports(image)
        allocation.owner = module
        self._enter(module, first)
        return module

    def _enter(self, module: Module, first: bool = False) -> None:
        """Enters a mapped module into the lists and tells the plugins."""
        self.modules.add(module, first)
        if self.told is not None:
            self.told.loaded(module)
        self.process.plugins.manager.hook.litebox_module_load(process=self.process, module=module)

    def load_now(self, name: str, importer: Module | None, flags: int = 0, folders: list[str] | None = None) -> Module:
        """The module of this name, loaded and linked now if need be; ``flags`` are LOAD_LIBRARY_SEARCH_*.

        With DONT_RESOLVE_DLL_REFERENCES it is mapped only, as a module that is no DLL always is. ``folders`` are
        searched instead of the usual ones.

        Raises NtError: STATUS_DLL_NOT_FOUND, and what is wrong with a file of the name.
        """
        found = self.find(name)
        if found is not None:
            return found
        file_name = self.file_name(name)
        if self.redirect is not None and "\\" not in file_name and "/" not in file_name:
            file_name = self._redirected(file_name) or file_name
        hosts = self._hosts(file_name)
        if hosts:
            return self.load_now(hosts[0], importer, flags)
        leaf = file_name.replace("/", "\\").rpartition("\\")[2].lower()
        choice = self.process.plugins.choose(leaf)
        if choice is not None and choice.kind in ("real", "stub"):
            return self._load_plugin(choice, leaf)
        if choice is None or choice.kind == "native":
            native = self._load_native(file_name, importer, flags, folders)
            if native is not None:
                return native
        if choice is None and leaf.removesuffix(".dll") in signatures.dlls():
            return self._load_plugin(self.process.plugins.empty(leaf), leaf)
        raise NtError(STATUS_DLL_NOT_FOUND)

    def _load_plugin(self, choice: "Choice", leaf: str) -> Module:
        """Maps the image of a DLL that a plugin answers for, or that is stubbed."""
        module = map_plugin(self.process, choice, leaf)
        self._enter(module)
        self.modules.initialized(module)
        return module

    def _load_native(self, name: str, importer: Module | None, flags: int, folders: list[str] | None) -> Module | None:
        """A file of the name, the first that is for this kind of processor. None where there is none at all."""
        wrong = False
        for guest_path in self.candidates(name, flags & ~DONT_RESOLVE_DLL_REFERENCES, folders):
            try:
                host_path = self.process.files().host_path(guest_path)
            except NtError:
                continue
            loaded = self.modules.by_path(guest_path) or self._same_file(host_path)
            if loaded is not None:
                return loaded
            if importer is None:  # nobody may be writing to it
                self.process.files().open(guest_path, _EXECUTE_AND_WAIT, _SHARE_READ_DELETE, _FILE_OPEN, _A_FILE)[
                    0
                ].release()
            image = self._read(host_path, importer)
            if image.bits != self.process.bits:
                wrong = True
                continue
            try:
                module = self._map_native(host_path, guest_path, image)
            except pe.Immovable:
                if importer is None:
                    raise NtError(STATUS_CONFLICTING_ADDRESSES) from None
                raise
            if flags & DONT_RESOLVE_DLL_REFERENCES or not image.is_dll:
                assert module.allocation is not None
                protect_image(self.process, module.allocation, image.pieces)
                return module
            try:
                self._link(module)
            except (NtError, MissingImport, pe.ImageError):
                self._drop(module)
                raise
            self._fresh.append(module)
            return module
        if wrong:
            raise NtError(STATUS_INVALID_IMAGE_FORMAT)
        return None

    def _read(self, host_path: str, importer: Module | None) -> pe.Image:
        """Raises NtError with Windows' word for what is wrong or, for an import, pe.ImageError that tells people."""
        data: bytes = b""
        try:
            data = read_image_file(host_path, host_path)
            return pe.parse(data, host_path)
        except (OSError, pe.ImageError):
            if importer is None:
                from .imagestatus import image_status

                raise NtError(image_status(data)) from None
            raise

    def candidates(self, name: str, flags: int = 0, folders: list[str] | None = None) -> list[str]:
        """Where Windows looks for a DLL, in order. Raises NtError(STATUS_INVALID_PARAMETER) for bad flags."""
        files = self.process.files()
        if ":" in name or name.startswith(("\\", "/")):
            return [files.full_path(name)]
        if folders is None:
            folders = self.order.dlls(name, flags)
        if ("\\" in name or "/" in name) and not self.order.is_restricted(flags):
            return [files.full_path(name)]
        return [files.full_path(folder.rstrip("\\") + "\\" + name) for folder in folders if folder]

    # -- binding -------------------------------------------------------------------------------------------------

    def _link(self, module: Module) -> None:
        """Binds a native module's imports and gives it its final page rights."""
        from ..pe.imports import imports
        from ..pe.loadconfig import load_config

        image, allocation = module.image, module.allocation
        assert image is not None and allocation is not None
        for imported in imports(image):
            try:
                source = self.load_now(imported.name, module)
            except NtError as error:
                problem = f"which cannot be loaded: {error}"
                if error.status == STATUS_DLL_NOT_FOUND:
                    problem = "which is nowhere to be had: put the file beside the program, or install a plugin for it"
                raise MissingImport(f"{module.name}: imports {imported.name}, {problem}") from None
            if source not in module.dependencies:
                module.dependencies.append(source)
                self.add_reference(source)
            for function in imported.functions:
                key = function.name if function.name is not None else function.ordinal
                assert key is not None
                address = self.bind(imported.name, source, key)
                if not address:
                    what = key if isinstance(key, str) else f"ordinal {key}"
                    raise MissingImport(f"{module.name}: {imported.name} has no {what}: is it the right version?")
                put_pointer(self.process, allocation, module.base + function.slot_rva, address)
        config = load_config(image)
        if config is not None:
            self._configure(module, config)
        protect_image(self.process, allocation, image.pieces)
        self.tls.add(module)

    def bind(self, name: str, source: Module, key: str | int) -> int:
        """The address that an import of the DLL ``name``, loaded as ``source``, is bound to; 0 when there is none.

        A function of an API set is looked for in all hosts of the set.
        """
        sources = [source]
        for host in self._hosts(self.file_name(name)):
            try:
                sources.append(self.load_now(host, None))
            except NtError:
                continue
        for module in sources:
            address = self.procedure(module, key)
            if address:
                return address
        resolve = self.process.plugins.manager.hook.litebox_resolve
        address = resolve(process=self.process, dll=name, function=key)
        if address:
            return int(address)
        return next(filter(None, (self.auto_stub(module, key) for module in sources)), 0)

    def _configure(self, module: Module, config: "object") -> None:
        from ..pe.loadconfig import LoadConfig

        assert isinstance(config, LoadConfig) and module.image is not None and module.allocation is not None
        delta = module.base - module.image.image_base
        cookie_va = config.security_cookie
        if cookie_va and module.base <= cookie_va + delta <= module.base + module.size - 8:
            put_pointer(self.process, module.allocation, cookie_va + delta, self.process.cookie)
        for va, code in (
            (config.guard_cf_check_function_pointer, b"\xc3"),  # ret
            (config.guard_cf_dispatch_function_pointer, b"\xff\xe0"),  # jmp rax
        ):
            if va and module.base <= va + delta <= module.base + module.size - 8:
                put_pointer(self.process, module.allocation, va + delta, self.process.code(code))

    # -- life of a module ----------------------------------------------------------------------------------------

    def load(self, guest: Guest, name: str, flags: int = 0, folders: list[str] | None = None) -> Steps[Module]:
        """LoadLibraryEx: loads, or counts one reference more. Raises NtError."""
        module = self.find(name)
        if module is not None:
            self.add_reference(module)
            return module
        try:
            module = self.load_now(name, None, flags, folders)
        except (MissingImport, pe.ImageError, NtError) as error:
            while self._fresh:
                self._drop(self._fresh.pop())
            if isinstance(error, NtError):
                raise
            missing = isinstance(error, MissingImport)
            raise NtError(STATUS_DLL_NOT_FOUND if missing else STATUS_INVALID_IMAGE_FORMAT) from None
        self.add_reference(module)
        try:
            yield from self.initialize(guest)
        except NtError:
            yield from self.unload(guest, module)
            raise
        return module

    def add_reference(self, module: Module) -> None:
        """Counts one reference more, where references count."""
        if module.native and module.references != PINNED:
            module.references += 1

    def initialize(self, guest: Guest, static: bool = False) -> Steps[None]:
        """Runs TLS callbacks and entry points of the fresh modules, dependencies first.

        Raises NtError(STATUS_DLL_INIT_FAILED) or, with ``static``, MissingImport where a DllMain refuses.
        """
        fresh, self._fresh = self._fresh, []
        self.tls.extend(guest)
        if self.told is not None:
            yield from self.told.announce(guest)
        for module in fresh:
            if module is self.program:
                continue
            self.modules.initialized(module)
            if module.entry and not self.process.memory.accessible(module.entry, 1, EXECUTE):
                module.initialized = False
                if not static:
                    raise NtError(STATUS_ACCESS_VIOLATION)  # Windows' loader survives the exception
                raise MissingImport(f"{module.name}: its entry point is not in memory that can be executed")
            ok = yield from self._notify(module, DLL_PROCESS_ATTACH, 1 if static else 0)
            if not ok:
                if static:
                    raise MissingImport(f"{module.name}: it refuses to be initialised (its DllMain returned FALSE)")
                raise NtError(STATUS_DLL_INIT_FAILED)
        if self.program in fresh and self.program is not None:
            self.modules.initialized(self.program)
            yield from self._tls_callbacks(self.program, DLL_PROCESS_ATTACH)

    def _notify(self, module: Module, reason: int, reserved: int) -> Steps[int]:
        yield from self._tls_callbacks(module, reason)
        if not module.entry or module is self.program:
            return 1
        result: int = yield GuestCall(module.entry, (module.base, reason, reserved))
        return result & 0xFFFFFFFF

    def _tls_callbacks(self, module: Module, reason: int) -> Steps[None]:
        for callback in module.tls_callbacks:
            yield GuestCall(callback, (module.base, reason, 0))

    def thread_notifications(self, guest: Guest, reason: int) -> Steps[None]:
        """DLL_THREAD_ATTACH or, in reverse, DLL_THREAD_DETACH for all modules that want it; the program comes last."""
        modules = [m for m in self.modules.in_order if m.native and m.initialized and m is not self.program]
        if reason != DLL_THREAD_ATTACH:
            modules.reverse()
        for module in modules:
            if module.thread_calls:
                yield from self._notify(module, reason, 0)
        if self.program is not None and self.program.initialized:
            yield from self._notify(self.program, reason, 0)

    def shutdown(self, guest: Guest) -> Steps[None]:
        """DLL_PROCESS_DETACH for everything, last initialised first, and the program last of all."""
        self.shutting_down = True
        order = [module for module in self.modules.in_order if module is not self.program]
        for module in [*reversed(order), *([self.program] if self.program is not None else [])]:
            if module.native and module.initialized:
                module.initialized = False
                yield from self._notify(module, DLL_PROCESS_DETACH, 1)
            elif module.dll is not None:
                for hook in module.dll.exit_hooks:
                    yield from hook(guest)

    def unload(self, guest: Guest, module: Module) -> Steps[None]:
        """FreeLibrary: counts one reference less; the last one takes the module out of the process."""
        if not module.native or module.references == PINNED or self.shutting_down:
            return
        module.references -= 1
        if module.references > 0:
            return
        if module.initialized:
            module.initialized = False
            yield from self._notify(module, DLL_PROCESS_DETACH, 0)
        if self.told is not None:
            yield from self.told.unloaded(guest, module)
        self._unmap(module)
        for dependency in module.dependencies:
            yield from self.unload(guest, dependency)

    def _drop(self, module: Module) -> None:
        """Takes out a module none of whose code has run."""
        self._unmap(module)
        for dependency in module.dependencies:
            if dependency.references != PINNED:
                dependency.references -= 1

    def _remember(self, module: Module) -> None:
        """Notes a module that is about to be taken out."""
        memory, stamp, checksum = self.process.memory, 0, 0
        with suppress(GuestFault):  # the program may have made something else of its headers
            headers = module.base + memory.u32(module.base + 0x3C)
            stamp, checksum = memory.u32(headers + 8), memory.u32(headers + 0x58)
        number = self.unloaded[-1].number + 1 if self.unloaded else 0
        self.unloaded.append(Unloaded(number, module.base, module.size, stamp, checksum, module.name))

    def _unmap(self, module: Module) -> None:
        self._remember(module)
        if self.told is not None:
            self.told.dropped(module)
        self.process.plugins.manager.hook.litebox_module_unload(process=self.process, module=module)
        self.tls.remove(module)
        self.modules.remove(module)
        if module.allocation is not None:
            self.process.memory.detach(module.allocation)
