from odoo import fields, models


class ResUsers(models.Model):
    """What a colleague handles, and what waits for him."""

    _inherit = "res.users"

    skill_category_ids = fields.Many2many(
        "helpdesk.ticket.category",
        relation="helpdesk_ticket_category_handler_rel",
        column1="user_id",
        column2="category_id",
        string="Handles",
        help="Categories of tickets that this person can solve, those below them included.",
    )

    def _action_view_open_tickets(self):
        """The open tickets of these users, those of nobody where there are none."""
        action = self.env["ir.actions.actions"]._for_xml_id(
            "crm_relationship.helpdesk_ticket_queue_action"
        )
        domain = [
            ("user_id", "in", self.ids or [False]),
            ("closed", "=", False),
            ("is_merged", "=", False),
        ]
        return dict(action, domain=domain, context={})
