"""How long the association rules of 200,000 baskets take, against the package mlxtend on the same baskets.

Both find the same rules, with the same numbers. Printed as a ratio of times measured in turns in the same run.
"""

import importlib
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
from mlxtend.frequent_patterns import apriori, association_rules, fpgrowth
from scipy.sparse import csr_matrix

ROOT = Path(__file__).parents[2]
BASKETS, PRODUCTS = 200_000, 120
# The package's other method takes minutes for all of them, so it is compared on the first of them.
PART = 5_000
SUPPORT, CONFIDENCE = 0.0201, 0.1507
TURNS = 3
Found = dict[tuple[frozenset[int], int], tuple[float, float, float]]


@pytest.fixture(scope="module")
def affinity() -> ModuleType:
    """The pure function alone: it needs no Odoo."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "crm_relationship"))
        return importlib.import_module("analytics.affinity")


@pytest.fixture(scope="module")
def baskets() -> tuple[Any, Any]:
    """(basket, item) of each line: popular and rare products, and thirty triples that go together."""
    random = np.random.default_rng(19)
    popularity = 1 / np.arange(1, PRODUCTS + 1) ** 1.1
    lines = random.choice(
        PRODUCTS, size=BASKETS * 4, p=popularity / popularity.sum()
    ).astype(np.int64)
    owners = random.integers(0, BASKETS, len(lines))
    triples = random.choice(PRODUCTS, (30, 3))
    chosen = random.integers(0, 30, BASKETS // 4)
    together = np.repeat(random.integers(0, BASKETS, len(chosen)), 3)
    owners = np.concatenate((np.arange(BASKETS), owners, together))
    lines = np.concatenate(
        (random.integers(0, PRODUCTS, BASKETS), lines, triples[chosen].ravel())
    )
    return owners, lines


def mine(affinity: ModuleType, baskets: tuple[Any, Any]) -> Any:
    limits = affinity.Limits(
        count=1, support_ratio=SUPPORT, confidence_ratio=CONFIDENCE, width=PRODUCTS
    )
    return affinity.mine(*baskets, limits)


def as_found(rules: Any) -> Found:
    rows = zip(
        rules.antecedents.tolist(),
        rules.consequents.tolist(),
        rules.support_ratio.tolist(),
        rules.confidence_ratio.tolist(),
        rules.lift.tolist(),
        strict=True,
    )
    return {
        (frozenset(causes) - {-1}, effect): (support, confidence, lift)
        for causes, effect, support, confidence, lift in rows
    }


def as_frame(baskets: tuple[Any, Any], size: int) -> pd.DataFrame:
    """The baskets in the form that the package wants."""
    owners, lines = baskets
    matrix = csr_matrix(
        (np.ones(len(lines), dtype=bool), (owners, lines)), shape=(size, PRODUCTS)
    )
    return pd.DataFrame(matrix.toarray().astype(bool), columns=range(PRODUCTS))


def mine_with_package(frame: pd.DataFrame, method: Callable[..., Any]) -> pd.DataFrame:
    """Rules with one consequent out of sets of three at most."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frequent = method(frame, min_support=SUPPORT, max_len=3)
        rules = association_rules(
            frequent,
            num_itemsets=len(frame),
            metric="confidence",
            min_threshold=CONFIDENCE,
        )
    return rules[rules["consequents"].map(len) == 1]


def as_found_by_package(rules: pd.DataFrame) -> Found:
    names = ["antecedents", "consequents", "support", "confidence", "lift"]
    return {
        (frozenset(int(item) for item in causes), int(next(iter(effect)))): (
            support,
            confidence,
            lift,
        )
        for causes, effect, support, confidence, lift in rules[names].itertuples(
            index=False
        )
    }


def best(turns: int, call: Callable[[], Any]) -> tuple[float, Any]:
    """The best time of some turns, and what the call gave."""
    times, result = [], None
    for _turn in range(turns):
        start = time.perf_counter()
        result = call()
        times.append(time.perf_counter() - start)
    return min(times), result


@pytest.mark.parametrize(("method", "size"), [(apriori, BASKETS), (fpgrowth, PART)])
def test_the_same_rules_as_the_package_and_sooner(
    affinity: ModuleType,
    baskets: tuple[Any, Any],
    method: Callable[..., Any],
    size: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    first = baskets[0] < size
    part = baskets[0][first], baskets[1][first]
    frame = as_frame(part, size)
    other_time, other = best(1, lambda: mine_with_package(frame, method))
    own_time, own = best(TURNS, lambda: mine(affinity, part))
    found, expected = as_found(own), as_found_by_package(other)
    assert len(found) > 50
    assert found.keys() == expected.keys()
    for key, numbers in found.items():
        assert numbers == pytest.approx(expected[key], abs=1e-9, rel=0)
    with capsys.disabled():
        print(
            f"\n  {len(found)} rules of {size} baskets: {own_time:.2f} s; mlxtend {method.__name__}"
            f" {other_time:.2f} s: {other_time / own_time:.0f} x as long"
        )
    assert own_time < other_time


def test_suggestions_for_every_customer(
    affinity: ModuleType, baskets: tuple[Any, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    rules = mine(affinity, baskets)
    seconds, found = best(1, lambda: affinity.top_suggestions(baskets, rules, 3))
    assert np.bincount(found.customers).max() <= 3
    with capsys.disabled():
        print(
            f"\n  {len(found.items)} suggestions by {len(rules)} rules: {seconds:.2f} s"
        )
