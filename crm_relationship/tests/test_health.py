"""The health score: what holds for every relationship."""

import logging

import numpy as np

from odoo.tests import BaseCase, tagged

from ..analytics import health

try:
    from hypothesis import given, settings
    from hypothesis import strategies as st
except ImportError:
    given = None
    logging.getLogger(__name__).warning(
        "hypothesis is not installed: the properties of the health are not tested"
    )

WEIGHTS = dict(health.DEFAULT_WEIGHTS)


def values_of(raw, weights=None):
    """(score, components) of one relationship."""
    arrays = {measure: [value] for measure, value in raw.items()}
    scores, components = health.health_values(arrays, weights or WEIGHTS)
    return scores[0], components[0]


@tagged("post_install", "-at_install")
class TestHealth(BaseCase):
    def test_every_measure_has_a_curve_and_a_default_weight(self):
        self.assertEqual(set(health.MEASURES), set(WEIGHTS))
        self.assertEqual(sum(WEIGHTS.values()), 100)
        for corners in health.CURVES.values():
            self.assertEqual([x for x, _y in corners], sorted(x for x, _y in corners))
            self.assertEqual(
                {min(y for _x, y in corners), max(y for _x, y in corners)}, {0, 100}
            )

    def test_nothing_measured_is_no_score(self):
        nothing = {"overdue": float("nan"), "payment": None}
        self.assertEqual(values_of(nothing), (None, {}))
        self.assertEqual(values_of({"overdue": 1}, {"overdue": 0}), (None, {}))
        self.assertEqual(health.health_values({}, WEIGHTS), ([], []))
        self.assertEqual(health.explain({}, values_of({"overdue": 1})[1]), [])

    def test_other_weights_can_be_tried(self):
        before = values_of({"overdue": 1, "payment": 0})[1]
        after = values_of({"overdue": 2, "payment": 60})[1]
        moved = health.explain(before, after, {"payment": 1.0, "overdue": 1.0})
        self.assertEqual(
            [(item.measure, item.points) for item in moved],
            [("payment", -50), ("overdue", -25)],
        )


if given:
    always = settings(max_examples=150, deadline=None, derandomize=True, database=None)
    value = st.one_of(st.none(), st.floats(-2, 100, allow_nan=False))
    raws = st.fixed_dictionaries({measure: value for measure in health.MEASURES})
    some_weights = st.fixed_dictionaries(
        {
            measure: st.one_of(st.just(0.0), st.floats(0.1, 100))
            for measure in health.MEASURES
        }
    )

    @tagged("post_install", "-at_install")
    class TestHealthProperties(BaseCase):
        @given(st.lists(raws, min_size=1, max_size=5), some_weights)
        @always
        def test_the_score_is_the_weighted_mean_of_what_is_measured(
            self, many, weights
        ):
            arrays = {
                measure: [raw[measure] for raw in many] for measure in health.MEASURES
            }
            scores, components = health.health_values(arrays, weights)
            for raw, score, parts in zip(many, scores, components, strict=True):
                present = {
                    measure
                    for measure, value in raw.items()
                    if value is not None and weights[measure]
                }
                self.assertEqual(set(parts), present)
                if not present:
                    self.assertIsNone(score)
                    continue
                total = sum(weights[measure] for measure in present)
                expected = sum(
                    weights[measure] * self.naive_points(measure, raw[measure])
                    for measure in present
                )
                self.assertAlmostEqual(score, expected / total, 8)
                self.assertAlmostEqual(score, health.score_of(parts), 8)
                self.assertTrue(-1e-9 <= score <= 100 + 1e-9)

        def naive_points(self, measure, value):
            """The curve walked corner by corner."""
            corners = health.CURVES[measure]
            if value <= corners[0][0]:
                return corners[0][1]
            for (x0, y0), (x1, y1) in zip(corners, corners[1:], strict=False):
                if value <= x1:
                    return y0 + (y1 - y0) * (value - x0) / (x1 - x0)
            return corners[-1][1]

        @given(raws, raws, some_weights, some_weights)
        @always
        def test_contributions_add_up_to_the_difference(self, old, new, one, two):
            for weights in (one, two):  # unchanged and changed weights
                before_score, before = values_of(old, one)
                after_score, after = values_of(new, weights)
                moved = health.explain(before, after)
                if before_score is None or after_score is None:
                    self.assertEqual(moved, [])
                    continue
                total = sum(item.points for item in moved)
                self.assertAlmostEqual(total, after_score - before_score, 8)
                self.assertEqual(
                    {item.measure for item in moved}, set(before) | set(after)
                )
                sizes = [abs(item.points) for item in moved]
                self.assertEqual(sizes, sorted(sizes, reverse=True))

        @given(raws, st.sampled_from(health.MEASURES), value)
        @always
        def test_what_did_not_change_moved_nothing(self, raw, measure, other):
            before, after = values_of(raw)[1], values_of({**raw, measure: other})[1]
            for item in health.explain(before, after):
                if item.measure != measure:
                    self.assertAlmostEqual(item.points, 0, 8)

        @given(raws, st.floats(0.5, 20))
        @always
        def test_only_the_proportion_of_the_weights_counts(self, raw, factor):
            score = values_of(raw)[0]
            scaled = {measure: weight * factor for measure, weight in WEIGHTS.items()}
            other = values_of(raw, scaled)[0]
            if score is None:
                self.assertIsNone(other)
            else:
                self.assertAlmostEqual(score, other, 8)

        @given(st.sampled_from(health.MEASURES), st.floats(-2, 100), st.floats(-2, 100))
        @always
        def test_each_curve_goes_one_way(self, measure, one, two):
            low, high = health.points_of(measure, np.array(sorted((one, two))))
            rises = health.CURVES[measure][0][1] < health.CURVES[measure][-1][1]
            self.assertTrue(low <= high if rises else low >= high)
