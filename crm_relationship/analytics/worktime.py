"""When a promise given in working hours falls due, and how what is left of it is said."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

MINUTES_PER_HOUR: Final = 60
HOURS_PER_DAY: Final = 24


def deadline(
    intervals: Iterable[tuple[datetime, datetime]], hours: float
) -> datetime | None:
    """The moment at which so many working hours have passed.

    :param intervals: working intervals (start, stop), ascending, not overlapping; the
        first one starts when the clock starts.
    :param hours: working hours, above 0.
    :return: the deadline, or None where the intervals hold fewer hours than promised.

    >>> day = datetime(2026, 3, 2)
    >>> work = [(day.replace(hour=16), day.replace(hour=17)),
    ...         (day.replace(day=3, hour=8), day.replace(day=3, hour=17))]
    >>> deadline(work, 3)
    datetime.datetime(2026, 3, 3, 10, 0)
    >>> deadline(work, 11) is None
    True
    """
    left = timedelta(hours=hours)
    for start, stop in intervals:
        if stop - start >= left:
            return start + left
        left -= stop - start
    return None


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
