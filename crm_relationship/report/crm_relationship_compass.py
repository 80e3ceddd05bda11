from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools.misc import formatLang

from ..queries import compass
from .crm_relationship_cost import CrmRelationshipCost
from .crm_relationship_transaction import CrmRelationshipTransaction
from .dependencies import merge

MEASURES = ("hours", "cost", "discount", "revenue", "margin", "customer_count")


class CrmRelationshipCompass(models.Model):
    """What winning and keeping took and brought: one customer, one month, one stage of his tenure.

    Read only, never copied: the transaction and the cost contract with the tenure of the customer at each fact, as
    the last refresh knows his first order. What was done about leads without a contact is one row a month, without a
    customer.
    """

    _name = "crm.relationship.compass"
    _inherit = "crm.relationship.period"
    _description = "Old and New Customers"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "partner_id"

    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        readonly=True,
        help="Empty for leads that belong to no contact yet.",
    )
    date = fields.Date(string="Month", readonly=True)
    side = fields.Selection(
        [("winning", "Winning"), ("keeping", "Keeping")],
        readonly=True,
        help="Winning: prospects and customers in their first days, as the settings say. Keeping: all the others.",
    )
    tenure = fields.Selection(
        [
            ("prospect", "Before the first order"),
            ("new", "New"),
            ("established", "Up to two years"),
            ("long", "Over two years"),
        ],
        string="Customer for",
        readonly=True,
    )
    customer_count = fields.Integer(
        string="Customers Who Bought", readonly=True, aggregator="count_distinct"
    )
    hours = fields.Float(readonly=True)
    cost = fields.Monetary(string="Cost to Serve", readonly=True)
    discount = fields.Monetary(string="Discount Given", readonly=True)
    effort = fields.Monetary(
        readonly=True, help="Cost to serve and discounts together."
    )
    revenue = fields.Monetary(readonly=True)
    margin = fields.Monetary(readonly=True)
    bought_again = fields.Float(
        string="Bought Again within a Year",
        readonly=True,
        aggregator="avg",
        help="Share of those who bought in the month that bought again within the next 12 months. Empty until these"
        " are over.",
    )

    _depends = merge(
        CrmRelationshipTransaction._depends,
        CrmRelationshipCost._depends,
        {
            "calendar.event": ["opportunity_id"],
            "crm.relationship": ["first_order_date"],
            "res.company": ["relationship_new_days"],
        },
    )

    @property
    def _table_query(self):
        return compass.compass(self.env, fields.Date.today(), self._get_scope())

    # --- the summary ---

    @api.model
    def _get_compass_summary(self, company, date_from, date_to):
        """Effort and result of winning and keeping in whole months, with what to think of them in sentences.

        :param company: res.company, one.
        :param date_from: a day of the first month.
        :param date_to: a day of the last month.
        :return: dict of plain values: ``date_from`` and ``date_to`` (days of the calendar), ``winning`` and
            ``keeping`` (dicts of hours, cost, discount, effort, revenue, margin, customer_count, retention_ratio),
            ``winning_ratio`` (share of the effort, None without effort), ``target_ratio``, ``new_discount_ratio``
            and ``long_discount_ratio`` (discount by gross revenue, None without), ``is_discount_warning``,
            ``sentences``.
        """
        date_from = date_from.replace(day=1)
        date_to = date_to.replace(day=1) + relativedelta(months=1, days=-1)
        self.check_access("read")
        company.check_access("read")
        self.env.flush_all()
        until = min(date_to, fields.Date.today())
        rows = compass.totals(self.env, company.id, date_from, until)
        summary = {
            "date_from": date_from,
            "date_to": date_to,
            "target_ratio": company.relationship_winning_target_ratio,
            **self._get_sides(rows),
            **self._get_terms(rows),
        }
        for side, ratio in self._get_retention(company, date_from, date_to).items():
            summary[side]["retention_ratio"] = ratio
        summary["winning_ratio"] = self._get_winning_ratio(summary)
        summary["sentences"] = self._get_sentences(company, summary)
        return summary

    @api.model
    def _get_winning_ratio(self, summary):
        """Share of the effort that went into winning; a side on which more was taken back than given counts as 0."""
        winning, keeping = (
            max(summary[side]["effort"], 0) for side in ("winning", "keeping")
        )
        return winning / (winning + keeping) if winning + keeping else None

    @api.model
    def _get_sides(self, rows):
        """side -> its measures; zeros where nothing happened."""
        found = {row["side"]: row for row in rows if row["side"]}
        sides = {}
        for side in ("winning", "keeping"):
            values = {name: found.get(side, {}).get(name, 0) for name in MEASURES}
            values["effort"] = values["cost"] + values["discount"]
            sides[side] = values
        return sides

    @api.model
    def _get_terms(self, rows):
        """Average discount of new customers and of those of more than two years, and whether that is upside down."""
        ratios = {
            row["tenure"]: round(
                row["discount"] / (row["revenue"] + row["discount"]), 4
            )
            for row in rows
            if row["tenure"] and row["revenue"] + row["discount"] > 0
        }
        new, long = ratios.get("new"), ratios.get("long")
        return {
            "new_discount_ratio": new,
            "long_discount_ratio": long,
            "is_discount_warning": None not in (new, long) and new > long,
        }

    @api.model
    def _get_retention(self, company, date_from, date_to):
        """side -> share of the customers of the year before who bought again in the period; None without any."""
        rows = compass.retention(
            self.env, company.id, date_from, date_to, company.relationship_new_days
        )
        ratios = {is_new: returned / customers for is_new, customers, returned in rows}
        return {"winning": ratios.get(True), "keeping": ratios.get(False)}

    @api.model
    def _get_sentences(self, company, summary):
        """What the numbers say, in the reader's words."""
        sentences = [self._get_effort_sentence(company, summary)]
        won, kept = (
            summary[side]["retention_ratio"] for side in ("winning", "keeping")
        )
        if won is not None:
            sentences.append(
                self.env._(
                    "Of the customers who were new when the period began, %(share)s bought again in it.",
                    share=self._format_ratio(won),
                )
            )
        if kept is not None:
            sentences.append(
                self.env._(
                    "Of the other customers of the year before, %(share)s bought again in the period.",
                    share=self._format_ratio(kept),
                )
            )
        if summary["is_discount_warning"]:
            sentences.append(
                self.env._(
                    "New customers get better terms than loyal ones: %(new)s discount on average, customers of more"
                    " than two years %(long)s. Think about who deserves it.",
                    new=self._format_ratio(summary["new_discount_ratio"]),
                    long=self._format_ratio(summary["long_discount_ratio"]),
                )
            )
        return sentences

    @api.model
    def _get_effort_sentence(self, company, summary):
        if summary["winning_ratio"] is None:
            return self.env._("Nothing was spent on customers in this period.")
        values = {
            "share": self._format_ratio(summary["winning_ratio"]),
            "amount": formatLang(
                self.env, summary["winning"]["effort"], currency_obj=company.currency_id
            ),
            "target": self._format_ratio(summary["target_ratio"]),
        }
        gap = round(summary["winning_ratio"] - summary["target_ratio"], 4)
        if gap > 0:
            return self.env._(
                "%(share)s of the effort (%(amount)s) goes into winning customers, more than the target of"
                " %(target)s.",
                **values,
            )
        if gap < 0:
            return self.env._(
                "%(share)s of the effort (%(amount)s) goes into winning customers, less than the target of"
                " %(target)s.",
                **values,
            )
        return self.env._(
            "%(share)s of the effort (%(amount)s) goes into winning customers, as the target says.",
            **values,
        )

    @api.model
    def _format_ratio(self, ratio):
        return formatLang(self.env, ratio * 100, digits=1) + " %"
