"""Closed tickets whose first contact is judged."""

from freezegun import freeze_time

from .tickets import MONDAY, TicketCase

TUESDAY, NEXT_MONDAY, AFTER = "2026-03-03", "2026-03-09", "2026-03-10"


class FcrCase(TicketCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.causes = cls.by_code("fcr.cause")

    def count_by(self, definition, days=7, day=MONDAY):
        with freeze_time(f"{day} 07:00:00"):
            self.company.write(
                {"fcr_definition": definition, "fcr_reopen_window_days": days}
            )

    def make_closed(self, **values):
        """Opened on Monday at 8, answered at 9 and closed at 10 by the agent who owns it."""
        ticket = self.make_ticket(
            f"{MONDAY} 08:00:00", **{"user_id": self.agent.id} | values
        )
        self.post(ticket, f"{MONDAY} 09:00:00")
        self.close(ticket, f"{MONDAY} 10:00:00")
        return ticket

    def close(self, ticket, moment, user=None):
        self.move(ticket.with_user(user or self.agent), moment, stage_id=self.done.id)

    def run_cron(self, moment):
        with freeze_time(moment), self.enter_registry_test_mode():
            self.env.flush_all()
            self.env.ref("crm_relationship.ir_cron_fcr").method_direct_trigger()
        self.env.invalidate_all()

    def assert_verdict(self, ticket, state, decided=False):
        self.assertEqual(ticket.fcr_state, state)
        self.assertEqual(str(ticket.fcr_decided_at), str(decided))
