from odoo import api, fields, models
from odoo.exceptions import UserError

LEVELS = [("operational", "Operational"), ("collaborative", "Collaborative")]


class CrmRelationshipChannel(models.Model):
    """A way in which customers and we reach each other, as interactions are counted.

    Eight come as data and are named by the sources of facts; managers may add more and map helpdesk channels and
    activity types to them. Shared by all companies.
    """

    _name = "crm.relationship.channel"
    _description = "Interaction Channel"
    _order = "sequence, id"
    _rec_names_search = ["name", "code"]

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    level = fields.Selection(
        LEVELS,
        required=True,
        default="operational",
        help="Collaborative: the customer does the work himself with the tools that we provide.",
    )
    standard_minutes = fields.Float(
        help="Working time of ours that one interaction takes where nobody measured it."
    )
    icon = fields.Char(
        default="fa-comment-o", help="Font Awesome icon in the timeline."
    )
    helpdesk_channel_ids = fields.One2many(
        "helpdesk.ticket.channel",
        "relationship_channel_id",
        string="Helpdesk Channels",
    )
    activity_type_ids = fields.One2many(
        "mail.activity.type", "relationship_channel_id", string="Activity Types"
    )

    _code_unique = models.Constraint(
        "UNIQUE (code)", "Another channel already has this code."
    )
    _standard_minutes_positive = models.Constraint(
        "CHECK (standard_minutes >= 0)",
        "The standard minutes of a channel cannot be negative: enter 0 or more.",
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_named(self):
        named = self.filtered(lambda channel: channel.get_external_id()[channel.id])
        for channel in named[:1]:
            raise UserError(
                self.env._(
                    "The channel “%(name)s” cannot be deleted: interactions are counted on it. Rename it instead.",
                    name=channel.name,
                )
            )
