"""Set-based statements of the fairness audit: what the tickets of a period got, and whose floor promise was broken."""

from dataclasses import dataclass
from datetime import date, datetime

from odoo.tools import SQL

from . import tuning

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


def _is_audited(period):
    return SQL(
        "ticket.company_id = %s AND ticket.create_date >= %s AND ticket.create_date < %s",
        period.company_id,
        period.start,
        period.end,
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


def _customer(period, relationship_id, day):
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
IS_PAUSED = SQL(
    """
    (ticket.resolved_at IS NULL
     AND ticket.stage_id IN (SELECT id FROM helpdesk_ticket_stage WHERE is_waiting_customer))
    """
)


def ended_at(period):
    """When the clock of the solution of a ``ticket`` stopped: at the pause that it is in or was closed from, at the
    close, else now."""
    return SQL(
        """
        COALESCE(CASE WHEN ticket.waiting_customer_hours > 0 OR %(is_paused)s
                      THEN (SELECT CASE WHEN event.kind = 'paused' THEN event.date END
                              FROM crm_relationship_ticket_event event
                             WHERE event.ticket_id = ticket.id
                               AND event.kind IN ('opened', 'paused', 'resumed', 'reopened')
                             ORDER BY event.date DESC, event.id DESC LIMIT 1) END,
                 ticket.resolved_at, %(now)s)
        """,
        is_paused=IS_PAUSED,
        now=period.now,
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


def fill_tickets(env, period):
    """Put the tickets of the period into the temporary table ``crm_relationship_audit_ticket``.

    Grain: ticket, archived ones too. Hours are empty where the ticket is not answered or not resolved. ``is_kept``:
    whether its own promise was kept, empty while that is open. ``may_break_…``: whether it may have got less than the
    floor promises: by its hours where the floor's calendar counted them, else by the time that passed on the wall,
    which is no less. Index: ``crm_relationship_ticket_event(ticket_id, date)``, only for tickets with a pause.
    """
    env.flush_all()
    tuning.run_in_memory(env)
    env.cr.execute(SQL("DROP TABLE IF EXISTS crm_relationship_audit_ticket"))
    env.cr.execute(
        SQL(
            """
            CREATE TEMPORARY TABLE crm_relationship_audit_ticket ON COMMIT DROP AS
            SELECT ticket.id AS ticket_id, %(segment)s AS segment_id, %(type)s AS type_id,
                   CASE WHEN ticket.first_response_at IS NOT NULL THEN COALESCE(ticket.first_response_hours, 0) END
                       AS first_response_hours,
                   CASE WHEN ticket.resolved_at IS NOT NULL THEN COALESCE(ticket.waiting_us_hours, 0) END
                       AS resolution_hours,
                   CASE WHEN COALESCE(ticket.first_response_at, ticket.resolved_at, %(now)s)
                             > ticket.first_response_deadline THEN FALSE
                        WHEN COALESCE(ticket.resolved_at, %(now)s) > ticket.resolution_deadline
                         AND %(ended_at)s > ticket.resolution_deadline THEN FALSE
                        WHEN ticket.resolved_at IS NOT NULL
                         AND COALESCE(ticket.first_response_deadline, ticket.resolution_deadline) IS NOT NULL THEN TRUE
                   END AS is_kept,
                   CASE ticket.fcr_state WHEN 'yes' THEN TRUE WHEN 'no' THEN FALSE END AS is_fcr,
                   terms.is_complaint,
                   terms.is_complaint
                       AND (ticket.resolved_at IS NOT NULL AND TRIM(COALESCE(ticket.remedy, '')) <> ''
                            OR COALESCE(ticket.first_response_at <= ticket.first_response_deadline, FALSE))
                       AS is_answered,
                   CASE WHEN ticket.first_response_at IS NOT NULL AND %(is_timed)s
                        THEN COALESCE(ticket.first_response_hours, 0) > terms.first_response - %(tolerance)s
                        ELSE COALESCE(ticket.first_response_at, ticket.resolved_at, %(now)s) - ticket.create_date
                             >= terms.first_response * interval '1 hour' END AS may_break_first_response,
                   CASE WHEN (ticket.resolved_at IS NOT NULL OR %(is_paused)s) AND %(is_timed)s
                        THEN COALESCE(ticket.waiting_us_hours, 0) > terms.resolution - %(tolerance)s
                        ELSE COALESCE(ticket.resolved_at, %(now)s) - ticket.create_date
                             >= terms.resolution * interval '1 hour' END AS may_break_resolution,
                   ticket.is_reconstructed AND ticket.waiting_us_hours IS NULL AS is_untimed
              FROM helpdesk_ticket ticket
              JOIN (%(terms)s) terms ON terms.kind_id = COALESCE(ticket.kind_id, 0)
              %(customer)s
             WHERE %(is_audited)s
            """,
            segment=SEGMENT,
            type=TYPE,
            now=period.now,
            ended_at=ended_at(period),
            is_timed=is_timed_by_floor(period),
            is_paused=IS_PAUSED,
            tolerance=TOLERANCE_HOURS,
            terms=terms(period),
            customer=_customer(
                period, SQL("ticket.relationship_id"), SQL("ticket.create_date")
            ),
            is_audited=_is_audited(period),
        )
    )
    env.cr.execute(
        SQL(
            "ANALYZE crm_relationship_audit_ticket (may_break_first_response, may_break_resolution, is_untimed)"
        )
    )


def find_untimed(env, limit):
    """Ids of those of the tickets that are rebuilt, but not timed yet, at most so many."""
    rows = env.execute_query(
        SQL(
            "SELECT ticket_id FROM crm_relationship_audit_ticket WHERE is_untimed LIMIT %s",
            limit,
        )
    )
    return [ticket_id for (ticket_id,) in rows]


def fetch_lines(env):
    """The figures of all tickets, per segment and per type. Grain: ``scope`` (all, segment, type), segment_id,
    type_id, which are empty for tickets of customers who have none. Reads the temporary table."""
    return env.execute_query_dict(
        SQL(
            """
            SELECT CASE GROUPING(segment_id, type_id) WHEN 3 THEN 'all' WHEN 1 THEN 'segment' ELSE 'type' END AS scope,
                   segment_id, type_id, COUNT(*) AS ticket_count,
                   COUNT(first_response_hours) AS answered_count, COUNT(resolution_hours) AS resolved_count,
                   percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY first_response_hours) AS first_response,
                   percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY resolution_hours) AS resolution,
                   COUNT(is_kept) AS sla_decided_count, AVG(is_kept::int)::float8 AS sla_kept_ratio,
                   COUNT(is_fcr) AS fcr_decided_count, AVG(is_fcr::int)::float8 AS fcr_ratio,
                   COUNT(*) FILTER (WHERE is_complaint) AS complaint_count,
                   COUNT(*) FILTER (WHERE is_complaint AND is_answered) AS complaint_answered_count
              FROM crm_relationship_audit_ticket
             GROUP BY GROUPING SETS ((), (segment_id), (type_id))
            """
        )
    )


def fetch_waits(env, column, segment_ids):
    """Segment id -> [(minutes, number of tickets)]: how long the tickets of these segments took.

    :param column: ``first_response_hours`` or ``resolution_hours`` of the temporary table.
    """
    found = {segment_id: [] for segment_id in segment_ids}
    rows = env.execute_query(
        SQL(
            """
            SELECT segment_id, ROUND(%(column)s * 60)::int AS minutes, COUNT(*)
              FROM crm_relationship_audit_ticket
             WHERE segment_id = ANY(%(segment_ids)s) AND %(column)s IS NOT NULL
             GROUP BY 1, 2
            """,
            column=SQL.identifier(column),
            segment_ids=list(segment_ids),
        )
    )
    for segment_id, minutes, count in rows:
        found[segment_id].append((minutes, count))
    return found


# --- uses of services ---


def uses(period):
    """The uses and refusals of services in the period. Columns: relationship_id, service_id, state, segment_id,
    type_id. Grain: use. Index: ``crm_relationship_service_use(company_id, date)``."""
    return SQL(
        """
        SELECT use.relationship_id, use.service_id, use.state, %(segment)s AS segment_id, %(type)s AS type_id
          FROM crm_relationship_service_use use
          %(customer)s
         WHERE use.company_id = %(company_id)s AND use.date BETWEEN %(date_from)s AND %(date_to)s
        """,
        segment=SEGMENT,
        type=TYPE,
        customer=_customer(period, SQL("use.relationship_id"), SQL("use.date")),
        company_id=period.company_id,
        date_from=period.date_from,
        date_to=period.date_to,
    )


def fetch_uses(env, period):
    """How often services were used and refused, for the same lines as :func:`fetch_lines`."""
    return env.execute_query_dict(
        SQL(
            """
            SELECT CASE GROUPING(segment_id, type_id) WHEN 3 THEN 'all' WHEN 1 THEN 'segment' ELSE 'type' END AS scope,
                   segment_id, type_id,
                   COUNT(*) FILTER (WHERE state = 'used') AS entitlement_used_count,
                   COUNT(*) FILTER (WHERE state = 'refused') AS entitlement_refused_count
              FROM (%s) use
             GROUP BY GROUPING SETS ((), (segment_id), (type_id))
            """,
            uses(period),
        )
    )


def fetch_key_only(env, period, key_id):
    """Services that key accounts used and nobody else, though the floor offers them to everybody. Grain: service_id.

    ``refused_count``: how often they were refused to others meanwhile.
    """
    return env.execute_query_dict(
        SQL(
            """
            SELECT service_id, COUNT(*) FILTER (WHERE state = 'used') AS used_count,
                   COUNT(DISTINCT relationship_id) FILTER (WHERE state = 'used') AS customer_count,
                   COUNT(*) FILTER (WHERE state = 'refused' AND segment_id IS DISTINCT FROM %(key_id)s)
                       AS refused_count
              FROM (%(uses)s) use
             WHERE service_id IN (SELECT service_id FROM crm_relationship_entitlement WHERE policy_id = %(floor_id)s)
             GROUP BY service_id
            HAVING BOOL_AND(segment_id IS NOT DISTINCT FROM %(key_id)s) FILTER (WHERE state = 'used')
             ORDER BY service_id
            """,
            key_id=key_id,
            uses=uses(period),
            floor_id=period.floor_id,
        )
    )
