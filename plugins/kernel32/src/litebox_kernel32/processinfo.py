"""processthreadsapi.h, wow64apiset.h and psapi.h: what a process can ask about itself."""

from litebox_core.abi import (
    BOOL,
    DWORD,
    HANDLE,
    HMODULE,
    PVOID,
    SIZE_T,
    ULONG_PTR,
    ULONGLONG,
    USHORT,
    Annotated,
    InOut,
    Len,
    Out,
    Ptr,
    Struct,
    WideBuffer,
)
from litebox_core.abi.pointers import AnsiBuffer
from litebox_core.children import Children
from litebox_core.devices import device_path
from litebox_core.errors import WinError
from litebox_core.guest import Guest
from litebox_core.services import Sections
from litebox_core.threads import ProcessObject, process_object
from litebox_core.winerror import (
    ERROR_INSUFFICIENT_BUFFER,
    ERROR_INVALID_ADDRESS,
    ERROR_INVALID_HANDLE,
    ERROR_INVALID_PARAMETER,
    ERROR_PARTIAL_COPY,
)

from .base import dll
from .datafiles import DataFiles
from .libloaderapi import module_of
from .memoryapi import own_process
from .targets import asked, image_path, modules_of, read_other, target, write_other

IMAGE_FILE_MACHINE_UNKNOWN, IMAGE_FILE_MACHINE_AMD64 = 0, 0x8664
PRIORITY_CLASSES = frozenset([0x20, 0x40, 0x80, 0x100, 0x4000, 0x8000])
BACKGROUND_BEGIN, BACKGROUND_END = 0x100000, 0x200000
PROCESS_NAME_NATIVE = 1
PROCESS_VM_READ, PROCESS_VM_WRITE = 0x10, 0x20


class MODULEINFO(Struct):
    lpBaseOfDll: PVOID = 0
    SizeOfImage: DWORD = 0
    EntryPoint: PVOID = 0


class PROCESS_MEMORY_COUNTERS(Struct):
    cb: DWORD = 0
    PageFaultCount: DWORD = 0
    PeakWorkingSetSize: SIZE_T = 0
    WorkingSetSize: SIZE_T = 0
    QuotaPeakPagedPoolUsage: SIZE_T = 0
    QuotaPagedPoolUsage: SIZE_T = 0
    QuotaPeakNonPagedPoolUsage: SIZE_T = 0
    QuotaNonPagedPoolUsage: SIZE_T = 0
    PagefileUsage: SIZE_T = 0
    PeakPagefileUsage: SIZE_T = 0


class PROCESS_MEMORY_COUNTERS_EX(PROCESS_MEMORY_COUNTERS):
    PrivateUsage: SIZE_T = 0


class IO_COUNTERS(Struct):
    ReadOperationCount: ULONGLONG = 0
    WriteOperationCount: ULONGLONG = 0
    OtherOperationCount: ULONGLONG = 0
    ReadTransferCount: ULONGLONG = 0
    WriteTransferCount: ULONGLONG = 0
    OtherTransferCount: ULONGLONG = 0


# -- identity --------------------------------------------------------------------------------------------------------


@dll.export
def QueryFullProcessImageNameW(
    guest: Guest, hProcess: HANDLE, dwFlags: DWORD, lpExeName: Annotated[WideBuffer, Len("lpdwSize")],
    lpdwSize: InOut[DWORD],
) -> BOOL:  # fmt: skip
    path = image_path(guest, hProcess)
    if not lpExeName and isinstance(lpExeName, AnsiBuffer):
        raise WinError(ERROR_INVALID_PARAMETER)
    if dwFlags & ~PROCESS_NAME_NATIVE:
        raise WinError(ERROR_INVALID_PARAMETER)
    text = device_path(path) if dwFlags & PROCESS_NAME_NATIVE else path
    length = lpExeName.units(text)
    if length >= lpdwSize.value:
        raise WinError(ERROR_INSUFFICIENT_BUFFER)
    lpExeName.put(text)
    lpdwSize.value = length
    return True


dll.ansi(QueryFullProcessImageNameW)


@dll.export
def IsWow64Process(guest: Guest, hProcess: HANDLE, Wow64Process: Out[BOOL]) -> BOOL:
    target(guest, hProcess)
    Wow64Process.value = guest.bits == 32
    return True


@dll.export
def IsWow64Process2(
    guest: Guest, hProcess: HANDLE, pProcessMachine: Out[USHORT], pNativeMachine: Out[USHORT] | None
) -> BOOL:
    target(guest, hProcess)
    pProcessMachine.value = IMAGE_FILE_MACHINE_UNKNOWN
    if pNativeMachine is not None:
        pNativeMachine.value = IMAGE_FILE_MACHINE_AMD64
    return True


# -- scheduling ------------------------------------------------------------------------------------------------------


@dll.export
def GetPriorityClass(guest: Guest, hProcess: HANDLE) -> DWORD:
    other = target(guest, hProcess)
    return process_object(guest.process).priority_class if other is None else other.priority_class


