from odoo import api, models

from ..queries import interactions


class CrmRelationshipSourceTicket(models.AbstractModel):
    """Tickets as contacts of the customer."""

    _name = "crm.relationship.source.ticket"
    _inherit = "crm.relationship.source"
    _description = "Tickets as Relationship Facts"

    @api.model
    def _interaction_query(self):
        return interactions.tickets()
