from odoo import fields, models


class CrmRelationshipFact(models.AbstractModel):
    """What the report models share: a fact of a customer, where it comes from and whose customer it is.

    Read only, never copied: the UNION ALL of the sources of a contract with the relationship of its customer.
    """

    _name = "crm.relationship.fact"
    _inherit = "crm.relationship.period"
    _description = "Relationship Fact"
    _order = "date desc, id desc"
    _rec_name = "partner_id"

    company_id = fields.Many2one("res.company", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    contact_id = fields.Many2one("res.partner", string="Contact", readonly=True)
    date = fields.Datetime(readonly=True)
    document_model = fields.Char(readonly=True)
    document_id = fields.Many2oneReference(
        model_field="document_model", string="Document", readonly=True
    )
    relationship_id = fields.Many2one("crm.relationship", readonly=True)
    segment_id = fields.Many2one("crm.relationship.segment", readonly=True)
    primary_type_id = fields.Many2one(
        "crm.relationship.type", string="Primary Type", readonly=True
    )
    manager_id = fields.Many2one("res.users", string="Dedicated Manager", readonly=True)

    def action_open_document(self):
        """Open the document that this fact comes from."""
        self.ensure_one()
        document = self.env[self.document_model].browse(self.document_id)
        document.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": document._name,
            "res_id": document.id,
            "view_mode": "form",
        }
