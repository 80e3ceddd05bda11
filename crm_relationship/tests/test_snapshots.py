import random
from datetime import date

from dateutil.relativedelta import relativedelta
from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import SQL

from ..queries import profitability
from .common import RelationshipCase

TODAY = date(2026, 3, 16)
LAST = date(2026, 2, 28)
FLOWS = (
    "revenue_amount",
    "margin_amount",
    "discount_amount",
    "order_count",
    "interaction_amount",
    "ticket_amount",
    "return_amount",
    "late_payment_amount",
    "cost_to_serve_amount",
    "contribution_amount",
)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-16 10:00:00")
class TestSnapshots(RelationshipCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.snapshots = cls.env["crm.relationship.snapshot"]

    def make_random_customers(self, seed, count=6):
        """Customers with orders and tickets over three years."""
        dice = random.Random(seed)
        customers = self.env["res.partner"]
        for number in range(count):
            customer = self.make_customer(f"Customer {seed}-{number}")
            customers += customer
            for _order in range(dice.randrange(6)):
                day = TODAY - relativedelta(days=dice.randrange(1000))
                self.make_order(customer, f"{day} 09:00:00", dice.randint(1, 500))
            for _ticket in range(dice.randrange(3)):
                self.make_ticket(
                    customer, TODAY - relativedelta(days=dice.randrange(900))
                )
        self.refresh()
        return customers

    def make_ticket(self, customer, day):
        ticket = self.env["helpdesk.ticket"].create(
            {
                "name": "Help",
                "description": "Help",
                "partner_id": customer.id,
                "company_id": self.company.id,
            }
        )
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE helpdesk_ticket SET create_date = %s WHERE id = %s",
                f"{day} 10:00:00",
                ticket.id,
            )
        )

    def refresh(self, partners=None, company=None):
        """The figures, without the months that a refresh closes: the tests close them."""
        written = super().refresh(partners, company)
        self.env.cr.execute("DELETE FROM crm_relationship_snapshot")
        self.env.invalidate_all()
        return written

    def close(self, today=TODAY):
        return self.snapshots._close_months(self.company, today)

    def of(self, partner, day=None):
        domain = [("relationship_id", "=", self.relationship_of(partner).id)]
        if day:
            domain.append(("date", "=", day))
        return self.snapshots.search(domain)

    def sums(self, snapshots):
        """month -> the flows of its rows added up."""
        return {
            day: [round(sum(rows.mapped(name)), 2) for name in FLOWS]
            for day, rows in snapshots.grouped("date").items()
        }

    # --- closing ---

    def test_the_first_closing_writes_the_months_with_facts(self):
        customers = self.make_random_customers(1)
        count = self.close()
        names, rows = self.fetch(
            profitability.monthly_profitability(
                self.env, self.company.id, date(2024, 3, 1), LAST
            )
        )
        rows = [dict(zip(names, row, strict=True)) for row in rows]
        months = {(row["partner_id"], row["period"]): row for row in rows}
        self.assertTrue(months)
        for (partner_id, day), row in months.items():
            snapshot = self.of(customers.browse(partner_id), day)
            for name in FLOWS:
                self.assertAlmostEqual(snapshot[name], float(row[name]), 2, name)
            self.assertAlmostEqual(snapshot.interaction_minutes, row["minutes"])
        found = self.snapshots.search([("company_id", "=", self.company.id)])
        self.assertEqual(len(found), count)
        for snapshot in found:
            key = snapshot.relationship_id.partner_id.id, snapshot.date
            self.assertTrue(key in months or snapshot.date == LAST)

    def test_a_second_closing_writes_nothing(self):
        self.make_random_customers(2)
        self.assertTrue(self.close())
        self.assertEqual(self.close(), 0)
        self.assertEqual(self.close(date(2026, 3, 31)), 0)

    def test_the_next_month_is_closed_when_it_is_over(self):
        customer = self.make_customer("Steady")
        for day in ("2026-01-05", "2026-03-05", "2026-04-01"):
            self.make_order(customer, f"{day} 09:00:00", 100)
        self.refresh()
        self.close()
        self.assertEqual(
            sorted(self.of(customer).mapped("date")), [date(2026, 1, 31), LAST]
        )
        self.assertEqual(self.close(date(2026, 4, 2)), 1)
        self.assertEqual(self.of(customer)[0].date, date(2026, 3, 31))
        self.assertEqual(self.of(customer)[0].revenue_amount, 100)

    def test_a_month_that_was_missed_is_made_up(self):
        customer = self.make_customer("Steady")
        for day in ("2026-01-05", "2026-03-05", "2026-04-20"):
            self.make_order(customer, f"{day} 09:00:00", 100)
        self.refresh()
        self.close()
        self.assertEqual(self.close(date(2026, 6, 2)), 3)
        self.assertEqual(
            self.of(customer).mapped("revenue_amount"), [0, 100, 100, 0, 100]
        )

    def test_scores_are_kept_for_the_month_just_closed_only(self):
        customer = self.make_customer("Scored")
        self.make_order(customer, "2026-01-05 09:00:00", 100)
        self.refresh()
        relationship = self.relationship_of(customer)
        relationship.write(
            {
                "health_score": 71.5,
                "health_components": {"recency": 0.5},
                "clv_amount": 1234.5,
                "alive_probability": 0.25,
            }
        )
        self.close()
        before, closed = self.of(customer, date(2026, 1, 31)), self.of(customer, LAST)
        self.assertEqual(closed.health_score, 71.5)
        self.assertEqual(closed.health_components, {"recency": 0.5})
        self.assertEqual((closed.clv_amount, closed.alive_probability), (1234.5, 0.25))
        self.assertEqual(closed.segment_id, relationship.segment_id)
        self.assertEqual(closed.primary_type_id, relationship.primary_type_id)
        self.assertFalse(before.segment_id or before.health_score)
        self.assertEqual((before.revenue_amount, closed.revenue_amount), (100, 0))

    def test_who_never_bought_and_costs_nothing_has_no_row(self):
        prospect = self.make_customer("Prospect")
        self.env["crm.relationship"].create({"partner_id": prospect.id})
        self.close()
        self.assertFalse(self.of(prospect))

    def test_closing_costs_as_many_queries_for_many_customers_as_for_few(self):
        counts = []
        for seed, size in ((3, 2), (4, 2), (5, 20)):
            self.make_random_customers(seed, size)
            self.env.cr.execute("DELETE FROM crm_relationship_snapshot")
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.close()
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])

    # --- append-only ---

    def test_a_closed_month_is_neither_changed_nor_deleted(self):
        customer = self.make_customer("Closed")
        self.make_order(customer, "2026-02-05 09:00:00", 100)
        self.refresh()
        self.close()
        snapshot = self.of(customer).sudo()
        with self.assertRaisesRegex(UserError, "02/2026.*Closed"):
            snapshot.revenue_amount = 0
        with self.assertRaisesRegex(UserError, "02/2026.*Closed"):
            snapshot.unlink()
        self.relationship_of(customer).unlink()
        self.assertFalse(snapshot.exists())

    # --- merging ---

    def test_merged_customers_keep_the_months_of_both(self):
        one, two = self.make_customer("One"), self.make_customer("Two")
        for customer, *days in (
            (one, "2025-11-05", "2026-02-05"),
            (two, "2025-12-05", "2026-02-05"),
        ):
            for day in days:
                self.make_order(customer, f"{day} 09:00:00", 100)
        self.refresh()
        self.relationship_of(two).health_score = 20
        self.relationship_of(one).health_score = 80
        self.close()
        both = self.relationship_of(one) + self.relationship_of(two)
        snapshots = self.snapshots.search([("relationship_id", "in", both.ids)])
        before = self.sums(snapshots)
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(
            (one + two).ids, one
        )
        after = self.of(one)
        self.assertEqual(self.sums(after), before)
        self.assertEqual(len(after), 3)
        self.assertEqual(self.of(one, LAST).health_score, 80)
        self.assertEqual(self.of(one, LAST).order_count, 2)
        self.assertFalse(self.snapshots.search([("relationship_id", "=", both[1].id)]))
