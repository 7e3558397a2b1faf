"""How programs start: arguments, environment and the variables that the start-up code sets."""

from typing import Any

from litebox_core.abi import INT, PVOID, UINT, Out
from litebox_core.cmdline import Rules, expand_wildcards, split_words
from litebox_core.crterrno import EINVAL
from litebox_core.dll import RETURN_ERROR
from litebox_core.errors import NtError
from litebox_core.guest import Guest, GuestCall, Steps
from litebox_core.process import DllState, Process
from litebox_core.services import Files

from .base import InvalidParameter, Runtime, msvcrt, shared, ucrtbase
from .environ import CrtEnvironment

_MAX_INITIALIZERS = 1 << 16
_REPORT_ERRMODE = 3


class Arguments(DllState):
    """``argv`` of one run-time, made when it is first asked for."""

    per_dll = True

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self.runtime = process.state(Runtime, dll)
        self._tables: dict[bool, int] = {}
        self._expanded: dict[bool, bool] = {}
        self._lines: dict[bool, int] = {}
        self.expand = False

    def line(self, wide: bool) -> int:
        """The address of the whole command line."""
        addr = self._lines.get(wide)
        if addr is None:
            text = self.process.command_line
            addr = self._lines[wide] = self._string(text, wide)
        return addr

    def _string(self, text: str, wide: bool) -> int:
        data = text.encode("utf-16-le", "surrogatepass") + b"\0\0" if wide \
            else self.process.memory.ansi_encode(text) + b"\0"  # fmt: skip
        addr = self.process.heaps_allocate(len(data))
        self.process.memory.write(addr, data)
        return addr

    def start(self, wide: bool, expand: bool | None = None) -> None:
        """Fills ``__argc`` and ``__argv`` or ``__wargv``, again where wildcards are now to be treated otherwise."""
        if wide in self._tables and not expand and (expand is None or not self._expanded[wide]):
            return
        self._expanded[wide] = bool(expand)
        words = split_words(self.process.command_line, Rules.CRT)
        texts = expand_wildcards(words, self._matches) if expand else [word.text for word in words]
        memory, width = self.process.memory, self.process.bits // 8
        pointers = [self._string(text, wide) for text in texts]
        table = self._tables[wide] = self.process.heaps_allocate((len(pointers) + 1) * width)
        memory.write(table, b"".join(p.to_bytes(width, "little") for p in pointers))
        memory.put_u32(self.runtime.variable("__argc", 4), len(pointers))
        memory.put_pointer(self.runtime.variable("__wargv" if wide else "__argv"), table)
        program = self._string(self.process.loader.program.path, wide) if self.process.loader.program else pointers[0]
        memory.put_pointer(self.runtime.variable("_wpgmptr" if wide else "_pgmptr"), program)

    def _matches(self, pattern: str) -> list[str]:
        """The names in the pattern's directory that match it."""
        start = max(pattern.rfind("\\"), pattern.rfind("/"), pattern.rfind(":")) + 1
        files = self.process.service(Files)
        try:
            directory, _ = files.open(pattern[:start] or ".", 0x100001, 7, 1, 0x21)
            directory.retain()
            try:
                return [entry.name for entry in directory.entries(pattern[start:], True)]
            finally:
                directory.release()
        except NtError:
            return []


def _get_main_args(
    guest: Guest, wide: bool, argc: Out[INT], argv: Out[PVOID], env: Out[PVOID], expand: int, info: int,
    arguments: Arguments, environment: CrtEnvironment,
) -> None:  # fmt: skip
    runtime, memory = arguments.runtime, guest.memory
    arguments.start(wide, bool(expand))
    if wide:
        environment.start_wide()
    else:
        environment.start()
    if info:
        memory.put_u32(runtime.variable("_newmode", 4), memory.u32(info))
    argc.value = memory.i32(runtime.variable("__argc", 4))
    argv.value = memory.pointer(runtime.variable("__wargv" if wide else "__argv"))
    table = memory.pointer(environment.wide if wide else environment.narrow)
    env.value = table
    memory.put_pointer(runtime.variable("__winitenv" if wide else "__initenv"), table)


@msvcrt.export
def __getmainargs(
    guest: Guest, _Argc: Out[INT], _Argv: Out[PVOID], _Env: Out[PVOID], _DoWildCard: INT, _StartInfo: PVOID, *,
    arguments: Arguments, environment: CrtEnvironment,
) -> INT:  # fmt: skip
    _get_main_args(guest, False, _Argc, _Argv, _Env, _DoWildCard, _StartInfo, arguments, environment)
    return 0


@msvcrt.export
def __wgetmainargs(
    guest: Guest, _Argc: Out[INT], _Argv: Out[PVOID], _Env: Out[PVOID], _DoWildCard: INT, _StartInfo: PVOID, *,
    arguments: Arguments, environment: CrtEnvironment,
) -> INT:  # fmt: skip
    _get_main_args(guest, True, _Argc, _Argv, _Env, _DoWildCard, _StartInfo, arguments, environment)
    return 0


