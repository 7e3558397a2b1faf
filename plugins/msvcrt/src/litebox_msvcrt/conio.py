"""conio.h: keys as they are pressed, and text on the console, wherever the standard streams go."""

from collections.abc import Sequence

from litebox_core.abi import INT, PCSTR, PCWSTR, PVOID, UINT64, WCHAR, WINT_T, VaList, VarArgs
from litebox_core.crterrno import EINVAL
from litebox_core.errors import NtError
from litebox_core.guest import Guest, Steps
from litebox_core.nls.codepages import codepage
from litebox_core.openfiles import ConsoleDevice
from litebox_core.process import DllState, Process
from litebox_core.services import Files

from . import printing
from .base import InvalidParameter, msvcrt, shared, ucrtbase
from .formats import POSITIONAL, STRICT, Formats
from .printf import export_both

EOF, WEOF = -1, 0xFFFF
OPTION_BITS = 0x3C
_ESCAPE, _RUBOUT, _BACKSPACE, _RETURN = 27, 127, 8, 13
_LONGEST_SEQUENCE = 5
_ARROWS = {"A": 0x48, "B": 0x50, "C": 0x4D, "D": 0x4B, "H": 0x47, "F": 0x4F}
_KEYPAD = {1: 0x47, 2: 0x52, 3: 0x53, 4: 0x4F, 5: 0x49, 6: 0x51, 7: 0x47, 8: 0x4F, 23: 0x85, 24: 0x86}
_FUNCTIONS = {"P": 0x3B, "Q": 0x3C, "R": 0x3D, "S": 0x3E}
_NUMBERED = {11: 0x3B, 12: 0x3C, 13: 0x3D, 14: 0x3E, 15: 0x3F, 17: 0x40, 18: 0x41, 19: 0x42, 20: 0x43, 21: 0x44}
_GREY, _FUNCTION = 0xE0, 0


class Keys(DllState):
    """What ``_ungetch`` put back, and second halves of keys without a character."""

    per_dll = True

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self.files = process.service(Files)
        self.put_back: int | None = None
        self.rest: list[int] = []

    def console(self) -> ConsoleDevice | None:
        """The console of the process; None where it has none."""
        return self.files.console()

    def waits(self, guest: Guest) -> bool:
        console = self.console()
        return self.put_back is not None or bool(self.rest) or (console is not None and console.key_waits(guest))

    def read(self, guest: Guest) -> Steps[int]:
        """The next code of the keyboard, or EOF."""
        if self.put_back is not None:
            code, self.put_back = self.put_back, None
            return code
        if self.rest:
            return self.rest.pop(0)
        console = self.console()
        if console is None:
            return EOF
        text = yield from console.read_key(guest)
        if not text:
            return EOF
        code = ord(text)
        if code == _ESCAPE and console.key_waits(guest):
            return (yield from self._sequence(guest, console))
        return {_RUBOUT: _BACKSPACE, 10: _RETURN}.get(code, code)

    def _sequence(self, guest: Guest, console: ConsoleDevice) -> Steps[int]:
        """A key that the terminal tells by several characters: two codes, of which the second is the next read."""
        text = ""
        while len(text) < _LONGEST_SEQUENCE and console.key_waits(guest):
            text += yield from console.read_key(guest)
            found = extended(text)
            if found is not None:
                self.rest.append(found[1])
                return found[0]
        self.rest += map(ord, text)
        return _ESCAPE


def extended(text: str) -> tuple[int, int] | None:
    """The codes of a key, by what a terminal sends for it after an escape character."""
    lead, last = text[:1], text[1:]
    if lead == "O" and last in _FUNCTIONS:
        return _FUNCTION, _FUNCTIONS[last]
    if lead in "[O" and last in _ARROWS:
        return _GREY, _ARROWS[last]
    if lead == "[" and last.endswith("~") and last[:-1].isdecimal():
        number = int(last[:-1])
        if number in _NUMBERED:
            return _FUNCTION, _NUMBERED[number]
        if number in _KEYPAD:
            return _GREY, _KEYPAD[number]
    return None


def _show(keys: Keys, data: bytes) -> bool:
    """Writes bytes in the console's code page; False where there is no console."""
    console = keys.console()
    if console is None:
        return False
    page = codepage(console.output_page)
    return _show_text(keys, data.decode("latin-1") if page is None else page.decode(data))


def _show_text(keys: Keys, text: str) -> bool:
    console = keys.console()
    if console is None:
        return False
    try:
        console.write_text(text)
    except NtError:
        return False
    return True


def _narrow_code(keys: Keys, code: int) -> int:
    """A unit in the console's input code page; EOF for none."""
    console = keys.console()
    if code < 0x80 or console is None:
        return code
    page = codepage(console.input_page)
    data = page.encode(chr(code))[0] if page is not None else b""
    keys.rest[:0] = data[1:]
    return data[0] if data else EOF


# -- keys ------------------------------------------------------------------------------------------------------------


@shared.export(aliases=("_getch_nolock",))
def _getch(guest: Guest, *, keys: Keys) -> Steps[INT]:
    known = keys.put_back is not None or bool(keys.rest)
    code = yield from keys.read(guest)
    return code if known or keys.rest else _narrow_code(keys, code)


@shared.export(aliases=("_getche_nolock",))
def _getche(guest: Guest, *, keys: Keys) -> Steps[INT]:
    if keys.put_back is not None or keys.rest:
        return (yield from keys.read(guest))
    code = yield from keys.read(guest)
    if not keys.rest and code != EOF:
        _show_text(keys, chr(code))
        return _narrow_code(keys, code)
    return code


