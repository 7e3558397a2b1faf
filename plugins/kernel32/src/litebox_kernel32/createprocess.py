"""processthreadsapi.h: starting programs."""

from typing import TYPE_CHECKING

from litebox_core import pe
from litebox_core.abi import BOOL, DWORD, HANDLE, PCSTR, PCWSTR, PVOID, In, Out, Struct
from litebox_core.children import ChildProcess, Children, Launch, OtherProcess
from litebox_core.errors import NtError, WinError
from litebox_core.guest import Guest
from litebox_core.jobs import BREAKAWAY, LIMIT_BREAKAWAY_OK, LIMIT_SILENT_BREAKAWAY_OK, Job, Jobs
from litebox_core.ntstatus import (
    STATUS_ACCESS_DENIED,
    STATUS_FILE_IS_A_DIRECTORY,
    STATUS_NOT_SUPPORTED,
    STATUS_OBJECT_NAME_NOT_FOUND,
    STATUS_QUOTA_EXCEEDED,
)
from litebox_core.objects import HANDLE_FLAG_INHERIT
from litebox_core.openfiles import File
from litebox_core.services import Files
from litebox_core.threads import PROCESS_ALL_ACCESS, THREAD_ALL_ACCESS
from litebox_core.winerror import (
    ERROR_ACCESS_DENIED,
    ERROR_BAD_EXE_FORMAT,
    ERROR_DIRECTORY,
    ERROR_EXE_MACHINE_TYPE_MISMATCH,
    ERROR_FILE_NOT_FOUND,
    ERROR_FILENAME_EXCED_RANGE,
    ERROR_INVALID_HANDLE,
    ERROR_INVALID_PARAMETER,
    ERROR_NOT_SUPPORTED,
    ERROR_PATH_NOT_FOUND,
    ERROR_TOO_MANY_OPEN_FILES,
)

from .base import dll
from .debugapi import Debugger
from .environment import Environment, split
from .handles import add_handle, inherits
from .procthreadattr import ATTRIBUTE_HANDLE_LIST, ATTRIBUTE_JOB_LIST, ATTRIBUTE_PARENT_PROCESS, attributes
from .startup import STARTF_USESTDHANDLES, STARTUPINFO
from .targets import target

if TYPE_CHECKING:
    from collections.abc import Iterator

DEBUG_PROCESS, DEBUG_ONLY_THIS_PROCESS, CREATE_SUSPENDED = 0x1, 0x2, 0x4
DETACHED_PROCESS, CREATE_NEW_CONSOLE, CREATE_NEW_PROCESS_GROUP, CREATE_NO_WINDOW = 0x8, 0x10, 0x200, 0x8000000
CREATE_UNICODE_ENVIRONMENT, EXTENDED_STARTUPINFO_PRESENT = 0x400, 0x80000
CREATE_BREAKAWAY_FROM_JOB = 0x1000000
SUPPORTED = frozenset([ATTRIBUTE_HANDLE_LIST, ATTRIBUTE_JOB_LIST, ATTRIBUTE_PARENT_PROCESS])
PROCESS_CREATE_PROCESS = 0x80
MAX_COMMAND_LINE = 32767
MAX_ENVIRONMENT = 1 << 20
# Offsets in RTL_USER_PROCESS_PARAMETERS (x64)
_STD = 0x20


class PROCESS_INFORMATION(Struct):
    hProcess: HANDLE
    hThread: HANDLE
    dwProcessId: DWORD
    dwThreadId: DWORD


# -- which program ---------------------------------------------------------------------------------------------------


def _names(line: str) -> "Iterator[str]":
    """The program names that a command line can mean: what is in quotes, or all up to one blank after the other."""
    line = line.lstrip(" \t")
    if line.startswith('"'):
        yield line[1:].partition('"')[0]
        return
    for at, char in enumerate(line):
        if char in " \t" and at:
            yield line[:at]
    yield line


def _candidates(guest: Guest, name: str) -> "Iterator[str]":
    last = name.replace("/", "\\").rpartition("\\")[2]
    if "." not in last:
        name += ".exe"
    if "\\" in name or "/" in name or name[1:2] == ":":
        yield name
        return
    for folder in guest.process.loader.order.programs(True):
        yield folder.rstrip("\\") + "\\" + name


def _open(files: Files, path: str) -> File:
    """Opens a program's file. Raises NtError."""
    return files.open(path, 0x100021, 5, 1, 0x60)[0]  # read, execute, synchronise; share read, delete; exists; a file


