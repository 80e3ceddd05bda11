from odoo import fields, models


class HelpdeskTicketChannel(models.Model):
    _inherit = "helpdesk.ticket.channel"

    relationship_channel_id = fields.Many2one(
        "crm.relationship.channel",
        string="Interaction Channel",
        ondelete="set null",
        help="How tickets of this channel are counted as interactions; empty: as mails.",
    )
