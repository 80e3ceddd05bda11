from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date


class CrmRelationshipSuggestion(models.Model):
    """One product that a customer is due to buy again, or is likely to want next, with the numbers behind it.

    The refresh writes, renews and removes open ones; people offer or refuse them; what was accepted is recognised
    from the orders that follow, when they are confirmed or by the refresh. What was accepted or refused stays, as the
    measure of how good the suggestions are.
    """

    _name = "crm.relationship.suggestion"
    _description = "Suggestion to a Customer"
    _order = "date desc, confidence_ratio desc, id"
    _rec_name = "product_id"

    relationship_id = fields.Many2one(
        "crm.relationship",
        string="Customer",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(related="relationship_id.company_id", store=True)
    kind = fields.Selection(
        [("reorder", "Reorder"), ("next_product", "Next product")],
        required=True,
        readonly=True,
    )
    product_id = fields.Many2one(
        "product.product",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    state = fields.Selection(
        [
            ("open", "Open"),
            ("offered", "Offered"),
            ("accepted", "Accepted"),
            ("refused", "Refused"),
        ],
        required=True,
        readonly=True,
        default="open",
    )
    date = fields.Date(
        required=True,
        readonly=True,
        default=fields.Date.today,
        help="Day on which it was first suggested.",
    )
    outcome_date = fields.Date(
        readonly=True, help="Day on which the customer accepted or refused."
    )
    refusal_reason = fields.Char(readonly=True)
    sale_order_id = fields.Many2one(
        "sale.order",
        string="Quotation",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )

    # --- the numbers behind it ---
    basis = fields.Selection(
        [("customers", "Customers"), ("orders", "Orders")],
        readonly=True,
        help="Whether customers who buy these products over time were counted, or orders that hold them together.",
    )
    antecedent_id = fields.Many2one("product.product", readonly=True)
    second_antecedent_id = fields.Many2one("product.product", readonly=True)
    antecedent_product_ids = fields.Many2many(
        "product.product",
        string="Because of",
        compute="_compute_antecedent_product_ids",
        search="_search_antecedent_product_ids",
        help="What the customer buys already and what speaks for the product.",
    )
    together_count = fields.Integer(
        readonly=True,
        aggregator=None,
        help="Customers or orders with these products and the suggested one.",
    )
    antecedent_count = fields.Integer(
        readonly=True,
        aggregator=None,
        help="Customers or orders with these products.",
    )
    support_ratio = fields.Float(
        string="Support",
        readonly=True,
        aggregator="avg",
        help="Share of all customers or orders that have these products and the suggested one.",
    )
    confidence_ratio = fields.Float(
        string="Confidence",
        readonly=True,
        aggregator="avg",
        help="Of those with these products, the share that has the suggested one too.",
    )
    lift = fields.Float(
        readonly=True,
        aggregator="avg",
        help="How many times the usual share that is.",
    )
    interval_days = fields.Integer(
        string="Rhythm",
        readonly=True,
        aggregator="avg",
        help="Median number of days between two purchases of the product by the customer.",
    )
    last_date = fields.Date(string="Last Bought", readonly=True)
    expected_date = fields.Date(
        readonly=True, help="Day on which the customer was due to buy it again."
    )
    quantity = fields.Float(
        readonly=True,
        default=1.0,
        digits="Product Unit",
        help="As much as the last time, or one of a new product.",
    )
    reason = fields.Char(compute="_compute_reason", string="Why")

    _pending_unique = models.UniqueIndex(
        "(relationship_id, kind, product_id) WHERE state IN ('open', 'offered')",
        "This product is already suggested to the customer.",
    )

    # --- computes and checks ---

    @api.depends("antecedent_id", "second_antecedent_id")
    def _compute_antecedent_product_ids(self):
        for suggestion in self:
            suggestion.antecedent_product_ids = (
                suggestion.antecedent_id | suggestion.second_antecedent_id
            )

    def _search_antecedent_product_ids(self, operator, value):
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        one = Domain("antecedent_id", operator, value)
        return one | Domain("second_antecedent_id", operator, value)

    @api.depends(
        "kind",
        "basis",
        "antecedent_id.display_name",
        "second_antecedent_id.display_name",
        "together_count",
        "antecedent_count",
        "lift",
        "interval_days",
        "last_date",
        "product_id.display_name",
    )
    @api.depends_context("lang")
    def _compute_reason(self):
        for suggestion in self.with_context(display_default_code=False):
            if suggestion.kind == "reorder":
                reason = suggestion._get_reorder_reason()
            else:
                reason = suggestion._get_next_product_reason()
            suggestion.reason = reason

    def _get_reorder_reason(self):
        self.ensure_one()
        if not self.last_date:
            return False
        return self.env._(
            "Buys this every %(interval)s days, the last time %(days)s days ago.",
            interval=self.interval_days,
            days=(fields.Date.today() - self.last_date).days,
        )

    def _get_next_product_reason(self):
        """The rule as a sentence: a count among customers, or among orders."""
        self.ensure_one()
        numbers = {
            "together": self.together_count,
            "all": self.antecedent_count,
            "product": self.product_id.display_name,
            "lift": f"{self.lift:.1f}",
        }
        products = self.antecedent_product_ids.mapped("display_name")
        if not products:
            return False
        key = (self.basis, len(products))
        if key == ("customers", 1):
            return self.env._(
                "%(together)s of %(all)s customers that buy %(one)s also buy %(product)s: %(lift)s times the usual"
                " share.",
                one=products[0],
                **numbers,
            )
        if key == ("customers", 2):
            return self.env._(
                "%(together)s of %(all)s customers that buy %(one)s and %(two)s also buy %(product)s: %(lift)s times"
                " the usual share.",
                one=products[0],
                two=products[1],
                **numbers,
            )
        if key == ("orders", 1):
            return self.env._(
                "%(together)s of %(all)s orders with %(one)s also hold %(product)s: %(lift)s times the usual share.",
                one=products[0],
                **numbers,
            )
        return self.env._(
            "%(together)s of %(all)s orders with %(one)s and %(two)s also hold %(product)s: %(lift)s times the usual"
            " share.",
            one=products[0],
            two=products[-1],
            **numbers,
        )

    @api.constrains("state", "refusal_reason")
    def _check_refusal_reason(self):
        for suggestion in self:
            if suggestion.state == "refused" and not suggestion.refusal_reason:
                raise ValidationError(
                    self.env._(
                        "%(customer)s refuses %(product)s: say why, so that nobody asks in vain again.",
                        customer=suggestion.relationship_id.display_name,
                        product=suggestion.product_id.display_name,
                    )
                )

    def write(self, vals):
        """Numbers are the refresh's, states have their buttons: nobody writes them past these."""
        if not self.env.su:
            raise AccessError(
                self.env._(
                    "A suggestion cannot be edited: its numbers come from the figures. Create a quotation, refuse it or"
                    " open it again with its buttons."
                )
            )
        return super().write(vals)

    # --- buttons ---

    def action_create_quotation(self):
        """Make one draft quotation for each customer with all that is suggested to him here, and open it."""
        self._check_state("open", self.env._("offered"))
        orders_model = self.env["sale.order"]
        if not orders_model.has_access("create"):
            raise UserError(
                self.env._(
                    "A quotation can be made by those who may sell. Ask a salesperson, or your administrator for"
                    " the rights of one."
                )
            )
        orders = orders_model
        for relationship, suggestions in self.grouped("relationship_id").items():
            values = suggestions._prepare_quotation_values()
            order = orders_model.with_company(relationship.company_id).create(values)
            suggestions._decide({"state": "offered", "sale_order_id": order.id})
            orders |= order
        return self._open_orders(orders)

    def _prepare_quotation_values(self):
        """Values of a draft order for the one customer of these suggestions."""
        relationship = self.relationship_id.ensure_one()
        return {
            "partner_id": relationship.partner_id.id,
            "company_id": relationship.company_id.id,
            "order_line": [
                fields.Command.create(
                    {
                        "product_id": product.id,
                        "product_uom_qty": max(suggestions.mapped("quantity")) or 1.0,
                    }
                )
                for product, suggestions in self.grouped("product_id").items()
            ],
        }

    @api.model
    def _open_orders(self, orders):
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Quotations"),
            "res_model": "sale.order",
            "view_mode": "list,form",
            "domain": [("id", "in", orders.ids)],
        }
        if len(orders) == 1:
            action.update(view_mode="form", res_id=orders.id)
        return action

    def action_refuse(self):
        """Open the dialog that asks why the customer does not want it."""
        self._check_state("open offered", self.env._("refused"))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Refuse"),
            "res_model": "crm.relationship.refusal.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_suggestion_ids": self.ids},
        }

    def action_reopen(self):
        """Take back that they were offered or refused."""
        self._check_state("offered refused", self.env._("opened again"))
        for suggestion in self.filtered(lambda item: item.state == "refused"):
            if suggestion._find_pending():
                raise UserError(
                    self.env._(
                        "%(product)s is already suggested to %(customer)s again: use that one.",
                        product=suggestion.product_id.display_name,
                        customer=suggestion.relationship_id.display_name,
                    )
                )
        self._decide(
            {
                "state": "open",
                "sale_order_id": False,
                "refusal_reason": False,
                "outcome_date": False,
            }
        )

    def action_view_quotation(self):
        """Open the quotation in which it was offered."""
        self.ensure_one()
        self.sale_order_id.check_access("read")
        return self._open_orders(self.sale_order_id)

    def _refuse(self, reason):
        self._check_state("open offered", self.env._("refused"))
        self._decide(
            {
                "state": "refused",
                "refusal_reason": reason,
                "outcome_date": fields.Date.today(),
            }
        )

    def _decide(self, values):
        """Note what was decided on these, after :meth:`_check_state`."""
        # sudo: users decide by the buttons only, and who sees a suggestion may decide on it
        self.sudo().write(values)

    def _find_pending(self):
        """The open or offered suggestions of the same product, kind and customer."""
        self.ensure_one()
        return self.search(
            [
                ("relationship_id", "=", self.relationship_id.id),
                ("product_id", "=", self.product_id.id),
                ("kind", "=", self.kind),
                ("state", "in", ["open", "offered"]),
                ("id", "!=", self.id),
            ]
        )

    def _get_pending(self):
        """Those that nobody decided on yet."""
        return self.filtered(lambda item: item.state in ("open", "offered"))

    def _get_key(self):
        """What must not be pending twice for one customer."""
        self.ensure_one()
        return self.kind, self.product_id.id

    def _check_state(self, states, done):
        """Whether the user looks after the customers of all of these, and they are in a state in which it makes
        sense."""
        self.check_access("read")
        labels = dict(self._fields["state"]._description_selection(self.env))
        for suggestion in self:
            if suggestion.state not in states.split():
                raise UserError(
                    self.env._(
                        "%(product)s for %(customer)s is “%(state)s” since %(date)s and cannot be %(done)s.",
                        product=suggestion.product_id.display_name,
                        customer=suggestion.relationship_id.display_name,
                        state=labels[suggestion.state],
                        date=format_date(
                            self.env, suggestion.outcome_date or suggestion.date
                        ),
                        done=done,
                    )
                )
