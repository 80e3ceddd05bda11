from odoo import fields, models

MANAGER = "crm_relationship.group_relationship_manager"


class CrmRelationship(models.Model):
    """The figures of a relationship, written by the refresh. An empty one has no value yet, which is not 0."""

    _inherit = "crm.relationship"

    margin_12m_amount = fields.Monetary(
        string="Margin 12 Months", readonly=True, groups=MANAGER
    )
    cost_to_serve_12m_amount = fields.Monetary(
        string="Cost to Serve 12 Months", readonly=True, groups=MANAGER
    )
    contribution_12m_amount = fields.Monetary(
        string="Contribution 12 Months", readonly=True, groups=MANAGER
    )
    health_score = fields.Float(
        readonly=True, aggregator="avg", groups="base.group_user"
    )
    health_components = fields.Json(readonly=True, groups="base.group_user")
    alive_probability = fields.Float(
        readonly=True, aggregator="avg", groups="base.group_user"
    )
    clv_amount = fields.Monetary(
        string="Customer Lifetime Value", readonly=True, groups="base.group_user"
    )
    next_order_date = fields.Date(readonly=True, groups="base.group_user")
    overdue_ratio = fields.Float(
        readonly=True, aggregator="avg", groups="base.group_user"
    )