@dll.export
def SetPriorityClass(guest: Guest, hProcess: HANDLE, dwPriorityClass: DWORD) -> BOOL:
    process = guest.process.handles.get(hProcess, ProcessObject, guest=guest)
    if dwPriorityClass in (BACKGROUND_BEGIN, BACKGROUND_END):
        return True
    if dwPriorityClass not in PRIORITY_CLASSES:
        raise WinError(ERROR_INVALID_PARAMETER)
    process.set_priority_class(dwPriorityClass)
    return True


@dll.export
def GetProcessAffinityMask(
    guest: Guest, hProcess: HANDLE, lpProcessAffinityMask: Out[ULONG_PTR], lpSystemAffinityMask: Out[ULONG_PTR]
) -> BOOL:
    own_process(guest, hProcess)
    lpProcessAffinityMask.value = process_object(guest.process).processors()
    lpSystemAffinityMask.value = (1 << guest.process.options.processors) - 1
    return True


@dll.export
def SetProcessAffinityMask(guest: Guest, hProcess: HANDLE, dwProcessAffinityMask: ULONG_PTR) -> BOOL:
    own_process(guest, hProcess)
    process_object(guest.process).set_affinity(dwProcessAffinityMask)
    return True


@dll.export
def GetProcessHandleCount(guest: Guest, hProcess: HANDLE, pdwHandleCount: Out[DWORD]) -> BOOL:
    other = target(guest, hProcess)
    pdwHandleCount.value = len(guest.process.handles) if other is None else asked(guest, other, "times")["handles"]
    return True


@dll.export(partial="nothing is counted")
def GetProcessIoCounters(guest: Guest, hProcess: HANDLE, lpIoCounters: Out[IO_COUNTERS]) -> BOOL:
    own_process(guest, hProcess)
    lpIoCounters.value = IO_COUNTERS()
    return True


# -- modules ---------------------------------------------------------------------------------------------------------


