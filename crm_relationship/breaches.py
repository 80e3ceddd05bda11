"""Which promises of the floor were broken: exact to the second, for as many tickets as there are."""

import numpy as np
from pytz import UTC

from .analytics import audit as analysis
from .analytics import service
from .promise import WorkClock
from .queries import audit_breaches, ticket_events

# Moments are kept to the second.
TOLERANCE_SECONDS = 1.0
COLUMNS = (
    "ticket_id",
    "segment_id",
    "type_id",
    "promise",
    "promised_hours",
    "deadline",
    "actual_at",
    "actual_hours",
    "is_open",
)


def find_breaches(env, period, suspects):
    """The breaches of a period: column -> list, as :func:`queries.audit_breaches.insert_breaches` takes them.

    :param suspects: promises that may be broken, as :meth:`audited.AuditedTickets.get_suspects` gives them.

    The floor counts by its own calendar, else by that of the ticket's team, else by the company's; each is read once.
    Queries: one for the candidates, some for each calendar, one for those whose stops another calendar counted.
    """
    found = {name: [] for name in COLUMNS}
    by_calendar = {}
    for row in audit_breaches.fetch_candidates(env, period, suspects):
        by_calendar.setdefault(row["calendar_id"], []).append(row)
    for calendar_id, rows in by_calendar.items():
        calendar = env["resource.calendar"].browse(calendar_id)
        _measure(env, calendar, rows)
        for row in rows:
            if row["is_late"]:
                _keep(found, row)
    return found


def _keep(found, row):
    found["promised_hours"].append(row["promised"])
    found["actual_hours"].append(row["hours"])
    for name in found.keys() - {"promised_hours", "actual_hours"}:
        found[name].append(row[name])


def _measure(env, calendar, rows):
    """Put the ``hours`` that the floor counts, its ``deadline``, and ``is_late`` into the rows of a calendar."""
    _recount_stops(env, calendar, rows)
    clock = _get_clock(calendar, rows)
    starts, ends = (
        np.array([analysis.seconds(row[name]) for row in rows])
        for name in ("opened_at", "ended_at")
    )
    stopped, promised = (
        np.array([row[name] for row in rows], dtype=np.float64)
        for name in ("stopped", "promised")
    )
    passed = clock.hours(starts, ends)
    known = np.array([row["hours"] for row in rows], dtype=np.float64)  # None: NaN
    hours = np.where(np.isnan(known), passed - stopped, known)
    # What passed and did not count was stopped; a stop after the end is not in it.
    deadlines = clock.deadlines(starts, promised + np.maximum(passed - hours, 0.0))
    is_late = ends - deadlines > TOLERANCE_SECONDS
    for row, *found in zip(rows, hours, deadlines, is_late, strict=True):
        row["hours"] = float(found[0])
        row["deadline"] = analysis.moment(found[1])
        row["is_late"] = found[2]


def _get_clock(calendar, rows):
    if not calendar:
        return analysis.Clock(None)
    begin = min(row["opened_at"] for row in rows)
    end = max(row["ended_at"] for row in rows)
    intervals = calendar._get_intervals(UTC.localize(begin), UTC.localize(end))
    return analysis.Clock(
        [
            (start.replace(tzinfo=None), stop.replace(tzinfo=None))
            for start, stop in intervals
        ]
    )


def _recount_stops(env, calendar, rows):
    """Count the stops by the floor's calendar, up to the end of the clock, where that is not what was counted."""
    foreign = {
        row["ticket_id"]: row
        for row in rows
        if row["promise"] == "resolution"
        and row["stopped"]
        and not row["is_stop_counted"]
    }
    if not foreign:
        return
    summaries = ticket_events.fetch_summaries(env, list(foreign))
    first = min(row["opened_at"] for row in foreign.values())
    last = max(row["ended_at"] for row in foreign.values())
    clock = WorkClock(calendar, first, last)
    for ticket_id, row in foreign.items():
        turns = summaries[ticket_id].turns if ticket_id in summaries else []
        row["stopped"] = sum(
            clock.get_hours(span.start, min(span.end, row["ended_at"]))
            for span in service.spans(turns, row["ended_at"])
            if span.turn != service.US
        )
