from odoo import api, fields, models

from ...queries import costs, leads, sources


class CrmRelationshipSource(models.AbstractModel):
    """The fourth contract: what serving the customers costs."""

    _inherit = "crm.relationship.source"

    @api.model
    def _get_sources(self):
        return [*super()._get_sources(), "crm.relationship.source.cost"]

    @api.model
    def _cost_query(self, facts):
        """SELECT with the columns ``queries.costs.COST_COLUMNS`` in that order, or None.

        One row per thing that cost something: ``amount`` in company currency, positive = cost, ``part`` one of
        ``crm.relationship.cost``'s (an addon adds its own there with ``selection_add``), ``partner_id`` the
        commercial partner, ``date`` in UTC, ``minutes`` of our work, ``is_estimated`` where a standard stands in
        for a measurement. Discounts and credited revenue are no part of it: they are in the margin.

        :param facts: :class:`queries.facts.Facts`; read what a contract holds there, it may have been computed.
        """
        return None

    @api.model
    def _get_cost_query(self, facts=None):
        """UNION ALL of what every source brings to the cost contract, computed of facts (None: of the contracts)."""
        source = self.with_context(relationship_without_initiative=True)
        return self._collect("_cost_query", facts or source._get_facts())

    @api.model
    def _get_lead_cost_query(self):
        """SELECT with the columns of the cost contract of what leads without a contact cost; ``partner_id`` is NULL.

        They are nobody's cost to serve, but effort on winning.
        """
        root = self.env.ref("base.partner_root").id
        return leads.lead_costs(root, fields.Datetime.now())

    @api.model
    def _get_cost_parts(self):
        """Codes of the cost parts that have a column ``<part>_amount`` in the snapshot.

        An addon that brings a part extends the selection of ``crm.relationship.cost`` and the snapshot's fields.
        """
        parts = self.env["crm.relationship.cost"]._fields["part"].get_values(self.env)
        columns = self.env["crm.relationship.snapshot"]._fields
        return [part for part in parts if f"{part}_amount" in columns]


class CrmRelationshipSourceCost(models.AbstractModel):
    """Cost of Odoo's own documents: interactions, tickets, credit notes and late payments."""

    _name = "crm.relationship.source.cost"
    _inherit = "crm.relationship.source"
    _description = "Cost to Serve as Relationship Facts"

    @api.model
    def _cost_query(self, facts):
        return sources.union_all(
            [
                costs.interaction_costs(facts.interactions),
                costs.ticket_costs(),
                costs.return_costs(),
                costs.late_payment_costs(fields.Date.today()),
            ]
        )
