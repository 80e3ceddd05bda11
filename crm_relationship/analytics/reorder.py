"""Who is due to buy something again, by his own rhythm.

Source: the median gap between purchases is the interpurchase time of Ehrenberg (1988), "Repeat-Buying"; the median
because one long gap (a holiday, a late order) would move the mean.
"""

from typing import Final, NamedTuple

import numpy as np

from .significance import Flags, Floats, Integers

# A rhythm needs two gaps at least; after three rhythms without a purchase the customer has stopped.
MINIMUM_DAYS: Final = 3
STOPPED_AFTER: Final = 3


class Due(NamedTuple):
    """Arrays of one length, by customer and item: days are whole numbers on the scale of the input."""

    customers: Integers
    items: Integers
    intervals: Integers
    last_days: Integers
    quantities: Floats
    purchases: Integers

    def take(self, index: Integers | Flags) -> "Due":
        """Those at these places."""
        return Due(
            self.customers[index],
            self.items[index],
            self.intervals[index],
            self.last_days[index],
            self.quantities[index],
            self.purchases[index],
        )

    def most_bought(self, n: int) -> "Due":
        """For each customer at most n, those bought on the most days."""
        order = np.lexsort((self.items, -self.purchases, self.customers))
        ranked = self.take(order)
        begins = np.flatnonzero(_differs(ranked.customers))
        lengths = np.diff(np.append(begins, len(order)))
        rank = np.arange(len(order)) - np.repeat(begins, lengths)
        return ranked.take(rank < n)


def due_reorders(
    customers: Integers,
    items: Integers,
    days: Integers,
    quantities: Floats,
    today: int,
) -> Due:
    """What each customer buys in a rhythm and should have bought again by today.

    :param days: day of each purchase as a whole number; several on one day are one purchase.
    :param quantities: of each purchase; what comes back is that of the last day.

    >>> ones, days = np.ones(3, dtype=np.int64), np.array([0, 30, 60])
    >>> due = due_reorders(ones, ones * 7, days, ones * 2.0, today=101)
    >>> [values.tolist() for values in due]
    [[1], [7], [30], [60], [2.0], [3]]
    >>> len(due_reorders(ones, ones * 7, days, ones * 2.0, today=89).items)
    0
    """
    if not len(days):
        return Due(days, days, days, days, quantities, days)
    order = np.lexsort((days, items, customers))
    customers, items, days, quantities = (
        values[order] for values in (customers, items, days, quantities)
    )
    customers, items, days, quantities = _by_day(customers, items, days, quantities)
    new = _differs(customers, items)
    starts = np.flatnonzero(new)
    ends = np.append(starts[1:], len(days))
    intervals = _median_gaps(new, starts, ends, days)
    last = ends - 1
    waited = today - days[last]
    is_due = (ends - starts >= MINIMUM_DAYS) & (waited >= intervals)
    is_due &= waited <= STOPPED_AFTER * intervals
    last = last[is_due]
    return Due(
        customers[last],
        items[last],
        intervals[is_due],
        days[last],
        quantities[last],
        (ends - starts)[is_due],
    )


def _differs(*columns: Integers) -> Integers:
    """1 where a row differs from the one before, in sorted columns."""
    changed = np.ones(len(columns[0]), dtype=np.int64)
    changed[1:] = np.any([values[1:] != values[:-1] for values in columns], axis=0)
    return changed


def _by_day(
    customers: Integers, items: Integers, days: Integers, quantities: Floats
) -> tuple[Integers, Integers, Integers, Floats]:
    """One row per customer, item and day, quantities added up."""
    starts = np.flatnonzero(_differs(customers, items, days))
    total = np.add.reduceat(quantities, starts)
    return customers[starts], items[starts], days[starts], total


def _median_gaps(
    new: Integers, starts: Integers, ends: Integers, days: Integers
) -> Integers:
    """Median gap of each run of days, rounded half up to whole days; 0 where there is no gap."""
    run = np.cumsum(new) - 1
    gaps = np.diff(days, prepend=days[:1])
    gaps[starts] = -1  # the first of each run has none, and sorts first
    gaps = gaps[np.lexsort((gaps, run))]
    count = ends - starts - 1
    low = starts + 1 + np.maximum(count - 1, 0) // 2
    high = starts + 1 + count // 2
    top = ends - 1
    middle = (gaps[np.minimum(low, top)] + gaps[np.minimum(high, top)] + 1) // 2
    found: Integers = np.where(count > 0, middle, 0)
    return found
