"""Modules loaded as data, and directories added to the search for DLLs."""

import os

from litebox_core import pe
from litebox_core.errors import NtError, WinError
from litebox_core.loader.mapping import map_image, protect_image, read_image_file
from litebox_core.memory.regions import MEM_MAPPED, PAGE_READONLY
from litebox_core.openfiles import File
from litebox_core.process import DllState, Process
from litebox_core.services import Files
from litebox_core.winerror import ERROR_BAD_EXE_FORMAT, ERROR_FILE_INVALID, ERROR_FILE_NOT_FOUND, ERROR_MOD_NOT_FOUND

FILE_GENERIC_READ, SHARE_READ_DELETE, FILE_OPEN, _A_FILE = 0x120089, 5, 1, 0x60

DATA_BIT, IMAGE_BIT = 1, 2
"""A handle of a module loaded as data has one of its low bits set: the file as it is, or laid out as an image."""


class DataFiles(DllState):
    """What LoadLibraryEx mapped without loading it."""

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self._paths: dict[int, str] = {}
        self._counts: dict[int, int] = {}
        self._held: dict[int, File] = {}
        """Files that nobody may write to while they are mapped."""
        self._directories: dict[int, str] = {}
        self._next_cookie = 1

    def path(self, handle: int) -> str | None:
        return self._paths.get(handle)

    def load(self, name: str, as_image: bool, exclusive: bool, files: Files) -> int:
        """Maps a file; its handle. A module that is loaded already is used as it is.

        With ``exclusive`` nobody may write to the file meanwhile.
        """
        loader = self.process.loader
        loaded = loader.find(name)
        if loaded is not None:
            loader.add_reference(loaded)
            return loaded.base
        for path in loader.candidates(loader.file_name(name)):
            try:
                host_path = files.host_path(path)
            except NtError:
                continue
            held = files.open(path, FILE_GENERIC_READ, SHARE_READ_DELETE, FILE_OPEN, _A_FILE)[0] if exclusive else None
            try:
                handle = self._map(path, host_path, as_image)
            except WinError:
                if held is not None:
                    held.release()
                raise
            if held is not None:
                former = self._held.pop(handle, None)
                if former is not None:
                    former.release()
                self._held[handle] = held
            return handle
        if "\\" in name or "/" in name or ":" in name:
            raise WinError(ERROR_FILE_NOT_FOUND)
        if not name:
            raise WinError(ERROR_MOD_NOT_FOUND)
        try:
            return loader.load_now(name, None).base  # a DLL of Windows' own: its image is made by litebox
        except NtError:
            raise WinError(ERROR_FILE_NOT_FOUND) from None

    def _map(self, path: str, host_path: str, as_image: bool) -> int:
        known = next((h for h, p in self._paths.items() if p.lower() == path.lower() and bool(h & 2) is as_image), None)
        if known is not None:
            self._counts[known] += 1
            return known
        memory = self.process.memory
        try:
            if not os.path.getsize(host_path):
                raise WinError(ERROR_FILE_INVALID)
            data = read_image_file(host_path, host_path)
            image = pe.parse(data, host_path)
            if as_image:
                allocation, base = map_image(self.process, image)
                protect_image(self.process, allocation, image.pieces)
            else:
                base = memory.allocate(len(data), PAGE_READONLY, kind=MEM_MAPPED)
                found = memory.allocation_at(base)
                assert found is not None
                allocation = found
                allocation.backing.data[: len(data)] = data[:]
        except (OSError, pe.ImageError):
            raise WinError(ERROR_BAD_EXE_FORMAT) from None
        allocation.owner = image
        handle = base | (IMAGE_BIT if as_image else DATA_BIT)
        self._paths[handle], self._counts[handle] = path, 1
        return handle

    def free(self, handle: int) -> bool:
        """False for a handle that is none of a data file."""
        if handle not in self._counts:
            return False
        self._counts[handle] -= 1
        if not self._counts[handle]:
            del self._counts[handle], self._paths[handle]
            held = self._held.pop(handle, None)
            if held is not None:
                held.release()
            allocation = self.process.memory.allocation_at(handle & ~3)
            if allocation is not None:
                self.process.memory.detach(allocation)
        return True

    def image(self, handle: int) -> "pe.Image | None":
        """The image behind a data file's handle."""
        if handle not in self._counts:
            return None
        allocation = self.process.memory.allocation_at(handle & ~3)
        owner = allocation.owner if allocation is not None else None
        return owner if isinstance(owner, pe.Image) else None

    # -- directories -------------------------------------------------------------------------------------------------

    def add_directory(self, path: str) -> int:
        cookie = self._next_cookie
        self._next_cookie += 1
        self._directories[cookie] = path
        self.process.loader.search_path.append(path)
        return cookie

    def remove_directory(self, cookie: int) -> bool:
        path = self._directories.pop(cookie, None)
        if path is None:
            return False
        self.process.loader.search_path.remove(path)
        return True
