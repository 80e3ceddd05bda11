"""The report of transactions adds up, pages and filters."""

from freezegun import freeze_time

from odoo.tests import tagged
from odoo.tools import SQL

from .transactions import TODAY, TransactionCase


@tagged("post_install", "-at_install")
@freeze_time("2026-03-16 10:00:00")
class TestTransactionReport(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.facts_model = cls.env["crm.relationship.transaction"]

    def test_the_report_adds_up_and_knows_the_relationship(self):
        self.invoice_order(self.sell(self.line(price=100, quantity=2)))
        self.invoice(partner=self.partner_b)
        rows = self.facts_model.formatted_read_group(
            [("company_id", "=", self.company.id)],
            ["partner_id"],
            ["revenue:sum", "cost:sum", "margin:sum", "__count"],
        )
        sums = {row["partner_id"][0]: row for row in rows}
        own = sums[self.partner_a.id]
        self.assertEqual(
            (own["revenue:sum"], own["cost:sum"], own["margin:sum"]), (200, 12, 188)
        )
        fact = self.facts_model.search([("partner_id", "=", self.partner_a.id)])
        self.assertEqual(fact.relationship_id, self.relationship_of(self.partner_a))
        self.assertEqual(fact.segment_id, fact.relationship_id.segment_id)

    def test_ids_are_unique_and_the_same_whoever_filters(self):
        for _number in range(3):
            self.invoice(*(self.line(is_order=False) for _line in range(3)))
            self.invoice(partner=self.partner_b)
        facts = self.facts_model.search([("company_id", "=", self.company.id)])
        self.assertEqual(len(set(facts.ids)), 12)
        some = self.facts_model.search([("partner_id", "=", self.partner_a.id)])
        self.assertLess(set(some.ids), set(facts.ids))
        before = {fact.id: (fact.document_id, fact.revenue) for fact in facts}
        self.invoice(partner=self.partner_b, day=TODAY)
        self.env.invalidate_all()
        for number, (document_id, revenue) in before.items():
            fact = self.facts_model.browse(number)
            self.assertEqual((fact.document_id, fact.revenue), (document_id, revenue))

    def test_the_list_reads_pages_that_do_not_overlap(self):
        self.invoice(*(self.line(is_order=False) for _line in range(7)))
        pages = [
            self.facts_model.web_search_read(
                [("company_id", "=", self.company.id)],
                {"date": {}, "document_id": {}, "revenue": {}, "margin": {}},
                offset=offset,
                limit=3,
            )["records"]
            for offset in (0, 3, 6)
        ]
        ids = [row["id"] for page in pages for row in page]
        self.assertEqual(len(ids), 7)
        self.assertEqual(len(set(ids)), 7)

    def test_a_filter_by_customer_reaches_the_indexes_of_the_documents(self):
        self.env.cr.execute(SQL("SET LOCAL enable_seqscan = off"))
        query = self.facts_model._search([("partner_id", "=", self.partner_a.id)])
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
        self.assertIn("Index Cond: (commercial_partner_id =", plan)
