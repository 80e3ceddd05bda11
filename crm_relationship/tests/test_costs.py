import random
from datetime import date

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..queries.costs import COST_COLUMNS
from .common import RelationshipCase
from .costs import CostCase
from .transactions import TODAY

PARTS = ("interaction", "ticket", "return", "late_payment")


@tagged("post_install", "-at_install")
@freeze_time("2026-03-16 10:00:00")
class TestCosts(CostCase):
    def test_the_contract_has_its_columns_in_order(self):
        names, _rows = self.fetch(self.env["crm.relationship.source"]._get_cost_query())
        self.assertEqual(tuple(names), COST_COLUMNS)

    def test_random_costs_equal_the_naive_reference(self):
        self.make_random_costs(random.Random(1))
        for company in self.companies:
            expected = list(self.expected_costs(company))
            for part in PARTS:
                with self.subTest(company=company.name, part=part):
                    found = self.costs(part, company)
                    reference = [row for row in expected if row["part"] == part]
                    self.assertTrue(found)
                    self.assertEqual(self.by_month(found), self.by_month(reference))
                    if part != "late_payment":
                        self.assertEqual(
                            sorted(row["is_estimated"] for row in found),
                            sorted(row["is_estimated"] for row in reference),
                        )

    # --- interactions and tickets ---

    def test_the_rate_of_the_day_counts(self):
        self.rate("email", "2026-01-01", 60, 1.0)
        self.rate("email", "2026-02-01", 120, 2.0)
        for day, amount, is_estimated in (
            ("2025-12-31", 5.0, True),  # the standard hour, before the first rate
            ("2026-01-31", 6.0, False),
            ("2026-02-01", 12.0, False),
        ):
            self.ticket(day=day)
            row = next(
                row
                for row in self.costs("interaction")
                if str(row["date"].date()) == day
            )
            self.assertAlmostEqual(row["amount"], amount)
            self.assertEqual(row["is_estimated"], is_estimated)

    def test_a_rate_of_another_company_does_not_count(self):
        self.rate("email", "2020-01-01", 600, company=self.other)
        self.ticket()
        self.assertAlmostEqual(self.costs("interaction")[0]["amount"], 5.0)

    def test_minutes_worked_replace_the_standard_and_those_of_the_messages(self):
        self.rate("email", "2020-01-01", 60, 0.5)
        ticket = self.ticket()
        self.assertEqual(sum(row["minutes"] for row in self.costs()), 15 + 5)
        self.assertTrue(self.costs("ticket")[0]["is_estimated"])
        ticket.handling_minutes = 40
        self.assertEqual(sum(row["minutes"] for row in self.costs()), 40)
        self.assertEqual(sum(row["amount"] for row in self.costs()), 40 + 0.5)
        self.assertFalse(self.costs("ticket")[0]["is_estimated"])

    def test_negative_minutes_are_refused(self):
        with self.assertRaisesRegex(ValidationError, "-5"):
            self.ticket(minutes=-5)

    # --- credit notes and late payment ---

    def test_a_credit_note_costs_its_handling(self):
        self.refund(self.bill(100, TODAY, TODAY))
        self.assertEqual([row["amount"] for row in self.costs("return")], [20])

    def late(self):
        return round(sum(row["amount"] for row in self.costs("late_payment")), 6)

    def test_money_is_late_until_it_comes(self):
        move = self.bill(3650, "2026-01-01", "2026-01-31")
        self.assertEqual(self.late(), 44.0)  # 1 per day until today
        self.pay(move, date(2026, 2, 10), 365)
        self.assertEqual(self.late(), 10 * 0.1 + 44 * 0.9)
        self.pay(move, date(2026, 3, 2))
        self.assertEqual(self.late(), 10 * 0.1 + 30 * 0.9)

    def test_a_month_keeps_its_share_whatever_comes_later(self):
        self.bill(3650, "2026-01-01", "2026-01-31")
        rows = self.costs("late_payment")
        self.assertEqual(
            [(str(row["date"].date()), round(row["amount"], 6)) for row in rows],
            [("2026-02-28", 28.0), ("2026-03-16", 16.0)],
        )

    def test_who_pays_in_time_costs_nothing(self):
        for day in (date(2026, 1, 20), date(2026, 1, 31)):
            self.pay(self.bill(500, "2026-01-01", "2026-01-31"), day)
        self.bill(500, TODAY, TODAY)
        self.assertEqual(self.late(), 0)

    def test_a_company_that_does_not_count_late_payment_has_none(self):
        self.bill(3650, "2026-01-01", "2026-01-31")
        self.company.sudo().relationship_late_payment_ratio = 0
        self.assertFalse(self.costs("late_payment"))

    # --- the report ---

    def test_the_report_shows_each_document_with_its_relationship(self):
        self.rate("email", "2020-01-01", 60, 1)
        self.ticket()
        self.refund(self.bill(100, "2026-01-01", "2026-01-10", partner=self.partner_b))
        self.refresh()
        domain = [
            ("partner_id", "in", (self.partner_a + self.partner_b).ids),
            ("company_id", "=", self.company.id),
        ]
        report = self.env["crm.relationship.cost"].search(domain)
        self.assertEqual(len(report), len(self.costs()))
        self.assertEqual(len(set(report.ids)), len(report))
        self.assertAlmostEqual(
            sum(report.mapped("amount")), sum(row["amount"] for row in self.costs())
        )
        for row in report:
            self.assertEqual(row.relationship_id.partner_id, row.partner_id)
            self.assertEqual(row.action_open_document()["res_id"], row.document_id)

    def test_a_new_document_is_in_the_report_at_once(self):
        domain = [("partner_id", "=", self.partner_b.id)]
        before = self.env["crm.relationship.cost"].search_count(domain)
        self.refund(self.bill(100, TODAY, TODAY, partner=self.partner_b))
        after = self.env["crm.relationship.cost"].search_count(domain)
        self.assertEqual(after - before, 1)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-16 10:00:00")
