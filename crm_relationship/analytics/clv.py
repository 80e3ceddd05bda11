"""Who is still a customer, and how often he will come: the BG/NBD model.

A customer buys at his own steady rate until, after some purchase, he leaves for good without telling anybody. Rates
differ between customers (gamma), chances to leave too (beta). Four parameters describe all customers of a company.

Source: P. S. Fader, B. G. S. Hardie, K. L. Lee (2005), '"Counting Your Customers" the Easy Way: An Alternative to the
Pareto/NBD Model', Marketing Science 24 (2), 275-284; its equations are named (3), (7), (10) below.

Of each customer three numbers are needed, in any one unit of time: ``frequency``, the days with a purchase after the
first one; ``recency``, the last purchase day minus the first; ``age``, the end of observation minus the first.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import digamma, expit, gammaln

FloatArray: TypeAlias = npt.NDArray[np.float64]
Objective: TypeAlias = Callable[[FloatArray], tuple[float, FloatArray]]

NAMES: Final = ("r", "alpha", "a", "b")
# In the time scale of the fit, where the mean age is 1: what lies outside is no estimate but a runaway.
LOG_LIMIT: Final = float(np.log(1e4))
STARTS: Final = ((0.5, 0.5, 0.5, 2.0), (1.0, 0.2, 1.0, 5.0), (0.1, 1.0, 0.1, 1.0))
# Mean slope of the log-likelihood at which the top is reached.
SLOPE: Final = 1e-5
# Where the power series is quick and loses no digits; outside the integral is taken.
SERIES_Z: Final = 0.9
SERIES_TERMS: Final = 600
NODES: Final = 240
# Times in weeks or years come from days with an error in the last digit.
ROUNDING: Final = 1 + 1e-9


class BadHistoryError(ValueError):
    """A number that no history of purchases can have: absent, negative, or at odds with the others."""


class NotEnoughDataError(ValueError):
    """Sound histories that say nothing about the parameters, as where nobody ever came back."""


@dataclass(frozen=True)
class BgNbd:
    """Parameters of the BG/NBD model, and how they were found.

    The rate of purchases is gamma distributed with shape ``r`` and rate ``alpha`` (a time); the chance to leave after
    a purchase is beta distributed with ``a`` and ``b``. ``log_likelihood`` is the sum over all customers.
    ``limits`` names the parameters that ran to the end of what is searched: the data does not bound them.
    """

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float | None = None
    customer_count: int = 0
    converged: bool = True
    iterations: int = 0
    limits: tuple[str, ...] = ()


def fit_bg_nbd(
    frequency: npt.ArrayLike,
    recency: npt.ArrayLike,
    age: npt.ArrayLike,
    start: BgNbd | None = None,
) -> BgNbd:
    """The parameters under which these histories are the most likely.

    Maximum likelihood in the logarithms of the parameters with the analytic gradient. Equal histories are counted
    once, with their number as weight.

    :param start: parameters to begin with, as those of the last fit, in the same unit of time.
    :return: look at ``converged`` before use.
    :raise BadHistoryError: names what is wrong.
    :raise NotEnoughDataError: where there is no customer, or none that came back.

    >>> frequency, recency, age = [0, 2, 1, 0, 5, 3], [0, 20, 4, 0, 38, 9], [39, 39, 38, 37, 39, 35]
    >>> fit = fit_bg_nbd(frequency, recency, age)
    >>> fit.converged, round(fit.log_likelihood, 3)
    (True, -42.469)
    >>> fit_bg_nbd([0, 0], [0, 0], [9, 7])  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    ...
    NotEnoughDataError: none of the 2 customers came back
    """
    x, last, total = check_history(frequency, recency, age)
    if not x.size:
        raise NotEnoughDataError("there are no customers")
    if not x.any():
        raise NotEnoughDataError(f"none of the {x.size} customers came back")
    scale = float(total.mean())
    objective = _objective(x, last / scale, total / scale)
    starts: list[tuple[float, ...]] = list(STARTS)
    if start is not None:
        starts.insert(0, (start.r, start.alpha / scale, start.a, start.b))
    best = _climb(objective, starts)
    r, alpha, a, b = (float(value) for value in np.exp(best.point))
    found = BgNbd(r, alpha * scale, a, b, customer_count=int(x.size))
    return replace(
        found,
        log_likelihood=log_likelihood(found, x, last, total),
        converged=best.converged,
        iterations=best.iterations,
        limits=tuple(
            name
            for name, value in zip(NAMES, best.point, strict=True)
            if abs(value) > LOG_LIMIT - 1e-3
        ),
    )


def check_history(
    frequency: npt.ArrayLike, recency: npt.ArrayLike, age: npt.ArrayLike
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The three as arrays of one shape, if they can be histories of purchases.

    >>> check_history([1], [9], [8])  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    ...
    BadHistoryError: recency is above age for 1 of 1 customers
    """
    x, last, total = np.broadcast_arrays(
        *(np.asarray(item, dtype=np.float64) for item in (frequency, recency, age))
    )
    problems = {
        "frequency is absent or infinite": ~np.isfinite(x),
        "recency is absent or infinite": ~np.isfinite(last),
        "age is absent or infinite": ~np.isfinite(total),
        "frequency is negative or no whole number": (x < 0) | (x != np.floor(x)),
        "recency is negative": last < 0,
        "recency is above age": last > total * ROUNDING,
        "recency is not 0 though nothing was bought again": (x == 0) & (last > 0),
        "recency is 0 though something was bought again": (x > 0) & (last <= 0),
    }
    for text, wrong in problems.items():
        if wrong.any():
            count = int(np.count_nonzero(wrong))
            raise BadHistoryError(f"{text} for {count} of {x.size} customers")
    return x, np.minimum(last, total), total


