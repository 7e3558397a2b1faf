"""<process.h> and <stdio.h>: starting programs. No command interpreter: a command is a program with arguments."""

import struct
from typing import Any

from litebox_core.abi import INT, INTPTR, PCSTR, PCWSTR, PVOID, ArgCursor, Out, VarArgs
from litebox_core.crterrno import EACCES, ECHILD, EINVAL, ENOENT, ENOEXEC, ENOMEM
from litebox_core.errors import CrtError, NtError
from litebox_core.guest import Guest, GuestCall, Steps, Wait
from litebox_core.objects import HANDLE_FLAG_INHERIT, Waitable
from litebox_core.process import DllState, Process
from litebox_core.scheduler import ProcessExit
from litebox_core.services import Files, Heaps
from litebox_core.winerror import ERROR_ACCESS_DENIED, ERROR_BAD_EXE_FORMAT, ERROR_FILE_NOT_FOUND, ERROR_PATH_NOT_FOUND

from .base import InvalidParameter, Runtime, shared
from .descriptors import O_BINARY, O_TEXT, Descriptors
from .files import default_mode
from .opening import parse_mode
from .streams import Streams

P_WAIT, P_NOWAIT, P_OVERLAY, P_NOWAITO, P_DETACH = range(5)
STARTF_USESTDHANDLES = 0x100
CREATE_UNICODE_ENVIRONMENT, DETACHED_PROCESS = 0x400, 0x8
MAX_ARGUMENTS = 1 << 15
_INTERPRETER = frozenset("|&<>^%\n")
"""Characters that mean something to a command interpreter only."""
_ERRNO = {
    ERROR_FILE_NOT_FOUND: ENOENT, ERROR_PATH_NOT_FOUND: ENOENT, ERROR_BAD_EXE_FORMAT: ENOEXEC,
    ERROR_ACCESS_DENIED: EACCES,
}  # fmt: skip


class Launched(DllState):
    """The processes of ``_popen``: by the stream's address, their handles."""

    per_dll = True

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self.streams: dict[int, int] = {}


def create(
    guest: Guest, heaps: Heaps, descriptors: Descriptors, program: str | None, line: str, environment: bytes | None,
    std: tuple[int, int, int] | None = None, detached: bool = False, plain: bool = False,
) -> Steps[int]:  # fmt: skip
    """Calls CreateProcessW; the handle of the process. With ``plain`` no descriptors are passed on. Raises CrtError."""
    memory, loader = guest.memory, guest.process.loader
    module = loader.find("kernel32.dll")
    function = loader.procedure(module, "CreateProcessW") if module is not None else 0
    if not function:
        raise CrtError(ENOEXEC)
    texts = [None if t is None else t.encode("utf-16-le", "surrogatepass") + b"\0\0" for t in (program, line)]
    passed = b"" if plain else descriptors.inherited()
    if len(passed) > 0xFFFF:
        raise CrtError(ENOMEM)
    blobs = [*texts, environment, passed]
    size = sum((len(blob) + 15) & ~15 for blob in blobs if blob is not None) + 0x90
    block = heaps.allocate(guest.process.process_heap, 0, size)
    if not block:
        raise CrtError(ENOMEM)
    try:
        at, addresses = block + 0x90, []
        for blob in blobs:
            addresses.append(0 if blob is None else at)
            if blob is not None:
                memory.write(at, blob)
                at += (len(blob) + 15) & ~15
        startup = bytearray(0x68)
        struct.pack_into("<I", startup, 0, 0x68)
        struct.pack_into("<HQ", startup, 0x42, len(passed), 0)
        struct.pack_into("<Q", startup, 0x48, addresses[3])
        if std is not None:
            struct.pack_into("<I", startup, 0x3C, STARTF_USESTDHANDLES)
            struct.pack_into("<3Q", startup, 0x50, *std)
        memory.write(block, bytes(startup))
        flags = CREATE_UNICODE_ENVIRONMENT | (DETACHED_PROCESS if detached else 0)
        args = (addresses[0], addresses[1], 0, 0, 1, flags, addresses[2], 0, block, block + 0x70)
        done = yield GuestCall(function, args)
        if not done & 0xFFFFFFFF:
            raise CrtError(_ERRNO.get(guest.last_error, EINVAL))
        process, thread = struct.unpack("<QQ", memory.read(block + 0x70, 16))
        guest.process.handles.close(thread)
        return int(process)
    finally:
        heaps.free(guest.process.process_heap, 0, block)