@dll.export
def K32EnumProcessModules(
    guest: Guest, hProcess: HANDLE, lphModule: Ptr[HMODULE], cb: DWORD, lpcbNeeded: Out[DWORD]
) -> BOOL:
    modules = modules_of(guest, hProcess)
    width = guest.bits // 8
    for index, module in enumerate(modules[: cb // width]):
        lphModule[index] = module[0]
    lpcbNeeded.value = len(modules) * width
    return True


@dll.export
def K32EnumProcessModulesEx(
    guest: Guest, hProcess: HANDLE, lphModule: Ptr[HMODULE], cb: DWORD, lpcbNeeded: Out[DWORD], dwFilterFlag: DWORD
) -> BOOL:
    if dwFilterFlag > 3:
        raise WinError(ERROR_INVALID_PARAMETER)
    return K32EnumProcessModules(guest, hProcess, lphModule, cb, lpcbNeeded)


@dll.export
def K32GetModuleInformation(
    guest: Guest, hProcess: HANDLE, hModule: HMODULE, lpmodinfo: Out[MODULEINFO], cb: DWORD
) -> BOOL:
    modules = modules_of(guest, hProcess)
    if cb < MODULEINFO.sizeof(guest.bits):
        raise WinError(ERROR_INSUFFICIENT_BUFFER)
    found = next((module for module in modules if module[0] == (hModule or modules[0][0])), None)
    if found is None:
        raise WinError(ERROR_INVALID_HANDLE)
    lpmodinfo.value = MODULEINFO(lpBaseOfDll=found[0], SizeOfImage=found[1], EntryPoint=found[3])
    return True


def _put_cut(buffer: WideBuffer, text: str, size: int, guest: Guest) -> int:
    if not size:
        raise WinError(ERROR_INSUFFICIENT_BUFFER)
    length = buffer.units(text)
    if length < size:
        buffer.put(text)
        return length
    buffer.cut(text)
    guest.last_error = ERROR_INSUFFICIENT_BUFFER
    return size


def _module_path(guest: Guest, process: int, module: int, data: str | None) -> str:
    """The path of a module of a process, 0 for the program; ``data``: where it is loaded as data here."""
    other = target(guest, process)
    if not module:
        return image_path(guest, process)
    if other is None:
        return data or module_of(guest, module).path
    for base, _, path, _ in modules_of(guest, process):
        if base == module:
            return path
    raise WinError(ERROR_INVALID_HANDLE)


@dll.export
def K32GetModuleFileNameExW(
    guest: Guest, hProcess: HANDLE, hModule: HMODULE, lpFilename: Annotated[WideBuffer, Len("nSize")], nSize: DWORD, *,
    data: DataFiles,
) -> DWORD:  # fmt: skip
    path = _module_path(guest, hProcess, hModule, data.path(hModule))
    return _put_cut(lpFilename, path, nSize, guest)


@dll.export
def K32GetModuleBaseNameW(
    guest: Guest, hProcess: HANDLE, hModule: HMODULE, lpBaseName: Annotated[WideBuffer, Len("nSize")], nSize: DWORD
) -> DWORD:
    path = _module_path(guest, hProcess, hModule, None)
    return _put_cut(lpBaseName, path.rpartition("\\")[2], nSize, guest)


@dll.export
def K32GetProcessImageFileNameW(
    guest: Guest, hProcess: HANDLE, lpImageFileName: Annotated[WideBuffer, Len("nSize")], nSize: DWORD
) -> DWORD:
    text = device_path(image_path(guest, hProcess))
    if lpImageFileName.units(text) >= nSize:
        raise WinError(ERROR_INSUFFICIENT_BUFFER)
    lpImageFileName.put(text)
    return lpImageFileName.units(text)


@dll.export
def K32GetMappedFileNameW(
    guest: Guest, hProcess: HANDLE, lpv: PVOID, lpFilename: Annotated[WideBuffer, Len("nSize")], nSize: DWORD, *,
    sections: Sections,
) -> DWORD:  # fmt: skip
    own_process(guest, hProcess)
    section, module = sections.section_at(lpv), guest.process.loader.modules.at(lpv)
    path = section.path if section is not None else module.path if module is not None else ""
    if not path:
        raise WinError(ERROR_INVALID_ADDRESS)
    return _put_cut(lpFilename, device_path(path), nSize, guest)


for wide in (K32GetModuleFileNameExW, K32GetModuleBaseNameW, K32GetProcessImageFileNameW, K32GetMappedFileNameW):
    dll.ansi(wide)


@dll.export
def K32EnumProcesses(
    guest: Guest, lpidProcess: Ptr[DWORD], cb: DWORD, lpcbNeeded: Out[DWORD], *, children: Children
) -> BOOL:
    """The processes of the run."""
    pids = [process.pid for process in children.processes()][: cb // 4]
    for index, pid in enumerate(pids):
        lpidProcess[index] = pid
    lpcbNeeded.value = 4 * len(pids)
    return True


@dll.export
def K32GetProcessMemoryInfo(guest: Guest, Process: HANDLE, ppsmemCounters: PVOID, cb: DWORD) -> BOOL:
    own_process(guest, Process)
    extended = cb >= PROCESS_MEMORY_COUNTERS_EX.sizeof(guest.bits)
    kind = PROCESS_MEMORY_COUNTERS_EX if extended else PROCESS_MEMORY_COUNTERS
    if cb < kind.sizeof(guest.bits):
        raise WinError(ERROR_INSUFFICIENT_BUFFER)
    used = guest.memory.committed
    counters = kind(
        cb=kind.sizeof(guest.bits), PeakWorkingSetSize=used, WorkingSetSize=used, PagefileUsage=used,
        PeakPagefileUsage=used,
    )  # fmt: skip
    if isinstance(counters, PROCESS_MEMORY_COUNTERS_EX):
        counters.PrivateUsage = used
    guest.memory.write(ppsmemCounters, counters.pack(guest.bits))
    return True


@dll.export
def K32EmptyWorkingSet(guest: Guest, hProcess: HANDLE) -> BOOL:
    own_process(guest, hProcess)
    return True


# -- memory of the process ------------------------------------------------------------------------------------------


@dll.export
def ReadProcessMemory(
    guest: Guest, hProcess: HANDLE, lpBaseAddress: PVOID, lpBuffer: PVOID, nSize: SIZE_T,
    lpNumberOfBytesRead: Out[SIZE_T] | None,
) -> BOOL:  # fmt: skip
    if lpNumberOfBytesRead is not None:
        lpNumberOfBytesRead.value = 0
    other = target(guest, hProcess, PROCESS_VM_READ)
    if other is None:
        return _copy(guest, lpBaseAddress, lpBuffer, nSize, lpNumberOfBytesRead)
    if not guest.memory.accessible(lpBuffer, nSize, 2):
        raise WinError(ERROR_PARTIAL_COPY)
    guest.memory.write(lpBuffer, read_other(guest, other, lpBaseAddress, nSize))
    if lpNumberOfBytesRead is not None:
        lpNumberOfBytesRead.value = nSize
    return True


@dll.export
def WriteProcessMemory(
    guest: Guest, hProcess: HANDLE, lpBaseAddress: PVOID, lpBuffer: PVOID, nSize: SIZE_T,
    lpNumberOfBytesWritten: Out[SIZE_T] | None,
) -> BOOL:  # fmt: skip
    if lpNumberOfBytesWritten is not None:
        lpNumberOfBytesWritten.value = 0
    other = target(guest, hProcess, PROCESS_VM_WRITE)
    if other is None:
        return _copy(guest, lpBuffer, lpBaseAddress, nSize, lpNumberOfBytesWritten)
    if not guest.memory.accessible(lpBuffer, nSize):
        raise WinError(ERROR_PARTIAL_COPY)
    write_other(guest, other, lpBaseAddress, guest.memory.read(lpBuffer, nSize))
    if lpNumberOfBytesWritten is not None:
        lpNumberOfBytesWritten.value = nSize
    return True


def _copy(guest: Guest, source: int, target: int, size: int, done: Out[int] | None) -> int:
    memory = guest.memory
    possible = memory.accessible(source, size) and memory.accessible(target, size, 2)
    if done is not None:
        done.value = size if possible else 0
    if not possible:
        raise WinError(ERROR_PARTIAL_COPY)
    memory.write(target, memory.read(source, size))
    return True
