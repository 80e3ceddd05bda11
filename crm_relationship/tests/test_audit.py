"""An audit says what customers got in a period: against a naive count, in words, by the job, and with bad input."""

import random
from datetime import datetime, timedelta
from unittest.mock import patch

import numpy as np
from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from ..models.crm_relationship_audit_run import CrmRelationshipAudit as Runner
from .audits import NOW, AuditCase
from .test_ticket_events import MONDAY

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
        self.audit = self.make_audit()
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
        self.assertEqual(line.complaint_count, len(complaints))
        self.assertEqual(line.complaint_answered_count, len(good))

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


@tagged("post_install", "-at_install")
class TestAudit(AuditCase):
    def reason_of(self, audit, promise="first_response"):
        return audit.breach_ids.filtered(lambda item: item.promise == promise).reason

    def test_a_ticket_that_got_what_was_promised(self):
        ticket = self.open_ticket(
            self.small, f"{MONDAY} 09:00:00", user_id=self.agent.id
        )
        self.post(ticket, f"{MONDAY} 11:00:00")
        self.move(ticket, f"{MONDAY} 12:00:00", stage_id=self.done.id)
        audit = self.make_audit()
        self.assertEqual((audit.state, audit.ticket_count), ("done", 1))
        self.assertFalse(audit.breach_ids)
        self.assertIn("kept on all 1 tickets", audit.summary)
        line = self.line_of(audit, "segment", self.segments["small"])
        self.assertEqual(line.name, self.segments["small"].name)
        self.assertAlmostEqual(line.first_response_median_hours, 2)
        self.assertEqual(line.sla_kept_ratio, 1)

    def test_an_open_ticket_past_the_deadline_is_a_breach(self):
        ticket = self.open_ticket(self.small, f"{MONDAY} 09:00:00")
        audit = self.make_audit()
        breaches = audit.breach_ids
        self.assertEqual(
            set(breaches.mapped("promise")), {"first_response", "resolution"}
        )
        self.assertEqual(breaches.ticket_id, ticket)
        self.assertEqual(set(breaches.mapped("reason")), {"no_owner"})
        self.assertEqual(audit.open_breach_count, 2)
        self.assertEqual(breaches.mapped("customer_name"), ["Small", "Small"])
        self.assertEqual(audit.action_view_open_tickets()["res_id"], ticket.id)
        self.assertEqual(breaches[0].action_open_ticket()["res_id"], ticket.id)

    def test_the_reasons(self):
        owner = {"user_id": self.agent.id}
        late = "2026-03-05 09:00:00"
        stories = {}
        waited = self.open_ticket(self.small, f"{MONDAY} 09:00:00", **owner)
        self.post(waited, late)
        stories[waited] = "waited"
        passed_on = self.open_ticket(self.small, f"{MONDAY} 09:00:00", **owner)
        self.move(passed_on, f"{MONDAY} 10:00:00", user_id=self.colleague.id)
        self.post(passed_on, late)
        stories[passed_on] = "handed_over"
        silent = self.open_ticket(self.small, f"{MONDAY} 09:00:00", **owner)
        self.move(silent, late, stage_id=self.done.id)
        stories[silent] = "unanswered"
        forgotten = self.open_ticket(self.small, f"{MONDAY} 09:00:00")
        self.move(forgotten, "2026-03-04 12:00:00", **owner)
        self.post(forgotten, late)
        stories[forgotten] = "no_owner"
        pending = self.open_ticket(self.small, f"{MONDAY} 09:00:00", **owner)
        stories[pending] = "still_open"
        escalated = self.open_ticket(self.small, f"{MONDAY} 09:00:00", **owner)
        with freeze_time("2026-03-03 09:00:00"):
            self.env["crm.relationship.ticket.event"]._log(
                [escalated._prepare_event("escalated", promise="first_response")]
            )
        stories[escalated] = "escalated"
        audit = self.make_audit()
        found = {
            breach.ticket_id: breach.reason
            for breach in audit.breach_ids
            if breach.promise == "first_response"
        }
        self.assertEqual(found, stories)

    def test_the_floor_holds_for_key_accounts_too(self):
        """The own promise of 6 hours is broken, that of the floor is not."""
        ticket = self.open_ticket(self.key, "2026-03-06 13:00:00")
        self.post(ticket, "2026-03-09 10:00:00")  # 5 hours by the floor's calendar
        self.move(ticket, "2026-03-09 11:00:00", stage_id=self.done.id)
        audit = self.make_audit()
        self.assertFalse(audit.breach_ids)
        self.assertEqual(self.line_of(audit).sla_kept_ratio, 0)

    def test_waiting_for_the_customer_does_not_count(self):
        ticket = self.open_ticket(
            self.small, f"{MONDAY} 09:00:00", user_id=self.agent.id
        )
        self.post(ticket, f"{MONDAY} 10:00:00")
        self.move(ticket, f"{MONDAY} 11:00:00", stage_id=self.awaiting.id)
        self.assertFalse(self.make_audit().breach_ids, "it waits still")
        self.move(ticket, "2026-03-25 11:00:00", stage_id=self.done.id)
        audit = self.make_audit()
        self.assertFalse(audit.breach_ids)
        self.assertEqual(self.line_of(audit).sla_kept_ratio, 1)
        self.assertAlmostEqual(self.line_of(audit).resolution_median_hours, 2)

    def test_the_period_is_in_days_of_the_company(self):
        self.calendar.tz = "Asia/Tokyo"
        self.open_ticket(self.small, "2026-02-28 14:59:00")  # still February there
        inside = self.open_ticket(self.small, "2026-02-28 15:00:00")
        self.open_ticket(self.small, "2026-03-31 15:00:00")  # April there
        audit = self.make_audit()
        self.assertEqual(audit.ticket_count, 1)
        self.assertEqual(audit.breach_ids.ticket_id, inside)

    def test_an_answer_in_the_evening_after_the_deadline_is_late(self):
        """No working hour passed since, but the customer was told four o'clock."""
        ticket = self.open_ticket(self.small, f"{MONDAY} 07:00:00")
        self.post(ticket, f"{MONDAY} 18:00:00")
        self.move(ticket, f"{MONDAY} 18:00:00", stage_id=self.done.id)
        breach = self.make_audit().breach_ids
        self.assertEqual(str(breach.deadline), f"{MONDAY} 16:00:00")
        self.assertEqual(breach.late_hours, 0)

    def test_archived_tickets_are_audited(self):
        self.open_ticket(self.small, f"{MONDAY} 09:00:00").active = False
        self.assertEqual(self.make_audit().breach_ticket_count, 1)

    def test_the_segment_is_that_of_the_month(self):
        self.open_ticket(self.small, f"{MONDAY} 09:00:00")
        self.env["crm.relationship.snapshot"].create(
            {
                "relationship_id": self.small.id,
                "company_id": self.company.id,
                "date": "2026-03-31",
                "segment_id": self.segments["core"].id,
            }
        )
        audit = self.make_audit()
        self.assertEqual(
            audit.line_ids.segment_id | audit.breach_ids.segment_id,
            self.segments["core"],
        )

    def test_tickets_of_unknown_senders_count(self):
        self.make_ticket(f"{MONDAY} 09:00:00", partner_id=False)
        audit = self.make_audit()
        self.assertEqual(audit.ticket_count, 1)
        self.assertIn("Without a segment", audit.line_ids.mapped("name"))

    def test_tickets_older_than_the_addon_are_timed_first(self):
        ticket = self.open_ticket(self.small, f"{MONDAY} 09:00:00")
        self.post(ticket, f"{MONDAY} 11:00:00")
        self.move(ticket, f"{MONDAY} 12:00:00", stage_id=self.done.id)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE helpdesk_ticket SET is_reconstructed = TRUE, waiting_us_hours = NULL WHERE id = %s",
            [ticket.id],
        )
        self.env.invalidate_all()
        line = self.line_of(self.make_audit())
        self.assertAlmostEqual(line.resolution_median_hours, 3)

    def test_the_sentences_say_what_the_numbers_carry(self):
        audit = self.make_audit(run=False)
        numbers = dict.fromkeys(("small_count", "key_count"), 50)
        for (low, high), words in {
            (0.5, 1.25): "wait between 0.5 and 1.2 working hours longer",
            (-1.25, -0.5): "wait between 0.5 and 1.2 working hours less",
            (
                -0.5,
                1.5,
            ): "no difference between small customers and key accounts can be shown",
        }.items():
            values = {**numbers, "low_hours": low, "high_hours": high}
            for measure in ("first_response", "resolution"):
                audit._store(
                    {
                        "state": "done",
                        "ticket_count": 100,
                        **{f"{measure}_{name}": item for name, item in values.items()},
                    }
                )
                audit.invalidate_recordset(["summary"])
                self.assertIn(words, audit.summary)
        audit._store({"resolution_small_count": 9})
        audit.invalidate_recordset(["summary"])
        self.assertIn(
            "not enough tickets to compare small customers (9 resolved)", audit.summary
        )

    def test_queries_do_not_grow_with_tickets(self):
        counts = []
        for size in (5, 20):
            for _number in range(size):
                self.open_ticket(self.small, f"{MONDAY} 09:00:00")
            audit = self.make_audit(run=False)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            with freeze_time(NOW):
                audit._run()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])


