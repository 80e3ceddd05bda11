import functools

from odoo import api, fields, models

FIRST_STAGE = "helpdesk_mgmt.helpdesk_ticket_stage_new"
CLOSED_MAIL = "helpdesk_mgmt.closed_ticket_template"
OWN_MAIL = "crm_relationship.mail_template"


class HelpdeskTicketStage(models.Model):
    """A stage says whose turn it is. Where that is changed, it changes for the tickets that are in it."""

    _inherit = "helpdesk.ticket.stage"

    is_waiting_customer = fields.Boolean(
        string="Waits for the Customer",
        help="The clock of the solution stands still while a ticket is in this stage. When the customer writes, the"
        " ticket goes back to work.",
    )

    # --- what its customers are told ---

    @api.model
    def _set_default_mails(self):
        """Say that a message is here, where the first stage says nothing; and greet the customer instead of our
        own people where a ticket is closed. What somebody chose stays."""
        first = self.env.ref(FIRST_STAGE, raise_if_not_found=False) or self
        first.filtered(
            lambda stage: not stage.mail_template_id
        ).mail_template_id = self.env.ref(f"{OWN_MAIL}_received")
        self._replace_mails(CLOSED_MAIL, f"{OWN_MAIL}_closed")

    @api.model
    def _reset_default_mails(self):
        """As it was before the addon."""
        self._replace_mails(f"{OWN_MAIL}_closed", CLOSED_MAIL)
        self._replace_mails(f"{OWN_MAIL}_received", None)

    def _replace_mails(self, old_name, new_name):
        ref = functools.partial(self.env.ref, raise_if_not_found=False)
        old = ref(old_name)
        if old:
            stages = self.with_context(active_test=False)
            stages = stages.search([("mail_template_id", "=", old.id)])
            stages.mail_template_id = new_name and ref(new_name)

    def write(self, vals):
        tickets = self.env["helpdesk.ticket"].sudo()
        if {"closed", "is_waiting_customer"} & set(vals):
            tickets = tickets.search([("stage_id", "in", self.ids)])
        before = tickets._get_states()
        result = super().write(vals)
        tickets._log_changes(before)
        return result
