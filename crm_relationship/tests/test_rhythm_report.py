from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import SQL

from .common import RelationshipCase
from .rhythms import RhythmCase
from .test_rights import RightsCase


@tagged("post_install", "-at_install")
@freeze_time("2026-03-16 10:00:00")
class TestRhythmReport(RhythmCase):
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
