"""What happened to tickets before the addon is found again."""

from freezegun import freeze_time

from odoo.tests import tagged

from ..queries import ticket_history
from .tickets import MONDAY, TicketCase

COUNTS = (
    "first_response_at",
    "resolved_at",
    "agent_reply_count",
    "customer_reply_count",
    "reopen_count",
    "handover_count",
    "first_owner_id",
)


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

    def test_who_answered_and_has_left_since_was_one_of_us(self):
        ticket = self.make_ticket(f"{MONDAY} 08:00:00", user_id=self.agent.id)
        self.post(ticket, f"{MONDAY} 09:00:00")
        self.env.cr.execute(
            "DELETE FROM crm_relationship_ticket_event WHERE ticket_id = %s",
            [ticket.id],
        )
        self.agent.active = False
        self.env.flush_all()
        self.assertTrue(self.agent.partner_id.partner_share)
        ticket_history.rebuild(self.env, ticket.ids)
        self.env.invalidate_all()
        self.assertEqual(
            (ticket.agent_reply_count, ticket.customer_reply_count), (1, 0)
        )
        self.assertEqual(str(ticket.first_response_at), f"{MONDAY} 09:00:00")

    def test_what_was_answered_before_waits_for_no_answer(self):
        ticket = self.make_ticket(f"{MONDAY} 08:00:00", user_id=self.agent.id)
        self.post(ticket, f"{MONDAY} 09:00:00")
        self.env.cr.execute(
            "DELETE FROM crm_relationship_ticket_event WHERE ticket_id = %s",
            [ticket.id],
        )
        ticket.first_response_at = False
        self.assertEqual(ticket.next_promise, "first_response")
        self.env["helpdesk.ticket"]._rebuild(ticket.ids)
        self.assertEqual(ticket.next_promise, "resolution")
        self.assertEqual(ticket.next_deadline, ticket.resolution_deadline)

    def test_closed_without_a_trace(self):
        ticket = self.make_ticket(f"{MONDAY} 08:00:00", stage_id=self.done.id)
        self.env.cr.execute(
            "DELETE FROM crm_relationship_ticket_event WHERE ticket_id = %s",
            [ticket.id],
        )
        ticket_history.rebuild(self.env, ticket.ids)
        self.assertEqual(self.kinds_of(ticket), ["opened", "resolved"])
