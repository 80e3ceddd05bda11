"""Set-based statements of the fairness audit: what the tickets of a period got."""

from dataclasses import dataclass
from datetime import date, datetime

from odoo.tools import SQL

from . import tuning, verdict

# What rounding may leave in hours.
TOLERANCE_HOURS = 1e-6


@dataclass(frozen=True)
class Period:
    """What is audited: the tickets that a company got on these days, as it stands now (all moments naive UTC).

    ``floor_id`` is the policy that is the floor, ``floor_calendar_id`` and ``calendar_id`` are the working hours of the
    floor and of the company, None for none.
    """

    company_id: int
    date_from: date
    date_to: date
    start: datetime
    end: datetime
    now: datetime
    floor_id: int
    floor_calendar_id: int | None
    calendar_id: int | None


def ticket(name):
    """A column of ``ticket``, as the statements of the audit name it."""
    return SQL.identifier("ticket", name)


def _is_audited(period):
    """A duplicate is counted in the ticket into which it was merged."""
    return SQL(
        """
        ticket.company_id = %s AND ticket.create_date >= %s AND ticket.create_date < %s
        AND NOT %s
        """,
        period.company_id,
        period.start,
        period.end,
        verdict.is_merged(ticket),
    )


def _changed(period):
    """Customers who were something else when a month of the period was closed than they are now. Grain:
    relationship_id, month. Columns: date_from, date_to, segment_id, type_id.

    Index: ``crm_relationship_snapshot(company_id, date)``.
    """
    return SQL(
        """
        SELECT month.relationship_id, date_trunc('month', month.date)::date AS date_from, month.date AS date_to,
               COALESCE(month.segment_id, relation.segment_id) AS segment_id,
               COALESCE(month.primary_type_id, relation.primary_type_id) AS type_id
          FROM crm_relationship_snapshot month
          JOIN crm_relationship relation ON relation.id = month.relationship_id
         WHERE month.company_id = %(company_id)s AND month.date >= %(date_from)s
           AND month.date < %(date_to)s::date + interval '1 month'
           AND (month.segment_id IS DISTINCT FROM relation.segment_id
                OR month.primary_type_id IS DISTINCT FROM relation.primary_type_id)
        """,
        company_id=period.company_id,
        date_from=period.date_from,
        date_to=period.date_to,
    )


def customer(period, relationship_id, day):
    """Joins that give ``segment_id`` and ``type_id`` (:data:`SEGMENT`, :data:`TYPE`) of a customer on a day."""
    return SQL(
        """
        LEFT JOIN crm_relationship relation ON relation.id = %(relationship_id)s
        LEFT JOIN (%(changed)s) changed ON changed.relationship_id = %(relationship_id)s
              AND %(day)s >= changed.date_from AND %(day)s < changed.date_to + 1
        """,
        relationship_id=relationship_id,
        changed=_changed(period),
        day=day,
    )


SEGMENT = SQL(
    "CASE WHEN changed.relationship_id IS NULL THEN relation.segment_id ELSE changed.segment_id END"
)
TYPE = SQL(
    "CASE WHEN changed.relationship_id IS NULL THEN relation.primary_type_id ELSE changed.type_id END"
)
# When the clock of a ticket started: as ``helpdesk.ticket._get_start``.
STARTED = SQL("LEAST(ticket.duplicate_opened_at, ticket.create_date)")
# The hours of the solution are all since then; not where the clock started on a merged duplicate.
IS_WHOLE = SQL("((ticket.duplicate_opened_at < ticket.create_date) IS NOT TRUE)")
# The hours of the solution are counted no further: it is there, or the ticket waits for the customer.
IS_STOPPED = SQL(
    """
    (ticket.resolved_at IS NOT NULL
     OR ticket.stage_id IN (SELECT id FROM helpdesk_ticket_stage WHERE is_waiting_customer))
    """
)


def terms(period):
    """What the floor promises for each kind of ticket, 0 for none. Grain: kind_id."""
    return SQL(
        """
        SELECT kind.id AS kind_id, kind.needs_remedy IS TRUE AS is_complaint,
               COALESCE(promise.first_response_hours, rule.first_response_hours) AS first_response,
               COALESCE(promise.resolution_hours, rule.resolution_hours) AS resolution
          FROM crm_relationship_policy rule
         CROSS JOIN (SELECT id, needs_remedy FROM crm_relationship_ticket_kind
                      UNION ALL SELECT 0, FALSE) kind
          LEFT JOIN crm_relationship_policy_kind promise
                 ON promise.policy_id = rule.id AND promise.kind_id = kind.id
         WHERE rule.id = %s
        """,
        period.floor_id,
    )


def is_timed_by_floor(period):
    """Whether the hours of a ``ticket`` are surely those of the floor's calendar: its own policy names the same."""
    return SQL(
        """
        CASE WHEN ticket.policy_id IS NULL THEN %(calendar_id)s IS NULL
             ELSE ticket.policy_id NOT IN (SELECT id FROM crm_relationship_policy
                                            WHERE calendar_id IS DISTINCT FROM %(calendar_id)s) END
        """,
        calendar_id=SQL("%s::int", period.floor_calendar_id),
    )


