"""What happens to a ticket is written down, counted and timed."""

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from .tickets import MONDAY, TicketCase


@tagged("post_install", "-at_install")
class TestTicketEvents(TicketCase):
    def test_a_ticket_that_is_answered_at_once(self):
        ticket = self.make_ticket(f"{MONDAY} 09:00:00", user_id=self.agent.id)
        self.post(ticket, f"{MONDAY} 11:00:00")
        self.move(ticket, f"{MONDAY} 12:00:00", stage_id=self.done.id)
        self.assertEqual(self.kinds_of(ticket), ["opened", "agent_reply", "resolved"])
        self.assertEqual(str(ticket.first_response_at), f"{MONDAY} 11:00:00")
        self.assertEqual(str(ticket.resolved_at), f"{MONDAY} 12:00:00")
        self.assertAlmostEqual(ticket.first_response_hours, 2)
        self.assertAlmostEqual(ticket.waiting_us_hours, 3)
        self.assertEqual(ticket.waiting_customer_hours, 0)
        self.assertEqual(ticket.first_owner_id, self.agent)
        self.assertEqual(ticket.agent_reply_count, 1)

    def test_only_working_hours_count(self):
        ticket = self.make_ticket("2026-02-27 15:00:00")
        self.post(ticket, f"{MONDAY} 09:30:00")
        self.assertAlmostEqual(ticket.first_response_hours, 2.5)

    def test_clocks_over_daylight_saving(self):
        self.calendar.tz = "Europe/Berlin"
        ticket = self.make_ticket("2026-03-27 14:00:00")  # 15:00 there, winter time
        self.post(ticket, "2026-03-30 07:00:00")  # 09:00 there, summer time
        self.assertAlmostEqual(ticket.first_response_hours, 2)

    def test_what_is_no_first_response(self):
        ticket = self.make_ticket(f"{MONDAY} 09:00:00")
        robot = self.env.ref("base.partner_root")
        self.post(ticket, f"{MONDAY} 09:10:00", subtype_xmlid="mail.mt_note")
        self.post(ticket, f"{MONDAY} 09:20:00", author=robot)
        self.post(ticket, f"{MONDAY} 09:30:00", author=self.contact)
        self.post(ticket, f"{MONDAY} 09:40:00", message_type="notification")
        self.post(
            ticket.with_context(relationship_auto_reply=True), f"{MONDAY} 09:50:00"
        )
        self.assertFalse(ticket.first_response_at)
        self.assertEqual(
            (ticket.agent_reply_count, ticket.customer_reply_count), (0, 1)
        )

    def test_an_employee_who_is_the_customer_is_a_customer(self):
        ticket = self.make_ticket(
            f"{MONDAY} 09:00:00", partner_id=self.agent.partner_id.id
        )
        self.post(ticket, f"{MONDAY} 10:00:00")
        self.assertFalse(ticket.first_response_at)
        self.assertEqual(ticket.customer_reply_count, 1)

    def test_nobody_enters_what_is_measured(self):
        ticket = self.make_ticket(f"{MONDAY} 08:00:00", user_id=self.agent.id)
        tickets = self.env["helpdesk.ticket"].with_user(self.agent).sudo(False)
        values = {
            "name": "x",
            "description": "x",
            "team_id": self.team.id,
            "company_id": self.company.id,
        }
        for wrong in (
            {"resolution_deadline": "2099-01-01 00:00:00"},
            {"first_response_at": f"{MONDAY} 08:00:00"},
            {"is_reconstructed": True},
            {"fcr_state": "yes"},
        ):
            [name] = wrong
            default = {f"default_{name}": wrong[name]}
            for call in (
                lambda wrong=wrong: tickets.browse(ticket.id).write(wrong),
                lambda wrong=wrong: tickets.create({**values, **wrong}),
                lambda given=default: tickets.with_context(**given).create(values),
            ):
                with self.refused(name, UserError):
                    call()
        mine = tickets.create(values)
        mine.write({"stage_id": self.done.id, "name": "y"})
        self.assertTrue(mine.resolved_at)

    def test_a_ticket_that_waits_for_the_customer_from_the_beginning(self):
        ticket = self.make_ticket(f"{MONDAY} 08:00:00", stage_id=self.awaiting.id)
        due = ticket.resolution_deadline
        self.post(ticket, "2026-03-04 08:00:00", author=self.contact)
        self.assertEqual(self.kinds_of(ticket)[1], "paused")
        self.assertEqual(ticket.stage_id, self.in_progress)
        self.assertAlmostEqual(ticket.waiting_customer_hours, 16)
        self.assertEqual(ticket.waiting_us_hours, 0)
        self.assertGreater(ticket.resolution_deadline, due)

    def test_without_a_team_the_stages_are_those_of_the_company_of_the_ticket(self):
        other = self.make_company("Relationship Other")
        stages = self.env["helpdesk.ticket.stage"]
        work, wait = (
            stages.create(
                {"name": name, "company_id": other.id, "sequence": 0, **values}
            )
            for name, values in (
                ("Work", {}),
                ("Wait", {"is_waiting_customer": True}),
            )
        )
        ticket = self.make_ticket(
            f"{MONDAY} 08:00:00",
            team_id=False,
            company_id=other.id,
            stage_id=wait.id,
        )
        self.assertEqual(self.env.company, self.company)
        self.assertEqual(ticket._get_working_stage(), work)

    def test_waiting_for_the_customer_stops_the_clock(self):
        ticket = self.make_ticket(f"{MONDAY} 08:00:00", stage_id=self.in_progress.id)
        due = ticket.resolution_deadline
        self.post(ticket, f"{MONDAY} 09:00:00")
        self.move(ticket, f"{MONDAY} 10:00:00", stage_id=self.awaiting.id)
        self.assertFalse(ticket.next_deadline)
        self.post(ticket, "2026-03-03 10:00:00", author=self.contact)
        self.assertEqual(ticket.stage_id, self.in_progress)
        self.assertEqual(self.kinds_of(ticket)[-2:], ["customer_reply", "resumed"])
        self.assertAlmostEqual(ticket.waiting_customer_hours, 8)
        self.assertEqual(str(due), "2026-03-06 16:00:00")
        self.assertEqual(str(ticket.resolution_deadline), "2026-03-09 16:00:00")
        self.assertEqual(ticket.next_deadline, ticket.resolution_deadline)

    def test_reopened_and_closed_again(self):
        ticket = self.make_ticket(f"{MONDAY} 08:00:00")
        self.move(ticket, f"{MONDAY} 09:00:00", stage_id=self.done.id)
        self.move(ticket, f"{MONDAY} 15:00:00", stage_id=self.in_progress.id)
        self.assertFalse(ticket.resolved_at)
        self.assertTrue(ticket.next_deadline)
        self.move(ticket, f"{MONDAY} 16:00:00", stage_id=self.done.id)
        self.assertEqual(ticket.reopen_count, 1)
        self.assertEqual(str(ticket.resolved_at), f"{MONDAY} 16:00:00")
        self.assertAlmostEqual(ticket.waiting_us_hours, 2)
        self.assertEqual(ticket.waiting_customer_hours, 0)

    def test_a_ticket_created_closed_is_resolved(self):
        ticket = self.make_ticket(f"{MONDAY} 08:00:00", stage_id=self.done.id)
        self.assertEqual(self.kinds_of(ticket), ["opened", "resolved"])
        self.assertTrue(ticket.resolved_at)

    def test_a_stage_that_moves_with_the_team_is_noticed(self):
        other = self.env["helpdesk.ticket.team"].create(
            {"name": "Other", "company_id": self.company.id}
        )
        self.done.team_ids = self.team
        ticket = self.make_ticket(f"{MONDAY} 08:00:00", stage_id=self.done.id)
        self.move(ticket, f"{MONDAY} 09:00:00", team_id=other.id)
        self.assertEqual(
            self.kinds_of(ticket), ["opened", "resolved", "reopened", "handed_over"]
        )
        self.assertFalse(ticket.resolved_at)

    def test_a_stage_whose_meaning_changes(self):
        ticket = self.make_ticket(f"{MONDAY} 08:00:00", stage_id=self.in_progress.id)
        with freeze_time(f"{MONDAY} 10:00:00"):
            self.in_progress.closed = True
        self.assertTrue(ticket.resolved_at)
        with freeze_time(f"{MONDAY} 11:00:00"):
            self.in_progress.closed = False
        self.assertFalse(ticket.resolved_at)
        self.assertEqual(ticket.reopen_count, 1)

    def test_handovers_say_from_whom_to_whom_and_why(self):
        ticket = self.make_ticket(f"{MONDAY} 08:00:00")
        ticket.user_id = self.agent
        ticket.with_context(handover_reason="Speaks Polish").user_id = self.colleague
        self.assertEqual(self.kinds_of(ticket), ["opened", "assigned", "handed_over"])
        handover = ticket.event_ids.filtered(lambda event: event.kind == "handed_over")
        self.assertEqual(handover.from_user_id, self.agent)
        self.assertEqual(handover.to_user_id, self.colleague)
        self.assertEqual(handover.reason, "Speaks Polish")
        self.assertEqual(
            (ticket.handover_count, ticket.first_owner_id), (1, self.agent)
        )

    def test_events_stay_as_they_are(self):
        ticket = self.make_ticket(f"{MONDAY} 08:00:00")
        for change in (
            lambda: ticket.event_ids.write({"kind": "resolved"}),
            lambda: ticket.event_ids.unlink(),
        ):
            with self.refused("stays as it was told", UserError):
                change()
        ticket.unlink()

    def test_queries_do_not_grow_with_the_tickets(self):
        def count(number):
            tickets = self.env["helpdesk.ticket"].concat(
                *(self.make_ticket(f"{MONDAY} 08:00:00") for _n in range(number))
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            tickets.write({"stage_id": self.done.id})
            self.env.flush_all()
            return self.cr.sql_log_count - before

        count(2)
        self.assertLessEqual(count(12), count(3) + 2)
