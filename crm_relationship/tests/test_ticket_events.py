"""What happens to a ticket is written down, counted and timed; what happened before the addon is found again."""

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from ..queries import ticket_history
from .common import RelationshipCase
from .refusal import RefusalCase

MONDAY = "2026-03-02"
COUNTS = (
    "first_response_at",
    "resolved_at",
    "agent_reply_count",
    "customer_reply_count",
    "reopen_count",
    "handover_count",
    "first_owner_id",
)


class TicketCase(RelationshipCase, RefusalCase):
    """A team of two agents, a customer with a contact, and working hours from 8 to 16 UTC without a break."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = cls.make_users(cls.company)
        cls.agent, cls.colleague = cls.users["helpdesk"], cls.users["manager"]
        cls.colleague.group_ids += cls.env.ref("helpdesk_mgmt.group_helpdesk_user")
        cls.calendar = cls.env["resource.calendar"].create(
            {
                "name": "Eight hours",
                "tz": "UTC",
                "company_id": cls.company.id,
                "attendance_ids": [
                    Command.create(
                        {
                            "name": f"Day {day}",
                            "dayofweek": str(day),
                            "hour_from": 8,
                            "hour_to": 16,
                            "day_period": "full_day",
                        }
                    )
                    for day in range(5)
                ],
            }
        )
        cls.company.write(
            {
                "resource_calendar_id": cls.calendar.id,
                "helpdesk_mgmt_ticket_auto_assign": False,
            }
        )
        cls.team = cls.env["helpdesk.ticket.team"].create(
            {
                "name": "Service",
                "company_id": cls.company.id,
                "user_ids": [Command.set((cls.agent | cls.colleague).ids)],
            }
        )
        cls.customer = cls.make_customer("Customer", email="customer@example.com")
        cls.contact = cls.env["res.partner"].create(
            {
                "name": "Contact",
                "email": "contact@example.com",
                "parent_id": cls.customer.id,
            }
        )
        for name in ("new", "in_progress", "awaiting", "done"):
            stage = cls.env.ref(f"helpdesk_mgmt.helpdesk_ticket_stage_{name}")
            stage.company_id = False
            setattr(cls, name, stage)

    def make_ticket(self, moment, **values):
        """A ticket of the contact, opened at that moment."""
        with freeze_time(moment):
            ticket = self.env["helpdesk.ticket"].create(
                {
                    "name": "Broken",
                    "description": "It broke.",
                    "partner_id": self.contact.id,
                    "team_id": self.team.id,
                    "company_id": self.company.id,
                    **values,
                }
            )
            self.env.flush_all()
        self.env.cr.execute(
            "UPDATE helpdesk_ticket SET create_date = %s WHERE id = %s",
            [moment, ticket.id],
        )
        self.env.cr.execute(
            "UPDATE crm_relationship_ticket_event SET date = %s WHERE ticket_id = %s",
            [moment, ticket.id],
        )
        self.env.invalidate_all()
        return ticket

    def post(self, ticket, moment, author=None, **values):
        """A message that both sides can read; of the agent unless said otherwise."""
        author = author or self.agent.partner_id
        with freeze_time(moment):
            return ticket.message_post(
                body="Hello",
                author_id=author.id,
                **{"message_type": "comment", "subtype_xmlid": "mail.mt_comment"}
                | values,
            )

    def move(self, ticket, moment, **values):
        with freeze_time(moment):
            ticket.write(values)

    def kinds_of(self, ticket):
        return ticket.event_ids.sorted(lambda event: (event.date, event.id)).mapped(
            "kind"
        )


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


@tagged("post_install", "-at_install")
class TestTicketHistory(TicketCase):
    def test_history_is_found_as_it_was_written_down(self):
        tickets = self.env["helpdesk.ticket"]
        tracked = self.env(context=dict(self.env.context, tracking_disable=False))
        for reply in (self.agent.partner_id, self.contact):
            ticket = self.make_ticket(
                f"{MONDAY} 08:00:00", user_id=self.agent.id
            ).with_env(tracked)
            self.flush_tracking(f"{MONDAY} 08:00:00")
            self.post(ticket, f"{MONDAY} 09:00:00", author=reply)
            self.post(ticket, f"{MONDAY} 09:30:00", subtype_xmlid="mail.mt_note")
            for hour, values in (
                (10, {"stage_id": self.awaiting.id}),
                (11, {"stage_id": self.in_progress.id}),
                (12, {"user_id": self.colleague.id}),
                (13, {"stage_id": self.done.id}),
                (14, {"stage_id": self.new.id}),
                (15, {"stage_id": self.done.id}),
            ):
                self.move(ticket, f"{MONDAY} {hour}:00:00", **values)
                self.flush_tracking(f"{MONDAY} {hour}:00:00")
            tickets |= ticket
        self.flush_tracking(f"{MONDAY} 15:00:00")
        known = self.read_all(tickets)
        self.env.cr.execute(
            "DELETE FROM crm_relationship_ticket_event WHERE ticket_id = ANY(%s)",
            [tickets.ids],
        )
        self.assertEqual(
            set(tickets.ids),
            set(ticket_history.find_unknown(self.env)) & set(tickets.ids),
        )
        ticket_history.rebuild(self.env, tickets.ids)
        found = self.read_all(tickets)
        self.assertEqual(found, known)
        self.assertTrue(all(tickets.mapped("is_reconstructed")))
        untimed = ticket_history.find_untimed(self.env, 10**6)
        self.assertLessEqual(set(tickets.ids), set(untimed))
        with self.enter_registry_test_mode():
            self.env.ref(
                "crm_relationship.ir_cron_ticket_history"
            ).method_direct_trigger()
        self.env.invalidate_all()
        self.assertAlmostEqual(tickets[0].waiting_us_hours, 5)
        self.assertAlmostEqual(tickets[0].waiting_customer_hours, 1)
        self.assertFalse(
            set(tickets.ids) & set(ticket_history.find_untimed(self.env, 10**6))
        )
        self.assertFalse(ticket_history.find_unknown(self.env))

    def flush_tracking(self, moment):
        with freeze_time(moment):
            self.env.cr.precommit.run()

    def read_all(self, tickets):
        """Counts and kinds of events of each ticket, in the order of their dates."""
        self.env.invalidate_all()
        return [
            ([ticket[name] for name in COUNTS], self.kinds_of(ticket))
            for ticket in tickets
        ]

    def test_closed_without_a_trace(self):
        ticket = self.make_ticket(f"{MONDAY} 08:00:00", stage_id=self.done.id)
        self.env.cr.execute(
            "DELETE FROM crm_relationship_ticket_event WHERE ticket_id = %s",
            [ticket.id],
        )
        ticket_history.rebuild(self.env, ticket.ids)
        self.assertEqual(self.kinds_of(ticket), ["opened", "resolved"])


@tagged("post_install", "-at_install")
class TestTicketKinds(TicketCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kinds = cls.by_code("ticket.kind")
        cls.floor = cls.env["crm.relationship.policy"]._get_floor(cls.company)

    def test_a_complaint_needs_cause_and_remedy(self):
        ticket = self.make_ticket(
            f"{MONDAY} 08:00:00", kind_id=self.kinds["complaint"].id
        )
        with self.refused("Still empty: Cause, Remedy"):
            ticket.stage_id = self.done
        ticket.cause = "A worn seal"
        with self.refused("Still empty: Remedy"):
            ticket.with_user(self.agent).write({"stage_id": self.done.id})
        ticket.write({"remedy": "A new seal", "stage_id": self.done.id})
        with self.refused("Still empty: Remedy"):
            ticket.remedy = "  "

    def test_a_question_closes_without(self):
        ticket = self.make_ticket(
            f"{MONDAY} 08:00:00", kind_id=self.kinds["question"].id
        )
        ticket.stage_id = self.done
        self.assertTrue(ticket.resolved_at)

    def test_a_kind_has_its_own_promise(self):
        self.floor.kind_promise_ids = [
            Command.create(
                {
                    "kind_id": self.kinds["complaint"].id,
                    "first_response_hours": 2,
                    "resolution_hours": 4,
                }
            )
        ]
        complaint, question = (
            self.make_ticket(f"{MONDAY} 08:00:00", kind_id=self.kinds[code].id)
            for code in ("complaint", "question")
        )
        self.assertEqual(str(complaint.first_response_deadline), f"{MONDAY} 10:00:00")
        self.assertEqual(str(complaint.resolution_deadline), f"{MONDAY} 12:00:00")
        self.assertGreater(
            question.first_response_deadline, complaint.first_response_deadline
        )
        with freeze_time(f"{MONDAY} 08:00:00"):
            question.kind_id = self.kinds["complaint"]
        self.assertEqual(
            question.first_response_deadline, complaint.first_response_deadline
        )

    def test_no_kind_gets_less_than_the_floor(self):
        complaint = self.kinds["complaint"]
        self.floor.kind_promise_ids = [
            Command.create(
                {
                    "kind_id": complaint.id,
                    "first_response_hours": 2,
                    "resolution_hours": 4,
                }
            )
        ]
        policies = self.env["crm.relationship.policy"]
        policies.search(
            [("company_id", "=", self.company.id), ("is_floor", "=", False)]
        ).unlink()
        values = {
            "company_id": self.company.id,
            "segment_id": self.segments["key"].id,
            "first_response_hours": 4,
            "resolution_hours": 8,
        }
        with self.refused("“Complaint”"):
            policies.create(values)
        promise = {
            "kind_id": complaint.id,
            "first_response_hours": 1,
            "resolution_hours": 4,
        }
        policy = policies.create(
            {**values, "kind_promise_ids": [Command.create(promise)]}
        )
        with self.refused("the floor gives 2 and 4"):
            policy.kind_promise_ids.first_response_hours = 3
        with self.refused("-1 hours cannot be promised"):
            policy.kind_promise_ids.first_response_hours = -1

    def test_the_form_shows_what_a_complaint_needs(self):
        agent = self.env(user=self.agent)
        ticket = self.make_ticket(f"{MONDAY} 08:00:00")
        with Form(ticket.with_env(agent)) as form:
            form.kind_id = self.kinds["complaint"]
            form.cause = "A worn seal"
        self.assertEqual(ticket.cause, "A worn seal")
