from odoo import api, fields, models
from odoo.exceptions import ValidationError


class HelpdeskTicket(models.Model):
    """What a ticket is, and what a complaint needs before it can close."""

    _inherit = "helpdesk.ticket"

    kind_id = fields.Many2one(
        "crm.relationship.ticket.kind",
        ondelete="restrict",
        tracking=True,
        index="btree_not_null",
    )
    needs_remedy = fields.Boolean(related="kind_id.needs_remedy")
    cause = fields.Text(
        tracking=True, copy=False, help="Why it happened, as we told the customer."
    )
    remedy = fields.Text(
        tracking=True,
        copy=False,
        help="What the customer got, or what we did about it.",
    )

    @api.constrains("stage_id", "kind_id", "cause", "remedy", "duplicate_id")
    def _check_remedy(self):
        """Merged duplicates are answered where they are a duplicate of."""
        for ticket in self:
            if (
                not ticket.stage_id.closed
                or not ticket.kind_id.needs_remedy
                or ticket._is_merged()
            ):
                continue
            missing = [
                ticket._fields[name]._description_string(self.env)
                for name in ("cause", "remedy")
                if not (ticket[name] or "").strip()
            ]
            if missing:
                raise ValidationError(
                    self.env._(
                        "%(ticket)s is of the kind “%(kind)s”, which closes only with an answer to its cause and a"
                        " remedy. Still empty: %(missing)s. Fill it in and close again, or change the kind.",
                        ticket=ticket.display_name,
                        kind=ticket.kind_id.name,
                        missing=", ".join(missing),
                    )
                )
