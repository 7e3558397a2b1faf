"""stdlib.h: environment variables."""

from litebox_core.abi import INT, PCSTR, PCWSTR, PVOID, SIZE_T, Out
from litebox_core.crterrno import EINVAL, ENOMEM, ERANGE
from litebox_core.dll import RETURN_ERROR
from litebox_core.errors import CrtError, NtError
from litebox_core.guest import Guest
from litebox_core.services import Files

from .base import InvalidParameter, shared
from .environ import CrtEnvironment
from .malloc import CrtHeap

_LONGEST_NAME = 32767
MAX_PATH = 260


@shared.export(fails=0)
def getenv(guest: Guest, varname: PCSTR | None, *, environment: CrtEnvironment) -> PVOID:
    if varname is None:
        raise InvalidParameter(EINVAL)
    return environment.find(varname)


@shared.export(fails=0)
def _wgetenv(guest: Guest, varname: PCWSTR | None, *, environment: CrtEnvironment) -> PVOID:
    if varname is None:
        raise InvalidParameter(EINVAL)
    return environment.find_wide(varname)


def _put(environment: CrtEnvironment, text: str | None) -> int:
    if text is None:
        raise InvalidParameter(EINVAL)
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise CrtError(EINVAL)
    environment.start()
    if not environment.set(name, value):
        raise CrtError(ENOMEM)
    return 0


@shared.export
def _putenv(guest: Guest, envstring: PCSTR | None, *, environment: CrtEnvironment) -> INT:
    return _put(environment, None if envstring is None else guest.memory.ansi_decode(envstring))


@shared.export
def _wputenv(guest: Guest, envstring: PCWSTR | None, *, environment: CrtEnvironment) -> INT:
    environment.start_wide()
    return _put(environment, envstring)


def _put_secure(environment: CrtEnvironment, name: str | None, value: str | None) -> int:
    if name is None or value is None or not name or "=" in name:
        raise InvalidParameter(EINVAL)
    environment.start()
    if not environment.set(name, value):
        raise CrtError(ENOMEM)
    return 0


@shared.export(fails=RETURN_ERROR)
def _putenv_s(guest: Guest, varname: PCSTR | None, value_string: PCSTR | None, *, environment: CrtEnvironment) -> INT:
    decode = guest.memory.ansi_decode
    return _put_secure(
        environment,
        None if varname is None else decode(varname),
        None if value_string is None else decode(value_string),
    )


@shared.export(fails=RETURN_ERROR)
def _wputenv_s(
    guest: Guest, varname: PCWSTR | None, value_string: PCWSTR | None, *, environment: CrtEnvironment
) -> INT:
    environment.start_wide()
    return _put_secure(environment, varname, value_string)


def _copy(guest: Guest, needed: Out[SIZE_T], buffer: int, count: int, data: bytes | None, unit: int) -> int:
    """Answers getenv_s: the value with its NUL and how many characters that is, 0 for no variable."""
    if not needed or (not buffer and count) or (buffer and not count):
        raise InvalidParameter(EINVAL)
    needed.value = 0
    if buffer:
        guest.memory.write(buffer, bytes(unit))
    if data is None:
        return 0
    size = len(data) // unit + 1
    needed.value = size
    if not count:
        return 0
    if size > count:
        raise CrtError(ERANGE)
    guest.memory.write(buffer, data + bytes(unit))
    return 0


@shared.export(fails=RETURN_ERROR)
def getenv_s(
    guest: Guest, pReturnValue: Out[SIZE_T], buffer: PVOID, numberOfElements: SIZE_T, varname: PCSTR | None, *,
    environment: CrtEnvironment,
) -> INT:  # fmt: skip
    addr = environment.find(varname) if varname is not None else 0
    return _copy(guest, pReturnValue, buffer, numberOfElements, guest.memory.cstr(addr) if addr else None, 1)


@shared.export(fails=RETURN_ERROR)
def _wgetenv_s(
    guest: Guest, pReturnValue: Out[SIZE_T], buffer: PVOID, numberOfElements: SIZE_T, varname: PCWSTR | None, *,
    environment: CrtEnvironment,
) -> INT:  # fmt: skip
    addr = environment.find_wide(varname) if varname is not None else 0
    data = guest.memory.wstr_bytes(addr) if addr else None
    return _copy(guest, pReturnValue, buffer, numberOfElements, data, 2)


