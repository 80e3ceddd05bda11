"""First contact resolution of one ticket, found by walking through what happened: what the suite must find too."""

from datetime import datetime, timedelta
from typing import NamedTuple

from ..analytics import fcr

KINDS = (
    "agent_reply",
    "customer_reply",
    "assigned",
    "handed_over",
    "paused",
    "resolved",
    "reopened",
    "said_solved",
    "said_unsolved",
)


class Happened(NamedTuple):
    """An event of a ticket; ``user`` did it or, of assigned and handed_over, got it. None is nobody of ours."""

    date: datetime
    kind: str
    user: int | None = None


def naive_verdict(definition, events, days, now):
    """(state, decided, due) of one ticket. Events in the order in which they were written down at equal dates."""
    events = sorted(events, key=lambda event: event.date)
    closes = [event for event in events if event.kind == "resolved"]
    end = closes[0].date + timedelta(days=days) if closes else None

    def inside(*kinds):
        return [
            event.date
            for event in events
            if event.kind in kinds and (end is None or event.date < end)
        ]

    against = inside("reopened")
    answer = None
    if definition == fcr.ONE_REPLY:
        against += inside("agent_reply")[1:]
        if end and end <= now and not inside("agent_reply"):
            against.append(end)
    elif definition == fcr.NO_SECOND_CONTACT:
        against += inside("customer_reply")
    elif definition == fcr.FIRST_OWNER:
        against += naive_handovers(events, closes[:1])
    else:
        answer = naive_answer(events)
        if answer and answer.kind == "said_unsolved":
            against.append(answer.date)
    if against:
        return "no", min(against), None
    if end is None or (definition == fcr.CUSTOMER_SAYS and not answer):
        return "pending", None, None
    due = max(end, answer.date) if answer else end
    return ("yes", due, None) if due <= now else ("pending", None, due)


def naive_handovers(events, closes):
    """When it left the hands of its first owner before it was closed, or was closed by another."""
    found = [
        event.date
        for event in events
        if event.kind == "handed_over"
        and all(event.date <= close.date for close in closes)
    ]
    owners = [
        event.user for event in events if event.kind in ("assigned", "handed_over")
    ]
    owner = next((user for user in owners if user), None)
    for close in closes:
        both = {owner, close.user} - {None}
        if len(both) != 1:
            found.append(close.date)
    return found


def naive_answer(events):
    """The customer's last answer before it was reopened, None if there is none."""
    reopened = [event.date for event in events if event.kind == "reopened"]
    answers = [
        event
        for event in events
        if event.kind.startswith("said")
        and all(event.date <= date for date in reopened[:1])
    ]
    return answers[-1] if answers else None
