from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...analytics import health

MEASURES = [
    ("overdue", "Time since the last order"),
    ("trend", "Margin against the year before"),
    ("open_tickets", "Open tickets"),
    ("late_tickets", "Late tickets"),
    ("satisfaction", "Satisfaction"),
    ("contacts", "Contacts we speak with"),
    ("payment", "Payment delay"),
]


class CrmRelationshipHealthWeight(models.Model):
    """How much one measure counts in the health score of a company's customers.

    Every company has one for each measure from the start; managers change the weights. What is not measured for a
    customer takes its weight along.
    """

    _name = "crm.relationship.health.weight"
    _description = "Weight of a Health Measure"
    _order = "company_id, weight desc, id"
    _rec_name = "measure"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company,
        ondelete="cascade",
        index=True,
    )
    measure = fields.Selection(MEASURES, required=True)
    weight = fields.Float(
        required=True,
        default=10.0,
        aggregator=None,
        help="Weights count against each other; 0 leaves the measure out.",
    )

    _company_measure_unique = models.Constraint(
        "UNIQUE (company_id, measure)",
        "The company already has a weight for this measure: change that one.",
    )

    @api.constrains("weight")
    def _check_weight(self):
        for item in self:
            if not 0 <= item.weight <= 1000:
                raise ValidationError(
                    self.env._(
                        "“%(measure)s” cannot have the weight %(weight)s. Enter 0 to 1000; 0 leaves it out.",
                        measure=item.display_name,
                        weight=item.weight,
                    )
                )

    @api.model
    def _create_missing(self, companies=None):
        """Each of the companies (all, if none is named) has a weight for each measure."""
        if companies is None:
            companies = self.env["res.company"].sudo().with_context(active_test=False)
            companies = companies.search([("id", "!=", False)])
        weights = self.sudo().search([("company_id", "in", companies.ids)])
        known = {(item.company_id, item.measure) for item in weights}
        self.sudo().create(
            [
                {"company_id": company.id, "measure": measure, "weight": weight}
                for company in companies
                for measure, weight in health.DEFAULT_WEIGHTS.items()
                if (company, measure) not in known
            ]
        )

    @api.model
    def _get_weights(self, company):
        """measure -> weight of a company."""
        items = self.sudo().search([("company_id", "=", company.id)])
        return {item.measure: item.weight for item in items}
