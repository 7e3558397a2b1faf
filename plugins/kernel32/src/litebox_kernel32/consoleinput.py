"""consoleapi.h and consoleapi2.h: input records."""

from litebox_core.abi import BOOL, DWORD, HANDLE, PVOID, USHORT, Out
from litebox_core.consoles.keys import BODY, KEY_EVENT, Record
from litebox_core.consoles.records import MOST_RECORDS
from litebox_core.errors import WinError
from litebox_core.guest import Guest, Steps
from litebox_core.nls.codepages import CodePage
from litebox_core.openfiles import ConsoleDevice
from litebox_core.services import Files
from litebox_core.winerror import ERROR_INVALID_ACCESS, ERROR_INVALID_PARAMETER, ERROR_NOT_ENOUGH_MEMORY

from .base import dll
from .consoleapi import console_file, console_of
from .handles import FILE_READ_DATA, FILE_WRITE_DATA, probe
from .strings import requested_page

RECORD = 4 + BODY
"""Bytes of an INPUT_RECORD: what kind of event (a WORD), two bytes that nobody uses, and its union."""


def _wide(record: Record, page: CodePage) -> Record:
    """A record that a program gave with a narrow character."""
    if record.kind != KEY_EVENT:
        return record
    unit = record.key[4] & 0xFF
    text = page.decode(bytes((unit,)))
    return record.with_unit(min(ord(text[0]), 0xFFFF) if text else unit)


def _narrow(record: Record, page: CodePage) -> Record:
    if record.kind != KEY_EVENT or record.key[4] < 0x80:
        return record
    data = page.encode(chr(record.key[4]))[0]
    return record.with_unit(data[0] if data else ord("?"))


def _packed(records: list[Record]) -> bytes:
    return b"".join(record.kind.to_bytes(4, "little") + record.body for record in records)


def _input(guest: Guest, handle: int) -> ConsoleDevice:
    return console_file(guest, handle, False, FILE_READ_DATA)[1]


@dll.export
def GetNumberOfConsoleInputEvents(guest: Guest, hConsoleInput: HANDLE, lpNumberOfEvents: Out[DWORD]) -> BOOL:
    lpNumberOfEvents.value = len(_input(guest, hConsoleInput).records())
    return True


def _give(guest: Guest, buffer: int, found: list[Record], page: CodePage | None, count: Out[DWORD]) -> None:
    if page is not None:
        found = [_narrow(record, page) for record in found]
    guest.memory.write(buffer, _packed(found))
    count.value = len(found)


def _peek(guest: Guest, handle: int, buffer: int, length: int, count: Out[DWORD], narrow: bool) -> bool:
    console = _input(guest, handle)
    page = requested_page(console.input_page) if narrow else None
    probe(guest, buffer, RECORD * length, write=True)
    _give(guest, buffer, console.records().peek(length), page, count)
    return True


def _read(guest: Guest, handle: int, buffer: int, length: int, count: Out[DWORD], narrow: bool) -> Steps[bool]:
    console = _input(guest, handle)
    page = requested_page(console.input_page) if narrow else None
    probe(guest, buffer, RECORD * length, write=True)
    found: list[Record] = []
    if length:
        records = yield from console.wait_for_records(guest)
        found = records.take(length)
    _give(guest, buffer, found, page, count)
    return True


@dll.export
def PeekConsoleInputW(
    guest: Guest, hConsoleInput: HANDLE, lpBuffer: PVOID, nLength: DWORD, lpNumberOfEventsRead: Out[DWORD]
) -> BOOL:
    return _peek(guest, hConsoleInput, lpBuffer, nLength, lpNumberOfEventsRead, False)


@dll.export
def PeekConsoleInputA(
    guest: Guest, hConsoleInput: HANDLE, lpBuffer: PVOID, nLength: DWORD, lpNumberOfEventsRead: Out[DWORD]
) -> BOOL:
    return _peek(guest, hConsoleInput, lpBuffer, nLength, lpNumberOfEventsRead, True)


@dll.export
def ReadConsoleInputW(
    guest: Guest, hConsoleInput: HANDLE, lpBuffer: PVOID, nLength: DWORD, lpNumberOfEventsRead: Out[DWORD]
) -> Steps[BOOL]:
    return (yield from _read(guest, hConsoleInput, lpBuffer, nLength, lpNumberOfEventsRead, False))