def _duplicate(
    guest: Guest, heap: CrtHeap, place: Out[PVOID], count: Out[SIZE_T], data: bytes | None, unit: int
) -> int:
    place.value = 0
    if count:
        count.value = 0
    if data is None:
        return 0
    addr = heap.allocate(len(data) + unit)
    if not addr:
        raise CrtError(ENOMEM)
    guest.memory.write(addr, data + bytes(unit))
    place.value = addr
    if count:
        count.value = len(data) // unit + 1
    return 0


@shared.export(fails=RETURN_ERROR)
def _dupenv_s(
    guest: Guest, buffer: Out[PVOID], numberOfElements: Out[SIZE_T], varname: PCSTR | None, *,
    environment: CrtEnvironment, heap: CrtHeap,
) -> INT:  # fmt: skip
    if not buffer or varname is None:
        raise InvalidParameter(EINVAL)
    addr = environment.find(varname)
    return _duplicate(guest, heap, buffer, numberOfElements, guest.memory.cstr(addr) if addr else None, 1)


@shared.export(fails=RETURN_ERROR)
def _wdupenv_s(
    guest: Guest, buffer: Out[PVOID], numberOfElements: Out[SIZE_T], varname: PCWSTR | None, *,
    environment: CrtEnvironment, heap: CrtHeap,
) -> INT:  # fmt: skip
    if not buffer or varname is None:
        raise InvalidParameter(EINVAL)
    addr = environment.find_wide(varname)
    return _duplicate(guest, heap, buffer, numberOfElements, guest.memory.wstr_bytes(addr) if addr else None, 2)


# -- searching a path list -------------------------------------------------------------------------------------------


def _folders(text: str) -> list[str]:
    """The folders of a path list; a semicolon between quotes belongs to a name, and quotes do not."""
    made = "".join(part if at % 2 else part.replace(";", "\0") for at, part in enumerate(text.split('"')))
    return made.split("\0")


def _search(guest: Guest, environment: CrtEnvironment, name: str, variable: str) -> str:
    """The full path of a file in the current directory or in one that the variable lists; empty for none."""
    files = guest.service(Files)
    if not name:
        return ""
    addr = environment.find_wide(variable)
    folders = _folders(guest.memory.wstr(addr)) if addr else []
    candidates = [""]
    if not any(char in name for char in "\\/:"):
        candidates += [folder for folder in folders if folder]
    for folder in candidates:
        path = f"{folder}{'' if not folder or folder[-1] in chr(92) + '/' else chr(92)}{name}"
        try:
            files.query(path)
            return path if folder else files.full_path(path)
        except NtError:
            continue
    return ""


@shared.export
def _searchenv(guest: Guest, filename: PCSTR, varname: PCSTR, pathname: PVOID, *, environment: CrtEnvironment) -> None:
    decode = guest.memory.ansi_decode
    found = guest.memory.ansi_encode(_search(guest, environment, decode(filename), decode(varname)))
    guest.memory.put_cstr(pathname, found if len(found) < MAX_PATH else b"")


@shared.export
def _wsearchenv(
    guest: Guest, filename: PCWSTR, varname: PCWSTR, pathname: PVOID, *, environment: CrtEnvironment
) -> None:
    found = _search(guest, environment, filename, varname)
    guest.memory.put_wstr(pathname, found if len(found) < MAX_PATH else "")


@shared.export(fails=RETURN_ERROR)
def _searchenv_s(
    guest: Guest, filename: PCSTR | None, varname: PCSTR | None, pathname: PVOID, numberOfElements: SIZE_T, *,
    environment: CrtEnvironment,
) -> INT:  # fmt: skip
    if filename is None or not pathname or not numberOfElements:
        raise InvalidParameter(EINVAL)
    decode = guest.memory.ansi_decode
    found = guest.memory.ansi_encode(_search(guest, environment, decode(filename), decode(varname or b"")))
    if len(found) >= numberOfElements:
        guest.memory.put_cstr(pathname, b"")
        raise InvalidParameter(ERANGE)
    guest.memory.put_cstr(pathname, found)
    return 0 if found else 2


@shared.export(fails=RETURN_ERROR)
def _wsearchenv_s(
    guest: Guest, filename: PCWSTR | None, varname: PCWSTR | None, pathname: PVOID, numberOfElements: SIZE_T, *,
    environment: CrtEnvironment,
) -> INT:  # fmt: skip
    if filename is None or not pathname or not numberOfElements:
        raise InvalidParameter(EINVAL)
    found = _search(guest, environment, filename, varname or "")
    if len(found) >= numberOfElements:
        guest.memory.put_wstr(pathname, "")
        raise InvalidParameter(ERANGE)
    guest.memory.put_wstr(pathname, found)
    return 0 if found else 2
