"""A problem is solved with words that its customers read; what was solved too early is opened again."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .test_problems import ProblemCase


@tagged("post_install", "-at_install")
class TestProblemSolution(ProblemCase):
    def setUp(self):
        super().setUp()
        one, two, three = self.customers[:3]
        self.tickets = self.complain(one, one, two, three, product_id=self.printer.id)
        self.problem = self.find().with_user(self.colleague)

    def solve(self, solution="The head was loose. It is screwed on now."):
        self.problem.solution = solution
        self.problem.action_solve()

    def get_mails(self):
        return (
            self.env["mail.mail"]
            .sudo()
            .search(
                [("model", "=", "helpdesk.ticket"), ("res_id", "in", self.tickets.ids)]
            )
        )

    def test_every_customer_is_told_once_by_a_queued_mail(self):
        self.solve()
        mails = self.get_mails()
        self.assertEqual(len(mails), 3)
        self.assertEqual(mails.recipient_ids, self.customers[:3])
        self.assertEqual(set(mails.mapped("state")), {"outgoing"})
        self.assertIn("The head was loose.", mails[0].body_html)
        self.assertIn("Printer", mails[0].subject)
        self.assertIn("auto-generated", mails[0].headers)
        self.assertIn(f"/my/ticket/{mails[0].res_id}", mails[0].body_html)
        self.assertIn("told of the solution: 3", self.problem.message_ids[0].body)
        self.assertTrue(self.problem.solved_at)
        self.assertFalse(self.problem.activity_ids)

    def test_solving_twice_tells_once(self):
        self.solve()
        self.problem.action_solve()
        self.assertEqual(len(self.get_mails()), 3)

    def test_it_is_no_answer_to_a_ticket(self):
        self.solve()
        self.assertFalse(self.tickets[0].first_response_at)
        self.assertEqual(self.tickets[0].agent_reply_count, 0)

    def test_each_reads_it_in_his_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        template = self.env.ref("crm_relationship.mail_template_problem_solved")
        template.with_context(lang="de_DE").subject = "Gelöst: {{ object.number }}"
        self.customers[1].lang = "de_DE"
        self.solve()
        subjects = {
            mail.recipient_ids: mail.subject.split(":")[0] for mail in self.get_mails()
        }
        self.assertEqual(subjects[self.customers[1]], "Gelöst")
        self.assertEqual(subjects[self.customers[0]], "Solved")

    def test_who_cannot_be_told_is_named(self):
        self.customers[0].active = False
        self.customers[1].email = False
        self.solve()
        mails = self.get_mails()
        self.assertEqual(mails.recipient_ids, self.customers[2])
        body = self.problem.message_ids[0].body
        self.assertIn("told of the solution: 1", body)
        self.assertIn("Customer 0, Customer 1", body)

    def test_the_contact_who_has_an_address_stands_for_his_company(self):
        contact = self.env["res.partner"].create(
            {"name": "Silent", "parent_id": self.customers[0].id}
        )
        self.complain(contact, days=0, product_id=self.printer.id)
        self.find()
        self.assertEqual(self.problem.ticket_count, 5)
        self.solve()
        self.assertIn(self.customers[0], self.get_mails().recipient_ids)

    def test_words_of_the_solution_cannot_be_markup(self):
        self.solve("<script>alert(1)</script>")
        self.assertNotIn("<script", self.get_mails()[0].body_html)

    def test_without_a_solution_nothing_is_solved_and_nobody_told(self):
        for solution in (False, " \n"):
            self.problem.solution = solution
            with self.assertRaises(UserError), self.env.cr.savepoint():
                self.problem.action_solve()
        self.assertEqual(self.problem.state, "open")
        self.assertFalse(self.get_mails())

    def test_states_are_not_written_past_the_buttons(self):
        self.problem.solution = "Done"
        with self.assertRaises(UserError):
            self.problem.state = "solved"
        values = {"name": "x", "product_id": self.labels.id, "solution": "x"}
        with self.assertRaises(UserError):
            self.problem.create({**values, "state": "solved"})

    def test_who_may_only_read_it_cannot_solve_it(self):
        self.problem.solution = "Done"
        with self.assertRaises(AccessError):
            self.problem.with_user(self.users["officer"]).action_solve()

    def reopen(self, reason):
        action = self.problem.action_reopen()
        wizard = self.env["crm.relationship.problem.wizard"].with_user(self.colleague)
        wizard.with_context(**action["context"]).create(
            {"reason": reason}
        ).action_confirm()

    def test_opening_it_again_asks_for_the_reason_and_gives_it_to_the_owner(self):
        self.solve()
        with self.assertRaises(UserError):
            self.reopen("  ")
        self.reopen("It came back")
        self.assertEqual(self.problem.state, "open")
        self.assertFalse(self.problem.solved_at)
        self.assertIn("It came back", self.problem.message_ids[0].body)
        self.assertIn("It came back", self.problem.activity_ids.summary)
        self.solve("Glued")
        self.assertEqual(len(self.get_mails()), 6)

    def test_it_is_not_opened_beside_another_one_about_the_same(self):
        self.solve()
        self.complain(*self.customers[:3], days=0, product_id=self.printer.id)
        self.assertTrue(self.find())
        with self.assertRaisesRegex(UserError, "about the same"):
            self.reopen("It came back")
