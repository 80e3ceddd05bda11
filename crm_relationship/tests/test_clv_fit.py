"""The parameters of the customer lifetime value are fitted, kept and refused."""

from datetime import date, timedelta

import numpy as np
from freezegun import freeze_time
from lxml import etree

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import new_test_user, tagged

from ..models.analysis import crm_relationship_clv_fit as clv_fit
from ..queries import intervals
from .common import RelationshipCase

TODAY = date(2026, 3, 16)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-16 10:00:00")
class TestClvFit(RelationshipCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fits = cls.env["crm.relationship.clv.fit"]
        cls.manager = new_test_user(
            cls.env,
            "clv_manager",
            groups="crm_relationship.group_relationship_manager",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def histories(self, count=300, days=600, seed=2):
        """frequency, recency, age, mean value of random customers."""
        dice = np.random.default_rng(seed)
        age = dice.integers(1, days, count).astype(float)
        age[0] = days
        stay = np.where(dice.random(count) < 0.4, dice.random(count), 1) * age
        frequency = np.minimum(dice.poisson(dice.gamma(0.8, 0.03, count) * stay), age)
        recency = np.ceil(stay * dice.beta(frequency + 0.1, 1))
        amounts = np.where(frequency > 0, dice.gamma(4, 25, count), 0)
        return frequency, np.where(frequency > 0, recency, 0), age, amounts

    def fit(self, histories=None, today=TODAY):
        return self.fits._fit(self.company, *(histories or self.histories()), today)

    def parameters(self, fit):
        return [fit[name] for name in ("r", "alpha", "a", "b", "p", "q", "v")]

    def test_enough_data_gives_parameters_in_use(self):
        fit = self.fit()
        self.assertEqual((fit.state, fit.message), ("done", False))
        self.assertEqual((fit.customer_count, fit.date), (300, TODAY))
        self.assertTrue(all(value > 0 for value in self.parameters(fit)))
        self.assertLess(fit.log_likelihood, 0)
        self.assertEqual(self.fits._get_current(self.company), fit)
        again = self.fit(today=TODAY + timedelta(days=7))
        self.assertLess(again.iterations, fit.iterations)
        self.assertAlmostEqual(again.r, fit.r, 3)
        self.assertEqual(self.fits._get_current(self.company), again)

    def test_too_little_data_is_said_with_its_numbers(self):
        frequency, recency, age, amounts = self.histories()
        for histories, texts in (
            (self.histories(60, 300), ["60 customers", "300 days ago"]),
            (self.histories(300, 364), ["364 days ago, 365 are needed"]),
            (
                (frequency * 0, recency * 0, age, amounts * 0),
                ["0 customers have bought on two days or more, 50 are needed"],
            ),
            (tuple(np.array([]) for _column in range(4)), ["0 customers have bought,"]),
        ):
            with self.subTest(texts):
                fit = self.fit(histories)
                self.assertEqual(fit.state, "insufficient")
                self.assertTrue(fit.message.startswith("not enough data: "))
                for text in texts:
                    self.assertIn(text, fit.message)
                self.assertFalse(any(self.parameters(fit)))
        self.assertFalse(self.fits._get_current(self.company))
        self.assertIsNone(fit._score([1], [1], [2], [3]))

    def test_a_failed_fit_keeps_the_last_parameters_and_asks_a_manager(self):
        good = self.fit()
        self.patch(clv_fit.clv, "SLOPE", 0.0)
        failed = self.fit(today=TODAY + timedelta(days=1))
        self.assertEqual(failed.state, "failed")
        self.assertIn("did not converge", failed.message)
        self.assertIn("03/16/2026 stay in use", failed.message)
        self.assertEqual(self.parameters(failed), self.parameters(good))
        self.assertEqual(self.fits._get_current(self.company), good)
        self.assertEqual(failed.activity_ids.user_id, self.manager)
        self.fit(today=TODAY + timedelta(days=2))
        activities = self.env["mail.activity"].search(
            [("res_model", "=", "crm.relationship.clv.fit")]
        )
        self.assertEqual(len(activities), 1, "asked once, not every day")
        failed.with_user(self.manager).activity_ids.action_feedback(feedback="Seen")
        self.assertFalse(failed.activity_ids)

    def test_a_first_fit_that_fails_leaves_the_figures_empty(self):
        frequency, recency, age, amounts = self.histories()
        amounts[frequency > 0] = np.nan
        fit = self.fit((frequency, recency, age, amounts))
        self.assertEqual(fit.state, "failed")
        self.assertIn("mean value is absent", fit.message)
        self.assertIn("the figures stay empty", fit.message)
        self.assertFalse(any(self.parameters(fit)))
        self.assertTrue(fit.activity_ids)

    def test_numbers_that_cannot_be_are_named_and_stored_nowhere(self):
        for place, value, text in (
            (0, np.nan, "frequency is absent"),
            (1, -1, "recency is negative"),
            (2, np.nan, "age is absent"),
            (2, np.inf, "age is absent or infinite"),
        ):
            histories = self.histories()
            histories[place][1] = value
            with self.subTest(text):
                fit = self.fit(histories)
                self.assertEqual(fit.state, "failed")
                self.assertIn(text, fit.message)
                self.assertFalse(any(self.parameters(fit)))

    def test_equal_amounts_give_no_lifetime_value_and_say_so(self):
        frequency, recency, age, amounts = self.histories()
        fit = self.fit((frequency, recency, age, np.where(amounts > 0, 10.0, 0.0)))
        self.assertEqual(fit.state, "done")
        self.assertIn("no model of amounts", fit.message)
        found = fit._score(frequency, recency, age, amounts)
        self.assertIsNone(found.clv_amount)
        self.assertEqual(len(found.alive_probability), 300)

    def test_the_value_follows_the_settings_of_the_company(self):
        histories = self.histories()
        fit = self.fit(histories)
        before = fit._score(*histories)
        self.assertTrue(np.isfinite(before.clv_amount).all())
        self.company.relationship_discount_rate_ratio = 0.5
        dearer = fit._score(*histories)
        self.assertTrue((dearer.clv_amount < before.clv_amount).all())
        self.company.relationship_clv_horizon_months = 1
        shorter = fit._score(*histories)
        self.assertTrue((shorter.clv_amount < dearer.clv_amount).all())
        np.testing.assert_array_equal(
            shorter.expected_orders_90d, before.expected_orders_90d
        )

    def test_the_value_is_margin(self):
        histories = self.histories()
        revenue = self.fit(histories)._score(*histories).clv_amount
        fit = self.fits._fit(self.company, *histories, TODAY, 0.25)
        self.assertEqual(fit.margin_ratio, 0.25)
        np.testing.assert_allclose(
            fit._score(*histories).clv_amount, revenue * 0.25, rtol=0.01, atol=0.01
        )
        nothing = self.fits._fit(self.company, *histories, TODAY, 0.0)
        self.assertFalse(nothing._score(*histories).clv_amount.any())
        self.patch(clv_fit.clv, "SLOPE", 0.0)
        failed = self.fits._fit(self.company, *histories, TODAY, 0.9)
        self.assertEqual((failed.state, failed.margin_ratio), ("failed", 0.0))

    def margin_ratio(self):
        return intervals.fetch_margin_ratio(self.env, self.company.id, TODAY)

    def test_the_margin_ratio_is_that_of_all_sales(self):
        self.env.flush_all()
        self.assertEqual(self.margin_ratio(), 1, "nothing sold")
        customer = self.make_customer("Buyer")
        product = self.product.with_company(self.company)
        self.make_order(customer, "2020-01-10 09:00:00", 100)
        self.env.flush_all()
        self.assertEqual(self.margin_ratio(), 1, "no cost known")
        product.standard_price = 60
        self.make_order(customer, "2026-01-10 09:00:00", 100)
        self.make_order(customer, "2026-03-17 09:00:00", 9000)
        self.env.flush_all()
        self.assertAlmostEqual(self.margin_ratio(), (100 + 40) / 200)
        product.standard_price = 900
        self.make_order(customer, "2026-01-10 09:00:00", 0)
        self.env.flush_all()
        self.assertEqual(self.margin_ratio(), 0, "sold at a loss")
        product.standard_price = -9000
        self.make_order(customer, "2026-01-10 09:00:00", 0)
        self.env.flush_all()
        self.assertEqual(self.margin_ratio(), 1)

    def test_the_refresh_fits_with_the_margin_ratio(self):
        self.product.with_company(self.company).standard_price = 60
        self.make_order(self.make_customer("Buyer"), "2026-01-10 09:00:00", 100)
        self.refresh()
        fit = self.fits.search([("company_id", "=", self.company.id)])
        self.assertAlmostEqual(fit.margin_ratio, 0.4)

    def test_settings_out_of_range_are_refused(self):
        for name, values in (
            ("relationship_clv_horizon_months", (0, -1, 121)),
            ("relationship_discount_rate_ratio", (-0.1, 1.5)),
        ):
            for value in values:
                with self.subTest(name=name, value=value):
                    with self.assertRaises(ValidationError):
                        self.company[name] = value

    def test_no_other_setting_has_the_label_of_the_discount_rate(self):
        arch = self.env["res.config.settings"].get_view(view_type="form")["arch"]
        labels = etree.fromstring(arch).xpath(
            "//setting[field or div]/@string[. = 'Discount rate' or . = 'Discount']"
            "[../@id = 'relationship_discount_rate']"
        )
        self.assertEqual(labels, ["Discount rate"])

    def test_a_fit_is_due_once_a_week(self):
        self.assertTrue(self.fits._is_due(self.company, TODAY))
        self.fit()
        for days, is_due in ((0, False), (6, False), (7, True)):
            day = TODAY + timedelta(days=days)
            self.assertEqual(self.fits._is_due(self.company, day), is_due)

    def test_every_company_has_its_own(self):
        other = self.make_company("Relationship Other")
        self.fit()
        self.assertFalse(self.fits._get_current(other))
        self.assertTrue(self.fits._is_due(other, TODAY))
        foreign = self.fits._fit(other, *self.histories(), TODAY)
        seen = self.fits.with_user(self.manager).search([])
        self.assertNotIn(foreign, seen)
        self.assertTrue(seen)
