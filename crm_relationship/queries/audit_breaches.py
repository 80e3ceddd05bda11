"""Set-based statements over the promises of the floor that an audit finds broken."""

from odoo.tools import SQL

from . import verdict
from .audit import (
    IS_STOPPED,
    IS_WHOLE,
    STARTED,
    is_timed_by_floor,
    terms,
    ticket,
)


def fetch_candidates(env, period, suspects):
    """Promises to tickets that the floor may have broken, with all that it takes to say so. Grain: that of the
    suspects.

    ``hours``: as the ticket counted them, where that was by the floor's calendar and nothing runs any more.
    ``stopped``: hours in which the clock stood still, by the ticket's own calendar; ``is_stop_counted``: whether that
    is surely what the floor counts.

    :param suspects: column -> list: ticket_id, promise, segment_id, type_id.
    """
    return env.execute_query_dict(
        SQL(
            """
            SELECT suspect.ticket_id, suspect.promise, suspect.segment_id, suspect.type_id,
                   COALESCE(%(calendar_id)s, team.resource_calendar_id, %(company_calendar_id)s) AS calendar_id,
                   %(started)s AS opened_at, %(is_timed)s AND %(is_whole)s AS is_stop_counted, promise.promised,
                   promise.ended_at, promise.actual_at, promise.stopped, promise.is_open,
                   CASE WHEN %(is_timed)s THEN promise.hours END AS hours
              FROM unnest(%(ticket_ids)s::int[], %(promises)s::text[], %(segment_ids)s::int[], %(type_ids)s::int[])
                   suspect (ticket_id, promise, segment_id, type_id)
              JOIN helpdesk_ticket ticket ON ticket.id = suspect.ticket_id
              JOIN (%(terms)s) terms ON terms.kind_id = COALESCE(ticket.kind_id, 0)
              LEFT JOIN helpdesk_ticket_team team ON team.id = ticket.team_id
             CROSS JOIN LATERAL (
                   SELECT terms.first_response AS promised,
                          COALESCE(ticket.first_response_at, ticket.resolved_at, %(now)s) AS ended_at,
                          ticket.first_response_at AS actual_at, 0::float8 AS stopped,
                          ticket.first_response_at IS NULL AND ticket.resolved_at IS NULL AS is_open,
                          CASE WHEN ticket.first_response_at IS NOT NULL
                               THEN COALESCE(ticket.first_response_hours, 0) END AS hours
                    WHERE suspect.promise = 'first_response'
                    UNION ALL
                   SELECT terms.resolution, %(ended_at)s, ticket.resolved_at, COALESCE(ticket.stopped_hours, 0),
                          ticket.resolved_at IS NULL,
                          CASE WHEN %(is_stopped)s AND %(is_whole)s THEN COALESCE(ticket.waiting_us_hours, 0) END
                    WHERE suspect.promise = 'resolution') promise
             ORDER BY suspect.ticket_id, suspect.promise
            """,
            calendar_id=SQL("%s::int", period.floor_calendar_id),
            company_calendar_id=SQL("%s::int", period.calendar_id),
            started=STARTED,
            is_timed=is_timed_by_floor(period),
            terms=terms(period),
            now=period.now,
            ended_at=verdict.ended_at(ticket, period.now),
            is_stopped=IS_STOPPED,
            is_whole=IS_WHOLE,
            ticket_ids=suspects["ticket_id"],
            promises=suspects["promise"],
            segment_ids=suspects["segment_id"],
            type_ids=suspects["type_id"],
        )
    )


