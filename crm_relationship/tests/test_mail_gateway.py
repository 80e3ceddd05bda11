"""Mails of customers reach the ticket on which it is worked: the same, the one that was closed lately, or a new one."""

import base64

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .mails import CUSTOMER, STRANGER, MailGatewayCase
from .tickets import MONDAY

SOON, LATE = "2026-03-09 09:00:00", "2026-03-09 11:00:00"


@tagged("post_install", "-at_install")
class TestMailGateway(MailGatewayCase):
    def test_a_mail_opens_a_ticket_of_its_customer(self):
        ticket = self.receive(CUSTOMER, f"{MONDAY} 08:00:00")
        self.assertEqual(ticket.partner_id, self.contact)
        self.assertEqual(ticket.relationship_id.partner_id, self.customer)
        self.assertTrue(ticket.first_response_deadline)
        self.assertEqual(self.kinds_of(ticket), ["opened"])

    def test_an_answer_counts_on_an_open_ticket(self):
        ticket = self.make_ticket(f"{MONDAY} 08:00:00")
        answer = self.post(ticket, f"{MONDAY} 09:00:00")
        for moment in (f"{MONDAY} 10:00:00", f"{MONDAY} 11:00:00"):
            self.assertEqual(self.receive(CUSTOMER, moment, answer), ticket)
        self.assertEqual(ticket.customer_reply_count, 2)
        self.assertEqual(ticket.agent_reply_count, 1)

    def test_an_agents_mail_is_our_first_response(self):
        ticket = self.receive(CUSTOMER, f"{MONDAY} 08:00:00")
        sender = self.agent.partner_id.email_formatted
        self.receive(sender, f"{MONDAY} 09:00:00", ticket.message_ids[:1])
        self.assertTrue(ticket.first_response_at)
        self.assertEqual(
            (ticket.agent_reply_count, ticket.customer_reply_count), (1, 0)
        )

    def test_an_answer_within_the_window_reopens(self):
        ticket, answer = self.make_closed_ticket()
        self.assertEqual(self.receive(CUSTOMER, SOON, answer), ticket)
        self.assertEqual(ticket.stage_id, self.in_progress)
        self.assertEqual((ticket.reopen_count, ticket.customer_reply_count), (1, 1))
        self.assertFalse(ticket.resolved_at)
        self.assertTrue(ticket.next_deadline)

    def test_a_colleague_who_writes_does_not_reopen(self):
        ticket, answer = self.make_closed_ticket()
        self.receive(self.agent.partner_id.email_formatted, SOON, answer)
        self.assertEqual(ticket.stage_id, self.done)

    def test_without_a_window_nothing_is_reopened(self):
        self.company.fcr_reopen_window_days = 0
        ticket, answer = self.make_closed_ticket()
        self.assertNotEqual(self.receive(CUSTOMER, SOON, answer), ticket)


