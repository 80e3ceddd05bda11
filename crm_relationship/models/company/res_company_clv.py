from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    """How far the lifetime value of customers looks ahead, and what later money is worth."""

    _inherit = "res.company"

    relationship_clv_horizon_months = fields.Integer(
        string="Lifetime Value Horizon",
        default=36,
        help="The lifetime value counts the margin of the purchases expected within so many months.",
    )
    relationship_discount_rate_ratio = fields.Float(
        string="Discount Rate",
        default=0.10,
        help="Money that comes a year later is worth less by this rate per year.",
    )

    @api.constrains(
        "relationship_clv_horizon_months", "relationship_discount_rate_ratio"
    )
    def _check_relationship_value(self):
        for company in self:
            months = company.relationship_clv_horizon_months
            rate = company.relationship_discount_rate_ratio
            if not 1 <= months <= 120:
                raise ValidationError(
                    self.env._(
                        "%(company)s: the lifetime value cannot look %(months)s months ahead. Enter 1 to 120.",
                        company=company.name,
                        months=months,
                    )
                )
            if not 0 <= rate <= 1:
                raise ValidationError(
                    self.env._(
                        "%(company)s: a yearly discount rate of %(rate)g %% is not possible. Enter 0 to 100 %%.",
                        company=company.name,
                        rate=round(rate * 100, 2),
                    )
                )
