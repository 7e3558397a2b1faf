"""libloaderapi.h: modules and their exports."""

from collections.abc import Callable

from litebox_core import signatures
from litebox_core.abi import (
    BOOL,
    DWORD,
    HANDLE,
    HMODULE,
    NAME_OR_ORDINAL,
    PCSTR,
    PCWSTR,
    PVOID,
    Annotated,
    Len,
    Out,
    WideBuffer,
)
from litebox_core.errors import WinError
from litebox_core.guest import Guest, Steps
from litebox_core.loader import Module
from litebox_core.loader.delayload import FailureDllCallback, FailureSystemCallback, resolve
from litebox_core.services import Files
from litebox_core.threads import Threads
from litebox_core.winerror import (
    ERROR_BAD_EXE_FORMAT,
    ERROR_INSUFFICIENT_BUFFER,
    ERROR_INVALID_PARAMETER,
    ERROR_MOD_NOT_FOUND,
    ERROR_SUCCESS,
)

from .base import dll, kernelbase
from .datafiles import DataFiles

APPMODEL_ERROR_NO_PACKAGE = 15700

GET_MODULE_HANDLE_EX_FLAG_PIN = 1
GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT = 2
GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS = 4

DONT_RESOLVE_DLL_REFERENCES = 0x1
LOAD_LIBRARY_AS_DATAFILE = 0x2
LOAD_LIBRARY_AS_IMAGE_RESOURCE = 0x20
LOAD_LIBRARY_AS_DATAFILE_EXCLUSIVE = 0x40
AS_DATA = LOAD_LIBRARY_AS_DATAFILE | LOAD_LIBRARY_AS_IMAGE_RESOURCE | LOAD_LIBRARY_AS_DATAFILE_EXCLUSIVE
SEARCH_FLAGS = 0x0000_3F08
KNOWN_FLAGS = DONT_RESOLVE_DLL_REFERENCES | AS_DATA | SEARCH_FLAGS | 0x10 | 0x80

PLACES = 0x1F08
"""LOAD_WITH_ALTERED_SEARCH_PATH and LOAD_LIBRARY_SEARCH_*: what says where a DLL is looked for."""

PINNED = 0xFFFF
_DATA_BITS = 3


def module_of(guest: Guest, handle: int) -> Module:
    """The module of a handle; NULL is the program. Raises WinError(ERROR_MOD_NOT_FOUND)."""
    loader = guest.process.loader
    module = loader.modules.by_base(handle) if handle else loader.program
    if module is None:
        raise WinError(ERROR_MOD_NOT_FOUND)
    return module


def _named(guest: Guest, name: str | None) -> Module:
    if name is None:
        return module_of(guest, 0)
    module = guest.process.loader.find(name.rstrip(" ")) if name else None
    if module is None:
        raise WinError(ERROR_MOD_NOT_FOUND)
    return module


@dll.export
def GetModuleHandleW(guest: Guest, lpModuleName: PCWSTR | None) -> HMODULE:
    return _named(guest, lpModuleName).base


dll.ansi(GetModuleHandleW)


def _module_handle_ex(guest: Guest, flags: int, found: "Module") -> int:
    if flags & GET_MODULE_HANDLE_EX_FLAG_PIN:
        found.references = PINNED
    elif not flags & GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT and found.references != PINNED:
        found.references += 1
    return found.base


def _check_module_handle_ex(flags: int, out: Out[int]) -> None:
    both = GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT
    if not out:
        raise WinError(ERROR_INVALID_PARAMETER)
    if flags & ~7 or flags & both == both:
        out.value = 0
        raise WinError(ERROR_INVALID_PARAMETER)


@dll.export
def GetModuleHandleExW(guest: Guest, dwFlags: DWORD, lpModuleName: PVOID, phModule: Out[HMODULE]) -> BOOL:
    return _get_module_handle_ex(guest, dwFlags, lpModuleName, phModule, guest.memory.wstr)


@dll.export
def GetModuleHandleExA(guest: Guest, dwFlags: DWORD, lpModuleName: PVOID, phModule: Out[HMODULE]) -> BOOL:
    memory = guest.memory
    return _get_module_handle_ex(guest, dwFlags, lpModuleName, phModule, lambda a: memory.ansi_decode(memory.cstr(a)))


def _get_module_handle_ex(guest: Guest, flags: int, name: int, out: Out[int], text: Callable[[int], str]) -> int:
    _check_module_handle_ex(flags, out)
    try:
        if name and flags & GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS:
            found = guest.process.loader.modules.at(name)
            if found is None:
                raise WinError(ERROR_MOD_NOT_FOUND)
        else:
            found = _named(guest, text(name) if name else None)
    except WinError:
        out.value = 0
        raise
    out.value = _module_handle_ex(guest, flags, found)
    return True


@dll.export
def GetModuleFileNameW(
    guest: Guest, hModule: HMODULE, lpFilename: Annotated[WideBuffer, Len("nSize")], nSize: DWORD, *, data: DataFiles
) -> DWORD:
    path = data.path(hModule) or module_of(guest, hModule).path
    needed = lpFilename.units(path)
    if needed < nSize:
        lpFilename.put(path)
        guest.last_error = ERROR_SUCCESS
        return needed
    lpFilename.cut(path)
    guest.last_error = ERROR_INSUFFICIENT_BUFFER
    return nSize


dll.ansi(GetModuleFileNameW)


@dll.export
def GetProcAddress(guest: Guest, hModule: HMODULE, lpProcName: NAME_OR_ORDINAL) -> PVOID:
    key = lpProcName if isinstance(lpProcName, int) else lpProcName.decode("latin-1")
    return guest.process.loader.get_procedure(module_of(guest, hModule), key)


