"""What a purchase of each customer is worth, and with it the value of the customer: the Gamma-Gamma model.

The money of one purchase varies around each customer's own mean (gamma), the means vary between customers (gamma
again), and neither depends on how often somebody buys.

Source: P. S. Fader, B. G. S. Hardie (2013), "The Gamma-Gamma Model of Monetary Value";
its equations are named (1a), (5).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import digamma, gammaln

from .clv import (
    BadHistoryError,
    BgNbd,
    FloatArray,
    NotEnoughDataError,
    alive_probability,
    check_history,
    collapse,
    expected_purchases,
    purchases_if_alive,
)

LOG_LIMIT: Final = float(np.log(1e4))
# A mean over all customers exists above 1 only.
SMALLEST_Q: Final = 1.01
SLOPE: Final = 1e-5
DAYS_PER_YEAR: Final = 365.25
QUARTER_DAYS: Final = 90
# Points in time at which the discounted sum is taken: exact to 7 digits for smooth curves.
DISCOUNT_NODES: Final = 9


@dataclass(frozen=True)
class GammaGamma:
    """Parameters of the Gamma-Gamma model. ``v`` is money; ``q`` is above 1, else there were no mean."""

    p: float
    q: float
    v: float
    log_likelihood: float | None = None
    customer_count: int = 0
    converged: bool = True
    iterations: int = 0

    @property
    def mean(self) -> float:
        """What a purchase of a customer of whom nothing is known is worth.

        >>> round(GammaGamma(6.25, 3.74, 15.44).mean, 2)
        35.22
        """
        return self.p * self.v / (self.q - 1)


def fit_gamma_gamma(
    frequency: npt.ArrayLike, mean_value: npt.ArrayLike, start: GammaGamma | None = None
) -> GammaGamma:
    """The parameters under which these mean values are the most likely (1a).

    :param frequency: repeat purchases; customers with none say nothing and are left out.
    :param mean_value: mean money of a repeat purchase; those of 0 and below are left out.
    :raise NotEnoughDataError: where fewer than two different values are left, or where the values are so far apart
        that the model has no mean: any mean that the bound of the search gave would be made up.

    >>> fit = fit_gamma_gamma([2, 1, 4, 3, 0], [22.4, 11.8, 30.1, 25.0, 0])
    >>> fit.customer_count, fit.converged, round(fit.mean, 1)
    (4, True, 25.2)
    """
    x, mean = _check_values(frequency, mean_value)
    kept = (x > 0) & (mean > 0)
    x, mean = x[kept], mean[kept]
    if np.unique(mean).size < 2:
        raise NotEnoughDataError("fewer than two different mean values")
    scale = float(mean.mean())
    begin = (2.0, 3.0, 1.0)
    if start is not None:
        begin = (start.p, start.q, start.v / scale)
    bounds = [(-LOG_LIMIT, LOG_LIMIT)] * 3
    bounds[1] = (float(np.log(SMALLEST_Q)), LOG_LIMIT)
    objective = _Objective(x, mean / scale)
    found = minimize(
        objective,
        np.clip(np.log(begin), *np.transpose(bounds)),
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options={"ftol": 1e-15, "gtol": 1e-9, "maxiter": 500, "maxcor": 8},
    )
    if found.x[1] <= bounds[1][0] + SLOPE:
        raise NotEnoughDataError("mean values so far apart that they have no mean")
    inside = (found.x > np.min(bounds, axis=1)) & (found.x < np.max(bounds, axis=1))
    p, q, v = (float(value) for value in np.exp(found.x))
    return GammaGamma(
        p,
        q,
        v * scale,
        log_likelihood=-float(found.fun) * x.size - x.size * float(np.log(scale)),
        customer_count=int(x.size),
        converged=bool(np.all(np.abs(found.jac[inside]) < SLOPE)),
        iterations=int(found.nit),
    )


def _check_values(
    frequency: npt.ArrayLike, mean_value: npt.ArrayLike
) -> tuple[FloatArray, FloatArray]:
    """The two as arrays of one shape; the mean value is 0 where nothing was bought again."""
    x, mean = np.broadcast_arrays(
        np.asarray(frequency, dtype=np.float64),
        np.asarray(mean_value, dtype=np.float64),
    )
    if not np.all(np.isfinite(x)) or np.any(x < 0):
        raise BadHistoryError("frequency is absent, infinite or negative")
    absent = (x > 0) & ~np.isfinite(mean)
    if absent.any():
        count = int(np.count_nonzero(absent))
        raise BadHistoryError(
            f"mean value is absent or infinite for {count} of {x.size} customers"
        )
    return x, np.where(x > 0, mean, 0.0)


class _Objective:
    """(minus the mean log-likelihood, its gradient) by the logarithms of the parameters."""

    def __init__(self, x: FloatArray, mean: FloatArray) -> None:
        self.values, self.of_value = np.unique(x, return_inverse=True)
        self.count = np.bincount(self.of_value).astype(np.float64)
        self.x, self.spent = x, x * mean
        self.log_spent = np.log(self.spent)
        self.log_mean_sum = float(np.log(mean).sum())
        self.count_log_spent = np.bincount(self.of_value, self.log_spent)

    def __call__(self, point: FloatArray) -> tuple[float, FloatArray]:
        p, q, v = (float(value) for value in np.exp(point))
        size = self.x.size
        shape = p * self.values
        log_all = np.log(self.spent + v)
        by_value = np.bincount(self.of_value, log_all)
        value = self.count @ (gammaln(shape + q) - gammaln(shape))
        value += size * (q * np.log(v) - gammaln(q)) - self.log_mean_sum
        value += shape @ self.count_log_spent - (shape + q) @ by_value
        both = digamma(shape + q)
        slope_p = self.values @ (self.count * (both - digamma(shape)))
        slope_p += self.values @ (self.count_log_spent - by_value)
        slope_q = self.count @ both + size * (np.log(v) - digamma(q)) - log_all.sum()
        slope_v = size * q / v - float(np.sum((p * self.x + q) / (self.spent + v)))
        slopes = np.array([slope_p * p, slope_q * q, slope_v * v])
        return -float(value) / size, -slopes / size


def expected_value(
    parameters: GammaGamma, frequency: npt.ArrayLike, mean_value: npt.ArrayLike
) -> FloatArray:
    """What a coming purchase of each customer is worth (5): between the own mean and that of all.

    :param mean_value: not looked at where frequency is 0; below 0 counts as 0.

    >>> expected_value(GammaGamma(6.25, 3.74, 15.44), [0, 2, 50], [0, 22.35, 22.35]).round(2)
    array([35.22, 24.66, 22.46])
    """
    x, mean = _check_values(frequency, mean_value)
    p, q, v = parameters.p, parameters.q, parameters.v
    spent = x * np.maximum(mean, 0)
    return np.asarray(p * (v + spent) / (p * x + q - 1))


def lifetime_value(
    parameters: BgNbd,
    value_parameters: GammaGamma,
    horizon: float,
    rate_per_period: float,
    frequency: npt.ArrayLike,
    recency: npt.ArrayLike,
    age: npt.ArrayLike,
    mean_value: npt.ArrayLike,
    *,
    period: float = 1.0,
) -> FloatArray:
    """Value of each customer today: what he is expected to spend within the horizon, discounted.

    Each purchase is discounted from the moment at which it is expected, continuously: one that comes after a time t
    counts (1 + rate_per_period) ^ (-t / period). What was spent before today does not count.

    :param horizon: in the unit of recency and age.
    :param period: length of the period of the rate, in the same unit.
    :return: money, never below 0.

    >>> model, spend = BgNbd(0.243, 4.414, 0.793, 2.426), GammaGamma(6.25, 3.74, 15.44)
    >>> lifetime_value(model, spend, 156, 0.1, [0, 2], [0, 30.43], [38.86, 38.86], [0, 22.35], period=52).round(2)
    array([19.44, 77.78])
    """
    x, last, total = check_history(frequency, recency, age)
    places, inverse = collapse(x.ravel(), total.ravel())
    distinct = x.ravel()[places], total.ravel()[places]
    rate = float(np.log1p(rate_per_period)) / period
    purchases = _discounted(parameters, horizon, rate, *distinct)[inverse]
    alive = alive_probability(parameters, x, last, total)
    value = expected_value(value_parameters, x, mean_value)
    return np.asarray(purchases.reshape(x.shape) * alive * value)


def _discounted(
    parameters: BgNbd, horizon: float, rate: float, x: FloatArray, age: FloatArray
) -> FloatArray:
    """Integral of exp(-rate t) dN(t) over the horizon h.

    In parts: exp(-rate h) N(h) + rate x integral of exp(-rate t) N(t) dt.
    """

    def purchases(time: float) -> FloatArray:
        return purchases_if_alive(parameters, np.full_like(x, time), x, age)

    total = np.exp(-rate * horizon) * purchases(horizon)
    if rate:
        nodes, weights = np.polynomial.legendre.leggauss(DISCOUNT_NODES)
        for node, weight in zip(nodes, weights, strict=True):
            time = horizon * (1 + float(node)) / 2
            share = rate * horizon / 2 * float(weight) * np.exp(-rate * time)
            total += share * purchases(time)
    return np.asarray(total)


@dataclass(frozen=True)
class Figures:
    """What the models say of each customer, row by row. ``clv_amount`` is None without a model of amounts."""

    alive_probability: FloatArray
    expected_orders_90d: FloatArray
    clv_amount: FloatArray | None


def figures(
    parameters: BgNbd,
    value_parameters: GammaGamma | None,
    frequency: npt.ArrayLike,
    recency: npt.ArrayLike,
    age: npt.ArrayLike,
    mean_value: npt.ArrayLike,
    *,
    horizon_days: float = 3 * DAYS_PER_YEAR,
    yearly_rate: float = 0.1,
    margin_ratio: float = 1.0,
) -> Figures:
    """Probability to be still there, purchase days within 90 days, and value of each customer.

    :param recency: days, as age; the parameters are those of a fit in days.
    :param yearly_rate: discount of a year, 0.1 for 10 %.
    :param margin_ratio: what remains as margin of the money of a purchase, 0 to 1. Source: P. S. Fader, B. G. S.
        Hardie, K. L. Lee (2005), "RFM and CLV": CLV = margin x revenue of a purchase x discounted expected purchases.

    >>> model, spend = BgNbd(0.243, 31, 0.793, 2.426), GammaGamma(6.25, 3.74, 15.44)
    >>> found = figures(model, spend, [0, 2], [0, 213], [272, 272], [0, 22.35])
    >>> found.alive_probability.round(3), found.expected_orders_90d.round(3), found.clv_amount.round(1)
    (array([1.   , 0.727]), array([0.069, 0.452]), array([19.5, 78. ]))
    """
    history = check_history(frequency, recency, age)
    amount = None
    if value_parameters is not None:
        amount = margin_ratio * lifetime_value(
            parameters,
            value_parameters,
            horizon_days,
            yearly_rate,
            *history,
            mean_value,
            period=DAYS_PER_YEAR,
        )
    return Figures(
        alive_probability(parameters, *history),
        expected_purchases(parameters, QUARTER_DAYS, *history),
        amount,
    )
