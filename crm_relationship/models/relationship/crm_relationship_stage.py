from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmRelationshipStage(models.Model):
    """A stage of the customer journey. Kept by managers; shared by all companies."""

    _name = "crm.relationship.stage"
    _description = "Relationship Stage"
    _order = "sequence, id"
    _rec_names_search = ["name", "code"]

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        help="Technical name of the stages that the suite itself puts new relationships in."
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    fold = fields.Boolean(string="Folded in Kanban")
    description = fields.Text(
        translate=True, help="When a relationship is in this stage."
    )

    _code_unique = models.UniqueIndex(
        "(code) WHERE code IS NOT NULL", "Another stage already has this code."
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        for stage in self:
            count = (
                self.env["crm.relationship"]
                .with_context(active_test=False)
                .search_count([("stage_id", "=", stage.id)])
            )
            if count or stage.code:
                raise UserError(
                    self.env._(
                        "The stage “%(name)s” cannot be deleted: %(count)s relationships are in it, or new"
                        " ones are put in it. Archive it instead.",
                        name=stage.name,
                        count=count,
                    )
                )