@dll.export
def LoadLibraryW(guest: Guest, lpLibFileName: PCWSTR | None) -> Steps[HMODULE]:
    if lpLibFileName is None:
        raise WinError(ERROR_INVALID_PARAMETER)
    return (yield from _load(guest, lpLibFileName))


dll.ansi(LoadLibraryW)


def _load(guest: Guest, name: str, flags: int = 0) -> Steps[int]:
    name = name.rstrip(" ")
    if not name:
        raise WinError(ERROR_INVALID_PARAMETER)
    module = yield from guest.process.loader.load(guest, name, flags)
    return module.base


@dll.export
def LoadLibraryExW(
    guest: Guest, lpLibFileName: PCWSTR | None, hFile: HANDLE, dwFlags: DWORD, *, files: Files, data: DataFiles
) -> Steps[HMODULE]:
    if lpLibFileName is None or hFile or dwFlags & ~KNOWN_FLAGS:
        raise WinError(ERROR_INVALID_PARAMETER)
    if dwFlags & AS_DATA:
        exclusive = bool(dwFlags & LOAD_LIBRARY_AS_DATAFILE_EXCLUSIVE)
        return data.load(lpLibFileName.rstrip(" "), bool(dwFlags & LOAD_LIBRARY_AS_IMAGE_RESOURCE), exclusive, files)
    return (yield from _load(guest, lpLibFileName, dwFlags & (PLACES | DONT_RESOLVE_DLL_REFERENCES)))


dll.ansi(LoadLibraryExW)


@dll.export
def FreeLibrary(guest: Guest, hLibModule: HMODULE, *, data: DataFiles) -> Steps[BOOL]:
    if data.free(hLibModule):
        return True
    if not hLibModule:
        raise WinError(ERROR_MOD_NOT_FOUND)
    if hLibModule & _DATA_BITS:
        raise WinError(ERROR_BAD_EXE_FORMAT)
    module = module_of(guest, hLibModule)
    if module.references != PINNED:
        yield from guest.process.loader.unload(guest, module)
    return True


@dll.export
def FreeLibraryAndExitThread(guest: Guest, hLibModule: HMODULE, dwExitCode: DWORD, *, threads: Threads) -> Steps[None]:
    module = guest.process.loader.modules.by_base(hLibModule)
    if module is not None and module.references != PINNED:
        yield from guest.process.loader.unload(guest, module)
    yield from threads.exit(guest, dwExitCode)


@dll.export
def DisableThreadLibraryCalls(guest: Guest, hLibModule: HMODULE) -> BOOL:
    module = module_of(guest, hLibModule)
    if module.tls_index is not None:
        return False
    module.thread_calls = False
    return True


@dll.export
def LoadPackagedLibrary(guest: Guest, lpwLibFileName: PCWSTR, Reserved: DWORD) -> HMODULE:
    """Loads a library of the program's package; no program has one."""
    if Reserved:
        raise WinError(ERROR_INVALID_PARAMETER)
    raise WinError(APPMODEL_ERROR_NO_PACKAGE)


@kernelbase.export(partial="no sets that Windows has for itself (ext-)")
def IsApiSetImplemented(guest: Guest, Contract: PCSTR) -> BOOL:
    name = Contract.decode("latin-1")
    return name.lower().startswith(("api-", "ext-")) and signatures.is_api_set(name)


@dll.export
def ResolveDelayLoadedAPI(
    guest: Guest, ParentModuleBase: PVOID, DelayloadDescriptor: PVOID, FailureDllHook: FailureDllCallback,
    FailureSystemHook: FailureSystemCallback, ThunkAddress: PVOID, Flags: DWORD,
) -> Steps[PVOID]:  # fmt: skip
    hooks = (FailureDllHook, FailureSystemHook)
    return (yield from resolve(guest, ParentModuleBase, DelayloadDescriptor, ThunkAddress, hooks))


# -- where DLLs are looked for ---------------------------------------------------------------------------------------


@dll.export
def SetDllDirectoryW(guest: Guest, lpPathName: PCWSTR | None) -> BOOL:
    if lpPathName is not None and ";" in lpPathName:
        raise WinError(ERROR_INVALID_PARAMETER)
    guest.process.loader.dll_directory = lpPathName
    return True


dll.ansi(SetDllDirectoryW)


@dll.export
def GetDllDirectoryW(
    guest: Guest, nBufferLength: DWORD, lpBuffer: Annotated[WideBuffer, Len("nBufferLength")]
) -> DWORD:
    text = guest.process.loader.dll_directory or ""
    if lpBuffer and nBufferLength and lpBuffer.units(text) >= nBufferLength:
        lpBuffer.put("")
    return lpBuffer.fit(text)


dll.ansi(GetDllDirectoryW)


@dll.export
def AddDllDirectory(guest: Guest, NewDirectory: PCWSTR, *, files: Files, data: DataFiles) -> PVOID:
    if not (NewDirectory[1:3] == ":\\" or NewDirectory.startswith(("\\", "/"))):
        raise WinError(ERROR_INVALID_PARAMETER)
    files.query(NewDirectory)
    return data.add_directory(NewDirectory)


@dll.export
def RemoveDllDirectory(guest: Guest, Cookie: PVOID, *, data: DataFiles) -> BOOL:
    if not data.remove_directory(Cookie):
        raise WinError(ERROR_INVALID_PARAMETER)
    return True


@dll.export
def SetDefaultDllDirectories(guest: Guest, DirectoryFlags: DWORD) -> BOOL:
    if not DirectoryFlags or DirectoryFlags & ~0x1E00:
        raise WinError(ERROR_INVALID_PARAMETER)
    guest.process.loader.order.default = DirectoryFlags
    return True