# -- initialisers ----------------------------------------------------------------------------------------------------


def _functions(guest: Guest, first: int, last: int) -> list[int]:
    """The pointers between two addresses, without the null ones."""
    width = guest.bits // 8
    count = (last - first) // width
    if not 0 < count <= _MAX_INITIALIZERS:
        return []
    data = guest.memory.read(first, count * width)
    pointers = (int.from_bytes(data[i : i + width], "little") for i in range(0, len(data), width))
    return [pointer for pointer in pointers if pointer]


@shared.export
def _initterm(guest: Guest, first: PVOID, last: PVOID) -> Steps[None]:
    for function in _functions(guest, first, last):
        yield GuestCall(function, ())


@shared.export
def _initterm_e(guest: Guest, first: PVOID, last: PVOID) -> Steps[INT]:
    for function in _functions(guest, first, last):
        result: int = yield GuestCall(function, (), INT)
        if result:
            return result
    return 0


# -- settings --------------------------------------------------------------------------------------------------------


@msvcrt.export
def __set_app_type(guest: Guest, at: INT, *, runtime: Runtime) -> None:
    guest.memory.put_u32(runtime.variable("app type", 4), at)


@ucrtbase.export
def _set_app_type(guest: Guest, at: INT, *, runtime: Runtime) -> None:
    guest.memory.put_u32(runtime.variable("app type", 4), at)


@ucrtbase.export
def _query_app_type(guest: Guest, *, runtime: Runtime) -> INT:
    return guest.memory.i32(runtime.variable("app type", 4))


@shared.export
def __setusermatherr(guest: Guest, handler: PVOID, *, runtime: Runtime) -> None:
    runtime.math_error_handler = handler


@msvcrt.export
def __lconv_init(guest: Guest) -> INT:
    return 0


def _told(guest: Guest, place: Any, addr: int) -> int:
    """Stores the pointer that is at an address."""
    if not place:
        raise InvalidParameter(EINVAL)
    place.value = guest.memory.pointer(addr)
    return 0


@shared.export(fails=RETURN_ERROR)
def _get_pgmptr(guest: Guest, pValue: Out[PVOID], *, runtime: Runtime, arguments: Arguments) -> INT:
    arguments.start(False)
    return _told(guest, pValue, runtime.variable("_pgmptr"))


@shared.export(fails=RETURN_ERROR)
def _get_wpgmptr(guest: Guest, pValue: Out[PVOID], *, runtime: Runtime, arguments: Arguments) -> INT:
    arguments.start(True)
    return _told(guest, pValue, runtime.variable("_wpgmptr"))


@msvcrt.export(fails=RETURN_ERROR)
def _get_environ(guest: Guest, pValue: Out[PVOID], *, environment: CrtEnvironment) -> INT:
    environment.start()
    return _told(guest, pValue, environment.narrow)


@msvcrt.export(fails=RETURN_ERROR)
def _get_wenviron(guest: Guest, pValue: Out[PVOID], *, environment: CrtEnvironment) -> INT:
    return _told(guest, pValue, environment.wide)


def _declare_version(name: str, variable: str) -> None:
    def get(guest: Guest, pValue: Out[UINT], *, runtime: Runtime) -> INT:
        if not pValue:
            raise InvalidParameter(EINVAL)
        pValue.value = guest.memory.u32(runtime.variable(variable, 4))
        return 0

    msvcrt.export(name=name, fails=RETURN_ERROR)(get)


for _what in ("osver", "winmajor", "winminor", "osplatform"):
    _declare_version(f"_get_{_what}", f"_{_what}")


@shared.export
def _set_fmode(guest: Guest, mode: INT, *, runtime: Runtime) -> INT:
    guest.memory.put_u32(runtime.variable("_fmode", 4), mode)
    return 0


@shared.export
def _get_fmode(guest: Guest, mode: Out[INT], *, runtime: Runtime) -> INT:
    mode.value = guest.memory.i32(runtime.variable("_fmode", 4))
    return 0


@shared.export
def _set_error_mode(guest: Guest, mode_val: INT, *, runtime: Runtime) -> INT:
    addr = runtime.variable("error mode", 4)
    old = guest.memory.i32(addr)
    if mode_val == _REPORT_ERRMODE:
        return old
    if mode_val not in (0, 1, 2):
        raise InvalidParameter
    guest.memory.put_u32(addr, mode_val)
    return old


@shared.export(partial="the handler is kept, and not called")
def _set_purecall_handler(guest: Guest, handler: PVOID, *, runtime: Runtime) -> PVOID:
    addr = runtime.variable("pure call handler")
    old = guest.memory.pointer(addr)
    guest.memory.put_pointer(addr, handler)
    return old


