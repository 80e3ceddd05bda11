"""What customers are told without a person: what it says, whom an answer reaches, and that programs leave it be."""

from lxml import html

from odoo.tests import tagged

from odoo.addons.mail.tests.common import MailCase

from ..hooks import post_init_hook
from .mails import CUSTOMER, STRANGER, MailGatewayCase
from .tickets import MONDAY

OUT_OF_OFFICE = {"Auto_Submitted": "auto-replied (vacation)"}


@tagged("post_install", "-at_install")
class TestTicketMails(MailGatewayCase, MailCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=False))
        cls.received = cls.env.ref("crm_relationship.mail_template_received")
        cls.closed = cls.env.ref("crm_relationship.mail_template_closed")
        cls.new.mail_template_id = cls.received
        cls.done.mail_template_id = cls.closed

    def send(self, sender=CUSTOMER, **values):
        """A mail to the team: (the ticket, the mails that Odoo sent on it)."""
        with self.mock_mail_gateway():
            ticket = self.receive(sender, f"{MONDAY} 08:00:00", **values)
            self.cr.precommit.run()
        return ticket, self._new_mails.filtered(
            lambda mail: mail.model == ticket._name and mail.res_id == ticket.id
        )

    def test_the_receipt_says_owner_promise_link_and_a_way_to_a_person(self):
        self.team.user_ids = self.agent
        self.company.ticket_owner_assignment = True
        self.agent.partner_id.phone = "+1 555 0100"
        ticket, mails = self.send()
        mail = mails.filtered(lambda item: item.recipient_ids == self.contact)
        text = " ".join(html.fromstring(mail.body_html).text_content().split())
        self.assertIn(ticket.number, mail.subject)
        for words in (self.agent.name, "First answer by Monday, March 2, 2026"):
            self.assertIn(words, text)
        self.assertIn("+1 555 0100", text)
        self.assertIn(f"/my/ticket/{ticket.id}?access_token=", mail.body_html)
        self.assertIn("auto-generated", mail.headers)
        self.assertIn("service@desk.example", mail.reply_to)
        self.assertIn(self.company.name, mail.reply_to)

    def test_it_is_in_the_language_of_the_customer(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.contact.lang = "de_DE"
        ticket, mails = self.send()
        mail = mails.filtered(lambda item: item.recipient_ids == self.contact)
        self.assertIn("Montag, 2. März 2026", mail.body_html)

    def test_somebody_unknown_gets_it_at_his_address(self):
        _ticket, mails = self.send(STRANGER)
        self.assertIn("stranger@nowhere.example", mails.email_to)
        stranger = [("email_normalized", "=", "stranger@nowhere.example")]
        self.assertFalse(self.env["res.partner"].search_count(stranger))
        self.assertIn(self.company.name, mails.body_html)

    def test_no_program_gets_one(self):
        ticket, mails = self.send(**OUT_OF_OFFICE)
        self.assertTrue(ticket)
        self.assertFalse(mails)

    def test_the_closing_mail_greets_the_customer(self):
        ticket, _mails = self.send()
        with self.mock_mail_gateway():
            ticket.stage_id = self.done
            self.env.flush_all()
            self.cr.precommit.run()
        mail = self._new_mails.filtered(lambda item: item.res_id == ticket.id)
        self.assertIn(f"Hello {self.contact.name}", mail.body_html.replace("\n", ""))
        self.assertNotIn("First answer by", mail.body_html)
        self.assertIn("service@desk.example", mail.reply_to)

    def test_what_a_program_answers_is_passed_on_to_us_only(self):
        other = self.make_customer("Other", email="other@example.com")
        ticket = self.make_ticket(f"{MONDAY} 08:00:00")
        ticket.message_subscribe((other | self.agent.partner_id).ids)
        answer = self.post(ticket, f"{MONDAY} 09:00:00")
        moment = f"{MONDAY} 10:00:00"
        self.receive(CUSTOMER, moment, answer, **OUT_OF_OFFICE)
        told = ticket.message_ids[0].notification_ids.res_partner_id
        self.assertEqual(told, self.agent.partner_id)
        self.receive(CUSTOMER, moment, answer)
        told = ticket.message_ids[0].notification_ids.res_partner_id
        self.assertEqual(told, self.agent.partner_id | other)

    def test_our_company_gets_no_mail_of_its_own_ticket(self):
        ticket = self.make_ticket(f"{MONDAY} 08:00:00")
        own = self.company.partner_id
        announcement = self.post(ticket, f"{MONDAY} 09:00:00", author=own)
        self.receive(CUSTOMER, f"{MONDAY} 10:00:00", announcement)
        self.assertNotIn(own, ticket.message_ids[0].notification_ids.res_partner_id)

    def test_a_loop_is_broken_off_with_one_mail(self):
        self.env["ir.config_parameter"].set_param("mail.gateway.loop.threshold", 2)
        loops = "-loop-detection-bounce-email@"
        for number in range(5):
            mail = self.make_mail(STRANGER, f"{MONDAY} 08:00:00")
            found = self.env["mail.thread"].message_process(None, mail.as_bytes())
            # None could not be told to the mail server, which would send the mail back
            self.assertEqual(found is False, number >= 2)
        sent = self.env["mail.mail"].search([("references", "ilike", loops)])
        self.assertEqual(len(sent), 1)
        self.assertIn("auto-replied", sent.headers)

    def test_a_follow_up_has_the_name_of_the_earlier_ticket(self):
        ticket, answer = self.make_closed_ticket(name="It is broken")
        late = "2026-03-09 11:00:00"
        self.assertEqual(self.receive(CUSTOMER, late, answer).name, ticket.name)

    def test_what_somebody_chose_for_a_stage_stays(self):
        stages = self.env["helpdesk.ticket.stage"]
        theirs = self.env.ref("helpdesk_mgmt.closed_ticket_template")
        chosen = self.env.ref("helpdesk_mgmt.changed_stage_template")
        stages._reset_default_mails()
        self.assertFalse(self.new.mail_template_id)
        self.assertEqual(self.done.mail_template_id, theirs)
        self.new.mail_template_id = chosen
        post_init_hook(self.env)
        self.assertEqual(self.new.mail_template_id, chosen)
        self.assertEqual(self.done.mail_template_id, self.closed)
