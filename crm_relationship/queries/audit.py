"""Set-based statements of the fairness audit: what the tickets of a period got, and whose floor promise was broken."""

from dataclasses import dataclass
from datetime import date, datetime

from odoo.tools import SQL

from . import tuning

# What rounding may leave in hours.
TOLERANCE_HOURS = 1e-6
# What the seal covers: table -> columns. Names are kept as words, so that a renamed segment changes no result.
SEALED = {
    "crm_relationship_audit": (
        "id company_id date_from date_to run_at floor_first_response_hours floor_resolution_hours"
        " ticket_count breach_count breach_ticket_count open_breach_count key_only_count differing_count"
        " revenue_only_count first_response_small_count first_response_key_count first_response_difference_hours"
        " first_response_low_hours first_response_high_hours resolution_small_count resolution_key_count"
        " resolution_difference_hours resolution_low_hours resolution_high_hours"
    ),
    "crm_relationship_audit_line": (
        "id audit_id date scope name segment_id type_id ticket_count answered_count resolved_count"
        " first_response_median_hours first_response_p90_hours resolution_median_hours resolution_p90_hours"
        " sla_decided_count sla_kept_ratio fcr_decided_count fcr_ratio complaint_count complaint_answered_count"
        " complaint_answered_ratio breach_count entitlement_used_count entitlement_refused_count"
    ),
    "crm_relationship_audit_breach": (
        "id audit_id ticket_id ticket_number ticket_name customer_name segment_id segment_name type_id promise"
        " promised_hours deadline actual_at actual_hours late_hours reason is_open"
    ),
    "crm_relationship_audit_service": (
        "id audit_id finding service_id service_name policy_name terms floor_terms note used_count"
        " customer_count refused_count"
    ),
}


@dataclass(frozen=True)
class Period:
    """What is audited: the tickets that a company got on these days, as it stands now (all moments naive UTC).

    ``floor_id`` and ``calendar_id``: the policy that is the floor, and the company's working hours, None for none.
    """

    company_id: int
    date_from: date
    date_to: date
    start: datetime
    end: datetime
    now: datetime
    floor_id: int
    calendar_id: int | None


def find_untimed(env, period, limit):
    """Ids of tickets of the period that are rebuilt, but not timed yet, at most so many."""
    env["helpdesk.ticket"].flush_model(["is_reconstructed", "waiting_us_hours"])
    rows = env.execute_query(
        SQL(
            """
            SELECT id FROM helpdesk_ticket ticket
             WHERE %s AND is_reconstructed AND waiting_us_hours IS NULL
             LIMIT %s
            """,
            _is_audited(period),
            limit,
        )
    )
    return [ticket_id for (ticket_id,) in rows]


def _is_audited(period):
    return SQL(
        "ticket.company_id = %s AND ticket.create_date >= %s AND ticket.create_date < %s",
        period.company_id,
        period.start,
        period.end,
    )


def _month_of(relationship_id, day):
    """A join to what a customer was when the month of that day was closed; the month's row is empty before that."""
    return SQL(
        """
        LEFT JOIN crm_relationship relation ON relation.id = %(relationship_id)s
        LEFT JOIN crm_relationship_snapshot month
               ON month.relationship_id = relation.id
              AND month.date = (date_trunc('month', %(day)s) + interval '1 month - 1 day')::date
        """,
        relationship_id=relationship_id,
        day=day,
    )


SEGMENT = SQL("COALESCE(month.segment_id, relation.segment_id)")
TYPE = SQL("COALESCE(month.primary_type_id, relation.primary_type_id)")


