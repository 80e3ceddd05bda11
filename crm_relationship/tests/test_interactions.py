"""Every contact between a customer and us is one row of the interaction contract, and nothing else is."""

import random
import re
from datetime import timedelta

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import SQL

from ..queries.interactions import INTERACTION_COLUMNS, SILENCE_DAYS
from .interactions import CONTRACT, MINUTES, NOW, InteractionCase


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
