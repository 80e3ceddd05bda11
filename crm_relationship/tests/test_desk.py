"""The agent's desk: the queue, one ticket of it with its customer, and the answer; each by the rights of the user."""

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .test_ticket_owner import OwnerCase
from .tickets import MONDAY

NOON = f"{MONDAY} 12:00:00"


@tagged("post_install", "-at_install")
class TestDesk(OwnerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.own = cls.make_desk_user("own", "helpdesk_mgmt.group_helpdesk_user_own")
        cls.team.user_ids += cls.own

    @classmethod
    def make_desk_user(cls, name, *groups):
        return new_test_user(
            cls.env,
            f"relationship_desk_{name}",
            groups=",".join(["base.group_user", *groups]),
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def open(self, moment=f"{MONDAY} 08:00:00", **values):
        values = {"partner_id": self.stranger.id, **values}
        return self.make_ticket(moment, **values)

    def as_user(self, user):
        self.env.flush_all()
        self.env.invalidate_all()
        tickets = self.env["helpdesk.ticket"].with_user(user)
        return tickets.with_context(
            allowed_company_ids=self.company.ids, lang="en_US", tz="UTC"
        )

    def desk_of(self, user, moment=NOON):
        with freeze_time(moment):
            return self.as_user(user).get_desk()

    def ids_of(self, user):
        return [row["id"] for row in self.desk_of(user)["tickets"]]

    def tiles_of(self, user):
        return {tile["key"]: tile for tile in self.desk_of(user)["tiles"]}

    def detail_of(self, ticket, user):
        with freeze_time(NOON):
            return self.as_user(user).browse(ticket.id).get_desk_ticket()

    # --- the queue ---

    def test_mine_and_what_nobody_owns_the_next_deadline_first(self):
        other_team = self.team.copy({"name": "Other", "user_ids": False})
        second = self.open(f"{MONDAY} 09:00:00", user_id=self.own.id)
        first = self.open(user_id=False)
        no_team = self.open(f"{MONDAY} 10:00:00", user_id=False, team_id=False)
        self.open(user_id=self.third.id)
        self.open(user_id=False, team_id=other_team.id)
        self.open(user_id=self.own.id, stage_id=self.done.id)
        self.assertEqual(self.ids_of(self.own), [first.id, second.id])
        # Whom the rules let see tickets of no team also finds them here.
        self.team.user_ids += self.agent
        self.assertEqual(self.ids_of(self.agent), [first.id, no_team.id])

    def test_merged_duplicates_are_left_out_and_linked_ones_stay(self):
        kept = self.open(user_id=self.own.id)
        merged = self.open(user_id=self.own.id)
        linked = self.open(user_id=self.own.id, partner_id=self.contact.id)
        (merged | linked).write({"duplicate_id": kept.id})
        self.assertTrue(merged._is_merged())
        self.assertFalse(linked._is_merged())
        self.assertEqual(set(self.ids_of(self.own)), {kept.id, linked.id})

    def test_the_search_for_merged_ones_is_the_rule_itself(self):
        kept = self.open()
        tickets = kept
        for partner in (self.stranger, self.contact, self.customer, False):
            tickets |= self.open(
                partner_id=partner and partner.id, duplicate_id=kept.id
            )
        tickets |= self.open(duplicate_id=tickets[-1].id)
        found = tickets.search([("id", "in", tickets.ids), ("is_merged", "=", True)])
        self.assertEqual(found, tickets.filtered("is_merged"))
        self.assertEqual(found, tickets.filtered(lambda ticket: ticket._is_merged()))
        rest = tickets.search([("id", "in", tickets.ids), ("is_merged", "=", False)])
        self.assertEqual(rest, tickets - found)
        self.assertTrue(found and rest)

    def test_a_clock_knows_when_to_warn_and_that_it_stands_still(self):
        ticket = self.open(user_id=self.own.id)
        waiting = self.open(user_id=self.own.id)
        self.post(waiting, f"{MONDAY} 08:10:00")
        self.move(waiting, f"{MONDAY} 08:20:00", stage_id=self.awaiting.id)
        rows = {row["id"]: row for row in self.desk_of(self.own)["tickets"]}
        self.assertEqual(
            rows[ticket.id]["warning_at"], ticket.first_response_warning_at
        )
        self.assertIn("First response due", rows[ticket.id]["queue_reason"])
        self.assertTrue(rows[waiting.id]["is_waiting_customer"])
        self.assertFalse(rows[waiting.id]["next_deadline"])

    def test_the_tiles_count_what_their_lists_hold(self):
        self.open("2026-02-02 08:00:00", user_id=self.own.id)
        self.open(user_id=self.own.id)
        self.open(user_id=False)
        waiting = self.open(user_id=self.own.id)
        self.post(waiting, f"{MONDAY} 08:10:00")
        self.move(waiting, f"{MONDAY} 08:20:00", stage_id=self.awaiting.id)
        tiles = self.tiles_of(self.own)
        self.assertEqual(
            {key: tile["value"] for key, tile in tiles.items()},
            {"queue": 4, "late": 1, "waiting": 1, "fcr": False},
        )
        tickets = self.as_user(self.own)
        for key in ("queue", "late", "waiting"):
            found = tickets.search_count(tiles[key]["domain"])
            self.assertEqual(found, tiles[key]["count"], key)

    def test_fcr_is_that_of_my_tickets_within_seven_days(self):
        values = [("yes", NOON), ("no", NOON), ("yes", NOON), ("no", "2026-02-01")]
        for state, moment in values:
            self.open(user_id=self.own.id)._write_silently(
                {"fcr_state": state, "fcr_decided_at": moment}
            )
        tile = self.tiles_of(self.own)["fcr"]
        self.assertAlmostEqual(tile["value"], 2 / 3)
        self.assertEqual(tile["count"], 3)
        desk = self.desk_of(self.own)
        self.assertEqual(desk["fcr_rule"], self.company._get_fcr_rule_text())

    def test_canned_answers_are_those_that_the_user_may_read(self):
        responses = self.env["mail.canned.response"]
        group = self.env.ref("helpdesk_mgmt.group_helpdesk_user_own")
        shared = responses.create(
            {"source": "hi", "substitution": "Hello", "group_ids": group.ids}
        )
        private = responses.create({"source": "x", "substitution": "Mine alone"})
        found = {item["id"] for item in self.desk_of(self.own)["responses"]}
        self.assertIn(shared.id, found)
        self.assertNotIn(private.id, found)

    def test_an_empty_desk(self):
        desk = self.desk_of(self.own)
        self.assertEqual(desk["tickets"], [])
        self.assertEqual([tile["value"] for tile in desk["tiles"]], [0, 0, 0, False])

    # --- one ticket ---

    def test_the_ticket_tells_what_was_said_last(self):
        ticket = self.open(user_id=self.own.id)
        self.post(ticket, f"{MONDAY} 08:10:00", author=self.stranger)
        with freeze_time(f"{MONDAY} 08:20:00"):
            ticket.message_post(
                body="Only for us",
                author_id=self.third.partner_id.id,
                subtype_xmlid="mail.mt_note",
                message_type="comment",
            )
        messages = self.detail_of(ticket, self.own)["messages"]
        told = [
            (item["text"], item["is_note"], item["is_customer"]) for item in messages
        ]
        self.assertEqual(told, [("Only for us", True, False), ("Hello", False, True)])

    def test_the_customer_is_told_by_the_rights_of_the_user(self):
        self.relationship.write(
            {"revenue_12m_amount": 900, "contribution_12m_amount": 123}
        )
        ticket = self.open(partner_id=self.contact.id, user_id=self.own.id)
        self.assertIs(self.detail_of(ticket, self.own)["customer"], False)
        users = {
            role: self.make_desk_user(
                role,
                "helpdesk_mgmt.group_helpdesk_user",
                f"crm_relationship.group_relationship_{role}",
            )
            for role in ("user", "officer", "manager")
        }
        self.assertIs(self.detail_of(ticket, users["user"])["customer"], False)
        officer = self.detail_of(ticket, users["officer"])["customer"]
        self.assertEqual(officer["name"], "Customer")
        self.assertEqual(officer["segment"], self.segments["key"].display_name)
        self.assertIn("900", officer["revenue"])
        self.assertIs(officer["contribution"], False)
        manager = self.detail_of(ticket, users["manager"])["customer"]
        self.assertIn("123", manager["contribution"])
        # Who works on the ticket looks after its customer.
        ticket.user_id = users["user"]
        self.assertTrue(self.detail_of(ticket, users["user"])["customer"])

    def test_entitlements_suggestions_problems_and_contacts(self):
        service = self.env["crm.relationship.service"].search([], limit=1)
        self.env["crm.relationship.entitlement"].create(
            {
                "policy_id": self.policy._get_floor(self.company).id,
                "service_id": service.id,
                "access": "included",
                "quota": 2,
            }
        )
        suggestion = self.env["crm.relationship.suggestion"].create(
            {
                "relationship_id": self.relationship.id,
                "kind": "reorder",
                "product_id": self.product.id,
            }
        )
        category = self.env["helpdesk.ticket.category"].create({"name": "Jams"})
        problem, other = self.env["crm.relationship.problem"].create(
            [
                {
                    "name": name,
                    "company_id": self.company.id,
                    "category_id": own.id,
                }
                for name, own in (
                    ("Paper jams", category),
                    ("Other", category.copy({"name": "Other"})),
                )
            ]
        )
        ticket = self.open(partner_id=self.contact.id, user_id=self.manager.id)
        ticket.problem_id = problem
        self.open().problem_id = other
        officer = self.make_desk_user(
            "o",
            "helpdesk_mgmt.group_helpdesk_user",
            "crm_relationship.group_relationship_officer",
        )
        customer = self.detail_of(ticket, officer)["customer"]
        self.assertIn(
            (service.display_name, "Included, 2 times a year"),
            [(item["name"], item["terms"]) for item in customer["entitlements"]],
        )
        self.assertEqual([i["id"] for i in customer["suggestions"]], suggestion.ids)
        self.assertEqual([i["id"] for i in customer["problems"]], problem.ids)
        self.assertTrue(customer["contacts"])

    def test_a_ticket_of_others_is_refused(self):
        ticket = self.open(user_id=self.third.id)
        with self.assertRaises(AccessError):
            self.detail_of(ticket, self.own)

    def test_the_desk_is_for_those_who_answer_tickets(self):
        ticket = self.open()
        for role in ("portal", "internal", "sales", "officer"):
            with self.subTest(role):
                with self.assertRaises(AccessError):
                    self.desk_of(self.users[role])
                with self.assertRaises(AccessError):
                    self.detail_of(ticket, self.users[role])
                with self.assertRaises(AccessError):
                    self.answer(ticket, self.users[role], "Hello")

    # --- the answer ---

    def answer(self, ticket, user, text):
        with freeze_time(NOON):
            return self.as_user(user).browse(ticket.id).post_desk_answer(text)

    def test_an_answer_goes_to_the_customer_and_stops_the_clock(self):
        ticket = self.open(user_id=self.own.id)
        message_id = self.answer(ticket, self.own, "Try this:\n<b>restart</b>")
        message = self.env["mail.message"].browse(message_id)
        self.assertIn("&lt;b&gt;restart", message.body)
        self.assertEqual(message.partner_ids, self.stranger)
        self.assertEqual(message.author_id, self.own.partner_id)
        self.assertFalse(message.is_internal)
        self.assertEqual(str(ticket.first_response_at), NOON)
        self.assertEqual(ticket.agent_reply_count, 1)

    def test_nothing_is_sent_that_nobody_would_get(self):
        ticket = self.open(user_id=self.own.id)
        for text in ("", "  \n", False, ["x"]):
            with self.subTest(text), self.assertRaises(UserError):
                self.answer(ticket, self.own, text)
        unknown = self.open(
            partner_id=False, partner_name="Someone", user_id=self.own.id
        )
        detail = self.detail_of(unknown, self.own)["ticket"]
        self.assertFalse(detail["can_answer"])
        self.assertIn("none of our contacts", detail["no_answer_reason"])
        with self.assertRaises(UserError):
            self.answer(unknown, self.own, "Hello")
        with self.assertRaises(AccessError):
            self.answer(self.open(user_id=self.third.id), self.own, "Hello")

    # --- speed ---

    def test_the_desk_asks_as_often_for_40_as_for_10(self):
        def count():
            tickets = self.as_user(self.own)
            with freeze_time(NOON):
                tickets.get_desk()  # what is remembered between requests
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                tickets.get_desk()
            return self.env.cr.sql_log_count - before

        for _ in range(10):
            self.open(user_id=self.own.id)
        few = count()
        for _ in range(30):
            self.open(user_id=self.own.id)
        self.assertEqual(count(), few)

    def test_the_customer_asks_as_often_with_many_tickets_and_messages(self):
        ticket = self.open(partner_id=self.contact.id, user_id=self.own.id)
        officer = self.make_desk_user(
            "o",
            "helpdesk_mgmt.group_helpdesk_user",
            "crm_relationship.group_relationship_officer",
        )

        def fill(count):
            for minute in range(count):
                self.post(ticket, f"{MONDAY} 08:{minute + 10}:00")
                self.open(partner_id=self.contact.id, user_id=self.own.id)

        def count():
            self.detail_of(ticket, officer)
            tickets = self.as_user(officer)
            before = self.env.cr.sql_log_count
            with freeze_time(NOON):
                tickets.browse(ticket.id).get_desk_ticket()
            return self.env.cr.sql_log_count - before

        fill(8)
        few = count()
        fill(24)
        self.assertEqual(count(), few)
