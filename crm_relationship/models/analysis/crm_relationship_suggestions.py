from odoo import fields, models


class CrmRelationship(models.Model):
    """What we could offer this customer next."""

    _inherit = "crm.relationship"

    suggestion_ids = fields.One2many(
        "crm.relationship.suggestion",
        "relationship_id",
        string="Suggestions",
        groups="crm_relationship.group_relationship_user",
    )
    open_suggestion_count = fields.Integer(
        compute="_compute_open_suggestion_count",
        string="Open Suggestions",
        groups="crm_relationship.group_relationship_user",
    )

    def _compute_open_suggestion_count(self):
        groups = self.env["crm.relationship.suggestion"]._read_group(
            [("relationship_id", "in", self.ids), ("state", "=", "open")],
            ["relationship_id"],
            ["__count"],
        )
        counts = {relationship.id: count for relationship, count in groups}
        for relationship in self:
            relationship.open_suggestion_count = counts.get(relationship.id, 0)

    def action_view_suggestions(self):
        """Open what is suggested to this customer."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "crm_relationship.crm_relationship_suggestion_action"
        )
        domain = [("relationship_id", "=", self.id)]
        return dict(action, domain=domain, context={"search_default_pending": 1})

    def _merge_into(self, target):
        """What is suggested to both is suggested once; the rest goes along with its history."""
        keys = {item._get_key() for item in target.sudo().suggestion_ids._get_pending()}
        for suggestion in self.sudo().suggestion_ids._get_pending():
            key = suggestion._get_key()
            if key in keys:
                suggestion.unlink()
            keys.add(key)
        return super()._merge_into(target)
