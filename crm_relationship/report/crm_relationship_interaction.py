from odoo import fields, models

from ..models.relationship.crm_relationship_channel import LEVELS
from ..queries import reports

DIRECTIONS = [("in", "From the customer"), ("out", "From us")]
INITIATIVES = [("reactive", "The customer began"), ("proactive", "We began")]


class CrmRelationshipInteraction(models.Model):
    """One contact between a customer and us: a ticket, a mail, a call, a visit, a meeting, an act in the portal."""

    _name = "crm.relationship.interaction"
    _inherit = "crm.relationship.fact"
    _description = "Relationship Interaction"
    _auto = False

    user_id = fields.Many2one("res.users", string="Colleague", readonly=True)
    channel = fields.Char(string="Channel Code", readonly=True)
    channel_id = fields.Many2one("crm.relationship.channel", readonly=True)
    direction = fields.Selection(DIRECTIONS, readonly=True)
    initiative = fields.Selection(INITIATIVES, readonly=True)
    level = fields.Selection(LEVELS, readonly=True)
    minutes = fields.Float(
        readonly=True,
        help="Our working time: as measured, else the standard minutes of the channel.",
    )

    _depends = {
        "calendar.event": ["active", "partner_ids", "start", "stop", "duration"],
        "crm.lead": ["company_id", "partner_id", "user_id"],
        "crm.relationship": [
            "partner_id",
            "company_id",
            "segment_id",
            "primary_type_id",
            "manager_id",
        ],
        "crm.relationship.channel": ["code", "level", "standard_minutes"],
        "helpdesk.ticket": [
            "company_id",
            "commercial_partner_id",
            "partner_id",
            "user_id",
            "channel_id",
        ],
        "helpdesk.ticket.channel": ["relationship_channel_id"],
        "mail.activity": ["active", "date_done", "res_id", "activity_type_id"],
        "mail.activity.type": ["relationship_channel_id"],
        "mail.message": ["model", "res_id", "message_type", "subtype_id", "date"],
        "rating.rating": ["message_id"],
        "res.company": ["partner_id"],
        "res.partner": ["commercial_partner_id", "company_id", "user_id"],
        "res.users": ["partner_id", "share", "company_id"],
        "res.users.log": ["create_date"],
        "sale.order": ["company_id", "partner_id", "signed_on"],
    }

    @property
    def _table_query(self):
        facts = self.env["crm.relationship.source"]._get_interaction_query()
        order = ("date", "document_model", "document_id", "direction", "channel")
        return reports.with_channel(
            reports.with_relationship(facts, order, self._get_scope())
        )
