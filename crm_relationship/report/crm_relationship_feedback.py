from odoo import fields, models

from ..queries import reports

METRICS = [("csat", "Satisfaction (CSAT)")]
PHASES = [
    ("pre_sale", "Before the sale"),
    ("in_sale", "During the sale"),
    ("after_sale", "After the sale"),
    ("relationship", "Relationship"),
]


class CrmRelationshipFeedback(models.Model):
    """One answer of a customer to the question how it went."""

    _name = "crm.relationship.feedback"
    _inherit = "crm.relationship.fact"
    _description = "Relationship Feedback"
    _auto = False

    metric = fields.Selection(METRICS, readonly=True)
    phase = fields.Selection(PHASES, readonly=True)
    score = fields.Float(
        readonly=True, aggregator="avg", help="As given: 1 to 5 for satisfaction."
    )
    score_ratio = fields.Float(
        string="Score 0–100 %",
        readonly=True,
        aggregator="avg",
        help="The score on its scale: 0 % is the worst, 100 % the best.",
    )

    _depends = {
        "crm.lead": ["company_id"],
        "crm.relationship": [
            "partner_id",
            "company_id",
            "segment_id",
            "primary_type_id",
            "manager_id",
        ],
        "helpdesk.ticket": ["company_id"],
        "rating.rating": [
            "partner_id",
            "rated_partner_id",
            "res_model",
            "res_id",
            "rating",
            "rated_on",
            "consumed",
        ],
        "res.company": ["partner_id"],
        "res.partner": ["commercial_partner_id", "company_id"],
        "res.users": ["partner_id", "share", "company_id"],
        "sale.order": ["company_id"],
    }

    @property
    def _table_query(self):
        facts = self.env["crm.relationship.source"]._get_feedback_query()
        return reports.with_relationship(
            facts,
            ("date", "document_model", "document_id", "score"),
            self._get_scope(),
        )
