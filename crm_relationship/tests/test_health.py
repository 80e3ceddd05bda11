"""The health score: what holds for every relationship, what is measured, and how a change is told."""

import logging
from datetime import date, timedelta
from statistics import mean

import numpy as np
from freezegun import freeze_time

from odoo.exceptions import ValidationError
from odoo.tests import BaseCase, tagged
from odoo.tools import SQL

from ..analytics import health
from ..queries.health import health_measures
from .common import RelationshipCase
from .test_transactions import TransactionCase

try:
    from hypothesis import given, settings
    from hypothesis import strategies as st
except ImportError:
    given = None
    logging.getLogger(__name__).warning(
        "hypothesis is not installed: the properties of the health are not tested"
    )

TODAY = date(2026, 3, 16)
START = date(2025, 3, 16)
COLUMNS = (
    "trend",
    "open_tickets",
    "late_tickets",
    "satisfaction",
    "contacts",
    "payment",
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


@tagged("post_install", "-at_install")
@freeze_time("2026-03-16 10:00:00")
class TestHealthMeasures(RelationshipCase):
    def measures(self, partner, partner_ids=None):
        """The raw measures of a customer as a dict."""
        query = health_measures(self.env, self.company.id, TODAY, START, partner_ids)
        names, rows = self.fetch(query)
        self.assertEqual(tuple(names), ("partner_id", *COLUMNS))
        self.assertEqual(len(rows), len({row[0] for row in rows}))
        found = {row[0]: dict(zip(names, row, strict=True)) for row in rows}
        return found.get(partner.id)

    def setUp(self):
        super().setUp()
        self.customer = self.make_customer("Healthy")

    def make_ticket(self, **values):
        return self.env["helpdesk.ticket"].create(
            {
                "name": "Help",
                "description": "Help",
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                **values,
            }
        )

    def test_nothing_known_is_nothing_measured(self):
        self.assertIsNone(self.measures(self.customer))

    def test_the_trend_is_this_year_against_the_year_before(self):
        self.make_order(self.customer, "2025-03-15 09:00:00", 100)
        self.assertEqual(self.measures(self.customer)["trend"], -1)
        self.make_order(self.customer, "2025-03-16 09:00:00", 90)
        self.make_order(self.customer, "2026-03-16 09:00:00", 30)
        self.make_order(self.customer, "2026-03-17 09:00:00", 500)
        self.make_order(self.customer, "2024-03-15 09:00:00", 500)
        self.assertAlmostEqual(self.measures(self.customer)["trend"], 0.2)

    def test_the_trend_is_of_margin_not_of_revenue(self):
        self.product.with_company(self.company).standard_price = 50
        self.make_order(self.customer, "2025-03-15 09:00:00", 100)
        self.make_order(self.customer, "2025-03-16 09:00:00", 80)
        self.assertAlmostEqual(self.measures(self.customer)["trend"], 30 / 50 - 1)
        self.make_order(self.customer, "2025-06-16 09:00:00", 10)
        self.assertAlmostEqual(self.measures(self.customer)["trend"], -10 / 50 - 1)

    def test_who_earned_nothing_the_year_before_has_no_trend(self):
        self.make_order(self.customer, "2026-03-01 09:00:00", 100)
        self.assertIsNone(self.measures(self.customer)["trend"])
        self.product.with_company(self.company).standard_price = 100
        self.make_order(self.customer, "2025-03-15 09:00:00", 90)
        self.assertIsNone(self.measures(self.customer)["trend"], "a loss is no base")

    def test_margins_with_and_without_known_costs_are_not_compared(self):
        self.make_order(self.customer, "2025-03-15 09:00:00", 100)
        self.product.with_company(self.company).standard_price = 50
        self.make_order(self.customer, "2025-03-16 09:00:00", 100)
        self.assertIsNone(self.measures(self.customer)["trend"])
        self.make_order(self.customer, "2025-03-14 09:00:00", 150)
        self.assertAlmostEqual(self.measures(self.customer)["trend"], 50 / 200 - 1)

    def test_open_and_late_tickets(self):
        self.make_ticket()
        late = self.make_ticket()
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE helpdesk_ticket SET next_deadline = '2026-03-12' WHERE id = %s",
                late.id,
            )
        )
        closed = self.env["helpdesk.ticket.stage"].search(
            [("closed", "=", True)], limit=1
        )
        self.make_ticket(stage_id=closed.id)
        found = self.measures(self.customer)
        self.assertEqual((found["open_tickets"], found["late_tickets"]), (2, 1))

    def test_satisfaction_and_contacts(self):
        contacts = self.env["res.partner"].create(
            [{"name": name, "parent_id": self.customer.id} for name in ("Ann", "Bob")]
        )
        for contact, score in zip(contacts, (5, 3), strict=True):
            ticket = self.make_ticket(partner_id=contact.id)
            self.env["rating.rating"].create(
                {
                    "res_model_id": self.env["ir.model"]._get_id("helpdesk.ticket"),
                    "res_id": ticket.id,
                    "partner_id": contact.id,
                    "rating": score,
                    "consumed": True,
                }
            )
            self.env["mail.message"].create(
                {
                    "model": "helpdesk.ticket",
                    "res_id": ticket.id,
                    "author_id": contact.id,
                    "date": "2026-03-12 09:00:00",
                    "message_type": "email",
                    "subtype_id": self.env.ref("mail.mt_comment").id,
                }
            )
        self.env.flush_all()
        self.env.cr.execute("UPDATE helpdesk_ticket SET create_date = '2026-03-10'")
        found = self.measures(self.customer)
        self.assertAlmostEqual(found["satisfaction"], 0.75)
        self.assertEqual(found["contacts"], 2)

    def test_only_the_customers_asked_for(self):
        self.make_order(self.customer, "2026-03-01 09:00:00", 100)
        self.assertIsNone(self.measures(self.customer, [0]))
        everything = self.measures(self.customer)
        self.assertEqual(self.measures(self.customer, self.customer.ids), everything)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-16 10:00:00")