def insert_breaches(env, audit_id, breaches):
    """Write the breaches of an audit, each with its reason as the events tell it.

    :param breaches: column -> list: ticket_id, segment_id, type_id, promise, promised_hours, deadline, actual_at,
        actual_hours, is_open.
    :return: the number of rows. Index: ``crm_relationship_ticket_event(ticket_id, date)``.
    """
    env.cr.execute(
        SQL(
            """
            INSERT INTO crm_relationship_audit_breach
                   (audit_id, ticket_id, ticket_number, ticket_name, customer_name, segment_id, segment_name, type_id,
                    promise, promised_hours, deadline, actual_at, actual_hours, late_hours, reason, is_open)
            SELECT %(audit_id)s, ticket.id, ticket.number, ticket.name,
                   COALESCE(customer.name, ticket.partner_name, ticket.partner_email), breach.segment_id,
                   COALESCE(segment.name ->> %(lang)s, segment.name ->> 'en_US'), breach.type_id, breach.promise,
                   breach.promised_hours,
                   breach.deadline, breach.actual_at, breach.actual_hours,
                   GREATEST(breach.actual_hours - breach.promised_hours, 0),
                   CASE WHEN breach.promise = 'first_response' AND breach.actual_at IS NULL AND NOT breach.is_open
                        THEN 'unanswered'
                        WHEN COALESCE(course.owned_at > breach.deadline, ticket.user_id IS NULL) THEN 'no_owner'
                        WHEN breach.is_open AND course.is_escalated THEN 'escalated'
                        WHEN course.is_handed_over THEN 'handed_over'
                        WHEN breach.is_open THEN 'still_open'
                        ELSE 'waited' END,
                   breach.is_open
              FROM unnest(%(ticket_ids)s::int[], %(segment_ids)s::int[], %(type_ids)s::int[], %(promises)s::text[],
                          %(promised)s::float8[], %(deadlines)s::timestamp[], %(actual)s::timestamp[],
                          %(hours)s::float8[], %(open)s::bool[])
                   breach (ticket_id, segment_id, type_id, promise, promised_hours, deadline, actual_at,
                           actual_hours, is_open)
              JOIN helpdesk_ticket ticket ON ticket.id = breach.ticket_id
              LEFT JOIN res_partner customer ON customer.id = ticket.commercial_partner_id
              LEFT JOIN crm_relationship_segment segment ON segment.id = breach.segment_id
             CROSS JOIN LATERAL (
                   SELECT MIN(event.date) FILTER (WHERE event.to_user_id IS NOT NULL
                              AND event.kind IN ('opened', 'assigned', 'handed_over')) AS owned_at,
                          BOOL_OR(event.kind = 'escalated' AND event.promise = breach.promise) AS is_escalated,
                          BOOL_OR(event.kind = 'handed_over'
                                  AND event.date <= COALESCE(breach.actual_at, event.date)) AS is_handed_over
                     FROM crm_relationship_ticket_event event
                    WHERE event.ticket_id = breach.ticket_id) course
             ORDER BY breach.actual_hours - breach.promised_hours DESC, ticket.id, breach.promise
            """,
            audit_id=audit_id,
            lang=env.lang or "en_US",
            ticket_ids=breaches["ticket_id"],
            segment_ids=breaches["segment_id"],
            type_ids=breaches["type_id"],
            promises=breaches["promise"],
            promised=breaches["promised_hours"],
            deadlines=breaches["deadline"],
            actual=breaches["actual_at"],
            hours=breaches["actual_hours"],
            open=breaches["is_open"],
        )
    )
    return env.cr.rowcount


def fetch_breach_counts(env, audit_id):
    """Broken promises, for the same lines as :func:`fetch_lines`, with ``ticket_count`` and ``open_count`` of them,
    and ``overdue_count`` of the tickets whose solution is due."""
    return env.execute_query_dict(
        SQL(
            """
            SELECT CASE GROUPING(segment_id, type_id) WHEN 3 THEN 'all' WHEN 1 THEN 'segment' ELSE 'type' END AS scope,
                   segment_id, type_id, COUNT(*) AS breach_count, COUNT(DISTINCT ticket_id) AS ticket_count,
                   COUNT(*) FILTER (WHERE is_open) AS open_count,
                   COUNT(*) FILTER (WHERE is_open AND promise = 'resolution') AS overdue_count
              FROM crm_relationship_audit_breach
             WHERE audit_id = %s
             GROUP BY GROUPING SETS ((), (segment_id), (type_id))
            """,
            audit_id,
        )
    )
