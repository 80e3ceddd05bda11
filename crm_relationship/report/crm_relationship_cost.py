from odoo import fields, models

from ..queries import reports
from .crm_relationship_interaction import CrmRelationshipInteraction
from .dependencies import merge


class CrmRelationshipCost(models.Model):
    """One thing that serving a customer cost: an interaction, a ticket, a credit note, a month of late payment.

    Read only, never copied: the UNION ALL of the cost sources with the relationship of its customer.
    """

    _name = "crm.relationship.cost"
    _inherit = "crm.relationship.period"
    _description = "Cost to Serve"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "document_id"

    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    date = fields.Datetime(readonly=True)
    part = fields.Selection(
        [
            ("interaction", "Interactions"),
            ("ticket", "Ticket handling"),
            ("return", "Credit notes and returns"),
            ("late_payment", "Late payment"),
        ],
        readonly=True,
    )
    amount = fields.Monetary(readonly=True)
    minutes = fields.Float(readonly=True, help="Our working time in it.")
    is_estimated = fields.Boolean(
        string="Estimated",
        readonly=True,
        help="A standard of the company stands in for a measurement or a rate.",
    )
    document_model = fields.Char(readonly=True)
    document_id = fields.Many2oneReference(
        model_field="document_model", string="Document", readonly=True
    )
    relationship_id = fields.Many2one("crm.relationship", readonly=True)
    segment_id = fields.Many2one("crm.relationship.segment", readonly=True)
    primary_type_id = fields.Many2one(
        "crm.relationship.type", string="Primary Type", readonly=True
    )
    manager_id = fields.Many2one("res.users", string="Dedicated Manager", readonly=True)

    _depends = merge(
        CrmRelationshipInteraction._depends,
        {
            "crm.relationship.cost.rate": [
                "company_id",
                "channel_id",
                "date_from",
                "hour_amount",
                "touch_amount",
            ],
            "helpdesk.ticket": ["company_id", "partner_id", "handling_minutes"],
            "account.move": [
                "company_id",
                "partner_id",
                "invoice_date",
                "date",
                "state",
                "move_type",
            ],
            "account.move.line": [
                "move_id",
                "company_id",
                "partner_id",
                "parent_state",
                "balance",
                "display_type",
                "date_maturity",
                "amount_residual",
            ],
            "account.partial.reconcile": ["debit_move_id", "amount", "max_date"],
            "res.company": [
                "relationship_hour_amount",
                "relationship_ticket_minutes",
                "relationship_return_amount",
                "relationship_late_payment_ratio",
            ],
        },
    )

    @property
    def _table_query(self):
        facts = self.env["crm.relationship.source"]._get_cost_query()
        order = ("date", "part", "document_model", "document_id", "amount", "minutes")
        return reports.with_relationship(facts, order, self._get_scope())

    def action_open_document(self):
        """Open the document that cost this, for those who may read it."""
        self.ensure_one()
        document = self.env[self.document_model].browse(self.document_id)
        document.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": document._name,
            "res_id": document.id,
            "view_mode": "form",
        }