@shared.export
def _get_purecall_handler(guest: Guest, *, runtime: Runtime) -> PVOID:
    return guest.memory.pointer(runtime.variable("pure call handler"))


# -- variables -------------------------------------------------------------------------------------------------------

_VARIABLES = {
    "_fmode": 4, "_commode": 4, "__argc": 4, "__argv": 8, "__wargv": 8, "_environ": 8, "_wenviron": 8, "_pgmptr": 8,
    "_wpgmptr": 8, "_acmdln": 8, "_wcmdln": 8, "__initenv": 8, "__winitenv": 8, "_osver": 4, "_winver": 4,
    "_winmajor": 4, "_winminor": 4, "_newmode": 4, "_osplatform": 4, "_umaskval": 4,
}  # fmt: skip
_VERSION = {"_osver": 9200, "_winver": 0x602, "_winmajor": 6, "_winminor": 2, "_osplatform": 2}
"""What GetVersion tells programs that do not say they know a later Windows."""


def _data_export(name: str, size: int) -> None:
    def place(process: Process, addr: int) -> None:
        process.state(Runtime, "msvcrt").place(name, addr)
        if name in _VERSION:
            process.memory.put_u32(addr, _VERSION[name])
        elif name in ("_acmdln", "_wcmdln"):
            process.memory.put_pointer(addr, process.state(Arguments, "msvcrt").line(name == "_wcmdln"))

    msvcrt.data(name, size, place)


for _name, _size in _VARIABLES.items():
    if _name not in ("_newmode", "_umaskval"):
        _data_export(_name, _size)


def _pointer_export(name: str, size: int) -> None:
    """``__p__fmode()`` and its like: the address of the variable."""

    def function(guest: Guest, *, runtime: Runtime, arguments: Arguments, environment: CrtEnvironment) -> PVOID:
        if name == "_environ" and not runtime.ucrt:
            environment.start()
        elif name in ("_acmdln", "_wcmdln") and runtime.ucrt:
            guest.memory.put_pointer(runtime.variable(name), arguments.line(name == "_wcmdln"))
        elif name in ("__argc", "__argv", "__wargv", "_pgmptr", "_wpgmptr") and not runtime.ucrt:
            arguments.start(name in ("__wargv", "_wpgmptr"))
        return runtime.variable(name, size)

    dll = msvcrt if name in ("__initenv", "__winitenv", "_osver", "_winver", "_winmajor", "_winminor") else shared
    dll.export(name="__p_" + name)(function)


for _name, _size in _VARIABLES.items():
    if _name not in ("_newmode", "_osplatform", "_umaskval"):
        _pointer_export(_name, _size)


# -- UCRT ------------------------------------------------------------------------------------------------------------

ARGV_NONE, ARGV_UNEXPANDED, ARGV_EXPANDED = 0, 1, 2


@ucrtbase.export
def _configure_narrow_argv(guest: Guest, mode: INT, *, arguments: Arguments) -> INT:
    if mode != ARGV_NONE:
        arguments.start(False, mode == ARGV_EXPANDED)
    return 0


@ucrtbase.export
def _configure_wide_argv(guest: Guest, mode: INT, *, arguments: Arguments) -> INT:
    if mode != ARGV_NONE:
        arguments.start(True, mode == ARGV_EXPANDED)
    return 0


@ucrtbase.export
def _initialize_narrow_environment(guest: Guest, *, environment: CrtEnvironment) -> INT:
    environment.start()
    return 0


@ucrtbase.export
def _initialize_wide_environment(guest: Guest, *, environment: CrtEnvironment) -> INT:
    environment.start_wide()
    return 0


@ucrtbase.export
def _get_initial_narrow_environment(guest: Guest, *, environment: CrtEnvironment) -> PVOID:
    environment.start()
    return environment.initial_narrow


@ucrtbase.export
def _get_initial_wide_environment(guest: Guest, *, environment: CrtEnvironment) -> PVOID:
    environment.start_wide()
    return environment.initial_wide


def _after_program(guest: Guest, line: int, wide: bool) -> int:
    """The address behind the program's name on the command line."""
    memory, step = guest.memory, 2 if wide else 1
    read = memory.u16 if wide else memory.u8
    inside = False
    while (char := read(line)) and (inside or char > 0x20):
        inside ^= char == 0x22
        line += step
    while (char := read(line)) and char <= 0x20:
        line += step
    return line


@ucrtbase.export
def _get_narrow_winmain_command_line(guest: Guest, *, arguments: Arguments) -> PVOID:
    return _after_program(guest, arguments.line(False), False)


@ucrtbase.export
def _get_wide_winmain_command_line(guest: Guest, *, arguments: Arguments) -> PVOID:
    return _after_program(guest, arguments.line(True), True)
