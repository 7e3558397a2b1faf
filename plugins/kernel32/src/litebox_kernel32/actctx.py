"""winbase.h: activation contexts."""

import struct
from collections.abc import Callable
from typing import TYPE_CHECKING

from litebox_core.abi import BOOL, DWORD, HANDLE, PCWSTR, PVOID, SIZE_T, Out
from litebox_core.errors import NtError, WinError
from litebox_core.guest import Guest
from litebox_core.ntstatus import STATUS_SXS_CANT_GEN_ACTCTX
from litebox_core.services import Files
from litebox_core.sxs import calls
from litebox_core.sxs.contexts import ActivationContexts
from litebox_core.winerror import ERROR_INVALID_PARAMETER, ERROR_NOT_SUPPORTED, ERROR_RESOURCE_DATA_NOT_FOUND

from .base import dll
from .datafiles import DataFiles
from .libloaderapi import module_of

if TYPE_CHECKING:
    from litebox_core.pe import Image

(ACTCTX_FLAG_PROCESSOR_ARCHITECTURE_VALID, ACTCTX_FLAG_LANGID_VALID, ACTCTX_FLAG_ASSEMBLY_DIRECTORY_VALID,
 ACTCTX_FLAG_RESOURCE_NAME_VALID, ACTCTX_FLAG_SET_PROCESS_DEFAULT, ACTCTX_FLAG_APPLICATION_NAME_VALID,
 ACTCTX_FLAG_SOURCE_IS_ASSEMBLYREF, ACTCTX_FLAG_HMODULE_VALID) = (1 << bit for bit in range(8))  # fmt: skip
KNOWN_FLAGS = 0xFF
INVALID_HANDLE_VALUE = -1

_ACTCTX = struct.Struct("<IIQHH4xQQQQ")
_CREATES = "no assembly references as the source; wProcessorArchitecture and wLangId are ignored"
_FINDS = "FIND_ACTCTX_SECTION_KEY_RETURN_FLAGS and RETURN_ASSEMBLY_METADATA are refused"

Text = Callable[[int], str]


@dll.export(fails=INVALID_HANDLE_VALUE, partial=_CREATES)
def CreateActCtxW(
    guest: Guest, pActCtx: PVOID, *, files: Files, data: DataFiles, contexts: ActivationContexts
) -> HANDLE:
    return _create(guest, pActCtx, guest.memory.wstr, files, data, contexts)


@dll.export(fails=INVALID_HANDLE_VALUE, partial=_CREATES)
def CreateActCtxA(
    guest: Guest, pActCtx: PVOID, *, files: Files, data: DataFiles, contexts: ActivationContexts
) -> HANDLE:
    memory = guest.memory
    return _create(guest, pActCtx, lambda addr: memory.ansi_decode(memory.cstr(addr)), files, data, contexts)


def _folder(path: str) -> str:
    return path.rpartition("\\")[0]


def _create(guest: Guest, address: int, text: Text, files: Files, data: DataFiles, contexts: ActivationContexts) -> int:
    from litebox_core.sxs.assemblies import file_manifest, resource_manifest

    if not address:
        raise WinError(ERROR_INVALID_PARAMETER)
    fields = _ACTCTX.unpack(guest.memory.read(address, _ACTCTX.size))
    size, flags, source_at, _, _, folder_at, resource_at, _, module = fields
    of_module = bool(flags & ACTCTX_FLAG_HMODULE_VALID)
    if size != _ACTCTX.size or flags & ~KNOWN_FLAGS or not (source_at or of_module):
        raise WinError(ERROR_INVALID_PARAMETER)
    if flags & ACTCTX_FLAG_SOURCE_IS_ASSEMBLYREF:
        raise WinError(ERROR_NOT_SUPPORTED)
    resource: int | str | None = None
    if flags & ACTCTX_FLAG_RESOURCE_NAME_VALID:
        if not resource_at:
            raise WinError(ERROR_INVALID_PARAMETER)
        resource = resource_at if resource_at < 0x10000 else text(resource_at)
    given = text(folder_at) if flags & ACTCTX_FLAG_ASSEMBLY_DIRECTORY_VALID and folder_at else ""
    program = guest.process.loader.program
    home = _folder(program.path) if program is not None else ""
    folder = files.full_path(given).rstrip("\\") if given else home
    if of_module:
        if resource is None:
            raise NtError(STATUS_SXS_CANT_GEN_ACTCTX)
        path, image = _module(guest, module, data)
        if image is None:
            raise WinError(ERROR_RESOURCE_DATA_NOT_FOUND)
        document = resource_manifest(image, resource)
    else:
        source = text(source_at)
        within = given and not (source[1:2] == ":" or source.startswith(("\\", "/")))
        path = files.full_path(f"{folder}\\{source}" if within else source)
        document = file_manifest(files, path, resource)
    folders = [folder] if given else list(dict.fromkeys((_folder(path), folder)))
    as_default = bool(flags & ACTCTX_FLAG_SET_PROCESS_DEFAULT)
    return contexts.create(document, path, folders, folder + "\\", as_default).handle


