from odoo import fields, models


class CrmRelationship(models.Model):
    """The key account plans of a relationship."""

    _inherit = "crm.relationship"

    plan_ids = fields.One2many(
        "crm.relationship.plan",
        "relationship_id",
        string="Key Account Plans",
        groups="crm_relationship.group_relationship_user",
    )
    plan_count = fields.Integer(
        compute="_compute_plan_count", groups="crm_relationship.group_relationship_user"
    )

    def _compute_plan_count(self):
        groups = self.env["crm.relationship.plan"]._read_group(
            [("relationship_id", "in", self.ids)], ["relationship_id"], ["__count"]
        )
        counts = {relationship.id: count for relationship, count in groups}
        for relationship in self:
            relationship.plan_count = counts.get(relationship._origin.id, 0)

    def action_view_plans(self):
        """Open the key account plans of this customer; without any, the form of a new one."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "crm_relationship.crm_relationship_plan_action"
        )
        action["domain"] = [("relationship_id", "=", self.id)]
        action["context"] = {"default_relationship_id": self.id}
        plans = self.env["crm.relationship.plan"]
        if not self.plan_count and plans.has_access("create"):
            action.update(views=[(False, "form")], view_mode="form")
        return action

    def _merge_into(self, target):
        """Plans go along; two plans of one year become one, as the customers did."""
        for source in self.sudo():
            source._hand_over_plans(target.sudo())
        return super()._merge_into(target)

    def _hand_over_plans(self, target):
        own = target.plan_ids.grouped("year")
        for plan in self.plan_ids:
            if plan.year in own:
                plan._merge_into(own[plan.year])
            else:
                plan.relationship_id = target
