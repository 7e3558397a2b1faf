"""winbase.h: changing the resources of an image file."""

from litebox_core import pe
from litebox_core.abi import BOOL, DWORD, HANDLE, NAME_OR_ID, PCWSTR, PVOID, WORD
from litebox_core.errors import NtError, WinError
from litebox_core.guest import Guest, Steps
from litebox_core.ntstatus import STATUS_END_OF_FILE
from litebox_core.openfiles import File
from litebox_core.pe.resources import MAX_NAME
from litebox_core.pe.resourcewriter import Entry, Key, Tree, read_tree, replaced
from litebox_core.process import DllState, Process
from litebox_core.services import Files, Heaps
from litebox_core.winerror import (
    ERROR_BAD_EXE_FORMAT,
    ERROR_FILE_INVALID,
    ERROR_INVALID_HANDLE,
    ERROR_INVALID_PARAMETER,
    ERROR_NOT_ENOUGH_MEMORY,
)

from .base import dll
from .opening import FILE_NON_DIRECTORY_FILE, FILE_OPEN, opened
from .resources import resource_key

READ, WRITE = 0x120089, 0x120116
MAXIMUM_FILE = 1 << 29
_ENTRY_COST = 1024
"""Bytes that the host needs for a resource besides its data."""
_SHARE_READ = 1
_NAME_FIELD = 6
"""Of the pointers behind the handle, the one that leads to the file's name."""


class Update:
    """Changes to one file that are not written yet."""

    def __init__(self, path: str, tree: Tree, name: int) -> None:
        self.path, self.tree, self.name = path, tree, name
        self.added = 0
        """Bytes that were given so far, those that others have taken the place of included."""


class Updates(DllState):
    """Updates in progress, by their handle: the address of a block that other software looks into."""

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self.open: dict[int, Update] = {}


def _contents(guest: Guest, file: File) -> Steps[bytes]:
    size = file.info().size
    if not size or size > MAXIMUM_FILE:
        raise WinError(ERROR_FILE_INVALID if not size else ERROR_NOT_ENOUGH_MEMORY)
    try:
        return (yield from file.read(guest, size, 0))
    except NtError as error:
        if error.status != STATUS_END_OF_FILE:
            raise
        return b""


def _parsed(data: bytes, path: str) -> pe.Image:
    """The image; what machine it is for does not matter here, as long as its headers have a form that is known."""
    try:
        return pe.parse(_with_machine(data, _machine_of_form(data)), path)
    except pe.ImageError:
        raise WinError(ERROR_BAD_EXE_FORMAT) from None


def _machine_at(data: bytes) -> int:
    """Where the machine's number is."""
    return (int.from_bytes(data[0x3C:0x40], "little") if len(data) >= 0x40 else 0) + 4


def _machine_of_form(data: bytes) -> bytes:
    """The machine whose images have headers of this form."""
    form = data[_machine_at(data) + 20 :][:2]
    return (0x8664 if form == b"\x0b\x02" else 0x14C).to_bytes(2, "little")


def _with_machine(data: bytes, machine: bytes) -> bytes:
    at = _machine_at(data)
    return data[:at] + machine + data[at + 2 :] if at + 2 <= len(data) else data


@dll.export(fails=0)
def BeginUpdateResourceW(
    guest: Guest, pFileName: PCWSTR | None, bDeleteExistingResources: BOOL, *, files: Files, heaps: Heaps,
    updates: Updates,
) -> Steps[HANDLE]:  # fmt: skip
    with opened(files, pFileName, READ | WRITE, FILE_NON_DIRECTORY_FILE, FILE_OPEN, _SHARE_READ) as file:
        data = yield from _contents(guest, file)
    image = _parsed(data, pFileName or "")
    try:
        tree: Tree = {} if bDeleteExistingResources else read_tree(image)
    except pe.ImageError:
        raise WinError(ERROR_BAD_EXE_FORMAT) from None
    size, text = guest.bits // 8, ((pFileName or "") + "\0").encode("utf-16-le", "surrogatepass")
    handle, name = (heaps.allocate(heaps.process_heap, 8, n) for n in ((_NAME_FIELD + 1) * size, len(text)))
    if not handle or not name:
        raise WinError(ERROR_NOT_ENOUGH_MEMORY)
    guest.memory.write(name, text)
    guest.memory.put_pointer(handle + _NAME_FIELD * size, name)
    updates.open[handle] = Update(files.full_path(pFileName or ""), tree, name)
    return handle


dll.ansi(BeginUpdateResourceW)


def _of(updates: Updates, handle: int) -> Update:
    found = updates.open.get(handle)
    if found is None:
        raise WinError(ERROR_INVALID_HANDLE)
    return found


@dll.export
def UpdateResourceW(
    guest: Guest, hUpdate: HANDLE, lpType: NAME_OR_ID, lpName: NAME_OR_ID, wLanguage: WORD, lpData: PVOID, cb: DWORD, *,
    updates: Updates,
) -> BOOL:  # fmt: skip
    update = _of(updates, hUpdate)
    kind, name = resource_key(lpType), resource_key(lpName)
    if lpData:
        grown = update.added + cb + _ENTRY_COST
        if grown > MAXIMUM_FILE or len(str(name)) > MAX_NAME or len(str(kind)) > MAX_NAME:
            raise WinError(ERROR_NOT_ENOUGH_MEMORY)
        data = guest.memory.read(lpData, cb)
        update.added = grown
        update.tree.setdefault(kind, {}).setdefault(name, {})[wLanguage] = Entry(data)
        return True
    if cb or not _removed(update.tree, kind, name, wLanguage):
        raise WinError(ERROR_INVALID_PARAMETER)
    return True


dll.ansi(UpdateResourceW)


def _removed(tree: Tree, kind: Key, name: Key, language: int) -> bool:
    """Takes a resource out; whether it was there."""
    languages = tree.get(kind, {}).get(name, {})
    if language not in languages:
        return False
    del languages[language]
    if not languages:
        del tree[kind][name]
        if not tree[kind]:
            del tree[kind]
    return True


@dll.export
def EndUpdateResourceW(
    guest: Guest, hUpdate: HANDLE, fDiscard: BOOL, *, files: Files, heaps: Heaps, updates: Updates
) -> Steps[BOOL]:
    update = _of(updates, hUpdate)
    del updates.open[hUpdate]
    for block in (update.name, hUpdate):
        heaps.free(heaps.process_heap, 0, block)
    if fDiscard:
        return True
    with opened(files, update.path, READ | WRITE, FILE_NON_DIRECTORY_FILE, FILE_OPEN, _SHARE_READ) as file:
        before = yield from _contents(guest, file)
        image = _parsed(before, update.path)
        try:
            at = _machine_at(before)
            data = _with_machine(replaced(image, update.tree), before[at : at + 2])
        except pe.ImageError:
            raise WinError(ERROR_BAD_EXE_FORMAT) from None
        yield from file.write(guest, data, 0)
        file.set_size(len(data))
    return True


dll.alias("EndUpdateResourceA", "EndUpdateResourceW")
