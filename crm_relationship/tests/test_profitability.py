import random
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta
from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ..queries import profitability
from .common import RelationshipCase
from .costs import CostCase
from .transactions import CONTRACT, TODAY

PARTS = ("interaction", "ticket", "return", "late_payment")
WINDOW_START = TODAY - relativedelta(years=1)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-16 10:00:00")
class TestProfitability(CostCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customers = cls.partner_a + cls.partner_b

    def make_random(self, seed):
        dice = random.Random(seed)
        self.make_random_sales(dice)
        self.make_random_costs(dice)

    def figures(self, company=None, partners=None):
        """partner -> the row of the figure query, as a dict."""
        names, rows = self.fetch(
            profitability.profitability(
                self.env,
                (company or self.company).id,
                TODAY,
                WINDOW_START,
                (self.customers if partners is None else partners).ids,
            )
        )
        rows = [dict(zip(names, row, strict=True)) for row in rows]
        self.assertEqual(len({row["partner_id"] for row in rows}), len(rows))
        return {row["partner_id"]: row for row in rows}

    def months(self, company, first, last):
        names, rows = self.fetch(
            profitability.monthly_profitability(self.env, company.id, first, last)
        )
        rows = [dict(zip(names, row, strict=True)) for row in rows]
        return {
            (row["partner_id"], row["period"]): row
            for row in rows
            if row["partner_id"] in self.customers.ids
        }

    # --- a naive reference ---

    def expected(self, company, partner, first, last):
        """Figures of a customer from the facts of the contracts between two days, with exact cents."""

        def own(rows):
            return [
                row
                for row in rows
                if row["partner_id"] == partner.id
                and first <= row["date"].date() <= last
            ]

        def total(rows, *names):
            amount = sum(
                row[names[0]] - (row[names[1]] if names[1:] else 0) for row in rows
            )
            return company.currency_id.round(amount)

        sold, spent = own(self.facts(company)), own(self.costs(company=company))
        values = {
            "revenue": total(sold, "revenue"),
            "margin": total(sold, "revenue", "cost"),
            "discount": total(sold, "discount"),
        }
        for part in PARTS:
            values[part] = total(
                [row for row in spent if row["part"] == part], "amount"
            )
        values["cost_to_serve"] = sum(values[part] for part in PARTS)
        values["contribution"] = values["margin"] - values["cost_to_serve"]
        return {
            **{name: round(value, 2) for name, value in values.items()},
            "order_count": len(
                {
                    (row["document_model"], row["document_id"])
                    for row in sold
                    if row["kind"] == "sale"
                }
            ),
            "minutes": sum(row["minutes"] for row in spent),
            "is_cost_estimated": any(
                row["is_estimated"] and row["amount"] for row in spent
            ),
        }

    def assert_amounts(self, row, expected, suffix):
        for name in (
            "revenue",
            "margin",
            "discount",
            *PARTS,
            "cost_to_serve",
            "contribution",
        ):
            self.assertAlmostEqual(
                float(row[f"{name}{suffix}"]), expected[name], 2, name
            )
        self.assertEqual(row["is_cost_estimated"], expected["is_cost_estimated"])

    def test_the_figures_of_12_months_equal_the_naive_reference(self):
        self.make_random(1)
        for company in self.companies:
            figures = self.figures(company)
            for partner in self.customers:
                with self.subTest(company=company.name, partner=partner.name):
                    expected = self.expected(company, partner, WINDOW_START, TODAY)
                    row = figures[partner.id]
                    self.assert_amounts(row, expected, "_12m_amount")
                    self.assert_parts_add_up(row)

    def test_the_figures_of_each_month_equal_the_naive_reference(self):
        self.make_random(3)
        for company in self.companies:
            rows = self.months(company, date(2025, 1, 1), date(2026, 2, 28))
            self.assertTrue(rows)
            for month in range(14):
                first = date(2025, 1, 1) + relativedelta(months=month)
                last = first + relativedelta(months=1, days=-1)
                for partner in self.customers:
                    expected = self.expected(company, partner, first, last)
                    row = rows.pop((partner.id, last), None)
                    with self.subTest(company=company.name, month=last):
                        self.assert_month(row, expected)
            self.assertFalse(rows)

    def assert_month(self, row, expected):
        if row is None:
            self.assertFalse(any(expected.values()))
            return
        self.assert_amounts(row, expected, "_amount")
        self.assertEqual(row["order_count"], expected["order_count"])
        self.assertAlmostEqual(row["minutes"], expected["minutes"])

    def test_only_the_customers_asked_for(self):
        for partner in self.customers:
            self.ticket(partner)
        self.assertEqual(
            list(self.figures(partners=self.partner_b)), self.partner_b.ids
        )
        self.assertFalse(self.figures(partners=self.partner_b.browse()))

    def assert_parts_add_up(self, row):
        parts = sum(row[f"{part}_12m_amount"] for part in PARTS)
        self.assertAlmostEqual(row["cost_to_serve_12m_amount"], parts)
        contribution = row["margin_12m_amount"] - parts
        self.assertAlmostEqual(row["contribution_12m_amount"], contribution)

    def test_the_discount_is_told_but_not_taken_off_twice(self):
        self.invoice(self.line(price=100, discount=10, is_order=False))
        row = self.figures()[self.partner_a.id]
        self.assertEqual(row["discount_12m_amount"], 10)
        self.assertEqual(row["margin_12m_amount"], 90 - 6)
        self.assertEqual(row["contribution_12m_amount"], 84)
        self.assertEqual(self.facts()[0].keys(), set(CONTRACT))

    def test_what_is_older_than_the_window_is_out(self):
        self.ticket(day=WINDOW_START - timedelta(days=1))
        self.assertFalse(self.figures())
        self.ticket(day=WINDOW_START)
        self.assertTrue(self.figures())

    # --- the form ---

    def sell_late(self):
        line = self.line(price=100, discount=10, is_order=False)
        return self.invoice(line, day="2026-01-01")

    def test_the_form_shows_the_parts_of_now(self):
        self.ticket()
        self.refund(self.sell_late())
        self.refresh()
        relationship = self.relationship_of(self.partner_a)
        row = self.figures()[self.partner_a.id]
        for name in (*(f"{part}_12m_amount" for part in PARTS), "discount_12m_amount"):
            self.assertAlmostEqual(relationship[name], float(row[name]), 2, name)
        self.assertEqual(relationship.is_cost_estimated, row["is_cost_estimated"])
        relationship.margin_12m_amount = row["margin_12m_amount"]
        relationship.cost_to_serve_12m_amount = row["cost_to_serve_12m_amount"]
        relationship.invalidate_recordset()
        self.assertFalse(relationship.is_profitability_outdated)
        self.ticket(minutes=60)
        relationship.invalidate_recordset()
        self.assertTrue(relationship.is_profitability_outdated)

    def test_a_part_opens_its_documents(self):
        self.ticket()
        relationship = self.relationship_of(self.partner_a)
        action = relationship.with_context(search_default_ticket=1).action_view_costs()
        self.assertEqual(
            action["context"],
            {"search_default_ticket": 1, "search_default_last_12_months": 1},
        )
        found = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(found.relationship_id, relationship)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-16 10:00:00")
class TestProfitabilityRights(RelationshipCase):
    def test_money_is_for_managers_of_the_company(self):
        other = self.make_company("Elsewhere")
        users = self.make_users(self.company)
        customer = self.make_customer("Customer")
        for company in self.company + other:
            self.make_order(customer, "2026-02-01 09:00:00", 100, company=company)
            self.refresh(company=company)
            self.env["crm.relationship.snapshot"]._close_months(company, TODAY)
        names = ("cost", "snapshot", "compass", "cost.rate")
        models = [f"crm.relationship.{name}" for name in names]
        for role in ("internal", "user", "officer"):
            for model in models:
                with (
                    self.subTest(role=role, model=model),
                    self.assertRaises(AccessError),
                ):
                    self.env[model].with_user(users[role]).search([])
        relationship = self.relationship_of(customer).with_user(users["officer"])
        with self.assertRaises(AccessError):
            relationship.read(["contribution_12m_amount", "ticket_12m_amount"])
        for model in models[1:]:
            records = self.env[model].with_user(users["manager"])
            found = records.with_context(allowed_company_ids=self.company.ids).search(
                []
            )
            self.assertEqual(found.company_id, self.company, model)

    def test_the_form_costs_as_many_queries_for_one_customer_as_for_many(self):
        manager = new_test_user(
            self.env,
            "relationship_profit",
            groups="crm_relationship.group_relationship_manager",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        customers = self.make_customer("First")
        for number in range(12):
            customers += self.make_customer(f"Customer {number}")
        for number, customer in enumerate(customers):
            for _order in range(number % 3 + 1):
                self.make_order(customer, "2026-02-01 09:00:00", 100)
        self.refresh()
        relationships = self.env["crm.relationship"].search(
            [("partner_id", "in", customers.ids)]
        )
        counts = []
        for records in (relationships[:3], relationships[:1], relationships):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            records.with_user(manager).with_context(
                allowed_company_ids=self.company.ids
            ).read(["ticket_12m_amount", "is_profitability_outdated"])
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])
