from odoo import models
from odoo.exceptions import UserError

from ...uninstall import is_uninstall


class HelpdeskTicket(models.Model):
    """What a sealed audit tells of a ticket stays."""

    _inherit = "helpdesk.ticket"

    def unlink(self):
        if not is_uninstall(self.env):
            self._refuse_audited()
        return super().unlink()

    def _refuse_audited(self):
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
