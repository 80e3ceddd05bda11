from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...queries import snapshots
from ...uninstall import is_uninstall

# How far back the first closing looks for facts.
HISTORY_MONTHS = 24


class CrmRelationshipSnapshot(models.Model):
    """What one customer was to one of our companies in one month, kept as it was.

    Written once by :meth:`_close_months` after the month has ended and never again; only the merge of two customers
    adds their months up. It lives as long as the relationship. Flows (revenue, margin, cost …) are those of the
    month. Segment, type and scores are those at the closing; they are empty for months before the install.
    """

    _name = "crm.relationship.snapshot"
    _description = "Relationship by Month"
    _order = "date desc, id desc"
    _rec_name = "relationship_id"

    relationship_id = fields.Many2one(
        "crm.relationship",
        string="Customer",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(required=True, readonly=True, help="Last day of the month.")

    # --- flows of the month ---
    revenue_amount = fields.Monetary(string="Revenue", readonly=True)
    margin_amount = fields.Monetary(string="Margin", readonly=True)
    order_count = fields.Integer(string="Orders", readonly=True)
    discount_amount = fields.Monetary(
        string="Discount Given", readonly=True, help="Already in the margin."
    )
    interaction_amount = fields.Monetary(string="Cost of Interactions", readonly=True)
    ticket_amount = fields.Monetary(string="Cost of Tickets", readonly=True)
    return_amount = fields.Monetary(string="Cost of Credit Notes", readonly=True)
    late_payment_amount = fields.Monetary(string="Cost of Late Payment", readonly=True)
    cost_to_serve_amount = fields.Monetary(string="Cost to Serve", readonly=True)
    contribution_amount = fields.Monetary(
        string="Contribution",
        readonly=True,
        help="Margin less cost to serve.",
    )
    interaction_minutes = fields.Float(
        string="Minutes with the Customer",
        readonly=True,
        help="Our working time in interactions and tickets.",
    )
    is_cost_estimated = fields.Boolean(
        string="Cost Estimated",
        readonly=True,
        help="Standards of the company stand in for some measurements or rates.",
    )

    # --- at the closing ---
    segment_id = fields.Many2one(
        "crm.relationship.segment", readonly=True, ondelete="set null"
    )
    primary_type_id = fields.Many2one(
        "crm.relationship.type",
        string="Primary Type",
        readonly=True,
        ondelete="set null",
    )
    health_score = fields.Float(readonly=True, aggregator="avg")
    health_components = fields.Json(readonly=True)
    alive_probability = fields.Float(readonly=True, aggregator="avg")
    clv_amount = fields.Monetary(
        string="Customer Lifetime Value", readonly=True, aggregator="avg"
    )

    _relationship_date_unique = models.Constraint(
        "UNIQUE (relationship_id, date)",
        "This month of the customer is closed already.",
    )
    _company_date_index = models.Index("(company_id, date)")

    @api.depends("relationship_id.display_name", "date")
    def _compute_display_name(self):
        for snapshot in self:
            snapshot.display_name = self.env._(
                "%(customer)s, %(month)s",
                customer=snapshot.relationship_id.display_name,
                month=snapshot.date.strftime("%m/%Y") if snapshot.date else "",
            )

    def write(self, vals):
        self._refuse_change()
        return super().write(vals)

    def unlink(self):
        if not is_uninstall(self.env):
            self._refuse_change()
        return super().unlink()

    def _refuse_change(self):
        for snapshot in self[:1]:
            raise UserError(
                self.env._(
                    "The month %(month)s of %(customer)s is closed and stays as it was. What was entered for it"
                    " since then is in the figures of 12 months, but not in this month.",
                    month=snapshot.date.strftime("%m/%Y"),
                    customer=snapshot.relationship_id.display_name,
                )
            )

    @api.model
    def _close_months(self, company, today, facts=None):
        """Write the months of the company that ended and are not written yet. A second call writes nothing.

        The first closing goes back 24 months, as far as customers have facts, and so does that of a customer whose
        history came later, by an import; the next ones go on where the last one ended. Call it after the refresh, so
        that the scores of the month that just ended are there.

        :param company: res.company, one.
        :param today: date; months before its month have ended.
        :param facts: :class:`queries.facts.Facts` since :meth:`_get_next_day`, None for the contracts themselves.
        :return: the number of rows written.
        """
        month = today.replace(day=1)
        start = month - relativedelta(months=HISTORY_MONTHS)
        end = month - relativedelta(days=1)
        self.env.flush_all()
        next_day = self._get_next_day(company, today)
        count = 0
        if next_day < month:
            count = snapshots.close_months(
                self.env, company.id, next_day, end, facts=facts
            )
        if next_day > start:
            strangers = snapshots.customers_without_months(self.env, company.id, month)
            if strangers:
                count += snapshots.close_months(
                    self.env, company.id, start, end, strangers
                )
        self.invalidate_model()
        return count

    @api.model
    def _get_next_day(self, company, today):
        """The first day of the first month that is not written yet, at most 24 months back."""
        start = today.replace(day=1) - relativedelta(months=HISTORY_MONTHS)
        last = self.sudo().search([("company_id", "=", company.id)], limit=1)
        return max(start, last.date + relativedelta(days=1)) if last else start
