from dateutil.relativedelta import relativedelta

from odoo import fields, models

from ...queries import profitability

MANAGER = "crm_relationship.group_relationship_manager"
# Field of the relationship -> column of the figure query.
CURRENT_FIGURES = (
    "discount_12m_amount",
    "interaction_12m_amount",
    "ticket_12m_amount",
    "return_12m_amount",
    "late_payment_12m_amount",
    "is_cost_estimated",
    "estimated_line_count",
)


class CrmRelationship(models.Model):
    """Where the contribution of a customer comes from: each part as of now, beside the totals of the refresh."""

    _inherit = "crm.relationship"

    discount_12m_amount = fields.Monetary(
        string="Discount Given",
        compute="_compute_profitability",
        groups=MANAGER,
        help="Already in the margin: told, not taken off again.",
    )
    interaction_12m_amount = fields.Monetary(
        string="Cost of Interactions", compute="_compute_profitability", groups=MANAGER
    )
    ticket_12m_amount = fields.Monetary(
        string="Cost of Tickets", compute="_compute_profitability", groups=MANAGER
    )
    return_12m_amount = fields.Monetary(
        string="Cost of Credit Notes", compute="_compute_profitability", groups=MANAGER
    )
    late_payment_12m_amount = fields.Monetary(
        string="Cost of Late Payment", compute="_compute_profitability", groups=MANAGER
    )
    is_cost_estimated = fields.Boolean(
        compute="_compute_profitability",
        groups=MANAGER,
        help="Standards of the company stand in for some measurements or rates.",
    )
    estimated_line_count = fields.Integer(
        string="Lines with an Estimated Cost",
        compute="_compute_profitability",
        groups=MANAGER,
        help="Lines of 12 months that have no cost of their own: in the margin they count with the product's.",
    )
    is_profitability_outdated = fields.Boolean(
        compute="_compute_profitability",
        groups=MANAGER,
        help="Margin or cost have changed since the last refresh.",
    )

    def _compute_profitability(self):
        for company, relationships in self.grouped("company_id").items():
            rows = self._get_profitability(company, relationships.partner_id.ids)
            for relationship in relationships:
                row = rows.get(relationship.partner_id._origin.id, {})
                for name in CURRENT_FIGURES:
                    relationship[name] = row.get(name, False)
                relationship.is_profitability_outdated = any(
                    relationship.currency_id.compare_amounts(
                        relationship[name], row.get(name, 0)
                    )
                    for name in ("margin_12m_amount", "cost_to_serve_12m_amount")
                )

    def _get_profitability(self, company, partner_ids):
        """partner id -> profitability of 12 months as of now, as a dict by column."""
        if not partner_ids:
            return {}
        today = fields.Date.today()
        query = profitability.profitability(
            self.env,
            company.id,
            today,
            today - relativedelta(years=1),
            partner_ids,
        )
        self.env.flush_all()
        rows = self.env.execute_query_dict(query)
        return {row["partner_id"]: row for row in rows}

    def action_view_discounts(self):
        """Open the lines of 12 months on which this customer got a discount."""
        since = fields.Date.today() - relativedelta(years=1)
        action = self.action_view_transactions()
        own = [*action["domain"], ("discount", "!=", 0), ("date", ">=", since)]
        return dict(action, domain=own)

    def action_view_estimated_lines(self):
        """Open the lines of 12 months that count with the cost of their product."""
        since = fields.Date.today() - relativedelta(years=1)
        action = self.action_view_transactions()
        own = [
            *action["domain"],
            ("is_cost_estimated", "=", True),
            ("cost", "!=", 0),
            ("date", ">=", since),
        ]
        return dict(action, domain=own)

    def action_view_costs(self):
        """Open what serving this customer cost in 12 months; the button's context says which part."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "crm_relationship.crm_relationship_cost_action"
        )
        context = {
            name: value
            for name, value in self.env.context.items()
            if name.startswith("search_default_")
        }
        domain = [
            ("partner_id", "=", self.partner_id.id),
            ("company_id", "=", self.company_id.id),
        ]
        context["search_default_last_12_months"] = 1
        return self._put_list_first(action, domain=domain, context=context)

    def action_view_snapshots(self):
        """Open the customer month by month."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "crm_relationship.crm_relationship_snapshot_action"
        )
        return dict(action, domain=[("relationship_id", "=", self.id)], context={})
