from odoo import api, models

from ...queries import facts, sources, tuning


class CrmRelationshipSource(models.AbstractModel):
    """One table of facts, told in the words of the contracts.

    A concrete source inherits this model, overrides the contracts for which it has facts and adds its name to
    :meth:`_get_sources`. Nothing else brings facts in.

    Where the context names a ``relationship_customer_id``, only the newest rows of this customer are read; where it
    says ``relationship_without_initiative``, nobody asks who began a conversation: a source that has a quicker way
    then takes it, all others need not mind.
    """

    _name = "crm.relationship.source"
    _description = "Source of Relationship Facts"

    @api.model
    def _get_sources(self):
        """Names of the models that bring facts in. An addon adds its own with super."""
        return [
            "crm.relationship.source.sale",
            "crm.relationship.source.refund",
            "crm.relationship.source.ticket",
            "crm.relationship.source.log",
            "crm.relationship.source.meeting",
            "crm.relationship.source.portal",
            "crm.relationship.source.rating",
        ]

    @api.model
    def _transaction_query(self):
        """SELECT with the columns ``queries.sources.TRANSACTION_COLUMNS`` in that order, or None.

        One row per document line: money in company currency, refunds negative, ``partner_id`` the
        commercial partner, ``date`` in UTC, ``quantity`` in the product's unit.
        """
        return None

    @api.model
    def _marked_transaction_query(self):
        """The rows of the transaction contract with the columns ``queries.sources.TRANSACTION_MARKS`` after its own,
        or None.

        ``is_cost_estimated``: the document does not know what the line cost, so that the product's present cost
        stands in. A source that may have such lines overrides this; for the others no cost is estimated.
        """
        query = self._transaction_query()
        return query and sources.unmarked(query)

    @api.model
    def _interaction_query(self):
        """SELECT with the columns ``queries.interactions.INTERACTION_COLUMNS`` in that order, or None.

        One row per contact with a customer: ``channel`` the code of a crm.relationship.channel, ``direction``
        in/out, ``initiative`` reactive (the customer began) or proactive (we did), ``level`` operational or
        collaborative (the customer helps himself), ``minutes`` of our working time.
        For one customer's newest rows, or where nobody asks for it, ``initiative`` may be NULL where a whole
        conversation would have to be read.
        """
        return None

    @api.model
    def _feedback_query(self):
        """SELECT with the columns ``queries.feedback.FEEDBACK_COLUMNS`` in that order, or None.

        One row per answer of a customer: ``metric`` such as csat, ``phase`` pre_sale, in_sale, after_sale or
        relationship, ``score`` as given, ``score_ratio`` 0 (worst) to 1 (best).
        """
        return None

    @api.model
    def _invitation_query(self):
        """SELECT with the columns ``queries.feedback.INVITATION_COLUMNS`` in that order, or None.

        One row per time that a customer was asked for his opinion, whether he answered or not.
        """
        return None

    @api.model
    def _get_transaction_query(self):
        """UNION ALL of what every source brings to the transaction contract."""
        return self._collect("_transaction_query")

    @api.model
    def _get_marked_transaction_query(self):
        """UNION ALL of what every source brings to the transaction contract, with the marks of each row."""
        return self._collect("_marked_transaction_query")

    @api.model
    def _get_interaction_query(self):
        """UNION ALL of what every source brings to the interaction contract."""
        return self._collect("_interaction_query")

    @api.model
    def _get_feedback_query(self):
        """UNION ALL of what every source brings to the feedback contract."""
        return self._collect("_feedback_query")

    @api.model
    def _get_invitation_query(self):
        """UNION ALL of what every source brings to the invitation contract."""
        return self._collect("_invitation_query")

    @api.model
    def _get_facts(self):
        """:class:`queries.facts.Facts` of the contracts themselves."""
        return facts.Facts(
            self._get_marked_transaction_query(), self._get_interaction_query()
        )

    @api.model
    def _collect(self, contract, *arguments):
        """UNION ALL of what every source brings to a contract, given by its method."""
        return sources.union_all(self._get_queries(contract, *arguments))

    @api.model
    def _get_queries(self, contract, *arguments):
        """What every source brings to a contract, one SELECT each.

        Who asks for it runs it: the database is told here, once for all reports, not to compile it.
        """
        tuning.run_uncompiled(self.env)
        queries = [
            getattr(self.env[name], contract)(*arguments)
            for name in self._get_sources()
        ]
        return [query for query in queries if query]


class CrmRelationshipSourceSale(models.AbstractModel):
    """Sales by the revenue basis of each company: posted invoices and receipts, or confirmed orders."""

    _name = "crm.relationship.source.sale"
    _inherit = "crm.relationship.source"
    _description = "Sales as Relationship Facts"

    @api.model
    def _transaction_query(self):
        return sources.contract(self._marked_transaction_query())

    @api.model
    def _marked_transaction_query(self):
        return sources.union_all([sources.invoiced_lines(), sources.ordered_lines()])


class CrmRelationshipSourceRefund(models.AbstractModel):
    """Posted credit notes, which count against either revenue basis."""

    _name = "crm.relationship.source.refund"
    _inherit = "crm.relationship.source"
    _description = "Credit Notes as Relationship Facts"

    @api.model
    def _transaction_query(self):
        return sources.contract(self._marked_transaction_query())

    @api.model
    def _marked_transaction_query(self):
        return sources.credit_note_lines()
