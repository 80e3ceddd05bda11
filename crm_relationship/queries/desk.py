"""Conditions on tickets that compare their own columns, or need the ticket that they were merged into."""

from odoo.tools import SQL


def _column(model, alias, query):
    """Name of a field -> its column, known to be read so that it is flushed before."""
    return lambda name: model._field_to_sql(alias, name, query)


# What tells whether a ticket is merged: to be flushed, and named in ``_depends``.
MERGED_BY = ("duplicate_id", "company_id", "commercial_partner_id")


def is_merged(model, alias, query):
    """Whether a ticket was merged into another one, for the ORM: see :func:`merged`."""
    return _merged(_column(model, alias, query))


def merged(alias):
    """Whether the ticket of this alias was merged into another one; its :data:`MERGED_BY` have to be flushed."""
    return _merged(lambda name: SQL.identifier(alias, name))


def _merged(column):
    """The same company, and no other customer: the same rule as ``helpdesk.ticket._is_merged``.

    Index: the primary key, only for tickets with ``duplicate_id``.
    """
    return SQL(
        """
        (%(duplicate_id)s IS NOT NULL AND EXISTS (
            SELECT 1 FROM helpdesk_ticket kept
             WHERE kept.id = %(duplicate_id)s AND kept.company_id = %(company_id)s
               AND COALESCE(kept.commercial_partner_id = %(customer_id)s, TRUE)))
        """,
        duplicate_id=column("duplicate_id"),
        company_id=column("company_id"),
        customer_id=column("commercial_partner_id"),
    )


def first_response_verdict(model, alias, query, now):
    """Whether the first response came in time: 'kept', 'broken', or NULL while it is open or nothing was promised.

    A ticket that was closed without an answer counts as answered by its close, as in the audit.
    """
    column = _column(model, alias, query)
    return SQL(
        """
        (CASE WHEN COALESCE(%(answered_at)s, %(resolved_at)s, %(now)s) > %(deadline)s THEN 'broken'
              WHEN COALESCE(%(answered_at)s, %(resolved_at)s) <= %(deadline)s THEN 'kept' END)
        """,
        answered_at=column("first_response_at"),
        resolved_at=column("resolved_at"),
        deadline=column("first_response_deadline"),
        now=now,
    )


def resolution_verdict(model, alias, query, now):
    """Whether the solution came in time: 'kept', 'broken', or NULL while it is open or nothing was promised.

    The clock of the solution stands still while we wait for the customer: a ticket that waits, or was closed while it
    waited, is judged by the moment when the waiting began, as in the audit.
    Index: ``crm_relationship_ticket_event(ticket_id, date)``, only for tickets that are past their deadline.
    """
    column = _column(model, alias, query)
    return SQL(
        """
        (CASE WHEN COALESCE(%(resolved_at)s, %(now)s) > %(deadline)s
               AND COALESCE(%(paused_at)s, %(resolved_at)s, %(now)s) > %(deadline)s THEN 'broken'
              WHEN %(resolved_at)s IS NOT NULL AND %(deadline)s IS NOT NULL THEN 'kept' END)
        """,
        resolved_at=column("resolved_at"),
        deadline=column("resolution_deadline"),
        paused_at=_paused_at(column),
        now=now,
    )


def _paused_at(column):
    """When the pause began in which a ticket is or was closed; NULL if it is or was closed in none."""
    return SQL(
        """
        (SELECT CASE WHEN event.kind = 'paused' THEN event.date END
           FROM crm_relationship_ticket_event event
          WHERE event.ticket_id = %(ticket_id)s AND event.kind IN ('opened', 'paused', 'resumed', 'reopened')
          ORDER BY event.date DESC, event.id DESC
          LIMIT 1)
        """,
        ticket_id=column("id"),
    )