class TestCostRates(RelationshipCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.channels = cls.by_code("channel")
        cls.rates = cls.env["crm.relationship.cost.rate"]

    def rates_of(self, company):
        return self.rates.search([("company_id", "=", company.id)])

    def values(self, channel="phone", day="2026-01-01", hour=50.0, **values):
        return {
            "company_id": self.company.id,
            "channel_id": self.channels[channel].id,
            "date_from": day,
            "hour_amount": hour,
            **values,
        }

    def test_a_new_company_starts_with_a_rate_for_each_channel(self):
        codes = self.rates_of(self.company).channel_id.mapped("code")
        self.assertEqual(
            set(codes),
            {"visit", "phone", "letter", "email", "video", "chat", "meeting", "portal"},
        )

    def test_defaults_come_once(self):
        rates = self.rates_of(self.company)
        self.rates._create_missing()
        self.assertEqual(self.rates_of(self.company), rates)
        rates[1:].unlink()
        self.rates._create_missing()
        self.assertEqual(self.rates_of(self.company), rates[:1])

    def make_foreign(self, name, code, **values):
        """A company in a currency of that name."""
        currencies = self.env["res.currency"].with_context(active_test=False)
        currency = currencies.search([("name", "=", code)]) or currencies.create(
            {"name": code, "symbol": code, "rounding": 1}
        )
        currency.active = True
        return self.make_company(name, currency_id=currency.id, **values)

    def phone_rate(self, company):
        rate = self.rates_of(company).filtered(lambda r: r.channel_id.code == "phone")
        return rate.hour_amount, rate.touch_amount

    def test_usual_rates_hold_as_they_are_where_money_is_worth_about_as_much(self):
        for code in ("EUR", "CHF"):
            company = self.make_foreign(f"Relationship {code}", code)
            self.assertEqual(self.phone_rate(company), (50, 0.5))
            self.assertEqual(company.relationship_hour_amount, 45)

    def test_usual_rates_are_converted_where_there_is_an_exchange_rate(self):
        first = self.make_foreign("Relationship First", "QQQ")
        self.env["res.currency.rate"].create(
            {
                "name": "2026-01-01",
                "currency_id": first.currency_id.id,
                "rate": 163.7,
                "company_id": False,
            }
        )
        company = self.make_foreign(
            "Relationship Second", "QQQ", relationship_return_amount=7
        )
        euro = self.env.ref("base.EUR")
        rate = self.env["res.currency"]._get_conversion_rate(
            euro, company.currency_id, company, fields.Date.today()
        )
        hour = float(f"{50 * rate:.2g}")
        self.assertEqual(self.phone_rate(company), (hour, round(0.5 * rate)))
        self.assertEqual(company.relationship_hour_amount, float(f"{45 * rate:.2g}"))
        self.assertEqual(company.relationship_return_amount, 7, "as entered")

    def test_without_an_exchange_rate_nothing_is_made_up(self):
        self.env["res.currency.rate"].search([]).unlink()
        company = self.make_foreign("Relationship Unknown", "QQQ")
        self.assertFalse(self.rates_of(company))
        self.assertEqual(company.relationship_hour_amount, 0)
        self.assertEqual(company.relationship_return_amount, 0)
        company.relationship_hour_amount = 8000
        self.rates._create_missing()
        self.assertFalse(self.rates_of(company))
        self.assertEqual(company.relationship_hour_amount, 8000)

    def test_a_second_rate_of_a_day_is_refused_by_name(self):
        rate = self.rates.create(self.values())
        with self.assertRaisesRegex(ValidationError, "Phone.*2026-01-01"):
            self.rates.create(self.values(hour=70))
        later = self.rates.create(self.values(day="2026-02-01"))
        with self.assertRaisesRegex(ValidationError, "Phone.*2026-01-01"):
            later.date_from = rate.date_from
        rate.date_from = rate.date_from
        self.rates.create(self.values("visit"))

    def test_the_database_refuses_it_too(self):
        values = [self.values(), self.values()]
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.rates.create(values)

    def test_negative_amounts_are_refused_by_name(self):
        with self.assertRaisesRegex(ValidationError, "Cost per Hour: -1"):
            self.rates.create(self.values(hour=-1))
        rate = self.rates.create(self.values())
        with self.assertRaisesRegex(ValidationError, "Cost per Touch: -2"):
            rate.touch_amount = -2

    def test_standards_of_the_company_are_checked(self):
        for name, value, message in (
            ("relationship_hour_amount", -1, "-1"),
            ("relationship_ticket_minutes", -1, "-1"),
            ("relationship_return_amount", -1, "-1"),
            ("relationship_late_payment_ratio", 1.5, "150 %"),
            ("relationship_winning_target_ratio", 2, "200 %"),
        ):
            with self.subTest(name), self.assertRaisesRegex(ValidationError, message):
                self.company[name] = value
            self.company.invalidate_recordset(flush=False)
