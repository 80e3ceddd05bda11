from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        """Merge the relationships first: the generic way would delete those that exist on both sides."""
        relationships = (
            self.env["crm.relationship"].sudo().with_context(active_test=False)
        )
        target = dst_partner.commercial_partner_id
        for relationship in relationships.search(
            [("partner_id", "in", src_partners.ids)]
        ):
            relationship._move_to(target)
        self.env.flush_all()
        tickets = self.env["helpdesk.ticket"].sudo().with_context(active_test=False)
        moved = tickets.search([("partner_id", "child_of", src_partners.ids)])
        result = super()._update_foreign_keys(src_partners, dst_partner)
        self.env.invalidate_all()
        self.env.add_to_compute(tickets._fields["commercial_partner_id"], moved)
        moved._apply_promise()
        return result
