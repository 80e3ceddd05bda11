"""Every contact between a customer and us is one row of the interaction contract, and nothing else is."""

import random
import re
from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from ..queries.interactions import INTERACTION_COLUMNS, SILENCE_DAYS
from .common import RelationshipCase

NOW = datetime(2026, 3, 16, 10)
CONTRACT = (
    "company_id",
    "partner_id",
    "contact_id",
    "user_id",
    "date",
    "channel",
    "direction",
    "initiative",
    "level",
    "minutes",
    "document_model",
    "document_id",
)
MINUTES = {
    "visit": 120,
    "meeting": 60,
    "video": 30,
    "phone": 10,
    "chat": 5,
    "email": 5,
    "letter": 15,
    "portal": 0,
}


class InteractionCase(RelationshipCase):
    """Customers with contacts and documents of every kind, colleagues, and the naive reference."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls.make_customer("Customer", company_id=cls.company.id)
        cls.buyer = cls.env["res.partner"].create(
            {"name": "Buyer", "parent_id": cls.customer.id}
        )
        cls.colleague = cls.make_colleague("colleague")
        cls.former = cls.make_colleague("former")
        cls.former.active = False
        cls.visitor = new_test_user(
            cls.env,
            "relationship_visitor",
            groups="base.group_portal",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.visitor.partner_id.parent_id = cls.customer
        cls.note = cls.env.ref("mail.mt_note")
        cls.comment = cls.env.ref("mail.mt_comment")

    @classmethod
    def make_colleague(cls, login):
        return new_test_user(
            cls.env,
            f"relationship_{login}",
            groups="base.group_user",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    @classmethod
    def make_ticket(cls, partner, **values):
        """A ticket that a colleague made an hour ago."""
        ticket = cls.env["helpdesk.ticket"].create(
            {
                "name": "Help",
                "description": "Help",
                "partner_id": partner.id,
                "company_id": cls.company.id,
                **values,
            }
        )
        cls.set_created(ticket, NOW - timedelta(hours=1))
        return ticket

    @classmethod
    def set_created(cls, record, moment, user=None):
        cls.env.flush_all()
        cls.env.cr.execute(
            SQL(
                "UPDATE %s SET create_date = %s, create_uid = %s WHERE id = %s",
                SQL.identifier(record._table),
                moment,
                (user or cls.env.user).id,
                record.id,
            )
        )
        cls.env.invalidate_all()

    @classmethod
    def make_lead(cls, partner, **values):
        return cls.env["crm.lead"].create(
            {"name": "Lead", "partner_id": partner.id, **values}
        )

    @classmethod
    def write_message(cls, document, author, moment=NOW, **values):
        """A message on a document, as a mail of the author unless the values say otherwise."""
        return cls.env["mail.message"].create(
            {
                "model": document._name,
                "res_id": document.id,
                "author_id": author.id,
                "date": moment,
                "message_type": "email",
                "subtype_id": cls.comment.id,
                "record_company_id": cls.company.id,
                **values,
            }
        )

    @classmethod
    def do_activity(cls, document, xmlid, day=NOW, **values):
        """An activity done on a day by a colleague."""
        activity = cls.env["mail.activity"].create(
            {
                "res_model_id": cls.env["ir.model"]._get(document._name).id,
                "res_id": document.id,
                "activity_type_id": cls.env.ref(xmlid).id,
                "user_id": cls.colleague.id,
                **values,
            }
        )
        with freeze_time(day):
            activity.action_feedback()
        activity.flush_recordset()
        cls.env.cr.execute(
            SQL(
                "UPDATE mail_activity SET write_date = %s WHERE id = %s",
                day,
                activity.id,
            )
        )
        return activity

    def interactions(self, **only):
        """The rows of the contract of the test's company as dicts, oldest first, those that have these values."""
        _names, rows = self.fetch(
            self.env["crm.relationship.source"]._get_interaction_query()
        )
        rows = [dict(zip(CONTRACT, row, strict=True)) for row in rows]
        only.setdefault("company_id", self.company.id)
        rows = [
            row
            for row in rows
            if all(row[name] == value for name, value in only.items())
        ]
        return sorted(
            rows, key=lambda row: (row["date"], row["document_id"], row["direction"])
        )

    def values(self, *names, **only):
        """Only these columns of the interactions."""
        return [tuple(row[name] for name in names) for row in self.interactions(**only)]


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestContract(InteractionCase):
    def test_the_columns_are_those_of_the_contract(self):
        self.assertEqual(INTERACTION_COLUMNS, CONTRACT)
        for name in self.env["crm.relationship.source"]._get_sources():
            query = self.env[name]._interaction_query()
            if query:
                names, _rows = self.fetch(query)
                self.assertEqual(tuple(names), CONTRACT, name)

    def test_the_eight_channels_come_as_data(self):
        channels = self.by_code("channel")
        self.assertEqual(
            {code: item.standard_minutes for code, item in channels.items()}, MINUTES
        )
        collaborative = {
            code for code, item in channels.items() if item.level == "collaborative"
        }
        self.assertEqual(collaborative, {"portal"})
        with self.assertRaises(UserError):
            channels["phone"].unlink()

    def test_only_customers_have_interactions(self):
        for partner in (
            self.company.partner_id,
            self.colleague.partner_id,
            self.former.partner_id,
        ):
            self.make_ticket(partner)
            self.write_message(partner, self.buyer)
        self.assertFalse(self.interactions())


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


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestMeetings(InteractionCase):
    def make_event(self, *guests, start=NOW - timedelta(days=1), **values):
        return self.env["calendar.event"].create(
            {
                "name": "Review",
                "start": start,
                "stop": start + timedelta(minutes=90),
                "user_id": self.colleague.id,
                "partner_ids": [Command.set([guest.id for guest in guests])],
                **values,
            }
        )

    def test_a_meeting_counts_once_for_each_customer(self):
        other = self.make_customer("Other", company_id=self.company.id)
        self.make_event(
            self.buyer, self.customer, other, self.colleague.partner_id, res_model=False
        )
        names = ("partner_id", "channel", "minutes", "direction", "initiative")
        self.assertEqual(
            sorted(self.values(*names)),
            [
                (partner.id, "meeting", 90, "out", "proactive")
                for partner in self.customer + other
            ],
        )

    def test_a_meeting_with_a_link_is_a_video_call(self):
        self.make_event(self.buyer, videocall_location="https://meet.example.com/1")
        self.assertEqual(self.values("channel"), [("video",)])

    def test_what_did_not_take_place_does_not_count(self):
        self.make_event(self.buyer, start=NOW + timedelta(hours=1))
        self.make_event(self.buyer, active=False)
        declined = self.make_event(self.buyer)
        declined.attendee_ids.state = "declined"
        self.make_event(self.colleague.partner_id)
        self.assertFalse(self.interactions())

    def test_an_activity_and_its_meeting_are_one_contact(self):
        visit = "crm_relationship.activity_type_visit"
        event = self.make_event(self.buyer)
        self.do_activity(self.customer, visit, calendar_event_id=event.id)
        self.assertEqual(
            self.values("channel", "document_model"), [("visit", "calendar.event")]
        )

    def test_an_activity_whose_meeting_has_only_colleagues_counts_itself(self):
        event = self.make_event(self.colleague.partner_id)
        visit = "crm_relationship.activity_type_visit"
        self.do_activity(self.customer, visit, calendar_event_id=event.id)
        self.assertEqual(
            self.values("channel", "document_model", "minutes"),
            [("visit", "res.partner", 90)],
        )


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestPortalActs(InteractionCase):
    def log_in(self, user, *moments):
        for moment in moments:
            log = self.env["res.users.log"].with_user(user).sudo().create({})
            self.set_created(log, moment, user)

    def test_each_day_with_a_log_in_counts_once(self):
        moments = [NOW - timedelta(hours=hours) for hours in (1, 2, 30)]
        self.log_in(self.visitor, *moments)
        self.log_in(self.colleague, NOW)
        names = ("partner_id", "contact_id", "date", "channel", "level", "initiative")
        self.assertEqual(
            self.values(*names),
            [
                (
                    self.customer.id,
                    self.visitor.partner_id.id,
                    moment,
                    "portal",
                    "collaborative",
                    "reactive",
                )
                for moment in (moments[2], moments[0])
            ],
        )

    def test_housekeeping_leaves_the_days_of_customers(self):
        moments = [NOW - timedelta(hours=hours) for hours in (1, 2, 30)]
        self.log_in(self.visitor, *moments)
        self.log_in(self.colleague, *moments)
        before = self.interactions()
        self.env["res.users.log"]._gc_user_logs()
        self.assertEqual(self.interactions(), before)
        logs = self.env["res.users.log"].sudo()
        for user, count in ((self.visitor, 2), (self.colleague, 1)):
            self.assertEqual(logs.search_count([("create_uid", "=", user.id)]), count)

    def test_a_signed_order_is_one_act(self):
        order = self.make_order(self.buyer, NOW, 10)
        order.write({"signed_on": NOW, "signed_by": "Buyer"})
        signature = NOW + timedelta(seconds=20)
        self.write_message(order, self.buyer, signature, message_type="comment")
        self.assertEqual(
            self.values("channel", "document_model"), [("portal", "sale.order")]
        )

    def test_an_order_paid_online_is_one_act(self):
        order = self.make_order(self.buyer, NOW, 10)
        provider = self.env["payment.provider"].create(
            {"name": "Pay", "code": "none", "company_id": self.company.id}
        )
        method = self.env["payment.method"].create({"name": "Card", "code": "card_t"})
        for number, operation in enumerate(("online_redirect", "offline")):
            self.env["payment.transaction"].create(
                {
                    "provider_id": provider.id,
                    "payment_method_id": method.id,
                    "reference": f"P{number}",
                    "amount": 10,
                    "currency_id": self.company.currency_id.id,
                    "partner_id": self.buyer.id,
                    "operation": operation,
                    "state": "done",
                    "last_state_change": NOW,
                    "sale_order_ids": [Command.set(order.ids)],
                }
            )
        self.assertEqual(self.values("channel", "date"), [("portal", NOW)])


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestReference(InteractionCase):
    """Random messages on all kinds of documents against plain Python."""

    def make_random(self, seed):
        dice = random.Random(seed)
        self.documents = [
            self.buyer,
            self.customer,
            self.make_lead(self.buyer),
            self.make_lead(self.customer),
            self.make_order(self.buyer, NOW, 10),
            self.make_ticket(self.buyer),
        ]
        authors = [
            self.buyer,
            self.customer,
            self.colleague.partner_id,
            self.former.partner_id,
            self.visitor.partner_id,
            self.env.ref("base.partner_root"),
        ]
        for _number in range(120):
            self.write_message(
                dice.choice(self.documents),
                dice.choice(authors),
                NOW - timedelta(minutes=dice.randrange(60 * 24 * 300)),
                message_type=dice.choice(["email", "comment", "notification"]),
                subtype_id=dice.choice([self.comment, self.comment, self.note]).id,
                is_internal=dice.random() < 0.1,
            )

    def expected(self):
        """(document, date, direction, channel, initiative) of the messages that count."""
        rows = []
        for document in self.documents:
            last, initiative = None, "reactive"
            messages = self.env["mail.message"].search(
                [("model", "=", document._name), ("res_id", "=", document.id)]
            )
            for message in messages.filtered(self.counts).sorted("date"):
                is_ours = message.author_id.with_context(
                    active_test=False
                ).user_ids.filtered(lambda user: not user.share)
                if document._name != "helpdesk.ticket" and (
                    last is None or message.date - last > timedelta(days=SILENCE_DAYS)
                ):
                    initiative = "proactive" if is_ours else "reactive"
                last = message.date
                by_portal = message.message_type == "comment" and not is_ours
                rows.append(
                    (
                        document._name,
                        document.id,
                        message.date,
                        "out" if is_ours else "in",
                        "portal" if by_portal else "email",
                        initiative,
                    )
                )
        return rows

    def counts(self, message):
        return (
            message.message_type in ("email", "comment")
            and not message.is_internal
            and not message.subtype_id.internal
            and message.author_id != self.env.ref("base.partner_root")
        )

    def test_random_messages_as_in_plain_python(self):
        self.make_random(19)
        names = ("document_model", "document_id", "date", "direction", "channel")
        found = [
            row
            for row in self.values(*names, "initiative")
            if row[2] != NOW - timedelta(hours=1)  # the ticket itself
        ]
        self.assertEqual(sorted(found), sorted(self.expected()))


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestReport(InteractionCase):
    def test_the_report_shows_what_the_sources_give(self):
        self.make_ticket(self.buyer)
        self.do_activity(self.customer, "mail.mail_activity_data_call")
        relationship = self.relationship_of(self.customer)
        report = self.env["crm.relationship.interaction"]
        rows = report.search([("partner_id", "=", self.customer.id)])
        self.assertEqual(rows.mapped("channel"), ["phone", "email"])
        self.assertEqual(rows.relationship_id, relationship)
        self.assertEqual(rows.channel_id.mapped("code"), ["phone", "email"])
        groups = report._read_group(
            [("company_id", "=", self.company.id)], ["channel_id"], ["minutes:sum"]
        )
        self.assertEqual(
            {channel.code: minutes for channel, minutes in groups},
            {"phone": 10, "email": 5},
        )

    def test_a_document_opens_for_those_who_may_read_it(self):
        ticket = self.make_ticket(self.buyer)
        rows = self.env["crm.relationship.interaction"].search(
            [("partner_id", "=", self.customer.id)]
        )
        self.assertEqual(rows.action_open_document()["res_id"], ticket.id)

    def test_a_filter_by_customer_reaches_the_indexes(self):
        self.env.flush_all()
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        query = self.env["crm.relationship.interaction"]._search(
            [("partner_id", "=", self.customer.id)]
        )
        rows = self.env.execute_query(SQL("EXPLAIN %s", query.select()))
        plan = [row for (row,) in rows]
        scans = [
            number
            for number, row in enumerate(plan)
            if re.search(r" on (helpdesk_ticket|crm_relationship)( |$)", row)
        ]
        self.assertTrue(scans)
        for number in scans:
            condition = " ".join(plan[number : number + 4])
            self.assertIn(f"partner_id = {self.customer.id}", condition)

    def test_users_see_the_interactions_of_own_customers_and_officers_all(self):
        self.make_ticket(self.buyer)
        users = self.make_users(self.company)
        report = self.env["crm.relationship.interaction"]
        counts = {}
        for role in ("user", "officer", "manager"):
            own = report.with_user(users[role]).with_company(self.company)
            counts[role] = own.search_count([])
        self.assertEqual(counts, {"user": 0, "officer": 1, "manager": 1})
        self.relationship_of(self.customer).manager_id = users["user"]
        own = report.with_user(users["user"]).with_company(self.company)
        self.assertEqual(own.search_count([]), 1)

    def test_the_interactions_of_another_company_stay_there(self):
        other = self.make_company("Relationship Other")
        self.make_ticket(self.buyer, company_id=other.id)
        self.make_ticket(self.buyer)
        users = self.make_users(self.company)
        report = self.env["crm.relationship.interaction"].with_user(users["manager"])
        rows = report.with_company(self.company).search([])
        self.assertEqual(rows.company_id, self.company)
        self.assertEqual(len(rows), 1)
