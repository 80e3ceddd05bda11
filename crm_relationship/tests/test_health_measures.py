"""What the health is measured by: margin, tickets, answers, contacts and payments."""

from datetime import date, timedelta
from statistics import mean

from freezegun import freeze_time

from odoo.tests import tagged
from odoo.tools import SQL

from ..queries.health import health_measures
from .common import RelationshipCase
from .transactions import TransactionCase

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
