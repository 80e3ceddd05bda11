from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmRelationshipFcrCause(models.Model):
    """Why a first contact did not solve a ticket. Those with a code are found in what happened; agents name the others.
    Kept by managers."""

    _name = "crm.relationship.fcr.cause"
    _description = "Cause of a Second Contact"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=100)
    active = fields.Boolean(default=True)
    code = fields.Char(
        readonly=True,
        copy=False,
        help="Set for causes that are found in what happened to the ticket; empty for those that agents name.",
    )
    description = fields.Text(translate=True, help="When it applies, in plain words.")

    _code_unique = models.Constraint(
        "UNIQUE (code)", "Another cause already has this code."
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_found(self):
        for cause in self.filtered("code"):
            raise UserError(
                self.env._(
                    "“%(cause)s” is found by itself in what happened to tickets, so it cannot be deleted. Rename or"
                    " archive it instead.",
                    cause=cause.name,
                )
            )
