"""Which products go together, and which of them a customer lacks.

Association rules "who buys A (and B) also buys C" over baskets given as two integer arrays, guarded against chance.

Sources: Agrawal, Imieliński & Swami (1993), "Mining association rules between sets of items in large databases"
(support, confidence); Brin, Motwani, Ullman & Tsur (1997), "Dynamic itemset counting" (lift); Webb (2007),
"Discovering significant patterns" (Fisher's exact test against each simpler rule, many rules tested at once).
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Final, NamedTuple

import numpy as np
from scipy.sparse import csr_matrix

from .baskets import (
    NONE,
    Baskets,
    Pairs,
    as_ids,
    count_pairs,
    count_triples,
    encode,
    read,
)
from .significance import Flags, Floats, Integers, chance, is_discovery

# Customers are matched with rules in turns of so many pairs at most, which bounds the memory.
MATCHES_AT_ONCE: Final = 5_000_000


@dataclass(frozen=True)
class Limits:
    """What a rule must reach.

    ``count`` and ``support_ratio`` hold for the baskets with antecedents and consequent together; the higher
    decides. ``false_discovery_ratio`` is the share of rules that may be due to chance, None for no guard.
    A basket of more than ``width`` different items says nothing about what goes with what and is left out: so no
    basket brings more than ``width`` ** 3 / 6 combinations.
    """

    count: int = 3
    support_ratio: float = 0.0
    confidence_ratio: float = 0.0
    false_discovery_ratio: float | None = None
    width: int = 100


@dataclass(frozen=True)
class Rules:
    """Rules, the best first; arrays of one length.

    ``antecedents`` has two columns, ascending, the second NONE where there is one antecedent. ``counts`` are
    baskets with antecedents and consequent, ``basket_counts`` all baskets, ``p_values`` the probability that chance
    alone makes the rule as good as it is, ``sources`` which :func:`mine` it came from.
    """

    antecedents: Integers
    consequents: Integers
    counts: Integers
    antecedent_counts: Integers
    consequent_counts: Integers
    basket_counts: Integers
    p_values: Floats
    sources: Integers

    def __len__(self) -> int:
        return len(self.consequents)

    @property
    def sizes(self) -> Integers:
        """Number of antecedents, 1 or 2."""
        sizes: Integers = (self.antecedents != NONE).sum(axis=1)
        return sizes

    @property
    def support_ratio(self) -> Floats:
        """Share of the baskets that hold antecedents and consequent."""
        return self.counts / self.basket_counts

    @property
    def confidence_ratio(self) -> Floats:
        """Share of the baskets with the antecedents that hold the consequent too."""
        return self.counts / self.antecedent_counts

    @property
    def lift(self) -> Floats:
        """How many times more often the consequent is in these baskets than in any."""
        return self.confidence_ratio / (self.consequent_counts / self.basket_counts)

    def take(self, index: Integers | Flags) -> "Rules":
        """The rules at these places."""
        return Rules(*(getattr(self, item.name)[index] for item in fields(self)))

    def ranked(self) -> "Rules":
        """The best first: confidence, lift, count, fewer antecedents, and the ids where all else is equal."""
        keys = (
            self.sources,
            self.consequents,
            self.antecedents[:, 1],
            self.antecedents[:, 0],
            self.sizes,
            -self.counts,
            -self.lift,
            -self.confidence_ratio,
        )
        return self.take(np.lexsort(keys))


class Suggestions(NamedTuple):
    """What to suggest to whom and by which rule: arrays of one length, the best of each customer first."""

    customers: Integers
    items: Integers
    rules: Integers


def mine(
    basket_ids: Sequence[int] | Integers,
    item_ids: Sequence[int] | Integers,
    limits: Limits | None = None,
    source: int = 0,
) -> Rules:
    """The rules with one or two antecedents and one consequent, the best first.

    :param basket_ids: which basket; in any order, the same item any number of times.
    :param item_ids: which item lies in it, not negative; as many as baskets.
    :param source: kept with the rules, to tell them apart after :func:`merge`.

    >>> baskets, items = [1, 1, 2, 2, 3, 3, 4], [7, 8, 7, 8, 7, 8, 9]
    >>> rules = mine(baskets, items, Limits(count=2))
    >>> rules.antecedents.tolist(), rules.consequents.tolist()
    ([[7, -1], [8, -1]], [8, 7])
    >>> rules.support_ratio.tolist(), rules.confidence_ratio.tolist(), rules.lift.round(3).tolist()
    ([0.75, 0.75], [1.0, 1.0], [1.333, 1.333])
    """
    limits = limits or Limits()
    baskets = read(
        as_ids(basket_ids),
        as_ids(item_ids),
        limits.count,
        limits.support_ratio,
        limits.width,
    )
    pairs = count_pairs(baskets)
    triples = count_triples(baskets, pairs)
    found = merge(
        _rules_of_pairs(baskets, pairs, source),
        _rules_of_triples(baskets, pairs, triples, source),
    )
    return select(found, limits)


def select(found: Rules, limits: Limits) -> Rules:
    """Those of all rules of a source that are good enough and not due to chance.

    >>> rules = mine([1, 1, 2, 2, 3, 3, 4], [7, 8, 7, 8, 7, 8, 9], Limits(count=2))
    >>> len(select(rules, Limits(false_discovery_ratio=0.05)))
    0
    """
    tested = len(found)
    confident = found.counts >= limits.confidence_ratio * found.antecedent_counts - 1e-9
    found = found.take(confident)
    if limits.false_discovery_ratio is not None:
        found = found.take(
            is_discovery(found.p_values, limits.false_discovery_ratio, tested)
        )
    return found


def merge(*several: Rules) -> Rules:
    """Rules of several sources, ranked together."""
    joined = Rules(
        *(
            np.concatenate([getattr(rules, item.name) for rules in several])
            for item in fields(Rules)
        )
    )
    return joined.ranked()


# --- rules ---


def _rules_of_pairs(baskets: Baskets, pairs: Pairs, source: int) -> Rules:
    """Each frequent pair is two rules."""
    cause = np.concatenate((pairs.first, pairs.second))
    effect = np.concatenate((pairs.second, pairs.first))
    counts = np.concatenate((pairs.counts, pairs.counts))
    total = np.full(len(cause), baskets.basket_count)
    causes, effects = baskets.counts[cause], baskets.counts[effect]
    antecedents = np.column_stack(
        (baskets.labels[cause], np.full(len(cause), NONE, dtype=np.int64))
    )
    return Rules(
        antecedents=antecedents,
        consequents=baskets.labels[effect],
        counts=counts,
        antecedent_counts=causes,
        consequent_counts=effects,
        basket_counts=total,
        p_values=chance(total, effects, causes, counts),
        sources=np.full(len(cause), source),
    )


def _rules_of_triples(
    baskets: Baskets, pairs: Pairs, triples: Integers, source: int
) -> Rules:
    """Each frequent triple is three rules, each item once the consequent.

    A rule with two antecedents must be better than either of them alone, or it only repeats what a simpler rule
    says: its probability is the higher of the two, within the baskets that hold one antecedent.
    """
    turns = [triples[:, turn] for turn in ((0, 1, 2), (0, 2, 1), (1, 2, 0))]
    one, two, effect = np.concatenate(turns).T
    counts = np.tile(triples[:, 3], 3)
    causes = pairs.count_both(one, two)
    p_values = np.maximum(
        chance(baskets.counts[one], pairs.count_both(one, effect), causes, counts),
        chance(baskets.counts[two], pairs.count_both(two, effect), causes, counts),
    )
    antecedents = np.column_stack((baskets.labels[one], baskets.labels[two]))
    return Rules(
        antecedents=np.sort(antecedents, axis=1),
        consequents=baskets.labels[effect],
        counts=counts,
        antecedent_counts=causes,
        consequent_counts=baskets.counts[effect],
        basket_counts=np.full(len(one), baskets.basket_count),
        p_values=p_values,
        sources=np.full(len(one), source),
    )


# --- suggestions ---


def top_suggestions(
    owned: tuple[Sequence[int] | Integers, Sequence[int] | Integers],
    rules: Rules,
    n: int,
    excluded: tuple[Sequence[int] | Integers, Sequence[int] | Integers] = ((), ()),
) -> Suggestions:
    """For each customer the best products that he does not buy yet, at most n, with the best rule behind each.

    :param owned: (customer ids, item ids): who buys what.
    :param rules: ranked, the best first.
    :param excluded: (customer ids, item ids) not to suggest besides.

    >>> rules = mine([1, 1, 2, 2, 3, 3, 4], [7, 8, 7, 8, 7, 8, 9], Limits(count=2))
    >>> found = top_suggestions(([50, 51, 51], [7, 7, 8]), rules, 3)
    >>> [values.tolist() for values in found]
    [[50], [8], [0]]
    """
    customers, items, rows, columns = encode(as_ids(owned[0]), as_ids(owned[1]))
    antecedents, known = _antecedents(rules, items)
    taken = _Taken.of(owned, excluded, rules.consequents)
    matrix = csr_matrix(
        (np.ones(len(rows), dtype=np.int8), (rows, columns)),
        shape=(len(customers), max(len(items), 1)),
    )
    step = max(MATCHES_AT_ONCE // max(len(rules), 1), 1)
    found: list[Integers] = [np.empty((3, 0), dtype=np.int64)]
    for start in range(0, len(customers) if known else 0, step):
        hits = matrix[start : start + step] @ antecedents
        hits.sort_indices()
        hits = hits.tocoo()
        matched = hits.data == rules.sizes[hits.col]
        customer = customers[start + hits.row[matched]]
        found.append(_best(customer, hits.col[matched], rules, n, taken))
    return Suggestions(*np.concatenate(found, axis=1))


def _antecedents(rules: Rules, items: Integers) -> tuple[Any, bool]:
    """Matrix items x rules with the antecedents that somebody owns, and whether there are any."""
    place = np.searchsorted(items, rules.antecedents)
    place = np.minimum(place, max(len(items) - 1, 0))
    hit = (
        items[place] == rules.antecedents
        if len(items)
        else np.zeros_like(rules.antecedents, dtype=np.bool_)
    )
    rule = np.repeat(np.arange(len(rules)), 2)[hit.ravel()]
    matrix = csr_matrix(
        (np.ones(len(rule), dtype=np.int8), (place[hit], rule)),
        shape=(max(len(items), 1), max(len(rules), 1)),
    )
    return matrix, bool(len(rule))


class _Taken(NamedTuple):
    """What customers have or do not want, as ascending codes customer * width + item."""

    codes: Integers
    width: int

    @classmethod
    def of(cls, owned: Any, excluded: Any, consequents: Integers) -> "_Taken":
        customers = np.concatenate((as_ids(owned[0]), as_ids(excluded[0])))
        items = np.concatenate((as_ids(owned[1]), as_ids(excluded[1])))
        width = int(max(items.max(initial=0), consequents.max(initial=0))) + 1
        return cls(np.sort(customers * width + items), width)

    def holds(self, codes: Integers) -> Flags:
        place = np.minimum(np.searchsorted(self.codes, codes), len(self.codes) - 1)
        found: Flags = self.codes[place] == codes
        return found


def _best(
    customer: Integers, rule: Any, rules: Rules, n: int, taken: _Taken
) -> Integers:
    """Rows customer, item, rule of the best n new items of each customer.

    :param rule: of each match, ascending within a customer: so the first that leads to an item is the best.
    """
    rule = rule.astype(np.int64)
    codes = customer * taken.width + rules.consequents[rule]
    first = np.sort(np.unique(codes, return_index=True)[1])
    first = first[~taken.holds(codes[first])]
    customer, rule = customer[first], rule[first]
    begins = np.flatnonzero(_starts(customer))
    rank = np.arange(len(customer)) - np.repeat(
        begins, np.diff(np.append(begins, len(customer)))
    )
    return np.stack((customer, rules.consequents[rule], rule))[:, rank < n]


def _starts(values: Integers) -> Flags:
    """Where another value begins, in sorted values."""
    changed = np.ones(len(values), dtype=np.bool_)
    changed[1:] = values[1:] != values[:-1]
    return changed


def is_among(rules: Rules, others: Rules) -> Flags:
    """Which rules say the same of the same items as one of the others.

    >>> rules = mine([1, 1, 2, 2, 3, 3, 4], [7, 8, 7, 8, 7, 8, 9], Limits(count=2))
    >>> is_among(rules, rules.take(np.array([1]))).tolist()
    [False, True]
    """
    size = len(rules)
    rows = np.concatenate([_as_rows(rules), _as_rows(others)])
    labels, number = np.unique(rows, return_inverse=True)
    one, two, effect = number.reshape(rows.shape).T
    codes = (one * len(labels) + two) * len(labels) + effect
    found: Flags = np.isin(codes[:size], codes[size:])
    return found


def _as_rows(rules: Rules) -> Integers:
    return np.column_stack((rules.antecedents, rules.consequents))
