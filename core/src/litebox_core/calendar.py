"""The Gregorian calendar over the range of Windows' times: 1601 to 30827, beyond what ``datetime`` holds.

Times are in 100 ns since 1601-01-01.
"""

TICKS = 10_000_000
TICKS_PER_MS = 10_000
DAY_MS = 86_400_000
FIRST_YEAR, LAST_YEAR = 1601, 30827

_MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def days_of_month(year: int, month: int) -> int:
    return 29 if month == 2 and leap(year) else _MONTHS[month - 1]


def days_since_1601(year: int, month: int, day: int) -> int:
    """Days from 1601-01-01 to a date."""
    before = year - 1601
    days = before * 365 + before // 4 - before // 100 + before // 400
    return days + sum(days_of_month(year, m) for m in range(1, month)) + day - 1


def date_of(days: int) -> tuple[int, int, int]:
    """Year, month and day, ``days`` after 1601-01-01."""
    cycles, days = divmod(days, 146_097)
    centuries = min(days // 36_524, 3)
    days -= centuries * 36_524
    fours, days = divmod(days, 1461)
    years = min(days // 365, 3)
    days -= years * 365
    year = 1601 + 400 * cycles + 100 * centuries + 4 * fours + years
    month = 1
    while days >= (length := days_of_month(year, month)):
        days -= length
        month += 1
    return year, month, days + 1


def weekday_of(year: int, month: int, day: int) -> int:
    """The day of the week; 0 is Sunday."""
    return (days_since_1601(year, month, day) + 1) % 7


def parts_of(time: int) -> tuple[int, int, int, int, int, int, int, int]:
    """Year, month, day, hour, minute, second, millisecond and day of the week of a time."""
    days, rest = divmod(time // TICKS_PER_MS, DAY_MS)
    seconds, milliseconds = divmod(rest, 1000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return (*date_of(days), hour, minute, second, milliseconds, (days + 1) % 7)


def time_of_parts(year: int, month: int, day: int, hour: int, minute: int, second: int, millisecond: int) -> int | None:
    """The time; None where there is no such one."""
    if not (
        FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12 and 0 <= hour <= 23 and 0 <= minute <= 59
        and 0 <= second <= 59 and 0 <= millisecond <= 999 and 1 <= day <= days_of_month(year, month)
    ):  # fmt: skip
        return None
    minutes = (days_since_1601(year, month, day) * 24 + hour) * 60 + minute
    return (minutes * 60 + second) * TICKS + millisecond * TICKS_PER_MS
