"""Counting which items lie together in baskets, in sparse matrices."""

from collections.abc import Sequence
from math import ceil
from typing import Any, Final, NamedTuple

import numpy as np
from scipy.sparse import csr_matrix

from .significance import Flags, Integers

NONE: Final = -1


class Baskets(NamedTuple):
    """Frequent items in columns from the rarest to the most frequent, baskets in rows."""

    matrix: Any
    labels: Integers
    counts: Integers
    basket_count: int
    minimum: int


def as_ids(values: Sequence[int] | Integers) -> Integers:
    ids = np.asarray(values, dtype=np.int64)
    if len(ids) and ids.min() < 0:
        raise ValueError(f"Ids are not negative: {ids.min()}")
    return ids


def encode(
    owners: Integers, items: Integers
) -> tuple[Integers, Integers, Integers, Integers]:
    """(owner labels, item labels, owner of each entry, item of each entry), each pair once, sorted."""
    if len(owners) != len(items):
        raise ValueError(f"{len(owners)} owners do not fit {len(items)} items.")
    owner_labels, owner = np.unique(owners, return_inverse=True)
    item_labels, item = np.unique(items, return_inverse=True)
    width = max(len(item_labels), 1)
    entries = np.unique(owner * width + item)
    return owner_labels, item_labels, entries // width, entries % width


def read(
    basket_ids: Integers,
    item_ids: Integers,
    count: int,
    support_ratio: float,
    width: int,
) -> Baskets:
    """The frequent items of the baskets that are not too wide."""
    baskets, labels, rows, columns = encode(basket_ids, item_ids)
    narrow = np.bincount(rows, minlength=len(baskets)) <= width
    kept = narrow[rows]
    rows, columns = rows[kept], columns[kept]
    total = int(narrow.sum())
    minimum = max(count, ceil(support_ratio * total - 1e-9), 1)
    counts = np.bincount(columns, minlength=len(labels))
    frequent = np.flatnonzero(counts >= minimum)
    frequent = frequent[np.argsort(counts[frequent], kind="stable")]
    place = np.full(len(labels), NONE)
    place[frequent] = np.arange(len(frequent))
    kept = place[columns] != NONE
    matrix = csr_matrix(
        (np.ones(int(kept.sum()), dtype=np.int32), (rows[kept], place[columns[kept]])),
        shape=(max(len(baskets), 1), max(len(frequent), 1)),
    )
    return Baskets(matrix, labels[frequent], counts[frequent], total, minimum)


class Pairs(NamedTuple):
    """Frequent pairs of columns, first < second, by ascending code first * width + second."""

    first: Integers
    second: Integers
    counts: Integers
    width: int

    def count_both(self, one: Integers, other: Integers) -> Integers:
        """Baskets of pairs that are all frequent."""
        low, high = np.minimum(one, other), np.maximum(one, other)
        codes = self.first * self.width + self.second
        found: Integers = self.counts[np.searchsorted(codes, low * self.width + high)]
        return found


def count_pairs(baskets: Baskets) -> Pairs:
    together = (baskets.matrix.T @ baskets.matrix).tocoo()
    first, second = together.row.astype(np.int64), together.col.astype(np.int64)
    kept = (first < second) & (together.data >= baskets.minimum)
    first, second, counts = first[kept], second[kept], together.data[kept]
    order = np.lexsort((second, first))
    width = max(len(baskets.labels), 1)
    return Pairs(first[order], second[order], counts[order].astype(np.int64), width)


def count_triples(baskets: Baskets, pairs: Pairs) -> Integers:
    """Rows of (column, column, column, baskets), columns ascending.

    Item after item, from the rarest: only the baskets that hold it and the items that are frequent with it are
    counted, so memory is bounded by the square of an item's partners, never by all triples.
    """
    by_item = baskets.matrix.tocsc()
    bounds = np.searchsorted(pairs.first, np.arange(len(baskets.labels) + 1))
    found: list[Integers] = [np.empty((0, 4), dtype=np.int64)]
    for item in np.flatnonzero(np.diff(bounds) > 1):
        partners = pairs.second[bounds[item] : bounds[item + 1]]
        rows = by_item.indices[by_item.indptr[item] : by_item.indptr[item + 1]]
        part = baskets.matrix[rows][:, partners]
        together = (part.T @ part).tocoo()
        kept = (together.row < together.col) & (together.data >= baskets.minimum)
        second, third = partners[together.row[kept]], partners[together.col[kept]]
        first = np.full(len(second), item)
        found.append(np.column_stack((first, second, third, together.data[kept])))
    return np.concatenate(found).astype(np.int64)


def is_pair_in(
    pairs: tuple[Integers, Integers], known: tuple[Integers, Integers]
) -> Flags:
    """Which pairs of ids are among the known ones.

    >>> ones = np.ones(2, dtype=np.int64)
    >>> is_pair_in((ones, np.array([3, 4])), (ones[:1], np.array([4]))).tolist()
    [False, True]
    """
    width = int(max(pairs[1].max(initial=0), known[1].max(initial=0))) + 1
    found: Flags = np.isin(pairs[0] * width + pairs[1], known[0] * width + known[1])
    return found