def wait(guest: Guest, handle: int) -> Steps[int]:
    """Waits for a process and closes its handle; its exit code. Raises NtError."""
    handles = guest.process.handles
    process = handles.get(handle, Waitable)
    if process.type_name != "Process":
        raise CrtError(ECHILD)
    process.retain()
    try:
        yield Wait((process,))
        code: int = process.exit_code  # type: ignore[attr-defined]
    finally:
        process.release()
    handles.close(handle)
    return code


# -- _spawn and _exec ------------------------------------------------------------------------------------------------


def _candidates(guest: Guest, name: str, search: bool) -> list[str]:
    endings = [""] if "." in name.replace("/", "\\").rpartition("\\")[2] else [".com", ".exe"]
    folders = [""]
    if search and not any(char in name for char in "\\/:"):
        folders += [f.rstrip("\\") + "\\" for f in guest.process.environment_variable("PATH").split(";") if f]
    return [folder + name + ending for folder in folders for ending in endings]


def _found(guest: Guest, name: str, search: bool) -> str:
    """The program's path. Raises CrtError(ENOENT)."""
    files = guest.service(Files)
    for path in _candidates(guest, name, search):
        try:
            files.query(path)
        except NtError:
            continue
        return path
    raise CrtError(ENOENT)


def _text(guest: Guest, addr: int, wide: bool) -> str:
    return guest.memory.wstr(addr) if wide else guest.memory.ansi_decode(guest.memory.cstr(addr))


def _list(guest: Guest, addr: int, wide: bool) -> list[str]:
    """The texts of an array of pointers that ends with NULL. Raises CrtError(ENOMEM) for one without an end."""
    width = guest.bits // 8
    found: list[str] = []
    for index in range(MAX_ARGUMENTS):
        pointer = guest.memory.pointer(addr + index * width)
        if not pointer:
            return found
        found.append(_text(guest, pointer, wide))
    raise CrtError(ENOMEM)


def spawn(
    guest: Guest, heaps: Heaps, descriptors: Descriptors, mode: int, name: str, arguments: list[str],
    environment: list[str] | None, search: bool,
) -> Steps[int]:  # fmt: skip
    """Starts a program; its handle, or with P_WAIT its exit code. Arguments are joined as they are, by blanks."""
    if not P_WAIT <= mode <= P_DETACH or not name or not arguments:
        raise InvalidParameter(EINVAL)
    path = _found(guest, name, search)
    block = None
    if environment is not None:
        block = ("\0".join([*environment, ""]) + "\0").encode("utf-16-le", "surrogatepass")
    line = " ".join(arguments)
    handle = yield from create(guest, heaps, descriptors, path, line or path, block, None, mode == P_DETACH)
    if mode == P_WAIT:
        code = yield from wait(guest, handle)
        return code if code < 1 << 31 else code - (1 << 32)
    if mode == P_OVERLAY:
        raise ProcessExit(0)  # the caller is gone, and nobody hears how the program ends
    if mode == P_DETACH:
        guest.process.handles.close(handle)
        return 0
    return handle


def _words(guest: Guest, first: int, more: ArgCursor, wide: bool) -> list[str]:
    """The arguments of an l form, up to NULL. Raises CrtError(ENOMEM) for a list without an end."""
    words: list[str] = []
    pointer = first
    while pointer:
        if len(words) >= MAX_ARGUMENTS:
            raise CrtError(ENOMEM)
        words.append(_text(guest, pointer, wide))
        pointer = more.pointer()
    return words


