from odoo import api, fields, models
from odoo.fields import Domain


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

    def _search_policy_id(self, operator, value):
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