def _tickets(period):
    """The tickets of the period, archived ones too. Grain: ticket.

    Hours are empty where the ticket is not answered or not resolved. ``is_kept``: whether its own promise was kept,
    empty while that is open. ``may_break_…``: whether it may have got less than the floor promises: by its hours where
    the floor's calendar counted them, else by the time that passed on the wall, which is no less.
    """
    return SQL(
        """
        SELECT ticket.id, %(segment)s AS segment_id, %(type)s AS type_id,
               CASE WHEN ticket.first_response_at IS NOT NULL THEN COALESCE(ticket.first_response_hours, 0) END
                   AS first_response_hours,
               CASE WHEN ticket.resolved_at IS NOT NULL THEN COALESCE(ticket.waiting_us_hours, 0) END
                   AS resolution_hours,
               CASE WHEN %(first_response)s = 'broken' OR %(resolution)s = 'broken' THEN FALSE
                    WHEN ticket.resolved_at IS NOT NULL
                     AND COALESCE(ticket.first_response_deadline, ticket.resolution_deadline) IS NOT NULL THEN TRUE
               END AS is_kept,
               ticket.fcr_state, terms.is_complaint,
               terms.is_complaint
                   AND (ticket.resolved_at IS NOT NULL AND TRIM(COALESCE(ticket.remedy, '')) <> ''
                        OR COALESCE(ticket.first_response_at <= ticket.first_response_deadline, FALSE))
                   AS is_answered,
               CASE WHEN ticket.first_response_at IS NOT NULL AND %(is_timed)s
                    THEN COALESCE(ticket.first_response_hours, 0) > terms.first_response - %(tolerance)s
                    ELSE COALESCE(ticket.first_response_at, ticket.resolved_at, %(now)s) - %(started)s
                         >= terms.first_response * interval '1 hour' END AS may_break_first_response,
               CASE WHEN %(is_stopped)s AND %(is_whole)s AND %(is_timed)s
                    THEN COALESCE(ticket.waiting_us_hours, 0) > terms.resolution - %(tolerance)s
                    ELSE COALESCE(ticket.resolved_at, %(now)s) - %(started)s
                         >= terms.resolution * interval '1 hour' END AS may_break_resolution,
               ticket.resolved_at IS NULL AS is_open,
               ticket.is_reconstructed AND ticket.waiting_us_hours IS NULL AS is_untimed
          FROM helpdesk_ticket ticket
          JOIN (%(terms)s) terms ON terms.kind_id = COALESCE(ticket.kind_id, 0)
          %(customer)s
         WHERE %(is_audited)s
        """,
        segment=SEGMENT,
        type=TYPE,
        first_response=verdict.first_response(ticket, period.now),
        resolution=verdict.resolution(ticket, period.now),
        now=period.now,
        started=STARTED,
        is_timed=is_timed_by_floor(period),
        is_stopped=IS_STOPPED,
        is_whole=IS_WHOLE,
        tolerance=TOLERANCE_HOURS,
        terms=terms(period),
        customer=customer(
            period, SQL("ticket.relationship_id"), SQL("ticket.create_date")
        ),
        is_audited=_is_audited(period),
    )


def fetch_groups(env, period):
    """The tickets of the period in groups: all that the audit counts, read once.

    Grain: segment_id, type_id, both empty for customers who have none. ``first_response`` and ``resolution``: the hours
    of the answered and of the resolved tickets, eight bytes each as the network orders them, None for no ticket.
    ``late_response_ids`` and ``late_resolution_ids``: of tickets that may have got less than the floor promises, None
    for none. ``untimed_ids``: of tickets that are rebuilt, but not timed yet.

    Index: ``crm_relationship_ticket_event(ticket_id, date)``, only for tickets past their deadline.
    """
    env.flush_all()
    tuning.run_in_memory(env)
    return env.execute_query_dict(
        SQL(
            """
            SELECT segment_id, type_id, COUNT(*) AS ticket_count,
                   COUNT(is_kept) AS sla_decided_count, COUNT(*) FILTER (WHERE is_kept) AS sla_kept_count,
                   COUNT(*) FILTER (WHERE fcr_state IN ('yes', 'no')) AS fcr_decided_count,
                   COUNT(*) FILTER (WHERE fcr_state = 'yes') AS fcr_count,
                   COUNT(*) FILTER (WHERE is_complaint) AS complaint_count,
                   COUNT(*) FILTER (WHERE is_answered) AS complaint_answered_count,
                   COUNT(*) FILTER (WHERE is_open) AS open_count,
                   STRING_AGG(float8send(first_response_hours), ''::bytea) AS first_response,
                   STRING_AGG(float8send(resolution_hours), ''::bytea) AS resolution,
                   ARRAY_AGG(id) FILTER (WHERE may_break_first_response) AS late_response_ids,
                   ARRAY_AGG(id) FILTER (WHERE may_break_resolution) AS late_resolution_ids,
                   ARRAY_AGG(id) FILTER (WHERE is_untimed) AS untimed_ids
              FROM (%s OFFSET 0) audited  -- what a ticket got is worked out once, however often it is counted
             GROUP BY segment_id, type_id
            """,
            _tickets(period),
        )
    )