def _declare(wide: bool, search: str) -> None:
    """Exports the _spawn and _exec functions for one kind of text, that search PATH ("p") or not ("")."""
    text = (PCWSTR if wide else PCSTR) | None

    def run(
        guest: Guest, heaps: Heaps, descriptors: Descriptors, mode: int, name: str | bytes | None, words: list[str],
        environment: int = 0,
    ) -> Steps[int]:  # fmt: skip
        if name is None:
            raise InvalidParameter(EINVAL)
        path = name if isinstance(name, str) else guest.memory.ansi_decode(name)
        block = _list(guest, environment, wide) if environment else None
        return spawn(guest, heaps, descriptors, mode, path, words, block, bool(search))

    def array(guest: Guest, argv: int) -> list[str]:
        if not argv:
            raise InvalidParameter(EINVAL)
        return _list(guest, argv, wide)

    def spawnv(
        guest: Guest, mode: INT, cmdname: Any, argv: PVOID, *, heaps: Heaps, descriptors: Descriptors
    ) -> Steps[INTPTR]:
        return run(guest, heaps, descriptors, mode, cmdname, array(guest, argv))

    def spawnve(
        guest: Guest, mode: INT, cmdname: Any, argv: PVOID, envp: PVOID, *, heaps: Heaps, descriptors: Descriptors
    ) -> Steps[INTPTR]:
        return run(guest, heaps, descriptors, mode, cmdname, array(guest, argv), envp)

    def spawnl(
        guest: Guest, mode: INT, cmdname: Any, arglist: PVOID, args: VarArgs, *, heaps: Heaps, descriptors: Descriptors
    ) -> Steps[INTPTR]:
        return run(guest, heaps, descriptors, mode, cmdname, _words(guest, arglist, args, wide))

    def spawnle(
        guest: Guest, mode: INT, cmdname: Any, arglist: PVOID, args: VarArgs, *, heaps: Heaps, descriptors: Descriptors
    ) -> Steps[INTPTR]:
        words = _words(guest, arglist, args, wide)
        return run(guest, heaps, descriptors, mode, cmdname, words, args.pointer())

    def execv(guest: Guest, cmdname: Any, argv: PVOID, *, heaps: Heaps, descriptors: Descriptors) -> Steps[INTPTR]:
        return run(guest, heaps, descriptors, P_OVERLAY, cmdname, array(guest, argv))

    def execve(
        guest: Guest, cmdname: Any, argv: PVOID, envp: PVOID, *, heaps: Heaps, descriptors: Descriptors
    ) -> Steps[INTPTR]:
        return run(guest, heaps, descriptors, P_OVERLAY, cmdname, array(guest, argv), envp)

    def execl(
        guest: Guest, cmdname: Any, arglist: PVOID, args: VarArgs, *, heaps: Heaps, descriptors: Descriptors
    ) -> Steps[INTPTR]:
        return run(guest, heaps, descriptors, P_OVERLAY, cmdname, _words(guest, arglist, args, wide))

    def execle(
        guest: Guest, cmdname: Any, arglist: PVOID, args: VarArgs, *, heaps: Heaps, descriptors: Descriptors
    ) -> Steps[INTPTR]:
        words = _words(guest, arglist, args, wide)
        return run(guest, heaps, descriptors, P_OVERLAY, cmdname, words, args.pointer())

    for function in (spawnv, spawnve, spawnl, spawnle, execv, execve, execl, execle):
        function.__annotations__["cmdname"] = text
        stem = function.__name__
        end = len(stem) - stem.endswith("e")
        name = stem[:end] + search + stem[end:]
        shared.export(name=("_w" if wide else "_") + name, fails=-1)(function)


for _wide in (False, True):
    _declare(_wide, "")
    _declare(_wide, "p")


@shared.export(fails=-1)
def _cwait(
    guest: Guest, termstat: Out[INT] | None, procHandle: INTPTR, action: INT
) -> Steps[INTPTR]:
    try:
        code = yield from wait(guest, procHandle)
    except NtError:
        raise CrtError(ECHILD) from None
    if termstat is not None:
        termstat.value = code
    return procHandle


