"""Set-based statements over what happened to tickets."""

from typing import Any, NamedTuple

from odoo.tools import SQL

# What a ticket keeps of its events, by column.
SUMMARY = {
    "first_response_at": SQL("MIN(date) FILTER (WHERE kind = 'agent_reply')"),
    "resolved_at": SQL(
        """
        CASE WHEN (ARRAY_AGG(kind ORDER BY date DESC, id DESC) FILTER (WHERE kind IN ('resolved', 'reopened')))[1]
                  = 'resolved' THEN MAX(date) FILTER (WHERE kind = 'resolved') END
        """
    ),
    "agent_reply_count": SQL("COUNT(*) FILTER (WHERE kind = 'agent_reply')"),
    "customer_reply_count": SQL("COUNT(*) FILTER (WHERE kind = 'customer_reply')"),
    "reopen_count": SQL("COUNT(*) FILTER (WHERE kind = 'reopened')"),
    "handover_count": SQL("COUNT(*) FILTER (WHERE kind = 'handed_over')"),
    "first_owner_id": SQL(
        """
        (ARRAY_AGG(to_user_id ORDER BY date, id)
         FILTER (WHERE kind IN ('opened', 'assigned', 'handed_over') AND to_user_id IS NOT NULL))[1]
        """
    ),
    "is_reconstructed": SQL("COALESCE(BOOL_OR(is_reconstructed), FALSE)"),
    # "warned:first_response escalated:first_response": of what somebody was told
    "told": SQL(
        "STRING_AGG(DISTINCT kind || ':' || promise, ' ') FILTER (WHERE kind IN ('warned', 'escalated'))"
    ),
}
# Kinds of events that change whose turn it is.
TURNS = ["opened", "paused", "resumed", "resolved", "reopened"]


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
                   ARRAY_AGG(date ORDER BY date, id) FILTER (WHERE kind = ANY(%(turns)s)) AS turn_dates,
                   ARRAY_AGG(kind ORDER BY date, id) FILTER (WHERE kind = ANY(%(turns)s)) AS turn_kinds
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
