"""Messages on tickets, and what is logged on other documents, are interactions."""

from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo.tests import tagged

from ..queries.interactions import SILENCE_DAYS
from .interactions import NOW, InteractionCase


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestTickets(InteractionCase):
    def test_a_ticket_is_a_contact_that_the_customer_began(self):
        phone = self.env.ref("helpdesk_mgmt.helpdesk_ticket_channel_phone")
        ticket = self.make_ticket(
            self.buyer, channel_id=phone.id, user_id=self.colleague.id
        )
        self.assertEqual(
            self.interactions(),
            [
                {
                    "company_id": self.company.id,
                    "partner_id": self.customer.id,
                    "contact_id": self.buyer.id,
                    "user_id": self.colleague.id,
                    "date": NOW - timedelta(hours=1),
                    "channel": "phone",
                    "direction": "in",
                    "initiative": "reactive",
                    "level": "operational",
                    "minutes": 10,
                    "document_model": "helpdesk.ticket",
                    "document_id": ticket.id,
                }
            ],
        )

    def test_channels_of_the_helpdesk_are_mapped(self):
        expected = {
            "helpdesk_mgmt.helpdesk_ticket_channel_web": "portal",
            "helpdesk_mgmt.helpdesk_ticket_channel_email": "email",
            "helpdesk_mgmt.helpdesk_ticket_channel_other": "email",
            "crm_relationship.channel_chat": "chat",
            "crm_relationship.channel_video": "video",
            "crm_relationship.channel_visit": "visit",
            "crm_relationship.channel_letter": "letter",
        }
        for xmlid, code in expected.items():
            ticket = self.make_ticket(self.buyer, channel_id=self.env.ref(xmlid).id)
            self.assertEqual(
                self.values("channel", document_id=ticket.id), [(code,)], xmlid
            )

    def test_a_ticket_made_in_the_portal_is_one_act_of_self_service(self):
        ticket = self.make_ticket(self.visitor.partner_id)
        self.set_created(ticket, NOW, self.visitor)
        self.assertEqual(
            self.values("channel", "level", "document_model"),
            [("portal", "collaborative", "helpdesk.ticket")],
        )

    def test_public_messages_count_and_nothing_else_does(self):
        ticket = self.make_ticket(self.buyer)
        ours, theirs = self.colleague.partner_id, self.buyer
        robot = self.env.ref("base.partner_root")
        self.write_message(ticket, theirs)
        self.write_message(ticket, ours, message_type="comment")
        self.write_message(ticket, self.former.partner_id, message_type="comment")
        self.write_message(ticket, self.company.partner_id, message_type="comment")
        self.write_message(ticket, self.visitor.partner_id, message_type="comment")
        self.write_message(ticket, ours, is_internal=True)
        self.write_message(ticket, ours, subtype_id=self.note.id)
        self.write_message(ticket, ours, subtype_id=False)
        self.write_message(ticket, robot, message_type="comment")
        for kind in ("notification", "auto_comment", "email_outgoing"):
            self.write_message(ticket, ours, message_type=kind)
        self.assertEqual(
            sorted(self.values("channel", "direction", date=NOW)),
            [("email", "in")] + [("email", "out")] * 3 + [("portal", "in")],
        )
        self.assertEqual(
            {row["initiative"] for row in self.interactions()}, {"reactive"}
        )

    def test_who_wrote_and_who_answered_is_known(self):
        ticket = self.make_ticket(self.buyer, user_id=self.colleague.id)
        self.write_message(ticket, self.visitor.partner_id)
        self.write_message(ticket, self.former.partner_id)
        self.assertEqual(
            self.values("contact_id", "user_id", date=NOW),
            [
                (self.visitor.partner_id.id, self.colleague.id),
                (self.buyer.id, self.former.id),
            ],
        )

    def test_the_mail_that_opens_a_ticket_is_the_ticket(self):
        ticket = self.make_ticket(self.buyer)
        mail = self.write_message(ticket, self.buyer, ticket.create_date)
        self.set_created(mail, ticket.create_date)
        self.assertEqual(len(self.interactions()), 1)

    def test_a_rating_is_feedback_and_no_message(self):
        ticket = self.make_ticket(self.buyer)
        message = self.write_message(ticket, self.buyer, message_type="comment")
        self.env["rating.rating"].create(
            {
                "res_model_id": self.env["ir.model"]._get("helpdesk.ticket").id,
                "res_id": ticket.id,
                "message_id": message.id,
            }
        )
        self.assertEqual(len(self.interactions()), 1)

    def test_an_archived_ticket_counts_and_one_without_customer_does_not(self):
        self.make_ticket(self.buyer).active = False
        self.make_ticket(self.env["res.partner"])
        self.assertEqual(len(self.interactions()), 1)


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestLog(InteractionCase):
    def test_the_first_to_write_began_the_conversation(self):
        lead = self.make_lead(self.buyer)
        order = self.make_order(self.buyer, NOW, 10)
        for document, authors in (
            (lead, (self.buyer, self.colleague.partner_id)),
            (order, (self.colleague.partner_id, self.buyer)),
        ):
            for hours, author in enumerate(authors):
                self.write_message(document, author, NOW + timedelta(hours=hours))
        for document, initiative in ((lead, "reactive"), (order, "proactive")):
            found = self.values("initiative", document_model=document._name)
            self.assertEqual(found, [(initiative,)] * 2)

    def test_after_a_long_silence_a_new_conversation_begins(self):
        days = (0, 1, 2, 3 + SILENCE_DAYS, 4 + SILENCE_DAYS)
        authors = (self.buyer, self.colleague.partner_id)
        for number, day in enumerate(days):
            author = authors[number % 2]
            self.write_message(
                self.customer, author, NOW - timedelta(days=90) + timedelta(days=day)
            )
        self.assertEqual(
            [initiative for (initiative,) in self.values("initiative")],
            ["reactive"] * 3 + ["proactive"] * 2,
        )

    def test_done_activities_count_on_the_channel_of_their_type(self):
        expected = {
            "mail.mail_activity_data_call": "phone",
            "mail.mail_activity_data_email": "email",
            "mail.mail_activity_data_meeting": "meeting",
            "crm_relationship.activity_type_visit": "visit",
            "crm_relationship.activity_type_letter": "letter",
            "crm_relationship.activity_type_video": "video",
        }
        for xmlid in (*expected, "mail.mail_activity_data_todo"):
            self.do_activity(self.customer, xmlid)
        self.assertEqual(
            sorted(
                self.values("channel", "direction", "initiative", "user_id", "date")
            ),
            sorted(
                (code, "out", "proactive", self.colleague.id, NOW)
                for code in expected.values()
            ),
        )

    def test_activities_count_on_every_document_and_open_ones_do_not(self):
        relationship = self.env["crm.relationship"].create(
            {"partner_id": self.customer.id, "company_id": self.company.id}
        )
        documents = [
            self.buyer,
            self.make_lead(self.buyer),
            self.make_order(self.buyer, NOW, 10),
            relationship,
            self.make_ticket(self.buyer),
        ]
        for document in documents:
            self.do_activity(document, "mail.mail_activity_data_call")
            document.activity_schedule("mail.mail_activity_data_call")
        calls = self.values("document_model", "document_id", channel="phone")
        self.assertEqual(
            sorted(calls), sorted((item._name, item.id) for item in documents)
        )

    def test_an_activity_recorded_later_counts_on_its_day(self):
        activity = self.do_activity(self.customer, "mail.mail_activity_data_call")
        activity.date_done = "2026-01-05"
        self.assertEqual(self.values("date"), [(datetime(2026, 1, 5, 12),)])

    def test_a_shared_customer_belongs_to_the_company_of_the_message(self):
        self.customer.company_id = False
        self.write_message(self.customer, self.buyer)
        self.write_message(self.customer, self.buyer, record_company_id=False)
        self.write_message(
            self.customer, self.colleague.partner_id, record_company_id=False
        )
        self.assertEqual(
            [direction for (direction,) in self.values("direction")], ["in", "out"]
        )

    def test_archived_documents_count(self):
        lead = self.make_lead(self.buyer, active=False)
        self.write_message(lead, self.buyer)
        self.customer.active = False
        self.write_message(self.customer, self.buyer)
        self.assertEqual(len(self.interactions()), 2)