@tagged("post_install", "-at_install")
class TestAuditPeriods(AuditCase):
    def test_a_period_that_ends_before_it_begins(self):
        with self.refused("ends before it begins"):
            self.make_audit("2026-03-31", "2026-03-01")

    def test_a_period_in_the_future(self):
        with self.refused("cannot be audited"):
            self.make_audit("2026-04-01", "2026-04-30")
        self.make_audit("2026-04-01", "2026-04-10")

    def test_a_period_without_days(self):
        form = Form(self.env["crm.relationship.audit"])
        form.date_from = form.date_to = False
        with self.assertRaisesRegex(AssertionError, "required"):
            form.save()

    def test_a_company_without_tickets(self):
        audit = self.make_audit()
        self.assertEqual((audit.state, audit.ticket_count), ("done", 0))
        self.assertFalse(audit.line_ids or audit.breach_ids)
        self.assertIn("nothing to prove", audit.summary)

    def test_one_day(self):
        self.open_ticket(self.small, f"{MONDAY} 09:00:00")
        self.assertEqual(self.make_audit(MONDAY, MONDAY).ticket_count, 1)

    def test_another_period_makes_it_a_draft_again(self):
        self.open_ticket(self.small, f"{MONDAY} 09:00:00")
        audit = self.make_audit()
        with freeze_time(NOW):
            audit.date_to = "2026-03-15"
        self.assertEqual((audit.state, audit.breach_count), ("draft", 0))
        self.assertFalse(audit.line_ids or audit.breach_ids)

    def test_results_are_not_entered(self):
        audit = self.make_audit()
        for values in ({"breach_count": 0}, {"state": "sealed"}, {"digest": "x"}):
            with self.refused("measured, not entered", UserError):
                audit.write(values)
        with self.refused("measured, not entered", UserError):
            self.make_audit(run=False, state="sealed")

    def test_names(self):
        self.assertEqual(self.make_audit().display_name, "March 2026")
        self.assertIn(" to ", self.make_audit(MONDAY, MONDAY).display_name)


