"""An audit counts what a naive count finds, ticket by ticket."""

import random
from datetime import datetime, timedelta

import numpy as np
from freezegun import freeze_time

from odoo.tests import tagged

from .audits import NOW, AuditCase

SEED = 20260322
TICKETS = 60


@tagged("post_install", "-at_install")
class TestAuditAgainstNaiveCount(AuditCase):
    """Random tickets with everything that happens to tickets, counted one by one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.complaint = cls.env.ref("crm_relationship.ticket_kind_complaint")
        cls.env["crm.relationship.policy.kind"].create(
            {
                "policy_id": cls.floor.id,
                "kind_id": cls.complaint.id,
                "first_response_hours": 6,
                "resolution_hours": 31,
            }
        )
        cls.draw = random.Random(SEED)

    def test_all_that_an_audit_counts(self):
        """One test, because the tickets take their time."""
        self.tickets = self.env["helpdesk.ticket"]
        for _number in range(TICKETS):
            self.tickets |= self.make_random_ticket()
        self.merge_some()
        self.audit = self.make_audit()
        self.check_verdicts()
        self.check_breaches()
        self.check_deadlines()
        self.check_lines()
        self.check_difference()
        self.check_second_run()

    def make_random_ticket(self):
        draw = self.draw
        moment = datetime(2026, 3, 1) + timedelta(minutes=draw.randrange(44_000))
        values = {}
        if draw.random() < 0.3:
            values = {
                "kind_id": self.complaint.id,
                "cause": "Worn out",
                "remedy": "Replaced",
            }
        if draw.random() < 0.6:
            values["user_id"] = self.agent.id
        relationship = draw.choice(
            [self.key, self.key, self.small, self.small, self.other]
        )
        ticket = self.open_ticket(relationship, str(moment), **values)
        for _step in range(draw.randrange(6)):
            moment += timedelta(minutes=draw.randrange(1, 4000))
            if str(moment) < NOW:
                self.do_something(ticket, str(moment))
        self.env.flush_all()
        return ticket

    def do_something(self, ticket, moment):
        what = self.draw.choice(["answer", "answer", "pause", "work", "close", "take"])
        if what == "answer":
            self.post(ticket, moment)
        elif what == "take":
            self.move(ticket, moment, user_id=self.colleague.id)
        else:
            stage = {
                "pause": self.awaiting,
                "work": self.in_progress,
                "close": self.done,
            }[what]
            self.move(ticket, moment, stage_id=stage.id)

    def merge_some(self):
        """Of each customer, four tickets are merged into others, older and younger ones; they are audited no more."""
        merged = self.tickets.browse()
        for tickets in self.tickets.grouped("relationship_id").values():
            pairs = self.draw.sample(list(tickets), 8)
            for duplicate, kept in zip(pairs[::2], pairs[1::2], strict=True):
                self.move(duplicate, NOW, duplicate_id=kept.id)
                merged |= duplicate
        self.assertEqual(merged, merged.filtered("is_merged"))
        self.tickets -= merged
        self.env.flush_all()
        self.assertTrue(
            any(item._get_start() < item.create_date for item in self.tickets)
        )

    @freeze_time(NOW)
    def check_verdicts(self):
        """The fields of the ticket say what the naive count says; so must the audit, which is compared with that."""
        found = {"kept": set(), "broken": set(), False: set()}
        for ticket in self.tickets:
            late = self.find_own_late(ticket, NOW)
            ends = {
                "first_response": ticket.first_response_at or ticket.resolved_at,
                "resolution": ticket.resolved_at,
            }
            for promise, end in ends.items():
                expected = "broken" if promise in late else bool(end) and "kept"
                verdict = ticket[f"{promise}_verdict"]
                with self.subTest(f"{promise} of {ticket.number}"):
                    self.assertEqual(verdict, expected)
                found[verdict].add(promise)
        both = {"first_response", "resolution"}
        self.assertEqual((found["kept"], found["broken"]), (both, both))
        self.assertTrue(found[False], "some are open")

    def check_breaches(self):
        expected = self.expect_breaches(self.tickets, NOW)
        found = {
            (breach.ticket_id, breach.promise): breach.late_hours
            for breach in self.audit.breach_ids
        }
        self.assertGreater(len(expected), 10)
        self.assertEqual(set(found), set(expected))
        for key, hours in expected.items():
            self.assertAlmostEqual(found[key], hours, 5)
        self.assertEqual(self.audit.breach_count, len(expected))
        tickets = {ticket for ticket, _promise in expected}
        self.assertEqual(self.audit.breach_ticket_count, len(tickets))

    def check_deadlines(self):
        for breach in self.audit.breach_ids:
            self.assertLess(
                breach.deadline, breach.actual_at or datetime(2026, 4, 10, 13)
            )
        for breach in self.audit.breach_ids.filtered(
            lambda item: item.promise == "first_response"
            and item.ticket_id.policy_id == self.floor
        ):
            self.assertEqual(breach.deadline, breach.ticket_id.first_response_deadline)

    def check_lines(self):
        groups = {("all", False): self.tickets}
        for scope, name in (("segment", "segment_id"), ("type", "primary_type_id")):
            by_record = self.tickets.grouped(
                lambda ticket, name=name: ticket.relationship_id[name]
            )
            groups |= {(scope, record.id): found for record, found in by_record.items()}
        lines = {
            (line.scope, line.segment_id.id or line.type_id.id): line
            for line in self.audit.line_ids
        }
        self.assertEqual(set(lines), set(groups))
        for key, tickets in groups.items():
            with self.subTest(key):
                self.check_line(lines[key], tickets)

    def check_line(self, line, tickets):
        answered = tickets.filtered("first_response_at")
        resolved = tickets.filtered("resolved_at")
        kept = [self.expect_kept(ticket, NOW) for ticket in tickets]
        kept = [value for value in kept if value is not None]
        complaints = tickets.filtered(lambda item: item.kind_id == self.complaint)
        good = complaints.filtered(
            lambda item: item.resolved_at
            or (
                item.first_response_at
                and item.first_response_at <= item.first_response_deadline
            )
        )
        self.assertEqual(line.ticket_count, len(tickets))
        self.assertEqual(
            (line.answered_count, line.resolved_count), (len(answered), len(resolved))
        )
        for prefix, values in (
            ("first_response", answered.mapped("first_response_hours")),
            ("resolution", resolved.mapped("waiting_us_hours")),
        ):
            for suffix, part in (("median", 50), ("p90", 90)):
                expected = np.percentile(values, part) if values else 0
                self.assertAlmostEqual(line[f"{prefix}_{suffix}_hours"], expected, 6)
        self.assertEqual(line.sla_decided_count, len(kept))
        self.assertAlmostEqual(line.sla_kept_ratio, sum(kept) / (len(kept) or 1), 6)
        self.check_against_verdicts(line, tickets)
        self.assertEqual(line.complaint_count, len(complaints))
        self.assertEqual(line.complaint_answered_count, len(good))

    @freeze_time(NOW)
    def check_against_verdicts(self, line, tickets):
        """The audit counts by the same verdicts that the tickets show."""
        pairs = [
            (
                ticket.first_response_verdict,
                ticket.resolution_verdict,
                ticket.resolved_at,
            )
            for ticket in tickets
        ]
        broken = sum("broken" in pair for pair in pairs)
        kept = sum(bool(pair[2]) and "broken" not in pair for pair in pairs)
        self.assertEqual(line.sla_decided_count, broken + kept)
        self.assertAlmostEqual(line.sla_kept_ratio, kept / ((broken + kept) or 1), 6)

    def check_difference(self):
        hours = {
            name: [
                round(60 * ticket.first_response_hours)
                for ticket in self.tickets
                if ticket.relationship_segment_id.code == name
                and ticket.first_response_at
            ]
            for name in ("small", "key")
        }
        pairs = [small - key for small in hours["small"] for key in hours["key"]]
        counts = (len(hours["small"]), len(hours["key"]))
        audit = self.audit
        self.assertEqual(
            (audit.first_response_small_count, audit.first_response_key_count), counts
        )
        self.assertGreaterEqual(min(counts), 10)
        self.assertAlmostEqual(
            audit.first_response_difference_hours, np.median(pairs) / 60, 6
        )
        self.assertLess(audit.first_response_low_hours, np.median(pairs) / 60)
        self.assertGreater(audit.first_response_high_hours, np.median(pairs) / 60)

    def check_second_run(self):
        before = self.audit.line_ids.mapped("ticket_count")
        breaches = self.audit.breach_ids.mapped("late_hours")
        with freeze_time(NOW):
            self.audit._run()
        self.assertEqual(self.audit.line_ids.mapped("ticket_count"), before)
        self.assertEqual(self.audit.breach_ids.mapped("late_hours"), breaches)
