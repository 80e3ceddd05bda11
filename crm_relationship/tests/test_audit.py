"""What an audit says of single tickets, and in words."""

from freezegun import freeze_time

from odoo.tests import tagged

from .audits import NOW, AuditCase
from .tickets import MONDAY


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

    def test_a_merged_duplicate_is_counted_in_the_ticket_that_is_kept(self):
        duplicate = self.open_ticket(self.small, f"{MONDAY} 09:00:00")
        kept = self.open_ticket(self.small, f"{MONDAY} 10:00:00")
        self.post(kept, f"{MONDAY} 11:00:00")
        self.move(kept, f"{MONDAY} 12:00:00", stage_id=self.done.id)
        self.assertEqual(self.make_audit().breach_ids.ticket_id, duplicate)
        self.move(duplicate, f"{MONDAY} 13:00:00", duplicate_id=kept.id)
        audit = self.make_audit()
        self.assertEqual((audit.ticket_count, audit.breach_count), (1, 0))
        line = self.line_of(audit)
        self.assertAlmostEqual(line.first_response_median_hours, 2, msg="since nine")

    def test_a_duplicate_that_is_only_linked_is_counted_itself(self):
        linked = self.open_ticket(self.small, f"{MONDAY} 09:00:00")
        other = self.open_ticket(self.other, f"{MONDAY} 09:00:00")
        self.move(linked, f"{MONDAY} 10:00:00", duplicate_id=other.id)
        audit = self.make_audit()
        self.assertEqual(audit.breach_ids.ticket_id, linked | other)

    def test_the_promise_runs_from_the_older_duplicate(self):
        """Forty hours since Monday have passed, though not since the ticket that is kept was made."""
        duplicate = self.open_ticket(self.small, f"{MONDAY} 08:00:00")
        kept = self.open_ticket(self.small, "2026-03-05 08:00:00")
        self.post(kept, f"{MONDAY} 09:00:00")
        self.move(duplicate, "2026-03-05 09:00:00", duplicate_id=kept.id)
        self.move(kept, "2026-03-09 09:00:00", stage_id=self.done.id)
        breach = self.make_audit().breach_ids
        self.assertEqual((breach.ticket_id, breach.promise), (kept, "resolution"))
        self.assertEqual(str(breach.deadline), "2026-03-06 16:00:00")
        self.assertAlmostEqual(breach.late_hours, 1)
        with freeze_time(NOW):
            self.assertEqual(kept.resolution_verdict, "broken")

    def test_a_merged_duplicate_does_not_end_the_pause(self):
        kept = self.open_ticket(self.small, f"{MONDAY} 09:00:00")
        self.post(kept, f"{MONDAY} 10:00:00")
        self.move(kept, f"{MONDAY} 11:00:00", stage_id=self.awaiting.id)
        duplicate = self.open_ticket(self.small, "2026-03-03 09:00:00")
        self.move(duplicate, "2026-03-03 10:00:00", duplicate_id=kept.id)
        audit = self.make_audit()
        self.assertFalse(audit.breach_ids, "it waits for the customer")
        with freeze_time(NOW):
            self.assertFalse(kept.resolution_verdict)

    def test_a_merge_into_a_closed_ticket_hides_no_delay(self):
        duplicate = self.open_ticket(self.small, f"{MONDAY} 08:00:00")
        kept = self.open_ticket(self.small, "2026-03-04 08:00:00")
        self.post(kept, "2026-03-04 09:00:00")
        self.move(kept, "2026-03-04 10:00:00", stage_id=self.done.id)
        self.move(duplicate, "2026-03-04 11:00:00", duplicate_id=kept.id)
        self.assertEqual(
            str(kept.first_response_deadline), f"{MONDAY} 16:00:00", "since Monday"
        )
        audit = self.make_audit()
        self.assertEqual(audit.breach_ids.mapped("promise"), ["first_response"])
        self.assertEqual(self.line_of(audit).sla_kept_ratio, 0)
        with freeze_time(NOW):
            self.assertEqual(kept.first_response_verdict, "broken")
            self.assertEqual(kept.resolution_verdict, "kept")

    def test_a_promise_without_a_deadline_is_neither_kept_nor_broken(self):
        ticket = self.open_ticket(self.small, f"{MONDAY} 09:00:00")
        self.post(ticket, f"{MONDAY} 11:00:00")
        self.move(ticket, f"{MONDAY} 12:00:00", stage_id=self.done.id)
        ticket._write_silently(
            {"first_response_deadline": False, "resolution_deadline": False}
        )
        self.assertEqual(self.line_of(self.make_audit()).sla_decided_count, 0)
        self.assertFalse(ticket.first_response_verdict or ticket.resolution_verdict)

    def test_an_open_ticket_in_time_is_not_decided(self):
        ticket = self.open_ticket(self.small, "2026-03-31 09:00:00")
        now = "2026-03-31 11:00:00"
        line = self.line_of(self.make_audit(now=now))
        self.assertEqual((line.ticket_count, line.sla_decided_count), (1, 0))
        with freeze_time(now):
            self.assertFalse(ticket.first_response_verdict or ticket.resolution_verdict)

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
