"""The service dashboard: its numbers are those of a naive count, and its lists hold what it counted."""

import random
from datetime import timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .tickets import TicketCase

NOW = "2026-03-20 12:00:00"
DAYS = 30


@tagged("post_install", "-at_install")
class TestServiceBoard(TicketCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.now = fields.Datetime.to_datetime(NOW)
        cls.since = cls.now - timedelta(days=DAYS)
        cls.stranger = cls.make_customer("Stranger")
        cls.relationships = {}
        for partner, segment in ((cls.customer, "key"), (cls.stranger, "small")):
            cls.env["crm.relationship"].create(
                {
                    "partner_id": partner.id,
                    "company_id": cls.company.id,
                    "segment_id": cls.segments[segment].id,
                }
            )
        cls.other_team = cls.team.copy({"name": "Other"})

    def open_at_random(self, chance, count):
        """Tickets of two months with all that can happen to them."""
        tickets = self.env["helpdesk.ticket"]
        for _ in range(count):
            start = self.now - timedelta(
                days=chance.randint(0, 60), hours=chance.randint(1, 9)
            )
            ticket = self.make_ticket(
                str(start),
                partner_id=chance.choice([self.contact, self.stranger]).id,
                team_id=chance.choice([self.team, self.other_team]).id,
                user_id=chance.choice([self.agent.id, self.colleague.id, False]),
            )
            self.go_on(chance, ticket, start)
            tickets |= ticket
        for ticket in chance.sample(list(tickets), count // 6):
            ticket.duplicate_id = chance.choice(list(tickets - ticket))
        self.env.flush_all()
        self.env.invalidate_all()
        return tickets

    def go_on(self, chance, ticket, start):
        moment = start
        for act in chance.sample(("answer", "pause", "close", "reopen", "hand"), 3):
            moment += timedelta(hours=chance.choice((1, 5, 30, 90)))
            if moment >= self.now:
                return
            if act == "answer":
                self.post(ticket, str(moment))
            elif act == "hand":
                ticket = ticket.with_context(handover_reason="Holidays")
                self.move(ticket, str(moment), user_id=self.colleague.id)
            else:
                stage = {"pause": self.awaiting, "close": self.done}
                stage = stage.get(act, self.in_progress)
                self.move(ticket, str(moment), stage_id=stage.id)

    def as_user(self, user):
        self.env.flush_all()
        self.env.invalidate_all()
        tickets = self.env["helpdesk.ticket"].with_user(user)
        return tickets.with_context(allowed_company_ids=self.company.ids, lang="en_US")

    @freeze_time(NOW)
    def board_of(self, user, days=DAYS):
        board = self.as_user(user).get_service_board(days)
        return board, {tile["key"]: tile for tile in board["tiles"]}

    # --- the naive reference ---

    def verdict_of(self, ticket, promise):
        """Kept or broken, step by step."""
        deadline = ticket[f"{promise}_deadline"]
        ended = ticket.resolved_at or self.now
        if not deadline:
            return False
        if promise == "first_response":
            if (ticket.first_response_at or ended) > deadline:
                return "broken"
            is_over = ticket.first_response_at or ticket.resolved_at
            return "kept" if is_over else False
        course = ticket.event_ids.sorted(lambda event: (event.date, event.id))
        course = course.filtered(
            lambda event: event.kind in ("opened", "paused", "resumed", "reopened")
        )
        stopped = course[-1].date if course[-1:].kind == "paused" else ended
        if ended > deadline and stopped > deadline:
            return "broken"
        return "kept" if ticket.resolved_at else False

    def has_event(self, ticket, kind):
        return any(
            event.kind == kind and event.date >= self.since
            for event in ticket.event_ids
        )

    def behind(self, user, tile):
        with freeze_time(NOW):
            return set(self.as_user(user).search(tile["domain"]).ids)

    # --- tests ---

    def test_the_numbers_are_those_of_a_naive_count(self):
        for seed in (1, 2):
            with self.subTest(seed):
                self.env["helpdesk.ticket"].search(
                    [("company_id", "=", self.company.id)]
                ).active = False
                self.check_numbers(self.open_at_random(random.Random(seed), 24))

    def check_numbers(self, tickets):
        board, tiles = self.board_of(self.agent)
        mine = tickets.filtered(lambda ticket: not ticket._is_merged())
        opened = mine.filtered(lambda ticket: not ticket.stage_id.closed)
        closed = mine.filtered(lambda ticket: self.has_event(ticket, "resolved"))
        expected = {
            "open": opened,
            "late": opened.filtered(
                lambda ticket: ticket.next_deadline and ticket.next_deadline < self.now
            ),
            "unowned": opened.filtered(lambda ticket: not ticket.user_id),
            "reopened": closed.filtered(lambda item: self.has_event(item, "reopened")),
        }
        for key, found in expected.items():
            self.assertEqual(tiles[key]["count"], len(found), key)
            self.assertEqual(self.behind(self.agent, tiles[key]), set(found.ids), key)
        self.assertEqual(tiles["reopened"]["total"], len(closed))
        self.check_promises(mine, board, tiles)
        self.check_backlog(opened, board)
        self.check_load(opened, expected["late"], board)
        self.check_handovers(mine, tiles["handovers"])

    def check_promises(self, tickets, board, tiles):
        recent = tickets.filtered(lambda ticket: ticket.create_date >= self.since)
        for promise in ("first_response", "resolution"):
            verdicts = {item: self.verdict_of(item, promise) for item in recent}
            values = [verdict for verdict in verdicts.values() if verdict]
            broken = [item.id for item in recent if verdicts[item] == "broken"]
            tile = tiles[promise]
            self.assertEqual((tile["count"], tile["total"]), (len(broken), len(values)))
            self.assertEqual(self.behind(self.agent, tile), set(broken), promise)
            for row in board["segments"]:
                own = [
                    verdict
                    for item, verdict in verdicts.items()
                    if verdict and item.relationship_segment_id.id == row["id"]
                ]
                self.assertEqual(row[promise]["kept"], own.count("kept"))
                self.assertEqual(row[promise]["count"], len(own))
            with freeze_time(NOW):
                recent.invalidate_recordset()
                for item, verdict in verdicts.items():
                    self.assertEqual(item[f"{promise}_verdict"], verdict)

    def check_backlog(self, opened, board):
        for row in board["backlog"]:
            of_team = opened.filtered(
                lambda item, row=row: item.team_id.id == row["id"]
            )
            for (start, end), cell in zip(board["ages"], row["cells"], strict=True):
                days = [
                    (self.now - item.create_date) / timedelta(days=1)
                    for item in of_team
                ]
                count = sum(start <= age and (not end or age < end) for age in days)
                self.assertEqual(cell["count"], count)
                self.assertEqual(len(self.behind(self.agent, cell)), count)
        total = sum(cell["count"] for row in board["backlog"] for cell in row["cells"])
        self.assertEqual(total, len(opened))

    def check_load(self, opened, late, board):
        for row in board["load"]:
            own = opened.filtered(lambda item, row=row: item.user_id.id == row["id"])
            self.assertEqual((row["open"], row["late"]), (len(own), len(own & late)))
            self.assertEqual(self.behind(self.agent, row), set(own.ids))
        self.assertEqual(sum(row["open"] for row in board["load"]), len(opened))

    def check_handovers(self, tickets, tile):
        events = tickets.event_ids.filtered(
            lambda event: event.kind == "handed_over" and event.date >= self.since
        )
        self.assertEqual(tile["value"], len(events))
        self.assertEqual(tile["total"], len(events.ticket_id))
        self.assertEqual(self.behind(self.agent, tile), set(events.ticket_id.ids))

    def test_fcr_comes_with_the_definition_of_the_company(self):
        for state in ("yes", "no", "no", "pending"):
            self.make_ticket("2026-03-10 09:00:00")._write_silently(
                {"fcr_state": state, "fcr_decided_at": "2026-03-12 09:00:00"}
            )
        board, tiles = self.board_of(self.agent)
        self.assertAlmostEqual(tiles["fcr"]["value"], 1 / 3)
        self.assertEqual((tiles["fcr"]["count"], tiles["fcr"]["total"]), (2, 3))
        self.assertEqual(board["fcr_rule"], self.company._get_fcr_rule_text())
        _board, tiles = self.board_of(self.agent, 7)
        self.assertIs(tiles["fcr"]["value"], False)

    def test_where_nothing_happened_nothing_is_claimed(self):
        board, tiles = self.board_of(self.agent)
        for key in ("fcr", "first_response", "resolution", "reopened"):
            self.assertIs(tiles[key]["value"], False, key)
        for key in ("segments", "backlog", "load"):
            self.assertEqual(board[key], [], key)

    def test_who_sees_a_team_counts_the_tickets_of_the_team(self):
        self.make_ticket("2026-03-10 09:00:00", user_id=False)
        self.make_ticket("2026-03-10 09:00:00", team_id=self.other_team.id)
        member = new_test_user(
            self.env,
            "relationship_member",
            groups="base.group_user,helpdesk_mgmt.group_helpdesk_user_team",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        self.team.user_ids += member
        board, tiles = self.board_of(member)
        self.assertFalse(board["is_all"])
        self.assertEqual(tiles["open"]["value"], 1)
        self.assertEqual([row["name"] for row in board["backlog"]], [self.team.name])
        board, tiles = self.board_of(self.agent)
        self.assertTrue(board["is_all"])
        self.assertEqual(tiles["open"]["value"], 2)

    def test_other_companies_do_not_count(self):
        other = self.make_company("Elsewhere")
        self.env.user.company_ids += other
        self.agent.company_ids += other
        self.make_ticket("2026-03-10 09:00:00", company_id=other.id, team_id=False)
        _board, tiles = self.board_of(self.agent)
        self.assertEqual(tiles["open"]["value"], 0)

    def test_it_is_for_those_who_see_a_team_and_knows_its_periods(self):
        for role in ("portal", "internal", "sales", "officer"):
            with self.subTest(role), self.assertRaises(AccessError):
                self.board_of(self.users[role])
        for days in (0, 31, -7, "7", None):
            with self.subTest(days), self.assertRaises(UserError):
                self.board_of(self.agent, days)

    def test_it_asks_as_often_for_40_tickets_as_for_10(self):
        def count():
            self.board_of(self.agent)
            tickets = self.as_user(self.agent)
            before = self.env.cr.sql_log_count
            with freeze_time(NOW):
                tickets.get_service_board(DAYS)
            return self.env.cr.sql_log_count - before

        chance = random.Random(3)
        self.open_at_random(chance, 10)
        few = count()
        self.open_at_random(chance, 30)
        self.assertEqual(count(), few)
