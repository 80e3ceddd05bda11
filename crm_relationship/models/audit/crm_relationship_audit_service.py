from odoo import fields, models


class CrmRelationshipAuditService(models.Model):
    """A service in which key accounts are treated otherwise, as an audit found it.

    Either only they received it in the period though no policy gives it to them for need, condition of use or
    contract; or a policy gives it on other terms for no ground but revenue. Written by ``crm.relationship.audit._run``.
    """

    _name = "crm.relationship.audit.service"
    _inherit = "crm.relationship.audit.row"
    _log_access = False
    _description = "Fairness Audit: Service for Few"
    _order = "audit_id desc, finding, id"
    _rec_name = "service_name"

    finding = fields.Selection(
        [
            ("key_only", "Only key accounts received it"),
            ("revenue_only", "Differs by revenue only"),
        ],
        required=True,
        readonly=True,
    )
    service_id = fields.Many2one(
        "crm.relationship.service", required=True, readonly=True, ondelete="restrict"
    )
    service_name = fields.Char(string="Name Then", readonly=True)
    policy_name = fields.Char(string="Policy", readonly=True)
    terms = fields.Char(readonly=True)
    floor_terms = fields.Char(string="Terms of the Floor", readonly=True)
    note = fields.Char(readonly=True)
    used_count = fields.Integer(string="Times Used", readonly=True)
    customer_count = fields.Integer(string="Customers", readonly=True)
    refused_count = fields.Integer(
        string="Refused to Others",
        readonly=True,
        help="How often other customers asked for it in the period and did not get it.",
    )