def log_likelihood(
    parameters: BgNbd,
    frequency: npt.ArrayLike,
    recency: npt.ArrayLike,
    age: npt.ArrayLike,
) -> float:
    """Log of the likelihood (3) of all histories together.

    >>> round(log_likelihood(BgNbd(0.25, 4, 0.8, 2.4), [0, 2], [0, 30], [38, 38]), 4)
    -9.9922
    """
    x, last, total = check_history(frequency, recency, age)
    objective = _objective(x, last, total)
    values = [getattr(parameters, name) for name in NAMES]
    return -objective(np.log(values))[0] * x.size


def alive_probability(
    parameters: BgNbd,
    frequency: npt.ArrayLike,
    recency: npt.ArrayLike,
    age: npt.ArrayLike,
) -> FloatArray:
    """The probability, 0 to 1, that each customer is still one.

    It is 1 for who bought only once: in this model one leaves after a repeat purchase.

    Source: P. S. Fader, B. G. S. Hardie, "Computing P(alive) Using the BG/NBD Model" (2008).

    >>> alive_probability(BgNbd(0.243, 4.414, 0.793, 2.426), [0, 2, 9], [0, 30.4, 12], [39, 39, 39]).round(3)
    array([1.   , 0.725, 0.002])
    """
    x, last, total = check_history(frequency, recency, age)
    return _alive(parameters, x, last, total)


def _alive(
    parameters: BgNbd, x: FloatArray, last: FloatArray, total: FloatArray
) -> FloatArray:
    alpha, a, b = parameters.alpha, parameters.a, parameters.b
    # log1p of the difference: for who bought today it is exactly 0
    odds_left = (parameters.r + x) * np.log1p((total - last) / (alpha + last))
    odds_left += np.log(a) - np.log(b + np.maximum(x, 1) - 1)
    return np.asarray(np.where(x > 0, expit(-odds_left), 1.0))


def expected_purchases(
    parameters: BgNbd,
    horizon: npt.ArrayLike,
    frequency: npt.ArrayLike,
    recency: npt.ArrayLike,
    age: npt.ArrayLike,
) -> FloatArray:
    """How many purchase days each customer is expected to have within the horizon (10).

    :param horizon: time to look ahead, in the unit of the others; one for all or one for each.
    :return: from 0 to horizon x (r + frequency) / (alpha + age), always finite.

    >>> cdnow = BgNbd(0.243, 4.414, 0.793, 2.426)
    >>> expected_purchases(cdnow, 39, [0, 2, 5000], [0, 30.43, 39], [38.86, 38.86, 39]).round(3).tolist()
    [0.195, 1.226, 3427.113]
    """
    x, last, total = check_history(frequency, recency, age)
    ahead = np.asarray(horizon, dtype=np.float64)
    if not np.all(np.isfinite(ahead)) or np.any(ahead < 0):
        raise BadHistoryError("the horizon is absent, infinite or negative")
    ahead, x, last, total = np.broadcast_arrays(ahead, x, last, total)
    varying = [item.ravel() for item in (x, total, ahead)]
    places, inverse = collapse(*(varying[:2] if np.ndim(horizon) == 0 else varying))
    x_kind, age_kind, ahead_kind = (item[places] for item in varying)
    purchases = purchases_if_alive(parameters, ahead_kind, x_kind, age_kind)
    return purchases[inverse].reshape(x.shape) * _alive(parameters, x, last, total)


