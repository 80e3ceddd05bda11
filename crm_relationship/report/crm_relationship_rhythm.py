from odoo import api, fields, models

from ..analytics import reorder
from ..queries import reports, rhythms
from .crm_relationship_transaction import CrmRelationshipTransaction
from .dependencies import merge


class CrmRelationshipRhythm(models.Model):
    """How often one customer buys one product, when the next purchase is expected and how late it is.

    Read only, never copied: computed from the transactions whenever it is looked at. One row per company, customer
    and product that he has ever bought; lines without a product have no row. Every reorder that is suggested is due
    here; what is due and not suggested was refused, is ordered already, is not sold any more or is one too many.
    ``id`` is the customer and the row's place among the customer's, so that a filter by customer reaches the
    documents' indexes.
    """

    _name = "crm.relationship.rhythm"
    _description = "Purchase Rhythm"
    _auto = False
    _order = "overdue_ratio desc nulls last, id"
    _rec_name = "product_id"

    company_id = fields.Many2one("res.company", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    product_id = fields.Many2one("product.product", readonly=True)
    product_categ_id = fields.Many2one(
        "product.category", string="Product Category", readonly=True
    )
    is_sold = fields.Boolean(
        string="Still Sold",
        readonly=True,
        help="The product is not archived and may be sold.",
    )
    purchase_day_count = fields.Integer(
        string="Days of Purchase",
        readonly=True,
        help="All purchases of one day count once.",
    )
    first_purchase_date = fields.Date(string="First Purchase", readonly=True)
    last_purchase_date = fields.Date(string="Last Purchase", readonly=True)
    last_quantity = fields.Float(
        digits="Product Unit",
        readonly=True,
        help="What was bought on the day of the last purchase, in the product's unit.",
    )
    interval_days = fields.Float(
        string="Buys Every (Days)",
        digits=(16, 1),
        readonly=True,
        aggregator="avg",
        help="Median of the days between two purchases. None below 3 days of purchase.",
    )
    interval_spread_days = fields.Float(
        string="Give or Take (Days)",
        digits=(16, 1),
        readonly=True,
        aggregator="avg",
        help="The middle half of the days between two purchases lies within this range.",
    )
    next_purchase_date = fields.Date(
        string="Next Purchase Expected",
        readonly=True,
        help="Last purchase plus the customer's own interval for this product.",
    )
    overdue_days = fields.Integer(
        string="Days Overdue",
        readonly=True,
        aggregator="avg",
        help="Days since the next purchase was expected.",
    )
    overdue_ratio = fields.Float(
        string="Overdue",
        digits=(16, 2),
        readonly=True,
        aggregator="avg",
        help="Days since the last purchase over the customer's own interval: above 1 it is late.",
    )
    state = fields.Selection(
        [
            ("in_rhythm", "In rhythm"),
            ("due", "Due"),
            ("stopped", "Stopped"),
            ("unknown", "No rhythm"),
        ],
        readonly=True,
        help="Due: the next purchase is expected today or was before. Stopped: nothing bought for more than three"
        " intervals.",
    )
    reason = fields.Char(
        string="Why No Rhythm",
        compute="_compute_reason",
        help="Empty where there is a rhythm.",
    )
    relationship_id = fields.Many2one("crm.relationship", readonly=True)
    segment_id = fields.Many2one("crm.relationship.segment", readonly=True)
    primary_type_id = fields.Many2one(
        "crm.relationship.type", string="Primary Type", readonly=True
    )
    manager_id = fields.Many2one("res.users", string="Dedicated Manager", readonly=True)

    _depends = merge(
        CrmRelationshipTransaction._depends,
        {
            "product.product": ["active", "product_tmpl_id"],
            "product.template": ["active", "sale_ok", "categ_id"],
        },
    )

    @property
    def _table_query(self):
        rows = rhythms.rhythms(self.env, fields.Date.today())
        related = reports.with_relationship(rows, ("company_id", "product_id"))
        return rhythms.with_product(related)

    @api.depends("partner_id", "product_id")
    def _compute_display_name(self):
        for rhythm in self:
            # names only, as every link shows them
            own = rhythm.sudo()
            names = (own.partner_id.display_name, own.product_id.display_name)
            rhythm.display_name = ": ".join(filter(None, names))

    @api.depends("purchase_day_count", "state")
    def _compute_reason(self):
        for rhythm in self:
            rhythm.reason = rhythm.state == "unknown" and rhythm._get_reason()

    def _get_reason(self):
        """Why there is no rhythm, as a sentence."""
        self.ensure_one()
        if self.purchase_day_count == 1:
            return self.env._(
                "Only one day of purchase: a rhythm needs %(minimum)s.",
                minimum=reorder.MINIMUM_DAYS,
            )
        return self.env._(
            "Only %(count)s days of purchase: a rhythm needs %(minimum)s.",
            count=self.purchase_day_count,
            minimum=reorder.MINIMUM_DAYS,
        )

    def action_view_transactions(self):
        """Open the lines on which the customer bought this product or gave it back."""
        self.ensure_one()
        partner_id = reports.get_partner_id(self.id)
        names = ("company_id", "partner_id", "product_id")
        rhythm = self.search_fetch(
            [("partner_id", "=", partner_id), ("id", "=", self.id)], names
        )
        if not rhythm:
            self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "crm_relationship.crm_relationship_transaction_action"
        )
        domain = [(name, "=", rhythm[name].id) for name in names]
        return self.env["crm.relationship"]._put_list_first(
            action, domain=domain, context={}
        )