@shared.export(fails=WEOF, aliases=("_getwch_nolock",))
def _getwch(guest: Guest, *, keys: Keys) -> Steps[WINT_T]:
    code = yield from keys.read(guest)
    return WEOF if code == EOF else code


@shared.export(fails=WEOF, aliases=("_getwche_nolock",))
def _getwche(guest: Guest, *, keys: Keys) -> Steps[WINT_T]:
    again = keys.put_back is not None or bool(keys.rest)
    code = yield from keys.read(guest)
    if code != EOF and not again and not keys.rest:
        _show_text(keys, chr(code))
    return WEOF if code == EOF else code


@shared.export(aliases=("_ungetch_nolock",))
def _ungetch(guest: Guest, c: INT, *, keys: Keys) -> INT:
    if c == EOF or keys.put_back is not None:
        return EOF
    keys.put_back = c & 0xFF
    return c


@shared.export(fails=WEOF, aliases=("_ungetwch_nolock",))
def _ungetwch(guest: Guest, c: WINT_T, *, keys: Keys) -> WINT_T:
    if c == WEOF or keys.put_back is not None:
        return WEOF
    keys.put_back = c
    return c


@shared.export
def _kbhit(guest: Guest, *, keys: Keys) -> INT:
    return int(keys.waits(guest))


# -- text ------------------------------------------------------------------------------------------------------------


@shared.export(aliases=("_putch_nolock",))
def _putch(guest: Guest, c: INT, *, keys: Keys) -> INT:
    return c if _show(keys, bytes((c & 0xFF,))) else EOF


@shared.export(fails=WEOF, aliases=("_putwch_nolock",))
def _putwch(guest: Guest, c: WCHAR, *, keys: Keys) -> WINT_T:
    return c if _show_text(keys, chr(c)) else WEOF


@shared.export
def _cputs(guest: Guest, str: PCSTR | None, *, keys: Keys) -> INT:
    if str is None:
        raise InvalidParameter(EINVAL)
    return 0 if _show(keys, str) else -1


@shared.export
def _cputws(guest: Guest, str: PCWSTR | None, *, keys: Keys) -> INT:
    if str is None:
        raise InvalidParameter(EINVAL)
    return 0 if _show_text(keys, str) else -1


@shared.export(fails=0)
def _cgets(guest: Guest, buffer: PVOID, *, keys: Keys) -> Steps[PVOID]:
    """A line: ``buffer[0]`` is its greatest length with NUL, ``buffer[1]`` becomes its length, the text follows."""
    room = guest.memory.u8(buffer) if buffer else 0
    if not room:
        raise InvalidParameter(EINVAL)
    console = keys.console()
    if console is None:
        return 0
    yield from console.wait(guest)
    line: bytes = console.read(room + 1)
    end = min((at for at in (line.find(b"\r"), line.find(b"\n")) if at >= 0), default=len(line))
    text = line[: min(end, room - 1)]
    guest.memory.write(buffer + 1, bytes((len(text),)) + text + b"\0")
    return buffer + 2


def _printed(keys: Keys, data: bytes) -> int:
    return len(data) if _show(keys, data) else -1


def _printed_wide(keys: Keys, text: str) -> int:
    return len(text) if _show_text(keys, text) else -1


def _cprintf(guest: Guest, format: PCSTR | None, args: VarArgs, *, keys: Keys, formats: Formats) -> INT:
    return _printed(keys, printing.narrow_text(format, args, formats.plain(guest)))


def _cwprintf(guest: Guest, format: PCWSTR | None, args: VarArgs, *, keys: Keys, formats: Formats) -> INT:
    return _printed_wide(keys, printing.wide_text(format, args, formats.plain(guest)))


def _cprintf_l(
    guest: Guest, format: PCSTR | None, locale: PVOID, args: VarArgs, *, keys: Keys, formats: Formats
) -> INT:
    return _printed(keys, printing.narrow_text(format, args, formats.options(guest, 0, locale)))


def _cwprintf_l(
    guest: Guest, format: PCWSTR | None, locale: PVOID, args: VarArgs, *, keys: Keys, formats: Formats
) -> INT:
    return _printed_wide(keys, printing.wide_text(format, args, formats.options(guest, 0, locale)))


_FUNCTIONS_OF_MSVCRT: Sequence[object] = (_cprintf, _cwprintf, _cprintf_l, _cwprintf_l)
for _function in _FUNCTIONS_OF_MSVCRT:
    _name: str = _function.__name__  # type: ignore[attr-defined]
    export_both(msvcrt, _name, "_v" + _name[1:], _function)


def _ucrt_family(suffix: str, bits: int) -> None:
    """__conio_common_vcprintf and its wide form."""

    def vcprintf(
        guest: Guest, options: UINT64, format: PCSTR | None, locale: PVOID, args: VaList, *, keys: Keys,
        formats: Formats,
    ) -> INT:  # fmt: skip
        made = formats.options(guest, options & OPTION_BITS | bits, locale)
        return _printed(keys, printing.narrow_text(format, args, made))

    def vcwprintf(
        guest: Guest, options: UINT64, format: PCWSTR | None, locale: PVOID, args: VaList, *, keys: Keys,
        formats: Formats,
    ) -> INT:  # fmt: skip
        made = formats.options(guest, options & OPTION_BITS | bits, locale)
        return _printed_wide(keys, printing.wide_text(format, args, made))

    for function in (vcprintf, vcwprintf):
        ucrtbase.export(name=f"__conio_common_{function.__name__}{suffix}")(function)


_ucrt_family("", 0)
_ucrt_family("_s", STRICT)
_ucrt_family("_p", POSITIONAL)