def collapse(*columns: FloatArray) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Places of one row of each kind, and for every row the number of its kind; two columns or more.

    >>> places, kinds = collapse(np.array([1., 1., 2., 1.]), np.array([5., 6., 5., 5.]))
    >>> places.tolist(), kinds.tolist()
    ([0, 1, 2], [0, 1, 2, 0])
    """
    places: npt.NDArray[np.intp] = np.zeros(columns[0].size, dtype=np.intp)
    codes = places
    for column in columns:
        values, column_codes = np.unique(column, return_inverse=True)
        # numbered from 0 again after each column, so that the product cannot overflow
        codes = codes * values.size + column_codes
        if column is not columns[0]:
            _kinds, places, codes = np.unique(
                codes, return_index=True, return_inverse=True
            )
    return places, codes


def purchases_if_alive(
    parameters: BgNbd, horizon: FloatArray, x: FloatArray, age: FloatArray
) -> FloatArray:
    """Expected purchases within the horizon of customers who are known to be still there: the numerator of (10).

    The paper's hypergeometric function overflows for frequent customers. Euler's transformation, and taking out its
    first term, leave nothing to overflow, nor a pole at a = 1 or a + b = 1. Where its series is slow, the mean
    over the beta distribution is integrated instead.
    """
    r, alpha, a, b = (getattr(parameters, name) for name in NAMES)
    share = horizon / (alpha + age + horizon)
    spread = a + b - 1 - r
    is_quick = share <= SERIES_Z if a <= 10 and -5 <= spread <= 100 else share < 0
    found = np.empty_like(share)
    for mask, method in ((is_quick, _by_series), (~is_quick, _by_integral)):
        if mask.any():
            found[mask] = method(parameters, x[mask], share[mask])
    bound = (r + x) * horizon / (alpha + age)
    return np.asarray(np.clip(found, 0, bound))


def _by_series(parameters: BgNbd, x: FloatArray, z: FloatArray) -> FloatArray:
    """c [1 - (1-z)^(a-1) 2F1(a-1, a+b-1-r; c; z)] / (a-1) with c = a+b+x-1."""
    r, a, b = parameters.r, parameters.a, parameters.b
    c, d = a + b + x - 1, a + b - 1 - r
    log_rest = np.log1p(-z)
    first = -log_rest if a == 1 else -np.expm1((a - 1) * log_rest) / (a - 1)
    total = d * z
    rows = np.flatnonzero(np.ones_like(z))
    term, sums = total.copy(), total.copy()
    shifted, c = c, c + 1
    for j in range(SERIES_TERMS):
        term = term * (z * ((a + j) * (d + 1 + j) / (2 + j)) / (c + j))
        sums += term
        if j % 8 == 7:
            total[rows] = sums
            going = np.abs(term) > 1e-17 * np.abs(sums)
            if not going.any():
                break
            rows, term, sums = rows[going], term[going], sums[going]
            c, z = c[going], z[going]
    total[rows] = sums
    return np.asarray(shifted * first - np.exp((a - 1) * log_rest) * total)


def _by_integral(parameters: BgNbd, x: FloatArray, z: FloatArray) -> FloatArray:
    """Mean of (1 - (1 + p s)^-(r+x)) / p over p ~ beta(a, b+x), with s = z / (1-z).

    By the trapezoid rule in u, where logit(p) = mode + width sinh(u): the integrand dies out on both sides
    twice as fast as exponentially. The weights are normed by their own sum.
    """
    a, remain, power = parameters.a, parameters.b + x, parameters.r + x
    ahead = z / (1 - z)
    mode, width = np.log(a / remain), np.sqrt(1 / a + 1 / remain)
    left = -np.arcsinh(10 + 40 / (a * width))
    step = (np.arcsinh(10 + 40 / (remain * width)) - left) / NODES
    peak = -a * np.logaddexp(0, -mode) - remain * np.logaddexp(0, mode)
    weights, sums = np.zeros_like(z), np.zeros_like(z)
    for node in range(NODES + 1):
        u = left + node * step
        logit = mode + width * np.sinh(u)
        log_p = -np.logaddexp(0, -logit)
        weight = np.cosh(u) * np.exp(a * log_p - remain * np.logaddexp(0, logit) - peak)
        p = np.exp(np.maximum(log_p, -600))
        sums -= weight * np.expm1(-power * np.log1p(p * ahead)) / p
        weights += weight
    return np.asarray(sums / weights)


@dataclass(frozen=True)
class Top:
    """Where a climb ended."""

    point: FloatArray
    value: float
    converged: bool
    iterations: int


def _climb(objective: Objective, starts: list[tuple[float, ...]]) -> Top:
    """The best end of the climbs from these starts; the first that reaches a top ends the search."""
    best: Top | None = None
    iterations = 0
    for start in starts:
        begin = np.clip(np.log(start), -LOG_LIMIT, LOG_LIMIT)
        found = minimize(
            objective,
            begin,
            jac=True,
            method="L-BFGS-B",
            bounds=[(-LOG_LIMIT, LOG_LIMIT)] * len(start),
            options={"ftol": 1e-15, "gtol": 1e-9, "maxiter": 500, "maxcor": 8},
        )
        iterations += int(found.nit)
        inside = np.abs(found.x) < LOG_LIMIT - 1e-9
        is_top = bool(np.all(np.isfinite(found.x))) and bool(
            np.all(np.abs(found.jac[inside]) < SLOPE)
        )
        if best is None or (is_top, -found.fun) > (best.converged, -best.value):
            best = Top(found.x, float(found.fun), is_top, iterations)
        if best.converged:
            break
    assert best is not None
    return replace(best, iterations=iterations)


def _objective(x: FloatArray, last: FloatArray, total: FloatArray) -> Objective:
    """(minus the mean log-likelihood, its gradient) by the logarithms of the parameters.

    The gamma functions depend on the frequency only: they are computed once for each that occurs.
    """
    size = x.size
    places, inverse = collapse(x, total, last)
    weight = np.bincount(inverse).astype(np.float64)
    x, last, total = x[places], last[places], total[places]
    values, of_value = np.unique(x, return_inverse=True)
    count = np.bincount(of_value, weight).astype(np.float64)
    again = x > 0
    ahead = np.maximum(x, 1) - 1

    def objective(point: FloatArray) -> tuple[float, FloatArray]:
        r, alpha, a, b = (float(value) for value in np.exp(point))
        log_total, log_last = np.log(alpha + total), np.log(alpha + last)
        log_left = np.log(a / (b + ahead)) + (r + x) * (log_total - log_last)
        left = np.where(again, expit(log_left), 0.0)
        stay = np.where(again, np.logaddexp(0, log_left), 0.0) - (r + x) * log_total
        gammas = gammaln(r + values) + gammaln(b + values) - gammaln(a + b + values)
        fixed = r * np.log(alpha) - gammaln(r) + gammaln(a + b) - gammaln(b)
        value = _dot(weight, stay) + _dot(count, gammas) + size * fixed
        both = digamma(a + b) * size - _dot(count, digamma(a + b + values))
        weighted = weight * left
        slope_r = _dot(count, digamma(r + values)) + size * (np.log(alpha) - digamma(r))
        slope_r -= _dot(weight, log_total) - _dot(weighted, log_total - log_last)
        rates = (1 - left) / (alpha + total) + left / (alpha + last)
        slope_alpha = size * r / alpha - _dot(weight, (r + x) * rates)
        slope_a = both + weighted.sum() / a
        slope_b = both + _dot(count, digamma(b + values)) - size * digamma(b)
        slope_b -= _dot(weighted, 1 / (b + ahead))
        slopes = np.array([slope_r * r, slope_alpha * alpha, slope_a * a, slope_b * b])
        return -float(value) / size, -slopes / size

    return objective


def _dot(one: FloatArray, other: FloatArray) -> float:
    """Sum of products without BLAS: on a busy machine its threads wait for each other longer than they compute."""
    return float(np.einsum("i,i->", one, other))
