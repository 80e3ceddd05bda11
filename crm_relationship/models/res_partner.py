from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain


class ResPartner(models.Model):
    """Contacts show the relationship of their company with the current one of ours."""

    _inherit = "res.partner"

    relationship_id = fields.Many2one(
        "crm.relationship",
        compute="_compute_relationship_id",
        search="_search_relationship_id",
    )
    relationship_type_id = fields.Many2one(
        "crm.relationship.type",
        compute="_compute_relationship_id",
        search="_search_relationship_type_id",
    )
    relationship_segment_id = fields.Many2one(
        "crm.relationship.segment",
        compute="_compute_relationship_id",
        search="_search_relationship_segment_id",
        groups="base.group_user",
    )

    # --- the relationship seen from a contact ---

    @api.depends("commercial_partner_id")
    @api.depends_context("company", "uid")
    def _compute_relationship_id(self):
        relationships = self.env["crm.relationship"]
        found = {}
        if relationships.has_access("read"):
            found = {
                item.partner_id: item
                for item in relationships.with_context(active_test=False).search(
                    [
                        ("partner_id", "in", self.commercial_partner_id.ids),
                        ("company_id", "=", self.env.company.id),
                    ]
                )
            }
        for partner in self:
            relationship = found.get(partner.commercial_partner_id, relationships)
            partner.relationship_id = relationship
            partner.relationship_type_id = relationship.primary_type_id
            partner.relationship_segment_id = relationship.sudo().segment_id

    def _search_relationship(self, domain, is_negative=False):
        """Contacts whose company has a relationship with the current company that fits the domain."""
        own = Domain("company_id", "=", self.env.company.id)
        relationships = self.env["crm.relationship"].with_context(active_test=False)
        query = relationships._search(own & domain)
        operator = "not in" if is_negative else "in"
        return Domain("commercial_partner_id", operator, query.subselect("partner_id"))

    def _search_relationship_field(self, name, operator, value):
        """Search by a field of the relationship; a falsy value finds the contacts without one."""
        if operator not in ("in", "any"):
            return NotImplemented
        if operator == "any":
            return self._search_relationship(Domain(name, "any", value))
        values = set(value)
        domain = self._search_relationship(Domain(name, "in", list(values - {False})))
        if False in values:
            domain |= self._search_relationship(
                Domain(name, "!=", False), is_negative=True
            )
        return domain

    def _search_relationship_id(self, operator, value):
        return self._search_relationship_field("id", operator, value)

    def _search_relationship_type_id(self, operator, value):
        return self._search_relationship_field("primary_type_id", operator, value)

    def _search_relationship_segment_id(self, operator, value):
        return self._search_relationship_field("segment_id", operator, value)

    def action_view_relationship(self):
        """Open the relationship of this contact's company, making it if there is none yet."""
        self.ensure_one()
        relationships = self.env["crm.relationship"]
        relationships.check_access("read")
        pair = (self.env.company.id, self.commercial_partner_id.id)
        if not self.relationship_id and relationships.has_access("create"):
            relationships.sudo()._get_or_create([pair])
            self.invalidate_recordset(["relationship_id"])
        if not self.relationship_id:
            raise AccessError(
                self.env._(
                    "%(customer)s is looked after by colleagues: you see the customers that you or your team"
                    " look after. Ask your manager to open it for you.",
                    customer=self.commercial_partner_id.display_name,
                )
            )
        return {
            "type": "ir.actions.act_window",
            "res_model": "crm.relationship",
            "view_mode": "form",
            "res_id": self.relationship_id.id,
        }

    # --- the relationship follows ---

    def write(self, vals):
        if not {"parent_id", "is_company"} & set(vals):
            return super().write(vals)
        before = {
            partner: partner.commercial_partner_id for partner in self._get_family()
        }
        result = super().write(vals)
        moved = self.browse().concat(
            *(
                partner
                for partner, old in before.items()
                if partner.commercial_partner_id != old
            )
        )
        moved._move_relationships()
        return result

    def _get_family(self):
        return self.with_context(active_test=False).search(
            [("id", "child_of", self.ids)]
        )

    def _move_relationships(self):
        """These contacts belong to another company now: what they were to us goes with them.

        A company that became a contact hands its relationship over. Tickets follow their contact.
        """
        relationships = (
            self.env["crm.relationship"].sudo().with_context(active_test=False)
        )
        for relationship in relationships.search([("partner_id", "in", self.ids)]):
            new_partner = relationship.partner_id.commercial_partner_id
            if new_partner != relationship.partner_id:
                relationship._move_to(new_partner)
        self.env["helpdesk.ticket"].sudo().with_context(active_test=False).search(
            [("partner_id", "in", self.ids)]
        )._apply_promise()

    # --- tickets of a contact, counted set-based (helpdesk_mgmt searches once per partner) ---

    def _compute_helpdesk_ticket_count(self):
        total, active = self._count_tickets()
        for partner in self:
            partner.helpdesk_ticket_count = total[partner.id]
            partner.helpdesk_ticket_active_count = active[partner.id]
            partner.helpdesk_ticket_count_string = (
                f"{active[partner.id]} / {total[partner.id]}"
            )

    def _count_tickets(self):
        """Tickets of each partner and the contacts below it, as counters (all, open) by partner id."""
        groups = self.env["helpdesk.ticket"]._read_group(
            [("partner_id", "child_of", self.ids)],
            ["partner_id", "stage_id.closed"],
            ["__count"],
        )
        total, active = Counter(), Counter()
        for partner, is_closed, count in groups:
            while partner:
                total[partner.id] += count
                active[partner.id] += 0 if is_closed else count
                partner = partner.sudo().parent_id
        return total, active
