"""How long two groups of customers waited, compared; and working time for many tickets at once.

The difference is the Hodges-Lehmann shift, the median of all differences between a ticket of the one group and a
ticket of the other, with the confidence interval that belongs to the Mann-Whitney test. It supposes no distribution,
and few tickets that took for ever do not move it.

Sources: Hodges & Lehmann (1963), "Estimates of location based on rank tests"; Moses (1965), "Confidence limits from
rank tests"; Lehmann (1975), "Nonparametrics: statistical methods based on ranks", chapter 2.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import floor, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

CONFIDENCE: Final = 0.95
# With fewer tickets in either group, an interval of that confidence says next to nothing.
TICKETS_NEEDED: Final = 10
MINUTES_PER_HOUR: Final = 60
SECONDS_PER_HOUR: Final = 3600
EPOCH: Final = datetime(1970, 1, 1)


@dataclass(frozen=True)
class Waits:
    """How long the tickets of a group waited: minutes, ascending and different, and how many tickets each.

    Memory depends on how long tickets wait, not on how many there are.
    """

    minutes: Integers
    counts: Integers

    @classmethod
    def of(cls, hours: Floats) -> "Waits":
        """From the hours of each ticket, in any order.

        >>> Waits.of(np.array([0.5, 0.1668, 0.5, 0.1666]))
        Waits(minutes=array([10, 30]), counts=array([2, 2]))
        """
        minutes = np.rint(hours * MINUTES_PER_HOUR).astype(np.int64)
        return cls(*np.unique(minutes, return_counts=True))

    @property
    def total(self) -> int:
        return int(self.counts.sum())


@dataclass(frozen=True)
class Shift:
    """How many hours longer the one group waits: estimate and bounds of the interval; None with too few tickets."""

    count: int
    other_count: int
    hours: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def verdict(self) -> str:
        """What the numbers carry: ``few`` tickets, no difference (``none``), ``longer`` or ``shorter``.

        >>> Shift(50, 50, 1.0, 0.5, 2.0).verdict, Shift(50, 50, 1.0, -0.5, 2.0).verdict, Shift(3, 90).verdict
        ('longer', 'none', 'few')
        """
        if self.low is None or self.high is None:
            return "few"
        if self.low > 0:
            return "longer"
        return "shorter" if self.high < 0 else "none"


def compare(waits: Waits, others: Waits, confidence: float = CONFIDENCE) -> Shift:
    """How much longer the tickets of a group waited than those of the other.

    Ties make the interval wider, never narrower. Tickets are taken as independent of each other. Exact to the minute;
    cost is in the number of different minutes, not of tickets.

    Source: Hodges & Lehmann (1963); Moses (1965) for the interval.

    >>> slow, quick = (Waits.of(np.arange(0, 10, 0.5) + late) for late in (4, 0))
    >>> compare(slow, quick).hours, compare(slow, quick).verdict, compare(quick, quick).verdict
    (4.0, 'longer', 'none')
    """
    n, m = waits.total, others.total
    if min(n, m) < TICKETS_NEEDED:
        return Shift(n, m)
    pairs = n * m
    width = -float(ndtri((1 - confidence) / 2)) * sqrt(pairs * (n + m + 1) / 12)
    first = max(1, floor(pairs / 2 - width))
    ranks = (first, (pairs + 1) // 2, pairs // 2 + 1, pairs + 1 - first)
    low, under, over, high = (_difference(waits, others, rank) for rank in ranks)
    return Shift(
        n,
        m,
        (under + over) / 2 / MINUTES_PER_HOUR,
        low / MINUTES_PER_HOUR,
        high / MINUTES_PER_HOUR,
    )


def _difference(waits: Waits, others: Waits, rank: int) -> int:
    """The difference of that rank, 1 the least, among all pairs of a wait and one of the others."""
    below = np.concatenate(([0], np.cumsum(others.counts)))
    total = int(below[-1])

    def count(limit: int) -> int:
        """The pairs whose difference is not above the limit: others that waited at least that long."""
        places = np.searchsorted(others.minutes, waits.minutes - limit, side="left")
        return int(np.dot(waits.counts, total - below[places]))

    low = int(waits.minutes[0] - others.minutes[-1])
    high = int(waits.minutes[-1] - others.minutes[0])
    while low < high:
        middle = (low + high) // 2
        if count(middle) >= rank:
            high = middle
        else:
            low = middle + 1
    return low


def median_and_p90(hours: Floats) -> tuple[float, float]:
    """The median and the 90th percentile, between the two tickets next to it where there is none; 0 for no ticket.

    >>> median_and_p90(np.array([4.0, 1.0, 2.0, 3.0])), median_and_p90(np.array([]))
    ((2.5, 3.7), (0.0, 0.0))
    """
    if not len(hours):
        return 0.0, 0.0
    median, p90 = np.percentile(hours, (50, 90))
    return float(median), float(p90)


class Clock:
    """Working time between moments, for as many tickets as you like at once.

    :param intervals: working intervals (begin, end), naive, ascending, not overlapping; None: round the clock.
    """

    def __init__(self, intervals: Sequence[tuple[datetime, datetime]] | None) -> None:
        self.is_round = intervals is None
        table = np.array(
            [(seconds(begin), seconds(end)) for begin, end in intervals or ()],
            dtype=np.float64,
        ).reshape(-1, 2)
        self.begins = table[:, 0]
        self.worked = np.concatenate(([0.0], np.cumsum(table[:, 1] - table[:, 0])))
        self.knots = table.ravel()
        self.heights = np.stack((self.worked[:-1], self.worked[1:]), axis=1).ravel()

    def hours(self, starts: Floats, ends: Floats) -> Floats:
        """Working hours from each start to its end, in seconds since 1970; 0 where the end is not after the start.

        >>> day = datetime(2026, 3, 2)
        >>> clock = Clock([(day.replace(hour=8), day.replace(hour=12)), (day.replace(hour=13), day.replace(hour=17))])
        >>> moments = [np.array([seconds(day.replace(hour=hour))]) for hour in (11, 14)]
        >>> clock.hours(*moments).tolist(), Clock(None).hours(*moments).tolist(), Clock([]).hours(*moments).tolist()
        ([2.0], [3.0], [0.0])
        """
        spent: Floats = self._worked(ends) - self._worked(starts)
        result: Floats = np.maximum(spent, 0.0) / SECONDS_PER_HOUR
        return result

    def deadlines(self, starts: Floats, hours: Floats) -> Floats:
        """When so many working hours have passed since each start; infinite where the intervals hold fewer.

        >>> day = datetime(2026, 3, 2)
        >>> clock = Clock([(day.replace(hour=8), day.replace(hour=12)), (day.replace(hour=13), day.replace(hour=17))])
        >>> found = clock.deadlines(np.array([seconds(day.replace(hour=11))] * 2), np.array([2.0, 9.0]))
        >>> str(moment(found[0])), moment(found[1])
        ('2026-03-02 14:00:00', None)
        """
        if self.is_round:
            return starts + hours * SECONDS_PER_HOUR
        targets = self._worked(starts) + hours * SECONDS_PER_HOUR
        found = np.full(len(targets), np.inf)
        places = np.searchsorted(self.worked, targets - 1e-6, side="left") - 1
        known = np.flatnonzero((places >= 0) & (places < len(self.begins)))
        into = targets[known] - self.worked[places[known]]
        found[known] = self.begins[places[known]] + into
        return found

    def _worked(self, moments: Floats) -> Floats:
        """Seconds worked until each moment."""
        if self.is_round:
            return moments
        if not len(self.knots):
            return np.zeros(len(moments))
        result: Floats = np.interp(moments, self.knots, self.heights)
        return result


def seconds(at: datetime) -> float:
    """Seconds since 1970 of a naive moment.

    >>> seconds(datetime(1970, 1, 2))
    86400.0
    """
    return (at - EPOCH).total_seconds()


def moment(at: float) -> datetime | None:
    """The naive moment of so many seconds since 1970, to the second; None for one that never comes.

    >>> moment(86400.4), moment(float("inf"))
    (datetime.datetime(1970, 1, 2, 0, 0), None)
    """
    return EPOCH + timedelta(seconds=round(at)) if np.isfinite(at) else None
