"""Whether the first contact solved a ticket: by every definition, at the edges of the window."""

import random
from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..analytics import fcr
from ..queries import fcr as fcr_query
from .fcr import KINDS, Happened, naive_verdict
from .fcr_case import AFTER, MONDAY, NEXT_MONDAY, TUESDAY, FcrCase


@tagged("post_install", "-at_install")
class TestFcrDefinitions(FcrCase):
    def test_one_reply(self):
        self.count_by("one_reply")
        ticket = self.make_closed()
        self.assert_verdict(ticket, "pending")
        self.assertEqual(str(ticket.fcr_due_at), f"{NEXT_MONDAY} 10:00:00")
        self.run_cron(f"{NEXT_MONDAY} 09:59:59")
        self.assert_verdict(ticket, "pending")
        self.run_cron(f"{NEXT_MONDAY} 10:00:00")
        self.assert_verdict(ticket, "yes", f"{NEXT_MONDAY} 10:00:00")
        self.assertEqual(ticket.fcr_ratio, 1)
        self.assertFalse(ticket.fcr_due_at)

    def test_a_second_reply_decides_at_once(self):
        self.count_by("one_reply")
        ticket = self.make_ticket(f"{MONDAY} 08:00:00")
        self.post(ticket, f"{MONDAY} 09:00:00")
        self.assert_verdict(ticket, "pending")
        self.post(ticket, f"{MONDAY} 10:00:00")
        self.assert_verdict(ticket, "no", f"{MONDAY} 10:00:00")

    def test_closed_without_a_reply_is_not_one_reply(self):
        self.count_by("one_reply")
        ticket = self.make_ticket(f"{MONDAY} 08:00:00")
        self.close(ticket, f"{MONDAY} 10:00:00")
        self.run_cron(f"{AFTER} 08:00:00")
        self.assert_verdict(ticket, "no", f"{NEXT_MONDAY} 10:00:00")

    def test_a_reopened_ticket_is_decided_at_once_whatever_the_definition(self):
        for definition in fcr.DEFINITIONS:
            with self.subTest(definition):
                self.count_by(definition)
                ticket = self.make_closed()
                self.move(ticket, f"{TUESDAY} 10:00:00", stage_id=self.new.id)
                self.assert_verdict(ticket, "no", f"{TUESDAY} 10:00:00")

    def test_what_happens_after_the_window_changes_nothing(self):
        self.count_by("one_reply")
        ticket = self.make_closed()
        self.run_cron(f"{AFTER} 08:00:00")
        self.move(ticket, f"{AFTER} 09:00:00", stage_id=self.new.id)
        self.post(ticket, f"{AFTER} 10:00:00")
        self.close(ticket, f"{AFTER} 11:00:00")
        self.assert_verdict(ticket, "yes", f"{NEXT_MONDAY} 10:00:00")

    def test_no_second_contact(self):
        self.count_by("no_second_contact")
        silent, writing = self.make_closed(), self.make_closed()
        self.post(writing, f"{TUESDAY} 09:00:00", author=self.contact)
        self.assert_verdict(writing, "no", f"{TUESDAY} 09:00:00")
        self.run_cron(f"{AFTER} 08:00:00")
        self.assert_verdict(silent, "yes", f"{NEXT_MONDAY} 10:00:00")

    def test_closed_by_its_first_owner(self):
        self.count_by("first_owner")
        own, other, handed = (self.make_ticket(f"{MONDAY} 08:00:00") for _n in range(3))
        for ticket in own + other + handed:
            self.move(ticket, f"{MONDAY} 09:00:00", user_id=self.agent.id)
        self.move(handed, f"{MONDAY} 09:30:00", user_id=self.colleague.id)
        self.assert_verdict(handed, "no", f"{MONDAY} 09:30:00")
        self.close(own, f"{MONDAY} 10:00:00")
        self.close(other, f"{MONDAY} 10:00:00", self.colleague)
        self.assert_verdict(other, "no", f"{MONDAY} 10:00:00")
        # who left the firm afterwards changes nothing
        self.move(own, f"{TUESDAY} 10:00:00", user_id=self.colleague.id)
        self.run_cron(f"{AFTER} 08:00:00")
        self.assert_verdict(own, "yes", f"{NEXT_MONDAY} 10:00:00")

    def test_who_closes_what_nobody_owned_is_its_first_owner(self):
        self.count_by("first_owner")
        ticket = self.make_ticket(f"{MONDAY} 08:00:00")
        self.close(ticket, f"{MONDAY} 10:00:00")
        self.run_cron(f"{AFTER} 08:00:00")
        self.assert_verdict(ticket, "yes", f"{NEXT_MONDAY} 10:00:00")

    def test_the_customer_says_so(self):
        self.count_by("customer_says")
        content, silent, late = (self.make_closed() for _n in range(3))
        self.assertTrue(content._is_asking_customer())
        with freeze_time(f"{TUESDAY} 10:00:00"):
            content._answer_solved("yes")
        self.assert_verdict(content, "pending")
        self.run_cron(f"{AFTER} 08:00:00")
        self.assert_verdict(content, "yes", f"{NEXT_MONDAY} 10:00:00")
        self.assert_verdict(silent, "pending")
        self.assertFalse(silent.fcr_due_at)
        with freeze_time(f"{AFTER} 09:00:00"):
            late._answer_solved("yes")
        self.assert_verdict(late, "yes", f"{AFTER} 09:00:00")
        self.assertEqual(late.is_solved_by_customer, "yes")

    def test_the_customer_says_no_and_work_goes_on(self):
        self.count_by("customer_says")
        soon, late = self.make_closed(), self.make_closed()
        with freeze_time(f"{TUESDAY} 10:00:00"):
            soon._answer_solved("no")
        self.assert_verdict(soon, "no", f"{TUESDAY} 10:00:00")
        self.assertEqual(soon.stage_id, self.in_progress)
        with self.refused("is open again", UserError):
            soon._answer_solved("yes")
        with freeze_time(f"{AFTER} 10:00:00"):
            late._answer_solved("no")
        self.assert_verdict(late, "no", f"{AFTER} 10:00:00")
        self.assertEqual(late.stage_id, self.done)

    def test_an_answer_is_yes_or_no(self):
        ticket = self.make_closed()
        with self.refused("“perhaps” is no answer", UserError):
            ticket._answer_solved("perhaps")

    def test_a_window_of_no_days_decides_at_the_close(self):
        self.count_by("one_reply", days=0)
        ticket = self.make_closed()
        self.assert_verdict(ticket, "yes", f"{MONDAY} 10:00:00")

    def test_merged_duplicates_count_nowhere(self):
        self.count_by("one_reply")
        original, copy = self.make_closed(), self.make_closed()
        copy.duplicate_id = original
        self.assert_verdict(copy, False)
        self.assertFalse(copy.fcr_due_at)
        # two answers to one customer about one thing
        self.assert_verdict(original, "no", f"{MONDAY} 09:00:00")

    def test_what_is_no_duplicate_any_more_counts_as_if_it_never_was_one(self):
        self.count_by("one_reply")
        original, copy, reopened = (self.make_closed() for _n in range(3))
        self.move(reopened, f"{TUESDAY} 10:00:00", stage_id=self.new.id)
        for ticket in copy + reopened:
            ticket.duplicate_id = original
            ticket.duplicate_id = False
        self.assert_verdict(copy, "yes", f"{NEXT_MONDAY} 10:00:00")
        self.assert_verdict(reopened, "no", f"{TUESDAY} 10:00:00")
        self.assert_verdict(original, "yes", f"{NEXT_MONDAY} 10:00:00")

    def test_a_duplicate_of_another_customer_counts(self):
        self.count_by("one_reply")
        original, linked = self.make_closed(), self.make_closed()
        other = self.make_customer("Other")
        linked.partner_id = other
        linked.duplicate_id = original
        self.assert_verdict(linked, "yes", f"{NEXT_MONDAY} 10:00:00")
        original.partner_id = other  # now it is the same customer
        self.assert_verdict(linked, False)

    def test_a_ratio_counts_what_is_decided(self):
        self.count_by("one_reply")
        tickets = self.make_closed() + self.make_closed() + self.make_closed()
        self.move(tickets[0], f"{TUESDAY} 10:00:00", stage_id=self.new.id)
        domain = [("id", "in", tickets.ids)]

        def read():
            return tickets._read_group(domain, [], ["fcr_ratio:avg"])[0][0]

        self.assertEqual(read(), 0)
        self.run_cron(f"{AFTER} 08:00:00")
        self.assertAlmostEqual(read(), 2 / 3)
        fresh = self.make_ticket(f"{AFTER} 08:00:00")
        domain = [("id", "=", fresh.id)]
        self.assertFalse(read())
        self.assert_verdict(fresh, "pending")

    def test_the_ratio_can_be_told_by_channel_owner_type_and_segment(self):
        self.count_by("one_reply")
        ticket = self.make_closed(
            channel_id=self.env.ref("helpdesk_mgmt.helpdesk_ticket_channel_phone").id
        )
        self.run_cron(f"{AFTER} 08:00:00")
        tickets = self.env["helpdesk.ticket"].with_user(self.agent)
        for groupby in (
            "channel_id",
            "user_id",
            "relationship_type_id",
            "relationship_segment_id",
            "fcr_decided_at:month",
        ):
            [(_group, ratio)] = tickets._read_group(
                [("id", "=", ticket.id)], [groupby], ["fcr_ratio:avg"]
            )
            self.assertEqual(ratio, 1, groupby)

    def test_copies_begin_anew(self):
        self.count_by("one_reply")
        ticket = self.make_closed()
        self.move(ticket, f"{TUESDAY} 10:00:00", stage_id=self.new.id)
        self.assert_verdict(ticket.copy(), "pending")


