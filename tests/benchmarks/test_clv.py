"""How long the purchase model takes, against the package `lifetimes` on the published CDNOW data in the same run.

Without Odoo. Both are timed in turns and the best time of each counts, so that the machine's other work hits both.
"""

import time
import tracemalloc
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest

from support import analytics

# Lifetimes asks NumPy for what it will not always have, and says so each time.
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import lifetimes

TURNS = 5
AIM = 3.0
HORIZON_WEEKS = 39
MANY = 1_000_000
# The end of the calibration period of the published estimates.
END = pd.Timestamp("1997-09-30")

clv, gamma_gamma = analytics.load().clv, analytics.load().gamma_gamma


class Histories(NamedTuple):
    """Repeat purchase days, weeks from the first to the last, weeks from the first to the end."""

    frequency: Any
    recency: Any
    age: Any


def read(name: str, columns: list[str]) -> Histories:
    """The customers of a file of transactions inside the package, up to the end of the calibration period."""
    path = Path(lifetimes.__file__).parent / "datasets" / name
    rows = pd.read_csv(path, sep=r"\s+", header=None, names=columns, dtype=str)
    rows["date"] = pd.to_datetime(rows["date"], format="%Y%m%d", errors="coerce")
    days = rows[rows["date"] <= END].drop_duplicates(["customer", "date"])
    found = days.groupby("customer")["date"].agg(["count", "min", "max"])
    return Histories(
        (found["count"] - 1).to_numpy(dtype=float),
        ((found["max"] - found["min"]).dt.days / 7).to_numpy(),
        ((END - found["min"]).dt.days / 7).to_numpy(),
    )


@pytest.fixture(
    scope="module", params=["sample", "master"], ids=["2,357 customers", "23,570"]
)
def histories(request: pytest.FixtureRequest) -> Histories:
    if request.param == "sample":
        names = ["master", "customer", "date", "count", "amount"]
        found = read("CDNOW_sample.txt", names)
        assert len(found.age) == 2357
    else:
        found = read("CDNOW_master.txt", ["customer", "date", "count", "amount"])
        assert len(found.age) == 23570
    return found


def in_turns(*calls: Callable[[], Any], turns: int = TURNS) -> list[tuple[float, Any]]:
    """(best time, result) of each call."""
    best: list[tuple[float, Any]] = [(float("inf"), None)] * len(calls)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _turn in range(turns):
            for place, call in enumerate(calls):
                start = time.perf_counter()
                result = call()
                best[place] = min(best[place][0], time.perf_counter() - start), result
    return best


def report(capsys: pytest.CaptureFixture[str], text: str) -> None:
    with capsys.disabled():
        print(f"\n  {text}")


def compare(name: str, ours: float, theirs: float) -> str:
    return f"{name}: {ours * 1000:.1f} ms, lifetimes {theirs * 1000:.1f} ms: {theirs / ours:.1f} x"


def test_fit_and_scores_are_as_good_and_never_slower(
    histories: Histories, capsys: pytest.CaptureFixture[str]
) -> None:
    x, last, age = histories
    (fit_time, fit), (their_fit_time, fitter) = in_turns(
        lambda: clv.fit_bg_nbd(x, last, age),
        lambda: lifetimes.BetaGeoFitter().fit(x, last, age),
    )
    their_fit = clv.BgNbd(*fitter.params_)
    their_likelihood = clv.log_likelihood(their_fit, x, last, age)
    (score_time, scores), (their_score_time, their_scores) = in_turns(
        lambda: (
            clv.alive_probability(their_fit, x, last, age),
            clv.expected_purchases(their_fit, HORIZON_WEEKS, x, last, age),
        ),
        lambda: (
            fitter.conditional_probability_alive(x, last, age),
            fitter.conditional_expected_number_of_purchases_up_to_time(
                HORIZON_WEEKS, x, last, age
            ),
        ),
        turns=4 * TURNS,
    )
    both, their_both = fit_time + score_time, their_fit_time + their_score_time
    report(capsys, f"{len(x)} customers, log-likelihood {fit.log_likelihood:.6f}")
    report(capsys, f"  lifetimes {their_likelihood:.6f}")
    report(capsys, compare("fit", fit_time, their_fit_time))
    report(capsys, compare("scores", score_time, their_score_time))
    report(capsys, compare("both", both, their_both) + f" (aim {AIM} x)")
    for mine, other in zip(scores, their_scores, strict=True):
        np.testing.assert_allclose(mine, other, atol=1e-6)
    assert fit.converged
    assert fit.log_likelihood >= their_likelihood - 1e-9 * abs(their_likelihood)
    assert both <= their_both


def test_a_million_customers_are_scored_in_one_call(
    capsys: pytest.CaptureFixture[str],
) -> None:
    dice = np.random.default_rng(19)
    age = dice.integers(1, 2000, MANY).astype(float)
    x = np.minimum(dice.poisson(dice.gamma(0.25, 1 / 31, MANY) * age), age)
    x[:1000] = age[:1000] = np.arange(4000, 5000)
    last = np.where(x > 0, np.ceil(age * dice.random(MANY)), 0.0)
    amount = np.where(x > 0, dice.gamma(3, 20, MANY) + 1, 0.0)
    model = clv.BgNbd(0.25, 31.0, 0.8, 2.4)
    spend = gamma_gamma.GammaGamma(6.25, 3.74, 15.44)
    calls: dict[str, Callable[[], Any]] = {
        "alive probability": lambda: clv.alive_probability(model, x, last, age),
        "expected orders": lambda: clv.expected_purchases(model, 90, x, last, age),
        "all figures": lambda: gamma_gamma.figures(model, spend, x, last, age, amount),
    }
    for name, call in calls.items():
        start = time.perf_counter()
        found = call()
        duration = time.perf_counter() - start
        tracemalloc.start()
        call()
        peak = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
        report(capsys, f"{name}, {MANY} rows: {duration:.2f} s, {peak:.0f} MB")
        columns = vars(found).values() if name == "all figures" else [found]
        for column in columns:
            assert np.isfinite(column).all() and (column >= 0).all()
        assert peak < 300


def test_a_million_histories_are_fitted(capsys: pytest.CaptureFixture[str]) -> None:
    dice = np.random.default_rng(20)
    age = dice.integers(30, 2000, MANY).astype(float)
    leaves = np.where(dice.random(MANY) < 0.5, dice.random(MANY), 1) * age
    x = np.minimum(dice.poisson(dice.gamma(0.3, 1 / 40, MANY) * leaves), age)
    last = np.where(x > 0, np.ceil(leaves * dice.beta(x + 0.1, 1)), 0.0)
    start = time.perf_counter()
    fit = clv.fit_bg_nbd(x, last, age)
    middle = time.perf_counter()
    again = clv.fit_bg_nbd(x, last, age, start=fit)
    end = time.perf_counter()
    text = f"fit of {MANY} customers: {middle - start:.1f} s in {fit.iterations} steps"
    again_text = f"from the last fit: {end - middle:.1f} s in {again.iterations} steps"
    report(capsys, f"{text}; {again_text}")
    assert fit.converged and again.iterations <= fit.iterations