def _program(guest: Guest, files: Files, application: str | None, line: str) -> File:
    """The program's open file. Raises WinError and NtError."""
    if application is not None:
        if not application:
            raise WinError(ERROR_PATH_NOT_FOUND)
        try:
            return _open(files, application)
        except NtError as error:
            if error.status == STATUS_FILE_IS_A_DIRECTORY:
                raise WinError(ERROR_ACCESS_DENIED) from None
            raise
    failure: NtError | None = None
    for name in _names(line):
        for path in _candidates(guest, name) if name else ():
            try:
                return _open(files, path)
            except NtError as error:
                if error.status != STATUS_OBJECT_NAME_NOT_FOUND:
                    failure = failure or error
    if failure is not None and "\\" in line:
        raise failure
    raise WinError(ERROR_FILE_NOT_FOUND)


def _check(host: str, descriptor: int) -> None:
    """Raises WinError where a file is no program that can run."""
    from litebox_core.loader.mapping import read_image_file

    try:
        image = pe.parse(read_image_file(f"/proc/self/fd/{descriptor}", host), host)
    except pe.WrongMachine:
        raise WinError(ERROR_EXE_MACHINE_TYPE_MISMATCH) from None
    except pe.ImageError:
        raise WinError(ERROR_BAD_EXE_FORMAT) from None
    except OSError:
        raise WinError(ERROR_TOO_MANY_OPEN_FILES) from None
    if image.bits != 64:
        raise WinError(ERROR_EXE_MACHINE_TYPE_MISMATCH)
    if image.is_dll:
        raise WinError(ERROR_BAD_EXE_FORMAT)


# -- what it gets ----------------------------------------------------------------------------------------------------


def _environment(guest: Guest, block: int, wide: bool) -> list[str]:
    """The entries of an environment block. Raises GuestFault, WinError for one without an end."""
    entries: list[str] = []
    memory, at = guest.memory, block
    while True:
        data = memory.wstr_bytes(at) if wide else memory.cstr(at)
        if not data:
            return entries
        entries.append(data.decode("utf-16-le", "surrogatepass") if wide else memory.ansi_decode(data))
        at += len(data) + (2 if wide else 1)
        if at - block > MAX_ENVIRONMENT:
            raise WinError(ERROR_INVALID_PARAMETER)


def _directory(files: Files, path: str | None) -> str:
    if path is None:
        return files.current_directory
    full = files.full_path(path)
    try:
        files.open(full, 0x100020, 3, 1, 0x21)[0].release()
    except NtError:
        raise WinError(ERROR_DIRECTORY) from None
    return full if full.endswith("\\") else full + "\\"


def _inheritable(guest: Guest, value: int) -> bool:
    try:
        return bool(guest.process.handles.entry(value).flags & HANDLE_FLAG_INHERIT)
    except NtError:
        return False


def _streams(guest: Guest, launch: Launch, info: STARTUPINFO, inherit: bool, listed: list[int] | None) -> None:
    """Standard and inherited handles, of these only the ones ``listed``. Those of one process only stay behind.

    Raises WinError for a list of others than handles that are inherited.
    """
    handles, children = guest.process.handles, guest.service(Children)
    given = {}
    if listed is not None and not (inherit and all(_inheritable(guest, value) for value in listed)):
        raise WinError(ERROR_INVALID_PARAMETER)
    if inherit:
        for value, entry in handles:
            if listed is not None and value not in listed:
                continue
            if entry.flags & HANDLE_FLAG_INHERIT:
                given[value] = entry
    if info.dwFlags & STARTF_USESTDHANDLES:
        launch.std = (info.hStdInput, info.hStdOutput, info.hStdError)
    else:
        first, second, third = (guest.memory.u64(guest.process.blocks.parameters + _STD + 8 * i) for i in range(3))
        launch.std = (first, second, third)
        for value in launch.std:  # a console program gets those of its parent, marked or not
            try:
                entry = handles.entry(value)
            except NtError:
                continue
            if isinstance(entry.object, File):
                given[value & ~3] = entry
    launch.std = tuple(v & ~3 if v & ~3 in given else v for v in launch.std)  # type: ignore[assignment]
    taken = {value for value, *_ in launch.handles}
    for value, entry in sorted(given.items()):
        if value in taken:
            continue
        try:
            what, fd = children.hand_over(entry.object)
        except NtError as error:
            if error.status != STATUS_NOT_SUPPORTED:
                raise
            continue
        launch.handles.append((value, entry.access, entry.flags, what, fd))


