"""The history of a customer on his relationship: complete, in order, page by page, with the rights of the reader."""

from datetime import datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from ..queries.sources import union_all
from .interactions import NOW, InteractionCase


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestTimeline(InteractionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.relationship = cls.env["crm.relationship"].create(
            {"partner_id": cls.customer.id, "company_id": cls.company.id}
        )
        cls.reader = new_test_user(
            cls.env,
            "relationship_reader",
            groups="crm_relationship.group_relationship_officer",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def make_history(self, size=3):
        """A ticket, an order of two lines, a rating, and a mail a day."""
        ticket = self.make_ticket(self.buyer)
        self.make_order(self.buyer, NOW - timedelta(days=2), 10, 20)
        rating = self.env["rating.rating"].create(
            {
                "res_model_id": self.env["ir.model"]._get("helpdesk.ticket").id,
                "res_id": ticket.id,
                "partner_id": self.buyer.id,
                "rating": 4,
                "consumed": True,
            }
        )
        rating.rated_on = NOW - timedelta(days=1)
        for number in range(size):
            self.write_message(
                ticket, self.buyer, NOW - timedelta(days=number, hours=3)
            )

    def read_all(self, limit, relationship=None, kinds=None):
        """Every entry, fetched page by page."""
        relationship = relationship or self.relationship
        entries, place = [], None
        while True:
            page = relationship.get_timeline(kinds, limit, place)
            entries += page["entries"]
            place = page["next"]
            if not place:
                return entries

    def test_the_three_contracts_are_one_history(self):
        self.make_history()
        entries = self.relationship.get_timeline()["entries"]
        self.assertEqual(
            [(entry["kind"], entry["title"], entry["value"]) for entry in entries],
            [
                ("interaction", "Mail", "5 min"),
                ("interaction", "Mail", "5 min"),
                ("feedback", "Satisfaction (CSAT)", "4 of 5"),
                ("interaction", "Mail", "5 min"),
                ("transaction", "Sale", self.company.currency_id.format(30)),
                ("interaction", "Mail", "5 min"),
            ],
        )
        dates = [entry["date"] for entry in entries]
        self.assertEqual(dates, sorted(dates, reverse=True))

    def test_page_by_page_gives_the_same_as_at_once(self):
        self.make_history(20)
        at_once = self.read_all(200)
        self.assertEqual(len(at_once), 23)
        for limit in (1, 2, 5, 22, 23, 24):
            with self.subTest(limit):
                self.assertEqual(self.read_all(limit), at_once)

    def make_contacts(self):
        """Mails of both sides, calls and a rating on every kind of document."""
        self.make_history(4)
        lead, order = self.make_lead(self.buyer), self.make_order(self.buyer, NOW, 10)
        documents = (self.buyer, self.customer, lead, order, self.relationship)
        for number, document in enumerate(documents * 3):
            moment = NOW - timedelta(hours=7 * number)
            self.write_message(document, self.buyer, moment)
            self.write_message(document, self.colleague.partner_id, moment)
            self.do_activity(document, "mail.mail_activity_data_call", moment)
        self.env["rating.rating"].create(
            [
                {
                    "res_model_id": self.env["ir.model"]._get(document._name).id,
                    "res_id": document.id,
                    "partner_id": self.buyer.id,
                    "rated_partner_id": self.colleague.partner_id.id,
                    "rating": 3,
                    "consumed": True,
                }
                for document in documents
            ]
        )

    def contract_rows(self, contract, **context):
        """The customer's rows of a contract, without the initiative."""
        sources = self.env["crm.relationship.source"].with_context(**context)
        names, rows = self.fetch(union_all(sources._get_queries(contract)))
        rows = [dict(zip(names, row, strict=True)) for row in rows]
        return [
            {name: value for name, value in row.items() if name != "initiative"}
            for row in rows
            if row["partner_id"] == self.customer.id
        ]

    def test_a_source_is_bound_to_the_order_of_its_columns_only(self):
        """Names are those of the first source in a union; days and moments with a zone are dates as well."""
        sources = self.env.registry["crm.relationship.source"]
        get_queries = sources._get_queries
        ids = (self.company.id, self.relationship.partner_id.id)
        nameless = {
            "_transaction_query": SQL(
                "SELECT %s, %s, NULL::int, DATE '2026-01-02', 'sale'::varchar, 'res.partner'::varchar, %s,"
                " NULL::int, 1::float8, 77::float8, 0::float8, 0::float8",
                *ids,
                ids[1],
            ),
            "_feedback_query": SQL(
                "SELECT %s, %s, NULL::int, TIMESTAMPTZ '2026-01-03 09:00+00', 'csat'::varchar, 'relationship'::varchar,"
                " 5::float8, 1::float8, 'res.partner'::varchar, %s",
                *ids,
                ids[1],
            ),
        }

        def with_nameless(model, contract, *arguments):
            own = nameless.get(contract)
            return get_queries(model, contract, *arguments) + ([own] if own else [])

        with patch.object(sources, "_get_queries", with_nameless):
            entries = self.relationship.get_timeline(limit=200)["entries"]
        dates = {entry["date"] for entry in entries}
        self.assertLessEqual({"2026-01-02 00:00:00", "2026-01-03 09:00:00"}, dates)

    def test_a_contract_asked_for_one_customer_gives_all_his_rows(self):
        self.make_contacts()
        for contract in ("_transaction_query", "_interaction_query", "_feedback_query"):
            expected = self.contract_rows(contract)
            found = self.contract_rows(
                contract, relationship_customer_id=self.customer.id
            )
            with self.subTest(contract):
                self.assertTrue(expected)
                self.assertCountEqual(found, expected)

    def test_every_row_of_the_contracts_is_shown(self):
        self.make_contacts()
        self.env.flush_all()
        for kind in ("interaction", "feedback"):
            expected = [
                (str(row["date"]), row["document_model"], row["document_id"])
                for row in self.contract_rows(f"_{kind}_query")
                if row["company_id"] == self.company.id
            ]
            for limit in (1, 4, 50, 200):
                shown = [
                    (entry["date"], document["model"], document["id"])
                    for entry in self.read_all(limit, kinds=[kind])
                    for document in [entry["document"]]
                ]
                with self.subTest(kind, limit=limit):
                    self.assertCountEqual(shown, expected)

    def test_entries_at_the_same_moment_are_not_lost(self):
        ticket = self.make_ticket(self.buyer)
        for _number in range(7):
            self.write_message(ticket, self.buyer, NOW - timedelta(days=1))
        self.assertEqual(len(self.read_all(3)), 8)

    def test_a_kind_can_be_chosen(self):
        self.make_history()
        for kind, count in (("interaction", 4), ("transaction", 1), ("feedback", 1)):
            entries = self.read_all(2, kinds=[kind])
            self.assertEqual([entry["kind"] for entry in entries], [kind] * count)

    def test_only_this_customer_in_this_company(self):
        self.make_history()
        other = self.make_company("Relationship Other")
        elsewhere = self.env["crm.relationship"].create(
            {"partner_id": self.customer.id, "company_id": other.id}
        )
        stranger = self.env["crm.relationship"].create(
            {"partner_id": self.make_customer("Stranger").id}
        )
        for relationship in elsewhere + stranger:
            self.assertEqual(
                relationship.get_timeline(), {"entries": [], "next": False}
            )

    def test_documents_are_linked_for_those_who_may_read_them(self):
        self.make_history()
        entry = self.relationship.get_timeline(["transaction"])["entries"][0]
        self.assertEqual(entry["document"]["model"], "sale.order")
        relationship = self.relationship.with_user(self.reader)
        entries = relationship.get_timeline()["entries"]
        self.assertEqual(len(entries), 6)
        for entry in entries:
            self.assertEqual(set(entry["document"]), {"name"})
            self.assertNotIn("HT", entry["document"]["name"])

    def test_nobody_reads_what_he_may_not(self):
        self.make_history()
        visitor = self.relationship.with_user(self.visitor)
        with self.assertRaises(AccessError):
            visitor.get_timeline()
        outsider = new_test_user(
            self.env,
            "relationship_outsider",
            groups="crm_relationship.group_relationship_user",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        with self.assertRaises(AccessError):
            self.relationship.with_user(outsider).get_timeline()

    def test_bad_questions_are_refused(self):
        for arguments in (
            (["gossip"],),
            (None, 0),
            (None, 1000),
            (None, "all"),
            (None, 10, ["yesterday", "a", "b", 1]),
            (None, 10, "2026"),
        ):
            with self.subTest(arguments), self.assertRaises(ValidationError):
                self.relationship.get_timeline(*arguments)

    def test_a_deleted_document_does_not_break_the_history(self):
        self.make_history()
        activity = self.do_activity(self.buyer, "mail.mail_activity_data_call")
        self.assertTrue(activity)
        page = self.relationship.get_timeline()
        self.assertTrue(all(entry["document"]["name"] for entry in page["entries"]))

    def test_the_number_of_queries_does_not_grow(self):
        self.make_history(60)
        relationship = self.relationship.with_user(self.reader)
        counts = []
        for limit in (10, 40, 10, 40):  # the first two fill the caches of the registry
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            relationship.get_timeline(None, limit)
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[2], counts[3])

    def test_an_entry_keeps_its_moment(self):
        self.make_ticket(self.buyer)
        moment = datetime(2026, 3, 16, 9)
        entry = self.relationship.get_timeline()["entries"][0]
        self.assertEqual(entry["date"], str(moment))
