"""Set-based statements over who works on tickets, and over the queue."""

from odoo.tools import SQL

from ..analytics.dispatch import Load
from .verdict import MERGED_BY, merged


def fetch_loads(env, user_ids, now):
    """User id -> :class:`Load`, for those who own open tickets, merged duplicates left out. One query.

    Index: ``helpdesk_ticket(user_id)``.
    """
    env["helpdesk.ticket"].flush_model(
        ["user_id", "stage_id", "active", "next_deadline", *MERGED_BY]
    )
    rows = env.execute_query(
        SQL(
            """
            SELECT ticket.user_id, COUNT(*), COUNT(*) FILTER (WHERE ticket.next_deadline < %(now)s)
              FROM helpdesk_ticket ticket
              JOIN helpdesk_ticket_stage stage ON stage.id = ticket.stage_id
             WHERE ticket.user_id = ANY(%(user_ids)s) AND ticket.active AND stage.closed IS NOT TRUE
               AND NOT %(merged)s
             GROUP BY ticket.user_id
            """,
            merged=merged("ticket"),
            now=now,
            user_ids=list(user_ids),
        )
    )
    return {user_id: Load(count, late) for user_id, count, late in rows}


def absences(now):
    """Who is away now, with the end of it: columns ``user_id`` and ``until`` (naive UTC), one row per person.

    Both what people entered and, where an addon keeps them, the leaves of their resources; a holiday of everybody is
    nobody's absence. Index: ``crm_relationship_absence(date_to)``; leaves are few.
    """
    return SQL(
        """
        SELECT user_id, MAX(until) AS until
          FROM (SELECT absence.user_id,
                       ((absence.date_to + 1)::timestamp AT TIME ZONE COALESCE(person.tz, 'UTC'))
                       AT TIME ZONE 'UTC' AS until
                  FROM crm_relationship_absence absence
                  JOIN res_users owner ON owner.id = absence.user_id
                  JOIN res_partner person ON person.id = owner.partner_id
                 WHERE absence.date_to >= %(now)s::timestamp::date - 1
                   AND (%(now)s::timestamp AT TIME ZONE 'UTC' AT TIME ZONE COALESCE(person.tz, 'UTC'))::date
                       BETWEEN absence.date_from AND absence.date_to
                 UNION ALL
                SELECT resource.user_id, leave.date_to
                  FROM resource_calendar_leaves leave
                  JOIN resource_resource resource ON resource.id = leave.resource_id
                 WHERE resource.user_id IS NOT NULL AND leave.time_type = 'leave'
                   AND leave.date_from <= %(now)s AND leave.date_to > %(now)s) away
         GROUP BY user_id
        """,
        now=now,
    )


def fetch_absent(env, now):
    """Ids of the users who are away now. One query."""
    env["crm.relationship.absence"].flush_model()
    env["res.partner"].flush_model(["tz"])
    env["resource.calendar.leaves"].flush_model()
    return {row[0] for row in env.execute_query(absences(now))}


def fetch_places(env, ticket_ids, last):
    """Ticket id -> how many tickets of the same queue (company and team) fall due before it. One query.

    Index: ``helpdesk_ticket(next_deadline, priority, sequence, number, id)``, read up to the last deadline.

    :param last: the latest deadline of these tickets (naive UTC).
    """
    env["helpdesk.ticket"].flush_model(
        ["company_id", "team_id", "active", "next_deadline"]
    )
    rows = env.execute_query(
        SQL(
            """
            WITH queue AS (SELECT company_id, team_id, next_deadline, COUNT(*) AS count
                             FROM helpdesk_ticket
                            WHERE active AND next_deadline < %(last)s
                            GROUP BY company_id, team_id, next_deadline)
            SELECT shown.id, SUM(queue.count)::int
              FROM helpdesk_ticket shown
              JOIN queue ON queue.company_id = shown.company_id
                        AND queue.team_id IS NOT DISTINCT FROM shown.team_id
                        AND queue.next_deadline < shown.next_deadline
             WHERE shown.id = ANY(%(ticket_ids)s)
             GROUP BY shown.id
            """,
            last=last,
            ticket_ids=list(ticket_ids),
        )
    )
    return dict(rows)
