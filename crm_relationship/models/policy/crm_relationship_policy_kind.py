from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .crm_relationship_policy_fairness import MAX_PROMISE_HOURS

HOURS = ("first_response_hours", "resolution_hours")


class CrmRelationshipPolicyKind(models.Model):
    """Within a policy, what is promised for tickets of one kind. Kept by managers."""

    _name = "crm.relationship.policy.kind"
    _description = "Promise for a Kind of Ticket"
    _order = "policy_id, kind_id"
    _rec_name = "kind_id"

    policy_id = fields.Many2one(
        "crm.relationship.policy", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="policy_id.company_id", store=True)
    kind_id = fields.Many2one(
        "crm.relationship.ticket.kind", required=True, ondelete="cascade"
    )
    first_response_hours = fields.Float(
        required=True,
        default=8.0,
        aggregator=None,
        help="Working hours until a person answers.",
    )
    resolution_hours = fields.Float(
        required=True,
        default=40.0,
        aggregator=None,
        help="Working hours until it is solved.",
    )

    _kind_once = models.Constraint(
        "UNIQUE (policy_id, kind_id)", "A policy names each kind only once."
    )

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        for promise in records:
            promise._tell(self.env._("Added: %s", promise._get_text()))
        records.policy_id._update_open_tickets()
        return records

    def write(self, vals):
        before = {promise: promise._get_text() for promise in self}
        result = super().write(vals)
        for promise, text in before.items():
            if promise._get_text() != text:
                promise._tell(f"{text} → {promise._get_text()}")
        self.policy_id._update_open_tickets()
        return result

    def unlink(self):
        policies = self.policy_id
        for promise in self:
            promise._tell(self.env._("Removed: %s", promise._get_text()))
        result = super().unlink()
        policies = policies.exists()
        policies._check_kinds()
        policies._update_open_tickets()
        return result

    def _get_text(self):
        self.ensure_one()
        return self.env._(
            "%(kind)s: first response in %(response)g, resolution in %(resolution)g working hours",
            kind=self.kind_id.name,
            response=self.first_response_hours,
            resolution=self.resolution_hours,
        )

    def _tell(self, text):
        """Keep a change in the history of the policy, as all that it promises."""
        self.policy_id.message_post(
            body=self.env._("Promises by kind. %(change)s", change=text)
        )

    @api.constrains(*HOURS)
    def _check_hours(self):
        for promise in self:
            for field in HOURS:
                hours = promise[field]
                if not 0 < hours <= MAX_PROMISE_HOURS:
                    raise ValidationError(
                        self.env._(
                            "%(policy)s, %(kind)s: %(hours)g hours cannot be promised. Enter working hours above 0"
                            " and up to %(max)s.",
                            policy=promise.policy_id.display_name,
                            kind=promise.kind_id.name,
                            hours=hours,
                            max=MAX_PROMISE_HOURS,
                        )
                    )
            if promise.resolution_hours < promise.first_response_hours:
                raise ValidationError(
                    self.env._(
                        "%(policy)s, %(kind)s promises a solution in %(resolution)g hours, before the first response"
                        " in %(response)g hours. Let the solution take at least as long.",
                        policy=promise.policy_id.display_name,
                        kind=promise.kind_id.name,
                        resolution=promise.resolution_hours,
                        response=promise.first_response_hours,
                    )
                )

    @api.constrains("policy_id", "kind_id", *HOURS)
    def _check_floor(self):
        self.policy_id._check_kinds()
