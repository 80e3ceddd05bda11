from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

from ...analytics import fcr
from ...queries import fcr as fcr_query
from ...queries import tuning

COUNTED = ("fcr_definition", "fcr_reopen_window_days")
# A company with more tickets does not wait for the recount: a job does it, so many tickets at a time.
AT_ONCE = 1000
BATCH = 2000
MAX_WINDOW_DAYS = 365


class ResCompany(models.Model):
    """What counts as solved at the first contact, and since when it is counted so."""

    _inherit = "res.company"

    fcr_definition = fields.Selection(
        [
            (fcr.ONE_REPLY, "One reply of ours, and not reopened"),
            (fcr.NO_SECOND_CONTACT, "No second contact of the customer"),
            (fcr.FIRST_OWNER, "Closed by its first owner without hand-over"),
            (fcr.CUSTOMER_SAYS, "The customer says so"),
        ],
        string="Solved at First Contact",
        required=True,
        default=fcr.ONE_REPLY,
        help="One reply: we answered exactly once in writing; where much is solved on the phone, choose another.\n"
        "No second contact: the customer did not write again.\n"
        "First owner: nobody else took it, and he, its customer or a rule closed it.\n"
        "The customer says so: he is asked in the mail that tells him that his ticket is closed, and in the portal."
        " Who does not answer stays undecided and counts in no ratio.\n"
        "With each, a ticket that is reopened within the window was not solved at first contact.",
    )
    fcr_reopen_window_days = fields.Integer(
        string="Reopen Window",
        required=True,
        default=7,
        help="Days after the first close in which a ticket stays undecided, and in which a mail of the customer reopens"
        " it. What happens later changes no verdict.",
    )
    fcr_definition_since = fields.Date(
        string="Counted So Since",
        readonly=True,
        default=fields.Date.context_today,
        help="When the definition or its window was changed the last time: all tickets are decided anew by it.",
    )
    fcr_recount_before_id = fields.Integer(
        readonly=True,
        groups="base.group_user",
        help="Tickets with a smaller id still wait to be decided by the new definition; 0 where none does.",
    )
    fcr_recount_left_count = fields.Integer(
        string="Tickets Still to Count",
        compute="_compute_fcr_recount_left_count",
        groups="base.group_user",
        help="Tickets that are still counted by the former definition, while a new one is applied.",
    )

    @api.depends("fcr_recount_before_id")
    def _compute_fcr_recount_left_count(self):
        # sudo: only how many there are
        for company in self.sudo():
            company.fcr_recount_left_count = company.fcr_recount_before_id and self.env[
                "helpdesk.ticket"
            ].sudo().with_context(active_test=False).search_count(
                company._get_fcr_recount_domain()
            )

    def _get_fcr_recount_domain(self):
        """The tickets that wait for the recount."""
        self.ensure_one()
        before_id = self.sudo().fcr_recount_before_id
        return [("company_id", "=", self.id), ("id", "<", before_id)]

    @api.constrains("fcr_reopen_window_days")
    def _check_fcr_reopen_window_days(self):
        for company in self:
            if not 0 <= company.fcr_reopen_window_days <= MAX_WINDOW_DAYS:
                raise ValidationError(
                    self.env._(
                        "%(company)s: a ticket cannot stay undecided for %(days)s days. Enter 0 to %(max)s.",
                        company=company.name,
                        days=company.fcr_reopen_window_days,
                        max=MAX_WINDOW_DAYS,
                    )
                )

    def write(self, vals):
        before = {company: self._get_fcr_rule(company) for company in self}
        result = super().write(vals)
        self.filtered(
            lambda company: self._get_fcr_rule(company) != before[company]
        )._recount_fcr()
        return result

    def _get_fcr_rule(self, company):
        return [company[name] for name in COUNTED]

    def _recount_fcr(self):
        """Keep since when these companies count so, and decide their tickets anew: at once where they are few, else by
        the job, which is started right away and begins with the newest."""
        # sudo: whoever may change the definition changes what it says of all tickets
        tickets = self.env["helpdesk.ticket"].sudo().with_context(active_test=False)
        for company in self:
            domain = [("company_id", "=", company.id)]
            is_small = tickets.search_count(domain, limit=AT_ONCE + 1) <= AT_ONCE
            last = tickets.search(domain, order="id desc", limit=1)
            company.write(
                {
                    "fcr_definition_since": fields.Date.context_today(company),
                    "fcr_recount_before_id": 0 if is_small else last.id + 1,
                }
            )
            if is_small:
                tuning.run_uncompiled(self.env)
                tickets._decide_fcr(fcr_query.of_company(company.id))
        if any(company.fcr_recount_before_id for company in self):
            self._trigger_fcr_recount()

    @api.model
    def _trigger_fcr_recount(self, at=None):
        # sudo: a job is run, nothing of it is changed
        self.env.ref("crm_relationship.ir_cron_fcr").sudo()._trigger(at)

    @api.model
    def _continue_fcr_recount(self):
        """Decide the next tickets of a company whose definition was changed, the newest first; for the job.

        Tickets that somebody works on at this moment are left to a run in a minute, with those before them.

        :return: how many were decided; 0 when nothing is left for this run.
        """
        companies = self.sudo().search([("fcr_recount_before_id", ">", 0)])
        tickets = self.env["helpdesk.ticket"].sudo().with_context(active_test=False)
        for company in companies.try_lock_for_update(allow_referencing=True):
            tickets = tickets.search(
                company._get_fcr_recount_domain(), order="id desc", limit=BATCH
            )
            free = tickets.try_lock_for_update(allow_referencing=True)
            tuning.run_uncompiled(self.env)
            free._decide_fcr()
            busy_ids = (tickets - free).ids
            company.fcr_recount_before_id = (
                max(busy_ids) + 1 if busy_ids else tickets[-1:].id
            )
            if busy_ids:
                self._trigger_fcr_recount(
                    fields.Datetime.now() + relativedelta(minutes=1)
                )
            elif tickets:
                return len(tickets)
        return 0

    def _get_fcr_rule_text(self):
        """The definition as a sentence: no ratio is shown without it."""
        self.ensure_one()
        labels = dict(self._fields["fcr_definition"]._description_selection(self.env))
        text = self.env._(
            "Counted by “%(definition)s” with a window of %(days)s days, since %(date)s.",
            definition=labels[self.fcr_definition],
            days=self.fcr_reopen_window_days,
            date=format_date(self.env, self.fcr_definition_since) or "–",
        )
        left_count = self.fcr_recount_left_count
        if not left_count:
            return text
        return " ".join(
            [
                text,
                self.env._(
                    "A recount is under way: %(count)s tickets are still counted as before.",
                    count=left_count,
                ),
            ]
        )
