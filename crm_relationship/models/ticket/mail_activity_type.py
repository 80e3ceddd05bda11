from odoo import fields, models


class MailActivityType(models.Model):
    _inherit = "mail.activity.type"

    relationship_channel_id = fields.Many2one(
        "crm.relationship.channel",
        string="Interaction Channel",
        ondelete="set null",
        help="A done activity of this type is an interaction with the customer on this channel; empty: it is none.",
    )
