"""Why the health of a customer moved is told in sentences."""

from freezegun import freeze_time

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .common import RelationshipCase
from .test_health import WEIGHTS, values_of


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
        self.assertIn("Margin against the year before: still falling (-14 points", text)
        self.assertNotIn("%", text)

    def test_the_first_trend_is_told_without_points(self):
        self.set_health({"trend": -0.2, "open_tickets": 0})
        text = self.explanation()
        self.assertIn("<li>Margin against the year before: falling.</li>", text)
        self.assertIn("Open tickets: 0 open, which is 100 of 100 points", text)

    def test_who_may_not_see_margins_reads_no_number_of_their_trend(self):
        self.set_health({"trend": -0.123, "open_tickets": 0})
        found = self.relationship.with_user(self.users["user"])
        self.assertTrue(found.has_health)
        self.assertNotIn("health_components", found.fields_get())
        self.assertNotIn("0.123", str(found.read()))
        for ask in (
            lambda: found.read(["health_components"]),
            lambda: found.search([("health_components", "ilike", "0.123")]),
            lambda: self.env["crm.relationship.snapshot"]
            .with_user(self.users["user"])
            .search_read([], ["health_components"]),
        ):
            found.invalidate_recordset()
            with self.assertRaises(AccessError):
                ask()
        manager = self.relationship.with_user(self.users["manager"])
        self.assertEqual(manager.health_components["trend"]["value"], -0.123)

    def test_customers_with_a_health_are_found(self):
        self.set_health({"open_tickets": 0})
        other = self.relationship.create(
            {
                "partner_id": self.make_customer("Unknown").id,
                "company_id": self.company.id,
            }
        )
        company = [("company_id", "=", self.company.id)]
        for wanted, expected in ((True, self.relationship), (False, other)):
            domain = [*company, ("has_health", "=", wanted)]
            self.assertEqual(other.search(domain), expected)
            self.assertEqual(expected.has_health, wanted)

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
