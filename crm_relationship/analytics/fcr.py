"""First contact resolution (FCR): whether the first contact solved it, why not, and which causes weigh most.

No definition is the right one, so the firm chooses one and says it with the number. Sources: Feinberg, R. A., Kim, I.,
Hokama, L., de Ruyter, K. and Keen, C. (2000), "Operational determinants of caller satisfaction in the call center",
International Journal of Service Industry Management 11 (2), 131-141, who name resolution at the first contact as what
satisfies; Hart, M., Fichardt, C., Feeney, J. and Mistry, N. (2006), "First contact resolution: a performance measure
of call centres", Southern African Business Review 10 (2), on measuring it by agent, by repeated contact in a window,
and by asking the customer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Moments = NDArray[np.datetime64]
Flags = NDArray[np.bool_]

ONE_REPLY: Final = "one_reply"
NO_SECOND_CONTACT: Final = "no_second_contact"
FIRST_OWNER: Final = "first_owner"
CUSTOMER_SAYS: Final = "customer_says"
DEFINITIONS: Final = (ONE_REPLY, NO_SECOND_CONTACT, FIRST_OWNER, CUSTOMER_SAYS)

PENDING: Final = "pending"
YES: Final = "yes"
NO: Final = "no"

HANDED_OVER: Final = "handed_over"
REOPENED: Final = "reopened"
WAITED_INFORMATION: Final = "waited_information"
WAITED_DEPARTMENT: Final = "waited_department"
LATE: Final = "late"
OTHER: Final = "other"
CAUSES: Final = (
    HANDED_OVER,
    REOPENED,
    WAITED_INFORMATION,
    WAITED_DEPARTMENT,
    LATE,
    OTHER,
)
# The vital few make up this share. Source: Juran, J. M. (1951), Quality Control Handbook, McGraw-Hill.
VITAL_RATIO: Final = 0.8

UNIT: Final = "datetime64[us]"
NEVER: Final = np.datetime64("NaT", "us")


def moments(values: ArrayLike) -> Moments:
    """Naive UTC datetimes as an array; None is NaT.

    >>> moments([None])
    array(['NaT'], dtype='datetime64[us]')
    """
    return np.asarray(values, dtype=UNIT)


@dataclass(frozen=True)
class Facts:
    """What happened to tickets, one row a ticket; NaT where it did not happen."""

    resolved: Moments  #: closed for the first time
    first_reply: Moments  #: our first answer
    second_reply: Moments  #: our second answer
    second_contact: Moments  #: the customer wrote for the first time after the message that opened it
    reopened: Moments  #: reopened for the first time
    handed_over: Moments  #: taken from an owner or a team for the first time
    is_closed_by_owner: Flags  #: the first close was by the first owner, or by no colleague while he was the first
    said_solved: Moments  #: the customer said that it is solved (his last answer before it was reopened)
    said_unsolved: Moments  #: the customer said that it is not


class Verdicts(NamedTuple):
    """What is decided, one row a ticket."""

    states: NDArray[np.str_]  #: pending, yes or no
    decided: Moments  #: since when it cannot change any more; NaT while pending
    due: Moments  #: when it will be decided if nothing else happens; NaT where nothing is waited for


def _earliest(*columns: Moments) -> Moments:
    """The earliest of each row; NaT where none is.

    >>> _earliest(moments(["2026-03-02", None]), moments([None, None]))
    array(['2026-03-02T00:00:00.000000',                        'NaT'],
          dtype='datetime64[us]')
    """
    found = columns[0]
    for column in columns[1:]:
        found = np.fmin(found, column)
    return found


def _before(column: Moments, limit: Moments) -> Moments:
    """The moments before a limit, NaT for the others; no limit lets all pass."""
    is_kept = np.isnat(limit) | (column < limit)
    return np.where(is_kept, column, NEVER)


def decide(
    definition: str, facts: Facts, window_days: float, now: np.datetime64
) -> Verdicts:
    """Whether the first contact solved each ticket.

    The window begins when the ticket is closed for the first time. What contradicts the definition decides ``no`` at
    once, closed or not; what holds to the end of the window decides ``yes`` then. What happens after the window is
    another matter and changes nothing. A customer who is asked and stays silent decides nothing: the ticket stays
    pending and counts in no ratio; his answer counts whenever it comes.

    :param definition: one of DEFINITIONS.
    :param window_days: days of 24 hours; 0 decides when the ticket is closed.

    >>> def told(definition, now, **happened):
    ...     none = moments([None])
    ...     names = [name for name in Facts.__dataclass_fields__ if name != "is_closed_by_owner"]
    ...     columns = {name: moments([happened.get(name)]) for name in names}
    ...     facts = Facts(is_closed_by_owner=np.array([True]), **columns)
    ...     found = decide(definition, facts, 7, np.datetime64(now, "us"))
    ...     return str(found.states[0]), str(found.decided[0])[:10], str(found.due[0])[:10]
    >>> told(ONE_REPLY, "2026-03-04", first_reply="2026-03-02", resolved="2026-03-03")
    ('pending', 'NaT', '2026-03-10')
    >>> told(ONE_REPLY, "2026-03-10", first_reply="2026-03-02", resolved="2026-03-03")
    ('yes', '2026-03-10', 'NaT')
    >>> told(ONE_REPLY, "2026-03-04", first_reply="2026-03-02", second_reply="2026-03-03")
    ('no', '2026-03-03', 'NaT')
    >>> told(NO_SECOND_CONTACT, "2026-03-30", resolved="2026-03-03", second_contact="2026-03-11")
    ('yes', '2026-03-10', 'NaT')
    >>> told(CUSTOMER_SAYS, "2026-03-30", resolved="2026-03-03")
    ('pending', 'NaT', 'NaT')
    """
    if definition not in DEFINITIONS:
        raise ValueError(
            f"{definition!r} is no definition: choose one of {DEFINITIONS}"
        )
    window = np.timedelta64(round(window_days * 86_400_000_000), "us")
    ends = facts.resolved + window
    contradicted = _earliest(
        _before(facts.reopened, ends), _contradictions(definition, facts, ends)
    )
    said = facts.said_solved if definition == CUSTOMER_SAYS else facts.resolved
    due = np.maximum(ends, said)  # NaT where one of them is
    if definition == ONE_REPLY:
        unanswered = np.where(np.isnat(_before(facts.first_reply, ends)), ends, NEVER)
        is_over = unanswered <= now
        contradicted = np.where(
            is_over, _earliest(contradicted, unanswered), contradicted
        )
    is_no = ~np.isnat(contradicted)
    is_yes = ~is_no & (due <= now)
    return Verdicts(
        np.where(is_no, NO, np.where(is_yes, YES, PENDING)),
        np.where(is_no, contradicted, np.where(is_yes, due, NEVER)),
        np.where(is_no | is_yes, NEVER, due),
    )


def _contradictions(definition: str, facts: Facts, ends: Moments) -> Moments:
    """When each ticket first broke its definition, NaT where it did not; reopening aside."""
    if definition == ONE_REPLY:
        return _before(facts.second_reply, ends)
    if definition == NO_SECOND_CONTACT:
        return _before(facts.second_contact, ends)
    if definition == CUSTOMER_SAYS:
        return facts.said_unsolved
    after = facts.resolved + np.timedelta64(1, "us")
    by_another = np.where(facts.is_closed_by_owner, NEVER, facts.resolved)
    return _earliest(_before(facts.handed_over, after), by_another)


@dataclass(frozen=True)
class Course:
    """What can have kept tickets from being solved at once, one row a ticket."""

    is_handed_over: Flags  #: to another colleague of the same team
    is_reopened: Flags
    is_paused: Flags  #: it waited for the customer
    is_moved: Flags  #: handed to another team
    answered: Moments  #: our first answer
    resolved: Moments  #: closed for the last time; NaT while open
    stopped: Moments  #: when the clock of the solution stopped: at the close, or the pause before it; NaT while it runs
    answer_due: Moments  #: what was promised; NaT for no promise
    solution_due: Moments


def classify(course: Course, now: np.datetime64) -> Mapping[str, Flags]:
    """Which causes apply to each ticket: several may, and ``other`` does where no other cause is found.

    A promise is broken when its deadline passed before it was kept, whether the ticket is closed or not. A ticket that
    was closed without an answer was answered by closing it. While we wait for the customer, the clock of the solution
    stands still.

    >>> no, never, due = np.array([False]), moments([None]), moments(["2026-03-02"])
    >>> course = Course(no, ~no, no, no, never, never, never, due, never)
    >>> [cause for cause, applies in classify(course, np.datetime64("2026-03-03")).items() if applies[0]]
    ['reopened', 'late']
    >>> [cause for cause, applies in classify(course, np.datetime64("2026-03-01")).items() if applies[0]]
    ['reopened']
    """
    resolved = np.where(np.isnat(course.resolved), now, course.resolved)
    answered = np.where(np.isnat(course.answered), resolved, course.answered)
    ended = np.where(np.isnat(course.stopped), now, course.stopped)
    found: dict[str, Flags] = {
        HANDED_OVER: course.is_handed_over,
        REOPENED: course.is_reopened,
        WAITED_INFORMATION: course.is_paused,
        WAITED_DEPARTMENT: course.is_moved,
        LATE: (answered > course.answer_due) | (ended > course.solution_due),
    }
    found[OTHER] = ~np.logical_or.reduce(list(found.values()))
    return found


class Pareto(NamedTuple):
    """Causes in the order of a Pareto chart."""

    order: list[
        int
    ]  #: positions of the counts, the largest first; those of 0 are left out
    cumulative_ratios: list[
        float
    ]  #: share of all that the causes up to each one make up
    vital_count: int  #: how many causes make up 80 %


def pareto(counts: ArrayLike) -> Pareto:
    """Counts as a Pareto chart shows them: descending, with what they make up together.

    Equal counts keep their order. Source: Juran (1951): few causes, the vital ones, make up most of the effect.

    >>> pareto([2, 7, 0, 1])
    Pareto(order=[1, 0, 3], cumulative_ratios=[0.7, 0.9, 1.0], vital_count=2)
    >>> pareto([])
    Pareto(order=[], cumulative_ratios=[], vital_count=0)
    """
    values = np.asarray(counts, dtype=np.int64)
    order = np.argsort(-values, kind="stable")[: np.count_nonzero(values)]
    if not order.size:
        return Pareto([], [], 0)
    ratios = np.cumsum(values[order]) / values.sum()
    vital_count = int(np.searchsorted(ratios, VITAL_RATIO - 1e-12)) + 1
    return Pareto(order.tolist(), ratios.tolist(), vital_count)
