from odoo import fields, models


class HelpdeskTicketStage(models.Model):
    """A stage says whose turn it is. Where that is changed, it changes for the tickets that are in it."""

    _inherit = "helpdesk.ticket.stage"

    is_waiting_customer = fields.Boolean(
        string="Waits for the Customer",
        help="The clock of the solution stands still while a ticket is in this stage. When the customer writes, the"
        " ticket goes back to work.",
    )

    def write(self, vals):
        tickets = self.env["helpdesk.ticket"].sudo()
        if {"closed", "is_waiting_customer"} & set(vals):
            tickets = tickets.search([("stage_id", "in", self.ids)])
        before = tickets._get_states()
        result = super().write(vals)
        tickets._log_changes(before)
        return result
