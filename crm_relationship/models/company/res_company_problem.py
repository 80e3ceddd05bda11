from odoo import api, fields, models
from odoo.exceptions import ValidationError

BOUNDS = {
    "relationship_problem_window_days": (1, 3650),
    "relationship_problem_repeat_count": (2, 1000),
    "relationship_problem_customer_count": (2, 1000),
}


class ResCompany(models.Model):
    """When complaints of the company's customers are a repeated one."""

    _inherit = "res.company"

    relationship_problem_window_days = fields.Integer(
        string="Window of Repeated Complaints",
        default=30,
        help="Complaints about the same product or category within so many days are looked at together.",
    )
    relationship_problem_repeat_count = fields.Integer(
        string="Complaints of One Customer",
        default=3,
        help="So many complaints of one customer about the same are a problem.",
    )
    relationship_problem_customer_count = fields.Integer(
        string="Customers with the Same Complaint",
        default=3,
        help="If so many customers complain about the same, it is a problem.",
    )

    @api.constrains(*BOUNDS)
    def _check_relationship_problem(self):
        for company in self:
            for name, (low, high) in BOUNDS.items():
                if not low <= company[name] <= high:
                    raise ValidationError(
                        self.env._(
                            "%(company)s: “%(setting)s” cannot be %(value)s. Enter %(low)s to %(high)s.",
                            company=company.name,
                            setting=self._fields[name]._description_string(self.env),
                            value=company[name],
                            low=low,
                            high=high,
                        )
                    )