def fill_tickets(env, period):
    """Put the tickets of the period into the temporary table ``crm_relationship_audit_ticket``.

    Grain: ticket, archived ones too. Hours are empty where the ticket is not answered or not resolved. ``is_kept``:
    whether its own promise was kept, empty while that is open. ``ended_at``: when the clock of the solution stopped:
    at the close, at the pause that the ticket is in or was closed from, else now. The floor's promise stands beside
    it, and whether the hours of the ticket were counted by the floor's calendar. Index:
    ``crm_relationship_ticket_event(ticket_id, date)``, ``crm_relationship_snapshot(relationship_id, date)``.
    """
    env.flush_all()
    tuning.run_uncompiled(env)
    env.cr.execute(SQL("DROP TABLE IF EXISTS crm_relationship_audit_ticket"))
    env.cr.execute(
        SQL(
            """
            CREATE TEMPORARY TABLE crm_relationship_audit_ticket ON COMMIT DROP AS
            SELECT ticket.id AS ticket_id, %(segment)s AS segment_id, %(type)s AS type_id,
                   ticket.create_date AS opened_at, ticket.first_response_at, ticket.resolved_at,
                   CASE WHEN ticket.first_response_at IS NOT NULL THEN COALESCE(ticket.first_response_hours, 0) END
                       AS first_response_hours,
                   CASE WHEN ticket.resolved_at IS NOT NULL THEN COALESCE(ticket.waiting_us_hours, 0) END
                       AS resolution_hours,
                   COALESCE(ticket.waiting_us_hours, 0) AS waiting_us_hours,
                   COALESCE(ticket.stopped_hours, 0) AS stopped_hours,
                   stage.is_waiting_customer IS TRUE AS is_paused, clock.ended_at,
                   COALESCE(promise.first_response_hours, rule.first_response_hours) AS first_response_promise,
                   COALESCE(promise.resolution_hours, rule.resolution_hours) AS resolution_promise,
                   COALESCE(rule.calendar_id, team.resource_calendar_id, %(calendar_id)s) AS calendar_id,
                   COALESCE(rule.calendar_id, team.resource_calendar_id, %(calendar_id)s)
                       IS NOT DISTINCT FROM COALESCE(policy.calendar_id, team.resource_calendar_id, %(calendar_id)s)
                       AS is_timed_by_floor,
                   CASE WHEN COALESCE(ticket.first_response_at, ticket.resolved_at, %(now)s)
                                 > ticket.first_response_deadline
                          OR clock.ended_at > ticket.resolution_deadline THEN FALSE
                        WHEN ticket.resolved_at IS NOT NULL
                         AND COALESCE(ticket.first_response_deadline, ticket.resolution_deadline) IS NOT NULL THEN TRUE
                   END AS is_kept,
                   CASE ticket.fcr_state WHEN 'yes' THEN TRUE WHEN 'no' THEN FALSE END AS is_fcr,
                   kind.needs_remedy IS TRUE AS is_complaint,
                   ticket.resolved_at IS NOT NULL AND TRIM(COALESCE(ticket.remedy, '')) <> ''
                       OR COALESCE(ticket.first_response_at <= ticket.first_response_deadline, FALSE) AS is_answered
              FROM helpdesk_ticket ticket
              JOIN crm_relationship_policy rule ON rule.id = %(floor_id)s
              JOIN helpdesk_ticket_stage stage ON stage.id = ticket.stage_id
             CROSS JOIN LATERAL (
                   SELECT COALESCE(
                       CASE WHEN (ticket.resolved_at IS NULL AND stage.is_waiting_customer)
                              OR (ticket.resolved_at > ticket.resolution_deadline AND ticket.waiting_customer_hours > 0)
                            THEN (SELECT CASE WHEN event.kind = 'paused' THEN event.date END
                                    FROM crm_relationship_ticket_event event
                                   WHERE event.ticket_id = ticket.id
                                     AND event.kind IN ('opened', 'paused', 'resumed', 'reopened')
                                   ORDER BY event.date DESC, event.id DESC LIMIT 1)
                       END, ticket.resolved_at, %(now)s) AS ended_at OFFSET 0) clock
              LEFT JOIN helpdesk_ticket_team team ON team.id = ticket.team_id
              LEFT JOIN crm_relationship_policy policy ON policy.id = ticket.policy_id
              LEFT JOIN crm_relationship_ticket_kind kind ON kind.id = ticket.kind_id
              LEFT JOIN crm_relationship_policy_kind promise
                     ON promise.policy_id = rule.id AND promise.kind_id = ticket.kind_id
              %(month)s
             WHERE %(is_audited)s
            """,
            segment=SEGMENT,
            type=TYPE,
            calendar_id=period.calendar_id,
            now=period.now,
            floor_id=period.floor_id,
            month=_month_of(SQL("ticket.relationship_id"), SQL("ticket.create_date")),
            is_audited=_is_audited(period),
        )
    )


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
          %(month)s
         WHERE use.company_id = %(company_id)s AND use.date BETWEEN %(date_from)s AND %(date_to)s
        """,
        segment=SEGMENT,
        type=TYPE,
        month=_month_of(SQL("use.relationship_id"), SQL("use.date")),
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


# --- broken promises of the floor ---


def fetch_candidates(env, period):
    """Tickets that may have got less than the floor promises. Grain: ticket_id, promise.

    Where hours were counted by the floor's calendar, they say so already (``hours``). For the others the time that
    passed on the wall gives a bound: no more working hours than that can have passed.
    """
    return env.execute_query_dict(
        SQL(
            """
            SELECT ticket_id, 'first_response' AS promise, first_response_promise AS promised, calendar_id, opened_at,
                   COALESCE(first_response_at, resolved_at, %(now)s) AS ended_at, first_response_at AS actual_at,
                   0 AS stopped, is_timed_by_floor,
                   CASE WHEN is_timed_by_floor THEN first_response_hours END AS hours,
                   first_response_at IS NULL AND resolved_at IS NULL AS is_open
              FROM crm_relationship_audit_ticket
             WHERE CASE WHEN is_timed_by_floor AND first_response_hours IS NOT NULL
                        THEN first_response_hours > first_response_promise - %(tolerance)s
                        ELSE COALESCE(first_response_at, resolved_at, %(now)s) - opened_at
                             > first_response_promise * interval '1 hour' END
             UNION ALL
            SELECT ticket_id, 'resolution', resolution_promise, calendar_id, opened_at, ended_at, resolved_at,
                   stopped_hours, is_timed_by_floor,
                   CASE WHEN is_timed_by_floor AND (resolved_at IS NOT NULL OR is_paused) THEN waiting_us_hours END,
                   resolved_at IS NULL
              FROM crm_relationship_audit_ticket
             WHERE CASE WHEN is_timed_by_floor AND (resolved_at IS NOT NULL OR is_paused)
                        THEN waiting_us_hours > resolution_promise - %(tolerance)s
                        ELSE ended_at - opened_at > resolution_promise * interval '1 hour' END
             ORDER BY ticket_id, promise
            """,
            now=period.now,
            tolerance=TOLERANCE_HOURS,
        )
    )


def insert_breaches(env, audit_id, breaches):
    """Write the breaches of an audit, each with its reason as the events tell it.

    :param breaches: column -> list: ticket_id, promise, promised_hours, deadline, actual_at, actual_hours, is_open.
    :return: the number of rows. Index: ``crm_relationship_ticket_event(ticket_id, date)``.
    """
    env.cr.execute(
        SQL(
            """
            INSERT INTO crm_relationship_audit_breach
                   (audit_id, ticket_id, ticket_number, ticket_name, customer_name, segment_id, segment_name, type_id,
                    promise, promised_hours, deadline, actual_at, actual_hours, late_hours, reason, is_open)
            SELECT %(audit_id)s, ticket.id, ticket.number, ticket.name,
                   COALESCE(customer.name, ticket.partner_name, ticket.partner_email), audited.segment_id,
                   COALESCE(segment.name ->> %(lang)s, segment.name ->> 'en_US'), audited.type_id, breach.promise,
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
              FROM unnest(%(ticket_ids)s::int[], %(promises)s::text[], %(promised)s::float8[],
                          %(deadlines)s::timestamp[], %(actual)s::timestamp[], %(hours)s::float8[], %(open)s::bool[])
                   breach (ticket_id, promise, promised_hours, deadline, actual_at, actual_hours, is_open)
              JOIN crm_relationship_audit_ticket audited ON audited.ticket_id = breach.ticket_id
              JOIN helpdesk_ticket ticket ON ticket.id = breach.ticket_id
              LEFT JOIN res_partner customer ON customer.id = ticket.commercial_partner_id
              LEFT JOIN crm_relationship_segment segment ON segment.id = audited.segment_id
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
    """Broken promises, for the same lines as :func:`fetch_lines`, with ``ticket_count`` and ``open_count`` of them."""
    return env.execute_query_dict(
        SQL(
            """
            SELECT CASE GROUPING(audited.segment_id, audited.type_id)
                   WHEN 3 THEN 'all' WHEN 1 THEN 'segment' ELSE 'type' END AS scope,
                   audited.segment_id, audited.type_id, COUNT(*) AS breach_count,
                   COUNT(DISTINCT ticket_id) AS ticket_count, COUNT(*) FILTER (WHERE breach.is_open) AS open_count
              FROM crm_relationship_audit_breach breach
              JOIN crm_relationship_audit_ticket audited USING (ticket_id)
             WHERE breach.audit_id = %s
             GROUP BY GROUPING SETS ((), (audited.segment_id), (audited.type_id))
            """,
            audit_id,
        )
    )


