"""What customers answered is one row of the feedback contract each."""

from datetime import datetime

from freezegun import freeze_time

from odoo.tests import tagged

from ..queries.feedback import FEEDBACK_COLUMNS
from .interactions import InteractionCase

NOW = datetime(2026, 3, 16, 10)
CONTRACT = (
    "company_id",
    "partner_id",
    "contact_id",
    "date",
    "metric",
    "phase",
    "score",
    "score_ratio",
    "document_model",
    "document_id",
)


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestFeedback(InteractionCase):
    def rate(self, document, score, partner=None, **values):
        return self.env["rating.rating"].create(
            {
                "res_model_id": self.env["ir.model"]._get(document._name).id,
                "res_id": document.id,
                "partner_id": (partner or self.buyer).id,
                "rating": score,
                "consumed": True,
                **values,
            }
        )

    def feedback(self):
        _names, rows = self.fetch(
            self.env["crm.relationship.source"]._get_feedback_query()
        )
        rows = [dict(zip(CONTRACT, row, strict=True)) for row in rows]
        return [row for row in rows if row["company_id"] == self.company.id]

    def test_the_columns_are_those_of_the_contract(self):
        self.assertEqual(FEEDBACK_COLUMNS, CONTRACT)
        names, _rows = self.fetch(
            self.env["crm.relationship.source"]._get_feedback_query()
        )
        self.assertEqual(tuple(names), CONTRACT)

    def test_a_rated_ticket_is_satisfaction_after_the_sale(self):
        ticket = self.make_ticket(self.buyer)
        self.rate(ticket, 4)
        self.assertEqual(
            self.feedback(),
            [
                {
                    "company_id": self.company.id,
                    "partner_id": self.customer.id,
                    "contact_id": self.buyer.id,
                    "date": NOW,
                    "metric": "csat",
                    "phase": "after_sale",
                    "score": 4,
                    "score_ratio": 0.75,
                    "document_model": "helpdesk.ticket",
                    "document_id": ticket.id,
                }
            ],
        )

    def test_the_phase_is_that_of_the_document(self):
        documents = [
            self.make_lead(self.buyer, company_id=self.company.id),
            self.make_order(self.buyer, NOW, 10),
            self.make_ticket(self.buyer),
            self.customer,
        ]
        for document in documents:
            self.rate(document, 5)
        phases = {row["document_model"]: row["phase"] for row in self.feedback()}
        self.assertEqual(
            phases,
            {
                "crm.lead": "pre_sale",
                "sale.order": "in_sale",
                "helpdesk.ticket": "after_sale",
                "res.partner": "relationship",
            },
        )

    def test_the_scale_ends_at_zero_and_one(self):
        ticket = self.make_ticket(self.buyer)
        for score in (1, 3, 5, 0.5):
            self.rate(ticket, score)
        ratios = [row["score_ratio"] for row in self.feedback()]
        self.assertEqual(sorted(ratios), [0, 0, 0.5, 1])

    def test_what_is_no_answer_of_a_customer_is_left_out(self):
        ticket = self.make_ticket(self.buyer)
        self.rate(ticket, 0)
        self.rate(ticket, 5, consumed=False)
        self.rate(ticket, 5, partner=self.colleague.partner_id)
        self.rate(ticket, 5, partner=self.company.partner_id)
        self.assertFalse(self.feedback())

    def test_the_company_is_that_of_the_document(self):
        other = self.make_company("Relationship Other")
        self.env.user.company_ids += other
        self.customer.company_id = False
        self.rate(self.make_ticket(self.buyer, company_id=other.id), 5)
        self.assertFalse(self.feedback())
        own = self.rate(self.make_ticket(self.buyer), 5)
        self.assertEqual([row["document_id"] for row in self.feedback()], [own.res_id])

    def test_the_report_shows_it(self):
        for score in (2, 5):
            self.rate(self.make_ticket(self.buyer), score)
        report = self.env["crm.relationship.feedback"]
        groups = report._read_group(
            [("partner_id", "=", self.customer.id)],
            ["phase"],
            ["score:avg", "score_ratio:avg", "__count"],
        )
        self.assertEqual(groups, [("after_sale", 3.5, 0.625, 2)])
