"""What the tests of audits share: key and small customers, and a naive count of what an audit should say."""

from freezegun import freeze_time

from odoo import Command, fields

from ..analytics import service
from ..promise import WorkClock
from ..queries import ticket_events
from .tickets import TicketCase

FIRST, LAST = "2026-03-01", "2026-03-31"
NOW = "2026-04-10 12:00:00"


class AuditCase(TicketCase):
    """A floor of 8 and 40 hours, a key account whose policy has long days, a small customer, and one of no segment."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.floor = cls.env["crm.relationship.policy"]._get_floor(cls.company)
        cls.long_days = cls.env["resource.calendar"].create(
            {
                "name": "Long days",
                "tz": "UTC",
                "company_id": cls.company.id,
                "attendance_ids": [
                    Command.create(
                        {
                            "name": f"Day {day}",
                            "dayofweek": str(day),
                            "hour_from": 6,
                            "hour_to": 22,
                            "day_period": "full_day",
                        }
                    )
                    for day in range(7)
                ],
            }
        )
        cls.policy = cls.env["crm.relationship.policy"].create(
            {
                "company_id": cls.company.id,
                "segment_id": cls.segments["key"].id,
                "first_response_hours": 6,
                "resolution_hours": 30,
                "calendar_id": cls.long_days.id,
            }
        )
        cls.key, cls.small, cls.other = (
            cls.make_relationship(name, segment)
            for name, segment in (("Key", "key"), ("Small", "small"), ("Other", None))
        )

    @classmethod
    def make_relationship(cls, name, segment):
        return cls.env["crm.relationship"].create(
            {
                "partner_id": cls.make_customer(name).id,
                "company_id": cls.company.id,
                "segment_id": segment and cls.segments[segment].id,
            }
        )

    def open_ticket(self, relationship, moment, **values):
        return self.make_ticket(moment, partner_id=relationship.partner_id.id, **values)

    def make_audit(self, first=FIRST, last=LAST, now=NOW, run=True, **values):
        with freeze_time(now):
            audit = self.env["crm.relationship.audit"].create(
                {
                    "company_id": self.company.id,
                    "date_from": first,
                    "date_to": last,
                    **values,
                }
            )
            if run:
                audit._run()
        return audit

    def line_of(self, audit, scope="all", record=None):
        return audit.line_ids.filtered(
            lambda line: (
                line.scope == scope
                and (line.segment_id if scope == "segment" else line.type_id)
                == (record or line.segment_id.browse())
            )
            if scope != "all"
            else line.scope == "all"
        )

    # --- the naive count ---

    def find_late(self, ticket, calendar, promised, now):
        """{promise: working hours late} of a ticket by a calendar: what ended after its deadline."""
        start = ticket._get_start()
        end = ticket.resolved_at or now
        clock = WorkClock(calendar, start, start)
        turns = ticket_events.fetch_summaries(self.env, ticket.ids)[ticket.id].turns
        ours = [span for span in service.spans(turns, end) if span.turn == service.US]
        # that of a merged duplicate which is older waited for us until this one was made
        worked = clock.get_hours(start, ours[0].start)
        worked += sum(clock.get_hours(span.start, span.end) for span in ours)
        stopped = clock.get_hours(start, ours[-1].end) - worked
        answered = ticket.first_response_at or end
        ends = {
            "first_response": (answered, promised[0], clock.get_hours(start, answered)),
            "resolution": (ours[-1].end, promised[1] + stopped, worked + stopped),
        }
        return {
            name: took - limit
            for name, (moment, limit, took) in ends.items()
            if moment > clock.get_deadline(start, limit)
        }

    def expect_breaches(self, tickets, now):
        """{(ticket, promise): hours late} by the calendar of the floor."""
        now = fields.Datetime.to_datetime(now)
        found = {}
        for ticket in tickets:
            promised = self.floor._get_promised_hours(ticket.kind_id)
            late = self.find_late(ticket, self.calendar, promised, now)
            found |= {(ticket, name): hours for name, hours in late.items()}
        return found

    def find_own_late(self, ticket, now):
        """{promise: hours late} of the ticket's own promise."""
        now = fields.Datetime.to_datetime(now)
        policy = ticket.policy_id
        promised = policy._get_promised_hours(ticket.kind_id)
        return self.find_late(
            ticket, policy.calendar_id or self.calendar, promised, now
        )

    def expect_kept(self, ticket, now):
        """Whether the ticket's own promise was kept, None while that is open."""
        if self.find_own_late(ticket, now):
            return False
        return True if ticket.resolved_at else None
