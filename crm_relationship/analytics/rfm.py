"""Recency, frequency and money of each customer as scores of 1 to 5 against the others.

Source: A. M. Hughes (1994), "Strategic Database Marketing": quintiles; ties by mid-ranks, so that equal customers
have equal scores.
"""

from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

Scores: TypeAlias = "np.ma.MaskedArray[Any, np.dtype[np.int64]]"

CLASSES: Final = 5
# numpy has no types for it
masked_array: Any = np.ma.MaskedArray


@dataclass(frozen=True)
class Rfm:
    """Scores of 1 (worst fifth) to 5 (best fifth), masked where there is none; ``tolist()`` gives None there."""

    recency: Scores
    frequency: Scores
    monetary: Scores


def rfm_scores(
    recency_days: npt.ArrayLike, frequency: npt.ArrayLike, monetary: npt.ArrayLike
) -> Rfm:
    """The three scores of each customer.

    :param recency_days: days since the last order, NaN or masked for who never ordered: he has no score at all.
    :param frequency: orders; more are better.
    :param monetary: money; more is better, below 0 is possible.

    >>> scores = rfm_scores([3, 40, np.nan, 40, 200], [9, 2, 0, 2, 1], [900, 50, 0, 70, -5])
    >>> scores.recency.tolist(), scores.frequency.tolist(), scores.monetary.tolist()
    ([5, 3, None, 3, 1], [5, 3, None, 3, 1], [5, 2, None, 4, 1])
    """
    days = _as_floats(recency_days)
    never = ~np.isfinite(days)
    more = (np.where(never, np.nan, _as_floats(item)) for item in (frequency, monetary))
    return Rfm(quintile_scores(-days), *(quintile_scores(item) for item in more))


def quintile_scores(values: npt.ArrayLike) -> Scores:
    """1 for the lowest fifth to 5 for the highest.

    Equal values have equal scores: that of the middle of their ranks. Where this middle falls on the border of two
    fifths, the one nearer to the middle counts, so that turning the order round turns the scores round.

    :param values: NaN, infinite or masked ones are absent and have no score.

    >>> quintile_scores([10, 20, 30, 40, 50, np.nan]).tolist()
    [1, 2, 3, 4, 5, None]
    >>> quintile_scores([7, 7, 7]).tolist(), quintile_scores([1, 1, 9, 9, 9]).tolist()
    ([3, 3, 3], [2, 2, 4, 4, 4])
    """
    numbers = _as_floats(values)
    present = np.isfinite(numbers)
    scores = np.zeros(numbers.shape, dtype=np.int64)
    _values, place, count = np.unique(
        numbers[present], return_inverse=True, return_counts=True
    )
    # twice the mid-rank less 1: whole numbers, so that a border is met exactly
    middle = 2 * np.cumsum(count) - count
    size = 2 * int(count.sum())
    below = -(-CLASSES * middle // max(size, 1))
    beyond = CLASSES * middle // max(size, 1) + 1
    scores[present] = np.where(2 * below < CLASSES, beyond, below)[place]
    scores_or_none: Scores = masked_array(scores, mask=~present)
    return scores_or_none


def _as_floats(values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Floats, NaN where masked."""
    return np.asarray(masked_array(values, dtype=np.float64).filled(np.nan))