@tagged("post_install", "-at_install")
class TestFollowUp(MailGatewayCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("de_DE")
        cls.contact.lang = "de_DE"
        cls.category = cls.env["helpdesk.ticket.category"].create(
            {"name": "Pumps", "company_id": cls.company.id}
        )

    def test_after_the_window_a_new_ticket_follows_up(self):
        old, answer = self.make_closed_ticket(category_id=self.category.id)
        ticket = self.receive(CUSTOMER, LATE, answer, text="It leaks again")
        self.assertEqual(ticket.follow_up_of_id, old)
        self.assertEqual(old.follow_up_ids, ticket)
        self.assertEqual(ticket.partner_id, self.contact)
        self.assertEqual(
            (ticket.team_id, ticket.category_id), (self.team, self.category)
        )
        self.assertIn("It leaks again", ticket.description)
        self.assertEqual(ticket.stage_id, self.new)
        self.assertTrue(ticket.first_response_deadline)
        self.assertEqual(old.stage_id, self.done)
        self.assertEqual((old.reopen_count, old.customer_reply_count), (0, 0))

    def test_the_customer_is_told_once_in_his_language(self):
        template = self.env.ref("crm_relationship.mail_template_follow_up")
        template.with_context(lang="de_DE").subject = "Neu: {{ object.number }}"
        _old, answer = self.make_closed_ticket()
        ticket = self.receive(CUSTOMER, LATE, answer)
        told = self.announcements_of(ticket)
        self.assertEqual(len(told), 1)
        self.assertEqual(told.subject, f"Neu: {ticket.number}")
        self.assertIn(f"/my/ticket/{ticket.id}", told.body)
        self.assertEqual(told.notification_ids.res_partner_id, self.contact)
        self.assertIn("auto-replied", told.sudo().mail_ids.headers)
        self.assertEqual(ticket.agent_reply_count, 0)
        self.assertEqual(self.receive(CUSTOMER, LATE, told), ticket)
        self.assertEqual(len(self.announcements_of(ticket)), 1)

    def test_the_first_stage_does_not_tell_it_again(self):
        self.new.mail_template_id = self.env.ref("helpdesk_mgmt.changed_stage_template")
        _old, answer = self.make_closed_ticket()
        self.env = self.env(context=dict(self.env.context, tracking_disable=False))
        ticket = self.receive(CUSTOMER, LATE, answer)
        self.env.cr.precommit.run()
        mails = self.env["mail.mail"].search(
            [("model", "=", ticket._name), ("res_id", "=", ticket.id)]
        )
        self.assertEqual(len(mails), 1)

    def test_further_answers_to_the_old_ticket_reach_the_new_one(self):
        old, answer = self.make_closed_ticket()
        ticket = self.receive(CUSTOMER, LATE, answer)
        self.assertEqual(self.receive(CUSTOMER, LATE, answer), ticket)
        self.assertEqual(ticket.customer_reply_count, 1)
        self.move(ticket, "2026-03-10 09:00:00", stage_id=self.done.id)
        self.assertEqual(self.receive(CUSTOMER, "2026-03-11 09:00:00", answer), ticket)
        self.assertEqual(ticket.reopen_count, 1)
        self.move(ticket, "2026-03-12 09:00:00", stage_id=self.done.id)
        third = self.receive(CUSTOMER, "2026-04-12 09:00:00", answer)
        self.assertEqual(third.follow_up_of_id, old)
        self.assertEqual(self.tickets_after(old), ticket | third)

    def test_the_policy_leads_the_follow_up_to_its_team(self):
        experts = self.env["helpdesk.ticket.team"].create(
            {"name": "Experts", "company_id": self.company.id}
        )
        _old, answer = self.make_closed_ticket()
        self.env["crm.relationship.policy"]._get_floor(self.company).team_id = experts
        self.assertEqual(self.receive(CUSTOMER, LATE, answer).team_id, experts)

    def test_a_colleague_of_the_customer_is_the_contact_of_the_follow_up(self):
        other = self.env["res.partner"].create(
            {
                "name": "Other",
                "email": "other@example.com",
                "parent_id": self.customer.id,
            }
        )
        _old, answer = self.make_closed_ticket()
        self.assertEqual(self.receive(other.email, LATE, answer).partner_id, other)
        _old, answer = self.make_closed_ticket()
        ticket = self.receive(STRANGER, LATE, answer)
        self.assertEqual(ticket.partner_id, self.contact)

    def test_a_customer_without_a_mail_address(self):
        self.contact.email = False
        old, _answer = self.make_closed_ticket()
        self.post(old, LATE, author=self.contact)
        ticket = old.follow_up_ids
        self.assertFalse(self.announcements_of(ticket))
        self.assertIn("Call him", ticket.message_ids[0].body)

    def test_an_unknown_sender_is_told_by_his_address(self):
        old, answer = self.make_closed_ticket(
            partner_id=False, partner_email="stranger@nowhere.example"
        )
        ticket = self.receive(STRANGER, LATE, answer)
        self.assertEqual(ticket.follow_up_of_id, old)
        self.assertFalse(ticket.partner_id)
        told = self.announcements_of(ticket)
        self.assertIn("stranger@nowhere.example", told.outgoing_email_to)

    def test_what_is_written_in_the_portal_is_not_lost(self):
        portal = new_test_user(
            self.env,
            "portal_customer",
            groups="base.group_portal",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        portal.partner_id.parent_id = self.customer
        old, _answer = self.make_closed_ticket(partner_id=portal.partner_id.id)
        with freeze_time(LATE):
            message = (
                old.with_user(portal)
                .sudo()
                .message_post(
                    body="It leaks again",
                    message_type="comment",
                    subtype_xmlid="mail.mt_comment",
                    attachments=[("leak.txt", b"drip")],
                )
            )
        ticket = old.follow_up_ids
        self.assertEqual(message.res_id, old.id)
        self.assertIn("It leaks again", ticket.description)
        self.assertEqual(base64.b64decode(ticket.attachment_ids.datas), b"drip")
        self.assertEqual(ticket.partner_id, portal.partner_id)
        self.assertEqual(old.stage_id, self.done)
        self.post(old, LATE, author=portal.partner_id)
        self.assertEqual(old.follow_up_ids, ticket)
        self.assertEqual(ticket.customer_reply_count, 1)
        ticket.with_user(portal).check_access("read")
        with self.assertRaises(AccessError):
            ticket.with_user(portal).check_access("write")

    def test_an_archived_ticket_is_followed_up(self):
        old = self.make_ticket(f"{MONDAY} 08:00:00")
        answer = self.post(old, f"{MONDAY} 09:00:00")
        old.active = False
        self.assertEqual(
            self.receive(CUSTOMER, f"{MONDAY} 10:00:00", answer).follow_up_of_id, old
        )
