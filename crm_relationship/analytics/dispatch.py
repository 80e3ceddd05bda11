"""Who gets a ticket, and which one comes next."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple, TypeVar

Key = TypeVar("Key", bound=Hashable)
FAR: Final = datetime.max


class Load(NamedTuple):
    """What a person has to do: open tickets, and how many of them are late."""

    open: int = 0
    late: int = 0

    @property
    def weight(self) -> tuple[int, int]:
        """A late ticket counts twice; of two equal loads, the one with more late tickets is heavier.

        >>> Load(3, 1).weight > Load(3).weight, Load(4).weight < Load(3, 1).weight
        (True, True)
        """
        return self.open + self.late, self.late

    def more(self) -> "Load":
        """The load with one ticket more."""
        return Load(self.open + 1, self.late)


def least_loaded(
    candidates: Iterable[Key], loads: Mapping[Key, Load | None]
) -> Key | None:
    """Whoever has least to do, the first named of several; None where there is nobody.

    :param loads: person -> load; who is not in it has nothing to do.

    >>> least_loaded(["ann", "bob", "eve"], {"ann": Load(2), "bob": Load(1, 1), "eve": Load(3)})
    'ann'
    >>> least_loaded([], {}) is None
    True
    """
    return min(
        candidates,
        key=lambda person: (loads.get(person) or Load()).weight,
        default=None,
    )


def distribute(
    tickets: Iterable[Sequence[Key]], loads: Mapping[Key, Load]
) -> list[Key | None]:
    """Who gets each of several tickets that come at once, so that nobody gets all of them.

    :param tickets: for each ticket the people who can have it.
    :return: a person for each ticket, None where nobody can have it.

    >>> distribute([["ann", "bob"]] * 4 + [[]], {"ann": Load(2)})
    ['bob', 'bob', 'ann', 'bob', None]
    """
    current = dict(loads)
    found: list[Key | None] = []
    for candidates in tickets:
        person = least_loaded(candidates, current)
        found.append(person)
        if person is not None:
            current[person] = current.get(person, Load()).more()
    return found


@dataclass(frozen=True)
class Waiting:
    """A ticket in the queue: when its next promise falls due (None: nothing is due), and what breaks ties.

    There is no customer, segment or revenue in it: they have no say in the order.
    """

    id: int
    deadline: datetime | None
    priority: str = "1"
    sequence: int = 10
    number: str = ""


def order(waiting: Iterable[Waiting]) -> list[Waiting]:
    """The queue: the earliest deadline first, what is not due last.

    Where promises work with fixed hours, nobody starves in such a queue: a ticket that comes after a deadline cannot
    fall due before it, so that no stream of new tickets, of whomever, can hold back an old one for ever.
    Among equal deadlines, as the ticket list has it: the highest priority, the lowest sequence, the newest number.

    Source: C. L. Liu, J. W. Layland, Scheduling Algorithms for Multiprogramming in a Hard-Real-Time Environment,
    Journal of the ACM 20 (1973): earliest deadline first.

    >>> day = datetime(2026, 3, 2)
    >>> queue = [Waiting(1, None), Waiting(2, day.replace(hour=12)), Waiting(3, day.replace(hour=9)),
    ...          Waiting(4, day.replace(hour=12), priority="3")]
    >>> [ticket.id for ticket in order(queue)]
    [3, 4, 2, 1]
    """
    found = sorted(waiting, key=lambda ticket: (ticket.number, ticket.id), reverse=True)
    found.sort(key=lambda ticket: ticket.sequence)
    found.sort(key=lambda ticket: ticket.priority, reverse=True)
    found.sort(key=lambda ticket: ticket.deadline or FAR)
    return found
