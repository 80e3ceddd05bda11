"""A new definition of first contact resolution: few tickets are decided at once, many by a job that can be
interrupted, and whoever looks at a ratio is told."""

from contextlib import suppress
from unittest.mock import patch

from freezegun import freeze_time

from odoo.tests import tagged

from ..models.company import res_company_fcr
from .fcr_case import AFTER, MONDAY, NEXT_MONDAY, FcrCase


class KilledError(Exception):
    """The job is killed."""


@tagged("post_install", "-at_install")
class TestFcrRecount(FcrCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.count_by(cls, "one_reply")
        cls.startClassPatcher(patch.object(res_company_fcr, "AT_ONCE", 4))
        cls.startClassPatcher(patch.object(res_company_fcr, "BATCH", 2))
        cls.cron = cls.env.ref("crm_relationship.ir_cron_fcr")
        cls.env["ir.cron.trigger"].search([]).unlink()

    def make_answered_twice(self, count):
        """Not solved by one reply, but without a second contact of the customer; the newest first."""
        tickets = self.env["helpdesk.ticket"]
        for _n in range(count):
            ticket = self.make_closed()
            self.post(ticket, f"{MONDAY} 11:00:00")
            tickets |= ticket
        self.assertEqual(self.states(tickets), ["no"] * count)
        return tickets.sorted("id", reverse=True)

    def states(self, tickets):
        self.env.invalidate_all()
        return tickets.mapped("fcr_state")

    def is_triggered(self):
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", self.cron.id)])
        found = bool(triggers)
        triggers.unlink()
        return found

    def run_batches(self, count):
        """The job, killed when so many batches are committed."""
        calls = []

        def commit(_model, done=0, **_kwargs):
            calls.append(done)
            if len(calls) == count:
                raise KilledError
            return 60.0

        crons = self.env.registry["ir.cron"]
        with (
            freeze_time(f"{AFTER} 08:00:00"),
            patch.object(crons, "_commit_progress", commit),
            suppress(KilledError),  # assertRaises would undo what was committed
        ):
            self.env["helpdesk.ticket"]._cron_decide_fcr()
        self.assertEqual(len(calls), count)

    def test_few_tickets_are_decided_at_once(self):
        tickets = self.make_answered_twice(4)
        self.count_by("no_second_contact", day=AFTER)
        self.assertEqual(self.states(tickets), ["yes"] * 4)
        self.assertFalse(self.company.fcr_recount_left_count)
        self.assertFalse(self.is_triggered())

    def test_many_tickets_wait_for_the_job_which_starts_right_away(self):
        tickets = self.make_answered_twice(5)
        self.count_by("no_second_contact", day=AFTER)
        self.assertEqual(self.states(tickets), ["no"] * 5)
        self.assertTrue(self.is_triggered())
        self.assertEqual(str(self.company.fcr_definition_since), AFTER)
        self.run_cron(f"{AFTER} 08:00:00")
        self.assertEqual(self.states(tickets), ["yes"] * 5)
        self.assertFalse(self.company.fcr_recount_left_count)
        self.assertEqual(str(self.company.fcr_definition_since), AFTER)
        self.assertFalse(self.is_triggered())

    def test_an_interrupted_recount_goes_on_where_it_stopped_the_newest_first(self):
        tickets = self.make_answered_twice(5)
        self.count_by("no_second_contact", day=AFTER)
        for done in (2, 4):
            self.run_batches(1)
            self.assertEqual(self.states(tickets), ["yes"] * done + ["no"] * (5 - done))
            self.assertEqual(self.company.fcr_recount_left_count, 5 - done)
        self.run_cron(f"{AFTER} 08:00:00")
        self.assertEqual(self.states(tickets), ["yes"] * 5)

    def test_when_its_time_is_over_the_job_says_what_is_left(self):
        self.make_answered_twice(5)
        self.count_by("no_second_contact", day=AFTER)
        told = []

        def commit(_model, done=0, *, remaining=None):
            told.append((done, remaining))
            return 0

        with patch.object(self.env.registry["ir.cron"], "_commit_progress", commit):
            self.env["helpdesk.ticket"]._cron_decide_fcr()
        self.assertEqual(told, [(2, 3)])

    def test_who_looks_at_a_ratio_is_told(self):
        self.make_answered_twice(5)
        report = self.env["crm.relationship.fcr.report"].with_user(self.agent)
        self.count_by("no_second_contact", day=AFTER)
        self.env.invalidate_all()
        for text in (
            self.company._get_fcr_rule_text(),
            report.with_company(self.company).get_pareto()["rule"],
        ):
            self.assertIn("No second contact", text)
            self.assertIn("03/10/2026", text)
            self.assertIn("5 tickets are still counted as before", text)
        settings = self.env["res.config.settings"].with_company(self.company)
        self.assertEqual(settings.create({}).fcr_recount_left_count, 5)
        self.run_cron(f"{AFTER} 08:00:00")
        self.assertNotIn("still", self.company._get_fcr_rule_text())

    def test_another_change_begins_again(self):
        tickets = self.make_answered_twice(5)
        self.count_by("no_second_contact", day=AFTER)
        self.run_batches(1)
        self.count_by("one_reply", day=AFTER)
        self.assertEqual(self.company.fcr_recount_left_count, 5)
        self.run_cron(f"{AFTER} 08:00:00")
        self.assertEqual(self.states(tickets), ["no"] * 5)

    def test_what_happens_meanwhile_counts_by_the_new_definition(self):
        self.make_answered_twice(5)
        self.count_by("no_second_contact")
        fresh = self.make_closed()
        self.post(fresh, f"{MONDAY} 11:00:00")
        self.assert_verdict(fresh, "pending")
        self.assertEqual(self.company.fcr_recount_left_count, 5)

    def test_a_ticket_that_somebody_works_on_is_taken_later(self):
        tickets = self.make_answered_twice(5)
        self.count_by("no_second_contact", day=AFTER)
        self.is_triggered()
        busy = tickets[1]
        model = self.env.registry["helpdesk.ticket"]
        lock = patch.object(
            model, "try_lock_for_update", lambda found, **_kwargs: found - busy
        )
        with lock:
            self.run_cron(f"{AFTER} 08:00:00")
        self.assertEqual(self.states(tickets), ["yes", "no", "no", "no", "no"])
        self.assertEqual(self.company.fcr_recount_left_count, 4)
        self.assertTrue(self.is_triggered())
        self.run_cron(f"{AFTER} 08:01:00")
        self.assertEqual(self.states(tickets), ["yes"] * 5)

    def test_a_recount_decides_what_is_due_too(self):
        ticket = self.make_closed()
        self.make_answered_twice(4)
        self.count_by("no_second_contact")
        self.run_cron(f"{AFTER} 08:00:00")
        self.assert_verdict(ticket, "yes", f"{NEXT_MONDAY} 10:00:00")

    def test_queries_of_a_change_do_not_grow_with_the_tickets(self):
        def count(number, definition):
            self.make_answered_twice(number)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.company.fcr_definition = definition
            self.env.flush_all()
            return self.cr.sql_log_count - before

        first = count(5, "no_second_contact")
        self.company.fcr_definition = "one_reply"
        self.run_cron(f"{AFTER} 08:00:00")
        self.assertLessEqual(count(6, "no_second_contact"), first)
