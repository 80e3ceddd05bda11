"""Mails that nobody wishes for: unknown, ambiguous, misdated, too many; nothing is lost, nobody is mistaken."""

import time
from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from .mails import CUSTOMER, STRANGER, MailGatewayCase
from .tickets import MONDAY

SHARED = "shared@example.com"
# Time with 10,000 messages / with 60: the events of one ticket are read in one sweep.
TIME_BOUND = 3


@tagged("post_install", "-at_install")
class TestMailBadInput(MailGatewayCase):
    # --- who wrote ---

    def test_an_unknown_sender(self):
        ticket = self.receive(STRANGER, f"{MONDAY} 08:00:00")
        self.assertFalse(ticket.partner_id)
        self.assertFalse(ticket.relationship_id)
        self.assertTrue(ticket.policy_id.is_floor)
        self.assertTrue(ticket.first_response_deadline)
        self.assertIn("stranger@nowhere.example", ticket.partner_email)
        ticket.partner_id = self.contact
        self.assertEqual(ticket.relationship_id.partner_id, self.customer)
        self.receive(STRANGER, f"{MONDAY} 09:00:00", ticket.message_ids[0])
        self.assertEqual(ticket.customer_reply_count, 1)

    def test_an_address_of_two_customers(self):
        one, other = (self.make_customer(name, email=SHARED) for name in ("One", "Two"))
        ticket = self.receive(f"Somebody <{SHARED}>", f"{MONDAY} 08:00:00")
        self.assertFalse(ticket.partner_id)
        self.assertFalse(ticket.message_ids.author_id & (one | other))
        note = ticket.message_ids.filtered(lambda message: "One" in message.body)
        self.assertIn("Two", note.body)
        ticket.partner_id = other
        self.receive(SHARED, f"{MONDAY} 09:00:00", ticket.message_ids[0])
        self.assertEqual(ticket.message_ids[0].author_id, other)

    def test_from_two_customers_at_once(self):
        other = self.make_customer("Two", email="two@example.com")
        ticket = self.receive(f"{CUSTOMER}, {other.email}", f"{MONDAY} 08:00:00")
        self.assertFalse(ticket.partner_id)
        note = ticket.message_ids.filtered(lambda message: "Two" in message.body)
        self.assertIn(self.customer.name, note.body)
        known = self.receive(f"{STRANGER}, {other.email}", f"{MONDAY} 08:00:00")
        self.assertEqual(known.partner_id, other)

    def test_two_contacts_of_one_customer_are_no_question(self):
        twin = self.env["res.partner"].create(
            {
                "name": "Twin",
                "email": self.contact.email,
                "parent_id": self.customer.id,
            }
        )
        ticket = self.receive(CUSTOMER, f"{MONDAY} 08:00:00")
        self.assertIn(ticket.partner_id, self.contact | twin)

    def test_a_customer_of_another_company_is_no_question(self):
        company = self.make_company("Elsewhere")
        here = self.make_customer("Here", email=SHARED, company_id=self.company.id)
        self.make_customer("There", email=SHARED, company_id=company.id)
        ticket = self.receive(SHARED, f"{MONDAY} 08:00:00")
        self.assertEqual(ticket.partner_id, here)

    def test_a_colleague_with_the_address_of_a_customer(self):
        self.agent.partner_id.email = "agent@desk.example"
        self.make_customer("Shadow", email="agent@desk.example")
        ticket = self.receive(
            self.agent.partner_id.email_formatted, f"{MONDAY} 08:00:00"
        )
        self.assertEqual(ticket.partner_id, self.agent.partner_id)

    def test_an_answer_of_an_archived_contact_is_not_lost(self):
        ticket, answer = self.make_closed_ticket()
        self.contact.active = False
        found = self.receive(CUSTOMER, "2026-03-20 08:00:00", answer)
        self.assertEqual(found.follow_up_of_id, ticket)
        self.assertFalse(found.partner_id)
        self.assertIn("contact@example.com", found.partner_email)

    def test_an_open_ticket_of_a_contact_whose_company_is_merged(self):
        target = self.make_customer("Bought it")
        self.env["crm.relationship"].create(
            {
                "partner_id": target.id,
                "company_id": self.company.id,
                "segment_id": self.segments["key"].id,
            }
        )
        policy = self.env["crm.relationship.policy"].create(
            {
                "company_id": self.company.id,
                "segment_id": self.segments["key"].id,
                "first_response_hours": 1,
                "resolution_hours": 8,
            }
        )
        ticket = self.receive(CUSTOMER, f"{MONDAY} 08:00:00")
        self.assertNotEqual(ticket.policy_id, policy)
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (target | self.customer).ids, target
        )
        self.assertEqual(ticket.commercial_partner_id, target)
        self.assertEqual(ticket.policy_id, policy)

    def test_a_contact_of_a_merged_company(self):
        target = self.make_customer("Bought it")
        self.receive(CUSTOMER, f"{MONDAY} 08:00:00")
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (target | self.customer).ids, target
        )
        ticket = self.receive(CUSTOMER, f"{MONDAY} 09:00:00")
        self.assertEqual(ticket.partner_id, self.contact)
        self.assertEqual(ticket.relationship_id, self.relationship_of(target))

    # --- dates, sizes, companies ---

    def test_a_mail_of_the_future_and_of_1970(self):
        ticket = self.make_ticket(f"{MONDAY} 08:00:00")
        answer = self.post(ticket, f"{MONDAY} 09:00:00")
        now = f"{MONDAY} 10:00:00"
        for date in (
            "Fri, 01 Jan 2038 00:00:00 +0000",
            "Thu, 01 Jan 1970 00:00:00 +0000",
            "never",
        ):
            self.receive(CUSTOMER, now, answer, Date=date)
        customers = ticket.event_ids.filtered(lambda e: e.kind == "customer_reply")
        self.assertEqual(set(map(str, customers.mapped("date"))), {now})
        dates = ticket.message_ids.filtered(lambda m: m.author_id == self.contact)
        self.assertEqual(len(dates), 3)
        self.assertLessEqual(max(dates.mapped("date")), fields.Datetime.now())
        self.assertGreater(min(dates.mapped("date")).year, 2000)

    def test_ten_thousand_messages_on_one_ticket(self):
        """One message more costs the same queries as on a ticket with 60, and about the same time: whoever read all
        messages, even in one query, would need many times as much."""
        small, large = (self.make_ticket(f"{MONDAY} 08:00:00") for _n in range(2))
        self.fill(small, 60)  # more than the portal shows: the older ones are counted
        self.fill(large, 10_000)
        self.assertEqual(large.customer_reply_count, 10_000)
        runs = [(self.cost(small), self.cost(large)) for _n in range(4)][1:]
        for (few, _fast), (many, _slow) in runs:
            self.assertEqual(many, few)
        fast, slow = (min(run[place][1] for run in runs) for place in (0, 1))
        self.assertLess(slow, TIME_BOUND * fast)
        self.assertEqual(large.customer_reply_count, 10_004)
        self.assertEqual(large.reopen_count, 3)

    def cost(self, ticket):
        """(queries, seconds) of a customer's answer, of closing, and of what customer and agent see of it."""
        self.env.flush_all()
        self.env.invalidate_all()
        queries, start = self.cr.sql_log_count, time.perf_counter()
        self.post(ticket, f"{MONDAY} 12:00:00", author=self.contact)
        self.move(ticket, f"{MONDAY} 12:00:00", stage_id=self.done.id)
        ticket._prepare_portal_values()
        ticket._prepare_desk_messages()
        self.env.flush_all()
        seconds = time.perf_counter() - start
        return self.cr.sql_log_count - queries, seconds

    def fill(self, ticket, number):
        subtype = self.env.ref("mail.mt_comment")
        self.env.cr.execute(
            """
            INSERT INTO mail_message (model, res_id, message_type, subtype_id, author_id, date, body, is_internal)
            SELECT 'helpdesk.ticket', %(ticket)s, 'comment', %(subtype)s, %(author)s,
                   timestamp '2026-03-02 09:00' + n * interval '1 second', 'Hello', FALSE
              FROM generate_series(1, %(number)s) n;
            INSERT INTO crm_relationship_ticket_event (ticket_id, kind, date, message_id)
            SELECT res_id, 'customer_reply', date, id FROM mail_message
             WHERE model = 'helpdesk.ticket' AND res_id = %(ticket)s AND body = 'Hello'
            """,
            {
                "ticket": ticket.id,
                "subtype": subtype.id,
                "author": self.contact.id,
                "number": number,
            },
        )
        ticket._update_service()

    def test_a_ticket_moves_to_another_company(self):
        company = self.make_company("Elsewhere")
        self.env.user.company_ids += company
        ticket = self.receive(CUSTOMER, f"{MONDAY} 08:00:00")
        known = ticket.relationship_id
        with freeze_time(f"{MONDAY} 09:00:00"):
            ticket.company_id = company
        self.assertNotEqual(ticket.relationship_id, known)
        self.assertEqual(ticket.relationship_id.company_id, company)
        self.assertEqual(ticket.policy_id.company_id, company)
        self.assertTrue(ticket.next_deadline)
        self.assertNotEqual(ticket.team_id.company_id, self.company)
        self.assertEqual(ticket.event_ids.mapped("kind").count("opened"), 1)
        self.receive(
            CUSTOMER,
            f"{MONDAY} 10:00:00",
            ticket.message_ids.filtered(
                lambda message: message.message_type == "email"
            ),
        )
        self.assertEqual(ticket.customer_reply_count, 1)

    def test_an_owner_by_load_does_not_move_to_another_company(self):
        self.company.ticket_owner_assignment = True
        company = self.make_company("Elsewhere")
        self.env.user.company_ids += company
        ticket = self.receive(CUSTOMER, f"{MONDAY} 08:00:00")
        self.assertIn(ticket.user_id, self.agent | self.colleague)
        ticket.company_id = company
        self.assertFalse(ticket.user_id)

    def test_a_broken_mail_is_a_ticket_all_the_same(self):
        mail = b"From: contact@example.com\r\nTo: service@desk.example\r\n\r\n\xff\xfe<script>alert(1)</script>"
        ticket_id = self.env["mail.thread"].message_process(None, mail)
        ticket = self.env["helpdesk.ticket"].browse(ticket_id)
        self.assertEqual(ticket.partner_id, self.contact)
        self.assertNotIn("<script", ticket.description)

    def test_queries_per_mail_do_not_grow(self):
        ticket = self.make_ticket(f"{MONDAY} 08:00:00")
        answer = self.post(ticket, f"{MONDAY} 09:00:00")
        moment = fields.Datetime.to_datetime(f"{MONDAY} 10:00:00")
        counts = []
        for number in range(6):
            mail = self.make_mail(CUSTOMER, moment, answer)
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.process(mail, moment + timedelta(minutes=number))
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(max(counts[2:]), counts[1])
