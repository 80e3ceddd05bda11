"""What happened to a ticket, told by its events: whose turn it was, and for how long the clock of a promise ran."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final, NamedTuple

US: Final = "us"
CUSTOMER: Final = "customer"
CLOSED: Final = "closed"
# Kind of event -> whose turn it is from then on. Other events leave the turn as it is.
TURNS: Final = {
    "opened": US,
    "paused": CUSTOMER,
    "resumed": US,
    "resolved": CLOSED,
    "reopened": US,
}


class Span(NamedTuple):
    """A time in which it was the turn of one side, or of nobody because the ticket was closed."""

    turn: str
    start: datetime
    end: datetime


def spans(events: Iterable[tuple[datetime, str]], until: datetime) -> list[Span]:
    """Whose turn it was, one span after the other, without gaps.

    :param events: (moment, kind), ascending.
    :param until: the end of the last span.

    >>> day = datetime(2026, 3, 2)
    >>> events = [(day.replace(hour=8), "opened"), (day.replace(hour=9), "agent_reply"),
    ...           (day.replace(hour=10), "paused"), (day.replace(hour=12), "resumed"),
    ...           (day.replace(hour=13), "resolved")]
    >>> [(span.turn, span.start.hour, span.end.hour) for span in spans(events, day.replace(hour=20))]
    [('us', 8, 10), ('customer', 10, 12), ('us', 12, 13), ('closed', 13, 20)]
    """
    found: list[Span] = []
    turn, since = None, until
    for moment, kind in events:
        following = TURNS.get(kind)
        if following is None or following == turn:
            continue
        if turn is not None and moment > since:
            found.append(Span(turn, since, moment))
        turn, since = following, moment
    if turn is not None and until > since:
        found.append(Span(turn, since, until))
    return found
