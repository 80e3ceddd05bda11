from odoo import fields, models
from odoo.exceptions import UserError


class CrmRelationshipProblemWizard(models.TransientModel):
    """Why a solved problem is opened again, or why tickets are no part of it."""

    _name = "crm.relationship.problem.wizard"
    _description = "Reason of a Change to a Repeated Complaint"

    action = fields.Selection(
        [("reopen", "Open it again"), ("take_out", "Take tickets out of it")],
        required=True,
        readonly=True,
    )
    problem_id = fields.Many2one(
        "crm.relationship.problem", required=True, readonly=True
    )
    ticket_ids = fields.Many2many("helpdesk.ticket", readonly=True)
    reason = fields.Char(required=True)

    def action_confirm(self):
        self.ensure_one()
        reason = self.reason.strip()
        if not reason:
            raise UserError(self.env._("Say in a few words why."))
        if self.action == "reopen":
            self.problem_id._reopen(reason)
        else:
            self.ticket_ids._take_out_of_problem(reason)
        return {"type": "ir.actions.act_window_close"}
