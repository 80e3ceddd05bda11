"""Who owns a new ticket: the dedicated manager, the deputy while he is away, else whoever has least to do."""

from collections import Counter
from datetime import date, datetime

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from ..owner import Owners
from .tickets import MONDAY, TicketCase

NOW = f"{MONDAY} 09:00:00"


class OwnerCase(TicketCase):
    """A customer with a dedicated manager and a deputy whose policy routes to them, and a team of three."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.third = cls.make_agent("third")
        cls.team.user_ids += cls.third
        cls.manager, cls.deputy = cls.users["officer"], cls.users["user"]
        cls.relationship = cls.env["crm.relationship"].create(
            {
                "partner_id": cls.customer.id,
                "company_id": cls.company.id,
                "manager_id": cls.manager.id,
                "deputy_id": cls.deputy.id,
                "segment_id": cls.segments["key"].id,
            }
        )
        cls.policy = cls.env["crm.relationship.policy"].create(
            {
                "company_id": cls.company.id,
                "segment_id": cls.segments["key"].id,
                "first_response_hours": 4,
                "resolution_hours": 16,
                "route_to_manager": True,
            }
        )
        cls.stranger = cls.make_customer("Stranger")

    @classmethod
    def make_agent(cls, name):
        return new_test_user(
            cls.env,
            f"relationship_{name}",
            groups="base.group_user,helpdesk_mgmt.group_helpdesk_user",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def be_away(self, user, first=MONDAY, last=MONDAY):
        return self.env["crm.relationship.absence"].create(
            {"user_id": user.id, "date_from": first, "date_to": last}
        )

    def open_several(self, count, **values):
        values = {
            "name": "Help",
            "description": "Help",
            "partner_id": self.stranger.id,
            "team_id": self.team.id,
            **values,
        }
        return self.env["helpdesk.ticket"].create([dict(values) for _ in range(count)])


@tagged("post_install", "-at_install")
class TestDedicatedOwner(OwnerCase):
    def test_the_dedicated_manager_owns_what_his_customer_asks(self):
        ticket = self.make_ticket(NOW)
        self.assertEqual(ticket.user_id, self.manager)
        self.assertEqual(ticket.event_ids.reason, "Dedicated manager of the customer.")

    def test_the_deputy_does_while_the_manager_is_away(self):
        self.be_away(self.manager)
        ticket = self.make_ticket(NOW)
        self.assertEqual(ticket.user_id, self.deputy)
        self.assertIn(self.manager.name, ticket.event_ids.reason)
        self.assertEqual(self.make_ticket("2026-03-03 09:00:00").user_id, self.manager)

    def test_a_leave_that_another_addon_keeps_counts_as_well(self):
        resource = self.env["resource.resource"].create(
            {
                "name": "Manager",
                "user_id": self.manager.id,
                "company_id": self.company.id,
                "calendar_id": self.calendar.id,
            }
        )
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "resource_id": resource.id,
                "date_from": f"{MONDAY} 08:00:00",
                "date_to": f"{MONDAY} 12:00:00",
            }
        )
        self.assertEqual(self.make_ticket(NOW).user_id, self.deputy)
        self.assertEqual(self.make_ticket(f"{MONDAY} 13:00:00").user_id, self.manager)

    def test_a_day_away_is_a_day_where_the_person_lives(self):
        self.manager.tz = "Asia/Shanghai"
        self.be_away(self.manager)
        for moment, is_away in (
            ("2026-03-01 15:00:00", False),
            ("2026-03-01 17:00:00", True),
            (f"{MONDAY} 15:30:00", True),
            (f"{MONDAY} 16:30:00", False),
        ):
            with self.subTest(moment), freeze_time(moment):
                self.assertEqual(self.manager.id in Owners(self.env).absent, is_away)

    def test_with_both_away_nobody_owns_it(self):
        self.be_away(self.manager)
        self.be_away(self.deputy)
        self.assertFalse(self.make_ticket(NOW).user_id)

    def test_with_both_away_the_team_has_it_where_tickets_are_assigned(self):
        self.company.ticket_owner_assignment = True
        self.be_away(self.manager)
        self.be_away(self.deputy)
        self.assertIn(self.make_ticket(NOW).user_id, self.team.user_ids)

    @freeze_time(NOW)
    def test_the_form_proposes_the_deputy(self):
        self.be_away(self.manager)
        form = Form(self.env["helpdesk.ticket"])
        form.partner_id = self.contact
        self.assertEqual(form.user_id, self.deputy)

    def test_a_persons_choice_stays(self):
        self.company.ticket_owner_assignment = True
        ticket = self.make_ticket(NOW, user_id=self.third.id)
        self.assertEqual(ticket.user_id, self.third)
        self.assertFalse(ticket.event_ids.reason)


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestLeastLoadedOwner(OwnerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.ticket_owner_assignment = True

    def test_without_the_setting_nobody_is_chosen(self):
        self.company.ticket_owner_assignment = False
        self.assertFalse(self.open_several(1).user_id)

    def test_many_at_once_are_spread_evenly(self):
        counts = Counter(ticket.user_id.id for ticket in self.open_several(9))
        self.assertEqual(counts, {user.id: 3 for user in self.team.user_ids})

    def test_who_has_more_to_do_gets_less(self):
        self.open_several(3, user_id=self.agent.id)
        tickets = self.open_several(6)
        counts = Counter(ticket.user_id for ticket in tickets)
        self.assertEqual(counts, {self.colleague: 3, self.third: 3})

    def test_late_tickets_weigh_more_and_closed_ones_nothing(self):
        self.open_several(5, user_id=self.third.id, stage_id=self.done.id)
        with freeze_time("2026-02-02 09:00:00"):
            self.open_several(1, user_id=self.agent.id)
        self.open_several(1, user_id=self.colleague.id)
        owners = [self.open_several(1).user_id for _ in range(6)]
        self.assertEqual(owners[0], self.third)
        self.assertEqual(owners.count(self.agent), 1)

    def test_whoever_handles_the_category_gets_it(self):
        hardware = self.env["helpdesk.ticket.category"].create(
            {"name": "Hardware", "handler_ids": [Command.set(self.third.ids)]}
        )
        printer = hardware.create({"name": "Printer", "parent_id": hardware.id})
        tickets = self.open_several(2, category_id=printer.id)
        self.assertEqual(tickets.user_id, self.third)
        self.assertEqual(self.third.skill_category_ids, hardware)

    def test_a_category_that_nobody_there_handles_goes_to_anybody_there(self):
        self.be_away(self.third)
        hardware = self.env["helpdesk.ticket.category"].create(
            {"name": "Hardware", "handler_ids": [Command.set(self.third.ids)]}
        )
        tickets = self.open_several(4, category_id=hardware.id)
        self.assertEqual(tickets.user_id, self.agent | self.colleague)

    def test_a_team_without_anybody_leaves_it_to_somebody_who_looks(self):
        self.team.user_ids = False
        self.assertFalse(self.open_several(1).user_id)
        self.assertFalse(self.open_several(1, team_id=False).user_id)

    def test_the_creator_does_not_own_it_for_having_typed_it(self):
        self.company.helpdesk_mgmt_ticket_auto_assign = True
        tickets = self.env["helpdesk.ticket"].with_user(self.agent)
        self.open_several(1, user_id=self.agent.id)
        ticket = tickets.create(
            {"name": "Help", "description": "Help", "team_id": self.team.id}
        )
        self.assertNotEqual(ticket.user_id, self.agent)
        self.assertEqual(
            ticket.event_ids.filtered(lambda event: event.kind == "opened").reason,
            "Had least to do in the team.",
        )

    def test_another_customer_keeps_the_owner_unless_his_policy_names_one(self):
        ticket = self.open_several(1)
        owner = ticket.user_id
        ticket.partner_id = self.make_customer("Another")
        self.assertEqual(ticket.user_id, owner)
        ticket.partner_id = self.contact
        self.assertEqual(ticket.user_id, self.manager)

    def test_queries_do_not_grow_with_the_number_of_tickets(self):
        def count(number):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            Owners(self.env).distribute(
                [
                    self.env["helpdesk.ticket"]._get_candidates(
                        {"team_id": self.team.id}, self.company, owners
                    )
                    for owners in [Owners(self.env)]
                    for _ in range(number)
                ]
            )
            return self.env.cr.sql_log_count - before

        self.assertEqual(count(10), count(40))


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestAbsences(OwnerCase):
    def test_an_absence_ends_after_it_begins(self):
        with self.assertRaisesRegex(ValidationError, "before the first day"):
            self.be_away(self.agent, "2026-03-05", "2026-03-04")

    def test_everybody_enters_the_own_ones_and_sees_all(self):
        own = self.env["crm.relationship.absence"].with_user(self.agent)
        absence = own.create({})
        self.assertEqual(
            (absence.user_id, absence.date_to), (self.agent, date(2026, 3, 2))
        )
        self.assertTrue(absence.with_user(self.third).note is False)
        with self.assertRaises(AccessError):
            absence.with_user(self.third).note = "Mine"
        with self.assertRaises(AccessError):
            own.create({"user_id": self.third.id})

    def test_what_waits_for_somebody_away_is_one_click_away(self):
        ticket = self.open_several(1, user_id=self.agent.id)
        self.open_several(1, user_id=self.agent.id, stage_id=self.done.id)
        absence = self.be_away(self.agent)
        self.assertEqual(absence.open_ticket_count, 1)
        domain = absence.action_view_tickets()["domain"]
        self.assertEqual(self.env["helpdesk.ticket"].search(domain), ticket)

    def test_the_end_of_an_absence(self):
        self.agent.tz = "UTC"
        self.be_away(self.agent, MONDAY, "2026-03-04")
        self.be_away(self.agent, MONDAY, "2026-03-03")
        load = self.env["crm.relationship.workload"].search(
            [("user_id", "=", self.agent.id), ("company_id", "=", self.company.id)]
        )
        self.assertEqual(load.absent_until, datetime(2026, 3, 5))
