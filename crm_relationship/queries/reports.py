"""The SELECTs behind the report models: facts with the relationship that they belong to."""

from datetime import date
from typing import NamedTuple

from odoo.tools import SQL

# Where in the number of a row its customer begins.
PARTNER_BITS = 27


class Scope(NamedTuple):
    """What of a report is read: the months of these days and the rows of these customers (0 for none), None where all
    are meant; and whether with the rows' ids."""

    first: date | None = None
    last: date | None = None
    partner_ids: list[int] | None = None
    has_id: bool = True

    def condition(self):
        """Condition: the row is of these customers, and ``date`` lies in the months from the first to the last day.
        Whole months, because rows are numbered within them."""
        conditions = [SQL("TRUE")]
        if self.partner_ids is not None:
            name = SQL(
                "COALESCE(partner_id, 0)" if 0 in self.partner_ids else "partner_id"
            )
            conditions.append(SQL("%s = ANY(%s)", name, self.partner_ids))
        if self.first is not None:
            conditions.append(
                SQL("date >= date_trunc('month', %s::timestamp)", self.first)
            )
        if self.last is not None:
            conditions.append(
                SQL(
                    "date < date_trunc('month', %s::timestamp) + interval '1 month'",
                    self.last,
                )
            )
        return SQL(" AND ").join(conditions)

    def row_id(self, order):
        """A number for each row of ``contract``: its customer, its month and its place among the customer's of that
        month; NULL where nobody needs it.

        The customer and the month are in the numbering's partition, so that a filter by customer reaches the indexes
        of the documents, and a row keeps its number whatever other months are read. It fits into the 53 bits of a
        number in JavaScript: 26 for the customer, 9 for the month, which come again after 42 years, 18 for the place.

        :param order: columns that tell two rows of a customer apart.
        """
        if not self.has_id:
            return SQL("NULL::bigint")
        return SQL(
            """
            (COALESCE(contract.partner_id, 0)::bigint << %(partner_bits)s)
            + ((EXTRACT(YEAR FROM contract.date) * 12 + EXTRACT(MONTH FROM contract.date))::bigint %% 512 << 18)
            + ROW_NUMBER() OVER (PARTITION BY contract.partner_id, date_trunc('month', contract.date)
                                 ORDER BY %(order)s)
            """,
            partner_bits=PARTNER_BITS,
            order=SQL(", ").join(SQL.identifier("contract", name) for name in order),
        )


def get_partner_id(row_id):
    """Whose row a number of :meth:`Scope.row_id` means; 0 for nobody's.

    >>> get_partner_id((7 << 27) + (300 << 18) + 1)
    7
    """
    return row_id >> PARTNER_BITS


def _customer_row_id(order):
    """A number for each row of ``contract``: its customer and its place among the customer's."""
    return SQL(
        """
        (contract.partner_id::bigint << %(partner_bits)s)
        + ROW_NUMBER() OVER (PARTITION BY contract.partner_id ORDER BY %(order)s)
        """,
        partner_bits=PARTNER_BITS,
        order=SQL(", ").join(SQL.identifier("contract", name) for name in order),
    )


def with_relationship(facts, order, scope=None):
    """The columns of a contract, an id, and where the customer stands today.

    The relationship is joined below the filters of the report: of what these leave PostgreSQL expects so little that
    it looks every customer up by itself. Index: ``crm_relationship(partner_id, company_id)``.

    :param order: columns of the contract that tell two facts of a customer apart.
    :param scope: :class:`Scope`; None for rows without a date, which are numbered for each customer, and all read.
    """
    row_id = scope.row_id(order) if scope else _customer_row_id(order)
    return SQL(
        """
        SELECT contract.*, %(row_id)s AS id,
               relation.id AS relationship_id,
               relation.segment_id, relation.primary_type_id, relation.manager_id
          FROM (SELECT * FROM (%(facts)s) fact WHERE %(condition)s) contract
          LEFT JOIN crm_relationship relation
                 ON relation.partner_id = contract.partner_id AND relation.company_id = contract.company_id
        """,
        facts=facts,
        row_id=row_id,
        condition=scope.condition() if scope else SQL("TRUE"),
    )


def with_margin(transactions):
    """Transactions with what is left of the revenue."""
    return SQL(
        "SELECT transaction.*, transaction.revenue - transaction.cost AS margin FROM (%s) transaction",
        transactions,
    )


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