def _jobs(guest: Guest, flags: int, listed: list[int]) -> list[Job]:
    """The jobs that a new process belongs to. Raises NtError and WinError."""
    state, leaves = guest.state(Jobs), flags & CREATE_BREAKAWAY_FROM_JOB
    jobs = list(state.own)
    while jobs and (jobs[-1].flags & LIMIT_SILENT_BREAKAWAY_OK or (leaves and jobs[-1].flags & LIMIT_BREAKAWAY_OK)):
        jobs.pop()
    stays = jobs == state.own and (jobs or (state.inherited and not state.may_break_away))
    if leaves and stays:  # it must be let out of the innermost at least
        raise WinError(ERROR_ACCESS_DENIED)
    jobs += [guest.process.handles.get(handle, Job, 1, guest) for handle in listed]  # JOB_OBJECT_ASSIGN_PROCESS
    if not all(job.room() for job in jobs):
        raise NtError(STATUS_QUOTA_EXCEEDED)
    return jobs


def _assign(jobs: list[Job], child: ChildProcess) -> None:
    """Puts a new process into its jobs, or ends it. Raises NtError."""
    try:
        for job in jobs:
            job.assign(child)
    except NtError:
        child.terminate(STATUS_ACCESS_DENIED)
        for job in child.jobs:
            job.ended(child)
        raise


def _parent(guest: Guest, listed: dict[int, list[int]]) -> OtherProcess | None:
    """The parent that an attribute gives the new process; None for this one. Raises NtError and WinError."""
    if ATTRIBUTE_PARENT_PROCESS not in listed:
        return None
    handle = listed[ATTRIBUTE_PARENT_PROCESS][0]
    if not handle:
        raise WinError(ERROR_INVALID_HANDLE)
    return target(guest, handle, PROCESS_CREATE_PROCESS)


def _from_parent(guest: Guest, launch: Launch, parent: OtherProcess) -> None:
    """Another process's inheritable handles. Raises NtError."""
    answer, fds = guest.service(Children).ask(parent.pid, "inheritable")
    launch.parent = parent.pid
    for value, access, flags, what, number in answer["inheritable"]:
        if number >= 0:
            what["given"] = True  # the descriptor came with the answer, and goes with the launch
        launch.handles.append((value, access, flags, what, fds[number] if number >= 0 else -1))


def _create(
    guest: Guest, application: str | None, line: str | None, inherit: bool, flags: int, environment: int,
    directory: str | None, startup: In[STARTUPINFO], decode: bool,
) -> ChildProcess:  # fmt: skip
    """What both forms do; ``decode``: texts in STARTUPINFO are narrow. Raises WinError, NtError and GuestFault."""
    process, memory = guest.process, guest.memory
    files, children = process.files(), process.service(Children)
    info = startup.value
    if application is None and not line:
        raise WinError(ERROR_INVALID_PARAMETER)
    if flags & DETACHED_PROCESS and flags & CREATE_NEW_CONSOLE:
        raise WinError(ERROR_INVALID_PARAMETER)
    extended = memory.u64(startup.addr + STARTUPINFO.sizeof(guest.bits)) if flags & EXTENDED_STARTUPINFO_PRESENT else 0
    listed = attributes(guest, extended) if extended else {}
    if not SUPPORTED.issuperset(listed):
        raise WinError(ERROR_NOT_SUPPORTED)
    jobs = _jobs(guest, flags, listed.get(ATTRIBUTE_JOB_LIST, []))
    if line is not None and len(line) >= MAX_COMMAND_LINE:
        raise WinError(ERROR_FILENAME_EXCED_RANGE)
    if environment:
        entries = _environment(guest, environment, bool(flags & CREATE_UNICODE_ENVIRONMENT))
    else:
        entries = process.state(Environment, "kernel32").entries()
    where = _directory(files, directory)

    def text(addr: int) -> str | None:
        return None if not addr else memory.ansi_decode(memory.cstr(addr)) if decode else memory.wstr(addr)

    file = _program(guest, files, application, line or "")
    file.retain()
    launch = None
    try:
        image = file.host_descriptor()
        host = files.host_path(file.path)
        _check(host, image)
        command = line if line else f'"{application}"'
        launch = Launch(host, image, command, where, dict(split(entry) for entry in entries))
        launch.suspended = bool(flags & CREATE_SUSPENDED)
        launch.new_console = bool(flags & (DETACHED_PROCESS | CREATE_NEW_CONSOLE | CREATE_NO_WINDOW))
        launch.new_group = bool(flags & CREATE_NEW_PROCESS_GROUP) and not flags & CREATE_NEW_CONSOLE
        launch.title, launch.desktop = text(info.lpTitle), text(info.lpDesktop)
        launch.numbers = [
            info.dwX, info.dwY, info.dwXSize, info.dwYSize, info.dwXCountChars, info.dwYCountChars,
            info.dwFillAttribute, info.dwFlags, info.wShowWindow,
        ]  # fmt: skip
        if info.cbReserved2 and info.lpReserved2:
            launch.runtime = memory.read(info.lpReserved2, info.cbReserved2)
        parent = _parent(guest, listed)
        if parent is not None and inherit:
            _from_parent(guest, launch, parent)
        _streams(guest, launch, info, inherit and parent is None, listed.get(ATTRIBUTE_HANDLE_LIST))
        state = guest.state(Jobs)
        leaves = flags & CREATE_BREAKAWAY_FROM_JOB and state.may_break_away
        launch.in_job = bool(jobs) or (state.inherited and not leaves)
        launch.may_break_away = any(job.flags & BREAKAWAY for job in jobs)
        launch.debugged = bool(flags & (DEBUG_PROCESS | DEBUG_ONLY_THIS_PROCESS))
        child = children.start(launch)
        if launch.debug is not None:
            guest.state(Debugger).add(child, launch.debug)
        _assign(jobs, child)
        return child
    finally:
        if launch is not None:
            launch.close()
        file.release()


