from odoo import fields, models

from ..queries import plan


class CrmRelationshipPlanComparison(models.Model):
    """One figure of a key account plan, planned or actual: six rows a plan.

    Read only, never copied: the plans beside the facts of their customers and years. Margin and cost are rows for
    managers; the record rules leave revenue to the others.
    """

    _name = "crm.relationship.plan.comparison"
    _description = "Plan against Actual"
    _auto = False
    _order = "year desc, partner_id, measure desc, side desc"
    _rec_name = "plan_id"

    plan_id = fields.Many2one("crm.relationship.plan", readonly=True)
    relationship_id = fields.Many2one("crm.relationship", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    manager_id = fields.Many2one("res.users", string="Dedicated Manager", readonly=True)
    year = fields.Integer(readonly=True, aggregator=None)
    state = fields.Selection(
        [("draft", "Draft"), ("agreed", "Agreed"), ("closed", "Closed")], readonly=True
    )
    measure = fields.Selection(
        [("revenue", "Revenue"), ("margin", "Margin"), ("cost", "Cost to serve")],
        readonly=True,
    )
    side = fields.Selection(
        [("planned", "Planned"), ("actual", "Actual")],
        string="Planned or Actual",
        readonly=True,
    )
    amount = fields.Monetary(readonly=True)

    _depends = {
        "crm.relationship": ["partner_id", "company_id", "manager_id"],
        "crm.relationship.plan": [
            "relationship_id",
            "year",
            "state",
            "planned_revenue_amount",
            "planned_margin_amount",
            "planned_cost_amount",
        ],
        "crm.relationship.transaction": ["revenue", "cost", "date"],
        "crm.relationship.cost": ["amount", "date"],
    }

    @property
    def _table_query(self):
        return plan.comparison(*self.env["crm.relationship.plan"]._get_fact_queries())
