"""When a promise given in working hours falls due, and how what is left of it is said."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

MINUTES_PER_HOUR: Final = 60
SECONDS_PER_HOUR: Final = 3600
HOURS_PER_DAY: Final = 24


def deadline(
    intervals: Sequence[tuple[datetime, datetime]], start: datetime, hours: float
) -> datetime | None:
    """The moment at which so many working hours have passed since the start.

    :param intervals: working intervals (begin, end), ascending, not overlapping.
    :param start: when the clock starts, inside or outside of working time.
    :param hours: working hours, above 0.
    :return: the deadline, or None where the intervals hold fewer hours than promised.

    >>> day = datetime(2026, 3, 2)
    >>> work = [(day.replace(hour=8), day.replace(hour=17)),
    ...         (day.replace(day=3, hour=8), day.replace(day=3, hour=17))]
    >>> deadline(work, day.replace(hour=16), 3)
    datetime.datetime(2026, 3, 3, 10, 0)
    >>> deadline(work, day.replace(hour=16), 11) is None
    True
    """
    left = timedelta(hours=hours)
    first = bisect_right(intervals, start, key=lambda interval: interval[1])
    for begin, end in islice(intervals, first, None):
        begin = max(begin, start)
        if end - begin >= left:
            return begin + left
        left -= end - begin
    return None


def hours_between(
    intervals: Sequence[tuple[datetime, datetime]] | None,
    start: datetime,
    end: datetime,
) -> float:
    """Working hours between two moments, 0 where the end is not after the start.

    :param intervals: working intervals (begin, end), ascending, not overlapping; None for round the clock.

    >>> day = datetime(2026, 3, 2)
    >>> work = [(day.replace(hour=8), day.replace(hour=12)), (day.replace(hour=13), day.replace(hour=17))]
    >>> hours_between(work, day.replace(hour=11), day.replace(hour=14))
    2.0
    >>> hours_between(None, day.replace(hour=11), day.replace(hour=14))
    3.0
    """
    if intervals is None:
        return max(0.0, (end - start).total_seconds() / SECONDS_PER_HOUR)
    total = 0.0
    first = bisect_right(intervals, start, key=lambda interval: interval[1])
    for begin, stop in islice(intervals, first, None):
        if begin >= end:
            break
        total += (min(stop, end) - max(begin, start)).total_seconds()
    return total / SECONDS_PER_HOUR


def split_duration(seconds: float) -> tuple[int, int, int]:
    """Days, hours and minutes of a duration, its sign dropped, seconds cut off.

    >>> split_duration(90061)
    (1, 1, 1)
    >>> split_duration(-3600)
    (0, 1, 0)
    """
    minutes = int(abs(seconds)) // 60
    hours, minutes = divmod(minutes, MINUTES_PER_HOUR)
    days, hours = divmod(hours, HOURS_PER_DAY)
    return days, hours, minutes


def group_week(
    attendances: Iterable[tuple[int, float, float]],
) -> list[tuple[list[int], list[tuple[float, float]]]]:
    """The weekdays that have the same working hours, together, each group with its hours.

    :param attendances: weekday (0 = Monday), hour from, hour to; in any order. Hours that touch
        or overlap become one.

    >>> group_week([(0, 12, 13), (0, 8, 12), (1, 8, 13), (2, 9, 10), (2, 11, 12)])
    [([0, 1], [(8, 13)]), ([2], [(9, 10), (11, 12)])]
    """
    by_day: dict[int, list[tuple[float, float]]] = {}
    for day, start, stop in sorted(attendances):
        hours = by_day.setdefault(day, [])
        if hours and start <= hours[-1][1]:
            hours[-1] = (hours[-1][0], max(hours[-1][1], stop))
        else:
            hours.append((start, stop))
    groups: list[tuple[list[int], list[tuple[float, float]]]] = []
    for day, hours in by_day.items():
        same = next((days for days, known in groups if known == hours), None)
        if same is None:
            groups.append(([day], hours))
        else:
            same.append(day)
    return groups


def runs(days: Iterable[int]) -> list[tuple[int, int]]:
    """Days in a row as (first, last).

    >>> runs([0, 1, 2, 4, 6])
    [(0, 2), (4, 4), (6, 6)]
    """
    found: list[tuple[int, int]] = []
    for day in sorted(days):
        if found and found[-1][1] == day - 1:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found