def _finish(
    guest: Guest, child: ChildProcess, process_attributes: int, thread_attributes: int, out: Out[PROCESS_INFORMATION]
) -> None:
    handles = guest.process.handles
    process = add_handle(guest.process, child, PROCESS_ALL_ACCESS, inherits(guest, process_attributes))
    try:
        thread = add_handle(guest.process, child.thread, THREAD_ALL_ACCESS, inherits(guest, thread_attributes))
    except NtError:
        handles.close(process)
        raise
    out.value = PROCESS_INFORMATION(
        hProcess=process, hThread=thread, dwProcessId=child.pid, dwThreadId=child.thread.tid
    )


@dll.export(partial="timers, threads and ports are not inherited; of attributes parent, handles and jobs are known")
def CreateProcessW(
    guest: Guest, lpApplicationName: PCWSTR | None, lpCommandLine: PCWSTR | None, lpProcessAttributes: PVOID,
    lpThreadAttributes: PVOID, bInheritHandles: BOOL, dwCreationFlags: DWORD, lpEnvironment: PVOID,
    lpCurrentDirectory: PCWSTR | None, lpStartupInfo: In[STARTUPINFO], lpProcessInformation: Out[PROCESS_INFORMATION],
) -> BOOL:  # fmt: skip
    lpProcessInformation.value = PROCESS_INFORMATION(hProcess=0, hThread=0, dwProcessId=0, dwThreadId=0)
    child = _create(
        guest, lpApplicationName, lpCommandLine, bool(bInheritHandles), dwCreationFlags, lpEnvironment,
        lpCurrentDirectory, lpStartupInfo, False,
    )  # fmt: skip
    _finish(guest, child, lpProcessAttributes, lpThreadAttributes, lpProcessInformation)
    return True


@dll.export(partial="as CreateProcessW")
def CreateProcessA(
    guest: Guest, lpApplicationName: PCSTR | None, lpCommandLine: PCSTR | None, lpProcessAttributes: PVOID,
    lpThreadAttributes: PVOID, bInheritHandles: BOOL, dwCreationFlags: DWORD, lpEnvironment: PVOID,
    lpCurrentDirectory: PCSTR | None, lpStartupInfo: In[STARTUPINFO], lpProcessInformation: Out[PROCESS_INFORMATION],
) -> BOOL:  # fmt: skip
    memory = guest.memory
    lpProcessInformation.value = PROCESS_INFORMATION(hProcess=0, hThread=0, dwProcessId=0, dwThreadId=0)
    name, line, directory = (
        None if text is None else memory.ansi_decode(text) for text in (
            lpApplicationName, lpCommandLine, lpCurrentDirectory)
    )  # fmt: skip
    child = _create(
        guest, name, line, bool(bInheritHandles), dwCreationFlags, lpEnvironment, directory, lpStartupInfo, True
    )
    _finish(guest, child, lpProcessAttributes, lpThreadAttributes, lpProcessInformation)
    return True