def _module(guest: Guest, handle: int, data: DataFiles) -> "tuple[str, Image | None]":
    """Path and image of a module, also of one loaded as data. Raises WinError(ERROR_MOD_NOT_FOUND)."""
    path = data.path(handle)
    if path is not None:
        return path, data.image(handle)
    module = module_of(guest, handle)
    return module.path, module.image


@dll.export
def AddRefActCtx(guest: Guest, hActCtx: HANDLE, *, contexts: ActivationContexts) -> None:
    contexts.add_reference(hActCtx)


@dll.export
def ReleaseActCtx(guest: Guest, hActCtx: HANDLE, *, contexts: ActivationContexts) -> None:
    contexts.release(hActCtx)


@dll.export
def ZombifyActCtx(guest: Guest, hActCtx: HANDLE, *, contexts: ActivationContexts) -> BOOL:
    """For debugging: a context that is used after this would be told of, by a debug build of Windows."""
    if contexts.get(hActCtx) is None:
        raise WinError(ERROR_INVALID_PARAMETER)
    return True


@dll.export
def ActivateActCtx(guest: Guest, hActCtx: HANDLE, lpCookie: Out[SIZE_T], *, contexts: ActivationContexts) -> BOOL:
    if not lpCookie:
        raise WinError(ERROR_INVALID_PARAMETER)
    lpCookie.value = 0
    lpCookie.value = contexts.activate(guest, hActCtx)
    return True


@dll.export
def DeactivateActCtx(guest: Guest, dwFlags: DWORD, ulCookie: SIZE_T, *, contexts: ActivationContexts) -> BOOL:
    calls.deactivate(guest, contexts, dwFlags, ulCookie)
    return True


@dll.export
def GetCurrentActCtx(guest: Guest, lphActCtx: Out[HANDLE], *, contexts: ActivationContexts) -> BOOL:
    if not lphActCtx:
        raise WinError(ERROR_INVALID_PARAMETER)
    context = contexts.active(guest)
    handle = context.handle if context is not None else 0
    lphActCtx.value = handle
    contexts.add_reference(handle)
    return True


@dll.export(partial="modules have the context of the process; no ActivationContextManifestResourceName")
def QueryActCtxW(
    guest: Guest, dwFlags: DWORD, hActCtx: HANDLE, pvSubInstance: PVOID, ulInfoClass: DWORD, pvBuffer: PVOID,
    cbBuffer: SIZE_T, pcbWrittenOrRequired: Out[SIZE_T] | None, *, contexts: ActivationContexts,
) -> BOOL:  # fmt: skip
    calls.query(guest, contexts, dwFlags, hActCtx, pvSubInstance, ulInfoClass, pvBuffer, cbBuffer, pcbWrittenOrRequired)
    return True


@dll.export
def QueryActCtxSettingsW(
    guest: Guest, dwFlags: DWORD, hActCtx: HANDLE, settingsNameSpace: PCWSTR | None, settingName: PCWSTR | None,
    pvBuffer: PVOID, dwBuffer: SIZE_T, pdwWrittenOrRequired: Out[SIZE_T] | None, *, contexts: ActivationContexts,
) -> BOOL:  # fmt: skip
    calls.query_setting(
        guest, contexts, dwFlags, hActCtx, settingsNameSpace, settingName, pvBuffer, dwBuffer, pdwWrittenOrRequired
    )
    return True


@dll.export(partial=_FINDS)
def FindActCtxSectionStringW(
    guest: Guest, dwFlags: DWORD, lpExtensionGuid: PVOID, ulSectionId: DWORD, lpStringToFind: PCWSTR | None,
    ReturnedData: PVOID, *, contexts: ActivationContexts,
) -> BOOL:  # fmt: skip
    if lpStringToFind is None or not ReturnedData:
        raise WinError(ERROR_INVALID_PARAMETER)
    calls.find(guest, contexts, dwFlags, lpExtensionGuid, ulSectionId, lpStringToFind, ReturnedData)
    return True


dll.ansi(FindActCtxSectionStringW)


@dll.export(partial=_FINDS)
def FindActCtxSectionGuid(
    guest: Guest, dwFlags: DWORD, lpExtensionGuid: PVOID, ulSectionId: DWORD, lpGuidToFind: PVOID,
    ReturnedData: PVOID, *, contexts: ActivationContexts,
) -> BOOL:  # fmt: skip
    if not ReturnedData:
        raise WinError(ERROR_INVALID_PARAMETER)
    key = calls.guid_at(guest, lpGuidToFind)
    calls.find(guest, contexts, dwFlags, lpExtensionGuid, ulSectionId, key, ReturnedData)
    return True
