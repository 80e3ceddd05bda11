from datetime import timedelta
from functools import partial

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import consteq, hmac

from ...analytics import fcr
from ...queries import fcr as fcr_query

# Tickets that are decided in one go.
AT_ONCE = 2000
DECIDED = (*fcr_query.STORED, "fcr_ratio", "fcr_found_cause_ids")
# definition -> the answers that can decide by themselves.
DECISIVE = {fcr.ONE_REPLY: "agent_reply", fcr.NO_SECOND_CONTACT: "customer_reply"}
ANSWERS = {"yes": "said_solved", "no": "said_unsolved"}
CLOSED_LAYOUT = "crm_relationship.mail_notification_closed"


class CrmRelationshipTicketEvent(models.Model):
    """The customer says whether his ticket is solved."""

    _inherit = "crm.relationship.ticket.event"

    kind = fields.Selection(
        selection_add=[
            ("said_solved", "Customer says it is solved"),
            ("said_unsolved", "Customer says it is not solved"),
        ],
        ondelete={"said_solved": "cascade", "said_unsolved": "cascade"},
    )


class HelpdeskTicket(models.Model):
    """Whether the first contact solved a ticket, by the definition of its company, and why not."""

    _inherit = "helpdesk.ticket"

    fcr_state = fields.Selection(
        [
            (fcr.PENDING, "Undecided"),
            (fcr.YES, "Solved"),
            (fcr.NO, "Not solved"),
        ],
        string="First Contact",
        readonly=True,
        copy=False,
        default=fcr.PENDING,
        groups="base.group_user",
        help="By the definition of the company. Undecided tickets, and merged duplicates, where this is empty, count"
        " in no ratio.",
    )
    fcr_decided_at = fields.Datetime(
        string="First Contact Decided",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="Since when the verdict cannot change any more: when something contradicted the definition, or when the"
        " window had passed.",
    )
    fcr_due_at = fields.Datetime(
        string="First Contact Decided by",
        readonly=True,
        copy=False,
        index="btree_not_null",
        groups="base.group_user",
        help="When the window ends, if nothing else happens before.",
    )
    fcr_ratio = fields.Float(
        string="First Contact Resolution",
        readonly=True,
        copy=False,
        aggregator="avg",
        groups="base.group_user",
        help="Share of the decided tickets that the first contact solved.",
    )
    fcr_causes = fields.Char(
        string="Found Causes",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="Codes of the causes that were found in what happened, where the first contact did not solve it.",
    )
    fcr_found_cause_ids = fields.Many2many(
        "crm.relationship.fcr.cause",
        string="Causes",
        compute="_compute_fcr_found_cause_ids",
        groups="base.group_user",
    )
    fcr_cause_id = fields.Many2one(
        "crm.relationship.fcr.cause",
        string="Cause as We See It",
        ondelete="restrict",
        copy=False,
        groups="base.group_user",
        help="Why one contact was not enough, as the agent sees it. It counts beside what was found.",
    )
    fcr_report_ids = fields.One2many(
        "crm.relationship.fcr.report",
        "ticket_id",
        string="Causes of Second Contacts",
        readonly=True,
        groups="helpdesk_mgmt.group_helpdesk_user_own",
    )
    is_solved_by_customer = fields.Selection(
        [("yes", "Solved"), ("no", "Not solved")],
        string="Customer Says",
        readonly=True,
        copy=False,
        help="What the customer answered last when he was asked whether his closed ticket is solved.",
    )

    @api.depends("fcr_causes")
    def _compute_fcr_found_cause_ids(self):
        causes = self.env["crm.relationship.fcr.cause"].with_context(active_test=False)
        by_code = causes.search([("code", "!=", False)]).grouped("code")
        for ticket in self:
            codes = (ticket.fcr_causes or "").split()
            ticket.fcr_found_cause_ids = causes.concat(
                *(by_code[code] for code in codes if code in by_code)
            )

    # --- decided ---

    def write(self, vals):
        result = super().write(vals)
        if {"duplicate_id", "company_id", "partner_id"} & set(vals):
            # whether a duplicate is merged depends on the customers of both
            (self | self.sudo().duplicate_ids)._decide_fcr()
        return result

    def _update_service(self):
        result = super()._update_service()
        self._decide_fcr()
        return result

    def _count_replies(self, events):
        """Answers that change nothing else may still contradict the definition."""
        is_counted = super()._count_replies(events)
        ticket = self.sudo()
        decisive = DECISIVE.get(ticket.company_id.fcr_definition)
        is_decisive = decisive in events.mapped("kind")
        if is_counted and is_decisive and ticket.fcr_state == fcr.PENDING:
            ticket._decide_fcr()
        return is_counted

    @api.model
    def _rebuild(self, ticket_ids):
        result = super()._rebuild(ticket_ids)
        self.browse(ticket_ids)._decide_fcr()
        return result

    def _decide_fcr(self, scope=None):
        """Decide these tickets, or those of a scope, by what happened to them until now.

        :param scope: condition of ``queries/fcr.py`` in place of the tickets of self.
        """
        if scope is None and not self.ids:
            return
        changed_ids = fcr_query.decide(
            self.env, fields.Datetime.now(), scope or fcr_query.of_tickets(self.ids)
        )
        self.browse(changed_ids).invalidate_recordset(DECIDED, flush=False)

    @api.model
    def _cron_decide_fcr(self):
        """Decide the tickets whose window has passed, and those that a changed definition waits for, so many at a
        time. What one run does not finish, the next one does at once."""
        now = fields.Datetime.now()
        companies = self.env["res.company"].sudo()
        progress = self.env["ir.cron"]._commit_progress
        for work in (
            partial(self._decide_due_fcr, now),
            companies._continue_fcr_recount,
        ):
            while count := work():
                left_count = self._count_undecided_fcr(now)
                if not progress(count, remaining=left_count) and left_count:
                    return
        progress(remaining=0)

    @api.model
    def _decide_due_fcr(self, now):
        """Decide the next tickets whose window has passed. Return how many."""
        ticket_ids = fcr_query.find_due(self.env, now, AT_ONCE)
        self.browse(ticket_ids)._decide_fcr()
        return len(ticket_ids)

    @api.model
    def _count_undecided_fcr(self, now):
        """How many tickets wait for the job."""
        tickets = self.sudo().with_context(active_test=False)
        companies = self.env["res.company"].sudo()
        recounted = companies.search([("fcr_recount_before_id", ">", 0)])
        due_count = tickets.search_count([("fcr_due_at", "<=", now)])
        return due_count + sum(recounted.mapped("fcr_recount_left_count"))

    # --- the customer says so ---

    def _is_asking_customer(self):
        """Whether the customer is asked if this ticket is solved: it is closed, and its company counts by it."""
        self.ensure_one()
        ticket = self.sudo()
        return (
            ticket.stage_id.closed
            and not ticket._is_merged()
            and ticket.company_id.fcr_definition == fcr.CUSTOMER_SAYS
        )

    def _is_in_reopen_window(self):
        """Whether what the customer says now belongs to this closed ticket, and not to a new one."""
        self.ensure_one()
        ticket = self.sudo()
        days = ticket.company_id.fcr_reopen_window_days
        return bool(ticket.resolved_at) and (
            fields.Datetime.now() < ticket.resolved_at + timedelta(days=days)
        )

    def _answer_solved(self, answer, text="", author=None):
        """The customer says whether his closed ticket is solved: that into which it was merged, where it was. If not,
        it is opened again while the window lasts.

        For controllers that have made sure that it is the customer.

        :param answer: ``yes`` or ``no``.
        :param text: what he says with it: a message of his, also where the ticket was opened again in between.
        :param author: res.partner who says it.
        """
        self.ensure_one()
        if answer not in ANSWERS:
            raise UserError(
                self.env._(
                    "“%(answer)s” is no answer to whether the ticket is solved. Choose yes or no.",
                    answer=answer,
                )
            )
        # sudo: customers may not write tickets
        ticket = self.sudo()._get_kept()
        if ticket.stage_id.closed:
            ticket._write_silently({"is_solved_by_customer": answer})
            event = ticket._prepare_event(ANSWERS[answer])
            self.env["crm.relationship.ticket.event"]._log([event])
        elif not text:
            raise UserError(
                self.env._(
                    "%(ticket)s is open again, so we still work on it. We ask you when it is closed.",
                    ticket=self.sudo().number,
                )
            )
        if text:
            ticket._post_from_portal(text, author)
        is_unsolved = answer == "no" and ticket.stage_id.closed
        if is_unsolved and ticket._is_in_reopen_window():
            ticket.stage_id = ticket._get_working_stage() or ticket.stage_id

    def _get_solved_token(self):
        """Signs the link in the closing mail: who has it may answer, and read nothing."""
        self.ensure_one()
        return hmac(self.env(su=True), "crm_relationship.solved", self.id)

    def _is_solved_token(self, token):
        return bool(token) and consteq(self._get_solved_token(), token)

    def _get_solved_url(self, answer=""):
        """Address of the question, for mails. It shows a form: only its button changes anything."""
        token = self._get_solved_token()
        path = f"/ticket/solved/{self.id}?token={token}&answer={answer}"
        return f"{self.get_base_url()}{path}"

    def _track_template(self, tracking):
        """The mail that tells that a ticket is closed asks whether it is solved, where the company counts by it."""
        templates = super()._track_template(tracking)
        is_asking = any(ticket._is_asking_customer() for ticket in self)
        if "stage_id" in templates and is_asking:
            template, values = templates["stage_id"]
            templates["stage_id"] = (
                template,
                {**values, "email_layout_xmlid": CLOSED_LAYOUT},
            )
        return templates
