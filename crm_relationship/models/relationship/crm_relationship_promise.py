from odoo import api, fields, models
from odoo.fields import Domain

from ...analytics import fairness


class CrmRelationship(models.Model):
    """The policy that holds for a customer, and why."""

    _inherit = "crm.relationship"

    policy_id = fields.Many2one(
        "crm.relationship.policy",
        compute="_compute_policy_id",
        search="_search_policy_id",
        compute_sudo=True,
        groups="base.group_user",
        help="The promise that holds for this customer.",
    )
    policy_reason = fields.Char(
        compute="_compute_policy_id", compute_sudo=True, groups="base.group_user"
    )
    first_response_hours = fields.Float(related="policy_id.first_response_hours")
    resolution_hours = fields.Float(related="policy_id.resolution_hours")
    entitlement_ids = fields.Many2many(
        "crm.relationship.entitlement",
        compute="_compute_entitlement_ids",
        compute_sudo=True,
        groups="base.group_user",
        help="The services within the customer's reach, each on the terms that hold for him.",
    )

    @api.depends("segment_id", "primary_type_id", "company_id")
    @api.depends_context("lang")
    def _compute_policy_id(self):
        policies = self.env["crm.relationship.policy"]
        for company, relationships in self.grouped("company_id").items():
            rules = policies._get_rules(company)
            for relationship in relationships:
                policy = policies._get_chain(
                    company,
                    relationship.segment_id,
                    relationship.primary_type_id,
                    rules,
                )[:1]
                relationship.policy_id = policy
                relationship.policy_reason = policy and policy._get_reason()

    @api.depends("policy_id")
    def _compute_entitlement_ids(self):
        for relationship in self:
            relationship.entitlement_ids = relationship._get_entitlements()

    def _get_policy_chain(self):
        """The policies that fit this customer, the most specific first, the floor last."""
        self.ensure_one()
        policies = self.env[
            "crm.relationship.policy"
        ].sudo()  # sudo: portal customers have no access
        return policies._get_chain(
            self.company_id, self.sudo().segment_id, self.primary_type_id
        )

    def _get_entitlements(self):
        """For each service within reach, the entitlement of the most specific policy that names it."""
        chain = self._get_policy_chain()
        reached = fairness.reach(chain.ids, chain._get_offers())
        return chain.entitlement_ids.browse(
            item.id for item in reached.values()
        ).sorted("sequence")

    def _search_policy_id(self, operator, value):
        self._check_field_access(self._fields["policy_id"], "read")
        if operator not in ("in", "any", "="):
            return NotImplemented
        policies = self.env["crm.relationship.policy"].sudo()
        wanted = policies.search([("id", operator, value)])
        pairs = self.sudo()._read_group(
            [("company_id", "in", wanted.company_id.ids)],
            ["company_id", "segment_id", "primary_type_id"],
        )
        rules = {company: policies._get_rules(company) for company in wanted.company_id}
        return Domain.OR(
            Domain("company_id", "=", company.id)
            & Domain("segment_id", "=", segment.id)
            & Domain("primary_type_id", "=", type_.id)
            for company, segment, type_ in pairs
            if policies._get_chain(company, segment, type_, rules[company])[:1]
            in wanted
        )

    def _on_policy_change(self):
        """The policy may be another one: renew the promise of the open tickets."""
        self.invalidate_recordset(["policy_id", "policy_reason", "type_ids"])
        self.env["helpdesk.ticket"].sudo().search(
            [("relationship_id", "in", self.ids), ("stage_id.closed", "=", False)]
        )._apply_promise()
