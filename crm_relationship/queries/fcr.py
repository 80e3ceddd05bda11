"""What first contact resolution is decided from, and where the verdicts go: set-based, whatever the number."""

import numpy as np

from odoo.tools import SQL

from ..analytics import fcr
from .ticket_events import SUMMARY
from .verdict import MERGED_BY, merged

STORED = ("fcr_state", "fcr_decided_at", "fcr_due_at", "fcr_causes")
# Columns of analytics/fcr.py, as they are found in the events of a ticket.
FACTS = {
    "resolved": SQL("MIN(date) FILTER (WHERE kind = 'resolved')"),
    "first_reply": SQL("MIN(date) FILTER (WHERE kind = 'agent_reply')"),
    "second_reply": SQL(
        "(ARRAY_AGG(date ORDER BY date, id) FILTER (WHERE kind = 'agent_reply'))[2]"
    ),
    "second_contact": SQL("MIN(date) FILTER (WHERE kind = 'customer_reply')"),
    "reopened": SQL("MIN(date) FILTER (WHERE kind = 'reopened')"),
    "handed_over": SQL("MIN(date) FILTER (WHERE kind = 'handed_over')"),
}
IS_MOVED = SQL("from_team_id IS NOT NULL AND to_team_id IS DISTINCT FROM from_team_id")
COURSE = {
    "is_handed_over": SQL("BOOL_OR(kind = 'handed_over' AND NOT (%s))", IS_MOVED),
    "is_reopened": SQL("BOOL_OR(kind = 'reopened')"),
    "is_paused": SQL("BOOL_OR(kind = 'paused')"),
    "is_moved": SQL("BOOL_OR(kind = 'handed_over' AND %s)", IS_MOVED),
    "last_resolved": SUMMARY["resolved_at"],
    # The pause that the ticket is in, or was closed from: as :func:`queries.verdict.ended_at`.
    "last_paused": SQL(
        """
        (ARRAY_AGG(CASE WHEN kind = 'paused' THEN date END ORDER BY date DESC, id DESC)
         FILTER (WHERE merged_from_id IS NULL AND kind IN ('opened', 'paused', 'resumed', 'reopened')))[1]
        """
    ),
}


def find_due(env, now, limit):
    """Ids of tickets whose window has passed undecided, the oldest first, at most so many, locked; those that somebody
    else works on are left to the next time. Index: ``helpdesk_ticket(fcr_due_at)``."""
    env["helpdesk.ticket"].flush_model(["fcr_due_at"])
    rows = env.execute_query(
        SQL(
            """
            SELECT id FROM helpdesk_ticket WHERE fcr_due_at <= %s ORDER BY fcr_due_at LIMIT %s FOR UPDATE SKIP LOCKED
            """,
            now,
            limit,
        )
    )
    return [ticket_id for (ticket_id,) in rows]


def decide(env, now, scope):
    """Decide these tickets by the definitions of their companies. Two statements and one read of the companies; the
    second only if a verdict differs from what is stored, and only for those.

    :param scope: condition on ``ticket``, see :func:`of_tickets` and :func:`of_company`.
    :return: ids of the tickets whose verdict or causes changed.
    """
    verdicts = []
    moment = np.datetime64(now, "us")
    for company_id, rows in _fetch(env, scope).items():
        company = env["res.company"].sudo().browse(company_id)
        verdicts += _judge(company, rows, moment)
    return _store(env, verdicts) if verdicts else []


def of_tickets(ticket_ids):
    return SQL("ticket.id = ANY(%s)", list(ticket_ids))


def of_company(company_id):
    return SQL("ticket.company_id = %s", company_id)


def _fetch(env, scope):
    """Company id -> rows: what happened to each ticket, and the verdict that it has.

    Index: ``crm_relationship_ticket_event(ticket_id, date)``; for a whole company one read of tickets and events.
    """
    env["crm.relationship.ticket.event"].flush_model()
    env["helpdesk.ticket"].flush_model(
        [
            *MERGED_BY,
            "first_response_deadline",
            "resolution_deadline",
            *STORED,
        ]
    )
    rows = env.execute_query_dict(
        SQL(
            """
            SELECT ticket.id, ticket.company_id, %(merged)s AS is_merged,
                   ticket.first_response_deadline, ticket.resolution_deadline, %(stored)s, %(names)s,
                   answer.kind AS answer, answer.date AS answered_at,
                   COALESCE(COALESCE(fact.closer_id, fact.owner_id) = COALESCE(fact.owner_id, fact.closer_id), FALSE)
                   AS is_closed_by_owner
              FROM helpdesk_ticket ticket
              LEFT JOIN (SELECT ticket_id, %(columns)s, %(owner)s AS owner_id,
                                NULLIF((ARRAY_AGG(user_id ORDER BY date, id) FILTER (WHERE kind = 'resolved'))[1],
                                       %(robot_id)s) AS closer_id,
                                BOOL_OR(kind IN ('said_solved', 'said_unsolved')) AS is_answered
                           FROM crm_relationship_ticket_event
                          WHERE ticket_id IN (SELECT ticket.id FROM helpdesk_ticket ticket WHERE %(scope)s)
                          GROUP BY ticket_id) fact ON fact.ticket_id = ticket.id
              LEFT JOIN LATERAL (SELECT kind, date FROM crm_relationship_ticket_event said
                                  WHERE fact.is_answered AND said.ticket_id = ticket.id
                                    AND said.kind IN ('said_solved', 'said_unsolved')
                                    AND (fact.reopened IS NULL OR said.date <= fact.reopened)
                                  ORDER BY said.date DESC, said.id DESC LIMIT 1) answer ON TRUE
             WHERE %(scope)s
            """,
            merged=merged("ticket"),
            stored=SQL(", ").join(SQL.identifier("ticket", name) for name in STORED),
            names=SQL(", ").join(
                SQL.identifier("fact", name) for name in (*FACTS, *COURSE)
            ),
            columns=SQL(", ").join(
                SQL("%s AS %s", expression, SQL.identifier(name))
                for name, expression in {**FACTS, **COURSE}.items()
            ),
            owner=SUMMARY["first_owner_id"],
            robot_id=env.ref("base.user_root").id,
            scope=scope,
        )
    )
    found = {}
    for row in rows:
        found.setdefault(row["company_id"], []).append(row)
    return found


