"""The queue: its order, the reason for each place, and who has how much to do."""

import random

from freezegun import freeze_time
from lxml import etree

from odoo.tests import tagged

from ..analytics import dispatch
from .test_ticket_owner import OwnerCase
from .tickets import MONDAY

NOON = f"{MONDAY} 12:00:00"


@tagged("post_install", "-at_install")
class TestTicketQueue(OwnerCase):
    def open(self, moment=f"{MONDAY} 08:00:00", **values):
        return self.make_ticket(moment, **{"partner_id": self.stranger.id, **values})

    def reason_of(self, ticket, lang="en_US"):
        self.env.invalidate_all()
        with freeze_time(NOON):
            return ticket.with_context(lang=lang, tz="UTC").queue_reason

    def test_the_reason_names_promise_policy_and_place(self):
        tickets = [self.open(f"{MONDAY} {hour:02}:00:00") for hour in (8, 9, 10)]
        reasons = [self.reason_of(ticket) for ticket in tickets]
        self.assertEqual(
            reasons[0],
            "First response due Mon 16:00 by the policy “Service floor”; no ticket in its queue is due before it.",
        )
        self.assertIn("Tue 09:00", reasons[1])
        self.assertIn("one ticket in its queue is due before it", reasons[1])
        self.assertIn("2 tickets in its queue are due before it", reasons[2])

    def test_the_queue_is_that_of_the_team(self):
        self.open()
        other = self.team.copy({"name": "Other"})
        self.assertIn(
            "no ticket in its queue is due before it",
            self.reason_of(self.open(f"{MONDAY} 09:00:00", team_id=other.id)),
        )

    def test_what_waits_or_is_closed_is_not_before_anything(self):
        waiting, closed = self.open(), self.open()
        self.post(waiting, f"{MONDAY} 08:10:00")
        self.move(waiting, f"{MONDAY} 08:20:00", stage_id=self.awaiting.id)
        self.move(closed, f"{MONDAY} 08:20:00", stage_id=self.done.id)
        last = self.open(f"{MONDAY} 11:00:00")
        self.assertIn("no ticket in its queue is due before it", self.reason_of(last))
        self.assertIn("Waits for the customer", self.reason_of(waiting))
        self.assertFalse(self.reason_of(closed))

    def test_a_key_account_is_first_for_its_promise_only(self):
        """Half a day is promised to the key account, a day to everybody: who waited longer stays before it."""
        small = self.open()
        early = self.open(partner_id=self.contact.id)
        late = self.open(f"{MONDAY} 13:00:00", partner_id=self.contact.id)
        found = self.env["helpdesk.ticket"].search(
            [("id", "in", (small | early | late).ids)]
        )
        self.assertEqual(list(found), [early, small, late])

    def test_who_the_customers_are_does_not_change_the_order(self):
        """Key and small accounts change places, the hours promised to both are the same: so is the queue."""
        hours = {"first_response_hours": 8, "resolution_hours": 40}
        self.policy.write({**hours, "route_to_manager": False})
        chance = random.Random(9)
        tickets = self.env["helpdesk.ticket"]
        for customer in (self.contact, self.stranger) * 8:
            moment = f"{MONDAY} {chance.randint(8, 15):02}:{chance.randint(0, 59):02}"
            tickets |= self.open(f"{moment}:00", partner_id=customer.id)
        relationships = tickets.relationship_id
        self.assertEqual(len(relationships), 2)

        def find(key):
            for relationship in relationships:
                name = "key" if relationship == key else "small"
                relationship.segment_id = self.segments[name]
            self.env.flush_all()
            self.env.invalidate_all()
            return self.env["helpdesk.ticket"].search([("id", "in", tickets.ids)])

        found = [find(key) for key in relationships]
        self.assertEqual(found[0].ids, found[1].ids)
        due = found[0].mapped("next_deadline")
        self.assertEqual(due, sorted(due))

    def test_what_the_agent_sees_is_the_queue(self):
        """The list has no order of its own."""
        view = self.env.ref("crm_relationship.helpdesk_ticket_view_list_queue")
        arch = etree.fromstring(view.arch)
        order = arch.get("default_order")
        self.assertEqual(order, self.env["helpdesk.ticket"]._order)

    def test_the_database_orders_as_the_queue_is_defined(self):
        chance = random.Random(4)
        tickets = self.env["helpdesk.ticket"]
        for _ in range(30):
            tickets |= self.open(
                f"{MONDAY} {chance.randint(8, 11):02}:00:00",
                priority=chance.choice("0123"),
                sequence=chance.randint(1, 2),
                stage_id=chance.choice([self.new, self.awaiting, self.done]).id,
            )
        queue = [
            dispatch.Waiting(
                ticket.id,
                ticket.next_deadline or None,
                ticket.priority,
                ticket.sequence,
                ticket.number,
            )
            for ticket in tickets
        ]
        found = self.env["helpdesk.ticket"].search([("id", "in", tickets.ids)])
        self.assertEqual(found.ids, [item.id for item in dispatch.order(queue)])

    def test_places_are_those_of_a_naive_count(self):
        chance = random.Random(7)
        teams = self.team | self.team.copy({"name": "Other"})
        tickets = self.env["helpdesk.ticket"]
        for _ in range(20):
            tickets |= self.open(
                f"{MONDAY} {chance.randint(8, 11):02}:00:00",
                team_id=chance.choice(teams).id,
            )
        with freeze_time(NOON):
            places = dispatch_places(tickets)
        for ticket in tickets:
            before = tickets.filtered(
                lambda other, ticket=ticket: other.team_id == ticket.team_id
                and other.next_deadline < ticket.next_deadline
            )
            self.assertEqual(places.get(ticket.id, 0), len(before))

    def test_the_list_asks_as_often_for_40_as_for_10(self):
        view = self.env.ref("crm_relationship.helpdesk_ticket_view_list_queue")
        tickets = self.env["helpdesk.ticket"].with_user(self.agent)
        for _ in range(40):
            self.open(user_id=self.agent.id)
        fields = tickets.get_view(view.id, "list")["models"]["helpdesk.ticket"]
        specification = {
            name: {"fields": {"display_name": {}}}
            if tickets._fields[name].type == "many2one"
            else {}
            for name in fields
        }

        def count(limit):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            tickets.web_search_read(
                [("closed", "=", False)], specification, limit=limit
            )
            return self.env.cr.sql_log_count - before

        count(10)
        self.assertEqual(count(10), count(40))