class TestPaymentDelay(TransactionCase):
    def payment(self):
        company_id = self.env.company.id
        query = health_measures(self.env, company_id, TODAY, START, self.partner_a.ids)
        _names, rows = self.fetch(query)
        return rows[0][-1] if rows else None

    def pay(self, move, day):
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        ).create({"payment_date": day})._create_payments()

    def test_the_mean_of_the_days_late(self):
        due = TODAY - timedelta(days=60)
        terms = self.env.ref("account.account_payment_term_immediate")
        moves = [
            self.invoice(
                self.line(is_order=False), day=due, invoice_payment_term_id=terms.id
            )
            for _number in range(3)
        ]
        self.assertAlmostEqual(self.payment(), 60)
        self.pay(moves[0], due)
        self.pay(moves[1], due + timedelta(days=12))
        self.assertAlmostEqual(float(self.payment()), mean([0, 12, 60]))

    def test_what_is_not_due_says_nothing(self):
        self.invoice(
            self.line(is_order=False),
            invoice_payment_term_id=self.env.ref(
                "account.account_payment_term_30days"
            ).id,
        )
        self.assertIsNone(self.payment())


@tagged("post_install", "-at_install")
@freeze_time("2026-03-16 10:00:00")
class TestHealthExplanation(RelationshipCase):
    def setUp(self):
        super().setUp()
        self.users = self.make_users(self.company)
        self.relationship = self.env["crm.relationship"].create(
            {
                "partner_id": self.make_customer("Healthy").id,
                "company_id": self.company.id,
                "manager_id": self.users["user"].id,
            }
        )

    def set_health(self, raw):
        score, components = values_of(raw)
        self.relationship.write(
            {"health_score": score, "health_components": components}
        )
        return score, components

    def close(self, raw, day):
        score, components = values_of(raw)
        self.env["crm.relationship.snapshot"].create(
            {
                "relationship_id": self.relationship.id,
                "company_id": self.company.id,
                "date": day,
                "health_score": score,
                "health_components": components,
            }
        )

    def explanation(self, **context):
        relationship = self.relationship.with_user(self.users["user"])
        relationship.invalidate_recordset()
        return relationship.with_context(**context).health_explanation

    def test_without_a_measure_there_is_no_score(self):
        self.assertIn("nothing is measured", self.explanation())

    def test_the_first_score_is_told_by_its_parts(self):
        self.set_health({"overdue": 1.5, "open_tickets": 2})
        text = self.explanation()
        self.assertIn("1.5 times the usual interval, which is 75 of 100 points", text)
        self.assertIn("Open tickets: 2 open", text)

    def test_what_moved_is_told_with_its_points(self):
        self.close({"overdue": 3}, "2026-01-31")
        self.close({"overdue": 1, "contacts": 1}, "2026-02-28")
        self.set_health({"overdue": 2, "payment": 30})
        text = self.explanation()
        self.assertIn("The score fell from 85 on 02/28/2026 to 48 of 100.", text)
        self.assertIn("2.0 times the usual interval, before that 1.0 times", text)
        self.assertIn("(-50.0 points)", text)
        self.assertIn("Payment delay is measured now: 30 days late on average", text)
        self.assertIn("Contacts we speak with is no longer measured; it was: 1", text)

    def test_a_rise_and_a_standstill(self):
        self.close({"overdue": 2}, "2026-02-28")
        self.set_health({"overdue": 1})
        self.assertIn("rose from 50", self.explanation())
        self.set_health({"overdue": 2})
        self.assertIn("as on", self.explanation())

    def test_the_trend_of_the_margin_is_told_without_its_size(self):
        told = self.relationship._tell_trend
        self.assertEqual(
            [told(value) for value in (-0.9, -0.1, 0.0, 0.1, 0.9)],
            ["clearly falling", "falling", "steady", "rising", "clearly rising"],
        )
        self.close({"trend": -0.1}, "2026-02-28")
        self.set_health({"trend": -0.2})
        text = self.explanation()
        self.assertIn("Margin against the year before: still falling (-14.0", text)
        self.assertNotIn("%", text)

    def test_the_number_of_queries_does_not_grow(self):
        others = self.env["crm.relationship"].create(
            [
                {
                    "partner_id": self.make_customer(f"C{n}").id,
                    "company_id": self.company.id,
                }
                for n in range(20)
            ]
        )
        counts = []
        others[:1].mapped("health_explanation")
        for size in (2, 20):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            others[:size].mapped("health_explanation")
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(*counts)

    def test_every_company_has_weights_that_managers_change(self):
        weights = self.env["crm.relationship.health.weight"]
        company = self.make_company("Relationship Weights")
        self.assertEqual(weights._get_weights(company), WEIGHTS)
        weights._create_missing(company)
        items = weights.search([("company_id", "=", company.id)])
        self.assertEqual(len(items), len(WEIGHTS))
        items[0].weight = 0
        self.assertEqual(weights._get_weights(company)[items[0].measure], 0)
        for wrong in (-1, 1001):
            with self.assertRaises(ValidationError):
                items[0].weight = wrong
