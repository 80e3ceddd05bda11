from odoo import fields, models


class CrmRelationshipTicketKind(models.Model):
    """What a ticket is: a question, a complaint, feedback, a request, praise. Kept by managers."""

    _name = "crm.relationship.ticket.kind"
    _description = "Kind of Ticket"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    color = fields.Integer()
    active = fields.Boolean(default=True)
    description = fields.Text(
        translate=True, help="When a ticket is of this kind, in plain words."
    )
    needs_remedy = fields.Boolean(
        string="Needs Cause and Remedy",
        help="A ticket of this kind closes only when its cause is answered and the customer got a remedy.",
    )

    _code_unique = models.Constraint(
        "UNIQUE (code)", "Another kind already has this code."
    )