@tagged("post_install", "-at_install")
class TestFcrRule(FcrCase):
    def test_a_new_definition_decides_all_tickets_anew_and_says_since_when(self):
        self.count_by("one_reply")
        ticket = self.make_closed()
        self.post(ticket, f"{MONDAY} 11:00:00")
        self.assert_verdict(ticket, "no", f"{MONDAY} 11:00:00")
        self.count_by("no_second_contact", day=AFTER)
        self.assert_verdict(ticket, "yes", f"{NEXT_MONDAY} 10:00:00")
        self.count_by("no_second_contact", day="2026-03-11")
        self.assertEqual(str(self.company.fcr_definition_since), AFTER)
        self.assertIn("03/10/2026", self.company._get_fcr_rule_text())
        self.assertIn("No second contact", self.company._get_fcr_rule_text())
        self.count_by("no_second_contact", days=3, day="2026-03-12")
        self.assertEqual(str(self.company.fcr_definition_since), "2026-03-12")
        self.assert_verdict(ticket, "yes", "2026-03-05 10:00:00")

    def test_settings_of_another_company_change_nothing(self):
        self.count_by("one_reply")
        ticket = self.make_closed()
        self.move(ticket, f"{TUESDAY} 10:00:00", stage_id=self.new.id)
        other = self.make_company("Other")
        other.write({"fcr_definition": "customer_says", "fcr_reopen_window_days": 0})
        self.assert_verdict(ticket, "no", f"{TUESDAY} 10:00:00")

    def test_a_window_has_an_end(self):
        for days in (-1, 366):
            with self.refused(f"{days} days"):
                self.company.fcr_reopen_window_days = days

    def test_only_rows_that_differ_are_written(self):
        self.count_by("one_reply")
        tickets = self.make_closed() + self.make_closed()
        with freeze_time(f"{AFTER} 08:00:00"):
            now = fields.Datetime.now()
            scope = fcr_query.of_company(self.company.id)
            self.assertEqual(
                set(fcr_query.decide(self.env, now, scope)), set(tickets.ids)
            )
            self.assertEqual(fcr_query.decide(self.env, now, scope), [])

    def test_queries_are_the_same_for_few_and_many_tickets(self):
        def count(number):
            for _n in range(number):
                self.make_ticket(f"{MONDAY} 08:00:00", stage_id=self.done.id)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.count_by("first_owner" if number % 2 else "no_second_contact")
            self.env.flush_all()
            return self.cr.sql_log_count - before

        count(1)
        self.assertEqual(count(2), count(11))

    def test_it_is_the_naive_verdict_for_random_courses(self):
        rng = random.Random(20260302)
        users = [self.agent.id, self.colleague.id, None]
        start = fields.Datetime.to_datetime(f"{MONDAY} 08:00:00")
        tickets = self.env["helpdesk.ticket"].create(
            [
                {
                    "name": f"Random {number}",
                    "description": "?",
                    "company_id": self.company.id,
                }
                for number in range(60)
            ]
        )
        self.env.cr.execute(
            "UPDATE crm_relationship_ticket_event SET date = %s WHERE ticket_id = ANY(%s)",
            [start, tickets.ids],
        )
        courses = {}
        for ticket in tickets:
            courses[ticket.id] = sorted(
                (
                    Happened(
                        start + timedelta(hours=rng.randrange(24 * 14)),
                        rng.choice(KINDS),
                        rng.choice(users),
                    )
                    for _n in range(rng.randrange(8))
                ),
                key=lambda event: event.date,
            )
        self.env["crm.relationship.ticket.event"].create(
            [
                {
                    "ticket_id": ticket_id,
                    "date": event.date,
                    "kind": event.kind,
                    (
                        "to_user_id"
                        if event.kind in ("assigned", "handed_over")
                        else "user_id"
                    ): event.user,
                }
                for ticket_id, events in courses.items()
                for event in events
            ]
        )
        now = start + timedelta(days=14)
        for definition in fcr.DEFINITIONS:
            for days in (0, 3, 7):
                with self.subTest(definition=definition, days=days), freeze_time(now):
                    self.company.write(
                        {"fcr_definition": definition, "fcr_reopen_window_days": days}
                    )
                    self.env.invalidate_all()
                    for ticket in tickets:
                        found = (
                            ticket.fcr_state,
                            ticket.fcr_decided_at or None,
                            ticket.fcr_due_at or None,
                        )
                        events = courses[ticket.id]
                        self.assertEqual(
                            found, naive_verdict(definition, events, days, now), events
                        )
