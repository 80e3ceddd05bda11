"""What everybody has to do for customers now."""

from odoo.tools import SQL

from .dispatch import absences
from .verdict import merged


def workloads(now, midnight):
    """One row per company and colleague, and per company one without (tickets that nobody owns). Merged duplicates are
    no work of their own.

    Columns: ``id, company_id, user_id, open_count, late_count, today_count, ahead_count, next_deadline,
    absent_until``. Indexes: ``helpdesk_ticket(stage_id)``, ``helpdesk_ticket(user_id)``.

    :param midnight: the end of today (naive UTC).
    """
    return SQL(
        """
        SELECT ROW_NUMBER() OVER (ORDER BY person.company_id, person.user_id) AS id,
               person.company_id, person.user_id,
               COALESCE(load.open_count, 0) AS open_count,
               COALESCE(load.late_count, 0) AS late_count,
               COALESCE(load.today_count, 0) AS today_count,
               COALESCE(load.open_count - load.late_count - load.today_count, 0) AS ahead_count,
               load.next_deadline, absence.until AS absent_until
          FROM (SELECT COALESCE(team.company_id, member.company_id) AS company_id, member.id AS user_id
                  FROM helpdesk_ticket_team team
                  JOIN helpdesk_ticket_team_res_users_rel rel ON rel.helpdesk_ticket_team_id = team.id
                  JOIN res_users member ON member.id = rel.res_users_id AND member.active
                 WHERE team.active
                 UNION
                SELECT ticket.company_id, ticket.user_id %(from_open)s) person
          LEFT JOIN (SELECT ticket.company_id, ticket.user_id,
                            COUNT(*) AS open_count,
                            COUNT(*) FILTER (WHERE ticket.next_deadline < %(now)s) AS late_count,
                            COUNT(*) FILTER (WHERE ticket.next_deadline BETWEEN %(now)s AND %(midnight)s)
                            AS today_count,
                            MIN(ticket.next_deadline) FILTER (WHERE ticket.next_deadline >= %(now)s) AS next_deadline
                       %(from_open)s
                      GROUP BY ticket.company_id, ticket.user_id) load
                 ON load.company_id = person.company_id AND load.user_id IS NOT DISTINCT FROM person.user_id
          LEFT JOIN (%(absences)s) absence ON absence.user_id = person.user_id
        """,
        from_open=_from_open(),
        now=now,
        midnight=midnight,
        absences=absences(now),
    )


def fetch_deadlines(env, user_ids, now):
    """Rows (company id, user id or None, calendar id or None, deadline, number of tickets) of open promises to come.

    Tickets that nobody owns are always in it. One query. Index: ``helpdesk_ticket(next_deadline, …)``.
    """
    env["helpdesk.ticket"].flush_model()
    return env.execute_query(
        SQL(
            """
            SELECT ticket.company_id, ticket.user_id,
                   COALESCE(policy.calendar_id, team.resource_calendar_id, company.resource_calendar_id) AS calendar_id,
                   ticket.next_deadline, COUNT(*)
              FROM helpdesk_ticket ticket
              JOIN res_company company ON company.id = ticket.company_id
              LEFT JOIN crm_relationship_policy policy ON policy.id = ticket.policy_id
              LEFT JOIN helpdesk_ticket_team team ON team.id = ticket.team_id
             WHERE ticket.active AND ticket.next_deadline > %(now)s AND NOT %(merged)s
               AND (ticket.user_id IS NULL OR ticket.user_id = ANY(%(user_ids)s))
             GROUP BY 1, 2, 3, 4
             ORDER BY ticket.next_deadline
            """,
            merged=merged("ticket"),
            now=now,
            user_ids=list(user_ids),
        )
    )


def _from_open():
    return SQL(
        """
        FROM helpdesk_ticket ticket
        JOIN helpdesk_ticket_stage stage ON stage.id = ticket.stage_id
       WHERE ticket.active AND stage.closed IS NOT TRUE AND NOT %s
        """,
        merged("ticket"),
    )
