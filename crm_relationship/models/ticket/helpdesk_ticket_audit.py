from odoo import api, models
from odoo.exceptions import UserError


class HelpdeskTicket(models.Model):
    """What a sealed audit tells of a ticket stays."""

    _inherit = "helpdesk.ticket"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sealed(self):
        breach = (
            self.env["crm.relationship.audit.breach"]
            .sudo()
            .search(
                [("ticket_id", "in", self.ids), ("audit_id.state", "=", "sealed")],
                limit=1,
            )
        )
        if breach:
            raise UserError(
                self.env._(
                    "%(ticket)s stands in the sealed audit of %(period)s and cannot be deleted. Archive it instead.",
                    ticket=breach.ticket_id.display_name,
                    period=breach.audit_id.display_name,
                )
            )
