from odoo import fields, models

MANAGER = "crm_relationship.group_relationship_manager"


class CrmRelationship(models.Model):
    """Figures that the refresh stores."""

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
