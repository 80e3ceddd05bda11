from odoo import fields, models
from odoo.exceptions import UserError


class HelpdeskTicket(models.Model):
    """Services that the customer got, or was refused, on the occasion of a ticket."""

    _inherit = "helpdesk.ticket"

    service_use_ids = fields.One2many(
        "crm.relationship.service.use",
        "ticket_id",
        string="Services",
        groups="helpdesk_mgmt.group_helpdesk_user_own",
    )

    def action_record_service(self):
        """Open the dialog that notes a service as given or refused (button)."""
        self.ensure_one()
        self.check_access("write")
        if not self.sudo().relationship_id:
            raise UserError(
                self.env._(
                    "%(ticket)s has no customer, so nobody's services can be counted. Choose the customer first.",
                    ticket=self.display_name,
                )
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Service Given or Refused"),
            "res_model": "crm.relationship.service.use.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_ticket_id": self.id},
        }
