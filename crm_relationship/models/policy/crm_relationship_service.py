from odoo import fields, models


class CrmRelationshipService(models.Model):
    """Something that customers may be entitled to: phone, visits, extended hours. Kept by managers."""

    _name = "crm.relationship.service"
    _description = "Relationship Service"
    _order = "sequence, id"
    _rec_names_search = ["name", "code"]

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    description = fields.Text(
        translate=True, help="What the customer gets, in plain words."
    )
    entitlement_ids = fields.One2many("crm.relationship.entitlement", "service_id")

    _code_unique = models.Constraint(
        "UNIQUE (code)", "Another service already has this code."
    )
