from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import is_html_empty


class CrmRelationshipHandoverWizard(models.TransientModel):
    """Giving tickets to another owner or team: the reason stays with them."""

    _name = "crm.relationship.handover.wizard"
    _description = "Hand Over"

    ticket_ids = fields.Many2many(
        "helpdesk.ticket",
        relation="crm_relationship_handover_ticket_rel",
        string="Tickets",
        required=True,
    )
    team_id = fields.Many2one("helpdesk.ticket.team", string="To Team")
    member_ids = fields.Many2many(related="team_id.user_ids", string="Members")
    user_id = fields.Many2one(
        "res.users",
        string="New Owner",
        domain="team_id and [('share', '=', False), ('id', 'in', member_ids)] or [('share', '=', False)]",
        help="Empty: nobody yet, the team decides.",
    )
    reason = fields.Char(required=True)
    message = fields.Html(
        string="Message to the Customer",
        help="Sent to the customer as an answer. Empty: the customer is told nothing.",
    )

    @api.onchange("team_id")
    def _onchange_team_id(self):
        if self.team_id and self.user_id not in self.team_id.user_ids:
            self.user_id = False

    def action_confirm(self):
        """Give the tickets to the chosen owner, each with the reason and, where wanted, a message."""
        self.ensure_one()
        tickets = self.ticket_ids.filtered(self._is_changed)
        self._check_change(tickets)
        note = self.env._("Handed over: %(reason)s", reason=self.reason.strip())
        for ticket in tickets:
            # Before the change: who hands a ticket over may not see it any more.
            ticket.message_post(body=note, subtype_xmlid="mail.mt_note")
            if not is_html_empty(self.message):
                ticket.message_post(
                    body=self.message,
                    message_type="comment",
                    subtype_xmlid="mail.mt_comment",
                )
        for ticket in tickets:
            ticket.with_context(handover_reason=self.reason.strip()).write(
                {
                    "team_id": (self.team_id or ticket.team_id).id,
                    "user_id": self.user_id.id,
                }
            )
        if self.env.context.get("handover_reload"):
            # Nothing waits for this window to close: the list or board below is read again.
            return {"type": "ir.actions.client", "tag": "soft_reload"}
        return {"type": "ir.actions.act_window_close"}

    def _is_changed(self, ticket):
        return ticket.user_id != self.user_id or (
            self.team_id and ticket.team_id != self.team_id
        )

    def _check_change(self, tickets):
        if not (self.reason or "").strip():
            raise ValidationError(
                self.env._("Say in a few words why the tickets are handed over.")
            )
        if not tickets:
            raise UserError(
                self.env._(
                    "Nothing would change: %(tickets)s already belong to %(owner)s. Choose another owner or team.",
                    tickets=", ".join(self.ticket_ids.mapped("number")),
                    owner=self.user_id.name or self.env._("nobody"),
                )
            )
        if self.user_id.share:
            raise ValidationError(
                self.env._(
                    "%(user)s is no internal user and cannot own tickets.",
                    user=self.user_id.name,
                )
            )
        # sudo: where the new owner works is no secret to who gives him tickets
        foreign = tickets.company_id - self.user_id.sudo().company_ids
        if self.user_id and foreign:
            raise ValidationError(
                self.env._(
                    "%(user)s does not work for %(companies)s and could not open the tickets. Choose somebody who"
                    " does.",
                    user=self.user_id.name,
                    companies=", ".join(foreign.mapped("name")),
                )
            )
        tickets.check_access("write")
