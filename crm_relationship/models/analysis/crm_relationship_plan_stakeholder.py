from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CrmRelationshipPlanStakeholder(models.Model):
    """Somebody at the customer who counts for a plan: the part he plays and how he stands to us.

    Written by who writes the plan, gone with it.
    """

    _name = "crm.relationship.plan.stakeholder"
    _description = "Stakeholder of a Key Account Plan"
    _order = "sequence, id"
    _rec_name = "contact_id"

    plan_id = fields.Many2one(
        "crm.relationship.plan", required=True, ondelete="cascade", index=True
    )
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(related="plan_id.company_id", store=True)
    partner_id = fields.Many2one(related="plan_id.partner_id", string="Customer")
    contact_id = fields.Many2one(
        "res.partner", required=True, ondelete="cascade", index=True
    )
    role = fields.Selection(
        [
            ("decider", "Decides"),
            ("buyer", "Buys"),
            ("user", "Uses what we sell"),
            ("influencer", "Advises"),
            ("gatekeeper", "Opens or closes doors"),
        ],
        default="decider",
        required=True,
    )
    attitude = fields.Selection(
        [
            ("supporter", "Supports us"),
            ("neutral", "Neutral"),
            ("critic", "Critical"),
        ],
        default="neutral",
        required=True,
    )
    note = fields.Char()

    @api.constrains("contact_id")
    def _check_contact(self):
        for stakeholder in self:
            customer = stakeholder.plan_id.partner_id
            if stakeholder.contact_id.commercial_partner_id != customer:
                raise ValidationError(
                    self.env._(
                        "%(contact)s is no contact of %(customer)s: choose one of its contacts, or add the contact"
                        " to the customer first.",
                        contact=stakeholder.contact_id.display_name,
                        customer=customer.display_name,
                    )
                )
