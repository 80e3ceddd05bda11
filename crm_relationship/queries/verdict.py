"""Whether the promises of a ticket were kept: one rule for the ticket's own fields, the boards and the audit.

Every function takes ``column``: name of a field of the ticket -> its column.
"""

from odoo.tools import SQL

# What tells whether a ticket is merged: to be flushed, and named in ``_depends``.
MERGED_BY = ("duplicate_id", "company_id", "commercial_partner_id")


def merged(alias):
    """:func:`is_merged` of the ticket of this alias; its :data:`MERGED_BY` have to be flushed."""
    return is_merged(lambda name: SQL.identifier(alias, name))


def is_merged(column):
    """Whether a ticket was merged into another one: the same company, and no other customer. The same rule as
    ``helpdesk.ticket._is_merged``. Index: the primary key, only for tickets with ``duplicate_id``."""
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


def first_response(column, now):
    """Whether the first response came in time: 'kept', 'broken', or NULL while it is open or nothing was promised.

    A ticket that was closed without an answer counts as answered by its close.
    """
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


def resolution(column, now):
    """Whether the solution came in time: 'kept', 'broken', or NULL while it is open or nothing was promised.

    The clock of the solution stands still while we wait for the customer: a ticket that waits, or was closed while it
    waited, is judged by the moment when the waiting began.
    """
    return SQL(
        """
        (CASE WHEN COALESCE(%(resolved_at)s, %(now)s) > %(deadline)s AND %(ended_at)s > %(deadline)s THEN 'broken'
              WHEN %(resolved_at)s IS NOT NULL AND %(deadline)s IS NOT NULL THEN 'kept' END)
        """,
        resolved_at=column("resolved_at"),
        deadline=column("resolution_deadline"),
        ended_at=ended_at(column, now),
        now=now,
    )


def ended_at(column, now):
    """When the clock of the solution stopped: at the pause that the ticket is in or was closed from, at the close,
    else now. Index: ``crm_relationship_ticket_event(ticket_id, date)``; ask it of few tickets only.

    What happened on a merged duplicate stopped and started no clock here.
    """
    return SQL(
        """
        COALESCE((SELECT CASE WHEN event.kind = 'paused' THEN event.date END
                    FROM crm_relationship_ticket_event event
                   WHERE event.ticket_id = %(ticket_id)s AND event.merged_from_id IS NULL
                     AND event.kind IN ('opened', 'paused', 'resumed', 'reopened')
                   ORDER BY event.date DESC, event.id DESC
                   LIMIT 1),
                 %(resolved_at)s, %(now)s)
        """,
        ticket_id=column("id"),
        resolved_at=column("resolved_at"),
        now=now,
    )
