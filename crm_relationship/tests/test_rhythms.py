import random
from collections import defaultdict
from datetime import date, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import SQL

from ..analytics import interval, reorder
from ..queries import rhythms
from .common import RelationshipCase
from .test_rights import RightsCase
from .test_suggestions import SuggestionCase
from .test_transactions import TransactionCase

TODAY = date(2026, 3, 16)
# Quantity and price of a line that is a purchase: sold, given away, money for goods that were booked before.
PURCHASES = ((1, 10), (4, 2.5), (2, 0), (-1, -30))
# … and of one that is none: given back, nothing at all.
NONE = ((-1, 10), (0, 10))


class RhythmCase(SuggestionCase):
    """Customers who buy products on certain days, and the rows about them."""

    def setUp(self):
        super().setUp()
        self.firm = self.make_customers(1)

    def line(self, product, quantity=1, price=10):
        return Command.create(
            {
                "product_id": product.id,
                "product_uom_qty": quantity,
                "price_unit": price,
                "tax_ids": [Command.clear()],
            }
        )

    def sell(self, day, *lines, partner=None):
        partner = partner or self.firm
        return self.buy(partner, day, order_line=list(lines))

    def buy_on(self, *days, product=None):
        for day in days:
            self.sell(day, self.line(product or self.axe))

    def rhythms_of(self, partner=None, product=None):
        domain = [("partner_id", "=", (partner or self.firm).id)]
        if product:
            domain.append(("product_id", "=", product.id))
        return self.env["crm.relationship.rhythm"].search(domain)

    def make_regular_orders(self, dice, partners):
        """Three purchases of each product, about as far from each other; most are due again."""
        for partner in partners:
            for product in self.products[:5]:
                step = dice.randrange(5, 40)
                since = dice.randrange(step // 2, 3 * step + 10)
                for back in range(3):
                    days = since + step * back + dice.randrange(4)
                    line = self.line(product, *dice.choice(PURCHASES))
                    self.sell(TODAY - timedelta(days=days), line, partner=partner)

    def make_random_orders(self, dice, partners):
        """(partner, product) -> day -> quantity of what is a purchase; orders hold other lines too."""
        bought = defaultdict(lambda: defaultdict(float))
        for _number in range(70):
            partner, product = dice.choice(partners), dice.choice(self.products)
            day = TODAY - timedelta(
                days=dice.choice([0, 1, dice.randrange(90), dice.randrange(900)])
            )
            quantity, price = dice.choice(PURCHASES)
            self.sell(day, self.line(product, quantity, price), partner=partner)
            bought[partner, product][day] += max(quantity, 0)
        for partner in partners:
            self.sell(TODAY + timedelta(days=1), self.line(self.cap), partner=partner)
            for quantity, price in NONE:
                line = self.line(self.cap, quantity, price)
                self.sell("2026-03-01", line, partner=partner)
            self.sell(
                "2026-03-02", self.line(self.cap), partner=partner
            ).state = "draft"
        return bought


@tagged("post_install", "-at_install")
@freeze_time("2026-03-16 10:00:00")
class TestRhythms(RhythmCase):
    def test_the_columns_are_those_promised(self):
        names, _rows = self.fetch(rhythms.rhythms(self.env, TODAY))
        self.assertEqual(tuple(names), rhythms.RHYTHM_COLUMNS)

    def test_a_rhythm_with_all_that_follows_from_it(self):
        self.buy_on("2025-12-05", "2026-01-04")
        self.sell("2026-02-04", self.line(self.axe, 7), self.line(self.axe, 2))
        found = self.rhythms_of()
        self.assertEqual((found.product_id, found.company_id), (self.axe, self.company))
        self.assertEqual(found.product_categ_id, self.axe.categ_id)
        self.assertEqual(found.display_name, f"{self.firm.name}: Axe")
        self.assertEqual(found.relationship_id, self.relationship_of(self.firm))
        self.assertEqual(found.purchase_day_count, 3)
        self.assertEqual(found.first_purchase_date, date(2025, 12, 5))
        self.assertEqual(found.last_purchase_date, date(2026, 2, 4))
        self.assertEqual(found.last_quantity, 9)
        self.assertEqual((found.interval_days, found.interval_spread_days), (30.5, 0.5))
        self.assertEqual(found.next_purchase_date, date(2026, 3, 7))
        self.assertEqual((found.state, found.overdue_days), ("due", 9))
        self.assertAlmostEqual(found.overdue_ratio, 40 / 30.5)
        self.assertFalse(found.reason)

    def test_the_state_follows_the_days(self):
        self.buy_on("2026-01-05", "2026-01-15", "2026-01-25")
        for day, state, overdue in (
            ("2026-01-25", "in_rhythm", 0),
            ("2026-02-03", "in_rhythm", 0),
            ("2026-02-04", "due", 0),
            ("2026-02-05", "due", 1),
            ("2026-02-24", "due", 20),
            ("2026-02-25", "stopped", 21),
        ):
            with self.subTest(day), freeze_time(f"{day} 10:00:00"):
                self.env.invalidate_all()
                found = self.rhythms_of()
                self.assertEqual((found.state, found.overdue_days), (state, overdue))

    def test_why_there_is_no_rhythm(self):
        self.buy_on("2026-01-05")
        self.buy_on("2026-01-05", "2026-01-06", product=self.bow)
        once, twice = self.rhythms_of().sorted("product_id")
        for found in (once, twice):
            self.assertEqual(found.state, "unknown")
            self.assertFalse(found.interval_days or found.overdue_ratio)
            self.assertFalse(found.next_purchase_date)
        self.assertEqual(once.reason, "Only one day of purchase: a rhythm needs 3.")
        self.assertEqual(twice.reason, "Only 2 days of purchase: a rhythm needs 3.")

    def test_what_is_not_known_is_null_and_not_0(self):
        self.buy_on("2026-01-05", "2026-01-06")
        names, ((*values,),) = self.fetch(rhythms.rhythms(self.env, TODAY))
        row = dict(zip(names, values, strict=True))
        for name in rhythms.RHYTHM_COLUMNS[7:12]:
            self.assertIsNone(row[name], name)

    def test_the_latest_come_first_and_those_without_a_rhythm_last(self):
        self.buy_on("2026-01-05", product=self.axe)
        for product, days in ((self.bow, 10), (self.cap, 2), (self.egg, 30)):
            last = date(2026, 3, 1)
            steps = (last - timedelta(days=days * back) for back in range(3))
            self.buy_on(*steps, product=product)
        self.assertEqual(
            self.rhythms_of().mapped("product_id.name"), ["Cap", "Bow", "Egg", "Axe"]
        )

    def test_random_orders_equal_the_pure_function(self):
        for seed in (1, 2):
            firms = self.make_customers(4, f"Firm {seed}")
            bought = self.make_random_orders(random.Random(seed), firms)
            found = {
                (row.partner_id, row.product_id): row
                for firm in firms
                for row in self.rhythms_of(firm)
            }
            self.assertEqual(set(found), set(bought))
            self.check_pure([found[pair] for pair in bought], list(bought.values()))

    def check_pure(self, rows, bought):
        """Rows as analytics/interval.py has them, which knows each pair as a customer."""
        visits = [
            (number, day.toordinal())
            for number, days in enumerate(bought)
            for day in days
        ]
        pure = interval.purchase_intervals(
            *zip(*visits, strict=True), today=TODAY.toordinal()
        )
        columns = (
            pure.purchase_day_count,
            pure.first_day,
            pure.last_day,
            pure.interval_days,
            pure.spread_days,
            pure.next_day,
            pure.overdue_ratio,
        )
        expected = zip(*(column.tolist() for column in columns), strict=True)
        for row, values, days in zip(rows, expected, bought, strict=True):
            with self.subTest(f"{row.partner_id.name} {row.product_id.name}"):
                count, first, last, gap, spread, following, late = values
                self.assertEqual(row.purchase_day_count, count)
                self.assertEqual(row.first_purchase_date.toordinal(), first)
                self.assertEqual(row.last_purchase_date.toordinal(), last)
                self.assertEqual(row.last_quantity, days[row.last_purchase_date])
                self.assertAlmostEqual(row.interval_days, gap or 0)
                self.assertAlmostEqual(row.interval_spread_days, spread or 0)
                expected_date = following and date.fromordinal(following)
                self.assertEqual(row.next_purchase_date or None, expected_date)
                self.assertAlmostEqual(row.overdue_ratio, late or 0)
                self.assertEqual(bool(row.reason), count < 3)

    def test_every_reorder_that_is_suggested_is_due_here_and_the_other_way_round(self):
        firms = self.make_customers(6, "Regular")
        self.make_random_orders(random.Random(3), firms[:2])
        self.make_regular_orders(random.Random(4), firms[2:])
        for number, day in enumerate(("2025-01-01", "2025-01-11", "2025-01-21")):
            for firm in firms[2 : 5 - number]:
                self.sell(day, self.line(self.flag), partner=firm)
        self.bow.active = False
        self.drum.sale_ok = False
        self.company.relationship_suggestion_count = 10
        self.suggest()
        suggested = {
            (firm, item.product_id): (
                item.interval_days,
                item.last_date,
                item.expected_date,
                item.quantity,
            )
            for firm in firms
            for item in self.suggestions_of(firm, kind="reorder")
        }
        due = self.env["crm.relationship.rhythm"].search(
            [
                ("partner_id", "in", firms.ids),
                ("state", "=", "due"),
                ("is_sold", "=", True),
            ]
        )
        self.assertEqual(
            suggested,
            {
                (row.partner_id, row.product_id): (
                    int(row.interval_days + 0.5),
                    row.last_purchase_date,
                    row.next_purchase_date,
                    row.last_quantity or 1,
                )
                for row in due
            },
        )
        self.assertGreater(len(suggested), 3)
        self.assertIn(0, due.mapped("last_quantity"))
        states = {row.state for firm in firms for row in self.rhythms_of(firm)}
        self.assertEqual(states, {"due", "in_rhythm", "stopped", "unknown"})

    def test_both_rules_have_the_same_limits(self):
        self.assertEqual(reorder.MINIMUM_DAYS, interval.SMALLEST_DAY_COUNT)

    # --- bad input ---

    def test_orders_of_the_future_and_what_is_given_back_are_no_purchases(self):
        self.buy_on("2026-02-05", "2026-03-17", "2026-04-01", "2027-01-01")
        self.sell("2026-03-05", self.line(self.axe, -3))
        self.sell("2026-03-06", self.line(self.axe, 0))
        found = self.rhythms_of()
        self.assertEqual(found.purchase_day_count, 1)
        self.assertEqual(found.last_purchase_date, date(2026, 2, 5))

    def test_all_purchases_on_one_day_are_one(self):
        self.buy_on(*["2026-02-03"] * 5)
        found = self.rhythms_of()
        self.assertEqual((found.purchase_day_count, found.state), (1, "unknown"))
        self.assertEqual(found.last_quantity, 5)

    def test_one_purchase_on_a_thousand_lines_is_one(self):
        self.sell("2026-02-03", *[self.line(self.axe)] * 1000)
        found = self.rhythms_of()
        self.assertEqual((found.purchase_day_count, found.last_quantity), (1, 1000))

    def test_an_archived_product_keeps_its_rhythm_and_is_marked(self):
        self.buy_on("2026-01-04", "2026-02-03", "2026-03-05")
        self.assertTrue(self.rhythms_of().is_sold)
        self.axe.active = False
        self.env.invalidate_all()
        self.assertFalse(self.rhythms_of().is_sold)
        self.assertEqual(self.rhythms_of().interval_days, 30)

    def test_a_product_without_a_category_is_there(self):
        self.axe.categ_id = False
        self.buy_on("2026-01-04")
        self.assertFalse(self.rhythms_of().product_categ_id)

    def test_a_contact_buys_for_its_company(self):
        contact = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": self.firm.id}
        )
        self.buy_on("2026-01-04", "2026-02-03")
        self.sell("2026-03-05", self.line(self.axe), partner=contact)
        self.assertEqual(self.rhythms_of().interval_days, 30)

    # --- the report ---

    def test_figures_of_a_group(self):
        self.buy_on("2026-01-04", "2026-02-03", "2026-03-05")
        self.buy_on("2026-03-01", "2026-03-06", "2026-03-11", product=self.bow)
        rows = self.env["crm.relationship.rhythm"].formatted_read_group(
            [("partner_id", "=", self.firm.id)],
            ["state"],
            ["interval_days:avg", "__count"],
        )
        found = {
            row["state"]: (row["interval_days:avg"], row["__count"]) for row in rows
        }
        self.assertEqual(found, {"in_rhythm": (30, 1), "due": (5, 1)})

    def test_ids_are_unique_and_the_same_whoever_filters(self):
        other = self.make_customers(1, "Other")
        for firm in (self.firm, other):
            self.sell("2026-02-03", *map(self.line, self.products), partner=firm)
        rows = self.env["crm.relationship.rhythm"].search(
            [("company_id", "=", self.company.id)]
        )
        self.assertEqual(len(set(rows.ids)), 12)
        self.assertEqual(self.rhythms_of() + self.rhythms_of(other), rows.sorted("id"))
        self.assertEqual(self.rhythms_of(product=self.cap).product_id, self.cap)

    def test_a_row_opens_the_purchases_behind_it(self):
        self.buy_on("2026-01-04", "2026-02-03")
        self.buy_on("2026-02-03", product=self.bow)
        action = self.rhythms_of(product=self.axe).action_view_transactions()
        found = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual((found.product_id, len(found)), (self.axe, 2))

    def test_the_button_of_a_customer_leads_to_the_own_rhythms(self):
        other = self.make_customers(1, "Other")
        self.sell("2026-02-03", self.line(self.axe), partner=other)
        self.buy_on("2026-02-03", product=self.bow)
        action = self.relationship_of(self.firm).action_view_rhythms()
        found = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(found, self.rhythms_of())

    def test_a_filter_by_customer_reaches_the_indexes_of_the_documents(self):
        self.env.cr.execute(SQL("SET LOCAL enable_seqscan = off"))
        model = self.env["crm.relationship.rhythm"]
        query = model._search([("partner_id", "=", self.firm.id)])
        self.env.cr.execute(SQL("EXPLAIN %s", query.select()))
        plan = "\n".join(row for (row,) in self.env.cr.fetchall())
        for table in (
            "sale_order_line",
            "sale_order",
            "account_move_line",
            "account_move",
        ):
            self.assertNotIn(f"Seq Scan on {table} ", plan)
            self.assertIn(f"on {table} ", plan)
        self.assertRegex(plan, r"Index Cond: .*\(commercial_partner_id = ")


