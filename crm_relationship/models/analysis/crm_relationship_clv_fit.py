from dataclasses import dataclass
from typing import Any

import numpy as np

from odoo import api, fields, models
from odoo.tools import format_date

from ...analytics import clv, gamma_gamma

# Below, the estimates say more about chance than about customers.
CUSTOMERS_NEEDED = 100
REPEAT_CUSTOMERS_NEEDED = 50
DAYS_NEEDED = 365
REFIT_DAYS = 7
DAYS_PER_MONTH = gamma_gamma.DAYS_PER_YEAR / 12


@dataclass(frozen=True)
class Histories:
    """What the customers of a company bought: arrays, one row per customer with a purchase, times in days."""

    frequency: Any
    recency: Any
    age: Any
    mean_value: Any

    @property
    def repeat_count(self):
        return int(np.count_nonzero(np.asarray(self.frequency) > 0))

    @property
    def days(self):
        return int(np.max(np.nan_to_num(self.age, posinf=0), initial=0))


class CrmRelationshipClvFit(models.Model):
    """One estimate of how a company's customers buy: parameters of BG/NBD (times in days) and Gamma-Gamma.

    Written by :meth:`_fit` only, never changed afterwards and kept as history. The last one that is done is in use.
    A failed one repeats the parameters that stay in use.
    """

    _name = "crm.relationship.clv.fit"
    _description = "CLV Estimate"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _mail_post_access = "read"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(required=True, readonly=True)
    state = fields.Selection(
        [
            ("done", "Done"),
            ("insufficient", "Not enough data"),
            ("failed", "Failed"),
        ],
        required=True,
        readonly=True,
    )
    message = fields.Text(readonly=True)
    customer_count = fields.Integer(
        string="Customers",
        aggregator="avg",
        readonly=True,
        help="Customers with a purchase.",
    )
    repeat_customer_count = fields.Integer(
        string="Repeat Customers",
        aggregator="avg",
        readonly=True,
        help="Customers with purchases on two days or more.",
    )
    r = fields.Float(
        string="r",
        aggregator="avg",
        readonly=True,
        help="Shape of the purchase rates: the lower, the more customers differ.",
    )
    alpha = fields.Float(
        string="alpha",
        aggregator="avg",
        readonly=True,
        help="Scale of the purchase rates in days: r / alpha is the mean number of purchases per day.",
    )
    a = fields.Float(
        string="a",
        aggregator="avg",
        readonly=True,
        help="With b: a / (a + b) is the mean chance that a customer leaves after a purchase.",
    )
    b = fields.Float(
        string="b",
        aggregator="avg",
        readonly=True,
        help="See a: the higher both, the less customers differ.",
    )
    log_likelihood = fields.Float(
        string="Log-Likelihood",
        aggregator="avg",
        readonly=True,
        help="How well the model explains the purchases: the nearer to 0, the better, among fits of the same data.",
    )
    iterations = fields.Integer(readonly=True, aggregator="avg")
    p = fields.Float(
        string="p",
        aggregator="avg",
        readonly=True,
        help="Shape of the amounts of one customer's purchases.",
    )
    q = fields.Float(
        string="q",
        aggregator="avg",
        readonly=True,
        help="Shape of the differences between customers' mean amounts.",
    )
    v = fields.Float(
        string="v",
        aggregator="avg",
        readonly=True,
        help="Scale of the amounts: p x v / (q - 1) is the mean amount of a purchase.",
    )
    margin_ratio = fields.Float(
        digits=(16, 4),
        default=1.0,
        aggregator="avg",
        readonly=True,
        help="Margin as a part of the revenue of all purchases so far, 0 to 100 %; the lifetime value counts this part"
        " of what customers are expected to spend. A product without a known cost counts with all its revenue: 100 %"
        " where no cost is known at all.",
    )
    mean_amount = fields.Monetary(
        string="Mean Purchase",
        compute="_compute_mean_amount",
        help="What a purchase of a customer of whom nothing is known is worth.",
    )

    @api.depends("company_id", "date")
    def _compute_display_name(self):
        for fit in self:
            day = format_date(fit.env, fit.date)
            fit.display_name = f"{fit.company_id.name} {day}"

    @api.depends("p", "q", "v")
    def _compute_mean_amount(self):
        for fit in self:
            spend = fit._get_value_parameters()
            fit.mean_amount = spend.mean if spend else 0.0

    # --- what is in use ---

    @api.model
    def _get_current(self, company):
        """The last fit of the company that is done: its parameters are in use. Empty if there is none.

        With sudo: only managers see estimates, but everybody's refresh scores with them.
        """
        domain = [("company_id", "=", company.id), ("state", "=", "done")]
        return self.sudo().search(domain, limit=1)

    @api.model
    def _is_due(self, company, today):
        """Whether the company has no estimate of the last days, good or failed. Too little data is looked at every
        night: an import may have brought the rest."""
        since = fields.Date.subtract(today, days=REFIT_DAYS - 1)
        domain = [
            ("company_id", "=", company.id),
            ("date", ">=", since),
            ("state", "!=", "insufficient"),
        ]
        return not self.sudo().search_count(domain, limit=1)

    def _get_parameters(self):
        """Parameters of the purchase model, None without a fit."""
        if not self or not self.alpha:
            return None
        return clv.BgNbd(self.r, self.alpha, self.a, self.b)

    def _get_value_parameters(self):
        """Parameters of the model of amounts, None where there is none."""
        if not self or self.q <= 1:
            return None
        return gamma_gamma.GammaGamma(self.p, self.q, self.v)

    def _score(self, frequency, recency, age, mean_value):
        """:class:`analytics.gamma_gamma.Figures` of customers by this fit, None without parameters.

        ``clv_amount`` is margin, None where the amounts have no model. Horizon and discount are the company's.
        """
        parameters = self._get_parameters()
        if parameters is None:
            return None
        company = self.company_id.sudo()
        return gamma_gamma.figures(
            parameters,
            self._get_value_parameters(),
            frequency,
            recency,
            age,
            mean_value,
            horizon_days=company.relationship_clv_horizon_months * DAYS_PER_MONTH,
            yearly_rate=company.relationship_discount_rate_ratio,
            margin_ratio=self.margin_ratio,
        )

    # --- the fit ---

    @api.model
    def _fit(
        self, company, frequency, recency, age, mean_value, today, margin_ratio=1.0
    ):
        """Estimate the parameters anew and keep what came of it.

        :param frequency: purchase days after the first one, per customer with a purchase.
        :param recency: days from the first to the last purchase day.
        :param age: days from the first purchase day to today.
        :param mean_value: mean money of a repeat purchase day; not looked at where frequency is 0.
        :param margin_ratio: part of the company's revenue that is margin, 0 to 1.
        :return: the new record. It has parameters if it is done, or failed after one that was done.
        """
        histories = Histories(frequency, recency, age, mean_value)
        values = {
            "company_id": company.id,
            "date": today,
            "customer_count": len(frequency),
            "repeat_customer_count": histories.repeat_count,
            "margin_ratio": margin_ratio,
        }
        lacking = self._get_lacking(histories)
        if lacking:
            message = self.env._(
                "not enough data: %(reasons)s", reasons="; ".join(lacking)
            )
            values |= {"state": "insufficient", "message": message}
            return self._keep_insufficient(values)
        last = self._get_current(company)
        values |= self._prepare_fit_values(last, histories)
        fit = self.sudo().create(values)
        if fit.state == "failed":
            fit._raise_activity()
        return fit

    @api.model
    def _keep_insufficient(self, values):
        """One record tells of all nights on which data was lacking, the last of them; rewritten if it says more."""
        company = [("company_id", "=", values["company_id"])]
        last = self.sudo().search(company, limit=1)
        if last.state != "insufficient":
            return last.create(values)
        if (last.date, last.message) != (values["date"], values["message"]):
            last.write(values)
        return last

    @api.model
    def _get_lacking(self, histories):
        """What is missing for a fit, in words with the numbers; empty if it can be made."""
        found = {
            "customers": len(histories.frequency),
            "repeat": histories.repeat_count,
            "days": histories.days,
        }
        lacking = []
        if found["customers"] < CUSTOMERS_NEEDED:
            text = self.env._(
                "%(found)s customers have bought, %(needed)s are needed",
                found=found["customers"],
                needed=CUSTOMERS_NEEDED,
            )
            lacking.append(text)
        if found["days"] < DAYS_NEEDED:
            text = self.env._(
                "the first purchase was %(found)s days ago, %(needed)s are needed",
                found=found["days"],
                needed=DAYS_NEEDED,
            )
            lacking.append(text)
        if found["repeat"] < REPEAT_CUSTOMERS_NEEDED:
            text = self.env._(
                "%(found)s customers have bought on two days or more, %(needed)s are needed",
                found=found["repeat"],
                needed=REPEAT_CUSTOMERS_NEEDED,
            )
            lacking.append(text)
        return lacking

    @api.model
    def _prepare_fit_values(self, last, histories):
        """State, message and parameters: those found, else those of the last fit that was done."""
        try:
            found = clv.fit_bg_nbd(
                histories.frequency,
                histories.recency,
                histories.age,
                start=last._get_parameters(),
            )
            spend = self._fit_amounts(last, histories)
        except clv.BadHistoryError as error:
            return self._prepare_failed_values(last, str(error))
        if not found.converged or (spend and not spend.converged):
            return self._prepare_failed_values(last)
        names = ("r", "alpha", "a", "b", "log_likelihood", "iterations")
        values = {name: getattr(found, name) for name in names}
        if spend:
            values |= {"p": spend.p, "q": spend.q, "v": spend.v}
        message = self._get_remarks(found, spend)
        return {**values, "state": "done", "message": message}

    @api.model
    def _fit_amounts(self, last, histories):
        """The model of amounts, None where they do not allow one."""
        try:
            return gamma_gamma.fit_gamma_gamma(
                histories.frequency,
                histories.mean_value,
                start=last._get_value_parameters(),
            )
        except clv.NotEnoughDataError:
            return None

    @api.model
    def _get_remarks(self, found, spend):
        """What is to be known about a fit that is done; False if nothing."""
        remarks = []
        if found.limits:
            text = self.env._(
                "The purchases do not say how large %(names)s should be: the limit of the search is taken.",
                names=", ".join(found.limits),
            )
            remarks.append(text)
        if spend is None:
            text = self.env._(
                "There is no model of amounts and so no lifetime value: the amounts of purchases are all the same, or"
                " none, or so far apart that they have no mean."
            )
            remarks.append(text)
        return " ".join(remarks) or False

    @api.model
    def _prepare_failed_values(self, last, reason=None):
        """The parameters of the last good fit stay in use, and the message says so."""
        reason = reason or self.env._("the search for the parameters did not converge")
        if not last:
            message = self.env._(
                "The estimate failed: %(reason)s. There is none from before, so the figures stay empty.",
                reason=reason,
            )
            return {"state": "failed", "message": message}
        message = self.env._(
            "The estimate failed: %(reason)s. The parameters of %(date)s stay in use.",
            reason=reason,
            date=format_date(self.env, last.date),
        )
        names = "r alpha a b log_likelihood p q v margin_ratio"
        kept = {name: last[name] for name in names.split()}
        return {**kept, "state": "failed", "message": message}

    def _raise_activity(self):
        """Ask a manager of the company to look at it, unless somebody has been asked already."""
        self.ensure_one()
        fits = self.search([("company_id", "=", self.company_id.id)])
        user = self._get_manager()
        if fits.activity_ids or not user:
            return
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=self.env._("Look at the estimate of customer value"),
            note=self.message,
            user_id=user.id,
        )

    def _get_manager(self):
        """A manager of relationships who works in the company; people before the system's own user."""
        group = self.env.ref("crm_relationship.group_relationship_manager")
        users = group.sudo().all_user_ids.filtered(
            lambda user: user.active and self.company_id in user.company_ids
        )
        root = self.env.ref("base.user_root")
        return (users - root).sorted("id")[:1]
