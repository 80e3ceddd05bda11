"""Set-based statements over what happened to tickets."""

from typing import Any, NamedTuple

from odoo.tools import SQL

# What a ticket keeps of its events, by column.
SUMMARY = {
    "first_response_at": SQL("MIN(date) FILTER (WHERE kind = 'agent_reply')"),
    "duplicate_opened_at": SQL(
        "MIN(date) FILTER (WHERE kind = 'opened' AND merged_from_id IS NOT NULL)"
    ),
    "resolved_at": SQL(
        """
        CASE WHEN (ARRAY_AGG(kind ORDER BY date DESC, id DESC)
                   FILTER (WHERE kind IN ('resolved', 'reopened') AND merged_from_id IS NULL))[1] = 'resolved'
             THEN MAX(date) FILTER (WHERE kind = 'resolved' AND merged_from_id IS NULL) END
        """
    ),
    "agent_reply_count": SQL("COUNT(*) FILTER (WHERE kind = 'agent_reply')"),
    "customer_reply_count": SQL("COUNT(*) FILTER (WHERE kind = 'customer_reply')"),
    "reopen_count": SQL("COUNT(*) FILTER (WHERE kind = 'reopened')"),
    "handover_count": SQL("COUNT(*) FILTER (WHERE kind = 'handed_over')"),
    "first_owner_id": SQL(
        """
        (ARRAY_AGG(to_user_id ORDER BY date, id)
         FILTER (WHERE kind IN ('opened', 'assigned', 'handed_over') AND to_user_id IS NOT NULL
                   AND merged_from_id IS NULL))[1]
        """
    ),
    "is_reconstructed": SQL("COALESCE(BOOL_OR(is_reconstructed), FALSE)"),
    # "warned:first_response escalated:first_response": of what somebody was told
    "told": SQL(
        "STRING_AGG(DISTINCT kind || ':' || promise, ' ') FILTER (WHERE kind IN ('warned', 'escalated'))"
    ),
}
# Kinds of events that change whose turn it is; what happened on a duplicate changed it there.
TURNS = ["opened", "paused", "resumed", "resolved", "reopened"]
# Kinds of events that go to the ticket into which theirs is merged, and those that both have.
MOVED = ["agent_reply", "customer_reply", "handed_over", "warned", "escalated"]
SHARED = ["opened", "reopened"]


class Summary(NamedTuple):
    """Values of the ticket's fields, and the moments at which the turn changed: (moment, kind), ascending."""

    values: dict[str, Any]
    turns: list[Any]

    @property
    def last_turn(self):
        """When the turn changed the last time; None where it never did."""
        return self.turns[-1][0] if self.turns else None


def fetch_summaries(env, ticket_ids):
    """Ticket id -> :class:`Summary`. One query. Index: ``crm_relationship_ticket_event(ticket_id, date)``."""
    rows = env.execute_query_dict(
        SQL(
            """
            SELECT ticket_id, %(columns)s,
                   ARRAY_AGG(date ORDER BY date, id)
                   FILTER (WHERE kind = ANY(%(turns)s) AND merged_from_id IS NULL) AS turn_dates,
                   ARRAY_AGG(kind ORDER BY date, id)
                   FILTER (WHERE kind = ANY(%(turns)s) AND merged_from_id IS NULL) AS turn_kinds
              FROM crm_relationship_ticket_event
             WHERE ticket_id = ANY(%(ticket_ids)s)
             GROUP BY ticket_id
            """,
            columns=SQL(", ").join(
                SQL("%s AS %s", expression, SQL.identifier(name))
                for name, expression in SUMMARY.items()
            ),
            turns=TURNS,
            ticket_ids=list(ticket_ids),
        )
    )
    return {row.pop("ticket_id"): _read(row) for row in rows}


def _read(row):
    turns = zip(row.pop("turn_dates") or (), row.pop("turn_kinds") or (), strict=True)
    return Summary({name: value or False for name, value in row.items()}, list(turns))


def move(env, source_id, target_id):
    """What happened on a duplicate happened on the ticket into which it is merged; the duplicate keeps its turns.

    Two statements. Index: ``crm_relationship_ticket_event(ticket_id, date)``. A warning that the target got too, stays.
    """
    env.flush_all()
    values = {
        "source": source_id,
        "target": target_id,
        "moved": MOVED,
        "shared": SHARED,
    }
    env.cr.execute(
        SQL(
            """
            UPDATE crm_relationship_ticket_event event
               SET ticket_id = %(target)s, merged_from_id = COALESCE(event.merged_from_id, %(source)s)
             WHERE event.ticket_id = %(source)s
               AND (event.kind = ANY(%(moved)s) OR event.merged_from_id IS NOT NULL)
               AND NOT (event.kind IN ('warned', 'escalated')
                        AND EXISTS (SELECT FROM crm_relationship_ticket_event told
                                     WHERE told.ticket_id = %(target)s AND told.kind = event.kind
                                       AND told.promise = event.promise))
            """,
            **values,
        )
    )
    env.cr.execute(
        SQL(
            """
            INSERT INTO crm_relationship_ticket_event
                   (ticket_id, merged_from_id, date, kind, user_id, to_user_id, to_team_id, is_reconstructed)
            SELECT %(target)s, %(source)s, date, kind, user_id, to_user_id, to_team_id, is_reconstructed
              FROM crm_relationship_ticket_event
             WHERE ticket_id = %(source)s AND kind = ANY(%(shared)s)
            """,
            **values,
        )
    )
    env["crm.relationship.ticket.event"].invalidate_model()
    env["helpdesk.ticket"].invalidate_model(["event_ids"])


def take_back(env, source_id, merged_ids):
    """What happened on a duplicate is its own again, as it was before :func:`move`.

    Two statements. Index: ``crm_relationship_ticket_event(merged_from_id)``.

    :param merged_ids: the tickets that are merged into the duplicate: what happened on them comes back with it.
    :return: ids of the tickets that had it.
    """
    env.flush_all()
    values = {"source": source_id, "merged_ids": list(merged_ids), "shared": SHARED}
    copied = env.execute_query(
        SQL(
            """
            DELETE FROM crm_relationship_ticket_event
             WHERE merged_from_id = %(source)s AND ticket_id <> %(source)s AND kind = ANY(%(shared)s)
            RETURNING ticket_id
            """,
            **values,
        )
    )
    moved = env.execute_query(
        SQL(
            """
            WITH found AS (SELECT id, ticket_id AS holder_id
                             FROM crm_relationship_ticket_event
                            WHERE (merged_from_id = %(source)s OR merged_from_id = ANY(%(merged_ids)s))
                              AND NOT ticket_id IN (SELECT %(source)s UNION SELECT UNNEST(%(merged_ids)s::int[])))
            UPDATE crm_relationship_ticket_event event
               SET ticket_id = %(source)s, merged_from_id = NULLIF(event.merged_from_id, %(source)s)
              FROM found
             WHERE found.id = event.id
            RETURNING found.holder_id
            """,
            **values,
        )
    )
    env["crm.relationship.ticket.event"].invalidate_model()
    env["helpdesk.ticket"].invalidate_model(["event_ids"])
    return list({ticket_id for (ticket_id,) in copied + moved})
