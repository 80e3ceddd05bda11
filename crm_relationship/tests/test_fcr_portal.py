"""A customer is asked whether his closed ticket is solved: by mail, and in the portal."""

from lxml import html

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tests.common import MockEmail

from .portal import PortalCase


@tagged("post_install", "-at_install")
class TestSolvedByCustomer(PortalCase, MockEmail):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.fcr_definition = "customer_says"
        cls.done = cls.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        cls.small_ticket.stage_id = cls.done
        cls.path = f"/ticket/solved/{cls.small_ticket.id}"

    def link(self, answer=""):
        url = self.small_ticket._get_solved_url(answer)
        return url[url.index("/ticket/") :]

    def test_opening_the_link_of_the_mail_changes_nothing(self):
        page = self.open(self.link("yes"))
        self.assertIn("Is it solved?", self.text(page))
        self.assertFalse(self.small_ticket.is_solved_by_customer)
        self.assertNotIn("The bill is wrong", self.text(page))

    def test_the_button_behind_the_link_answers(self):
        self.authenticate(None, None)
        token = self.small_ticket._get_solved_token()
        response = self.post(self.path, token=token, answer="yes")
        self.assertIn("glad", response.text)
        self.assertEqual(self.small_ticket.is_solved_by_customer, "yes")
        self.assertEqual(self.small_ticket.stage_id, self.done)

    def test_who_says_no_finds_his_ticket_open_again(self):
        self.authenticate(None, None)
        token = self.small_ticket._get_solved_token()
        response = self.post(self.path, token=token, answer="no")
        self.assertIn("open again", response.text)
        self.assertFalse(self.small_ticket.closed)
        self.assertEqual(self.small_ticket.fcr_state, "no")
        response = self.post(self.path, token=token, answer="yes")
        self.assertIn(
            "we still work on it", html.fromstring(response.text).text_content()
        )
        self.assertEqual(self.small_ticket.is_solved_by_customer, "no")

    def test_a_wrong_answer_is_no_answer(self):
        self.authenticate(None, None)
        token = self.small_ticket._get_solved_token()
        response = self.post(self.path, token=token, answer="<script>1</script>")
        self.assertIn("is no answer", response.text)
        self.assertNotIn("<script>1", response.text)
        self.assertFalse(self.small_ticket.is_solved_by_customer)

    @mute_logger("odoo.http")
    def test_without_token_of_the_form_nothing_changes(self):
        self.authenticate(None, None)
        token = self.small_ticket._get_solved_token()
        response = self.url_open(self.path, data={"token": token, "answer": "yes"})
        self.assertEqual(response.status_code, 400)
        self.assertFalse(self.small_ticket.is_solved_by_customer)

    def test_other_links_look_as_if_there_were_no_ticket(self):
        self.authenticate(None, None)
        wrong = self.key_ticket._get_solved_token()
        for path in (
            self.path,
            f"{self.path}?token={wrong}",
            f"{self.path}?token=é",
            "/ticket/solved/999999999999",
        ):
            self.assertEqual(self.url_open(path).status_code, 404, path)
        self.log_in(self.key_user)
        self.assertEqual(self.url_open(self.path).status_code, 404)

    def test_the_page_of_a_closed_ticket_asks_its_customer(self):
        page = self.open(f"/my/ticket/{self.small_ticket.id}", self.small_user)
        self.assertIn("Is it solved?", self.text(page, "ticket_solved"))
        response = self.post(self.path, answer="yes")
        self.assertTrue(response.url.endswith(f"/my/ticket/{self.small_ticket.id}"))
        self.assertEqual(self.small_ticket.is_solved_by_customer, "yes")
        card = self.text(html.fromstring(response.text), "ticket_solved")
        self.assertIn("You told us: Solved", card)
        self.assertNotIn("Is it solved?", card)
        self.assertIn("Reopen this ticket", card)

    def test_the_page_asks_in_one_place_only(self):
        page = self.open(f"/my/ticket/{self.small_ticket.id}", self.small_user)
        forms = page.xpath("//form[starts-with(@action, '/ticket/solved/')]")
        [card] = page.xpath("//*[@id='ticket_solved']")
        self.assertEqual(forms, card.xpath(".//form"))
        answers = [form.xpath(".//button/@value") for form in forms]
        self.assertEqual(answers, [["yes"], ["no"]])
        self.assertNotIn("settled", self.text(page))

    def test_who_said_no_is_asked_again_when_it_is_closed_again(self):
        self.log_in(self.small_user)
        self.post(self.path, answer="no", reason="It is still wrong")
        self.assertFalse(self.small_ticket.closed)
        self.small_ticket.stage_id = self.done
        page = self.open(f"/my/ticket/{self.small_ticket.id}")
        card = self.text(page, "ticket_solved")
        self.assertIn("You told us: Not solved", card)
        self.assertIn("Is it solved?", card)

    def test_nobody_is_asked_where_it_does_not_count(self):
        self.company.fcr_definition = "one_reply"
        page = self.open(f"/my/ticket/{self.small_ticket.id}", self.small_user)
        card = self.text(page, "ticket_solved")
        self.assertNotIn("Is it solved?", card)
        self.assertIn("Reopen this ticket", card)

    def test_the_closing_mail_asks(self):
        ticket = self.key_ticket.with_context(tracking_disable=False)
        self.cr.precommit.run()  # what is made and changed at once is not tracked
        with self.mock_mail_gateway():
            ticket.stage_id = self.done
            self.env.flush_all()
            self.cr.precommit.run()
        [mail] = self._new_mails.filtered(lambda item: item.res_id == ticket.id)
        page = html.fromstring(mail.body_html)
        links = page.xpath("//a[contains(@href, '/ticket/solved/')]/@href")
        self.assertEqual(
            [link.rpartition("/ticket/")[2] for link in links],
            [
                ticket._get_solved_url(answer).rpartition("/ticket/")[2]
                for answer in ("yes", "no")
            ],
        )
