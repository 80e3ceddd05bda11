"""How often a customer buys, when he is expected next, and how late he is by his own rhythm.

All purchases of a day count once. The interval is the median of the gaps, so that one long pause does not move it.
"""

from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

Days: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = "np.ma.MaskedArray[Any, np.dtype[np.float64]]"
Whole: TypeAlias = "np.ma.MaskedArray[Any, np.dtype[np.int64]]"

# Two gaps at least: one gap is no rhythm.
SMALLEST_DAY_COUNT: Final = 3
TOO_FEW: Final = "too_few_purchase_days"
# numpy has no types for it
masked_array: Any = np.ma.MaskedArray


@dataclass(frozen=True)
class Intervals:
    """One row per customer, ascending. What is masked is not known; ``tolist()`` gives None there.

    ``spread_days`` is the interquartile range of the gaps. ``overdue_ratio`` is the days since the last purchase over
    the interval: above 1 he is late. ``reason`` says why there is no interval, and is empty where there is one.
    """

    customer: Days
    purchase_day_count: Days
    first_day: Days
    last_day: Days
    interval_days: Floats
    spread_days: Floats
    next_day: Whole
    overdue_ratio: Floats
    reason: list[str]


def purchase_intervals(
    customer: npt.ArrayLike, day: npt.ArrayLike, today: int
) -> Intervals:
    """The rhythm of each customer from all purchases, in any order, several a day allowed.

    :param customer: whole number of the customer of each purchase.
    :param day: day of each purchase as a whole number; those after today are left out.

    >>> found = purchase_intervals([7, 7, 7, 7, 8, 8, 8], [100, 110, 110, 130, 5, 9, 500], today=160)
    >>> found.customer.tolist(), found.purchase_day_count.tolist(), found.last_day.tolist()
    ([7, 8], [3, 2], [130, 9])
    >>> found.interval_days.tolist(), found.spread_days.tolist(), found.next_day.tolist()
    ([15.0, None], [5.0, None], [145, None])
    >>> found.overdue_ratio.tolist(), found.reason
    ([2.0, None], ['', 'too_few_purchase_days'])
    """
    customers, days = np.asarray(customer, np.int64), np.asarray(day, np.int64)
    past = days <= today
    customers, days = _distinct(customers[past], days[past])
    is_first = _starts(customers)
    first = np.flatnonzero(is_first)
    count = np.diff(np.append(first, customers.size))
    first_day, last_day = days[first], days[first + count - 1]
    gaps = np.diff(days, prepend=0)[~is_first].astype(np.float64)
    low, middle, high = gap_quantiles(customers[~is_first], gaps, (0.25, 0.5, 0.75))
    few = count < SMALLEST_DAY_COUNT
    interval, spread = np.ones(count.size), np.zeros(count.size)
    # whoever has a gap has a row of quantiles, in the same order
    interval[count > 1], spread[count > 1] = middle, high - low
    return Intervals(
        customers[first],
        count,
        first_day,
        last_day,
        masked_array(interval, mask=few),
        masked_array(spread, mask=few),
        masked_array(last_day + np.floor(interval + 0.5).astype(np.int64), mask=few),
        masked_array((today - last_day) / interval, mask=few),
        np.where(few, TOO_FEW, "").tolist(),
    )


def gap_quantiles(
    customer: npt.ArrayLike, gap: npt.ArrayLike, quantiles: tuple[float, ...]
) -> tuple[npt.NDArray[np.float64], ...]:
    """Quantiles of the gaps of each customer, interpolated between neighbours: one array per quantile,
    one value per customer, ascending.

    >>> gap_quantiles([2, 1, 2, 2], [30, 5, 10, 11], (0.5, 0.75))
    (array([ 5., 11.]), array([ 5. , 20.5]))
    """
    customers, gaps = np.asarray(customer), np.asarray(gap, np.float64)
    order = np.lexsort((gaps, customers))
    customers, gaps = customers[order], gaps[order]
    first = np.flatnonzero(_starts(customers))
    last = np.diff(np.append(first, customers.size)) - 1

    def quantile(share: float) -> npt.NDArray[np.float64]:
        place = share * last
        lower = np.floor(place).astype(np.int64)
        below, above = gaps[first + lower], gaps[first + np.minimum(lower + 1, last)]
        return np.asarray(below + (place - lower) * (above - below))

    return tuple(quantile(share) for share in quantiles)


def _distinct(customers: Days, days: Days) -> tuple[Days, Days]:
    """One row per customer and day, in their order."""
    order = np.lexsort((days, customers))
    customers, days = customers[order], days[order]
    kept = _starts(customers) | (np.diff(days, prepend=0) != 0)
    return customers[kept], days[kept]


def _starts(customers: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """True in the first row of each customer."""
    starts = np.ones(customers.size, dtype=np.bool_)
    starts[1:] = customers[1:] != customers[:-1]
    return starts
