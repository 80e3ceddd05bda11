from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    """When something is worth suggesting to a customer of the company."""

    _inherit = "res.company"

    relationship_suggestion_count = fields.Integer(
        string="Suggestions per Customer",
        default=3,
        help="At most so many next products, and so many reorders, are suggested to a customer at a time.",
    )
    relationship_suggestion_minimum_count = fields.Integer(
        string="Customers behind a Suggestion",
        default=3,
        help="So many customers must buy the products together before a next product is suggested.",
    )
    relationship_suggestion_confidence_ratio = fields.Float(
        string="Minimum Confidence",
        default=0.3,
        help="Of the customers who buy the same products, at least this share must buy the next one too.",
    )
    relationship_suggestion_window_months = fields.Integer(
        string="Suggestion Window",
        default=24,
        help="What was bought in so many months counts as bought together.",
    )
    relationship_suggestion_pause_days = fields.Integer(
        string="Pause after a Refusal",
        default=180,
        help="What a customer refuses is not suggested to him again for so many days.",
    )

    @api.constrains(
        "relationship_suggestion_count",
        "relationship_suggestion_minimum_count",
        "relationship_suggestion_confidence_ratio",
        "relationship_suggestion_window_months",
        "relationship_suggestion_pause_days",
    )
    def _check_relationship_suggestion(self):
        bounds = {
            "relationship_suggestion_count": (0, 100),
            "relationship_suggestion_minimum_count": (1, 1_000_000),
            "relationship_suggestion_confidence_ratio": (0, 1),
            "relationship_suggestion_window_months": (1, 120),
            "relationship_suggestion_pause_days": (0, 3650),
        }
        for company in self:
            for name, (low, high) in bounds.items():
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
