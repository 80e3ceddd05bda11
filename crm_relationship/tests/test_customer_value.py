"""The models of purchases and their value: properties, references, and the published estimates."""

import logging
import math

import numpy as np
from scipy.integrate import quad
from scipy.special import betaln

from odoo.tests import BaseCase, tagged

from ..analytics import clv, gamma_gamma

_logger = logging.getLogger(__name__)

try:
    from hypothesis import given, settings
    from hypothesis import strategies as st
except ImportError:
    given = None
    _logger.warning(
        "hypothesis is not installed: the properties of the purchase model are not tested"
    )
try:
    import lifetimes
    from lifetimes.datasets import load_cdnow_summary_data_with_monetary_value
except ImportError:
    lifetimes = None
    _logger.warning(
        "lifetimes is not installed: the models are not compared with the published estimates"
    )

CDNOW = clv.BgNbd(0.2426, 4.4135, 0.7929, 2.4258)
SPEND = gamma_gamma.GammaGamma(6.25, 3.74, 15.44)
MODELS = (
    CDNOW,
    clv.BgNbd(1.0, 30.0, 1.0, 5.0),  # a = 1
    clv.BgNbd(0.5, 10.0, 0.25, 0.75),  # a + b = 1
    clv.BgNbd(0.5, 10.0, 0.1, 0.2),  # a + b < 1
    clv.BgNbd(5.0, 100.0, 0.01, 1.0),  # nearly nobody leaves
    clv.BgNbd(2.0, 0.01, 3.0, 3.0),
    clv.BgNbd(300.0, 9000.0, 900.0, 9000.0),  # all nearly alike
)


def naive_purchases(model, horizon, x, age):
    """Equation (10) for who is still there, as the mean over the chance to leave."""

    def integrand(share):
        rest = math.log1p(share * horizon / (model.alpha + age))
        density = (model.a - 2) * math.log(share)
        density += (model.b + x - 1) * math.log1p(-share) - betaln(model.a, model.b + x)
        return -math.expm1(-(model.r + x) * rest) * math.exp(density)

    middle = model.a / (model.a + model.b + x)
    edges = (0.0, middle / 1e6, middle / 100, middle, 1 - (1 - middle) / 2, 1.0)
    pairs = zip(edges, edges[1:], strict=False)
    return sum(quad(integrand, *pair, epsabs=0, limit=400)[0] for pair in pairs)


def sample(count=400, seed=3):
    """Histories drawn from a gamma of rates, in days."""
    dice = np.random.default_rng(seed)
    age = dice.integers(200, 800, count).astype(float)
    frequency = dice.poisson(dice.gamma(0.6, 1 / 60, count) * age).astype(float)
    recency = np.floor(age * dice.beta(2, 1, count))
    return frequency, np.where(frequency > 0, np.maximum(recency, 1), 0.0), age


