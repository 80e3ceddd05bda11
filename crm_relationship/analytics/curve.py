"""The whale curve: what the customers bring together, added up from the best to the worst.

The curve climbs while customers earn, peaks, and falls over those who cost more than they bring. What it loses between
peak and end is what the tail destroys. Source: Kaplan, R. S. and Narayanan, V. G. (2001), "Measuring and managing
customer profitability", Journal of Cost Management 15 (5), 5-15.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
POINT_LIMIT: Final = 400
ROUNDING: Final = 1e-9


class NoShare(Enum):
    """Why a share at the peak cannot be told."""

    NO_CUSTOMERS = "no_customers"
    NO_PROFIT = "no_profit"


@dataclass(frozen=True)
class WhaleCurve:
    """The curve of some customers; money in one currency."""

    amounts: Floats  #: what each customer brings, the most profitable first
    cumulative: Floats  #: what the customers up to each one bring together
    earning_count: int  #: customers who bring more than 0: the position of the peak
    costing_count: int  #: customers who bring less than 0

    @property
    def total(self) -> float:
        return float(self.cumulative[-1]) if self.cumulative.size else 0.0

    @property
    def peak(self) -> float:
        """What those who earn bring together."""
        return (
            float(self.cumulative[self.earning_count - 1])
            if self.earning_count
            else 0.0
        )

    @property
    def destroyed(self) -> float:
        """What the tail takes away from the peak, 0 or more."""
        return self.peak - self.total if self.costing_count else 0.0

    @property
    def peak_share(self) -> float | NoShare:
        """The peak as a multiple of the total, 1 where nobody costs; undefined without a profit to share.

        A total that is nothing but the rounding of gains and losses that cancel out is no profit.

        >>> whale_curve([60, 60, -20]).peak_share, whale_curve([1, -2]).peak_share, whale_curve([]).peak_share
        (1.2, <NoShare.NO_PROFIT: 'no_profit'>, <NoShare.NO_CUSTOMERS: 'no_customers'>)
        """
        if not self.amounts.size:
            return NoShare.NO_CUSTOMERS
        if self.total <= self.peak * ROUNDING:
            return NoShare.NO_PROFIT
        return self.peak / self.total


def whale_curve(amounts: ArrayLike) -> WhaleCurve:
    """The curve of what each customer brings, in any order.

    :param amounts: one number per customer.
    :raise ValueError: an amount is no finite number; who has no figure must be left out.

    >>> curve = whale_curve([-50, 100, 0, 30])
    >>> curve.cumulative.tolist(), curve.earning_count, curve.costing_count
    ([100.0, 130.0, 130.0, 80.0], 2, 1)
    >>> curve.peak, curve.total, curve.destroyed
    (130.0, 80.0, 50.0)
    """
    ordered = np.sort(np.asarray(amounts, dtype=np.float64).ravel())[::-1]
    if not np.isfinite(ordered).all():
        raise ValueError("An amount of the whale curve is no finite number.")
    return WhaleCurve(
        amounts=ordered,
        cumulative=np.cumsum(ordered),
        earning_count=int(np.count_nonzero(ordered > 0)),
        costing_count=int(np.count_nonzero(ordered < 0)),
    )


def sample_positions(curve: WhaleCurve, limit: int = POINT_LIMIT) -> Integers:
    """The positions (from 0) of the customers who are drawn: the first, the peak, the last and at most
    ``limit`` in all, half of them evenly spread over the customers, half over the ups and downs of the curve,
    so that neither the steep beginning nor the long flat middle lacks points.

    :param limit: 3 or more.

    >>> sample_positions(whale_curve([5, 4, 3, -1])).tolist()
    [0, 1, 2, 3]
    >>> sample_positions(whale_curve(range(1000, -1000, -1)), 5).tolist()
    [0, 968, 999, 1000, 1999]
    """
    size = curve.amounts.size
    if size <= limit:
        return np.arange(size, dtype=np.int64)
    kept = [0, max(curve.earning_count - 1, 0), size - 1]
    free = limit - len(kept)
    path = np.cumsum(np.abs(curve.amounts))
    steep = np.searchsorted(path, np.linspace(0, path[-1], free // 2 + 2)[1:-1])
    even = np.linspace(0, size - 1, free - free // 2 + 2)[1:-1].round()
    return np.unique(np.concatenate([kept, steep, even]).astype(np.int64))


@dataclass(frozen=True)
class Group:
    """What the customers of one group bring (gain) and cost (loss, 0 or less)."""

    key: int
    customer_count: int
    earning_count: int
    costing_count: int
    gain: float
    loss: float

    @property
    def total(self) -> float:
        return self.gain + self.loss


def group_results(amounts: ArrayLike, keys: ArrayLike) -> list[Group]:
    """Gain and loss of each group, the group with the highest total first.

    :param amounts: one number per customer.
    :param keys: the group of each customer, an integer; as many as amounts.

    >>> [(group.key, group.gain, group.loss) for group in group_results([5, -2, 7, -1], [3, 3, 0, 8])]
    [(0, 7.0, 0.0), (3, 5.0, -2.0), (8, 0.0, -1.0)]
    """
    values = np.asarray(amounts, dtype=np.float64).ravel()
    found, place = np.unique(np.asarray(keys, dtype=np.int64), return_inverse=True)

    def per_group(weights: NDArray[np.generic]) -> list[float]:
        sums: list[float] = np.bincount(place, weights, found.size).tolist()
        return sums

    columns = zip(
        found.tolist(),
        np.bincount(place, minlength=found.size).tolist(),
        per_group(values > 0),
        per_group(values < 0),
        per_group(np.maximum(values, 0)),
        per_group(np.minimum(values, 0)),
        strict=True,
    )
    groups = [
        Group(key, count, int(earning), int(costing), gain, loss)
        for key, count, earning, costing, gain, loss in columns
    ]
    return sorted(groups, key=lambda group: (-group.total, group.key))
