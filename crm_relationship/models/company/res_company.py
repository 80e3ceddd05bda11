from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    _inherit = "res.company"

    relationship_revenue_basis = fields.Selection(
        [
            ("invoiced", "Posted invoices and credit notes"),
            ("ordered", "Confirmed orders, less credit notes"),
        ],
        required=True,
        default="invoiced",
        help="What counts as revenue of a customer, everywhere in the suite.",
    )
    relationship_key_share_ratio = fields.Float(
        string="Key Accounts' Share",
        default=0.50,
        help="Key accounts are the customers that together bring this share of the revenue of 12 months.",
    )
    relationship_core_share_ratio = fields.Float(
        string="Core Customers' Share",
        default=0.45,
        help="Core customers bring the next share of revenue; small ones the rest.",
    )
    relationship_new_days = fields.Integer(
        string="New for",
        default=90,
        help="A customer is new for so many days after the first order.",
    )
    relationship_default_type_id = fields.Many2one(
        "crm.relationship.type",
        string="Default Relationship Type",
        ondelete="restrict",
        default=lambda self: self.env["crm.relationship"]._get_data(
            "type", "transactional"
        ),
        help="Holds for customers to whom nobody has given a type.",
    )

    @api.constrains(
        "relationship_key_share_ratio",
        "relationship_core_share_ratio",
        "relationship_new_days",
    )
    def _check_relationship_thresholds(self):
        for company in self:
            key = company.relationship_key_share_ratio
            core = company.relationship_core_share_ratio
            if key < 0 or core < 0 or round(key + core, 6) > 1:
                raise ValidationError(
                    self.env._(
                        "%(company)s: key accounts with %(key)g %% and core customers with %(core)g %% of the revenue"
                        " make %(sum)g %%. Both must be at least 0 and together at most 100 %%; small customers"
                        " are the rest.",
                        company=company.name,
                        key=round(key * 100, 2),
                        core=round(core * 100, 2),
                        sum=round((key + core) * 100, 2),
                    )
                )
            if not 0 <= company.relationship_new_days <= 3650:
                raise ValidationError(
                    self.env._(
                        "%(company)s: a customer cannot be new for %(days)s days. Enter 0 to 3650.",
                        company=company.name,
                        days=company.relationship_new_days,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        companies._set_default_type()
        companies._create_missing_floors()
        return companies

    def _set_default_type(self):
        """Customers to whom nobody gives a type are transactional, until the company says otherwise."""
        default_type = self.env["crm.relationship"]._get_data("type", "transactional")
        for company in self:
            if not company.relationship_default_type_id:
                company.relationship_default_type_id = default_type

    def _create_missing_floors(self):
        """Each of these companies has its service floor, and its open tickets a promise."""
        policies = self.env["crm.relationship.policy"].sudo()
        for company in self:
            if not policies._get_floor(company):
                policies.create(company._prepare_floor_values())

    def _prepare_floor_values(self):
        """The promise to everybody that a new company starts with: a working day and a working week."""
        self.ensure_one()
        return {
            "company_id": self.id,
            "is_floor": True,
            "first_response_hours": 8.0,
            "resolution_hours": 40.0,
        }
