"""Whether what was found may be due to chance: one test, and many tests at once.

Sources: Fisher (1922), "On the interpretation of χ² from contingency tables, and the calculation of P" (the exact
test); Benjamini & Hochberg (1995), "Controlling the false discovery rate".
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def is_discovery(p_values: Floats, ratio: float, tested: int | None = None) -> Flags:
    """Which findings hold so that at most that share of them is expected to be due to chance.

    :param tested: how many were tested, where only some are given: the others count as not found.

    Source: Benjamini & Hochberg (1995), procedure (1).

    >>> is_discovery(np.array([0.001, 0.02, 0.04, 0.9]), 0.05).tolist()
    [True, True, False, False]
    """
    total = max(tested or 0, len(p_values))
    ordered = np.sort(p_values)
    passing = ordered <= ratio * np.arange(1, len(ordered) + 1) / max(total, 1)
    if not passing.any():
        return np.zeros(len(p_values), dtype=np.bool_)
    found: Flags = p_values <= ordered[np.flatnonzero(passing)[-1]]
    return found


def chance(
    population: Integers, marked: Integers, drawn: Integers, seen: Integers
) -> Floats:
    """Probability that a draw without replacement holds at least so many marked ones (Fisher's exact test,
    one-sided). 1 where no more were seen than expected.

    >>> chance(*(np.array([value]) for value in (10, 5, 4, 4))).round(6).tolist()
    [0.02381]
    """
    size, good, draw, x = (
        np.asarray(values, dtype=np.float64)
        for values in (population, marked, drawn, seen)
    )
    result = np.ones(len(x))
    left = np.flatnonzero(x * size > good * draw)
    size, good, draw, x = (values[left] for values in (size, good, draw, x))
    term = np.exp(
        _log_choose(good, x)
        + _log_choose(size - good, draw - x)
        - _log_choose(size, draw)
    )
    result[left] = term
    while len(left):  # above the mean each term is smaller than the one before
        term = term * (good - x) * (draw - x) / ((x + 1) * (size - good - draw + x + 1))
        result[left] += term
        going = term > result[left] * 1e-16
        left = left[going]
        term, x, size, good, draw = (
            values[going] for values in (term, x + 1, size, good, draw)
        )
    return np.minimum(result, 1.0)


def _log_choose(n: Floats, k: Floats) -> Floats:
    log: Floats = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    return log
