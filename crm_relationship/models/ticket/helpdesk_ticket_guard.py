from odoo import api, models
from odoo.exceptions import UserError

# What is promised, and what the ticket shows of it being kept: written by the addon only.
MEASURED = {
    "relationship_id",
    "policy_id",
    "first_response_deadline",
    "resolution_deadline",
    "first_response_warning_at",
    "resolution_warning_at",
    "next_deadline",
    "next_promise",
    "next_warning_at",
    "next_escalation_at",
    "told",
    "first_response_at",
    "first_response_hours",
    "resolved_at",
    "waiting_us_hours",
    "waiting_customer_hours",
    "stopped_hours",
    "agent_reply_count",
    "customer_reply_count",
    "reopen_count",
    "handover_count",
    "first_owner_id",
    "duplicate_opened_at",
    "is_reconstructed",
    "fcr_state",
    "fcr_decided_at",
    "fcr_due_at",
    "fcr_ratio",
    "fcr_causes",
    "is_solved_by_customer",
}


class HelpdeskTicket(models.Model):
    """Who is measured does not write the measurement, in forms, imports and RPC alike. To be loaded last: the parts of
    the addon write below it."""

    _inherit = "helpdesk.ticket"

    @api.model_create_multi
    def create(self, vals_list):
        given = {name for vals in vals_list for name in vals}
        given |= {
            name.removeprefix("default_")
            for name in self.env.context
            if name.startswith("default_")
        }
        self._refuse_measured(given, "create")
        return super().create(vals_list)

    def write(self, vals):
        self._refuse_measured(set(vals), "write")
        return super().write(vals)

    @api.model
    def _refuse_measured(self, names, operation):
        if self.env.su:
            return
        if found := sorted(names & MEASURED):
            self.check_access(operation)
            raise UserError(
                self.env._(
                    "What is promised and measured is not entered: %(fields)s. Leave it out; it follows from the"
                    " customer, the policy and what happens to the ticket.",
                    fields=", ".join(
                        f"{self._fields[name]._description_string(self.env)} ({name})"
                        for name in found
                    ),
                )
            )
