"""The time zone of one run-time: `_tzset`, and the variables that describe it."""

import struct
from typing import Any

from litebox_core.abi import INT, LONG, PVOID, SIZE_T, Out
from litebox_core.crterrno import EINVAL, ERANGE
from litebox_core.dll import RETURN_ERROR
from litebox_core.guest import Guest
from litebox_core.process import DllState, Process
from litebox_core.services import Clock

from .base import InvalidParameter, Runtime, msvcrt, shared, ucrtbase
from .engines.calendar import TimeZone, Transition, united_states_rule

EPOCH = 116_444_736_000_000_000
"""1970-01-01 as a FILETIME."""

NAME_SIZE = 64

PACIFIC = TimeZone(28800, -3600, "PST", "PDT", united_states_rule)
"""What the variables say before `_tzset` is called."""


class Zone(DllState):
    """The time zone that localtime uses, and its variables in guest memory."""

    per_dll = True

    def __init__(self, process: Process, dll: str) -> None:
        super().__init__(process, dll)
        self.runtime = process.state(Runtime, dll)
        self._known = PACIFIC
        self._asked = False
        self._names = process.heaps_allocate(2 * NAME_SIZE)
        self._show(PACIFIC, self.variable("_timezone"), self.variable("_daylight"), self.variable("_dstbias"))
        names = self.variable("_tzname", 16)
        process.memory.put_pointer(names, self._names)
        process.memory.put_pointer(names + 8, self._names + NAME_SIZE)

    def variable(self, name: str, size: int = 4) -> int:
        return self.runtime.variable(name, size)

    def _show(self, zone: TimeZone, timezone: int, daylight: int, dstbias: int) -> None:
        memory = self.process.memory
        memory.put_u32(timezone, zone.bias)
        flag = int(zone.rule is not None)
        if flag and zone is not PACIFIC and not self.runtime.ucrt and len(zone.daylight_name) <= 3:
            # MSVCRT keeps the first letter of the name that TZ gives
            flag = ord(zone.daylight_name[:1] or "\1")
        memory.put_u32(daylight, flag)
        memory.put_u32(dstbias, zone.daylight_bias)
        for index, name in enumerate((zone.name, zone.daylight_name)):
            memory.put_cstr(self._names + index * NAME_SIZE, memory.ansi_encode(name)[: NAME_SIZE - 1])

    @property
    def current(self) -> TimeZone:
        """The zone; found out at the first use, even after `_tzset`."""
        if not self._asked:
            self._asked = True
            self.set()
        return self._known

    def set(self) -> TimeZone:
        """_tzset: the TZ environment variable, or the system's zone."""
        zone = from_variable(self.process.environment_variable("TZ"))
        bias = self.variable("_dstbias")
        if zone is None:
            zone = from_system(self.process.service(Clock))
        else:
            # TZ says nothing about the bias of summer: it stays what the program or the system made it
            zone = zone._replace(daylight_bias=self.process.memory.i32(bias))
        self._known = zone
        self._show(zone, self.variable("_timezone"), self.variable("_daylight"), bias)
        return zone


def from_variable(text: str) -> TimeZone | None:
    """The zone that TZ names, such as ``EST5EDT`` or ``NST-3:30``; None for a text that is not of this form."""
    name, rest = text[:3], text[3:]
    if len(name) < 3 or not name.isalpha():
        return None
    sign = -1 if rest[:1] == "-" else 1
    rest = rest[1:] if rest[:1] in ("-", "+") else rest
    seconds = 0
    for unit in (3600, 60, 1):
        digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
        if unit == 3600 and not digits:
            return None
        seconds += unit * int(digits[:4] or "0")
        rest = rest[len(digits) :]
        if rest[:1] != ":":
            break
        rest = rest[1:]
    return TimeZone(sign * seconds, -3600, name, rest[:3], united_states_rule if rest else None)


def _transition(rule: Any) -> Transition:
    return Transition(rule.month, rule.week, rule.weekday, rule.hour * 3600 + rule.minute * 60 + rule.second)


def from_system(clock: Clock) -> TimeZone:
    zone = clock.zone()

    def rule(year: int) -> tuple[Transition, Transition] | None:
        rules = zone.year(year)
        if not rules.daylight_rule.month:
            return None
        return _transition(rules.daylight_rule), _transition(rules.standard_rule)

    year = 1970 + int((clock.system_time() - EPOCH) // 10_000_000 / 31_556_952)
    now = zone.year(year)
    has_daylight = bool(now.daylight_rule.month)
    return TimeZone(
        60 * (now.bias + now.standard_bias),
        60 * (now.daylight_bias - now.standard_bias) if has_daylight else 0,
        now.standard_name,
        now.daylight_name,
        rule if has_daylight else None,
    )


@shared.export
def _tzset(guest: Guest, *, zone: Zone) -> None:
    zone.set()


def _declare_variable(name: str, size: int) -> None:
    """An exported variable and ``__p_`` function of MSVCRT, and the function of the UCRT."""

    def place(process: Process, addr: int) -> None:
        process.state(Runtime, "msvcrt").place(name, addr)
        if name == "_tzname":
            process.state(Zone, "msvcrt")

    def pointer(guest: Guest, *, zone: Zone) -> PVOID:
        return zone.variable(name, size)

    msvcrt.data(name, size, place)
    msvcrt.export(name="__p_" + name)(pointer)
    (shared if name in ("_daylight", "_dstbias") else ucrtbase).export(name="_" + name)(pointer)


# _tzname is the last: when it has its place, all have
for _name, _size in (("_timezone", 4), ("_daylight", 4), ("_dstbias", 4), ("_tzname", 16)):
    _declare_variable(_name, _size)


def _answer(guest: Guest, out: Any, addr: int) -> int:
    if not out:
        raise InvalidParameter(EINVAL)
    out.value = guest.memory.i32(addr)
    return 0


@ucrtbase.export(fails=RETURN_ERROR)
def _get_timezone(guest: Guest, seconds: Out[LONG], *, zone: Zone) -> INT:
    return _answer(guest, seconds, zone.variable("_timezone"))


@ucrtbase.export(fails=RETURN_ERROR)
def _get_daylight(guest: Guest, hours: Out[INT], *, zone: Zone) -> INT:
    return _answer(guest, hours, zone.variable("_daylight"))


@ucrtbase.export(fails=RETURN_ERROR)
def _get_dstbias(guest: Guest, seconds: Out[LONG], *, zone: Zone) -> INT:
    return _answer(guest, seconds, zone.variable("_dstbias"))


@shared.export(fails=RETURN_ERROR)
def _get_tzname(
    guest: Guest, pReturnValue: Out[SIZE_T], timeZoneName: PVOID, sizeInBytes: SIZE_T, index: INT, *, zone: Zone
) -> INT:
    if (timeZoneName == 0) != (sizeInBytes == 0):
        raise InvalidParameter(EINVAL)
    if timeZoneName:
        guest.memory.put_u8(timeZoneName, 0)
    if not pReturnValue or index not in (0, 1):
        raise InvalidParameter(EINVAL)
    names = struct.unpack("<2Q", guest.memory.read(zone.variable("_tzname", 16), 16))
    text = guest.memory.cstr(names[index])
    pReturnValue.value = len(text) + 1
    if not timeZoneName:
        return 0
    if len(text) >= sizeInBytes:
        return ERANGE
    guest.memory.put_cstr(timeZoneName, text)
    return 0