@tagged("post_install", "-at_install")
class TestPurchaseModel(BaseCase):
    def test_the_expectation_is_the_integral_that_defines_it(self):
        for model in MODELS:
            for x, age, horizon in (
                (0, 0, 1),
                (0, 40, 5000),
                (1, 39, 13),
                (7, 300, 300),
                (60, 900, 90),
            ):
                with self.subTest(model=model, x=x, horizon=horizon):
                    found = clv.purchases_if_alive(
                        model,
                        *(np.array([float(item)]) for item in (horizon, x, age)),
                    )
                    expected = naive_purchases(model, horizon, x, age)
                    self.assertAlmostEqual(found[0] / expected, 1, 6)

    def test_thousands_of_purchases_give_finite_numbers_within_their_bounds(self):
        x = np.array([0, 1, 10, 1e3, 5e3, 2e4, 1e6])[:, None, None]
        age = np.array([1.0, 39, 1000, 20000])[:, None]
        recency = np.where(x > 0, age * np.array([0.1, 0.9, 1.0]), 0)
        for model in MODELS:
            for horizon in (0.0, 1e-6, 1, 90, 1e3, 1e6):
                with self.subTest(model=model, horizon=horizon):
                    found = clv.expected_purchases(model, horizon, x, recency, age)
                    bound = horizon * (model.r + x) / (model.alpha + age)
                    self.assertTrue(np.isfinite(found).all())
                    self.assertTrue((found >= 0).all())
                    self.assertTrue((found <= bound * (1 + 1e-9)).all())
                    alive = clv.alive_probability(model, x, recency, age)
                    self.assertTrue(((alive >= 0) & (alive <= 1)).all())
                    self.assertTrue((alive[0] == 1).all(), "bought once")

    def test_series_and_integral_agree(self):
        x, z = (item.ravel() for item in np.mgrid[0:200:7.0, 0.01:0.9:0.05])
        for model in MODELS[:4]:
            ratio = clv._by_series(model, x, z) / clv._by_integral(model, x, z)
            self.assertLess(np.abs(ratio - 1).max(), 1e-7)

    def test_the_slopes_are_those_of_the_likelihood(self):
        objective = clv._objective(*sample())
        point, step = np.array([-0.7, 2.0, -0.3, 0.9]), 1e-5
        for place in range(4):
            moved = np.eye(4)[place] * step
            ahead, behind = objective(point + moved)[0], objective(point - moved)[0]
            slope = (ahead - behind) / (2 * step)
            self.assertAlmostEqual(objective(point)[1][place], slope, 7)

    def test_a_fit_depends_on_neither_unit_nor_order(self):
        frequency, recency, age = sample()
        days = clv.fit_bg_nbd(frequency, recency, age)
        self.assertTrue(days.converged)
        weeks = clv.fit_bg_nbd(frequency, recency / 7, age / 7)
        turned = clv.fit_bg_nbd(frequency[::-1], recency[::-1], age[::-1])
        again = clv.fit_bg_nbd(frequency, recency, age, start=days)
        self.assertLessEqual(again.iterations, days.iterations)
        for other, unit in ((weeks, 7), (turned, 1), (again, 1)):
            self.assertAlmostEqual(other.r / days.r, 1, 3)
            self.assertAlmostEqual(other.alpha * unit / days.alpha, 1, 3)
            self.assertAlmostEqual(other.a / days.a, 1, 3)
            self.assertAlmostEqual(other.b / days.b, 1, 3)
        self.assertAlmostEqual(again.log_likelihood, days.log_likelihood, 4)

    def test_no_climb_leads_above_the_fit(self):
        frequency, recency, age = sample()
        fit = clv.fit_bg_nbd(frequency, recency, age)
        dice = np.random.default_rng(1)
        for _turn in range(20):
            factor = np.exp(dice.normal(0, 0.3, 4))
            other = clv.BgNbd(
                *(np.array([fit.r, fit.alpha, fit.a, fit.b]) * factor).tolist()
            )
            value = clv.log_likelihood(other, frequency, recency, age)
            self.assertLess(value, fit.log_likelihood)

    def test_histories_that_cannot_be_are_refused_with_the_reason(self):
        for history, text in (
            (([np.nan], [1], [2]), "frequency is absent"),
            (([1], [np.inf], [2]), "recency is absent"),
            (([1], [1], [np.nan]), "age is absent"),
            (([-1], [0], [2]), "frequency is negative"),
            (([1.5], [1], [2]), "no whole number"),
            (([1], [-1], [2]), "recency is negative"),
            (([1], [3], [2]), "recency is above age"),
            (([0], [1], [2]), "nothing was bought again"),
            (([2], [0], [2]), "something was bought again"),
        ):
            with self.subTest(text):
                for call in (
                    clv.fit_bg_nbd,
                    lambda *h: clv.alive_probability(CDNOW, *h),
                ):
                    with self.assertRaisesRegex(clv.BadHistoryError, text):
                        call(*history)
        for horizon in (np.nan, np.inf, -1):
            with self.assertRaises(clv.BadHistoryError):
                clv.expected_purchases(CDNOW, horizon, [0], [0], [1])

    def test_a_last_purchase_today_may_be_off_by_rounding(self):
        age = np.array([0.1 + 0.2, 0.3])
        alive = clv.alive_probability(CDNOW, [1, 1], age[::-1], [0.3, 0.3])
        self.assertEqual(alive[0], alive[1])

    def test_too_little_data_is_said(self):
        for history, text in (
            (([], [], []), "no customers"),
            (([0, 0], [0, 0], [5, 9]), "none of the 2 customers"),
            (([0], [0], [0]), "none of the 1 customers"),
        ):
            with self.assertRaisesRegex(clv.NotEnoughDataError, text):
                clv.fit_bg_nbd(*history)
        for values in (([], []), ([0], [0]), ([1, 2], [5, 5]), ([1, 1], [0, -3])):
            with self.assertRaises(clv.NotEnoughDataError):
                gamma_gamma.fit_gamma_gamma(*values)

    def test_data_that_bounds_no_parameter_still_gives_numbers(self):
        """Everybody buys at one rate and nobody leaves: the parameters run off, and the fit says so."""
        age = np.full(200, 365.0)
        frequency = np.tile([11.0, 12, 13, 14], 50)
        fit = clv.fit_bg_nbd(frequency, age - 5, age)
        self.assertTrue(fit.limits)
        found = clv.expected_purchases(fit, 365, frequency, age - 5, age)
        self.assertTrue(np.isfinite(found).all())
        self.assertAlmostEqual(found.mean(), 12.5, delta=1)


