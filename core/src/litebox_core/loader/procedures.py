"""Finding the functions of modules: by name or number, through forwarders, and as stubs."""

from typing import TYPE_CHECKING

from .. import signatures
from ..dispatch import Entry
from ..dll import Export
from ..errors import NtError
from ..ntstatus import STATUS_ENTRYPOINT_NOT_FOUND, STATUS_ORDINAL_NOT_FOUND
from .mapping import StubArea
from .modules import Module

if TYPE_CHECKING:
    from ..process import Process

__all__ = ["Procedures"]

_MAX_FORWARDS = 16
STUB_DATA_SIZE = 0x400
"""Bytes of zeroes that stand in for a data export that nobody implements; its real size is not known."""


class Procedures:
    """The part of the loader that looks functions up."""

    def __init__(self, process: "Process") -> None:
        self.process = process
        self.stubs = StubArea(process)
        self._auto: dict[tuple[str, str], int] = {}

    def load_now(self, name: str, importer: Module | None, flags: int = 0, folders: list[str] | None = None) -> Module:
        raise NotImplementedError

    def procedure(self, module: Module, key: str | int, depth: int = 0) -> int:
        """Address of an export by name or ordinal, forwarders followed; 0 when there is none."""
        if module.dll is not None:
            export = module.dll.exports.get(key) if isinstance(key, str) else module.dll.ordinals.get(key)
            if export is None and isinstance(key, int):
                known = signatures.find(module.dll.name, key)
                export = module.dll.exports.get(known.name) if known is not None else None
            if export is None:
                return 0
            if export.kind != "forward":
                return module.addresses[export.name]
            forwarder = export.forward
        else:
            assert module.exports is not None
            native = module.exports.by_name(key) if isinstance(key, str) else module.exports.by_ordinal(key)
            if native is None:
                return 0
            if native.forwarder is None:
                return module.base + native.rva
            forwarder = native.forwarder
        if depth == _MAX_FORWARDS:
            return 0
        dll, _, function = forwarder.rpartition(".")
        try:
            target = self.load_now(dll, module)
        except NtError:
            return 0
        wanted: str | int = int(function[1:]) if function[:1] == "#" and function[1:].isdigit() else function
        return self.procedure(target, wanted, depth + 1) or self.auto_stub(target, wanted)

    def auto_stub(self, module: Module, key: str | int) -> int:
        """A typed stub for a function that the DLL is known to have and nobody implements; 0 when it is not known.

        An overlay may implement what the DLL's plugin leaves out.
        """
        if module.dll is None:
            return 0
        data = signatures.find(module.dll.name, key)
        if data is None and isinstance(key, str) and module.dll.name == "kernel32":
            data = signatures.find("kernelbase", key)
        if data is None:
            return 0
        place = (module.name.lower(), data.name)
        address = self._auto.get(place)
        if address is None and data.convention == "data":
            address = self._auto[place] = self.process.heaps_allocate(STUB_DATA_SIZE)
        elif address is None:
            export = module.over.get(data.name)
            if export is None:
                export = Export(module.dll, data.name, "stub")
                export.partial = "not implemented"
            entry = Entry(export, module.dll.name, data)
            address = self._auto[place] = self.stubs.place(entry, entry.floats)
        return address

    def get_procedure(self, module: Module, key: str | int) -> int:
        """GetProcAddress. Raises NtError(STATUS_ENTRYPOINT_NOT_FOUND or STATUS_ORDINAL_NOT_FOUND).

        A function that a plugin leaves out is not there: a program that asks first can do without. A DLL that is
        stubbed as a whole has all the functions it is known to have.
        """
        address = self.procedure(module, key)
        if not address and (module.stubbed or key in module.over):
            address = self.auto_stub(module, key)
        if not address:
            raise NtError(STATUS_ORDINAL_NOT_FOUND if isinstance(key, int) else STATUS_ENTRYPOINT_NOT_FOUND)
        return address
