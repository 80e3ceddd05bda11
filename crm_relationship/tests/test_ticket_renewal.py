"""What is promised changes: a few open tickets follow at once, many in the background, whatever interrupts it."""

from unittest.mock import patch

from freezegun import freeze_time

from odoo.tests import tagged

from odoo.addons.base.models.ir_cron import IrCron

from ..models.ticket import helpdesk_ticket_renewal
from .test_ticket_owner import NOW, OwnerCase
from .tickets import MONDAY


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestRenewal(OwnerCase):
    def setUp(self):
        super().setUp()
        self.startPatcher(patch.object(helpdesk_ticket_renewal, "AT_ONCE", 2))
        self.cron = self.env.ref("crm_relationship.ir_cron_ticket_renewal")
        self.floor = self.env["crm.relationship.policy"]._get_floor(self.company)
        tickets = [self.make_ticket(NOW, partner_id=self.stranger.id) for _ in range(5)]
        self.tickets = self.env["helpdesk.ticket"].concat(*tickets)
        self.other = self.make_company("Other")
        self.other.ticket_renewal_below = 0

    def warnings(self):
        return self.tickets.mapped(lambda ticket: str(ticket.next_warning_at))

    def triggers(self):
        return self.env["ir.cron.trigger"].search_count(
            [("cron_id", "=", self.cron.id)]
        )

    def work(self, times=100):
        """Run the job; it is out of time after so many steps."""
        steps = iter(range(times - 1, -1, -1))
        with patch.object(
            IrCron, "_commit_progress", lambda *args, **kwargs: next(steps)
        ):
            self.env["helpdesk.ticket"]._cron_renew()

    def test_many_are_left_to_the_job(self):
        before, triggers = self.warnings(), self.triggers()
        self.company.ticket_warning_ratio = 0.5
        self.assertEqual(self.warnings(), before)
        self.assertEqual(self.company.ticket_renewal_below, max(self.tickets.ids) + 1)
        self.assertEqual(self.triggers(), triggers + 1)
        self.work()
        self.assertEqual(self.warnings(), [f"{MONDAY} 13:00:00"] * 5)
        self.assertFalse(self.company.ticket_renewal_below)

    def test_it_goes_on_where_it_stopped(self):
        late = f"{MONDAY} 15:00:00"
        self.company.ticket_warning_ratio = 0.5
        self.work(times=1)
        self.assertEqual(self.warnings(), [late] * 3 + [f"{MONDAY} 13:00:00"] * 2)
        self.assertEqual(self.company.ticket_renewal_below, self.tickets[3].id)
        self.company.ticket_warning_ratio = 0.25
        self.work()
        self.assertEqual(self.warnings(), [f"{MONDAY} 11:00:00"] * 5)

    def test_it_says_that_something_is_left_so_that_it_is_called_again(self):
        told = []

        def progress(_cron, processed=0, *, remaining=None):
            told.append((processed, remaining))
            return 60

        self.company.ticket_warning_ratio = 0.5
        with patch.object(IrCron, "_commit_progress", progress):
            self.env["helpdesk.ticket"]._cron_renew()
        self.assertEqual(told, [(2, 1), (2, 1), (1, 1), (0, 0)])

    def test_a_holiday_moves_what_was_promised_before(self):
        self.assertEqual(set(self.warnings()), {f"{MONDAY} 15:00:00"})
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": self.calendar.id,
                "date_from": f"{MONDAY} 00:00:00",
                "date_to": f"{MONDAY} 23:59:59",
            }
        )
        self.assertTrue(self.company.ticket_renewal_below)
        self.assertFalse(self.other.ticket_renewal_below)
        self.work()
        self.assertEqual(set(self.warnings()), {"2026-03-03 14:00:00"})

    def test_a_policy_is_followed_in_the_same_way(self):
        self.floor._write_policies({"first_response_hours": 4})
        self.assertTrue(self.company.ticket_renewal_below)
        self.work()
        self.assertEqual(self.warnings(), [f"{MONDAY} 12:00:00"] * 5)

    def test_few_follow_at_once(self):
        self.tickets[2:].stage_id = self.done
        self.company.ticket_warning_ratio = 0.5
        self.assertFalse(self.company.ticket_renewal_below)
        self.assertEqual(self.warnings()[:2], [f"{MONDAY} 13:00:00"] * 2)

    def test_other_companies_have_nothing_to_do(self):
        self.company.ticket_warning_ratio = 0.5
        self.assertFalse(self.other.ticket_renewal_below)