@tagged("post_install", "-at_install")
class TestValueModel(BaseCase):
    def test_the_value_lies_between_the_own_mean_and_that_of_all(self):
        found = gamma_gamma.expected_value(SPEND, [0, 1, 3, 1000], [0, 100, 100, 100])
        self.assertAlmostEqual(found[0], SPEND.mean)
        self.assertTrue((np.diff(found) > 0).all() and found[-1] < 100)

    def test_a_negative_mean_counts_as_nothing(self):
        below, zero = gamma_gamma.expected_value(SPEND, [2, 2], [-50, 0])
        self.assertEqual(below, zero)
        self.assertGreater(zero, 0)

    def test_money_has_no_unit(self):
        dice = np.random.default_rng(5)
        frequency = dice.integers(0, 9, 300)
        mean = dice.gamma(3, 20, 300) + 1
        cents, units = (
            gamma_gamma.fit_gamma_gamma(frequency, mean * factor) for factor in (100, 1)
        )
        self.assertTrue(units.converged and units.q > 1)
        self.assertAlmostEqual(cents.p / units.p, 1, 3)
        self.assertAlmostEqual(cents.v / units.v / 100, 1, 3)

    def test_amounts_without_a_mean_have_no_model(self):
        dice = np.random.default_rng(5)
        with self.assertRaisesRegex(clv.NotEnoughDataError, "no mean"):
            gamma_gamma.fit_gamma_gamma(np.ones(200), 1 / dice.random(200) ** 2)

    def test_the_lifetime_value_is_the_discounted_sum_of_purchases(self):
        history = [0, 1, 5], [0, 20, 250], [300, 300, 300]
        mean, steps = [0, 40, 25], 300
        for yearly in (0.0, 0.1, 1.0):
            found = gamma_gamma.lifetime_value(
                CDNOW, SPEND, 1095, yearly, *history, mean, period=365
            )
            moments = np.linspace(0, 1095, steps + 1)
            purchases = [clv.expected_purchases(CDNOW, at, *history) for at in moments]
            middles = (moments[1:] + moments[:-1]) / 2
            counted = np.diff(purchases, axis=0).T @ (1 + yearly) ** (-middles / 365)
            naive = counted * gamma_gamma.expected_value(SPEND, history[0], mean)
            np.testing.assert_allclose(found, naive, rtol=1e-3)

    def test_the_figures_are_those_of_the_models(self):
        history, mean = ([0, 3], [0, 300], [400, 400]), [0, 12]
        found = gamma_gamma.figures(CDNOW, SPEND, *history, mean)
        alive = clv.alive_probability(CDNOW, *history)
        orders = clv.expected_purchases(CDNOW, 90, *history)
        np.testing.assert_array_equal(found.alive_probability, alive)
        np.testing.assert_array_equal(found.expected_orders_90d, orders)
        later = gamma_gamma.figures(CDNOW, SPEND, *history, mean, horizon_days=9999)
        self.assertTrue((later.clv_amount > found.clv_amount).all())


if lifetimes:

    @tagged("post_install", "-at_install")
    class TestPublished(BaseCase):
        """Against the published estimates on the CDNOW sample, and customer by customer against lifetimes."""

        @classmethod
        def setUpClass(cls):
            super().setUpClass()
            cls.data = load_cdnow_summary_data_with_monetary_value()
            cls.history = cls.data.frequency, cls.data.recency, cls.data["T"]

        def test_bg_nbd_has_the_published_estimates(self):
            fit = clv.fit_bg_nbd(*self.history)
            found = [round(value, 3) for value in (fit.r, fit.alpha, fit.a, fit.b)]
            self.assertEqual(found, [0.243, 4.414, 0.793, 2.426])
            self.assertAlmostEqual(fit.log_likelihood, -9582.4, 1)
            self.assertEqual((fit.customer_count, fit.limits), (2357, ()))

        def test_gamma_gamma_has_the_published_estimates(self):
            fit = gamma_gamma.fit_gamma_gamma(
                self.data.frequency, self.data.monetary_value
            )
            found = [round(value, 2) for value in (fit.p, fit.q, fit.v)]
            self.assertEqual(found, [6.25, 3.74, 15.45])

        def test_every_customer_is_scored_as_by_the_package(self):
            fitter = lifetimes.BetaGeoFitter().fit(*self.history)
            model = clv.BgNbd(*fitter.params_)
            np.testing.assert_allclose(
                clv.alive_probability(model, *self.history),
                fitter.conditional_probability_alive(*self.history),
                atol=1e-6,
            )
            for horizon in (1, 13, 39, 156):
                np.testing.assert_allclose(
                    clv.expected_purchases(model, horizon, *self.history),
                    fitter.conditional_expected_number_of_purchases_up_to_time(
                        horizon, *self.history
                    ),
                    atol=1e-6,
                )


if given:
    always = settings(max_examples=100, deadline=None, derandomize=True, database=None)

    @tagged("post_install", "-at_install")
    class TestHorizon(BaseCase):
        @given(st.floats(0.01, 1e4), st.floats(0.01, 1e4), st.integers(0, 5000))
        @always
        def test_a_longer_horizon_never_brings_fewer_purchases(self, one, two, count):
            horizons = sorted([one, two])
            for model in MODELS[:2]:
                short, long = clv.expected_purchases(
                    model, horizons, [count], [min(count, 30)], [40]
                )
                self.assertLessEqual(short, long * (1 + 1e-7))
