"""Why the first contact did not solve a ticket: what is found, and what the agent says; set-based."""

import random

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..analytics import fcr
from .fcr_case import AFTER, MONDAY, TUESDAY, FcrCase


@tagged("post_install", "-at_install")
class TestFcrCauses(FcrCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.count_by(cls, "one_reply")
        cls.other_team = cls.env["helpdesk.ticket.team"].create(
            {
                "name": "Workshop",
                "company_id": cls.company.id,
                "user_ids": [(6, 0, cls.colleague.ids)],
            }
        )
        cls.own_cause = cls.env["crm.relationship.fcr.cause"].create(
            {"name": "Wrong manual"}
        )

    def make_reopened(self, **values):
        ticket = self.make_closed(**values)
        self.move(ticket, f"{TUESDAY} 10:00:00", stage_id=self.in_progress.id)
        return ticket

    def codes(self, ticket):
        return set(ticket.fcr_found_cause_ids.mapped("code"))

    def rows_of(self, tickets, user=None):
        self.env.flush_all()
        user = user or self.env.user
        report = self.env["crm.relationship.fcr.report"].with_user(user)
        report = report.with_context(allowed_company_ids=user.company_ids.ids)
        return report.search([("ticket_id", "in", tickets.ids)])

    def test_causes_are_found_in_what_happened(self):
        ticket = self.make_reopened()
        self.assertEqual(self.codes(ticket), {"reopened"})
        self.move(ticket, f"{TUESDAY} 11:00:00", user_id=self.colleague.id)
        self.assertEqual(self.codes(ticket), {"reopened", "handed_over"})
        self.move(ticket, f"{TUESDAY} 12:00:00", stage_id=self.awaiting.id)
        self.assertEqual(
            self.codes(ticket), {"reopened", "handed_over", "waited_information"}
        )
        self.move(ticket, f"{TUESDAY} 13:00:00", stage_id=self.in_progress.id)
        self.move(ticket, f"{TUESDAY} 14:00:00", team_id=self.other_team.id)
        self.assertEqual(
            self.codes(ticket),
            {"reopened", "handed_over", "waited_information", "waited_department"},
        )
        self.close(ticket, "2026-06-01 10:00:00", self.colleague)
        self.assertEqual(self.codes(ticket), set(fcr.CAUSES) - {"other"})

    def test_closed_while_we_waited_for_the_customer_is_not_late(self):
        ticket = self.make_reopened()
        self.move(ticket, f"{TUESDAY} 12:00:00", stage_id=self.awaiting.id)
        self.close(ticket, "2026-06-01 10:00:00")
        self.assertEqual(ticket.resolution_verdict, "kept")
        self.assertEqual(self.codes(ticket), {"reopened", "waited_information"})

    def test_a_move_to_another_team_is_no_handover_among_colleagues(self):
        ticket = self.make_reopened()
        self.move(ticket, f"{TUESDAY} 14:00:00", team_id=self.other_team.id)
        self.assertEqual(self.codes(ticket), {"reopened", "waited_department"})

    def test_what_has_no_cause_has_another_one(self):
        ticket = self.make_closed()
        self.post(ticket, f"{MONDAY} 11:00:00")
        self.assertEqual(self.codes(ticket), {"other"})
        [row] = self.rows_of(ticket)
        self.assertEqual((row.cause_id.code, row.source), ("other", "found"))
        ticket.fcr_cause_id = self.own_cause
        [row] = self.rows_of(ticket)
        self.assertEqual((row.cause_id, row.source), (self.own_cause, "told"))

    def test_solved_tickets_have_no_causes(self):
        ticket = self.make_closed()
        self.run_cron(f"{AFTER} 08:00:00")
        ticket.fcr_cause_id = self.own_cause
        self.assertFalse(self.rows_of(ticket) or ticket.fcr_found_cause_ids)

    def test_a_row_for_each_cause_with_what_it_can_be_told_by(self):
        channel = self.env.ref("helpdesk_mgmt.helpdesk_ticket_channel_phone")
        ticket = self.make_reopened(channel_id=channel.id)
        ticket.fcr_cause_id = self.own_cause
        rows = self.rows_of(ticket)
        self.assertEqual(rows.cause_id, self.causes["reopened"] + self.own_cause)
        self.assertEqual(rows.team_id, self.team)
        self.assertEqual(rows.channel_id, channel)
        self.assertEqual(rows.user_id, self.agent)
        self.assertEqual(rows.segment_id, ticket.relationship_segment_id)
        self.assertEqual(rows.primary_type_id, ticket.relationship_type_id)
        self.assertEqual(str(rows[0].date), f"{TUESDAY} 10:00:00")

    def test_the_causes_are_those_of_the_naive_count(self):
        rng = random.Random(4)
        tickets = self.env["helpdesk.ticket"]
        for _n in range(12):
            ticket = rng.choice([self.make_closed, self.make_reopened])()
            if rng.random() < 0.5:
                self.move(ticket, f"{TUESDAY} 11:00:00", user_id=self.colleague.id)
            if rng.random() < 0.5:
                ticket.fcr_cause_id = self.own_cause
            tickets += ticket
        found = self.env["crm.relationship.fcr.report"].get_pareto()
        expected = {}
        for ticket in tickets.filtered(lambda item: item.fcr_state == "no"):
            for cause in ticket.fcr_found_cause_ids + ticket.fcr_cause_id:
                expected.setdefault(cause.id, set()).add(ticket.id)
        self.assertEqual(
            {bar["id"]: bar["count"] for bar in found["bars"]},
            {cause: len(ids) for cause, ids in expected.items()},
        )
        for bar in found["bars"]:
            shown = tickets.search(bar["domain"])
            self.assertEqual(set(shown.ids), expected[bar["id"]])
        self.assertEqual(found["states"]["no"], len(set().union(*expected.values())))
        self.assertEqual(found["ticket_count"], found["states"]["no"])

    def test_the_chart_is_filtered_and_told_by_what_is_asked(self):
        one, two = self.make_reopened(), self.make_reopened(team_id=self.other_team.id)
        report = self.env["crm.relationship.fcr.report"].with_user(self.agent)
        found = report.get_pareto("team_id")
        self.assertEqual(
            {bar["id"] for bar in found["bars"]}, set((one + two).team_id.ids)
        )
        found = report.get_pareto("cause_id", {"team_id": self.team.id})
        self.assertEqual(
            [(bar["id"], bar["count"]) for bar in found["bars"]],
            [(self.causes["reopened"].id, 1)],
        )
        self.assertEqual(found["states"], {"no": 1})
        self.assertIn(
            (self.team.id, self.team.display_name), found["options"]["team_id"]
        )
        with freeze_time("2027-03-02"):
            self.assertEqual(report.get_pareto(months=3)["bars"], [])
        for arguments, words in (
            (("name",), "“name”"),
            (("cause_id", {"user_id": 1}), "“user_id”"),
            (("cause_id", {}, -1), "“-1”"),
        ):
            with self.refused(words, UserError):
                report.get_pareto(*arguments)

    def test_queries_of_the_chart_do_not_grow(self):
        def count(number):
            for _n in range(number):
                self.make_reopened()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.env["crm.relationship.fcr.report"].get_pareto()
            return self.cr.sql_log_count - before

        count(1)
        self.assertEqual(count(1), count(6))

    def test_who_may_see_causes(self):
        own, other = self.make_reopened(), self.make_reopened(user_id=self.colleague.id)
        person = new_test_user(
            self.env,
            "fcr_own",
            groups="helpdesk_mgmt.group_helpdesk_user_own",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        self.team.user_ids += person
        own.user_id = person
        self.assertEqual(self.rows_of(own + other, person).ticket_id.sudo(), own)
        self.assertEqual(
            self.rows_of(own + other, self.agent).ticket_id.sudo(), own + other
        )
        for role in ("portal", "internal", "sales"):
            with self.assertRaises(AccessError):
                self.rows_of(own, self.users[role])
        stranger = new_test_user(
            self.env,
            "fcr_stranger",
            groups="helpdesk_mgmt.group_helpdesk_manager",
            company_id=self.env.ref("base.main_company").id,
            company_ids=[(6, 0, self.env.ref("base.main_company").ids)],
        )
        self.assertFalse(self.rows_of(own + other, stranger))

    def test_causes_that_are_found_stay(self):
        with self.refused("“Late”", UserError):
            self.causes["late"].unlink()
        self.own_cause.unlink()
