"""The SELECTs behind the report models: facts with the relationship that they belong to."""

from odoo.tools import SQL

# The lower bits of an id: the place of the fact among those of its customer.
PLACE_BITS = 24


def with_relationship(facts, order):
    """The columns of a contract, an id, and where the customer stands today.

    The id is the customer and the place among the customer's facts, so that a filter by customer reaches the indexes
    of the documents. Index: ``crm_relationship(partner_id, company_id)``.

    :param order: columns of the contract that tell two facts of a customer apart.
    """
    return SQL(
        """
        SELECT fact.*, relation.id AS relationship_id,
               relation.segment_id, relation.primary_type_id, relation.manager_id
          FROM (SELECT contract.*,
                       (contract.partner_id::bigint << %(place_bits)s)
                       + ROW_NUMBER() OVER (PARTITION BY contract.partner_id ORDER BY %(order)s) AS id
                  FROM (%(facts)s) contract) fact
          LEFT JOIN crm_relationship relation
                 ON relation.partner_id = fact.partner_id AND relation.company_id = fact.company_id
        """,
        facts=facts,
        place_bits=PLACE_BITS,
        order=SQL(", ").join(SQL.identifier("contract", name) for name in order),
    )


def get_partner_id(fact_id):
    """The customer of a fact by its id: a search that names him reaches the indexes, one by the id alone reads all."""
    return fact_id >> PLACE_BITS


def with_channel(facts):
    """Interactions with the record of their channel, whose name is translated."""
    return SQL(
        """
        SELECT interaction.*, way.id AS channel_id
          FROM (%s) interaction
          LEFT JOIN crm_relationship_channel way ON way.code = interaction.channel
        """,
        facts,
    )
