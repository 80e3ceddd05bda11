from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...analytics.fairness import Terms


class CrmRelationshipEntitlement(models.Model):
    """A policy gives a service: included, on request or paid, so many times a year. Where it differs from
    what the others get, it says on what ground."""

    _name = "crm.relationship.entitlement"
    _description = "Relationship Entitlement"
    _order = "policy_id, sequence, id"
    _rec_name = "service_id"

    policy_id = fields.Many2one(
        "crm.relationship.policy", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="policy_id.company_id", store=True)
    service_id = fields.Many2one(
        "crm.relationship.service", required=True, ondelete="restrict", index=True
    )
    sequence = fields.Integer(related="service_id.sequence", store=True)
    access = fields.Selection(
        [
            ("included", "Included"),
            ("on_request", "On request"),
            ("paid", "Paid"),
        ],
        required=True,
        default="included",
    )
    quota = fields.Integer(
        string="Times a Year",
        aggregator=None,
        help="How often in a year. 0: without limit.",
    )
    terms = fields.Char(compute="_compute_terms")
    ground = fields.Selection(
        [
            ("need", "Need"),
            ("use", "Condition of use"),
            ("contract", "Contract"),
            ("revenue", "Revenue only"),
        ],
        string="Ground of Difference",
        help="Why these customers get the service on other terms than the rest.",
    )
    note = fields.Char(translate=True, help="The ground in plain words.")

    _service_once = models.Constraint(
        "UNIQUE (policy_id, service_id)",
        "A policy names each service only once.",
    )

    @api.depends("access", "quota")
    @api.depends_context("lang")
    def _compute_terms(self):
        for entitlement in self:
            entitlement.terms = (
                entitlement._get_terms_label() if entitlement.access else False
            )

    def _get_terms(self):
        """The terms of one entitlement, as the fairness functions compare them."""
        self.ensure_one()
        return Terms(self.access, self.quota)

    def _get_terms_label(self):
        """The terms in words: “Included, 4 times a year”."""
        self.ensure_one()
        access = dict(self._fields["access"]._description_selection(self.env))[
            self.access
        ]
        if not self.quota:
            return access
        if self.quota == 1:
            return self.env._("%(access)s, once a year", access=access)
        return self.env._(
            "%(access)s, %(quota)s times a year", access=access, quota=self.quota
        )

    @api.constrains("quota")
    def _check_quota(self):
        for entitlement in self.filtered(lambda item: item.quota < 0):
            raise ValidationError(
                self.env._(
                    "%(policy)s, %(service)s: %(quota)s times a year is no number of times. Enter 0 for no limit.",
                    policy=entitlement.policy_id.display_name,
                    service=entitlement.service_id.name,
                    quota=entitlement.quota,
                )
            )

    @api.constrains("policy_id", "service_id", "access", "quota", "ground")
    def _check_fairness(self):
        self.policy_id._check_entitlements()

    def unlink(self):
        policies = self.policy_id
        result = super().unlink()
        policies.exists()._check_entitlements()
        return result
