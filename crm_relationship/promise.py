"""What is promised for many tickets at once: every need is asked for once, then answered from memory."""

from datetime import timedelta

from pytz import UTC

from .analytics import worktime
from .owner import Owners

# How far ahead a deadline is looked for, step by step, before it is said that there is none.
HORIZON_DAYS = (30, 120, 800)
# Fields of a ticket that say when its promises fall due, and when somebody is warned of that.
MOMENTS = (
    "first_response_deadline",
    "resolution_deadline",
    "first_response_warning_at",
    "resolution_warning_at",
)


class WorkClock:
    """The working time of one calendar, read once for all deadlines that are asked of it.

    An empty calendar works round the clock. Queries: those of one ``_work_intervals_batch`` as a rule, one more
    for each step of the horizon that is needed.
    """

    def __init__(self, calendar, first_start, last_start):
        """:param first_start: naive UTC; the earliest start that will be asked for; ``last_start`` the latest."""
        self.calendar = calendar
        self.end = UTC.localize(first_start)
        self.last_start = UTC.localize(last_start)
        self.intervals = []

    def get_deadline(self, start, hours):
        """The naive UTC moment at which so many working hours have passed; None if not within about two years."""
        if not self.calendar:
            return start + timedelta(hours=hours)
        start = UTC.localize(start)
        for days in HORIZON_DAYS:
            self._read_until(
                start + timedelta(days=days), self.last_start + timedelta(days=days)
            )
            found = worktime.deadline(self.intervals, start, hours)
            if found:
                return found.replace(tzinfo=None)
        return None

    def get_hours(self, start, end):
        """Working hours between two naive UTC moments, the first not before the first start."""
        if not self.calendar:
            return worktime.hours_between(None, start, end)
        start, end = UTC.localize(start), UTC.localize(end)
        self._read_until(end, end)
        return worktime.hours_between(self.intervals, start, end)

    def _read_until(self, needed, end):
        if self.end < needed:
            self.intervals += self.calendar._get_intervals(self.end, end)
            self.end = end


class Promises:
    """Policies and deadlines of tickets: each company's rules and each calendar are read once."""

    def __init__(self, env, starts=()):
        """:param starts: naive UTC datetimes at which the tickets' clocks start; needed for deadlines."""
        self.env = env
        self.policies = env["crm.relationship.policy"].sudo()
        self.starts = starts
        self.owners = Owners(env)
        self.rules = {}
        self.clocks = {}
        self.deadlines = {}

    def get_policy(self, relationship, company):
        """The policy that holds for a relationship, the floor for an empty one."""
        if company not in self.rules:
            self.rules[company] = self.policies._get_rules(company)
        return self.policies._get_chain(
            company,
            relationship.segment_id,
            relationship.primary_type_id,
            self.rules[company],
        )[:1]

    def get_deadlines(self, policy, team, company, start, kind, stopped_hours=0):
        """Values of the deadline fields, when to warn of each, and the problem where the calendar gives none.

        :param kind: kind of the ticket, empty for none.
        :param stopped_hours: working hours in which the clock of the solution stood still.
        """
        calendar = self._get_calendar(policy, team, company)
        ratio = company.sudo().ticket_warning_ratio
        key = (policy, calendar, start, kind, stopped_hours, ratio)
        if key not in self.deadlines:
            self.deadlines[key] = self._find_deadlines(*key)
        return self.deadlines[key]

    def get_deadlines_of(self, ticket):
        """The same for a ticket as it is."""
        return self.get_deadlines(
            ticket.policy_id,
            ticket.team_id,
            ticket.company_id,
            ticket._get_start(),
            ticket.kind_id,
            ticket.stopped_hours,
        )

    def get_clock_of(self, ticket):
        """The working time by which the promise of a ticket runs."""
        calendar = self._get_calendar(
            ticket.policy_id, ticket.team_id, ticket.company_id
        )
        return self.get_clock(calendar)

    def _get_calendar(self, policy, team, company):
        return (
            policy.calendar_id
            or team.resource_calendar_id
            or company.sudo().resource_calendar_id
        )

    def _find_deadlines(self, policy, calendar, start, kind, stopped_hours, ratio):
        found = [False] * len(MOMENTS)
        if policy:
            response, solution = policy._get_promised_hours(kind)
            clock = self.get_clock(calendar)
            found = [
                clock.get_deadline(start, hours) or False
                for hours in (
                    response,
                    solution + stopped_hours,
                    response * ratio,
                    solution * ratio + stopped_hours,
                )
            ]
        is_problem = policy and not all(found)
        return {
            **dict(zip(MOMENTS, found, strict=True)),
            "promise_problem": bool(is_problem) and self._get_problem(policy, calendar),
        }

    def get_clock(self, calendar):
        """The working time of a calendar, read once; round the clock for an empty one."""
        if calendar not in self.clocks:
            self.clocks[calendar] = WorkClock(
                calendar, min(self.starts), max(self.starts)
            )
        return self.clocks[calendar]

    def _get_problem(self, policy, calendar):
        return self.env._(
            "No deadline could be found: the calendar “%(calendar)s” has too few working hours in the next two"
            " years. Add hours to it, or choose another one in the policy “%(policy)s”.",
            calendar=calendar.name,
            policy=policy.display_name,
        )
