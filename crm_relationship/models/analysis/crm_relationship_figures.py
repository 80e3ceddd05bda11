from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from ...queries import figures, refresh

MANAGER = "crm_relationship.group_relationship_manager"
INTERNAL = "base.group_user"


class CrmRelationship(models.Model):
    """The figures that the refresh computes of a relationship; nobody else writes them.

    Absent is NULL in the database (no order, no rhythm yet, not enough data), which forms show as empty.
    """

    _inherit = "crm.relationship"

    # --- what he buys and when ---
    recency_days = fields.Integer(
        string="Days Since Last Order",
        readonly=True,
        aggregator="avg",
        groups=INTERNAL,
    )
    rfm_recency_score = fields.Integer(
        string="R",
        readonly=True,
        aggregator="avg",
        groups=INTERNAL,
        help="Recency, 1 to 5: 5 are the fifth of the customers who ordered last.",
    )
    rfm_frequency_score = fields.Integer(
        string="F",
        readonly=True,
        aggregator="avg",
        groups=INTERNAL,
        help="Frequency, 1 to 5: 5 are the fifth of the customers with the most orders in 12 months.",
    )
    rfm_monetary_score = fields.Integer(
        string="M",
        readonly=True,
        aggregator="avg",
        groups=INTERNAL,
        help="Monetary value, 1 to 5: 5 are the fifth of the customers with the most revenue in 12 months.",
    )
    purchase_interval_days = fields.Float(
        string="Purchase Interval",
        digits=(16, 1),
        readonly=True,
        aggregator="avg",
        groups=INTERNAL,
        help="Median number of days between two days with a purchase; needs three such days.",
    )
    interval_spread_days = fields.Float(
        string="Interval Spread",
        digits=(16, 1),
        readonly=True,
        aggregator="avg",
        groups=INTERNAL,
        help="The middle half of the intervals lies within so many days: the smaller, the more regular.",
    )
    overdue_days = fields.Integer(
        string="Days Overdue",
        compute="_compute_overdue_days",
        groups=INTERNAL,
        help="Days since the next order was expected.",
    )
    is_overdue = fields.Boolean(
        string="Order Overdue",
        compute="_compute_overdue_days",
        search="_search_is_overdue",
        groups=INTERNAL,
        help="By the customer's own rhythm the next order should have come before today.",
    )
    next_order_date = fields.Date(
        string="Next Order Expected",
        readonly=True,
        groups=INTERNAL,
        help="Last order plus the customer's own purchase interval.",
    )
    overdue_ratio = fields.Float(
        string="Overdue",
        digits=(16, 2),
        readonly=True,
        aggregator="avg",
        groups=INTERNAL,
        help="Days since the last order over the customer's own purchase interval: above 1 the next order is overdue.",
    )
    alive_probability = fields.Float(
        string="Probability Alive",
        digits=(16, 4),
        readonly=True,
        aggregator="avg",
        groups=INTERNAL,
        help="How probable it is that he still buys from us (BG/NBD model).",
    )
    expected_orders_90d = fields.Float(
        string="Expected Orders 90 Days",
        digits=(16, 3),
        readonly=True,
        groups=INTERNAL,
        help="Expected number of days with a purchase in the next 90 days (BG/NBD model).",
    )

    # --- what he is worth, brings and costs ---
    clv_amount = fields.Monetary(
        string="Customer Lifetime Value",
        readonly=True,
        groups=MANAGER,
        help="Margin expected of the customer within the horizon of the settings, discounted: expected purchases x his"
        " expected amount of a purchase x the margin ratio of the company's estimate. Where no cost of a product is"
        " known, its revenue counts as margin.",
    )
    margin_12m_amount = fields.Monetary(
        string="Margin 12 Months", readonly=True, groups=MANAGER
    )
    cost_to_serve_12m_amount = fields.Monetary(
        string="Cost to Serve 12 Months", readonly=True, groups=MANAGER
    )
    contribution_12m_amount = fields.Monetary(
        string="Contribution 12 Months",
        readonly=True,
        groups=MANAGER,
        help="Margin less the cost to serve.",
    )

    # --- how it stands ---
    health_score = fields.Float(
        string="Health",
        digits=(16, 1),
        readonly=True,
        aggregator="avg",
        groups=INTERNAL,
        help="0 to 100, from the measures and weights of the company.",
    )
    # Managers only: the value of the trend is by how much the margin changed.
    health_components = fields.Json(readonly=True, groups=MANAGER)
    completeness_ratio = fields.Float(
        string="File Complete",
        digits=(16, 4),
        readonly=True,
        aggregator="avg",
        groups=INTERNAL,
        help="How much of the customer's file is filled in.",
    )

    @api.depends("next_order_date")
    @api.depends_context("tz")
    def _compute_overdue_days(self):
        today = fields.Date.context_today(self)
        for relationship in self:
            expected = relationship.next_order_date or today
            relationship.overdue_days = max((today - expected).days, 0)
            relationship.is_overdue = relationship.overdue_days > 0

    @api.model
    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        overdue = Domain("next_order_date", "<", fields.Date.context_today(self))
        return Domain.OR(overdue if wanted else ~overdue for wanted in value)

    @api.model_create_multi
    def create(self, vals_list):
        self._refuse_figures(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        self._refuse_figures([vals])
        return super().write(vals)

    @api.model
    def _refuse_figures(self, vals_list):
        """Figures are computed of facts: whoever wants others changes these."""
        computed = {*figures.names(), *refresh.FACTS}
        refused = computed & set().union(*vals_list)
        if refused and not self.env.su:
            names = [
                self._fields[name].get_description(self.env)["string"]
                for name in sorted(refused)
            ]
            raise AccessError(
                self.env._(
                    "%(names)s cannot be written: they are computed every night from orders, tickets and contacts."
                    " Leave them out, or use “Refresh Figures”.",
                    names=", ".join(names),
                )
            )
