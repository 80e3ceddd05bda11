from odoo import api, fields, models

from ...queries import documents, interactions
from ...queries.sources import union_all


class CrmRelationshipSourceTicket(models.AbstractModel):
    """Tickets, and what was written and done on them."""

    _name = "crm.relationship.source.ticket"
    _inherit = "crm.relationship.source"
    _description = "Tickets as Relationship Facts"

    @api.model
    def _interaction_query(self):
        # What is on the tickets of one customer is read with the log, in one statement.
        if self.env.context.get("relationship_customer_id"):
            return interactions.tickets()
        root = self.env.ref("base.partner_root").id
        return union_all([interactions.tickets(), interactions.ticket_contacts(root)])


class CrmRelationshipSourceLog(models.AbstractModel):
    """Mails, comments and done activities on contacts, leads, orders and relationships."""

    _name = "crm.relationship.source.log"
    _inherit = "crm.relationship.source"
    _description = "Mails and Activities as Relationship Facts"

    @api.model
    def _get_documents(self):
        """Model -> SELECT of its documents, with the columns that ``queries.documents`` names. An addon adds with
        super."""
        return {
            "res.partner": documents.PARTNERS,
            "crm.lead": documents.LEADS,
            "sale.order": documents.ORDERS,
            "crm.relationship": documents.RELATIONSHIPS,
        }

    @api.model
    def _interaction_query(self):
        root = self.env.ref("base.partner_root").id
        customer_id = self.env.context.get("relationship_customer_id")
        if customer_id:
            own = {"helpdesk.ticket": documents.TICKETS, **self._get_documents()}
            return interactions.contacts_of(customer_id, own, root)
        if self.env.context.get("relationship_without_initiative"):
            return interactions.logged_without_initiative(self._get_documents(), root)
        return interactions.logged_contacts(self._get_documents(), root)


class CrmRelationshipSourceMeeting(models.AbstractModel):
    """Past meetings with customers."""

    _name = "crm.relationship.source.meeting"
    _inherit = "crm.relationship.source"
    _description = "Meetings as Relationship Facts"

    @api.model
    def _interaction_query(self):
        return interactions.meetings(fields.Datetime.now())


class CrmRelationshipSourcePortal(models.AbstractModel):
    """What customers do for themselves in the portal, besides tickets: log in, accept orders."""

    _name = "crm.relationship.source.portal"
    _inherit = "crm.relationship.source"
    _description = "Portal Visits as Relationship Facts"

    @api.model
    def _interaction_query(self):
        return union_all([interactions.logins(), interactions.accepted_orders()])
