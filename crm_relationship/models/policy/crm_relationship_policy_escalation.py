from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CrmRelationshipPolicy(models.Model):
    """Who is told when a promise is broken."""

    _inherit = "crm.relationship.policy"

    escalation_user_id = fields.Many2one(
        "res.users",
        string="Escalate to",
        ondelete="restrict",
        tracking=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Who is told when a promise of this policy is broken. Empty: the person of the floor, else the leader of"
        " the ticket's team.",
    )

    @api.constrains("escalation_user_id", "company_id")
    def _check_escalation_user(self):
        for policy in self:
            user = policy.escalation_user_id.sudo()
            if user and (user.share or policy.company_id not in user.company_ids):
                raise ValidationError(
                    self.env._(
                        "Nothing can be escalated to %(user)s: choose an internal user of %(company)s.",
                        user=user.name,
                        company=policy.company_id.name,
                    )
                )
