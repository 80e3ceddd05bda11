from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmRelationshipType(models.Model):
    """A type of relationship: a service model, not a price. Eight come as data; managers may add more."""

    _name = "crm.relationship.type"
    _description = "Relationship Type"
    _order = "sequence, id"
    _rec_names_search = ["name", "code"]

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    color = fields.Integer()
    channel_ids = fields.Many2many(
        "helpdesk.ticket.channel",
        string="Channels",
        help="How customers of this type reach us, and we them.",
    )
    needs_manager = fields.Boolean(
        string="Dedicated Manager",
        help="Each customer of this type is due a contact person of his own; a missing one is pointed out.",
    )
    is_self_service_first = fields.Boolean(
        string="Self-service First",
        help="The portal leads with what the customer can do himself, before the ways to reach a person.",
    )
    description = fields.Text(
        translate=True,
        groups="base.group_user",
        help="When to choose this type. For colleagues.",
    )
    promise = fields.Text(
        translate=True,
        required=True,
        help="What the customer may expect, in plain words. Customers read it in the portal.",
    )
    relationship_count = fields.Integer(compute="_compute_relationship_count")

    _code_unique = models.Constraint(
        "UNIQUE (code)", "Another relationship type already has this code."
    )

    def _compute_relationship_count(self):
        counts = dict(
            self.env["crm.relationship"]._read_group(
                [("primary_type_id", "in", self.ids)], ["primary_type_id"], ["__count"]
            )
        )
        for type_ in self:
            type_.relationship_count = counts.get(type_, 0)

    def _get_losses(self, new_type):
        """What a customer of this type loses by moving to another one, as phrases; empty if nothing."""
        self.ensure_one()
        losses = []
        if self.needs_manager and not new_type.needs_manager:
            losses.append(self.env._("a dedicated manager"))
        if new_type.is_self_service_first and not self.is_self_service_first:
            losses.append(self.env._("a person as the first answer"))
        lost_channels = self.channel_ids - new_type.channel_ids
        if lost_channels:
            losses.append(
                self.env._(
                    "the channels %(names)s",
                    names=", ".join(lost_channels.mapped("name")),
                )
            )
        return losses

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        for type_ in self:
            users = {
                self.env._("assignments"): "crm.relationship.assignment",
                self.env._("policies"): "crm.relationship.policy",
            }
            counts = {
                name: self.env[model]
                .sudo()
                .with_context(active_test=False)
                .search_count([("type_id", "=", type_.id)])
                for name, model in users.items()
            }
            companies = (
                self.env["res.company"]
                .sudo()
                .search_count([("relationship_default_type_id", "=", type_.id)])
            )
            if any(counts.values()) or companies:
                raise UserError(
                    self.env._(
                        "The relationship type “%(name)s” cannot be deleted: it is in use (%(uses)s) or the"
                        " default type of a company. Archive it instead, or move its customers first.",
                        name=type_.name,
                        uses=", ".join(
                            f"{count} {name}" for name, count in counts.items()
                        ),
                    )
                )
