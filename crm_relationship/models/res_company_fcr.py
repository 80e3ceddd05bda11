from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..analytics import fcr
from ..queries import fcr as fcr_query

COUNTED = ("fcr_definition", "fcr_reopen_window_days")
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
        help="When the definition or its window was changed the last time: all tickets were decided anew by it.",
    )

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
        """Decide all tickets of these companies anew, and keep since when they are counted so."""
        tickets = self.env["helpdesk.ticket"]
        for company in self:
            company.fcr_definition_since = fields.Date.context_today(company)
            tickets._decide_fcr(fcr_query.of_company(company.id))

    def _get_fcr_rule_text(self):
        """The definition as a sentence: no ratio is shown without it."""
        self.ensure_one()
        labels = dict(self._fields["fcr_definition"]._description_selection(self.env))
        return self.env._(
            "Counted by “%(definition)s” with a window of %(days)s days, since %(date)s.",
            definition=labels[self.fcr_definition],
            days=self.fcr_reopen_window_days,
            date=self._format_fcr_since(),
        )

    def _format_fcr_since(self):
        return fields.Date.to_string(self.fcr_definition_since) or "–"
