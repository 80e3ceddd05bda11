"""Who gets which promise, and whether the differences are fair.

The service floor is the promise that holds for everybody. A better promise may be made to some; a
worse one to nobody, and what some can have, everybody must be able to reach.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Offer = TypeVar("Offer")
ACCESS_RANK: Final = {"included": 0, "on_request": 1, "paid": 2}


@dataclass(frozen=True)
class Rule(Generic[Key]):
    """One policy as the choice sees it: for which segment and type it is, None meaning any."""

    id: int
    segment: Key | None = None
    type: Key | None = None
    is_floor: bool = False


def chain(
    rules: Iterable[Rule[Key]], segment: Key | None, type_: Key | None
) -> list[int]:
    """The policies that fit a customer, the most specific first, the floor last.

    Segment and type beat type, type beats segment, segment beats the floor.

    :return: ids, empty where there is not even a floor.

    >>> rules = [Rule(1, is_floor=True), Rule(2, segment="key"), Rule(3, type="dedicated"),
    ...          Rule(4, segment="key", type="dedicated")]
    >>> chain(rules, "key", "dedicated"), chain(rules, "small", "dedicated")
    ([4, 3, 2, 1], [3, 1])
    >>> chain(rules, None, None)
    [1]
    """

    def fits(rule: Rule[Key]) -> bool:
        return rule.segment in (None, segment) and rule.type in (None, type_)

    def rank(rule: Rule[Key]) -> int:
        return 2 * (rule.type is not None) + (rule.segment is not None)

    found = [rule for rule in rules if fits(rule)]
    return [rule.id for rule in sorted(found, key=lambda rule: (-rank(rule), rule.id))]


@dataclass(frozen=True)
class Terms:
    """How a service is to be had: included, on request or paid; quota per year, 0 = without limit."""

    access: str
    quota: int = 0

    def is_worse_than(self, other: "Terms") -> bool:
        """Harder to get, or less of it.

        >>> Terms("paid").is_worse_than(Terms("included"))
        True
        >>> Terms("included", 4).is_worse_than(Terms("included", 2))
        False
        >>> Terms("included", 4).is_worse_than(Terms("included"))
        True
        """
        if ACCESS_RANK[self.access] != ACCESS_RANK[other.access]:
            return ACCESS_RANK[self.access] > ACCESS_RANK[other.access]
        return bool(self.quota) and (not other.quota or self.quota < other.quota)


def reach(
    policies: Sequence[int], offers: Mapping[int, Mapping[Key, Offer]]
) -> dict[Key, Offer]:
    """The services that a customer can reach: for each, the offer of the most specific policy that names it.

    :param policies: a chain, the most specific first.
    :param offers: policy -> service -> offer (terms, or what carries them).

    >>> offers = {1: {"phone": "paid"}, 2: {"phone": "included", "visit": "paid"}}
    >>> reach([2, 1], offers), reach([1], offers)
    ({'phone': 'included', 'visit': 'paid'}, {'phone': 'paid'})
    """
    found: dict[Key, Offer] = {}
    for policy in policies:
        for service, offer in offers.get(policy, {}).items():
            found.setdefault(service, offer)
    return found


def unreachable(
    reached: Mapping[Key, Iterable[Key]], offered: Iterable[Key]
) -> list[tuple[Key, Key]]:
    """The pairs (segment, service) where the segment cannot reach what somebody is offered.

    :param reached: segment -> the services that it can reach.
    :param offered: the services that any policy gives.

    >>> unreachable({"key": ["phone", "visit"], "small": ["phone"]}, ["phone", "visit"])
    [('small', 'visit')]
    """
    services = sorted(set(offered), key=str)
    return [
        (segment, service)
        for segment, reachable in reached.items()
        for service in services
        if service not in set(reachable)
    ]
