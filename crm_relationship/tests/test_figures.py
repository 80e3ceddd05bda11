from datetime import date

from freezegun import freeze_time

from odoo.tests import tagged
from odoo.tools import SQL

from ..queries import figures
from .common import RelationshipCase


@tagged("post_install", "-at_install")
@freeze_time("2026-03-16 10:00:00")
class TestFigures(RelationshipCase):
    """What a refresh leaves on the relationship, from order to figure."""

    def buy(self, name, *orders):
        """A customer with orders given as (day, price)."""
        customer = self.make_customer(name, phone="+41 44 555 01 01")
        for day, price in orders:
            self.make_order(customer, f"{day} 09:00:00", price)
        return customer

    def stored(self, customer, *names):
        """The stored figures as the database has them: what is absent is None."""
        names = names or figures.names()
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "SELECT %s FROM crm_relationship WHERE partner_id = %s AND company_id = %s",
                SQL(", ").join(map(SQL.identifier, names)),
                customer.id,
                self.company.id,
            )
        )
        return self.env.cr.fetchone()

    def test_a_customer_with_a_rhythm(self):
        steady = self.buy(
            "Steady", ("2026-01-05", 100), ("2026-02-04", 100), ("2026-03-06", 100)
        )
        self.refresh()
        relationship = self.relationship_of(steady)
        self.assertEqual(relationship.recency_days, 10)
        self.assertEqual(relationship.purchase_interval_days, 30)
        self.assertEqual(relationship.next_order_date, date(2026, 4, 5))
        self.assertAlmostEqual(relationship.overdue_ratio, 0.33)
        self.assertEqual(relationship.margin_12m_amount, 300)
        self.assertEqual(
            relationship.contribution_12m_amount,
            relationship.margin_12m_amount - relationship.cost_to_serve_12m_amount,
        )
        self.assertGreater(relationship.completeness_ratio, 0)

    def test_two_purchases_are_no_rhythm(self):
        twice = self.buy("Twice", ("2026-01-05", 100), ("2026-02-04", 100))
        self.refresh()
        names = ("purchase_interval_days", "next_order_date", "overdue_ratio")
        self.assertEqual(self.stored(twice, *names), (None, None, None))

    def test_who_is_as_good_as_gone_has_an_estimate_all_the_same(self):
        self.env["crm.relationship.clv.fit"].sudo().create(
            {
                "company_id": self.company.id,
                "date": "2026-03-16",
                "state": "done",
                "r": 0.243,
                "alpha": 30,
                "a": 0.793,
                "b": 2.426,
            }
        )
        weekly = [
            (f"2024-{month:02}-{day:02}", 10)
            for month in range(1, 9)
            for day in (1, 8, 15, 22)
        ]
        gone = self.buy("Gone", *weekly)
        self.refresh()
        (probability,) = self.stored(gone, "alive_probability")
        self.assertEqual(probability, 1e-6)

    def test_too_few_customers_have_no_estimate_and_it_is_told(self):
        single = self.buy("Single", ("2026-01-05", 100))
        self.refresh()
        names = ("alive_probability", "expected_orders_90d", "clv_amount")
        self.assertEqual(self.stored(single, *names), (None, None, None))
        fit = self.env["crm.relationship.clv.fit"].search(
            [("company_id", "=", self.company.id)]
        )
        self.assertEqual(fit.state, "insufficient")
        self.assertIn("not enough data", fit.message)

    def test_the_fifths_of_the_company(self):
        customers = [
            self.buy(f"C{number}", (f"2026-02-{number + 1:02}", 10 * (number + 1)))
            for number in range(5)
        ]
        self.refresh()
        names = ("rfm_recency_score", "rfm_frequency_score", "rfm_monetary_score")
        found = [self.stored(customer, *names) for customer in customers]
        self.assertEqual(found, [(n, 3, n) for n in range(1, 6)])

    def test_who_never_ordered_has_no_scores(self):
        asking = self.make_customer("Asking")
        self.env["helpdesk.ticket"].create(
            {
                "name": "Hello",
                "description": "Hello",
                "partner_id": asking.id,
                "company_id": self.company.id,
            }
        )
        self.refresh()
        names = ("recency_days", "rfm_recency_score", "rfm_monetary_score")
        self.assertEqual(self.stored(asking, *names), (None, None, None))
        self.assertEqual(self.stored(asking, "margin_12m_amount")[0], 0)

    def test_health_is_made_of_what_is_measured(self):
        late = self.buy(
            "Late", ("2025-06-01", 50), ("2025-07-01", 50), ("2025-08-01", 50)
        )
        good = self.buy(
            "Good", ("2026-01-10", 50), ("2026-02-10", 50), ("2026-03-10", 50)
        )
        self.refresh()
        self.assertGreater(
            self.relationship_of(good).health_score,
            self.relationship_of(late).health_score,
        )
        self.assertIn("overdue", self.relationship_of(late).health_components)

    def test_a_partial_refresh_gives_the_same_figures(self):
        customers = [
            self.buy(f"C{number}", *[(f"2026-0{month}-07", 10 * number + month)])
            for number in range(1, 6)
            for month in (1, 2)
        ]
        self.refresh()
        self.make_order(customers[2], "2026-03-15 09:00:00", 500)
        self.refresh(customers[2])
        partial = self.stored(customers[2])
        self.refresh()
        self.assertEqual(self.stored(customers[2]), partial)

    def test_a_second_refresh_finds_the_same(self):
        self.buy("A", ("2026-01-05", 33.33), ("2026-02-01", 1), ("2026-03-01", 7.77))
        self.refresh()
        self.assertEqual(self.refresh(), (0, 0))
