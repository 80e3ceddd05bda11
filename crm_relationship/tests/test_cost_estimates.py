import random
from datetime import timedelta

from dateutil.relativedelta import relativedelta
from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from ..queries.sources import TRANSACTION_COLUMNS, TRANSACTION_MARKS, unmarked
from .costs import CostCase
from .test_transactions import TODAY

SINCE = TODAY - relativedelta(years=1)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-16 10:00:00")
class TestCostEstimates(CostCase):
    """What has no cost of its own counts with the product's, and is marked."""

    def forget_cost(self, lines):
        """Order lines older than the margin addon know no cost."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE sale_order_line SET purchase_price = NULL WHERE id = ANY(%s)",
                lines.ids,
            )
        )
        lines.invalidate_recordset(["purchase_price"])

    def has_own_cost(self, sold):
        """Whether any of these order lines knows what it cost."""
        self.env.cr.execute(
            SQL(
                "SELECT BOOL_OR(purchase_price IS NOT NULL) FROM sale_order_line WHERE id = ANY(%s)",
                sold.ids,
            )
        )
        return self.env.cr.fetchone()[0]

    def lines_of(self, basis):
        """(document line, order lines that may know its cost, day) of all that counts."""
        own = [("company_id", "=", self.company.id)]
        types = ["out_refund"]
        if basis == "invoiced":
            types += ["out_invoice", "out_receipt"]
        else:
            for line in self.env["sale.order.line"].search(
                [*own, ("state", "=", "sale"), ("display_type", "=", False)]
            ):
                yield line, line, line.order_id.date_order.date()
        moves = self.env["account.move"].search(
            [*own, ("state", "=", "posted"), ("move_type", "in", types)]
        )
        for line in moves.invoice_line_ids.filtered("product_id"):
            yield line, line.sale_line_ids, line.move_id.invoice_date

    def expected(self, basis):
        """partner id -> number of lines of 12 months with the product's cost."""
        counts = {}
        for line, sold, day in self.lines_of(basis):
            document = getattr(line, "order_id", None) or line.move_id
            quantity = getattr(line, "product_uom_qty", None) or line.quantity
            product = line.product_id.with_company(self.company)
            borrowed = product.standard_price and not self.has_own_cost(sold)
            if SINCE <= day <= TODAY and borrowed and quantity:
                partner = document.partner_id.commercial_partner_id
                counts[partner.id] = counts.get(partner.id, 0) + 1
        return counts

    def make_documents(self, dice):
        gift = self._create_product(name="Gift", standard_price=0.0)
        for _number in range(12):
            partner = dice.choice(self.partner_a + self.partner_b)
            day = TODAY - timedelta(days=dice.randrange(500))
            products = [dice.choice(self.bolt + self.box + gift) for _ in range(3)]
            if dice.random() < 0.4:
                lines = [self.line(product, is_order=False) for product in products]
                move = self.invoice(*lines, partner=partner, day=day)
                if dice.random() < 0.5:
                    self.refund(move, day=day)
                continue
            order = self.sell(*map(self.line, products), partner=partner, day=day)
            if dice.random() < 0.5:
                self.forget_cost(order.order_line[: dice.randint(1, 3)])
            if dice.random() < 0.7:
                self.invoice_order(order, day=day)

    def test_random_documents_equal_the_naive_reference(self):
        self.make_documents(random.Random(3))
        for basis in self.both_bases():
            expected = self.expected(basis)
            self.assertTrue(expected)
            for partner in self.partner_a + self.partner_b:
                relationship = self.relationship_of(partner)
                relationship.invalidate_recordset()
                self.assertEqual(
                    relationship.estimated_line_count, expected.get(partner.id, 0)
                )
                action = relationship.action_view_estimated_lines()
                found = self.env[action["res_model"]].search(action["domain"])
                self.assertEqual(len(found), expected.get(partner.id, 0))

    def test_the_marks_follow_the_contract(self):
        source = self.env["crm.relationship.source"]
        for name in source._get_sources():
            query = self.env[name]._marked_transaction_query()
            if query:
                names, _rows = self.fetch(query)
                self.assertEqual(
                    tuple(names), (*TRANSACTION_COLUMNS, *TRANSACTION_MARKS)
                )

    def test_who_brings_only_the_contract_estimates_nothing(self):
        self.invoice()
        bare = self.env["crm.relationship.source.sale"]._transaction_query()
        names, rows = self.fetch(unmarked(bare))
        self.assertEqual(tuple(names), (*TRANSACTION_COLUMNS, *TRANSACTION_MARKS))
        self.assertTrue(rows)
        self.assertFalse(any(row[-1] for row in rows))

    def test_a_line_with_a_cost_of_its_own_is_no_estimate(self):
        self.set_basis("ordered")
        order = self.sell(self.line(), self.line(self.box))
        relationship = self.relationship_of(self.partner_a)
        self.assertEqual(relationship.estimated_line_count, 0)
        order.order_line[0].purchase_price = 0
        relationship.invalidate_recordset()
        self.assertEqual(relationship.estimated_line_count, 0)
        self.forget_cost(order.order_line[0])
        relationship.invalidate_recordset()
        self.assertEqual(relationship.estimated_line_count, 1)

    def test_nobody_but_managers_sees_it(self):
        self.sell()
        user = new_test_user(
            self.env,
            "officer_of_costs",
            "crm_relationship.group_relationship_officer",
            company_id=self.company.id,
        )
        lines = self.env["crm.relationship.transaction"].with_user(user)
        with self.assertRaises(AccessError):
            lines.search([("is_cost_estimated", "=", True)])

    def test_buttons_that_promise_documents_open_the_list(self):
        self.sell()
        relationship = self.relationship_of(self.partner_a)
        for name in (
            "action_view_transactions",
            "action_view_discounts",
            "action_view_estimated_lines",
            "action_view_costs",
        ):
            action = getattr(relationship, name)()
            self.assertEqual(action["view_mode"], "list,graph,pivot", name)
            self.assertFalse(action["views"])
