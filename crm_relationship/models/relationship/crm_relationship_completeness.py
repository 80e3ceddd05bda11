from odoo import api, fields, models

from ...queries import completeness

CODES = [
    ("phone", "Phone"),
    ("email", "Email"),
    ("address", "Address"),
    ("vat", "Tax ID"),
    ("industry", "Industry"),
    ("contact", "Contact person with mail or phone"),
    ("website", "Website"),
    ("salesperson", "Salesperson"),
]


class CrmRelationshipCompletenessItem(models.Model):
    """What a complete customer file has, and how much it weighs.

    A row without a company holds for every company; a row of a company takes its place there. Kept by managers.
    """

    _name = "crm.relationship.completeness.item"
    _description = "Item of a Complete Customer File"
    _order = "weight desc, id"
    _rec_name = "code"

    code = fields.Selection(CODES, string="Item", required=True)
    weight = fields.Integer(
        default=10, required=True, help="0: not asked. Only the proportions matter."
    )
    company_id = fields.Many2one(
        "res.company",
        ondelete="cascade",
        help="The company for which this weight holds; empty: all that have none of their own.",
    )

    _code_company_unique = models.UniqueIndex(
        "(code, COALESCE(company_id, 0))",
        "This item already has a weight for that company: change that one.",
    )
    _weight_range = models.Constraint(
        "CHECK (weight BETWEEN 0 AND 1000)",
        "The weight of an item is a number from 0 (not asked) to 1000.",
    )

    @api.model
    def _get_weights(self, company_id):
        """code -> weight above zero for that company, its own rows before those of all."""
        items = self.sudo().search([("company_id", "in", [company_id, False])])
        weights = {}
        for item in items.sorted(lambda item: bool(item.company_id)):
            weights[item.code] = item.weight
        return {code: weight for code, weight in weights.items() if weight > 0}


class CrmRelationship(models.Model):
    """What the file of a customer lacks."""

    _inherit = "crm.relationship"

    completeness_missing = fields.Char(
        string="Missing in the File",
        compute="_compute_completeness_missing",
        groups="base.group_user",
        help="What a complete customer file would have, the most important first.",
    )

    @api.depends("partner_id", "company_id")
    @api.depends_context("lang")
    def _compute_completeness_missing(self):
        self.env["res.partner"].flush_model()
        item = self.env["crm.relationship.completeness.item"]
        names = dict(item._fields["code"]._description_selection(self.env))
        for company, relationships in self.grouped("company_id").items():
            missing = completeness.missing_items(
                self.env, company.id, relationships.partner_id.ids
            )
            for relationship in relationships:
                codes = missing.get(relationship.partner_id.id, [])
                relationship.completeness_missing = ", ".join(
                    names[code] for code in codes
                )
