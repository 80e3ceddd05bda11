"""A promise in danger is told to the owner, a broken one to somebody above; each once, and only while it runs."""

from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from odoo.addons.base.models.ir_cron import IrCron
from odoo.addons.bus.models.bus import BusBus

from .test_ticket_owner import OwnerCase
from .tickets import MONDAY

TUESDAY = "2026-03-03"


class AlertCase(OwnerCase):
    """The floor: 8 hours to the first response, 40 to the solution, in a day of 8 hours; warned after 75 %."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.floor = cls.env["crm.relationship.policy"]._get_floor(cls.company)
        cls.team.user_id = cls.colleague
        cls.env.ref("crm_relationship.ir_cron_ticket_alert").active = True

    def open(self, moment=f"{MONDAY} 08:00:00", **values):
        values = {"partner_id": self.stranger.id, "user_id": self.agent.id, **values}
        return self.make_ticket(moment, **values)

    def alert(self, moment, **patched):
        """Run the job at that moment; the pop-ups that it sends, as (who, message)."""
        sent = []

        def collect(_bus, target, kind, message):
            if kind == "simple_notification":
                sent.append((target, message))

        with (
            freeze_time(moment),
            patch.object(IrCron, "_commit_progress", lambda *args, **kwargs: 60),
            patch.object(BusBus, "_sendone", collect),
        ):
            self.env["helpdesk.ticket"]._cron_alert()
            self.env.flush_all()
        return sent

    def alerts_of(self, ticket):
        events = ticket.event_ids.filtered("promise")
        return [(event.kind, event.promise, event.to_user_id) for event in events]

    def activities_of(self, ticket):
        return self.env["mail.activity"].search(
            [("res_model", "=", ticket._name), ("res_id", "=", ticket.id)]
        )


@tagged("post_install", "-at_install")
class TestWarnings(AlertCase):
    def test_the_owner_is_warned_after_three_quarters(self):
        ticket = self.open()
        self.assertEqual(str(ticket.next_warning_at), f"{MONDAY} 14:00:00")
        self.assertFalse(self.alert(f"{MONDAY} 13:59:00"))
        sent = self.alert(f"{MONDAY} 14:00:00")
        self.assertEqual(
            self.alerts_of(ticket), [("warned", "first_response", self.agent)]
        )
        activity = self.activities_of(ticket)
        self.assertEqual(activity.user_id, self.agent)
        self.assertEqual(str(activity.date_deadline), MONDAY)
        self.assertIn("First response due Mon 16:00", activity.summary)
        self.assertEqual([target for target, _message in sent], [self.agent.partner_id])
        self.assertIn(ticket.number, sent[0][1]["message"])

    def test_only_working_hours_count(self):
        ticket = self.open("2026-02-27 14:00:00")  # a Friday
        self.assertEqual(str(ticket.next_warning_at), f"{MONDAY} 12:00:00")

    def test_nobody_gets_the_same_warning_twice(self):
        ticket = self.open()
        for moment in (
            f"{MONDAY} 14:00:00",
            f"{MONDAY} 14:00:00",
            f"{MONDAY} 15:59:00",
        ):
            self.alert(moment)
        self.assertEqual(len(self.alerts_of(ticket)), 1)
        self.assertEqual(len(self.activities_of(ticket)), 1)

    def test_one_pop_up_for_many_tickets(self):
        tickets = [self.open() for _ in range(5)]
        sent = self.alert(f"{MONDAY} 15:00:00")
        self.assertEqual(len(sent), 1)
        self.assertIn("2 more", sent[0][1]["message"])
        for ticket in tickets:
            self.assertEqual(len(self.activities_of(ticket)), 1)

    def test_each_promise_is_warned_of(self):
        ticket = self.open()
        self.alert(f"{MONDAY} 15:00:00")
        self.post(ticket, f"{MONDAY} 15:30:00")
        self.assertFalse(self.activities_of(ticket))
        self.assertEqual(str(ticket.next_warning_at), "2026-03-05 14:00:00")
        self.alert("2026-03-05 14:00:00")
        self.assertEqual(
            self.alerts_of(ticket)[1:], [("warned", "resolution", self.agent)]
        )

    def test_without_owner_or_with_an_owner_away_the_leader_is_warned(self):
        ownerless = self.open(user_id=False)
        owned = self.open()
        self.be_away(self.agent)
        self.alert(f"{MONDAY} 14:30:00")
        for ticket in ownerless, owned:
            self.assertEqual(self.alerts_of(ticket)[0][2], self.colleague)

    def test_the_deputy_is_warned_while_the_dedicated_manager_is_away(self):
        tickets = [
            self.open(partner_id=self.contact.id, user_id=owner.id)
            for owner in (self.manager, self.agent)
        ]
        self.be_away(self.manager)
        self.be_away(self.agent)
        self.alert(f"{MONDAY} 11:30:00")
        self.assertEqual(
            [self.alerts_of(ticket)[0] for ticket in tickets],
            [
                ("warned", "first_response", self.deputy),
                ("warned", "first_response", self.colleague),
            ],
        )
        self.assertEqual(self.activities_of(tickets[0]).user_id, self.deputy)

    def test_where_nobody_is_responsible_it_is_written_down_still(self):
        self.team.user_id = False
        ticket = self.open(user_id=False)
        self.alert(f"{MONDAY} 14:30:00")
        self.assertEqual(
            self.alerts_of(ticket),
            [("warned", "first_response", self.env["res.users"])],
        )
        self.assertFalse(self.activities_of(ticket))

    def test_nothing_for_what_is_closed_or_answered_or_archived(self):
        closed, answered, archived = (self.open() for _ in range(3))
        self.move(closed, f"{MONDAY} 09:00:00", stage_id=self.done.id)
        self.post(answered, f"{MONDAY} 09:00:00")
        archived.active = False
        self.assertFalse(self.alert(f"{MONDAY} 15:00:00"))
        self.assertFalse(closed.next_warning_at)
        self.assertFalse(closed.next_escalation_at)

    def test_what_waits_for_the_customer_is_warned_of_later(self):
        ticket = self.open(stage_id=self.in_progress.id)
        self.post(ticket, f"{MONDAY} 08:30:00")
        self.move(ticket, f"{MONDAY} 10:00:00", stage_id=self.awaiting.id)
        self.assertFalse(ticket.next_warning_at)
        self.assertFalse(self.alert("2026-03-20 10:00:00"))
        self.move(ticket, f"{TUESDAY} 10:00:00", stage_id=self.in_progress.id)
        # 30 working hours from Monday 8:00, and 8 that the clock stood still
        self.assertEqual(str(ticket.next_warning_at), "2026-03-06 14:00:00")

    def test_who_was_warned_is_not_warned_again_after_the_customers_turn(self):
        ticket = self.open(stage_id=self.in_progress.id)
        self.post(ticket, f"{MONDAY} 08:30:00")
        self.alert("2026-03-05 14:00:00")
        warned = [("warned", "resolution", self.agent)]
        self.assertEqual(self.alerts_of(ticket), warned)
        before = ticket.resolution_deadline
        self.move(ticket, "2026-03-05 14:30:00", stage_id=self.awaiting.id)
        self.post(ticket, "2026-03-10 14:30:00", author=self.stranger)
        self.assertFalse(ticket.is_waiting_customer)
        self.assertEqual(str(before), "2026-03-06 16:00:00")
        # three working days of the customer's later
        self.assertEqual(str(ticket.resolution_deadline), "2026-03-11 16:00:00")
        self.assertFalse(ticket.next_warning_at)
        self.assertFalse(self.alert("2026-03-11 15:59:00"))
        self.assertEqual(self.alerts_of(ticket), warned)
        self.alert("2026-03-11 16:00:00")
        self.assertEqual(self.alerts_of(ticket)[1][:2], ("escalated", "resolution"))

    def test_nights_and_holidays_warn_of_nothing(self):
        holiday = self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": self.calendar.id,
                "date_from": f"{TUESDAY} 00:00:00",
                "date_to": f"{TUESDAY} 23:59:59",
            }
        )
        ticket = self.open(f"{MONDAY} 12:00:00")
        self.assertFalse(holiday.resource_id)
        for moment in (f"{MONDAY} 23:00:00", f"{TUESDAY} 15:00:00"):
            self.assertFalse(self.alert(moment))
        self.alert("2026-03-04 10:00:00")
        self.assertEqual(len(self.alerts_of(ticket)), 1)

    def test_a_later_deadline_moves_the_warning(self):
        ticket = self.open()
        with freeze_time(f"{MONDAY} 09:00:00"):
            self.floor._write_policies({"first_response_hours": 16})
        self.assertEqual(str(ticket.next_warning_at), f"{TUESDAY} 12:00:00")
        self.assertFalse(self.alert(f"{MONDAY} 15:00:00"))

    def test_a_later_deadline_does_not_warn_again(self):
        ticket = self.open()
        self.alert(f"{MONDAY} 14:30:00")
        with freeze_time(f"{MONDAY} 15:00:00"):
            self.floor._write_policies({"first_response_hours": 16})
        self.assertFalse(self.alert(f"{TUESDAY} 13:00:00"))
        self.assertEqual(len(self.alerts_of(ticket)), 1)

    def test_the_company_says_when(self):
        ticket = self.open()
        with freeze_time(f"{MONDAY} 08:10:00"):
            self.company.ticket_warning_ratio = 0.5
        self.assertEqual(str(ticket.next_warning_at), f"{MONDAY} 12:00:00")
        with self.assertRaisesRegex(ValidationError, "5 to 99"):
            self.company.ticket_warning_ratio = 1.5

    def test_tickets_from_before_the_addon_raise_no_alarm(self):
        ticket = self.open()
        self.env.cr.execute(
            "UPDATE helpdesk_ticket SET is_reconstructed = TRUE WHERE id = %s",
            [ticket.id],
        )
        self.env.invalidate_all()
        self.assertFalse(self.alert(f"{TUESDAY} 12:00:00"))

    def test_queries_do_not_grow_with_the_number_of_tickets(self):
        def count(number):
            tickets = self.env["helpdesk.ticket"].browse(
                [self.open().id for _ in range(number)]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            with freeze_time(f"{MONDAY} 15:00:00"):
                before = self.env.cr.sql_log_count
                tickets._alert("warned")
                self.env.flush_all()
            return self.env.cr.sql_log_count - before

        few = count(10)
        self.assertLessEqual(count(40), few + 2)


@tagged("post_install", "-at_install")
class TestEscalations(AlertCase):
    def test_a_broken_promise_goes_to_the_person_of_the_policy(self):
        boss = self.make_agent("boss")
        self.policy.escalation_user_id = boss
        ticket = self.open(partner_id=self.contact.id)
        sent = self.alert(f"{MONDAY} 12:00:00")
        self.assertEqual(
            self.alerts_of(ticket), [("escalated", "first_response", boss)]
        )
        self.assertEqual(self.activities_of(ticket).user_id, boss)
        self.assertIn(boss.partner_id, ticket.message_partner_ids)
        self.assertEqual([target for target, _message in sent], [boss.partner_id])

    def test_else_to_that_of_the_floor_else_to_the_leader(self):
        first = self.open(partner_id=self.contact.id)
        self.alert(f"{MONDAY} 12:00:00")
        self.floor.escalation_user_id = self.third
        second = self.open(partner_id=self.contact.id)
        self.alert(f"{MONDAY} 12:05:00")
        self.assertEqual(self.alerts_of(first)[0][2], self.colleague)
        self.assertEqual(self.alerts_of(second)[0][2], self.third)

    def test_once_for_each_promise(self):
        ticket = self.open()
        for moment in (
            f"{MONDAY} 14:00:00",
            f"{MONDAY} 16:00:00",
            f"{TUESDAY} 09:00:00",
        ):
            self.alert(moment)
        self.assertEqual(
            [alert[:2] for alert in self.alerts_of(ticket)],
            [("warned", "first_response"), ("escalated", "first_response")],
        )
        self.alert("2026-03-10 09:00:00")
        self.assertEqual(self.alerts_of(ticket)[2][:2], ("escalated", "resolution"))

    def test_when_it_is_closed_nobody_is_reminded_any_more(self):
        ticket = self.open()
        self.alert(f"{MONDAY} 16:00:00")
        self.assertTrue(self.activities_of(ticket))
        self.move(ticket, f"{TUESDAY} 09:00:00", stage_id=self.done.id)
        self.assertFalse(self.activities_of(ticket))
        self.assertFalse(self.alert("2026-03-20 09:00:00"))

    def test_nothing_is_escalated_to_a_customer(self):
        with self.assertRaisesRegex(ValidationError, "internal user"):
            self.policy.escalation_user_id = self.users["portal"]
