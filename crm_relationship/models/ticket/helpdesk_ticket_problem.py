from odoo import api, fields, models
from odoo.exceptions import UserError

COUNTED = {
    "problem_id",
    "partner_id",
    "kind_id",
    "active",
    "duplicate_id",
    "company_id",
}


class HelpdeskTicket(models.Model):
    """What a ticket is about, and the problem that it is part of."""

    _inherit = "helpdesk.ticket"

    product_id = fields.Many2one(
        "product.product",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        help="The product or service that the ticket is about.",
    )
    problem_id = fields.Many2one(
        "crm.relationship.problem",
        string="Repeated Complaint",
        index="btree_not_null",
        ondelete="set null",
        tracking=True,
        copy=False,
        groups="base.group_user",
        domain="[('company_id', '=', company_id), ('state', '=', 'open')]",
        help="The same was complained about before: this is where its cause is looked for.",
    )
    problem_ticket_count = fields.Integer(
        related="problem_id.ticket_count",
        string="Same Complaints",
        groups="base.group_user",
    )
    no_problem_reason = fields.Char(
        string="Why It Is a Case of Its Own",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="Somebody took the ticket out of a repeated complaint: it does not join one by itself any more.",
    )

    _complaint_index = models.Index("(kind_id, create_date) WHERE problem_id IS NULL")

    @api.model_create_multi
    def create(self, vals_list):
        tickets = super().create(vals_list)
        if any(vals.get("problem_id") for vals in vals_list):
            tickets.sudo().problem_id._update_figures()
        return tickets

    def write(self, vals):
        if vals.get("problem_id"):
            vals = dict(vals, no_problem_reason=False)
        elif "problem_id" in vals:
            self._check_reason(vals)
        counted = COUNTED & set(vals)
        before = self._get_problems_counting() if counted else None
        result = super().write(vals)
        if "company_id" in vals:
            self._leave_problems_of_others()
        if counted and (problems := before | self._get_problems_counting()):
            problems._update_figures()
        return result

    def _get_problems_counting(self):
        """The problems whose figures depend on these tickets: also on whether duplicates of them are merged."""
        tickets = self.sudo()
        return (tickets | tickets.duplicate_ids).problem_id

    def _merge(self):
        """The ticket that is kept takes the place of this one in its problem, unless somebody took it out of one."""
        result = super()._merge()
        ticket, kept = self.sudo(), self.sudo().duplicate_id
        is_free = not kept.problem_id and not kept.no_problem_reason
        if ticket._is_merged() and ticket.problem_id and is_free:
            kept.problem_id = ticket.problem_id
        return result

    def _check_reason(self, vals):
        """Nobody takes a ticket out of its problem without saying why."""
        if self.env.su or vals.get("no_problem_reason"):
            return
        for ticket in self.filtered("problem_id"):
            raise UserError(
                self.env._(
                    "%(ticket)s is part of “%(problem)s”. To take it out, use the button “Take Out”: it asks for the"
                    " reason.",
                    ticket=ticket.display_name,
                    problem=ticket.problem_id.name,
                )
            )

    def _leave_problems_of_others(self):
        """A ticket that moved to another company of ours is no part of what the former one works on."""
        tickets = self.sudo()
        tickets.filtered(
            lambda ticket: ticket.problem_id
            and ticket.problem_id.company_id != ticket.company_id
        ).problem_id = False

    def unlink(self):
        problems = self.sudo().problem_id
        result = super().unlink()
        if problems:
            problems._update_figures()
        return result

    def action_view_problem(self):
        """The repeated complaint that the ticket is part of."""
        return {
            "type": "ir.actions.act_window",
            "res_model": "crm.relationship.problem",
            "view_mode": "form",
            "res_id": self.problem_id.id,
        }

    def action_take_out_of_problem(self):
        """Ask for the reason, then treat the tickets as cases of their own."""
        return self.problem_id[:1]._ask("take_out", self.filtered("problem_id"))

    def _take_out_of_problem(self, reason):
        """The tickets are no part of their problem: they leave it, with the reason in its history, and do not come
        back by themselves."""
        self.check_access("write")
        for problem, tickets in self.grouped("problem_id").items():
            if not problem:
                raise UserError(
                    self.env._(
                        "%(ticket)s is part of no repeated complaint.",
                        ticket=tickets[0].display_name,
                    )
                )
            tickets.write({"problem_id": False, "no_problem_reason": reason})
            # sudo: who may write the ticket decides on it, and the problem keeps the reason
            problem.sudo()._message_log(
                body=self.env._(
                    "%(tickets)s: no part of it. %(reason)s",
                    tickets=", ".join(tickets.mapped("display_name")),
                    reason=reason,
                )
            )

    def _get_notice_address(self):
        """Where the customer of this ticket gets a mail; empty where he is archived or has no address."""
        self.ensure_one()
        if self.partner_id and not (
            self.partner_id.active and self.commercial_partner_id.active
        ):
            return False
        return self.partner_id.email_normalized or self.partner_email

    def _get_customer_name(self):
        return self.partner_id.display_name or self.partner_name or self.display_name