@tagged("post_install", "-at_install")
@freeze_time("2026-03-16 10:00:00")
class TestRhythmsOfInvoices(TransactionCase):
    def test_credit_notes_and_lines_without_a_product_are_no_purchases(self):
        self.set_basis("invoiced")
        free = Command.create({"name": "Advice", "price_unit": 80, "tax_ids": []})
        for day in ("2026-01-04", "2026-02-03"):
            self.invoice(self.line(is_order=False), free, day=day)
        self.refund(self.invoice(day="2026-03-05"), day="2026-03-10")
        found = self.env["crm.relationship.rhythm"].search(
            [("partner_id", "=", self.partner_a.id)]
        )
        self.assertEqual((found.product_id, found.interval_days), (self.bolt, 30))
        self.assertEqual(found.last_purchase_date, date(2026, 3, 5))


@tagged("post_install", "-at_install")
@freeze_time("2026-03-16 10:00:00")
class TestRhythmRights(RightsCase):
    def setUp(self):
        super().setUp()
        for partner in self.customer + self.foreign.partner_id:
            self.make_order(partner, "2026-03-01 09:00:00", 10)

    def found_by(self, role):
        return self.as_role(role, "crm.relationship.rhythm").search([])

    def test_a_user_sees_the_rhythms_of_own_customers(self):
        self.assertFalse(self.found_by("user"))
        for name in ("manager_id", "deputy_id"):
            self.relationship[name] = self.users["user"]
            self.assertEqual(self.found_by("user").partner_id, self.customer, name)
            self.relationship[name] = False
        for role in ("officer", "manager"):
            self.assertEqual(len(self.found_by(role)), 2)

    def test_rhythms_of_another_company_stay_there(self):
        other = self.make_company("Relationship Other")
        self.make_order(self.customer, "2026-03-02 09:00:00", 70, company=other)
        found = self.found_by("manager").filtered(
            lambda row: row.partner_id == self.customer
        )
        self.assertEqual(found.last_purchase_date, date(2026, 3, 1))

    def test_a_user_opens_no_purchases_of_a_foreign_customer(self):
        self.relationship.manager_id = self.users["user"]
        for row in self.found_by("officer").with_user(self.users["user"]):
            if row.id in self.found_by("user").ids:
                action = row.action_view_transactions()
                facts = self.as_role("user", action["res_model"])
                found = facts.search(action["domain"])
                self.assertEqual(found.partner_id, self.customer)
            else:
                with self.assertRaises(AccessError):
                    row.action_view_transactions()


@tagged("post_install", "-at_install")
@freeze_time("2026-03-16 10:00:00")
class TestRhythmCounts(RelationshipCase):
    def test_the_number_of_queries_does_not_grow(self):
        partners = self.env["res.partner"].create(
            [{"name": f"Counted {number}"} for number in range(40)]
        )
        for partner in partners:
            self.make_order(partner, "2026-03-01 09:00:00", 10)
        model = self.env["crm.relationship.rhythm"]
        names = model.get_view(view_type="list")["models"][model._name]
        specification = {
            name: {"fields": {"display_name": {}}}
            if model._fields[name].relational
            else {}
            for name in names
        }
        counts = []
        for size in (40, 10, 40):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            domain = [("partner_id", "in", partners.ids)]
            page = model.web_search_read(domain, specification, limit=size)
            counts.append(self.cr.sql_log_count - before)
            self.assertEqual(len(page["records"]), size)
        self.assertEqual(counts[1], counts[2])
