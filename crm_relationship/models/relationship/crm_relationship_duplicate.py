from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...queries import duplicates


class CrmRelationship(models.Model):
    """Customers that may be the same one, and the way to Odoo's merge."""

    _inherit = "crm.relationship"

    duplicate_partner_ids = fields.Many2many(
        "res.partner",
        string="Possible Duplicates",
        compute="_compute_duplicates",
        groups="base.group_user",
        help="Customers with the same tax ID, mail, phone or nearly the same name.",
    )
    duplicate_hint = fields.Text(
        string="Why",
        compute="_compute_duplicates",
        groups="base.group_user",
        help="What each of them has in common with this customer.",
    )
    has_duplicate = fields.Boolean(
        string="Has a Possible Duplicate",
        compute="_compute_duplicates",
        search="_search_has_duplicate",
        groups="base.group_user",
    )

    @api.depends("partner_id")
    @api.depends_context("lang", "uid")
    def _compute_duplicates(self):
        self.env["res.partner"].flush_model()
        reasons = {}
        for partner_id, other_id, codes in (
            duplicates.find_duplicates(self.env, self.partner_id.ids)
            if self.partner_id.ids
            else ()
        ):
            reasons.setdefault(partner_id, {})[other_id] = codes
        others = {other_id for found in reasons.values() for other_id in found}
        readable = self.env["res.partner"].browse(others)._filtered_access("read")
        readable.mapped("display_name")  # all names with one query
        for relationship in self:
            found = reasons.get(relationship.partner_id.id, {})
            partners = readable.filtered(lambda item, found=found: item.id in found)
            relationship.duplicate_partner_ids = partners
            relationship.has_duplicate = bool(partners)
            relationship.duplicate_hint = "\n".join(
                relationship._get_duplicate_text(partner, found[partner.id])
                for partner in partners
            )

    @api.model
    def _get_duplicate_text(self, partner, codes):
        """One line: the other customer, and what both have in common."""
        names = {
            "vat": self.env._("same tax ID"),
            "email": self.env._("same mail address"),
            "phone": self.env._("same phone number"),
            "name": self.env._("same name"),
            "near_name": self.env._("similar name"),
        }
        codes = [code for code in codes if code != "near_name" or "name" not in codes]
        return self.env._(
            "%(customer)s: %(reasons)s",
            customer=partner.display_name,
            reasons=", ".join(names[code] for code in names if code in codes),
        )

    @api.model
    def _search_has_duplicate(self, operator, value):
        self._check_field_access(self._fields["has_duplicate"], "read")
        if operator != "in":
            return NotImplemented
        self.env["res.partner"].flush_model()
        return Domain("partner_id", "in", duplicates.duplicated_partners())

    def action_merge_duplicates(self):
        """Open Odoo's merge with this customer and its possible duplicates chosen."""
        self.ensure_one()
        self.check_access("write")
        partners = self.partner_id + self.duplicate_partner_ids
        if len(partners) < 2:
            raise UserError(
                self.env._(
                    "No other customer looks like %(customer)s. Choose the contacts to merge in the list of contacts.",
                    customer=self.display_name,
                )
            )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "base.action_partner_merge"
        )
        context = {"active_model": "res.partner", "active_ids": partners.ids}
        return dict(action, context=context)