@dll.export
def ReadConsoleInputA(
    guest: Guest, hConsoleInput: HANDLE, lpBuffer: PVOID, nLength: DWORD, lpNumberOfEventsRead: Out[DWORD]
) -> Steps[BOOL]:
    return (yield from _read(guest, hConsoleInput, lpBuffer, nLength, lpNumberOfEventsRead, True))


CONSOLE_READ_NOREMOVE, CONSOLE_READ_NOWAIT = 1, 2


def _read_ex(
    guest: Guest, handle: int, buffer: int, length: int, count: Out[DWORD], flags: int, narrow: bool
) -> Steps[bool]:
    console = _input(guest, handle)
    if flags & ~(CONSOLE_READ_NOREMOVE | CONSOLE_READ_NOWAIT):
        raise WinError(ERROR_INVALID_PARAMETER)
    page = requested_page(console.input_page) if narrow else None
    probe(guest, buffer, RECORD * length, write=True)
    if not flags & CONSOLE_READ_NOWAIT and length:
        yield from console.wait_for_records(guest)
    records = console.records()
    found = records.peek(length) if flags & CONSOLE_READ_NOREMOVE else records.take(length)
    _give(guest, buffer, found, page, count)
    return True


@dll.export
def ReadConsoleInputExW(
    guest: Guest, hConsoleInput: HANDLE, lpBuffer: PVOID, nLength: DWORD, lpNumberOfEventsRead: Out[DWORD],
    wFlags: USHORT,
) -> Steps[BOOL]:  # fmt: skip
    return (yield from _read_ex(guest, hConsoleInput, lpBuffer, nLength, lpNumberOfEventsRead, wFlags, False))


@dll.export
def ReadConsoleInputExA(
    guest: Guest, hConsoleInput: HANDLE, lpBuffer: PVOID, nLength: DWORD, lpNumberOfEventsRead: Out[DWORD],
    wFlags: USHORT,
) -> Steps[BOOL]:  # fmt: skip
    return (yield from _read_ex(guest, hConsoleInput, lpBuffer, nLength, lpNumberOfEventsRead, wFlags, True))


def _write(guest: Guest, handle: int, buffer: int, length: int, count: Out[DWORD], narrow: bool) -> bool:
    if length and not buffer:
        raise WinError(ERROR_INVALID_ACCESS)
    _, console = console_file(guest, handle, False, FILE_WRITE_DATA)
    if length > MOST_RECORDS:
        raise WinError(ERROR_NOT_ENOUGH_MEMORY)
    probe(guest, buffer, RECORD * length, write=False)
    data = guest.memory.read(buffer, RECORD * length)
    records = [
        Record(int.from_bytes(data[at : at + 2], "little"), data[at + 4 : at + RECORD])
        for at in range(0, len(data), RECORD)
    ]
    if narrow:
        page = requested_page(console.input_page)
        records = [_wide(record, page) for record in records]
    if records:
        console.add_records(records)
    count.value = length
    return True


@dll.export
def WriteConsoleInputW(
    guest: Guest, hConsoleInput: HANDLE, lpBuffer: PVOID, nLength: DWORD, lpNumberOfEventsWritten: Out[DWORD]
) -> BOOL:
    return _write(guest, hConsoleInput, lpBuffer, nLength, lpNumberOfEventsWritten, False)


@dll.export
def WriteConsoleInputA(
    guest: Guest, hConsoleInput: HANDLE, lpBuffer: PVOID, nLength: DWORD, lpNumberOfEventsWritten: Out[DWORD]
) -> BOOL:
    return _write(guest, hConsoleInput, lpBuffer, nLength, lpNumberOfEventsWritten, True)


@dll.export
def FlushConsoleInputBuffer(guest: Guest, hConsoleInput: HANDLE) -> BOOL:
    _, console = console_file(guest, hConsoleInput, False, FILE_WRITE_DATA)
    console.discard_input()
    return True


@dll.export
def GetNumberOfConsoleMouseButtons(guest: Guest, lpNumberOfMouseButtons: Out[DWORD], *, files: Files) -> BOOL:
    console_of(files)
    lpNumberOfMouseButtons.value = 2
    return True