# -- commands --------------------------------------------------------------------------------------------------------


def _command(command: str) -> str:
    """A command that needs no interpreter. Raises CrtError(ENOENT)."""
    if not command.strip() or any(char in _INTERPRETER for char in command):
        raise CrtError(ENOENT)
    return command


def _system(guest: Guest, heaps: Heaps, descriptors: Descriptors, command: str | None) -> Steps[int]:
    if command is None:
        return 0
    handle = yield from create(guest, heaps, descriptors, None, _command(command), None)
    return (yield from wait(guest, handle))


@shared.export(fails=-1, partial="programs with arguments only: there is no command interpreter")
def system(guest: Guest, command: PCSTR | None, *, heaps: Heaps, descriptors: Descriptors) -> Steps[INT]:
    text = None if command is None else guest.memory.ansi_decode(command)
    return _system(guest, heaps, descriptors, text)


@shared.export(fails=-1, partial="programs with arguments only: there is no command interpreter")
def _wsystem(guest: Guest, command: PCWSTR | None, *, heaps: Heaps, descriptors: Descriptors) -> Steps[INT]:
    return _system(guest, heaps, descriptors, command)


def _open_pipe(
    guest: Guest, heaps: Heaps, descriptors: Descriptors, streams: Streams, launched: Launched, command: str, mode: str
) -> Steps[int]:
    if not mode or mode[0] not in "rw":
        raise InvalidParameter(EINVAL)
    _command(command)
    handles = guest.process.handles
    ends = guest.service(Files).pipe(0)
    reading = mode[0] == "r"
    mine, theirs = ends if reading else reversed(ends)
    given = handles.add(theirs, theirs.access, HANDLE_FLAG_INHERIT)
    kept = handles.add(mine, mine.access)
    std = [descriptors.get(fd).handle if descriptors.find(fd) is not None else 0 for fd in range(3)]
    std[1 if reading else 0] = given
    try:
        process = yield from create(
            guest, heaps, descriptors, None, command, None, (std[0], std[1], std[2]), plain=True
        )
    except BaseException:
        handles.close(kept)
        raise
    finally:
        handles.close(given)
    runtime = guest.process.state(Runtime, descriptors.dll)
    parsed = parse_mode(mode, runtime.ucrt)
    flags = parsed.flags
    if not flags & (O_TEXT | O_BINARY) and not default_mode(guest, runtime) & O_BINARY:
        flags |= O_TEXT
    fd = descriptors.adopt(kept, flags)
    stream = streams.new(fd, parsed.stream)
    launched.streams[stream.addr] = process
    return stream.addr


@shared.export(fails=0, partial="programs with arguments only: there is no command interpreter")
def _popen(
    guest: Guest, command: PCSTR | None, mode: PCSTR | None, *, heaps: Heaps, descriptors: Descriptors,
    streams: Streams, launched: Launched,
) -> Steps[PVOID]:  # fmt: skip
    if command is None or mode is None:
        raise InvalidParameter(EINVAL)
    text, how = guest.memory.ansi_decode(command), guest.memory.ansi_decode(mode)
    return _open_pipe(guest, heaps, descriptors, streams, launched, text, how)


@shared.export(fails=0, partial="programs with arguments only: there is no command interpreter")
def _wpopen(
    guest: Guest, command: PCWSTR | None, mode: PCWSTR | None, *, heaps: Heaps, descriptors: Descriptors,
    streams: Streams, launched: Launched,
) -> Steps[PVOID]:  # fmt: skip
    if command is None or mode is None:
        raise InvalidParameter(EINVAL)
    return _open_pipe(guest, heaps, descriptors, streams, launched, command, mode)


@shared.export(fails=-1)
def _pclose(guest: Guest, stream: PVOID, *, streams: Streams, launched: Launched) -> Steps[INT]:
    process = launched.streams.pop(stream, None)
    if process is None:
        raise InvalidParameter(EINVAL)
    yield from streams.close(guest, streams.get(stream))
    return (yield from wait(guest, process))