def _judge(company, rows, now):
    """(id, state, decided, due, causes) of the rows whose verdict differs from what is stored."""
    verdicts = fcr.decide(
        company.fcr_definition,
        _get_facts(rows),
        company.fcr_reopen_window_days,
        now,
    )
    causes = fcr.classify(_get_course(rows), now)
    codes = list(causes)
    applied = np.column_stack([causes[code] for code in codes]).tolist()
    found = zip(
        rows,
        verdicts.states.tolist(),
        verdicts.decided.tolist(),
        verdicts.due.tolist(),
        applied,
        strict=True,
    )
    judged = []
    for row, state, decided_at, due_at, applies in found:
        verdict = (state, decided_at, due_at, None)
        if row["is_merged"]:
            verdict = (None, None, None, None)
        elif state == fcr.NO:
            names = [
                code for code, is_one in zip(codes, applies, strict=True) if is_one
            ]
            verdict = (state, decided_at, due_at, " ".join(names))
        if verdict != tuple(row[name] for name in STORED):
            judged.append((row["id"], *verdict))
    return judged


def _get_facts(rows):
    columns = {name: _moments(rows, name) for name in FACTS}
    said = {
        kind: fcr.moments(
            [row["answered_at"] if row["answer"] == kind else None for row in rows]
        )
        for kind in ("said_solved", "said_unsolved")
    }
    return fcr.Facts(
        is_closed_by_owner=_flags(rows, "is_closed_by_owner"), **columns, **said
    )


def _get_course(rows):
    return fcr.Course(
        is_handed_over=_flags(rows, "is_handed_over"),
        is_reopened=_flags(rows, "is_reopened"),
        is_paused=_flags(rows, "is_paused"),
        is_moved=_flags(rows, "is_moved"),
        answered=_moments(rows, "first_reply"),
        resolved=_moments(rows, "last_resolved"),
        stopped=fcr.moments(
            [row["last_paused"] or row["last_resolved"] for row in rows]
        ),
        answer_due=_moments(rows, "first_response_deadline"),
        solution_due=_moments(rows, "resolution_deadline"),
    )


def _moments(rows, name):
    return fcr.moments([row[name] for row in rows])


def _flags(rows, name):
    return np.array([bool(row[name]) for row in rows])


def _store(env, verdicts):
    """Write verdicts in one statement; the rows that have them already stay untouched."""
    ticket_ids, states, decided, due, causes = map(list, zip(*verdicts, strict=True))
    rows = env.execute_query(
        SQL(
            """
            UPDATE helpdesk_ticket ticket
               SET fcr_state = verdict.state, fcr_decided_at = verdict.decided_at, fcr_due_at = verdict.due_at,
                   fcr_causes = verdict.causes,
                   fcr_ratio = CASE verdict.state WHEN 'yes' THEN 1.0 WHEN 'no' THEN 0.0 END
              FROM UNNEST(%(ticket_ids)s::int[], %(states)s::varchar[], %(decided)s::timestamp[],
                          %(due)s::timestamp[], %(causes)s::varchar[])
                   verdict (id, state, decided_at, due_at, causes)
             WHERE ticket.id = verdict.id
               AND (ticket.fcr_state, ticket.fcr_decided_at, ticket.fcr_due_at, ticket.fcr_causes)
                   IS DISTINCT FROM (verdict.state, verdict.decided_at, verdict.due_at, verdict.causes)
            RETURNING ticket.id
            """,
            ticket_ids=ticket_ids,
            states=states,
            decided=decided,
            due=due,
            causes=causes,
        )
    )
    return [ticket_id for (ticket_id,) in rows]


def report():
    """Tickets that the first contact did not solve, one row a ticket and cause.

    Columns: those of crm.relationship.fcr.report. What was found is told unless it is ``other`` and an agent named the
    cause. Merged duplicates are left out, also those whose customer became that of the ticket that is kept after they
    were decided. One read of the undone tickets, joined with the few causes. Index: ``crm_relationship(id)``.
    """
    return SQL(
        """
        SELECT (ticket.id::bigint << 20) + cause.id AS id, ticket.id AS ticket_id, ticket.company_id,
               ticket.fcr_decided_at AS date, ticket.team_id, ticket.category_id, ticket.product_id,
               ticket.kind_id, ticket.channel_id, ticket.user_id, ticket.commercial_partner_id AS partner_id,
               relation.segment_id, relation.primary_type_id, cause.id AS cause_id,
               CASE WHEN cause.id = ticket.fcr_cause_id THEN 'told' ELSE 'found' END AS source, 1 AS count
          FROM helpdesk_ticket ticket
          JOIN crm_relationship_fcr_cause cause
            ON cause.id = ticket.fcr_cause_id
            OR cause.code = ANY(STRING_TO_ARRAY(ticket.fcr_causes, ' '))
               AND (cause.code <> %(other)s OR ticket.fcr_cause_id IS NULL)
          LEFT JOIN crm_relationship relation ON relation.id = ticket.relationship_id
         WHERE ticket.fcr_state = 'no' AND NOT %(merged)s
        """,
        merged=merged("ticket"),
        other=fcr.OTHER,
    )