def dispatch_places(tickets):
    from ..queries.dispatch import fetch_places

    last = max(tickets.mapped("next_deadline"))
    return fetch_places(tickets.env, tickets.ids, last)


@tagged("post_install", "-at_install")
class TestWorkload(OwnerCase):
    def load_of(self, user):
        self.env.flush_all()
        self.env.invalidate_all()
        loads = self.env["crm.relationship.workload"].with_user(self.users["helpdesk"])
        return loads.with_context(
            tz="UTC", allowed_company_ids=self.company.ids
        ).search([("user_id", "=", user.id if user else False)])

    def test_open_late_due_today_and_hours_left(self):
        for moment in (
            "2026-02-20 08:00:00",  # late
            f"{MONDAY} 08:00:00",  # due today, 4 hours left at noon
            f"{MONDAY} 09:00:00",  # due tomorrow, 5 hours left
        ):
            self.make_ticket(moment, partner_id=self.stranger.id, user_id=self.agent.id)
        self.make_ticket(
            NOON,
            partner_id=self.stranger.id,
            stage_id=self.done.id,
            user_id=self.agent.id,
        )
        with freeze_time(NOON):
            load = self.load_of(self.agent)
            self.assertEqual(
                (load.open_count, load.late_count, load.today_count, load.ahead_count),
                (3, 1, 1, 1),
            )
            self.assertAlmostEqual(load.promised_hours, 9)
            self.assertEqual(str(load.next_deadline), f"{MONDAY} 16:00:00")

    def test_who_has_nothing_to_do_and_what_nobody_owns(self):
        self.make_ticket(NOON, partner_id=self.stranger.id)
        with freeze_time(NOON):
            self.assertEqual(self.load_of(self.third).open_count, 0)
            nobody = self.load_of(None)
            self.assertEqual(nobody.open_count, 1)
            self.assertEqual(nobody.display_name, "Nobody")
            self.assertAlmostEqual(nobody.promised_hours, 8)
            domain = nobody.action_view_tickets()["domain"]
            self.assertEqual(len(self.env["helpdesk.ticket"].search(domain)), 1)

    def test_other_companies_are_their_own(self):
        other = self.make_company("Other")
        self.env["helpdesk.ticket.team"].create(
            {"name": "Theirs", "company_id": other.id, "user_ids": self.third.ids}
        )
        self.assertEqual(len(self.load_of(self.third)), 1)
