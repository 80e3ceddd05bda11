from odoo import api, models


class CrmRelationship(models.Model):
    """Where the buttons of a relationship lead."""

    _inherit = "crm.relationship"

    def action_view_tickets(self):
        """Open the tickets of this customer, the open ones first."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "crm_relationship.helpdesk_ticket_relationship_action"
        )
        context = {"search_default_open": 1, "default_partner_id": self.partner_id.id}
        return dict(action, domain=[("relationship_id", "=", self.id)], context=context)

    def action_view_orders(self):
        """Open the orders of this customer and its contacts."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("sale.action_orders")
        domain = [
            ("partner_id", "child_of", self.partner_id.id),
            ("company_id", "=", self.company_id.id),
            ("state", "=", "sale"),
        ]
        return dict(action, domain=domain, context={})

    def action_view_transactions(self):
        """Open what the customer bought and gave back, line by line."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "crm_relationship.crm_relationship_transaction_action"
        )
        domain = [
            ("partner_id", "=", self.partner_id.id),
            ("company_id", "=", self.company_id.id),
        ]
        return self._put_list_first(action, domain=domain, context={})

    @api.model
    def _put_list_first(self, action, **values):
        """The action of a report, for a button that promises the documents: the charts come after them."""
        modes = [mode for mode in action["view_mode"].split(",") if mode != "list"]
        modes = ",".join(["list", *modes])
        return dict(action, view_mode=modes, views=False, **values)

    def action_view_rhythms(self):
        """Open how often the customer buys each product, the latest by the own rhythm first."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "crm_relationship.crm_relationship_rhythm_action"
        )
        domain = [
            ("partner_id", "=", self.partner_id.id),
            ("company_id", "=", self.company_id.id),
        ]
        return dict(action, domain=domain, context={})

    def action_change_type(self):
        """Open the dialog that moves the customer to another primary type."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Change Type"),
            "res_model": "crm.relationship.type.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_relationship_id": self.id},
        }
