"""How healthy a relationship is, from 0 to 100, and why that moved.

Each measure is turned into points by a stated curve, linear between its corners and flat outside of them; the score is
the weighted mean of the points. A measure that is absent takes its weight along. The curves are a convention of this
addon: 100 is as good as it gets, 0 as bad.

Source: OECD & JRC (2008), "Handbook on Constructing Composite Indicators" (normalisation, weighting, linear
aggregation; why its contributions add up).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from .significance import Floats

# measure -> corners (value, points), values ascending
CURVES: Final[Mapping[str, tuple[tuple[float, float], ...]]] = {
    # days since the last order / own interval: in time, twice the interval, four times
    "overdue": ((1.0, 100.0), (2.0, 50.0), (4.0, 0.0)),
    # margin of 12 months against the 12 before, as a change: half lost, even, a quarter more
    "trend": ((-0.5, 0.0), (0.0, 70.0), (0.25, 100.0)),
    "open_tickets": ((0.0, 100.0), (2.0, 70.0), (6.0, 0.0)),
    "late_tickets": ((0.0, 100.0), (1.0, 50.0), (3.0, 0.0)),
    # mean answer, 0 worst, 1 best: a middling answer is no good one
    "satisfaction": ((0.0, 0.0), (0.5, 40.0), (0.75, 80.0), (1.0, 100.0)),
    # different contacts that we spoke with in 12 months: one is a risk
    "contacts": ((0.0, 0.0), (1.0, 40.0), (3.0, 80.0), (5.0, 100.0)),
    # mean days late
    "payment": ((0.0, 100.0), (15.0, 70.0), (30.0, 40.0), (60.0, 0.0)),
}
MEASURES: Final = tuple(CURVES)
# value and points tell by how much the margin changed: not for everybody who may see the score
MARGIN_MEASURES: Final = ("trend",)
DEFAULT_WEIGHTS: Final[Mapping[str, float]] = {
    "overdue": 30.0,
    "trend": 20.0,
    "open_tickets": 5.0,
    "late_tickets": 10.0,
    "satisfaction": 15.0,
    "contacts": 10.0,
    "payment": 10.0,
}
Component = dict[str, float]
Components = dict[str, Component]


@dataclass(frozen=True)
class Contribution:
    """By how many points a measure moved the score; its value before and after, None where it was absent."""

    measure: str
    points: float
    before: float | None
    after: float | None


def points_of(measure: str, values: Floats) -> Floats:
    """Points of the values of a measure, NaN where the value is.

    >>> points_of("overdue", np.array([0.5, 1.5, 3.0, 9.0, np.nan])).tolist()
    [100.0, 75.0, 25.0, 0.0, nan]
    """
    corners = CURVES[measure]
    x, y = (np.array(axis) for axis in zip(*corners, strict=True))
    found: Floats = np.interp(values, x, y)
    return np.where(np.isfinite(values), found, np.nan)


def health_values(
    raw: Mapping[str, Any], weights: Mapping[str, float]
) -> tuple[list[float | None], list[Components]]:
    """The score of each relationship and what it consists of.

    :param raw: measure -> array of values, NaN (or None) where absent; all of one length.
    :param weights: measure -> weight, at least 0; a measure without a weight does not count.
    :return: scores, None where nothing is measured; and for each measure -> value, points, weight.

    >>> raw = {"overdue": [1.5, np.nan], "payment": [0.0, np.nan]}
    >>> health_values(raw, {"overdue": 30, "payment": 10})[0]
    [81.25, None]
    """
    arrays = {
        measure: np.asarray(values, dtype=np.float64)
        for measure, values in raw.items()
        if weights.get(measure, 0.0) > 0
    }
    size = max((len(values) for values in raw.values()), default=0)
    points = {measure: points_of(measure, values) for measure, values in arrays.items()}
    total, weighted = np.zeros(size), np.zeros(size)
    for measure, values in points.items():
        present = np.isfinite(values)
        total += weights[measure] * present
        weighted += weights[measure] * np.where(present, values, 0.0)
    scores = np.divide(weighted, total, out=np.zeros(size), where=total > 0)
    return (
        [
            score if weight else None
            for score, weight in zip(scores.tolist(), total.tolist(), strict=True)
        ],
        _components(arrays, points, weights, size),
    )


def _components(
    arrays: Mapping[str, Floats],
    points: Mapping[str, Floats],
    weights: Mapping[str, float],
    size: int,
) -> list[Components]:
    found: list[Components] = [{} for _number in range(size)]
    for measure, values in arrays.items():
        weight = float(weights[measure])
        numbers = values.tolist()
        scored = points[measure].tolist()
        for place in np.flatnonzero(np.isfinite(values)).tolist():
            found[place][measure] = {
                "value": numbers[place],
                "points": scored[place],
                "weight": weight,
            }
    return found


def score_of(components: Mapping[str, Component]) -> float | None:
    """The score that these components make, None for none.

    >>> score_of({"overdue": {"value": 1.5, "points": 75.0, "weight": 1.0}})
    75.0
    """
    total = sum(item["weight"] for item in components.values())
    if not total:
        return None
    return sum(item["points"] * item["weight"] for item in components.values()) / total


def explain(
    before: Mapping[str, Component],
    after: Mapping[str, Component],
    weights: Mapping[str, float] | None = None,
) -> list[Contribution]:
    """Which measures moved the score and by how much, the strongest first; they add up to the difference.

    What is in both counts by its change. What appears counts by how far it is above or below the others, so does what
    vanishes: the others do not seem to move only because they weigh more.

    :param before: measure -> value, points, weight; as :func:`health_values` gives them.
    :param weights: to use instead of the weights of the components, before and after.
    :return: nothing where there is no score before or after.

    >>> old = {"overdue": {"value": 1.0, "points": 100.0, "weight": 3.0}}
    >>> new = {"overdue": {"value": 2.0, "points": 50.0, "weight": 3.0},
    ...        "payment": {"value": 0.0, "points": 100.0, "weight": 1.0}}
    >>> [(item.measure, item.points) for item in explain(old, new)]
    [('overdue', -50.0), ('payment', 12.5)]
    """
    if weights is not None:
        before, after = _reweigh(before, weights), _reweigh(after, weights)
    old_score, new_score = score_of(before), score_of(after)
    if old_score is None or new_score is None:
        return []
    both = [measure for measure in before if measure in after]
    old_level = score_of({measure: before[measure] for measure in both})
    new_level = score_of({measure: after[measure] for measure in both})
    if old_level is None or new_level is None:  # nothing in common
        both, old_level = [], (old_score + new_score) / 2
        new_level = old_level
    moved = _changes(before, after, both, (old_level + new_level) / 2)
    for components, level, sign in ((before, old_level, -1), (after, new_level, 1)):
        for measure, share in _shares(components).items():
            if measure not in both:
                gap = components[measure]["points"] - level
                moved[measure] = moved.get(measure, 0.0) + sign * share * gap
    found = [
        Contribution(measure, points, _value(before, measure), _value(after, measure))
        for measure, points in moved.items()
    ]
    return sorted(found, key=lambda item: (-abs(item.points), item.measure))


def _changes(
    before: Mapping[str, Component],
    after: Mapping[str, Component],
    both: list[str],
    level: float,
) -> dict[str, float]:
    """Contribution of each measure that is in both: its points at the mean weight, its weight at the mean points."""
    old = _shares({measure: before[measure] for measure in both})
    new = _shares({measure: after[measure] for measure in both})
    found = {}
    for measure in both:
        was, now = before[measure]["points"], after[measure]["points"]
        by_points = (old[measure] + new[measure]) / 2 * (now - was)
        by_weight = (new[measure] - old[measure]) * ((was + now) / 2 - level)
        found[measure] = by_points + by_weight
    return found


def _shares(components: Mapping[str, Component]) -> dict[str, float]:
    """Share of each measure in the weights."""
    total = sum(item["weight"] for item in components.values())
    return {
        measure: item["weight"] / total if total else 0.0
        for measure, item in components.items()
    }


def _reweigh(
    components: Mapping[str, Component], weights: Mapping[str, float]
) -> Components:
    return {
        measure: {**item, "weight": weights.get(measure, 0.0)}
        for measure, item in components.items()
    }


def _value(components: Mapping[str, Component], measure: str) -> float | None:
    return components[measure]["value"] if measure in components else None
