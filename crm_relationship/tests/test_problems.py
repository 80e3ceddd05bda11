"""Complaints that repeat themselves raise a problem: by the same customer, or by many."""

import random
from datetime import timedelta

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import Command, fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .tickets import TicketCase

NOW = "2026-03-20 10:00:00"


class ProblemCase(TicketCase):
    """Complaints about two products and two categories, of a few customers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        kinds = cls.by_code("ticket.kind")
        cls.complaint, cls.question = kinds["complaint"], kinds["question"]
        cls.printer, cls.labels = cls.env["product.product"].create(
            [{"name": "Printer"}, {"name": "Labels"}]
        )
        cls.delivery, cls.billing = cls.env["helpdesk.ticket.category"].create(
            [
                {"name": name, "company_id": cls.company.id}
                for name in ("Delivery", "Billing")
            ]
        )
        cls.customers = cls.env["res.partner"].create(
            [
                {
                    "name": f"Customer {number}",
                    "is_company": True,
                    "email": f"c{number}@example.com",
                }
                for number in range(6)
            ]
        )
        cls.company.write(
            {
                "relationship_problem_window_days": 30,
                "relationship_problem_repeat_count": 3,
                "relationship_problem_customer_count": 3,
            }
        )
        cls.team.user_id = cls.colleague

    @classmethod
    def prepare(cls, customer, **values):
        return {
            "name": "It broke",
            "description": "It broke.",
            "partner_id": customer.id,
            "company_id": cls.company.id,
            "team_id": cls.team.id,
            "kind_id": cls.complaint.id,
            **values,
        }

    def complain(self, *customers, days=1, **values):
        """One ticket for each customer named, opened so many days ago."""
        tickets = self.env["helpdesk.ticket"].create(
            [self.prepare(customer, **values) for customer in customers]
        )
        self.set_age(tickets, [days] * len(tickets))
        return tickets

    def set_age(self, tickets, ages):
        self.env.flush_all()
        now = fields.Datetime.to_datetime(NOW)
        for ticket, days in zip(tickets, ages, strict=True):
            self.env.cr.execute(
                "UPDATE helpdesk_ticket SET create_date = %s WHERE id = %s",
                [now - timedelta(days=days), ticket.id],
            )
        self.env.invalidate_all()

    def find(self):
        """What the job raises, as the job runs."""
        with freeze_time(NOW):
            return self.env["crm.relationship.problem"]._raise(self.company)

    def of(self, problem):
        return set(problem.ticket_ids.ids)


@tagged("post_install", "-at_install")
class TestProblems(ProblemCase):
    def test_a_customer_who_complains_three_times_about_a_product(self):
        one = self.customers[0]
        tickets = self.complain(one, one, one, product_id=self.printer.id)
        [problem] = self.find()
        self.assertEqual(self.of(problem), set(tickets.ids))
        self.assertEqual((problem.name, problem.repeat), ("Printer", "same"))
        self.assertEqual((problem.ticket_count, problem.customer_count), (3, 1))
        self.assertEqual((problem.partner_id, problem.product_id), (one, self.printer))
        self.assertEqual(problem.kind_id, self.complaint)
        self.assertEqual(str(problem.first_date), "2026-03-19")

    def test_contacts_of_a_company_are_one_customer(self):
        contact = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": self.customers[0].id}
        )
        one = self.customers[0]
        self.complain(one, contact, contact, category_id=self.delivery.id)
        self.assertEqual(self.find().customer_count, 1)

    def test_three_customers_who_complain_about_the_same_category(self):
        tickets = self.complain(*self.customers[:3], category_id=self.delivery.id)
        [problem] = self.find()
        self.assertEqual(self.of(problem), set(tickets.ids))
        self.assertEqual((problem.name, problem.repeat), ("Delivery", "many"))
        self.assertFalse(problem.partner_id)
        self.assertEqual(problem.category_id, self.delivery)

    def test_what_is_no_repeated_complaint(self):
        one, two = self.customers[:2]
        product = {"product_id": self.printer.id}
        self.complain(one, one, two, **product)
        self.complain(one, days=31, **product)
        self.complain(one, kind_id=self.question.id, **product)
        self.complain(one, kind_id=False, **product)
        self.complain(one, active=False, **product)
        self.complain(one, **product).duplicate_id = self.complain(one)
        self.complain(one, one, one)
        unknown = [dict(self.prepare(one, **product), partner_id=False)] * 3
        self.env["helpdesk.ticket"].create(unknown)
        self.assertFalse(self.find())

    def test_a_customer_of_another_company_of_ours_does_not_count(self):
        other = self.make_company("Elsewhere")
        values = {"company_id": other.id, "team_id": False}
        self.complain(*self.customers[:2], product_id=self.printer.id)
        self.complain(self.customers[2], product_id=self.printer.id, **values)
        self.assertFalse(self.find())

    def test_an_open_problem_takes_further_complaints_and_grows_to_many(self):
        one, two = self.customers[:2]
        self.complain(one, one, one, days=5, product_id=self.printer.id)
        problem = self.find()
        further = self.complain(two, product_id=self.printer.id)
        self.assertFalse(self.find())
        self.assertEqual(further.problem_id, problem)
        self.assertEqual((problem.repeat, problem.customer_count), ("many", 2))
        self.assertFalse(problem.partner_id)
        self.assertEqual(str(problem.last_date), "2026-03-19")

    def test_after_the_solution_complaints_count_anew(self):
        one = self.customers[0]
        self.complain(one, one, one, product_id=self.printer.id)
        problem = self.find()
        problem.solution = "New firmware"
        problem.action_solve()
        self.complain(one, one, product_id=self.printer.id)
        self.assertFalse(self.find())
        self.complain(one, product_id=self.printer.id)
        again = self.find()
        self.assertEqual(again.ticket_count, 3)
        self.assertEqual(problem.ticket_count, 3)

    def test_what_a_product_explains_does_not_count_for_its_category(self):
        both = {"product_id": self.printer.id, "category_id": self.delivery.id}
        self.complain(*self.customers[:3], **both)
        [problem] = self.find()
        self.assertEqual(problem.product_id, self.printer)
        self.complain(
            self.customers[3],
            self.customers[4],
            product_id=self.labels.id,
            category_id=self.delivery.id,
        )
        self.assertFalse(self.find())
        self.complain(self.customers[5], category_id=self.delivery.id)
        self.assertEqual(self.find().category_id, self.delivery)

    def test_a_second_run_writes_nothing(self):
        self.complain(*self.customers[:3], product_id=self.printer.id)
        problem = self.find()
        before = problem.read()
        activities = problem.activity_ids
        self.assertFalse(self.find())
        self.env.invalidate_all()
        self.assertEqual(problem.read(), before)
        self.assertEqual(problem.activity_ids, activities)

    def test_the_owner_is_the_leader_of_the_team_or_the_manager_of_the_customer(self):
        one = self.customers[0]
        tickets = self.complain(one, one, one, product_id=self.printer.id)
        self.complain(*self.customers[:3], category_id=self.delivery.id)
        tickets.relationship_id.manager_id = self.agent
        problems = self.find().grouped("repeat")
        self.assertEqual(problems["same"].user_id, self.agent)
        self.assertEqual(problems["many"].user_id, self.colleague)
        for problem in problems.values():
            self.assertEqual(problem.activity_ids.user_id, problem.user_id)

    def test_who_left_owns_nothing(self):
        self.colleague.active = False
        self.complain(
            *self.customers[:3], product_id=self.printer.id, user_id=self.agent.id
        )
        self.assertEqual(self.find().user_id, self.agent)

    def test_the_name_is_in_the_language_of_the_company(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.printer.with_context(lang="de_DE").name = "Drucker"
        self.company.partner_id.lang = "de_DE"
        self.complain(*self.customers[:3], product_id=self.printer.id)
        self.assertEqual(self.find().name, "Drucker")

    def test_limits_that_mean_nothing_are_refused(self):
        for name, value in (
            ("relationship_problem_window_days", 0),
            ("relationship_problem_repeat_count", 1),
            ("relationship_problem_customer_count", -3),
        ):
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                self.company[name] = value

    def test_the_job_finds_them_in_every_company(self):
        self.complain(*self.customers[:3], product_id=self.printer.id)
        with freeze_time(NOW), self.enter_registry_test_mode():
            self.env.ref("crm_relationship.ir_cron_problem").method_direct_trigger()
        self.assertTrue(self.search_problems())

    def search_problems(self):
        return self.env["crm.relationship.problem"].search(
            [("company_id", "=", self.company.id)]
        )

    # --- against a naive reference ---

    def naive(self, tickets):
        """Subject -> ids of the tickets of its problem, by the rule as one would say it."""
        found, rest = {}, list(tickets)
        for name in ("product_id", "category_id"):
            for subject in {ticket[name] for ticket in rest if ticket[name]}:
                about = [ticket for ticket in rest if ticket[name] == subject]
                customers = [ticket.commercial_partner_id for ticket in about]
                if len(set(customers)) < 3:
                    about = [
                        ticket
                        for ticket, customer in zip(about, customers, strict=True)
                        if customers.count(customer) >= 3
                    ]
                if about:
                    found[subject] = {ticket.id for ticket in about}
            taken = set().union(*found.values())
            rest = [ticket for ticket in rest if ticket.id not in taken]
        return found

    def test_random_complaints_against_the_naive_rule(self):
        for seed in range(8):
            with self.subTest(seed=seed), self.env.cr.savepoint() as savepoint:
                dice = random.Random(seed)
                tickets = self.env["helpdesk.ticket"].create(
                    [self.roll(dice) for _number in range(dice.randint(4, 30))]
                )
                ages = [dice.choice((1, 10, 29, 31, 90)) for _ticket in tickets]
                self.set_age(tickets, ages)
                complaints = [
                    ticket
                    for ticket, age in zip(tickets, ages, strict=True)
                    if age < 30 and ticket.kind_id == self.complaint
                ]
                expected = self.naive(complaints)
                found = {
                    problem.product_id or problem.category_id: self.of(problem)
                    for problem in self.find()
                }
                self.assertEqual(found, expected)
                savepoint.rollback()
                self.env.invalidate_all()

    def roll(self, dice):
        """Values of a ticket by chance."""
        return self.prepare(
            dice.choice(self.customers[: dice.randint(1, 6)]),
            product_id=dice.choice((False, self.printer.id, self.labels.id)),
            category_id=dice.choice((False, self.delivery.id, self.billing.id)),
            kind_id=dice.choice((self.complaint.id,) * 4 + (self.question.id,)),
        )

    def test_the_queries_are_the_same_for_ten_complaints_and_for_forty(self):
        def count(number):
            self.complain(
                *list(self.customers[:5]) * number, product_id=self.printer.id
            )
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            self.find()
            return self.cr.sql_log_count - start

        count(1)
        self.assertEqual(count(2), count(8))


@tagged("post_install", "-at_install")
class TestProblemTickets(ProblemCase):
    """Tickets join and leave a problem by hand."""

    def setUp(self):
        super().setUp()
        self.tickets = self.complain(*self.customers[:3], product_id=self.printer.id)
        self.problem = self.find()

    def test_a_ticket_that_is_taken_out_stays_out(self):
        ticket = self.tickets[0]
        action = ticket.with_user(self.agent).action_take_out_of_problem()
        wizard = (
            self.env["crm.relationship.problem.wizard"]
            .with_user(self.agent)
            .with_context(**action["context"])
            .create({"reason": "Spilled coffee"})
        )
        wizard.action_confirm()
        self.assertFalse(ticket.problem_id)
        self.assertEqual(ticket.no_problem_reason, "Spilled coffee")
        self.assertEqual(self.problem.ticket_count, 2)
        self.assertIn("Spilled coffee", self.problem.message_ids[0].body)
        self.find()
        self.assertFalse(ticket.problem_id)
        ticket.with_user(self.agent).problem_id = self.problem
        self.assertFalse(ticket.no_problem_reason)

    def test_a_ticket_does_not_leave_without_a_reason(self):
        with self.refused("Take Out", error=UserError):
            self.tickets[0].with_user(self.agent).problem_id = False

    def test_taking_out_asks_for_the_reason(self):
        action = self.tickets[0].action_take_out_of_problem()
        wizard = self.env["crm.relationship.problem.wizard"].with_context(
            **action["context"]
        )
        with self.refused("Say in a few words", error=UserError):
            wizard.create({"reason": "  "}).action_confirm()
        with self.refused("part of no repeated", error=UserError):
            self.complain(self.customers[0])._take_out_of_problem("None")

    def test_a_ticket_can_be_added_by_hand(self):
        ticket = self.complain(self.customers[4])
        ticket.with_user(self.agent).problem_id = self.problem
        self.assertEqual(
            (self.problem.ticket_count, self.problem.customer_count), (4, 4)
        )
        ticket.unlink()
        self.assertEqual(self.problem.ticket_count, 3)

    def test_the_numbers_follow_a_change_of_customer(self):
        self.tickets[0].partner_id = self.customers[1]
        self.assertEqual(self.problem.customer_count, 2)

    def test_a_ticket_that_moves_to_another_company_leaves_it(self):
        other = self.make_company("Elsewhere")
        self.tickets[0].write({"company_id": other.id, "team_id": False})
        self.assertFalse(self.tickets[0].problem_id)
        self.assertEqual(self.problem.ticket_count, 2)

    def test_a_problem_is_about_one_thing(self):
        problems = self.env["crm.relationship.problem"]
        values = {"name": "Labels", "company_id": self.company.id}
        both = {"product_id": self.labels.id, "category_id": self.delivery.id}
        for wrong in ({}, both):
            with self.refused("either a product or a category"):
                problems.create({**values, **wrong})

    def test_the_button_leads_to_the_tickets(self):
        domain = self.problem.action_view_tickets()["domain"]
        self.assertEqual(self.env["helpdesk.ticket"].search(domain), self.tickets)
        action = self.tickets[0].action_view_problem()
        self.assertEqual(action["res_id"], self.problem.id)

    def test_a_product_with_complaints_is_kept(self):
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.env.cr.savepoint(),
        ):
            self.printer.unlink()

    def test_commands_of_another_company_do_not_see_it(self):
        other = self.make_company("Elsewhere")
        self.users["officer"].write(
            {"company_ids": [Command.set(other.ids)], "company_id": other.id}
        )
        problems = self.env["crm.relationship.problem"].with_user(self.users["officer"])
        self.assertFalse(
            problems.with_context(allowed_company_ids=other.ids).search(
                [("id", "=", self.problem.id)]
            )
        )
