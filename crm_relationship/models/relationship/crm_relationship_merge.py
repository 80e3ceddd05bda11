from odoo import fields, models

from ...queries import merge, snapshots


class CrmRelationship(models.Model):
    """Customers move and merge: what they were to us goes with them, once."""

    _inherit = "crm.relationship"

    def _move_to(self, partner):
        """The customer is part of another one now: the relationship becomes that one's, or is merged into it."""
        self.ensure_one()
        pair = (self.company_id.id, partner.id)
        target = self._find([pair]).get(pair)
        if target:
            self._merge_into(target)
        else:
            self.partner_id = partner

    def _merge_into(self, target):
        """Hand everything of these relationships over to another one of the same company, then remove them.

        What people decided on the target stays; what it lacks is taken over. Types that would overlap are kept
        as history that ended the day before.
        """
        target.ensure_one()
        wizard = self.env["base.partner.merge.automatic.wizard"].sudo()
        for source in self.sudo():
            source._hand_over_types(target.sudo())
            target.sudo().write(source._prepare_merge_values(target.sudo()))
        self.env.flush_all()
        merge.drop_assignments(self.env, self.ids)
        snapshots.merge_snapshots(self.env, self.ids, target.id)
        wizard._update_foreign_keys_generic(self._name, self, target)
        wizard._update_reference_fields_generic(self._name, self, target)
        self.env.invalidate_all()
        self.sudo().unlink()

    def _prepare_merge_values(self, target):
        """What the target lacks and this relationship has."""
        names = ["manager_id", "deputy_id", "stage_id", "last_type_id"]
        values = {
            name: self[name].id for name in names if self[name] and not target[name]
        }
        if values.get("deputy_id") == (
            values.get("manager_id") or target.manager_id.id
        ):
            values.pop("deputy_id", None)
        if self.segment_is_manual and not target.segment_is_manual:
            names = ("segment_is_manual", "segment_reason", "segment_until_date")
            values.update(
                {name: self[name] for name in names}, segment_id=self.segment_id.id
            )
        return values

    def _hand_over_types(self, target):
        today = fields.Date.context_today(self)
        has_primary = bool(target._get_primary_assignment())
        for assignment in self.assignment_ids:
            clashing = target.assignment_ids.filtered(
                lambda item, own=assignment: item.type_id == own.type_id
                and item._overlaps(own)
            )
            if clashing:
                clashing.since = min(clashing.mapped("since") + [assignment.since])
                continue
            overlapping = target.assignment_ids.filtered(
                lambda item, own=assignment: item.is_primary and item._overlaps(own)
            )
            values = {"relationship_id": target.id}
            if assignment.is_primary and (
                overlapping or (has_primary and assignment._covers(today))
            ):
                values["is_primary"] = False
            assignment.write(values)
