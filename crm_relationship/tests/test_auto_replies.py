"""What programs write by themselves is kept, counts as nothing, and gets no answer."""

import doctest
from email import message_from_string

from odoo.tests import BaseCase, tagged

from ..analytics import auto_reply
from .mails import CUSTOMER, MailGatewayCase
from .tickets import MONDAY

AUTOMATIC = [
    {"Auto_Submitted": "auto-replied"},
    {"Auto_Submitted": "auto-generated; owner-email=x@example.com"},
    {"X_Autoreply": "yes"},
    {"X_Autorespond": "Out of office"},
    {"Precedence": "bulk"},
    {"Precedence": "auto_reply"},
    {"Precedence": "junk"},
    {"Return_Path": "<>"},
]
SOON, LATE = "2026-03-04 09:00:00", "2026-04-09 09:00:00"


@tagged("post_install", "-at_install")
class TestAutoReplyHeader(BaseCase):
    def test_docstrings_tell_the_truth(self):
        self.assertEqual(doctest.testmod(auto_reply).failed, 0)

    def test_who_wrote(self):
        for text, is_automatic, wants_no_answer in (
            ("Auto-Submitted: auto-replied", True, True),
            ("auto-submitted: AUTO-GENERATED (rejected)", True, True),
            ("Auto-Submitted: no", False, False),
            ("Auto-Submitted: no; note=x", False, False),
            ("Auto-Submitted:", False, False),
            ("X-Autoreply: yes", True, True),
            ("X-Autorespond: yes", True, True),
            ("Precedence: Bulk", True, True),
            ("Precedence: first-class", False, False),
            ("Precedence: list", False, True),
            ("List-Id: <x.example.com>", False, True),
            ("Return-Path: <>", True, True),
            ("Return-Path: <me@example.com>", False, False),
            ("X-Auto-Response-Suppress: All", False, True),
            ("X-Auto-Response-Suppress: DR, AutoReply", False, True),
            ("X-Auto-Response-Suppress: DR, RN", False, False),
            ("Subject: Auto-Submitted", False, False),
        ):
            with self.subTest(text):
                header = message_from_string(text + "\n\n")
                self.assertEqual(auto_reply.is_automatic(header), is_automatic)
                self.assertEqual(auto_reply.wants_no_answer(header), wants_no_answer)


@tagged("post_install", "-at_install")
class TestAutoReplies(MailGatewayCase):
    def test_kept_and_counted_as_nothing(self):
        ticket = self.make_ticket(f"{MONDAY} 08:00:00", stage_id=self.awaiting.id)
        answer = self.post(ticket, f"{MONDAY} 09:00:00", subtype_xmlid="mail.mt_note")
        known = len(ticket.message_ids)
        for header in AUTOMATIC:
            for sender in (CUSTOMER, self.agent.partner_id.email_formatted):
                self.assertEqual(self.receive(sender, SOON, answer, **header), ticket)
        self.assertEqual(len(ticket.message_ids), known + 2 * len(AUTOMATIC))
        self.assertEqual(self.kinds_of(ticket), ["opened", "paused"])
        self.assertFalse(ticket.first_response_at)
        self.assertEqual(ticket.stage_id, self.awaiting)

    def test_a_closed_ticket_stays_closed(self):
        for moment in (SOON, LATE):
            for header in AUTOMATIC:
                ticket, answer = self.make_closed_ticket()
                known = len(ticket.message_ids)
                self.assertEqual(
                    self.receive(CUSTOMER, moment, answer, **header), ticket
                )
                self.assertEqual(ticket.stage_id, self.done)
                self.assertEqual(len(ticket.message_ids), known + 1)
                self.assertFalse(self.tickets_after(ticket))

    def test_a_new_ticket_is_kept_without_an_answer(self):
        self.new.mail_template_id = self.env.ref("helpdesk_mgmt.changed_stage_template")
        self.env = self.env(context=dict(self.env.context, tracking_disable=False))
        sent = {}
        for name, header in {
            "person": {},
            "program": {"Auto_Submitted": "auto-generated"},
            "list": {"List_Id": "<all.example.com>"},
        }.items():
            ticket = self.receive(CUSTOMER, f"{MONDAY} 08:00:00", **header)
            self.env.cr.precommit.run()
            self.assertEqual(ticket.partner_id, self.contact)
            sent[name] = self.env["mail.mail"].search_count(
                [("model", "=", ticket._name), ("res_id", "=", ticket.id)]
            )
        self.assertEqual(sent, {"person": 1, "program": 0, "list": 0})

    def test_a_mailing_list_is_a_person_who_gets_no_answer_by_itself(self):
        _old, answer = self.make_closed_ticket()
        ticket = self.receive(CUSTOMER, LATE, answer, List_Id="<all.example.com>")
        self.assertTrue(ticket.follow_up_of_id)
        self.assertFalse(self.announcements_of(ticket))

    def test_two_programs_do_not_talk_for_ever(self):
        self.env["ir.config_parameter"].set_param("mail.gateway.loop.threshold", 3)
        found = [self.receive(CUSTOMER, f"{MONDAY} 08:00:00") for _n in range(5)]
        self.assertEqual(
            [bool(ticket.exists()) for ticket in found], [True] * 3 + [False] * 2
        )
