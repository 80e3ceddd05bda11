import random
from collections import defaultdict
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta
from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .costs import CostCase
from .transactions import TODAY

FIRST, LAST = date(2025, 3, 1), date(2026, 2, 28)
MEASURES = ("hours", "cost", "discount", "effort", "revenue", "margin")


@tagged("post_install", "-at_install")
@freeze_time("2026-03-16 10:00:00")
class TestCompass(CostCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customers = cls.partner_a + cls.partner_b
        cls.compass = cls.env["crm.relationship.compass"]

    def summary(self, company=None, first=FIRST, last=LAST):
        return self.compass._get_compass_summary(company or self.company, first, last)

    def sell_on(self, day, partner=None, price=100, discount=0):
        line = self.line(price=price, discount=discount, is_order=False)
        return self.invoice(line, partner=partner, day=day)

    # --- a naive reference ---

    def first_orders(self, company):
        """partner id -> day of the first sale."""
        days = defaultdict(lambda: date.max)
        for row in self.facts(company):
            if row["kind"] == "sale" and row["date"].date() <= TODAY:
                partner = row["partner_id"]
                days[partner] = min(days[partner], row["date"].date())
        return days

    def expected_sides(self, company, first, last):
        firsts = self.first_orders(company)
        sides = {side: dict.fromkeys(MEASURES, 0) for side in ("winning", "keeping")}
        buyers = {side: set() for side in sides}
        for row in self.facts(company) + self.costs(company=company):
            day, partner = row["date"].date(), row["partner_id"]
            if not first <= day <= last:
                continue
            new_until = min(firsts[partner], date(2999, 1, 1)) + timedelta(days=90)
            side = "winning" if day <= new_until else "keeping"
            values = sides[side]
            values["hours"] += row.get("minutes", 0) / 60
            values["cost"] += row.get("amount", 0)
            values["discount"] += row.get("discount", 0)
            values["effort"] += row.get("amount", 0) + row.get("discount", 0)
            values["revenue"] += row.get("revenue", 0)
            values["margin"] += row.get("revenue", 0) - row.get("cost", 0)
            if row.get("kind") == "sale":
                buyers[side].add(partner)
        for side, values in sides.items():
            values["customer_count"] = len(buyers[side])
        return sides

    def expected_retention(self, company, first, last):
        days = defaultdict(set)
        for row in self.facts(company):
            if row["kind"] == "sale" and row["date"].date() <= last:
                days[row["partner_id"]].add(row["date"].date())
        ratios = {}
        for side in ("winning", "keeping"):
            own = [
                bought
                for bought in days.values()
                if any(first - relativedelta(years=1) <= day < first for day in bought)
                and (min(bought) >= first - timedelta(days=90)) == (side == "winning")
            ]
            back = [bought for bought in own if any(day >= first for day in bought)]
            ratios[side] = len(back) / len(own) if own else None
        return ratios

    def test_the_summary_equals_the_naive_reference(self):
        dice = random.Random(1)
        self.make_random_sales(dice)
        self.make_random_costs(dice)
        for company in self.companies:
            self.refresh(company=company)
            for first, last in ((FIRST, LAST), (date(2025, 10, 1), date(2026, 1, 31))):
                with self.subTest(company=company.name, first=first):
                    summary = self.summary(company, first, last)
                    self.assert_sides(summary, company, first, last)

    def assert_sides(self, summary, company, first, last):
        expected = self.expected_sides(company, first, last)
        retention = self.expected_retention(company, first, last)
        for side, values in expected.items():
            for name, value in values.items():
                self.assertAlmostEqual(summary[side][name], value, 2, (side, name))
            self.assertEqual(summary[side]["retention_ratio"], retention[side])
        efforts = [max(expected[side]["effort"], 0) for side in ("winning", "keeping")]
        ratio = efforts[0] / sum(efforts) if any(efforts) else None
        self.assertAlmostEqual(summary["winning_ratio"] or 0, ratio or 0)

    # --- each case by itself ---

    def test_prospects_and_new_customers_are_being_won(self):
        self.sell_on("2025-06-01")
        self.refresh()
        for day in ("2025-05-01", "2025-08-30", "2025-08-31"):
            self.ticket(day=day, minutes=60)
        self.ticket(partner=self.partner_b, day="2025-09-01", minutes=60)
        summary = self.summary()
        self.assertEqual(summary["winning"]["hours"], 3)
        self.assertEqual(summary["keeping"]["hours"], 1)
        self.assertEqual(summary["winning"]["customer_count"], 1)

    # --- leads without a contact ---

    def make_lead(self, **values):
        """A lead of which only the mail address is known."""
        return (
            self.env["crm.lead"]
            .sudo()
            .create(
                {
                    "name": "Asks for a price",
                    "type": "lead",
                    "email_from": "asks@example.com",
                    "company_id": self.company.id,
                    **values,
                }
            )
        )

    def write_about(self, lead, day="2025-06-01"):
        """A mail of the lead, who is no contact."""
        self.env["mail.message"].create(
            {
                "model": "crm.lead",
                "res_id": lead.id,
                "author_id": False,
                "date": f"{day} 09:00:00",
                "message_type": "email",
                "subtype_id": self.env.ref("mail.mt_comment").id,
            }
        )

    def meet_about(self, lead, start, *guests):
        return (
            self.env["calendar.event"]
            .sudo()
            .create(
                {
                    "name": "Show the shop",
                    "start": start,
                    "stop": start.replace("09:00", "11:00"),
                    "opportunity_id": lead.id,
                    "partner_ids": [Command.set([guest.id for guest in guests])],
                }
            )
        )

    def lead_minutes(self):
        """Minutes of winning, which nobody's cost to serve holds."""
        summary = self.summary()
        self.assertEqual(summary["keeping"]["hours"], 0)
        return summary["winning"]["hours"] * 60

    def test_leads_without_a_contact_are_effort_on_winning(self):
        lead = self.make_lead()
        self.assertEqual(self.lead_minutes(), 0)
        self.write_about(lead)
        written = self.channels["email"].standard_minutes
        self.assertEqual(self.lead_minutes(), written)
        self.assertEqual(self.summary()["winning"]["cost"], written)  # 60 an hour
        self.meet_about(lead, "2025-06-03 09:00:00")
        self.assertAlmostEqual(self.lead_minutes(), written + 120)
        self.meet_about(lead, "2026-03-17 09:00:00")  # not yet
        self.write_about(self.make_lead(company_id=self.other.id))
        self.assertAlmostEqual(self.lead_minutes(), written + 120)
        self.assertFalse(self.costs())
        rows = self.compass.search(
            [("company_id", "=", self.company.id), ("partner_id", "=", False)]
        )
        self.assertEqual(rows.mapped("tenure"), ["prospect"])
        self.assertEqual(str(rows.date), "2025-06-01")
        self.assertAlmostEqual(rows.hours * 60, written + 120)

    def test_a_meeting_with_a_contact_is_that_contacts(self):
        lead = self.make_lead()
        self.meet_about(lead, "2025-06-03 09:00:00", self.partner_a)
        self.assertEqual(self.summary()["winning"]["hours"], 2)
        self.assertTrue(self.costs())

    def test_a_lead_that_gets_a_contact_is_counted_there(self):
        lead = self.make_lead()
        self.write_about(lead)
        before = self.lead_minutes()
        lead.partner_id = self.partner_a
        self.assertEqual(self.lead_minutes(), before)
        self.assertFalse(self.compass.search([("partner_id", "=", False)]))

    def test_a_done_activity_on_a_lead_counts_once_with_its_meeting(self):
        lead = self.make_lead()
        meeting = self.meet_about(lead, "2025-06-03 09:00:00")
        activity = lead.activity_schedule("mail.mail_activity_data_meeting")
        activity.calendar_event_id = meeting
        activity.action_feedback()
        activity.date_done = "2025-06-03"
        self.assertEqual(self.lead_minutes(), 120)

    def test_the_database_does_not_compile_the_contracts(self):
        self.env.cr.execute("SET LOCAL jit = on")
        self.compass.search([], limit=1)
        self.env.cr.execute("SHOW jit")
        self.assertEqual(self.env.cr.fetchone(), ("off",))

    # --- what the summary says ---

    def test_better_terms_for_new_customers_are_told(self):
        self.sell_on("2023-01-01")
        self.sell_on("2025-06-01", discount=5)
        self.sell_on("2025-06-01", partner=self.partner_b, discount=20)
        self.refresh()
        summary = self.summary()
        self.assertTrue(summary["is_discount_warning"])
        self.assertEqual(summary["new_discount_ratio"], 0.20)
        self.assertEqual(summary["long_discount_ratio"], 0.05)
        self.assertIn("New customers get better terms", summary["sentences"][-1])
        self.assertIn("20.0 %", summary["sentences"][-1])

    def test_better_terms_for_loyal_customers_are_right(self):
        self.sell_on("2023-01-01")
        self.sell_on("2025-06-01", discount=20)
        self.sell_on("2025-06-01", partner=self.partner_b, discount=5)
        self.refresh()
        self.assertFalse(self.summary()["is_discount_warning"])

    def test_the_share_of_winning_stands_beside_the_target(self):
        self.sell_on("2023-01-01")
        self.refresh()
        self.ticket(day="2025-06-01", minutes=45)
        self.ticket(partner=self.partner_b, day="2025-06-01", minutes=15)
        self.company.sudo().relationship_late_payment_ratio = 0
        for target, word in ((0.5, "less than"), (0.1, "more than"), (0.25, "as the")):
            self.company.sudo().relationship_winning_target_ratio = target
            summary = self.summary()
            self.assertAlmostEqual(summary["winning_ratio"], 0.25)
            self.assertIn(word, summary["sentences"][0])
            self.assertIn("25.0 %", summary["sentences"][0])

    def test_a_company_without_facts_is_told_so(self):
        empty = self.make_company("Empty")
        self.env.user.company_ids += empty
        summary = self.compass.with_context(
            allowed_company_ids=empty.ids
        )._get_compass_summary(empty, FIRST, LAST)
        self.assertIsNone(summary["winning_ratio"])
        self.assertIn("Nothing was spent", summary["sentences"][0])

    def test_the_report_adds_up_to_the_summary(self):
        self.sell_on("2023-01-01")
        self.sell_on("2025-06-01", discount=20)
        self.sell_on("2025-12-31", partner=self.partner_b)
        self.refresh()
        summary = self.summary()
        domain = [
            ("company_id", "=", self.company.id),
            ("date", ">=", FIRST),
            ("date", "<=", LAST),
        ]
        names = [*(f"{name}:sum" for name in MEASURES), "customer_count:count_distinct"]
        for side, *values in self.compass._read_group(domain, ["side"], names):
            keys = (*MEASURES, "customer_count")
            for name, value in zip(keys, values, strict=True):
                self.assertAlmostEqual(summary[side][name], value, 2, (side, name))

    def test_who_bought_again_within_a_year(self):
        for day in ("2023-01-10", "2023-06-10", "2024-07-10", "2025-12-10"):
            self.sell_on(day)
        self.refresh()
        rows = self.compass.search(
            [("partner_id", "=", self.partner_a.id), ("customer_count", "!=", False)],
            order="date",
        )
        self.assertEqual(
            [(str(row.date), row.bought_again) for row in rows],
            [
                ("2023-01-01", 1),
                ("2023-06-01", 0),
                ("2024-07-01", 0),
                ("2025-12-01", 0),  # not known yet
            ],
        )
        (groups,) = self.compass._read_group(
            [("partner_id", "=", self.partner_a.id)], [], ["bought_again:avg"]
        )
        self.assertAlmostEqual(groups[0], 1 / 3)

    def test_the_page_shows_the_summary(self):
        self.sell_on("2025-06-01", discount=20)
        self.refresh()
        wizard = self.env["crm.relationship.compass.wizard"].create(
            {"company_id": self.company.id}
        )
        self.assertEqual((wizard.date_from, wizard.date_to), (FIRST, LAST))
        self.assertIn("goes into winning customers", wizard.summary)
        self.assertIn("80.00", wizard.summary)
        action = wizard.action_view_months()
        self.assertTrue(self.env[action["res_model"]].search(action["domain"]))

    def test_a_period_that_ends_before_it_begins_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "2026-02-28"):
            self.env["crm.relationship.compass.wizard"].create(
                {"date_from": LAST, "date_to": FIRST}
            )