# --- the seal ---


def fetch_digests(env, audit_ids):
    """Audit id -> SHA-256 of its result: of each row of :data:`SEALED` as JSON, one a line, in the order of tables
    and ids. Indexes: those on ``audit_id``."""
    env.flush_all()
    rows = SQL(" UNION ALL ").join(
        SQL(
            """
            SELECT %(audit_id)s AS audit_id, %(place)s AS place, id, to_jsonb(found) AS content
              FROM (SELECT %(columns)s FROM %(table)s WHERE %(audit_id)s = ANY(%(audit_ids)s)) found
            """,
            audit_id=SQL.identifier("id" if not place else "audit_id"),
            place=place,
            columns=SQL(", ").join(map(SQL.identifier, columns.split())),
            table=SQL.identifier(table),
            audit_ids=list(audit_ids),
        )
        for place, (table, columns) in enumerate(SEALED.items())
    )
    return dict(
        env.execute_query(
            SQL(
                """
                SELECT audit_id, encode(sha256(convert_to(
                           string_agg(place || ' ' || content::text, E'\\n' ORDER BY place, id), 'UTF8')), 'hex')
                  FROM (%s) sealed
                 GROUP BY audit_id
                """,
                rows,
            )
        )
    )


def delete_rows(env, audit_ids):
    """Delete the result of audits that are run again."""
    env.flush_all()
    for table in list(SEALED)[1:]:
        env.cr.execute(
            SQL(
                "DELETE FROM %s WHERE audit_id = ANY(%s)",
                SQL.identifier(table),
                list(audit_ids),
            )
        )
    env.invalidate_all(flush=False)