@tagged("post_install", "-at_install")
class TestMonthlyAudit(AuditCase):
    def run_job(self, now="2026-04-02 04:30:00"):
        """The job, without the commits that a test must not make."""
        cron = self.env.registry["ir.cron"]
        commit = patch.object(cron, "_commit_progress", lambda *_args, **_kw: 60.0)
        with freeze_time(now), commit:
            self.env["crm.relationship.audit"].sudo()._cron_run()

    def audits(self):
        return self.env["crm.relationship.audit"].search(
            [("company_id", "=", self.company.id)]
        )

    def test_the_month_that_ended_is_audited_once(self):
        self.open_ticket(self.small, f"{MONDAY} 09:00:00")
        self.run_job()
        audit = self.audits()
        self.assertEqual(
            (str(audit.date_from), str(audit.date_to), audit.state),
            ("2026-03-01", "2026-03-31", "done"),
        )
        self.run_job("2026-04-03 04:30:00")
        self.assertEqual(self.audits(), audit)
        self.run_job("2026-05-01 04:30:00")
        self.assertEqual(len(self.audits()), 2)

    def test_it_waits_for_the_refresh(self):
        with freeze_time("2026-04-02 04:00:00"):
            refresh = self.env["crm.relationship.refresh"].create(
                {"company_id": self.company.id, "date": "2026-04-02"}
            )
        self.run_job()
        self.assertFalse(self.audits())
        refresh.state = "done"
        self.run_job()
        self.assertTrue(self.audits())

    def test_a_company_that_fails_does_not_stop_the_others(self):
        other = self.make_company("Relationship Other")
        run = Runner._run

        def fail_here(audits):
            if audits.company_id == self.company:
                raise UserError("Not today")
            return run(audits)

        self.patch(self.env.registry["crm.relationship.audit"], "_run", fail_here)
        with self.assertLogs(Runner.__module__, "ERROR"):
            self.run_job()
        self.assertFalse(self.audits())
        found = (
            self.env["crm.relationship.audit"]
            .sudo()
            .search([("company_id", "=", other.id)])
        )
        self.assertEqual(found.state, "done")
