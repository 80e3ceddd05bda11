from odoo import api, models

from ...queries import feedback

PHASES = {
    "helpdesk.ticket": "after_sale",
    "sale.order": "in_sale",
    "crm.lead": "pre_sale",
}


class CrmRelationshipSourceRating(models.AbstractModel):
    """Odoo's ratings of tickets, orders, leads and whatever else is rated."""

    _name = "crm.relationship.source.rating"
    _inherit = "crm.relationship.source"
    _description = "Ratings as Relationship Facts"

    @api.model
    def _get_rated_models(self):
        """Names of the models whose own company decides where a rating belongs."""
        rated = {
            name
            for name, model in self.env.registry.items()
            if not model._abstract
            and model._auto
            and "rating_last_value" in model._fields
        }
        return sorted(
            name
            for name in rated | set(PHASES)
            if (field := self.env[name]._fields.get("company_id"))
            and field.store
            and field.column_type
        )

    @api.model
    def _get_rated_documents(self):
        """Model -> (table, phase), of the rated models."""
        return {
            name: (self.env[name]._table, PHASES.get(name, "relationship"))
            for name in self._get_rated_models()
        }

    @api.model
    def _feedback_query(self):
        return feedback.ratings(self._get_rated_documents())

    @api.model
    def _invitation_query(self):
        return feedback.invitations(self._get_rated_documents())
